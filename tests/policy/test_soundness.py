"""Bugs put into the prover on purpose: a bad workspace is `proved`, and the checker refuses the proof.

What it cannot see is here too: a class of resources, or a combination of conditions, that nobody lists.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import capwright_policy.call_chains
import capwright_policy.calls
import capwright_policy.certificate
import capwright_policy.checks.artifact_drift
import capwright_policy.checks.deputy
import capwright_policy.checks.unmediated_effect
import capwright_policy.checks.unpinned
import capwright_policy.emit.process
import capwright_policy.routes
import capwright_policy.spaces
import capwright_policy.tables
from capwright_policy.booleans import conj
from capwright_policy.questions import Included
from capwright_runtimes.checker import ProofRefused, check
from capwright_runtimes.compiled import plugin_table
from tests.support.proofs import FILES, believed, desk

Bug = Callable[[pytest.MonkeyPatch], None]
WORKSPACE, LEAD, HELPER, SERVER = (
    str(FILES[f])
    for f in ("capwright.toml", "profiles/lead.toml", "profiles/helper.toml", "plugins/server/plugin.toml")
)

GREEDY_CHILD = {"profiles/helper.toml": HELPER.replace("notes/open/**", "**")}
DEEP_CHILD = {"profiles/helper.toml": HELPER.replace("depth <= 3", "depth <= 4")}
UNLENT = {"profiles/lead.toml": LEAD.replace('{ to = "project:acme.first"', '{ to = "project:acme.server"')}
UNMEDIATED = {"capwright.toml": WORKSPACE.replace('"scoped-fs", ', "")}
SECRET_GRANT = {
    "profiles/lead.toml": LEAD.replace(
        'on = ["${workspace}/notes/**"], except = ["**/.env", "**/*.pem"] }]\nlend',
        'on = ["${workspace}/notes/**"] }]\nlend',
    )
}
UNPINNED = {"plugins/server/plugin.toml": SERVER.replace('pins = "pins.json"', "")}
OTHER_ARTIFACT = {
    "plugins/third/plugin.toml": str(FILES["plugins/third/plugin.toml"]).replace(
        'artifact = "a.wasm"', f'artifact = "a.wasm"\nsha256 = "{"0" * 64}"'
    )
}
EVER_WRITES = {"profiles/lead.toml": LEAD.replace('when = "approved", ', "")}
SELF_WRITE = {
    "profiles/lead.toml": LEAD.replace(
        '"${workspace}/out/**"', '"${workspace}/out/**", "${workspace}/profiles/*"'
    ).replace(', "**/*.toml"', ""),
    "capwright.toml": WORKSPACE.replace(
        '"${workspace}/out/**"', '"${workspace}/out/**", "${workspace}/profiles/*"'
    ),
}

ENDING_GUARD = {
    "profiles/lead.toml": LEAD.replace(
        '"hook.deny", on = ["tool.before/project:acme.*/*"]',
        '"hook.deny", on = ["tool.before/project:acme.*/*"], until = 2027-01-01T00:00:00Z',
    )
}
_POWER = '{ action = "hook.deny", on = ["tool.before/'
REWRITER = {
    "capwright.toml": WORKSPACE.replace(_POWER, f'{_POWER.replace("deny", "rewrite")}**"] }},\n  {_POWER}'),
    "profiles/lead.toml": LEAD.replace(_POWER, f'{_POWER.replace("deny", "rewrite")}**"] }},\n  {_POWER}'),
    "plugins/rules/plugin.toml": str(FILES["plugins/rules/plugin.toml"])
    + '[[hook]]\non = "tool.before"\nmatch = "project:acme.server/*"\n'
    + 'power = "rewrite"\nset = { "/limit" = 3 }\n',
}


def everything_is_included(patch: pytest.MonkeyPatch) -> None:
    import capwright_policy.checks.fail_open_hook
    import capwright_policy.checks.inclusion
    import capwright_policy.checks.policy_write
    import capwright_policy.checks.rewrite_deputy
    import capwright_policy.checks.tier_precedence

    for module in (
        capwright_policy.checks.fail_open_hook,
        capwright_policy.checks.inclusion,
        capwright_policy.checks.policy_write,
        capwright_policy.checks.rewrite_deputy,
        capwright_policy.checks.tier_precedence,
    ):
        patch.setattr(module, "included", lambda *_: Included())


def exceptions_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """In the spaces: where just three patterns are excepted, as in the scope, they count as inside."""
    real = capwright_policy.spaces.Space.contains

    def contains(self: Any, capability: Any, atom: Any) -> bool:
        three = len(capability.except_) == 3
        return self.index[capability.on] in atom.members if three else real(self, capability, atom)

    patch.setattr(capwright_policy.spaces.Space, "contains", contains)


def the_outer_side_is_everything(patch: pytest.MonkeyPatch) -> None:
    """In the encoding: a layer of the scope covers all."""
    from capwright_policy.encoding import Encoder

    real = Encoder.within

    def within(self: Any, authority: Any, atom: Any) -> Any:
        outer = all(layer.name in ("scope", "delegable", "ceiling", "host") for layer in authority.layers)
        return conj(()) if outer else real(self, authority, atom)

    patch.setattr(Encoder, "within", within)


def guards_always_hold(patch: pytest.MonkeyPatch) -> None:
    """In the encoding of conditions, but not where cells are told apart."""
    from capwright_policy.encoding import Encoder

    real = Encoder.within

    def within(self: Any, authority: Any, atom: Any) -> Any:
        from types import SimpleNamespace

        open_ = SimpleNamespace(space=self.space, reading=SimpleNamespace(guard=lambda _: conj(())))
        return real(open_, authority, atom)  # type: ignore[arg-type]

    patch.setattr(Encoder, "within", within)


def nobody_calls(patch: pytest.MonkeyPatch) -> None:
    """In the calls: no tool can be called, neither in the check nor in the certificate."""
    import capwright_policy.compile
    import capwright_policy.deputies
    import capwright_policy.proof

    for module in (
        capwright_policy.call_chains, capwright_policy.checks.deputy, capwright_policy.compile,
        capwright_policy.deputies, capwright_policy.proof,
    ):  # fmt: skip
        patch.setattr(module, "callable_tools", lambda *_: iter(()))


def calls_cause_nothing(patch: pytest.MonkeyPatch) -> None:
    """In the calls: a tool's own effects are left out."""
    import capwright_policy.deputies

    real = capwright_policy.calls.caused_by
    for module in (capwright_policy.checks.deputy, capwright_policy.deputies):
        patch.setattr(module, "caused_by", lambda s, o, t: (real(s, o, t)[0], ()))


