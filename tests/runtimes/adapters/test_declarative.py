"""Rules as hooks: what fires, with which power, and what happens when that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from capwright_runtimes.adapters.base import HookResult
from capwright_runtimes.adapters.declarative import DeclarativeSession, load
from capwright_runtimes.adapters.hook_rules import hook_rules
from capwright_runtimes.refusal import Denied, Refused
from tests.runtimes.host_fakes import PLUGIN, admission, hook, table, tool, when

TOOL = "builtin:acme.shell/run"
POWERS = ("observe", "deny", "ask", "rewrite", "annotate")
ALL = {f"hook.{power}": table(f"hook.{power}", ["tool.*/*:*.*/*"]) for power in POWERS}


def fire(
    hooks: Sequence[Mapping[str, object]],
    arguments: Mapping[str, object] | None = None,
    context: Mapping[str, object] | None = None,
    *,
    event: str = "tool.before",
    tool: str = TOOL,
) -> HookResult:
    session = load(admission(ALL, hooks=hooks, kind="declarative"))
    return session.fire(event, tool, arguments or {}, context or {})


@pytest.mark.parametrize("power", ["deny", "ask", "annotate"])
def test_a_rule_that_applies_says_its_power(power: str) -> None:
    result = fire([hook("tool.before", power, message="no shells")])
    assert (result.verdict, result.message, result.fired) == (power, "no shells", (f"{power}.toml:1:1",))


def test_the_source_is_the_first_rule_that_gave_the_verdict() -> None:
    first, second = (
        hook("tool.before", "deny", message=m, arguments=a) for m, a in (("a", {"/n": "1"}), ("b", None))
    )
    rules = [
        hook("tool.before", "annotate", message="c"),
        {**first, "source": "x:1:1"},
        {**second, "source": "x:2:1"},
    ]
    assert fire(rules, {"n": "1"}).source == "x:1:1"
    assert fire(rules, {"n": "2"}).source == "x:2:1"


def test_an_observing_rule_says_nothing_and_is_seen() -> None:
    result = fire([hook("tool.before", "observe")])
    assert (result.verdict, result.fired) == ("none", ("observe.toml:1:1",))


@pytest.mark.parametrize(
    ("event", "match", "tool"),
    [
        ("tool.after", "*", TOOL),
        ("tool.before", "project:*.*/*", TOOL),
        ("tool.before", "builtin:acme.shell/ru", TOOL),
        ("tool.before", "builtin:acme.shell/run", "builtin:acme.shell/runner"),
    ],
)
def test_a_rule_about_something_else_says_nothing(event: str, match: str, tool: str) -> None:
    assert fire([hook(event, "deny", match)], tool=tool) == HookResult()


ARGUMENTS = {"/path": "*.pem"}


@pytest.mark.parametrize(
    ("arguments", "deny", "annotate"),
    [
        ({"path": "key.pem"}, "deny", "annotate"),
        ({"path": "key.txt"}, "none", "none"),
        ({}, "none", "none"),
        ({"other": "key.pem"}, "none", "none"),
        ({"path": ["key.pem"]}, "deny", "none"),
        ({"path": None}, "deny", "none"),
        ({"path": 7}, "deny", "none"),
        ({"path": {}}, "deny", "none"),
        ({"path": ""}, "deny", "none"),
        ({"path": "key.pem\u200b"}, "deny", "none"),
        ({"path": "key.p\x00em"}, "deny", "none"),
    ],
)
def test_a_value_that_cannot_be_told_counts_against_the_call(
    arguments: Mapping[str, object], deny: str, annotate: str
) -> None:
    """What peers got wrong: a rule that never matches, and a value of another type that slips by."""
    assert fire([hook("tool.before", "deny", arguments=ARGUMENTS)], arguments).verdict == deny
    assert fire([hook("tool.before", "ask", arguments=ARGUMENTS)], arguments).verdict == deny.replace(
        "deny", "ask"
    )
    assert (
        fire([hook("tool.before", "annotate", arguments=ARGUMENTS, message="m")], arguments).verdict
        == annotate
    )


@pytest.mark.parametrize("pattern", ["/w/docs/secret", "**/secret", "**/secret/**", "/w/docs/secret/**"])
@pytest.mark.parametrize(
    "path",
    ["/w/docs/secret", "/w/docs/./secret/.", "/w/docs//secret/", "/w/x/../docs/secret", "//w/docs/secret"],
)
def test_no_spelling_of_a_path_slips_past_a_rule(pattern: str, path: str) -> None:
    """The effect is decided on the canonical path, and so is the rule."""
    hooks = [hook("tool.before", "deny", arguments={"/path": pattern})]
    assert fire(hooks, {"path": path}).verdict == "deny"
    assert fire(hooks, {"path": "/w/docs/public"}).verdict == "none"


def test_every_argument_pattern_must_match() -> None:
    both = hook("tool.before", "deny", arguments={"/path": "*.pem", "/mode": "write"})
    assert fire([both], {"path": "k.pem", "mode": "write"}).verdict == "deny"
    assert fire([both], {"path": "k.pem", "mode": "read"}).verdict == "none"
    assert fire([both], {"path": 7, "mode": "read"}).verdict == "none"
    assert fire([both], {"path": 7, "mode": "write"}).verdict == "deny"


@pytest.mark.parametrize(
    ("power", "context", "verdict"),
    [
        ("deny", {"approved": True}, "deny"),
        ("deny", {"approved": False}, "none"),
        ("deny", {}, "deny"),
        ("ask", {}, "ask"),
        ("annotate", {}, "none"),
        ("observe", {}, "none"),
        ("deny", {"approved": "no"}, "deny"),
    ],
)
def test_a_condition_that_cannot_be_told_counts_against_the_call(
    power: str, context: Mapping[str, object], verdict: str
) -> None:
    assert fire([hook("tool.before", power, condition=when("approved"))], {}, context).verdict == verdict


def test_a_rewrite_sets_what_it_declares_in_a_copy() -> None:
    arguments = {"limit": 1000, "path": "/a"}
    result = fire([hook("tool.before", "rewrite", changes={"/limit": 10, "/safe": True})], arguments)
    assert (result.verdict, result.arguments) == ("rewrite", {"limit": 10, "path": "/a", "safe": True})
    assert arguments == {"limit": 1000, "path": "/a"}


def test_a_later_rule_sees_the_rewritten_arguments() -> None:
    rewrite = hook("tool.before", "rewrite", changes={"/path": "key.pem"})
    judge = hook("tool.before", "deny", arguments=ARGUMENTS)
    assert fire([rewrite, judge], {"path": "a.txt"}).verdict == "deny"
    assert fire([judge, rewrite], {"path": "a.txt"}).verdict == "rewrite"


def test_rewrites_that_undo_each_other_deny() -> None:
    """The rule between them judged what nobody will use, and the host would see no change."""
    one = hook("tool.before", "rewrite", changes={"/path": "a.txt"})
    judge = hook("tool.before", "deny", arguments={"/path": "*.pem"}, message="no keys")
    other = hook("tool.before", "rewrite", changes={"/path": "key.pem"})
    assert fire([one, judge, other], {"path": "b.txt"}).verdict == "rewrite"
    result = fire([one, judge, other], {"path": "key.pem"})
    assert (result.verdict, result.power) == ("deny", "rewrite")
    assert fire([one], {"path": "a.txt"}).verdict == "rewrite"


@pytest.mark.parametrize("change", [{"/a/b/c": 1}, {"/list/9": 1}, {"/list/-": 1}])
def test_a_rewrite_that_cannot_be_made_denies(change: Mapping[str, object]) -> None:
    result = fire([hook("tool.before", "rewrite", changes=change)], {"list": [1]})
    assert (result.verdict, result.arguments, result.power) == ("deny", None, "rewrite")


def test_a_rewrite_whose_condition_cannot_be_told_denies() -> None:
    result = fire([hook("tool.before", "rewrite", changes={"/limit": 1}, condition=when("approved"))])
    assert (result.verdict, result.arguments, result.power) == ("deny", None, "rewrite")


def test_the_strictest_rule_is_the_plugins_word() -> None:
    powers = ["annotate", "ask", "deny", "observe"]
    result = fire([hook("tool.before", power, message=f"by {power}") for power in powers])
    assert (result.verdict, result.message, result.annotations) == ("deny", "by deny", ("by annotate",))
    assert result.power == "deny"


@pytest.mark.parametrize("power", POWERS)
def test_a_power_that_was_not_granted_is_not_used(power: str) -> None:
    changes = {"/limit": 1} if power == "rewrite" else None
    rules = [hook("tool.before", power, changes=changes, message="m")]
    others = {name: granted for name, granted in ALL.items() if name != f"hook.{power}"}
    session = load(admission(others, hooks=rules, kind="declarative"))
    result = session.fire("tool.before", TOOL, {}, {})
    assert (result.verdict, result.arguments, result.annotations, result.fired) == ("none", None, (), ())
    assert result.refused == (f"hook.{power}: the proof gives no `hook.{power}` at all",)


def test_a_power_is_granted_for_an_event_and_a_tool() -> None:
    tables = {"hook.deny": table("hook.deny", ["tool.before/builtin:acme.shell/*"])}
    session = load(
        admission(tables, hooks=[hook("tool.before", "deny"), hook("tool.after", "deny")], kind="declarative")
    )
    assert session.fire("tool.before", TOOL, {}, {}).verdict == "deny"
    assert session.fire("tool.after", TOOL, {}, {}).verdict == "none"
    assert session.fire("tool.before", "project:acme.x/run", {}, {}).verdict == "none"


def test_there_is_nothing_to_call() -> None:
    session = load(admission(ALL, kind="declarative"))
    with pytest.raises(Denied, match="no code to call"):
        session.call("run", {}, None)  # type: ignore[arg-type]
    session.close()
    session.close()


def test_only_an_admission_of_this_kind_loads() -> None:
    with pytest.raises(Refused, match="without an admission"):
        load("project:acme.notes")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="no other kind"):
        load(admission(kind="wasm"))
    with pytest.raises(Refused, match="no code") as caught:
        load(admission(tools={"run": tool()}, kind="declarative"))
    assert caught.value.detail == PLUGIN


GOOD = hook("tool.before", "rewrite", changes={"/limit": 1}, arguments={"/path": "x"})


@pytest.mark.parametrize(
    "change",
    [
        {"on": "tool.during"},
        {"power": "allow"},
        {"on": "tool.after"},
        {"set": {}},
        {"set": None},
        {"set": {"limit": 1}},
        {"set": {"": {}}},
        {"power": "deny"},
        {"match": {}},
        {"match": {"trie": []}},
        {"match": {"trie": [{"deep": 5}]}},
        {"match": None},
        {"when": "approved"},
        {"arguments": {}},
        {"arguments": [{"pointer": "/path"}]},
        {"arguments": [{"pointer": "path", "trie": [{}]}]},
        {"message": None},
        {"source": 7},
        {"extra": 1},
    ],
)
def test_a_malformed_rule_is_refused(change: Mapping[str, object]) -> None:
    hook_rules([GOOD])
    with pytest.raises(Refused) as caught:
        hook_rules([{**GOOD, **change}])
    assert caught.value.code == "bad-table"


def test_a_session_says_the_same_twice() -> None:
    session = DeclarativeSession(admission(ALL, hooks=[GOOD], kind="declarative"))
    first = session.fire("tool.before", TOOL, {"path": "x"}, {})
    assert first.arguments == {"path": "x", "limit": 1}
    assert session.fire("tool.before", TOOL, {"path": "x"}, {}) == first
