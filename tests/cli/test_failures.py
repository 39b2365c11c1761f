"""What is said when a command cannot answer: each refusal with what to do next."""

from __future__ import annotations

import json

import pytest

from capwright_cli.exits import Exit
from capwright_cli.failures import failure
from capwright_registry.spans import Span
from capwright_runtimes.refusal import Refused, deny
from tests.cli.desk import Desk

NEXT = {
    "proof-refused": "run `capwright verify` and see what it says",
    "other-workspace": "run `capwright verify` and see what it says",
    "drift": "`capwright pin` shows what changed; if that is meant, pin it and verify again",
    "no-server": "it gets its grant and no more; `capwright verify` notes what its sandbox cannot give",
    "history-altered": "find out who wrote to it; moved away and kept, it makes room for a new history",
    "unpinned": "",
}


@pytest.mark.parametrize(("code", "help_"), NEXT.items())
def test_a_refusal_says_what_to_do_next(code: str, help_: str) -> None:
    found = failure(Refused(code, "why", "what"), None)
    assert (found.kind, found.code, found.refused) == ("refused", code, True)
    assert [(p.message, p.help) for p in found.problems] == [("why: what", help_)]


def test_a_denial_by_a_hook_has_its_place() -> None:
    found = failure(deny("tool.call", "project:p/run", "hook", "no", "plugins/p/plugin.toml:3:1"), None)
    assert found.problems[0].span == Span("plugins/p/plugin.toml", 3, 1, 3, 2)


def test_a_history_that_was_moved_away_makes_room_for_a_new_one(desk: Desk) -> None:
    """What the help says works."""
    assert desk.run("verify").status == Exit.YES
    arguments = json.dumps({"path": "${workspace}/notes", "query": "plants"})
    call = ("call", "acme.notes/search", "--profile", "lead", "--args", arguments)
    assert desk.run(*call).status == Exit.YES
    log = desk.root / ".capwright/history/lead.jsonl"
    log.write_bytes(log.read_bytes().replace(b"plants", b"stones"))
    said = desk.run(*call)
    assert said.status == Exit.NO
    assert said.err.startswith("refused[history-altered]: history record ")
    assert said.err.endswith(f"  = help: {NEXT['history-altered']}\n")
    log.rename(log.with_suffix(".altered"))
    assert desk.run(*call).status == Exit.YES
