"""Findings as they are shown: those that nobody could decide, for one reason, are said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from capwright_policy.findings import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """A finding to show, and the others that say the same of something else."""

    first: Finding
    others: tuple[Finding, ...]

    @property
    def more(self) -> str:
        """The others in words: how many, and of which checks; empty for none."""
        counts = Counter(finding.check for finding in self.others)
        of = ", ".join(f"`{check}` ({count})" for check, count in counts.items())
        return f"{len(self.others)} more for the same reason, of {of}" if counts else ""


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Every finding, in the order of the first of each group; only undecided ones share a group."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        alone = finding.verdict is not Verdict.UNKNOWN
        groups.setdefault(number if alone else finding.message, []).append(finding)
    return [Group(first, tuple(others)) for first, *others in groups.values()]
