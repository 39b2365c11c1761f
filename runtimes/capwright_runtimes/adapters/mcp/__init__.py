"""The adapter of kind `mcp`: a pinned MCP server over stdio, in the process sandbox.

Nothing that the server says reaches a reader unless it equals what was pinned (its tools), or is the bounded
result of a call that was checked. It is offered no sampling, no elicitation and no roots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_registry.pins import ServerFacts
from capwright_runtimes.admission import Admission

if TYPE_CHECKING:
    from capwright_runtimes.adapters.mcp.session import McpSession


def load(admission: Admission) -> McpSession:
    """Start the admitted server and compare what it says of itself with its pins.

    Raises `Refused`: no admission, no pins or other pins than were proved, no working sandbox, a variable
    that is not granted, a server that does not start or is not the one that was pinned.
    """
    from capwright_runtimes.adapters.mcp.loading import load_session  # the SDK takes half a second to import

    return load_session(admission)


def record(
    command: Sequence[str], env: Mapping[str, str], sandbox: Mapping[str, object], workspace: Path
) -> ServerFacts:
    """What a server says of itself, for `pin`: starts it within the sandbox plan, lists its tools, stops it.

    `command` has its roots expanded; `env` holds all the variables that pass; of the `workspace`'s folder the
    server sees what the plan gives. Raises `Refused`.
    """
    from capwright_runtimes.adapters.mcp.loading import record_facts  # as above

    return record_facts(command, env, sandbox, workspace)
