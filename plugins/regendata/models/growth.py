"""How a model grows: rows that are new in one input become new rows of the model, and change no other row.

Written in the header, since SQL does not say it::

    grows:
      with: public.donations
      beside: [public.static_donations]
      together: [chain_id, transaction_hash]

The SELECT is then run with the new rows in place of ``with`` and no rows in place of ``beside``, and what it
gives is added to what is published. A new row that has to do with an old one would make that wrong: the
model's key, and the columns of ``together``, tell, and the model is built as a whole.

A model that adds up says how figures of one key become one::

    grows:
      with: experimental_views.allo_gmv_leaderboard_events
      merge: {events: sum, first_at: min, last_at: max}

Then new rows may have the key of old ones. Sums have to be exact, or their order would show. What follows
from merged columns, such as a rounded sum, is ``derived``: an SQL expression over them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from regendata.models.header import Header, Names
from regendata.models.relation import Relation

_KEYS = ("with", "beside", "together", "merge", "derived")
_MERGES = ("sum", "min", "max")
_DERIVED = "a mapping of column to an expression over merged columns"
_FORM = "a mapping, such as {with: public.donations, beside: [public.static_donations]}"


@dataclass(frozen=True)
class Growth:
    """What a model grows with.

    :param source: the input whose new rows give new rows.
    :param beside: inputs whose rows give rows of their own, whatever ``source`` holds.
    :param together: columns of ``source``; its rows that agree in them may give a row together.
    :param merge: (column, aggregate) of every column beside the key; empty where rows are only added.
    :param derived: (column, expression over merged columns) of those that follow from others.
    """

    source: Relation
    beside: tuple[Relation, ...] = ()
    together: Names = ()
    merge: tuple[tuple[str, str], ...] = ()
    derived: tuple[tuple[str, str], ...] = ()


def read_growth(header: Header, reads: Collection[Relation], unique_key: Names) -> Growth | None:
    """The growth that a header tells; None when it tells none.

    :raises ModelFileError: naming what is not read by the model, or that nothing would tell old rows.
    """
    if "grows" not in header.values:
        return None
    given = header.inside("grows", _KEYS, _FORM)
    growth = Growth(
        _read(given, given.text("with"), reads),
        tuple(_read(given, name, reads) for name in given.names("beside")),
        given.names("together"),
        tuple(_merges(given)),
        tuple((name, str(text)) for name, text in given.mapping("derived", _DERIVED).items()),
    )
    if growth.derived and not growth.merge:
        raise header.wrong("grows: `derived` needs a `merge`: columns that it follows from")
    if growth.merge and not unique_key:
        raise header.wrong("grows: `merge` needs a `unique_key`: the columns that stay as they are")
    if not unique_key and not growth.together:
        raise header.wrong(
            "`grows` needs a `unique_key` or `together`: a new row that changes an old one must be found"
        )
    return growth


def _merges(header: Header) -> Iterator[tuple[str, str]]:
    merges = Header(header.path, header.mapping("merge", "a mapping of column to sum, min or max"))
    for column in merges.values:
        if merges.text(column) not in _MERGES:
            raise merges.wrong(f"merge: {column!r} is none of {', '.join(_MERGES)}")
        yield column, merges.text(column)


def _read(header: Header, name: str, reads: Collection[Relation]) -> Relation:
    try:
        relation = Relation.parse(name)
    except ValueError as error:
        raise header.wrong(f"grows: {error}") from error
    if relation not in reads:
        raise header.wrong(f"grows: the SELECT does not read {name}")
    return relation
