"""Records of Postmark's webhook."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from regendata.exceptions import FormRefused
from regendata.sources.sign_ups.bounces import Bounce, read_bounce

RECORD: dict[str, Any] = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "TypeCode": 1,
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Email": "john@example.com",
    "Details": "Test bounce details",
    "BouncedAt": "2014-08-01T13:28:10.2735393-04:00",
    "Inactive": True,
    "CanActivate": True,
    "Metadata": {"request": "x"},
}


def test_a_bounce_is_kept_without_the_address() -> None:
    moment = datetime(2014, 8, 1, 13, 28, 10, 273539, timezone(-timedelta(hours=4)))
    found = read_bounce(RECORD)
    assert found == Bounce(42, "883953f4-6105-42a2-a16a-77a8eac79483", "HardBounce", True, moment)
    assert "john" not in repr(found)


@pytest.mark.parametrize("text", ["2014-08-01T13:28:10Z", "2014-08-01T13:28:10.5+00:00"])
def test_times(text: str) -> None:
    found = read_bounce({**RECORD, "BouncedAt": text})
    assert found is not None
    assert found.bounced_at.replace(microsecond=0) == datetime(2014, 8, 1, 13, 28, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize("kind", ["Delivery", "Open", None])
def test_other_records_are_none(kind: str | None) -> None:
    assert read_bounce({**RECORD, "RecordType": kind}) is None


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "record is no object"),
        ({**RECORD, "ID": "42"}, "ID is no int"),
        ({**RECORD, "MessageID": None}, "MessageID is no str"),
        ({**RECORD, "Inactive": "yes"}, "Inactive is no bool"),
        ({**RECORD, "BouncedAt": "yesterday"}, "BouncedAt is no time"),
    ],
)
def test_a_record_of_another_form(record: object, said: str) -> None:
    with pytest.raises(FormRefused, match=f"^{said}$"):
        read_bounce(record)
