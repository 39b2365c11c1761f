"""`capwright admit`: ask the gate whether a plugin may load."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import format_option, path_argument, plugin_option, profile_option
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Ask whether a plugin may load, from the proof alone.")
@path_argument
@profile_option
@plugin_option
@format_option("plain", "json")
def command(path: Path, profile: str, plugin: str, format_: str) -> Exit:
    """Say whether the proof of the workspace at PATH admits a plugin for an agent, as every runtime asks it.

    Leaves with 0 when it is admitted, and with 1 when it is refused; the refusal names what changed.
    """
    from capwright_cli.admitting import admit_plugin
    from capwright_cli.render import render

    emit(render("admit", format_, admit_plugin(path, profile, plugin)))
    return Exit.YES
