"""What flows together: labels, the delegation closure, and files that are left for others."""

from __future__ import annotations

from typing import Any

from capwright_policy import families, flows
from capwright_policy.checks import toxic_flow
from tests.soundness.probe import Patch, original, probe


def _within(patch: Patch, levels: int) -> None:
    real = flows.closure
    patch.setattr(families, "closure", lambda *args: tuple(s for s in real(*args) if s.level <= levels))


@probe("closure", "toxic-flow")
def an_agent_is_looked_at_alone(patch: Patch) -> None:
    """What the agents that it starts bring is not joined with its own."""
    _within(patch, 0)


@probe("closure", "toxic-flow")
def flows_come_from_children_alone(patch: Patch) -> None:
    """What the children of its children bring is not joined with an agent's own."""
    _within(patch, 1)


@probe("closure", "toxic-flow")
def nothing_is_left_in_files(patch: Patch) -> None:
    """What another agent writes and this one reads carries nothing over."""
    patch.setattr(families, "left_behind", lambda *_: iter(()))


@probe("closure", "toxic-flow")
def every_file_is_shared(patch: Patch) -> None:
    """Whoever writes leaves something for whoever reads, wherever they do."""
    patch.setattr(flows, "_common", lambda *_: "/shared")


@probe("closure", "toxic-flow")
def no_label_is_no_label(patch: Patch) -> None:
    """A tool that nobody labelled carries none of the labels, where it carries all."""

    def labels_of(workspace: Any, tool: str) -> Any:
        labels, labelled = flows.labels_of(workspace, tool)
        return (labels if labelled else frozenset()), labelled

    patch.setattr(families, "labels_of", labels_of)


@probe("closure", "toxic-flow")
def calls_bring_no_labels(patch: Patch) -> None:
    """What a tool brings by calling another one is not looked at."""
    patch.setattr(families, "callable_tools", lambda *_: iter(()))


@probe("encoding", "toxic-flow")
def labels_meet_in_any_contexts(patch: Patch) -> None:
    """Each label is looked for in a context of its own, so that they meet where no context has all."""
    real = original(families, "permitted")

    def permitted(*args: Any, **named: Any) -> Any:
        return real(*args, **named) is not False

    patch.setattr(families, "permitted", permitted)


@probe("encoding", "toxic-flow")
def children_are_read_at_their_parents_depth(patch: Patch) -> None:
    """The rules of an agent below are read at the `depth` of the root."""
    patch.setattr(families, "_reading", lambda contexts, _: contexts.own)


@probe("encoding", "toxic-flow")
def asking_never_breaks_a_flow(patch: Patch) -> None:
    """Calls that the user is asked for count, though the workspace says that they break flows."""
    real = families.family_of
    patch.setattr(toxic_flow, "family_of", lambda *args, **_: real(*args, asked=True))


@probe("encoding", "toxic-flow")
def asking_always_breaks_a_flow(patch: Patch) -> None:
    """Calls that the user is asked for count as none, though the workspace does not say so."""
    real = families.family_of
    patch.setattr(toxic_flow, "family_of", lambda *args, **_: real(*args, asked=False))


@probe("encoding", "toxic-flow")
def one_rule_is_enough(patch: Patch) -> None:
    """Of the rules that the workspace asks for the first is decided."""
    real = toxic_flow._groups
    patch.setattr(
        toxic_flow,
        "_groups",
        lambda family, rule: real(family, rule) if rule == "trifecta" else [],
    )
