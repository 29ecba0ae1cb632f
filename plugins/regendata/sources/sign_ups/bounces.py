"""What Postmark's webhook tells about a mail that came back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from regendata.exceptions import FormRefused

T = TypeVar("T")
#: Other records (deliveries, opens, clicks) may be sent to the same address.
KINDS = ("Bounce", "SpamComplaint")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Bounce:
    """A mail that came back, or a complaint, without the address.

    :param kind: in Postmark's words, such as HardBounce.
    :param is_inactive: Postmark sends nothing to the address any more.
    """

    bounce_id: int
    message_id: str
    kind: str
    is_inactive: bool
    bounced_at: datetime


def read_bounce(record: object) -> Bounce | None:
    """A bounce or a complaint; None for a record of another kind.

    :raises FormRefused: naming the field that is missing or of another form.
    """
    if not isinstance(record, Mapping):
        raise FormRefused("record", "is no object")
    if record.get("RecordType") not in KINDS:
        return None
    return Bounce(
        _of(record, "ID", int),
        _of(record, "MessageID", str),
        _of(record, "Type", str),
        _of(record, "Inactive", bool),
        _moment(_of(record, "BouncedAt", str)),
    )


def _of(record: Mapping[str, object], field: str, kind: type[T]) -> T:
    value = record.get(field)
    if not isinstance(value, kind):
        raise FormRefused(field, f"is no {kind.__name__}")
    return value


def _moment(text: str) -> datetime:
    """Postmark counts in tenths of microseconds, which Python does not read."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise FormRefused("BouncedAt", "is no time")
    seconds, fraction, zone = found.groups()
    digits = (fraction or ".")[:7].ljust(7, "0")
    return datetime.fromisoformat(seconds + digits + zone.replace("Z", "+00:00"))
