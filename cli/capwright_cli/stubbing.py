"""One stub, from the proof on disk to its text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_cli.admitting import host_facts
from capwright_cli.names import known_name
from capwright_cli.sources import real_root_of
from capwright_cli.typed import enabled_plugin, slip
from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span
from capwright_runtimes.refusal import Refused

if TYPE_CHECKING:
    from capwright_policy.emit.target import Emission


def emit_stub(path: Path, profile: str, plugin: str, target: str) -> Emission:
    """The stub of one plugin of one agent, out of the proof that the gate admits them by.

    Raises `Refused` where the gate refuses the proof or the plugin is not enabled, `InputError` for an
    unknown target, profile or plugin, `InternalError` where the stub would decide otherwise than the proof.
    """
    from capwright_policy.emit import targets
    from capwright_policy.emit.target import proven
    from capwright_registry.host_policy import load_host_policy
    from capwright_runtimes.compiled import plugin_table
    from capwright_runtimes.gate import PROOF_PATH, admitted_family

    known_name("target", target, targets())
    root = real_root_of(path)
    try:
        world = admitted_family(root, profile, host_facts(load_host_policy(root, os.environ)))
    except Refused as refused:
        raise slip(refused, profile, root / PROOF_PATH) from refused
    identity = enabled_plugin(path, profile, plugin, world.proof["tables"][profile]["plugins"])
    table = plugin_table(world, f"{profile}/{identity}")
    return targets()[target].emit(proven(world.proof, profile, identity, table))


def write_stub(text: str, output: Path) -> None:
    """Write a stub to a file. Raises `InputError` where that cannot be done."""
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        message = f"the stub cannot be written to `{output}`: {reason}"
        raise InputError([Problem(message, Span(""), "give another file with `--output`")]) from error
