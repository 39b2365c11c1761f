"""Random texts of patterns of every domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Final

from tests.support.pattern_cases.globs import glob, literal
from tests.support.pattern_cases.places import host, place, port
from tests.support.pattern_cases.vocabulary import Words

#: What `${r}` stands for in the paths of the cases.
ROOTS: Final[Mapping[str, str]] = MappingProxyType({"r": "/srv/a*[b]"})


def pattern_text(words: Words) -> str:
    """A text that mostly is a pattern of the domain."""
    return _TEXTS[words.domain](words)


def _segments(words: Words, one: Callable[[Words], str], most: int) -> list[str]:
    """Segments of a path, or pieces of a name."""
    signs = words.random.choices(("**", "*", ""), (2, 2, 6), k=words.random.randint(0, most))
    return [sign or one(words) for sign in signs]


def _word_or_glob(words: Words) -> str:
    if words.random.random() < 0.4:
        return "".join(map(literal, words.random.choice(words.literals)))
    return glob(words.random, words.chars)


def _path(words: Words) -> str:
    start = words.random.choices(("/", "**/", "${r}/", "/**/"), (6, 1, 1, 1))[0]
    rest = "/".join(_segments(words, _word_or_glob, 4))
    return start + rest if rest or start == "/" else start[:-1]


def _url(words: Words) -> str:
    random = words.random
    verbs = random.choice(("*", "GET", "GET", "PUT", "GET,HEAD", "PUT,GET", "X-Y"))
    scheme = random.choice(("http", "https"))
    at = place(Words(random, "host", "ab-1", ["a", "b", "a1"], words.numbers))
    at = random.choice(("a", "*.a", "*", at, at))
    at = f"[{at}]" if "/" in at and not at.startswith("[") else at
    path = "/".join(_segments(words, _url_segment, 3))
    return f"{verbs} {scheme}://{at}{random.choice(('', '', f':{port(words)}'))}/{path}"


def _url_segment(words: Words) -> str:
    random = words.random
    raw = [char for char in words.chars if char not in '%?# "[é*'] or ["b"]

    def one(char: str) -> str:
        escaped = char not in raw or random.random() < 0.2
        return "".join(f"%{byte:02X}" for byte in char.encode()) if escaped else char

    kind = random.random()
    if kind < 0.4:
        return "".join(map(one, random.choice(words.literals)))
    if kind < 0.8:
        return glob(random, raw, one, "*[")
    return one(random.choice(words.chars)) + random.choice(("*", "*0", "[!a]", "*F"))


def _name(words: Words) -> str:
    pieces = [_word_or_glob(words), *_segments(words, _word_or_glob, 3)]
    words.random.shuffle(pieces)
    text = "".join(piece + words.random.choice("...:/") for piece in pieces)
    return text if words.random.random() < 0.1 else text[:-1]


def _argv(words: Words) -> str:
    arguments = [_argument(words) for _ in range(words.random.randint(0, 3))]
    return " ".join([*arguments, *words.random.choice(([], ["..."]))]) or "..."


def _argument(words: Words) -> str:
    random = words.random
    kind = random.random()
    if kind < 0.2:
        return random.choice(("*", "''", "?*", "...'a'", "'...'", "'.'..", "''...", "[.]..", "-*"))
    one = _quoted_at_times(random)
    if kind < 0.6:
        return "".join(map(one, random.choice(words.literals)))
    return glob(random, words.chars, one)


def _quoted_at_times(random: Random) -> Callable[[str], str]:
    def one(char: str) -> str:
        if char not in " '\"" and random.random() > 0.1:
            return literal(char)
        mark = random.choice([mark for mark in "'\"" if mark != char])
        return f"[{char}]" if char not in "!]^" and random.random() < 0.5 else f"{mark}{char}{mark}"

    return one


_TEXTS: Final[Mapping[str, Callable[[Words], str]]] = MappingProxyType(
    {"path": _path, "host": host, "url": _url, "name": _name, "argv": _argv}
)
