"""`artifact-drift`: an artifact is the one that its manifest speaks of (G7).

Where a manifest has the digest of its artifact (`[runtime] sha256`), it is that of the bytes. An artifact
whose manifest has tools exports the function by which the host calls them, and one whose manifest has hooks
that by which they fire; this version of the world has none, so a component has no hooks. A core module, and
what is no WebAssembly at all, is refused before, when it is read.

Formula: an enabled plugin's artifact has another digest than its manifest says, or lacks an export that its
manifest counts on. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from capwright_policy import reference_artifact as reference
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.setting import Holder, Setting, enabled
from capwright_registry.artifact import Artifact
from capwright_registry.capability import InputFile
from capwright_registry.interfaces import CALL_EXPORT, HOOK_EXPORT, WORLD
from capwright_registry.spans import Span

_ID = "artifact-drift"
_THERE = z3.Bool("there")


def _claims(run: Run) -> Iterator[Claim]:
    for plugin, users in enabled(run.setting):
        if plugin.artifact is not None:
            artifact = run.artifacts[plugin.folder]
            if "sha256" in plugin.runtime:
                other = plugin.runtime["sha256"] != plugin.artifact.sha256
                yield Claim(plugin.identity, conj((_THERE, other)), _other_bytes(users[0], plugin.artifact))
            if plugin.tools:
                lacks = not _exports(artifact, CALL_EXPORT)
                yield Claim(plugin.identity, conj((_THERE, lacks)), _no_tools(users[0]))
            if plugin.hooks:
                lacks = not _exports(artifact, HOOK_EXPORT)
                yield Claim(plugin.identity, conj((_THERE, lacks)), _no_hooks(users[0]))


def _exports(artifact: Artifact, name: str | None) -> bool:
    return name in artifact.exports


def _other_bytes(user: Holder, artifact: InputFile) -> Finding:
    return _finding(
        user,
        f"`{artifact.path}` is not what the manifest speaks of: its digest is `{artifact.sha256}`",
        user.plugin.document.span("runtime", "sha256"),
        f"digest:{artifact.sha256}",
        "put the artifact there that was released with this manifest; do not copy the digest of one unseen",
    )


def _no_tools(user: Holder) -> Finding:
    return _finding(
        user,
        f"`{user.plugin.identity}` has tools, and its artifact exports no `{CALL_EXPORT}` to call them by",
        user.plugin.document.span("runtime", "artifact"),
        f"tool:{user.plugin.tools[0].identity}",
        f"build the artifact for the world `{WORLD}`; or take the tools out of the manifest",
        (Related(user.plugin.tools[0].span, "the first of its tools"),),
    )


def _no_hooks(user: Holder) -> Finding:
    by_which = f"exports no `{HOOK_EXPORT}`" if HOOK_EXPORT else f"is of a world without hooks (`{WORLD}`)"
    return _finding(
        user,
        f"`{user.plugin.identity}` has hooks that cannot fire: its artifact {by_which}",
        user.plugin.document.span("runtime", "artifact"),
        f"hook:{user.plugin.hooks[0].name}",
        "write the hooks as rules of a declarative plugin",
        (Related(user.plugin.hooks[0].span, "the first of its hooks"),),
    )


def _finding(
    user: Holder, message: str, span: Span, what: str, help_: str, related: tuple[Related, ...] = ()
) -> Finding:
    identity, agent = user.plugin.identity, user.profile.name
    scenario = Counterexample(agent, identity, "", "", {}, (f"agent:{agent}", f"plugin:{identity}", what))
    return Finding(_ID, Verdict.REFUTED, identity, message, span, related, scenario, help_)


def _replay(setting: Setting, found: Counterexample) -> bool:
    kind, _, name = found.chain[-1].partition(":")
    if kind == "digest":
        return reference.has_another_digest(setting, found.agent, found.plugin, name)
    return reference.cannot_be_reached(setting, found.agent, found.plugin, kind)


CHECK = claim_check(_ID, "G7", "every artifact is the one that its manifest speaks of", _claims, _replay)
