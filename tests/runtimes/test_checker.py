"""The checker step by step: each is broken once in a way that no other step would notice first."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from capwright_policy.checks import all_checks
from capwright_runtimes import checker, proof_shape
from capwright_runtimes.checker import ProofRefused, check, guard
from tests.support.proofs import Desk, believed, desk, parsed, sealed

Body = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def refusal(data: bytes, made: Desk, **facts: Any) -> ProofRefused:
    with pytest.raises(ProofRefused) as caught:
        believed(data, replace(made.facts, **facts))
    return caught.value


def spoilt(made: Desk, change: Callable[[Body], None]) -> ProofRefused:
    """The refusal of the proof after `change`, with its digest made anew."""
    body = made.body()
    change(body)
    return refusal(sealed(body), made)


def obligation(body: Body, check: str, subject: str = "") -> Any:
    return next(o for o in body["obligations"] if o["check"] == check and subject in o["subject"])


def test_a_valid_proof_is_believed_with_and_without_its_line_end(made: Desk) -> None:
    for data in (made.proof, made.proof.rstrip(b"\n")):
        (family,) = check(data, made.facts)
        whole = parsed(made.proof)
        (written,) = whole.pop("families")
        head = {*whole, "families", "digest"}
        assert written == {key: part for key, part in family.proof.items() if key not in head}
        assert whole.items() <= family.proof.items()


def test_the_checker_is_one_short_file_of_the_standard_library() -> None:
    text = Path(checker.__file__ or "").read_text("utf-8")
    assert len(text.splitlines()) < 400
    for node in ast.walk(ast.parse(text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in names)


def test_the_checker_demands_every_check_that_there_is() -> None:
    """A proof that lacks a check is refused, so a new check must be named in the checker too."""
    assert {check.id for check in all_checks()} == checker.QUESTIONS | checker.CLAIMS


def test_what_holds_the_shape_of_proofs_needs_the_standard_library_only() -> None:
    for module in (proof_shape,):
        for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            known = {"capwright_runtimes", *sys.stdlib_module_names}
            assert all(name.partition(".")[0] in known for name in names)


STEP_1 = {
    "no json": b"{",
    "not an object": b"[]",
    "nothing": b"",
    "not utf-8": b'{"a":"\xff"}',
    "a half of a character": b'{"a":"\\ud800"}',
    "infinity": b'{"a":Infinity}',
    "a deep nest": b"[" * 100_000,
    "a long number": b'{"a":1234567890123456}',
    "no digest": b'{"a":1}',
}


@pytest.mark.parametrize("data", STEP_1.values(), ids=STEP_1.keys())
def test_step_1_refuses_what_is_not_canonical(made: Desk, data: bytes) -> None:
    assert refusal(data, made).step == 1


def test_step_1_refuses_another_digest_and_another_form(made: Desk) -> None:
    seal, head, family = made.proof.removesuffix(b"\n").split(b"\n")
    altered = "the digest does not match: the proof was altered"
    assert refusal(b"\n".join([rfc8785.dumps({"digest": "0" * 64}), head, family]), made).reason == altered
    assert refusal(b"\n".join([seal, json.dumps(json.loads(head)).encode(), family]), made).reason == altered
    for data in (
        made.proof + b"\n",
        b"\n" + made.proof,
        b"\n".join([seal, head]),
        b"\n".join([seal, head, family, family]),
        b"\n".join([seal, head, family.replace(b'{"calls"', b'{"calls":0,"calls"', 1)]),
        b"\r\n".join([seal, head, family]),
    ):
        assert refusal(data, made).step == 1


def test_step_1_is_of_every_family_and_the_others_of_one_agent_s(tmp_path: Path) -> None:
    """Two agents that have nothing to do with each other: each is admitted by its own family."""
    profile = 'schema = "capwright.profile/1"\nname = "other"\n[scope]\nallow = []\n'
    found = desk(tmp_path, {"profiles/other.toml": profile})
    seal, head, *families = found.proof.removesuffix(b"\n").split(b"\n")
    assert [entry["agents"] for entry in json.loads(head)["families"]] == [["helper", "lead"], ["other"]]
    (alone,) = check(found.proof, found.facts, "other")
    assert list(alone.proof["tables"]) == ["other"]
    assert len(check(found.proof, found.facts)) == 2
    assert check(found.proof, found.facts, "nobody") == ()
    spoilt_family = families[0].replace(b'"shrinks":false', b'"shrinks":true', 1)
    for agent in ("other", "lead", None):
        with pytest.raises(ProofRefused) as caught:
            check(b"\n".join([seal, head, spoilt_family, families[1]]), found.facts, agent)
        assert caught.value.step == 1


def test_step_5_refuses_an_agent_of_two_families(tmp_path: Path) -> None:
    profile = 'schema = "capwright.profile/1"\nname = "other"\n[scope]\nallow = []\n'
    body = parsed(desk(tmp_path, {"profiles/other.toml": profile}).proof)
    body["families"].append(body["families"][-1])
    with pytest.raises(ProofRefused, match="an agent is of two families"):
        check(
            sealed(body),
            replace(desk(tmp_path).facts, digests={i["path"]: i["sha256"] for i in body["inputs"]}),
        )


@pytest.mark.parametrize("key", ["schema", "vocabulary"])
def test_step_2_refuses_another_version(made: Desk, key: str) -> None:
    found = spoilt(made, lambda b: b.update({key: "capwright/2"}))
    assert (found.step, "verify again" in found.reason) == (2, True)


@pytest.mark.parametrize(
    "key",
    ["calls", "cases", "checks", "contexts", "holders", "host", "inputs", "layers", "tables", "variables"],
)
def test_step_2_refuses_a_missing_part(made: Desk, key: str) -> None:
    assert spoilt(made, lambda b: b.pop(key)).step in (2, 5, 10)


def test_step_3_names_the_input_that_changed_or_is_gone(made: Desk) -> None:
    digests = dict(made.facts.digests)
    found = refusal(made.proof, made, digests=digests | {"profiles/lead.toml": "0" * 64})
    assert (found.step, found.reason) == (3, "the profile `profiles/lead.toml` changed since it was proved")
    found = refusal(made.proof, made, digests=digests | {"profiles/lead.toml": None})
    assert (found.step, found.reason) == (3, "the profile `profiles/lead.toml` is missing or cannot be read")


def test_step_3_refuses_inputs_out_of_order(made: Desk) -> None:
    assert spoilt(made, lambda b: b["inputs"].reverse()).step == 3
    assert spoilt(made, lambda b: b["inputs"].append(b["inputs"][-1])).step == 3


def test_step_4_says_how_the_host_differs(made: Desk) -> None:
    assert "host policy" in refusal(made.proof, made, host_sha256="0" * 64).reason
    fewer = made.facts.mediators - {"scoped-fs"}
    assert refusal(made.proof, made, mediators=fewer).reason == "this host has no mediator `scoped-fs`"
    found = refusal(made.proof, made, sandbox="none")
    assert (found.step, "`bubblewrap`, this host has `none`" in found.reason) == (4, True)


def test_step_5_wants_every_check(made: Desk) -> None:
    def without(body: Body) -> None:
        body["checks"] = [c for c in body["checks"] if c["id"] != "policy-write"]
        body["obligations"] = [o for o in body["obligations"] if o["check"] != "policy-write"]

    assert spoilt(made, without).reason == "a check is missing that every proof holds"


@pytest.mark.parametrize("verdict", ["refuted", "unknown", "vacuous", ""])
def test_step_5_wants_every_check_proved(made: Desk, verdict: str) -> None:
    assert spoilt(made, lambda b: b["checks"][1].update(verdict=verdict)).step == 5


def test_step_5_counts_obligations(made: Desk) -> None:
    assert spoilt(made, lambda b: b["obligations"].pop()).step == 5


def test_step_5_wants_the_question_of_an_inclusion(made: Desk) -> None:
    def bare(body: Body) -> None:
        found = obligation(body, "grant-over-scope")
        for key in set(found) - {"check", "subject"}:
            del found[key]

    assert spoilt(made, bare).step == 2


def test_step_5_wants_no_question_of_a_claim(made: Desk) -> None:
    def asked(body: Body) -> None:
        body["obligations"].append({**obligation(body, "policy-write"), "check": "unpinned"})

    assert spoilt(made, asked).reason == "obligations of `unpinned` are missing"


def test_step_5_wants_accepts_by_name_and_in_force(made: Desk) -> None:
    def accept(body: Body, until: str, subject: str) -> None:
        entry = next(c for c in body["checks"] if c["id"] == "grant-over-scope")
        entry["accepted"] = [{"subject": subject, "reason": "meant", "until": until}]

    first = "lead/project:acme.first"
    body = made.body()
    accept(body, "2026-11-24", first)
    believed(sealed(body), made.facts)
    assert "ended on 2026-11-23" in spoilt(made, lambda b: accept(b, "2026-11-23", first)).reason
    assert spoilt(made, lambda b: accept(b, "9", first)).step == 5
    for nobody in ("lead/project:acme.rulez", "lead", "nobody", "helper/project:acme.first"):
        found = spoilt(made, partial(accept, until="2027-01-01", subject=nobody))
        assert found.reason == "an accept of `grant-over-scope` is of nothing"


def test_step_5_wants_no_accept_of_a_check_without_obligations(made: Desk) -> None:
    def accept(body: Body) -> None:
        entry = next(c for c in body["checks"] if c["verdict"] == "vacuous")
        entry["accepted"] = [{"subject": "nobody", "reason": "meant", "until": "2027-01-01"}]

    assert spoilt(made, accept).step == 5


def layer(body: Body, subject: str, name: str) -> Any:
    agent, _, plugin = subject.partition("/")
    holder = next(h for h in body["holders"] if (h["agent"], h["plugin"]) == (agent, plugin))
    return next(body["layers"][n] for n in holder["layers"] if body["layers"][n]["name"] == name)


def test_step_6_holds_each_case_against_the_outer_side(made: Desk) -> None:
    def widen(body: Body) -> None:
        layer(body, "lead/project:acme.first", "granted")["rules"]["fs.read"][0]["except"] = []

    found = spoilt(made, widen)
    assert (found.step, "`grant-over-scope` does not hold" in found.reason) == (6, True)


def test_step_6_reads_the_guards(made: Desk) -> None:
    def forget(body: Body) -> None:
        layer(body, "lead/project:acme.server", "granted")["rules"]["fs.write"][0]["when"] = None

    assert spoilt(made, forget).step == 6


def test_step_6_reads_the_parent_at_one_depth_less(made: Desk) -> None:
    """The child's `depth <= 3` is its parent's `depth < 3`: with one less for the child it is refused."""

    def deeper(body: Body) -> None:
        question = obligation(body, "delegation-over-parent", "/")
        context = next(
            body["contexts"][n] for n in question["contexts"] if int(body["contexts"][n]["depth"]) <= 3
        )
        context |= {"depth": "3", "now": "0"}
        body["layers"][question["outer"][0]]["rules"]["fs.read"][0]["when"][2][2] = "2"

    assert spoilt(made, deeper).step == 6


def test_step_6_refuses_what_a_choice_may_leave_out(made: Desk) -> None:
    assert spoilt(made, lambda b: obligation(b, "delegation-over-parent", "/").update(shrinks=True)).step == 6


def test_step_6_refuses_what_is_not_clear_of_the_forbidden(made: Desk) -> None:
    def shield(body: Body) -> None:
        found = next(n for n, p in enumerate(body["patterns"]) if p["text"].endswith("/out/**"))
        layer_ = next(x for x in body["layers"] if x["name"] == "protected" and "fs.write" in x["rules"])
        layer_["rules"]["fs.write"][0]["on"] = [found]

    assert spoilt(made, shield).step == 6


def test_step_7_wants_the_lent_layer(made: Desk) -> None:
    def unlend(body: Body) -> None:
        for tool in body["calls"][0]["tools"].values():
            body["layers"][tool]["rules"] = {}

    found = spoilt(made, unlend)
    assert (found.step, "through others" in found.reason) == (7, True)


def _call_of_another(body: Body) -> None:
    body["calls"][0]["subject"] = "lead/project:acme.server"


def test_step_7_wants_an_entry_for_each_caller_and_tool(made: Desk) -> None:
    assert spoilt(made, lambda b: b["calls"].pop(0)).step == 5
    assert spoilt(made, _call_of_another).step == 7
    assert spoilt(made, lambda b: b["calls"][0]["tools"].popitem()).step == 2


def test_step_7_counts_effects_that_a_tool_declares(made: Desk) -> None:
    def undo(body: Body) -> None:
        """What `third` does is lent no more; that it declares the effect is what makes it one."""
        for lent in body["calls"][0]["tools"].values():
            body["layers"][lent]["rules"] = {}

    def declare(body: Body) -> None:
        undo(body)
        for name in ("second", "third"):
            body["tables"]["lead"]["plugins"][f"project:acme.{name}"]["tools"]["run"]["effects"] = []

    body = made.body()
    declare(body)
    believed(sealed(body), made.facts)  # and the manifest, which is the eleventh step's, says otherwise

    assert spoilt(made, undo).step == 7


@pytest.mark.parametrize(
    "mediator", ["permission", "scoped-fs", "process-sandbox", "output-bound", "history"]
)
def test_step_8_wants_every_mediator_that_is_needed(made: Desk, mediator: str) -> None:
    found = spoilt(made, lambda b: b["host"]["mediators"].remove(mediator))
    assert (found.step, mediator in found.reason) == (8, True)


def test_step_8_takes_a_mediator_that_nothing_needs_for_what_it_is(made: Desk) -> None:
    body = made.body()
    body["host"]["mediators"].remove("net-policy")
    assert believed(sealed(body), made.facts)["host"] == body["host"]


def test_step_8_wants_a_server_confined(made: Desk) -> None:
    body = made.body()
    body["host"]["sandbox"] = "none"
    assert refusal(sealed(body), made, sandbox="none").step == 8


def test_step_9_wants_patterns_of_the_action_s_domain(made: Desk) -> None:
    def named(body: Body) -> None:
        number = layer(body, "lead/project:acme.third", "granted")["rules"]["fs.read"][0]["on"][0]
        body["patterns"][number]["domain"] = "name"

    assert spoilt(made, named).step == 9


def test_step_9_wants_a_proof_for_each_table_and_layers_for_each(made: Desk) -> None:
    assert spoilt(made, lambda b: b["tables"]["helper"]["plugins"].clear()).step in (2, 9)
    assert spoilt(made, lambda b: b["holders"].pop(0)).step in (7, 9)
    assert spoilt(made, lambda b: b["holders"][0]["layers"].pop()).step in (6, 9)


@pytest.mark.parametrize(
    ("until", "now", "holds"), [(10, 9_999_999, True), (10, 10_000_000, False), (None, 10**15, True)]
)
def test_a_rule_ends(until: int | None, now: int, holds: bool) -> None:
    assert guard({"now": str(now)}, {"until": until, "when": None}) is holds


@pytest.mark.parametrize("tree", [["const", "bool", "true"], ["const", "string", "x"], ["const", "int", "1"]])
def test_a_guard_is_true_or_it_does_not_hold(tree: list[Any]) -> None:
    assert guard({}, {"until": None, "when": tree}) is False
