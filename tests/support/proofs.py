"""One workspace with something of everything, its proof, and ways to spoil the proof.

`desk(root)` has delegation with a run-time choice, conditions, an end date, a deputy with two hops of `lend`,
a server process, hooks, permissions and an accepted finding. `desk(root, changes)` replaces or adds files.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import rfc8785

from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import Report, verify
from capwright_registry.host_policy import load_host_policy
from capwright_registry.workspace import load_workspace
from capwright_runtimes.bindings import check_bindings
from capwright_runtimes.checker import Facts, ProofRefused, World, check
from capwright_runtimes.gate import HostFacts, check_file
from capwright_runtimes.proof_shape import FAMILY
from capwright_runtimes.refusal import Refused
from tests.support.components import component
from tests.support.pinning import with_pins
from tests.support.workspaces import write

COMPONENT = component()
_NOTHING: Mapping[str, Any] = {"except": [], "when": None, "until": None}
TODAY = date(2026, 11, 23)

_TOOL = """\
[[tool]]
name = "run"
input = { type = "object", properties = { path = { type = "string" } } }
effects = [{ action = "EFFECT", from = "/path" }]
"""


def _plugin(
    name: str, effect: str, requires: str, runtime: str = 'kind = "wasm"\nartifact = "a.wasm"'
) -> str:
    return f"""\
schema = "capwright.plugin/1"
id = "acme.{name}"
version = "1.0.0"
api = ">=1.2,<2"
[runtime]
{runtime}
{_TOOL.replace("EFFECT", effect) if effect else ""}
{requires}
"""


_HOOK = """\
[[hook]]
name = "note"
on = "tool.after"
match = "project:acme.first/*"
power = "annotate"
message = "mind the notes"
[[hook]]
name = "no-secrets"
on = "tool.before"
match = "project:acme.first/*"
power = "deny"
when = "mode == 'ci'"
arguments = { "/path" = "*secret*" }
message = "no secrets"
"""
_CALL = '[[requires]]\naction = "tool.call"\non = ["project:acme.{}/run"]\n'
_READ = '[[requires]]\naction = "fs.read"\noptional = true\non = ["${workspace}/notes/**"]\n'

_UNPINNED: Mapping[str, str | bytes] = {
    "capwright.toml": """\
schema = "capwright.workspace/1"
name = "desk"
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
  { action = "fs.read", on = ["${workspace}/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"] },
  { action = "tool.call", on = ["project:**"] },
  { action = "hook.annotate", on = ["tool.after/**"] },
  { action = "hook.deny", on = ["tool.before/**"] },
]
""",
    "plugins/first/plugin.toml": _plugin("first", "fs.read", _CALL.format("second") + _READ),
    "plugins/second/plugin.toml": _plugin("second", "fs.read", _CALL.format("third")),
    "plugins/third/plugin.toml": _plugin("third", "fs.read", _READ),
    **{f"plugins/{name}/a.wasm": COMPONENT for name in ("first", "second", "third")},
    "plugins/rules/plugin.toml": _plugin("rules", "", _HOOK, 'kind = "declarative"'),
    "plugins/server/plugin.toml": _plugin(
        "server",
        "fs.read",
        '[[requires]]\naction = "fs.read"\non = ["${workspace}/repo/**"]\n'
        '[[requires]]\naction = "fs.write"\non = ["${workspace}/out/**"]\n',
        'kind = "mcp"\ncommand = ["serve"]\nenv = ["LANG"]\nlimits = { wall = "30s", output = "64KiB" }',
    ),
    "profiles/lead.toml": """\
