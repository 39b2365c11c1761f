"""A workspace with every table of every document, each name of one used by another."""

from __future__ import annotations

from tests.support.workspaces import PLUGIN, PROFILE, Files

DESK: Files = {
    "capwright.toml": """\
schema = "capwright.workspace/1"
name = "desk"
[host]
api = "1.4.0"
mediators = ["permission", "history"]
[roots]
workspace = "."
docs = "notes"
[context.region]
type = "enum"
values = ["eu", "us"]
[context.level]
type = "int"
[[source]]
tier = "project"
path = "plugins"
[[source]]
tier = "user"
path = "${docs}"
[profiles]
path = "agents"
[ceiling.project]
allow = [{ action = "fs.read", on = ["${docs}/**"], when = "region == 'eu' && level > 1" }]
[sets.shared]
allow = [{ action = "fs.read", on = ["${docs}/**"], when = "region != 'us'" }]
[[accept]]
finding = "deputy"
at = "lead"
reason = "r"
until = 2027-01-31
""",
    "notes/README": "",
    "plugins/a/plugin.toml": """\
schema = "capwright.plugin/1"
id = "a"
version = "1.2.0"
api = ">=1.2,<2"
[runtime]
kind = "wasm"
artifact = "a.wasm"
limits = { fuel = 50, memory = "64MiB", wall = "2s" }
[[tool]]
name = "search"
input = { type = "object", properties = { path = { type = "string" } } }
effects = [{ action = "fs.read", from = "/path" }]
[[hook]]
on = "tool.after"
match = "shell.*"
power = "observe"
[[requires]]
action = "fs.read"
on = ["${docs}/**"]
except = ["${docs}/x"]
when = "region in ['eu']"
until = 2027-01-31
limits = { calls = 3, bytes = "1MiB" }
[[requires]]
set = "shared"
[config]
x = 1
""",
    "plugins/a/a.wasm": b"\0asm",
    "plugins/rules/plugin.toml": """\
schema = "capwright.plugin/1"
id = "rules"
version = "1"
api = ">=1"
[runtime]
kind = "declarative"
[[hook]]
name = "one"
on = "tool.before"
power = "deny"
when = "level < 3"
message = "no"
arguments = { "/path" = "*.pem" }
[[hook]]
on = "tool.before"
power = "rewrite"
set = { "/limit" = 3 }
""",
    "plugins/server/plugin.toml": PLUGIN.replace('"acme.notes"', '"server"').replace(
        '["notes-server"]', '["notes-server", "${docs}"]\nenv = ["A"]\npins = "pins.json"'
    ),
    "plugins/server/pins.json": "{}",
    "agents/base.toml": """\
schema = "capwright.profile/1"
name = "base"
[scope]
allow = [{ set = "shared" }]
[permissions]
default = "ask"
rules = [{ tool = "project:a/*", action = "allow", when = "level > 1" }, { tool = "**", action = "deny" }]
""",
    "agents/lead.toml": """\
schema = "capwright.profile/1"
name = "lead"
extends = "base"
[scope]
allow = [{ action = "fs.read", on = ["${docs}/**"], except = ["**/.env"] }, { set = "shared" }]
[delegable]
allow = [{ action = "fs.read", on = ["${docs}/**"] }]
[permissions]
default = "deny"
rules = [{ tool = "project:a/*", action = "allow", when = "level > 1" }]
[[enable]]
plugin = "project:a"
version = ">=1.2,<2"
grant = [{ action = "fs.read", on = ["${docs}/**"], when = "region == 'eu'" }]
lend = [{ to = "project:server", action = "fs.read", on = ["/x"] }, { to = "project:rules", set = "shared" }]
[[enable]]
plugin = "project:server"
[[child]]
profile = "other"
max_depth = 2
budget = { calls = 100, output = "1MiB", wall = "1h" }
""",
    "agents/other.toml": PROFILE.replace("lead", "other"),
}
