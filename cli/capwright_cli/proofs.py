"""A proof file by itself: checked, or read for what it claims. Nothing here imports the solver."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from capwright_cli.admitting import host_facts
from capwright_cli.sources import real_root_of
from capwright_registry.errors import InputError, Problem
from capwright_registry.files import UnreadableError, read_beneath
from capwright_registry.spans import Span

if TYPE_CHECKING:
    from capwright_runtimes.checker import World

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
    families: Sequence[Mapping[str, Any]]


def check_proof(file: Path, root: Path | None) -> Believed:
    """Run every step of the checker. `root` left out: the workspace that the proof names.

    Raises `Refused`, and `InputError` for a file that is no proof and for a broken host policy.
    """
    from capwright_registry.host_policy import load_host_policy
    from capwright_runtimes.gate import check_file

    named = read_claims(file).proof["workspace"]["root"] if root is None else root
    workspace = real_root_of(Path(named))
    families = check_file(workspace, file.absolute(), host_facts(load_host_policy(workspace, os.environ)))
    claims = families[0].proof if families else read_claims(file).proof
    return Believed(file, workspace, claims["digest"], _counts(claims, families))


def read_claims(file: Path) -> Claims:
    """What the file says of itself. Raises `InputError` where it is no proof by its outermost shape."""
    try:
        data = read_beneath(file.parent.resolve(), PurePosixPath(file.name), _MOST_BYTES).data
    except (UnreadableError, OSError, ValueError, RuntimeError) as error:
        raise _no_proof(file, f"cannot be read: {error}") from error
    try:
        seal, head, *families = (json.loads(line) for line in data.removesuffix(b"\n").split(b"\n"))
        if head["schema"] == "capwright.proof/1" and isinstance(head["workspace"]["root"], str):
            return Claims(file, {**head, **seal}, families)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    raise _no_proof(file, "is no proof of this version")


def _no_proof(file: Path, why: str) -> InputError:
    return InputError([Problem(f"`{file}` {why}", Span(""), _IS_NONE)])


def _counts(proof: Mapping[str, Any], families: Sequence[World]) -> Mapping[str, int]:
    """What was decided again, by name."""
    return Counter(
        {
            "checks": len(proof["checks"]),
            "obligations": sum(check["obligations"] for check in proof["checks"]),
            "cases": sum(map(_cases, families)),
            "tables": sum(len(w.actions(h["layers"])) for w in families for h in w.holders.values()),
            "inputs": len(proof["inputs"]),
        }
    )


def _cases(world: World) -> int:
    """How many effects in a context the questions of a family were decided for."""
    sizes = {action: len(cases) for action, cases in world.proof["cases"].items()}
    return sum(
        len(question["contexts"]) * sum(sizes[action] for action in world.actions(question["inner"]))
        for question in world.proof["obligations"]
    )
