"""`extends` narrows: what a profile allows with it, it allows without it, and so does the other profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_registry.capability import Meet, Profile
from tests.support.workspaces import load, problems


def profile(name: str, body: str = "") -> str:
    """A profile's text; its body starts on line 3."""
    return f'schema = "capwright.profile/1"\nname = "{name}"\n{body}'


def read(folder: str) -> str:
    """A scope that reads one folder."""
    return f'allow = [{{ action = "fs.read", on = ["/{folder}/**"] }}]\n'


def rules(default: str, *found: str) -> str:
    """A permissions table, its first rule on line 6 where `extends` stands on line 3."""
    every = "".join(f"  {rule},\n" for rule in found)
    return f'[permissions]\ndefault = "{default}"\nrules = [\n{every}]\n'


def rule(tool: str, action: str, when: str = "") -> str:
    """One rule."""
    condition = f', when = "{when}"' if when else ""
    return f'{{ tool = "{tool}", action = "{action}"{condition} }}'


def loaded(tmp_path: Path, *texts: str) -> dict[str, Profile]:
    """The profiles by name."""
    files = {f"profiles/{number}.toml": text for number, text in enumerate(texts)}
    return {found.name: found for found in load(tmp_path, files).profiles}


def scopes(meet: Meet) -> list[list[str]]:
    """The patterns of a meet."""
    return [[c.on[0].text for c in found] for found in meet]


EXTENDS = 'extends = "base"\n'


def test_scope_and_delegable_are_meets(tmp_path: Path) -> None:
    base = profile("base", f"[scope]\n{read('a')}[delegable]\n{read('a/b')}")
    found = loaded(tmp_path, profile("lead", f"{EXTENDS}[scope]\n{read('c')}"), base)
    assert scopes(found["lead"].scope) == [["/c/**"], ["/a/**"]]
    assert scopes(found["lead"].delegable) == [["/c/**"], ["/a/b/**"]]
    assert found["lead"].delegable_declared
    assert scopes(found["base"].scope) == [["/a/**"]]


def test_a_chain_meets_all_of_it(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        profile("a", f'extends = "b"\n[scope]\n{read("a")}'),
        profile("b", f'extends = "c"\n[scope]\n{read("b")}'),
        profile("c", f"[scope]\n{read('c')}"),
    )
    assert scopes(found["a"].scope) == [["/a/**"], ["/b/**"], ["/c/**"]]
    assert scopes(found["b"].scope) == [["/b/**"], ["/c/**"]]


@pytest.mark.parametrize(
    ("own", "base", "default"),
    [
        ("allow", "deny", "deny"),
        ("deny", "allow", "deny"),
        ("allow", "ask", "ask"),
        ("allow", "allow", "allow"),
    ],
)
def test_the_stricter_default_holds(tmp_path: Path, own: str, base: str, default: str) -> None:
    found = loaded(tmp_path, profile("lead", EXTENDS + rules(own)), profile("base", rules(base)))
    assert found["lead"].default == default


def test_the_rules_of_both_hold(tmp_path: Path) -> None:
    base = profile("base", rules("deny", rule("project:a/*", "allow"), rule("project:a/x", "deny")))
    lead = profile("lead", EXTENDS + rules("deny", rule("project:a/y", "ask")))
    found = loaded(tmp_path, lead, base)["lead"].permissions
    assert [(r.action, r.pattern.text) for r in found] == [
        ("ask", "project:a/y"),
        ("allow", "project:a/*"),
        ("deny", "project:a/x"),
    ]


@pytest.mark.parametrize(
    ("own", "base", "default"),
    [
        (rule("project:a/x", "allow"), rule("project:a/*", "allow"), "deny"),
        (rule("project:a/x", "ask"), rule("project:a/*", "allow"), "deny"),
        (rule("project:a/x", "ask"), rule("project:b", "deny"), "ask"),
        (rule("**", "allow"), rule("project:a", "deny"), "allow"),
        (rule("**", "deny"), rule("project:a", "allow"), "deny"),
        (rule("project:a", "allow", "approved"), rule("project:a", "allow"), "deny"),
        (rule("project:a", "allow", "approved"), rule("project:a", "allow", "approved"), "deny"),
    ],
)
def test_a_rule_within_what_the_other_allows(tmp_path: Path, own: str, base: str, default: str) -> None:
    lead = profile("lead", EXTENDS + rules("deny", own))
    assert loaded(tmp_path, lead, profile("base", rules(default, base)))["lead"]


@pytest.mark.parametrize(
    ("own", "base", "default"),
    [
        (rule("project:a/*", "allow"), rule("project:a/x", "allow"), "deny"),
        (rule("project:a", "allow"), rule("project:a", "ask"), "deny"),
        (rule("project:a", "allow"), rule("project:b", "deny"), "ask"),
        (rule("project:a", "ask"), rule("project:b", "allow"), "deny"),
        (rule("project:a", "allow"), rule("project:a", "allow", "approved"), "deny"),
        (rule("project:a", "allow", "mode == 'ci'"), rule("project:a", "allow", "approved"), "deny"),
    ],
)
def test_a_rule_beyond_what_the_other_allows(tmp_path: Path, own: str, base: str, default: str) -> None:
    """A join of rules alone would widen: an `allow` beats the other profile's default."""
    lead = profile("lead", EXTENDS + rules("deny", own))
    files = {"profiles/a.toml": lead, "profiles/b.toml": profile("base", rules(default, base))}
    assert problems(tmp_path, files) == (
        "profiles/a.toml:7:3: the rule allows tools that the extended profile `base` does not"
        " (narrow the rule, or allow the tools in `profiles/b.toml`)\n"
    )


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ({"a": "a"}, "profiles/a.toml:3:11: `a` extends itself"),
        ({"a": "b", "b": "a"}, "profiles/a.toml:3:11: `a` extends itself, through `b`"),
        ({"c": "b", "b": "d", "d": "b"}, "profiles/b.toml:3:11: `b` extends itself, through `d`"),
    ],
)
def test_a_circle(tmp_path: Path, names: dict[str, str], problem: str) -> None:
    files = {
        f"profiles/{name}.toml": profile(name, f'extends = "{base}"\n[scope]\n{read(name)}')
        for name, base in names.items()
    }
    assert problems(tmp_path, files) == f"{problem} (remove one `extends` of the circle)\n"


def test_a_chain_is_bounded(tmp_path: Path) -> None:
    files = {f"profiles/{n}.toml": profile(f"p{n}", f'extends = "p{n + 1}"\n') for n in range(16)}
    files["profiles/16.toml"] = profile("p16")
    assert problems(tmp_path, files) == "profiles/0.toml:3:11: more than 16 profiles extend each other\n"


def test_the_extended_profile_must_be_there(tmp_path: Path) -> None:
    assert problems(tmp_path, {"profiles/a.toml": profile("lead", 'extends = "leed"\n')}) == (
        "profiles/a.toml:3:11: unknown profile `leed` (did you mean `lead`?)\n"
    )
