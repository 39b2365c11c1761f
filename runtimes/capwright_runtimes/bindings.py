"""Step 10 of the proof checker: nothing in a proof stands loose.

The nine steps of `checker.py` decide whether the authority that the tables give was proved. Here is held what
would otherwise be believed: every part has its shape and every name is one, every document that is quoted is
an input, cases and contexts are told apart, the questions are about what is in force, and what an adapter
loads or mounts is within the tables (`confinement.py` for sandboxes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import ge
from typing import Any, Final

from capwright_registry.clients.presence import LISTING
from capwright_runtimes.checker import DOMAINS, Json, ProofRefused, Segments, World, comparable, guard, trie
from capwright_runtimes.confinement import check_plan
from capwright_runtimes.proof_shape import PROOF, is_condition, is_element, misfit
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


def check_bindings(world: World) -> None:
    """Raises `ProofRefused` (step 10) where a part of a checked proof hangs on nothing."""
    where = misfit(world.proof, PROOF)
    _require(where is None, f"{where} has another shape")
    try:
        for rule in _RULES:
            rule(world)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ProofRefused(10, f"a part has another shape ({error!r})") from error


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
    variables = {n: v for a in world.proof["tables"].values() for n, v in a["context"].items()}
    guards = [*_rules(world), *(hook for table in _tables(world) for hook in table["hooks"])]
    guards += [rule for agent in world.proof["tables"].values() for rule in agent["permissions"]["rules"]]
    trees = (g["when"] for g in guards if g["when"] is not None)
    _require(all(is_condition(tree, variables) for tree in trees), "a condition is none")
    _require(all(rule["on"] for rule in _rules(world)), "a rule is on nothing")


def _order(world: World) -> None:
    """Lists that have no order of their own stand in order of their names."""
    proof = world.proof
    named = [(o["check"], o["subject"]) for o in proof["obligations"]]
    _require(named == sorted(named), "the obligations are not in order")
    _require(_rising(entry["subject"] for entry in proof["calls"]), "the calls are not in order")
    _require(_rising((h["agent"], h["plugin"]) for h in proof["holders"]), "the holders are not in order")
    for entry in proof["checks"]:
        _require(_rising(a["subject"] for a in entry["accepted"]), "the accepts are not in order")
    for table in _tables(world):
        _require(_rising(table["imports"]), "the imports are not in order")


def _tables(world: World) -> Iterator[Json]:
    return (table for agent in world.proof["tables"].values() for table in agent["plugins"].values())


def _rules(world: World) -> Iterator[Json]:
    return (rule for layer in world.layers for rules in layer["rules"].values() for rule in rules)


def _quoted(world: World) -> None:
    """Every document that a rule, a hook or a permission comes from is an input, as is each manifest."""
    proof = world.proof
    roles = {entry["path"]: entry["role"] for entry in proof["inputs"]}
    quoted = [*_rules(world), *(hook for table in _tables(world) for hook in table["hooks"])]
    quoted += [rule for agent in proof["tables"].values() for rule in agent["permissions"]["rules"]]
    files = {part["source"].rsplit(":", 2)[0] for part in quoted} - {proof["host"]["source"]}
    unbound = sorted(files - roles.keys())
    _require(not unbound, f"`{', '.join(unbound)}` is quoted and no input")
    wanted = {"capwright.toml": "workspace", LISTING: "listing"}
    for table in _tables(world):
        wanted[f"{table['folder']}/plugin.toml"] = "plugin"
        wanted[table["folder"].rpartition("/")[0] + "/"] = "listing"
    wanted |= {f"{path.rpartition('/')[0]}/": "listing" for path in roles if roles[path] == "profile"}
    for path, role in wanted.items():
        _require(roles.get(path) == role, f"the {role} `{path}` is no input")
    _require(all((roles[p] == "listing") is p.endswith("/") for p in roles), "a role is another")


def _in_force(world: World) -> None:
    """The grants that were checked are those in force; each question is of its check's kind."""
    asked = [o for o in world.proof["obligations"] if "cases" in o]
    wanted: set[tuple[Any, ...]] = set()
    for subject, holder in world.holders.items():
        _, given, *above = holder["layers"]
        scope = tuple(n for n in above if world.layers[n]["name"] == "scope")
        wanted.add(("grant-over-scope", subject, (given,), scope))
        wanted |= {("grant-over-ceiling", subject, (given,), (n,)) for n in above if n not in scope}
    held = [o for o in asked if o["check"] in ("grant-over-scope", "grant-over-ceiling")]
    there = [(o["check"], o["subject"], tuple(o["inner"]), tuple(o["outer"])) for o in held]
    _require(sorted(there) == sorted(wanted), "grants were held against other layers than those in force")
    for question in asked:
        outer = {world.layers[n]["name"] for n in question["outer"]}
        writes, delegates = (question["check"] == c for c in ("policy-write", "delegation-over-parent"))
        parent = delegates and outer == {"delegable"}
        _require(question["disjoint"] is writes is (outer == {"protected"}), "a question is of another kind")
        _require(
            question["parent"] is parent is ("/" in question["subject"] and delegates), "a parent is none"
        )


