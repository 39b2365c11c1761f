"""Bugs of the prover that let a bad workspace pass, or spoil a good one's proof: the checker refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import capwright_policy.call_chains
import capwright_policy.calls
import capwright_policy.certificate
import capwright_policy.checks.artifact_drift
import capwright_policy.checks.deputy
import capwright_policy.checks.fail_open_hook
import capwright_policy.checks.grant_over_scope
import capwright_policy.checks.inclusion
import capwright_policy.checks.policy_write
import capwright_policy.checks.rewrite_deputy
import capwright_policy.checks.unmediated_effect
import capwright_policy.checks.unpinned
import capwright_policy.compile
import capwright_policy.deputies
import capwright_policy.proof
import capwright_policy.routes
import capwright_policy.spaces
import capwright_policy.verify
from capwright_policy.authority import Layer
from capwright_policy.booleans import conj
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Accepted
from capwright_policy.questions import Included
from tests.soundness import desks
from tests.soundness.judging import by_step
from tests.soundness.probe import Patch, original, probe

_CHECKS = capwright_policy.checks


def _everything_is_included(patch: Patch) -> None:
    asking = (_CHECKS.fail_open_hook, _CHECKS.inclusion, _CHECKS.policy_write, _CHECKS.rewrite_deputy)
    for module in asking:
        patch.setattr(module, "included", lambda *_: Included())


@probe("encoding", "delegation-over-parent", caught=by_step(6, desks.GREEDY_CHILD))
def a_greedy_child_is_included(patch: Patch) -> None:
    """Every question of inclusion is answered with yes, that of a child with more than its parent too."""
    _everything_is_included(patch)


@probe("encoding", "delegation-over-parent", caught=by_step(6, desks.DEEP_CHILD))
def a_child_one_level_too_deep_is_included(patch: Patch) -> None:
    """Every question of inclusion is answered with yes, that of a child one level too deep too."""
    _everything_is_included(patch)


@probe("encoding", "fail-open-hook", caught=by_step(6, desks.ENDING_GUARD))
def a_guard_that_ends_is_included(patch: Patch) -> None:
    """Every question of inclusion is answered with yes, that of a guard whose power ends too."""
    _everything_is_included(patch)


@probe("encoding", "rewrite-deputy", caught=by_step(6, desks.REWRITER))
def a_rewrite_is_included(patch: Patch) -> None:
    """Every question of inclusion is answered with yes, that of a rewritten call too."""
    _everything_is_included(patch)


@probe("encoding", "grant-over-scope", caught=by_step(6, desks.SECRET_GRANT))
def three_exceptions_are_forgotten(patch: Patch) -> None:
    """Where just three patterns are excepted, as in the scope, they count as inside."""
    real = capwright_policy.spaces.Space.contains

    def contains(self: Any, capability: Any, atom: Any) -> bool:
        three = len(capability.except_) == 3
        return self.index[capability.on] in atom.members if three else real(self, capability, atom)

    patch.setattr(capwright_policy.spaces.Space, "contains", contains)


@probe("encoding", "grant-over-scope", caught=by_step(10, desks.SECRET_GRANT))
def what_is_excepted_has_no_class(patch: Patch) -> None:
    """The classes of resources that some list excepts are lost."""
    lose(patch, "", (".env", ".pem", ".git"))


def lose(patch: Patch, within: str, ends: tuple[str, ...]) -> None:
    """In the spaces: some classes of resources are lost."""
    real = capwright_policy.spaces._atoms

    def atoms(lists: Any) -> Any:
        return tuple(a for a in real(lists) if within not in a.witness or not a.witness.endswith(ends))

    patch.setattr(capwright_policy.spaces, "_atoms", atoms)


@probe("encoding", "delegation-over-parent", caught=by_step(6, desks.GREEDY_CHILD))
def the_outer_side_is_everything(patch: Patch) -> None:
    """A layer of a scope, of what is delegable or of a ceiling covers all."""
    real = Encoder.within

    def within(self: Any, authority: Any, atom: Any) -> Any:
        outer = all(layer.name in ("scope", "delegable", "ceiling", "host") for layer in authority.layers)
        return conj(()) if outer else real(self, authority, atom)

    patch.setattr(Encoder, "within", within)


@probe("encoding", "grant-over-scope", caught=by_step(6, desks.EVER_WRITES))
def guards_hold_in_questions(patch: Patch) -> None:
    """Conditions are not read in questions, though they are where contexts are told apart."""
    real = Encoder.within

    def within(self: Any, authority: Any, atom: Any) -> Any:
        open_: Any = SimpleNamespace(space=self.space, reading=SimpleNamespace(guard=lambda _: conj(())))
        return real(open_, authority, atom)

    patch.setattr(Encoder, "within", within)


@probe("closure", "deputy", caught=by_step(7, desks.UNLENT))
def nobody_calls(patch: Patch) -> None:
    """No tool can be called, neither in the check nor in the certificate."""
    for module in (
        capwright_policy.call_chains, _CHECKS.deputy, capwright_policy.compile,
        capwright_policy.deputies, capwright_policy.proof,
    ):  # fmt: skip
        patch.setattr(module, "callable_tools", lambda *_: iter(()))


@probe("closure", "deputy", caught=by_step(2, desks.UNLENT))
def calls_are_followed_once(patch: Patch) -> None:
    """What a called tool calls is reached neither in the check nor in the certificate."""

    def once(setting: Any, caller: Any) -> Any:
        return [(o, t) for o, t in capwright_policy.calls.callable_tools(setting, caller)]

    def calls_from(setting: Any, caller: Any) -> Any:
        found = real(setting, caller)
        edges = tuple(e for e in found.edges if e[0] == found.start)
        return replace(found, edges=edges, tools={b: found.tools[b] for _, b, _ in edges})

    real = capwright_policy.call_chains.calls_from
    patch.setattr(capwright_policy.deputies, "_closure", once)
    patch.setattr(_CHECKS.deputy, "calls_from", calls_from)


@probe("closure", "deputy", caught=by_step(7, desks.UNLENT))
def calls_cause_nothing(patch: Patch) -> None:
    """A tool's own effects are left out."""
    real = capwright_policy.calls.caused_by
    for module in (_CHECKS.deputy, capwright_policy.deputies):
        patch.setattr(module, "caused_by", lambda s, o, t: (real(s, o, t)[0], ()))


