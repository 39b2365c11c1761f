"""Patterns over absolute paths: `/a/**/b*`, `${root}/...`, and `**/...` for anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.patterns.elements import Deep, Element, Glob, One, Pattern, PatternError, Word, joined
from capwright_registry.patterns.glob import element_of, escaped

_ROOT: Final = re.compile(r"\$\{([^}]*)\}(?:/|\Z)")


def parse_path(text: str, roots: Mapping[str, str]) -> Pattern:
    """The pattern over paths that `text` says; raises `PatternError`."""
    root, rest = _split(text, roots)
    elements = joined([*root, *(_element(part, text) for part in rest)])
    canonical_text = "/" + "/".join(written(element) for element in elements)
    return Pattern("path", text, canonical_text, (elements,))


def _split(text: str, roots: Mapping[str, str]) -> tuple[list[Element], list[str]]:
    """What the pattern starts from, and the text of its further segments."""
    match = _ROOT.match(text)
    if match:
        rest = text[match.end() :]
        return _root(match[1], roots), rest.split("/") if text[match.end() - 1] == "/" else []
    if text.startswith("${"):
        raise PatternError("a root is a whole segment, closed with `}`", "write `${name}/...`")
    if text == "/":
        return [], []
    if text == "**" or text.startswith("**/"):
        return [Deep()], text.split("/")[1:]
    if not text.startswith("/"):
        raise PatternError("the pattern is relative", _absolute(text, roots))
    return [], text[1:].split("/")


def _root(name: str, roots: Mapping[str, str]) -> list[Element]:
    if name not in roots:
        near = get_close_matches(name, roots, 1)
        known = ", ".join(f"`{root}`" for root in sorted(roots)) or "none"
        raise PatternError(
            f"there is no root `{name}`",
            f"did you mean `${{{near[0]}}}`?" if near else f"the declared roots are: {known}",
        )
    return _folder(name, roots[name])


@lru_cache(maxsize=256)
def _folder(name: str, folder: str) -> list[Element]:
    try:
        parts = segments("path", canonical("path", folder))
    except ResourceError as error:
        raise PatternError(f"the root `{name}` is no path: {error}", "give it an absolute path") from None
    if re.search("[\ud800-\udfff]", folder):
        raise PatternError(f"the path of the root `{name}` is not UTF-8", "rename the folder")
    return [Word(str(part)) for part in parts]


def _absolute(text: str, roots: Mapping[str, str]) -> str:
    if text.startswith("!"):
        return "exceptions stand in a list of their own: write it in `except`, without the `!`"
    if text.startswith("~"):
        return "`~` is not expanded: write the folder from `/`, or declare it as a root"
    if text.startswith("$"):
        return "variables of the environment are not expanded: declare a root and write `${name}/...`"
    rest = re.sub(r"\A(?:\.?/)+", "", text)
    start = f"${{{'workspace' if 'workspace' in roots else min(roots)}}}" if roots else ""
    return f"write `{start}/{rest}`, or `**/{rest}` for anywhere"


def _element(part: str, text: str) -> Element:
    if part == "**":
        return Deep()
    if part == "":
        raise PatternError("the pattern holds an empty segment", _without_empty(text))
    if "${" in part:
        raise PatternError("a root stands only at the start", "write `[$]{` for the characters themselves")
    element = element_of(part)
    if isinstance(element, Word) and element.text in (".", ".."):
        raise PatternError(
            f"no path holds the segment `{element.text}` once it is in its canonical form",
            "leave the segment out" if element.text == "." else "write the folder that is meant",
        )
    return element


def _without_empty(text: str) -> str:
    bare = text.rstrip("/")
    if text.endswith("/") and "//" not in text:
        return f"write `{bare}` for the place itself, `{bare}/**` for all that is in it as well"
    return f"write `{re.sub('//+', '/', text)}`"


def written(element: Element) -> str:
    """The segment of a canonical path pattern that says the element."""
    match element:
        case Word(text):
            return escaped(text).replace("${", "[$]{")
        case Glob(text):
            return text
        case One():
            return "*"
        case _:
            return "**"
