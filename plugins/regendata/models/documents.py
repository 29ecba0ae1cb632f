"""Documents that somebody else may have written or changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from regendata.exceptions import BadSourceAnswer


@contextmanager
def reading(document: str) -> Iterator[None]:
    """Take a parsed document apart: a part that is missing or of another kind refuses the whole.

    :raises BadSourceAnswer: naming the document and the part.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSourceAnswer(f"{document}: {type(error).__name__}: {error}") from error
