"""Sign-ups through Metabase and Postmark as they are on the wire, with what goes wrong there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from regendata.exceptions import SourceBusy, SourceUnavailable
from regendata.hooks import private_http
from regendata.hooks.metabase import MetabaseHook
from regendata.hooks.postgres import PgConnection
from regendata.hooks.postmark import PostmarkHook
from regendata.hooks.warehouse import sign_ups as queue
from regendata.outbound.sign_ups import work
from regendata.settings import Settings
from regendata.sources.sign_ups.form import SignUp
from sandbox.upstreams.services.metabase import ADMIN
from tests.postgres.outbound.conftest import Outside

pytestmark = pytest.mark.postgres

ADA = SignUp("ada@people.example.org", "Ada", "Lovelace")
Run = Callable[[timedelta], list[tuple[str, str]]]


@pytest.fixture
def run(conn: PgConnection, form: PgConnection, outside: Outside) -> Run:
    """Ada signed up; a call is a run so much later, and returns states and notes."""
    queue.hand_in(form, uuid.uuid4(), ADA)
    began = datetime.now(timezone.utc)

    def later(pause: timedelta) -> list[tuple[str, str]]:
        work(conn, Settings(), began + pause)
        return conn.execute("SELECT state, note FROM sign_ups.request").fetchall()

    return later


def at(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def test_an_account_and_a_mail(run: Run, outside: Outside) -> None:
    assert run(at(0)) == [("done", "mail sent")]
    (user,), (mail,) = outside.users, outside.mails
    assert (user["email"], user["common_name"]) == (ADA.email, "Ada Lovelace")
    assert (mail["To"], mail["From"], mail["TemplateAlias"]) == (
        ADA.email,
        "hello@regendata.example",
        "welcome",
    )
    assert mail["TemplateModel"] == {"first_name": "Ada", "login_url": "https://app.regendata.xyz"}
    assert (mail["MessageStream"], list(mail["Metadata"])) == ("outbound", ["request"])


def test_by_a_session_in_place_of_a_key(run: Run, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = outside.connections["METABASE"] | {"login": ADMIN}
    monkeypatch.setenv("AIRFLOW_CONN_METABASE", json.dumps(connection))
    assert run(at(0)) == [("done", "mail sent")]
    asked = [entry["path"] for entry in outside.stand_ins.received("metabase")]
    assert asked == ["/api/session", "/api/user"]


TROUBLES = [
    ({"status": 503}, "Metabase invitation: HTTP 503"),
    ({"status": 429, "retry_after": 900}, "Metabase invitation: HTTP 429"),
    ({"html": True, "status": 500}, "Metabase invitation: HTTP 500"),
    ({"drop": True}, "Metabase invitation: ChunkedEncodingError"),
]


@pytest.mark.parametrize(("trouble", "note"), TROUBLES, ids=[note for _, note in TROUBLES])
def test_metabase_in_trouble(trouble: dict[str, object], note: str, run: Run, outside: Outside) -> None:
    """The last of these happened all the same: the answer ends half way."""
    outside.stand_ins.trouble("metabase", path="/api/user", times=1, **trouble)
    assert run(at(0)) == [("inviting", note)]
    assert outside.mails == []
    assert run(at(16)) == [("done", "mail sent")]
    assert len(outside.users) == 1
    assert [mail["TemplateAlias"] for mail in outside.mails] == ["welcome"]


def test_metabase_answers_too_late(run: Run, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_http, "TIMEOUT_S", 0.2)
    outside.stand_ins.trouble("metabase", path="/api/user", latency=0.6, times=1)
    assert run(at(0)) == [("inviting", "Metabase invitation: ReadTimeout")]
    monkeypatch.setattr(private_http, "TIMEOUT_S", 30)
    assert run(at(6)) == [("done", "mail sent")]
    assert len(outside.users) == len(outside.mails) == 1


@pytest.mark.parametrize("trouble", [{"drop": True}, {"truncate": True}])
def test_a_mail_whose_answer_is_lost_is_not_sent_again(
    trouble: dict[str, bool], run: Run, outside: Outside
) -> None:
    outside.stand_ins.trouble("postmark", path="/email/*", times=1, **trouble)
    assert run(at(0))[0][0] == "mailing"
    assert run(at(5))[0][0] == "mailing"
    assert run(at(11)) == [("done", "mail sent")]
    assert len(outside.mails) == 1
    asked = [entry["path"] for entry in outside.stand_ins.received("postmark")]
    assert asked == ["/email/withTemplate", "/messages/outbound"]


def test_a_mail_that_was_not_taken_is_sent_later(run: Run, outside: Outside) -> None:
    outside.stand_ins.trouble("postmark", status=500, times=1)
    run(at(0))
    assert run(at(11)) == [("done", "mail sent")]
    assert len(outside.mails) == 1


def test_an_inactive_recipient(run: Run, outside: Outside) -> None:
    outside.stand_ins.set("postmark", inactive=[ADA.email])
    assert run(at(0)) == [("bounced", "Postmark mail: HTTP 422, error 406: the recipient is inactive")]


def test_a_wrong_token_waits_for_a_person(
    run: Run, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = outside.connections["POSTMARK"] | {"password": "wrong-token"}
    monkeypatch.setenv("AIRFLOW_CONN_POSTMARK", json.dumps(connection))
    state, note = run(at(0))[0]
    assert (state, note) == ("mailing", "Postmark mail: HTTP 401, error 10, template welcome")
    monkeypatch.setenv("AIRFLOW_CONN_POSTMARK", json.dumps(outside.connections["POSTMARK"]))
    assert run(at(11)) == [("done", "mail sent")]


@pytest.mark.parametrize(("name", "state"), [("METABASE", "inviting"), ("POSTMARK", "mailing")])
def test_without_a_connection_it_waits_for_one(
    name: str, state: str, run: Run, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_{name}")
    assert run(at(0)) == [(state, f"Airflow has no connection {name.lower()}")]
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(outside.connections[name]))
    assert run(at(11)) == [("done", "mail sent")]


def test_an_account_that_was_there_is_found_past_the_first_page(
    run: Run, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regendata.hooks.metabase.PAGE_USERS", 2)
    hook = MetabaseHook()
    for name in ("bob", "cyd", "dan", "ada"):
        assert hook.invite(f"{name}@people.example.org", "X", "Y")
    later = timedelta(hours=1)
    assert run(later) == [("done", "mail sent")]
    assert [mail["TemplateAlias"] for mail in outside.mails] == ["welcome-back"]
    asked = [one["query"] for one in outside.stand_ins.received("metabase") if one["method"] == "GET"]
    assert asked == ["status=all&limit=2&offset=0", "status=all&limit=2&offset=2"]


def test_an_address_that_metabase_refuses(outside: Outside) -> None:
    with pytest.raises(Exception, match=r"^Metabase refused an invitation for its email$"):
        MetabaseHook().invite("nobody", "Ada", "Lovelace")


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        ({"status": 429, "retry_after": 7}, SourceBusy, "Postmark search: HTTP 429"),
        ({"html": True}, SourceUnavailable, "Postmark search: HTTP 200, the answer is not JSON"),
        ({"status": 401}, SourceUnavailable, "Postmark search: HTTP 401"),
        ({"drop": True}, SourceUnavailable, "Postmark search: ChunkedEncodingError"),
    ],
)
def test_a_search_in_trouble(
    trouble: dict[str, object], error: type[SourceUnavailable], said: str, outside: Outside
) -> None:
    outside.stand_ins.trouble("postmark", times=1, **trouble)
    with pytest.raises(error) as caught:
        PostmarkHook().find("r-1")
    assert (str(caught.value), caught.value.__cause__) == (said, None)


def test_a_search_that_finds_nothing(outside: Outside) -> None:
    assert PostmarkHook().find("r-1") is None
