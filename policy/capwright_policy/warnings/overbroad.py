"""`overbroad`: a pattern of a grant is far wider than what the plugin asks for.

Today the plugin gets what both allow. With the manifest's next release it gets what that asks for, up to the
grant. So a grant has a narrowness budget: of the parts that a request writes out, a pattern that it meets may
leave `BUDGET` open. One of wildcards alone, or with all that is below a root, may leave none.

Formula, for a pattern of a grant without the entry's exceptions: some resource is in it and in no request (of
the action, exceptions aside); some is in both; and none is in a request that writes out at most `BUDGET` more
parts, or else it has all below a root or no letter and no digit. A warning iff all of these hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from capwright_policy.authority import effective
from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.proposals import listed
from capwright_policy.setting import Holder, holders
from capwright_policy.warnings.base import Warner, own
from capwright_registry.capability import Capability
from capwright_registry.patterns import Pattern, Region, TooComplex, includes, outside, overlap, parse
from capwright_registry.patterns.elements import Alternative, Deep, Element, Range, Word
from capwright_registry.vocabulary import ACTIONS

_CODE = "overbroad"
#: How many parts that the request writes out a granted pattern may leave open.
BUDGET = 1
_SEPARATORS = frozenset(".:/")

_Patterns = tuple[Pattern, ...]


def _found(run: Run) -> Iterator[Note]:
    roots = run.setting.workspace.roots
    trees = tuple(parse("path", f"${{{name}}}/**", roots) for name in roots)
    for holder in holders(run.setting):
        request = effective(run.setting, holder).layers[0]
        for one in holder.grant.grant:
            if own(holder, one) and one.action in ACTIONS:
                asked = tuple(dict.fromkeys(p for c in request.of(one.action) for p in c.on))
                yield from _of(holder, one, asked, trees)


def _of(holder: Holder, one: Capability, asked: _Patterns, trees: _Patterns) -> Iterator[Note]:
    for pattern, span in zip(one.on, one.on_spans, strict=True):
        if pattern in asked:
            continue
        near = tuple(p for p in asked if not _apart(p, pattern))
        if _wide(pattern, one.except_, near, trees if pattern.domain == "path" else ()):
            told = f"`{pattern.text}` is far more than `{holder.plugin.identity}` asks for of `{one.action}`"
            yield Note(_CODE, holder.subject, told, span, _help(holder, one, pattern, near))


def _apart(a: Pattern, b: Pattern) -> bool:
    """Whether two patterns are seen to have nothing in common; the algebra is asked about the others."""
    return all(_differ(x, y) for x in a.elements for y in b.elements)


def _differ(a: Alternative, b: Alternative) -> bool:
    for x, y in zip(a, b, strict=False):
        if isinstance(x, Deep) or isinstance(y, Deep):
            return False
        if isinstance(x, Word) and isinstance(y, Word) and x.text != y.text:
            return True
    return False


@lru_cache(maxsize=16384)
def _wide(pattern: Pattern, except_: _Patterns, asked: _Patterns, trees: _Patterns) -> bool:
    """Whether a pattern is over its budget; False where the algebra cannot tell."""
    if not asked:
        return False
    here = Region((pattern,), except_)
    try:
        if outside([Region(asked)], here) is None or overlap(Region(asked), here) is None:
            return False
        if not any(map(str.isalnum, pattern.canonical)) or _has_a_root(pattern, trees):
            return True
        near = tuple(p for p in asked if written_out(p) <= written_out(pattern) + BUDGET)
        return not near or overlap(Region(near), here) is None
    except TooComplex:
        return False


def written_out(pattern: Pattern) -> int:
    """How many parts of the pattern leave no choice, in the alternative that has the fewest of them.

    Segments, labels, pieces of a name, arguments, a port. Neither the separators of names count, nor that a
    host is a name or an address.
    """
    skipped = {"host": 1, "url": 0}.get(pattern.domain, 0)
    return min(
        sum(_fixed(pattern.domain, element) for element in alternative[skipped:])
        for alternative in pattern.elements
    )


def _fixed(domain: str, element: Element) -> bool:
    if isinstance(element, Range):
        return element.low == element.high
    return isinstance(element, Word) and not (domain == "name" and element.text in _SEPARATORS)


def _has_a_root(pattern: Pattern, trees: _Patterns) -> bool:
    if not any(isinstance(alternative[-1], Deep) for alternative in pattern.elements if alternative):
        return False
    return any(includes(Region((pattern,)), Region((tree,))) for tree in trees)


def _help(holder: Holder, one: Capability, pattern: Pattern, asked: _Patterns) -> str:
    """What is asked for in the pattern's place, where it is written so that it lies within the pattern."""
    manifest = holder.plugin.document.file
    try:
        met = [p for p in asked if overlap(Region((p,)), Region((pattern,))) is not None]
        whole = all(includes(Region((pattern,)), Region((p,))) for p in met)
    except TooComplex:
        whole = False
    if not whole:
        return f"narrow it to what `{manifest}` asks for"
    texts = (text for p in one.on for text in ([m.text for m in met] if p == pattern else [p.text]))
    return f"write `on = {listed(dict.fromkeys(texts))}`, which is what `{manifest}` asks for of it"


WARNING = Warner(_CODE, "no grant is far wider than what the plugin asks for", _found)
