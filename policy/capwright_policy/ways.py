"""Every way over calls from one plugin to the tools of others, as the conditions under which it is open.

A way whose conditions include those of another way to the same tool adds nothing and is dropped. So circles
end, and what is left says exactly when a tool is reached, over any number of calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capwright_policy.authority import effective
from capwright_policy.calls import callable_tools
from capwright_policy.holding import FALSE, TRUE, Tree
from capwright_policy.setting import Holder, Setting
from capwright_policy.when_called import within
from capwright_registry.capability import Tool
from capwright_registry.patterns import TooComplex

#: More ways than this from one plugin, told apart by their conditions, and the answer is `unknown`.
MOST_WAYS = 512


@dataclass(frozen=True, slots=True)
class Way:
    """The tools called one after another, the last one of `owner`; open where all of `guards` hold."""

    owner: Holder
    tools: tuple[Tool, ...]
    guards: frozenset[Tree]


def ways(setting: Setting, start: Holder) -> Iterator[Way]:
    """The ways from calls that `start` makes; of those with the same conditions a shortest one.

    Raises `TooComplex` for more than `MOST_WAYS`.
    """
    found: dict[str, list[Way]] = {}
    waiting = [Way(start, (), frozenset())]
    count = 0
    while waiting:
        so_far = waiting.pop(0)
        for way in _steps(setting, so_far):
            kept = found.setdefault(way.tools[-1].identity, [])
            if not any(other.guards <= way.guards for other in kept):
                kept[:] = [other for other in kept if not way.guards <= other.guards] + [way]
                waiting.append(way)
                count += 1
                if count > MOST_WAYS:
                    raise TooComplex(f"more than {MOST_WAYS} ways of calls from `{start.subject}`")
    for kept in found.values():
        yield from kept


def _steps(setting: Setting, so_far: Way) -> Iterator[Way]:
    authority = effective(setting, so_far.owner)
    for owner, tool in callable_tools(setting, so_far.owner):
        guard = within(authority, "tool.call", tool.identity)
        if guard != FALSE:
            yield Way(owner, (*so_far.tools, tool), so_far.guards | ({guard} - {TRUE}))
