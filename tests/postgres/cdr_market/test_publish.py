"""A day of the market: landed, checked and published, or yesterday's files stay."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege

from regendata.exceptions import CheckFailed, ContentRefused, SourceUnavailable
from regendata.hooks.cdr_bucket import PublicBucket
from regendata.landing.cdr import inputs, publish
from regendata.settings import load
from regendata.sources.cdr.dollars import DollarsSpentNotFound
from regendata.sources.cdr.files import DATA_SETS
from regendata.sources.cdr.manifest import sha256_of
from sandbox import objects
from sandbox.generator.cdr_market import EXCLUDED, PRIVATE_NOTE
from sandbox.layout import CDR_BUCKETS, REPOSITORY
from tests.support.cdr_market import DAG_ID, Market, Order
from tests.support.cdr_oracle import deals, oracle

pytestmark = pytest.mark.postgres
DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")
REAL_DATA = DATA / "cdr_market"


def test_files_agree_with_the_oracle(yesterday: Market) -> None:
    """What is in the bucket went through API, warehouse and files; the oracle reads the upstream rows."""
    _agree(yesterday)


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no real data at {REAL_DATA}; set REGENDATA_REAL_DATA")
def test_files_of_real_proposals_agree_with_the_oracle(market: Market) -> None:
    market.fill(REAL_DATA.parent)
    assert market.run("today") == "published"
    _agree(market)


def _agree(market: Market) -> None:
    expected = oracle(market.tables())
    assert len(expected["orders_for_viz"]) > 500
    for name, rows in expected.items():
        lines = market.text(name).splitlines()
        assert lines[0].split(",") == list(DATA_SETS[name].columns)
        found = [line.split(",") for line in lines[1:]]
        assert len(found) == len(rows), name
        for line, row in zip(found, rows, strict=True):
            assert line[: -len(row.numbers)] == list(row.words), name
            numbers = [float(text) for text in line[len(row.words) :]]
            assert numbers == pytest.approx(list(row.numbers), abs=1e-5), name


def test_the_newest_deals_agree_with_the_oracle(yesterday: Market) -> None:
    lines = [line.split(",") for line in yesterday.text("latest_deals").splitlines()[1:]]
    found = [(day, supplier, purchaser, float(sold), how) for day, supplier, purchaser, sold, how in lines]
    assert found == deals(yesterday.tables())
    assert len(found) == 10


def test_what_is_in_service_is_what_the_manifest_says(yesterday: Market) -> None:
    bucket = yesterday.bucket()
    manifest = bucket.published()
    assert manifest is not None
    assert set(manifest.files) == set(DATA_SETS)
    for entry in manifest.files.values():
        content = bucket.read(entry.key, entry.version_id)
        assert content is not None
        assert (sha256_of(content), len(content)) == (entry.sha256, entry.bytes)
        head = bucket.client.head_object(Bucket=bucket.bucket, Key=entry.key)
        assert "CDR.fyi" in head["Metadata"]["attribution"]
        assert "terms" in head["Metadata"]


def test_nothing_private_is_in_a_public_object(yesterday: Market) -> None:
    """Prices of single orders, notes, links and ids of orders stay in raw and in the warehouse."""
    yesterday.pull("today")
    bucket, orders = yesterday.bucket(), yesterday.tables()["orders"]
    private = {PRIVATE_NOTE, "announcement_link", *(order["announcement_link"] for order in orders)}
    private |= {order["order_id"] for order in orders}
    keys = [item["Key"] for item in bucket.client.list_objects_v2(Bucket=bucket.bucket)["Contents"]]
    public = [key for key in keys if not key.startswith(("raw/", "inputs/"))]
    assert sum(key.startswith("processed/") for key in public) == len(DATA_SETS)
    for key in public:
        text = (bucket.read(key) or b"").decode()
        assert [word for word in private if word in text] == [], key
    raw = (bucket.read(next(key for key in keys if key.startswith("raw/cdr_fyi_orders"))) or b"").decode()
    assert PRIVATE_NOTE in raw


def test_analysts_read_neither_prices_nor_notes(yesterday: Market) -> None:
    with yesterday.warehouse.analyst() as conn, pytest.raises(InsufficientPrivilege, match="cdr_market"):
        conn.execute("SELECT price_usd, notes FROM cdr_market.orders")


def test_an_unchanged_day_publishes_nothing_new(yesterday: Market) -> None:
    before = yesterday.bucket().read("latest.json")
    assert yesterday.run("today") == "unchanged"
    assert yesterday.warehouse.rows("SELECT * FROM cdr_market.row_change") == []
    assert yesterday.bucket().read("latest.json") == before


def test_a_delivery_that_is_restated_arrives_and_is_noted(yesterday: Market) -> None:
    chosen = next(
        order
        for order in yesterday.tables()["orders"]
        if order["status"] == "Undelivered"
        and order["type_of_agreement"] == "Credit Sale"
        and order["order_id"] not in EXCLUDED
        and order["announcement_date"]
    )
    before = yesterday.text("orders_for_viz").splitlines()[-1].split(",")

    def deliver(orders: list[Order]) -> None:
        row = next(order for order in orders if order["order_id"] == chosen["order_id"])
        row["tons_delivered"], row["status"] = "12.5", "Partial"

    yesterday.change(deliver)
    assert yesterday.run("today") == "published"
    after = yesterday.text("orders_for_viz").splitlines()[-1].split(",")
    assert float(after[2]) - float(before[2]) == pytest.approx(12.5)
    noted = yesterday.warehouse.rows(
        "SELECT column_name, before::numeric, after::numeric, difference FROM cdr_market.row_change "
        "WHERE row_id = %s AND column_name = 'tons_delivered'",
        [chosen["order_id"]],
    )
    assert [tuple(map(float, row[1:])) for row in noted] == [(0.0, 12.5, 12.5)]


def test_a_retried_pull_notes_a_change_once(yesterday: Market) -> None:
    yesterday.change(lambda orders: orders[7].update(notes="seen twice"))
    yesterday.pull("today")
    yesterday.pull("today")
    rows = yesterday.warehouse.rows("SELECT after FROM cdr_market.row_change WHERE column_name = 'notes'")
    assert rows == [("seen twice",)]


def test_a_market_that_shrinks_stays_out_until_accepted(yesterday: Market) -> None:
    served = yesterday.bucket().read("latest.json")
    yesterday.change(lambda orders: orders.__delitem__(slice(0, 60)))
    with pytest.raises(
        CheckFailed, match=r"orders_for_viz tons_purchased_cum: .* after .*; .*run again with accept"
    ):
        yesterday.run("today")
    assert yesterday.bucket().read("latest.json") == served
    publish.report(yesterday.bucket(), "test", DAG_ID, "today", None, ["check_files"])
    status = json.loads(yesterday.bucket().read("status.json") or b"")
    assert (status["state"], status["failed_tasks"]) == ("failed", ["check_files"])
    state = yesterday.warehouse.value("SELECT state FROM cdr_market.run WHERE run_id = 'today'")
    assert state == "failed"
    assert yesterday.run("tomorrow", accept=True) == "published"


def test_accept_does_not_let_a_broken_file_through(
    yesterday: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regendata.landing.cdr.publish.cdr_market.counted_tons", lambda *_: 1)
    with pytest.raises(CheckFailed, match="tons purchased equal credit sales"):
        yesterday.publish("today", accept=True)


def test_a_redesigned_page_fails_by_name_and_the_last_total_goes_out(yesterday: Market) -> None:
    before = yesterday.text("dollars_spent")
    yesterday.stand_ins.set("cdr_site", redesigned=True)
    with pytest.raises(DollarsSpentNotFound, match="headings of class text-primary"):
        inputs.land_dollars_spent(yesterday.project, "today", load())
    value, _ = inputs.dollars_spent_in_use()
    assert before == f"metric,value\ndollars_spent,{value}\n"


def test_a_table_that_moves_while_it_is_read_is_read_again(yesterday: Market) -> None:
    yesterday.stand_ins.set("cdr_fyi", row_leaves_after=2)
    orders = len(yesterday.tables()["orders"])
    assert orders > 200
    assert yesterday.pull("today")["attempts"]["orders"] == 2
    assert yesterday.warehouse.value("SELECT count(*) FROM cdr_market.orders") == orders - 1


def test_a_server_that_repeats_its_first_page_changes_nothing(yesterday: Market) -> None:
    yesterday.stand_ins.set("cdr_fyi", ignores_page=True)
    with pytest.raises(
        SourceUnavailable, match="orders: rows moved in each of 3 attempts: page 2 repeats rows"
    ):
        yesterday.pull("today")
    landed = yesterday.warehouse.value("SELECT count(*) FROM cdr_market.orders")
    assert landed == len(yesterday.tables()["orders"])


def test_a_bad_row_is_left_out_and_many_stop(yesterday: Market) -> None:
    yesterday.change(lambda orders: orders[3].update(status="Lost"))
    assert yesterday.pull("today")["left_out"]["orders"] == 1
    quarantined = yesterday.warehouse.rows("SELECT column_name, value FROM meta.quarantine")
    assert quarantined == [("status", "Lost")]
    yesterday.change(lambda orders: [order.update(tons_purchased="many") for order in orders[:20]])
    with pytest.raises(ContentRefused, match="tons_purchased: 'many' is no number"):
        yesterday.pull("tomorrow")


def test_a_missing_file_of_the_operator_is_named(market: Market) -> None:
    bucket = market.bucket()
    bucket.client.delete_object(Bucket=bucket.bucket, Key="inputs/ccn_data.csv")
    with pytest.raises(SourceUnavailable, match=r"inputs/ccn_data\.csv is missing: an operator"):
        inputs.land_input("ccn_companies", market.project, bucket, "today", load())


def test_nothing_goes_to_a_public_bucket_without_permission(
    yesterday: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday.pull("this morning")
    storage = objects.client(yesterday.spaces)
    storage.put_bucket_acl(Bucket=CDR_BUCKETS["test"], ACL="public-read")
    served = yesterday.bucket().read("latest.json")
    with pytest.raises(PublicBucket, match="REGENDATA_CDR_PERMISSION_ON_FILE"):
        yesterday.publish("today")
    assert yesterday.bucket().read("latest.json") == served
    monkeypatch.setenv("REGENDATA_CDR_PERMISSION_ON_FILE", "letter of 2026-03-01")
    yesterday.change(lambda orders: orders[1].update(tons_purchased="1"))
    raw_before = _raw_versions(yesterday)
    assert yesterday.run("tomorrow", accept=True) == "published"
    assert _raw_versions(yesterday) == raw_before


def _raw_versions(market: Market) -> list[str]:
    listed = objects.client(market.spaces).list_object_versions(Bucket=CDR_BUCKETS["test"], Prefix="raw/")
    return sorted(item["VersionId"] for item in listed["Versions"])
