"""Who may write what, by the tables and the sandbox plans of a proof. Standard library only.

Conditions are set aside, for the contexts of a proof are its writer's choice. Left alone are those for whose
agent and for whom themselves `policy-write` is accepted: else one of the two keeps clear of what governs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capwright_runtimes.checker import Segments, World
from capwright_runtimes.confinement import Places


def governed(world: World) -> Iterator[str]:
    """The holders that were not let off."""
    for subject, holder in world.holders.items():
        if not {("policy-write", subject), ("policy-write", holder["agent"])} <= world.accepted:
            yield subject


def writer(world: World, subject: str) -> Callable[[Segments], bool] | None:
    """Whether a holder's tables or its sandbox let it write or delete a path, in whatever context.

    None where they let it write nothing at all, as is so of most.
    """
    layers, plan = world.holders[subject]["layers"], world.table(subject)["sandbox"]
    actions = sorted(world.actions(layers) & {"fs.write", "fs.delete"})
    places = Places.of(plan) if plan is not None and plan["write"] else None
    if not actions and places is None:
        return None

    def may_write(path: Segments) -> bool:
        if places is not None and places.state(path) == "write":
            return True
        return any(world.within(layers, action, path, lambda _: True) for action in actions)

    return may_write
