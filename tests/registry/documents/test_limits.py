"""Limits, budgets and ends: what documents may write, the integers they become, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from capwright_registry.documents.load import load_document
from capwright_registry.documents.plugin import PluginDoc
from capwright_registry.documents.profile import ProfileDoc
from tests.support.workspaces import PROFILE, ROOT, load, shown

SIZE = "is not a size (write a whole number and a unit (`B`, `KiB`, `MiB`, `GiB`) in quotes, like `64KiB`)"
DURATION = "is not a duration (write a whole number and a unit (`ms`, `s`, `m`, `h`) in quotes, like `2s`)"
DATE = "is not a date (write a date without quotes, like `2027-01-31`)"

COUNTS = [
    ("0", "is less than 1 (write 1 or more)"),
    ("-1", "is less than 1 (write 1 or more)"),
    ("1_000_000_001", "is more than 1000000000 (write 1000000000 or less)"),
    ("1.5", "must be an integer, not a float (write a whole number)"),
    ("true", "must be an integer, not a boolean (write a whole number)"),
    ('"3"', "must be an integer, not a string (write a whole number, without quotes)"),
]
SIZES = [
    *(
        (text, SIZE)
        for text in ("64", "6.5", '"64"', '"64KB"', '"64kib"', '"64 KiB"', '"1.5MiB"', '"-1B"', '"+1B"')
    ),
    *(
        (text, SIZE)
        for text in ('"KiB"', '""', '"\u0663B"', f'"{"9" * 16}B"', '"1TiB"', '"1B\\n"', "true", "[]")
    ),
    ('"0B"', "is less than 1B (write 1B or more)"),
    ('"65GiB"', "is more than 64GiB (write 64GiB or less)"),
]
DURATIONS = [
    *(
        (text, DURATION)
        for text in ("2", "2.0", '"2"', '"2S"', '"2sec"', '"2 s"', '"1.5s"', '"-1s"', '"1d"', '"PT2S"')
    ),
    ('"0ms"', "is less than 1ms (write 1ms or more)"),
    ('"25h"', "is more than 24h (write 24h or less)"),
]
ENDS = [
    *((text, DATE) for text in ('"2027-01-31"', "20270131", "10:00:00", "true", "1.5")),
    ("2027-01-31T10:00:00", "has no offset from UTC (end it with `Z`, or with `+01:00`)"),
    ("2027-01-31T10:00:00.5Z", "has a part of a second (write whole seconds)"),
    ("2027-01-31T10:00:00.000001+01:00", "has a part of a second (write whole seconds)"),
    ("0001-01-01T00:00:00+01:00", "is out of range"),
    ("9999-12-31T23:59:59-01:00", "is out of range"),
]


def problems(text: str) -> str:
    """The problems of a profile that ends in `text`, from line 3 on."""
    return shown(load_document(f"{PROFILE}{text}\n".encode(), "p.toml", ProfileDoc).problems, ROOT)


CAPABILITY = '[scope]\nallow = [{ action = "fs.read", on = ["/a"], '


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        *(("calls", *case) for case in COUNTS),
        *(("bytes", *case) for case in SIZES),
    ],
)
def test_a_limit_of_a_capability(key: str, text: str, problem: str) -> None:
    column = len(f"allow = [{CAPABILITY.partition('[{')[2]}") + len(f"{{limits = {{ {key} = ") + 1
    found = problems(f"{CAPABILITY}limits = {{ {key} = {text} }} }}]")
    assert found == f"p.toml:4:{column}: `{key}` {problem}\n"


@pytest.mark.parametrize(("text", "problem"), ENDS)
def test_the_end_of_a_capability(text: str, problem: str) -> None:
    column = len(f"allow = [{CAPABILITY.partition('[{')[2]}") + len("{until = ") + 1
    assert problems(f"{CAPABILITY}until = {text} }}]") == f"p.toml:4:{column}: `until` {problem}\n"


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        *(("calls", *case) for case in COUNTS),
        *(("output", *case) for case in SIZES),
        *(("wall", *case) for case in DURATIONS),
    ],
)
def test_the_budget_of_a_child(key: str, text: str, problem: str) -> None:
    found = problems(f'[[child]]\nprofile = "lead"\n[child.budget]\n{key} = {text}')
    assert found == f"p.toml:6:{len(key) + 4}: `{key}` {problem}\n"


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("fuel", "0", "is less than 1 (write 1 or more)"),
        ("fuel", '"5"', "must be an integer, not a string (write a whole number, without quotes)"),
        ("memory", '"1KiB"', "is less than 64KiB (write 64KiB or more)"),
        ("memory", "64", SIZE),
        ("output", '"64KB"', SIZE),
        ("wall", '"2"', DURATION),
    ],
)
def test_a_limit_of_a_component(key: str, text: str, problem: str) -> None:
    head = 'schema = "capwright.plugin/1"\nid = "a"\nversion = "1"\napi = ">=1"\n[runtime]\nkind = "wasm"\n'
    data = f'{head}artifact = "a.wasm"\n[runtime.limits]\n{key} = {text}\n'.encode()
    found = shown(load_document(data, "p.toml", PluginDoc).problems, ROOT)
    assert found == f"p.toml:9:{len(key) + 4}: `{key}` {problem}\n"


@pytest.mark.parametrize(
    ("until", "instant"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T01:30:00+02:00", datetime(2027, 1, 30, 23, 30, tzinfo=UTC)),
        ("2027-01-31 01:30:00Z", datetime(2027, 1, 31, 1, 30, tzinfo=UTC)),
        ("1969-12-31T23:59:59Z", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_what_is_read_are_integers_and_instants_in_utc(tmp_path: Path, until: str, instant: datetime) -> None:
    text = (
        f'{PROFILE}[scope]\nallow = [{{ action = "fs.read", on = ["/a"], until = {until},'
        ' limits = { calls = 1_000, bytes = "64KiB" } }]\n'
        '[[child]]\nprofile = "lead"\nbudget = { calls = 0x10, output = "1MiB", wall = "2s" }\n'
    )
    (profile,) = load(tmp_path, {"profiles/lead.toml": text}).profiles
    ((capability,),) = profile.scope
    assert (capability.until, capability.limits) == (instant, {"calls": 1_000, "bytes": 65_536})
    assert capability.until is not None and capability.until.tzinfo is UTC
    assert dict(profile.children[0].budget) == {"calls": 16, "output": 1_048_576, "wall": 2_000}
