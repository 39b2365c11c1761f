"""The boundary of a command: no exception leaves it, and whatever goes wrong has its own exit status."""

from __future__ import annotations

import os
import sys

import click

from capwright_cli.exits import Exit
from capwright_cli.output import emit
from capwright_registry.errors import CapwrightError, InputError


class Guarded(click.Command):
    """A command whose function returns its `Exit`.

    `InputError` ends in `Exit.INPUT` with every problem shown, a refusal in `Exit.NO`, anything else that we
    raise on purpose in `Exit.FAILURE`. What we did not foresee passes on, to `main`. A function that returns
    no `Exit` has failed: success is never a default.
    """

    def invoke(self, ctx: click.Context) -> Exit:
        """Run the command and tell its status."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
            return status if isinstance(status, Exit) else Exit.FAILURE
        except CapwrightError as error:
            return _told(error, ctx)
        except BrokenPipeError:
            return _quiet()


def _told(error: CapwrightError, ctx: click.Context) -> Exit:
    from capwright_cli.failures import failure
    from capwright_cli.render import render

    shown = ctx.params.get("format_") or "plain"
    found = failure(error, ctx.params.get("path"))
    emit(render("failure", shown, found), error=shown == "plain")
    sys.stdout.flush()
    if isinstance(error, InputError):
        return Exit.INPUT
    return Exit.NO if found.refused else Exit.FAILURE


def _quiet() -> Exit:
    """The reader went away. Python would complain once more when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.BROKEN_PIPE
