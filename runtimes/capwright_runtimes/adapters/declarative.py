"""The `declarative` adapter: hooks that are rules. There is no code to run and nothing to confine.

A hook of the proof's table is `{"on": event, "match": {"trie"}, "power", "when", "arguments": [{"pointer",
"trie"}], "set": {pointer: value}, "message", "source"}`. What cannot be told counts against the call: a hook
that denies, asks or rewrites then denies or asks, and one that observes or annotates stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from capwright_runtimes.adapters.base import HookResult, ToolOutput, Verdict
from capwright_runtimes.adapters.hook_rules import HookRule, hook_rules
from capwright_runtimes.admission import Admission, require_admission
from capwright_runtimes.broker import Broker
from capwright_runtimes.frozen import thaw
from capwright_runtimes.pointer import replace
from capwright_runtimes.refusal import Refused, deny

_STRENGTH: tuple[Verdict, ...] = ("none", "annotate", "rewrite", "ask", "deny")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one hook says: a verdict, the text for it, and the arguments that a rewrite makes.

    `undecided` marks a `deny` that stands for a rewrite which could not be made or decided.
    """

    source: str
    verdict: Verdict
    message: str = ""
    arguments: Mapping[str, object] | None = None
    undecided: bool = False


class DeclarativeSession:
    """The rules of one plugin. Stateless: what it says depends on what it is told alone."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._rules = hook_rules(admission.hooks)

    def call(self, tool: str, arguments: dict[str, object], broker: Broker) -> ToolOutput:  # noqa: ARG002 - the protocol's
        """Raises `Denied`, always: a declarative plugin has no tools to call."""
        identity = f"{self._admission.plugin}/{tool}"
        raise deny("tool.call", identity, "adapter", "a rule table has no code to call")

    def fire(
        self, event: str, tool: str, arguments: Mapping[str, object], context: Mapping[str, object]
    ) -> HookResult:
        """What the rules say of the event, in table order; a later rule sees what an earlier rewrite made.

        A rule acts only where the proof grants `hook.<power>` on `<event>/<tool>` in this context.
        """
        outcomes: list[Outcome] = []
        refused: list[str] = []
        for rule in self._rules:
            rewritten = _latest(outcomes)
            outcome = _outcome(rule, event, tool, arguments if rewritten is None else rewritten, context)
            if outcome is None:
                continue
            power = self._admission.decide(f"hook.{rule.power}", f"{event}/{tool}", context)
            if power.allowed:
                outcomes.append(outcome)
            else:
                refused.append(f"hook.{rule.power}: {power.reason}")
        if _undone(outcomes, arguments):
            told = "its rules undo each other's rewrites, so that not all of them judged what is used"
            outcomes.append(Outcome(outcomes[-1].source, "deny", told, undecided=True))
        return _together(outcomes, tuple(refused))

    def close(self) -> None:
        """Nothing to free."""


def load(admission: Admission) -> DeclarativeSession:
    """A session for the plugin's rules. Raises `Refused` for anything but an admission of this kind.

    A declarative plugin with tools is refused (`no-code`), and so is a malformed rule (`bad-table`).
    """
    admitted = require_admission(admission)
    if admitted.kind != "declarative":
        raise Refused("wrong-kind", "the declarative adapter loads no other kind", admitted.kind)
    if admitted.tools:
        raise Refused("no-code", "a declarative plugin has no code, so it can have no tools", admitted.plugin)
    return DeclarativeSession(admitted)


def _outcome(
    rule: HookRule, event: str, tool: str, arguments: Mapping[str, object], context: Mapping[str, object]
) -> Outcome | None:
    """What the rule says of these arguments; None when it does not apply."""
    if rule.event != event or not rule.matches(tool):
        return None
    applies = rule.applies(arguments, context)
    if applies is None:
        return _undecided(rule)
    if not applies:
        return None
    if rule.power == "rewrite":
        return _rewrite(rule, arguments)
    return Outcome(rule.source, rule.verdict, rule.message)


def _undecided(rule: HookRule) -> Outcome | None:
    """Whether the rule applies cannot be told: the stricter of its two answers."""
    if rule.power in ("observe", "annotate"):
        return None
    verdict: Verdict = "ask" if rule.power == "ask" else "deny"
    told = rule.message or f"the hook at `{rule.source}` could not be decided"
    return Outcome(rule.source, verdict, told, undecided=rule.power == "rewrite")


def _rewrite(rule: HookRule, arguments: Mapping[str, object]) -> Outcome:
    changed: object = arguments
    try:
        for pointer, value in rule.set.items():
            changed = replace(changed, pointer, thaw(value))
    except ValueError:
        changed = None
    if not isinstance(changed, Mapping):
        told = f"the hook at `{rule.source}` could not set what it sets"
        return Outcome(rule.source, "deny", told, undecided=True)
    return Outcome(rule.source, "rewrite", rule.message, changed)


def _undone(outcomes: Iterable[Outcome], arguments: Mapping[str, object]) -> bool:
    """Whether rewrites changed the arguments on the way, and left them as they were."""
    made = [outcome.arguments for outcome in outcomes if outcome.arguments is not None]
    return bool(made) and made[-1] == arguments and any(one != arguments for one in made)


def _latest(outcomes: Iterable[Outcome]) -> Mapping[str, object] | None:
    """The arguments as the last rewrite left them; None where nothing was rewritten."""
    made = [outcome.arguments for outcome in outcomes if outcome.arguments is not None]
    return made[-1] if made else None


def _together(outcomes: list[Outcome], refused: tuple[str, ...]) -> HookResult:
    verdict: Verdict = max((o.verdict for o in outcomes), key=_STRENGTH.index, default="none")
    return HookResult(
        verdict=verdict,
        message="; ".join(o.message for o in outcomes if o.verdict == verdict and o.message),
        source=next((o.source for o in outcomes if o.verdict == verdict), ""),
        arguments=_latest(outcomes),
        annotations=tuple(o.message for o in outcomes if o.verdict == "annotate" and o.message),
        fired=tuple(o.source for o in outcomes),
        refused=refused,
        undecided=verdict == "deny" and all(o.undecided for o in outcomes if o.verdict == "deny"),
    )
