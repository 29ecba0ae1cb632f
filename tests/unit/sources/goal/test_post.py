"""Words and picture of a post."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from regendata.exceptions import SettingsError
from regendata.sources.goal.decision import Past
from regendata.sources.goal.picture import BAR, FILL, PAPER, SIZE, TRACK, description, draw
from regendata.sources.goal.text import Goal, bar, money, post_text, weighted_length

GOAL = Goal("Allo GMV", Decimal(100_000_000), "https://impact.gitcoin.co")
DAY = date(2026, 11, 2)


def test_the_text() -> None:
    text = post_text(GOAL, Decimal("57512345.99"), DAY)
    assert text.splitlines() == [
        "Allo GMV: $57,512,345 of $100,000,000",
        "█████░░░░░ 57.5 %",
        "2 November 2026",
        "https://impact.gitcoin.co",
    ]


def test_nothing_is_claimed_before_it_is_there() -> None:
    assert GOAL.share(Decimal("99999999.99")) == Decimal("99.9")
    assert bar(GOAL.share(Decimal("99999999.99"))) == "█████████░"
    assert money(Decimal("99999999.99")) == "$99,999,999"
    assert bar(Decimal("100")) == bar(Decimal("123.4")) == "█" * 10


@pytest.mark.parametrize(
    ("text", "length"),
    [("abc", 3), ("é", 1), ("e\u0301", 1), ("█", 2), ("日本", 4), ("at https://a.example/x", 26)],
)
def test_characters_as_x_counts_them(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_what_does_not_fit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(SettingsError, match="characters, X takes 280: shorten REGENDATA_GOAL_NAME"):
        post_text(Goal("x" * 250, Decimal(10**9)), Decimal(1), DAY)
    longest = Goal("x" * 140, Decimal(10**12), "https://" + "a" * 300 + ".example")
    assert weighted_length(post_text(longest, Decimal(10**12), DAY)) <= 280


def _colours(png: bytes, y: int) -> list[str]:
    """Colours along one line of the picture."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert (image.size, Image.open(io.BytesIO(png)).format) == (SIZE, "PNG")
    return ["#{:02x}{:02x}{:02x}".format(*image.getpixel((x, y))) for x in range(SIZE[0])]


@pytest.mark.parametrize(
    ("figure", "share"), [(0, 0.0), (25_000_000, 0.25), (100_000_000, 1.0), (3 * 10**8, 1.0)]
)
def test_the_bar_is_as_long_as_the_goal_is_near(figure: int, share: float) -> None:
    colours = _colours(draw(GOAL, Decimal(figure), DAY, []), (BAR[1] + BAR[3]) // 2)
    width = BAR[2] - BAR[0]
    assert colours.count(FILL) == pytest.approx(share * width, abs=6)
    assert colours.count(TRACK) == pytest.approx((1 - share) * width, abs=6)
    assert colours.count(PAPER) == pytest.approx(SIZE[0] - width, abs=10)


def test_the_same_post_is_the_same_picture_and_another_is_not() -> None:
    way = [Past(DAY - timedelta(days=back), Decimal(100 - back**2)) for back in (3, 2, 1)]
    first = draw(GOAL, Decimal(100), DAY, way)
    assert first == draw(GOAL, Decimal(100), DAY, way)
    assert first != draw(GOAL, Decimal(100), DAY, way[:1])


def test_the_picture_in_words() -> None:
    told = "Allo GMV on 2 November 2026: $57,512,345, 57.5 % of $100,000,000."
    assert description(GOAL, Decimal("57512345.67"), DAY) == told
