"""Rights as sets: the difference is what has to be done."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from regendata.models.relation import Relation
from regendata.publish.permissions import Permissions, Role
from regendata.publish.rights import Right, beyond, diff, wanted

LINKS = Relation("public", "Links")
PERMISSIONS = Permissions(
    (
        Role("readers", reads=("public",)),
        Role("data team", True, ("readers",), creates_in=("scratch",), may=((LINKS, ("INSERT",)),)),
    ),
    {},
)


def test_everything_the_file_gives_as_statements() -> None:
    changes = diff(wanted(PERMISSIONS, [LINKS, Relation("scratch", "mine")]), frozenset(), frozenset())
    assert [change.line for change in changes] == [
        '+ GRANT "readers" TO "data team"',
        '+ GRANT INSERT ON "public"."Links" TO "data team"',
        '+ GRANT CREATE ON SCHEMA "scratch" TO "data team"',
        '+ GRANT USAGE ON SCHEMA "public" TO "data team"',
        '+ GRANT USAGE ON SCHEMA "scratch" TO "data team"',
        '+ ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT ON TABLES TO "readers"',
        '+ GRANT SELECT ON "public"."Links" TO "readers"',
        '+ GRANT USAGE ON SCHEMA "public" TO "readers"',
    ]
    assert all(change.line == f"+ {change.statement.as_string(None)}" for change in changes)


def test_what_the_file_does_not_give_is_taken_away_where_it_can_be() -> None:
    column = Right("readers", "column", "UPDATE", "public", "Links", "url")
    strange = Right("readers", "relation", "DELETE", "public", "Links")
    held = frozenset({column, strange})
    assert [change.line for change in diff(frozenset(), held, frozenset({column}))] == [
        '- REVOKE UPDATE ("url") ON "public"."Links" FROM "readers"'
    ]
    assert beyond(frozenset(), held, frozenset({column})) == ['GRANT DELETE ON "public"."Links" TO "readers"']


RIGHTS = st.frozensets(
    st.builds(
        Right,
        st.sampled_from("ab"),
        st.just("schema"),
        st.sampled_from(["USAGE", "CREATE"]),
        st.sampled_from("xy"),
    )
)


@given(RIGHTS, RIGHTS, RIGHTS)
def test_nothing_wanted_is_revoked_and_nothing_held_is_granted(
    should: frozenset[Right], held: frozenset[Right], revocable: frozenset[Right]
) -> None:
    lines = [change.line for change in diff(should, held, revocable & held)]
    assert len(lines) == len(should - held) + len((revocable & held) - should)
    assert diff(should, should, should) == []
