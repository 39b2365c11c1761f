"""The proof checker: decides whether a proof may admit anything. The trusted core.

Standard library only, no import of ours, no solver. It believes what a proof says of the documents, and that
its cases and contexts are all there are; whatever follows from these (matching, conditions, calls, mediators,
tables) is worked out anew, by code that shares nothing with what made the proof. Steps of `specs/proof.md`
(the tenth, that nothing stands loose, is `bindings.py`):

  1. the bytes are canonical JSON (RFC 8785), each key once, and the digest is that of the rest
  2. schema and vocabulary are the ones this checker knows
  3. every input has the digest that was proved
  4. the host is the one that was proved for: policy, mediators, sandbox
  5. every check is there and proved (or vacuous); every accept is named and still holds
  6. in every case, what is within an inner authority is within the outer one, or clear of what is forbidden
  7. in every context, what a chain of calls causes is the caller's own or lent to it
  8. every mediator that an effect or a result needs is there
  9. every table is what its layers compile to, and there is one for each holder
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

SCHEMA, VOCABULARY = "capwright.proof/1", "capwright.vocabulary/1"
#: The checks that every proof holds: those that are questions of inclusion, and the others.
QUESTIONS = {"delegation-over-parent", "grant-over-ceiling", "grant-over-scope", "policy-write"}
QUESTIONS |= {"fail-open-hook", "rewrite-deputy", "tier-precedence"}
CLAIMS = {"ambient-import", "ambient-process", "api-incompatible", "artifact-drift", "budget-growth"}
CLAIMS |= {"descriptor-drift", "exec-is-everything", "never-grantable", "request-over-grant", "unpinned"}
CLAIMS |= {"deputy", "shadowed-identity", "spawn-amplifies", "toxic-flow", "unmediated-effect"}
CLAIMS |= {"rewrite-after-check", "uncovered-path"}
DOMAINS = dict.fromkeys(("fs.read", "fs.write", "fs.delete"), "path")
DOMAINS |= {"net.connect": "host", "net.http": "url", "process.exec": "argv"}  # of all others: "name"
MEDIATORS = {"fs": "scoped-fs", "net": "net-policy", "process": "process-sandbox"}
comparable = partial(json.dumps, sort_keys=True)  # for Python `True == 1`; as text they differ
Json: TypeAlias = Mapping[str, Any]
Segments: TypeAlias = tuple[Any, ...]
Holds: TypeAlias = Callable[[Json], bool]


class ProofRefused(Exception):  # noqa: N818 - a verdict about a proof, not a fault of the program
    """The proof is refused at `step`; `reason` says why and names what changed where something did."""

    def __init__(self, step: int, reason: str) -> None:
        self.step, self.reason = step, reason
        super().__init__(f"step {step}: {reason}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so on this host now, read by the caller: digests by path, the host policy, today (ISO date)."""

    digests: Mapping[str, str | None]
    host_sha256: str
    mediators: frozenset[str]
    sandbox: str
    today: str


def check(data: bytes, facts: Facts) -> World:
    """The proof in `data`, if it may be believed under `facts`; raises `ProofRefused` otherwise."""
    proof = _read(data)
    try:
        _require(proof["schema"] == SCHEMA, 2, f"the schema is not `{SCHEMA}`: verify again")
        _require(proof["vocabulary"] == VOCABULARY, 2, f"the vocabulary is not `{VOCABULARY}`: verify again")
        _inputs(proof, facts)
        _host(proof["host"], facts)
        _checks(proof, facts)
        world = World(proof)
        for step in (_questions, _calls, _mediators, _tables):
            step(world)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, re.error) as error:
        raise ProofRefused(2, f"a part is missing or has another shape ({error!r})") from error
    return world


def _require(holds: object, step: int, reason: str) -> None:
    if not holds:
        raise ProofRefused(step, reason)


def _rising(keys: Iterable[Any]) -> bool:
    return all(a < b for a, b in pairwise(keys))


