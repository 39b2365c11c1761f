"""Step 10 of the proof checker: nothing in a proof stands loose.

The nine steps of `checker.py` decide whether the authority that the tables give was proved. Here is held what
would otherwise be believed: every part has its shape and every name is one, every document that is quoted is
an input, cases and contexts are told apart, the questions are about what is in force, and what an adapter
loads or mounts is within the tables (`confinement.py` for sandboxes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import ge
from typing import Any, Final

from capwright_registry.clients.presence import LISTING
from capwright_runtimes.asked import check_questions
from capwright_runtimes.checker import Json, ProofRefused, World
from capwright_runtimes.confinement import check_plan
from capwright_runtimes.context_cells import check_contexts
from capwright_runtimes.proof_shape import FAMILY, HEAD, is_condition, is_element, misfit
from capwright_runtimes.writers import governed, writer

#: What importing an interface makes possible.
IMPORTS = {
    "capwright:plugin/files@0.1.0": "fs.read",
    "capwright:plugin/env@0.1.0": "env.read",
    "capwright:plugin/net@0.1.0": "net.http",
}
# As `capwright_registry.documents.base` has them, which is more than an agent's process is to load.
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_IDENTITY: Final = re.compile(
    r"(builtin|user|project):(?=.{1,128}\Z)[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*"
)


def check_bindings(families: Iterable[World]) -> None:
    """Raises `ProofRefused` (step 10) where a part of a checked proof hangs on nothing."""
    bound: _Bound | None = None
    try:
        for world in families:
            bound = bound or _bound(world)
            where = misfit({key: part for key, part in world.proof.items() if key not in HEAD}, FAMILY)
            _require(where is None, f"{where} has another shape")
            for rule in _RULES:
                rule(world)
            for held in _BOUND_RULES:
                held(world, bound)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ProofRefused(10, f"a part has another shape ({error!r})") from error


@dataclass(frozen=True, slots=True)
class _Bound:
    """The inputs of a proof: by path their roles, with their digests, and as absolute paths (its own too)."""

    roles: Mapping[str, str]
    files: frozenset[tuple[str, str, str]]
    paths: tuple[tuple[str, ...], ...]


def _bound(world: World) -> _Bound:
    """The inputs, once the proof's head has its shape, its documents are named and its lists in order."""
    proof = world.proof
    where = misfit({key: part for key, part in proof.items() if key in HEAD}, HEAD)
    _require(where is None, f"{where} has another shape")
    for entry in proof["checks"]:
        _require(_rising(a["subject"] for a in entry["accepted"]), "the accepts are not in order")
    roles = {entry["path"]: entry["role"] for entry in proof["inputs"]}
    wanted = {f"{path.rpartition('/')[0]}/": "listing" for path in roles if roles[path] == "profile"}
    _wanted(roles, {**wanted, "capwright.toml": "workspace", LISTING: "listing"})
    _require(all((roles[p] == "listing") is p.endswith("/") for p in roles), "a role is another")
    root = proof["workspace"]["root"]
    names = [".capwright/proof.json", *(path for path in roles if path != LISTING)]  # no path of a file
    paths = tuple(_path(name if name.startswith("/") else f"{root}/{name}") for name in names)
    files = frozenset((entry["path"], entry["sha256"], entry["role"]) for entry in proof["inputs"])
    return _Bound(roles, files, paths)


