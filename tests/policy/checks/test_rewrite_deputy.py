"""`rewrite-deputy`: what its vectors cannot say."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest

from capwright_policy import reference_hooks, rewriting, ways
from capwright_policy.findings import Verdict
from capwright_policy.setting import Setting, holders
from capwright_registry.canonical import canonical
from capwright_registry.patterns import TooComplex, matches
from tests.support.checking import allows, check, enable, marked, mended, plugin, profile, request, setting

ID = "rewrite-deputy"
LEAD = "profiles/lead.toml"
SCOPE = (
    allows("env.read", "**"),
    allows("fs.read", "/**"),
    allows("tool.call", "project:**"),
    allows("hook.rewrite", "tool.before/**"),
)
HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "env.read", on = ["**"] },
  { action = "fs.read", on = ["/**"] },
  { action = "tool.call", on = ["**"] },
  { action = "hook.rewrite", on = ["**"] },
]
"""
ALLOWED = '[permissions]\ndefault = "allow"'
COMPONENT = bytes.fromhex("0061736d0d000100")


def hook(match: str = "project:**", more: str = "", **set_: str) -> str:
    values = ", ".join(f'"/{key}" = {value}' for key, value in set_.items()) or '"/limit" = 3'
    return (
        f'[[hook]]\non = "tool.before"\npower = "rewrite"\nmatch = "{match}"\n{more}\nset = {{ {values} }}\n'
    )


def tool(*effects: str, properties: str = 'path = { type = "string" }') -> str:
    listed = ", ".join(f"{{ {effect} }}" for effect in effects)
    return f'name = "run"\ninput = {{ properties = {{ {properties} }} }}\neffects = [{listed}]'


def desk(
    tmp_path: Path,
    hooks: str,
    *parts: str,
    power: str = allows("hook.rewrite", "**"),
    own: str = "",
    rules: str = ALLOWED,
    **manifests: str,
) -> Setting:
    """A declarative plugin `rules` with `hooks`, granted `power` and `own`, beside the other manifests."""
    asked = (
        request("env.read", "**", more="optional = true"),
        request("fs.read", "/**", more="optional = true"),
    )
    files: dict[str, str | bytes] = {
        "plugins/rules/plugin.toml": plugin("rules", *asked, kind="declarative", tools=(), more=hooks),
        LEAD: profile(
            "lead", *SCOPE, parts=[rules, enable("project:rules", power, *([own] if own else [])), *parts]
        ),
    }
    for name, text in manifests.items():
        files[f"plugins/{name}/plugin.toml"] = text
        files[f"plugins/{name}/plugin.wasm"] = COMPONENT
    return setting(tmp_path, files, host=HOST)


READS = (request("fs.read", "/**"), request("tool.call", "project:**"))


@pytest.mark.parametrize("hops", [1, 2, 5, 9])
def test_calls_after_the_rewritten_one_of_any_number(tmp_path: Path, hops: int) -> None:
    """The chain of the counterexample reads from the hook over every call to the effect."""
    names = [f"p{number}" for number in range(hops)]
    parts = [enable(f"project:{a}", allows("tool.call", f"project:{b}/run")) for a, b in pairwise(names)]
    parts.append(enable(f"project:{names[-1]}", allows("fs.read", "/a/**")))
    servers = {name: plugin(name, *READS) for name in names}
    one = desk(tmp_path, hook("project:p0/run"), *parts, **servers)
    (finding,) = check(ID, one).findings
    assert finding.counterexample is not None
    tools = [f"tool:lead/project:{name}/run" for name in names]
    assert finding.counterexample.chain == ("hook:lead/project:rules#0", *tools, "effect:fs.read")
    assert ("more after it" in finding.message) is (hops > 1)


