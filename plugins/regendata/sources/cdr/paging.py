"""A whole table from pages, with proof that nothing moved between the first request and the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.sources.cdr.tables import Item, Table

PAGE_ROWS = 100
#: More pages than the hourly limit allows are no table of cdr.fyi.
MOST_PAGES = 900
ATTEMPTS = 3

FetchPage = Callable[[int], list[Item]]


class Moved(Exception):
    """Rows changed places while the table was read; the text says how that was noticed."""


@dataclass(frozen=True)
class Pulled:
    """A table as it stood at one time.

    :param pages: pages with rows, in the attempt that succeeded.
    :param attempts: times the table was read from the start.
    """

    items: list[Item]
    pages: int
    attempts: int


def pull_whole(table: Table, fetch: FetchPage) -> Pulled:
    """Read all pages until an empty one, then look at the first and the last page again.

    A row added or removed while reading shifts the rows behind it, so it shows on the last page at the
    latest, or as an id met twice.

    :param fetch: rows of a page, from 1.
    :raises SourceUnavailable: the table never held still.
    """
    reasons: list[str] = []
    for attempt in range(1, ATTEMPTS + 1):
        try:
            pages = _read_pages(table, fetch)
            _look_again(pages, fetch)
        except Moved as moved:
            reasons.append(str(moved))
        else:
            return Pulled([item for page in pages for item in page], len(pages), attempt)
    raise SourceUnavailable(
        f"cdr.fyi {table.name}: rows moved in each of {ATTEMPTS} attempts: {'; '.join(reasons)}"
    )


def _read_pages(table: Table, fetch: FetchPage) -> list[list[Item]]:
    pages: list[list[Item]] = []
    seen: set[str] = set()
    while page := fetch(len(pages) + 1):
        ids = [str(item[table.key]) for item in page]
        repeated = (seen & set(ids)) or (len(ids) != len(set(ids)))
        if repeated:
            raise Moved(f"page {len(pages) + 1} repeats rows")
        seen |= set(ids)
        pages.append(page)
        if len(pages) > MOST_PAGES:
            raise BadSourceAnswer(f"cdr.fyi {table.name}: more than {MOST_PAGES} pages and no end")
    return pages


def _look_again(pages: list[list[Item]], fetch: FetchPage) -> None:
    for number in sorted({1, len(pages)} if pages else {1}):
        before = pages[number - 1] if pages else []
        if fetch(number) != before:
            raise Moved(f"page {number} of {len(pages)} is another one at the second look")
