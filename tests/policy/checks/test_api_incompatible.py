"""`api-incompatible`: what its vectors cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from capwright_policy.checks import api_incompatible
from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.reference_identity import in_range
from tests.support.checking import HOST, check, enable, marked, plugin, profile, setting

ID = "api-incompatible"
LEAD, MANIFEST = "profiles/lead.toml", "plugins/p/plugin.toml"


def decided(
    tmp_path: Path, *, api: str = ">=1.2,<2", version: str = "1.0.0", wanted: str = "", host: str = "1.4.0"
) -> CheckResult:
    """One declarative plugin, enabled by one agent, on a host with this interface."""
    manifest = plugin("p", kind="declarative", tools=())
    manifest = manifest.replace(">=1.2,<2", api).replace("1.0.0", version)
    entry = enable("project:p").replace("\ngrant", f'\nversion = "{wanted}"\ngrant')
    files = {MANIFEST: manifest, LEAD: profile("lead", parts=[entry])}
    return check(ID, setting(tmp_path, files, host=HOST.replace("1.4.0", host)))


class TestPreReleases:
    """Decision 10: a pre-release lies in a range only where a lower bound or an equality names one."""

    @pytest.mark.parametrize(
        ("wanted", "version", "holds"),
        [
            (">=1.2,<2", "1.3.0", True),
            (">=1.2,<2", "1.3.0rc1", False),
            (">=1.2,<2", "1.3.0.dev4", False),
            (">=1.2,<2", "1.3.0.post1", True),
            (">=1.3.0rc1,<2", "1.3.0rc1", True),
            (">=1.3.0rc1,<2", "1.4.0a1", True),
            (">=1.3.0rc1,<2", "2.0.0rc1", False),
            (">=1.3.0rc2", "1.3.0rc1", False),
            ("==1.3.0rc1", "1.3.0rc1", True),
            ("===1.3.0rc1", "1.3.0rc1", True),
            ("~=1.3.0rc1", "1.3.1rc1", True),
            ("!=1.3.0rc1", "1.3.0rc2", False),
            ("<2.0.0a0", "1.3.0rc1", False),
            ("<=2.0.0a0", "1.3.0rc1", False),
            ("", "1.3.0rc1", True),
        ],
    )
    def test_of_a_plugin(self, tmp_path: Path, wanted: str, version: str, holds: bool) -> None:
        assert (decided(tmp_path, wanted=wanted, version=version).verdict is Verdict.PROVED) is holds

    @pytest.mark.parametrize(
        ("api", "host", "found"),
        [
            (">=1.2,<2", "1.5.0rc1", 1),
            (">=1.2,<2,>=1.2rc1", "1.5.0rc1", 0),
            ("", "1.5.0rc1", 0),
            # The workspace counts on 1.4.0, and a pre-release of it is older.
            ("", "1.4.0rc1", 1),
        ],
    )
    def test_of_the_host(self, tmp_path: Path, api: str, host: str, found: int) -> None:
        assert len(decided(tmp_path, api=api, host=host).findings) == found

    def test_what_to_write_is_said(self, tmp_path: Path) -> None:
        (finding,) = decided(tmp_path, wanted=">=1,<2", version="1.3.0rc1").findings
        assert finding.help.endswith("holds a pre-release only where it names one, like `>=1.3.0rc1`")


NUMBERS = st.lists(st.integers(0, 2), min_size=1, max_size=3).map(lambda n: ".".join(map(str, n)))
VERSIONS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "", "1!"]),
        NUMBERS,
        st.sampled_from(["", "", "a1", "b0", "rc2"]),
        st.sampled_from(["", "", ".post0", ".post1"]),
        st.sampled_from(["", "", ".dev1"]),
    ),
)
SIGNED = st.tuples(st.sampled_from([">=", ">", "<", "<=", "==", "!=", "~=", "==="]), VERSIONS).map("".join)
PREFIXED = st.tuples(st.sampled_from(["==", "!="]), NUMBERS, st.just(".*")).map("".join)
LOCAL = st.sampled_from(["", "", "+b1", "+b2"])


class TestReference:
    """The two readings of PEP 440 agree: that of `packaging`, and the reference's, clause by clause."""

    @given(st.lists(SIGNED | PREFIXED, max_size=3), VERSIONS, LOCAL)
    def test_they_agree(self, clauses: list[str], version: str, local: str) -> None:
        here = str(Version(version + local))
        try:
            range_ = SpecifierSet(",".join(clauses))
        except InvalidSpecifier:  # `~=1` says nothing
            return
        assert in_range(str(range_), here) is api_incompatible._holds(range_, here)


def test_one_finding_where_host_and_workspace_have_one_interface(tmp_path: Path) -> None:
    result = decided(tmp_path, api=">=2")
    assert (result.obligations, len(result.findings)) == (3, 1)


def test_two_interfaces_are_two_obligations(tmp_path: Path) -> None:
    result = decided(tmp_path, api=">=2", host="1.9.0")
    assert [finding.message for finding in result.findings] == [
        "`project:p` is made for the host interface `>=2`, and the workspace counts on `1.4.0`",
        "`project:p` is made for the host interface `>=2`, and this host offers `1.9.0`",
    ]


def test_places(tmp_path: Path) -> None:
    """The range is marked, and what lies outside of it is related."""
    files = {
        MANIFEST: plugin("p", kind="declarative", tools=()),
        LEAD: profile("lead", parts=[enable("project:p") + '\nversion = "<1"']),
    }
    one = setting(tmp_path, files)
    (finding,) = check(ID, one).findings
    assert (finding.span.file, marked(finding.span, one)) == (LEAD, '"<1"')
    assert (finding.related[0].span.file, marked(finding.related[0].span, one)) == (MANIFEST, '"1.0.0"')


def test_a_workspace_without_plugins_still_counts_on_its_host(tmp_path: Path) -> None:
    one = setting(tmp_path, {}, host=HOST.replace("1.4.0", "1.3.9"))
    (finding,) = check(ID, one).findings
    assert finding.message == (
        "the workspace counts on the host interface `1.4.0`, and this host offers `1.3.9`"
    )
    assert marked(finding.span, one) == '"1.4.0"'
