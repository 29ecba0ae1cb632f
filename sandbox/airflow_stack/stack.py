"""Start, watch and stop the Airflow of one sandbox."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import requests

from sandbox import processes
from sandbox.airflow_stack import sessions
from sandbox.airflow_stack.metadata import needs_migration, remember_migration
from sandbox.layout import Sandbox

PROCESS = "airflow"
COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
HEALTHY_SECONDS = 180
STOP_SECONDS = 10
REQUEST_SECONDS = 5


class AirflowStack:
    """api-server, scheduler, dag-processor and triggerer behind one supervisor process.

    `env` is the whole of `.sandbox/env`; whoever starts the stack must live as long as it shall run.
    """

    def __init__(self, sandbox: Sandbox, env: Mapping[str, str]) -> None:
        self.sandbox = sandbox
        self.env = dict(env)
        self.started_at = datetime.now(timezone.utc)

    def start(self) -> None:
        """End what an earlier owner left, then start; returns at once, see `wait_healthy`."""
        self.kill()
        self.started_at = datetime.now(timezone.utc)
        processes.start(self.sandbox, PROCESS, self._command(), self.env)

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "sandbox.airflow_stack.supervisor"]
        command += ["--parent", str(os.getpid()), "--logs", str(self.sandbox.logs)]
        return [*command, "--migrate"] if needs_migration(self.sandbox) else command

    def wait_healthy(self, seconds: float = HEALTHY_SECONDS) -> None:
        """Return once all components report a heartbeat of this start.

        :raises ServiceNotReady: one ended (the message has the end of its log), or it took too long.
        """
        processes.wait_until(self.sandbox, PROCESS, self.is_healthy, seconds)
        remember_migration(self.sandbox)

    def is_healthy(self) -> bool:
        report = self._health()
        return all(self._beats(name, report.get(name, {})) for name in COMPONENTS)

    def _health(self) -> dict[str, Any]:
        url = f"{self.env['AIRFLOW__API__BASE_URL']}/api/v2/monitor/health"
        try:
            response = requests.get(url, timeout=REQUEST_SECONDS)
        except (requests.ConnectionError, requests.Timeout):
            return {}
        return dict(response.json()) if response.ok else {}

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
