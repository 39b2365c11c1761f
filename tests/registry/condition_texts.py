"""The many ways to write one literal of a condition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from hypothesis import strategies as st

Draw: TypeAlias = st.DrawFn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@st.composite
def number(draw: Draw, value: int) -> str:
    """The number in decimal or hexadecimal digits; an even number of signs is none."""
    digits = draw(st.sampled_from([str(abs(value)), hex(abs(value)), f"00{abs(value)}"]))
    signs = ["-", "- "] if value < 0 else ["", "", "--"]
    return f"{draw(st.sampled_from(signs))}{digits}"


@st.composite
def quoted(draw: Draw, string: str) -> str:
    """The string written in one of CEL's ways that can hold it."""
    mark = draw(st.sampled_from(["'", '"', "'''", '"""']))
    shown = string.replace("\n", "") if len(mark) == 3 else string
    bare = mark[0] not in string and shown.isprintable()
    style = draw(st.sampled_from(["plain", "escaped", "raw"]))
    if style == "raw" and bare and not string.endswith("\\"):
        return draw(st.sampled_from("rR")) + f"{mark}{string}{mark}"
    if style == "plain" and bare and "\\" not in string:
        return f"{mark}{string}{mark}"
    return mark + "".join(draw(st.sampled_from(_escapes(char))) for char in string) + mark


def _escapes(char: str) -> list[str]:
    """The ways to write a character as an escape; a character that needs none may also stand for itself."""
    code = ord(char)
    found = [f"\\U{code:08x}"]
    found += [f"\\u{code:04X}"] if code < 0x10000 else []
    found += [f"\\x{code:02x}", f"\\X{code:02X}", f"\\{code:03o}"] if code < 0x100 else []
    found += [f"\\{_NAMED[char]}"] if char in _NAMED else []
    return [*found, char] if char.isprintable() and char not in "\\'\"" else found


_NAMED = dict(zip("\a\b\f\n\r\t\v\\?'\"`", "abfnrtv\\?'\"`", strict=True))


@st.composite
def timestamp(draw: Draw, instant: int) -> str:
    """The instant in one of the zones in which its year has four digits, with as many digits as it needs."""
    minutes = draw(st.sampled_from([0, 0, 330, -480, 23 * 60 + 59, -23 * 60 - 59]))
    try:
        local = (EPOCH + timedelta(microseconds=instant) + timedelta(minutes=minutes)).replace(tzinfo=None)
    except OverflowError:
        minutes, local = 0, (EPOCH + timedelta(microseconds=instant)).replace(tzinfo=None)
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    zones = [f"{sign}{size // 60:02}:{size % 60:02}"] + (["Z", "-00:00"] if minutes == 0 else [])
    text = local.isoformat()
    if "." in text and draw(st.booleans()):
        text = text.rstrip("0")
    return f'timestamp("{text}{draw(st.sampled_from(zones))}")'


def gap() -> st.SearchStrategy[str]:
    """What may stand between two tokens, nothing included."""
    return st.sampled_from([" ", "", "  ", "\n", "\t", "\r\n", " // why && 'so\n"])
