"""A second checker, written from `specs/proof.md` alone: steps 1 to 9, as one predicate.

Another style on purpose: matching by recursion, guards by a small interpreter, tries by sets of prefixes.
"""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import itertools
import json
import re
from typing import Any

import rfc8785

from capwright_runtimes.checker import Facts

NEEDED = [
    "ambient-import",
    "ambient-process",
    "api-incompatible",
    "artifact-drift",
    "budget-growth",
    "delegation-over-parent",
    "deputy",
    "descriptor-drift",
    "exec-is-everything",
    "fail-open-hook",
    "grant-over-ceiling",
    "grant-over-scope",
    "never-grantable",
    "policy-write",
    "request-over-grant",
    "rewrite-after-check",
    "rewrite-deputy",
    "shadowed-identity",
    "spawn-amplifies",
    "tier-precedence",
    "toxic-flow",
    "uncovered-path",
    "unmediated-effect",
    "unpinned",
]
ASKED = (
    "delegation-over-parent",
    "fail-open-hook",
    "grant-over-ceiling",
    "grant-over-scope",
    "policy-write",
    "rewrite-deputy",
    "tier-precedence",
)


def agrees(data: bytes, facts: Facts) -> bool:
    """Whether the second checker believes the proof."""
    try:
        return Second(data, facts).holds()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no proof
        return False


