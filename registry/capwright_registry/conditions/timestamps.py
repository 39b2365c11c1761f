"""RFC 3339 timestamps as microseconds since the Unix epoch, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# CEL's range: 0001-01-01T00:00:00Z to the last microsecond of 9999, both inclusive.
# https://github.com/google/cel-spec/blob/master/doc/langdef.md#timestamps
TIME_LOW, TIME_HIGH = -62_135_596_800_000_000, 253_402_300_799_999_999

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def microseconds(text: str) -> int:
    """The instant that `text` names. Raises `ValueError` where it names none.

    Stricter than RFC 3339 where readers disagree: capital `T` and `Z`, a zone, no leap second, at most six
    digits of a second, and the instant within CEL's range.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError("is not of the form YYYY-MM-DDTHH:MM:SSZ")
    try:
        instant = (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
    except ValueError:
        raise ValueError("names a day or an hour that does not exist") from None
    if not TIME_LOW <= instant <= TIME_HIGH:
        raise ValueError("is outside the years 1 to 9999")
    return instant
