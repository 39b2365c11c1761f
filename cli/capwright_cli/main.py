"""The console script: runs the group, and is the last to see what nobody foresaw."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from capwright_cli.exits import Exit
from capwright_cli.groups import Discovered
from capwright_cli.usage import asked_format, tell, tell_usage
from capwright_registry.errors import Problem
from capwright_registry.spans import Span

_TRACEBACK = "CAPWRIGHT_TRACEBACK"
#: Objects between two runs of the cycle collector. A command makes many that stay to its end (modules,
#: documents, terms), and each run of the collector would walk over all of them again.
_COLLECT = 200_000
_ROUNDS = 100  # ... and so many of these between two that walk over all there is


@click.command(
    cls=Discovered,
    package="capwright_cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="capwright", message="%(prog)s %(version)s")
def group() -> None:
    """Prove what agent plugins may do, before any of them loads."""


def main() -> NoReturn:
    """Run the command line and leave with its status. Never shows a traceback unless asked to."""
    gc.set_threshold(_COLLECT, _ROUNDS, _ROUNDS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a name that the terminal cannot show is no failure
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """The exit status of a command line; what it has to say is said."""
    try:
        status = group.main(args=list(args), prog_name="capwright", standalone_mode=False)
    except click.UsageError as error:
        if not args:  # the whole help, which is what click says then
            error.show()
            return Exit.INPUT
        return tell_usage(error, args)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: bad luck is not to look like success
        return _unforeseen(error, asked_format(args))
    return status if isinstance(status, int) else Exit.FAILURE


def _unforeseen(error: Exception, format_: str) -> int:
    from capwright_cli.escape import escape

    if os.environ.get(_TRACEBACK):
        traceback.print_exception(error)
    message = f"something went wrong inside capwright: {str(error)[:500] or 'no reason given'}"
    hint = f"set `{_TRACEBACK}=1` to see where"
    if format_ == "plain":  # without anything that could go wrong in its turn
        click.echo(f"error: {escape(message)}; {hint}", err=True)
    else:
        tell("internal", Problem(message, Span(""), hint), format_)
    return Exit.FAILURE
