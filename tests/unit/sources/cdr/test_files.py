"""Files, their manifest and checks; what may leave the house."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import BadSourceAnswer
from regendata.landing.cdr.rules import public_fields, rules
from regendata.sources.cdr.checks import Limits, check_content, compare, entry_of
from regendata.sources.cdr.files import DATA_SETS, PrivateField, UnsafeField, as_file, number_text, parsed
from regendata.sources.cdr.manifest import Manifest, manifest_at, pointer_to, sha256_of
from regendata.sources.cdr.market import plain
from regendata.sources.cdr.status import next_status
from regendata.sources.cdr.tables import TABLES

SUPPLIERS = DATA_SETS["suppliers_for_viz"]
ROWS = [(2023, "Acme", 0, Decimal("2500")), (2024, "Acme", 1, Decimal("0.50"))]
LIMITS = Limits(fall_pct=1, rise_pct=50, group_fall_pct=10)


def _file(rows: list[tuple[object, ...]]) -> bytes:
    return as_file(SUPPLIERS, rows, public_fields())


def test_a_file_as_its_reader_splits_it() -> None:
    assert _file(ROWS) == b"year,name,is_dac,tons_sold\n2023,Acme,0,2500\n2024,Acme,1,0.5\n"


@pytest.mark.parametrize("name", ["Acme, Inc.", 'A "B"', "A\nB", "A\rB"])
def test_no_field_breaks_a_line(name: str) -> None:
    with pytest.raises(UnsafeField, match="name: "):
        _file([(2024, name, 0, Decimal(1))])
    assert len(parsed(_file([(2024, plain(name), 0, Decimal(1))]))[1][0]) == 4


@given(st.text())
def test_every_name_becomes_one_field(name: str) -> None:
    assert len(plain(name).split(",")) == 1
    assert len(plain(name).splitlines()) <= 1


def test_a_field_that_nobody_allowed_stays_in() -> None:
    loose = replace(SUPPLIERS, columns=(*SUPPLIERS.columns, "price_usd"))
    with pytest.raises(PrivateField, match="suppliers_for_viz: price_usd may not go out"):
        as_file(loose, [], public_fields())
    with pytest.raises(PrivateField, match="year, name, is_dac, tons_sold"):
        as_file(SUPPLIERS, [], public_fields() - {("suppliers_for_viz", name) for name in SUPPLIERS.columns})


def test_the_list_of_public_fields_is_that_of_the_files_and_names_no_private_one() -> None:
    listed = public_fields()
    assert listed == {(one.name, column) for one in DATA_SETS.values() for column in one.columns}
    private = {field for table in TABLES.values() for field in table.columns} - {
        "name", "method", "announcement_date", "tons_purchased",
    }  # fmt: skip
    assert {column for _, column in listed} & private == set()


def test_hand_kept_rules() -> None:
    found = rules()
    assert found.excluded == {"45afd8e0-8be9-4598-8437-e30dc620a4c8", "8af105d5-fb61-5882-b2ea-98332d5ae20b"}
    assert len(found.dac_methods) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1200", "1200"),
        ("1E+3", "1000"),
        ("0", "0"),
        ("0.2500", "0.25"),
        ("0.0000004", "0"),
        ("1.0000005", "1"),
    ],
)
def test_numbers_are_plain(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


def _failed(content: bytes) -> list[str]:
    return [finding.check for finding in check_content(SUPPLIERS, content) if not finding.passed]


def test_checks_of_one_file() -> None:
    assert _failed(_file(ROWS)) == []
    assert _failed(_file([])) == ["suppliers_for_viz rows"]
    assert _failed(_file([ROWS[0], ROWS[0]])) == ["suppliers_for_viz unique year name is_dac"]
    assert _failed(b"year,name\n2024,A\n") == ["suppliers_for_viz columns"]
    assert _failed(b"year,name,is_dac,tons_sold\n2024,A, Inc,0,1\n") == ["suppliers_for_viz fields per row"]
    purchasers = b"date,purchasers_count_cum,dac_purchasers_count_cum\n2024-05-01,2,0\n2024-05-02,1,0\n"
    found = [f for f in check_content(DATA_SETS["purchasers_for_viz"], purchasers) if not f.passed]
    assert [str(finding) for finding in found] == [
        "purchasers_for_viz purchasers_count_cum never falls: 1 falls, expected none"
    ]


def _manifest(rows: list[tuple[object, ...]]) -> Manifest:
    content = _file(rows)
    return Manifest("r", "20240501", "a", "p", {SUPPLIERS.name: entry_of(SUPPLIERS, "k", content)})


def _breaches(before: list[tuple[object, ...]], after: list[tuple[object, ...]]) -> list[str]:

    files = dict.fromkeys(DATA_SETS, _manifest(after).files[SUPPLIERS.name])
    return [finding.check for finding in compare(files, _manifest(before), LIMITS) if not finding.passed]


def test_changes_beside_the_published_set() -> None:
    base = [(2023, f"S{n}", 0, Decimal(1000)) for n in range(200)]
    assert _breaches(base, base) == []
    assert _breaches(base, base[2:]) == []
    assert _breaches(base, base[3:]) == ["suppliers_for_viz rows", "suppliers_for_viz tons_sold"]
    assert _breaches(base, [*base, (2024, "New", 0, Decimal(100_000))]) == []
    assert _breaches(base, [*base, (2024, "New", 0, Decimal(100_001))]) == ["suppliers_for_viz tons_sold"]
    moved = [(2022 if n < 25 else 2023, f"S{n}", 0, Decimal(1000)) for n in range(200)]
    assert _breaches(base, moved) == ["suppliers_for_viz 2023 0"]
    assert list(compare({}, None, LIMITS)) == []


def test_a_manifest_is_read_back_and_named_by_its_content() -> None:
    one, other = _manifest(ROWS), _manifest(ROWS[:1])
    assert Manifest.from_json(one.to_json()) == one
    assert one.key != other.key
    assert manifest_at(pointer_to(one)) == (one.key, sha256_of(one.to_json()))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schema_version": 2}', b'{"schema_version": 1}'])
def test_what_is_no_manifest(content: bytes) -> None:
    with pytest.raises(BadSourceAnswer, match="manifest"):
        Manifest.from_json(content)
    with pytest.raises(BadSourceAnswer, match=r"latest\.json"):
        manifest_at(content)


def test_status_over_a_week() -> None:
    monday = next_status(None, "r1", "mon", "published", [])
    assert (monday.state, monday.last_success, monday.last_change, monday.stale_since) == (
        "published", "mon", "mon", None,
    )  # fmt: skip
    tuesday = next_status(vars(monday), "r2", "tue", "failed", ["check_files"])
    wednesday = next_status(vars(tuesday), "r3", "wed", "failed", ["sources.pull_cdr_fyi"])
    assert (wednesday.state, wednesday.last_success, wednesday.stale_since) == ("failed", "mon", "mon")
    assert wednesday.failed_tasks == ("sources.pull_cdr_fyi",)
    thursday = next_status(vars(wednesday), "r4", "thu", "unchanged", [])
    assert (thursday.last_success, thursday.last_change, thursday.stale_since) == ("thu", "mon", None)
    friday = next_status(vars(thursday), "r5", "fri", "published", ["sources.scrape_dollars_spent"])
    assert (friday.state, friday.last_change, friday.stale_since) == ("failed", "fri", "thu")
