"""The decision of one effect from a proof's tables: one walk over the resource, then set look-ups.

Standard library and three sibling modules only: the source of all four is embedded in generated stubs. A
decision never fails open: a resource without a canonical form, a condition that cannot be evaluated, an
action without a table, a rule past its date, each denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.evaluate import EvaluationError, evaluate
from capwright_registry.trie import Nearest, Trie

MICROSECONDS = 1_000_000
PERMISSION_ACTION = "tool.call"


class TableError(ValueError):
    """The table is malformed: nothing may be decided with it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one effect. `bool(decision)` is `allowed`.

    `resource` is canonical, or the text as given when it has no canonical form (untrusted: escape it).
    `layer` names the first layer that refused, or what refused before any layer (`proof`, `resource`); it is
    `None` when allowed. `source` is the `file:line:column` of the rule that decided or came nearest; when
    allowed, of the rule in the layer `granted`. `ask` says that an `ask` permission decided: a denial with
    `ask` becomes an allowance once the user has approved.
    """

    allowed: bool
    action: str
    resource: str
    layer: str | None = None
    reason: str = ""
    source: str | None = None
    ask: bool = False

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """One rule of a layer: pattern ids, an optional condition (AST) and an optional end (POSIX seconds)."""

    on: frozenset[int]
    except_: frozenset[int]
    when: Sequence[object] | None
    until: int | None
    source: str


@dataclass(frozen=True, slots=True)
class PermissionRule:
    """One rule of an agent's permission table; `action` is `allow`, `ask` or `deny`."""

    on: frozenset[int]
    action: str
    when: Sequence[object] | None
    source: str


class ActionTable:
    """The compiled table of one action: what a plugin of an agent may do with it, layer by layer.

    `data` is `{"domain", "trie", "layers": [{"name", "rules": [{"on", "except", "when", "until",
    "source"}]}]}`. Raises `TableError` for any other shape: an unknown key could be a restriction, and a
    missing one would be read as none. At least one layer is needed, for nothing is refused by no layers.
    """

    __slots__ = ("domain", "layers", "trie")

    def __init__(self, data: Mapping[str, object]) -> None:
        _exact_keys(data, {"domain", "trie", "layers"}, "an action table")
        self.domain = _text_of(data["domain"], "domain")
        self.trie = checked_trie(data["trie"])
        self.layers = tuple(_layer(item, self.trie) for item in _list_of(data["layers"], "layers"))
        if not self.layers:
            raise TableError("an action table needs at least one layer")


class PermissionTable:
    """The compiled tool permissions of one agent: `{"trie", "rules", "default"}`, see `decide_permission`.

    Raises `TableError` for any other shape.
    """

    __slots__ = ("by_id", "default", "near", "rules", "trie")

    def __init__(self, data: Mapping[str, object]) -> None:
        _exact_keys(data, {"trie", "rules", "default"}, "a permission table")
        self.trie = checked_trie(data["trie"])
        self.rules = tuple(_permission_rule(item) for item in _list_of(data["rules"], "rules"))
        self.by_id = _index(rule.on for rule in self.rules)
        self.default = _permission_word(data["default"])
        self.near = Nearest(
            self.trie, lambda: [(rule.on, rule.source) for rule in self.rules if rule.action != "deny"]
        )


class _Layer:
    """A layer's rules, found by the pattern ids that hit: the cost is in the hits, not in the rules."""

    __slots__ = ("by_id", "name", "near", "rules")

    def __init__(self, name: str, rules: tuple[DecisionRule, ...], trie: Trie) -> None:
        self.name = name
        self.rules = rules
        self.by_id = _index(rule.on for rule in rules)
        self.near = Nearest(trie, lambda: [(rule.on, rule.source) for rule in rules])


