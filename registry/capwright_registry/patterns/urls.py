"""Patterns over URLs: `GET,HEAD https://api.example.com/v1/**`, `* https://*.example.com/**`."""

from __future__ import annotations

import re
from typing import Final

from capwright_registry.canonical import ResourceError, url_segment
from capwright_registry.patterns.elements import (
    Deep,
    Element,
    Glob,
    One,
    Pattern,
    PatternError,
    Word,
    joined,
)
from capwright_registry.patterns.glob import element_of, escaped, unit_at
from capwright_registry.patterns.hosts import host_elements, parse_port, split_port

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_METHODS: Final = re.compile(r"\*|[A-Z][A-Z-]*(?:,[A-Z][A-Z-]*)*")
_AUTHORITY: Final = re.compile(r"((?:\[[^\]]*\]|[^/\[])*)(/?)(.*)", re.DOTALL)


def parse_url(text: str) -> Pattern:
    """The pattern over URLs that `text` says; raises `PatternError`."""
    methods, space, url = text.partition(" ")
    if not space or not _METHODS.fullmatch(methods):
        raise PatternError(
            "a URL pattern starts with its methods, in capitals",
            f"write `{_methods_of(text)} {text.split(' ')[-1]}` or `* ...`",
        )
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in _DEFAULT_PORTS:
        raise PatternError("the scheme is neither `http` nor `https`", "write one pattern for each scheme")
    match = _AUTHORITY.fullmatch(rest)
    if match is None or not match[2]:
        raise PatternError("the path is missing", "add `/**` for all of the host, or `/` for its root alone")
    authority, hosts = _authority(match[1], scheme)
    path = _path(match[3])
    verbs: list[Element] = (
        [One()] if methods == "*" else [Word(verb) for verb in sorted(set(methods.split(",")))]
    )
    written = "*" if methods == "*" else ",".join(sorted(set(methods.split(","))))
    return Pattern(
        "url",
        text,
        f"{written} {scheme}://{authority}/{'/'.join(map(_written, path))}",
        tuple((verb, Word(scheme), *host, *path) for verb in verbs for host in hosts),
    )


def _methods_of(text: str) -> str:
    """The methods that were most likely meant: those that stand there, in capitals and without spaces."""
    written = re.findall(r"[A-Za-z][A-Za-z-]*", text.rpartition(" ")[0])
    return ",".join(verb.upper() for verb in written) or "GET"


def _authority(text: str, scheme: str) -> tuple[str, list[tuple[Element, ...]]]:
    """Host and port; the scheme's own port where none is given."""
    if "@" in text:
        raise PatternError("a URL pattern holds no user name and no password", "leave out all before the `@`")
    host, port = split_port(text)
    written, alternatives = host_elements(host)
    port_text, port_range = parse_port(str(_DEFAULT_PORTS[scheme]) if port is None else port)
    if "/" in written:
        written = f"[{written.strip('[]')}]"  # a network, whose slash would end the host
    return f"{written}:{port_text}", [(*host_part, port_range) for host_part in alternatives]


def _path(text: str) -> list[Element]:
    if not text:
        return []
    if "?" in text or "#" in text:
        raise PatternError(
            "query and fragment are no part of the resource",
            "leave out all from `?` or `#`; `*` is the only wildcard here",
        )
    return list(joined([_element(part) for part in text.split("/")]))


def _element(part: str) -> Element:
    if part == "**":
        return Deep()
    if part == "":
        raise PatternError(
            "the path holds an empty segment", "leave out the slash, or write `/**` at the end"
        )
    element = element_of(_decoded(part))
    if isinstance(element, Word):
        _check(element.text)
    return element


def _decoded(part: str) -> str:
    """The glob with its percent-escapes in canonical form; what they decode to stands for itself."""
    if any("%" in unit for unit in _classes(part)):
        raise PatternError("a class cannot hold `%`", "write the percent-escape outside the class")
    return "".join(
        unit if unit.startswith("[") or unit == "*" else _plain(unit)
        for unit in re.findall(r"\[[^\]]*\]|\*|%..|.", part)
    )


def _classes(part: str) -> list[str]:
    found: list[str] = []
    place = 0
    while place < len(part):
        unit = unit_at(part, place)
        place += len(unit)
        if len(unit) > 1:
            found.append(unit)
    return found


def _plain(unit: str) -> str:
    """A character or a percent-escape in canonical form, as a glob for just that."""
    try:
        return escaped(url_segment(f"a{unit}")[1:])  # the `a`, for a dot by itself would be refused
    except ResourceError as error:
        raise PatternError(
            str(error), "write the character as `%XX`, its byte in hexadecimal digits"
        ) from None


def _check(text: str) -> None:
    """Refuses a literal segment that no canonical URL has. Its escapes are canonical already."""
    try:
        url_segment(text)
    except ResourceError as error:
        raise PatternError(str(error), "write the segment as it stands in the canonical URL") from None


def _written(element: Element) -> str:
    match element:
        case Word(text):
            return escaped(text)
        case Glob(text):
            return text
        case One():
            return "*"
        case _:
            return "**"
