"""What agents hand down to agents, over any number of levels, and what a run-time choice leaves of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capwright_policy import questions
from capwright_policy.authority import scope_layers
from capwright_policy.booleans import Term
from capwright_policy.checks import delegation_over_parent
from capwright_policy.contexts import Contexts
from capwright_policy.questions import Question
from capwright_policy.setting import Setting
from capwright_registry.capability import Child, Profile
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, original, probe


def _asked(patch: Patch, **changed: Any) -> None:
    real = questions._violation

    def violation(question: Question, *rest: Any) -> Term:
        return real(replace(question, **changed), *rest)

    patch.setattr(questions, "_violation", violation)


@probe("encoding", "delegation-over-parent")
def a_child_is_at_its_parents_depth(patch: Patch) -> None:
    """The outer side is read at the child's own `depth`: the parent's is not lowered."""
    _asked(patch, outer_is_parent=False)


@probe("encoding", "delegation-over-parent")
def a_parent_is_at_one_depth_more(patch: Patch) -> None:
    """The outer side is read at one `depth` more than the child's, where it is one less."""
    real = Contexts.__init__

    def init(self: Contexts, *args: Any) -> None:
        real(self, *args)
        self.parent = self.below(1)

    patch.setattr(Contexts, "__init__", init)


@probe("encoding", "delegation-over-parent")
def nobody_is_narrowed_at_run_time(patch: Patch) -> None:
    """An agent of which a subset may be chosen always has all of its scope."""
    _asked(patch, outer_shrinks=False)


@probe("encoding", "delegation-over-parent", caught=by_replay)
def nobody_follows_a_choice(patch: Patch) -> None:
    """A child that is narrowed along with its parent keeps all of its scope."""
    real = original(delegation_over_parent, "Question")
    patch.setattr(
        delegation_over_parent,
        "Question",
        lambda *args, **named: real(*args, **{**named, "inner_follows": False}),
    )
    _asked(patch, inner_follows=False)


@probe("encoding", "delegation-over-parent")
def every_child_follows_a_choice(patch: Patch) -> None:
    """A child of fixed scope is narrowed along with its parent."""
    _asked(patch, inner_follows=True)


@probe("closure", "delegation-over-parent")
def a_choice_counts_for_the_child_alone(patch: Patch) -> None:
    """Who can be narrowed is told by the agents that it starts, not by those that start it."""

    def narrowed(_: Setting, profile: Profile) -> bool:
        return any(child.scope == "any-subset" for child in profile.children)

    patch.setattr(delegation_over_parent, "_can_be_narrowed", narrowed)


def _unasked(subject: Any) -> Any:
    """The same subject with a question that always holds."""
    question = subject.question
    held = replace(question, outer=question.inner, outer_is_parent=False, outer_shrinks=False)
    return replace(subject, question=held)


@probe("closure", "delegation-over-parent")
def what_is_delegable_is_held_against_nothing(patch: Patch) -> None:
    """An agent may say that it hands down more than its own scope."""
    real = delegation_over_parent._own
    patch.setattr(delegation_over_parent, "_own", lambda profile: _unasked(real(profile)))


@probe("closure", "delegation-over-parent")
def a_chain_holds_by_its_first_link(patch: Patch) -> None:
    """The children of agents that are children themselves are not asked about."""
    real = delegation_over_parent._edge

    def edge(setting: Setting, parent: Profile, child: Child) -> Any:
        started = {c.profile for p in setting.workspace.profiles for c in p.children}
        link = real(setting, parent, child)
        return _unasked(link) if parent.name in started else link

    patch.setattr(delegation_over_parent, "_edge", edge)


@probe("closure", "delegation-over-parent")
def what_is_handed_down_is_the_scope(patch: Patch) -> None:
    """A child is held against its parent's own scope, whatever the parent says that it may hand down."""
    patch.setattr(delegation_over_parent, "delegable_layers", scope_layers)
