"""Patterns over hosts and ports: names, `*.` for names below one, addresses and their networks."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import idna

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.patterns.elements import (
    Alternative,
    Deep,
    Element,
    Glob,
    One,
    Pattern,
    PatternError,
    Range,
    Word,
)
from capwright_registry.patterns.glob import element_of, escaped

_HEX: Final = frozenset("0123456789abcdefABCDEF")
_PORTS: Final = Range(1, 65535)
_NETWORK: Final = re.compile(r"\[([^\[\]]*)\]|([0-9.]+/[0-9.]+)")
_PREFIX: Final = re.compile(r"[^/]*(?:/(?:0|[1-9][0-9]{0,2}))?")
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL_GLOB: Final = re.compile(r"(?:[a-z0-9_*?-]|\[!?[a-z0-9_-]+\])+\Z")
_EVERY: Final[tuple[Alternative, ...]] = (
    (Word("name"), One(), Deep()),
    (Word("ipv4"), Range(0, 2**32 - 1)),
    (Word("ipv6"), Range(0, 2**128 - 1)),
)
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


def parse_host(text: str) -> Pattern:
    """The pattern over hosts that `text` says; raises `PatternError`."""
    host, port = split_port(text)
    if port is None:
        bare = host if _NETWORK.fullmatch(host) else host.partition("/")[0].partition(":")[0] or host
        raise PatternError("the port is missing", f"write `{bare}:443`, or `{bare}:*` for any")
    written, alternatives = host_elements(host)
    low_high, port_range = parse_port(port)
    return Pattern("host", text, f"{written}:{low_high}", tuple((*a, port_range) for a in alternatives))


def split_port(text: str) -> tuple[str, str | None]:
    """The host and, where the text has one, the port."""
    if "://" in text:
        scheme, _, rest = text.partition("://")
        host = re.split("[/?#]", rest)[0].rpartition("@")[2]
        port = "" if re.search(r":[^:\]]*\Z", host) else ":80" if scheme.lower() == "http" else ":443"
        raise PatternError("a host has no scheme", f"write `{host}{port}`")
    match = re.fullmatch(r"(.*):([^:\]/]*)", text)
    if match is None or (text.count(":") > 1 and not match[1].endswith("]")):
        first, _, rest = text.partition(":")
        if ":" in rest and not first.startswith("[") and not set(first) <= _HEX:
            port = _digits(rest) or "443"
            raise PatternError("a host has one port, and nothing behind it", f"write `{first}:{port}`")
        if text.count(":") > 1 and not text.startswith("["):
            raise PatternError("an IPv6 address stands in brackets", "write `[::1]:443` or `[fd00::/8]:443`")
        return text, None
    return match[1], match[2]


def _digits(text: str) -> str:
    return re.sub(r"[^0-9].*", "", text, flags=re.DOTALL)


def parse_port(text: str) -> tuple[str, Range]:
    """The port as it is written in a canonical pattern, and its range."""
    if text == "*":
        return "*", _PORTS
    match = re.fullmatch(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?", text)
    low = int(match[1]) if match else 0
    high = int(match[2] or match[1]) if match else 0
    if match is None or high > 65535 or low > 65535:
        raise PatternError(f"`{text}` is no port", "write a number from 1 to 65535, `8000-8100`, or `*`")
    if low > high:
        raise PatternError(f"the range of ports `{text}` is empty", f"write `{high}-{low}`")
    if (low, high) == (1, 65535):
        return "*", _PORTS
    return (str(low) if low == high else f"{low}-{high}"), Range(low, high)


def host_elements(host: str) -> tuple[str, list[Alternative]]:
    """The canonical text of a host pattern without its port, and its alternatives."""
    if host == "*":
        return host, list(_EVERY)
    network = _NETWORK.fullmatch(host)
    if network:
        return _network(network[2] if network[1] is None else network[1])
    labels = host.lower().split(".")
    if any(len(label) > 63 for label in labels):
        raise PatternError("a label of the host has more than 63 characters", "no such name can be resolved")
    if any(sign in host for sign in "*?["):
        return _labels(labels[:-1] if labels[-1] == "" else labels)
    return _exact(labels)


def _exact(labels: list[str]) -> tuple[str, list[Alternative]]:
    """One host by its name or address; the canonical form takes one trailing dot away, and no more."""
    host = ".".join(map(_ascii, labels))
    try:
        text = canonical("host", f"{host}:1")
    except ResourceError as error:
        raise PatternError(str(error), _host_hint(host)) from None
    kind, *rest = segments("host", text)[:-1]
    return text.removesuffix(":1"), [(Word(str(kind)), *(_exactly(part) for part in rest))]


def _exactly(part: str | int) -> Element:
    return Word(part) if isinstance(part, str) else Range(part, part)


def _host_hint(host: str) -> str:
    if "/" in host:
        return "a host has no path: write `example.com:443`"
    return "write a name such as `example.com`, four numbers such as `10.0.0.1`, or `[::1]`"


def _network(text: str) -> tuple[str, list[Alternative]]:
    """An address in brackets, or a network: `10.0.0.0/8`, `[fd00::/8]`."""
    try:
        network = ipaddress.ip_network(text)
        # A zone means another host on every machine; a mask may say what is in or what is out.
        if "%" in text or not _PREFIX.fullmatch(text):
            raise ValueError(text)
    except ValueError:
        raise PatternError(f"`{text}` is no address and no network", _network_hint(text)) from None
    low, high = int(network.network_address), int(network.broadcast_address)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        return _network(f"{ipaddress.IPv4Address(low & 0xFFFFFFFF)}/{network.prefixlen - 96}")
    single = low == high
    if isinstance(network, ipaddress.IPv4Network):
        return str(network.network_address if single else network), [(Word("ipv4"), Range(low, high))]
    return f"[{network.network_address if single else network}]", [(Word("ipv6"), Range(low, high))]


def _network_hint(text: str) -> str:
    if "%" in text:
        return "leave out the zone, which means another host on every machine"
    try:
        return f"write `{ipaddress.ip_network(text, strict=False)}`"
    except ValueError:
        return "write `10.0.0.0/8` or `[fd00::/8]`"


def _labels(labels: list[str]) -> tuple[str, list[Alternative]]:
    """A name with a leading `*` (one or more labels) or globs within its labels."""
    below = labels[0] == "*"
    if any(label.isdigit() for label in labels) and all(re.fullmatch(r"[0-9*?]+", part) for part in labels):
        raise PatternError("addresses have no wildcards", "write a network such as `10.0.0.0/8`")
    if labels == ["*"]:  # `*.`, which lost its dot: `*` by itself has addresses too, and was read already
        raise PatternError("the host holds an empty label", "write `*` for any host, or `*.example.com`")
    if len(labels) == 1 and _NETWORK.fullmatch(labels[0]):  # `[ab].`, which would read back as an address
        raise PatternError(
            f"brackets around a whole host hold an address, and `{labels[0]}` is none",
            "write one pattern for each host",
        )
    elements = [_label(label) for label in labels[below:]]
    if elements and isinstance(elements[-1], Word) and _NUMERIC.fullmatch(elements[-1].text):
        raise PatternError("no name ends in a number", "write a network such as `10.0.0.0/8`")
    tail: list[Element] = [One(), Deep()] if below else []
    written = ".".join([*(["*"] if below else []), *map(_written, elements)])
    return written, [(Word("name"), *reversed(elements), *tail)]


def _label(label: str) -> Element:
    if label == "*":
        raise PatternError("a `*` label stands only at the front", "write `?*` for exactly one label")
    if "**" in label:
        raise PatternError("hosts have no `**`", "write `*.example.com` for every name below `example.com`")
    if not label:
        raise PatternError("the host holds an empty label", "write `*.example.com:443` or `example.com:443`")
    element = element_of(label if any(sign in label for sign in "*?[") else _ascii(label))
    text = element.text if isinstance(element, Word | Glob) else ""
    if not _LABEL_GLOB.match(text) or (isinstance(element, Word) and text.strip("-") != text.strip()):
        raise PatternError(
            f"`{label}` is no label",
            "write letters, digits, `_` and inner `-`; other alphabets in their `xn--` form",
        )
    return element


def _ascii(label: str) -> str:
    """A label of another alphabet in its `xn--` form (IDNA 2008)."""
    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.IDNAError:
        raise PatternError(
            f"`{label}` is no label of a host (IDNA 2008)", "write it in its `xn--` form"
        ) from None


def _written(element: Element) -> str:
    return escaped(element.text) if isinstance(element, Word) else getattr(element, "text", "*")
