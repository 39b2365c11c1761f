"""`capwright pin`: approve what an MCP server says of itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import path_argument, plugin_option
from capwright_cli.output import emit
from capwright_cli.render import render


@click.command(cls=Guarded, short_help="Approve what an MCP server says of itself.")
@path_argument
@plugin_option
@click.option("--yes", is_flag=True, help="Approve what changed, without asking.")
def command(path: Path, plugin: str, yes: bool) -> Exit:
    """Start the MCP server of a plugin in its sandbox, show what changed since it was pinned, and pin it.

    The pin file is the one that the manifest names, or `pins.json` beside it. Leaves with 0 when the pins are
    as they should be, and with 1 when nobody approved them.
    """
    from capwright_cli.escape import escape
    from capwright_cli.pinning import observing, write_pins

    with observing(path, plugin) as observed:
        emit(render("pin", "plain", observed))
        if observed.old is not None and not observed.drifts:
            return Exit.YES
        if not yes and not (sys.stdin.isatty() and click.confirm("pin this?", err=True)):
            emit("nothing written: approve it at a terminal, or with `--yes`", error=True)
            return Exit.NO
        emit(f"pinned in {escape(str(write_pins(observed)))}")
    return Exit.YES
