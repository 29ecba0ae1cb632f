"""``python -m regendata.api``: serve the public API."""

from __future__ import annotations

import argparse

import uvicorn

from regendata import settings


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m regendata.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s)")
    parser.add_argument("--port", type=int, default=8085, help="port (default %(default)s)")
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help="processes; each counts requests of a client by itself (default %(default)s)",
    )
    given = parser.parse_args()
    uvicorn.run(
        "regendata.api.app:build",
        factory=True,
        host=given.host,
        port=given.port,
        workers=given.workers,
        log_level="warning",
        lifespan="off",
        # Believed from these alone; a client's own X-Forwarded-For counts for nothing.
        proxy_headers=True,
        forwarded_allow_ips=settings.load().public_api_trusted_proxies,
    )


if __name__ == "__main__":
    main()
