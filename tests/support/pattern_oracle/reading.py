"""A second reading of the patterns of every domain, from `specs/patterns.md`, into regular expressions.

They are over the words of `words.py`. The text is taken to be a pattern: nothing is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.support.pattern_oracle.alphabets import CAPITAL, EVERY, PCHARS
from tests.support.pattern_oracle.expression import Chars, Either, Expression, Many, Seq, Text, of, without
from tests.support.pattern_oracle.globs import glob, pieces
from tests.support.pattern_oracle.places import host, place_of, port

METHOD: Final = Seq((Chars((CAPITAL,)), Many(Chars((*of("-"), CAPITAL)))))
END: Final = "\0"  # after each argument of a command
NO_ROOTS: Final[Mapping[str, str]] = MappingProxyType({})
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_SEPARATORS: Final = "./:"
_NOTHING_MORE: Final = Text("")


def read(domain: str, text: str, every: Chars, roots: Mapping[str, str] = NO_ROOTS) -> Expression:
    """The words that the pattern matches, were every sequence of the characters `every` a resource."""
    for name, folder in roots.items():
        if domain == "path" and text.startswith(f"${{{name}}}"):
            rest = text.removeprefix(f"${{{name}}}")
            return Seq((Text(folder), _path(rest, every) if rest else _NOTHING_MORE))
    return _READERS[domain](text, every)


def _path(text: str, every: Chars) -> Expression:
    return _segments(text.removeprefix("/"), every, glob)


def _segments(text: str, every: Chars, one: Callable[[str, Chars], Expression]) -> Expression:
    """Segments of a path, each after its `/`; `**` is any number of them, and no text the root."""
    parts: list[Expression] = []
    for segment in text.split("/") if text else ():
        if segment == "**":
            parts.append(Many(Seq((Text("/"), Many(every, 1)))))
        else:
            parts += [Text("/"), Many(every, 1) if segment == "*" else one(segment, every)]
    return Seq(tuple(parts))


def _url(text: str, every: Chars) -> Expression:
    methods, _, rest = text.partition(" ")
    scheme, _, rest = rest.partition("://")
    authority, _, path = ("".join(run) for run in _around_slash(pieces(rest, "/")))
    place, ports = authority, _DEFAULT_PORTS[scheme]
    if re.search(r":[^]]*\Z", authority):
        place, _, ports = authority.rpartition(":")
    verbs = METHOD if methods == "*" else Either(tuple(map(Text, methods.split(","))))
    start = (verbs, Text(f" {scheme} "), place_of(place, EVERY["host"]), port(ports))
    return Seq((*start, _segments(path, every, _url_glob)))


def _around_slash(found: list[str]) -> tuple[list[str], str, list[str]]:
    """What stands before and after the first slash outside brackets."""
    place = found.index("/")
    return found[:place], "/", found[place + 1 :]


def _url_glob(text: str, every: Chars) -> Expression:
    """ "The wildcards see the canonical text, where an escape is three characters"."""
    parts = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return Seq(tuple(_escape(part) if part.startswith("%") else glob(part, every) for part in parts))


def _escape(text: str) -> Text:
    """ "Percent-escapes of what may stand raw are decoded, others are written in capitals"."""
    byte = int(text[1:], 16)
    return Text(chr(byte) if any(low <= byte <= high for low, high in PCHARS) else text.upper())


def _name(text: str, every: Chars) -> Expression:
    inner = Chars(without(every.intervals, of(_SEPARATORS)))
    parts: list[Expression] = []
    for piece in pieces(text, _SEPARATORS):
        if piece in ("*", "**"):
            parts.append(Many(every if piece == "**" else inner, 1))
        else:
            parts.append(glob(piece, inner))
    return Seq(tuple(parts))


def _argv(text: str, every: Chars) -> Expression:
    parts: list[Expression] = []
    for word in _words(text):
        if word == [(False, "...")]:
            parts.append(Many(Seq((Many(every), Text(END)))))
        else:
            parts += [Text(run) if quoted else glob(run, every) for quoted, run in word]
            parts.append(Text(END))
    return Seq(tuple(parts))


def _words(text: str) -> list[list[tuple[bool, str]]]:
    """The words, each as its runs of text, and whether they are quoted."""
    words: list[list[tuple[bool, str]]] = []
    for raw in re.findall(r"(?:'[^']*'|\"[^\"]*\"|\[[^]]+\]|[^ ])+", text):
        runs = re.findall(r"'([^']*)'|\"([^\"]*)\"|((?:\[[^]]+\]|[^'\"])+)", raw)
        words.append([(not plain, single or double or plain) for single, double, plain in runs])
    return words


_READERS: Final[Mapping[str, Callable[[str, Chars], Expression]]] = MappingProxyType(
    {"path": _path, "host": host, "url": _url, "name": _name, "argv": _argv}
)
