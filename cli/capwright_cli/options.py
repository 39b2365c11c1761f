"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

#: The workspace: its folder, or its `capwright.toml`.
path_argument = click.argument("path", type=click.Path(path_type=Path), default=".", metavar="[PATH]")
#: A proof; where `verify` writes it in the workspace that one stands in.
proof_argument = click.argument(
    "file", type=click.Path(path_type=Path), default=".capwright/proof.json", metavar="[FILE]"
)
profile_option = click.option("--profile", required=True, metavar="NAME", help="The agent's profile.")
plugin_option = click.option(
    "--plugin", required=True, metavar="ID", help="The plugin, as in `project:acme.notes`."
)
context_option = click.option(
    "--context", "context", multiple=True, metavar="NAME=VALUE", help="A variable of the context; repeatable."
)


def format_option(*formats: str) -> Callable[[Decorated], Decorated]:
    """`--format`, one of `formats`; the first is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the answer is written.",
    )


def after_path(name: str, metavar: str) -> Callable[[Decorated], Decorated]:
    """A required argument after an optional PATH: click itself gives a lone argument to the optional one."""

    def split(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> str:
        if len(values) not in (1, 2):
            raise click.UsageError(f"give `{metavar}`, with the workspace's folder before it or none")
        ctx.params["path"] = Path(values[0]) if len(values) > 1 else Path()
        return values[-1]

    return click.argument(name, nargs=-1, metavar=f"[PATH] {metavar}", callback=split)
