"""What the reference semantics says of a small workspace, tried out case by case, against the checks.

The solver's side knows atoms and formulas; this side knows neither: it lists concrete resources and contexts,
keeps one of each kind that the documents tell apart, and asks `capwright_policy.reference` about each.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product
from pathlib import Path
from random import Random
from unittest.mock import patch

from capwright_policy import reference
from capwright_policy.checks import all_checks
from capwright_policy.checks.base import Run
from capwright_policy.compile import compile_graph
from capwright_policy.contexts import contexts_of
from capwright_policy.findings import Counterexample, Verdict
from capwright_policy.protected import protected
from capwright_policy.setting import Holder, Setting, find_profile, holders
from capwright_policy.solver import Solver
from capwright_registry.capability import Capability, CapabilityList, Meet, Tool
from capwright_registry.conditions import Condition
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import Pattern, TooComplex, atoms, matches
from capwright_registry.vocabulary import ACTIONS
from tests.support.random_workspaces import POOLS, random_setting
from tests.support.vectors import TODAY

Context = Mapping[str, object]
Violates = Callable[[str, str, Context], bool]
Reached = tuple[tuple[Holder, Tool], ...]

CHECKED = (
    "delegation-over-parent",
    "deputy",
    "grant-over-ceiling",
    "grant-over-scope",
    "policy-write",
    "request-over-grant",
)


@dataclass(frozen=True)
class Said:
    """What a check says of one subject: its verdict, and the counterexamples."""

    verdict: Verdict
    found: tuple[Counterexample, ...]


def decided(setting: Setting) -> dict[tuple[str, str], Said]:
    """The solver's side: by check and subject. Every counterexample is replayed."""
    run = Run(setting, compile_graph(setting), contexts_of(setting), Solver(60), {}, TODAY)
    said: dict[tuple[str, str], Said] = {}
    for check in all_checks():
        if check.id in CHECKED:
            outcome = check.run(run)
            for obligation in outcome.obligations:
                said.setdefault((check.id, obligation.subject), Said(Verdict.PROVED, ()))
            for finding in outcome.findings:
                key = (check.id, finding.subject)
                found = said[key].found
                if finding.counterexample is not None:
                    assert check.replay(setting, finding.counterexample), (key, finding.counterexample)
                    found = (*found, finding.counterexample)
                said[key] = Said(finding.verdict, found)
    return said


@dataclass(frozen=True)
class World:
    """Concrete effects and contexts of a setting, one of each kind that its documents tell apart."""

    setting: Setting
    resources: Mapping[str, tuple[str, ...]]
    contexts: tuple[Context, ...]

    def any(self, violates: Violates, contexts: Iterable[Context] | None = None) -> bool:
        """Whether some effect in some context is a violation."""
        here = self.contexts if contexts is None else tuple(contexts)
        return any(violates(a, r, c) for a, listed in self.resources.items() for r in listed for c in here)


def world_of(setting: Setting, found: Iterable[Counterexample], random: Random) -> World:
    """All contexts and paths over a small alphabet, the atoms' witnesses, and what the solver found."""
    cases = list(found)
    capabilities = list(_capabilities(setting))
    resources = {
        action: tuple(
            _kinds(
                _listed(setting, action, capabilities, cases, random),
                _patterns(action, capabilities),
                tuple(s.pattern for s in protected(setting) if action in s.actions),
            )
        )
        for action in POOLS
    }
    contexts: dict[tuple[bool, ...], Context] = {}
    for context in (*_contexts(), *(c.context for c in cases if c.context)):
        contexts.setdefault(_kind_of_context(context, capabilities), context)
    return World(setting, resources, tuple(contexts.values()))


def _capabilities(setting: Setting) -> Iterator[Capability]:
    for listed in (*setting.workspace.ceilings.values(), *setting.host.ceilings.values()):
        yield from listed
    for plugin in setting.workspace.plugins:
        yield from plugin.requires
    for profile in setting.workspace.profiles:
        for capabilities in (*profile.scope, *profile.delegable):
            yield from capabilities
        for grant in profile.grants:
            yield from (*grant.grant, *grant.lend)


def _patterns(action: str, capabilities: list[Capability]) -> tuple[Pattern, ...]:
    own = (c for c in capabilities if c.action == action)
    return tuple(dict.fromkeys(p for c in own for p in (*c.on, *c.except_)))


