"""Which agents an agent may lead to by spawning, and what each may call: chains of `[[child]]` entries.

An entry's `max_depth` counts the levels that may be started by it, so chains end, also where profiles start
each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy.authority import Authority, delegable_layers
from capwright_policy.booleans import Term, conj, disj, neg
from capwright_policy.calls import covering
from capwright_policy.contexts import Reading
from capwright_policy.setting import Setting, find_profile
from capwright_registry.capability import Decision, Profile
from capwright_registry.patterns import matches

#: The agent that a person starts has all levels below it: an entry says at most 16.
_ANY = 17


@dataclass(frozen=True, slots=True)
class Descent:
    """One way down: the profiles from the agent above to the one that is started last, two at least."""

    way: tuple[Profile, ...]

    @property
    def levels(self) -> int:
        """How many levels the last agent is below the first."""
        return len(self.way) - 1

    @property
    def chain(self) -> tuple[str, ...]:
        """The agents of the way, as nodes of the graph."""
        return tuple(f"agent:{profile.name}" for profile in self.way)


def descents(setting: Setting, profile: Profile, first: str | None = None) -> Iterator[Descent]:
    """For each profile and number of levels below `profile` one way there, nearest first; none is left out.

    With `first`, only ways that begin with this child. Of two ways to one profile on one level the one that
    lets more levels follow is kept.
    """
    here = [(Descent((profile,)), _ANY)]
    while here:
        level: dict[str, tuple[Descent, int]] = {}
        for above, left in here:
            for child in (c for c in above.way[-1].children if above.levels or first in (None, c.profile)):
                follow = min(left - 1, child.max_depth - 1)
                if follow > level.get(child.profile, (above, -1))[1]:
                    target = find_profile(setting, child.profile)
                    level[child.profile] = Descent((*above.way, target)), follow
        yield from (descent for descent, _ in level.values())
        here = [(descent, follow) for descent, follow in level.values() if follow > 0]


def may_call(profile: Profile, tool: str, reading: Reading) -> Term:
    """True exactly where the rules let an agent call a tool that it has: deny beats ask beats allow."""
    deny, ask, allow = (_ruled(profile, tool, word, reading) for word in ("deny", "ask", "allow"))
    approved = reading.symbols.constant("approved")
    default: Term = {"allow": True, "deny": False}.get(profile.default, approved)
    unasked = conj((neg(ask), disj((allow, default))))
    return conj((neg(deny), disj((conj((ask, approved)), unasked))))


def _ruled(profile: Profile, tool: str, word: Decision, reading: Reading) -> Term:
    hits = (p for p in profile.permissions if p.action == word and matches(p.pattern, tool))
    return disj(reading.condition(p.when) for p in hits)


def has_tool(profile: Profile, tool: str) -> bool:
    """Whether an enabled plugin of the profile has the tool."""
    return any(t.identity == tool for grant in profile.grants for t in grant.plugin.tools)


def may_hand_down(profile: Profile, tool: str, reading: Reading) -> Term:
    """True where an agent may let a child call a tool: as freely as itself, or as `delegable` says.

    A tool that it has it may hand down as far as it may call it; of all others `tool.call` must be delegable.
    """
    if has_tool(profile, tool):
        return may_call(profile, tool, reading)
    layers = Authority(delegable_layers(profile)).layers
    return conj(disj(reading.guard(c) for c in covering(layer, "tool.call", tool)) for layer in layers)
