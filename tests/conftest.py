"""What every test shares: where nothing should be skipped, a skip is a failure."""

from __future__ import annotations

import os

import pytest

_SKIPPED: list[str] = []
#: Reasons that no package could have prevented: who runs the tests, and on which kernel.
_NO_PACKAGE_HELPS = ("root may read everything", "the kernel has no openat2")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember skips, but for tests on data that is not part of the project."""
    excused = "corpus" in report.keywords or any(
        reason in str(report.longrepr) for reason in _NO_PACKAGE_HELPS
    )
    if report.skipped and not excused:
        _SKIPPED.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With `CAPWRIGHT_NO_SKIP` set, a skip fails the run."""
    if os.environ.get("CAPWRIGHT_NO_SKIP") and _SKIPPED and session.exitstatus == 0:
        print("\nskipped, though nothing should be: " + ", ".join(_SKIPPED))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
