"""What the runtime decides with, compiled from a believed proof, says what the documents say.

Bugs that this sees are among the probes of `tests/soundness`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from capwright_runtimes.checker import check
from capwright_runtimes.compiled import agent_tables
from tests.soundness.decisions import disagreements
from tests.support.proofs import Desk, desk

Bug = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def test_the_tables_decide_as_the_documents_say(made: Desk) -> None:
    assert not list(disagreements(made))


def test_every_agent_and_plugin_has_its_own(made: Desk) -> None:
    (world,) = check(made.proof, made.facts)
    found = {agent: set(agent_tables(world, agent)["plugins"]) for agent in ("lead", "helper")}
    assert found["helper"] == {"project:acme.third"}
    assert len(found["lead"]) == 5
    with pytest.raises(KeyError):
        agent_tables(world, "nobody")
