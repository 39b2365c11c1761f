"""The parts of a proof that stand for authority: patterns and layers, each written once and named by number.

Everything is JSON; `specs/proof.md` states the format. Numbers are indices into the proof's own lists.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from capwright_policy.authority import Authority, Layer
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import Pattern
from capwright_registry.written import written_elements, written_rule


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
    """Patterns, layers and contexts of one proof."""

    patterns: Interned = field(default_factory=Interned)
    layers: Interned = field(default_factory=Interned)
    contexts: Interned = field(default_factory=Interned)
    rules: dict[int, tuple[Capability, dict[str, object]]] = field(default_factory=dict)
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

    def _rule(self, capability: Capability) -> dict[str, object]:
        return written_rule(capability, self.pattern)

    def pattern(self, pattern: Pattern) -> int:
        """The number of a pattern."""
        key = (pattern.domain, pattern.canonical)
        number = self.patterns.number(key)
        if number is not None:
            return number
        value = {
            "domain": pattern.domain,
            "text": pattern.canonical,
            "elements": written_elements(pattern),
        }
        return self.patterns.add(key, value)


def _written(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _key(value: object) -> Hashable:
    return repr(value)
