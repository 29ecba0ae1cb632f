"""The spreadsheet that the stand-in serves: the same facts as people type them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sandbox.generator.dimensions import Application, Label
from sandbox.generator.identity import mixed_case
from sandbox.layout import SPREADSHEET_ID

FILE = f"sheets_{SPREADSHEET_ID}.json"
LOCALE = "en_US"
LABELS_HEADER = (
    "program", "chain_id", "round_id", "type", "chain_name", "round_name", "matching_pool", "round_number"
)  # fmt: skip
LINKED_PROJECTS = 6

Tab = list[list[str]]


def write_sheets(path: Path, tabs: Mapping[str, Tab]) -> None:
    """Write the file the stand-in reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"title": "Grants", "locale": LOCALE, "tabs": tabs}
    path.write_text(json.dumps(document, indent=0, ensure_ascii=False), encoding="utf-8")


def round_labels(labels: Iterable[Label]) -> Tab:
    """Tab of programs; its columns stand in another order than the table's, one is nobody's."""
    rows = (
        [
            label.program,
            str(label.chain_id),
            mixed_case(label.round_id) if label.round_id.startswith("0x") else label.round_id,
            label.type,
            label.chain_name,
            f"{label.program}: round {label.round_id[:8]}",
            "" if label.matching_pool is None else f"${label.matching_pool:,.2f}",
            "" if label.round_number is None else f"GG{label.round_number}",
        ]
        for label in labels
    )
    return [list(LABELS_HEADER), *rows]


def rounds_outside_indexer() -> Tab:
    """Tab of rounds that no indexer saw; the last has not happened yet when the data ends."""
    first = datetime(2024, 5, 1, tzinfo=timezone.utc)
    rows = [
        ("$250,000.00", "Retro funding", "Optimism", "EasyRetroFunding"),
        ("$1,234.50", "L'école des communs", "Celo", "DirectTransfer"),
        ("$88,000.25", "Direct grants, spring", "Arbitrum", "Hypercert"),
        ("$40,000.00", "Community's choice", "Ethereum", ""),
    ]
    header = ["timestamp", "amount_in_usd", "desc", "network_name", "strategy_name"]
    return [header, *([_typed(first + timedelta(days=90 * place)), *row] for place, row in enumerate(rows))]


def project_links(applications: Sequence[Application]) -> Tab:
    """Tab of projects that are the same; the last link names a project that nobody knows."""
    projects = list(_first_projects(applications))
    pairs = [list(pair) for pair in zip(projects[::2], projects[1::2], strict=False)]
    return [["project_id_1", "project_id_2"], *pairs, [projects[0], "no-such-project"]]


def _first_projects(applications: Sequence[Application]) -> Iterator[str]:
    ids = dict.fromkeys(application.project_id for application in applications)
    return (project for project, _ in zip(ids, range(LINKED_PROJECTS), strict=False))


def _typed(moment: datetime) -> str:
    """A date and time as a spreadsheet of the locale shows it."""
    return f"{moment.month}/{moment.day}/{moment.year} {moment:%H:%M:%S}"
