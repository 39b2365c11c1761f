"""A well-behaved server written with the SDK; its only argument is the description of a tool."""

from __future__ import annotations

import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer

server = MCPServer("notes", version="7", instructions="Read notes.")


@server.tool(description=sys.argv[1])
def first_line(path: str) -> str:
    return Path(path).read_text().partition("\n")[0]


@server.tool()
def count(path: str) -> int:
    """Count the lines."""
    return len(Path(path).read_text().splitlines())


if __name__ == "__main__":
    server.run()