def decide(
    tables: Mapping[str, ActionTable], action: str, resource: str, context: Mapping[str, object]
) -> Decision:
    """Allowed iff every layer of the action's table has a rule that covers the resource here and now.

    `context["now"]` is microseconds since the POSIX epoch. Never raises for what the caller passes as a
    resource or a context.
    """
    table = tables.get(action)
    if table is None:
        return Decision(False, action, resource, "proof", f"the proof gives no `{action}` at all")
    try:
        text = canonical(table.domain, resource)
        segs = segments(table.domain, text)
        hits = table.trie.walk(segs)
    except ResourceError as error:
        return Decision(False, action, resource, "resource", str(error))
    granted: str | None = None
    for layer in table.layers:
        rule = _allowing(layer, hits, context)
        if rule is None:
            reason, source = _nearest(layer, segs, hits, context)
            return Decision(False, action, text, layer.name, reason, source)
        if layer.name == "granted":
            granted = rule.source
    return Decision(True, action, text, None, "every layer allows it", granted)


def decide_permission(table: PermissionTable, tool: str, context: Mapping[str, object]) -> Decision:
    """Whether the agent may call the tool: deny beats ask beats allow, whatever the order of the rules.

    `ask` allows exactly when `context["approved"]` is true. A deny or ask rule whose condition cannot be
    evaluated denies; an allow rule whose condition cannot be evaluated does not allow.
    """
    try:
        text = canonical("name", tool)
        segs = segments("name", text)
        hits = table.trie.walk(segs)
    except ResourceError as error:
        return Decision(False, PERMISSION_ACTION, tool, "resource", str(error))
    matching = [table.rules[i] for i in _candidates(table.by_id, hits)]
    found: dict[str, PermissionRule] = {}
    for rule in matching:
        effective = _effective(rule, context)
        if effective is not None:
            found.setdefault(effective, rule)
    approved = context.get("approved") is True
    for strongest in ("deny", "ask", "allow"):
        if strongest in found:
            source = found[strongest].source
            return _permission_decision(strongest, text, f"the rule at `{source}`", source, approved)
    decision = _permission_decision(table.default, text, "the default", None, approved)
    return _missed(decision, table, segs, matching) if table.default == "deny" else decision


def _permission_decision(word: str, tool: str, by: str, source: str | None, approved: bool) -> Decision:
    if word == "allow" or (word == "ask" and approved):
        told = "allows it" if word == "allow" else "asks, and the user approved"
        return Decision(True, PERMISSION_ACTION, tool, None, f"{by} {told}", source, word == "ask")
    told = "asks the user first" if word == "ask" else "denies it"
    return Decision(False, PERMISSION_ACTION, tool, "permission", f"{by} {told}", source, word == "ask")


def _missed(
    decision: Decision, table: PermissionTable, segs: tuple[str | int, ...], matching: list[PermissionRule]
) -> Decision:
    """The default's denial with the rule that came nearest: one whose condition failed, else the likest."""
    closed = next((rule.source for rule in matching if rule.action != "deny"), None)
    source = closed or table.near.label(segs)
    reason = decision.reason
    if closed:
        reason = f"{reason}, since the condition at `{closed}` does not hold"
    elif source:
        reason = f"{reason}, since no rule covers it; the nearest is at `{source}`"
    return Decision(False, decision.action, decision.resource, decision.layer, reason, source)


def _effective(rule: PermissionRule, context: Mapping[str, object]) -> str | None:
    """The word the rule says here, or None when it does not apply."""
    if rule.when is None:
        return rule.action
    try:
        return rule.action if evaluate(rule.when, context) else None
    except EvaluationError:
        return None if rule.action == "allow" else "deny"


def _allowing(layer: _Layer, hits: frozenset[int], context: Mapping[str, object]) -> DecisionRule | None:
    for index in _candidates(layer.by_id, hits):
        rule = layer.rules[index]
        if rule.except_.isdisjoint(hits) and _in_force(rule, context) and _holds(rule, context):
            return rule
    return None


def _in_force(rule: DecisionRule, context: Mapping[str, object]) -> bool:
    if rule.until is None:
        return True
    now = context.get("now")
    return type(now) is int and now < rule.until * MICROSECONDS


def _holds(rule: DecisionRule, context: Mapping[str, object]) -> bool:
    if rule.when is None:
        return True
    try:
        return evaluate(rule.when, context)
    except EvaluationError:
        return False


