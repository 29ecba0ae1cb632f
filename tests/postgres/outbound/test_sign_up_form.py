"""The public form over HTTP, down to the queue, and Postmark's webhook."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from regendata.api import sign_ups
from regendata.api.app import build
from regendata.hooks.postgres import PgConnection
from regendata.settings import Settings
from tests.postgres.outbound.conftest import Outside
from tests.unit.sources.sign_ups.test_bounces import RECORD

pytestmark = pytest.mark.postgres

PATH, HOOK = "/v1/sign-ups", "/v1/mail-bounces"
ADA = {"email": " Ada@People.example.org", "first_name": "Ada", "last_name": "Lovelace"}
KEPT = ("ada@people.example.org", "Ada", "Lovelace")
HOME = "https://regendata.xyz"


@pytest.fixture
def client(form: PgConnection) -> TestClient:
    """The public API; limits begin anew."""
    return TestClient(build(Settings()), raise_server_exceptions=False, follow_redirects=False)


def queued(conn: PgConnection) -> list[tuple[str, ...]]:
    return conn.execute("SELECT email, first_name, last_name FROM sign_ups.inbox").fetchall()


def test_json(client: TestClient, conn: PgConnection) -> None:
    reply = client.post(PATH, json=ADA)
    assert (reply.status_code, reply.json()) == (202, {"status": "received", "message": sign_ups.RECEIVED})
    assert queued(conn) == [KEPT]


def test_a_form_without_scripts(client: TestClient, conn: PgConnection) -> None:
    reply = client.post(PATH, data=ADA)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/sign-up/thanks.html")
    assert queued(conn) == [KEPT]
    assert client.get(reply.headers["Location"]).status_code == 200
    wrong = client.post(PATH, data={**ADA, "email": "ada"})
    assert (wrong.status_code, wrong.headers["Location"]) == (303, "/sign-up/problem.html")
    assert client.get(wrong.headers["Location"]).status_code == 200


def test_a_second_sign_up_is_answered_as_the_first(client: TestClient, conn: PgConnection) -> None:
    first, second = (client.post(PATH, json=ADA) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert queued(conn) == [KEPT, KEPT]


def test_a_program_is_thanked_and_forgotten(client: TestClient, conn: PgConnection) -> None:
    reply = client.post(PATH, json={**ADA, "website": "https://spam.example"})
    assert (reply.status_code, reply.json()["message"]) == (202, sign_ups.RECEIVED)
    assert queued(conn) == []


@pytest.mark.parametrize(
    ("given", "detail", "field"),
    [
        ({"email": "ada"}, "email is not an e-mail address", "email"),
        ({"first_name": "<b>"}, "first_name holds characters that no name has", "first_name"),
        ({"last_name": ""}, "last_name is missing", "last_name"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(
    given: dict[str, str], detail: str, field: str, client: TestClient, conn: PgConnection
) -> None:
    reply = client.post(PATH, json={**ADA, **given})
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert (reply.json()["detail"], reply.json()["field"]) == (detail, field)
    assert queued(conn) == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 3_000, "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 30, "application/x-www-form-urlencoded", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"x" * 4_097, "application/json", 413),
    ],
)
def test_what_is_no_form(
    content: bytes, kind: str, status: int, client: TestClient, conn: PgConnection
) -> None:
    reply = client.post(PATH, content=content, headers={"Content-Type": kind})
    assert reply.status_code == status
    assert set(reply.json()) == {"type", "title", "status", "detail"}
    assert queued(conn) == []


@pytest.mark.parametrize(
    ("origin", "status", "readable_by"),
    [
        (HOME, 202, HOME),
        ("http://testserver", 202, None),
        ("https://evil.example", 403, None),
        ("https://regendata.xyz.evil.example", 403, None),
        ("null", 403, None),
    ],
)
def test_pages_of_other_sites_sign_nobody_up(
    origin: str, status: int, readable_by: str | None, client: TestClient, conn: PgConnection
) -> None:
    reply = client.post(PATH, json=ADA, headers={"Origin": origin})
    assert reply.status_code == status
    assert reply.headers.get("Access-Control-Allow-Origin") == readable_by
    assert len(queued(conn)) == (status == 202)


def test_ten_in_an_hour_and_no_more(client: TestClient, conn: PgConnection) -> None:
    replies = [client.post(PATH, json=ADA) for _ in range(12)]
    assert [reply.status_code for reply in replies] == [202] * 10 + [429] * 2
    assert 0 < int(replies[-1].headers["Retry-After"]) <= 361
    assert len(queued(conn)) == 10


def test_without_a_queue_the_person_is_told_to_come_back(
    client: TestClient, conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SIGN_UP_FORM_DB", "postgresql://sign_up_form:x@127.0.0.1:1/Grants")
    reply = client.post(PATH, json=ADA)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "300")
    assert (
        reply.json()["detail"] == "We cannot take sign-ups at the moment. Please try again in some minutes."
    )


def _shown(outside: Outside, **changed: str) -> dict[str, str]:
    known = {**outside.connections["POSTMARK_WEBHOOK"], **changed}
    text = base64.b64encode(f"{known['login']}:{known['password']}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def test_a_bounce_is_recorded_once_and_without_the_address(
    client: TestClient, conn: PgConnection, outside: Outside
) -> None:
    for _ in range(2):
        reply = client.post(HOOK, json=RECORD, headers=_shown(outside))
        assert (reply.status_code, reply.json()) == (200, {"status": "recorded"})
    (row,) = conn.execute("SELECT b::text FROM sign_ups.bounce AS b").fetchall()
    assert "HardBounce" in row[0]
    assert "john" not in row[0]


@pytest.mark.parametrize(
    ("record", "status", "said"),
    [
        ({"RecordType": "Delivery"}, 200, {"status": "ignored"}),
        ({**RECORD, "ID": "x"}, 422, "ID is no int"),
        ([], 422, "record is no object"),
    ],
)
def test_other_records(record: Any, status: int, said: Any, client: TestClient, outside: Outside) -> None:
    reply = client.post(HOOK, json=record, headers=_shown(outside))
    assert reply.status_code == status
    assert reply.json() == said or reply.json()["detail"] == said


@pytest.mark.parametrize("changed", [{"password": "wrong"}, {"login": "eve"}, {"password": "", "login": ""}])
def test_a_webhook_of_somebody_else(
    changed: dict[str, str], client: TestClient, conn: PgConnection, outside: Outside
) -> None:
    assert client.post(HOOK, json=RECORD, headers=_shown(outside, **changed)).status_code == 401
    assert conn.execute("SELECT count(*) FROM sign_ups.bounce").fetchone() == (0,)


@pytest.mark.parametrize("header", ["", "Basic %%%", "Bearer x", "Basic"])
def test_a_webhook_without_a_secret(header: str, client: TestClient, outside: Outside) -> None:
    reply = client.post(HOOK, json=RECORD, headers={"Authorization": header})
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Basic")


def test_the_page_is_served_from_here_alone(client: TestClient) -> None:
    page = client.get("/sign-up/")
    assert page.headers["content-type"].startswith("text/html")
    assert "://" not in page.text
    assert 'name="website"' in page.text


def test_the_description_shows_fields_and_answers(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"][PATH]["post"]
    assert set(described["requestBody"]["content"]) == {sign_ups.JSON_TYPE, sign_ups.FORM_TYPE}
    assert {"202", "303", "403", "413", "415", "422", "429", "503"} <= set(described["responses"])
    assert HOOK not in client.get("/openapi.json").json()["paths"]
