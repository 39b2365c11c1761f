"""A program can be read because it can be run; what lies around it cannot."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.programs import find_program, needed

MACHINE_CODE = b"\x7fELF and so on"


def _program(place: Path, content: bytes | str = "#!/bin/sh\n") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    place.chmod(0o755)
    return place


def paths(
    program: Path, *path: str, by_name: bool = False, hidden: tuple[Path, ...] = ()
) -> tuple[Path, ...]:
    return needed(program, path, by_name=by_name, hidden=hidden).paths


def refused(program: Path, *path: str) -> Refused:
    with pytest.raises(Refused) as caught:
        needed(program, path)
    assert caught.value.code == "no-program"
    return caught.value


class TestFinding:
    def test_beside_this_python_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name = Path(sys.executable).name
        _program(tmp_path / name)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert find_program(name) == Path(sys.executable).parent / name

    @pytest.mark.parametrize("spelled", ["{}", "{}/", "/{}", "{}/."])
    def test_then_the_search_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: str
    ) -> None:
        server = _program(tmp_path / "a-server-of-this-test")
        monkeypatch.setenv("PATH", spelled.format(tmp_path))
        assert find_program(server.name) == server

    @pytest.mark.parametrize(
        "name", ["no-such-server", "./server", "bin/server", "../server", "/no/such/server", "", ".", ".."]
    )
    def test_anything_else_is_refused(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _program(tmp_path / "server")
        _program(tmp_path / "bin" / "server")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(Refused) as caught:
            find_program(name)
        assert caught.value.code == "no-program"

    @pytest.mark.parametrize("path", ["", ".", ":/usr/bin", "bin", "./bin:/usr/bin", "../{}/bin"])
    def test_the_workspace_one_stands_in_is_not_searched(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for folder in (tmp_path, tmp_path / "bin"):
            _program(folder / "a-server-of-this-test")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PATH", path.format(tmp_path.name))
        with pytest.raises(Refused):
            find_program("a-server-of-this-test")

    def test_a_roundabout_path_is_refused(self, tmp_path: Path) -> None:
        server = _program(tmp_path / "server")
        (tmp_path / "bin").mkdir()
        assert find_program(str(server)) == server
        for name in (f"{tmp_path}/bin/../server", f"/{server}", f"{tmp_path}/./server", f"{server}/"):
            with pytest.raises(Refused):
                find_program(name)

    def test_what_the_kernel_shows_each_process_otherwise_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = _program(tmp_path / "server")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "link").symlink_to("/proc/self/exe")
        (tmp_path / "cwd").symlink_to("/proc/self/cwd")
        for name in (f"/proc/self/root{server}", "/proc/self/cwd/server", "/proc/self/exe"):
            assert Path(name).exists()
            with pytest.raises(Refused):
                find_program(name)

    def test_a_folder_or_a_file_that_nobody_may_run_is_no_program(self, tmp_path: Path) -> None:
        letter = tmp_path / "letter"
        letter.touch()
        for place in (tmp_path, letter):
            with pytest.raises(Refused):
                find_program(str(place))


class TestNeeded:
    def test_a_program_alone_is_one_file(self, tmp_path: Path) -> None:
        server = _program(tmp_path / "bin" / "server")
        (tmp_path / "lib").mkdir()
        assert paths(server) == (server,)
        assert paths(_program(tmp_path / "bin" / "code", MACHINE_CODE)) == (tmp_path / "bin" / "code",)

    def test_system_folders_are_bound_anyway(self) -> None:
        assert paths(Path("/bin/sh")) == ()

    @pytest.mark.parametrize("prefix", [None, "/usr"], ids=["this Python", "the system's Python"])
    @pytest.mark.parametrize("by_name", [False, True])
    def test_but_not_what_they_do_not_show(
        self, monkeypatch: pytest.MonkeyPatch, prefix: str | None, by_name: bool
    ) -> None:
        """The file alone, though the system's Python has its programs in the same folder."""
        if prefix is not None:
            monkeypatch.setattr(sys, "base_prefix", prefix)
        shell = Path("/bin/sh").resolve()
        assert paths(shell, by_name=by_name, hidden=(shell.parent,)) == (shell,)

    def test_a_venv_is_its_own_parts_and_not_the_folder_around_them(self, tmp_path: Path) -> None:
        (tmp_path / "pyvenv.cfg").write_text("home = /home/somebody/private\n")
        (tmp_path / "lib").mkdir()
        (tmp_path / "private-notes").mkdir()
        server = _program(tmp_path / "bin" / "server", f"#!{tmp_path}/bin/python\n")
        (tmp_path / "bin" / "python").symlink_to("/usr/bin/env")
        assert paths(server, by_name=True) == tuple(tmp_path / name for name in ("bin", "lib", "pyvenv.cfg"))

    def test_the_interpreter_behind_the_venv(self, tmp_path: Path) -> None:
        real = _program(tmp_path / "python-3" / "bin" / "python3", MACHINE_CODE)
        (tmp_path / "python-3" / "lib" / "python3.11").mkdir(parents=True)
        (tmp_path / "python-3" / "lib" / "python3.11" / "os.py").touch()
        (tmp_path / "python-3" / "share").mkdir()
        (tmp_path / "venv" / "bin").mkdir(parents=True)
        (tmp_path / "venv" / "pyvenv.cfg").touch()
        (tmp_path / "venv" / "bin" / "python").symlink_to(real)
        server = _program(tmp_path / "venv" / "bin" / "server", f"#!{tmp_path}/venv/bin/python\n")
        found = {str(path.relative_to(tmp_path)) for path in paths(server, by_name=True)}
        assert found == {"venv/bin", "venv/pyvenv.cfg", "python-3/bin", "python-3/lib"}

    def test_modules_of_node_come_with_a_program_beside_them(self, tmp_path: Path) -> None:
        (tmp_path / "lib" / "node_modules").mkdir(parents=True)
        (tmp_path / "lib" / "keyrings").mkdir()
        node = _program(tmp_path / "bin" / "node", MACHINE_CODE)
        assert paths(node, by_name=True) == (node, tmp_path / "lib" / "node_modules")

    def test_a_ring_of_links_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        refused(tmp_path / "a")

    def test_a_folder_dressed_up_as_an_installation_gives_nothing_away(self, tmp_path: Path) -> None:
        """A manifest's own path, with a `pyvenv.cfg` and a `lib` that leads elsewhere beside it."""
        (tmp_path / "private").mkdir()
        prefix = tmp_path / "v"
        server = _program(prefix / "bin" / "srv")
        (prefix / "pyvenv.cfg").write_text("")
        (prefix / "lib").symlink_to(tmp_path / "private")
        assert paths(server) == (server,)
        assert prefix / "lib" not in paths(server, by_name=True)

    def test_a_link_that_leads_elsewhere_than_it_seems_to_gives_nothing_away(self, tmp_path: Path) -> None:
        """`..` leads out of the folder that a link really is; by its text alone, to somebody's own folder."""
        (tmp_path / "private").mkdir()
        real = _program(tmp_path / "w" / "deep" / "a" / "private")
        (tmp_path / "w" / "deep" / "a" / "b" / "c").mkdir(parents=True)
        (tmp_path / "w" / "x").symlink_to("deep/a/b/c")
        server = tmp_path / "w" / "server"
        server.symlink_to("x/../../private")
        assert server.resolve() == real
        assert os.path.normpath(f"{tmp_path}/w/x/../../private") == f"{tmp_path}/private"
        assert paths(server) == tuple(sorted((server, real)))


