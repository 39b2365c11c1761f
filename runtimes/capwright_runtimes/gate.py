"""The gate: from a proof file to admissions. Nothing else makes one.

It reads the proof and the digests of its inputs, lets the checker decide, and only then mints. Whatever
cannot be read, checked or found is a `Refused`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from capwright_registry.capability import HostPolicy
from capwright_registry.clients.presence import LISTING, presence_digest, present
from capwright_registry.decide import ActionTable, PermissionTable, TableError
from capwright_registry.files import (
    ARTIFACT_LIMIT,
    UnreadableError,
    list_beneath,
    listing_digest,
    read_beneath,
)
from capwright_runtimes.admission import AdmissionFields, Admitted, _mint, _mint_agent
from capwright_runtimes.bindings import check_bindings
from capwright_runtimes.case import folds_case
from capwright_runtimes.checker import Facts, ProofRefused, World, check
from capwright_runtimes.compiled import agent_tables
from capwright_runtimes.host_layer import check_host_layer
from capwright_runtimes.host_rules import believed_tiers, host_rules, lowest_first
from capwright_runtimes.manifests import check_manifests
from capwright_runtimes.refusal import Refused

PROOF_PATH = PurePosixPath(".capwright/proof.json")
_MOST_PROOF_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What holds on this host now: its policy over the workspace, its sandbox, the day.

    `sandbox` is asked only when a server process is to be confined.
    """

    policy: HostPolicy
    sandbox: Callable[[], str]
    today: date


def admit(root: Path, agent: str, host: HostFacts, proof: Path | None = None) -> Admitted:
    """Admit `agent` with its plugins, from the workspace's proof (or another file).

    Raises `Refused` with a code: `no-proof`, `proof-refused`, `other-workspace`, `unknown-agent`, `case`.
    """
    root = root.resolve()
    if folds_case(root) and not host.policy.folds_case:
        raise Refused(
            "case",
            "the file system folds case, and the host policy does not say so",
            'set `case = "folding"`',
        )
    world = admitted_family(root, agent, host, proof)
    try:
        return _mint_all(root, agent, agent_tables(world, agent), host.policy)
    except (TableError, KeyError, TypeError, ValueError) as error:
        raise Refused("proof-refused", "a table of the proof is malformed", str(error)) from error


def admitted_family(root: Path, agent: str, host: HostFacts, proof: Path | None = None) -> World:
    """The family of `agent`, out of a proof that every step believes of the workspace at `root` (real).

    Raises `Refused` with a code: `no-proof`, `proof-refused`, `other-workspace`, `unknown-agent`.
    """
    families = check_file(root, proof or root / PROOF_PATH, host, agent)
    world = next((world for world in families if agent in world.proof["tables"]), None)
    if world is None:
        raise Refused("proof-refused", f"a family of the proof has no table of `{agent}`", "verify again")
    return world


def check_file(root: Path, path: Path, host: HostFacts, agent: str | None = None) -> tuple[World, ...]:
    """The families of the proof at `path`, if every step believes it of the workspace at `root` (real).

    With an `agent`, its family alone: of the others only the digests are looked at, which is all that bears
    on it. Raises `Refused` with a code: `no-proof`, `proof-refused`, `other-workspace`, `unknown-agent`.
    """
    data = _read_proof(path)
    if data is None:
        raise Refused("no-proof", "there is no proof to load from: run `capwright verify` first", str(path))
    claims = _claims(data, agent)
    sandbox = host.sandbox() if "mcp" in claims.kinds else claims.sandbox
    inputs = {name: _read_input(root, name) for name in claims.inputs}
    digests = {name: found.sha256 for name, found in inputs.items()}
    policy, today = host.policy, host.today.isoformat()
    facts = Facts(digests, policy.sha256, frozenset(policy.mediators), sandbox, today)
    try:
        families = check(data, facts, agent)
        if claims.root != str(root):
            raise Refused("other-workspace", "the proof is for another folder", claims.root)
        check_host_layer(families, policy, root)
        check_bindings(families)
        check_manifests(families, policy, root, {name: found.data for name, found in inputs.items()})
    except ProofRefused as refused:
        reason = f"the proof is refused at step {refused.step} of the checker"
        raise Refused("proof-refused", reason, refused.reason) from refused
    if agent is not None and agent not in claims.agents:
        known = ", ".join(sorted(claims.agents))
        raise Refused("unknown-agent", f"the proof has no profile `{agent}`", f"it has: {known}")
    return families


