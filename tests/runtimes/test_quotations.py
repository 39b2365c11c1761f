"""Step 11, the second part: a rule is one that its source says, and a pattern's text is its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from capwright_runtimes.checker import ProofRefused
from capwright_runtimes.manifest_reading import read_roots, read_toml
from capwright_runtimes.quotations import Documents, _plainly, check_quotations
from tests.runtimes.forging import Body, Scene, host, scene
from tests.support.checking import allows, enable, profile, request
from tests.support.proofs import COMPONENT, opened, world_of
from tests.support.workspaces import WORKSPACE

_MANIFEST = """\
schema = "capwright.plugin/1"
id = "acme.notes"
version = "1.0"
api = ">=1.2,<2"
[runtime]
kind = "wasm"
artifact = "a.wasm"
[[tool]]
name = "search"
effects = [{ action = "fs.read" }]
[[requires]]
"""
_HOOKS = """\
schema = "capwright.plugin/1"
id = "acme.rules"
version = "1.0"
api = ">=1.2,<2"
[runtime]
kind = "declarative"
[[hook]]
on = "tool.before"
match = "project:acme.notes/*"
power = "deny"
message = "not now"
"""
_READ = ("fs.read", "${workspace}/notes/**", "/srv/[ab]/*")
_OUT = 'except = ["**/.env"]'
_DENY = allows("hook.deny", "tool.before/**")
_SHARED = '{ set = "shared" }'
_SET = f"[sets.shared]\nallow = [{allows('net.connect', '*.example.com:443', '10.0.0.0/8:80-90')}]\n"


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    """Rules with a day, a time, a condition and exceptions, of a set, and asked for by a hook."""
    bounds = ("until = 2027-01-31", "until = 2027-01-30T23:00:00+01:00", "when = \"mode == 'x'\"")
    grant = [allows(*_READ, more=f"{_OUT}, {bound}") for bound in bounds]
    rules = '[permissions]\nrules = [{ tool = "project:**", action = "ask", when = "approved" }]'
    parts = [rules, enable("project:acme.notes", *grant, _SHARED), enable("project:acme.rules", _DENY)]
    files: dict[str, str | bytes] = {
        "capwright.toml": WORKSPACE + _SET,
        "profiles/lead.toml": profile("lead", allows(*_READ, more=_OUT), _DENY, _SHARED, parts=parts),
        "plugins/notes/plugin.toml": _MANIFEST + request("fs.read", "/srv/[ab]/*"),
        "plugins/notes/a.wasm": COMPONENT,
        "plugins/rules/plugin.toml": _HOOKS,
    }
    policy = host(allows("fs.read", "/**"), allows("hook.deny", "**"), allows("net.connect", "*:*"))
    return scene(tmp_path, files, policy)


def _rules(body: Body, layer: str, action: str = "fs.read") -> Any:
    return next(x for x in body["layers"] if x["name"] == layer and action in x["rules"])["rules"][action]


def _granted(body: Body) -> Any:
    """The grant that ends on a day."""
    return next(rule for rule in _rules(body, "granted") if rule["until"] is not None)


def _permission(body: Body) -> Any:
    return body["tables"]["lead"]["permissions"]["rules"][0]


def _less_excepted(body: Body) -> None:
    """In scope and grant alike, so that no question breaks."""
    for layer in ("scope", "granted"):
        for rule in _rules(body, layer):
            rule["except"] = [n for n in rule["except"] if body["patterns"][n]["text"] != "/**/.env"]
    for listed in body["cases"].values():
        listed[:] = [case for case in listed if not str(case).endswith(".env")]


FORGED: Mapping[str, Callable[[Body], object]] = {
    "a request for more": lambda b: _rules(b, "requested")[0]["on"].append(_granted(b)["on"][0]),
    "an order of patterns": lambda b: _granted(b)["on"].reverse(),
    "an end a second later": lambda b: _granted(b).update(until=_granted(b)["until"] + 1),
    "a condition that nobody states": lambda b: _granted(b).update(when=["var", "approved", "bool"]),
    "another document": lambda b: _granted(b).update(source="capwright.toml:1:1"),
    "the host's own word": lambda b: _granted(b).update(source=f"{b['host']['source']}:1:1"),
    "a power on more tools": lambda b: _rules(b, "requested", "hook.deny")[0].update(
        on=_rules(b, "granted", "hook.deny")[0]["on"]
    ),
    "a permission that does not ask": lambda b: _permission(b).update(action="allow"),
    "a permission without its condition": lambda b: _permission(b).update(when=None),
}


def refused(made: Scene, forgery: Callable[[Body], object]) -> str:
    """Why this step refuses a forged proof, whatever others would say of it."""
    body = opened(made.proof)
    forgery(body)
    roots = read_roots(read_toml((made.root / "capwright.toml").read_bytes()), made.root)
    documents = Documents(lambda name: read_toml((made.root / name).read_bytes()), lambda: roots, False)
    with pytest.raises(ProofRefused, match="step 11") as caught:
        check_quotations([world_of(body)], documents)
    return caught.value.reason


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED.keys())
def test_what_the_source_does_not_say_is_refused(made: Scene, forgery: Callable[[Body], object]) -> None:
    made.admit()
    told = refused(made, forgery)
    assert "does not say what it should" in told or "a document is none" in told, told


@pytest.mark.parametrize("text", ["/nothing", "notes", "exactly  /srv/a", "/**"])
def test_a_text_is_that_of_its_pattern(made: Scene, text: str) -> None:
    made.refusal(lambda b: b["patterns"][_granted(b)["on"][0]].update(text=text))
    assert refused(made, lambda b: b["patterns"][_granted(b)["on"][0]].update(text=text))


@pytest.mark.parametrize(
    "sign", [["glob", "x"], ["range", "1", "2"], ["word", "*"], ["word", ""], ["word", "a/b"]]
)
def test_a_plain_text_is_one_of_plain_elements(sign: list[str]) -> None:
    assert _plainly([[["word", "srv"], ["deep"]]]) == "/srv/**"
    assert _plainly([[["word", "srv"], sign]]) is None
    assert _plainly([[["word", "srv"]], [["word", "srv"]]]) is None


def test_a_scope_and_a_grant_that_are_wider_together_are_refused(made: Scene) -> None:
    """No question breaks where both sides leave out what their documents except."""
    assert "does not say what it should" in refused(made, _less_excepted)