@probe("closure", "deputy", caught=by_step(7, desks.UNLENT))
def the_check_lends_to_all(patch: Patch) -> None:
    """In the check, and not in the certificate, whatever anybody is lent counts for everybody."""
    patch.setattr(_CHECKS.deputy, "lent_layer", lambda owner, _: Layer("lent", owner.grant.lend))


@probe("closure", "unmediated-effect", caught=by_step(8, desks.UNMEDIATED))
def every_mediator_is_there(patch: Patch) -> None:
    """What the workspace does not name stands on every way."""
    patch.setattr(capwright_policy.routes, "present", lambda *_: True)


@probe("closure", "unmediated-effect", caught=by_step(8, desks.UNMEDIATED))
def nothing_is_to_be_passed(patch: Patch) -> None:
    """An effect needs no mediator but the permission."""
    for module in (capwright_policy.routes, _CHECKS.unmediated_effect):
        patch.setattr(module, "required_mediators", lambda *_: ("permission",))


@probe("encoding", "policy-write", caught=by_step(6, desks.SELF_WRITE))
def nothing_is_protected(patch: Patch) -> None:
    """What governs may be written, though the host policy forbids it as well."""
    _everything_is_included(patch)
    patch.setattr(_CHECKS.policy_write, "protected", lambda _: ())


@probe("encoding", "unpinned", caught=by_step(10, desks.UNPINNED))
def pins_are_not_asked_for(patch: Patch) -> None:
    """A server without pins passes."""
    patch.setattr(_CHECKS.unpinned, "conj", lambda _: False)


