"""What the questions of a family were about: what is in force, of whom there is, all of it in the open.

Part of step 10 of the proof checker. Standard library only.
"""

from __future__ import annotations

from typing import Any

from capwright_runtimes.checker import DOMAINS, QUESTIONS, ProofRefused, World

_ALWAYS = (None, None)


def check_questions(world: World) -> None:
    """Raises `ProofRefused` (step 10) where a question is about something else than it should be."""
    _in_force(world)
    _kinds(world)
    _subjects(world)
    _accepts(world)
    _protected(world)


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise ProofRefused(10, reason)


def _in_force(world: World) -> None:
    """The grants that were checked are those in force."""
    asked = world.proof["obligations"]
    wanted: set[tuple[Any, ...]] = set()
    for subject, holder in world.holders.items():
        _, given, *above = holder["layers"]
        scope = tuple(n for n in above if world.layers[n]["name"] == "scope")
        wanted.add(("grant-over-scope", subject, (given,), scope))
        wanted |= {("grant-over-ceiling", subject, (given,), (n,)) for n in above if n not in scope}
    held = [o for o in asked if o["check"] in ("grant-over-scope", "grant-over-ceiling")]
    there = [(o["check"], o["subject"], tuple(o["inner"]), tuple(o["outer"])) for o in held]
    _require(sorted(there) == sorted(wanted), "grants were held against other layers than those in force")


def _kinds(world: World) -> None:
    """Each question is of its check's kind."""
    for question in world.proof["obligations"]:
        outer = {world.layers[n]["name"] for n in question["outer"]}
        writes, delegates = (question["check"] == c for c in ("policy-write", "delegation-over-parent"))
        parent = delegates and outer == {"delegable"}
        _require(question["disjoint"] is writes is (outer == {"protected"}), "a question is of another kind")
        _require(
            question["parent"] is parent is ("/" in question["subject"] and delegates), "a parent is none"
        )


def _subjects(world: World) -> None:
    """Questions are about agents, children, holders and tools of the family."""
    agents = world.proof["tables"].keys()
    known = {*agents, *world.holders, *(f"{above}/{below}" for above in agents for below in agents)}
    known |= {f"{subject}/{tool}" for subject in world.holders for tool in world.table(subject)["tools"]}
    _require({q["subject"] for q in world.proof["obligations"]} <= known, "a question is about nobody")


def _accepts(world: World) -> None:
    """What is accepted of a check that asks questions was asked here, or is of an agent of another family."""
    proof = world.proof
    asked = {(question["check"], question["subject"]) for question in proof["obligations"]}
    asked |= {("deputy", entry["subject"]) for entry in proof["calls"]}
    others = {name for entry in proof["families"] for name in entry["agents"]} - proof["tables"].keys()
    for check, subject in world.accepted:
        elsewhere = subject.partition("/")[0] in others
        there = check not in QUESTIONS or elsewhere or (check, subject) in asked
        _require(there, f"an accept of `{check}` is of nothing")


def _protected(world: World) -> None:
    """What must be kept clear of is one list for all, without exceptions and conditions."""
    shields = (layer["rules"].items() for layer in world.layers if layer["name"] == "protected")
    rules = [(action, rule) for actions in shields for action, each in actions for rule in each]
    lists = {(DOMAINS.get(action, "name"), tuple(rule["on"])) for action, rule in rules}
    _require(len(lists) == len({domain for domain, _ in lists}), "what is protected is not the same for all")
    bare = all((*rule["except"], rule["when"], rule["until"]) == _ALWAYS for _, rule in rules)
    _require(bare, "what is protected has exceptions, or conditions")
