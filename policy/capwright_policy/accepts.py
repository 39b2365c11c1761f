"""Findings that the operator takes on by name: which `[[accept]]` counts, and how one is written."""

from __future__ import annotations

from datetime import date, timedelta

from capwright_policy.findings import Accepted, Edit, Finding, Related, Verdict
from capwright_policy.proposals import quoted, table_edit
from capwright_policy.setting import Setting, origin
from capwright_registry.capability import Accept

#: How long a proposed accept lasts: long enough to find a better way, short enough to be asked again.
TERM = timedelta(days=90)
#: What a proposed accept gives for a reason. It is none, and is refused as one: the reason is the operator's.
PLACEHOLDER = ""


def names_of(subject: str) -> frozenset[str]:
    """What `at` may call a subject: its name, and its name without the plugin's tier."""
    agent, slash, plugin = subject.rpartition("/")
    return frozenset({subject, agent + slash + plugin.partition(":")[2] if ":" in plugin else subject})


def accepts_for(setting: Setting, check: str, subject: str) -> list[Accept]:
    """The accepts of one check's findings at one subject, whether they count or not."""
    names = names_of(subject)
    return [a for a in setting.workspace.accepts if a.finding == check and a.at in names]


def may_accept(setting: Setting, check: str, plugin: str | None) -> bool:
    """Accepts are written in the workspace, so which ones a tier may take on is the host's to say."""
    tiers = {origin(setting, p) for p in setting.workspace.plugins if p.identity == plugin} or {"project"}
    return all(check in setting.host.accepted.get(tier, ()) for tier in tiers)


def accepted(setting: Setting, finding: Finding, today: date) -> Accepted | Finding:
    """The finding as accepted; the finding itself, and why no accept of it counts, where none does."""
    accepts = accepts_for(setting, finding.check, finding.subject)
    if not accepts or finding.verdict is not Verdict.REFUTED:
        return finding
    last = max(accepts, key=lambda accept: accept.until)
    plugin = finding.counterexample.plugin if finding.counterexample else None
    if not may_accept(setting, finding.check, plugin):
        return finding.with_related(Related(last.span, "the host policy does not let this tier accept it"))
    if last.until <= today:
        return finding.with_related(Related(last.span, f"the accept ended on {last.until}"))
    return Accepted(finding, last.reason, str(last.until))


def accept_edit(setting: Setting, check: str, subject: str, today: date) -> Edit:
    """The edit that writes an accept but for its reason: until there is one, the document is refused."""
    return table_edit(
        setting.workspace.document,
        (
            "[[accept]]",
            f"finding = {quoted(check)}",
            f"at = {quoted(subject)}",
            f"reason = {quoted(PLACEHOLDER)}",
            f"until = {today + TERM}",
        ),
    )
