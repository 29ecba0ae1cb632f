"""The files for the website: columns, how values are written, and which fields may leave the house at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from regendata.exceptions import FinalError

PREFIX = "processed/"
_FORBIDDEN = frozenset(',"\r\n')


class PrivateField(FinalError):
    """A file holds a column that nobody allowed out."""


class UnsafeField(FinalError):
    """A value would break the file for a reader who splits lines at commas."""


@dataclass(frozen=True)
class DataSet:
    """One file of the published set.

    :param columns: header, in order.
    :param key: columns that name a row.
    :param running: columns that never fall from row to row.
    :param totals: columns whose sum is compared from day to day; of running columns the last value is.
    :param group_by: columns that part the totals, for a closer look.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()

    def object_key(self, day: str) -> str:
        """Key of the object of a day, written YYYYMMDD."""
        return f"{PREFIX}{self.name}_{day}.csv"


_ORDER_SUMS = (
    "tons_purchased_cum", "tons_delivered_cum", "dac_tons_purchased_cum", "dac_tons_delivered_cum",
    "price_usd_cum", "dac_price_usd_cum",
)  # fmt: skip
_COUNTS = ("purchasers_count_cum", "dac_purchasers_count_cum")

DATA_SETS: Mapping[str, DataSet] = MappingProxyType(
    {
        one.name: one
        for one in (
            DataSet("orders_for_viz", ("date", *_ORDER_SUMS), ("date",), running=_ORDER_SUMS),
            DataSet("purchasers_for_viz", ("date", *_COUNTS), ("date",), running=_COUNTS),
            DataSet(
                "suppliers_for_viz",
                ("year", "name", "is_dac", "tons_sold"),
                ("year", "name", "is_dac"),
                totals=("tons_sold",),
                group_by=("year", "is_dac"),
            ),
            DataSet(
                "latest_deals",
                ("announcement_date", "supplier_name", "purchaser_name", "tons_purchased", "method"),
            ),
            DataSet("carbon_pricing", ("year", "countries_count", "global_emissions_pct"), ("year",)),
            DataSet("dollars_spent", ("metric", "value"), ("metric",), totals=("value",)),
            DataSet("ccn_data", ("year", "companies"), ("year",), totals=("companies",)),
        )
    }
)


def as_file(data_set: DataSet, rows: Iterable[Sequence[object]], allowed: Iterable[tuple[str, str]]) -> bytes:
    """The CSV of a data set.

    :param allowed: pairs of data set and column that may be published.
    :raises PrivateField: naming a column that is not among them.
    :raises UnsafeField: naming column and value with a comma, a quote or a line break.
    """
    refuse_private(data_set.name, data_set.columns, frozenset(allowed))
    lines = [",".join(data_set.columns)]
    lines += [",".join(map(_written, data_set.columns, row)) for row in rows]
    return "".join(line + "\n" for line in lines).encode()


def refuse_private(name: str, columns: Iterable[str], allowed: frozenset[tuple[str, str]]) -> None:
    """:raises PrivateField: a column of the file is not on the list of public fields."""
    private = [column for column in columns if (name, column) not in allowed]
    if private:
        raise PrivateField(
            f"{name}: {', '.join(private)} may not go out; public fields are listed in "
            "include/static_data/cdr_public_fields.csv"
        )


def _written(column: str, value: object) -> str:
    text = number_text(value) if isinstance(value, Decimal) else str(value)
    if value is None or _FORBIDDEN & set(text):
        raise UnsafeField(f"{column}: {value!r} cannot stand in a file without quotes")
    return text


def number_text(value: Decimal) -> str:
    """A number in plain digits with up to six decimals: ``1200``, ``0.25``."""
    rounded = value.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    return f"{rounded:f}".rstrip("0").rstrip(".")


def parsed(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Header and rows, split as naively as the website's reader does."""
    lines = content.decode().splitlines()
    return lines[0].split(","), [line.split(",") for line in lines[1:]]
