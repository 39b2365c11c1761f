"""The reference semantics of spawning: which agents start which, what they may spend, what they may call.

As `reference.py`, and apart from it only for length: written to be read, and apart from the solver.
"""

from __future__ import annotations

from capwright_policy.setting import Setting, find_profile


def overspends(setting: Setting, parent: str, child: str, grandchild: str, key: str) -> bool:
    """G1 broken: agents that `parent` starts as `child` have a budget, may start agents themselves, and
    those of `grandchild` have none, or all that they may start together has more.
    """
    below = find_profile(setting, child).children
    has_own_limit = [key in t.budget for t in below if t.profile == grandchild]
    together = sum(t.max_children * t.budget.get(key, 0) for t in below)
    return any(
        template.profile == child
        and template.max_depth > 1
        and key in template.budget
        and has_own_limit != []
        and (not all(has_own_limit) or together > template.budget[key])
        for template in find_profile(setting, parent).children
    )
