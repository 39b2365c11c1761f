"""One check on one small workspace.

result = check("deputy", setting(tmp_path, {"profiles/lead.toml": PROFILE}))
assert marked(result.findings[0], tmp_path) == '"project:acme.notes/*"'
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from capwright_policy.checks import all_checks
from capwright_policy.findings import CheckResult, Finding
from capwright_policy.setting import Setting
from capwright_policy.verify import Report, verify
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_registry.spans import Span
from tests.support.edits import apply_edits
from tests.support.vectors import TODAY
from tests.support.workspaces import Files, load

#: A host policy that allows everything that these tests speak of, to project plugins.
HOST = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["/**"] },
  { action = "fs.write", on = ["/**"] },
  { action = "fs.delete", on = ["/**"] },
  { action = "net.connect", on = ["*:*"] },
  { action = "net.http", on = ["* https://*:*/**"] },
  { action = "env.read", on = ["**"] },
  { action = "tool.call", on = ["**"] },
  { action = "process.exec", on = ["..."] },
]
"""


def setting(tmp_path: Path, files: Files, *, sandbox: str = "bubblewrap", host: str | None = HOST) -> Setting:
    """The setting of `files`, written to `tmp_path / "desk"`; `host=None` for the built-in host policy."""
    workspace = load(tmp_path / "desk", files)
    environ = {}
    if host is not None:
        (tmp_path / "host.toml").write_text(host)
        environ = {VARIABLE: str(tmp_path / "host.toml")}
    return Setting(workspace, load_host_policy(workspace.root, environ), sandbox)


def report(one: Setting, *ids: str) -> Report:
    """The report of these checks alone."""
    checks = tuple(check for check in all_checks() if check.id in ids)
    assert len(checks) == len(ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("capwright_policy.verify.all_checks", lambda: checks)
        return verify(one, TODAY)


def check(id_: str, one: Setting) -> CheckResult:
    """The result of one check."""
    return report(one, id_).results[0]


def marked(span: Span, one: Setting) -> str:
    """The text at a span of one line."""
    line = (one.workspace.root / span.file).read_text().split("\n")[span.line - 1]
    assert span.line == span.end_line
    return line[span.column - 1 : span.end_column - 1]


def mended(finding: Finding, one: Setting, name: str) -> str:
    """Apply the edits of a finding, and give the text of a file after it."""
    apply_edits(one.workspace.root, finding.edits)
    return (one.workspace.root / name).read_text()


def plugin(
    id_: str, *requires: str, kind: str = "mcp", tools: Iterable[str] = ("run",), more: str = ""
) -> str:
    """A manifest; each of `requires` is the keys of one request, and each of `tools` a name or whole keys."""
    runtime = {"mcp": 'command = ["server"]', "wasm": 'artifact = "plugin.wasm"', "declarative": ""}[kind]
    parts = ['schema = "capwright.plugin/1"', f'id = "{id_}"', 'version = "1.0.0"', 'api = ">=1.2,<2"']
    parts += ["[runtime]", f'kind = "{kind}"', runtime]
    for tool in tools:
        parts += ["[[tool]]", tool if "=" in tool else f'name = "{tool}"']
    for request in requires:
        parts += ["[[requires]]", request]
    return "\n".join([*parts, more]) + "\n"


def request(action: str, *on: str, more: str = "") -> str:
    """The keys of a request."""
    return f'action = "{action}"\non = [{", ".join(map(quoted, on))}]\n{more}'


def allows(action: str, *on: str, more: str = "") -> str:
    """A capability as an inline table; `more` are further keys."""
    rest = f", {more}" if more else ""
    return f'{{ action = "{action}", on = [{", ".join(map(quoted, on))}]{rest} }}'


def quoted(text: str) -> str:
    """A TOML string."""
    return f'"{text}"'


def profile(name: str, *scope: str, parts: Iterable[str] = (), delegable: Iterable[str] | None = None) -> str:
    """A profile; `scope` and `delegable` are inline tables, `parts` the tables that follow."""
    text = [f'schema = "capwright.profile/1"\nname = "{name}"', f"[scope]\nallow = [{', '.join(scope)}]"]
    text += [] if delegable is None else [f"[delegable]\nallow = [{', '.join(delegable)}]"]
    return "\n".join([*text, *parts]) + "\n"


def enable(identity: str, *grant: str, lend: Iterable[str] = ()) -> str:
    """An entry of a profile that enables a plugin."""
    lends = f"\nlend = [{', '.join(lend)}]" if lend else ""
    return f'[[enable]]\nplugin = "{identity}"\ngrant = [{", ".join(grant)}]{lends}'
