"""Step 11 of the proof checker, its second part: what a proof quotes of the documents stands in them.

A rule is one that the document says which it names as its source, pattern by pattern, with its end and, if it
has one, a condition; what the condition means, and of whom the document says it, is the prover's word. A
pattern's text is what its elements are parsed from, so that nobody reads one thing and is held to another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final, TypeAlias

from capwright_registry.canonical import segments
from capwright_registry.patterns import Pattern, parse
from capwright_registry.patterns.folding import OUTSIDE_ASCII, folded
from capwright_registry.written import written_elements
from capwright_runtimes.checker import DOMAINS, Json, ProofRefused, World
from capwright_runtimes.manifest_reading import Toml
from capwright_runtimes.proof_shape import comparable

_STEP: Final = 11
#: Layers whose rules no document states: the prover makes them up for its questions.
_MADE_UP: Final = frozenset(
    {"called", "fired", "guarded", "guards", "let by the host", "protected", "rewritten"}
)
#: Layers that hold the host's own rules.
_HOSTS: Final = frozenset({"host", "host or lent"})
#: In a word, what its text says otherwise, or what no path holds.
_SIGN: Final = re.compile(r"[][*?$/]|\A\.{0,2}\Z")
#: Stands before a resource in the text of a pattern that matches it alone, and that no text would say.
_EXACTLY: Final = "exactly  "
#: What a rule says, or an entry of a document: an action or a word, patterns, and what bounds it.
_Said: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a workspace on this host: an input by its path, the roots, whether names fold case.

    `table` raises `LookupError` or `ValueError` for what is no input, or no document.
    """

    table: Callable[[str], Toml]
    roots: Callable[[], Mapping[str, str]]
    folds_case: bool


def check_quotations(families: Iterable[World], documents: Documents) -> None:
    """Raises `ProofRefused` (step 11) for a rule that its source does not say, and for a text that lies."""

    @cache
    def said(file: str) -> frozenset[_Said]:
        return frozenset(_entries(documents.table(file), documents))

    try:
        for world in families:
            for pattern, elements in zip(world.proof["patterns"], world.patterns, strict=True):
                told = _spells(pattern["domain"], pattern["text"], elements)
                _require(told, f"`{pattern['text']}` is not what its elements say")
            for source, quoted in _quoted(world):
                _require(quoted in said(source.rsplit(":", 2)[0]), f"`{source}` does not say what it should")
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ProofRefused(_STEP, f"a document is none ({error!r})") from error


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise ProofRefused(_STEP, reason)


def _spells(domain: Any, text: str, elements: list[Any]) -> bool:
    if domain == "path" and text == _plainly(elements):
        return True
    if not text.startswith(_EXACTLY):
        return written_elements(parse(domain, text)) == elements
    parts = segments(domain, text.removeprefix(_EXACTLY))
    way = [["word", s] if isinstance(s, str) else ["range", str(s), str(s)] for s in parts]
    return elements == [[*way, ["deep"]] if domain == "path" else way]


def _plainly(ways: list[Any]) -> str | None:
    """The text of a path's pattern that needs no parser: of plain words, `*` and `**`."""
    if len(ways) != 1 or any(_is_sign(*element) for element in ways[0]):
        return None
    return "/" + "/".join({"one": "*", "deep": "**"}.get(kind) or text[0] for kind, *text in ways[0])


def _is_sign(kind: str, *text: str) -> bool:
    return _SIGN.search(text[0]) is not None if kind == "word" else kind not in ("one", "deep")


def _quoted(world: World) -> Iterator[tuple[str, _Said]]:
    """The source of each rule that a document states, and what it says; the host's own are held at step 4."""
    known = [comparable(elements) for elements in world.patterns]
    for layer in (layer for layer in world.layers if layer["name"] not in _MADE_UP):
        hosts = world.proof["host"]["source"] if layer["name"] in _HOSTS else None
        for action, rules in layer["rules"].items():
            for rule in (rule for rule in rules if rule["source"].rsplit(":", 2)[0] != hosts):
                on, out = (tuple(known[n] for n in rule[key]) for key in ("on", "except"))
                yield rule["source"], (action, on, out, rule["when"] is not None, rule["until"])
    for agent in world.proof["tables"].values():
        for rule in agent["permissions"]["rules"]:
            on = tuple(known[n] for n in rule["on"])
            yield rule["source"], ("permission", rule["action"], on, rule["when"] is not None)


def _entries(value: Any, documents: Documents) -> Iterator[_Said]:
    """What every table of a document says: a capability, what a hook asks for, or a permission."""
    if isinstance(value, dict):
        yield from _entry(value, documents)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _entries(part, documents)


def _entry(table: Json, documents: Documents) -> Iterator[_Said]:
    action, on = table.get("action"), table.get("on")
    if isinstance(action, str) and isinstance(on, list):
        domain = DOMAINS.get(action, "name")
        sides = _patterns(domain, on, documents), _excepted(domain, table.get("except", []), documents)
        yield (action, *map(_written, sides), "when" in table, _end(table.get("until")))
    elif isinstance(action, str) and isinstance(table.get("tool"), str):
        on = _patterns("name", [table["tool"]], documents)
        yield "permission", action, _written(on), "when" in table
    elif isinstance(on, str) and isinstance(table.get("power"), str):
        text = f"{on}/{table.get('match', '**')}" if on.startswith("tool.") else on
        yield f"hook.{table['power']}", _written(_patterns("name", [text], documents)), (), False, None


def _patterns(domain: Any, texts: Iterable[str], documents: Documents) -> list[Pattern]:
    return [parse(domain, text, documents.roots()) for text in texts]


def _excepted(domain: Any, texts: Iterable[str], documents: Documents) -> Iterable[Pattern]:
    """As `capwright_registry.folding` has them where names fold case."""
    found = _patterns(domain, texts, documents)
    folds = documents.folds_case and domain == "path"
    return dict.fromkeys((*map(folded, found), OUTSIDE_ASCII)) if folds else found


def _written(patterns: Iterable[Pattern]) -> _Said:
    return tuple(comparable(written_elements(pattern)) for pattern in patterns)


def _end(until: object) -> int | None:
    """The second since 1970 at which a date or a time begins."""
    if isinstance(until, date) and not isinstance(until, datetime):
        until = datetime.combine(until, time.min, UTC)
    return int(until.timestamp()) if isinstance(until, datetime) else None
