"""Passport's two files: model scores (Parquet) and stamp scores (one JSON object per line).

Both are read the same way: a stream of numbered rows with one JSON text each goes through one DuckDB query
that takes the JSON apart column by column, types it, says which cell of a row is wrong, and writes the good
rows as lines of CSV.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from regendata.exceptions import ContentRefused
from regendata.models.relation import Relation

#: Relation the query reads: ``row_number``, the JSON text, and the columns that stand beside it.
INPUT = "numbered_rows"
ROW_NUMBER = "row_number"
PROBLEM = "problem"
PROBLEM_VALUE = "problem_value"
KIND = "kind"
LINE = "line"
_LONGEST_VALUE = 200
_ADDRESS = "0x[0-9a-f]{40}"


@dataclass(frozen=True)
class Field:
    """A column taken from the JSON text: its path there, its DuckDB type, and whether case is dropped."""

    column: str
    path: str
    type: str = "VARCHAR"
    lowered: bool = False

    def cell(self, number: int) -> str:
        """The typed column; NULL where the text cannot be read as its type."""
        text = f"lower(texts[{number}])" if self.lowered else f"texts[{number}]"
        return f"TRY_CAST({text} AS {self.type}) AS {self.column}"


@dataclass(frozen=True)
class Given:
    """A column beside the JSON text: DuckDB SQL over the file's columns, and its type."""

    column: str
    expression: str
    type: str = "VARCHAR"


@dataclass(frozen=True)
class Problem:
    """A row is left out when ``condition`` (DuckDB SQL over the result's columns) holds."""

    column: str
    condition: str
    reason: str


