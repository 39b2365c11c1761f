"""One effect, one answer: the tables against a reading of the same rules that has no tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.decide import (
    ActionTable,
    Decision,
    PermissionTable,
    TableError,
    decide,
    decide_permission,
)
from capwright_registry.evaluate import EvaluationError, evaluate
from capwright_registry.patterns import Pattern, build_trie, matches, parse
from capwright_registry.vocabulary import Domain
from tests.support.quotes import quotes

APPROVED = ["var", "approved", "bool"]
MODE_CI = ["eq", ["var", "mode", "string"], ["const", "string", "ci"]]
SECOND = 1_000_000
PATTERNS = [
    parse("path", text) for text in ("/a/**", "/a/b/**", "/a/*.pem", "/**", "/a/b", "/c/?", "/**/.env")
]
RESOURCES = [
    "/",
    "/a",
    "/a/b",
    "/a/x.pem",
    "/a/b/x.pem",
    "/c/d",
    "/c/.env",
    "/a/../c/.env",
    "//a",
    "a",
    "/a/b/../x",
]
NAMES = [parse("name", text) for text in ("p:a.b/*", "p:a.b/read", "*:*.*/*", "p:c.*/*")]
TOOLS = ["p:a.b/read", "p:a.b/write", "p:c.d/read", "q:a.b/read", "p:a.b", "", "p:a.b/re ad"]
CONDITIONS = [None, APPROVED, MODE_CI, ["not", APPROVED], ["const", "bool", True], ["nonsense"]]


@dataclass(frozen=True)
class Rule:
    """A rule as a reader of the manifest sees it."""

    on: tuple[int, ...]
    except_: tuple[int, ...]
    when: object
    until: int | None

    def data(self) -> dict[str, object]:
        on, except_ = list(self.on), list(self.except_)
        return {"on": on, "except": except_, "when": self.when, "until": self.until, "source": "f.toml:1:1"}


def table(*layers: list[Rule], domain: str = "path", patterns: list[Pattern] | None = None) -> ActionTable:
    items = [{"name": f"layer-{i}", "rules": [r.data() for r in rules]} for i, rules in enumerate(layers)]
    trie = build_trie(PATTERNS if patterns is None else patterns)
    return ActionTable({"domain": domain, "trie": trie, "layers": items})


def one(layers: list[list[Rule]], resource: str, context: Mapping[str, object]) -> Decision:
    return decide({"fs.read": table(*layers)}, "fs.read", resource, context)


def holds(condition: object, context: Mapping[str, object]) -> bool | None:
    """The condition's truth; None where it cannot be told."""
    if condition is None:
        return True
    assert isinstance(condition, list)
    try:
        return evaluate(condition, context)
    except EvaluationError:
        return None


ids = st.lists(st.integers(0, len(PATTERNS) - 1), max_size=3, unique=True).map(tuple)
rules = st.builds(Rule, ids, ids, st.sampled_from(CONDITIONS), st.sampled_from([None, 5, 10]))
layers = st.lists(st.lists(rules, max_size=3), min_size=1, max_size=3)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "approved": st.sampled_from([True, False, 1, "yes"]),
        "mode": st.sampled_from(["ci", "x", 3]),
        "now": st.sampled_from([4 * SECOND, 5 * SECOND - 1, 5 * SECOND, 11 * SECOND, "5", True]),
    },
)


@quotes(
    "conditions",
    "⟦capability⟧γ = { action } · ⟦on, except⟧ if ⟦when⟧γ is true and γ(now) < until, else nothing",
    "⟦[c, …, d]⟧γ = ⟦c⟧γ ∪ … ∪ ⟦d⟧γ, for capabilities",
    'An error is never an answer: whoever evaluates takes it for "deny".',
)
@given(layers, st.sampled_from(RESOURCES), contexts)
def test_allowed_iff_every_layer_has_a_rule_that_covers_the_resource_here_and_now(
    layers: list[list[Rule]], resource: str, context: Mapping[str, object]
) -> None:
    """Design, section 4: a capability is `on` minus `except`; every layer can only narrow."""
    named = {"//a": "/a", "/a/../c/.env": "/c/.env", "/a/b/../x": "/a/x"}.get(resource, resource)

    def allows(rule: Rule) -> bool:
        now = context.get("now")
        return (
            any(matches(PATTERNS[i], named) for i in rule.on)
            and not any(matches(PATTERNS[i], named) for i in rule.except_)
            and holds(rule.when, context) is True
            and (rule.until is None or (type(now) is int and now < rule.until * SECOND))
        )

    refusing = [i for i, rules in enumerate(layers) if resource == "a" or not any(allows(r) for r in rules)]
    decision = one(layers, resource, context)
    assert decision.allowed == (not refusing)
    if refusing and resource != "a":
        assert (decision.layer, decision.resource) == (f"layer-{refusing[0]}", named)


