"""Rounds of fetching into the warehouse: whatever goes wrong, at the end it holds what the relays have."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests

from regendata import settings
from regendata.coverage.intervals import Intervals
from regendata.coverage.slots import hour_of, slots_of
from regendata.exceptions import CoverageIncomplete, SlotsUnknown
from regendata.hooks import relays as relay_hook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import coverage
from regendata.landing.relays import run
from regendata.sources.mev_boost.plan import Target, Wanted
from regendata.sources.mev_boost.rows import Endpoint
from sandbox.layout import REPOSITORY
from sandbox.upstreams.server import StandIns
from tests.postgres.mev_boost.conftest import MevWorld
from tests.support import mev_rows
from tests.support.relays import truth

pytestmark = pytest.mark.postgres
NAMES = ("flashbots", "titan", "bloxroute_max_profit")
#: The end of one hour and the beginning of the next.
BEGIN, END = slots_of(475_000)[1] - 6, slots_of(475_000)[1] + 6
ASKED = Wanted((BEGIN, END), NAMES)
TOTAL = 2 * len(NAMES) * (END - BEGIN)
FETCH = (
    "from regendata import settings; from regendata.landing.relays import run; "
    f"run.fetch_unit(run.wanted(({BEGIN}, {END}), {NAMES!r}), settings.load())"
)

_UNDISTURBED: dict[str, bytes] = {}


@pytest.fixture
def relays(mev: MevWorld, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIns]:
    """Relays without trouble, each with a budget that a test does not wait for."""
    monkeypatch.setenv("REGENDATA_MEV_RELAYS_URL", f"{stand_ins.url}/relays")
    monkeypatch.setenv("REGENDATA_MEV_REQUESTS_PER_S", "400")
    monkeypatch.setattr(relay_hook, "FIRST_WAIT_S", 0.01)
    yield stand_ins
    stand_ins.reset()


def expected(endpoint: Endpoint) -> str:
    slots = Intervals.of(ASKED.slots)
    return mev_rows.digest((name, row) for name in NAMES for row in truth((name, endpoint), slots))


def fetch(asked: Wanted = ASKED) -> None:
    run.fetch_unit(asked, settings.load())


def fetch_until_known(most: int = 8) -> int:
    """How often it took."""
    for times in range(1, most + 1):
        try:
            fetch()
        except SlotsUnknown:
            continue
        return times
    raise AssertionError("relays did not answer for good")


def check_whole(mev: MevWorld) -> None:
    """No gap, no repeat, rows equal to the relays' by hash, nothing unknown."""
    planned, _ = run.plan(ASKED, 4, settings.load())
    assert planned.slots == 0
    for endpoint in ASKED.endpoints:
        assert mev.digest(endpoint) == expected(endpoint)
    assert coverage.unknown(mev.conn, run.SOURCE) == []


@pytest.fixture
def undisturbed(mev: MevWorld, relays: StandIns) -> dict[str, bytes]:
    """The objects that a run makes which nobody disturbs; made once, and known for good."""
    if not _UNDISTURBED:
        fetch()
        check_whole(mev)
        _UNDISTURBED.update(mev.objects())
        mev.warehouse.do("DELETE FROM meta.coverage")
    return _UNDISTURBED


def test_a_round_from_plan_to_judgement(mev: MevWorld, relays: StandIns) -> None:
    planned, text = run.plan(ASKED, 2, settings.load())
    assert planned.slots == TOTAL == 6 * 12
    assert len(planned.units) == 2
    assert "| titan | bids | 12 | 12 |" in text
    with pytest.raises(CoverageIncomplete, match="72 of 72 planned slots are missing; bloxroute"):
        run.judge(ASKED, planned.slots)
    for unit in planned.units:
        fetch(Wanted((max(unit.begin, BEGIN), min(unit.end, END)), NAMES))
    assert run.judge(ASKED, planned.slots) == {"planned": TOTAL, "covered": TOTAL}
    check_whole(mev)
    assert {hour_of(slot) for (slot,) in mev.warehouse.rows("SELECT slot FROM mev_boost.bids")} == {
        475_000,
        475_001,
    }


