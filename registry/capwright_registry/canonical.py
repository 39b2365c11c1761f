"""One canonical form for every resource, so that two spellings of one resource get one decision.

Everything that decides calls `canonical` first and `segments` on its result; `specs/patterns.md` states the
forms. Standard library only and no import of ours: emitted stubs carry this source as it is.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Callable
from typing import Final

Segments = tuple[str | int, ...]

_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
# White space, controls and every character that takes no room (Default_Ignorable_Code_Point and category Cf).
# Written out, for the tables of `unicodedata` differ from one Python to the next.
UNSEEN: Final = (
    "\x00- \x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\Z")
_NUMERIC: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}\Z")
_METHOD: Final = re.compile(r"[A-Z][A-Z-]*\Z")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# RFC 3986 `pchar` without the percent-escape: what may stand raw in a segment of a URL's path.
PCHARS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@")
# Bytes that no escape may stand for: controls, `/`, backslash, and what never occurs in UTF-8.
REFUSED_BYTES: Final = frozenset(
    {*range(0x20), 0x2F, 0x5C, 0x7F, 0xC0, 0xC1, *range(0xF5, 0x100)},
)
#: Longer ways to spell a character than UTF-8 has, by their first byte: the high digits that may not
#: follow. `%E0%80%AF` is a slash to a server that does not look.
OVERLONG: Final = {0xE0: "89", 0xF0: "8"}
_OVERLONG: Final = re.compile(
    "%(" + "|".join(f"{byte:02X}%[{high}][0-9A-F]" for byte, high in OVERLONG.items()) + ")"
)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_PIECES: Final = re.compile(r"[./:]|[^./:]+")
# What a POSIX shell reads: space, an escaped character, quoted text, or text without any of these.
_SHELL: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)|\\(?P<escaped>.)|'(?P<quoted>[^']*)'|\"(?P<double>(?:[^\"\\]|\\.)*+)\""
    r"|(?P<plain>[^ \t\r\n'\"\\]+)",
    re.DOTALL,
)
_IN_DOUBLE: Final = re.compile(r'\\(["\\])')


class ResourceError(ValueError):
    """The text names no resource of its domain. The message says why; the effect must be denied."""


def canonical(domain: str, text: str) -> str:
    """The one spelling of the resource that `text` names; idempotent.

    Raises `ResourceError` where the text names nothing, or could name two things.
    """
    form = _FORMS.get(domain)
    if form is None:
        raise ResourceError(f"there is no domain `{domain}`")
    return form(text)


def segments(domain: str, canonical_text: str) -> Segments:
    """The segments of a canonical resource; two resources differ iff their segments do."""
    split = _SPLITS.get(domain)
    if split is None:
        raise ResourceError(f"there is no domain `{domain}`")
    return split(canonical_text)


def _file_text(text: str) -> str:
    """One spelling for one byte string: escaped bytes that are UTF-8 become the characters they spell."""
    try:
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ResourceError("the text holds a surrogate that stands for no byte") from None
    return text


def _path(text: str) -> str:
    text = _file_text(text)
    if _CONTROLS.search(text):
        raise ResourceError("the path holds a control character")
    if not text.startswith("/"):
        raise ResourceError("the path is relative: give it from the root, with a leading `/`")
    kept: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


def _path_segments(text: str) -> Segments:
    return tuple(text[1:].split("/")) if text != "/" else ()


def _host(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):
        raise ResourceError("the port is missing: write `host:port`")
    if not _PORT.match(port) or int(port) > 65535:
        raise ResourceError("the port is not a number from 1 to 65535 in plain digits")
    return f"{_address(host)}:{port}"


def _address(host: str) -> str:
    """A host without its port: a bracketed IPv6 address, a dotted IPv4 address, or a name."""
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1])
    if ":" in host:
        raise ResourceError("an IPv6 address stands in brackets, and nothing else holds a second `:`")
    if not host.isascii():
        raise ResourceError("the host is not ASCII: write each label in its `xn--` form")
    labels = host.lower().removesuffix(".").split(".")
    if _NUMERIC.match(labels[-1]):
        return _ipv4(host.removesuffix("."))
    for label in labels:
        if not _LABEL.match(label):
            raise ResourceError(
                "every label of a host is made of letters, digits, `_` and inner `-`, and none is empty"
            )
    return ".".join(labels)


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ResourceError("a host that ends in a number must be four plain decimal numbers") from None


def _ipv6(text: str) -> str:
    """`[::1]`; an IPv4-mapped address is the IPv4 address, for that is where the connection goes."""
    if "%" in text:
        raise ResourceError("an IPv6 address with a zone means another host on every machine")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise ResourceError("the brackets hold no IPv6 address") from None
    return str(address.ipv4_mapped) if address.ipv4_mapped else f"[{address}]"


def _host_segments(text: str) -> Segments:
    host, _, port = text.rpartition(":")
    if host.startswith("["):
        return ("ipv6", int(ipaddress.IPv6Address(host[1:-1])), int(port))
    labels = host.split(".")
    if _NUMERIC.match(labels[-1]):
        return ("ipv4", int(ipaddress.IPv4Address(host)), int(port))
    return ("name", *reversed(labels), int(port))


def _url(text: str) -> str:
    """`METHOD scheme://host:port/path`; query and fragment are no part of the resource and are cut off."""
    method, space, url = text.partition(" ")
    if not space or not _METHOD.match(method):
        raise ResourceError("write a method in capitals, one space, and the URL: `GET https://host/path`")
    if re.search(r"[^\x21-\x7e]|\\", url):
        raise ResourceError("the URL holds a space, a backslash or a character that must be percent-encoded")
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in _DEFAULT_PORTS:
        raise ResourceError("the URL must start with `http://` or `https://`")
    place = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, _, path = place.partition("/")
    if "@" in authority:
        raise ResourceError("the URL holds a user name or a password before its host")
    if ":" not in authority[authority.rfind("]") + 1 :]:
        authority = f"{authority}:{_DEFAULT_PORTS[scheme]}"
    return f"{method} {scheme}://{_host(authority)}{_url_path(path)}"


def _url_path(path: str) -> str:
    """`path` without its leading slash, to a canonical path with one."""
    kept: list[str] = []
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part == "..":
            del kept[-1:]
        elif part == "" and place < len(parts) - 1:
            raise ResourceError("the URL's path holds an empty segment: servers differ on what `//` means")
        elif part not in ("", "."):
            kept.append(url_segment(part))
    return "/" + "/".join(kept)


def url_segment(text: str) -> str:
    """One segment of a URL's path: what may stand raw is decoded, the rest is `%XX` in capitals.

    Raises `ResourceError` where a server could read the segment in two ways.
    """
    decoded = _ESCAPE.sub(_one_escape, text)
    if not PCHARS.issuperset(_ESCAPE.sub("", decoded)):
        raise ResourceError("the URL's path holds a character that must be percent-encoded")
    overlong = _OVERLONG.search(decoded)
    if overlong:
        raise ResourceError(f"the URL's path holds `%{overlong[1]}`, which servers read in different ways")
    if decoded.split(";", 1)[0] in (".", ".."):
        raise ResourceError("a segment of the URL's path hides `.` or `..`")
    return decoded


def _one_escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        raise ResourceError("a `%` in the URL's path is not followed by two hexadecimal digits")
    byte = int(digits, 16)
    if byte in REFUSED_BYTES:
        raise ResourceError(f"the URL's path holds `%{digits.upper()}`, which servers read in different ways")
    return chr(byte) if chr(byte) in PCHARS else f"%{digits.upper()}"


def _url_segments(text: str) -> Segments:
    method, _, url = text.partition(" ")
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    return (method, scheme, *_host_segments(authority), *(path.split("/") if path else ()))


def _name(text: str) -> str:
    if not text:
        raise ResourceError("the name is empty")
    if _UNSEEN.search(text):
        raise ResourceError("the name holds a space, a control character or one that cannot be seen")
    return text


def _name_segments(text: str) -> Segments:
    return tuple(_PIECES.findall(text))


def _argv(text: str) -> str:
    if "\x00" in text:
        raise ResourceError("a command cannot hold a NUL")
    arguments = _arguments(text)
    if not arguments:
        raise ResourceError("the command is empty")
    return shlex.join(arguments)


def _argv_segments(text: str) -> Segments:
    return tuple(_arguments(text))


def _arguments(text: str) -> list[str]:
    """What `shlex.split` gives, in linear time: that one adds to its word a character at a time.

    Bytes of one character that quotes kept apart come together here, and are that character then.
    """
    arguments: list[str] = []
    word: list[str] = []
    at = 0
    while at < len(text):
        match = _SHELL.match(text, at)
        if match is None:
            raise ResourceError("the command does not close a quotation, or ends in a backslash")
        at = match.end()
        if match["space"] is None:
            kind = match.lastgroup or "plain"
            word.append(_IN_DOUBLE.sub(r"\1", match[kind]) if kind == "double" else match[kind])
        elif word:
            arguments.append(_file_text("".join(word)))
            word = []
    return [*arguments, _file_text("".join(word))] if word else arguments


_FORMS: Final[dict[str, Callable[[str], str]]] = {
    "path": _path,
    "host": _host,
    "url": _url,
    "name": _name,
    "argv": _argv,
}
_SPLITS: Final[dict[str, Callable[[str], Segments]]] = {
    "path": _path_segments,
    "host": _host_segments,
    "url": _url_segments,
    "name": _name_segments,
    "argv": _argv_segments,
}
