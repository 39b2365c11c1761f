"""`capwright proof show`: what a proof claims, in words."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import proof_argument
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Show what a proof claims.")
@proof_argument
def command(file: Path) -> Exit:
    """Print what the proof in FILE claims: of which files, for which host, and what each plugin may do.

    Nothing of it is checked here. For programs, the file itself is the format.
    """
    from capwright_cli.proofs import read_claims
    from capwright_cli.render import render

    emit(render("proof_show", "plain", read_claims(file)))
    return Exit.YES
