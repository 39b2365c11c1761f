"""The gate, asked from the command line. Nothing here imports the solver."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_cli.loading import probe_sandbox
from capwright_cli.sources import real_root_of
from capwright_cli.typed import enabled_plugin, slip
from capwright_runtimes.refusal import Refused

if TYPE_CHECKING:
    from capwright_registry.capability import HostPolicy
    from capwright_runtimes.admission import Admission, Admitted
    from capwright_runtimes.gate import HostFacts


@dataclass(frozen=True, slots=True)
class Granted:
    """One admission, for showing it."""

    admission: Admission

    @property
    def lost(self) -> tuple[str, ...]:
        """What the proof allows and the server's sandbox cannot express: it is not given."""
        lost = (self.admission.sandbox or {}).get("lost")
        confined = (self.admission.sandbox or {}).get("backend") != "none"
        return tuple(map(str, lost)) if confined and isinstance(lost, tuple) else ()


def host_facts(policy: HostPolicy) -> HostFacts:
    """What holds on this host now, for the gate."""
    from capwright_runtimes.gate import HostFacts

    return HostFacts(policy, probe_sandbox, date.today())


def admit_agent(path: Path, profile: str) -> Admitted:
    """Admit an agent with its plugins.

    Raises `Refused`, and `InputError` for a broken host policy and for a profile that nobody knows.
    """
    from capwright_registry.host_policy import load_host_policy
    from capwright_runtimes.gate import PROOF_PATH, admit

    root = real_root_of(path)
    try:
        return admit(root, profile, host_facts(load_host_policy(root, os.environ)))
    except Refused as refused:
        raise slip(refused, profile, root / PROOF_PATH) from refused


def admit_plugin(path: Path, profile: str, plugin: str) -> Granted:
    """Admit one plugin of an agent. Raises as `admit_agent` and `enabled_plugin`."""
    admitted = admit_agent(path, profile)
    return Granted(admitted.plugins[enabled_plugin(path, profile, plugin, admitted.plugins)])
