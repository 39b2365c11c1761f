"""One verification, from the documents to the proof on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from capwright_cli.exits import Exit
from capwright_cli.loading import load_documents, sandbox_for
from capwright_cli.output import Tell
from capwright_cli.proof_file import Older, older_proof, write_proof
from capwright_cli.sources import SourceTexts, sources_of

if TYPE_CHECKING:
    from capwright_cli.deadline import Deadline
    from capwright_policy.verify import Report


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification said, and what it left on disk: `proof` is the file that it wrote, if it did."""

    report: Report
    sources: SourceTexts
    proof: Path | None
    older: Older

    @property
    def status(self) -> Exit:
        """Proved, refuted or undecided."""
        if self.report.proved:
            return Exit.YES
        return Exit.FAILURE if self.report.unknown else Exit.NO


def verify_workspace(path: Path, deadline: Deadline, today: date, tell: Tell, dump: Path | None) -> Verified:
    """Verify the workspace at `path`, and write its proof if every check holds; else write nothing.

    What is not decided before the deadline is not proved. `tell` hears how far it is. Each question to the
    solver is written below `dump`, a folder that is new or empty.

    Raises `InputError` for documents that cannot be read, `InternalError` when an invariant of ours does not
    hold.
    """
    from capwright_cli.watching import watching
    from capwright_policy.checks import all_checks
    from capwright_policy.proof import proof_of
    from capwright_policy.solver import Solver
    from capwright_policy.verify import verify

    watch = watching(tell, dump)
    documents = load_documents(path, frozenset(check.id for check in all_checks()))
    workspace = documents.workspace
    report = verify(documents.setting(sandbox_for(workspace)), today, deadline.left, watch)
    sources = sources_of(workspace)
    if not report.proved:
        return Verified(report, sources, None, older_proof(workspace.root, workspace.bound))
    tell("writing the proof", 1, 1)
    written = write_proof(workspace.root, proof_of(report, Solver(deadline.left)))
    return Verified(report, sources, written, "none")