@dataclass(frozen=True)
class JsonFile:
    """A file of rows with JSON in them, and what makes it good enough to be used.

    :param is_parquet: a Parquet file; else one JSON object per line.
    :param read: columns of the file, the JSON text among them.
    :param beside: columns that are not in the JSON text.
    :param rules: what makes a row bad, beside JSON and types that cannot be read.
    :param most_bad_share: largest part of the rows that may be bad, 0 to 1.
    :param kinds: column whose values must not disappear from one load to the next.
    """

    source: str
    table: Relation
    is_parquet: bool
    read: tuple[str, ...]
    json: str
    beside: tuple[Given, ...]
    fields: tuple[Field, ...]
    rules: tuple[Problem, ...]
    most_bad_share: float = 0.01
    kinds: str | None = None

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that makes a row bad, the first that holds counts."""
        unreadable = Problem(self.json, "texts IS NULL", "is no JSON object")
        # JSON may hold it, a text of Postgres may not.
        unstorable = Problem(self.json, "contains(json_text, '\\u0000')", "holds a NUL character")
        typed = [
            Problem(field.column, _cast_fails(number, field), f"is no {field.type.lower()}")
            for number, field in enumerate(self.fields, start=1)
            if field.type != "VARCHAR"
        ]
        return (unreadable, unstorable, *typed, *self.rules)

    def query(self, columns: Sequence[str]) -> str:
        """One row per row: its number, its kind, its line of CSV, or its first problem in place of that.

        :param columns: order of the line's cells. One parse of each JSON text serves all paths.
        """
        paths = ", ".join(f"'{field.path}'" for field in self.fields)
        return f"""
            WITH parsed AS (
              SELECT *, TRY(json_extract_string({self.json}, [{paths}])) AS texts FROM {INPUT}
            ), typed AS (
              SELECT {", ".join(self._selected())}, texts, {self.json} AS json_text, {ROW_NUMBER} FROM parsed
            ), judged AS (
              SELECT *, CASE {" ".join(self._cases())} END AS {PROBLEM} FROM typed
            )
            SELECT {ROW_NUMBER}, {PROBLEM},
              CASE WHEN {PROBLEM} IS NULL THEN {self.kinds or "NULL"} END AS {KIND},
              CASE {PROBLEM} {" ".join(self._values())} END AS {PROBLEM_VALUE},
              CASE WHEN {PROBLEM} IS NULL THEN concat({self._cells(columns)}, chr(10)) END AS {LINE}
            FROM judged"""  # noqa: S608 - every part is written in this module

    @property
    def recipe(self) -> str:
        """Changes with whatever decides which rows come out of the same bytes."""
        return hashlib.sha256(repr((self.query(()), self.problems)).encode()).hexdigest()[:12]

    def _cells(self, columns: Sequence[str]) -> str:
        """Arguments of concat, which takes NULL for nothing."""
        typed: tuple[Given | Field, ...] = (*self.beside, *self.fields)
        types = {one.column: one.type for one in typed}
        return ", ',', ".join(_as_text(column, types[column]) for column in columns) or "''"

    def _selected(self) -> list[str]:
        beside = [f"{given.expression} AS {given.column}" for given in self.beside]
        return beside + [field.cell(number) for number, field in enumerate(self.fields, start=1)]

    def _cases(self) -> list[str]:
        return [f"WHEN {problem.condition} THEN {number}" for number, problem in enumerate(self.problems)]

    def _values(self) -> list[str]:
        fields = {field.column: number for number, field in enumerate(self.fields, start=1)}
        cells = [
            "json_text"
            if problem.column == self.json
            else f"texts[{fields[problem.column]}]"
            if problem.column in fields
            else f"CAST({problem.column} AS VARCHAR)"
            for problem in self.problems
        ]
        return [f"WHEN {number} THEN {cell}[:{_LONGEST_VALUE}]" for number, cell in enumerate(cells)]


def _as_text(column: str, type_: str) -> str:
    """A cell of CSV; text is quoted, so that it may be empty."""
    if type_ == "VARCHAR":
        return f"""'"' || replace({column}, '"', '""') || '"'"""
    if type_ == "TIMESTAMPTZ":
        # Without the zone DuckDB writes it five times as fast.
        return f"make_timestamp(epoch_us({column})) || '+00'"
    return column


def _cast_fails(number: int, field: Field) -> str:
    return f"texts[{number}] IS NOT NULL AND {field.column} IS NULL"


def refuse_bad_share(file: JsonFile, rows: int, bad: int, first: str) -> None:
    """Stop when there are no rows, or too many bad ones.

    :param first: the first bad cell, as a person finds it.
    :raises ContentRefused: with the share and the first bad row.
    """
    if not rows:
        raise ContentRefused(f"{file.source}: the file has no rows; the last data stays in use")
    if bad > rows * file.most_bad_share:
        raise ContentRefused(
            f"{file.source}: {bad:,} of {rows:,} rows are bad, more than {file.most_bad_share:.1%}; "
            f"the first is {first}. All are in meta.quarantine; the last data stays in use"
        )


def refuse_lost_kinds(file: JsonFile, before: Collection[str], now: Collection[str]) -> None:
    """Stop when something that was there at the last load is gone.

    :raises ContentRefused: naming what is gone.
    """
    lost = sorted(set(before) - set(now))
    if lost:
        raise ContentRefused(
            f"{file.source}: no rows of {file.kinds} {', '.join(lost)}, which the last load had; "
            "the last data stays in use. Trigger the DAG with accepted_lost_models if they are gone for good"
        )


_NO_ADDRESS = Problem(
    "address", f"address IS NULL OR NOT regexp_full_match(address, '{_ADDRESS}')", "is no address"
)

SCORES = JsonFile(
    source="passport/model_scores",
    table=Relation("landing", "passport_model_scores"),
    is_parquet=True,
    read=("id", "key_0", "key_1", "value", "updated_at"),
    json="value",
    beside=(
        Given("id", "TRY_CAST(id AS BIGINT)", "BIGINT"),
        Given("model", "key_0"),
        Given("address", "lower(key_1)"),
        Given("updated_at", "TRY_CAST(updated_at AS TIMESTAMPTZ)", "TIMESTAMPTZ"),
    ),
    fields=(
        Field("data_human_probability", "$.data.human_probability", "DOUBLE"),
        Field("data_score", "$.data.score", "DOUBLE"),
        Field("data_n_transactions", "$.data.n_transactions", "BIGINT"),
        Field("data_first_funder", "$.data.first_funder"),
        Field("data_first_funder_amount", "$.data.first_funder_amount", "DOUBLE"),
        Field("data_first_funder_timestamp", "$.data.first_funder_timestamp"),
        Field("data_gas_spent", "$.data.gas_spent", "DOUBLE"),
        Field("data_n_days_active", "$.data.n_days_active", "BIGINT"),
        Field("data_has_safe_nft", "$.data.has_safe_nft", "BOOLEAN"),
        Field("data_meta_version", "$.data.meta.version"),
        Field("data_meta_training_date", "$.data.meta.training_date"),
    ),
    rules=(
        _NO_ADDRESS,
        Problem("model", "coalesce(model, '') = ''", "is empty"),
        Problem("updated_at", "updated_at IS NULL", "is empty"),
        Problem(
            "data_human_probability",
            "NOT coalesce(data_human_probability BETWEEN 0 AND 100, true)",
            "is not between 0 and 100",
        ),
    ),
    kinds="model",
)

STAMPS = JsonFile(
    source="passport/stamps",
    table=Relation("landing", "passport_stamps"),
    is_parquet=False,
    read=("line",),
    json="line",
    beside=(),
    fields=(
        Field("id", "$.id", "BIGINT"),
        Field("community", "$.passport.community", "BIGINT"),
        Field("address", "$.passport.address", lowered=True),
        Field("status", "$.status"),
        Field("score", "$.score", "DOUBLE"),
        Field("raw_score", "$.evidence.rawScore", "DOUBLE"),
        Field("threshold", "$.evidence.threshold", "DOUBLE"),
        Field("last_score_timestamp", "$.last_score_timestamp", "TIMESTAMPTZ"),
        Field("stamps", "$.stamps"),
    ),
    rules=(
        _NO_ADDRESS,
        Problem("score", "coalesce(raw_score, score) IS NULL", "is empty"),
        Problem("last_score_timestamp", "last_score_timestamp IS NULL", "is empty"),
    ),
)
FILES = {file.source: file for file in (SCORES, STAMPS)}
