"""From test to prod: the very bytes that were looked at, or nothing."""

from __future__ import annotations

import pytest

from regendata.exceptions import BadSourceAnswer, EmptySource
from regendata.hooks.cdr_bucket import PublicBucket
from regendata.landing.cdr.promote import Proposal, promote, propose
from sandbox import objects
from sandbox.layout import CDR_BUCKETS
from tests.support.cdr_market import Market

pytestmark = pytest.mark.postgres
NO_PERMISSION = ""


@pytest.fixture
def looked_at(yesterday: Market) -> tuple[Market, Proposal]:
    """A set published in test, and what a person sees of it."""
    return yesterday, propose(yesterday.bucket("test"), yesterday.bucket("prod"))


def _promote(market: Market, proposal: Proposal) -> str:
    test, prod = market.bucket("test"), market.bucket("prod")
    return promote(test, prod, proposal.manifest_key, proposal.sha256, NO_PERMISSION)


def test_the_approved_set_arrives_though_test_has_moved_on(looked_at: tuple[Market, Proposal]) -> None:
    """A second run of the same day writes over the objects of the first; versions keep what was approved."""
    market, proposal = looked_at
    approved = market.bucket("test").published()
    assert approved is not None
    assert "| orders_for_viz | tons_purchased_cum | none | " in proposal.changes
    market.change(lambda orders: orders[4].update(tons_purchased="3"))
    assert market.run("again", accept=True) == "published"
    key = _promote(market, proposal)
    prod = market.bucket("prod").published()
    assert prod is not None
    assert (prod.key, prod.content) == (key, approved.content)
    assert prod.promoted_from == f"s3://{CDR_BUCKETS['test']}/{proposal.manifest_key}"
    assert prod.content != market.bucket("test").published().content  # type: ignore[union-attr]
    for entry in prod.files.values():
        assert market.bucket("prod").read(entry.key) is not None


def test_equal_sets_leave_nothing_to_ask(looked_at: tuple[Market, Proposal]) -> None:
    market, proposal = looked_at
    _promote(market, proposal)
    assert propose(market.bucket("test"), market.bucket("prod")).changes == ""


def test_a_file_that_was_changed_by_hand_is_not_promoted(looked_at: tuple[Market, Proposal]) -> None:
    market, proposal = looked_at
    bucket = market.bucket("test")
    manifest = bucket.published()
    assert manifest is not None
    entry = manifest.files["dollars_spent"]
    bucket.client.delete_object(Bucket=bucket.bucket, Key=entry.key, VersionId=entry.version_id)
    bucket.write(entry.key, b"metric,value\ndollars_spent,1\n", "text/csv")
    with pytest.raises(BadSourceAnswer, match=r"processed/dollars_spent_\d{8}\.csv is missing or not the"):
        _promote(market, proposal)
    assert market.bucket("prod").published() is None
    with pytest.raises(BadSourceAnswer, match="dollars_spent"):
        propose(bucket, market.bucket("prod"))


def test_another_manifest_than_the_approved_one_is_refused(looked_at: tuple[Market, Proposal]) -> None:
    market, proposal = looked_at
    market.bucket("test").write(proposal.manifest_key, b"{}", "application/json")
    with pytest.raises(BadSourceAnswer, match="is not the manifest that was approved"):
        _promote(market, proposal)


def test_a_public_prod_takes_nothing_without_permission(looked_at: tuple[Market, Proposal]) -> None:
    market, proposal = looked_at
    policy = (
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
    )
    objects.client(market.spaces).put_bucket_policy(Bucket=CDR_BUCKETS["prod"], Policy=policy)
    with pytest.raises(PublicBucket, match="cdr-market-prod is open to everybody"):
        _promote(market, proposal)
    test, prod = market.bucket("test"), market.bucket("prod")
    assert promote(test, prod, proposal.manifest_key, proposal.sha256, "letter of 2026-03-01")


def test_nothing_to_promote(market: Market) -> None:
    with pytest.raises(EmptySource, match="no published set"):
        propose(market.bucket("test"), market.bucket("prod"))
