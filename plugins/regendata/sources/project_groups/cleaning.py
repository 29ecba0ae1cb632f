"""What applicants wrote, brought to a form that can be compared; an attribute that says nothing is NULL.

Everything happens on the different values of a column, inside Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

#: What two projects can share, in the order of the bits in `Links.shared`.
ATTRIBUTES = ("title", "website", "payout_address", "project_twitter", "project_github")

_SCHEME = r"^(?:https?://)?(?:www\.|mobile\.)?"
_BEHIND_FIRST_PART = r"[/?#].*$"
_PUNCTUATION = r"[^\p{L}\p{N}\p{M}_\s\p{Z}]+"
_SPACES = r"[\s\p{Z}]+"


def clean(values: pa.Array, attribute: str) -> pa.Array:
    """Cleaned form of each text.

    :param values: texts as written, NULL where unknown.
    :param attribute: one of :data:`ATTRIBUTES`; it decides how.
    :returns: as many texts; NULL for an unknown, empty or unusable one.
    """
    encoded = values.dictionary_encode()
    trimmed = pc.utf8_lower(pc.utf8_trim_whitespace(encoded.dictionary))
    cleaned = _CLEANERS[attribute](trimmed)
    return pc.if_else(pc.equal(cleaned, ""), None, cleaned).take(encoded.indices)


def clean_table(rows: pa.Table) -> pa.Table:
    """The rows with all :data:`ATTRIBUTES` cleaned and other columns as they are."""
    for name in ATTRIBUTES:
        cleaned = clean(rows[name].combine_chunks(), name)
        rows = rows.set_column(rows.schema.get_field_index(name), name, cleaned)
    return rows


def _title(texts: pa.Array) -> pa.Array:
    without = pc.replace_substring_regex(texts, _PUNCTUATION, "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(without, _SPACES, " "))


def _website(texts: pa.Array) -> pa.Array:
    # What is left of "https://" alone is no website.
    return _without(pc.utf8_rtrim(texts, "/"), r"^https?:$")


def _payout_address(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(texts, "^0x[0-9a-f]{40}$"), texts, "")


def _twitter(texts: pa.Array) -> pa.Array:
    handle = _without(texts, _SCHEME + r"(?:twitter|x)\.com(?:/+|$)")
    return _first_part(_without(handle, r"^@+"))


def _github(texts: pa.Array) -> pa.Array:
    path = _without(texts, _SCHEME + r"github\.com(?:/+|$)")
    return _first_part(_without(path, r"^(?:@+|(?:orgs|users)/)"))


def _first_part(texts: pa.Array) -> pa.Array:
    """Up to the first slash; nothing of an address on another site."""
    return _without(_without(texts, r"^https?:.*$"), _BEHIND_FIRST_PART)


def _without(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.replace_substring_regex(texts, pattern, "")


_CLEANERS: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "title": _title,
    "website": _website,
    "payout_address": _payout_address,
    "project_twitter": _twitter,
    "project_github": _github,
}
