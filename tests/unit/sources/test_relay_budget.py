"""Pacing of requests, on a clock that jumps."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from regendata.sources.mev_boost.budget import MARGIN, SLOWEST, OwnLedger, Pacer
from tests.support.virtual_time import run

HOST = "relay.example"


async def starts(pacer: Pacer, count: int) -> list[float]:
    loop, found = asyncio.get_running_loop(), []
    for _ in range(count):
        await pacer.turn()
        found.append(loop.time())
    return found


def a_pacer(rate: float, ledger: OwnLedger | None = None) -> Pacer:
    return Pacer(HOST, rate, ledger or OwnLedger(asyncio.get_running_loop().time))


@pytest.mark.parametrize("rate", [0.5, 2.0, 40.0])
def test_requests_start_evenly_and_use_the_budget(rate: float) -> None:
    async def main() -> list[float]:
        return await starts(a_pacer(rate), 60)

    found, _ = run(main())
    apart = [later - sooner for sooner, later in itertools.pairwise(found)]
    assert min(apart) >= 1 / rate
    assert (len(found) - 1) / (found[-1] - found[0]) >= 0.95 * rate


def test_two_tasks_of_one_host_share_its_budget() -> None:
    """Each with a pacer of its own, as in two processes; only the ledger is the same."""

    async def main() -> list[float]:
        ledger = OwnLedger(asyncio.get_running_loop().time)
        both = await asyncio.gather(*(starts(a_pacer(5.0, ledger), 40) for _ in range(2)))
        return sorted(both[0] + both[1])

    found, _ = run(main())
    assert max(sum(at <= other < at + 2 for other in found) for at in found) <= 10
    assert (len(found) - 1) / (found[-1] - found[0]) >= 0.8 * 5


def test_a_pause_makes_no_crowd_afterwards() -> None:
    """Starts that went by while nobody asked are not made up for."""

    async def main() -> list[float]:
        pacer = a_pacer(10.0)
        first = await starts(pacer, 5)
        await asyncio.sleep(3)
        return first + await starts(pacer, 20)

    found, _ = run(main())
    assert max(sum(at <= other < at + 1 for other in found) for at in found) <= 10


def test_refusals_slow_down_and_success_brings_the_budget_back() -> None:
    async def main() -> tuple[float, float, float]:
        pacer = a_pacer(2.0)
        for _ in range(20):
            await pacer.refused(None)
        slowest = pacer.interval_s
        for _ in range(400):
            pacer.succeeded()
        before = asyncio.get_running_loop().time()
        await pacer.refused(30)
        await pacer.turn()
        return slowest, pacer.interval_s, asyncio.get_running_loop().time() - before

    (slowest, after, waited), _ = run(main())
    assert slowest == SLOWEST * MARGIN / 2.0
    assert after == 1.5 * MARGIN / 2.0
    assert 30 <= waited < 31


def test_a_host_that_wants_to_be_left_alone_is_left_alone_by_all() -> None:
    async def main() -> float:
        ledger = OwnLedger(asyncio.get_running_loop().time)
        await a_pacer(2.0, ledger).refused(30)
        await a_pacer(2.0, ledger).turn()
        return asyncio.get_running_loop().time()

    _, waited = run(main())
    assert 30 <= waited < 31
