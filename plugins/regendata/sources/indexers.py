"""The indexer databases: Grants Stack Indexer and MACI, each with versioned schemas ``chain_data_NN``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from regendata.exceptions import BadSourceAnswer
from regendata.models.relation import Relation


@dataclass(frozen=True)
class IndexerSource:
    """One indexer database.

    :param name: prefix of the landed tables and name of the foreign schema.
    :param conn_id: Airflow connection of the database.
    :param tables: remote tables that are landed.
    :param progress: remote table whose rows per chain tell how far a version is indexed.
    :param amount: column of ``progress`` that is summed since the static cut-off.
    """

    name: str
    conn_id: str
    tables: tuple[str, ...]
    progress: str
    amount: str
    api_conn_id: str | None = None
    schema_prefix: str = "chain_data_"

    def schema(self, version: str) -> str:
        return f"{self.schema_prefix}{version}"

    @property
    def schema_pattern(self) -> str:
        """Regular expression of version schemas: two or three digits."""
        return f"^{self.schema_prefix}[0-9]{{2,3}}$"

    def versions(self, schemas: Iterable[str]) -> list[int]:
        """Version numbers among schema names, newest first."""
        numbers = (
            re.fullmatch(self.schema_pattern[1:-1], name) and name[len(self.schema_prefix) :]
            for name in schemas
        )
        return sorted((int(number) for number in numbers if number), reverse=True)

    def landed(self, table: str) -> Relation:
        """Where a remote table is landed."""
        return Relation("landing", f"{self.name}_{table}")


GRANTS_INDEXER = IndexerSource(
    name="indexer",
    conn_id="indexer_db",
    api_conn_id="indexer_api",
    tables=("rounds", "applications", "donations", "applications_payouts", "round_roles"),
    progress="donations",
    amount="amount_in_usd",
)
MACI = IndexerSource(
    name="maci",
    conn_id="maci_db",
    tables=("rounds", "contributions"),
    progress="contributions",
    amount="voice_credit_balance",
)
SOURCES = {source.name: source for source in (GRANTS_INDEXER, MACI)}


def advertised_version(body: str, url: str) -> str:
    """The version in the answer of ``GET /version``, which is plain text such as ``87``.

    :raises BadSourceAnswer: for anything else, HTML error pages of a proxy included.
    """
    text = body.strip()
    if not re.fullmatch(r"[0-9]{2,3}", text):
        shown = text[:60] + ("..." if len(text) > 60 else "")
        raise BadSourceAnswer(f"{url} answers {shown!r} instead of a version number such as 87")
    return str(int(text))
