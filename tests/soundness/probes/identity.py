"""Names, versions, artifacts and pins: that what is loaded is what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from packaging.specifiers import SpecifierSet

from capwright_policy import descriptors, launchers
from capwright_policy.checks import (
    api_incompatible,
    artifact_drift,
    descriptor_drift,
    shadowed_identity,
    unpinned,
)
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, original, probe


@probe("closure", "shadowed-identity", caught=by_replay)
def every_name_reads_the_same(patch: Patch) -> None:
    """No two names are told apart."""
    patch.setattr(shadowed_identity, "_folded", lambda _: "same")


@probe("closure", "shadowed-identity")
def tiers_tell_names_apart(patch: Patch) -> None:
    """Two plugins of one id in two tiers count as two names."""
    patch.setattr(shadowed_identity, "_folded", lambda one: re.sub("[-_./]+", "_", one.casefold()))


@probe("closure", "shadowed-identity")
def case_tells_names_apart(patch: Patch) -> None:
    """Two names that differ in case alone count as two."""
    patch.setattr(shadowed_identity, "_folded", lambda one: re.sub("[-_./]+", "_", one.rpartition(":")[2]))


@probe("closure", "shadowed-identity")
def separators_tell_names_apart(patch: Patch) -> None:
    """A tool whose name is flattened into another's is taken for another."""
    patch.setattr(shadowed_identity, "_folded", lambda one: one.rpartition(":")[2].casefold())


@probe("closure", "shadowed-identity")
def the_hosts_own_names_are_free(patch: Patch) -> None:
    """A plugin may take the name of the host's own, by which policy changes."""
    patch.setattr(shadowed_identity, "_HOST_PLUGINS", ())


@probe("closure", "shadowed-identity")
def names_are_compared_in_one_plugin(patch: Patch) -> None:
    """A name counts as taken where the same plugin has it already."""
    patch.setattr(
        shadowed_identity._Named, "key", property(lambda self: (self.owner or self.identity, self.identity))
    )


@probe("encoding", "api-incompatible", caught=by_replay)
def no_version_is_in_range(patch: Patch) -> None:
    """Every version lies outside of every range."""
    patch.setattr(api_incompatible, "_holds", lambda *_: False)


@probe("encoding", "api-incompatible")
def pre_releases_are_like_others(patch: Patch) -> None:
    """A pre-release lies in a range that names none."""
    patch.setattr(api_incompatible, "_holds", lambda r, v: r.contains(v, prereleases=True))


@probe("closure", "api-incompatible")
def the_hosts_interface_is_the_workspaces(patch: Patch) -> None:
    """A plugin is held against the interface that the workspace counts on, not against the host's."""
    real = api_incompatible._offers
    patch.setattr(api_incompatible, "_offers", lambda setting: islice(real(setting), 1))


@probe("encoding", "api-incompatible")
def only_the_lower_bound_counts(patch: Patch) -> None:
    """A range has no upper end."""
    real = api_incompatible._holds

    def holds(range_: Any, version: str) -> bool:
        lower = (str(bound) for bound in range_ if not bound.operator.startswith("<"))
        return real(SpecifierSet(",".join(lower)), version)

    patch.setattr(api_incompatible, "_holds", holds)


@probe("closure", "artifact-drift", caught=by_replay)
def nothing_is_exported(patch: Patch) -> None:
    """An artifact's exports are not seen."""
    patch.setattr(artifact_drift, "_exports", lambda *_: False)


@probe("closure", "artifact-drift")
def any_export_will_do(patch: Patch) -> None:
    """An artifact that exports something counts as exporting what is needed."""
    patch.setattr(artifact_drift, "_exports", lambda artifact, _: bool(artifact.exports))


@probe("encoding", "artifact-drift")
def a_digest_is_compared_where_tools_are(patch: Patch) -> None:
    """Of what a manifest counts on in an artifact the exports are compared, and its digest is not."""
    real = original(artifact_drift, "Claim")

    def claim(subject: str, violation: Any, finding: Any) -> Any:
        digest = finding.counterexample.chain[-1].startswith("digest:")
        return real(subject, False if digest else violation, finding)

    patch.setattr(artifact_drift, "Claim", claim)


