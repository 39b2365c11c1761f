"""Step 10: nothing in a proof stands loose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from capwright_runtimes.checker import ProofRefused
from tests.support.proofs import Desk, believed, closed, desk, sealed, with_facts

Body = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def _plugin(body: Body, name: str) -> Any:
    return body["tables"]["lead"]["plugins"][f"project:acme.{name}"]


def _server(body: Body) -> Any:
    return _plugin(body, "server")["sandbox"]


def _without(path: str) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        body["inputs"] = [entry for entry in body["inputs"] if entry["path"] != path]

    return change


def _asked(body: Body, check: str) -> Any:
    return next(o for o in body["obligations"] if o["check"] == check)


def _doubled(body: Body) -> None:
    listed = body["cases"]["fs.read"]
    listed.insert(1, listed[0])


def _drop_dotenv(body: Body) -> None:
    for listed in body["cases"].values():
        listed[:] = [case for case in listed if not str(case).endswith((".env", ".pem"))]


def _other_context(body: Body) -> None:
    entry = next(h for h in body["holders"] if len(h["contexts"]) == 2)
    body["contexts"].append(dict(body["contexts"][entry["contexts"][0]], sandboxed=True))
    entry["contexts"][1] = len(body["contexts"]) - 1


def _context_left_out(body: Body) -> None:
    """One holder has one context less; others have it still."""
    next(h for h in body["holders"] if len(h["contexts"]) > 1)["contexts"].pop()


def _context_of_a_child_left_out(body: Body) -> None:
    asked = next(o for o in body["obligations"] if o["parent"] and len(o["contexts"]) > 1)
    asked["contexts"].pop()


def _shield(body: Body) -> Any:
    """What the writes of one of several questions must keep clear of."""
    number = _asked(body, "policy-write")["outer"][0]
    (rules,) = body["layers"][number]["rules"].values()
    return rules[0]


CHANGES: Mapping[str, Callable[[Body], object]] = {
    "a key of nobody's": lambda b: b["host"].update(extra=1),
    "a truth for a number": lambda b: b["holders"][0].update(layers=[True]),
    "a profile that is quoted and no input": _without("profiles/lead.toml"),
    "a manifest that is no input": _without("plugins/rules/plugin.toml"),
    "no workspace among the inputs": _without("capwright.toml"),
    "no list of plugins": _without("plugins/"),
    "no list of profiles": _without("profiles/"),
    "no list of other clients' files": _without("./.*/"),
    "an artifact that is no input": _without("plugins/first/a.wasm"),
    "another artifact": lambda b: _plugin(b, "first")["artifact"].update(sha256="0" * 64),
    "a role of another": lambda b: next(i for i in b["inputs"] if i["role"] == "artifact").update(
        role="pins"
    ),
    "an import without a grant": lambda b: _plugin(b, "first")["imports"].append(
        "capwright:plugin/net@0.1.0"
    ),
    "an import that nobody knows": lambda b: _plugin(b, "first")["imports"].append("wasi:sockets/tcp@0.2.0"),
    "another kind": lambda b: _plugin(b, "rules").update(kind="wasm"),
    "two kinds": lambda b: _plugin(b, "first")["runtime"].update(kind="mcp"),
    "another plugin's table": lambda b: _plugin(b, "first").update(plugin="project:acme.third"),
    "more to read": lambda b: _server(b)["read"].append("/etc"),
    "more to write": lambda b: _server(b)["write"].append(_server(b)["read"][0] + "/x"),
    "nothing hidden": lambda b: _server(b)["mask"].clear(),
    "no pattern hidden": lambda b: _server(b)["mask_globs"].clear(),
    "the network": lambda b: _server(b).update(network=True),
    "another sandbox": lambda b: _server(b).update(backend="none"),
    "a permission that is no word": lambda b: b["tables"]["lead"]["permissions"].update(default="yes"),
    "a condition that is none": lambda b: _plugin(b, "rules")["hooks"][1].update(when=["eq"]),
    "an order of obligations": lambda b: b["obligations"].reverse(),
    "an order of contexts": lambda b: next(h for h in b["holders"] if len(h["contexts"]) > 1)[
        "contexts"
    ].reverse(),
    "an order of cases": lambda b: b["cases"]["fs.read"].reverse(),
    "cases of nothing": lambda b: b["cases"].update({"env.read": ["A"]}),
    "a case twice": _doubled,
    "no case of an action": lambda b: b["cases"].update({"fs.read": []}),
    "no case of an exception": lambda b: _drop_dotenv(b),
    "a layer twice": lambda b: _asked(b, "policy-write")["inner"].extend(_asked(b, "policy-write")["inner"]),
    "a context that stands for another": _other_context,
    "a context that is left out": _context_left_out,
    "a context that is left out of a child's question": _context_of_a_child_left_out,
    "a question about nobody": lambda b: _asked(b, "policy-write").update(subject="laed"),
    "a question about a child that there is not": lambda b: _asked(b, "policy-write").update(
        subject="lead/nobody"
    ),
    "something less that is protected": lambda b: _shield(b)["on"].pop(),
    "what is protected but for an exception": lambda b: _shield(b)["except"].append(_shield(b)["on"][0]),
    "what is protected until an end": lambda b: _shield(b).update(until=1),
    "a context without a variable": lambda b: b["contexts"][0].pop("region"),
    "a context of another type": lambda b: b["contexts"][0].update(region="mars"),
    "a grant that was held against nothing": lambda b: _asked(b, "grant-over-ceiling").update(outer=[0]),
    "an idle pattern": lambda b: b["patterns"].append(b["patterns"][0]),
    "an idle layer": lambda b: b["layers"].append(b["layers"][0]),
    "an idle context": lambda b: b["contexts"].append(b["contexts"][0]),
    "a word in two ways": lambda b: b["patterns"][0]["elements"][0].append(["word", "x"]),
    "an element that is none": lambda b: b["patterns"][0]["elements"][0].append(["deep", "x"]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_loose_part_is_refused(made: Desk, change: Callable[[Body], object]) -> None:
    body = made.body()
    change(body)
    with pytest.raises(ProofRefused) as caught:
        believed(sealed(body), made.facts)
    assert caught.value.step >= 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_context_left_out, "a context is left out"),
        (_context_of_a_child_left_out, "a context is left out"),
        (lambda b: b["obligations"][-1].update(subject="lead/zz.nobody"), "about nobody"),
        (lambda b: _shield(b)["on"].pop(), "not the same for all"),
        (lambda b: _shield(b).update(until=2**40), "has exceptions, or conditions"),
    ],
)
def test_a_question_is_about_what_it_should_be(
    made: Desk, change: Callable[[Body], object], told: str
) -> None:
    body = made.body()
    change(body)
    with pytest.raises(ProofRefused, match=told):
        believed(sealed(body), made.facts)


@pytest.mark.parametrize(
    "folder",
    [
        "./plugins/first",
        "plugins/../plugins/first",
        "plugins//first",
        "/..{root}/plugins/first",
        "{root}/plugins/first",
    ],
)
def test_a_folder_has_one_spelling(made: Desk, folder: str) -> None:
    """A tier hangs on it: by the text alone `..` would lead from a user's folder into the workspace."""
    body, folder = made.body(), folder.format(root=made.root)
    _plugin(body, "first").update(folder=folder)
    _plugin(body, "first")["artifact"]["path"] = f"{folder}/a.wasm"
    there = {entry["path"]: entry for entry in body["inputs"]}
    for path, name in [(f"plugins/first/{n}", f"{folder}/{n}") for n in ("plugin.toml", "a.wasm")]:
        there[name] = {**there[path], "path": name}
    above = f"{folder.rpartition('/')[0]}/"
    there[above] = {**there["plugins/"], "path": above}
    body["inputs"] = sorted(there.values(), key=lambda entry: entry["path"])
    with pytest.raises(ProofRefused, match=r"the folder of `lead/project:acme\.first` is not named"):
        believed(sealed(body), with_facts(made.facts, body))


def test_what_is_bound_is_believed(made: Desk) -> None:
    assert believed(sealed(made.body()), made.facts) == made.body()


@pytest.mark.parametrize(("key", "nothing"), [("except", []), ("when", None), ("until", None)])
def test_a_rule_says_nothing_that_it_need_not(made: Desk, key: str, nothing: object) -> None:
    """One form for one proof: no second one with the same meaning."""
    body = closed(made.body())
    family = body["families"][0]
    rule = next(
        r for one in family["layers"] for rules in one["rules"].values() for r in rules if key not in r
    )
    rule[key] = nothing
    with pytest.raises(ProofRefused) as caught:
        believed(sealed(body), made.facts)
    assert caught.value.step == 10