permission_rules = st.lists(
    st.tuples(
        st.lists(st.integers(0, len(NAMES) - 1), max_size=2, unique=True),
        st.sampled_from(["allow", "ask", "deny"]),
        st.sampled_from(CONDITIONS),
    ),
    max_size=4,
)
defaults = st.sampled_from(["allow", "ask", "deny"])


def permission_table(items: list[tuple[list[int], str, object]], default: str) -> PermissionTable:
    rules = [{"on": on, "action": action, "when": when, "source": "f.toml:1:1"} for on, action, when in items]
    return PermissionTable({"trie": build_trie(NAMES), "rules": rules, "default": default})


def naive_permission(
    items: list[tuple[list[int], str, object]], default: str, tool: str, context: Mapping[str, object]
) -> bool:
    words = set()
    for on, action, when in items:
        if any(matches(NAMES[i], tool) for i in on):
            truth = holds(when, context)
            if truth is None and action != "allow":
                words.add("deny")
            elif truth:
                words.add(action)
    word = next((w for w in ("deny", "ask", "allow") if w in words), default)
    return word == "allow" or (word == "ask" and context.get("approved") is True)


@quotes(
    "conditions",
    "says(r, t)γ = the action of the rule r, if t ∈ ⟦r.tool⟧ and ⟦r.when⟧γ is true",
    "says(r, t)γ = deny, if t ∈ ⟦r.tool⟧, ⟦r.when⟧γ is an error and r is no allow",
    "word(t)γ = deny if some rule says so, else ask if some rule does, else allow if some rule does, else "
    "the default",
    "may(t)γ = word(t)γ is allow, or it is ask and γ(approved) is true",
    'An error is never an answer: whoever evaluates takes it for "deny".',
    "A rule that *denies* therefore applies when its condition cannot be told.",
)
@given(permission_rules, defaults, st.sampled_from(TOOLS), contexts)
def test_deny_beats_ask_beats_allow(
    items: list[tuple[list[int], str, object]], default: str, tool: str, context: Mapping[str, object]
) -> None:
    """Design, section 3: deny beats ask beats allow; ask counts as allow exactly when `approved`."""
    decision = decide_permission(permission_table(items, default), tool, context)
    bad = tool in ("", "p:a.b/re ad")
    assert decision.allowed == (not bad and naive_permission(items, default, tool, context))


@quotes(
    "conditions",
    "Deny beats ask beats allow, whatever the order of the rules; ask counts as allow exactly when "
    "`approved`.",
)
@given(permission_rules, defaults, st.sampled_from(TOOLS), contexts, st.data())
def test_the_order_of_permission_rules_never_matters(
    items: list[tuple[list[int], str, object]],
    default: str,
    tool: str,
    context: Mapping[str, object],
    data: st.DataObject,
) -> None:
    """Design, section 3: "order-free"."""
    shuffled = data.draw(st.permutations(items))
    first = decide_permission(permission_table(items, default), tool, context)
    second = decide_permission(permission_table(shuffled, default), tool, context)
    assert (first.allowed, first.ask, first.layer) == (second.allowed, second.ask, second.layer)


ALLOW = Rule((0,), (), None, None)


@pytest.mark.parametrize(
    ("rules", "resource", "reason"),
    [
        ([Rule((0,), (1,), None, None)], "/a/b/c", "excepted by the rule at `f.toml:1:1`"),
        ([Rule((0,), (), APPROVED, None)], "/a/x", "allowed only when the condition at `f.toml:1:1` holds"),
        ([Rule((0,), (), None, 5)], "/a/x", "the rule at `f.toml:1:1` is past its `until`"),
        ([ALLOW], "/etc/passwd", "no rule of `layer-0` covers it; the nearest is at `f.toml:1:1`"),
        ([], "/a/x", "no rule of `layer-0` covers it"),
    ],
)
def test_a_refusal_names_the_nearest_rule(rules: list[Rule], resource: str, reason: str) -> None:
    decision = one([rules], resource, {"approved": False, "now": 9 * SECOND})
    assert (decision.allowed, decision.layer, decision.reason) == (False, "layer-0", reason)