def lending_is_to_all(patch: pytest.MonkeyPatch) -> None:
    """In the check of deputies only: whatever anybody is lent counts for everybody."""
    from capwright_policy.authority import Layer

    patch.setattr(
        capwright_policy.checks.deputy, "lent_layer", lambda owner, _: Layer("lent", owner.grant.lend)
    )


def every_mediator_is_there(patch: pytest.MonkeyPatch) -> None:
    """In the routes: what the workspace does not name stands on every way."""
    patch.setattr(capwright_policy.routes, "present", lambda *_: True)


def nothing_is_to_be_passed(patch: pytest.MonkeyPatch) -> None:
    """In the routes: an effect needs no mediator but the permission."""
    for module in (capwright_policy.routes, capwright_policy.checks.unmediated_effect):
        patch.setattr(module, "required_mediators", lambda *_: ("permission",))


def sandboxes_show_the_root(patch: pytest.MonkeyPatch) -> None:
    real = capwright_policy.emit.process.process_plan
    patch.setattr(capwright_policy.tables, "process_plan", lambda *a: {**real(*a), "read": ["/etc"]})


def nothing_is_protected(patch: pytest.MonkeyPatch) -> None:
    import capwright_policy.checks.policy_write

    everything_is_included(patch)  # the built-in host policy forbids it as well
    patch.setattr(capwright_policy.checks.policy_write, "protected", lambda _: ())


def pins_are_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(capwright_policy.checks.unpinned, "conj", lambda _: False)


def digests_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(capwright_policy.checks.artifact_drift, "conj", lambda _: False)


def lose(patch: pytest.MonkeyPatch, within: str, ends: tuple[str, ...]) -> None:
    """In the spaces: some classes of resources are lost."""
    real = capwright_policy.spaces._atoms

    def atoms(lists: Any) -> Any:
        return tuple(a for a in real(lists) if within not in a.witness or not a.witness.endswith(ends))

    patch.setattr(capwright_policy.spaces, "_atoms", atoms)


def exceptions_have_no_class(patch: pytest.MonkeyPatch) -> None:
    lose(patch, "", (".env", ".pem", ".git"))


SEEN: dict[str, tuple[Bug, dict[str, str], int]] = {
    "inclusion, a greedy child": (everything_is_included, GREEDY_CHILD, 6),
    "inclusion, a secret grant": (everything_is_included, SECRET_GRANT, 6),
    "inclusion, a child too deep": (everything_is_included, DEEP_CHILD, 6),
    "inclusion, a guard that ends": (everything_is_included, ENDING_GUARD, 6),
    "inclusion, a rewrite": (everything_is_included, REWRITER, 6),
    "spaces": (exceptions_are_forgotten, SECRET_GRANT, 6),
    "spaces without a list's class": (exceptions_have_no_class, SECRET_GRANT, 10),
    "encoding": (the_outer_side_is_everything, GREEDY_CHILD, 6),
    "encoding of guards": (guards_always_hold, EVER_WRITES, 6),
    "deputies, no call": (nobody_calls, UNLENT, 7),
    "deputies, no effect": (calls_cause_nothing, UNLENT, 7),
    "deputies, lent to all": (lending_is_to_all, UNLENT, 7),
    "routes, all there": (every_mediator_is_there, UNMEDIATED, 8),
    "routes, none needed": (nothing_is_to_be_passed, UNMEDIATED, 8),
    "sandbox": (sandboxes_show_the_root, {}, 10),
    "digests": (digests_are_not_compared, OTHER_ARTIFACT, 10),
    "pins": (pins_are_not_asked_for, UNPINNED, 10),
    "protection": (nothing_is_protected, SELF_WRITE, 6),
}


@pytest.mark.parametrize(("bug", "changes", "step"), SEEN.values(), ids=SEEN.keys())
def test_the_checker_sees_the_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug, changes: dict[str, str], step: int
) -> None:
    assert not changes or not desk(tmp_path, changes).report.proved, "the workspace must be bad"
    bug(monkeypatch)
    found = desk(tmp_path, changes)
    assert found.report.proved, [f.message for f in found.report.findings]
    with pytest.raises(ProofRefused) as caught:
        believed(found.proof, found.facts)
    assert caught.value.step == step, caught.value


def test_a_class_of_resources_that_nobody_lists_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit that `specs/proof.md` states. The tables still enforce the meet."""
    assert not desk(tmp_path, SECRET_GRANT).report.proved
    lose(monkeypatch, "/notes/", (".env", ".pem"))
    found = desk(tmp_path, SECRET_GRANT)
    assert found.report.proved
    (world,) = check(found.proof, found.facts)
    layers = plugin_table(world, "lead/project:acme.third")["actions"]["fs.read"]["layers"]
    scope = next(layer for layer in layers if layer["name"] == "scope")
    assert scope["rules"][0]["except"]
