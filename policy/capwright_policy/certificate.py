"""The parts of a proof that stand for authority: patterns and layers, each written once and named by number.

Everything is JSON; `specs/proof.md` states the format. Numbers are indices into the proof's own lists.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from capwright_policy.authority import Authority, Layer
from capwright_registry.canonical import segments
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import Pattern
from capwright_registry.vocabulary import ACTIONS
from capwright_registry.written import written_elements, written_rule

#: A resource as a proof writes it: a path or a name as it is, else with its segments.
Case = str | list[object]
#: The parts of a rule that are left out where they say nothing.
_NOTHING: dict[str, object] = {"except": [], "when": None, "until": None}


@dataclass(slots=True)
class Interned:
    """A list of JSON values in which each key stands once."""

    values: list[Any] = field(default_factory=list)
    _index: dict[Hashable, int] = field(default_factory=dict)

    def number(self, key: Hashable) -> int | None:
        """The number of `key`; None where it is new."""
        return self._index.get(key)

    def add(self, key: Hashable, value: Any) -> int:
        """The number of `key`, whose value is appended when it is new."""
        if key not in self._index:
            self._index[key] = len(self.values)
            self.values.append(value)
        return self._index[key]


@dataclass(slots=True)
class Ledger:
    """Patterns, layers, contexts and cases of one family of a proof."""

    patterns: Interned = field(default_factory=Interned)
    layers: Interned = field(default_factory=Interned)
    contexts: Interned = field(default_factory=Interned)
    rules: dict[int, tuple[Capability, dict[str, object]]] = field(default_factory=dict)
    _cases: dict[str, set[str]] = field(default_factory=dict)
    _seen: dict[tuple[str, int], tuple[CapabilityList, int]] = field(default_factory=dict)

    def authority(self, authority: Authority) -> list[int]:
        """The numbers of the authority's layers."""
        return [self.layer(layer) for layer in authority.layers]

    def layer(self, layer: Layer) -> int:
        """The number of a layer; layers of equal name and capabilities are one."""
        known = self._seen.get((layer.name, id(layer.capabilities)))
        if known is not None:
            return known[1]
        rules: dict[str, list[dict[str, object]]] = {}
        for capability in layer.capabilities:
            if not capability.never:
                rules.setdefault(capability.action, []).append(self._rule(capability))
        number = self.layers.add(_key((layer.name, rules)), {"name": layer.name, "rules": rules})
        # Kept with its capabilities: an id is given anew once what had it is gone.
        self._seen[layer.name, id(layer.capabilities)] = layer.capabilities, number
        return number

    def context(self, context: dict[str, object]) -> int:
        """The number of a context. Whole numbers are written as strings: JSON would lose 64-bit ones."""
        written = {k: _written(v) for k, v in context.items()}
        return self.contexts.add(_key(written), written)

    def case(self, action: str, *resources: str) -> None:
        """Make these cases of the action; one that is there already is one."""
        self._cases.setdefault(action, set()).update(resources)

    def cases(self) -> dict[str, list[Case]]:
        """By action the cases, sorted by their resource."""
        return {
            action: [_case(ACTIONS[action].domain, resource) for resource in sorted(resources)]
            for action, resources in self._cases.items()
        }

    def _rule(self, capability: Capability) -> dict[str, object]:
        known = self.rules.get(id(capability))
        if known is not None:
            return known[1]
        full = written_rule(capability, self.pattern)
        rule = {key: part for key, part in full.items() if key not in _NOTHING or part != _NOTHING[key]}
        self.rules[id(capability)] = capability, rule  # kept, so that its id is not given anew
        return rule

    def pattern(self, pattern: Pattern) -> int:
        """The number of a pattern."""
        key = (pattern.domain, pattern.canonical)
        number = self.patterns.number(key)
        if number is not None:
            return number
        elements = [[_element(element) for element in way] for way in written_elements(pattern)]
        value = {"domain": pattern.domain, "text": pattern.canonical, "elements": elements}
        return self.patterns.add(key, value)


def _element(element: list[str]) -> str | list[str]:
    """A word, which most elements are, stands for itself."""
    return element[1] if element[0] == "word" else element


@lru_cache(maxsize=65536)
def _case(domain: str, text: str) -> Case:
    """The resource, then its segments; numbers as `["1"]`, for an IPv6 address is more than JSON holds."""
    if domain in ("path", "name"):
        return text
    return [text, *(s if isinstance(s, str) else [str(s)] for s in segments(domain, text))]


def _written(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _key(value: object) -> Hashable:
    return repr(value)
