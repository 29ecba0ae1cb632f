"""Which keys have URLs: those of the published set, by a list, whatever else is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.sources.cdr.files import DATA_SETS
from regendata.sources.cdr.manifest import FileEntry, Manifest
from regendata.sources.cdr.presign import SignedObject, answer, cors_headers, read_key

ORIGINS = ("https://www.deepskyclimate.com", "https://deepskyclimate.com")
DAY = "20261122"


def _manifest() -> Manifest:
    files = {
        name: FileEntry(one.object_key(DAY), "ab" * 32, 10, 1, one.columns, version_id="v1")
        for name, one in DATA_SETS.items()
    }
    return Manifest("run", DAY, "2026-11-22T05:40:00+00:00", "2026-11-22T05:41:00+00:00", files)


@dataclass
class Shelf:
    """A store that notes what it signed."""

    manifest: Manifest | None = field(default_factory=_manifest)
    objects: frozenset[str] = frozenset()
    bucket: str = "cdr-market-prod"
    signed: list[SignedObject] = field(default_factory=list)

    def published(self) -> Manifest | None:
        return self.manifest

    def exists(self, key: str) -> bool:
        return key in self.objects

    def sign(self, entry: SignedObject) -> str:
        self.signed.append(entry)
        return f"https://s3.example/{self.bucket}/{entry.key}?X-Amz-Expires=300"


@pytest.mark.parametrize(
    "key",
    [
        "processed/orders_for_viz*",
        "processed/orders_for_viz_*",
        "processed/orders_for_viz_*.csv",
        "processed/orders_for_viz*.csv",
        "orders_for_viz*",
        f"processed/orders_for_viz_{DAY}.csv",
    ],
)
def test_the_newest_file_in_every_spelling_readers_use(key: str) -> None:
    shelf = Shelf()
    reply = answer({"key": key}, shelf)
    assert reply.status == 200
    assert reply.body["url"].startswith(
        "https://s3.example/cdr-market-prod/processed/orders_for_viz_20261122.csv"
    )
    assert shelf.signed == [SignedObject(f"processed/orders_for_viz_{DAY}.csv", "v1")]
    assert shelf.signed[0].disposition == f'inline; filename="orders_for_viz_{DAY}.csv"'
    assert reply.body.keys() >= {
        "sha256",
        "bytes",
        "as_of",
        "schema_version",
        "expires_in_s",
        "attribution",
        "terms",
    }


@pytest.mark.parametrize("parameters", [{}, {"key": ""}, {"key": None}])
def test_no_key(parameters: dict[str, str | None]) -> None:
    reply = answer(parameters, Shelf())
    assert (reply.status, reply.body) == (400, {"error": "Missing required parameter: key"})


@pytest.mark.parametrize(
    "key",
    [
        "*",
        "processed/*",
        "processed/*_for_viz*",
        "raw/cdr_fyi_orders*",
        "raw/cdr_fyi_orders_20261122.csv",
        "latest.json",
        "status.json",
        "inputs/ccn_data.csv",
        "processed/../raw/cdr_fyi_orders*",
        "processed/orders_for_viz/../../raw/x_20261122.csv",
        "processed//orders_for_viz*",
        "/processed/orders_for_viz*",
        "processed/orders_for_viz",
        "processed/orders_for_viz.csv",
        "processed/orders_for_viz?",
        "processed/orders_for_viz**",
        "processed/ORDERS_FOR_VIZ*",
        "processed/orders_for_viz_2026112.csv",
        "processed/orders_for_viz_٢٠٢٦١١٢٢.csv",
        "processed/orders_for_viz*\n",
        "processed/orders_for_viz*\x00",
        "processed/orders_for_viz%2a",
        "x" * 10_000,
    ],
)
def test_keys_that_are_refused(key: str) -> None:
    shelf = Shelf(objects=frozenset({"raw/cdr_fyi_orders_20261122.csv", "latest.json", "status.json"}))
    reply = answer({"key": key}, shelf)
    assert reply.status == 404
    assert set(reply.body) == {"error"}
    assert len(reply.body["error"]) < 200
    assert shelf.signed == []


_SIGNS = "processed/ raw/ inputs/ ../ ./ / * ? .. %2e %2F \0 _ .csv \\ latest.json 20261122"
_PARTS = st.sampled_from([*_SIGNS.split(" "), *DATA_SETS])
_KEYS = st.lists(_PARTS, min_size=1, max_size=6).map("".join) | st.text(max_size=40)


@given(_KEYS)
def test_only_objects_of_data_sets_are_ever_signed(key: str) -> None:
    """Property: whatever the key, every object of the bucket exists, and only published names are signed."""

    class Everything(Shelf):
        def exists(self, key: str) -> bool:
            return True

    shelf = Everything()
    reply = answer({"key": key}, shelf)
    assert (reply.status == 200) == bool(shelf.signed)
    for one in shelf.signed:
        assert one.key in {data_set.object_key(one.key[-12:-4]) for data_set in DATA_SETS.values()}
        assert one.key[-12:-4].isascii()
        assert one.key[-12:-4].isdecimal()


@given(st.sampled_from(sorted(DATA_SETS)), st.dates())
def test_a_key_is_read_back(name: str, day: object) -> None:
    stamp = f"{day:%Y%m%d}".zfill(8)
    assert read_key(DATA_SETS[name].object_key(stamp)) == (name, stamp)


def test_an_earlier_day_only_where_it_was_published() -> None:
    earlier = "processed/orders_for_viz_20261101.csv"
    assert answer({"key": earlier}, Shelf()).status == 404
    shelf = Shelf(objects=frozenset({earlier, "processed/orders_for_viz_20261123.csv"}))
    assert answer({"key": earlier}, shelf).status == 200
    assert shelf.signed == [SignedObject(earlier)]
    ahead = answer({"key": "processed/orders_for_viz_20261123.csv"}, shelf)
    assert ahead.status == 404, "an object of a set that was never put in service"


@pytest.mark.parametrize(
    ("bucket", "status"), [("cdr-market-prod", 200), ("", 200), ("cdr-market-test", 403), ("other", 403)]
)
def test_only_our_bucket(bucket: str, status: int) -> None:
    shelf = Shelf()
    assert answer({"key": "processed/latest_deals*", "bucket": bucket}, shelf).status == status
    assert bool(shelf.signed) == (status == 200)


def test_before_the_first_set_nothing_matches() -> None:
    assert answer({"key": "processed/latest_deals*"}, Shelf(manifest=None)).status == 404


@pytest.mark.parametrize(
    "origin", [*ORIGINS, "https://WWW.deepskyclimate.com", "https://deepskyclimate.com/"]
)
def test_listed_origins_may_read(origin: str) -> None:
    headers = cors_headers(origin, ORIGINS)
    assert headers["Access-Control-Allow-Origin"] == origin
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "*",
        "https://deepskyclimate.com.evil.example",
        "http://deepskyclimate.com",
        "https://evil",
    ],
)
def test_others_may_not(origin: str | None) -> None:
    assert cors_headers(origin, ORIGINS) == {"Vary": "Origin"}