def _wanted(roles: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for path, role in wanted.items():
        _require(roles.get(path) == role, f"the {role} `{path}` is no input")


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise ProofRefused(10, reason)


def _rising(keys: Iterable[Any]) -> bool:
    found = list(keys)
    return not any(map(ge, found, found[1:]))


def _named(world: World) -> None:
    """Agents, plugins and tools have names that documents may give: none can be taken for two."""
    for agent, tables in world.proof["tables"].items():
        _require(_NAME.fullmatch(agent), f"`{agent}` is no name of an agent")
        for plugin, table in tables["plugins"].items():
            _require(_IDENTITY.fullmatch(plugin), f"`{plugin}` is no identity of a plugin")
            _require(all(map(_NAME.fullmatch, table["tools"])), f"a tool of `{plugin}` has no name")


def _written(world: World) -> None:
    """Patterns and conditions are such."""
    elements = (e for ways in world.patterns for way in ways for e in way)
    _require(all(is_element(e) for e in elements) and all(world.patterns), "a pattern is none")
    written = (e for p in world.proof["patterns"] for way in p["elements"] for e in way)
    _require(all(isinstance(e, str) or e[0] != "word" for e in written), "a word is written in two ways")
    named = [(pattern["domain"], pattern["text"]) for pattern in world.proof["patterns"]]
    _require(len({*named}) == len(named), "a pattern stands twice")
    variables = world.proof["variables"]
    guards = [*_rules(world), *(hook for table in _tables(world) for hook in table["hooks"])]
    guards += [rule for agent in world.proof["tables"].values() for rule in agent["permissions"]["rules"]]
    trees = (g["when"] for g in guards if g["when"] is not None)
    _require(all(is_condition(tree, variables) for tree in trees), "a condition is none")
    _require(all(rule["on"] for rule in _rules(world)), "a rule is on nothing")
    plain = (r for layer in world.proof["layers"] for rules in layer["rules"].values() for r in rules)
    idle = any(key in rule and not rule[key] for rule in plain for key in ("except", "when"))
    _require(not idle, "a rule says what it need not")


def _order(world: World) -> None:
    """Lists that have no order of their own stand in order of their names."""
    proof = world.proof
    named = [(o["check"], o["subject"]) for o in proof["obligations"]]
    _require(named == sorted(named), "the obligations are not in order")
    _require(_rising(entry["subject"] for entry in proof["calls"]), "the calls are not in order")
    _require(_rising((h["agent"], h["plugin"]) for h in proof["holders"]), "the holders are not in order")
    for cases in proof["cases"].values():
        texts = [case if isinstance(case, str) else case[0] for case in cases]
        _require(_rising(texts), "the cases are not each there once, in order")
    for table in _tables(world):
        _require(_rising(table["imports"]), "the imports are not in order")


def _tables(world: World) -> Iterator[Json]:
    return (table for agent in world.proof["tables"].values() for table in agent["plugins"].values())


def _rules(world: World) -> Iterator[Json]:
    return (rule for layer in world.layers for rules in layer["rules"].values() for rule in rules)


def _quoted(world: World, bound: _Bound) -> None:
    """Every document that a rule, a hook or a permission comes from is an input, as is each manifest."""
    proof = world.proof
    quoted = [*_rules(world), *(hook for table in _tables(world) for hook in table["hooks"])]
    quoted += [rule for agent in proof["tables"].values() for rule in agent["permissions"]["rules"]]
    files = {part["source"].rsplit(":", 2)[0] for part in quoted} - {proof["host"]["source"]}
    unbound = sorted(files - bound.roles.keys())
    _require(not unbound, f"`{', '.join(unbound)}` is quoted and no input")
    for table in _tables(world):
        folder = table["folder"]
        _wanted(bound.roles, {f"{folder}/plugin.toml": "plugin", f"{folder.rpartition('/')[0]}/": "listing"})


def _told_apart(world: World) -> None:
    """Contexts are told apart and all there, and each list of patterns has a case: none replaces another."""
    for entry in (*world.proof["obligations"], *world.proof["holders"]):
        inner = [*entry.get("inner", ()), *entry.get("layers", ())]
        outer = [*entry.get("outer", ())]
        _require(all(len(set(side)) == len(side) for side in (inner, outer)), "a layer stands twice")
        check_contexts(world, entry["contexts"], inner, outer, int(entry.get("parent", 0)))
        for action in () if entry.get("disjoint", False) else world.actions(inner):
            told = _is_told(world, [*inner, *outer], action)
            _require(told, f"a list of patterns has no case of `{action}`")
    for entry in world.proof["calls"]:
        owners = {name.rpartition("/")[0] for name in entry["tools"]}
        layers = [*world.holders[entry["subject"]]["layers"], *entry["tools"].values()]
        layers += [n for owner in owners for n in world.holders[owner]["layers"]]
        check_contexts(world, entry["contexts"], layers, [], 0)


def _is_told(world: World, layers: Sequence[int], action: str) -> bool:
    """Whether some case is there, and one in each list of patterns of these layers that is not empty."""
    masks, rules = world.masks(action), [r for n in layers for r in world.layers[n]["rules"].get(action, ())]
    lists = (rule[key] for rule in rules for key in ("on", "except") if rule[key])
    return bool(world.proof["cases"][action]) and all(any(masks[n] for n in numbers) for numbers in lists)


def _agents(world: World) -> None:
    """Permissions are words, and contexts have the declared variables."""
    declared = world.proof["variables"]
    for agent, tables in world.proof["tables"].items():
        words = {tables["permissions"]["default"], *(r["action"] for r in tables["permissions"]["rules"])}
        _require(words <= {"allow", "ask", "deny"}, f"a permission of `{agent}` is no word")
    for context in world.contexts:
        _require(context.keys() == declared.keys(), "a context has other variables")
        fits = (_fits(context[name], variable) for name, variable in declared.items())
        _require(all(fits), "a context's variable is of another type")


def _fits(value: Any, variable: Json) -> bool:
    kind = variable["type"]
    if kind == "bool":
        return isinstance(value, bool)
    if kind in ("int", "timestamp"):
        return isinstance(value, str) and str(int(value)) == value
    return isinstance(value, str) and (kind == "string" or value in variable["values"])


def _loaded(world: World, inputs: _Bound) -> None:
    """What an adapter loads, links and mounts is among the inputs and within the tables."""
    for subject, holder in world.holders.items():
        table = world.table(subject)
        _require(table["plugin"] == holder["plugin"], f"a table of `{subject}` is another plugin's")
        kind = table["kind"]
        _require(table["runtime"]["kind"] == kind, f"`{subject}` has two kinds")
        parts = (table["artifact"] is not None, table["sandbox"] is not None)
        meant = {"wasm": (True, False), "mcp": (False, True), "declarative": (False, False)}
        _require(parts == meant[kind], f"`{subject}` does not have the parts of its kind")
        _require(_is_folder(world, table["folder"]), f"the folder of `{subject}` is not named as inputs are")
        for role in ("artifact", "pins"):
            file = table[role]
            bound = file is None or (file["path"], file["sha256"], role) in inputs.files
            _require(bound, f"the {role} of `{subject}` is no input")
            beside = file is None or file["path"].startswith(f"{table['folder']}/")
            _require(beside, f"the {role} of `{subject}` is not in its folder")
        agreed = ("unpinned", holder["plugin"]) in world.accepted
        _require(kind != "mcp" or table["pins"] or agreed, f"nothing of `{subject}` was approved")
        agreed = ("artifact-drift", holder["plugin"]) in world.accepted
        stated = table["runtime"].get("sha256")
        same = agreed or stated is None or stated == table["artifact"]["sha256"]
        _require(same, f"the artifact of `{subject}` is not the one that its manifest names")
        granted = {name for name, action in IMPORTS.items() if action in world.actions(holder["layers"])}
        agreed = ("ambient-import", holder["plugin"]) in world.accepted
        _require(agreed or set(table["imports"]) <= granted, f"`{subject}` imports what it was not granted")
        if table["sandbox"] is not None:
            check_plan(world, subject, table["sandbox"])


def _is_folder(world: World, text: str) -> bool:
    """Whether it is a plain path, absolute only where it is outside of the workspace: a tier hangs on it."""
    pieces, root = _path(text), _path(world.proof["workspace"]["root"])
    outside = text.startswith("/") and pieces[: len(root)] != root
    plain = bool(pieces) and text == "/" * text.startswith("/") + "/".join(pieces)
    return plain and not {".", ".."} & set(pieces) and (outside or not text.startswith("/"))


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("/") if part)


