"""Passport's files: model scores as Parquet, stamp scores as one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sandbox.generator.identity import address, draw, mixed_case

SCORES, STAMPS = "model_scores.parquet", "registry_score.jsonl"
MODELS = ("aggregate_model", "ethereum_activity", "zksync", "optimism", "polygon", "arbitrum")
MOST_ACCOUNTS = 20_000
GROUP_ROWS = 1 << 20
COMPUTED = datetime(2024, 10, 24, tzinfo=timezone.utc)
#: A file with fewer rows than this has none that is broken: one would already be a large share.
BROKEN_FROM = 500

SCHEMA = pa.schema(
    [
        ("value", pa.string()),
        ("updated_at", pa.timestamp("us", tz="UTC")),
        ("id", pa.int64()),
        ("key_0", pa.string()),
        ("key_1", pa.string()),
    ]
)


def write_passport(folder: Path, donors: int) -> None:
    """Both files for the most generous donors."""
    folder.mkdir(parents=True, exist_ok=True)
    accounts = min(donors, MOST_ACCOUNTS)
    write_scores(folder / SCORES, accounts * len(MODELS))
    write_stamps(folder / STAMPS, accounts)


def write_scores(path: Path, rows: int, group_rows: int = GROUP_ROWS) -> None:
    """Write the Parquet file with pyarrow's defaults: row groups of a million rows."""
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for first in range(0, rows, group_rows):
            numbers = range(first, min(rows, first + group_rows))
            writer.write_table(_score_table(numbers, rows), row_group_size=group_rows)


def _score_table(numbers: range, rows: int) -> pa.Table:
    broken = rows // 2 if rows >= BROKEN_FROM else -1
    columns = [
        [_value(number) for number in numbers],
        [COMPUTED + timedelta(seconds=number % 86_400) for number in numbers],
        [number + 1 for number in numbers],
        [MODELS[number % len(MODELS)] for number in numbers],
        ["vitalik.eth" if number == broken else _wallet(number // len(MODELS)) for number in numbers],
    ]
    return pa.table(columns, schema=SCHEMA)


def _wallet(account: int) -> str:
    plain = address("account", account)
    return mixed_case(plain) if account % 5 == 2 else plain


def _value(number: int) -> str:
    """The JSON text of one score; the models differ in what they know."""
    model = number % len(MODELS)
    meta = f'"meta": {{"version": "v{model}", "training_date": "2024-05-0{model + 1}"}}'
    human = int(101 * draw("human", number))
    if model == 0:
        return f'{{"data": {{"human_probability": {human}, {meta}}}}}'
    funder = "null" if number % 131 == 7 else f'"{address("funder", number % 997) if number % 3 else ""}"'
    return (
        f'{{"data": {{"human_probability": {human}, "n_transactions": {number % 977}, '
        f'"first_funder": {funder}, "first_funder_amount": {number % 97 / 64}, '
        f'"first_funder_timestamp": "2023-10-28 14:37:59+00:00", "gas_spent": {number % 89 / 128}, '
        f'"n_days_active": {number % 365}, '
        f'"has_safe_nft": {"true" if number % 11 == 0 else "false"}, {meta}}}}}'
    )


def write_stamps(path: Path, accounts: int) -> None:
    """Write the lines; in a file that is not tiny, the one in the middle breaks off."""
    lines = [json.dumps(line) for line in _stamp_lines(accounts)]
    if len(lines) >= BROKEN_FROM:
        middle = len(lines) // 2
        lines[middle] = lines[middle][:40]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _stamp_lines(accounts: int) -> Iterator[dict[str, Any]]:
    """One line per account and community; every seventh account is in two."""
    for account in range(accounts):
        yield _stamp_line(account, 2 * account + 1, 335)
        if account % 7 == 3:
            yield _stamp_line(account, 2 * account + 2, 2)


def _stamp_line(account: int, number: int, community: int) -> dict[str, Any]:
    raw = 40 * draw("stamps", number) ** 2
    scored_at = COMPUTED - timedelta(hours=number % 9_000, milliseconds=number % 1_000)
    evidence = {
        "type": "ThresholdScoreCheck",
        "success": raw >= 20,
        "rawScore": f"{raw:.3f}",
        "threshold": "20.00000",
    }
    return {
        "passport": {"address": _wallet(account), "community": community, "requires_calculation": False},
        "score": "1.000000000" if raw >= 20 else "0E-9",
        "last_score_timestamp": scored_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status": "DONE",
        "error": None,
        "evidence": None if number % 20 == 11 else evidence,
        "stamps": {"Github": f"{raw / 4:.3f}", "Ens": "0.208"} if number % 3 == 0 else {},
        "id": number,
    }
