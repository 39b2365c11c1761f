"""Hooks: which calls they rewrite and guard, and what still comes after them."""

from __future__ import annotations

from typing import Any

from capwright_policy import guarding, rewriting, stages, ways, when_called
from capwright_policy.authority import Authority
from capwright_policy.checks import fail_open_hook, rewrite_after_check, rewrite_deputy
from capwright_policy.holding import TRUE
from capwright_policy.setting import Setting
from capwright_registry.capability import Capability, Hook, Profile
from capwright_registry.patterns import parse
from capwright_registry.vocabulary import HOOK_EVENTS
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, probe


@probe("closure", "rewrite-deputy")
def rewrites_choose_only_what_arguments_name(patch: Patch) -> None:
    """A server's manifest, or a tool without a word on its arguments, is believed."""
    real = rewriting.chosen

    def chosen(*arguments: Any) -> Any:
        return {action: on for action, on in real(*arguments).items() if on is not None}

    patch.setattr(rewrite_deputy, "chosen", chosen)


@probe("closure", "rewrite-deputy")
def rewrites_choose_anything(patch: Patch) -> None:
    """The value that a rewrite sets is not looked at."""
    real = rewriting.chosen
    patch.setattr(rewrite_deputy, "chosen", lambda *arguments: dict.fromkeys(real(*arguments)))


@probe("closure", "rewrite-deputy")
def rewritten_calls_lead_nowhere(patch: Patch) -> None:
    """What a rewritten tool calls in its turn is not looked at."""
    patch.setattr(rewrite_deputy, "ways", lambda *_: iter(()))


@probe("closure", "rewrite-deputy")
def rewritten_calls_lead_one_hop(patch: Patch) -> None:
    """Of the calls after a rewritten one the first is looked at, and none after it."""
    real = ways.ways
    patch.setattr(rewrite_deputy, "ways", lambda *args: (w for w in real(*args) if len(w.tools) == 1))


@probe("closure", "rewrite-deputy")
def every_tool_is_called(patch: Patch) -> None:
    """A tool that the agent's rules deny is called and rewritten all the same."""
    patch.setattr(rewriting, "called", lambda *_: TRUE)


@probe("closure", "rewrite-after-check", "fail-open-hook")
def only_agents_call(patch: Patch) -> None:
    """A tool that only another plugin calls is taken to be called by nobody."""
    patch.setattr(when_called, "_plugins_calls", lambda *_: iter(()))


@probe("closure", "rewrite-after-check")
def hooks_stand_in_front_of_everything(patch: Patch) -> None:
    """Hooks are taken to run first of all, whatever is listed before the permission."""
    real = stages._stages

    def listed(*arguments: Any) -> Any:
        *gates, effect = real(*arguments)
        return [*sorted(gates, key=lambda gate: gate.name.rpartition("/")[2] != "permission"), effect]

    patch.setattr(stages, "_stages", listed)


@probe("closure", "rewrite-after-check")
def only_tools_are_rewritten(patch: Patch) -> None:
    """What is rewritten at other events than before a tool is not looked at."""
    patch.setattr(rewrite_after_check, "_elsewhere", lambda *_: iter(()))


def _powers_are_there(patch: Patch) -> None:
    patch.setattr(rewrite_after_check, "acts", lambda *_: TRUE)


@probe("closure", "rewrite-after-check")
def a_power_is_never_asked_for(patch: Patch) -> None:
    """A hook after a tool acts whether it has its power or not."""
    _powers_are_there(patch)


@probe("closure", "rewrite-after-check", caught=by_replay)
def a_power_that_never_holds_is_there(patch: Patch) -> None:
    """A hook whose power holds in no context rewrites all the same."""
    _powers_are_there(patch)


@probe("closure", "rewrite-after-check", caught=by_replay)
def no_mediator_comes_after(patch: Patch) -> None:
    """Nothing stands between a hook and the effect of the call that it rewrites."""
    real = stages._stages
    patch.setattr(stages, "_stages", lambda *arguments: real(*arguments)[-1:])


@probe("closure", "fail-open-hook")
def only_children_of_ones_own(patch: Patch) -> None:
    """A guard is asked for in an agent's children, and not in theirs."""
    real = guarding.below

    def below(setting: Setting, profile: Profile) -> tuple[Profile, ...]:
        own = {child.profile for child in profile.children}
        return tuple(agent for agent in real(setting, profile) if agent.name in own)

    patch.setattr(fail_open_hook, "below", below)


@probe("closure", "fail-open-hook")
def nobody_is_below(patch: Patch) -> None:
    """A guard is asked for in its own agent alone."""
    patch.setattr(fail_open_hook, "below", lambda *_: ())


@probe("closure", "fail-open-hook")
def every_event_is_fired(patch: Patch) -> None:
    """A guard at an event that the host does not fire counts as asked."""
    patch.setattr(guarding, "GUARDS", dict.fromkeys(guarding.GUARDS, HOOK_EVENTS))
    real = guarding._power

    def power(word: str, on: Any, *rest: Any) -> Capability:
        return real(word, (*on, *(p for event in HOOK_EVENTS for p in (parse("name", event),))), *rest)

    patch.setattr(guarding, "_power", lambda w, on, *r: power(w, on, *r) if len(on) > 1 else real(w, on, *r))


@probe("closure", "fail-open-hook")
def guards_are_always_wanted(patch: Patch) -> None:
    """A guard is asked for in every context, whatever its condition, the rules and the exceptions."""
    patch.setattr(guarding, "called", lambda *_: TRUE)


@probe("closure", "fail-open-hook", caught=by_replay)
def guards_are_wanted_where_nobody_calls(patch: Patch) -> None:
    """A guard is asked for where the tool that it guards is not called."""
    patch.setattr(guarding, "called", lambda *_: TRUE)


@probe("closure", "fail-open-hook")
def any_guard_will_do(patch: Patch) -> None:
    """A guard counts as there where its plugin is enabled, whether its power is granted or not."""
    real = guarding.present

    def present(*args: Any) -> Authority:
        found = real(*args)
        return Authority(found.layers[-1:]) if len(found.layers) > 2 else found

    patch.setattr(fail_open_hook, "present", present)


@probe("closure", "fail-open-hook")
def a_guard_of_one_power_is_none(patch: Patch) -> None:
    """Only hooks that deny count as guards; one that asks may be missing."""
    real = guarding._guards

    def guards(holder: Any) -> Any:
        return ((n, hook) for n, hook in real(holder) if hook.power == "deny")

    patch.setattr(guarding, "_guards", guards)


@probe("closure", "rewrite-deputy", "rewrite-after-check")
def only_the_first_hook_is_read(patch: Patch) -> None:
    """Of a plugin's hooks the first is looked at, and no other."""
    real = rewriting.rewrites

    def rewrites(setting: Setting, holder: Any) -> Any:
        first: tuple[Hook, ...] = holder.plugin.hooks[:1]
        return (r for r in real(setting, holder) if r.hook in first)

    patch.setattr(rewrite_deputy, "rewrites", rewrites)
    patch.setattr(rewrite_after_check, "rewrites", rewrites)
