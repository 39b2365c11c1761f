"""`capwright stubs`: emit the code that enforces a proof."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import path_argument, plugin_option, profile_option
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Emit enforcement code from the proof.")
@path_argument
@profile_option
@plugin_option
@click.option("--target", required=True, metavar="NAME", help="What to emit: `python`.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; else standard output."
)
def command(path: Path, profile: str, plugin: str, target: str, output: Path | None) -> Exit:
    """Emit what enforces one plugin's authority, from the proof of the workspace at PATH.

    The target `python` is one module of the standard library alone. What a target cannot express is listed on
    standard error, and decided the stricter way.
    """
    from capwright_cli.escape import escape
    from capwright_cli.stubbing import emit_stub, write_stub

    emission = emit_stub(path, profile, plugin, target)
    for lost in emission.lost:
        emit(f"lost: {escape(lost)}", error=True)
    if output is None:
        emit(emission.text.removesuffix("\n"))
    else:
        write_stub(emission.text, output)
    return Exit.YES