@probe("encoding", "artifact-drift", caught=by_step(10, desks.OTHER_ARTIFACT))
def digests_are_not_compared(patch: Patch) -> None:
    """An artifact with another digest than its manifest names passes."""
    patch.setattr(_CHECKS.artifact_drift, "conj", lambda _: False)


@probe("certificate", "grant-over-scope", caught=by_step(10))
def the_last_grant_is_not_asked_about(patch: Patch) -> None:
    """The last plugin of the last agent has no obligation."""
    module: Any = _CHECKS.grant_over_scope
    real = module.holders
    patch.setattr(module, "holders", lambda one: real(one)[:-1])


@probe("certificate", "delegation-over-parent", caught=by_step(10))
def a_parents_depth_is_not_recorded(patch: Patch) -> None:
    """A question about a child is recorded as if both sides were read at one `depth`."""
    real = capwright_policy.proof._obligation
    patch.setattr(
        capwright_policy.proof,
        "_obligation",
        lambda *args: {**found, "parent": False} if "parent" in (found := real(*args)) else found,
    )


@probe("certificate", "grant-over-scope", "delegation-over-parent", caught=by_step(10))
def only_the_first_case_is_recorded(patch: Patch) -> None:
    """Of the classes of resources that a question tells apart the first is a case of the certificate."""
    ledger = capwright_policy.certificate.Ledger
    real = ledger.case
    patch.setattr(ledger, "case", lambda self, action, *resources: real(self, action, *resources[:1]))


@probe("certificate", "unmediated-effect", caught=by_step(5, desks.ENDED_ACCEPT))
def an_accept_never_ends(patch: Patch) -> None:
    """A finding that was taken on until yesterday is taken on still."""
    from capwright_policy.accepts import accepts_for

    def accepted(setting: Any, finding: Any, _: Any) -> Any:
        found = accepts_for(setting, finding.check, finding.subject)
        return Accepted(finding, found[0].reason, str(found[0].until)) if found else finding

    patch.setattr(capwright_policy.verify, "accepted", accepted)


@probe("certificate", "grant-over-ceiling", caught=by_step(4))
def the_workspace_says_what_the_host_allows(patch: Patch) -> None:
    """The layer of the host is what the workspace's own ceiling says."""
    patch.setattr(
        "capwright_policy.authority.host_ceiling",
        lambda setting, holder: setting.workspace.ceilings[holder.plugin.tier],
    )


def _head(patch: Patch, key: str, kept: Callable[[Any], bool]) -> None:
    real = capwright_policy.proof.proof_head

    def head(*args: Any) -> dict[str, Any]:
        found = real(*args)
        return {**found, key: [entry for entry in found[key] if kept(entry)]}

    patch.setattr(capwright_policy.proof, "proof_head", head)


@probe("certificate", "artifact-drift", "descriptor-drift", caught=by_step(10))
def attachments_are_not_bound(patch: Patch) -> None:
    """Artifacts and pins are not among the inputs, so that they may change unseen."""
    _head(patch, "inputs", lambda entry: entry["role"] not in ("artifact", "pins"))


@probe("certificate", "shadowed-identity", caught=by_step(10))
def folders_are_not_bound(patch: Patch) -> None:
    """The listings of folders are not among the inputs, so that another plugin may be put there unseen."""
    _head(patch, "inputs", lambda entry: entry["role"] != "listing")


@probe("certificate", "toxic-flow", caught=by_step(5))
def a_check_is_left_out(patch: Patch) -> None:
    """A check that every proof holds is not there."""
    _head(patch, "checks", lambda entry: entry["id"] != "toxic-flow")


@probe("certificate", "delegation-over-parent", caught=by_step(5))
def every_agent_is_a_family(patch: Patch) -> None:
    """Parents and children are written apart, and each once more with the other."""
    real = original(capwright_policy.proof, "related")
    patch.setattr(
        capwright_policy.proof,
        "related",
        lambda setting: {name: kin if name == min(kin) else (name,) for name, kin in real(setting).items()},
    )
