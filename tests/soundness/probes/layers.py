"""Authority as a meet of unions of capabilities, and the classes of resources that are told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capwright_policy import questions, setting
from capwright_policy.authority import Authority, Layer
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.checks import never_grantable, policy_write
from capwright_policy.encoding import Encoder
from capwright_policy.questions import Included
from capwright_policy.solver import Undecided
from capwright_policy.spaces import Space, space_of
from capwright_registry.capability import Capability
from capwright_registry.patterns import Atom
from capwright_registry.vocabulary import ACTIONS, NEVER_GRANTABLE
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, original, probe


@probe("encoding", "grant-over-scope")
def exceptions_are_ignored(patch: Patch) -> None:
    """What a capability excepts counts as within it, on both sides."""

    def contains(space: Space, capability: Capability, atom: Atom) -> bool:
        return space.index[capability.on] in atom.members

    patch.setattr(Space, "contains", contains)


@probe("encoding", "policy-write", caught=by_replay)
def exceptions_keep_nothing_clear(patch: Patch) -> None:
    """What a capability excepts counts as within it where it must keep clear of what governs."""
    exceptions_are_ignored.bug(patch)


@probe("encoding", "grant-over-scope", "delegation-over-parent")
def exceptions_count_on_one_side_only(patch: Patch) -> None:
    """What the outer side excepts counts as within it, and what the inner side excepts does not."""
    real = questions._violation

    def violation(question: Any, space: Space, contexts: Any) -> Term:
        outer = {id(c) for layer in question.outer.layers for c in layer.capabilities}
        inside = Space.contains

        def contains(self: Space, capability: Capability, atom: Atom) -> bool:
            bare = self.index[capability.on] in atom.members
            return bare if id(capability) in outer else inside(self, capability, atom)

        with patch.context() as here:
            here.setattr(Space, "contains", contains)
            return real(question, space, contexts)

    patch.setattr(questions, "_violation", violation)


@probe("encoding", "grant-over-scope", "grant-over-ceiling")
def only_the_first_pattern_of_a_list_counts(patch: Patch) -> None:
    """Of `on` and of `except` the first pattern stands for the whole list."""

    def first(*args: Any) -> Space:
        action, authorities = args
        cut = [
            Authority(tuple(Layer(x.name, tuple(_first(c) for c in x.capabilities)) for x in a.layers))
            for a in authorities
        ]
        space = space_of(action, cut)
        both = ((c, _first(c)) for a in authorities for x in a.layers for c in x.of(action))
        index = {p: space.index[q] for c, d in both for p, q in ((c.on, d.on), (c.except_, d.except_))}
        return replace(space, index=index)

    patch.setattr(questions, "space_of", first)


def _first(capability: Capability) -> Capability:
    return replace(capability, on=capability.on[:1], except_=capability.except_[:1])


@probe("encoding", "grant-over-scope")
def only_the_first_layer_counts(patch: Patch) -> None:
    """Of a meet the first layer alone bounds: an extended profile narrows nothing."""
    real = Encoder.within
    patch.setattr(Encoder, "within", lambda self, a, atom: real(self, Authority(a.layers[:1]), atom))


@probe("encoding", "grant-over-scope", "ambient-import", "deputy")
def layers_are_joined(patch: Patch) -> None:
    """The union of the layers in the place of their intersection."""
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        return disj(real(self, Authority((layer,)), atom) for layer in authority.layers)

    patch.setattr(Encoder, "within", within)
    patch.setattr(
        Authority, "actions", lambda self: tuple(sorted({a for x in self.layers for a in x.actions}))
    )


@probe("encoding", "grant-over-ceiling", "delegation-over-parent")
def an_empty_layer_bounds_nothing(patch: Patch) -> None:
    """A layer without capabilities is passed over, as if nobody had written it."""
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        full = tuple(layer for layer in authority.layers if layer.capabilities)
        return real(self, Authority(full), atom) if full else True

    patch.setattr(Encoder, "within", within)


@probe("encoding", "grant-over-scope")
def only_the_first_capability_counts(patch: Patch) -> None:
    """Of a union the first capability stands for all of the action."""
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        action = self.space.action
        return real(self, Authority(tuple(Layer(x.name, x.of(action)[:1]) for x in authority.layers)), atom)

    patch.setattr(Encoder, "within", within)


@probe("encoding", "grant-over-scope")
def only_the_first_action_is_asked_about(patch: Patch) -> None:
    """A list with several actions is held to its bounds for the first of them."""
    real = Authority.actions
    patch.setattr(Authority, "actions", lambda self: real(self)[:1])


@probe("encoding", "grant-over-ceiling", "delegation-over-parent")
def the_two_sides_are_swapped(patch: Patch) -> None:
    """The question is whether the outer side is within the inner one."""
    real = questions._violation

    def violation(question: questions.Question, *rest: Any) -> Term:
        return real(replace(question, inner=question.outer, outer=question.inner), *rest)

    patch.setattr(questions, "_violation", violation)


@probe("encoding", "grant-over-ceiling")
def half_of_the_classes_are_lost(patch: Patch) -> None:
    """Of the classes of resources those with the longer witnesses are not asked about."""

    def fewer(*args: Any) -> Space:
        space = space_of(*args)
        return replace(space, atoms=space.atoms[: len(space.atoms) // 2])

    patch.setattr(questions, "space_of", fewer)


@probe("encoding", "grant-over-scope")
def what_is_too_complex_is_included(patch: Patch) -> None:
    """A question past the budget of the pattern algebra counts as proved."""
    real = questions._action_included

    def action_included(*args: Any) -> Any:
        outcome = real(*args)
        return Included() if isinstance(outcome, Undecided) else outcome

    patch.setattr(questions, "_action_included", action_included)


@probe("encoding", "policy-write")
def clear_of_is_read_as_within(patch: Patch) -> None:
    """What must keep clear of a list is asked instead whether it is within it."""
    real = questions._violation
    patch.setattr(questions, "_violation", lambda q, *rest: real(replace(q, disjoint=False), *rest))


@probe("encoding", "policy-write", caught=by_replay)
def an_extended_profile_keeps_nothing_clear(patch: Patch) -> None:
    """A scope is held against what governs without the profiles that it extends."""
    real = policy_write._Governed
    patch.setattr(policy_write, "_Governed", lambda *args: real(*args[:4]))


@probe("encoding", "policy-write")
def there_is_no_formula(patch: Patch) -> None:
    """The violation is false whatever the question."""
    patch.setattr(questions, "_violation", lambda *_: conj((False,)))


@probe("closure", "grant-over-ceiling")
def the_tier_that_is_claimed_is_believed(patch: Patch) -> None:
    """The host's ceiling is that of the tier which the workspace says a plugin is of."""
    patch.setattr(setting, "origin", lambda _, plugin: plugin.tier)


