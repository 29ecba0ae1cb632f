"""Telling people for real: once per alert, by every channel, and never at the cost of what is reported on."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from regendata.alerts.alert import Alert, Kind
from regendata.callbacks import tell_of_deadline, tell_of_failure
from regendata.exceptions import BuildRejected, SettingsError, SourceUnavailable
from regendata.hooks.alerts import channels, notify, watch
from regendata.hooks.alerts.questions import Asked
from regendata.operators.asking import NoteQuestion
from regendata.operators.watch import LookAroundOperator
from regendata.settings import Settings
from tests.support.warehouse import Warehouse

ALERT = Alert(Kind.LATE, "grants", "grants: last 10 h ago")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the channel `file` writes."""
    path = tmp_path / "alerts.jsonl"
    path.touch()
    monkeypatch.setenv("REGENDATA_ALERT_CHANNELS", "file")
    monkeypatch.setenv("REGENDATA_ALERT_FILE", str(path))
    return path


def _keys(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_same_thing_is_told_once_and_counted(warehouse: Warehouse, told: Path) -> None:
    assert [notify.tell([ALERT]), notify.tell([ALERT]), notify.tell([ALERT])] == [[ALERT.key], [], []]
    assert _keys(told) == [ALERT.key]
    assert warehouse.rows("SELECT alert_key, seen, closed_at FROM meta.alert") == [(ALERT.key, 3, None)]


def test_it_is_told_again_after_a_while_and_after_it_was_right(warehouse: Warehouse, told: Path) -> None:
    notify.tell([ALERT])
    warehouse.do("UPDATE meta.alert SET told_at = told_at - interval '7 hours'")
    assert notify.tell([ALERT]) == [ALERT.key]
    warehouse.do("UPDATE meta.alert SET closed_at = now()")
    assert notify.tell([ALERT]) == [ALERT.key]
    assert warehouse.rows("SELECT seen, closed_at FROM meta.alert") == [(1, None)]


def test_two_at_once_tell_once(warehouse: Warehouse, told: Path) -> None:
    notify.tell([])
    ready = threading.Barrier(4)

    def see() -> None:
        ready.wait()
        notify.tell([ALERT])

    threads = [threading.Thread(target=see) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _keys(told) == [ALERT.key]
    assert warehouse.value("SELECT seen FROM meta.alert") == 4


def test_what_could_not_be_told_is_tried_again(
    warehouse: Warehouse, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_ALERT_FILE", str(told / "no" / "folder"))
    assert notify.tell([ALERT]) == []
    monkeypatch.setenv("REGENDATA_ALERT_FILE", str(told))
    assert notify.tell([ALERT]) == [ALERT.key]


def test_without_a_warehouse_it_is_told_all_the_same(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", "postgresql://nobody:pw@127.0.0.1:9/none")
    assert [notify.tell([ALERT]), notify.tell([ALERT])] == [[ALERT.key]] * 2


def test_a_wrong_setting_tells_nobody_and_breaks_nothing(
    told: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REGENDATA_ALERT_CHANNELS", "file, pigeon")
    assert notify.tell([ALERT]) == []
    assert "knows file, webhook, postmark, smtp, not pigeon" in caplog.text


class _Http(http.server.BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, str], dict[str, Any]]] = []
    status = 200

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Smtp(socketserver.StreamRequestHandler):
    """As little SMTP as one mail needs."""

    got: list[str] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.got.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[int, int]]:
    """Ports of a webhook and a mail server."""
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Http) as web,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as mail,
    ):
        for server in (web, mail):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield web.server_port, mail.server_address[1]
        web.shutdown()
        mail.shutdown()


