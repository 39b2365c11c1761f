"""Commands that run anything, and who runs them."""

from __future__ import annotations

from dataclasses import replace

from capwright_policy import call_chains, commands
from capwright_policy.checks import exec_is_everything
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, probe


@probe("closure", "exec-is-everything")
def only_shells_run_anything(patch: Patch) -> None:
    """Wrappers, `find`, `git` and the like are taken to run nothing else."""
    patch.setattr(commands, "KINDS", commands.KINDS[:1])


@probe("closure", "exec-is-everything")
def git_is_always_plain(patch: Patch) -> None:
    """Whatever Git is told, it is taken to run nothing else."""
    patch.setattr(commands, "KINDS", tuple(kind for kind in commands.KINDS if not kind.without))


@probe("closure", "exec-is-everything", caught=by_replay)
def every_command_runs_anything(patch: Patch) -> None:
    """No command is told from a shell."""
    patch.setattr(commands, "KINDS", (commands.Kind(()),))


@probe("closure", "exec-is-everything", caught=by_replay)
def every_command_is_unconfined(patch: Patch) -> None:
    """A sandbox that works is not looked at."""
    patch.setattr(exec_is_everything, "present", lambda *_: False)


@probe("closure", "exec-is-everything")
def only_who_runs_it_is_everything(patch: Patch) -> None:
    """A plugin that has another one's tool run a shell is not looked at."""
    real = call_chains.calls_from
    patch.setattr(exec_is_everything, "calls_from", lambda s, h: replace(real(s, h), tools={}, edges=()))


@probe("encoding", "exec-is-everything")
def an_action_that_it_has_is_all_its_own(patch: Patch) -> None:
    """Of an action that a plugin was granted in part a shell gives it no more."""
    real = exec_is_everything._outside
    patch.setattr(
        exec_is_everything,
        "_outside",
        lambda run, own, action: [] if own.actions() else real(run, own, action),
    )
