"""A workspace with every kind of layer, for the tests of explanations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

from capwright_policy.effects import Effect, parse_effect
from capwright_policy.explain import Explanation, explain
from capwright_policy.holding import Context
from capwright_policy.setting import Setting
from capwright_registry.host_policy import load_host_policy
from capwright_registry.workspace import load_workspace
from tests.support.workspaces import PLUGIN as LEAST_PLUGIN
from tests.support.workspaces import WORKSPACE, write

HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], when = "approved" },
  { action = "net.connect", on = ["*:443"] },
  { action = "hook.deny", on = ["**"] },
]
"""

DESK = (
    WORKSPACE
    + """
[context.region]
type = "enum"
values = ["eu", "us"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], when = "region == 'eu'" },
]
"""
)

PLUGIN = (
    LEAST_PLUGIN.rstrip("\n")
    + """
[[requires]]
action = "fs.read"
on = ["${workspace}/notes/**", "${workspace}/docs/*.md"]
[[requires]]
action = "fs.write"
on = ["${workspace}/out/**"]
"""
)

BASE = """\
schema = "capwright.profile/1"
name = "base"
[scope]
allow = [
  { action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env"] },
  { action = "fs.read", on = ["${workspace}/docs/**"], when = "depth < 2" },
  { action = "fs.write", on = ["${workspace}/out/**"] },
]
[permissions]
default = "ask"
"""

LEAD = """\
schema = "capwright.profile/1"
name = "lead"
extends = "base"
[scope]
allow = [
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], until = 2030-01-01T00:00:00Z },
]
[permissions]
default = "deny"
rules = [
  { tool = "project:acme.notes/*", action = "ask", when = "mode != 'ci'" },
  { tool = "project:acme.notes/search", action = "deny", when = "region == 'us'" },
]
[[enable]]
plugin = "project:acme.notes"
grant = [
  { action = "fs.read", on = ["${workspace}/notes/**"], when = "mode != 'ci'" },
  { action = "fs.read", on = ["${workspace}/notes/public/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], except = ["**/*.exe"] },
]
"""

FILES: Mapping[str, str] = {
    "capwright.toml": DESK,
    "plugins/acme.notes/plugin.toml": PLUGIN,
    "profiles/base.toml": BASE,
    "profiles/lead.toml": LEAD,
}
NOTES = "project:acme.notes"
IN_2026, IN_2031 = 1_790_000_000_000_000, 1_940_000_000_000_000

EFFECTS = (
    "fs.read:${workspace}/notes/a",
    "fs.read:${workspace}/notes/public/a",
    "fs.read:${workspace}/notes/public/.env",
    "fs.read:${workspace}/docs/a.md",
    "fs.read:${workspace}/src/a",
    "fs.read:/etc/passwd",
    "fs.write:${workspace}/out/a",
    "fs.write:${workspace}/out/a.exe",
    "fs.write:${workspace}/notes/a",
    "net.connect:a.example.com:443",
    "env.read:HOME",
)


def setting_of(root: Path, files: Mapping[str, str] = FILES) -> Setting:
    """The workspace under the host policy above; without files, the one that is there."""
    if files:
        write(root, dict(files))
    policy = root.parent / "host.toml"
    policy.write_text(HOST)
    workspace = load_workspace(root)
    host = load_host_policy(workspace.root, {"CAPWRIGHT_HOST_POLICY": str(policy)})
    return Setting(workspace, host, "none")


def effect_of(setting: Setting, text: str) -> Effect:
    """The effect that a text names in the workspace."""
    return parse_effect(text, setting.workspace.roots)


def explained(setting: Setting, text: str, plugin: str | None = NOTES, **given: object) -> Explanation:
    """The explanation of one effect of `lead` or its plugin; in 2026 unless said otherwise."""
    return explain(setting, "lead", plugin, effect_of(setting, text), {"now": IN_2026, **given})


def contexts() -> Iterator[Context]:
    """Every context that the conditions above can tell apart."""
    values = product(("ci", "desk"), (False, True), (0, 2), ("eu", "us"), (IN_2026, IN_2031), (True, False))
    for mode, approved, depth, region, now, sandboxed in values:
        yield {
            "mode": mode,
            "approved": approved,
            "depth": depth,
            "region": region,
            "now": now,
            "sandboxed": sandboxed,
        }
