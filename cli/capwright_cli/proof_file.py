"""The proof's place in a workspace: written only by a run that proved it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from capwright_cli.atomic import write_beneath

if TYPE_CHECKING:
    from capwright_registry.capability import InputFile

#: Where the gate reads the proof. Said here again, for the gate's import would be felt; a test compares them.
PROOF_PATH: Final = PurePosixPath(".capwright/proof.json")
Older = Literal["none", "same-inputs", "stale"]


def write_proof(root: Path, data: bytes) -> Path:
    """Put the proof where the gate looks for it. Raises `InputError` where that cannot be done."""
    return write_beneath(root, PROOF_PATH, data)


def older_proof(root: Path, inputs: Iterable[InputFile]) -> Older:
    """What a proof that is there already is worth after a run that wrote none."""
    try:
        proof = json.loads((root / PROOF_PATH).read_bytes().split(b"\n")[1])
        claimed = {(str(i["path"]), str(i["sha256"])) for i in proof["inputs"]}
    except (FileNotFoundError, NotADirectoryError):
        return "none"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "stale"
    return "same-inputs" if claimed == {(i.path, i.sha256) for i in inputs} else "stale"
