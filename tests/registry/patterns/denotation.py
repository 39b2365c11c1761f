"""The equations of `specs/patterns.md`, read from a pattern's text: slow, plain, and apart from the code.

Each function takes a pattern that loads, and a canonical resource or a part of one.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Mapping, Sequence

import idna

from tests.registry.patterns.reference import glob_matches

MARKS = "./:"
PORTS = {"http": "80", "https": "443"}


def denotes(domain: str, text: str, resource: str, roots: Mapping[str, str]) -> bool:
    """Whether the resource is in what the pattern denotes."""
    if domain == "path":
        return path(text, resource, roots)
    return {"host": host, "url": url, "name": name, "argv": argv}[domain](text, resource)


def path(text: str, resource: str, roots: Mapping[str, str]) -> bool:
    """A root is its folder, taken as it is; `**` in front is `/**`."""
    folder: list[str] = []
    if text.startswith("${"):
        root, _, text = text[2:].partition("}")
        folder = _steps(roots[root])
    parts = _steps(resource)
    inside = parts[: len(folder)] == folder
    return inside and _along(
        _steps(text if text.startswith("/") or not text else f"/{text}"), parts[len(folder) :]
    )


def _steps(text: str) -> list[str]:
    return [part for part in text.split("/")[1:] if part]


def _along(globs: Sequence[str], parts: Sequence[str]) -> bool:
    if not globs:
        return not parts
    if globs[0] == "**":
        return any(_along(globs[1:], parts[n:]) for n in range(len(parts) + 1))
    return bool(parts) and glob_matches(globs[0], parts[0]) and _along(globs[1:], parts[1:])


def host(text: str, resource: str) -> bool:
    """A host and its port, each by itself."""
    (where, _, ports), (place, _, number) = text.rpartition(":"), resource.rpartition(":")
    return _port(ports, int(number)) and _where(where.lower(), place)


def _port(text: str, number: int) -> bool:
    low, _, high = ("1-65535" if text == "*" else text).partition("-")
    return int(low) <= number <= int(high or low)


def _where(text: str, place: str) -> bool:
    if text == "*":
        return True
    address = _address(place)
    network = _network(text)
    if network is not None or address is not None:
        return network is not None and address is not None and address in network
    return _name(text.removesuffix(".").split("."), place.split("."))


def _address(place: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(place.strip("[]"))
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network that an address (of one member) or a network says; a mapped one is its IPv4 network."""
    try:
        network = ipaddress.ip_network(text.strip("[]").removesuffix("."))
    except ValueError:
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - 96))


def _name(globs: Sequence[str], labels: Sequence[str]) -> bool:
    if globs[0] == "*":
        globs, labels = globs[1:], labels[-len(globs[1:]) :] if len(labels) >= len(globs) else []
    fits = (glob_matches(_ascii(g), label) for g, label in zip(globs, labels, strict=False))
    return len(globs) == len(labels) and all(fits)


def _ascii(label: str) -> str:
    return label if label.isascii() else idna.alabel(label).decode()


def url(text: str, resource: str) -> bool:
    """Method, scheme, host with port, and path, each by itself."""
    (methods, scheme, where, globs), (method, other, place, parts) = _cut(text), _cut(resource)
    wanted = methods in ("*", method) or method in methods.split(",")
    return wanted and scheme == other and host(where, place) and _along(list(map(_unescaped, globs)), parts)


def _cut(text: str) -> tuple[str, str, str, list[str]]:
    match = re.fullmatch(r"(\S+) (https?)://((?:\[[^]]*\]|[^/[])*)(/.*)", text)
    assert match is not None
    methods, scheme, where, rest = match.groups()
    return (
        methods,
        scheme,
        where if re.search(r":[^]]*$", where) else f"{where}:{PORTS[scheme]}",
        _steps(rest),
    )


def _unescaped(glob: str) -> str:
    """Escapes in canonical form: `%41` is `A`, `%c3` is `%C3`; what they say stands for itself."""

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return (
            f"[{char}]"
            if char in "*"
            else char
            if re.match(r"[\w.~!$&'()+,;=:@-]", char, re.ASCII)
            else match[0].upper()
        )

    return re.sub(r"%(..)", one, glob)


def name(text: str, resource: str) -> bool:
    """Piece by piece and mark by mark."""
    return _pieces(re.findall(r"(?:\[[^]]*\]|[^./:[])+|[./:]", text), resource)


def _pieces(pieces: Sequence[str], rest: str) -> bool:
    if not pieces:
        return not rest
    first, others = pieces[0], pieces[1:]
    sizes = range(1, len(rest) + 1)
    return any(_piece(first, rest[:n]) and _pieces(others, rest[n:]) for n in sizes)


def _piece(piece: str, text: str) -> bool:
    if piece == "**" or piece in MARKS:
        return piece in ("**", text)
    return not set(text) & set(MARKS) and glob_matches(piece, text)


def argv(text: str, resource: str) -> bool:
    """Argument by argument; `...` at the end is any further ones."""
    words = re.findall(r"""(?:'[^']*'|"[^"]*"|\[[^]]*\]|[^ '"[])+""", text)
    arguments = shlex.split(resource)
    if words[-1] == "...":
        words, arguments = words[:-1], arguments[: len(words) - 1] if len(arguments) >= len(words) - 1 else []
    return len(words) == len(arguments) and all(
        glob_matches(_bare(w), a) for w, a in zip(words, arguments, strict=True)
    )


def _bare(word: str) -> str:
    """What stands in quotation marks, as classes of one character each."""
    units = re.findall(r"""'[^']*'|"[^"]*"|\[[^]]*\]|.""", word)
    return "".join("".join(f"[{c}]" for c in unit[1:-1]) if unit[0] in "'\"" else unit for unit in units)
