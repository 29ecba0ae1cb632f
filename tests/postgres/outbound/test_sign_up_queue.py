"""The queue of sign-ups with services in memory: killed anywhere, away for a day, at an injected time."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regendata.exceptions import MailUndeliverable, SignUpRefused, SignUpsStuck, SourceUnavailable
from regendata.hooks.metabase import User
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import sign_ups as queue
from regendata.outbound.sign_ups import Desk, work, work_through
from regendata.settings import Settings
from regendata.sources.sign_ups.bounces import Bounce
from regendata.sources.sign_ups.form import SignUp
from regendata.sources.sign_ups.machine import SEARCHABLE_AFTER
from tests.support import guarantees
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The process is gone: nothing catches it, nothing is tidied up."""


@dataclass
class Services:
    """Metabase and Postmark in memory, and the one clock.

    :param ends_at: the number of the moment at which the process ends; None for never.
    """

    now: datetime = NOW
    accounts: dict[str, User] = field(default_factory=dict)
    mails: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    loses_answers: set[str] = field(default_factory=set)
    inactive: set[str] = field(default_factory=set)
    ends_at: int | None = None
    moment: int = 0

    def tick(self) -> None:
        """One more moment at which a process may end."""
        self.moment += 1
        if self.moment == self.ends_at:
            raise Killed(self.moment)

    def invite(self, email: str, first_name: str, last_name: str) -> bool:
        self._here("metabase")
        if email in self.accounts:
            return False
        self.tick()
        self.accounts[email] = User(self.now, True)
        self.tick()
        self._answers("metabase")
        return True

    def find(self, key: str) -> Any:
        """Accounts by address and mails by sign-up: keys of the two never meet."""
        if "@" in key:
            self._here("metabase")
            return self.accounts.get(key)
        self._here("postmark")
        seen = [one for sent_at, one, _, _ in self.mails if self.now - sent_at >= SEARCHABLE_AFTER]
        return f"m-{key}" if key in seen else None

    def send(self, request_id: str, to: str, template: str, model: dict[str, str]) -> str:
        self._here("postmark")
        if to in self.inactive:
            raise MailUndeliverable("Postmark mail: HTTP 422, error 406: the recipient is inactive")
        self.tick()
        self.mails.append((self.now, request_id, to, template))
        self.tick()
        self._answers("postmark")
        return f"m-{request_id}"

    def _here(self, name: str) -> None:
        self.tick()
        if name in self.away:
            raise SourceUnavailable(f"{name}: HTTP 503")

    def _answers(self, name: str) -> None:
        if name in self.loses_answers:
            raise SourceUnavailable(f"{name}: ReadTimeout")


@dataclass
class Office:
    """The queue and its services."""

    warehouse: Warehouse
    conn: PgConnection
    form: PgConnection
    services: Services = field(default_factory=Services)
    settings: Settings = field(default_factory=Settings)

    def hand_in(self, *people: str) -> list[str]:
        """Through the form's own role; received at the time of the services."""
        ids = [uuid.uuid4() for _ in people]
        for request_id, person in zip(ids, people, strict=True):
            queue.hand_in(self.form, request_id, SignUp(f"{person}@people.example.org", "Ada", "Lovelace"))
        self.conn.execute(
            "UPDATE sign_ups.inbox SET received_at = %s WHERE request_id = ANY(%s)", [self.services.now, ids]
        )
        return [str(one) for one in ids]

    def run(self) -> dict[str, int]:
        services = self.services
        return work_through(Desk(self.conn, services, services, self.settings, services.now))

    def wait(self, *, until: timedelta, step: timedelta = 15 * MINUTE) -> list[str]:
        """Runs at every step; returns how those that failed were named."""
        told, end = [], self.services.now + until
        while self.services.now < end:
            try:
                self.run()
            except SignUpsStuck as error:
                told.append(str(error))
            self.services.now += step
        return told

    def states(self) -> list[tuple[str, str]]:
        query = "SELECT state, note FROM sign_ups.request ORDER BY received_at, request_id"
        return self.conn.execute(query).fetchall()

    def mailed(self) -> list[tuple[str, str]]:
        return [(to.partition("@")[0], template) for _, _, to, template in self.services.mails]


