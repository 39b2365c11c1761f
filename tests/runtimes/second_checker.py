"""A second checker, written from `specs/proof.md` alone: steps 1 to 9, as one predicate.

Another style on purpose: case by case, matching by recursion, guards by a small interpreter.
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
    "deputy",
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
        self.lines, self.facts = data.removesuffix(b"\n").split(b"\n"), facts
        self.seal, self.proof, *self.families = (json.loads(line) for line in self.lines)

    def holds(self) -> bool:
        fine = all(step() for step in (self.one, self.three, self.four, self.five))
        return fine and all(Family(self.proof, family).holds() for family in self.families)

    def one(self) -> bool:
        parts = [self.seal, self.proof, *self.families]
        same = all(rfc8785.dumps(p) == line for p, line in zip(parts, self.lines, strict=True))
        digest = hashlib.sha256(b"capwright-proof-v1\0" + self.lines[1]).hexdigest()
        told = [entry["sha256"] for entry in self.proof["families"]]
        words = self.proof["schema"], self.proof["vocabulary"]
        return (
            same
            and self.seal == {"digest": digest}
            and told == [hashlib.sha256(line).hexdigest() for line in self.lines[2:]]
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
        agents = [agent for entry in self.proof["families"] for agent in entry["agents"]]
        fine = ids == sorted(set(ids)) and not set(NEEDED) - set(ids) and len(agents) == len(set(agents))
        for c in self.proof["checks"]:
            said = sum(entry["obligations"].get(c["id"], 0) for entry in self.proof["families"])
            fine &= said == (c["obligations"] if c["id"] in ASKED else 0)
            fine &= c["verdict"] == ("vacuous" if c["obligations"] == 0 else "proved")
            fine &= all(bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", a["until"])) for a in c["accepted"])
            fine &= all(a["until"] > self.facts.today for a in c["accepted"])
            fine &= not c["accepted"] or c["obligations"] > 0
        return fine and all(self.counted(family) for family in self.families)

    def counted(self, family: Any) -> bool:
        names = [o["check"] for o in family["obligations"]] + ["deputy" for _ in family["calls"]]
        (entry,) = [e for e in self.proof["families"] if e["agents"] == list(family["tables"])]
        return bool(entry["obligations"] == {name: names.count(name) for name in names})


class Family:
    """One family of a proof."""

    def __init__(self, whole: Any, proof: Any) -> None:
        self.proof, self.host = proof, whole["host"]
        self.subjects = {h["agent"] + "/" + h["plugin"]: h for h in self.proof["holders"]}
        self.waived = {(c["id"], a["subject"]) for c in whole["checks"] for a in c["accepted"]}

    def holds(self) -> bool:
        return self.six() and self.seven() and self.eight() and self.nine()

    def six(self) -> bool:
        return all(
            self.question(o, case, self.proof["contexts"][n])
            for o in self.proof["obligations"]
            if (o["check"], o["subject"]) not in self.waived
            for action in sorted(self.common(o["inner"]))
            for case in self.flat(action)
            for n in o["contexts"]
        )

    def common(self, layers: Any) -> set[str]:
        return set.intersection(*(set(self.proof["layers"][n]["rules"]) for n in layers))

    def flat(self, action: str) -> Any:
        for case in self.proof["cases"][action]:
            if not isinstance(case, str):
                yield [action, *(s if isinstance(s, str) else int(s[0]) for s in case[1:])]
            elif action.startswith("fs."):
                yield [action, *(piece for piece in case.split("/") if piece)]
            else:
                yield [action, *pieces(case)]

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
            alternatives = (self.proof["patterns"][n]["elements"] for n in numbers or ())
            return any(takes(freeze(way), segments) for way in itertools.chain.from_iterable(alternatives))

        return any_of(rule["on"]) and not any_of(rule.get("except"))

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
        return {entry["subject"] for entry in self.proof["calls"]} == callers and all(
            self.caused(entry, owner, tool, self.proof["contexts"][n])
            for entry in self.proof["calls"]
            if ("deputy", entry["subject"]) not in self.waived
            for n in entry["contexts"]
            for owner, tool in self.chains(entry["subject"], self.proof["contexts"][n])
        )

    def caused(self, entry: Any, owner: str, tool: str, context: Any) -> bool:
        lent, table = entry["tools"][f"{owner}/{tool}"], self.table(owner)
        actions = self.effects(owner) - {"tool.call"}
        if table["kind"] != "mcp":
            actions &= {e["action"] for e in table["tools"][tool]["effects"]}
        own, theirs = self.subjects[entry["subject"]]["layers"], self.subjects[owner]["layers"]
        return self.proof["layers"][lent]["name"] == "lent" and all(
            not self.within(theirs, case, context)
            or self.within(own, case, context)
            or self.within([lent], case, context)
            for action in actions
            for case in self.flat(action)
        )

    def effects(self, subject: str) -> set[str]:
        actions = self.common(self.subjects[subject]["layers"])
        return {a for a in actions if a != "tool.provide" and not a.startswith("hook.")}

    def eight(self) -> bool:
        return all(self.mediated(subject) for subject in self.subjects)

    def mediated(self, subject: str) -> bool:
        table, host = self.table(subject), self.host
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
        return apart and held == there and self.domains() and all(map(self.layered, self.subjects))

    def layered(self, subject: str) -> bool:
        names = " ".join(self.proof["layers"][n]["name"] for n in self.subjects[subject]["layers"])
        return bool(re.fullmatch(r"requested granted (scope )+(ceiling )?host", names))

    def domains(self) -> bool:
        for layer in self.proof["layers"]:
            for action, rules in layer["rules"].items():
                domain = {"net.connect": "host", "net.http": "url", "process.exec": "argv"}.get(
                    action, "name"
                )
                domain = "path" if action in ("fs.read", "fs.write", "fs.delete") else domain
                for number in (n for rule in rules for n in (*rule["on"], *rule.get("except", ()))):
                    if self.proof["patterns"][number]["domain"] != domain:
                        return False
        return True


def pieces(name: str) -> list[str]:
    return [p for p in re.split(r"([./:])", name) if p]


def freeze(way: Any) -> Any:
    return tuple(("word", element) if isinstance(element, str) else tuple(element) for element in way)


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
    if "until" in rule and int(context["now"]) >= rule["until"] * 10**6:
        return False
    return "when" not in rule or value(rule["when"], context) is True


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
