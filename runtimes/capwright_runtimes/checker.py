"""The proof checker: decides whether a proof may admit anything. The trusted core.

Standard library only, no import of ours, no solver. It believes what a proof says of the documents, and that
its cases and contexts are all there are; whatever follows from these (matching, conditions, calls, mediators)
is worked out anew, by code that shares nothing with what made the proof. Steps (`specs/proof.md` has more):

  1. the bytes are lines of canonical JSON (RFC 8785), each key once, each with its digest
  2. schema and vocabulary are the ones this checker knows
  3. every input has the digest that was proved
  4. the host is the one that was proved for: policy, mediators, sandbox
  5. every check is there and proved (or vacuous), every obligation is counted, every accept still holds
and, of each family of agents by itself:
  6. in every case, what is within an inner authority is within the outer one, or clear of what is forbidden
  7. in every context, what a chain of calls causes is the caller's own or lent to it
  8. every mediator that an effect or a result needs is there
  9. each table has a holder, whose layers are those that it is compiled from
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from itertools import product
from operator import and_, or_
from typing import Any, TypeAlias

SCHEMA, VOCABULARY = "capwright.proof/1", "capwright.vocabulary/1"
#: The checks that every proof holds: those that are decided here again, and the others.
QUESTIONS = {"delegation-over-parent", "deputy", "fail-open-hook", "grant-over-ceiling", "grant-over-scope"}
QUESTIONS |= {"policy-write", "rewrite-deputy", "tier-precedence"}
CLAIMS = {"ambient-import", "ambient-process", "api-incompatible", "artifact-drift", "budget-growth"}
CLAIMS |= {"descriptor-drift", "exec-is-everything", "never-grantable", "request-over-grant", "toxic-flow"}
CLAIMS |= {"rewrite-after-check", "shadowed-identity", "spawn-amplifies", "uncovered-path"}
CLAIMS |= {"unmediated-effect", "unpinned"}
DOMAINS = dict.fromkeys(("fs.read", "fs.write", "fs.delete"), "path")
DOMAINS |= {"net.connect": "host", "net.http": "url", "process.exec": "argv"}  # of all others: "name"
MEDIATORS = {"fs": "scoped-fs", "net": "net-policy", "process": "process-sandbox"}
Json: TypeAlias = Mapping[str, Any]
Segments: TypeAlias = tuple[Any, ...]
Holds: TypeAlias = Callable[[Json], bool]
NOTHING: Json = {"except": [], "when": None, "until": None}  # the parts that a rule may leave out
Node: TypeAlias = tuple[dict[Any, Any], dict[Any, Any], list[int]]


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


def check(data: bytes, facts: Facts, agent: str | None = None) -> tuple[World, ...]:
    """The families of the proof in `data`, if it may be believed; raises `ProofRefused`.

    Where an `agent` is named, of other families only the digest is looked at: none of them bears on it.
    """
    try:
        first, *lines = data.removesuffix(b"\n").split(b"\n")
        seal, written = _read(first), lines.pop(0) if lines else b""
        digest = hashlib.sha256(b"capwright-proof-v1\0" + written).hexdigest()
        _require(seal == {"digest": digest}, 1, "the digest does not match: the proof was altered")
        head = {**_read(written), **seal}
        same = [e["sha256"] for e in head["families"]] == [hashlib.sha256(line).hexdigest() for line in lines]
        _require(same, 1, "the digest of a family does not match: the proof was altered")
        known = head["schema"] == SCHEMA and head["vocabulary"] == VOCABULARY
        _require(known, 2, "it is of another version: verify again")
        _facts(head, facts)
        _checks(head, facts)
        parts = zip(head["families"], lines, strict=True)
        chosen = (line for entry, line in parts if agent in (None, *entry["agents"]))
        families = tuple(World({**head, **_read(line)}) for line in chosen)
        for step, world in product((_obligations, _questions, _calls, _mediators, _tables), families):
            step(world)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, re.error) as error:
        raise ProofRefused(2, f"a part is missing or has another shape ({error!r})") from error
    return families


def _require(holds: object, step: int, reason: str) -> None:
    if not holds:
        raise ProofRefused(step, reason)


# 1. canonical bytes
def _read(line: bytes) -> dict[str, Any]:
    # RFC 8785 orders keys by UTF-16 units: up to U+FFFF by characters, else each object is looked at.
    hook = _ordered if re.search(b"[\xf0-\xff]", line) else None
    numbers: Any = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), _number)
    try:
        found = json.loads(line.decode("utf-8"), object_pairs_hook=hook, **numbers)
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=hook is None)
        same = isinstance(found, dict) and text.encode("utf-8") == line  # no key stood twice, or out of order
    except (ValueError, RecursionError) as error:
        raise ProofRefused(1, f"not canonical JSON: {str(error)[:1].lower()}{str(error)[1:]}") from error
    _require(same, 1, "the bytes are not in canonical form: the file was altered")
    return dict(found)


def _ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key.encode("utf-16-be") for key, _ in pairs]
    if keys != sorted({*keys}):
        raise ValueError("a key stands twice, or out of order")
    return dict(pairs)


def _number(text: str) -> int:
    if len(text) < 16 and text.removeprefix("-").isdigit():
        return int(text)
    raise ValueError(f"the number {text} has no place in a proof")


# 3. to 5. inputs, host, checks
def _facts(head: Json, facts: Facts) -> None:
    paths = [entry["path"] for entry in head["inputs"]]
    _require(paths == sorted({*paths}), 3, "the inputs are not each there once, in order")
    for entry in sorted(head["inputs"], key=lambda entry: entry["role"] == "listing"):
        now, what = facts.digests.get(entry["path"]), f"the {entry['role']} `{entry['path']}`"
        _require(now is not None, 3, f"{what} is missing or cannot be read")
        _require(now == entry["sha256"], 3, f"{what} changed since it was proved")
    host, sandbox = head["host"], head["host"]["sandbox"]
    _require(host["sha256"] == facts.host_sha256, 4, "the host policy changed since the proof was made")
    missing = sorted(set(host["mediators"]) - facts.mediators)
    _require(not missing, 4, f"this host has no mediator `{', '.join(missing)}`")
    other = f"the proof is for the process sandbox `{sandbox}`, this host has `{facts.sandbox}`"
    _require(sandbox == facts.sandbox, 4, other)


def _checks(head: Json, facts: Facts) -> None:
    ids, families = [entry["id"] for entry in head["checks"]], head["families"]
    agents = Counter(agent for family in families for agent in family["agents"])
    _require(agents.total() == len(agents), 5, "an agent is of two families")
    _require(ids == sorted({*ids}), 5, "the checks are not each there once, in order")
    _require(QUESTIONS | CLAIMS <= {*ids}, 5, "a check is missing that every proof holds")
    for entry in head["checks"]:
        name, number = entry["id"], entry["obligations"]
        own = sum(family["obligations"].get(name, 0) for family in families)
        _require(own == (number if name in QUESTIONS else 0), 5, f"obligations of `{name}` are missing")
        verdict = "proved" if number else "vacuous"
        _require(entry["verdict"] == verdict, 5, f"`{name}` is {entry['verdict']}, not {verdict}")
        for accept in entry["accepted"]:
            over = f"the accept of `{name}` at `{accept['subject']}` ended on {accept['until']}"
            dated = re.fullmatch(r"\d{4}-\d\d-\d\d", accept["until"]) and facts.today < accept["until"]
            _require(number and dated, 5, over)


def _obligations(world: World) -> None:
    asked = Counter([o["check"] for o in world.proof["obligations"]] + ["deputy"] * len(world.proof["calls"]))
    said = [e["obligations"] for e in world.proof["families"] if e["agents"] == [*world.proof["tables"]]]
    _require(said == [asked], 5, "the obligations of a family are not what the proof says")


# What is within a layer: patterns and conditions, read anew
class World:
    """One family of a proof with the proof's head, and the one question: is an effect within these layers?"""

    def __init__(self, proof: Json) -> None:
        self.proof, self.contexts = proof, proof["contexts"]
        self.layers = [
            {**layer, "rules": {a: [{**NOTHING, **r} for r in rules] for a, rules in layer["rules"].items()}}
            for layer in proof["layers"]
        ]
        self.patterns = [
            [[["word", e] if isinstance(e, str) else e for e in way] for way in pattern["elements"]]
            for pattern in proof["patterns"]
        ]
        self.holders = {f"{h['agent']}/{h['plugin']}": h for h in proof["holders"]}
        self.accepted = {(c["id"], a["subject"]) for c in proof["checks"] for a in c["accepted"]}
        self._walk = cache(lambda number: Walk(self.patterns, [number]))
        self._cased, self.masks = cache(self._rules_with_cases), cache(self._cases_by_pattern)

    def table(self, subject: str) -> Any:
        """What is loaded for a holder."""
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
        layers = (self.layers[n]["rules"].get(action, ()) for n in numbers)
        return all(any(holds(rule) and self._on(rule, segs) for rule in rules) for rules in layers)

    def _on(self, rule: Json, segs: Segments) -> bool:
        on, out = (any(self._walk(n).ends(segs) for n in rule[key]) for key in ("on", "except"))
        return on and not out

    def inside(self, numbers: Iterable[int], action: str, holds: Holds) -> int:
        """The cases of an action that are within every layer: a bit for each, by its place in the list."""
        layers = ([bits for bits, rule in self._cased(n, action) if holds(rule)] for n in numbers)
        return reduce(and_, (reduce(or_, bits, 0) for bits in layers))

    def first(self, action: str, cases: int) -> str:
        """The first of some cases, to be read; nothing where there is none."""
        place = (cases & -cases).bit_length() - 1
        return f"`{action}:{self.proof['cases'][action][place]}`" if cases else ""

    def _rules_with_cases(self, number: int, action: str) -> list[tuple[int, Json]]:
        masks, rules = self.masks(action), self.layers[number]["rules"].get(action, ())
        sides = [[reduce(or_, (masks[n] for n in r[key]), 0) for key in ("on", "except")] for r in rules]
        return [(on & ~out, rule) for (on, out), rule in zip(sides, rules, strict=True)]

    def _cases_by_pattern(self, action: str) -> dict[int, int]:
        rules = [rule for layer in self.layers for rule in layer["rules"].get(action, ())]
        found = dict.fromkeys((n for rule in rules for n in (*rule["on"], *rule["except"])), 0)
        walk = Walk(self.patterns, found)
        for place, case in enumerate(self.proof["cases"][action]):
            for number in walk.ends(segments(action, case)):
                found[number] |= 1 << place
        return found