@probe("closure", "grant-over-ceiling")
def the_workspaces_ceiling_hides_the_hosts(patch: Patch) -> None:
    """Where the workspace declares a ceiling for a tier, the host's is not looked at."""
    from capwright_policy.checks import grant_over_ceiling

    real = original(grant_over_ceiling, "ceilings")
    patch.setattr(grant_over_ceiling, "ceilings", lambda *args: real(*args)[:1])


@probe("closure", "grant-over-ceiling")
def a_tier_without_a_ceiling_is_free(patch: Patch) -> None:
    """A tier that the host policy does not name may do what its workspace lets it."""
    real = setting.host_ceiling

    def host_ceiling(one: Any, holder: Any) -> Any:
        return real(one, holder) or holder.grant.grant

    patch.setattr("capwright_policy.authority.host_ceiling", host_ceiling)


@probe("closure", "never-grantable")
def what_is_lent_is_not_looked_at(patch: Patch) -> None:
    """An action that nobody may be granted may stand under `lend`."""
    _without_entries(patch, "lend")


@probe("closure", "never-grantable")
def what_tools_declare_is_not_looked_at(patch: Patch) -> None:
    """An action that nobody may be granted may stand among the effects of a tool."""
    patch.setattr(never_grantable, "_of_plugin", lambda plugin: iter(plugin.requires))


@probe("closure", "never-grantable")
def what_may_be_handed_down_is_not_looked_at(patch: Patch) -> None:
    """An action that nobody may be granted may stand under `delegable`."""
    patch.setattr(never_grantable, "_own", lambda profile: iter(profile.scope[0]))


def _without_entries(patch: Patch, key: str) -> None:
    real = never_grantable._entries

    def entries(one: Any) -> Any:
        workspace = one.workspace
        profiles = tuple(
            replace(p, grants=tuple(replace(g, **{key: ()}) for g in p.grants)) for p in workspace.profiles
        )
        return real(replace(one, workspace=replace(workspace, profiles=profiles)))

    patch.setattr(never_grantable, "_entries", entries)


@probe("encoding", "never-grantable", caught=by_replay)
def every_action_is_forbidden(patch: Patch) -> None:
    """The actions that must stay with the host are all there are."""
    patch.setattr(never_grantable, "NEVER_GRANTABLE", dict.fromkeys([*ACTIONS, *NEVER_GRANTABLE], ""))
