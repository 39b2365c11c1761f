"""What the runtime decides with, compiled from a believed proof, says what the documents say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import capwright_policy.certificate
import capwright_runtimes.compiled
from capwright_policy import reference
from capwright_policy.setting import Holder, holders
from capwright_registry.decide import ActionTable, decide
from capwright_registry.vocabulary import ACTIONS
from capwright_registry.written import written_rule
from capwright_runtimes.checker import ProofRefused, World, check
from capwright_runtimes.compiled import agent_tables
from tests.support.proofs import Desk, desk

Bug = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def contexts(world: World) -> Iterator[dict[str, Any]]:
    """The contexts of the proof, with whole numbers as such."""
    whole = {n for n, v in world.proof["variables"].items() if v["type"] in ("int", "timestamp")}
    for context in world.contexts:
        yield {name: int(value) if name in whole else value for name, value in context.items()}


def differences(made: Desk) -> Iterator[tuple[str, str, str]]:
    """Where the tables decide otherwise than the reference semantics, over all cases and contexts."""
    (world,) = check(made.proof, made.facts)
    for holder in holders(made.setting):
        plugin = agent_tables(world, holder.profile.name)["plugins"][holder.plugin.identity]
        tables = {action: ActionTable(data) for action, data in plugin["actions"].items()}
        for action in (a for a in ACTIONS if a in world.proof["cases"] and not a.startswith("hook.")):
            for case in world.proof["cases"][action]:
                if _differs(
                    made, holder, tables, (action, case if isinstance(case, str) else case[0]), world
                ):
                    yield holder.subject, action, str(case)


def _differs(
    made: Desk, holder: Holder, tables: dict[str, ActionTable], effect: tuple[str, str], world: World
) -> bool:
    return any(
        decide(tables, *effect, context).allowed is not reference.can(made.setting, holder, *effect, context)
        for context in contexts(world)
    )


def test_the_tables_decide_as_the_documents_say(made: Desk) -> None:
    assert not list(differences(made))


def test_every_agent_and_plugin_has_its_own(made: Desk) -> None:
    (world,) = check(made.proof, made.facts)
    found = {agent: set(agent_tables(world, agent)["plugins"]) for agent in ("lead", "helper")}
    assert found["helper"] == {"project:acme.third"}
    assert len(found["lead"]) == 5
    with pytest.raises(KeyError):
        agent_tables(world, "nobody")


def without(**nothing: Any) -> Bug:
    """The proof's rules lose a part."""
    return lambda patch: patch.setattr(
        capwright_policy.certificate, "written_rule", lambda c, refer: {**written_rule(c, refer), **nothing}
    )


def one_layer(patch: pytest.MonkeyPatch) -> None:
    real = capwright_runtimes.compiled.action_table
    patch.setattr(
        capwright_runtimes.compiled, "action_table", lambda w, n, action: real(w, list(n)[:1], action)
    )


def all_match(patch: pytest.MonkeyPatch) -> None:
    real = capwright_runtimes.compiled.trie

    def trie(patterns: Any, numbers: Any) -> Any:
        listed = list(numbers)
        nodes = real(patterns, listed)
        deep = {"loop": True, "end": listed}
        return [{**nodes[0], "deep": len(nodes)}, *nodes[1:], deep] if "deep" not in nodes[0] else nodes

    patch.setattr(capwright_runtimes.compiled, "trie", trie)


def no_loop(patch: pytest.MonkeyPatch) -> None:
    real = capwright_runtimes.compiled.trie
    stripped = ("loop",)
    patch.setattr(
        capwright_runtimes.compiled,
        "trie",
        lambda *a: [{k: v for k, v in node.items() if k not in stripped} for node in real(*a)],
    )


@pytest.mark.parametrize(
    "bug",
    [without(**{"except": []}), without(when=None), one_layer, all_match, no_loop],
    ids=["exceptions", "conditions", "layers", "all match", "no depth"],
)
def test_a_bug_in_them_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Bug) -> None:
    bug(monkeypatch)
    try:
        assert list(differences(desk(tmp_path)))
    except ProofRefused as refused:
        assert refused.step == 6  # the layers themselves are other ones
