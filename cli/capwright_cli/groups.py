"""Groups of commands, which are found by file name and imported when they are asked for."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import click


class Discovered(click.Group):
    """A group whose commands are the modules of a package, `_` in a file name being `-`.

    A package among them is a group within the group. Command modules import nothing heavy at their top, so
    that `--help` is quick.
    """

    def __init__(self, *args: Any, package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package = package

    def _found(self) -> ModuleType:
        return importlib.import_module(self._package)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Every command's name, sorted."""
        names = (module.name for module in pkgutil.iter_modules(self._found().__path__))
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
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