@pytest.fixture
def channel(servers: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> Settings:
    web, mail = servers
    _Http.got, _Http.status, _Smtp.got = [], 200, []
    _connection(monkeypatch, "ALERTS_WEBHOOK", host=f"http://127.0.0.1:{web}/hook/secret", password="bearer")
    _connection(
        monkeypatch, "POSTMARK", host=f"http://127.0.0.1:{web}/postmark", login="from@x.org", password="token"
    )
    extra = {"from_email": "from@x.org", "disable_tls": True}
    _connection(monkeypatch, "ALERTS_SMTP", host="127.0.0.1", port=mail, extra=extra)
    return Settings(alert_to="on-call@x.org", alert_runbook="https://docs/alerts.md")


def _connection(monkeypatch: pytest.MonkeyPatch, name: str, **given: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps({"conn_type": "http", **given}))


def test_a_webhook_gets_json(channel: Settings) -> None:
    channels.send("webhook", ALERT, channel)
    ((path, headers, body),) = _Http.got
    assert (path, headers["Authorization"]) == ("/hook/secret", "Bearer bearer")
    assert (body["kind"], body["runbook"]) == ("late", "https://docs/alerts.md#late")
    assert body["text"].startswith("*[regendata] late: grants*\ngrants: last 10 h ago")


def test_postmark_sends_a_mail(channel: Settings) -> None:
    channels.send("postmark", ALERT, channel)
    ((path, headers, body),) = _Http.got
    assert (path, headers["X-Postmark-Server-Token"]) == ("/postmark/email", "token")
    assert (body["To"], body["Subject"]) == ("on-call@x.org", "[regendata] late: grants")


def test_a_mail_server_sends_a_mail(channel: Settings) -> None:
    channels.send("smtp", ALERT, channel)
    (mail,) = _Smtp.got
    assert "To: on-call@x.org" in mail
    assert "https://docs/alerts.md#late" in mail


def test_a_channel_that_refuses_is_named_without_its_address(channel: Settings) -> None:
    _Http.status = 500
    with pytest.raises(SourceUnavailable, match=r"^alerts: HTTP 500$"):
        channels.send("webhook", ALERT, channel)


def test_one_channel_away_does_not_silence_the_other(
    channel: Settings, told: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Http.status = 500
    monkeypatch.setenv("REGENDATA_ALERT_CHANNELS", "webhook,file")
    assert notify.tell([ALERT]) == [ALERT.key]
    assert (len(_Http.got), _keys(told)) == (1, [ALERT.key])


def _context(error: Exception | None, map_index: int = -1) -> dict[str, Any]:
    task = SimpleNamespace(
        dag_id="grants",
        task_id="publish",
        run_id="r1",
        try_number=3,
        map_index=map_index,
        log_url="https://log",
    )
    return {"ti": task, "exception": error}


def test_a_failed_task_is_told_with_its_first_line_and_no_secret(warehouse: Warehouse, told: Path) -> None:
    from airflow.sdk.log import mask_secret

    mask_secret("hunter2-secret")
    tell_of_failure(_context(SourceUnavailable("host is away, password hunter2-secret\nsecond line"), 4))
    (line,) = told.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["key"] == "task failed: grants.publish[4]"
    assert "SourceUnavailable: host is away, password ***" in json.loads(line)["body"]
    assert "hunter2" not in line
    assert "second line" not in line


def test_what_a_person_decided_is_no_fault(warehouse: Warehouse, told: Path) -> None:
    tell_of_failure(_context(BuildRejected("no")))
    tell_of_failure(_context(None))
    assert _keys(told) == ["task failed: grants.publish"]


def test_a_missed_deadline_is_told(warehouse: Warehouse, told: Path) -> None:
    import asyncio

    asyncio.run(tell_of_deadline({"dag_run": {"dag_run_id": "r1"}}, dag_id="grants", hours=4))
    assert "Run r1 of grants has not ended within 4 h." in told.read_text(encoding="utf-8")


BUILD = """
INSERT INTO meta.build (system, run_id, state) VALUES ('grants', 'r', 'awaiting_approval');
INSERT INTO meta.approval (build_id, questions, asked_at)
SELECT build_id, '[]', now() - interval '2 hours' FROM meta.build;
INSERT INTO meta.refresh (
  build_id, system, dag_id, run_id, outcome, started_at, finished_at, sources, relations, checks
) SELECT build_id, 'grants', 'd', 'r', 'published', now(), now() - interval '10 hours', '[]', '[]', '[]'
FROM meta.build;
INSERT INTO meta.coverage_unknown (source, endpoint, relay, slots, error, first_failed_at)
VALUES ('mev_boost', 'bids', 'a', '{[10,20), [30,31)}', 'HTTP 500', now() - interval '7 hours')
"""


def _answered(asked: Asked) -> bool:
    return False


def test_a_look_around_tells_and_closes(warehouse: Warehouse, told: Path) -> None:
    now = datetime.now(timezone.utc)
    options = Settings(
        alert_channels="file", alert_late_hours="grants=9,backup=9,drill=99", alert_disk_free_pct=0
    )
    assert watch.look_around(options, now, _answered) == {"wrong": [], "told": [], "closed": []}
    warehouse.do(BUILD)
    found = watch.look_around(options, now + timedelta(seconds=1), _answered)
    assert found["wrong"] == found["told"] == _keys(told)
    assert found["wrong"] == [
        "late: grants",
        "late: backup",
        "approval waiting: grants build 1",
        "coverage hole: mev_boost bids of a",
    ]
    assert "11 numbers" in told.read_text(encoding="utf-8")
    warehouse.do("DELETE FROM meta.coverage_unknown", "UPDATE meta.refresh SET finished_at = now()")
    closed = watch.look_around(options, now + timedelta(seconds=2), _answered)["closed"]
    assert closed == ["coverage hole: mev_boost bids of a", "late: backup", "late: grants"]


def test_the_task_that_looks_names_a_wrong_setting(warehouse: Warehouse) -> None:
    with pytest.raises(SettingsError, match="not pigeon"):
        watch.look_around(Settings(alert_channels="pigeon"), datetime.now(timezone.utc), _answered)


def _parked(warehouse: Warehouse) -> SimpleNamespace:
    """A task that has asked, hours ago, whether files may go to prod."""
    ti = SimpleNamespace(
        dag_id="cdr_market_promote",
        run_id="r1",
        task_id="approve",
        states={},
    )
    ti.get_task_states = lambda dag_id, run_ids: dict.fromkeys(run_ids, ti.states)
    NoteQuestion()({"ti": ti, "task": SimpleNamespace(subject="Promote to prod?")})
    warehouse.do("UPDATE meta.question SET asked_at = now() - interval '3 hours'")
    return ti


@pytest.mark.parametrize("ended", [{"approve": "success"}, {"approve": "failed"}, {}])
def test_every_question_that_waits_is_told_until_its_task_goes_on(
    ended: dict[str, str], warehouse: Warehouse, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_ALERT_DISK_FREE_PCT", "0")
    ti, task = _parked(warehouse), LookAroundOperator(task_id="look_around")
    ti.states = {"approve": "awaiting_input"}
    key = "approval waiting: cdr_market_promote.approve in r1"
    assert task.execute({"ti": ti})["told"] == [key] == _keys(told)  # type: ignore[typeddict-item]
    assert "Promote to prod?" in told.read_text(encoding="utf-8")
    ti.states = ended
    assert task.execute({"ti": ti}) == {"wrong": [], "told": [], "closed": [key]}  # type: ignore[typeddict-item]
    assert warehouse.value("SELECT closed_at IS NOT NULL FROM meta.question") is True


def test_a_task_that_asks_again_waits_anew(warehouse: Warehouse, told: Path) -> None:
    ti = _parked(warehouse)
    warehouse.do("UPDATE meta.question SET closed_at = now()")
    NoteQuestion()({"ti": ti, "task": SimpleNamespace(subject="Promote to prod?")})
    assert warehouse.rows("SELECT closed_at, asked_at > now() - interval '1 h' FROM meta.question") == [
        (None, True)
    ]


def test_a_question_is_asked_though_the_warehouse_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", "postgresql://nobody:pw@127.0.0.1:9/none")
    ti = SimpleNamespace(dag_id="d", run_id="r", task_id="approve")
    NoteQuestion()({"ti": ti, "task": SimpleNamespace(subject="?")})
