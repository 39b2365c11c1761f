"""`capwright call`: call one tool of an admitted plugin, through every mediator."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import after_path, context_option, format_option, profile_option
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Call one tool, as an agent would.")
@after_path("tool", "TOOL")
@profile_option
@click.option("--args", "arguments", default="{}", metavar="JSON", help="Arguments: JSON, `@FILE` or `-`.")
@click.option("--yes", is_flag=True, help="Approve what the call asks for, without asking.")
@context_option
@format_option("plain", "json")
def command(
    path: Path,
    tool: str,
    profile: str,
    arguments: str,
    yes: bool,
    context: tuple[str, ...],
    format_: str,
) -> Exit:
    """Call TOOL, as in `project:acme.notes/search`, for an agent of the workspace at PATH.

    The plugin is admitted from the proof first. In the arguments, `${workspace}` and other roots may stand
    where a text begins. Conditions read `depth=0` and `mode=interactive` unless `--context` says otherwise.
    Leaves with 0 when the tool answered, and with 1 when the call was refused or denied
    or the tool failed.
    """
    from capwright_cli.calling import Order, call_tool
    from capwright_cli.render import render

    called = call_tool(path, Order(profile, tool, arguments, context, yes))
    emit(render("call", format_, called))
    return called.status
