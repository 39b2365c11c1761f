"""What happens to granted folders while a server runs: exceptions hold, and what is granted is up to date.

Each of the first three is an attack that worked: what hid the file was a mount on it, and came off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capwright_registry.pins import dump, pin
from capwright_runtimes.adapters.mcp import load, loading, record
from capwright_runtimes.adapters.mcp.session import McpSession
from capwright_runtimes.refusal import Denied, Refused
from capwright_runtimes.sandbox import copying, probe
from tests.runtimes.confined import plan
from tests.runtimes.mcp_fakes import SERVER, admission, broker, command, facts, tool

pytestmark = [
    pytest.mark.bwrap,
    pytest.mark.skipif(probe() != "bubblewrap", reason="no process sandbox works on this host"),
]

MARK = "what must not leave"
READ = tool("read", "path")
Serve = Callable[..., Callable[[Path], str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "priv").mkdir(parents=True)
    (folder / "docs").mkdir()
    for name in (".env", "private.txt", "priv/x"):
        (folder / name).write_text(MARK)
    (folder / "note").write_text("a note")
    return folder


@pytest.fixture
def serve(tmp_path: Path, data: Path) -> Iterator[Serve]:
    """A running server on the folder, with exceptions; asked by path, it reads."""
    opened: list[McpSession] = []

    def serving(**parts: object) -> Callable[[Path], str]:
        argv = command([READ])
        allowed = admission(
            tmp_path,
            tools={"read": [("fs.read", "/path")]},
            reads=["/**"],
            runtime={"command": argv},
            pins=dump(pin(facts(READ), argv, [])),
            sandbox=plan(read=[SERVER, data], files=[SERVER], **parts),  # type: ignore[arg-type]
        )
        opened.append(load(allowed))

        def read(path: Path) -> str:
            with broker(allowed, "read", {"path": str(path)}) as effects:
                return opened[-1].call("read", {"path": str(path)}, effects).text

        return read

    serving.opened = opened  # type: ignore[attr-defined]
    yield serving
    for one in opened:
        one.close()


class TestExceptionsHold:
    def test_an_atomic_save_of_a_file_that_a_wildcard_hides(self, data: Path, serve: Serve) -> None:
        read = serve(globs=["/**/.env"])
        assert read(data / ".env") == "refused 2" and read(data / "note") == "a note"
        (data / "new").write_text(MARK)
        (data / "new").replace(data / ".env")
        assert read(data / ".env") == "refused 2"

    def test_a_file_that_a_wildcard_hides_is_made_later(self, data: Path, serve: Serve) -> None:
        read = serve(globs=["/**/.env"])
        (data / "docs" / ".env").write_text(MARK)
        (data / "sub").mkdir()
        (data / "sub" / ".env").write_text(MARK)
        assert read(data / "docs" / ".env") == read(data / "sub" / ".env") == "refused 2"

    def test_what_is_hidden_by_its_name_is_replaced_or_made_later(self, data: Path, serve: Serve) -> None:
        hidden = [data / name for name in ("private.txt", "priv", "later.txt")]
        read = serve(mask=hidden)
        (data / "new").write_text(MARK)
        (data / "new").replace(data / "private.txt")
        (data / "priv").rename(data.parent / "old")
        (data / "priv").mkdir()
        (data / "priv" / "x").write_text(MARK)
        (data / "later.txt").write_text(MARK)
        for name in ("private.txt", "priv/x", "later.txt"):
            assert read(data / name) == "refused 2"

    def test_of_one_that_was_renamed_to_a_clear_name_everything_is_seen(
        self, data: Path, serve: Serve
    ) -> None:
        read = serve(mask=[data / "priv"])
        (data / "priv").rename(data / "public")
        assert read(data / "public" / "x") == MARK and read(data / "priv" / "x") == "refused 2"


class TestWhatIsGrantedIsUpToDate:
    @pytest.mark.parametrize("parts", ["globs", "mask"])
    def test_at_each_call(self, data: Path, serve: Serve, parts: str) -> None:
        read = serve(**{parts: ["/**/.env"] if parts == "globs" else [data / ".env"]})
        (data / "new").write_text("another note")
        (data / "new").replace(data / "note")
        (data / "docs" / "later").write_text("a page")
        (data / "folder").mkdir()
        (data / "folder" / "later").write_text("another page")
        assert read(data / "note") == "another note"
        assert read(data / "docs" / "later") == "a page"
        assert read(data / "folder" / "later") == "another page"
        (data / "note").unlink()
        assert read(data / "note") == "refused 2"

    def test_or_nothing_is_called(self, data: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        read = serve(globs=["/**/.env"])
        monkeypatch.setattr(copying, "MAX_ENTRIES", 5)
        with pytest.raises(Denied, match="shown as copies") as caught:
            read(data / "note")
        assert caught.value.decision.layer == "sandbox"

    def test_the_copies_go_with_the_session(
        self, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        serve(globs=["/**/.env"])
        (left,) = tmp_path.glob("capwright-view-*")
        serve.opened[-1].close()  # type: ignore[attr-defined]
        assert not left.exists()


class TestPinning:
    def test_a_server_that_is_pinned_reads_no_folder_that_its_first_line_names(
        self, tmp_path: Path, data: Path
    ) -> None:
        """It is started before anybody has approved it, and what it says is written down."""
        server = tmp_path / "server"
        server.write_text(f"#!{' ' * 300}{data}\nexec /usr/bin/python3 -c 'open(\"{data}/note\")'\n")
        server.chmod(0o755)
        with pytest.raises(Refused) as caught:
            record([str(server)], {}, plan(), tmp_path)
        assert caught.value.code == "no-program"

    def test_both_ways_of_starting_a_server_name_the_workspace(
        self, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may lie in a system folder, and nothing may be granted of it."""
        named: list[object] = []

        def confine(*_: object, workspace: Path) -> None:
            named.append(workspace)
            raise Refused("no-program", "not started")

        monkeypatch.setattr(loading, "confine", confine)
        with pytest.raises(Refused, match="not started"):
            record(command([READ]), {}, plan(), tmp_path)
        with pytest.raises(Refused, match="not started"):
            serve()
        assert named == [tmp_path, tmp_path]