def _told_apart(world: World) -> None:
    """No two contexts hold the same guards, no two cases are in the same patterns: none replaces another."""
    for entry in (*world.proof["obligations"], *world.proof["holders"]):
        if "cases" in entry:
            inner = [*entry.get("inner", ()), *entry.get("layers", ())]
            outer = [*entry.get("outer", ())]
            _require(all(len(set(side)) == len(side) for side in (inner, outer)), "a layer stands twice")
            _cells(world, entry["contexts"], inner, outer, int(entry.get("parent", 0)))
            _cases(world, entry["cases"], [*inner, *outer], all_told=not entry.get("disjoint", False))
            _require(
                entry["cases"].keys() == world.actions(inner), "an action without cases, or one too many"
            )
    for entry in world.proof["calls"]:
        tools = {name: name.rpartition("/")[0] for name in entry["tools"]}
        layers = [*world.holders[entry["subject"]]["layers"], *(t["lent"] for t in entry["tools"].values())]
        layers += [n for owner in tools.values() for n in world.holders[owner]["layers"]]
        _cells(world, entry["contexts"], layers, [], 0)
        for name, owner in tools.items():
            own = [*world.holders[owner]["layers"], *world.holders[entry["subject"]]["layers"]]
            _cases(world, entry["tools"][name]["cases"], [*own, entry["tools"][name]["lent"]])


def _cells(
    world: World, numbers: Sequence[int], inner: Sequence[int], outer: Sequence[int], levels: int
) -> None:
    _require(numbers and _rising(numbers), "contexts are not each there once, in order")
    told: set[tuple[bool, ...]] = set()
    for context in (world.contexts[n] for n in numbers):
        above = {**context, "depth": str(int(context["depth"]) - levels)}
        here = [guard(context, rule) for n in inner for r in world.layers[n]["rules"].values() for rule in r]
        there = [guard(above, rule) for n in outer for r in world.layers[n]["rules"].values() for rule in r]
        told.add((*here, *there))
    _require(len(told) == len(numbers), "two contexts are one")


def _cases(world: World, cases: Json, layers: Sequence[int], *, all_told: bool = True) -> None:
    """`all_told`: no list of patterns is empty, so that each has a case of its own; one at least is there."""
    for action, listed in cases.items():
        rules = [rule for n in layers for rule in world.layers[n]["rules"].get(action, ())]
        lists = {tuple(rule[key]) for rule in rules for key in ("on", "except") if rule[key]}
        told = sorted({n for numbers in lists for n in numbers})
        split = {case[0]: _segments(case) for case in listed}
        hits = [frozenset(n for n in told if world.hit(n, segs)) for segs in split.values()]
        _require(_rising(case[0] for case in listed), "the cases are not each there once, in order")
        _require(len(set(hits)) == len(listed), f"two cases of `{action}` are one")
        whole = all(any(not found.isdisjoint(numbers) for found in hits) for numbers in lists)
        _require(whole or not all_told, f"a list of patterns has no case of `{action}`")
        for text, segs in split.items():
            _require(_spelled(action, text, segs), f"`{action}:{text}` is spelled as another case")


def _segments(case: Sequence[Any]) -> Segments:
    return tuple(s if isinstance(s, str) else int(s[0]) for s in case[1:])


def _spelled(action: str, text: str, segs: Segments) -> bool:
    """Whether a path or a name says what its segments do; of other domains the segments alone count."""
    domain = DOMAINS.get(action, "name")
    if domain == "path":
        return text == "/" + "/".join(segs)
    return domain != "name" or text == "".join(segs)


