"""`capwright proof`: what can be done with a proof file by itself."""

from __future__ import annotations

import click

from capwright_cli.groups import Discovered


@click.command(cls=Discovered, package=__name__, short_help="Check a proof file, or show what it claims.")
def command() -> None:
    """Look at a proof file by itself."""