class Walk:
    """The patterns that end where a resource does; what resources begin with alike is walked once."""

    def __init__(self, patterns: Sequence[Any], numbers: Iterable[int]) -> None:
        root: Node = ({}, {}, [])  # where words lead, where other elements do, what ends here
        for number in numbers:
            for way in patterns[number]:
                node = root
                for kind, *text in way:
                    here, key = (node[0], text[0]) if kind == "word" else (node[1], (kind, *text))
                    node = here.setdefault(key, ({}, {}, []))
                node[2].append(number)
        self._known: dict[Segments, dict[int, Any]] = {(): _entered([(False, root)])}

    def ends(self, segs: Segments) -> set[int]:
        """The numbers of the patterns that match."""
        return {number for _, node in self._after(segs).values() for number in node[2]}

    def _after(self, segs: Segments) -> dict[int, Any]:
        if segs not in self._known:
            here = self._after(segs[:-1]).values()
            self._known[segs] = _entered([to for place in here for to in _led(place, segs[-1])])
        return self._known[segs]


def _entered(places: list[tuple[bool, Node]]) -> dict[int, tuple[bool, Node]]:
    """The places by the node's own number, with those behind a `deep`, which takes no segment or many."""
    for _, (_, others, _) in places:
        places += [(True, to) for to in (others.get(("deep",)),) if to]  # these are looked at in turn
    return {id(node): (loops, node) for loops, node in places}