@pytest.fixture
def office(one_warehouse: Warehouse, conn: PgConnection, form: PgConnection) -> Office:
    return Office(one_warehouse, conn, form)


def test_one_gets_an_account_and_a_mail(office: Office) -> None:
    (request_id,) = office.hand_in("ada")
    assert office.run() == {"done": 1}
    assert list(office.services.accounts) == ["ada@people.example.org"]
    assert office.mailed() == [("ada", "welcome")]
    assert office.run() == {"done": 1}
    assert len(office.services.mails) == 1
    assert office.services.mails[0][1] == request_id


def test_a_second_sign_up_within_a_day_is_the_first(office: Office) -> None:
    office.hand_in("ada")
    office.run()
    office.services.now += timedelta(hours=23)
    office.hand_in("ada", "ada", "bob")
    assert office.run() == {"done": 2, "merged": 2}
    assert office.mailed() == [("ada", "welcome"), ("bob", "welcome")]


def test_two_at_once_are_one(office: Office) -> None:
    office.hand_in("ada", "ada")
    assert office.run() == {"done": 1, "merged": 1}


def test_whoever_comes_back_later_is_told_that_there_is_an_account(office: Office) -> None:
    office.hand_in("ada")
    office.run()
    office.services.now += timedelta(days=2)
    office.hand_in("ada")
    assert office.run() == {"done": 2}
    assert office.mailed() == [("ada", "welcome"), ("ada", "welcome-back")]


