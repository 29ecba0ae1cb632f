"""``python -m regendata.api``: serve the public API."""

from __future__ import annotations

import argparse

import uvicorn

from regendata.api.app import build


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m regendata.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s)")
    parser.add_argument("--port", type=int, default=8085, help="port (default %(default)s)")
    given = parser.parse_args()
    uvicorn.run(build(), host=given.host, port=given.port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
