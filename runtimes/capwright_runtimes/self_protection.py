"""Nothing governed may write what governs it (G6), whatever the check `policy-write` was asked.

Conditions are set aside, for the contexts of a proof are its writer's choice. Left alone are those for whose
agent and for whom themselves `policy-write` is accepted: else one of the two keeps clear of what governs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from capwright_registry.built_in_policy import NAME, SELF_PROTECTED
from capwright_registry.capability import HostPolicy
from capwright_registry.patterns import matches, parse
from capwright_registry.patterns.folding import folded
from capwright_runtimes.checker import World
from capwright_runtimes.writers import governed, writer


def writes_protected(world: World, policy: HostPolicy) -> Iterator[str]:
    """What may write the host policy's file, and what a sandbox lets be written that the host protects.

    A folder that is writable as a whole has room for each of the files from which a later process takes
    orders, whether they are there or not.
    """
    files = {policy.source, os.path.realpath(policy.source)} if policy.source != NAME else set()
    for subject in governed(world):
        may_write = writer(world, subject)
        for file in sorted(files):
            if may_write and may_write(tuple(part for part in file.split("/") if part)):
                yield f"`{subject}` may change the host policy"
        plan = world.table(subject)["sandbox"]
        for place in plan["write"] if plan is not None else ():
            if place not in plan["files"]:
                yield f"`{subject}` may write all of `{place}`, start-up files too"
            elif _is_protected(place, policy):
                yield f"`{subject}` may write `{place}`, from which a later process takes orders"


def _is_protected(path: str, policy: HostPolicy) -> bool:
    patterns = (parse("path", text) for text in SELF_PROTECTED if not text.startswith("${"))
    return any(matches(folded(p) if policy.folds_case else p, path) for p in patterns)
