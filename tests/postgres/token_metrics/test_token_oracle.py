"""The SQL gives what a plain loop gives, whatever is missing, doubled or late, in whatever order."""

from __future__ import annotations

import random

import pytest

from regendata.landing.token_metrics import read_cleaner
from regendata.sources.token_metrics.hours import HOUR
from tests.support.token_run import HourlyRun
from tests.support.token_world import Tweets, counted, differences, expected

pytestmark = pytest.mark.postgres
FIRST_HOUR = 492_000
SYMBOLS = ("BTC", "BTCUSD", "eth", "O'Re", "🚀", "X" * 200)


def drawn(seed: int, hours: int) -> list[Tweets]:
    """Random rows with holes, zeros, missing sentiment, several spellings of a symbol, and long silence."""
    chance = random.Random(seed)
    rows = []
    for hour in range(hours):
        for symbol in SYMBOLS:
            silent = symbol == "eth" and 40 < hour < 40 + 380
            if silent or chance.random() < 0.15:
                continue
            sentiment = None if chance.random() < 0.2 else round(chance.uniform(-1, 1), 6)
            timestamp = (FIRST_HOUR + hour) * HOUR + chance.choice((0, 0, 0, 7))
            count = chance.choice((0, 0, 1, 3, chance.randrange(2_000_000)))
            rows.append(Tweets(f"{symbol[:4]}-{hour}", timestamp, symbol, count, sentiment))
    return rows


@pytest.mark.parametrize("seed", [1, 2])
def test_metrics_are_what_a_plain_loop_finds(run: HourlyRun, seed: int) -> None:
    rows = drawn(seed, 450)
    run.world.add(rows)
    run.at(FIRST_HOUR + 450)
    wanted = expected(counted(rows, read_cleaner()))
    assert len(wanted) > 1_200
    assert differences(run.metrics(), wanted) == []
