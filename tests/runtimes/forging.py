"""A real proof of a small workspace under a host policy, to be forged, with the digest made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import verify
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_registry.workspace import load_workspace
from capwright_runtimes.admission import Admitted
from capwright_runtimes.gate import HostFacts, admit
from capwright_runtimes.refusal import Refused
from tests.support.pinning import with_pins
from tests.support.proofs import TODAY, opened, sealed
from tests.support.workspaces import Files, write

Body = dict[str, Any]
Forgery = Callable[[Body], object]


@dataclass(frozen=True)
class Scene:
    """A workspace with its proof, and the host policy in force."""

    setting: Setting
    proof: bytes

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return self.setting.workspace.root

    def admit(self, proof: bytes | None = None, agent: str = "lead") -> Admitted:
        """Ask the gate. Raises `Refused`."""
        place = self.root / ".capwright/proof.json"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(self.proof if proof is None else proof)
        return admit(self.root, agent, HostFacts(self.setting.host, lambda: self.setting.sandbox, TODAY))

    def forged(self, *changes: Forgery) -> bytes:
        """The proof with these changes and the digest that it should then have."""
        body: Body = opened(self.proof)
        for change in changes:
            change(body)
        return sealed(body)

    def refusal(self, *changes: Forgery, agent: str = "lead") -> str:
        """Why the forged proof is refused; the real one is admitted."""
        self.admit()
        with pytest.raises(Refused) as caught:
            self.admit(self.forged(*changes), agent)
        return str(caught.value)


def scene(tmp_path: Path, files: Files, policy: str, user: Files | None = None) -> Scene:
    """Write, pin, load, verify, prove. `user` are the user's own plugins, beside the host policy."""
    place = tmp_path / "host/host.toml"
    write(
        place.parent,
        {"host.toml": policy, **with_pins({f"plugins/user/{k}": v for k, v in (user or {}).items()})},
    )
    workspace = load_workspace(write(tmp_path / "desk", with_pins(files)))
    setting = Setting(workspace, load_host_policy(workspace.root, {VARIABLE: str(place)}), "bubblewrap")
    report = verify(setting, TODAY)
    assert report.proved, [finding.message for finding in report.findings]
    return Scene(setting, proof_of(report, Solver(60)))


def host(*project: str, accepted: str = "", user: str = "") -> str:
    """A host policy with a ceiling for `project`, and perhaps one for `user`."""
    mediators = '["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]'
    text = f'schema = "capwright.host/1"\napi = "1.4.0"\nmediators = {mediators}\n'
    text += f"[ceiling.project]\nallow = [{', '.join(project)}]\n"
    text += f"[ceiling.user]\nallow = [{user}]\n" if user else ""
    return text + (f"[accepted]\nproject = [{accepted}]\n" if accepted else "")


def table(body: Body, plugin: str, agent: str = "lead") -> Any:
    """The table of a plugin."""
    return body["tables"][agent]["plugins"][plugin]


def rebound(body: Body, old: str, new: Path, name: str) -> None:
    """Make `new` (called `name`) the input that `old` was, with its own digest."""
    entry = next(i for i in body["inputs"] if i["path"] == old)
    entry |= {"path": name, "sha256": hashlib.sha256(new.read_bytes()).hexdigest()}
    body["inputs"].sort(key=lambda i: i["path"])


def without_cases(body: Body, fits: Callable[[str], bool]) -> None:
    """Leave these resources out of the cases: they are its writer's to choose."""
    for listed in body["cases"].values():
        listed[:] = [case for case in listed if not fits(case if isinstance(case, str) else case[0])]
