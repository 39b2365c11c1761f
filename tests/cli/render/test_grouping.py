"""What nobody could decide is said once for each reason; what is refuted is never merged."""

from __future__ import annotations

from capwright_cli.render.grouping import grouped
from capwright_policy.findings import Finding, Verdict
from capwright_registry.spans import Span


def finding(check: str, message: str, verdict: Verdict = Verdict.UNKNOWN) -> Finding:
    return Finding(check, verdict, "lead", message, Span("a.toml", 1, 1, 1, 2))


def test_one_group_a_reason_in_the_order_of_the_first() -> None:
    found = [finding("b", "slow"), finding("a", "large"), finding("b", "slow"), finding("c", "slow")]
    groups = grouped(found)
    assert [(g.first.message, g.more) for g in groups] == [
        ("slow", "2 more for the same reason, of `b` (1), `c` (1)"),
        ("large", ""),
    ]
    assert groups[0].others == (found[2], found[3])


def test_what_is_refuted_stands_alone() -> None:
    found = [
        finding("a", "same", Verdict.REFUTED),
        finding("a", "same", Verdict.REFUTED),
        finding("a", "same"),
    ]
    assert [(g.first, g.others) for g in grouped(found)] == [(f, ()) for f in found]