@pytest.mark.parametrize(
    ("effects", "values", "holds"),
    [
        (['action = "fs.read", from = "/path"'], {"path": '"/a/b"'}, False),
        (['action = "fs.read", from = "/path"'], {"path": '"/a/./b/"'}, False),
        (['action = "fs.read", from = "/path"'], {"path": '["/own/x", "/a"]'}, False),
        (['action = "fs.read", from = "/path"'], {"path/0": '"/a/b"'}, False),
        (['action = "fs.read", from = "/opts/path"'], {"opts": '{ path = "/a" }'}, False),
        (['action = "fs.read", from = "/path"'], {"path": '"/"'}, False),
        (['action = "fs.read", from = "/path"'], {"path": '"/own/x"'}, True),
        (['action = "fs.read", from = "/path"'], {"path": '"relative"'}, True),
        (['action = "fs.read", from = "/path"'], {"path": "3"}, True),
        (['action = "fs.read", from = "/path"'], {"path2": '"/a"'}, True),
        (['action = "fs.read", from = "/path"'], {"opts": '{ path = "/a" }'}, True),
        (['action = "fs.read"'], {"path2": '"/own/x"'}, False),
        (['action = "fs.read", from = "/path"', 'action = "fs.read"'], {"path": '"/own/x"'}, False),
        (
            ['action = "env.read", from = "/path"'],
            {"path": '"HOME"'},
            True,
        ),  # not granted to the tool's plugin
    ],
)
def test_a_component_reads_what_the_new_value_names(
    tmp_path: Path, effects: list[str], values: dict[str, str], holds: bool
) -> None:
    """Equal or below: what a tool may use of a folder that it was given."""
    properties = 'path = {}, path2 = {}, opts = { properties = { path = { type = "string" } } }'
    asked = (request("fs.read", "/**"), request("env.read", "**"))
    files = plugin("files", *asked, kind="wasm", tools=[tool(*effects, properties=properties)])
    part = enable("project:files", allows("fs.read", "/a/**", "/own/**"))
    own = allows("fs.read", "/own/**")
    one = desk(tmp_path, hook(**values), part, own=own, files=files)
    found = check(ID, one)
    assert (found.verdict is not Verdict.REFUTED) is holds


def test_a_rewrite_of_what_a_component_calls_goes_on(tmp_path: Path) -> None:
    """Only where the tool that is rewritten declares calls: its other tools' calls are not its own."""
    calls = (enable("project:first", allows("tool.call", "project:files/run")),)
    parts = (*calls, enable("project:files", allows("fs.read", "/a")))
    for effect, verdict in (("tool.call", Verdict.REFUTED), ("fs.read", Verdict.VACUOUS)):
        first = plugin("first", *READS, kind="wasm", tools=[tool(f'action = "{effect}"')])
        one = desk(
            tmp_path / effect, hook("project:first/run"), *parts, first=first, files=plugin("files", *READS)
        )
        assert check(ID, one).verdict is verdict


def test_tools_of_its_own_are_its_own(tmp_path: Path) -> None:
    """A server that rewrites calls of itself chooses what it may do anyway."""
    both = plugin("both", *READS, more=hook("project:both/run").replace('set = { "/limit" = 3 }', ""))
    part = enable("project:both", allows("fs.read", "/a"), allows("hook.rewrite", "**"))
    assert check(ID, desk(tmp_path, hook("project:none/run"), part, both=both)).verdict is Verdict.VACUOUS


@pytest.mark.parametrize(
    ("rules", "refuted"),
    [
        ('[permissions]\ndefault = "deny"', False),
        ('[permissions]\ndefault = "ask"', True),
        ('[permissions]\ndefault = "deny"\nrules = [{ tool = "project:files/*", action = "allow" }]', True),
        ('[permissions]\ndefault = "allow"\nrules = [{ tool = "project:files/*", action = "deny" }]', False),
        (
            '[permissions]\ndefault = "allow"\n'
            'rules = [{ tool = "project:files/*", action = "deny", when = "mode != \'x\'" }]',
            True,
        ),
        (
            '[permissions]\ndefault = "deny"\nrules = [{ tool = "**", action = "ask" }, '
            '{ tool = "**", action = "deny", when = "approved" }]',
            False,
        ),
    ],
)
def test_only_calls_that_happen_can_be_rewritten(tmp_path: Path, rules: str, refuted: bool) -> None:
    part = enable("project:files", allows("fs.read", "/a"))
    one = desk(tmp_path, hook(), part, rules=rules, files=plugin("files", *READS))
    assert (check(ID, one).verdict is Verdict.REFUTED) is refuted


@pytest.mark.parametrize(
    "more", ['on = "tool.after"', 'power = "deny"\nmessage = "no"', 'match = "project:other/*"']
)
def test_other_hooks_rewrite_nothing(tmp_path: Path, more: str) -> None:
    key = more.partition(" =")[0]
    text = "\n".join(line for line in hook().splitlines() if not line.startswith(f"{key} ="))
    text = text.replace('set = { "/limit" = 3 }', "") if key == "power" else text
    part = enable("project:files", allows("fs.read", "/a"))
    one = desk(tmp_path, f"{text}\n{more}\n", part, files=plugin("files", *READS))
    assert check(ID, one).verdict is Verdict.VACUOUS


def test_the_power_is_marked_and_taken_out(tmp_path: Path) -> None:
    part = enable("project:files", allows("fs.read", "/a"))
    one = desk(tmp_path, hook(), part, files=plugin("files", *READS))
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '"**"'
    assert 'on = ["**"], except = ["tool.before/project:files/run"]' in mended(finding, one, LEAD)
    assert [related.span.file for related in finding.related] == ["plugins/rules/plugin.toml", LEAD]