def _led(place: tuple[bool, Node], seg: Any) -> Iterator[tuple[bool, Node]]:
    loops, (words, others, _) = place
    text = isinstance(seg, str)
    yield from [place] * (loops and text) + [(False, to) for to in (words.get(seg),) if to]
    for (kind, *rest), to in others.items():
        fits = kind == "one" or (kind == "glob" and fnmatch.fnmatchcase(str(seg), rest[0]))
        if fits if text else kind == "range" and int(rest[0]) <= seg <= int(rest[1]):
            yield False, to


def segments(action: str, case: Any) -> Segments:
    """A path is cut at `/`, a name at its signs; an address, which no JSON number may hold, is `["..."]`."""
    if isinstance(case, str):
        return tuple(re.findall("[^/]+" if DOMAINS.get(action) == "path" else "[./:]|[^./:]+", case))
    return tuple(seg if isinstance(seg, str) else int(seg[0]) for seg in case[1:])


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
    asked = (o for o in world.proof["obligations"] if (o["check"], o["subject"]) not in world.accepted)
    for question, own in ((q, world.contexts[number]) for q in asked for number in q["contexts"]):
        above = {**own, "depth": str(int(own["depth"]) - 1)} if question["parent"] else own
        for action in world.actions(question["inner"]):
            wrong = world.inside(question["inner"], action, partial(guard, own))
            if wrong and not question["shrinks"]:
                outside = world.inside(question["outer"], action, partial(guard, above))
                wrong &= outside if question["disjoint"] else ~outside
            what = f"`{question['check']}` does not hold at `{question['subject']}`"
            _require(not wrong, 6, f"{what}: {world.first(action, wrong)}")


