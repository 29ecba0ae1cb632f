"""How the public API is served: who is believed about a client's address."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from regendata.api import __main__ as command
from regendata.api.rate_limit import client_of


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the server is started with."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: given.update(options, app=app))
    monkeypatch.setattr("sys.argv", ["regendata.api", "--port", "1", "--workers", "3"])
    monkeypatch.setenv("REGENDATA_PUBLIC_API_TRUSTED_PROXIES", "10.0.0.9")
    command.main()
    return given


def test_the_factory_is_served_by_as_many_processes_as_asked(served: dict[str, Any]) -> None:
    assert (served["app"], served["factory"], served["workers"]) == ("regendata.api.app:build", True, 3)


@pytest.mark.parametrize(
    ("connected", "forwarded", "client"),
    [
        ("10.0.0.9", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.9", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.66", "203.0.113.7", "198.51.100.66"),
    ],
)
def test_only_the_proxy_of_the_setting_says_who_asks(
    served: dict[str, Any], connected: str, forwarded: str, client: str
) -> None:
    """A client that sends the header itself is counted under its own address."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(client_of(scope))

    assert served["proxy_headers"]
    believing = ProxyHeadersMiddleware(app, trusted_hosts=served["forwarded_allow_ips"])
    scope: Any = {
        "type": "http",
        "client": (connected, 5),
        "headers": [(b"x-forwarded-for", forwarded.encode())],
    }
    asyncio.run(believing(scope, None, None))  # type: ignore[arg-type]
    assert seen == [client]
