"""Hooks around one call: in order, to a fixed point, each within the powers it declared and was granted.

Plugins' hooks run in the order of the admission, those of the highest tier last: what they set, nobody sets
otherwise. A hook that ran before a rewrite judged other arguments than those that would be used; so after a
rewrite all run again, and where one of them changes the arguments once more, even if another changes them
back, the call is denied rather than settled by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from capwright_runtimes.adapters.base import HookResult, HookSession, Verdict
from capwright_runtimes.adapters.hook_rules import HookRule, hook_rules
from capwright_runtimes.admission import Admission
from capwright_runtimes.records import shown
from capwright_runtimes.refusal import deny

MAX_ROUNDS = 2
MAX_NAMED = 100  # hooks and powers that one history record names
Note = Callable[[Mapping[str, object]], object]


@dataclass(frozen=True, slots=True)
class HookedPlugin:
    """A loaded plugin that has hooks, with the rules of its admission."""

    admission: Admission
    session: HookSession
    rules: tuple[HookRule, ...]

    @staticmethod
    def of(admission: Admission, session: HookSession) -> HookedPlugin:
        """Raises `Refused` (`bad-table`) for hooks that are malformed."""
        return HookedPlugin(admission, session, hook_rules(admission.hooks))

    def declares(self, occasion: Occasion, power: str | None = None) -> bool:
        """Whether any of its hooks is about this event of this tool, with this power where one is given."""
        return any(
            rule.event == occasion.event and rule.matches(occasion.tool) and power in (None, rule.power)
            for rule in self.rules
        )


@dataclass(frozen=True, slots=True)
class Occasion:
    """What hooks are told: an event, the full tool identity, its arguments and the context."""

    event: str
    tool: str
    arguments: Mapping[str, object]
    context: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settled:
    """What all hooks together say: the arguments to use, what to ask the user first, what to add.

    `changed` says that some hook changed the arguments, so that not all of them judged the same ones.
    """

    arguments: Mapping[str, object]
    asks: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    changed: bool = False


def run_hooks(plugins: Sequence[HookedPlugin], occasion: Occasion, note: Note) -> Settled:
    """Run every hook for the event.

    `note` takes one history record for each plugin whose hooks say something.

    Raises `Denied` (layer `hook`) when one denies, or when rewriting does not settle.
    """
    for _ in range(MAX_ROUNDS):
        settled = _round(plugins, occasion, note)
        if not settled.changed:
            return settled
        occasion = replace(occasion, arguments=settled.arguments)
    raise deny("tool.call", occasion.tool, "hook", "the hooks keep rewriting each other's arguments")


def _round(plugins: Sequence[HookedPlugin], occasion: Occasion, note: Note) -> Settled:
    asks: list[str] = []
    annotations: list[str] = []
    changed = False
    for plugin in plugins:
        if not plugin.declares(occasion):
            continue
        said = _said(plugin, occasion)
        if said != HookResult():
            note(_record(plugin, occasion, said))
        told = f"{plugin.admission.plugin}: {said.message or 'no reason given'}"
        if said.verdict == "deny":
            raise deny("tool.call", occasion.tool, "hook", told, _place(plugin, said))
        if said.verdict == "ask":
            asks.append(told)
        if said.arguments is not None:
            changed = changed or said.arguments != occasion.arguments
            occasion = replace(occasion, arguments=said.arguments)
        annotations += said.annotations
    return Settled(occasion.arguments, tuple(asks), tuple(annotations), changed)


def _place(plugin: HookedPlugin, said: HookResult) -> str | None:
    """Where the hook that decided stands. A session is believed only if the proof has a hook there."""
    return said.source if said.source in {rule.source for rule in plugin.rules} else None


def _said(plugin: HookedPlugin, occasion: Occasion) -> HookResult:
    """What the plugin says, without what it may not do: a session's own claims count for nothing."""
    said = plugin.session.fire(occasion.event, occasion.tool, occasion.arguments, occasion.context)
    lacking = dict(_lacking(plugin, occasion, said))
    if not lacking:
        return said
    verdict: Verdict = "none" if said.power in lacking else said.verdict
    return replace(
        said,
        verdict=verdict,
        arguments=None if "rewrite" in lacking else said.arguments,
        annotations=() if "annotate" in lacking else said.annotations,
        refused=(*said.refused, *(f"hook.{power}: {reason}" for power, reason in lacking.items())),
    )


def _lacking(plugin: HookedPlugin, occasion: Occasion, said: HookResult) -> Iterator[tuple[str, str]]:
    """The powers that the result uses and the plugin does not have here, each with the reason."""
    used = {said.power} - {"none"}
    used |= {"rewrite"} if said.arguments is not None else set()
    used |= {"annotate"} if said.annotations else set()
    for power in sorted(used):
        if not plugin.declares(occasion, power):
            yield power, "no hook declares it"
            continue
        resource = f"{occasion.event}/{occasion.tool}"
        decision = plugin.admission.decide(f"hook.{power}", resource, occasion.context)
        if not decision.allowed:
            yield power, decision.reason


def _record(plugin: HookedPlugin, occasion: Occasion, said: HookResult) -> dict[str, object]:
    return {
        "kind": "hook",
        "plugin": plugin.admission.plugin,
        "event": occasion.event,
        "tool": occasion.tool,
        "verdict": said.verdict,
        "message": shown(said.message),
        "rewrote": said.arguments is not None,
        "fired": [shown(source) for source in said.fired[:MAX_NAMED]],
        "refused": [shown(power) for power in said.refused[:MAX_NAMED]],
    }
