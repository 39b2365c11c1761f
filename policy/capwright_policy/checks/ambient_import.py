"""`ambient-import`: a component imports only host interfaces whose action it was granted (G2, G4).

Imports are read from the artifact, not from its manifest, and by exact version: another version of a known
interface is another interface, which nothing mediates.

Formula: some import of the artifact has no action, or one outside the authority of a holder of the plugin.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import z3

from capwright_policy import reference
from capwright_policy.authority import Authority, Layer, ceilings, effective, scope_layers
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.proposals import append_edit, array_at, entry, grant_edit, listed, quoted
from capwright_policy.questions import Included, Question, included
from capwright_policy.setting import Holder, Setting, find_holder, holders
from capwright_registry.capability import Capability, Plugin
from capwright_registry.interfaces import INTERFACES
from capwright_registry.patterns import Region, overlap
from capwright_registry.spans import Span

_ID = "ambient-import"
_LINKED = z3.Bool("linked")


def _claims(run: Run) -> Iterator[Claim]:
    for plugin in run.setting.workspace.plugins:
        using = [h for h in holders(run.setting) if h.plugin is plugin]
        for name in run.imports.get(plugin.folder, ()) if using else ():
            without = [h for h in using if not _granted(run.setting, h, name)]
            violation = conj((_LINKED, z3.BoolVal(bool(without))))
            yield Claim(plugin.identity, violation, _finding(run, without, using, name))


def _granted(setting: Setting, holder: Holder, name: str) -> bool:
    return INTERFACES.get(name) in effective(setting, holder).actions()


def _finding(run: Run, without: list[Holder], using: list[Holder], name: str) -> Finding:
    """One finding an import, for all the agents that enable the plugin and do not grant it."""
    first, action = (without or using)[0], INTERFACES.get(name)
    plugin = first.plugin.identity
    agents = ", ".join(f"`{h.profile.name}`" for h in without)
    what = f"`{action}`, which {agents} did not grant it" if action else "no action that the host mediates"
    help_, edits = _mend(run, without, name, action) if without else ("", ())
    return Finding(
        _ID,
        Verdict.REFUTED,
        plugin,
        f"the artifact of `{plugin}` imports `{name}`: {what}",
        artifact_span(first),
        tuple(Related(h.grant.grant_span, f"what `{h.profile.name}` grants it is here") for h in without),
        Counterexample(
            first.profile.name,
            plugin,
            action or "",
            _witness(first, action),
            {},
            (f"holder:{first.subject}", f"import:{name}"),
        ),
        help_,
        edits,
    )


def artifact_span(holder: Holder) -> Span:
    """Where the manifest names the artifact."""
    return holder.plugin.document.span("runtime", "artifact")


def _scope(holder: Holder, action: str | None) -> tuple[Capability, ...]:
    return tuple(c for c in holder.profile.scope[0] if c.action == action)


def _witness(holder: Holder, action: str | None) -> str:
    """A resource that the agent itself may reach with the action, so that the plugin could take it there."""
    regions = (Region(c.on, c.except_) for c in _scope(holder, action))
    return next((found for region in regions if (found := overlap(region, region)) is not None), "")


def _mend(run: Run, without: list[Holder], name: str, action: str | None) -> tuple[str, tuple[Edit, ...]]:
    """Rebuilding is the safe way; asking and granting is offered where every agent's scope allows it."""
    rebuild = f"build the artifact without `{name}`"
    wanted = [_grantable(run, holder, action) for holder in without]
    requests = [capability for capability in wanted if capability is not None]
    if action is None or len(requests) < len(without):
        return f"{rebuild}; no grant within the scopes of these agents could cover it", ()
    patterns = tuple(dict.fromkeys(p for r in requests for p in r.on))
    asked = _ask(without[0].plugin, replace(requests[0], on=patterns, except_=(), when=None, until=None))
    granted = (edit for h, request in zip(without, requests, strict=True) for edit in grant_edit(h, request))
    shown = listed(p.text for p in patterns)
    return f"{rebuild}; or, if it is meant, request and grant `{action}` on `{shown}`", (asked, *granted)


def _grantable(run: Run, holder: Holder, action: str | None) -> Capability | None:
    """A capability of the agent's scope that it could grant: one that the ceilings allow as well."""
    for capability in _scope(holder, action):
        above = Authority((*scope_layers(holder.profile), *ceilings(run.setting, holder)))
        asked = Question(Authority((Layer("one", (capability,)),)), above)
        if isinstance(included(asked, run.contexts, run.solver), Included):
            return capability
    return None


def _ask(plugin: Plugin, request: Capability) -> Edit:
    """The edit of the manifest that asks for it."""
    array = array_at(plugin.document, "requires")
    if array is not None:
        return append_edit(plugin.document, array, plugin.requires, entry(request))
    source = plugin.document.source
    lines = source.data.decode("utf-8").split("\n")
    line, column = len(lines), len(lines[-1]) + 1
    on = listed(p.text for p in request.on)
    text = f"\n\n[[requires]]\naction = {quoted(request.action)}\non = {on}\n"
    return Edit(Span(source.file, line, column, line, column), text)


def _replay(setting: Setting, found: Counterexample) -> bool:
    holder = find_holder(setting, found.agent, found.plugin)
    return reference.imports_ungranted(setting, holder, found.chain[-1].removeprefix("import:"))


CHECK = claim_check(_ID, "G4", "every import of an artifact is granted", _claims, _replay)
