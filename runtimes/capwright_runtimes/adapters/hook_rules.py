"""The rules of declarative hooks, compiled from the proof's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capwright_registry.canonical import ResourceError, canonical, segments
from capwright_registry.decide import TableError, checked_trie
from capwright_registry.evaluate import EvaluationError, evaluate
from capwright_registry.trie import Trie
from capwright_registry.vocabulary import HOOK_EVENTS, HOOK_POWERS
from capwright_runtimes.adapters.base import Verdict
from capwright_runtimes.frozen import thaw
from capwright_runtimes.pointer import ABSENT, resolve, tokens
from capwright_runtimes.refusal import Refused

_KEYS = frozenset({"on", "match", "power", "when", "arguments", "set", "message", "source"})
_VERDICTS: Mapping[str, Verdict] = {
    "observe": "none",
    "annotate": "annotate",
    "rewrite": "rewrite",
    "ask": "ask",
    "deny": "deny",
}
# Before a call there is something to ask about and to change; at no other event is there either.
_BEFORE_ONLY = frozenset({"ask", "rewrite"})


@dataclass(frozen=True, slots=True)
class HookRule:
    """One compiled rule. `set` is empty but for rewrites, which set at least one pointer."""

    event: str
    tools: Trie
    power: str
    when: Sequence[object] | None
    arguments: tuple[tuple[str, Trie], ...]
    set: Mapping[str, object]
    message: str
    source: str

    @property
    def verdict(self) -> Verdict:
        """What the rule says when it applies."""
        return _VERDICTS[self.power]

    def matches(self, tool: str) -> bool:
        """Whether the rule is about this tool identity.

        A text that is no identity is every rule's business.
        """
        return _hits(self.tools, tool) is not False

    def applies(self, arguments: Mapping[str, object], context: Mapping[str, object]) -> bool | None:
        """Whether every argument pattern matches and the condition holds; None when that cannot be told.

        An argument that is absent matches no pattern. One that is there and is no canonical name cannot be
        told, unless another part of the rule says no for certain.
        """
        answers = [self._condition(context)]
        answers += [_matches(trie, resolve(arguments, pointer)) for pointer, trie in self.arguments]
        if False in answers:
            return False
        return None if None in answers else True

    def _condition(self, context: Mapping[str, object]) -> bool | None:
        if self.when is None:
            return True
        try:
            return evaluate(self.when, context)
        except EvaluationError:
            return None


def hook_rules(hooks: Sequence[Mapping[str, object]]) -> tuple[HookRule, ...]:
    """The compiled rules, in table order. Raises `Refused` (`bad-table`) for one that is malformed."""
    return tuple(_rule(hook) for hook in hooks)


def _rule(hook: Mapping[str, object]) -> HookRule:
    _require(set(hook) == _KEYS, f"a hook has exactly the keys {', '.join(sorted(_KEYS))}")
    event, power, changes = _text(hook["on"]), _text(hook["power"]), _object(hook["set"])
    _require(
        event in HOOK_EVENTS and power in HOOK_POWERS, "a hook's event or power is not in the vocabulary"
    )
    _require(
        power not in _BEFORE_ONLY or event == "tool.before",
        f"a hook can `{power}` before a tool runs, and at no other event",
    )
    _require(bool(changes) == (power == "rewrite"), "a hook has a `set` exactly when it rewrites")
    _require("" not in changes, "a hook's `set` names fields, never the arguments as a whole")
    return HookRule(
        event=event,
        tools=_trie(_object(hook["match"]).get("trie")),
        power=power,
        when=None if hook["when"] is None else _items(hook["when"]),
        arguments=tuple(_argument(item) for item in _items(hook["arguments"])),
        set={_pointer(pointer): value for pointer, value in changes.items()},
        message=_text(hook["message"]),
        source=_text(hook["source"]),
    )


def _argument(data: object) -> tuple[str, Trie]:
    item = _object(data)
    _require(set(item) == {"pointer", "trie"}, "a hook's argument has exactly a `pointer` and a `trie`")
    return _pointer(item["pointer"]), _trie(item["trie"])


def _matches(trie: Trie, value: object) -> bool | None:
    if value is ABSENT:
        return False
    if not isinstance(value, str):
        return None
    answers = [_hits(trie, spelling) for spelling in _spellings(value)]
    return True if True in answers else None if None in answers else False


def _spellings(text: str) -> tuple[str, ...]:
    """The texts that a rule is held against: as given and, for a path, its canonical form.

    The effect is decided on the canonical path, so `/a/./secret` and `/a//secret/` must not slip past a rule
    on `/a/secret`. With `/.` behind it the folder counts as below itself, as `secret/**` does for paths.
    """
    if not text.startswith("/"):
        return (text,)
    try:
        path = canonical("path", text)
    except ResourceError:
        return (text,)
    return (text, path, f"{path.rstrip('/')}/.")


def _hits(trie: Trie, text: str) -> bool | None:
    try:
        return bool(trie.walk(segments("name", canonical("name", text))))
    except ResourceError:
        return None


def _pointer(value: object) -> str:
    text = _text(value)
    try:
        tokens(text)
    except ValueError as error:
        raise Refused("bad-table", "a hook's argument is not named by a JSON Pointer", text) from error
    return text


def _trie(data: object) -> Trie:
    try:
        return checked_trie(thaw(data))
    except TableError as error:
        raise Refused("bad-table", "a hook's trie is malformed") from error


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise Refused("bad-table", "a hook's part that must be an object is none")
    return value


def _items(value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise Refused("bad-table", "a hook's part that must be a list is none")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("bad-table", "a hook's part that must be text is none")
    return value


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise Refused("bad-table", reason)
