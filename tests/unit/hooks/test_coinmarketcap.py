"""Limits that pass within a minute are waited for, others told; errors in the body count like any."""

from __future__ import annotations

from typing import Any

import pytest

from regendata.exceptions import SourceUnavailable
from regendata.hooks import coinmarketcap
from regendata.hooks.coinmarketcap import CoinMarketCapHook


class Answer:
    """Stands for a response of HTTP."""

    def __init__(self, status_code: int, body: Any, **headers: str) -> None:
        self.status_code, self.body = status_code, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def json(self) -> Any:
        if self.body == "no JSON":
            raise ValueError(self.body)
        return self.body


def failed(status: int, code: int, **headers: str) -> Answer:
    return Answer(status, {"status": {"error_code": code, "error_message": "limit"}}, **headers)


GOOD = Answer(200, {"status": {"error_code": 0}, "data": []})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask once; give back how long was waited, and the error or None."""

    def ask(*answers: Answer) -> tuple[list[float], SourceUnavailable | None]:
        coming, pauses = iter(answers), []
        monkeypatch.setattr(CoinMarketCapHook, "_get", lambda *_: next(coming))
        monkeypatch.setattr(coinmarketcap.time, "sleep", pauses.append)
        try:
            assert CoinMarketCapHook().listings(10) == []
        except SourceUnavailable as error:
            return pauses, error
        assert next(coming, None) is None
        return pauses, None

    return ask


@pytest.mark.parametrize(
    ("limited", "pauses"),
    [
        (failed(429, 1008, Retry_After="7"), [7]),
        (failed(429, 1011), [2]),
        (failed(200, 1008), [2]),
        (Answer(429, "no JSON", Retry_After="900"), [60]),
    ],
)
def test_a_limit_of_a_minute_is_waited_for(asked: Any, limited: Answer, pauses: list[int]) -> None:
    assert asked(limited, GOOD) == (pauses, None)


def test_a_limit_that_stays_is_told_after_three_attempts(asked: Any) -> None:
    pauses, error = asked(*[failed(429, 1008)] * 3)
    assert (pauses, str(error)) == ([2, 4], "CoinMarketCap listings: HTTP 429, error 1008: limit")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (failed(429, 1009), "HTTP 429, error 1009"),
        (failed(200, 1010), "error 1010"),
        (failed(401, 1001), "HTTP 401, error 1001"),
        (Answer(500, {"status": "down"}), "HTTP 500$"),
        (Answer(503, "no JSON"), "HTTP 503$"),
    ],
)
def test_what_does_not_pass_soon_is_told_at_once(asked: Any, answer: Answer, words: str) -> None:
    pauses, error = asked(answer)
    assert pauses == []
    with pytest.raises(SourceUnavailable, match=words):
        raise error
