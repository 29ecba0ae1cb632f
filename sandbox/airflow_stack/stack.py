"""Start, watch and stop the Airflow of one sandbox."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import requests

from sandbox import env, processes
from sandbox.airflow_stack import sessions
from sandbox.airflow_stack.metadata import needs_migration, remember_migration
from sandbox.api import AirflowApi
from sandbox.layout import Sandbox

PROCESS = "airflow"
COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
HEALTHY_SECONDS = 240
STOP_SECONDS = 10
REQUEST_SECONDS = 30
# A worker that misses the end of its task sleeps this long before it looks again; 5 s by default, in which
# it takes no other task and a failure is not reported.
TUNING = {"AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2"}


class AirflowStack:
    """api-server, scheduler, dag-processor and triggerer behind one supervisor process.

    They run as long as the process that called `start` lives, at most.

    :param settings: variables that override those of `.sandbox/env`.
    """

    def __init__(self, sandbox: Sandbox, settings: Mapping[str, str] | None = None) -> None:
        self.sandbox = sandbox
        self.settings = dict(settings or {})
        self.started_at = datetime.now(timezone.utc)

    def start(self) -> None:
        """End what an earlier owner left, then start; returns at once, see `wait_healthy`.

        PostgreSQL must be running. Writes `.sandbox/env` anew, as the port may have changed.
        """
        self.kill()
        self.sandbox.state.fresh_port(env.API_PORT)
        variables = env.write(self.sandbox) | TUNING | self.settings
        self.started_at = datetime.now(timezone.utc)
        processes.start(self.sandbox, PROCESS, self._command(), variables)

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "sandbox.airflow_stack.supervisor"]
        command += ["--parent", str(os.getpid()), "--logs", str(self.sandbox.logs)]
        return [*command, "--migrate"] if needs_migration(self.sandbox) else command

    @property
    def url(self) -> str:
        """Address of the web pages and the REST API."""
        return self.sandbox.url(env.API_PORT)

    def api(self) -> AirflowApi:
        """Client logged in as the administrator."""
        return AirflowApi(self.url, env.AIRFLOW_USER, env.airflow_password(self.sandbox))

    def wait_healthy(self, seconds: float = HEALTHY_SECONDS) -> None:
        """Return once all components report a heartbeat of this start.

        :raises ServiceNotReady: one ended (the message has the end of its log), or it took too long.
        """
        processes.wait_until(self.sandbox, PROCESS, self.is_healthy, seconds)
        remember_migration(self.sandbox)

    def is_healthy(self) -> bool:
        # The first request to the task API builds its versions, which takes seconds: not in the first task.
        if self._get("/execution/health") is None:
            return False
        report = self._get("/api/v2/monitor/health") or {}
        return all(self._beats(name, report.get(name, {})) for name in COMPONENTS)

    def _get(self, path: str) -> dict[str, Any] | None:
        try:
            response = requests.get(self.url + path, timeout=REQUEST_SECONDS)
        except (requests.ConnectionError, requests.Timeout):
            return None
        return dict(response.json()) if response.ok else None

    def _beats(self, name: str, part: Mapping[str, str | None]) -> bool:
        """One killed a moment ago still counts as healthy by its last heartbeat: demand a newer one."""
        beat = part.get(f"latest_{name}_heartbeat")
        is_new = name == "metadatabase" or (
            beat is not None and datetime.fromisoformat(beat) > self.started_at
        )
        return part.get("status") == "healthy" and is_new

    def is_running(self) -> bool:
        return processes.find(self.sandbox, PROCESS) is not None

    def stop(self) -> None:
        """End all components kindly, then whatever is left of them (running tasks too)."""
        leader = self._leader()
        processes.stop(self.sandbox, PROCESS, STOP_SECONDS)
        if leader:
            sessions.kill(*leader)

    def kill(self) -> int:
        """SIGKILL everything at once, as a power cut would; returns the number of processes."""
        leader = self._leader()
        killed = sessions.kill(*leader) if leader else 0
        processes.stop(self.sandbox, PROCESS)
        return killed

    def _leader(self) -> tuple[int, float] | None:
        entry = self.sandbox.state.read("processes").get(PROCESS)
        return (entry["pid"], entry["started"]) if entry else None

    def __enter__(self) -> AirflowStack:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
