"""What a profile takes from the one that it extends: it narrows, and never widens.

Scope and delegable authority become meets. Permission rules are joined, with the stricter default. A join
alone could widen, since an `allow` rule beats the other's default; so each rule that allows or asks must lie
within what the extended profile allows at least as freely.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from capwright_registry.capability import Decision, Permission, Profile
from capwright_registry.patterns import Region, outside
from capwright_registry.report import Report
from capwright_registry.suggest import suggest

MAX_CHAIN = 16
_FREEDOM: Mapping[Decision, int] = {"deny": 0, "ask": 1, "allow": 2}


def apply_extends(profiles: Iterable[Profile], known: Collection[str], report: Report) -> tuple[Profile, ...]:
    """The profiles with what they extend put in, in the order given.

    `known` are the names of all profiles, also of those that could not be read: extending one of them is no
    second problem.
    """
    profiles = tuple(profiles)
    own = {profile.name: profile for profile in profiles}
    _check_names(profiles, known, report)
    _check_cycles(own, report)
    done: dict[str, Profile] = {}
    return tuple(_extended(own, done, profile, report) for profile in profiles)


def _extended(
    own: Mapping[str, Profile], done: dict[str, Profile], profile: Profile, report: Report
) -> Profile:
    if profile.name not in done:
        chain = _chain(own, profile)
        if len(chain) > MAX_CHAIN:
            report.add(profile.document.span("extends"), f"more than {MAX_CHAIN} profiles extend each other")
            return profile
        if any(link.document.damage for link in chain):  # what is left of a rule is no measure of another
            return profile
        base: Profile | None = None
        for link in reversed(chain):
            if link.name not in done:
                done[link.name] = link if base is None else _narrowed(link, base, report)
            base = done[link.name]
    return done[profile.name]


def _chain(own: Mapping[str, Profile], profile: Profile) -> list[Profile]:
    """The profile, what it extends, and so on; ends before a name that is unknown or comes again."""
    chain = [profile]
    seen = {profile.name}
    while (base := own.get(chain[-1].document.model.extends or "")) is not None and base.name not in seen:
        chain.append(base)
        seen.add(base.name)
    return chain


def _narrowed(profile: Profile, base: Profile, report: Report) -> Profile:
    for rule in profile.permissions:
        if rule.action != "deny" and not _within(rule, base):
            message = f"the rule allows tools that the extended profile `{base.name}` does not"
            report.add(rule.span, message, f"narrow the rule, or allow the tools in `{base.document.file}`")
    return replace(
        profile,
        scope=(*profile.scope, *base.scope),
        delegable=(*profile.delegable, *base.delegable),
        delegable_declared=profile.delegable_declared or base.delegable_declared,
        permissions=(*profile.permissions, *base.permissions),
        default=min(profile.default, base.default, key=lambda decision: _FREEDOM[decision]),
    )


def _within(rule: Permission, base: Profile) -> bool:
    """Whether the base lets every tool of the rule be called as freely, whatever the context.

    Conditions are compared by their text: two that only mean the same are refused, which is the strict side.
    """
    if _FREEDOM[base.default] >= _FREEDOM[rule.action]:
        return True
    as_free = [
        Region((other.pattern,))
        for other in base.permissions
        if _FREEDOM[other.action] >= _FREEDOM[rule.action]
        and (other.when is None or (rule.when is not None and other.when.text == rule.when.text))
    ]
    return outside(as_free, Region((rule.pattern,))) is None


def _check_names(profiles: Iterable[Profile], known: Collection[str], report: Report) -> None:
    for profile in profiles:
        name = profile.document.model.extends
        if name is not None and name not in known:
            report.add(profile.document.span("extends"), f"unknown profile `{name}`", suggest(name, known))


def _check_cycles(own: Mapping[str, Profile], report: Report) -> None:
    told: set[str] = set()
    for profile in own.values():
        chain = _chain(own, profile)
        if profile.name in told or chain[-1].document.model.extends != profile.name:
            continue
        names = [link.name for link in chain]
        told.update(names)
        through = ", ".join(f"`{name}`" for name in names[1:])
        message = f"`{profile.name}` extends itself" + (f", through {through}" if through else "")
        report.add(profile.document.span("extends"), message, "remove one `extends` of the circle")
