"""A second reading of globs, `*`, `?`, `[a-z]` and `[!a-z]`, into regular expressions."""

from __future__ import annotations

from tests.support.pattern_oracle.expression import Chars, Expression, Many, Seq, Text, both, union, without


def glob(text: str, every: Chars) -> Expression:
    """What the glob matches, out of the characters `every`; `*` matches the empty text, even by itself."""
    parts: list[Expression] = []
    rest = text
    while rest:
        part, rest = _first(rest, every)
        parts.append(part)
    return Seq(tuple(parts))


def _first(text: str, every: Chars) -> tuple[Expression, str]:
    match text[0]:
        case "*":
            return Many(every), text[1:]
        case "?":
            return every, text[1:]
        case "[":
            body, _, rest = text[1:].partition("]")
            return _one_of(body, every), rest
        case char:
            return Text(char), text[1:]


def _one_of(body: str, every: Chars) -> Chars:
    if body[0] == "!":
        return Chars(without(every.intervals, _items(body[1:])))
    return Chars(both(every.intervals, union(_items(body))))


def _items(body: str) -> list[tuple[int, int]]:
    """ "item = inner [ - end ]"; "a `-` stands for itself at the beginning or the end of a class"."""
    found: list[tuple[int, int]] = []
    while body:
        size = 3 if len(body) > 2 and body[1] == "-" else 1
        found.append((ord(body[0]), ord(body[size - 1])))
        body = body[size:]
    return found


def pieces(text: str, cuts: str) -> list[str]:
    """The text cut at each of these characters that stands outside a class; each is a piece of its own."""
    found, place, start = [], 0, 0
    while place < len(text):
        if text[place] == "[":
            place = text.index("]", place)
        elif text[place] in cuts:
            found += [text[start:place], text[place]]
            start = place + 1
        place += 1
    return [piece for piece in (*found, text[start:]) if piece]
