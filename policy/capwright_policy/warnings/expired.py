"""`expired`: what has come to its end still stands in a document.

A capability whose `until` is not after the first moment of today (UTC), or an accept whose `until` is today
or before. Dates alone decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.warnings.base import Warner
from capwright_policy.warnings.places import stated_once

_CODE = "expired"


def _found(run: Run) -> Iterator[Note]:
    workspace = run.setting.workspace
    morning = datetime.combine(run.today, time(), UTC)
    for stated in stated_once(workspace):
        one = stated.capability
        if one.until is not None and one.until <= morning:
            told = f"this `{one.action}` ended on {one.until:%Y-%m-%d}, and allows nothing any more"
            yield Note(_CODE, stated.subject, told, one.span, "remove it, or give it a later `until`")
    for accept in workspace.accepts:
        if accept.until <= run.today:
            told = f"this accept of `{accept.finding}` ended on {accept.until}, and takes nothing on any more"
            help_ = "remove it; or look at the finding again, and give it a later `until`"
            yield Note(_CODE, accept.at, told, accept.span, help_)


WARNING = Warner(_CODE, "nothing that has ended is left in a document", _found)
