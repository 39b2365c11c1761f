"""The vectors notice bugs: each check left out, and deliberate mistakes in what the checks stand on.

A mutant is caught when some vector of its check no longer says what `expected.json` says, or when the
verification fails outright, as it does when a counterexample does not replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from capwright_policy import compile as compile_
from capwright_policy import descriptors, launchers, questions, reference, routes
from capwright_policy.authority import Authority, Layer
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.checks import (
    all_checks,
    ambient_import,
    api_incompatible,
    artifact_drift,
    deputy,
    descriptor_drift,
    never_grantable,
    shadowed_identity,
    unpinned,
)
from capwright_policy.checks.base import Check, Outcome, Run
from capwright_policy.contexts import Reading
from capwright_policy.encoding import Encoder
from capwright_policy.questions import Included, Question
from capwright_policy.reach import Reach
from capwright_policy.setting import Holder
from capwright_policy.solver import Answer, Solver, Undecided, Unsat
from capwright_policy.spaces import Space, space_of
from capwright_registry.capability import Capability
from capwright_registry.errors import InternalError
from capwright_registry.patterns import Atom, TooComplex
from capwright_registry.vocabulary import ACTIONS, NEVER_GRANTABLE
from tests.support import client_mutants, spawn_mutants, tier_mutants
from tests.support.vectors import Vector, run, said, vectors, verdicts

CHECKS = {check.id: check for check in all_checks()}
Patch = pytest.MonkeyPatch


def only(patch: Patch, check: Check) -> None:
    """Let a verification run this one check."""
    patch.setattr("capwright_policy.verify.all_checks", lambda: (check,))


def wrong(vector: Vector) -> bool:
    """Whether the vector's own check says something else than expected."""
    try:
        report = run(vector)
    except InternalError:
        return True
    own = [f for f in vector.expected.get("findings", []) if f["check"] == vector.check]
    verdict = vector.expected["checks"][vector.check]
    return verdicts(report)[vector.check] != verdict or [said(report, f) for f in report.findings] != own


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_unchanged_checks_are_right(id_: str, monkeypatch: Patch) -> None:
    """The measure itself: without a mutation no vector is wrong."""
    only(monkeypatch, CHECKS[id_])
    assert [vector.name for vector in vectors(id_) if wrong(vector)] == []


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_check_that_always_proves_is_caught(id_: str, monkeypatch: Patch) -> None:
    """Every refused vector of the check notices, and no accepted one does."""

    def blind(run: Run) -> Outcome:
        return Outcome(CHECKS[id_].run(run).obligations, ())

    only(monkeypatch, replace(CHECKS[id_], run=blind))
    assert {vector.name: vector.refused for vector in vectors(id_)} == {
        vector.name: wrong(vector) for vector in vectors(id_)
    }


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_check_with_nothing_to_prove_is_caught(id_: str, monkeypatch: Patch) -> None:
    """Vacuity is told from proof."""
    only(monkeypatch, replace(CHECKS[id_], run=lambda _: Outcome((), ())))
    assert any(wrong(vector) for vector in vectors(id_) if not vector.refused)


# Deliberate bugs: each a function that breaks one thing, and the check whose vectors must notice.


def ignore_exceptions(patch: Patch) -> None:
    def contains(space: Space, capability: Capability, atom: Atom) -> bool:
        return space.index[capability.on] in atom.members

    patch.setattr(Space, "contains", contains)


def ignore_patterns(patch: Patch) -> None:
    patch.setattr(Space, "contains", lambda *_: True)


def ignore_conditions(patch: Patch) -> None:
    real = Reading.guard
    patch.setattr(Reading, "guard", lambda self, c: real(self, replace(c, when=None)))


def ignore_ends(patch: Patch) -> None:
    real = Reading.guard
    patch.setattr(Reading, "guard", lambda self, c: real(self, replace(c, until=None)))


def first_layer_only(patch: Patch) -> None:
    real = Encoder.within
    patch.setattr(Encoder, "within", lambda self, a, atom: real(self, Authority(a.layers[:1]), atom))


def any_layer_will_do(patch: Patch) -> None:
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        return disj(real(self, Authority((layer,)), atom) for layer in authority.layers)

    patch.setattr(Encoder, "within", within)


