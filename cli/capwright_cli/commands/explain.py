"""`capwright explain`: why an effect is allowed or denied, layer by layer."""

from __future__ import annotations

from pathlib import Path

import click

from capwright_cli.boundary import Guarded
from capwright_cli.exits import Exit
from capwright_cli.options import after_path, context_option, format_option, profile_option
from capwright_cli.output import emit


@click.command(cls=Guarded, short_help="Say why an effect is allowed or denied.")
@after_path("effect", "EFFECT")
@profile_option
@click.option("--plugin", metavar="ID", help="The plugin; without it, the agent itself.")
@context_option
@format_option("plain", "json")
def command(
    path: Path, effect: str, profile: str, plugin: str | None, context: tuple[str, ...], format_: str
) -> Exit:
    """Say whether EFFECT is allowed, as in `fs.read:/repo/a.py`, and which rules say so.

    A path may begin with a root of the workspace: `fs.read:${workspace}/a.py`.

    It reads the documents at PATH, not a proof. Leaves with 0 where the effect is allowed in some context,
    with 1 where it is denied, and with 2 where the effect or a document cannot be read.
    """
    from capwright_cli.explaining import Query, explain_effect
    from capwright_cli.render import render

    explained = explain_effect(path, Query(profile, plugin, effect, context))
    emit(render("explain", format_, explained))
    return explained.status
