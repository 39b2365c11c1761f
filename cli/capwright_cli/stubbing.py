"""One stub, from the proof on disk to its text."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capwright_cli.admitting import host_facts
from capwright_cli.names import known_name
from capwright_cli.sources import real_root_of
from capwright_cli.typed import enabled_plugin, slip
from capwright_registry.errors import InputError, InternalError, Problem
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
    from capwright_runtimes.gate import PROOF_PATH

    known_name("target", target, targets())
    root = real_root_of(path)
    try:
        proof = admitted_proof(root, profile)
    except Refused as refused:
        raise slip(refused, profile, root / PROOF_PATH) from refused
    identity = enabled_plugin(path, profile, plugin, proof["tables"][profile]["plugins"])
    return targets()[target].emit(proven(proof, profile, identity))


def admitted_proof(root: Path, profile: str) -> Mapping[str, Any]:
    """The proof of the workspace at `root`, once the gate has admitted `profile` by these very bytes."""
    from capwright_registry.host_policy import load_host_policy
    from capwright_runtimes.gate import PROOF_PATH, admit

    facts = host_facts(load_host_policy(root, os.environ))
    try:
        data = (root / PROOF_PATH).read_bytes()
    except OSError as error:
        admit(root, profile, facts)  # it says what is wrong with the file
        raise InternalError("the gate admitted a proof that cannot be read") from error
    with tempfile.TemporaryDirectory() as folder:
        # The gate reads a file: a copy, so that what it checks and what is used here are the same bytes.
        copy = Path(folder) / PROOF_PATH.name
        copy.write_bytes(data)
        admit(root, profile, facts, copy)
    proof: Mapping[str, Any] = json.loads(data)
    return proof


def write_stub(text: str, output: Path) -> None:
    """Write a stub to a file. Raises `InputError` where that cannot be done."""
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        message = f"the stub cannot be written to `{output}`: {reason}"
        raise InputError([Problem(message, Span(""), "give another file with `--output`")]) from error