# 7. calls
def _calls(world: World) -> None:
    entries = {entry["subject"]: entry for entry in world.proof["calls"]}
    callers = {subject for subject in world.holders if _callable(world, subject, lambda _: True)}
    _require(entries.keys() == callers, 7, "what a plugin causes through others was not proved")
    for subject, entry in entries.items():
        if ("deputy", subject) not in world.accepted:
            for context in (world.contexts[n] for n in entry["contexts"]):
                for tool in _reached(world, subject, partial(guard, context)):
                    _tool(entry, tool, partial(guard, context), world)


def _callable(world: World, subject: str, holds: Holds) -> set[tuple[str, str]]:
    mine = world.holders[subject]
    others = ((o, h) for o, h in world.holders.items() if h["agent"] == mine["agent"] and o != subject)
    tools = ((o, tool, f"{h['plugin']}/{tool}") for o, h in others for tool in world.table(o)["tools"])
    split = ((owner, tool, segments("tool.call", name)) for owner, tool, name in tools)
    return {(o, t) for o, t, segs in split if world.within(mine["layers"], "tool.call", segs, holds)}


def _reached(world: World, subject: str, holds: Holds) -> set[tuple[str, str]]:
    found, waiting, seen = set[tuple[str, str]](), {subject}, {subject}
    while waiting:
        step = _callable(world, waiting.pop(), holds)
        found, waiting = found | step, waiting | {owner for owner, _ in step} - seen
        seen |= waiting
    return {(owner, tool) for owner, tool in found if owner != subject}


def _tool(entry: Json, reached: tuple[str, str], holds: Holds, world: World) -> None:
    owner, name = reached
    subject, lent, table = entry["subject"], entry["tools"][f"{owner}/{name}"], world.table(owner)
    _require(world.layers[lent]["name"] == "lent", 7, f"what `{owner}` lends is another layer")
    caused = world.effects(owner) - {"tool.call"}
    if table["kind"] != "mcp":  # a component's calls are mediated one by one, a process is one whole
        caused &= {effect["action"] for effect in table["tools"][name]["effects"]}
    own, theirs = world.holders[subject]["layers"], world.holders[owner]["layers"]
    for action in caused:
        allowed = world.inside(own, action, holds) | world.inside([lent], action, holds)
        wrong = world.inside(theirs, action, holds) & ~allowed
        _require(not wrong, 7, f"`{subject}` causes {world.first(action, wrong)} through others")


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
        waived, loose = (((c, subject) in world.accepted) for c in ("unmediated-effect", "ambient-process"))
        _require(waived or not missing, 8, f"`{subject}` needs the mediator `{missing}`")
        confined = host["sandbox"] == "bubblewrap" or "process-sandbox" not in needed
        agreed = confined or (loose if table["kind"] == "mcp" else waived)
        _require(agreed, 8, f"no process sandbox confines `{subject}`")


# 9. tables
def _tables(world: World) -> None:
    there = sorted((a, plugin) for a, t in world.proof["tables"].items() for plugin in t["plugins"])
    held = sorted((h["agent"], h["plugin"]) for h in world.proof["holders"])
    _require(there == held and len(held) == len(world.holders), 9, "a table has no proof, or none a table")
    for subject, holder in world.holders.items():
        names = " ".join(world.layers[n]["name"] for n in holder["layers"])
        whole = re.fullmatch("requested granted( scope)+( ceiling)? host", names)
        _require(whole, 9, f"`{subject}` has other layers")
    domains = [pattern["domain"] for pattern in world.proof["patterns"]]
    for action, rules in ((a, rules) for layer in world.layers for a, rules in layer["rules"].items()):
        alike = {domains[n] for rule in rules for n in (*rule["on"], *rule["except"])}
        _require(alike <= {DOMAINS.get(action, "name")}, 9, f"a pattern of `{action}` is of another domain")