def _listed(
    setting: Setting,
    action: str,
    capabilities: list[Capability],
    cases: list[Counterexample],
    random: Random,
) -> Iterator[str]:
    yield from (case.resource for case in cases if case.action == action)
    patterns = _patterns(action, capabilities)
    if patterns:
        with contextlib.suppress(TooComplex):
            yield from (atom.witness for atom in atoms(random.sample(patterns, min(5, len(patterns)))))
    if ACTIONS[action].domain == "path":
        yield from _some_paths(setting)
        root = str(setting.workspace.root)
        words = ("a", "b", "x", "ab", "q", "xx")
        for _ in range(40):
            yield "/".join((root, *random.choices(words, k=random.randint(3, 5))))
    elif action == "tool.call":
        yield from (f"project:p{n}/{tool}" for n in range(5) for tool in ("t", "u"))
    else:
        yield from ("A", "B", "C", "AB", "AA", "BA", "ABC", "BB")


def _some_paths(setting: Setting) -> Iterator[str]:
    root = str(setting.workspace.root)
    yield from ("/", "/x", "/a/x", "/b", f"{root}/capwright.toml", f"{root}/plugins/p0/plugin.toml")
    yield from (f"{root}/profiles/x", f"{root}/.capwright/x", f"{root}/a/.git/x", f"{root}/x/AGENTS.md")
    words = ("a", "b", "x", "ab", "q")
    for length in range(4):
        yield from ("/".join((root, *parts)) for parts in product(words, repeat=length))


def _kinds(
    resources: Iterable[str], patterns: tuple[Pattern, ...], shields: tuple[Pattern, ...]
) -> list[str]:
    """One resource of each kind: the documents' patterns, and whether it is protected, tell them apart."""
    kinds: dict[tuple[bool, ...], str] = {}
    for resource in resources:
        governs = any(matches(shield, resource) for shield in shields)
        kinds.setdefault((governs, *(matches(p, resource) for p in patterns)), resource)
    return list(kinds.values())


