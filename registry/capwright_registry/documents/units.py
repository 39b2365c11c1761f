"""Sizes, durations and instants as documents write them: `64KiB`, `2s`, `2027-01-31`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from capwright_registry.limits import BOUNDS, BYTES, MILLISECONDS, quantity


def parse_bytes(value: object) -> int:
    """The number of bytes that `64KiB` and the like say. Raises `PydanticCustomError`."""
    return _quantity(value, BYTES, "size", "64KiB")


def parse_duration(value: object) -> int:
    """The number of milliseconds that `2s` and the like say. Raises `PydanticCustomError`."""
    return _quantity(value, MILLISECONDS, "duration", "2s")


def parse_instant(value: object) -> datetime:
    """The whole second, in UTC, that a TOML date or offset date-time says; a date is its first one in UTC.

    Raises `PydanticCustomError`, for a local date-time too: it is a different instant in every place. A part
    of a second is refused, for proofs and stubs count whole ones, and rounding would move the end.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PydanticCustomError(
                "unit", "has no offset from UTC", {"help": "end it with `Z`, or with `+01:00`"}
            )
        if value.microsecond:
            raise PydanticCustomError("unit", "has a part of a second", {"help": "write whole seconds"})
        return _utc(value)
    if isinstance(value, date):
        return datetime.combine(value, time.min, UTC)
    raise PydanticCustomError(
        "unit", "is not a date", {"help": "write a date without quotes, like `2027-01-31`"}
    )


def parse_day(value: object) -> date:
    """The day that a TOML date says. Raises `PydanticCustomError` for anything else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError(
        "unit", "is not a date", {"help": "write a date without quotes or time, like `2027-01-31`"}
    )


def written_like(text: str, bound: object) -> str:
    """A bound on the quantity that `text` (as TOML has it) says, in the largest unit that fits.

    As it is, if the text says no quantity.
    """
    said = text.strip("\"'")
    units = next((table for table in (BYTES, MILLISECONDS) if quantity(said, table) is not None), {})
    fitting = [unit for unit, size in units.items() if isinstance(bound, int) and bound % size == 0]
    return f"{int(str(bound)) // units[fitting[-1]]}{fitting[-1]}" if fitting else str(bound)


def _quantity(value: object, units: Mapping[str, int], what: str, example: str) -> int:
    choice = ", ".join(f"`{unit}`" for unit in units)
    hint = {"help": f"write a whole number and a unit ({choice}) in quotes, like `{example}`"}
    found = quantity(value, units)
    if found is None:
        raise PydanticCustomError("unit", f"is not a {what}", hint)
    return found


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("unit", "is out of range") from None


def _text(parse: object) -> BeforeValidator:
    return BeforeValidator(parse, json_schema_input_type=str)  # type: ignore[arg-type] # one of the above


def _within(limit: str) -> Any:
    least, most = BOUNDS[limit]
    return Field(ge=least, le=most)


ByteSize = Annotated[int, _text(parse_bytes), _within("output")]
Duration = Annotated[int, _text(parse_duration), _within("wall")]
Instant = Annotated[datetime, BeforeValidator(parse_instant)]
Day = Annotated[date, BeforeValidator(parse_day)]
