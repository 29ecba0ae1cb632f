"""The way of one sign-up, in memory: every step, every pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.sign_ups import machine
from regendata.sources.sign_ups.machine import Request, State

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
WEEK = timedelta(days=7)
NEW = Request("r-1", "ada@example.org", "Ada", "Lovelace", "queued", NOW, NOW)


def test_the_usual_way() -> None:
    inviting = machine.about_to_invite(NEW, NOW)
    assert (inviting.state, inviting.tried_at) == ("inviting", NOW)
    invited = machine.invited(inviting, NOW)
    assert (invited.state, invited.has_account_before, invited.tried_at) == ("invited", False, None)
    mailing = machine.about_to_mail(invited, NOW)
    assert (mailing.state, mailing.template) == ("mailing", "welcome")
    assert machine.mailed(mailing, "m-1").state == "done"


@pytest.mark.parametrize(
    ("joined", "template"),
    [
        (NOW - timedelta(days=300), "welcome-back"),
        (NOW - timedelta(minutes=3), "welcome-back"),
        (NOW - timedelta(seconds=30), "welcome"),
        (NOW + timedelta(seconds=1), "welcome"),
        (None, "welcome-back"),
    ],
)
def test_an_account_found_is_ours_when_it_is_as_young_as_the_first_try(
    joined: datetime, template: str
) -> None:
    tried = machine.about_to_invite(NEW, NOW)
    later = machine.about_to_invite(tried, NOW + timedelta(hours=5))
    assert later.tried_at == NOW
    assert machine.account_found(later, joined, NOW).template == template


def test_pauses_double_up_to_an_hour() -> None:
    minutes = [machine.pause_after(tries) / timedelta(minutes=1) for tries in range(7)]
    assert minutes == [5, 10, 20, 40, 60, 60, 60]
    assert machine.pause_after(10**6) == timedelta(hours=1)


def test_a_pause_asked_for_is_kept() -> None:
    found = machine.put_off(NEW, "Metabase: HTTP 429", NOW, WEEK, at_least_s=1_800)
    assert (found.next_at, found.tries, found.state) == (NOW + timedelta(minutes=30), 1, "queued")


def test_a_mail_that_may_be_out_is_looked_for_only_once_it_can_be_found() -> None:
    mailing = machine.about_to_mail(machine.invited(NEW, NOW), NOW)
    assert not machine.is_searchable(mailing, NOW + timedelta(minutes=9))
    assert machine.put_off(mailing, "x", NOW, WEEK).next_at == NOW + timedelta(minutes=10)
    assert machine.is_searchable(mailing, NOW + timedelta(minutes=10))
    again = machine.about_to_mail(mailing, NOW + timedelta(hours=1))
    assert not machine.is_searchable(again, NOW + timedelta(minutes=65))


def test_patience_ends() -> None:
    assert machine.put_off(NEW, "x", NOW + WEEK, WEEK).state == "queued"
    given_up = machine.put_off(NEW, "x", NOW + WEEK + timedelta(seconds=1), WEEK)
    assert (given_up.state, given_up.note) == ("given_up", "x")


@settings(max_examples=50)
@given(st.lists(st.integers(0, 4_000), max_size=30), st.sampled_from(machine.OPEN))
def test_an_open_request_always_comes_up_again_within_the_longest_pause(
    asked: list[int], state: State
) -> None:
    request, now = replace(NEW, state=state), NOW
    for seconds in asked:
        request = machine.put_off(request, "x", now, timedelta(days=400), seconds)
        longest = max(timedelta(seconds=seconds), machine.LONGEST_PAUSE, machine.SEARCHABLE_AFTER)
        assert now < request.next_at <= now + longest
        now = request.next_at
    assert request.state in machine.OPEN


def test_a_request_shows_its_id_and_nobody() -> None:
    assert f"{NEW}" == "sign-up r-1 (queued)"
