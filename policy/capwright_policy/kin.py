"""Which agents are of one family: those that children's templates tie together.

What an agent may do, hands down and causes through others depends on no agent of another family.
"""

from __future__ import annotations

from capwright_policy.setting import Setting


def related(setting: Setting) -> dict[str, tuple[str, ...]]:
    """By agent, the names of all agents of its family, sorted."""
    above = {profile.name: profile.name for profile in setting.workspace.profiles}

    def head(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for profile in setting.workspace.profiles:
        for child in profile.children:
            above[head(child.profile)] = head(profile.name)
    families: dict[str, list[str]] = {}
    for name in sorted(above):
        families.setdefault(head(name), []).append(name)
    return {name: tuple(families[head(name)]) for name in above}