def _unwritten(world: World, bound: _Bound) -> None:
    """Nothing may write an input or the proof, whatever `policy-write` was asked."""
    for subject in governed(world):
        may_write = writer(world, subject)
        for path in bound.paths if may_write else ():
            _require(not (may_write and may_write(path)), f"`{subject}` may change `/{'/'.join(path)}`")


def _idle(world: World) -> None:
    """Every pattern, layer, context and list of cases is used."""
    proof = world.proof
    entries = [*proof["obligations"], *proof["holders"], *proof["calls"]]
    contexts = {n for entry in entries for n in entry["contexts"]}
    layers = {n for e in entries for key in ("inner", "outer", "layers") for n in e.get(key, ())}
    layers |= {lent for entry in proof["calls"] for lent in entry["tools"].values()}
    patterns = {n for rule in _rules(world) for n in (*rule["on"], *rule["except"])}
    patterns |= {n for a in proof["tables"].values() for r in a["permissions"]["rules"] for n in r["on"]}
    hooks = [hook for table in _tables(world) for hook in table["hooks"]]
    patterns |= {n for h in hooks for n in (h["match"], *(a["pattern"] for a in h["arguments"]))}
    for name, used in (("contexts", contexts), ("layers", layers), ("patterns", patterns)):
        _require(used == set(range(len(proof[name]))), f"some {name} are used nowhere")
    sides = [e.get("inner") or e["layers"] for e in (*proof["obligations"], *proof["holders"])]
    actions = {action for side in sides for action in world.actions(side)}
    _require(proof["cases"].keys() == actions, "some cases are of no action")


_RULES = (_named, _written, _order, check_questions, _told_apart, _agents, _idle)
_BOUND_RULES = (_quoted, _loaded, _unwritten)