def empty_means_everything(patch: Patch) -> None:
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        full = tuple(layer for layer in authority.layers if layer.capabilities)
        return real(self, Authority(full), atom) if full else True

    patch.setattr(Encoder, "within", within)


def first_capability_only(patch: Patch) -> None:
    real = Encoder.within

    def within(self: Encoder, authority: Authority, atom: Atom) -> Term:
        action = self.space.action
        return real(self, Authority(tuple(Layer(x.name, x.of(action)[:1]) for x in authority.layers)), atom)

    patch.setattr(Encoder, "within", within)


def first_action_only(patch: Patch) -> None:
    real = Authority.actions
    patch.setattr(Authority, "actions", lambda self: real(self)[:1])


def swap_the_sides(patch: Patch) -> None:
    real = questions._violation

    def violation(question: Question, *rest: Any) -> Term:
        return real(replace(question, inner=question.outer, outer=question.inner), *rest)

    patch.setattr(questions, "_violation", violation)


def forget_the_shorter_witnesses(patch: Patch) -> None:
    def fewer(*args: Any) -> Space:
        space = space_of(*args)
        return replace(space, atoms=space.atoms[: len(space.atoms) // 2])

    patch.setattr(questions, "space_of", fewer)


def too_complex_is_included(patch: Patch) -> None:
    real = questions._action_included

    def action_included(*args: Any) -> Any:
        outcome = real(*args)
        return Included() if isinstance(outcome, Undecided) else outcome

    patch.setattr(questions, "_action_included", action_included)


def same_depth_for_parent_and_child(patch: Patch) -> None:
    real = questions._violation

    def violation(question: Question, *rest: Any) -> Term:
        return real(replace(question, outer_is_parent=False), *rest)

    patch.setattr(questions, "_violation", violation)


def nobody_is_narrowed(patch: Patch) -> None:
    real = questions._violation

    def violation(question: Question, *rest: Any) -> Term:
        return real(replace(question, outer_shrinks=False), *rest)

    patch.setattr(questions, "_violation", violation)


def disjoint_as_included(patch: Patch) -> None:
    real = questions._violation
    patch.setattr(questions, "_violation", lambda q, *rest: real(replace(q, disjoint=False), *rest))


def within_hops(hops: int) -> Callable[[Patch], None]:
    """Reachability that gives up after so many calls, as peers do."""

    def mutate(patch: Patch) -> None:
        real = Reach.__init__

        def init(self: Reach[Any], name: str, starts: Iterable[Any], edges: Iterable[Any]) -> None:
            kept, all_edges, first = [], list(edges), list(starts)
            front = {start for start, _ in first}
            for _ in range(hops):
                here = [edge for edge in all_edges if edge[0] in front]
                kept += [edge for edge in here if edge not in kept]
                front = {edge[1] for edge in here}
            real(self, name, first, kept)

        patch.setattr(Reach, "__init__", init)

    return mutate


def calls_without_conditions(patch: Patch) -> None:
    real = Reach.__init__

    def init(self: Reach[Any], name: str, starts: Iterable[Any], edges: Iterable[Any]) -> None:
        real(self, name, starts, ((a, b, True) for a, b, _ in edges))

    patch.setattr(Reach, "__init__", init)


def circular_support(patch: Patch) -> None:
    """Without ranks, two nodes hold each other up."""
    real = Reach.__init__

    def init(self: Reach[Any], *args: Any) -> None:
        real(self, *args)
        for number, node in enumerate(self._rank):
            self._rank[node] = _Unranked(number)

    patch.setattr(Reach, "__init__", init)


class _Unranked:
    """A rank that is below every other one."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: object) -> bool:
        return True


def lent_to_whoever_asks(patch: Patch) -> None:
    def layer(owner: Holder, borrower: Holder) -> Layer:
        return Layer("lent", owner.grant.lend)

    patch.setattr(deputy, "lent_layer", layer)


def nothing_is_lent(patch: Patch) -> None:
    patch.setattr(deputy, "lent_layer", lambda *_: Layer("lent", ()))


def replay_without_exceptions(patch: Patch) -> None:
    real = reference.covers
    patch.setattr(reference, "covers", lambda c, *rest: real(replace(c, except_=()), *rest))


def replay_without_conditions(patch: Patch) -> None:
    real = reference.covers
    patch.setattr(reference, "covers", lambda c, *rest: real(replace(c, when=None), *rest))


def replay_at_one_depth(patch: Patch) -> None:
    patch.setattr(reference, "parent_context", dict)


def unknown_as_proved(patch: Patch) -> None:
    def check(self: Solver, *formulas: Any) -> Answer:
        return Unsat()

    patch.setattr(Solver, "check", check)


def every_import_is_ungranted(patch: Patch) -> None:
    patch.setattr(ambient_import, "_granted", lambda *_: False)


def every_name_reads_the_same(patch: Patch) -> None:
    patch.setattr(shadowed_identity, "_folded", lambda _: "same")


def permission_is_never_there(patch: Patch) -> None:
    patch.setattr(routes, "present", lambda _s, _h, mediator: mediator != "permission")


def every_server_is_unconfined(patch: Patch) -> None:
    patch.setattr(compile_, "unconfined", lambda _, holder: holder.plugin.kind == "mcp")


def every_action_is_forbidden(patch: Patch) -> None:
    patch.setattr(never_grantable, "NEVER_GRANTABLE", dict.fromkeys([*ACTIONS, *NEVER_GRANTABLE], ""))


def no_version_is_in_range(patch: Patch) -> None:
    patch.setattr(api_incompatible, "_holds", lambda *_: False)


def no_version_is_exact(patch: Patch) -> None:
    patch.setattr(launchers.Package, "exact", False)


def no_pin_says_the_same(patch: Patch) -> None:
    real = descriptors.statements
    patch.setattr(
        descriptor_drift, "statements", lambda *a: (replace(s, problem="says less") for s in real(*a))
    )


def all_names_read_alike(patch: Patch) -> None:
    patch.setattr(descriptor_drift, "skeleton", lambda _: "same")
    patch.setattr(descriptor_drift, "reads_like", lambda one, other: one != other)


def nothing_is_exported(patch: Patch) -> None:
    patch.setattr(artifact_drift, "_exports", lambda *_: False)


#: Bugs that find too much, and the check whose counterexamples then do not replay.
FALSE_ALARMS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (every_import_is_ungranted, "ambient-import"),
    (every_name_reads_the_same, "shadowed-identity"),
    (permission_is_never_there, "unmediated-effect"),
    (every_server_is_unconfined, "ambient-process"),
    (no_version_is_in_range, "api-incompatible"),
    (nothing_is_exported, "artifact-drift"),
    (no_version_is_exact, "unpinned"),
    (no_pin_says_the_same, "descriptor-drift"),
    (all_names_read_alike, "descriptor-drift"),
    (every_action_is_forbidden, "never-grantable"),
    (ignore_exceptions, "policy-write"),
    *spawn_mutants.FALSE_ALARMS,
    *client_mutants.FALSE_ALARMS,
    *tier_mutants.FALSE_ALARMS,
)


@pytest.mark.parametrize(
    ("mutate", "id_"), FALSE_ALARMS, ids=[f"{id_}-{n}" for n, (_, id_) in enumerate(FALSE_ALARMS)]
)
def test_a_counterexample_that_is_none_does_not_replay(
    mutate: Callable[[Patch], None], id_: str, monkeypatch: Patch
) -> None:
    """The reference semantics shares no code with what finds, so a false alarm fails loudly."""
    only(monkeypatch, CHECKS[id_])
    mutate(monkeypatch)
    loud = 0
    for vector in vectors(id_):
        if not vector.refused:
            try:
                assert run(vector).proved, vector.name
            except InternalError as error:
                assert "does not replay" in str(error)
                loud += 1
    assert loud


def pre_releases_are_like_others(patch: Patch) -> None:
    patch.setattr(api_incompatible, "_holds", lambda r, v: r.contains(v, prereleases=True))


def the_hosts_interface_is_the_workspaces(patch: Patch) -> None:
    real = api_incompatible._offers
    patch.setattr(api_incompatible, "_offers", lambda setting: islice(real(setting), 1))


def only_what_is_declared_is_pinned(patch: Patch) -> None:
    patch.setattr(unpinned, "_mentions", lambda _: iter(()))


def shells_hide_what_they_start(patch: Patch) -> None:
    patch.setattr(launchers, "_simple", lambda _: iter(()))


def any_type_names_a_resource(patch: Patch) -> None:
    patch.setattr(descriptors, "_says_text", lambda *_: True)


def only_ones_own_tools_are_alike(patch: Patch) -> None:
    real = descriptor_drift._alike
    patch.setattr(descriptor_drift, "_alike", lambda users, *rest: real(users[:1], *rest))


def names_are_read_as_they_are_written(patch: Patch) -> None:
    patch.setattr(descriptor_drift, "skeleton", str)


def everything_is_exported(patch: Patch) -> None:
    patch.setattr(artifact_drift, "_exports", lambda *_: True)


def no_formula_at_all(patch: Patch) -> None:
    patch.setattr(questions, "_violation", lambda *_: conj((False,)))


BUGS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (ignore_exceptions, "grant-over-scope"),
    (ignore_patterns, "grant-over-scope"),
    (ignore_conditions, "grant-over-scope"),
    (ignore_conditions, "deputy"),
    (ignore_ends, "grant-over-scope"),
    (first_layer_only, "grant-over-scope"),
    (any_layer_will_do, "grant-over-scope"),
    (empty_means_everything, "grant-over-ceiling"),
    (empty_means_everything, "delegation-over-parent"),
    (first_capability_only, "grant-over-scope"),
    (first_action_only, "grant-over-scope"),
    (swap_the_sides, "grant-over-ceiling"),
    (swap_the_sides, "delegation-over-parent"),
    (forget_the_shorter_witnesses, "grant-over-ceiling"),
    (too_complex_is_included, "grant-over-scope"),
    (same_depth_for_parent_and_child, "delegation-over-parent"),
    (nobody_is_narrowed, "delegation-over-parent"),
    (disjoint_as_included, "policy-write"),
    (within_hops(1), "deputy"),
    (within_hops(2), "deputy"),
    (within_hops(4), "deputy"),
    (calls_without_conditions, "deputy"),
    (circular_support, "deputy"),
    (lent_to_whoever_asks, "deputy"),
    (nothing_is_lent, "deputy"),
    (replay_without_exceptions, "grant-over-scope"),
    (replay_without_conditions, "grant-over-scope"),
    (replay_at_one_depth, "delegation-over-parent"),
    (unknown_as_proved, "never-grantable"),
    (unknown_as_proved, "unmediated-effect"),
    (no_formula_at_all, "policy-write"),
    (unknown_as_proved, "budget-growth"),
    (ignore_conditions, "spawn-amplifies"),
    (within_hops(1), "exec-is-everything"),
    (ignore_conditions, "exec-is-everything"),
    *spawn_mutants.BUGS,
    *client_mutants.BUGS,
    *tier_mutants.BUGS,
    (ignore_conditions, "tier-precedence"),
    (pre_releases_are_like_others, "api-incompatible"),
    (the_hosts_interface_is_the_workspaces, "api-incompatible"),
    (only_what_is_declared_is_pinned, "unpinned"),
    (shells_hide_what_they_start, "unpinned"),
    (everything_is_exported, "artifact-drift"),
    (any_type_names_a_resource, "descriptor-drift"),
    (only_ones_own_tools_are_alike, "descriptor-drift"),
    (names_are_read_as_they_are_written, "descriptor-drift"),
)


@pytest.mark.parametrize(
    ("mutate", "id_"),
    BUGS,
    ids=[f"{bug.__qualname__.partition('.')[0]}-{id_}-{n}" for n, (bug, id_) in enumerate(BUGS)],
)
def test_a_deliberate_bug_is_caught(mutate: Callable[[Patch], None], id_: str, monkeypatch: Patch) -> None:
    only(monkeypatch, CHECKS[id_])
    mutate(monkeypatch)
    assert any(wrong(vector) for vector in vectors(id_)), f"no vector of `{id_}` notices"


def test_too_complex_is_what_the_vector_meets() -> None:
    """The vector `too-complex` is refused for the reason that it gives."""
    vector = next(v for v in vectors("grant-over-scope") if v.folder.name == "too-complex")
    reason = str(TooComplex("the patterns need more states than the budget allows"))
    assert [f.message for f in run(vector).findings] == [reason]
