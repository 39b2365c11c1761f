"""Random texts of globs out of few characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

_SPECIAL: Final = "*?[\\"


def literal(char: str) -> str:
    """The character as a glob."""
    return f"[{char}]" if char in _SPECIAL else char


def glob(
    random: Random, chars: Sequence[str], one: Callable[[str], str] = literal, signs: str = "*?["
) -> str:
    """One to four units: characters as `one` writes them, and of the wildcards those that `signs` names."""
    units: list[str] = []
    for _ in range(random.randint(1, 4)):
        sign = random.choice(signs) if random.random() < 0.5 else ""
        if sign == "[":
            units.append(character_class(random, chars))
        elif sign and units[-1:] != ["*"]:
            units.append(sign)
        else:
            units.append(one(random.choice(chars)))
    return "".join(units)


def character_class(random: Random, chars: Sequence[str]) -> str:
    """A class: one to three characters or ranges, at times negated, at times with a `-` first or last."""
    usable = [char for char in chars if char not in "-]\\/!^"] or ["a"]
    items = []
    for _ in range(random.choice((1, 1, 2, 3))):
        low, high = sorted(random.choices(usable, k=2))
        items.append(f"{low}-{high}" if random.random() < 0.4 else random.choice((low, high)))
    body = "".join(items)
    shapes = [body] * 5 + [f"-{body}", f"{body}-"]
    if items[0] > "-" and len(items[0]) == 1:
        shapes.append(f"--{body}")  # a range that starts at `-`
    return f"[{random.choice(('', '', '!'))}{random.choice(shapes)}]"


def narrowed(random: Random, text: str, chars: Sequence[str]) -> str:
    """The text with a wildcard made narrower, or a character made a wildcard; at times no pattern at all."""
    signs = list(re.finditer(r"\*\*|\*|\?|(?<=/)\d+(?=[]:])", text))
    if not signs or random.random() < 0.2:
        place = random.randrange(len(text))
        return text[:place] + random.choice("*?") + text[place + 1 :]
    sign, some = random.choice(signs), literal(random.choice(chars))
    if random.random() < 0.2:  # no wildcard left
        return re.sub(r"\*+|\?", lambda _: random.choice(("", some)), text)
    if sign[0].isdigit():  # a network: its lower half
        return text[: sign.start()] + str(int(sign[0]) + 1) + text[sign.end() :]
    before = text[sign.start() - 1 : sign.start()] or "/"
    new = {
        "?": (some, f"[!{some[:1]}]"),
        "*": (f"{some}*", f"*{some}", "?", some, "", "?*", f"*{some}*"),
        "**": ("*", some, f"*{before}**", f"**{before}{some}"),
    }[sign[0]]
    return text[: sign.start()] + random.choice(new) + text[sign.end() :]
