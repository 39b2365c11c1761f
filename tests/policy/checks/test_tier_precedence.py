"""`tier-precedence`: what its vectors cannot say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from capwright_policy.effects import Effect
from capwright_policy.explain import Answer, explain
from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import verify
from tests.runtimes.forging import Body, Scene
from tests.support.checking import HOST, allows, check, enable, marked, mended, plugin, profile, setting
from tests.support.vectors import TODAY, Vector, setting_of, vectors
from tests.support.workspaces import WORKSPACE

ID = "tier-precedence"
LEAD = "profiles/lead.toml"
RULES = plugin(
    "rules",
    kind="declarative",
    tools=(),
    more='[[hook]]\non = "tool.before"\npower = "rewrite"\nset = { "/n" = 1 }\n',
)


def rules(*listed: tuple[str, ...], default: str = "") -> str:
    """A `[permissions]` table; each rule is a tool, a word and perhaps a condition."""
    texts = (
        f'{{ tool = "{tool}", action = "{word}"{"".join(f", when = {when!r}" for when in more)} }}'
        for tool, word, *more in listed
    )
    start = f'default = "{default}"\n' if default else ""
    return f"[permissions]\n{start}rules = [{', '.join(texts)}]\n"


def desk(tmp_path: Path, own: str, above: str, **files: str) -> Setting:
    """A project server `p` with one tool `run`, under rules of the profile and of the host."""
    more = {name.replace("__", "/") + ".toml": text for name, text in files.items()}
    every = {"plugins/p/plugin.toml": plugin("p"), LEAD: profile("lead", parts=[own, enable("project:p")])}
    return setting(tmp_path, {**every, **more}, host=HOST + above)


def decided(tmp_path: Path, own: str, above: str) -> CheckResult:
    return check(ID, desk(tmp_path, own, above))


RUN = "project:p/run"
WORDS = ("deny", "ask", "allow")


@pytest.mark.parametrize("above", WORDS)
@pytest.mark.parametrize("own", WORDS)
def test_the_host_is_at_least_as_free(tmp_path: Path, own: str, above: str) -> None:
    """By rule and by default alike: what the profile lets be called, the host lets, as freely."""
    holds = WORDS.index(own) <= WORDS.index(above)
    for number, host in enumerate((rules(("**", above)), rules(default=above))):
        result = decided(tmp_path / str(number), rules((RUN, own)), host)
        assert (result.verdict is not Verdict.REFUTED) is holds


@pytest.mark.parametrize(
    ("own", "above", "holds"),
    [
        ([("**", "allow", "mode == 'x'")], [("**", "deny", "mode == 'y'")], True),
        ([("**", "allow", "mode == 'x'")], [("**", "deny", "mode != 'y'")], False),
        ([("**", "allow", "approved")], [("**", "ask")], True),
        ([("**", "allow")], [("**", "ask", "depth > 0")], False),
        ([("**", "allow"), (RUN, "deny", "depth > 0")], [("**", "ask", "depth > 3")], True),
        ([("**", "allow")], [("project:q/*", "deny")], True),
        ([("**", "allow")], [("project:p/*", "allow"), (RUN, "deny")], False),
        ([(RUN, "ask"), ("**", "allow")], [(RUN, "ask")], True),
    ],
)
def test_conditions(
    tmp_path: Path, own: list[tuple[str, ...]], above: list[tuple[str, ...]], holds: bool
) -> None:
    result = decided(tmp_path, rules(*own), rules(*above))
    assert (result.verdict is not Verdict.REFUTED) is holds


def test_a_host_without_rules_asks_nothing(tmp_path: Path) -> None:
    assert decided(tmp_path, rules(("**", "allow")), "").verdict is Verdict.VACUOUS


@pytest.mark.parametrize("own", ["", "[permissions]\n", rules(), '[permissions]\ndefault = "allow"\n'])
def test_the_edit_finds_a_place(tmp_path: Path, own: str) -> None:
    """Whatever the profile has of rules; a default that allows is one to be found too."""
    result = decided(tmp_path, own, rules((RUN, "ask", "mode == 'x'"), ("project:**", "deny", "depth > 2")))
    assert (result.verdict is Verdict.REFUTED) is ("allow" in own)
    for finding in result.findings:
        one = desk(tmp_path / "one", own, "")
        text = mended(finding, one, LEAD)
        wanted = 'action = "ask", when = "mode == \'x\'" }', 'action = "deny", when = "depth > 2" }'
        assert all(part in text for part in wanted)


def test_the_rule_that_frees_is_marked(tmp_path: Path) -> None:
    own, above = rules(("project:q/*", "allow"), ("project:p/*", "allow")), rules((RUN, "deny"))
    one = desk(tmp_path, own, above)
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '{ tool = "project:p/*", action = "allow" }'
    (related,) = finding.related
    assert related.span.file == str(tmp_path / "host.toml")


def test_what_is_explained_hears_the_host_too(tmp_path: Path) -> None:
    one = desk(tmp_path, rules(("**", "allow")), rules((RUN, "deny", "mode == 'x'")))
    effect = Effect("tool.call", RUN)
    assert explain(one, "lead", None, effect, {"mode": "x"}).answer is Answer.DENIED
    found = explain(one, "lead", None, effect, {"mode": "y"})
    assert (found.answer, found.layers[-1].name) == (Answer.ALLOWED, "host")


@pytest.mark.parametrize(
    "vector", [v for v in vectors(ID) if not v.refused], ids=lambda vector: vector.folder.name
)
def test_the_gate_believes_what_was_proved(tmp_path: Path, vector: Vector) -> None:
    """Each question in its cases, decided anew: also one whose outer side is nothing at all."""
    shutil.copytree(vector.folder, tmp_path / "copy")
    one = setting_of(tmp_path / "copy", vector.sandbox)
    assert Scene(one, proof_of(verify(one, TODAY), Solver(60))).admit().plugins


def test_the_checker_asks_again(tmp_path: Path) -> None:
    """A proof whose rewrite comes about in every context is none, whatever it says of the verdict."""
    (vector,) = (v for v in vectors(ID) if v.folder.name == "never-in-the-same-context")
    shutil.copytree(vector.folder, tmp_path / "copy")
    one = setting_of(tmp_path / "copy", vector.sandbox)

    def always(body: Body) -> None:
        (layer,) = (layer for layer in body["layers"] if layer["name"] == "rewritten")
        layer["rules"]["hook.rewrite"][0]["when"] = None

    told = Scene(one, proof_of(verify(one, TODAY), Solver(60))).refusal(always)
    assert "step 6" in told
    assert "`tier-precedence` does not hold at `lead/project:acme.limits`" in told


class TestRewrites:
    """Believed tiers count: `plugins/TIER` beside the host policy, and nothing else."""

    def desk(self, tmp_path: Path, hooks: str, tools: str) -> Setting:
        """A rewriting plugin in the folder `hooks`, of tools in the folder `tools`; both from the desk."""
        tiers = {folder: folder.rpartition("/")[2] for folder in (hooks, tools)}
        sources = "".join(
            f'[[source]]\ntier = "{tier if tier in ("user", "builtin") else "project"}"\npath = "{folder}"\n'
            for folder, tier in tiers.items()
        )
        names = {f: t if t in ("user", "builtin") else "project" for f, t in tiers.items()}
        power = allows("hook.rewrite", "tool.before/**")
        grants = [enable(f"{names[hooks]}:rules", power), enable(f"{names[tools]}:p")]
        allow = rules(("**", "allow"))
        ceilings = "".join(f"[ceiling.{tier}]\nallow = [{power}]\n" for tier in ("builtin", "user"))
        files = {
            "capwright.toml": WORKSPACE.partition("[[source]]")[0] + sources,
            f"{hooks}/rules/plugin.toml": RULES,
            f"{tools}/p/plugin.toml": plugin("p"),
            LEAD: profile("lead", power, parts=[allow, *grants]),
        }
        for folder in (hooks, tools):
            (tmp_path / "desk" / folder / "x").mkdir(parents=True, exist_ok=True)
        host = HOST.replace("allow = [\n", f"allow = [\n  {power},\n") + ceilings
        return setting(tmp_path, files, host=host)

    @pytest.mark.parametrize(
        ("hooks", "tools", "holds"),
        [
            ("plugins", "../plugins/user", False),
            ("plugins", "../plugins/builtin", False),
            ("../plugins/user", "../plugins/builtin", False),
            ("../plugins/builtin", "../plugins/user", True),
            ("../plugins/user", "plugins", True),
            ("../plugins/user", "../plugins/user", True),
            ("inside/user", "plugins", True),
            ("plugins", "inside/builtin", True),
            ("inside/builtin", "../plugins/user", False),
        ],
    )
    def test_tiers(self, tmp_path: Path, hooks: str, tools: str, holds: bool) -> None:
        result = check(ID, self.desk(tmp_path, hooks, tools))
        assert (result.verdict is not Verdict.REFUTED) is holds
