"""`capwright proof check`: the trusted checker by itself."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import format_option, proof_argument
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Ask the checker whether a proof may be believed.")
@proof_argument
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The workspace that it is for; else the one that it names.",
)
@format_option("plain", "json")
def command(file: Path, root: Path | None, format_: str) -> Exit:
    """Run every step of the checker on the proof in FILE, against the workspace and this host as they are.

    The solver takes no part. Leaves with 0 when the proof is believed, and with 1 when it is refused; the
    refusal names the step.
    """
    from capwright_cli.proofs import check_proof
    from capwright_cli.render import render

    emit(render("proof_check", format_, check_proof(file, root)))
    return Exit.YES
