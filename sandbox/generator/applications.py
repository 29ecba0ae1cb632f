"""Generated applications: which project asked which round, with metadata in the shape of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sandbox.generator.dimensions import Application, Round
from sandbox.generator.identity import address, digest, draw, mixed_case, pick, shares, zipf_weights
from sandbox.generator.vocabulary import description, project_title

DONATIONS_PER_APPLICATION = 150
FEWEST_PER_ROUND = 3
REFUSED = ("REJECTED", "PENDING", "CANCELLED", "IN_REVIEW")


def generated_applications(rounds: list[Round], scale: int) -> Iterator[Application]:
    """Applications of every round, at least three each, many more in a few."""
    total = max(scale // DONATIONS_PER_APPLICATION, FEWEST_PER_ROUND * len(rounds))
    spare = total - FEWEST_PER_ROUND * len(rounds)
    extra = shares(spare, zipf_weights(len(rounds), 1, "applications"))
    projects = max(total * 3 // 5, 1)
    first = 0
    for round_, more in zip(rounds, extra, strict=True):
        count = FEWEST_PER_ROUND + more
        yield from _of_round(round_, first, count, projects)
        first += count


def _of_round(round_: Round, first: int, count: int, projects: int) -> Iterator[Application]:
    rank = 0
    for index in range(count):
        number = first + index
        status = _status(number, index)
        approved = status == "APPROVED"
        yield _application(round_, number, index, status, rank if approved else None, projects)
        rank += approved


def _status(number: int, index: int) -> str:
    """Four in five are approved, and always the first of a round."""
    if index == 0 or draw("approved", number) < 0.8:
        return "APPROVED"
    return pick(REFUSED, "refused", number)


def _application(
    round_: Round, number: int, index: int, status: str, rank: int | None, projects: int
) -> Application:
    project = number if number < projects else int(projects * draw("project", number) ** 2)
    recipient = mixed_case(address("recipient", project))
    return Application(
        application_no=number,
        round_no=round_.round_no,
        id=str(index),
        rank=rank,
        project_id="0x" + digest("project", project),
        recipient=recipient,
        status=status,
        metadata=_metadata(round_, number, project, recipient),
        created_at=round_.created_at + timedelta(hours=1 + int(24 * 20 * draw("applied", number))),
    )


def _metadata(round_: Round, number: int, project: int, recipient: str) -> dict[str, Any] | None:
    """About 4 kB of JSON; null where the pin was never found, as upstream."""
    if number % 97 == 5:
        return None
    return {
        "signature": "0x" + digest("signature", number) * 2 + "1b",
        "application": {
            "round": round_.id,
            "recipient": recipient,
            "project": _project(project, untitled=number % 97 == 11),
            "answers": [{"questionId": 0, "question": "Twitter?", "answer": None, "hidden": False}],
        },
    }


def _project(project: int, *, untitled: bool) -> dict[str, Any]:
    handle = f"project{project}"
    return {
        "id": "0x" + digest("project", project),
        "title": None if untitled else project_title(project),
        "description": description(project),
        "website": f"https://{handle}.example.org" + "/" * (project % 2),
        "bannerImg": "bafybei" + digest("banner", project)[:52],
        "logoImg": "bafkrei" + digest("logo", project)[:52],
        "userGithub": f"person{project % 50}",
        "projectGithub": None if project % 5 == 0 else f"{handle}/{handle}",
        "projectTwitter": "" if project % 7 == 0 else handle,
        "createdAt": 1_672_531_200_000 + project * 1_000,
        "lastUpdated": 0,
    }