# 1. canonical bytes, digest
def _read(data: bytes) -> dict[str, Any]:
    try:
        proof: dict[str, Any] = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_ordered,
            parse_int=_small,
            parse_float=_no,
            parse_constant=_no,
        )
        parts = {key: _written(key) + b":" + _written(value) for key, value in proof.items()}
    except (ValueError, RecursionError, AttributeError) as error:
        raise ProofRefused(1, f"not canonical JSON: {str(error)[:1].lower()}{str(error)[1:]}") from error
    whole = b"{" + b",".join(parts.values()) + b"}"
    rest = b"{" + b",".join(part for key, part in parts.items() if key != "digest") + b"}"
    _require(data in (whole, whole + b"\n"), 1, "the bytes are not in canonical form: the file was altered")
    digest = hashlib.sha256(b"capwright-proof-v1\0" + rest).hexdigest()
    _require(proof.get("digest") == digest, 1, "the digest does not match: the proof was altered")
    return proof


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    keys = [*found] if "".join(found).isascii() else [key.encode("utf-16-be") for key in found]
    if len(found) != len(pairs) or keys != sorted(keys):  # RFC 8785 orders by UTF-16 units
        raise ValueError("a key stands twice, or out of order")
    return found


def _small(text: str) -> int:
    return int(text) if len(text) < 16 else int(_no(text))


def _no(text: str) -> str:
    raise ValueError(f"the number {text} has no place in a proof")


def _written(value: Any) -> bytes:  # in RFC 8785, for what has its keys in order and no float
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


# 3. to 5. inputs, host, checks
def _inputs(proof: Json, facts: Facts) -> None:
    _require(_rising(e["path"] for e in proof["inputs"]), 3, "the inputs are not each there once, in order")
    for entry in sorted(proof["inputs"], key=lambda entry: entry["role"] == "listing"):
        now, what = facts.digests.get(entry["path"]), f"the {entry['role']} `{entry['path']}`"
        _require(now is not None, 3, f"{what} is missing or cannot be read")
        _require(now == entry["sha256"], 3, f"{what} changed since it was proved")


def _host(host: Json, facts: Facts) -> None:
    _require(host["sha256"] == facts.host_sha256, 4, "the host policy changed since the proof was made")
    missing = sorted(set(host["mediators"]) - facts.mediators)
    _require(not missing, 4, f"this host has no mediator `{', '.join(missing)}`")
    other = f"the proof is for the process sandbox `{host['sandbox']}`, this host has `{facts.sandbox}`"
    _require(host["sandbox"] == facts.sandbox, 4, other)


def _checks(proof: Json, facts: Facts) -> None:
    owned: dict[str, list[Json]] = {entry["id"]: [] for entry in proof["checks"]}
    _require(_rising(owned) and len(owned) == len(proof["checks"]), 5, "the checks are not each there once")
    _require(owned.keys() >= QUESTIONS | CLAIMS, 5, "a check is missing that every proof holds")
    for obligation in proof["obligations"]:
        name, asked = obligation["check"], "cases" in obligation
        owned[name].append(obligation)
        _require(name not in (CLAIMS if asked else QUESTIONS), 5, f"`{name}` is not what it should be")
    for entry in proof["checks"]:
        own = owned[entry["id"]]
        _require(len(own) == entry["obligations"], 5, f"obligations of `{entry['id']}` are missing")
        verdict = "proved" if own else "vacuous"
        _require(entry["verdict"] == verdict, 5, f"`{entry['id']}` is {entry['verdict']}, not {verdict}")
        _accepts(entry, own, facts.today)


def _accepts(entry: Json, own: Sequence[Json], today: str) -> None:
    named = {accept["subject"] for accept in entry["accepted"]}
    for accept in entry["accepted"]:
        over = f"the accept of `{entry['id']}` at `{accept['subject']}` ended on {accept['until']}"
        _require(re.fullmatch(r"\d{4}-\d\d-\d\d", accept["until"]) and today < accept["until"], 5, over)
    _require(named <= {o["subject"] for o in own}, 5, f"an accept of `{entry['id']}` is of nothing")
    for obligation in own:
        agreed = obligation["accepted"] is (obligation["subject"] in named)
        _require(agreed, 5, f"`{entry['id']}` at `{obligation['subject']}` is not accepted by name")


