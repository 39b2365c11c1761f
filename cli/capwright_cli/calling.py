"""One call of a tool, along the host's one path."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

from capwright_cli.admitting import admit_agent
from capwright_cli.arguments import read_arguments, uses_roots, with_roots
from capwright_cli.contexts import read_context
from capwright_cli.escape import escape
from capwright_cli.exits import Exit
from capwright_cli.typed import enabled_tool
from capwright_registry.conditions import BUILTIN_CONTEXT, Variable

if TYPE_CHECKING:
    from capwright_registry.capability import Workspace
    from capwright_runtimes.host import Ask, AskRequest, CallResult

#: What conditions read unless `--context` says otherwise: a person calls, as an agent that nobody spawned.
AT_A_TERMINAL: Final[Mapping[str, object]] = MappingProxyType({"depth": 0, "mode": "interactive"})


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be called, as it was typed."""

    profile: str
    tool: str
    arguments: str
    context: tuple[str, ...]
    yes: bool


@dataclass(frozen=True, slots=True)
class Called:
    """What a call gave."""

    tool: str
    result: CallResult

    @property
    def status(self) -> Exit:
        """`Exit.NO` where the tool says that it failed."""
        return Exit.NO if self.result.is_error else Exit.YES


def call_tool(path: Path, order: Order) -> Called:
    """Admit the agent, load what the call needs, and call.

    The context is that of `AT_A_TERMINAL` with what was given; a condition that reads anything else fails
    closed. Raises `Refused` (`NotEnabled` for a tool of a plugin that the profile does not enable), `Denied`,
    and `InputError` for what cannot be read.
    """
    from capwright_runtimes.host import Host

    arguments = _arguments(path, order)
    context = read_context(order.context, _variables(path, order.context))
    admitted = admit_agent(path, order.profile)
    tools = [f"{plugin}/{tool}" for plugin, found in admitted.plugins.items() for tool in found.tools]
    tool = enabled_tool(path, order.profile, order.tool, tools)
    with Host(admitted, context={**AT_A_TERMINAL, **context}, environ=os.environ) as host:
        return Called(tool, host.call(tool, arguments, _asker(order.yes)))


def _arguments(path: Path, order: Order) -> Mapping[str, object]:
    arguments = read_arguments(order.arguments)
    if not uses_roots(arguments):
        return arguments
    roots = _workspace(path).roots
    return {key: with_roots(value, roots) for key, value in arguments.items()}


def _variables(path: Path, items: tuple[str, ...]) -> Mapping[str, Variable]:
    """The declared variables. The workspace is read only for those of its own."""
    own = any(item.partition("=")[0] not in BUILTIN_CONTEXT for item in items)
    return _workspace(path).variables if own else BUILTIN_CONTEXT


def _workspace(path: Path) -> Workspace:
    from capwright_registry.workspace import load_workspace

    return load_workspace(path)


def _asker(yes: bool) -> Ask | None:
    """Who answers what a call asks: `--yes`, else a person at the terminal, else nobody."""
    if yes:
        return lambda _: True
    return _ask if sys.stdin.isatty() else None


def _ask(request: AskRequest) -> bool:
    arguments = escape(json.dumps(request.arguments, ensure_ascii=False, default=str))
    click.echo(f"`{escape(request.tool)}` wants to run with {arguments}", err=True)
    for reason in request.reasons:
        click.echo(f"  asked because {escape(reason)}", err=True)
    return click.confirm("allow this call?", err=True)
