"""Total dollars spent on carbon removal, which only the front page of cdr.fyi tells: prices are private."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser

from regendata.exceptions import FinalError

CONN_ID = "cdr_site"
METRIC = "dollars_spent"
_CLASS = "text-primary"
_CAPTION = "spent on CO2"
_AMOUNT = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})*(?:\.\d+)?)\Z")


class DollarsSpentNotFound(FinalError):
    """cdr.fyi's page does not show the total any more as it did; the last good value stays in use."""


def read_dollars_spent(html: str) -> Decimal:
    """The amount in ``<h3 class="text-primary">$1,234,567</h3>`` before the caption "spent on CO2 removal".

    :raises DollarsSpentNotFound: saying what was found instead.
    """
    page = _Page()
    page.feed(html)
    captioned = [heading for heading, caption in page.pairs if _CAPTION in caption]
    if len(captioned) != 1:
        raise DollarsSpentNotFound(
            f"cdr.fyi: {len(captioned)} headings of class {_CLASS} stand before a caption '{_CAPTION}', "
            f"expected one; headings: {[heading for heading, _ in page.pairs][:5]}"
        )
    amount = _AMOUNT.match(captioned[0])
    if amount is None or Decimal(amount[1].replace(",", "")) == 0:
        raise DollarsSpentNotFound(f"cdr.fyi: the total reads {captioned[0]!r}, expected like $1,234,567")
    return Decimal(amount[1].replace(",", ""))


class _Page(HTMLParser):
    """Pairs of a marked heading and the paragraph that follows it."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self._heading: str | None = None
        self._open: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if (tag == "h3" and _CLASS in classes) or (tag == "p" and self._heading is not None):
            self._open, self._text = tag, []

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag != self._open:
            return
        said = " ".join("".join(self._text).split())
        if tag == "h3":
            self._heading = said
        elif self._heading is not None:
            self.pairs.append((self._heading, said))
            self._heading = None
        self._open = None