# What is within a layer: patterns and conditions, read anew
class World:
    """The parts of a proof, and the one question: is an effect within these layers?"""

    def __init__(self, proof: dict[str, Any]) -> None:
        self.proof, self.layers, self.contexts = proof, proof["layers"], proof["contexts"]
        self.patterns = [pattern["elements"] for pattern in proof["patterns"]]
        self.holders = {f"{h['agent']}/{h['plugin']}": h for h in proof["holders"]}
        self.accepted = {(o["check"], o["subject"]) for o in proof["obligations"] if o["accepted"]}
        self._hits: dict[tuple[int, Segments], bool] = {}

    def table(self, subject: str) -> Any:
        """The enforcement table of a holder."""
        holder = self.holders[subject]
        return self.proof["tables"][holder["agent"]]["plugins"][holder["plugin"]]

    def actions(self, numbers: Sequence[int]) -> set[str]:
        """The actions that every one of these layers names."""
        return set.intersection(*(set(self.layers[n]["rules"]) for n in numbers))

    def effects(self, subject: str) -> set[str]:
        """The actions of a call's effects; the others are decided where a contribution is registered."""
        actions = self.actions(self.holders[subject]["layers"])
        return {a for a in actions if a != "tool.provide" and not a.startswith("hook.")}

    def within(self, numbers: Iterable[int], action: str, segs: Segments, holds: Holds) -> bool:
        """Whether every layer has a rule on the resource whose guard holds."""
        return all(
            any(self._on(rule, segs) and holds(rule) for rule in self.layers[n]["rules"].get(action, ()))
            for n in numbers
        )

    def _on(self, rule: Json, segs: Segments) -> bool:
        on = any(self.hit(n, segs) for n in rule["on"])
        return on and not any(self.hit(n, segs) for n in rule["except"])

    def hit(self, pattern: int, segs: Segments) -> bool:
        """Whether a pattern matches a resource."""
        if (pattern, segs) not in self._hits:
            self._hits[pattern, segs] = any(_matches(way, segs) for way in self.patterns[pattern])
        return self._hits[pattern, segs]


def _matches(elements: Sequence[Any], segs: Segments) -> bool:
    """Positions in `elements` that are reached after each segment; `deep` stays where it is."""
    words = next((n for n, element in enumerate(elements) if element[0] != "word"), len(elements))
    last = elements[-1][1:] if elements and elements[-1][0] == "word" else list(segs[-1:])
    if last != list(segs[-1:]) or segs[:words] != tuple(text for _, text in elements[:words]):
        return False  # the same without the walk, and most often so
    elements, segs, here = elements[words:], segs[words:], {0}
    for seg in (*segs, None):
        for n, (kind, *_) in enumerate(elements):
            here |= {n + 1} if n in here and kind == "deep" else set()
        if seg is not None:
            taken = (n for n in here if n < len(elements) and _takes(elements[n], seg))
            here = {n + (elements[n][0] != "deep") for n in taken}
    return len(elements) in here


def _takes(element: Sequence[Any], seg: Any) -> bool:
    kind, *rest = element
    if isinstance(seg, int):
        return bool(kind == "range" and int(rest[0]) <= seg <= int(rest[1]))
    if kind == "glob":
        return fnmatch.fnmatchcase(seg, rest[0])
    return kind in ("one", "deep") or (kind == "word" and bool(rest[0] == seg))


