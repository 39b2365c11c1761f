"""Resources as the words that the oracle's expressions are over, and back.

A path is its segments, each after a `/` (the root is the empty word); a command its arguments, each before a
NUL; a host as `places.py` says; a URL `GET http nexample.com:0050/v1`; a name is itself.
"""

from __future__ import annotations

import re
import shlex

from tests.support.pattern_oracle.numbers import number, value
from tests.support.pattern_oracle.places import six
from tests.support.pattern_oracle.reading import END


def read_word(domain: str, canonical: str) -> str:
    """The word of a canonical resource."""
    match domain:
        case "path":
            return canonical if canonical != "/" else ""
        case "host":
            return _host(canonical)
        case "url":
            method, place = canonical.split(" ")
            scheme, _, rest = place.partition("://")
            authority, _, path = rest.partition("/")
            return f"{method} {scheme} {_host(authority)}{f'/{path}' if path else ''}"
        case "argv":
            return "".join(argument + END for argument in shlex.split(canonical))
        case _:
            return canonical


def _host(text: str) -> str:
    place, _, port = text.rpartition(":")
    if place.startswith("["):
        host = "6" + number(six(place[1:-1]), 8)
    elif re.fullmatch(r"[0-9.]+", place):
        host = "4" + number(int.from_bytes(bytes(map(int, place.split(".")))), 2)
    else:
        host = f"n{place}"
    return f"{host}:{number(int(port), 1)}"


def write_text(domain: str, word: str) -> str:
    """A text that canonicalises to the resource of the word; raises `ValueError` where there can be none."""
    match domain:
        case "path":
            return word or "/"
        case "host":
            return _host_text(word)
        case "url":
            method, scheme, rest = word.split(" ", 2)
            host, _, path = rest.partition("/")
            return f"{method} {scheme}://{_host_text(host)}/{path}"
        case "argv":
            if not word.endswith(END):
                raise ValueError("an argument has no end")
            return " ".join("'" + part.replace("'", "'\"'\"'") + "'" for part in word[:-1].split(END))
        case _:
            return word


def _host_text(word: str) -> str:
    place, _, last = word.rpartition(":")
    kind, rest, port = place[:1], place[1:], value(last)
    if kind == "4" and len(rest) == 2:
        return f"{'.'.join(map(str, value(rest).to_bytes(4)))}:{port}"
    if kind == "6" and len(rest) == 8:
        return f"[{':'.join(re.findall('....', f'{value(rest):032x}'))}]:{port}"
    if kind == "n":
        return f"{rest}:{port}"
    raise ValueError("no host")