def placed(pattern: int, line: int) -> dict[str, object]:
    """A rule for one pattern at one line."""
    return {**Rule((pattern,), (), None, None).data(), "source": f"f.toml:{line}:1"}


@pytest.mark.parametrize(
    ("domain", "texts", "resource", "line"),
    [
        ("path", ["/a/**", "/b/c/*.md", "/b/c/d/x"], "/b/c/d/y", 3),
        ("path", ["/a/**", "/b/c/*.md", "/b/c/d/x"], "/b/c/y", 2),
        ("path", ["/a/**", "/b/c/*.md", "/b/c/d/x"], "/e", 1),
        ("path", ["/**/a/b", "/a"], "/a/b/c", 2),  # below a `**` nothing is the beginning
        ("path", ["/b/*/a", "/a/b"], "/a/x", 2),
        ("host", ["*.example.org:443", "api.example.com:443", "10.0.0.0/8:1-80"], "example.com:443", 2),
        ("host", ["*.example.org:443", "api.example.com:443", "10.0.0.0/8:1-80"], "10.0.0.1:81", 3),
        ("name", ["p:a.b/*", "p:c.d/read"], "p:c.d/write", 2),
    ],
)
def test_the_nearest_rule_has_the_most_segments_in_common(
    domain: Domain, texts: list[str], resource: str, line: int
) -> None:
    rules = [placed(number, number + 1) for number in range(len(texts))]
    trie = build_trie([parse(domain, text) for text in texts])
    layers = [{"name": "granted", "rules": rules}]
    table = ActionTable({"domain": domain, "trie": trie, "layers": layers})
    decision = decide({"x": table}, "x", resource, {})
    assert (decision.allowed, decision.source) == (False, f"f.toml:{line}:1")
    assert decision.reason == f"no rule of `granted` covers it; the nearest is at `f.toml:{line}:1`"


def test_the_nearest_rule_is_the_refusing_layer_s_own() -> None:
    """Another layer has a rule that comes nearer, which is of no help."""
    trie = build_trie([parse("path", "/a/b/c"), parse("path", "/z")])
    layers = [{"name": "granted", "rules": [placed(1, 2)]}, {"name": "host", "rules": [placed(0, 1)]}]
    table = ActionTable({"domain": "path", "trie": trie, "layers": layers})
    assert decide({"x": table}, "x", "/a/b/d", {}).source == "f.toml:2:1"


def test_a_table_that_leads_round_in_circles_is_walked_once() -> None:
    trie = [{"any": 1}, {"lit": {"a": 2}}, {"lit": {"a": 1}, "end": [0]}]
    table = ActionTable({"domain": "path", "trie": trie, "layers": [{"name": "x", "rules": [placed(0, 1)]}]})
    assert decide({"x": table}, "x", "/b/b", {}).source == "f.toml:1:1"


@pytest.mark.parametrize(
    ("items", "reason", "source"),
    [
        ([], "the default denies it", None),
        (
            [([1], "allow", MODE_CI)],
            "the default denies it, since the condition at `f.toml:1:1` does not hold",
            "f.toml:1:1",
        ),
        ([([1], "deny", MODE_CI)], "the default denies it", None),
        (
            [([3], "allow", None)],
            "the default denies it, since no rule covers it; the nearest is at `f.toml:1:1`",
            "f.toml:1:1",
        ),
        ([([1], "deny", None)], "the rule at `f.toml:1:1` denies it", "f.toml:1:1"),
        ([([1], "ask", None)], "the rule at `f.toml:1:1` asks the user first", "f.toml:1:1"),
    ],
)
def test_a_permission_that_is_denied_names_a_rule(
    items: list[tuple[list[int], str, object]], reason: str, source: str | None
) -> None:
    decision = decide_permission(permission_table(items, "deny"), "p:a.b/read", {"mode": "desk"})
    assert (decision.allowed, decision.reason, decision.source) == (False, reason, source)


def test_the_first_layer_that_refuses_is_named() -> None:
    decision = one([[ALLOW], [], [ALLOW]], "/a/x", {})
    assert decision.layer == "layer-1"