class TestInterpreters:
    """What a script calls its interpreter is bound only if the kernel would start it."""

    def test_machine_code_is_bound(self, tmp_path: Path) -> None:
        interpreter = _program(tmp_path / "an-interpreter", MACHINE_CODE)
        server = _program(tmp_path / "server", f"#!{interpreter}\n")
        assert paths(server) == (interpreter, server)

    def test_a_folder_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "private").mkdir()
        (tmp_path / "link").symlink_to("private")
        for name in ("private", "link"):
            server = _program(tmp_path / "server", f"#!{tmp_path}/{name}\n")
            assert "machine code" in refused(server).reason

    @pytest.mark.parametrize("content", ["my letters\n", "#!/bin/sh\n", "", "\x7fEL"])
    def test_a_file_that_may_be_run_but_cannot_is_not(self, tmp_path: Path, content: str) -> None:
        """A letter on a disk where every file may be run; a script, which has an interpreter of its own."""
        letter = _program(tmp_path / "letter", content)
        assert "machine code" in refused(_program(tmp_path / "server", f"#!{letter}\n")).reason

    def test_one_that_may_not_be_run_or_is_not_there_is_not(self, tmp_path: Path) -> None:
        key = _program(tmp_path / "key", MACHINE_CODE)
        key.chmod(0o644)
        refused(_program(tmp_path / "server", f"#!{key}\n"))
        refused(_program(tmp_path / "server", f"#!{tmp_path}/none\n"))

    def test_one_that_is_reached_through_the_kernels_folders_is_not(self, tmp_path: Path) -> None:
        code = _program(tmp_path / "code", MACHINE_CODE)
        refused(_program(tmp_path / "server", f"#!/proc/self/root{code}\n"))

    def test_one_of_the_system_is_there_anyway(self, tmp_path: Path) -> None:
        server = _program(tmp_path / "server", "#!/bin/sh -e\n")
        assert paths(server) == (server,)

    def test_a_link_in_a_system_folder_that_leads_out_of_it_is_looked_at(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("capwright_runtimes.sandbox.programs.SYSTEM_FOLDERS", (str(tmp_path / "usr"),))
        (tmp_path / "usr").mkdir()
        (tmp_path / "private").mkdir()
        (tmp_path / "usr" / "tool").symlink_to(tmp_path / "private")
        refused(_program(tmp_path / "server", f"#!{tmp_path}/usr/tool\n"))

    @pytest.mark.parametrize("line", ["an-interpreter", "-S an-interpreter --flag"])
    def test_what_env_finds_is_bound_and_can_be_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
    ) -> None:
        interpreter = _program(tmp_path / "tools" / "an-interpreter", MACHINE_CODE)
        monkeypatch.setenv("PATH", str(tmp_path / "tools"))
        server = _program(tmp_path / "server", f"#!/usr/bin/env {line}\n")
        found = needed(server, ["/usr/bin"])
        assert found.paths == (server, interpreter) and found.folder == tmp_path / "tools"

    def test_what_env_finds_in_the_sandbox_comes_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _program(tmp_path / "tools" / "sh", MACHINE_CODE)
        monkeypatch.setenv("PATH", str(tmp_path / "tools"))
        server = _program(tmp_path / "server", "#!/usr/bin/env sh\n")
        found = needed(server, [str(Path(shutil.which("sh", path="/usr/bin:/bin") or "").parent)])
        assert found.paths == (server,) and found.folder is None

    def test_what_env_does_not_look_for_is_not_bound(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`env` takes the first name for the value of `-u`, and runs the shell."""
        secret = _program(tmp_path / "secret", MACHINE_CODE)
        monkeypatch.setenv("PATH", str(tmp_path))
        for line in (f"-S -u {secret} /bin/sh", "-S -u secret /bin/sh", f"-S A={secret} sh", str(secret)):
            server = _program(tmp_path / "server", f"#!/usr/bin/env {line}\n")
            assert paths(server) == (server,)

    def test_env_finds_no_script_and_no_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        _program(tmp_path / "a-script")
        (tmp_path / "a-folder").mkdir()
        for name in ("a-script", "a-folder", "a-thing-nobody-has"):
            refused(_program(tmp_path / "server", f"#!/usr/bin/env {name}\n"))
