"""Where a capability ends, every reading agrees: the last microsecond before `until`, and the first after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import z3

from capwright_policy.contexts import Contexts
from capwright_policy.holding import guard
from capwright_policy.reference import covers
from capwright_registry.capability import Capability
from capwright_registry.conditions import BUILTIN_CONTEXT, TIME_LOW
from capwright_registry.decide import ActionTable, decide
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import build_trie
from capwright_registry.written import written_rule
from capwright_runtimes import checker
from capwright_runtimes.compiled import plugin_table
from tests.support.proofs import desk
from tests.support.quotes import quotes
from tests.support.workspaces import PROFILE, load

ENDS = [
    ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
    ("2027-01-31T10:00:00+02:00", datetime(2027, 1, 31, 8, tzinfo=UTC)),
    ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ("1969-12-31T23:59:59Z", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
]


def readings(capability: Capability, now: int) -> set[bool]:
    """What each reading says of the capability's own resource at `now`."""
    context: dict[str, object] = {"now": now, "approved": False, "depth": 0, "mode": "ci", "sandboxed": True}
    rule = written_rule(capability, capability.on.index)
    layer = {"name": "granted", "rules": [rule]}
    table = ActionTable({"domain": "path", "trie": build_trie(capability.on), "layers": [layer]})
    contexts = Contexts(BUILTIN_CONTEXT, [])
    solver = z3.Solver()
    solver.add(contexts.domain(), contexts.own.symbols.constant("now") == now)
    assert solver.check() == z3.sat
    proved = solver.model().eval(z3.And(contexts.own.guard(capability)), model_completion=True)
    return {
        decide({"fs.read": table}, "fs.read", "/a", context).allowed,
        covers(capability, "fs.read", "/a", context),
        evaluate(guard(capability), context),
        checker.guard(context, rule),
        z3.is_true(proved),
    }


@quotes(
    "conditions",
    "⟦capability⟧γ = { action } · ⟦on, except⟧ if ⟦when⟧γ is true and γ(now) < until, else nothing",
    "A `when` that is left out always holds, and an `until` that is left out never comes.",
)
@pytest.mark.parametrize(("until", "end"), ENDS)
def test_every_reading_ends_at_the_same_microsecond(tmp_path: Path, until: str, end: datetime) -> None:
    entry = f'{{ action = "fs.read", on = ["/a"], until = {until} }}'
    profile = f"{PROFILE}[scope]\nallow = [{entry}]\n"
    ((capability,),) = load(tmp_path, {"profiles/lead.toml": profile}).profiles[0].scope
    second = int(end.timestamp())
    assert readings(capability, second * 1_000_000 - 1) == {True}
    assert readings(capability, second * 1_000_000) == {False}
    assert readings(capability, second * 1_000_000 + 1) == {False}


@quotes(
    "conditions",
    "A `when` that is left out always holds, and an `until` that is left out never comes.",
)
def test_without_an_end_there_is_none(tmp_path: Path) -> None:
    profile = f'{PROFILE}[scope]\nallow = [{{ action = "fs.read", on = ["/a"] }}]\n'
    ((capability,),) = load(tmp_path, {"profiles/lead.toml": profile}).profiles[0].scope
    assert capability.until is None
    for now in (TIME_LOW, 0, 253_402_300_799_999_999):
        assert readings(capability, now) == {True}


def test_the_tables_of_a_proof_end_where_the_document_says(tmp_path: Path) -> None:
    """From the text to the decision, through a proof that the checker believes."""
    made = desk(tmp_path)
    (world,) = checker.check(made.proof, made.facts)
    ends = {
        rule["until"]
        for subject in world.holders
        for table in plugin_table(world, subject)["actions"].values()
        for layer in table["layers"]
        for rule in layer["rules"]
    }
    assert int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()) in ends
    assert ends <= {
        None,
        *(int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2027, 1, 1), (2026, 12, 31))),
    }
