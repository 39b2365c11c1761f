"""The reference semantics: one that says too little is as loud as a check that finds too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capwright_policy import reference, reference_flow, reference_spawns
from tests.soundness.probe import Patch, probe


@probe("reference", "grant-over-scope")
def the_reference_has_no_exceptions(patch: Patch) -> None:
    """What a capability excepts counts as within it where counterexamples are replayed."""
    real = reference.covers
    patch.setattr(reference, "covers", lambda c, *rest: real(replace(c, except_=()), *rest))


@probe("reference", "grant-over-scope")
def the_reference_has_no_conditions(patch: Patch) -> None:
    """A condition is not evaluated where counterexamples are replayed."""
    real = reference.covers
    patch.setattr(reference, "covers", lambda c, *rest: real(replace(c, when=None), *rest))


@probe("reference", "delegation-over-parent")
def the_reference_has_one_depth(patch: Patch) -> None:
    """Parent and child are replayed at one `depth`."""
    patch.setattr(reference, "parent_context", dict)


@probe("reference", "deputy")
def the_reference_follows_one_call(patch: Patch) -> None:
    """A chain of more than one call does not replay."""
    real = reference.chains
    patch.setattr(reference, "chains", lambda *args: (c for c in real(*args) if len(c) == 1))


@probe("reference", "toxic-flow")
def the_reference_has_no_family(patch: Patch) -> None:
    """What the agents below bring does not replay."""
    patch.setattr(reference_flow, "family", lambda _, root: iter([(root, 0)]))


@probe("reference", "spawn-amplifies")
def the_reference_lets_nobody_follow(patch: Patch) -> None:
    """An agent two levels down does not replay."""
    real = reference_spawns.may_follow

    def may_follow(setting: Any, way: Any) -> bool:
        return len(way) < 3 and real(setting, way)

    patch.setattr(reference_spawns, "may_follow", may_follow)