schema = "capwright.profile/1"
name = "lead"
[scope]
allow = [
  { action = "fs.read", on = ["${workspace}/**"], except = ["**/.env", "**/*.pem", \
"${workspace}/repo/.git/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], when = "region == 'eu' || approved", \
except = ["**/.*", "**/.*/**", "**/[A-Z]*.md", "**/*.toml", \
"**/*.yml", "**/*.pth", "**/*customize.py", "**/opencode.*"] },
  { action = "tool.call", on = ["project:**"] },
  { action = "hook.annotate", on = ["tool.after/**"] },
  { action = "hook.deny", on = ["tool.before/**"] },
]
[delegable]
allow = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env", "**/*.pem"], \
when = "depth < 3" }]
[permissions]
default = "deny"
rules = [
  { tool = "project:acme.*/*", action = "allow" },
  { tool = "project:acme.server/*", action = "ask", when = "mode == 'interactive'" },
]
[[enable]]
plugin = "project:acme.first"
version = ">=1.0"
grant = [
  { action = "tool.call", on = ["project:acme.second/run"] },
  { action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env", "**/*.pem"], \
when = "mode != 'ci'" },
]
[[enable]]
plugin = "project:acme.second"
version = ">=1.0"
grant = [{ action = "tool.call", on = ["project:acme.third/run"], when = "depth < 5" }]
[[enable]]
plugin = "project:acme.third"
version = ">=1.0"
grant = [{ action = "fs.read", on = ["${workspace}/notes/**"], except = ["**/.env", "**/*.pem"] }]
lend = [
  { to = "project:acme.first", action = "fs.read", on = ["${workspace}/notes/**"] },
  { to = "project:acme.second", action = "fs.read", on = ["${workspace}/**"] },
]
[[enable]]
plugin = "project:acme.server"
version = ">=1.0"
grant = [
  { action = "fs.read", on = ["${workspace}/repo/**"], except = ["**/.env", "**/*.pem", \
"${workspace}/repo/.git/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"], when = "approved", \
except = ["**/.*", "**/.*/**", "**/[A-Z]*.md", "**/*.toml", \
"**/*.yml", "**/*.pth", "**/*customize.py", "**/opencode.*"] },
]
[[enable]]
plugin = "project:acme.rules"
version = ">=1.0"
grant = [
  { action = "hook.annotate", on = ["tool.after/project:acme.*/*"] },
  { action = "hook.deny", on = ["tool.before/project:acme.*/*"] },
]
[[child]]
profile = "helper"
max_depth = 2
max_children = 4
scope = "any-subset"
""",
    "profiles/helper.toml": """\
schema = "capwright.profile/1"
name = "helper"
[scope]
allow = [{ action = "fs.read", on = ["${workspace}/notes/open/**"], except = ["**/.env", "**/*.pem"], \
when = "depth <= 3", until = 2027-01-01T00:00:00Z }]
[[enable]]
plugin = "project:acme.third"
version = ">=1.0"
grant = [{ action = "fs.read", on = ["${workspace}/notes/open/**"], except = ["**/.env", "**/*.pem"], \
when = "depth <= 3", until = 2026-12-31T00:00:00Z }]
""",
}
FILES: Mapping[str, str | bytes] = with_pins(_UNPINNED)


@dataclass(frozen=True)
class Desk:
    """A workspace, its report and, where it is proved, its proof with the facts under which it holds."""

    root: Path
    setting: Setting
    report: Report
    proof: bytes
    facts: Facts

    def body(self) -> dict[str, Any]:
        """The proof as a value that may be spoilt."""
        return opened(self.proof)

    def store(self, data: bytes | None = None) -> Path:
        """Put the proof (or `data`) where the gate looks for it."""
        place = self.root / ".capwright/proof.json"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(self.proof if data is None else data)
        return place


def desk(root: Path, changes: Mapping[str, str | bytes] | None = None, sandbox: str = "bubblewrap") -> Desk:
    """Write, load, verify and prove. The proof is empty where the report is not proved."""
    write(root, {**FILES, **(changes or {})})
    return desk_of(root, sandbox)


def desk_of(root: Path, sandbox: str = "bubblewrap") -> Desk:
    """The workspace that is at `root` already."""
    workspace = load_workspace(root)
    host = load_host_policy(workspace.root, {})
    setting = Setting(workspace, host, sandbox)
    report = verify(setting, TODAY)
    proof = proof_of(report, Solver(60)) if report.proved else b""
    digests = {file.path: file.sha256 for file in workspace.bound}
    facts = Facts(digests, host.sha256, frozenset(host.mediators), sandbox, TODAY.isoformat())
    return Desk(workspace.root, setting, report, proof, facts)


def opened(proof: bytes) -> dict[str, Any]:
    """A proof of one family as one flat value that may be spoilt, with what its rules leave out.

    One of more families with these as a list, each as it is written.
    """
    body = parsed(proof)
    if len(body["families"]) != 1:
        return body
    (family,) = body.pop("families")
    for rule in _rules(family):
        rule |= {**_NOTHING, "except": [], **rule}
    return {**body, **family}


def parsed(proof: bytes) -> dict[str, Any]:
    """The head of a proof with its families for what it says of them; their digests follow from the lines."""
    _, head, *families = map(json.loads, proof.removesuffix(b"\n").split(b"\n"))
    return {**head, "families": families}


def closed(body: dict[str, Any]) -> dict[str, Any]:
    """The form in which a proof is written of what `opened` gave; another body stays as it is."""
    if "families" in body:
        return body
    body = copy.deepcopy(body)
    family = {key: body.pop(key) for key in FAMILY if key in body}
    with contextlib.suppress(AttributeError, TypeError, KeyError):  # it may be spoilt in any way
        for rule in _rules(family):
            for key in [key for key, nothing in _NOTHING.items() if key in rule and rule[key] == nothing]:
                del rule[key]
    return {**body, "families": [family]}


def _rules(family: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (rule for layer in family["layers"] for rules in layer["rules"].values() for rule in rules)


def sealed(body: dict[str, Any]) -> bytes:
    """The bytes of a body with the digest that it should have: what one who can write the file can make."""
    whole = closed(body)
    lines = [rfc8785.dumps(family) for family in whole["families"]]
    entries = [
        {**_entry(family), "sha256": hashlib.sha256(line).hexdigest()}
        for family, line in zip(whole["families"], lines, strict=True)
    ]
    head: Any = {**whole, "families": entries}
    written = rfc8785.dumps(head)
    digest = hashlib.sha256(b"capwright-proof-v1\0" + written).hexdigest()
    return b"".join(line + b"\n" for line in (rfc8785.dumps({"digest": digest}), written, *lines))


def left_alone(body: dict[str, Any], proof: bytes) -> bytes:
    """The bytes of a body with the digests, of the head and of the families, that `proof` has."""
    _, head, *families = sealed(body).split(b"\n")
    seal, was, *_ = proof.split(b"\n")
    return b"\n".join(
        [seal, rfc8785.dumps({**json.loads(head), "families": json.loads(was)["families"]}), *families]
    )


def world_of(body: dict[str, Any]) -> World:
    """The family of a flat body, as the checker gives it to the later steps."""
    return World({**body, "families": [_entry(body)]})


def _entry(family: Any) -> dict[str, object]:
    """What a head says of a family, as far as one that may be spoilt in any way lets it."""
    with contextlib.suppress(AttributeError, TypeError, KeyError):
        counts = Counter(
            [*(str(o["check"]) for o in family["obligations"]), *("deputy" for _ in family["calls"])]
        )
        return {"agents": sorted(family["tables"]), "obligations": dict(counts)}
    return {"agents": [], "obligations": {}}


def believed(data: bytes, facts: Facts) -> dict[str, Any]:
    """All ten steps, as the gate takes them. Raises `ProofRefused`."""
    check_bindings(check(data, facts))
    return opened(data)


def refused_by(made: Desk, data: bytes | None = None) -> str | None:
    """What refuses the desk's proof, or these bytes in its place: `step N`, or the code of the refusal.

    All that the gate looks at, by the gate's own function: the checker's steps, the host and the manifests.
    """
    host = HostFacts(made.setting.host, lambda: made.setting.sandbox, TODAY)
    try:
        check_file(made.root, made.store(data), host)
    except Refused as refused:
        cause = refused.__cause__
        return f"step {cause.step}" if isinstance(cause, ProofRefused) else refused.code
    return None


def with_facts(facts: Facts, body: dict[str, Any]) -> Facts:
    """The facts with the digests that a body claims: documents and proof were changed together."""
    return replace(facts, digests={e["path"]: e["sha256"] for e in body["inputs"]})
