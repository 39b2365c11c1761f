"""An emitted stub decides as the tables it came from, needs nothing, and never differs from them."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy.authority import effective
from capwright_policy.certificate import Ledger
from capwright_policy.emit import python, targets
from capwright_policy.emit.python import _loaded, emit, stub_text, validate
from capwright_policy.emit.target import Case, Proven
from capwright_policy.setting import Setting, find_holder
from capwright_registry.canonical import canonical
from capwright_registry.decide import ActionTable, decide
from capwright_registry.errors import InternalError
from capwright_registry.evaluate import evaluate
from capwright_registry.trie import Trie
from capwright_runtimes.checker import World
from capwright_runtimes.compiled import action_table
from tests.policy.explain_desk import EFFECTS, NOTES, contexts, effect_of, setting_of


@pytest.fixture(name="proven", scope="module")
def _proven(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    setting = setting_of(tmp_path_factory.mktemp("stub") / "desk")
    authority, ledger = effective(setting, find_holder(setting, "lead", NOTES)), Ledger()
    numbers = ledger.authority(authority)
    family = {"patterns": ledger.patterns.values, "layers": ledger.layers.values}
    world = World({**family, "contexts": [], "holders": [], "checks": []})
    actions = {action: action_table(world, numbers, action) for action in authority.actions()}
    table = json.loads(json.dumps({"actions": actions}))  # as it is read from a proof
    return Proven("lead", NOTES, "0" * 64, table, _declared(setting), _cases(setting))


def _declared(setting: Setting) -> dict[str, dict[str, object]]:
    variables = setting.workspace.variables
    return {name: {"type": v.type, "values": list(v.values)} for name, v in variables.items()}


def _cases(setting: Setting) -> list[Case]:
    effects = [effect_of(setting, text) for text in EFFECTS]
    return [Case(e.action, e.resource, context) for e in effects for context in contexts()]


@pytest.fixture(name="text", scope="module")
def _text(proven: Proven) -> str:
    return emit(proven).text


class TestWhatItIs:
    def test_it_imports_the_standard_library_alone(self, text: str) -> None:
        imported = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(text))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert imported <= sys.stdlib_module_names

    def test_it_carries_the_reviewed_text_of_what_decides(self, text: str) -> None:
        for part in (canonical, Trie, evaluate, ActionTable):
            assert inspect.getsource(part) in text

    def test_it_names_whom_it_is_for_and_the_proof_it_came_from(self, proven: Proven, text: str) -> None:
        stub = _loaded(text)
        assert (stub.AGENT, stub.PLUGIN, stub.PROOF) == ("lead", NOTES, "0" * 64)
        assert (stub.CONTEXT, stub.TABLES) == (proven.context, proven.table["actions"])

    def test_it_is_the_same_each_time(self, proven: Proven, text: str) -> None:
        assert stub_text(proven) == text

    def test_nothing_of_it_stays_among_the_imported_modules(self, text: str) -> None:
        before = set(sys.modules)
        _loaded(text)
        assert set(sys.modules) == before

    def test_it_is_a_target_by_its_name(self) -> None:
        assert targets()["python"].emit is emit


class TestWhatItDecides:
    def test_the_same_in_every_case(self, proven: Proven, text: str) -> None:
        stub = _loaded(text)
        tables = {action: ActionTable(data) for action, data in proven.table["actions"].items()}
        answers = set()
        for case in proven.cases:
            meant = decide(tables, case.action, case.resource, case.context)
            says = stub.decide(case.action, case.resource, case.context)
            assert dataclasses.asdict(says) == dataclasses.asdict(meant)
            answers.add(meant.allowed)
        assert answers == {True, False}

    @given(
        action=st.sampled_from(["fs.read", "fs.write", "net.connect", "no.action"]),
        resource=st.one_of(st.text(), st.text("/.abnotesu*?[]").map("/".__add__)),
        context=st.dictionaries(
            st.sampled_from(["mode", "approved", "depth", "region", "now"]),
            st.one_of(st.booleans(), st.integers(), st.sampled_from(["ci", "eu"])),
        ),
    )
    def test_the_same_for_anything_at_all(
        self, proven: Proven, text: str, action: str, resource: str, context: dict[str, object]
    ) -> None:
        stub = _cached(text)
        tables = {action: ActionTable(data) for action, data in proven.table["actions"].items()}
        meant = decide(tables, action, resource, context)
        assert dataclasses.asdict(stub(action, resource, context)) == dataclasses.asdict(meant)

    def test_another_python_that_has_nothing_says_the_same(
        self, proven: Proven, text: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "stub.py"
        path.write_text(text)
        note = next(case for case in proven.cases if case.resource.endswith("/notes/public/a")).resource
        command = [sys.executable, "-I", "-S", str(path), f"fs.read:{note}", "region=eu"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"allowed: fs.read:{note} (profiles/lead.toml:")

    def test_its_command_never_prints_what_hides(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        stub = _loaded(text)
        assert stub.main(["fs.read:/\u202e\x1b[2J", "mode=x"]) == 1
        shown = capsys.readouterr().out
        assert shown.isascii()
        assert "\x1b" not in shown

    def test_its_command_reads_moments_to_the_microsecond_and_with_their_zone(self, text: str) -> None:
        """Cut to the second, or read without its zone, a moment could fall before an end already past."""
        stub = _loaded(text)
        assert stub._given("now=1970-01-01T00:00:01.900001Z") == ("now", 1_900_001)
        assert stub._given("now=1970-01-01T01:00:00+01:00") == ("now", 0)
        assert stub.main(["fs.read:/x", "now=2027-01-01T00:30:00"]) == 2


DIFFERENT = {
    "another table": ("'.env'", "'.enw'"),
    "a table that is empty": ("_COMPILED = {", "TABLES = {}\n_COMPILED = {"),
    "an equality that is turned around": ("return left == right", "return left != right"),
    "exceptions that are not looked at": ("if rule.except_.isdisjoint(hits) and", "if"),
    "one layer that is enough": ("        if rule is None:\n", "        if False:\n"),
    "another reason": ("every layer allows it", "nobody minds"),
}


@pytest.mark.parametrize(("old", "new"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_a_stub_that_differs_is_refused(proven: Proven, text: str, old: str, new: str) -> None:
    changed = text.replace(old, new)
    assert changed != text
    with pytest.raises((InternalError, AttributeError)):
        validate(changed, proven)


def test_nothing_is_emitted_that_was_not_held_against_its_tables(
    proven: Proven, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python, "stub_text", lambda _: text.replace("every layer allows it", "nobody minds"))
    with pytest.raises(InternalError, match=r"decides `.*` otherwise"):
        emit(proven)


_STUBS: dict[str, Callable[..., Any]] = {}


def _cached(text: str) -> Callable[..., Any]:
    """The stub's `decide`; loading it once is enough for all examples."""
    if text not in _STUBS:
        _STUBS[text] = _loaded(text).decide
    return _STUBS[text]
