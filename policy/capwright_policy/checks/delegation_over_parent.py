"""`delegation-over-parent`: no child may do what its parent may not hand down, at any depth (G1).

Two kinds of obligation make it inductive along chains of any length: what an agent may delegate is within
its own scope, and each child's scope is within what its parent may delegate. The child's context is the
parent's at one more `depth`. With `scope = "any-subset"` the host narrows the child along with its parent
at run time; a child of fixed scope under an agent that can itself be narrowed must hold for every subset
that may be chosen.

Formula: some effect, context and run-time choice are within the child's scope and not within what the parent,
as chosen, may delegate. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from capwright_policy import reference
from capwright_policy.authority import Authority, delegable_layers, scope_layers
from capwright_policy.checks.inclusion import Subject, inclusion_check
from capwright_policy.findings import Counterexample, Edit
from capwright_policy.proposals import end_of
from capwright_policy.questions import Question
from capwright_policy.setting import Setting, find_profile
from capwright_registry.capability import Child, Profile


def _subjects(setting: Setting) -> Iterator[Subject]:
    for profile in setting.workspace.profiles:
        if profile.delegable_declared:
            yield _own(profile)
        for child in profile.children:
            yield _edge(setting, profile, child)


def _own(profile: Profile) -> Subject:
    scope = Authority(scope_layers(profile))
    return Subject(
        name=profile.name,
        agent=profile.name,
        plugin=None,
        inner=profile.delegable[0],
        question=Question(Authority(delegable_layers(profile)), scope),
        message=f"`{profile.name}` may delegate more than its own scope",
        above=profile.scope[0],
        above_name=f"the scope of `{profile.name}`",
        above_span=profile.span,
        fallback=profile.span,
        chain=(f"agent:{profile.name}",),
    )


def _edge(setting: Setting, parent: Profile, child: Child) -> Subject:
    target = find_profile(setting, child.profile)
    question = Question(
        Authority(scope_layers(target)),
        Authority(delegable_layers(parent)),
        outer_is_parent=True,
        outer_shrinks=_can_be_narrowed(setting, parent),
        inner_follows=child.scope == "any-subset",
    )
    return Subject(
        name=f"{parent.name}/{child.profile}",
        agent=child.profile,
        plugin=None,
        inner=target.scope[0],
        question=question,
        message=f"child `{child.profile}` may do more than its parent `{parent.name}` may delegate",
        above=parent.delegable[0],
        above_name=f"the delegable authority of `{parent.name}`",
        above_span=parent.delegable[0][0].span if parent.delegable[0] else parent.span,
        fallback=child.span,
        chain=_chain(setting, parent, child),
        follow=_follow(parent, child),
    )


def _follow(parent: Profile, child: Child) -> tuple[Edit, ...]:
    """The edit that lets the child follow its parent."""
    document, number = parent.document, parent.children.index(child)
    if "scope" in document.model.child[number].model_fields_set:
        return (Edit(document.span("child", number, "scope"), '"any-subset"'),)
    name, header = document.span("child", number, "profile"), document.span("child", number)
    separator = ", " if header.end_line >= name.line and header.end_column > name.column else "\n"
    return (Edit(end_of(name), f'{separator}scope = "any-subset"'),)


def _can_be_narrowed(setting: Setting, profile: Profile) -> bool:
    into = _spawns(setting).in_edges(profile.name, data="narrowed")
    return any(narrowed for _, _, narrowed in into)


def _spawns(setting: Setting) -> nx.DiGraph[str]:
    """Who may spawn whom, each edge with whether some entry for it is `any-subset`; made once."""
    found = setting.known.get(("spawns", None))
    if not isinstance(found, nx.DiGraph):
        found = nx.DiGraph()
        found.add_nodes_from((p.name, {"place": n}) for n, p in enumerate(setting.workspace.profiles))
        for profile in setting.workspace.profiles:
            for child in profile.children:
                before = found.get_edge_data(profile.name, child.profile, {"narrowed": False})["narrowed"]
                found.add_edge(profile.name, child.profile, narrowed=before or child.scope == "any-subset")
        setting.known["spawns", None] = found
    return found


def _chain(setting: Setting, parent: Profile, child: Child) -> tuple[str, ...]:
    """A shortest chain from an agent that nobody spawns, so that the reader sees the whole way down."""
    spawns = _spawns(setting)
    above = {parent.name, *nx.ancestors(spawns, parent.name)}
    roots = sorted((p for p in above if not spawns.in_degree(p)), key=spawns.nodes(data="place").__getitem__)
    way = min((nx.shortest_path(spawns, r, parent.name) for r in roots), key=len, default=[parent.name])
    return tuple(f"agent:{name}" for name in (*way, child.profile))


def _replay(setting: Setting, found: Counterexample) -> bool:
    if len(found.chain) == 1:
        return _replay_own(setting, found)
    parent = find_profile(setting, found.chain[-2].removeprefix("agent:"))
    child = find_profile(setting, found.agent)
    above = reference.parent_context(found.context)
    has = reference.allows_all(child.scope, found.action, found.resource, found.context)
    may = reference.allows_all(parent.delegable, found.action, found.resource, above)
    return has and (not may or _escapes_choice(setting, parent, child))


def _replay_own(setting: Setting, found: Counterexample) -> bool:
    profile = find_profile(setting, found.agent)
    effect = (found.action, found.resource, found.context)
    return reference.allows_all(profile.delegable, *effect) and not reference.allows_all(
        profile.scope, *effect
    )


def _escapes_choice(setting: Setting, parent: Profile, child: Profile) -> bool:
    """The choice of the empty subset for the parent leaves out every effect of a fixed child."""
    fixed = any(c.profile == child.name and c.scope != "any-subset" for c in parent.children)
    return fixed and _can_be_narrowed(setting, parent)


CHECK = inclusion_check(
    "delegation-over-parent",
    "G1",
    "every child, at any depth, stays within what its parent may delegate",
    _subjects,
    _replay,
)