def test_one_finding_for_each_plugin_whose_authority_is_used(tmp_path: Path) -> None:
    parts = [enable(f"project:{name}", allows("fs.read", f"/{name}")) for name in ("a", "b")]
    one = desk(tmp_path, hook(), *parts, a=plugin("a", *READS), b=plugin("b", *READS))
    found = [f.counterexample.effect for f in check(ID, one).findings if f.counterexample]
    assert found == ["fs.read:/a", "fs.read:/b"]


def test_ways_that_differ_in_more_conditions_than_anybody_can_read_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "MOST_WAYS", 1)
    names = ("a", "b", "c")
    calls = {name: allows("tool.call", "project:**", more=f"when = \"mode == '{name}'\"") for name in names}
    parts = [enable(f"project:{name}", calls[name], allows("fs.read", "/a")) for name in names]
    manifests = {name: plugin(name, *READS) for name in names}
    one = desk(tmp_path, hook(), *parts, **manifests)
    with pytest.raises(TooComplex, match="more than 1 ways of calls"):
        list(ways.ways(one, holders(one)[1]))
    (finding,) = check(ID, one).findings
    assert finding.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("path", "/a/[b]/*"),
        ("path", "/a/${x}/b\\c"),
        ("argv", "rm '*'"),
        ("host", "[::1]:80"),
        ("host", "10.0.0.1:80"),
        ("url", "GET https://a.com:80/*"),
        ("name", "a*b"),
    ],
)
def test_a_value_stands_for_itself(domain: str, text: str) -> None:
    """Whatever of it would be a wildcard in a pattern."""
    resource = canonical(domain, text)
    pattern = rewriting.exactly(domain, resource)
    assert matches(pattern, resource)
    other = (
        resource.replace("*", "other").replace("[b]", "b").replace("[::1]", "[::2]").replace("10.0", "11.0")
    )
    assert other == resource or not matches(pattern, canonical(domain, other))


MODES = ("ci", "other")
NAMES = ("A", "B", "C")


def _condition(random: Random) -> str:
    return random.choice(("", "", "mode == 'ci'", "mode != 'ci'", "approved", "!approved"))


def _listed(random: Random, action: str, pool: tuple[str, ...]) -> str:
    when = _condition(random)
    on = random.sample(pool, random.randint(1, len(pool)))
    return allows(action, *on, more=f'when = "{when}"' if when else "")


def _random_desk(seed: int, folder: Path) -> Setting:
    """Two components or servers and a plugin of rules, with grants, conditions and lends drawn by lot."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    tools = ("project:a/run", "project:b/run")
    asked = (request("env.read", "**"), request("tool.call", "project:**"))
    manifests, parts = {}, []
    for name in ("a", "b"):
        effect = random.choice(('action = "env.read", from = "/path"', 'action = "env.read"'))
        more = random.choice(((), ('action = "tool.call"',)))
        kind = random.choice(("wasm", "mcp"))
        manifests[name] = plugin(name, *asked, kind=kind, tools=[tool(effect, *more)])
        grant = [_listed(random, "env.read", NAMES), _listed(random, "tool.call", tools)]
        lend = [_listed(random, "env.read", NAMES).replace("{ ", '{ to = "project:rules", ', 1)]
        parts.append(enable(f"project:{name}", *grant, lend=lend if random.random() < 0.5 else ()))
    when = _condition(random)
    hooks = hook(
        random.choice((*tools, "project:**")),
        f'when = "{when}"' if when else "",
        path=f'"{random.choice(NAMES)}"',
    )
    words = [random.choice(("allow", "ask", "deny")) for _ in range(2)]
    rule = f'{{ tool = "{random.choice(tools)}", action = "{words[1]}" }}'
    rules = f'[permissions]\ndefault = "{words[0]}"\nrules = [{rule}]'
    power = _listed(random, "hook.rewrite", tuple(f"tool.before/{t}" for t in tools))
    return desk(
        folder,
        hooks,
        *parts,
        power=power,
        own=_listed(random, "env.read", NAMES),
        rules=rules,
        **manifests,
    )


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_solver_and_the_reference_agree(tmp_path: Path, start: int) -> None:
    """Every effect in every context, tried out: a rewrite goes too far exactly where the check says so."""
    told = set()
    for seed in range(start, start + 20):
        one = _random_desk(seed, tmp_path / str(seed))
        rules = holders(one)[0]
        assert rules.subject == "lead/project:rules"
        contexts = [
            {"mode": mode, "approved": approved, "depth": 0, "now": 0, "sandboxed": False}
            for mode, approved in product(MODES, (True, False))
        ]
        tried = any(
            reference_hooks.steers(one, rules, "env.read", name, context)
            for name in NAMES
            for context in contexts
        )
        verdict = check(ID, one).verdict
        assert (verdict is Verdict.REFUTED) is tried, seed
        told.add(verdict)
    assert told >= {Verdict.REFUTED, Verdict.PROVED}
