"""`capwright verify`: prove the workspace, or say why it does not hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import format_option, path_argument
from capwright_cli.output import emit, working
from capwright_cli.seconds import seconds


@click.command(cls=Guarded, short_help="Prove the workspace and write the proof.")
@path_argument
@format_option("plain", "json", "github")
@click.option(
    "--timeout",
    callback=seconds,
    default="60",
    show_default=True,
    metavar="SECONDS",
    help="What the whole run may take; a check that is not decided by then is not proved.",
)
@click.option(
    "--dump-smt",
    "dump",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write each question to the solver as SMT-LIB, into a new folder.",
)
def command(path: Path, format_: str, timeout: float, dump: Path | None) -> Exit:
    """Prove the workspace at PATH (the current folder, unless given) and write `.capwright/proof.json`.

    Leaves with 0 when every check is proved, 1 when one is refuted, 2 when a document cannot be read, and 3
    when one is undecided.
    """
    from capwright_cli.deadline import bounded
    from capwright_cli.render import render
    from capwright_cli.verification import verify_workspace

    with working("reading the documents") as tell, bounded(timeout) as deadline:
        verified = verify_workspace(path, deadline, date.today(), tell, dump)
    emit(render("verify", format_, verified))
    return verified.status
