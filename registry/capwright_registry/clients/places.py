"""Which files other clients read in the folder that they are started in, and what of them they load.

As their documentation and their own sources have it. Keys that only say what such a client may do (permission
rules, models, looks) load nothing and are not listed; neither are instructions, skills and commands that a
person types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["json", "jsonc", "toml", "folder"]
Kind = Literal["server", "hook", "subagent", "plugin", "program", "tool"]


@dataclass(frozen=True, slots=True)
class Key:
    """Each member of what stands at `path` is loaded; with `whole`, what stands there is one thing itself."""

    path: tuple[str, ...]
    kind: Kind
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder of one client's, by its path in the workspace.

    `jsonc` is JSON with comments and commas before closing brackets. Of a folder, each file is loaded as
    `kind`, in whatever folder below it.
    """

    client: str
    path: str
    form: Form
    keys: tuple[Key, ...] = ()
    kind: Kind = "subagent"


def _file(client: str, path: str, form: Form, *keys: Key) -> Place:
    return Place(client, path, form, keys)


def _folders(client: str, paths: str, kind: Kind) -> tuple[Place, ...]:
    return tuple(Place(client, path, "folder", kind=kind) for path in paths.split())


_SERVERS: Final = Key(("mcpServers",), "server")
_HOOKS: Final = Key(("hooks",), "hook")
_CLAUDE: Final = (
    _HOOKS,
    Key(("enabledPlugins",), "plugin"),
    *(
        Key((name,), "program", whole=True)
        for name in ("apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper")
    ),
    Key(("statusLine",), "program", whole=True),
)
_GEMINI: Final = (
    _SERVERS,
    _HOOKS,
    *(Key(("tools", name), "program", whole=True) for name in ("discoveryCommand", "callCommand")),
    *(Key((name,), "program", whole=True) for name in ("toolDiscoveryCommand", "toolCallCommand")),
    Key(("mcp", "serverCommand"), "program", whole=True),
    Key(("mcpServerCommand",), "program", whole=True),
)
_OPENCODE: Final = (Key(("mcp",), "server"), Key(("agent",), "subagent"), Key(("plugin",), "plugin"))
_CODEX: Final = (
    Key(("mcp_servers",), "server"),
    _HOOKS,
    Key(("agents",), "subagent"),
    Key(("notify",), "program", whole=True),
)

#: Each path once.
PLACES: Final = (
    _file("Amazon Q", ".amazonq/mcp.json", "json", _SERVERS),
    *_folders("Amazon Q", ".amazonq/cli-agents", "subagent"),
    _file("Claude Code", ".claude/settings.json", "json", *_CLAUDE),
    _file("Claude Code", ".claude/settings.local.json", "json", *_CLAUDE),
    *_folders("Claude Code", ".claude/agents", "subagent"),
    _file("Codex", ".codex/config.toml", "toml", *_CODEX),
    _file("Codex", ".codex/hooks.json", "json", _HOOKS),
    *_folders("Codex", ".codex/agents", "subagent"),
    *_folders("Continue", ".continue/mcpServers", "server"),
    *_folders("Continue", ".continue/agents", "subagent"),
    _file("Crush", ".crush.json", "json", Key(("mcp",), "server")),
    _file("Cursor", ".cursor/mcp.json", "jsonc", _SERVERS),
    _file("Cursor", ".cursor/hooks.json", "jsonc", _HOOKS),
    *_folders("Cursor", ".cursor/agents", "subagent"),
    _file("Gemini CLI", ".gemini/settings.json", "jsonc", *_GEMINI),
    *_folders("Gemini CLI", ".gemini/agents", "subagent"),
    *_folders("Gemini CLI", ".gemini/extensions", "plugin"),
    *_folders("GitHub Copilot", ".github/agents", "subagent"),
    *_folders("GitHub Copilot", ".github/hooks", "hook"),
    _file("Junie", ".junie/mcp/mcp.json", "json", _SERVERS),
    _file("Kiro", ".kiro/settings/mcp.json", "json", _SERVERS),
    *_folders("Kiro", ".kiro/agents", "subagent"),
    *_folders("Kiro", ".kiro/hooks", "hook"),
    # Beside `mcpServers`, servers that stand there by themselves, as plugins of Claude Code have them.
    _file("Claude Code", ".mcp.json", "json", _SERVERS, Key((), "server")),
    *(
        _file("opencode", f"{folder}opencode.{form}", "jsonc", *_OPENCODE)
        for folder in ("", ".opencode/")
        for form in ("json", "jsonc")
    ),
    *_folders("opencode", ".opencode/agent .opencode/agents", "subagent"),
    *_folders("opencode", ".opencode/plugin .opencode/plugins", "plugin"),
    *_folders("opencode", ".opencode/tool .opencode/tools", "tool"),
    _file("Qwen Code", ".qwen/settings.json", "jsonc", *_GEMINI),
    *_folders("Qwen Code", ".qwen/agents", "subagent"),
    _file("Roo Code", ".roo/mcp.json", "json", _SERVERS),
    _file("VS Code", ".vscode/mcp.json", "jsonc", Key(("servers",), "server")),
    _file(
        "VS Code",
        ".vscode/settings.json",
        "jsonc",
        Key(("mcp", "servers"), "server"),
        Key(("mcp.servers",), "server"),
    ),
    _file("Windsurf", ".windsurf/hooks.json", "json", _HOOKS),
    _file("Zed", ".zed/settings.json", "jsonc", Key(("context_servers",), "server")),
    _file("Crush", "crush.json", "json", Key(("mcp",), "server")),
)