def _contexts() -> Iterator[Context]:
    moments = [0, *(int(datetime(year, 6, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in (2027, 2029))]
    for mode, approved, depth, now in product(("x", "y", "z"), (False, True), range(4), moments):
        yield {"mode": mode, "approved": approved, "depth": depth, "now": now, "sandboxed": False}


def _kind_of_context(context: Context, capabilities: list[Capability]) -> tuple[bool, ...]:
    above = reference.parent_context(context) if context["depth"] else None
    guards = dict.fromkeys((c.when, c.until) for c in capabilities)
    held: list[bool] = [above is None]
    for when, until in guards:
        for here in (context, above):
            held.append(here is not None and _holds(when, until, here))
    return tuple(held)


def _holds(when: object, until: datetime | None, context: Context) -> bool:
    stands = not isinstance(when, Condition) or evaluate(when.ast, context)
    return stands and (until is None or reference.before(context, until.timestamp()))


def tried(setting: Setting, key: tuple[str, str], world: World) -> bool:
    """The reference's side: whether the check is broken for the subject by some case of the world."""
    check, subject = key
    return _TRIALS[check](setting, subject, world)


def _holder(setting: Setting, subject: str) -> Holder:
    return next(h for h in holders(setting) if h.subject == subject)


def _over_scope(setting: Setting, subject: str, world: World) -> bool:
    holder = _holder(setting, subject)
    return world.any(
        lambda a, r, c: (
            reference.allows(holder.grant.grant, a, r, c)
            and not reference.allows_all(holder.profile.scope, a, r, c)
        )
    )


def _over_ceiling(setting: Setting, subject: str, world: World) -> bool:
    holder = _holder(setting, subject)
    return world.any(
        lambda a, r, c: (
            reference.allows(holder.grant.grant, a, r, c)
            and not reference.under_ceilings(setting, holder, a, r, c)
        )
    )


def _over_grant(setting: Setting, subject: str, world: World) -> bool:
    holder = _holder(setting, subject)
    grant = tuple(replace(c, except_=()) for c in holder.grant.grant)
    return any(
        _unmet(capability, grant, resource, world)
        for capability in holder.plugin.requires
        if not capability.optional
        for resource in world.resources[capability.action]
    )


def _unmet(capability: Capability, grant: CapabilityList, resource: str, world: World) -> bool:
    action = capability.action
    asking = [c for c in world.contexts if reference.covers(capability, action, resource, c)]
    return bool(asking) and not any(reference.allows(grant, action, resource, c) for c in asking)


def _borrows(setting: Setting, subject: str, world: World) -> bool:
    """`reference.borrows`, with the chains of each context listed once."""
    holder = _holder(setting, subject)
    effects = replace(world, resources={a: r for a, r in world.resources.items() if a != "tool.call"})
    for context in world.contexts:
        ends = {id(chain[-1][0].grant): chain[-1] for chain in reference.chains(setting, holder, context)}
        if effects.any(_through(setting, holder, tuple(ends.values())), [context]):
            return True
    return False


def _through(setting: Setting, holder: Holder, ends: Reached) -> Violates:
    def violates(action: str, resource: str, context: Context) -> bool:
        return not reference.can(setting, holder, action, resource, context) and any(
            reference.tool_can(setting, owner, tool, action, resource, context)
            and not reference.lent(owner, holder, action, resource, context)
            for owner, tool in ends
        )

    return violates


def _writes_policy(setting: Setting, subject: str, world: World) -> bool:
    agent, slash, _ = subject.partition("/")
    meet: Meet = find_profile(setting, agent).scope
    if slash:
        meet = (_holder(setting, subject).grant.grant,)
    shields = protected(setting)
    return world.any(
        lambda a, r, c: (
            reference.allows_all(meet, a, r, c)
            and any(a in shield.actions and matches(shield.pattern, r) for shield in shields)
        )
    )


def _over_parent(setting: Setting, subject: str, world: World) -> bool:
    name, slash, below = subject.partition("/")
    parent = find_profile(setting, name)
    if not slash:
        return world.any(
            lambda a, r, c: (
                reference.allows_all(parent.delegable, a, r, c)
                and not reference.allows_all(parent.scope, a, r, c)
            )
        )
    child = find_profile(setting, below)
    follows = next(c.scope == "any-subset" for c in parent.children if c.profile == below)
    chosen = any(
        c.profile == name and c.scope == "any-subset" for p in setting.workspace.profiles for c in p.children
    )

    def violates(action: str, resource: str, context: Context) -> bool:
        # A parent that was narrowed to nothing may hand down nothing, whatever its own profile says.
        nothing_above = chosen and not follows
        above = reference.parent_context(context)
        may = reference.allows_all(parent.delegable, action, resource, above)
        return reference.allows_all(child.scope, action, resource, context) and (nothing_above or not may)

    return world.any(violates, (c for c in world.contexts if c["depth"]))


_TRIALS: Mapping[str, Callable[[Setting, str, World], bool]] = {
    "grant-over-scope": _over_scope,
    "grant-over-ceiling": _over_ceiling,
    "request-over-grant": _over_grant,
    "deputy": _borrows,
    "policy-write": _writes_policy,
    "delegation-over-parent": _over_parent,
}


@dataclass(frozen=True)
class Disagreement:
    """A subject of which the two sides say different things."""

    seed: int
    check: str
    subject: str
    solver: str
    reference: bool


def compare(seed: int, folder: Path) -> tuple[list[Disagreement], dict[tuple[str, str], int]]:
    """Disagreements of one seed, and how often each check gave each verdict."""
    setting = random_setting(seed, folder)
    said = decided(setting)
    cases = [case for one in said.values() for case in one.found]
    world = world_of(setting, cases, Random(seed))  # noqa: S311 - repeatable on purpose
    wrong: list[Disagreement] = []
    counts: dict[tuple[str, str], int] = {}
    with patch.object(reference, "matches", lru_cache(maxsize=None)(matches)):
        broken_at = {key: tried(setting, key, world) for key in said}
    for key, one in said.items():
        counts[key[0], str(one.verdict)] = counts.get((key[0], str(one.verdict)), 0) + 1
        broken = broken_at[key]
        if one.verdict is Verdict.UNKNOWN or broken is not (one.verdict is Verdict.REFUTED):
            wrong.append(Disagreement(seed, *key, str(one.verdict), broken))
    return wrong, counts
