"""Which version of an indexer to serve in this run, and why; kept in ``meta.source_version``."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection

from regendata.exceptions import SourceUnavailable
from regendata.hooks.indexer import IndexerHook
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse.cuts import landed_tables
from regendata.sources.indexers import IndexerSource
from regendata.sources.versions import Candidate, Choice, choose

log = logging.getLogger(__name__)

_KEEP = """
INSERT INTO meta.source_version (source, version, advertised, scores, reason)
VALUES (%(source)s, %(version)s, %(advertised)s, %(scores)s, %(reason)s)
ON CONFLICT (source) DO UPDATE SET
  version = excluded.version, advertised = excluded.advertised, scores = excluded.scores,
  reason = excluded.reason, checked_at = excluded.checked_at,
  switched_at = CASE
    WHEN source_version.version = excluded.version THEN source_version.switched_at ELSE excluded.switched_at
  END
"""


def choose_version(
    source: IndexerSource,
    advertised: str | None,
    since: str,
    excluded_chains: Collection[int],
    accepted_losses: Collection[int],
) -> str:
    """Score the advertised version and the one before it per chain; keep and return the choice.

    Nothing is scored while the advertised version is the one in use; landing watches its chains.

    :param advertised: what the source's API says; None takes the newest schema.
    :raises ChainLost: no candidate holds every chain that is served now.
    """
    hook = IndexerHook(source)
    versions = hook.versions()
    wanted = advertised or versions[0]
    with connect() as conn:
        current = _current(conn, source)
        if current == wanted and wanted in versions:
            conn.execute(
                "UPDATE meta.source_version SET checked_at = clock_timestamp(), advertised = %s "
                "WHERE source = %s",
                [wanted, source.name],
            )
            return wanted
        must_have = _served_chains(conn, source) - {*accepted_losses, *excluded_chains}
        candidates = [
            hook.score(one, since, excluded_chains) for one in _names(source, wanted, current, versions)
        ]
        choice = choose(candidates, must_have, source.name)
        log.info("%s: %s", source.name, choice.reason)
        _keep(conn, source, wanted, candidates, choice)
    return choice.version


def _names(source: IndexerSource, wanted: str, current: str | None, versions: list[str]) -> list[str]:
    """The two newest versions up to the advertised one, and the one served now; newest first."""
    at_most = [version for version in versions if int(version) <= int(wanted)]
    served = [version for version in versions if version == current]
    if not at_most and not served:
        raise SourceUnavailable(
            f"{source.name} advertises version {wanted}; the database holds only {', '.join(versions)}"
        )
    return sorted({*at_most[:2], *served}, key=int, reverse=True)


def _current(conn: PgConnection, source: IndexerSource) -> str | None:
    row = conn.execute("SELECT version FROM meta.source_version WHERE source = %s", [source.name]).fetchone()
    return row[0] if row else None


def _served_chains(conn: PgConnection, source: IndexerSource) -> set[int]:
    landed = landed_tables(conn, source.name).get(source.landed(source.progress))
    return {int(chain) for chain in landed.details.get("chains", {})} if landed else set()


def _keep(
    conn: PgConnection, source: IndexerSource, advertised: str, candidates: list[Candidate], choice: Choice
) -> None:
    conn.execute(
        _KEEP,
        {
            "source": source.name,
            "version": choice.version,
            "advertised": advertised,
            "scores": json.dumps([candidate.facts() for candidate in candidates]),
            "reason": choice.reason,
        },
    )