def _agents(world: World) -> None:
    """Permissions and hooks match the patterns that they name, and contexts have the declared variables."""
    for agent, tables in world.proof["tables"].items():
        rules, word = tables["permissions"]["rules"], tables["permissions"]["default"]
        _same(world, tables["permissions"]["trie"], [n for rule in rules for n in rule["on"]], agent)
        words = {word, *(rule["action"] for rule in rules)}
        _require(words <= {"allow", "ask", "deny"}, f"a permission of `{agent}` is no word")
        for context in world.contexts:
            _require(context.keys() == tables["context"].keys(), "a context has other variables")
            fits = (_fits(context[name], variable) for name, variable in tables["context"].items())
            _require(all(fits), "a context's variable is of another type")
    for table in _tables(world):
        for hook in table["hooks"]:
            for walk in (hook["match"]["trie"], *(a["trie"] for a in hook["arguments"])):
                _same(world, walk, [n for node in walk for n in node.get("end", ())][:1], table["plugin"])


def _same(world: World, walk: Any, numbers: Sequence[int], whose: str) -> None:
    meant = trie(world.patterns, dict.fromkeys(numbers))
    _require(comparable(walk) == comparable(meant), f"a walk of `{whose}` is not that of its patterns")


def _fits(value: Any, variable: Json) -> bool:
    kind = variable["type"]
    if kind == "bool":
        return isinstance(value, bool)
    if kind in ("int", "timestamp"):
        return isinstance(value, str) and str(int(value)) == value
    return isinstance(value, str) and (kind == "string" or value in variable["values"])


def _loaded(world: World) -> None:
    """What an adapter loads, links and mounts is among the inputs and within the tables."""
    files = {(entry["path"], entry["sha256"], entry["role"]) for entry in world.proof["inputs"]}
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
            bound = file is None or (file["path"], file["sha256"], role) in files
            _require(bound, f"the {role} of `{subject}` is no input")
            beside = file is None or file["path"].startswith(f"{table['folder']}/")
            _require(beside, f"the {role} of `{subject}` is not in its folder")
        agreed = ("unpinned", holder["plugin"]) in world.accepted
        _require(kind != "mcp" or table["pins"] or agreed, f"nothing of `{subject}` was approved")
        agreed = ("artifact-drift", holder["plugin"]) in world.accepted
        stated = table["runtime"].get("sha256")
        same = agreed or stated is None or stated == table["artifact"]["sha256"]
        _require(same, f"the artifact of `{subject}` is not the one that its manifest names")
        granted = {name for name, action in IMPORTS.items() if action in table["actions"]}
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


def _unwritten(world: World) -> None:
    """Nothing may write an input or the proof, whatever `policy-write` was asked."""
    root = world.proof["workspace"]["root"]
    inputs = (entry["path"] for entry in world.proof["inputs"])
    names = [".capwright/proof.json", *(path for path in inputs if path != LISTING)]  # no path of a file
    paths = [_path(name if name.startswith("/") else f"{root}/{name}") for name in names]
    for subject in governed(world):
        may_write = writer(world, subject)
        for path in paths if may_write else ():
            _require(not (may_write and may_write(path)), f"`{subject}` may change `/{'/'.join(path)}`")


def _idle(world: World) -> None:
    """Every pattern, layer and context is used."""
    proof = world.proof
    entries = [*(o for o in proof["obligations"] if "cases" in o), *proof["holders"], *proof["calls"]]
    contexts = {n for entry in entries for n in entry["contexts"]}
    layers = {n for e in entries for key in ("inner", "outer", "layers") for n in e.get(key, ())}
    layers |= {tool["lent"] for entry in proof["calls"] for tool in entry["tools"].values()}
    patterns = {n for rule in _rules(world) for n in (*rule["on"], *rule["except"])}
    patterns |= {n for a in proof["tables"].values() for r in a["permissions"]["rules"] for n in r["on"]}
    walks = [w for table in _tables(world) for hook in table["hooks"] for w in _walks(hook)]
    patterns |= {n for walk in walks for node in walk for n in node.get("end", ())}
    for name, used in (("contexts", contexts), ("layers", layers), ("patterns", patterns)):
        _require(used == set(range(len(proof[name]))), f"some {name} are used nowhere")


def _walks(hook: Json) -> list[Any]:
    return [hook["match"]["trie"], *(argument["trie"] for argument in hook["arguments"])]


_RULES = (
    _named, _written, _order, _quoted, _in_force, _told_apart, _agents, _loaded, _unwritten, _idle,
)  # fmt: skip
