"""What applicants write, and what is compared."""

from __future__ import annotations

import pyarrow as pa
import pytest

from regendata.sources.project_groups.cleaning import ATTRIBUTES, clean, clean_table

ADDRESS = "0x" + "ab" * 20

GOLDEN = [
    ("title", "DAOstar", "daostar"),
    ("title", "  Pin   Save:\tdecentralized\u00a0Pinterest! ", "pin save decentralized pinterest"),
    ("title", "DOM Money \u2013 wallet", "dom money wallet"),
    ("title", "snake_case & 2nd", "snake_case 2nd"),
    ("title", "Café ÉCOLE", "café école"),
    ("title", "हिन्दी, 中文!", "हिन्दी 中文"),
    ("title", "zero\u200bwidth", "zerowidth"),
    ("title", "🚀🚀", None),
    ("title", "...", None),
    ("title", "", None),
    ("title", None, None),
    ("website", "https://Daostar.org/", "https://daostar.org"),
    ("website", " https://a.org/b// ", "https://a.org/b"),
    ("website", "http://a.org", "http://a.org"),
    ("website", "https://", None),
    ("website", "http:", None),
    ("website", "/", None),
    ("payout_address", f" {ADDRESS.upper().replace('0X', '0x')}", ADDRESS),
    ("payout_address", ADDRESS[:-1], None),
    ("payout_address", ADDRESS + "0", None),
    ("payout_address", ADDRESS + "\n0", None),
    ("payout_address", "vitalik.eth", None),
    ("project_twitter", "DAOstar_One", "daostar_one"),
    ("project_twitter", "@daostar_one", "daostar_one"),
    ("project_twitter", "https://twitter.com/daostar_one?s=20", "daostar_one"),
    ("project_twitter", "https://www.x.com/@daostar_one/", "daostar_one"),
    ("project_twitter", "https://twitter.com", None),
    ("project_twitter", "https://t.me/daostar", None),
    ("project_twitter", "@", None),
    ("project_github", "metagov", "metagov"),
    ("project_github", "MetaGov/daostar", "metagov"),
    ("project_github", "https://github.com/metagov/daostar/tree/main", "metagov"),
    ("project_github", "http://www.github.com//metagov/", "metagov"),
    ("project_github", "github.com/metagov", "metagov"),
    ("project_github", "https://github.com/orgs/metagov/repositories", "metagov"),
    ("project_github", "@metagov", "metagov"),
    ("project_github", "https://github.com/", None),
    ("project_github", "https://gitlab.com/metagov", None),
]


@pytest.mark.parametrize(("attribute", "written", "compared"), GOLDEN)
def test_cleaned(attribute: str, written: str | None, compared: str | None) -> None:
    assert clean(pa.array([written], pa.string()), attribute).to_pylist() == [compared]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_cleaning_twice_changes_nothing(attribute: str) -> None:
    once = clean(pa.array([written for _, written, _ in GOLDEN], pa.string()), attribute)
    assert len(once) == len(GOLDEN)
    assert clean(once, attribute).to_pylist() == once.to_pylist()


def test_a_table_keeps_its_other_columns_and_its_rows() -> None:
    rows = pa.table({"project_id": ["7", "8"], **{name: ["X/", None] for name in ATTRIBUTES}})
    cleaned = clean_table(rows)
    assert cleaned.column_names == rows.column_names
    assert cleaned["project_id"].to_pylist() == ["7", "8"]
    assert cleaned["website"].to_pylist() == ["x", None]
    assert cleaned["project_github"].to_pylist() == ["x", None]
