"""One run on the queue of sign-ups: accounts in Metabase, mails by Postmark.

Every step is written down before and after it is asked of somebody else, so a run may end anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from regendata.exceptions import MailUndeliverable, SignUpRefused, SignUpsStuck, SourceUnavailable
from regendata.hooks.metabase import MetabaseHook, User
from regendata.hooks.postgres import PgConnection
from regendata.hooks.postmark import PostmarkHook
from regendata.hooks.warehouse import sign_ups as queue
from regendata.settings import Settings
from regendata.sources.sign_ups import machine
from regendata.sources.sign_ups.machine import Request

log = logging.getLogger(__name__)
METABASE, POSTMARK = "Metabase", "Postmark"


class Accounts(Protocol):
    """What is asked of Metabase."""

    def invite(self, email: str, first_name: str, last_name: str) -> bool:
        """Make an account; False when there is one."""

    def find(self, email: str) -> User | None:
        """The account of an address."""


class Mails(Protocol):
    """What is asked of Postmark."""

    def send(self, request_id: str, to: str, template: str, model: dict[str, str]) -> str:
        """Send; returns the message's id."""

    def find(self, request_id: str) -> str | None:
        """Id of the message that went out for a sign-up."""


@dataclass
class Desk:
    """Takes requests through their steps, at one moment.

    :param away: services that did not answer in this run; nobody else is sent there.
    """

    conn: PgConnection
    accounts: Accounts
    mails: Mails
    settings: Settings
    now: datetime
    away: set[str] = field(default_factory=set)

    def advance(self, request: Request) -> None:
        """As many steps as can be done now."""
        if request.state in ("queued", "inviting") and METABASE not in self.away:
            request = self._asked(METABASE, machine.about_to_invite(request, self.now), self._invite)
        if request.state == "mailing" and POSTMARK not in self.away:
            request = self._asked(POSTMARK, request, self._look)
        if request.state == "invited" and POSTMARK not in self.away:
            self._asked(POSTMARK, machine.about_to_mail(request, self.now), self._mail)

    def _asked(self, service: str, request: Request, step: Callable[[Request], Request]) -> Request:
        """The request after a step, whatever came of it, written down."""
        self._saved(request)
        try:
            return self._saved(step(request))
        except MailUndeliverable as error:
            return self._saved(machine.ended(request, "bounced", str(error)))
        except SignUpRefused as error:
            return self._saved(machine.ended(request, "refused", str(error)))
        except SourceUnavailable as error:
            self.away.add(service)
            log.warning("%s: %s", request, error)
            return self._saved(self._put_off(request, error))

    def _invite(self, request: Request) -> Request:
        if self.accounts.invite(request.email, request.first_name, request.last_name):
            return machine.invited(request, self.now)
        user = self.accounts.find(request.email)
        if user is None:
            raise SourceUnavailable(f"{METABASE} knows the address, but lists no account for it")
        if not user.is_active:
            raise SignUpRefused("the account is deactivated; an administrator may open it again")
        return machine.account_found(request, user.joined_at, self.now)

    def _look(self, request: Request) -> Request:
        """After a try whose end nobody knows: whether its mail went out."""
        if not machine.is_searchable(request, self.now):
            return request
        sent = self.mails.find(request.request_id)
        return machine.not_mailed(request) if sent is None else machine.mailed(request, sent)

    def _mail(self, request: Request) -> Request:
        model = {"first_name": request.first_name, "login_url": self.settings.sign_up_login_url}
        sent = self.mails.send(request.request_id, request.email, request.template, model)
        return machine.mailed(request, sent)

    def _put_off(self, request: Request, error: SourceUnavailable) -> Request:
        patience = timedelta(days=self.settings.sign_up_patience_days)
        at_least = getattr(error, "retry_after_s", 0)
        return machine.put_off(request, str(error), self.now, patience, at_least)

    def _saved(self, request: Request) -> Request:
        queue.save(self.conn, request, self.now)
        return request


def work(conn: PgConnection, settings: Settings, now: datetime, again: bool = False) -> dict[str, int]:
    """One run with the services of the connections; returns requests by state.

    :param again: take up anew what was given up.
    :raises SignUpsStuck: some wait for too long, or were given up.
    """
    with queue.alone(conn) as is_ours:
        if not is_ours:
            log.info("another run works on the queue")
            return {}
        if again:
            log.info("%s taken up again", queue.queue_again(conn, now))
        return work_through(Desk(conn, MetabaseHook(), PostmarkHook(), settings, now))


def work_through(desk: Desk) -> dict[str, int]:
    """The run itself: take up, advance, settle, forget."""
    conn, settings, now = desk.conn, desk.settings, desk.now
    came = queue.take_up(conn, now)
    requests = queue.due(conn, now, settings.sign_up_batch)
    for request in requests:
        desk.advance(request)
    bounced = queue.settle_bounces(conn)
    forgotten = queue.forget(conn, now, timedelta(days=settings.sign_up_keep_days))
    found = queue.look(conn)
    log.info(
        "%s came, %s looked at, %s bounced, %s forgotten; now %s",
        came, len(requests), bounced, forgotten, found.states,
    )  # fmt: skip
    _refuse_stuck(found, settings, now, desk.away)
    return found.states


def _refuse_stuck(found: queue.QueueState, settings: Settings, now: datetime, away: set[str]) -> None:
    problems = []
    if found.oldest is not None and now - found.oldest > timedelta(hours=settings.sign_up_alert_hours):
        waiting = sum(found.states.get(state, 0) for state in machine.OPEN)
        because = f", {' and '.join(sorted(away))} did not answer" if away else ""
        problems.append(
            f"{waiting} sign-ups wait, the oldest since {found.oldest:%Y-%m-%d %H:%M} UTC{because}"
        )
    if found.states.get("given_up"):
        problems.append(f"{found.states['given_up']} were given up: run the DAG with `again`")
    if problems:
        raise SignUpsStuck("; ".join(problems))
