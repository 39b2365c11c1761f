"""What governs an agent, and so may be written by nothing that is governed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capwright_policy import programs, protected
from capwright_policy.checks import policy_write
from tests.soundness.probe import Patch, probe


def _left_out(patch: Patch, name: str) -> None:
    patch.setattr(protected, name, lambda _: iter(()))


@probe("closure", "policy-write")
def only_what_is_written_counts(patch: Patch) -> None:
    """What governs may be deleted, so that the next one to come puts another in its place."""
    patch.setattr(protected, "WRITES", ("fs.write",))


@probe("closure", "policy-write")
def programs_of_servers_do_not_govern(patch: Patch) -> None:
    """The file that a server's command runs may be written."""
    _left_out(patch, "_programs")


@probe("closure", "policy-write")
def a_folder_that_is_run_is_data(patch: Patch) -> None:
    """A folder that an interpreter takes its program from is protected by its name alone."""
    real = programs.runs
    patch.setattr(
        protected, "runs", lambda *args, **named: (replace(r, deep=False) for r in real(*args, **named))
    )


@probe("closure", "policy-write")
def only_the_first_word_is_run(patch: Patch) -> None:
    """Of a command the first word may be a program, and nothing after it."""
    real = programs.runs
    patch.setattr(protected, "runs", lambda command, **named: real(command[:1], **named))


@probe("closure", "policy-write")
def documents_govern_by_their_own_names(patch: Patch) -> None:
    """A folder of documents is protected file by file, so that a new one can be put in it."""
    real = protected._documents

    def documents(setting: Any) -> Any:
        return ((path, False) for path, _ in real(setting))

    patch.setattr(protected, "_documents", documents)


@probe("closure", "policy-write")
def tools_that_change_policy_are_like_others(patch: Patch) -> None:
    """A plugin may call the tools by which a host lets policy be changed."""
    patch.setattr(protected, "POLICY_TOOLS", ())


@probe("closure", "policy-write")
def start_up_files_do_not_govern(patch: Patch) -> None:
    """A hook of Git, a shell's profile or an editor's tasks may be written."""
    patch.setattr(protected, "SELF_PROTECTED", ())


@probe("closure", "policy-write")
def grants_are_held_against_nothing(patch: Patch) -> None:
    """Only an agent's scope keeps clear of what governs, and not what it grants."""
    real = policy_write._governed
    patch.setattr(policy_write, "_governed", lambda one: (g for g in real(one) if g.plugin is None))


@probe("encoding", "policy-write")
def only_the_first_shield_is_asked_about(patch: Patch) -> None:
    """Of all that governs the first pattern stands in the question."""
    real = policy_write._question
    patch.setattr(policy_write, "_question", lambda g, c, shields: real(g, c, shields[:1]))
