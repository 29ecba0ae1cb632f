"""Every published id is the contract's hash of the source's own row."""

from __future__ import annotations

import pytest

from tests.support.contract_rows import ContractRows
from tests.support.published_ids import float4, float8, ids, joined, sha256
from tests.support.sources import Seeded, SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres


@pytest.fixture
def expected(refreshed: Warehouse, indexer: SourceDatabase, seeded: Seeded) -> ContractRows:
    """Ids by the contract, for the sources that the warehouse was refreshed from."""
    return ContractRows(indexer, seeded.archives)


def test_every_donation_has_the_id_of_its_row(refreshed: Warehouse, expected: ContractRows) -> None:
    published = refreshed.rows("SELECT donation_id FROM public.all_donations")
    texts = list(expected.donation_texts())
    assert len(texts) > len(set(texts)) > 1_000, "equal donations are among them"
    assert {donation_id for (donation_id,) in published} == ids(texts)
    assert len(published) == len(texts)


def test_every_matching_has_the_id_of_its_row(refreshed: Warehouse, expected: ContractRows) -> None:
    published = refreshed.rows("SELECT matching_id FROM public.all_matching")
    texts = list(expected.matching_texts())
    assert len(texts) > 100
    assert {matching_id for (matching_id,) in published} == ids(texts)
    assert len(published) == len(texts)


def test_an_id_worked_out_by_hand() -> None:
    text = joined(19, "0xdonor", float4(0.9539), "0xRecipient", "2023-11-22 10:06:53+00", "0xp", "0xr", 424)
    assert text == "190xdonor0.95390xRecipient2023-11-22 10:06:53+000xp0xr424"
    assert ids([text, text]) == {sha256(text), sha256(text + "#1")}


FIGURES = [
    0.0,
    1.0,
    0.1,
    1e-4,
    9.9999e-5,
    123456.0,
    999999.0,
    1e6,
    1234567.0,
    3.3333333,
    1e15,
    1e-10,
    0.012345,
]


@pytest.mark.parametrize("value", FIGURES)
def test_numbers_are_printed_as_the_server_prints_them(value: float, warehouse: Warehouse) -> None:
    row = warehouse.rows("SELECT (%s::float8)::float4::text, (%s::float8)::text", [value, value])
    assert row == [(float4(value), float8(value))]
