"""`deputy`: what its vectors cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from capwright_policy import reference
from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting, holders
from tests.support.checking import (
    allows,
    check,
    enable,
    marked,
    mended,
    plugin,
    profile,
    request,
    setting,
)

ID = "deputy"
LEAD = "profiles/lead.toml"
SCOPE = (allows("fs.read", "/**"), allows("fs.write", "/**"), allows("tool.call", "project:**"))
READS = allows("fs.read", "/a/**")


def calls(*tools: str, more: str = "") -> str:
    return allows("tool.call", *(f"project:{tool}" for tool in tools), more=more)


def desk(
    tmp_path: Path, grants: Mapping[str, tuple[str, ...]], lends: Mapping[str, tuple[str, ...]] | None = None
) -> Setting:
    """Servers that ask for everything, each with its grants and lends in one profile."""
    asked = (request("fs.read", "/**"), request("fs.write", "/**"), request("tool.call", "project:**"))
    files = {f"plugins/{name}/plugin.toml": plugin(name, *asked) for name in grants}
    parts = [enable(f"project:{n}", *grant, lend=(lends or {}).get(n, ())) for n, grant in grants.items()]
    return setting(tmp_path, {**files, LEAD: profile("lead", *SCOPE, parts=parts)})


@pytest.mark.parametrize("hops", [1, 2, 3, 6, 12])
def test_chains_of_any_length(tmp_path: Path, hops: int) -> None:
    """The chain of the counterexample reads from the caller to the effect, every call in it."""
    names = [f"p{number}" for number in range(hops + 1)]
    grants = {a: (calls(f"{b}/run"),) for a, b in pairwise(names)}
    one = desk(tmp_path, {**grants, names[-1]: (READS,)})
    first = next(f for f in check(ID, one).findings if f.subject == "lead/project:p0")
    assert first.counterexample is not None
    tools = [f"tool:lead/project:{name}/run" for name in names[1:]]
    assert first.counterexample.chain == ("holder:lead/project:p0", *tools, "effect:fs.read")
    assert (f"{hops} calls away" in first.message) is (hops > 1)


def test_every_caller_along_the_chain_is_told(tmp_path: Path) -> None:
    one = desk(tmp_path, {"a": (calls("b/run"),), "b": (calls("c/run"),), "c": (READS,)})
    assert [f.subject for f in check(ID, one).findings] == ["lead/project:a", "lead/project:b"]


def test_one_finding_for_each_owner_and_action(tmp_path: Path) -> None:
    one = desk(tmp_path, {"a": (calls("*/run"),), "b": (READS, allows("fs.write", "/b")), "c": (READS,)})
    found = [f.counterexample.effect for f in check(ID, one).findings if f.counterexample]
    assert found == ["fs.read:/a", "fs.write:/b", "fs.read:/a"]


def test_conditions_of_one_chain_hold_together(tmp_path: Path) -> None:
    """Every edge has its own condition; the context of the counterexample satisfies all of them."""
    grants = {
        "a": (calls("b/run", more='when = "depth > 2"'),),
        "b": (calls("c/run", more="when = \"mode == 'x' || mode == 'y'\""),),
        "c": (calls("d/run", more="when = \"mode != 'x' && !approved\""),),
        "d": (allows("fs.read", "/a", more='when = "depth < 4"'),),
    }
    one = desk(tmp_path, grants)
    found = next(f.counterexample for f in check(ID, one).findings if f.subject == "lead/project:a")
    assert found is not None
    seen = {name: found.context[name] for name in ("mode", "approved", "depth")}
    assert seen == {"mode": "y", "approved": False, "depth": 3}


def test_a_chain_is_not_pieced_together_from_two_contexts(tmp_path: Path) -> None:
    grants = {
        "a": (calls("b/run", more='when = "approved"'), allows("fs.read", "/a", more='when = "approved"')),
        "b": (calls("c/run", more='when = "!approved"'), allows("fs.read", "/a", more='when = "!approved"')),
        "c": (allows("fs.read", "/a", more='when = "!approved"'),),
    }
    assert check(ID, desk(tmp_path, grants)).verdict is Verdict.PROVED


def test_longest_way_is_taken_where_the_short_one_is_closed(tmp_path: Path) -> None:
    grants = {
        "a": (calls("d/run", more='when = "approved && !approved"'), calls("b/run")),
        "b": (calls("c/run"),),
        "c": (calls("d/run"),),
        "d": (READS,),
    }
    found = check(ID, desk(tmp_path, grants)).findings[0].counterexample
    assert found is not None
    assert len(found.chain) == 5


@pytest.mark.parametrize(
    ("lent", "holds"),
    [
        ("", True),
        ("until = 2027-01-01", False),
        ('when = "approved"', False),
        ("when = \"mode != 'a' || mode == 'a'\"", True),
    ],
)
def test_lending_has_conditions_and_an_end(tmp_path: Path, lent: str, holds: bool) -> None:
    lend = allows("fs.read", "/a/**", more=f'to = "project:a"{", " if lent else ""}{lent}')
    one = desk(tmp_path, {"a": (calls("b/run"),), "b": (READS,)}, {"b": (lend,)})
    assert check(ID, one).verdict is (Verdict.PROVED if holds else Verdict.REFUTED)


def test_own_and_lent_authority_add_up(tmp_path: Path) -> None:
    """What is neither own nor lent counts: halves that cover the whole together are enough."""
    lend = allows("fs.read", "/a/b/**", more='to = "project:a"')
    own = allows("fs.read", "/a/**", more='except = ["/a/b/**"]')
    one = desk(tmp_path, {"a": (calls("b/run"), own), "b": (READS,)}, {"b": (lend,)})
    assert check(ID, one).verdict is Verdict.PROVED


def test_agents_do_not_call_each_others_plugins(tmp_path: Path) -> None:
    asked = (request("fs.read", "/**"), request("tool.call", "project:**"))
    files = {
        "plugins/a/plugin.toml": plugin("a", *asked),
        "plugins/b/plugin.toml": plugin("b", *asked),
        LEAD: profile("lead", *SCOPE, parts=[enable("project:a", calls("b/run"))]),
        "profiles/other.toml": profile("other", *SCOPE, parts=[enable("project:b", READS)]),
    }
    assert check(ID, setting(tmp_path, files)).verdict is Verdict.VACUOUS


def test_nobody_is_its_own_deputy(tmp_path: Path) -> None:
    """A plugin that may call its own tools, and reach itself again through another, does what it may do."""
    one = desk(tmp_path, {"a": (calls("*/run"), READS), "b": (calls("*/run"), READS)})
    assert check(ID, one).verdict is Verdict.PROVED


def test_the_granting_pattern_is_marked_and_taken_out(tmp_path: Path) -> None:
    one = desk(
        tmp_path, {"a": (calls("c/run", "b/run"), READS), "b": (allows("fs.write", "/x"),), "c": (READS,)}
    )
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '"project:b/run"'
    assert 'on = ["project:c/run"]' in mended(finding, one, LEAD)


def test_a_wider_pattern_gets_an_exception(tmp_path: Path) -> None:
    one = desk(tmp_path, {"a": (calls("*/run"), READS), "b": (allows("fs.write", "/x"),), "c": (READS,)})
    (finding,) = check(ID, one).findings
    assert 'on = ["project:*/run"], except = ["project:b/run"]' in mended(finding, one, LEAD)


def test_every_way_to_the_owner_is_taken_out(tmp_path: Path) -> None:
    """Two first calls lead to the same effect: without one of them the other would be left."""
    grants = {"a": (calls("b/run", "c/run"),), "b": (calls("d/run"),), "c": (calls("d/run"),), "d": (READS,)}
    one = desk(tmp_path, grants)
    finding = next(f for f in check(ID, one).findings if f.subject == "lead/project:a")
    text = mended(finding, one, LEAD)
    assert 'plugin = "project:a"\ngrant = []' in text


def test_the_reference_finds_the_same_chain(tmp_path: Path) -> None:
    one = desk(tmp_path, {"a": (calls("b/run"),), "b": (calls("c/run"),), "c": (READS,)})
    found = check(ID, one).findings[0].counterexample
    assert found is not None
    caller = holders(one)[0]
    ways = [tuple(t.identity for _, t in chain) for chain in reference.chains(one, caller, found.context)]
    assert ("project:b/run", "project:c/run") in ways
    assert reference.borrows(one, caller, found.action, found.resource, found.context)
    assert not reference.borrows(one, caller, found.action, "/elsewhere", found.context)