def test_an_allowed_effect_names_the_grant() -> None:
    data = {
        "domain": "path",
        "trie": build_trie(PATTERNS),
        "layers": [
            {"name": "requested", "rules": [{**ALLOW.data(), "source": "plugin.toml:1:1"}]},
            {"name": "granted", "rules": [{**ALLOW.data(), "source": "lead.toml:9:1"}]},
            {"name": "host", "rules": [{**ALLOW.data(), "source": "built-in"}]},
        ],
    }
    decision = decide({"fs.read": ActionTable(data)}, "fs.read", "/a/x", {})
    assert (decision.allowed, decision.layer, decision.source) == (True, None, "lead.toml:9:1")


@pytest.mark.parametrize(
    "resource", ["/repo/src/../../etc/passwd", "//etc//passwd", "/./etc/./passwd", "/etc/passwd/"]
)
def test_spellings_of_one_path_get_one_decision(resource: str) -> None:
    granted = table([Rule((0,), (1,), None, None)], patterns=[parse("path", "/**"), parse("path", "/etc/**")])
    decision = decide({"fs.read": granted}, "fs.read", resource, {})
    assert (decision.allowed, decision.resource) == (False, "/etc/passwd")


def test_what_has_no_canonical_form_is_denied_with_the_reason() -> None:
    decision = one([[ALLOW]], "relative/path", {})
    assert (decision.allowed, decision.layer) == (False, "resource")
    assert "relative" in decision.reason


def test_an_action_without_a_table_is_denied() -> None:
    decision = decide({"fs.read": table([ALLOW])}, "fs.write", "/a/x", {})
    assert (decision.allowed, decision.layer) == (False, "proof")


def test_a_decision_is_as_true_as_it_allows() -> None:
    assert one([[ALLOW]], "/a/x", {})
    assert not one([[]], "/a/x", {})


@quotes(
    "conditions",
    "Deny beats ask beats allow, whatever the order of the rules; ask counts as allow exactly when "
    "`approved`.",
)
def test_an_ask_says_that_an_approval_would_do() -> None:
    table = permission_table([([1], "ask", None)], "deny")
    refused = decide_permission(table, "p:a.b/read", {})
    assert (refused.allowed, refused.ask) == (False, True)
    assert decide_permission(table, "p:a.b/read", {"approved": True}).allowed
    assert not decide_permission(table, "p:a.b/read", {"approved": 1}).allowed


GOOD = {"domain": "path", "trie": [{}], "layers": [{"name": "granted", "rules": [ALLOW.data()]}]}


@pytest.mark.parametrize(
    "change",
    [
        {"layers": []},
        {"layers": None},
        {"trie": []},
        {"trie": [{"deep": 7}]},
        {"trie": [{"any": -1}]},
        {"trie": [{"lit": {"a": "1"}}, {}]},
        {"trie": [{"lit": ["a"]}]},
        {"trie": [None]},
        {"domain": 1},
        {"extra": 1},
        {"layers": [{"name": "granted"}]},
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "limits": {}}]}]},
        {
            "layers": [
                {"name": "granted", "rules": [{k: v for k, v in ALLOW.data().items() if k != "except"}]}
            ]
        },
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "when": False}]}]},
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "until": 1.5}]}]},
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "until": True}]}]},
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "on": ["0"]}]}]},
        {"layers": [{"name": "granted", "rules": [{**ALLOW.data(), "on": [True]}]}]},
    ],
)
def test_a_malformed_table_is_no_table(change: dict[str, object]) -> None:
    ActionTable(GOOD)
    with pytest.raises(TableError):
        ActionTable({**GOOD, **change})


def test_a_domain_that_nobody_knows_denies() -> None:
    decision = decide({"fs.read": ActionTable({**GOOD, "domain": "planet"})}, "fs.read", "/a", {})
    assert (decision.allowed, decision.layer) == (False, "resource")


@pytest.mark.parametrize("change", [{"default": "maybe"}, {"rules": [{}]}, {"trie": None}])
def test_a_malformed_permission_table_is_no_table(change: dict[str, object]) -> None:
    good = {"trie": [{}], "rules": [], "default": "deny"}
    PermissionTable(good)
    with pytest.raises(TableError):
        PermissionTable({**good, **change})
