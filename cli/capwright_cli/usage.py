"""A command line that cannot be read: told like any other failure, in the format that it asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from capwright_cli.exits import Exit
from capwright_cli.output import emit
from capwright_registry.errors import Problem
from capwright_registry.spans import Span

_QUOTED = re.compile(r"'([^']*)'")


def tell_usage(error: click.UsageError, args: Sequence[str]) -> Exit:
    """Say what is wrong with `args`: to people on standard error, to programs on standard output."""
    command = error.ctx.command_path if error.ctx is not None else "capwright"
    help_ = _meant(error) or f"`{command} --help` says how it is used"
    tell("input", Problem(_message(error), Span(""), help_), asked_format(args, error.ctx))
    return Exit.INPUT


def tell(kind: str, problem: Problem, format_: str) -> None:
    """Show one problem that no command has told."""
    from capwright_cli.failures import Failure
    from capwright_cli.render import render
    from capwright_cli.sources import SourceTexts

    failure = Failure("internal" if kind == "internal" else "input", (problem,), SourceTexts(None))
    emit(render("failure", format_, failure), error=format_ == "plain")


def asked_format(args: Sequence[str], ctx: click.Context | None = None) -> str:
    """The format for programs that the arguments ask for, if the command has it; else `plain`."""
    asked = "plain"
    for number, arg in enumerate(args):
        if arg == "--":
            break
        name, equals, value = arg.partition("=")
        if name == "--format":
            asked = value if equals else next(iter(args[number + 1 : number + 2]), "")
    return asked if asked in _formats(ctx) else "plain"


def _formats(ctx: click.Context | None) -> Sequence[str]:
    """The formats of the command; of any of them, where it is not known which was meant."""
    if ctx is None or isinstance(ctx.command, click.Group):
        return ("json", "github")
    options = (option for option in ctx.command.params if option.name == "format_")
    kind = next((option.type for option in options), None)
    return [str(choice) for choice in kind.choices] if isinstance(kind, click.Choice) else ()


def _message(error: click.UsageError) -> str:
    """click's sentence in our grammar: lower case, names in backticks, no period."""
    if isinstance(error, click.NoSuchOption):
        return f"no such option `{error.option_name}`"
    said = _QUOTED.sub(r"`\1`", error.format_message()).removesuffix(".")
    return said[:1].lower() + said[1:]


def _meant(error: click.UsageError) -> str:
    near = getattr(error, "possibilities", None) or ()
    return f"did you mean {' or '.join(f'`{name}`' for name in sorted(near))}?" if near else ""