def _moments(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Numbers of all moments of a run at which it can end: around each write and each call."""
    saved = queue.save

    def save(conn: PgConnection, request: Any, now: datetime) -> None:
        office.services.tick()
        saved(conn, request, now)
        office.services.tick()

    monkeypatch.setattr(queue, "save", save)
    office.hand_in("first")
    office.run()
    yield from range(1, office.services.moment + 1)


def test_a_run_may_be_killed_at_any_moment(
    office: Office, monkeypatch: pytest.MonkeyPatch, guarantee: guarantees.Recorder
) -> None:
    moments = list(_moments(office, monkeypatch))
    assert len(moments) >= 12
    for number in moments:
        services = Services(ends_at=number)
        office.services = services
        office.hand_in(f"p{number}")
        with pytest.raises(Killed):
            office.run()
        services.ends_at = None
        office.wait(until=timedelta(minutes=45))
        assert list(services.accounts) == [f"p{number}@people.example.org"]
        assert office.mailed() == [(f"p{number}", "welcome")], f"killed at moment {number}"
    assert {state for state, _ in office.states()} == {"done"}
    guarantee(
        "sign-ups killed at every moment",
        promise="Wherever a run on the sign-ups is killed, everybody ends with one account and one mail.",
        figures={"moments": len(moments), "accounts and mails per person": 1},
    )


TROUBLE = st.fixed_dictionaries(
    {
        "ends_at": st.none() | st.integers(1, 12),
        "away": st.sets(st.sampled_from(["metabase", "postmark"])),
        "loses_answers": st.sets(st.sampled_from(["metabase", "postmark"])),
        "pause": st.integers(1, 90),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TROUBLE, min_size=1, max_size=6))
def test_one_account_and_one_mail_after_any_row_of_troubles(
    office: Office, runs: list[dict[str, Any]]
) -> None:
    office.conn.execute("TRUNCATE sign_ups.inbox, sign_ups.request")
    services = office.services = Services()
    office.hand_in("ada", "bob")
    for trouble in runs:
        services.away, services.loses_answers = trouble["away"], trouble["loses_answers"]
        services.ends_at, services.moment = trouble["ends_at"], 0
        with contextlib.suppress(Killed, SignUpsStuck):
            office.run()
        services.now += trouble["pause"] * MINUTE
    services.ends_at = None
    services.away, services.loses_answers = set(), set()
    office.wait(until=timedelta(minutes=90))
    assert len(services.accounts) == 2
    assert sorted(office.mailed()) == [("ada", "welcome"), ("bob", "welcome")]
    assert {state for state, _ in office.states()} == {"done"}


def test_one_that_never_gets_through_does_not_stop_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite = office.services.invite

    def fail(email: str, first_name: str, last_name: str) -> bool:
        if email.startswith("ada"):
            raise SourceUnavailable("Metabase invitation: HTTP 500")
        return invite(email, first_name, last_name)

    monkeypatch.setattr(office.services, "invite", fail)
    office.hand_in("ada1", "ada2", "ada3")
    office.services.now += MINUTE
    office.hand_in("bob", "cyd")
    office.wait(until=timedelta(minutes=20), step=5 * MINUTE)
    assert sorted(name for name, _ in office.mailed()) == ["bob", "cyd"]


@pytest.mark.parametrize("service", ["metabase", "postmark"])
def test_an_answer_that_is_lost_after_it_happened_happens_once(service: str, office: Office) -> None:
    office.services.loses_answers = {service}
    office.hand_in("ada")
    office.wait(until=timedelta(hours=3))
    assert len(office.services.accounts) == 1
    assert office.mailed() == [("ada", "welcome")]
    assert office.states()[0][0] == "done"


@pytest.mark.parametrize("services", [{"metabase"}, {"postmark"}, {"metabase", "postmark"}])
def test_nothing_is_lost_when_somebody_is_away_for_a_day(services: set[str], office: Office) -> None:
    office.services.away = set(services)
    office.hand_in("ada", "bob")
    told = office.wait(until=timedelta(hours=12), step=30 * MINUTE)
    office.hand_in("cyd")
    told += office.wait(until=timedelta(hours=12), step=30 * MINUTE)
    assert office.services.mails == []
    assert told[-1].startswith("3 sign-ups wait, the oldest since 2026-11-22 12:00 UTC")
    assert len(told) == 35
    office.services.away.clear()
    office.wait(until=timedelta(minutes=65), step=5 * MINUTE)
    assert {state for state, _ in office.states()} == {"done"}
    assert sorted(office.mailed()) == [(name, "welcome") for name in ("ada", "bob", "cyd")]
    assert office.run() == {"done": 3}


def test_only_one_is_sent_to_a_service_that_is_away(office: Office) -> None:
    office.services.away = {"metabase"}
    office.hand_in(*"abcde")
    office.run()
    assert [state for state, _ in office.states()].count("inviting") == 1
    assert office.services.moment == 1


def test_a_person_has_to_look_after_a_week(office: Office) -> None:
    office.services.away = {"postmark"}
    office.hand_in("ada")
    told = office.wait(until=timedelta(days=7, hours=8), step=timedelta(hours=4))
    assert told[-1] == "1 were given up: run the DAG with `again`"
    office.services.away.clear()
    assert queue.queue_again(office.conn, office.services.now) == 1
    assert office.run() == {"done": 1}
    assert office.mailed() == [("ada", "welcome")]


@pytest.mark.parametrize(
    ("error", "state"), [(SignUpRefused("Metabase refused an invitation for its email"), "refused")]
)
def test_a_refusal_ends_it(
    error: SignUpRefused, state: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> bool:
        raise error

    monkeypatch.setattr(office.services, "invite", refuse)
    office.hand_in("ada")
    office.run()
    assert office.states() == [(state, str(error))]


def test_a_deactivated_account_is_left_to_people(office: Office) -> None:
    office.services.accounts["ada@people.example.org"] = User(NOW - timedelta(days=9), False)
    office.hand_in("ada")
    assert office.run() == {"refused": 1}
    assert office.services.mails == []


def test_an_inactive_recipient_is_a_bounce(office: Office) -> None:
    office.services.inactive.add("ada@people.example.org")
    office.hand_in("ada")
    assert office.run() == {"bounced": 1}


@pytest.mark.parametrize(
    ("kind", "inactive", "state"),
    [("HardBounce", True, "bounced"), ("SpamComplaint", False, "bounced"), ("Transient", False, "done")],
)
def test_a_mail_that_comes_back(kind: str, inactive: bool, state: str, office: Office) -> None:
    (request_id,) = office.hand_in("ada")
    office.run()
    bounce = Bounce(42, f"m-{request_id}", kind, inactive, NOW)
    queue.record_bounce(office.form, bounce)
    queue.record_bounce(office.form, bounce)
    office.run()
    assert office.states()[0][0] == state
    assert office.warehouse.value("SELECT count(*) FROM sign_ups.bounce") == 1


def test_names_and_addresses_are_forgotten(office: Office) -> None:
    office.hand_in("ada")
    office.run()
    office.services.now += timedelta(days=90)
    office.run()
    kept = "SELECT count(*) FROM sign_ups.request WHERE email IS NOT NULL"
    assert office.warehouse.value(kept) == 1
    office.services.now += MINUTE
    office.run()
    found = "SELECT state, email, first_name, last_name FROM sign_ups.request"
    assert office.warehouse.rows(found) == [("done", None, None, None)]


def test_a_batch_is_limited_and_the_oldest_come_first(office: Office) -> None:
    office.settings = Settings(sign_up_batch=2)
    office.hand_in("ada", "bob")
    office.services.now += MINUTE
    office.hand_in("cyd")
    office.run()
    assert sorted(name for name, _ in office.mailed()) == ["ada", "bob"]
    office.run()
    assert office.mailed()[-1] == ("cyd", "welcome")


def test_two_runs_at_once_do_not_meet(office: Office) -> None:
    office.hand_in("ada")
    with queue.alone(office.conn) as is_ours, connect() as other:
        assert is_ours
        assert work(other, office.settings, NOW) == {}
    assert office.warehouse.value("SELECT count(*) FROM sign_ups.inbox") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM sign_ups.inbox",
        "SELECT count(*) FROM sign_ups.request",
        "INSERT INTO sign_ups.request (request_id) VALUES (gen_random_uuid())",
        "DELETE FROM sign_ups.inbox",
        "UPDATE sign_ups.inbox SET email = 'x'",
        "INSERT INTO sign_ups.inbox (request_id, email, first_name, last_name) "
        "VALUES (gen_random_uuid(), 'a', 'b', 'c') RETURNING email",
        "SELECT * FROM meta.build",
        "CREATE TABLE sign_ups.mine (x int)",
        "CREATE TABLE public.mine (x int)",
    ],
)
def test_the_form_may_hand_in_and_nothing_else(statement: str, office: Office) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.form.execute(statement.encode())


def test_analysts_see_nothing_of_it(office: Office) -> None:
    with office.warehouse.analyst() as analyst, pytest.raises(psycopg.errors.InsufficientPrivilege):
        analyst.execute("SELECT count(*) FROM sign_ups.inbox")


@pytest.mark.parametrize(
    "broken",
    [
        lambda conn: queue.hand_in(conn, uuid.uuid4(), SignUp("a\x00@people.example.org", "Ada", "Lovelace")),
        lambda conn: queue.hand_in(conn, uuid.uuid4(), SignUp(None, "Ada", "Lovelace")),  # type: ignore[arg-type]
    ],
)
def test_errors_of_the_database_hold_nobody(broken: Callable[[PgConnection], None], office: Office) -> None:
    """Postgres quotes the row that it refuses."""
    with pytest.raises(SourceUnavailable) as caught:
        broken(office.form)
    assert str(caught.value) in ("sign-ups: DataError", "sign-ups: NotNullViolation 23502")
    assert caught.value.__cause__ is None
