"""Only the gate makes an admission, and nobody changes or copies one."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import capwright_runtimes
from capwright_runtimes.admission import (
    Admission,
    AdmissionFields,
    Admitted,
    _mint_agent,
    require_admission,
    require_admitted,
)
from capwright_runtimes.refusal import Refused
from tests.runtimes.host_fakes import PLUGIN, admission, admitted, hook, permissions, table, tool


def test_an_admission_from_the_gate_is_taken_as_it_is() -> None:
    value = admission()
    assert require_admission(value) is value


def forged() -> object:
    real, fake = admission(), object.__new__(Admission)
    for name in Admission.__slots__:
        object.__setattr__(fake, name, getattr(real, name))
    return fake


@pytest.mark.parametrize("make", [lambda: None, lambda: "admission", lambda: Path("/"), forged])
def test_what_the_gate_did_not_make_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        require_admission(make())
    assert caught.value.code == "no-admission"


def test_a_look_alike_is_refused() -> None:
    class Admission:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return hash(admission())

    with pytest.raises(Refused):
        require_admission(Admission())


def test_an_agents_admission_is_no_plugins_admission(tmp_path: Path) -> None:
    whole = admitted(tmp_path, admission())
    assert require_admitted(whole) is whole
    with pytest.raises(Refused):
        require_admission(whole)
    with pytest.raises(Refused):
        require_admitted(admission())


@pytest.mark.parametrize("kind", [Admission, Admitted])
def test_it_cannot_be_constructed_or_subclassed(kind: type[Admission] | type[Admitted]) -> None:
    with pytest.raises(TypeError, match="only the gate"):
        kind()
    with pytest.raises(TypeError, match="subclassed"):
        type("Mine", (kind,), {})


@pytest.mark.parametrize(
    "twin",
    [
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        lambda value: value.__reduce__(),
        lambda value: value.__reduce_ex__(4),
    ],
)
def test_it_cannot_be_copied(twin: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="copied"):
        twin(admission())


@pytest.mark.parametrize("name", ["plugin", "tables", "tools", "anything"])
def test_it_cannot_be_changed(name: str) -> None:
    value = admission()
    with pytest.raises(AttributeError):
        setattr(value, name, None)
    with pytest.raises(AttributeError):
        delattr(value, name)
    assert not hasattr(value, "__dict__")


def test_its_content_cannot_be_changed() -> None:
    tables, tools = {"fs.read": table("fs.read", ["/a/**"])}, {"search": tool(("fs.read", "/path"))}
    value = admission(tables, tools, [hook("tool.before", "deny", arguments={"/path": "x"})])
    with pytest.raises(TypeError):
        value.tools["search"] = {}  # type: ignore[index]
    with pytest.raises(TypeError):
        value.tools["search"]["effects"] = ()  # type: ignore[index]
    with pytest.raises(TypeError):
        value.tables["fs.write"] = tables["fs.read"]  # type: ignore[index]
    assert isinstance(value.tools["search"]["effects"], tuple)
    assert isinstance(value.hooks[0]["arguments"], tuple)


def test_what_the_gate_was_given_can_change_without_effect() -> None:
    tables, tools = {"fs.read": table("fs.read", ["/a/**"])}, {"search": tool(("fs.read", "/path"))}
    value = admission(tables, tools)
    tables["fs.write"] = table("fs.write", ["/**"])
    tools["search"]["effects"] = []
    assert not value.decide("fs.write", "/a", {}).allowed
    assert len(value.tools["search"]["effects"]) == 1  # type: ignore[arg-type]


def test_relative_paths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        _mint_agent("lead", permissions(), {}, frozenset(), Path("history.jsonl"))
    assert caught.value.code == "relative-path"


@pytest.mark.parametrize(("name", "agent"), [("project:other", "lead"), (PLUGIN, "researcher")])
def test_an_admission_under_another_name_is_refused(tmp_path: Path, name: str, agent: str) -> None:
    with pytest.raises(Refused):
        _mint_agent(agent, permissions(), {name: admission()}, frozenset(), tmp_path / "history.jsonl")


def test_only_the_gate_mints() -> None:
    """The private functions are named by their own file and the gate's, and by no other source."""
    root = Path(capwright_runtimes.__file__).parent
    users = {path.name for path in root.rglob("*.py") if "_mint" in path.read_text()}
    assert users <= {"admission.py", "gate.py"}


def test_fields_are_named() -> None:
    assert set(AdmissionFields.__slots__) == set(Admission.__slots__)
