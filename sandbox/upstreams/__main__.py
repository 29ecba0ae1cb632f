"""`python -m sandbox.upstreams`: serve the stand-ins of the sandbox named by REGENDATA_SANDBOX."""

from __future__ import annotations

import uvicorn

from sandbox.layout import HOST, Sandbox
from sandbox.upstreams.app import build
from sandbox.upstreams.server import NAME


def main() -> None:
    sandbox = Sandbox.default()
    uvicorn.run(build(sandbox), host=HOST, port=sandbox.port(NAME), log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
