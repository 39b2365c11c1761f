"""The list of probes: long enough, spread out, each check in it, each described."""

from __future__ import annotations

from collections import Counter

from capwright_policy.checks import all_checks
from tests.soundness.probe import all_probes


def test_every_check_is_weakened_where_it_is_decided() -> None:
    """For each check there is a bug in the closure, the encoding or the tables."""
    weakened = {
        check for p in all_probes() if p.where in ("closure", "encoding", "tables") for check in p.checks
    }
    assert weakened == {check.id for check in all_checks()}


def test_there_are_many_and_in_all_places() -> None:
    found = Counter(probe.where for probe in all_probes())
    assert found.total() >= 150
    assert min(found[where] for where in ("loading", "closure", "encoding", "tables")) >= 15
    assert min(found[where] for where in ("certificate", "reference")) >= 5


def test_each_is_known_by_its_name_and_says_what_is_broken() -> None:
    probes = all_probes()
    assert len({probe.id for probe in probes}) == len(probes)
    for probe in probes:
        assert probe.broken.endswith("."), probe.id
        assert probe.checks, probe.id
        assert {*probe.checks} <= {check.id for check in all_checks()}, probe.id
