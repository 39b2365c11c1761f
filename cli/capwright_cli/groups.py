"""The `capwright` group: commands are found by file name and imported when they are asked for."""

from __future__ import annotations

import importlib
import pkgutil

import click

from capwright_cli import commands


class Discovered(click.Group):
    """A group whose commands are the modules of `capwright_cli.commands`, `_` in a file name being `-`.

    Command modules import nothing heavy at their top, so that `--help` is quick.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Every command's name, sorted."""
        names = (module.name for module in pkgutil.iter_modules(commands.__path__))
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with a did-you-mean for a command that is not there."""
        name = args[0] if args else ""
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from capwright_cli.escape import escape
            from capwright_registry.suggest import suggest

            hint = suggest(name, self.list_commands(ctx))
            ctx.fail(escape(f"no such command `{name}`" + (f": {hint}" if hint else "")))
        return super().resolve_command(ctx, args)
