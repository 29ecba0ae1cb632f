"""Client of Airflow's REST API, as much of it as a demo or an end-to-end test needs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import requests

from sandbox.exceptions import SandboxError

REQUEST_SECONDS = 30
PAGE = 100
HEAD_START = timedelta(days=1)
ENDED_RUN = frozenset({"success", "failed"})


class AirflowApiError(SandboxError):
    """Airflow's API refused a request or answered something unexpected."""


@dataclass(frozen=True)
class TaskState:
    """One task instance at one moment; `state` is None before the scheduler looked at it."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    start_date: datetime | None
    end_date: datetime | None

    @property
    def name(self) -> str:
        """Task id, with the index of a mapped one."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"

    def seconds(self, now: datetime) -> float | None:
        """How long it ran or runs; None before its start."""
        return (self.end_date or now).timestamp() - self.start_date.timestamp() if self.start_date else None

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> TaskState:
        return cls(
            item["task_id"],
            item["map_index"],
            item["state"],
            item["try_number"],
            _moment(item["start_date"]),
            _moment(item["end_date"]),
        )


@dataclass(frozen=True)
class Run:
    """One DAG run at one moment."""

    dag_id: str
    run_id: str
    state: str
    queued_at: datetime | None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED_RUN

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Run:
        return cls(item["dag_id"], item["dag_run_id"], item["state"], _moment(item["queued_at"]))


def _moment(text: str | None) -> datetime | None:
    # Python 3.10 reads "+00:00", not "Z".
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


class AirflowApi:
    """`base_url` as in [api] base_url; logs in with the simple auth manager at the first request."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._login = {"username": user, "password": password}
        self._session = requests.Session()

    def last_parsed(self, dag_id: str) -> datetime | None:
        """When the dag-processor last read the DAG's file; None if it knows no such DAG."""
        response = self._send("GET", _dag(dag_id))
        if response.status_code == requests.codes.not_found:
            return None
        return _moment(_json(response)["last_parsed_time"])

    def parse_again(self, dag_id: str) -> None:
        """Have the DAG's file read as the next one; watchers of an unpaused DAG begin then."""
        _json(self._send("PUT", f"parseDagFile/{_quoted(self._get(_dag(dag_id))['file_token'])}"))

    def import_errors(self) -> dict[str, str]:
        """Stack trace by DAG file."""
        found = self._get("importErrors")["import_errors"]
        return {error["filename"]: error["stack_trace"] for error in found}

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> Run:
        """Queue a manual run under an id of its own, due so early that no scheduled run goes first."""
        body = {
            "dag_run_id": f"demo__{uuid.uuid4()}",
            "logical_date": None,
            "run_after": (datetime.now(timezone.utc) - HEAD_START).isoformat(),
            "conf": dict(conf or {}),
        }
        return Run.from_json(_json(self._send("POST", f"{_dag(dag_id)}/dagRuns", body)))

    def set_paused(self, dag_id: str, paused: bool) -> None:
        _json(self._send("PATCH", f"{_dag(dag_id)}?update_mask=is_paused", {"is_paused": paused}))

    def run(self, dag_id: str, run_id: str) -> Run:
        return Run.from_json(self._get(_run(dag_id, run_id)))

    def active_runs(self, dag_id: str) -> list[Run]:
        """Queued and running ones, the newest last."""
        path = f"{_dag(dag_id)}/dagRuns?state=queued&state=running&order_by=id&limit={PAGE}"
        return [Run.from_json(item) for item in self._get(path)["dag_runs"]]

    def fail_run(self, dag_id: str, run_id: str) -> None:
        """Mark a run and its unfinished tasks failed."""
        _json(self._send("PATCH", f"{_run(dag_id, run_id)}?update_mask=state", {"state": "failed"}))

    def question(self, run: Run, task_id: str) -> dict[str, Any]:
        """What a human-in-the-loop task asks: subject, body, options, and the answer once there is one."""
        return self._get(f"{_run(run.dag_id, run.run_id)}/taskInstances/{_quoted(task_id)}/-1/hitlDetails")

    def answer(self, run: Run, task_id: str, option: str, fields: Mapping[str, Any]) -> None:
        """Answer it, as the user of this client."""
        path = f"{_run(run.dag_id, run.run_id)}/taskInstances/{_quoted(task_id)}/-1/hitlDetails"
        _json(self._send("PATCH", path, {"chosen_options": [option], "params_input": dict(fields)}))

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """All task instances of a run."""
        found: list[TaskState] = []
        total = 1
        while len(found) < total:
            path = f"{_run(dag_id, run_id)}/taskInstances?limit={PAGE}&offset={len(found)}"
            page = self._get(path)
            found += [TaskState.from_json(item) for item in page["task_instances"]]
            total = page["total_entries"]
        return found

    def log(self, run: Run, task: TaskState) -> list[dict[str, Any]]:
        """Structured messages of the task's last try, oldest first."""
        path = f"{_run(run.dag_id, run.run_id)}/taskInstances/{_quoted(task.task_id)}"
        content = self._get(f"{path}/logs/{max(task.try_number, 1)}?map_index={task.map_index}")["content"]
        return [item if isinstance(item, dict) else {"event": item} for item in content]

    def _get(self, path: str) -> dict[str, Any]:
        return dict(_json(self._send("GET", path)))

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        if "Authorization" not in self._session.headers:
            self._authenticate()
        response = self._request(method, path, body)
        if response.status_code == requests.codes.unauthorized:
            self._authenticate()
            response = self._request(method, path, body)
        return response

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> requests.Response:
        url = f"{self.base_url}/api/v2/{path}"
        try:
            return self._session.request(method, url, json=body, timeout=REQUEST_SECONDS)
        except requests.RequestException as error:
            raise AirflowApiError(f"{method} {url}: {error}") from error

    def _authenticate(self) -> None:
        url = f"{self.base_url}/auth/token"
        response = self._session.post(url, json=self._login, timeout=REQUEST_SECONDS)
        self._session.headers["Authorization"] = f"Bearer {_json(response)['access_token']}"


def _json(response: requests.Response) -> Any:
    if not response.ok:
        request = response.request
        raise AirflowApiError(f"{request.method} {request.url}: {response.status_code} {response.text[:500]}")
    return response.json()


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _dag(dag_id: str) -> str:
    return f"dags/{_quoted(dag_id)}"


def _run(dag_id: str, run_id: str) -> str:
    return f"{_dag(dag_id)}/dagRuns/{_quoted(run_id)}"