def trie(patterns: Sequence[Any], numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The walk over patterns: one node for each prefix of elements, numbered as they come up."""
    nodes: list[dict[str, Any]] = [{}]
    steps: dict[Segments, int] = {}
    for number in numbers:
        for elements in patterns[number]:
            here = 0
            for kind, *rest in elements:
                if (here, kind, *rest) not in steps:
                    steps[here, kind, *rest] = there = len(nodes)
                    nodes.append({"loop": True} if kind == "deep" else {})
                    if kind == "word":
                        nodes[here].setdefault("lit", {})[rest[0]] = there
                    elif rest:
                        nodes[here].setdefault(kind, []).append([*rest, there])
                    else:
                        nodes[here]["any" if kind == "one" else kind] = there
                here = steps[here, kind, *rest]
            if number not in nodes[here].setdefault("end", []):
                nodes[here]["end"].append(number)
    return nodes


def _cases(cases: Json) -> Iterator[tuple[str, str, Segments]]:
    """Action, resource and segments of each case. An address, which no JSON number may hold, is `["..."]`."""
    for action, resources in cases.items():
        for text, *segs in resources:
            yield action, text, tuple(s if isinstance(s, str) else int(s[0]) for s in segs)


def guard(context: Json, rule: Json) -> bool:
    """Whether a rule holds in a context: its condition, before its end."""
    due = rule["until"] is None or int(context["now"]) < rule["until"] * 1_000_000
    return due and (rule["when"] is None or _value(rule["when"], context) is True)


def _value(tree: Sequence[Any], context: Json) -> Any:
    name, *parts = tree
    if name in ("const", "var"):
        kind, value = parts if name == "const" else (parts[1], context[parts[0]])
        return int(value) if kind in ("int", "timestamp") else value is True if kind == "bool" else value
    return _OPERATIONS[name]([_value(part, context) for part in parts])


_OPERATIONS: Mapping[str, Callable[[list[Any]], Any]] = {
    "not": lambda v: v[0] is False, "and": all, "or": any, "if": lambda v: v[1] if v[0] else v[2],
    "eq": lambda v: v[0] == v[1], "lt": lambda v: v[0] < v[1], "le": lambda v: v[0] <= v[1],
    "in": lambda v: v[0] in v[1:],
}  # fmt: skip


# 6. questions
def _questions(world: World) -> None:
    for question in world.proof["obligations"]:
        if "cases" in question and not question["accepted"]:
            for context in (world.contexts[n] for n in question["contexts"]):
                _question(question, context, world)


def _question(question: Json, own: Json, world: World) -> None:
    above = {**own, "depth": str(int(own["depth"]) - question["parent"])}
    for action, resource, segs in _cases(question["cases"]):
        if world.within(question["inner"], action, segs, partial(guard, own)):
            outside = world.within(question["outer"], action, segs, partial(guard, above))
            holds = outside is not question["disjoint"] and not question["shrinks"]
            what = f"`{question['check']}` does not hold at `{question['subject']}`"
            _require(holds, 6, f"{what}: `{action}:{resource}`")


# 7. calls
def _calls(world: World) -> None:
    entries = {entry["subject"]: entry for entry in world.proof["calls"]}
    callers = {subject for subject in world.holders if _callable(world, subject, lambda _: True)}
    proved = {o["subject"] for o in world.proof["obligations"] if o["check"] == "deputy"}
    _require(entries.keys() == callers == proved, 7, "what a plugin causes through others was not proved")
    for subject, entry in entries.items():
        if ("deputy", subject) not in world.accepted:
            for context in (world.contexts[n] for n in entry["contexts"]):
                for tool in _reached(world, subject, partial(guard, context)):
                    _tool(entry, tool, partial(guard, context), world)


def _callable(world: World, subject: str, holds: Holds) -> set[tuple[str, str]]:
    holder = world.holders[subject]
    others = {o: h for o, h in world.holders.items() if h["agent"] == holder["agent"] and o != subject}
    names = {(o, t): f"{h['plugin']}/{t}" for o, h in others.items() for t in world.table(o)["tools"]}
    split = {key: tuple(re.findall(r"[./:]|[^./:]+", name)) for key, name in names.items()}
    return {key for key, segs in split.items() if world.within(holder["layers"], "tool.call", segs, holds)}


def _reached(world: World, subject: str, holds: Holds) -> set[tuple[str, str]]:
    found, waiting, seen = set[tuple[str, str]](), {subject}, {subject}
    while waiting:
        step = _callable(world, waiting.pop(), holds)
        found, waiting = found | step, waiting | {owner for owner, _ in step} - seen
        seen |= waiting
    return {(owner, tool) for owner, tool in found if owner != subject}


def _tool(entry: Json, reached: tuple[str, str], holds: Holds, world: World) -> None:
    owner, name = reached
    subject, tool, table = entry["subject"], entry["tools"][f"{owner}/{name}"], world.table(owner)
    lends = world.layers[tool["lent"]]["name"] == "lent"
    caused = world.effects(owner) - {"tool.call"}
    if table["kind"] != "mcp":  # a component's calls are mediated one by one, a process is one whole
        caused &= {effect["action"] for effect in table["tools"][name]["effects"]}
    _require(lends and tool["cases"].keys() == caused, 7, f"not all that `{owner}/{name}` causes was proved")
    own, theirs = world.holders[subject]["layers"], world.holders[owner]["layers"]
    for action, resource, segs in _cases(tool["cases"]):
        if world.within(theirs, action, segs, holds):
            allowed = any(world.within(layers, action, segs, holds) for layers in (own, [tool["lent"]]))
            _require(allowed, 7, f"`{subject}` causes `{action}:{resource}` through others")


# 8. mediators
def _mediators(world: World) -> None:
    host = world.proof["host"]
    for subject in world.holders:
        table = world.table(subject)
        needed = {"output-bound", "history"} if table["tools"] or table["hooks"] else set()
        for action in world.effects(subject) if table["tools"] else ():
            own = "process-sandbox" if table["kind"] == "mcp" else MEDIATORS.get(action.partition(".")[0])
            needed |= {"permission", own} if own else {"permission"}
        missing = ", ".join(sorted(needed - set(host["mediators"])))
        agreed = ("unmediated-effect", subject) in world.accepted
        _require(agreed or not missing, 8, f"`{subject}` needs the mediator `{missing}`")
        confined = host["sandbox"] == "bubblewrap" or "process-sandbox" not in needed
        agreed = ("ambient-process", subject) in world.accepted if table["kind"] == "mcp" else agreed
        _require(agreed or confined, 8, f"no process sandbox confines `{subject}`")


# 9. tables
def _tables(world: World) -> None:
    there = sorted((a, plugin) for a, t in world.proof["tables"].items() for plugin in t["plugins"])
    held = sorted((h["agent"], h["plugin"]) for h in world.proof["holders"])
    _require(there == held and len(held) == len(world.holders), 9, "a table has no proof, or none a table")
    for subject, holder in world.holders.items():
        layers = [world.layers[n] for n in holder["layers"]]
        names = " ".join(layer["name"] for layer in layers)
        whole = re.fullmatch("requested granted( scope)+( ceiling)? host", names)
        _require(whole, 9, f"`{subject}` has other layers")
        meant = {action: _table(action, layers, world) for action in world.actions(holder["layers"])}
        same = comparable(world.table(subject)["actions"]) == comparable(meant)
        _require(same, 9, f"the tables of `{subject}` are not what its layers compile to")


def _table(action: str, layers: Sequence[Json], world: World) -> Json:
    listed = [{"name": layer["name"], "rules": layer["rules"][action]} for layer in layers]
    numbers = dict.fromkeys(n for layer in listed for r in layer["rules"] for n in (*r["on"], *r["except"]))
    domain = DOMAINS.get(action, "name")
    alike = all(world.proof["patterns"][n]["domain"] == domain for n in numbers)
    _require(alike, 9, f"a pattern of `{action}` is of another domain")
    return {"domain": domain, "trie": trie(world.patterns, numbers), "layers": listed}
