"""Which way a relation goes, from what it read then and reads now; and the SELECT over new rows alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata.exceptions import ModelFileError
from regendata.models.growth import Growth
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec, read_model
from regendata.publish.growth import Held, Inputs, Way, choose_way, new_rows_of
from regendata.publish.plan import Built, model_fingerprint
from tests.unit.builders import model, write_model

GIFTS, TITLES = Relation("landing", "gifts"), Relation("public", "titles")
BASE, CAME, MORE = Relation("land_1", "gifts"), Relation("land_2", "added"), Relation("land_3", "added")
PLACE = Relation("build_1", "named")
GROWS = model("public.named", [str(GIFTS), str(TITLES)], growth=Growth(GIFTS), unique_key=("id",))
BEFORE = {GIFTS: Held("g1", (BASE, CAME)), TITLES: Held("t1", (Relation("build_1", "titles"),))}


def published(by: ModelSpec, parts: int = 1) -> Built:
    """What a model made of the rows before."""
    fingerprint = model_fingerprint(by, {name: held.fingerprint for name, held in BEFORE.items()})
    return Built(fingerprint, PLACE, (PLACE,) * parts)


def way(spec: ModelSpec = GROWS, parts: int = 1, by: ModelSpec = GROWS, **changes: Held) -> Way:
    """The way when gifts or titles hold something else now.

    :param by: the model that made what is published.
    """
    now = {GIFTS: changes.get("gifts", BEFORE[GIFTS]), TITLES: changes.get("titles", BEFORE[TITLES])}
    return choose_way(spec, published(by, parts), Inputs(BEFORE, now, {TITLES}), 3)


GREW = Held("g2", (BASE, CAME, MORE))


def test_rows_on_top_extend() -> None:
    found = way(gifts=GREW)
    assert (found.name, found.added) == ("extended", (MORE,))
    assert way(gifts=GREW, parts=3).name == "extended"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"gifts": Held("g2", (MORE,))},
            "rows of landing.gifts were changed or removed, or it was made anew",
        ),
        # A table that grows in place has one name for whatever it holds.
        ({"gifts": Held("g2", (BASE, CAME))}, "rows of landing.gifts were changed or removed"),
        ({"gifts": Held("g2", (BASE,))}, "rows of landing.gifts were changed or removed"),
        ({"titles": Held("t2", (Relation("build_2", "titles"),))}, "public.titles changed"),
        ({"gifts": GREW, "titles": Held("t2", (MORE,))}, "public.titles changed"),
    ],
)
def test_anything_else_builds_as_a_whole(changes: dict[str, Held], why: str) -> None:
    found = way(**changes)
    assert found.name == "rebuilt"
    assert found.why.startswith(why)


def test_extended_often_enough_builds_as_a_whole() -> None:
    assert way(gifts=GREW, parts=4) == Way("rebuilt", "extended 3 times since it was built as a whole")


def test_a_model_made_anew_and_found_equal_counts_as_the_same() -> None:
    assert way(titles=Held("t2", BEFORE[TITLES].parts)).name == "carried over"


def test_another_model_builds_as_a_whole() -> None:
    other = model("public.named", [str(GIFTS), str(TITLES)], growth=Growth(GIFTS), select="SELECT 2")
    assert way(other, gifts=GREW) == Way("rebuilt", "the model changed")


def test_without_a_header_key_nothing_extends() -> None:
    still = model("public.named", [str(GIFTS), str(TITLES)], unique_key=("id",))
    assert way(still, by=still, gifts=GREW) == Way("rebuilt", "landing.gifts changed")
    assert way(still, gifts=GREW) == Way("rebuilt", "the model changed")


def test_what_was_never_published_or_recorded_builds_as_a_whole() -> None:
    inputs = Inputs({}, BEFORE, ())
    assert choose_way(GROWS, None, inputs, 3).why == "it was not published before"
    assert choose_way(GROWS, published(GROWS), inputs, 3).why.startswith(
        "nothing is known of landing.gifts, public.titles"
    )


def grown(folder: Path, grows: str, key: str = "unique_key: [id]") -> Path:
    """A model file over gifts and a frozen copy of them."""
    select = (
        "SELECT gift.id FROM landing.gifts AS gift\nUNION ALL\nSELECT old.id FROM landing.old AS old\n"
        "WHERE NOT EXISTS (SELECT 1 FROM landing.gifts WHERE gifts.id = old.id)"
    )
    return write_model(folder, "public.named", select, f"description: Grows.\n{key}\ngrows: {grows}")


def test_the_select_reads_new_rows_and_none_of_other_arms(tmp_path: Path) -> None:
    spec = read_model(grown(tmp_path, "{with: landing.gifts, beside: [landing.old]}"))
    new = '(SELECT * FROM "land_2"."added" UNION ALL SELECT * FROM "land_3"."added")'
    assert new_rows_of(spec, (CAME, MORE), {}) == (
        f"SELECT gift.id FROM {new} AS gift\nUNION ALL\nSELECT old.id FROM "
        '(SELECT * FROM "landing"."old" WHERE false) AS old\n'
        f"WHERE NOT EXISTS (SELECT 1 FROM {new} AS gifts WHERE gifts.id = old.id)"
    )


@pytest.mark.parametrize(
    ("grows", "key", "message"),
    [
        ("{with: public.other}", "unique_key: [id]", "grows: the SELECT does not read public.other"),
        ("{with: gifts}", "unique_key: [id]", "grows: not a schema-qualified name"),
        (
            "{by: landing.gifts}",
            "unique_key: [id]",
            "unknown key of grows 'by'; known: with, beside, together",
        ),
        ("{with: landing.gifts}", "indexes: []", "`grows` needs a `unique_key` or `together`"),
        ("{with: landing.gifts, merge: {a: avg}}", "unique_key: [id]", "merge: 'a' is none of sum, min, max"),
        (
            "{with: landing.gifts, together: [id], merge: {a: sum}}",
            "indexes: []",
            "`merge` needs a `unique_key`",
        ),
        ("{with: landing.gifts, derived: {a: id / 2}}", "unique_key: [id]", "`derived` needs a `merge`"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, grows: str, key: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        read_model(grown(tmp_path, grows, key))
