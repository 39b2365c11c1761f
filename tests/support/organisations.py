"""Generated organisations: many plugins of all three runtime kinds, granted along chains of agents.

`write_organisation(root, plugins)` is deterministic. Ten plugins make a team: a lead and, below it, a chain
of three agents that each may do less. Every plugin asks for ten capabilities and is granted them, one of them
under a condition; one plugin of each team may call another's tool, which lends what the call causes. Every
server is pinned, and every component exports `call-tool`.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.pinning import with_pins
from tests.support.proofs import COMPONENT
from tests.support.workspaces import write

TEAM = 10
_DEPTH = 4

WORKSPACE = """\
schema = "capwright.workspace/1"
name = "organisation"
[host]
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[roots]
workspace = "."
[context.region]
type = "enum"
values = ["eu", "us"]
[[source]]
tier = "project"
path = "plugins"
[ceiling.project]
allow = [
  { action = "fs.read", on = ["${workspace}/**"], except = ["**/.env"] },
  { action = "net.connect", on = ["*.example.com:443"] },
  { action = "tool.call", on = ["project:**"] },
  { action = "hook.annotate", on = ["**"] },
]
"""
_RUNTIMES = {
    "wasm": 'kind = "wasm"\nartifact = "a.wasm"',
    "mcp": 'kind = "mcp"\ncommand = ["serve"]\n',
    "declarative": 'kind = "declarative"',
}
_KINDS = ("wasm", "wasm", "mcp", "wasm", "declarative", "wasm", "mcp", "wasm", "declarative", "wasm")


def write_organisation(root: Path, plugins: int) -> Path:
    """Write an organisation of so many plugins (a multiple of ten) below `root`."""
    files: dict[str, str | bytes] = {"capwright.toml": WORKSPACE}
    for team in range(plugins // TEAM):
        for place, kind in enumerate(_KINDS):
            folder = f"plugins/t{team}.p{place}"
            files[f"{folder}/plugin.toml"] = _manifest(team, place, kind)
            if kind == "wasm":
                files[f"{folder}/a.wasm"] = COMPONENT
        for depth in range(_DEPTH):
            files[f"profiles/t{team}-a{depth}.toml"] = _profile(team, depth)
    write(root, with_pins(files))
    (root / "plugins/README").unlink()  # ten thousand entries of a folder are read, and no more
    return root


def _grants(team: int, place: int, kind: str) -> list[str]:
    """The ten capabilities of a plugin, as documents write them."""
    base = f"${{workspace}}/teams/t{team}"
    if kind == "declarative":
        return [
            f'{{ action = "hook.annotate", on = ["tool.after/project:t{team}.p{n}/*"] }}' for n in range(10)
        ]
    found = [
        f'{{ action = "fs.read", on = ["{base}/d{n}/p{place}/**"], except = ["**/.env"] }}' for n in range(7)
    ]
    found += [f'{{ action = "net.connect", on = ["s{n}.t{team}.example.com:443"] }}' for n in range(2)]
    own = place if place else 1
    found.append(f'{{ action = "tool.call", on = ["project:t{team}.p{own}/run"], when = "mode != \'ci\'" }}')
    return found


def _manifest(team: int, place: int, kind: str) -> str:
    lines = [
        'schema = "capwright.plugin/1"',
        f'id = "t{team}.p{place}"',
        'version = "1.0.0"',
        'api = ">=1.2,<2"',
        "[runtime]",
        _RUNTIMES[kind],
    ]
    if kind == "declarative":
        for n in range(10):
            lines += [
                "[[hook]]",
                f'name = "h{n}"',
                'on = "tool.after"',
                f'match = "project:t{team}.p{n}/*"',
                'power = "annotate"',
                'message = "mind the rules"',
            ]
        return "\n".join([*lines, ""])
    lines += [
        "[[tool]]",
        'name = "run"',
        'input = { type = "object", properties = { path = { type = "string" } } }',
        'effects = [{ action = "fs.read", from = "/path" }]',
    ]
    requests = (entry.removeprefix("{ ").removesuffix(" }") for entry in _grants(team, place, kind))
    for entry in requests:
        action, _, rest = entry.partition(", on = ")
        on, _, _ = rest.partition(", except")
        on, _, _ = on.partition(", when")
        lines += ["[[requires]]", action, f"on = {on}"]
    return "\n".join([*lines, ""])


def _profile(team: int, depth: int) -> str:
    base = f"${{workspace}}/teams/t{team}"
    reads = ", ".join(f'"{base}/d{n}/**"' for n in range(10 - depth))
    lines = [
        'schema = "capwright.profile/1"',
        f'name = "t{team}-a{depth}"',
        "[scope]",
        "allow = [",
        f'  {{ action = "fs.read", on = [{reads}], except = ["**/.env"] }},',
        f'  {{ action = "net.connect", on = ["*.t{team}.example.com:443"] }},',
        f'  {{ action = "tool.call", on = ["project:t{team}.*/run"] }},',
        '  { action = "hook.annotate", on = ["**"] },',
        "]",
        "[permissions]",
        f'rules = [{{ tool = "project:t{team}.*/*", action = "allow" }}]',
    ]
    if depth + 1 < _DEPTH:
        lines += ["[[child]]", f'profile = "t{team}-a{depth + 1}"', 'scope = "profile"']
    if depth == 0:
        for place, kind in enumerate(_KINDS):
            grants = ",\n  ".join(_grants(team, place, kind))
            lines += ["[[enable]]", f'plugin = "project:t{team}.p{place}"', f"grant = [\n  {grants},\n]"]
            if place == 1:
                lines.append(
                    f'lend = [{{ to = "project:t{team}.p0", action = "fs.read", on = ["{base}/**"] }}]'
                )
    return "\n".join([*lines, ""])
