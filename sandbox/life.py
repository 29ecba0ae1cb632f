"""The sandbox as a whole: up, down, clean, status."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from sandbox import blocks, bootstrap, env, objects, postgres, processes, public_api
from sandbox.airflow_stack import AirflowStack
from sandbox.airflow_stack.stack import PROCESS as AIRFLOW
from sandbox.layout import DEFAULT_SCALE, Sandbox
from sandbox.upstreams import server

HTTP_SERVERS = (objects.NAME, server.NAME, public_api.NAME)


class Server(NamedTuple):
    """One line of the table of servers."""

    name: str
    address: str
    running: bool


def up(sandbox: Sandbox, scale: int = DEFAULT_SCALE, data: Path | None = None) -> dict[str, str]:
    """Start every server that is not running, fill the sources if they are not filled, upload the archives.

    :param scale: number of live donations to generate.
    :param data: folder of real data to fill the sources from instead of the generator.
    :return: the variables written to `.sandbox/env`.
    """
    with sandbox.exclusive():
        start_servers(sandbox)
        fill(sandbox, scale, data)
        objects.upload_archives(sandbox)
        blocks.upload(sandbox, datetime.now(timezone.utc))
        _keep_free(sandbox)
        public_api.start(sandbox)
        return env.write(sandbox)


def start_servers(sandbox: Sandbox) -> None:
    """PostgreSQL with its roles and databases, S3, upstream stand-ins; those that run are left alone."""
    postgres.start(sandbox)
    bootstrap.bootstrap(sandbox)
    objects.start(sandbox)
    server.start(sandbox)


def _keep_free(sandbox: Sandbox) -> None:
    """Airflow starts later and elsewhere; the ports written down for it must still be free by then."""
    if processes.find(sandbox, AIRFLOW) is None:
        for name in env.AIRFLOW_PORTS:
            sandbox.state.fresh_port(name)


def fill(sandbox: Sandbox, scale: int, data: Path | None) -> None:
    """Have the generator fill source databases, archives and stand-ins' files, unless it has.

    Tweets are brought up to the hour.
    """
    from sandbox.generator import is_seeded, seed, top_up

    if not is_seeded(sandbox, scale, data):
        seed(sandbox, scale, data)
    top_up(sandbox.dsn(bootstrap.TWEETS))


def down(sandbox: Sandbox) -> None:
    """Stop every process, Airflow included; the data stays."""
    stop_processes(sandbox)
    postgres.stop(sandbox)


def stop_processes(sandbox: Sandbox) -> None:
    """All but PostgreSQL, with what a killed Airflow left running."""
    AirflowStack(sandbox).stop()
    processes.stop_all(sandbox)


def clean(sandbox: Sandbox) -> None:
    """Stop every process and forget all data, ports and passwords; leaves alone what is no sandbox."""
    if not sandbox.state.exists:
        return
    stop_processes(sandbox)
    postgres.destroy(sandbox)
    shutil.rmtree(sandbox.root, ignore_errors=True)


def servers(sandbox: Sandbox) -> list[Server]:
    """Every server and other process of the sandbox, with its address; starts nothing."""
    others = [name for name in processes.names(sandbox) if name not in HTTP_SERVERS]
    return [
        Server("postgres", f"127.0.0.1:{sandbox.port('postgres')}", postgres.postmaster(sandbox) is not None),
        *(_http(sandbox, name) for name in HTTP_SERVERS),
        *(Server(name, "", processes.find(sandbox, name) is not None) for name in others),
    ]


def _http(sandbox: Sandbox, name: str) -> Server:
    return Server(name, sandbox.url(name), processes.find(sandbox, name) is not None)
