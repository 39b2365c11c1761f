"""Sizes, durations and dates as documents write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic_core import PydanticCustomError

from capwright_registry.documents.units import parse_bytes, parse_day, parse_duration, parse_instant


@pytest.mark.parametrize(
    ("text", "count"),
    [("1B", 1), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648), ("0B", 0)],
)
def test_a_size_is_a_number_of_bytes(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize(
    ("text", "count"), [("250ms", 250), ("2s", 2_000), ("10m", 600_000), ("1h", 3_600_000)]
)
def test_a_duration_is_a_number_of_milliseconds(text: str, count: int) -> None:
    assert parse_duration(text) == count


@pytest.mark.parametrize(
    "text",
    ["64KB", "64", "64 KiB", "-1B", "1.5MiB", "MiB", "", "٣B", "9" * 16 + "B", "1kib", "1B\n", 64, None],
)
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_bytes(text)
    assert caught.value.message() == "is not a size"


def test_a_date_is_its_first_moment_in_utc() -> None:
    assert parse_instant(date(2027, 1, 31)) == datetime(2027, 1, 31, tzinfo=UTC)


def test_an_offset_date_time_is_turned_to_utc() -> None:
    east = datetime(2027, 1, 31, 1, tzinfo=timezone(timedelta(hours=2)))
    assert parse_instant(east) == datetime(2027, 1, 30, 23, tzinfo=UTC)
    assert parse_instant(east).tzinfo is UTC


def test_an_instant_before_the_first_year_is_refused() -> None:
    with pytest.raises(PydanticCustomError):
        parse_instant(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))))


def test_a_local_date_time_is_no_instant() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_instant(datetime(2027, 1, 31))
    assert caught.value.message() == "has no offset from UTC"


@pytest.mark.parametrize("value", ["2027-01-31", 20270131, datetime(2027, 1, 31, tzinfo=UTC)])
def test_a_day_is_a_toml_date_alone(value: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_day(value)
    assert parse_day(date(2027, 1, 31)) == date(2027, 1, 31)


def test_an_instant_is_a_whole_second() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_instant(datetime(2027, 1, 31, 10, 0, 0, 1, tzinfo=UTC))
    assert caught.value.message() == "has a part of a second"
