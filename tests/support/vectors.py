"""The vectors under `specs/vectors`: whole workspaces, and what each check says of them.

`CHECK/accepted|refused/NAME/` is a workspace, or holds one as `workspace/` beside a `host.toml` (the host
policy; without it the built-in one holds) and plugins that lie outside of it. `expected.json` has:

    about      what the case is
    sandbox    `bubblewrap` (also when left out) or `none`
    checks     verdicts by check; a check that is not named is proved or vacuous
    findings   every finding of the run: check, subject, file, line, column, effect (root as `${workspace}`)
    after      checks that the edits of a finding may refute anew, since they answer for them in turn
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from capwright_policy.findings import Finding
from capwright_policy.setting import Setting
from capwright_policy.verify import Report, verify
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_registry.workspace import load_workspace

ROOT = Path(__file__).parents[2] / "specs" / "vectors"
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Vector:
    """One folder of `specs/vectors`."""

    folder: Path

    @property
    def check(self) -> str:
        """The check that it is about."""
        return self.folder.parent.parent.name

    @property
    def refused(self) -> bool:
        """Whether it lies under `refused`."""
        return self.folder.parent.name == "refused"

    @property
    def name(self) -> str:
        """`CHECK/accepted|refused/NAME`."""
        return self.folder.relative_to(self.folder.parents[2]).as_posix()

    @property
    def expected(self) -> Mapping[str, Any]:
        """The content of `expected.json`."""
        loaded: Mapping[str, Any] = json.loads((self.folder / "expected.json").read_text())
        return loaded

    @property
    def sandbox(self) -> str:
        """The process sandbox of the host."""
        return str(self.expected.get("sandbox", "bubblewrap"))


def vectors(check: str | None = None) -> Iterator[Vector]:
    """Every vector, or those of one check, by name."""
    for place in sorted(ROOT.glob(f"{check or '*'}/*/*/expected.json")):
        yield Vector(place.parent)


def setting_of(folder: Path, sandbox: str) -> Setting:
    """The setting of a vector's folder, or of a copy of it."""
    inner = folder / "workspace"
    workspace = load_workspace(inner if (inner / "capwright.toml").exists() else folder)
    own = folder / "host.toml"
    environ = {VARIABLE: str(own)} if own.exists() else {}
    return Setting(workspace, load_host_policy(workspace.root, environ), sandbox)


def run(vector: Vector) -> Report:
    """The report of a vector."""
    return verify(setting_of(vector.folder, vector.sandbox), TODAY)


def verdicts(report: Report) -> dict[str, str]:
    """The verdict of each check."""
    return {result.check: str(result.verdict) for result in report.results}


def said(report: Report, finding: Finding) -> dict[str, object]:
    """A finding as `expected.json` has it."""
    effect = finding.counterexample.effect if finding.counterexample else ""
    return {
        "check": finding.check,
        "subject": finding.subject,
        "file": finding.span.file,
        "line": finding.span.line,
        "column": finding.span.column,
        "effect": effect.replace(str(report.setting.workspace.root), "${workspace}"),
    }