@probe("encoding", "unpinned", caught=by_replay)
def no_version_is_exact(patch: Patch) -> None:
    """A package that is named by an exact version counts as named by none."""
    patch.setattr(launchers.Package, "exact", False)


@probe("encoding", "unpinned")
def a_tag_is_exact(patch: Patch) -> None:
    """An image by its tag counts as one by its digest."""
    exact = {**launchers._EXACT, "image": lambda name: ":" in name}
    patch.setattr(launchers, "_EXACT", exact)


@probe("encoding", "unpinned")
def a_bound_is_a_version(patch: Patch) -> None:
    """`>=1.2` names a version as `==1.2` does."""
    exact = {**launchers._EXACT, "pypi": lambda name: re.search(r"[=@]", name) is not None}
    patch.setattr(launchers, "_EXACT", exact)


@probe("closure", "unpinned")
def only_what_is_declared_is_pinned(patch: Patch) -> None:
    """Tools that rules and grants name outright need no pin."""
    patch.setattr(unpinned, "_mentions", lambda _: iter(()))


@probe("closure", "unpinned")
def only_rules_name_tools(patch: Patch) -> None:
    """A tool that a grant names outright needs no pin."""
    patch.setattr(unpinned, "_of_capability", lambda _: iter(()))


@probe("closure", "unpinned")
def shells_hide_what_they_start(patch: Patch) -> None:
    """A package that a shell's script starts is not seen."""
    patch.setattr(launchers, "_simple", lambda _: iter(()))


@probe("closure", "descriptor-drift", caught=by_replay)
def no_pin_says_the_same(patch: Patch) -> None:
    """Whatever a manifest says of a tool contradicts its pin."""
    real = descriptors.statements
    patch.setattr(
        descriptor_drift, "statements", lambda *a: (replace(s, problem="says less") for s in real(*a))
    )


@probe("closure", "descriptor-drift")
def pins_are_compared_by_name(patch: Patch) -> None:
    """Of a pinned tool and of its arguments the names are compared, and nothing that is said of them."""
    real = descriptors.statements
    there = ("has no argument",)

    def statements(*args: Any) -> Iterator[Any]:
        for said in real(*args):
            yield said if said.problem.startswith(there) else replace(said, problem="")

    patch.setattr(descriptor_drift, "statements", statements)


@probe("closure", "descriptor-drift")
def a_command_is_its_program(patch: Patch) -> None:
    """Of a command the first word is compared with the pinned one."""
    real = original(descriptor_drift, "compare_launch")

    def compare(pins: Any, command: Any, env: Any) -> Any:
        same = tuple(command)[:1] == pins.command[:1]
        return real(pins, pins.command if same else command, env)

    patch.setattr(descriptor_drift, "compare_launch", compare)


@probe("closure", "descriptor-drift")
def variables_are_counted(patch: Patch) -> None:
    """Of the variables that a server is given their number is compared with the pinned one."""
    real = original(descriptor_drift, "compare_launch")

    def compare(pins: Any, command: Any, env: Any) -> Any:
        return real(pins, command, pins.environment if len(env) == len(pins.environment) else env)

    patch.setattr(descriptor_drift, "compare_launch", compare)


@probe("closure", "descriptor-drift")
def any_type_names_a_resource(patch: Patch) -> None:
    """An argument that holds no text may name a resource."""
    patch.setattr(descriptors, "_says_text", lambda *_: True)


@probe("closure", "descriptor-drift")
def only_ones_own_tools_are_alike(patch: Patch) -> None:
    """A name is compared with those of the first agent that enables the server."""
    real = descriptor_drift._alike
    patch.setattr(descriptor_drift, "_alike", lambda users, *rest: real(users[:1], *rest))


@probe("closure", "descriptor-drift")
def names_are_read_as_they_are_written(patch: Patch) -> None:
    """Look-alike letters tell names apart."""
    patch.setattr(descriptor_drift, "skeleton", str)


@probe("closure", "descriptor-drift", caught=by_replay)
def all_names_read_alike(patch: Patch) -> None:
    """No two names of tools are told apart."""
    patch.setattr(descriptor_drift, "skeleton", lambda _: "same")
    patch.setattr(descriptor_drift, "reads_like", lambda one, other: one != other)