@pytest.mark.slow
def test_every_trouble_mixed_and_what_is_unknown_can_be_seen(
    mev: MevWorld, relays: StandIns, undisturbed: dict[str, bytes]
) -> None:
    """429, 5xx, web pages, broken connections, cut and unordered answers, and a relay that is away."""
    relays.set("relays", unrest_pct=30, stall_s=0, dead={"titan": [0, 1e12]})
    with pytest.raises(SlotsUnknown, match="titan payloads: 12 slots are unknown"):
        fetch()
    unknown = coverage.unknown(mev.conn, run.SOURCE)
    slots: dict[Target, Intervals] = {}
    for one in unknown:
        target: Target = (one.key.relay, one.key.endpoint)  # type: ignore[assignment]
        slots[target] = slots.get(target, Intervals.empty()) | one.slots
    assert slots["titan", "bids"] == slots["titan", "payloads"] == Intervals.of(ASKED.slots)
    assert all(one.error for one in unknown)
    shown = "SELECT sum(last_slot - first_slot + 1)::int FROM mev_boost.unknown_slots WHERE error <> ''"
    assert mev.warehouse.value(shown) == sum(found.size for found in slots.values())
    with pytest.raises(CoverageIncomplete, match=r"titan bids: slots \d+-\d+: (HTTP|not asked any more)"):
        run.judge(ASKED, TOTAL)
    relays.set("relays", dead={})
    fetch_until_known()
    check_whole(mev)
    assert mev.objects() == undisturbed


def test_two_runs_that_overlap(mev: MevWorld, relays: StandIns, undisturbed: dict[str, bytes]) -> None:
    parts = [Wanted((BEGIN, END - 5), NAMES), Wanted((BEGIN + 5, END), NAMES)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fetch, parts))
    check_whole(mev)
    assert mev.objects() == undisturbed


def test_a_run_that_is_killed(mev: MevWorld, relays: StandIns, undisturbed: dict[str, bytes]) -> None:
    """In the middle of it, as soon as something is covered; the next one goes on from there."""
    relays.set("relays", latency_s=0.1)
    process = subprocess.Popen([sys.executable, "-c", FETCH], cwd=REPOSITORY, env=os.environ.copy())
    try:
        while process.poll() is None:
            if mev.warehouse.value("SELECT count(*) FROM meta.coverage"):
                break
            time.sleep(0.01)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    planned, _ = run.plan(ASKED, 1, settings.load())
    assert 0 < planned.slots < TOTAL
    relays.set("relays", latency_s=0)
    fetch()
    check_whole(mev)
    assert mev.objects() == undisturbed


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_moment(
    mev: MevWorld, relays: StandIns, undisturbed: dict[str, bytes]
) -> None:
    """Again and again, wherever it happens to be, until nothing is left to do."""
    relays.set("relays", latency_s=0.05)
    dice, kills = random.Random(8), 0
    while run.plan(ASKED, 1, settings.load())[0].slots:
        asked = _requests_so_far(relays)
        process = subprocess.Popen([sys.executable, "-c", FETCH], cwd=REPOSITORY, env=os.environ.copy())
        while process.poll() is None and _requests_so_far(relays) == asked:
            time.sleep(0.05)
        # Later and later, or a slow machine would never get anywhere.
        time.sleep(dice.uniform(0, 0.2 * (1 + kills)))
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert kills >= 3
    check_whole(mev)
    assert mev.objects() == undisturbed


def _requests_so_far(relays: StandIns) -> int:
    return len(requests.get(f"{relays.url}/relays/_log", timeout=10).json())


def test_a_day_is_final_when_all_of_it_is_covered(mev: MevWorld, relays: StandIns) -> None:
    day = date(2024, 3, 9)
    hour = (day - date(1970, 1, 1)).days * 24
    slots = (slots_of(hour)[0], slots_of(hour + 24)[0])
    asked = run.wanted(slots)
    targets = [target for target, found in asked.targets() if found]
    for name, endpoint in targets[1:]:
        coverage.add(mev.conn, coverage.CoverageKey(run.SOURCE, endpoint, name), [slots])
    assert run.close_days((slots[0], slots[0] + 10), settings.load()) == []
    name, endpoint = targets[0]
    coverage.add(mev.conn, coverage.CoverageKey(run.SOURCE, endpoint, name), [slots])
    assert run.close_days((slots[0], slots[0] + 10), settings.load()) == [day]
    assert run.close_days((slots[0], slots[0] + 10), settings.load()) == []
    relays_of_day, total = mev.warehouse.rows("SELECT relays, slots FROM meta.final_day")[0]
    assert "titan" in relays_of_day
    assert "btcs" not in relays_of_day
    assert total == 7_200 * len(targets)


def test_only_one_process_takes_a_moment(mev: MevWorld) -> None:
    """Two tasks with a connection each get starts that follow each other."""
    from regendata.hooks.warehouse.host_turns import SharedLedger

    with connect() as first, connect() as second:
        one, other = SharedLedger(first), SharedLedger(second)
        assert one.reserve("a.example", 4, 10.0) == pytest.approx(0, abs=0.5)
        assert other.reserve("a.example", 1, 10.0) == pytest.approx(40, abs=0.5)
        assert other.reserve("b.example", 1, 10.0) == pytest.approx(0, abs=0.5)
        one.pause("b.example", 100)
        assert other.reserve("b.example", 1, 10.0) == pytest.approx(100, abs=0.5)
        one.pause("a.example", 1)
        assert one.reserve("a.example", 1, 10.0) == pytest.approx(50, abs=0.5)
