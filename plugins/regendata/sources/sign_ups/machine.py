"""The way of a sign-up: queued -> inviting -> invited -> mailing -> done, and where it leaves it.

What is about to be asked is written down before it is asked. A run that is killed, or hears no answer, so
leaves a request in ``inviting`` or ``mailing``, and the next one first finds out what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal[
    "queued", "inviting", "invited", "mailing", "done", "merged", "refused", "bounced", "given_up"
]
#: Requests that somebody still works on; the order is the one of the way.
OPEN: tuple[State, ...] = ("queued", "inviting", "invited", "mailing")
#: Requests that end without a person: what is said of them is known.
ENDED: tuple[State, ...] = ("done", "merged", "refused", "bounced")

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
#: A mail is in Postmark's search some time after it was taken.
SEARCHABLE_AFTER = timedelta(minutes=10)
#: Clocks of two machines differ.
SKEW = timedelta(minutes=2)
#: A second sign-up with an address so soon is the same sign-up.
SAME_WITHIN = timedelta(hours=24)

WELCOME, WELCOME_BACK = "welcome", "welcome-back"


@dataclass(frozen=True, repr=False)
class Request:
    """One sign-up on its way; its text form is its id."""

    request_id: str
    email: str
    first_name: str
    last_name: str
    state: State
    received_at: datetime
    next_at: datetime
    has_account_before: bool | None = None
    tries: int = 0
    tried_at: datetime | None = None
    message_id: str | None = None
    note: str | None = None

    def __repr__(self) -> str:
        return f"sign-up {self.request_id} ({self.state})"

    @property
    def template(self) -> str:
        """The mail for it."""
        return WELCOME_BACK if self.has_account_before else WELCOME


def about_to_invite(request: Request, now: datetime) -> Request:
    """Before Metabase is asked; the time of the first try stays."""
    return replace(request, state="inviting", tried_at=request.tried_at or now)


def invited(request: Request, now: datetime) -> Request:
    """Metabase has made the account."""
    return _next_step(request, now, has_account_before=False, note="account made")


def account_found(request: Request, joined_at: datetime | None, now: datetime) -> Request:
    """Metabase had the account: from before, or from a try whose answer was lost."""
    ours = joined_at is not None and request.tried_at is not None and joined_at >= request.tried_at - SKEW
    note = "account made by an earlier try" if ours else "account found"
    return _next_step(request, now, has_account_before=not ours, note=note)


def about_to_mail(request: Request, now: datetime) -> Request:
    """Before Postmark is asked; its search knows the mail some time after the last try."""
    return replace(request, state="mailing", tried_at=now)


def not_mailed(request: Request) -> Request:
    """The last try sent nothing."""
    return replace(request, state="invited", note="no mail went out yet")


def mailed(request: Request, message_id: str) -> Request:
    """The mail is on its way."""
    return replace(request, state="done", message_id=message_id, note="mail sent", tries=0)


def ended(request: Request, state: State, note: str) -> Request:
    """It ends otherwise."""
    return replace(request, state=state, note=note)


def put_off(
    request: Request, reason: str, now: datetime, patience: timedelta, at_least_s: int = 0
) -> Request:
    """After a failed try: again after a pause that doubles, until a person has to look at it.

    :param reason: without personal data.
    :param at_least_s: seconds the other side asks for.
    """
    if now - request.received_at > patience:
        return replace(request, state="given_up", note=reason, tries=request.tries + 1)
    pause = max(pause_after(request.tries), timedelta(seconds=at_least_s))
    if request.state == "mailing":
        pause = max(pause, SEARCHABLE_AFTER)
    return replace(request, tries=request.tries + 1, next_at=now + pause, note=reason)


def pause_after(tries: int) -> timedelta:
    """5 minutes, 10, 20, 40, then an hour."""
    return min(FIRST_PAUSE * (1 << min(tries, 16)), LONGEST_PAUSE)


def is_searchable(request: Request, now: datetime) -> bool:
    """Whether Postmark can tell by now if the last try sent a mail."""
    return request.tried_at is None or now - request.tried_at >= SEARCHABLE_AFTER


def _next_step(request: Request, now: datetime, has_account_before: bool, note: str) -> Request:
    return replace(
        request,
        state="invited",
        has_account_before=has_account_before,
        note=note,
        tries=0,
        tried_at=None,
        next_at=now,
    )