@dataclass(frozen=True, slots=True)
class _Claims:
    """What an unchecked proof says that decides which facts the checker is given; nothing is believed."""

    inputs: tuple[str, ...] = ()
    sandbox: str = ""
    kinds: frozenset[str] = frozenset()
    root: str = ""
    agents: frozenset[str] = frozenset()


def _claims(data: bytes, agent: str | None) -> _Claims:
    try:
        _, head, *lines = data.removesuffix(b"\n").split(b"\n")
        proof = json.loads(head)
        parts = zip(proof["families"], lines, strict=True)
        chosen = [json.loads(line) for entry, line in parts if agent in (None, *entry["agents"])]
        agents = (tables for family in chosen for tables in family["tables"].values())
        return _Claims(
            tuple(str(i["path"]) for i in proof["inputs"]),
            str(proof["host"]["sandbox"]),
            frozenset(str(table.get("kind")) for tables in agents for table in tables["plugins"].values()),
            str(proof["workspace"]["root"]),
            frozenset(str(name) for entry in proof["families"] for name in entry["agents"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Claims()  # the checker will say what is wrong with it


@dataclass(frozen=True, slots=True)
class _Input:
    """An input as it is now: its digest, `None` where the loader would not read it, and its bytes."""

    sha256: str | None
    data: bytes = b""


def _read_input(root: Path, name: str) -> _Input:
    """One read for the digest and for the bytes, which are kept of documents alone.

    Links, FIFOs and the like are refused on every step below the root, as they were when it was proved. Only
    what a plugin's source lies outside of the workspace for is named by an absolute path.
    """
    pure = PurePosixPath(name)
    base = Path("/") if pure.is_absolute() else root
    relative = pure.relative_to("/") if pure.is_absolute() else pure
    try:
        if name == LISTING:
            return _Input(presence_digest(file for _, file in present(root)))
        if name.endswith("/"):
            return _Input(listing_digest(list_beneath(base, relative)))
        found = None if ".." in pure.parts else read_beneath(base, relative, ARTIFACT_LIMIT)
    except (UnreadableError, ValueError, OSError):
        found = None  # a link among the files of other clients, too
    if found is None:
        return _Input(None)
    return _Input(found.sha256, found.data if pure.suffix == ".toml" else b"")


def _read_proof(path: Path) -> bytes | None:
    """The proof's bytes, or `None` where it is no regular file of at most `_MOST_PROOF_BYTES`."""
    try:
        return read_beneath(path.parent, PurePosixPath(path.name), _MOST_PROOF_BYTES).data
    except (UnreadableError, ValueError, OSError):
        return None


def _mint_all(root: Path, agent: str, tables: Mapping[str, Any], policy: HostPolicy) -> Admitted:
    tiers = believed_tiers(policy, root, tables["plugins"])
    plugins = {
        identity: _mint(_fields(root, agent, identity, tables["plugins"][identity]))
        for identity in lowest_first(tiers)
    }
    history = _history_folder(root) / f"{agent}.jsonl"
    permissions = PermissionTable(tables["permissions"])
    above = host_rules(policy, tiers)
    return _mint_agent(agent, permissions, plugins, frozenset(tables["context"]), history, above)


def _history_folder(root: Path) -> Path:
    """The folder of the histories, made if it is not there; a link could lead out of the workspace."""
    folder = root
    for name in (".capwright", "history"):
        folder = folder / name
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Refused("no-history", "the folder of the history cannot be made", str(folder)) from error
        if folder.is_symlink():
            raise Refused("no-history", "the folder of the history is a symbolic link", str(folder))
    return folder


def _fields(root: Path, agent: str, identity: str, table: Mapping[str, Any]) -> AdmissionFields:
    return AdmissionFields(
        agent=agent,
        plugin=identity,
        kind=table["kind"],
        root=root,
        folder=root / table["folder"],
        tables={action: ActionTable(data) for action, data in table["actions"].items()},
        runtime=table["runtime"],
        tools=table["tools"],
        hooks=tuple(table["hooks"]),
        artifact=table["artifact"],
        pins=table["pins"],
        imports=frozenset(table["imports"]),
        sandbox=table["sandbox"],
    )
