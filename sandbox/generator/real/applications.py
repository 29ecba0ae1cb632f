"""Real applications, and how many donations each gets.

Real: project, title, GitHub, payout address, round, the metadata of the 426 applications of the Beta round,
USD donated per project and round, donation and donor counts where published.
Derived: application ids no distribution names (from 10000), GG20 project ids, metadata of the others (only
what is known of them), the dates, and every single donation: no public file lists them, so each project's
real sum is split over as many donations as its share of `scale`, at least one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sandbox.generator.dimensions import Application, Round
from sandbox.generator.identity import digest
from sandbox.generator.real.files import RealFiles, Row
from sandbox.generator.real.rounds import Key, key_of

FIRST_DERIVED_ID = 10_000
TYPICAL_DONATION_USD = 10.0


@dataclass(frozen=True)
class ApplicationFacts:
    """One project in one round. `donations` and `donors` are the published counts, 0 where unknown."""

    project_id: str
    recipient: str
    title: str
    github: str = ""
    usd: float = 0.0
    donations: int = 0
    donors: int = 0
    application_id: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def weight(self) -> float:
        """Published number of donations, else a guess from the sum."""
        return (self.donations or self.usd / TYPICAL_DONATION_USD) if self.usd > 0 else 0.0


Facts = dict[tuple[Key, str], ApplicationFacts]
"""By round and lower-case project id."""


def real_applications(files: RealFiles, rounds: list[Round], scale: int) -> list[Application]:
    """Applications of the rounds, about `scale` donations dealt out to them."""
    facts = _gathered(files)
    per_weight = scale / sum(fact.weight for fact in facts.values())
    by_key = {(round_.chain_id, round_.id): round_ for round_ in rounds}
    ids = _application_ids(facts)
    return [
        _application(number, by_key[key[0]], fact, ids[key], per_weight)
        for number, (key, fact) in enumerate(sorted(facts.items()))
    ]


def _gathered(files: RealFiles) -> Facts:
    facts: Facts = dict(_of_distributions(files))
    for key, fact in (*_of_allo_grants(files), *_of_gg20(files)):
        known = facts.get(key)
        facts[key] = replace(
            fact,
            donations=fact.donations or (known.donations if known else 0),
            application_id=known.application_id if known else None,
        )
    for key, fact in _of_beta(files):
        facts[key] = replace(facts.get(key, fact), metadata=fact.metadata, recipient=fact.recipient)
    return facts


def _of_distributions(files: RealFiles) -> Iterator[tuple[tuple[Key, str], ApplicationFacts]]:
    for document in files.distributions:
        round_key = (document["chain_id"], document["id"].lower())
        for element in document["matching_distribution"].get("matchingDistribution", []):
            yield (
                (round_key, element["projectId"].lower()),
                ApplicationFacts(
                    project_id=element["projectId"],
                    recipient=element["projectPayoutAddress"],
                    title=element["projectName"],
                    donations=int(element["contributionsCount"] or 0),
                    application_id=str(element["applicationId"]),
                ),
            )


def _of_allo_grants(files: RealFiles) -> Iterator[tuple[tuple[Key, str], ApplicationFacts]]:
    for row in files.allo_grants:
        yield (
            (key_of(row), row["project_id"].lower()),
            ApplicationFacts(
                project_id=row["project_id"],
                recipient=row["grant_address"],
                title=row["project_name"],
                github=row["project_github"],
                usd=float(row["amount_usd"]),
            ),
        )


def _of_gg20(files: RealFiles) -> Iterator[tuple[tuple[Key, str], ApplicationFacts]]:
    for number, row in enumerate(files.gg20):
        project_id = "0x" + digest("gg20 project", number)
        yield (key_of(row), project_id), _gg20(row, project_id)


def _gg20(row: Row, project_id: str) -> ApplicationFacts:
    return ApplicationFacts(
        project_id=project_id,
        recipient=row["payout_address"],
        title=row["project_name"],
        github=row["project_github"],
        usd=float(row["total_amount_donated_in_usd"]),
        donations=int(row["total_donations_count"]),
        donors=int(row["unique_donors_count"]),
    )


def _of_beta(files: RealFiles) -> Iterator[tuple[tuple[Key, str], ApplicationFacts]]:
    for document in files.beta_applications:
        application = document["metadata"]["application"]
        round_key = (document["chain_id"], document["round_id"].lower())
        yield (
            (round_key, document["id"].lower()),
            ApplicationFacts(
                project_id=document["id"],
                recipient=application["recipient"],
                title=application["project"]["title"],
                metadata=document["metadata"],
            ),
        )


def _application_ids(facts: Facts) -> dict[tuple[Key, str], str]:
    """The published application id where it is free in its round, else a derived one."""
    taken: set[tuple[Key, str]] = set()
    ids: dict[tuple[Key, str], str] = {}
    for number, (key, fact) in enumerate(sorted(facts.items())):
        published = fact.application_id
        is_free = published is not None and (key[0], published) not in taken
        ids[key] = published if published is not None and is_free else str(FIRST_DERIVED_ID + number)
        taken.add((key[0], ids[key]))
    return ids


def _application(
    number: int, round_: Round, fact: ApplicationFacts, application_id: str, per_weight: float
) -> Application:
    donations = max(1, round(fact.weight * per_weight)) if fact.weight else 0
    donors = min(donations, round(fact.donors * per_weight)) if fact.donors else donations
    funded = fact.usd > 0 or fact.application_id is not None
    return Application(
        application_no=number,
        round_no=round_.round_no,
        id=application_id,
        rank=number if funded else None,
        project_id=fact.project_id,
        recipient=fact.recipient,
        status="APPROVED" if funded else "PENDING",
        metadata=fact.metadata or _known_metadata(round_, fact),
        created_at=round_.created_at + timedelta(days=1 + number % 20),
        donation_count=donations,
        donor_count=max(donors, 1),
        donation_micros=round(fact.usd * 1_000_000),
    )


def _known_metadata(round_: Round, fact: ApplicationFacts) -> dict[str, Any]:
    project = {"id": fact.project_id, "title": fact.title, "projectGithub": fact.github or None}
    return {"application": {"round": round_.id, "recipient": fact.recipient, "project": project}}