def _nearest(
    layer: _Layer, segs: tuple[str | int, ...], hits: frozenset[int], context: Mapping[str, object]
) -> tuple[str, str | None]:
    """The rule that came nearest to allowing: what a reader would change first."""
    covering = [layer.rules[i] for i in _candidates(layer.by_id, hits)]
    open_ = [rule for rule in covering if rule.except_.isdisjoint(hits)]
    for rule in open_:
        if _in_force(rule, context):
            return f"allowed only when the condition at `{rule.source}` holds", rule.source
    if open_:
        return f"the rule at `{open_[0].source}` is past its `until`", open_[0].source
    if covering:
        return f"excepted by the rule at `{covering[0].source}`", covering[0].source
    source = layer.near.label(segs)
    told = f"no rule of `{layer.name}` covers it"
    return (f"{told}; the nearest is at `{source}`" if source else told), source


def _candidates(by_id: Mapping[int, tuple[int, ...]], hits: frozenset[int]) -> Sequence[int]:
    """The rules that any hit belongs to, in the order of the rules."""
    if len(hits) == 1:
        return by_id.get(next(iter(hits)), ())
    return sorted({index for hit in hits for index in by_id.get(hit, ())})


def _index(ons: Iterable[frozenset[int]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for index, on in enumerate(ons):
        for pattern in on:
            found.setdefault(pattern, []).append(index)
    return {pattern: tuple(indexes) for pattern, indexes in found.items()}


def _layer(data: object, trie: Trie) -> _Layer:
    item = _exact_keys(data, {"name", "rules"}, "a layer")
    rules = tuple(_rule(r) for r in _list_of(item["rules"], "rules"))
    return _Layer(_text_of(item["name"], "name"), rules, trie)


def _rule(data: object) -> DecisionRule:
    item = _exact_keys(data, {"on", "except", "when", "until", "source"}, "a rule")
    until = item["until"]
    if until is not None and type(until) is not int:
        raise TableError("`until` must be whole seconds or null")
    return DecisionRule(
        _ids_of(item["on"]),
        _ids_of(item["except"]),
        _when_of(item["when"]),
        until,
        _text_of(item["source"], "source"),
    )


def _permission_rule(data: object) -> PermissionRule:
    item = _exact_keys(data, {"on", "action", "when", "source"}, "a permission rule")
    word = _permission_word(item["action"])
    when = _when_of(item["when"])
    return PermissionRule(_ids_of(item["on"]), word, when, _text_of(item["source"], "source"))


def _permission_word(value: object) -> str:
    if value not in ("allow", "ask", "deny"):
        raise TableError("a permission is `allow`, `ask` or `deny`")
    return str(value)


def _exact_keys(data: object, keys: set[str], what: str) -> Mapping[str, object]:
    if not isinstance(data, Mapping) or set(data) != keys:
        raise TableError(f"{what} has exactly the keys {', '.join(sorted(keys))}")
    return data


def _list_of(value: object, name: str) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise TableError(f"`{name}` must be a list")
    return value


def _text_of(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TableError(f"`{name}` must be text")
    return value


def _when_of(value: object) -> Sequence[object] | None:
    return None if value is None else _list_of(value, "when")


def _ids_of(value: object) -> frozenset[int]:
    items = _list_of(value, "pattern ids")
    ids = frozenset(item for item in items if type(item) is int)
    if len(ids) != len(items):
        raise TableError("pattern ids are whole numbers, each once")
    return ids


def checked_trie(value: object) -> Trie:
    """The compiled trie of a proof's JSON value, every step of which leads to a node. Raises `TableError`."""
    nodes = [node for node in _list_of(value, "trie") if isinstance(node, Mapping)]
    try:
        targets = [target for node in nodes for target in _targets(node)]
        inside = all(type(target) is int and 0 < target < len(nodes) for target in targets)
        if inside and len(nodes) == len(_list_of(value, "trie")) > 0:
            return Trie(nodes)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise TableError("the trie is malformed") from error
    raise TableError("a trie is a list of nodes that lead to each other")


def _targets(node: Mapping[str, Any]) -> list[Any]:
    """The nodes that a node leads to. The root is none of them."""
    steps = [*node.get("glob", ()), *node.get("range", ())]
    only = [node[key] for key in ("any", "deep") if key in node]
    return [*node.get("lit", {}).values(), *(step[-1] for step in steps), *only]
