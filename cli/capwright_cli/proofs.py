"""A proof file by itself: checked, or read for what it claims. Nothing here imports the solver."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from capwright_cli.admitting import host_facts
from capwright_cli.sources import real_root_of
from capwright_registry.errors import InputError, Problem
from capwright_registry.files import UnreadableError, read_beneath
from capwright_registry.spans import Span

#: The same bound as the gate's.
_MOST_BYTES: Final = 256 * 1024 * 1024
_IS_NONE = "`capwright verify` writes a proof, to `.capwright/proof.json` in the workspace"


@dataclass(frozen=True, slots=True)
class Believed:
    """A proof that the checker believes: its digest, whose it is, and how much was decided again."""

    file: Path
    root: Path
    digest: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a file that looks like a proof says; nothing of it is believed."""

    file: Path
    proof: Mapping[str, Any]


def check_proof(file: Path, root: Path | None) -> Believed:
    """Run every step of the checker. `root` left out: the workspace that the proof names.

    Raises `Refused`, and `InputError` for a file that is no proof and for a broken host policy.
    """
    from capwright_registry.host_policy import load_host_policy
    from capwright_runtimes.gate import check_file

    named = read_claims(file).proof["workspace"]["root"] if root is None else root
    workspace = real_root_of(Path(named))
    world = check_file(workspace, file.absolute(), host_facts(load_host_policy(workspace, os.environ)))
    return Believed(file, workspace, world.proof["digest"], _counts(world.proof))


def read_claims(file: Path) -> Claims:
    """What the file says of itself. Raises `InputError` where it is no proof by its outermost shape."""
    try:
        data = read_beneath(file.parent.resolve(), PurePosixPath(file.name), _MOST_BYTES).data
    except (UnreadableError, OSError, ValueError, RuntimeError) as error:
        raise _no_proof(file, f"cannot be read: {error}") from error
    try:
        proof = json.loads(data)
        if proof["schema"] == "capwright.proof/1" and isinstance(proof["workspace"]["root"], str):
            return Claims(file, proof)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _no_proof(file, "is no proof of this version")


def _no_proof(file: Path, why: str) -> InputError:
    return InputError([Problem(f"`{file}` {why}", Span(""), _IS_NONE)])


def _counts(proof: Mapping[str, Any]) -> Mapping[str, int]:
    """What was decided again, by name."""
    asked = [o for o in proof["obligations"] if "cases" in o]
    tables = [table for agent in proof["tables"].values() for table in agent["plugins"].values()]
    return Counter(
        {
            "checks": len(proof["checks"]),
            "obligations": len(proof["obligations"]),
            "cases": sum(len(o["contexts"]) * sum(map(len, o["cases"].values())) for o in asked),
            "tables": sum(len(table["actions"]) for table in tables),
            "inputs": len(proof["inputs"]),
        }
    )