class Second:
    """One proof and the facts of the host."""

    def __init__(self, data: bytes, facts: Facts) -> None:
        self.data, self.facts, self.proof = data, facts, json.loads(data)
        self.subjects = {h["agent"] + "/" + h["plugin"]: h for h in self.proof["holders"]}
        self.waived = {(o["check"], o["subject"]) for o in self.proof["obligations"] if o["accepted"]}

    def holds(self) -> bool:
        steps = (self.one, self.three, self.four, self.five, self.six, self.seven, self.eight, self.nine)
        return all(step() for step in steps)

    def one(self) -> bool:
        rest = {k: v for k, v in self.proof.items() if k != "digest"}
        digest = hashlib.sha256(b"capwright-proof-v1\0" + rfc8785.dumps(rest)).hexdigest()
        same = rfc8785.dumps(self.proof) in (self.data, self.data.removesuffix(b"\n"))
        words = self.proof["schema"], self.proof["vocabulary"]
        return (
            same
            and digest == self.proof["digest"]
            and words == ("capwright.proof/1", "capwright.vocabulary/1")
        )

    def three(self) -> bool:
        paths = [i["path"] for i in self.proof["inputs"]]
        same = all(self.facts.digests.get(i["path"]) == i["sha256"] for i in self.proof["inputs"])
        return (
            same and paths == sorted(set(paths)) and None not in [i["sha256"] for i in self.proof["inputs"]]
        )

    def four(self) -> bool:
        host = self.proof["host"]
        there = all(m in self.facts.mediators for m in host["mediators"])
        return there and (host["sha256"], host["sandbox"]) == (self.facts.host_sha256, self.facts.sandbox)

    def five(self) -> bool:
        ids = [c["id"] for c in self.proof["checks"]]
        fine = ids == sorted(set(ids)) and not set(NEEDED) - set(ids)
        fine &= all(o["check"] in ids for o in self.proof["obligations"])
        for o in self.proof["obligations"]:
            fine &= o["check"] not in NEEDED or ("cases" in o) == (o["check"] in ASKED)
        for c in self.proof["checks"]:
            own = [o for o in self.proof["obligations"] if o["check"] == c["id"]]
            fine &= (len(own), c["verdict"]) == (c["obligations"], "proved" if own else "vacuous")
            named = [a["subject"] for a in c["accepted"]]
            fine &= all(bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", a["until"])) for a in c["accepted"])
            fine &= all(a["until"] > self.facts.today for a in c["accepted"])
            fine &= set(named) <= {o["subject"] for o in own}
            fine &= all(o["accepted"] is (o["subject"] in named) for o in own)
        return fine

    def six(self) -> bool:
        return all(
            self.question(o, case, self.proof["contexts"][n])
            for o in self.proof["obligations"]
            if "cases" in o and not o["accepted"]
            for case in flat(o["cases"])
            for n in o["contexts"]
        )

    def question(self, o: Any, case: Any, context: Any) -> bool:
        above = dict(context, depth=str(int(context["depth"]) - 1)) if o["parent"] else context
        if not self.within(o["inner"], case, context):
            return True
        return o["shrinks"] is False and self.within(o["outer"], case, above) != o["disjoint"]

    def within(self, layers: Any, case: Any, context: Any) -> bool:
        """`context` None leaves the guards aside."""
        action, *segments = case
        return all(
            any(
                self.touches(rule, tuple(segments)) and (context is None or guarded(rule, context))
                for rule in self.proof["layers"][n]["rules"].get(action, [])
            )
            for n in layers
        )

    def touches(self, rule: Any, segments: tuple[Any, ...]) -> bool:
        def any_of(numbers: Any) -> bool:
            alternatives = (self.proof["patterns"][n]["elements"] for n in numbers)
            return any(takes(freeze(way), segments) for way in itertools.chain.from_iterable(alternatives))

        return any_of(rule["on"]) and not any_of(rule["except"])

    def table(self, subject: str) -> Any:
        holder = self.subjects[subject]
        return self.proof["tables"][holder["agent"]]["plugins"][holder["plugin"]]

    def callees(self, subject: str, context: Any) -> set[tuple[str, str]]:
        me = self.subjects[subject]
        return {
            (owner, tool)
            for owner, other in self.subjects.items()
            if owner != subject and other["agent"] == me["agent"]
            for tool in self.table(owner)["tools"]
            if self.within(me["layers"], ["tool.call", *pieces(f"{other['plugin']}/{tool}")], context)
        }

    def chains(self, subject: str, context: Any) -> set[tuple[str, str]]:
        found = self.callees(subject, context)
        while more := {t for owner, _ in found for t in self.callees(owner, context)} - found:
            found |= more
        return {(owner, tool) for owner, tool in found if owner != subject}

    def seven(self) -> bool:
        callers = {s for s in self.subjects if self.callees(s, None)}
        listed = [entry["subject"] for entry in self.proof["calls"]]
        proved = {o["subject"] for o in self.proof["obligations"] if o["check"] == "deputy"}
        return set(listed) == callers == proved and all(
            self.caused(entry, owner, tool, self.proof["contexts"][n])
            for entry in self.proof["calls"]
            if ("deputy", entry["subject"]) not in self.waived
            for n in entry["contexts"]
            for owner, tool in self.chains(entry["subject"], self.proof["contexts"][n])
        )

    def caused(self, entry: Any, owner: str, tool: str, context: Any) -> bool:
        spec, table = entry["tools"][f"{owner}/{tool}"], self.table(owner)
        actions = self.effects(owner) - {"tool.call"}
        if table["kind"] != "mcp":
            actions &= {e["action"] for e in table["tools"][tool]["effects"]}
        own, theirs = self.subjects[entry["subject"]]["layers"], self.subjects[owner]["layers"]
        return (
            set(spec["cases"]) == actions
            and self.proof["layers"][spec["lent"]]["name"] == "lent"
            and all(
                not self.within(theirs, case, context)
                or self.within(own, case, context)
                or self.within([spec["lent"]], case, context)
                for case in flat(spec["cases"])
            )
        )

    def actions(self, subject: str) -> set[str]:
        return set.intersection(
            *(set(self.proof["layers"][n]["rules"]) for n in self.subjects[subject]["layers"])
        )

    def effects(self, subject: str) -> set[str]:
        return {a for a in self.actions(subject) if a != "tool.provide" and not a.startswith("hook.")}

    def eight(self) -> bool:
        return all(self.mediated(subject) for subject in self.subjects)

    def mediated(self, subject: str) -> bool:
        table, host = self.table(subject), self.proof["host"]
        server, needed = table["kind"] == "mcp", set[str]()
        if table["tools"] or table["hooks"]:
            needed = {"output-bound", "history"}
        if table["tools"]:
            for action in self.effects(subject):
                domain = "process" if server else action.split(".")[0]
                gate = {"fs": "scoped-fs", "net": "net-policy", "process": "process-sandbox"}.get(domain)
                needed |= {"permission"} | ({gate} if gate else set())
        waived = ("unmediated-effect", subject) in self.waived
        loose = ("ambient-process", subject) in self.waived if server else waived
        confined = "process-sandbox" not in needed or host["sandbox"] == "bubblewrap"
        return (waived or needed <= set(host["mediators"])) and (loose or confined)

    def nine(self) -> bool:
        there = sorted((a, p) for a, t in self.proof["tables"].items() for p in t["plugins"])
        held = sorted((h["agent"], h["plugin"]) for h in self.proof["holders"])
        apart = len(self.subjects) == len(held)
        return apart and held == there and all(self.compiled(subject) for subject in self.subjects)

    def compiled(self, subject: str) -> bool:
        layers = [self.proof["layers"][n] for n in self.subjects[subject]["layers"]]
        names = " ".join(layer["name"] for layer in layers)
        meant = {}
        for action in self.actions(subject):
            listed = [{"name": layer["name"], "rules": layer["rules"][action]} for layer in layers]
            rules = [rule for layer in listed for rule in layer["rules"]]
            order = list(dict.fromkeys(n for rule in rules for n in rule["on"] + rule["except"]))
            domain = {"net.connect": "host", "net.http": "url", "process.exec": "argv"}.get(action, "name")
            domain = "path" if action.startswith("fs.") else domain
            if any(self.proof["patterns"][n]["domain"] != domain for n in order):
                return False
            meant[action] = {"domain": domain, "trie": self.trie(order), "layers": listed}
        alike = rfc8785.dumps(meant) == rfc8785.dumps(self.table(subject)["actions"])
        return alike and bool(re.fullmatch(r"requested granted (scope )+(ceiling )?host", names))

    def trie(self, order: list[int]) -> list[Any]:
        ways = [(freeze(w), n) for n in order for w in self.proof["patterns"][n]["elements"]]
        prefixes = list(dict.fromkeys([(), *(w[:k] for w, _ in ways for k in range(1, len(w) + 1))]))
        nodes: list[Any] = []
        for prefix in prefixes:
            node: Any = {"loop": True} if prefix and prefix[-1] == ("deep",) else {}
            for number, longer in enumerate(prefixes):
                if longer[:-1] == prefix and longer:
                    kind, *rest = longer[-1]
                    if kind == "word":
                        node.setdefault("lit", {})[rest[0]] = number
                    elif kind in ("one", "deep"):
                        node["any" if kind == "one" else "deep"] = number
                    else:
                        node.setdefault(kind, []).append([*rest, number])
            ends = list(dict.fromkeys(n for w, n in ways if w == prefix))
            nodes.append({**node, "end": ends} if ends else node)
        return nodes


def flat(cases: Any) -> Any:
    for action, listed in cases.items():
        for _, *segments in listed:
            yield [action, *(s if isinstance(s, str) else int(s[0]) for s in segments)]


def pieces(name: str) -> list[str]:
    return [p for p in re.split(r"([./:])", name) if p]


def freeze(way: Any) -> Any:
    return tuple(tuple(element) for element in way)


@functools.cache
def takes(way: Any, segments: tuple[Any, ...]) -> bool:
    if not way:
        return not segments
    kind, *rest = way[0]
    if kind == "deep":
        here = takes(way[1:], segments)
        return here or bool(segments and isinstance(segments[0], str) and takes(way, segments[1:]))
    if not segments:
        return False
    first = segments[0]
    if kind == "range":
        fits = not isinstance(first, str) and int(rest[0]) <= first <= int(rest[1])
    elif kind == "glob":
        fits = isinstance(first, str) and re.match(fnmatch.translate(rest[0]), first) is not None
    else:
        fits = isinstance(first, str) and (kind == "one" or (kind == "word" and first == rest[0]))
    return fits and takes(way[1:], segments[1:])


def guarded(rule: Any, context: Any) -> bool:
    if rule["until"] is not None and int(context["now"]) >= rule["until"] * 10**6:
        return False
    return rule["when"] is None or value(rule["when"], context) is True


def value(tree: Any, context: Any) -> Any:
    if tree[0] == "const":
        return int(tree[2]) if tree[1] in ("int", "timestamp") else tree[2]
    if tree[0] == "var":
        return int(context[tree[1]]) if tree[2] in ("int", "timestamp") else context[tree[1]]
    a, *more = [value(part, context) for part in tree[1:]]
    operations: Any = {
        "not": lambda: not a,
        "and": lambda: a and all(more),
        "or": lambda: a or any(more),
        "if": lambda: more[0] if a else more[1],
        "eq": lambda: a == more[0],
        "lt": lambda: a < more[0],
        "le": lambda: a <= more[0],
        "in": lambda: a in more,
    }
    return operations[tree[0]]()
