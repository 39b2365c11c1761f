"""A program can be read because it can be run; what lies around it cannot."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.programs import find_program, needed


def _program(place: Path, first_line: str = "#!/bin/sh") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{first_line}\n")
    place.chmod(0o755)
    return place


class TestFinding:
    def test_beside_this_python_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name = Path(sys.executable).name
        _program(tmp_path / name)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert find_program(name) == Path(sys.executable).parent / name

    def test_then_the_search_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        server = _program(tmp_path / "a-server-of-this-test")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert find_program(server.name) == server

    @pytest.mark.parametrize(
        "name", ["no-such-server", "./server", "bin/server", "../server", "/no/such/server", ""]
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


class TestNeeded:
    def test_a_program_alone_is_one_file(self, tmp_path: Path) -> None:
        server = _program(tmp_path / "bin" / "server")
        (tmp_path / "lib").mkdir()
        assert needed(server) == (server,)

    def test_system_folders_are_bound_anyway(self) -> None:
        assert needed(Path("/bin/sh")) == ()

    def test_a_venv_is_its_own_parts_and_not_the_folder_around_them(self, tmp_path: Path) -> None:
        (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
        (tmp_path / "lib").mkdir()
        (tmp_path / "private-notes").mkdir()
        server = _program(tmp_path / "bin" / "server", f"#!{tmp_path}/bin/python")
        (tmp_path / "bin" / "python").symlink_to("/usr/bin/env")
        assert needed(server, by_name=True) == tuple(tmp_path / name for name in ("bin", "lib", "pyvenv.cfg"))

    def test_the_interpreter_behind_the_venv(self, tmp_path: Path) -> None:
        real = _program(tmp_path / "python-3" / "bin" / "python3")
        (tmp_path / "python-3" / "lib" / "python3.11").mkdir(parents=True)
        (tmp_path / "python-3" / "lib" / "python3.11" / "os.py").touch()
        (tmp_path / "python-3" / "share").mkdir()
        (tmp_path / "venv" / "bin").mkdir(parents=True)
        (tmp_path / "venv" / "pyvenv.cfg").touch()
        (tmp_path / "venv" / "bin" / "python").symlink_to(real)
        server = _program(tmp_path / "venv" / "bin" / "server", f"#!{tmp_path}/venv/bin/python")
        found = {str(path.relative_to(tmp_path)) for path in needed(server, by_name=True)}
        assert found == {"venv/bin", "venv/pyvenv.cfg", "python-3/bin", "python-3/lib"}

    def test_the_interpreter_that_env_finds(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        interpreter = _program(tmp_path / "tools" / "an-interpreter")
        monkeypatch.setenv("PATH", str(tmp_path / "tools"))
        server = _program(tmp_path / "server", "#!/usr/bin/env -S an-interpreter --flag")
        assert needed(server) == (server, interpreter)

    def test_modules_of_node_come_with_a_program_beside_them(self, tmp_path: Path) -> None:
        (tmp_path / "lib" / "node_modules").mkdir(parents=True)
        (tmp_path / "lib" / "keyrings").mkdir()
        node = _program(tmp_path / "bin" / "node")
        assert needed(node, by_name=True) == (node, tmp_path / "lib" / "node_modules")

    def test_a_ring_of_links_ends(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        assert tmp_path / "a" in needed(tmp_path / "a")

    def test_an_unreadable_first_line_needs_nothing_more(self, tmp_path: Path) -> None:
        server = tmp_path / "server"
        server.write_bytes(b"#!\xff\xfe\n\x7fELF" + os.urandom(600))
        assert needed(server) == (server,)

    def test_a_folder_dressed_up_as_an_installation_gives_nothing_away(self, tmp_path: Path) -> None:
        """A manifest's own path, with a `pyvenv.cfg` and a `lib` that leads elsewhere beside it."""
        (tmp_path / "private").mkdir()
        prefix = tmp_path / "v"
        server = _program(prefix / "bin" / "srv")
        (prefix / "pyvenv.cfg").write_text("")
        (prefix / "lib").symlink_to(tmp_path / "private")
        assert needed(server) == (server,)
        assert prefix / "lib" not in needed(server, by_name=True)
