"""Files that will not be read: each is a problem with its name, and none blocks or is followed."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from capwright_registry.files import MIB, UnreadableError, list_beneath, read_beneath
from tests.support.workspaces import PLUGIN, PROFILE, WORKSPACE, problems, problems_in, write

FILE_HELP = "(put a regular file there)"
LINK_HELP = "(put the file or folder itself there)"
WASM = PLUGIN.replace('kind = "mcp"\ncommand = ["notes-server"]', 'kind = "wasm"\nartifact = "notes.wasm"')


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * MIB)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nothing")


def outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


KINDS: list[tuple[Callable[[Path], None], str]] = [
    (folder, "`{0}` is a folder, not a file " + FILE_HELP),
    (fifo, "`{0}` is not a regular file " + FILE_HELP),
    (unix_socket, "`{0}` is not a regular file " + FILE_HELP),
    (large, "`{0}` has 10485760 bytes; at most 1048576 are read (make it smaller)"),
    (loop, "`{0}` goes through the symbolic link `{1}`, which is not followed " + LINK_HELP),
    (dangling, "`{0}` goes through the symbolic link `{1}`, which is not followed " + LINK_HELP),
    (outside, "`{0}` goes through the symbolic link `{1}`, which is not followed " + LINK_HELP),
    (device, "`{0}` goes through the symbolic link `{1}`, which is not followed " + LINK_HELP),
]


@pytest.mark.parametrize(("make", "reason"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("name", ["capwright.toml", "plugins/a/plugin.toml", "profiles/lead.toml"])
def test_a_document_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Callable[[Path], None], reason: str
) -> None:
    at = write(tmp_path, {name: ""}) / name
    at.unlink()
    monkeypatch.chdir(at.parent)  # the path of a socket must be short
    make(Path(at.name))
    assert problems_in(tmp_path) == f"{name}: {reason.format(name, at.name)}\n"


@pytest.mark.parametrize(
    ("make", "reason"),
    [kind for kind in KINDS if kind[0] is not large],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_artifact_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], reason: str
) -> None:
    (tmp_path / "plugins/a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "plugins/a")
    make(Path("notes.wasm"))
    reason = reason.format("plugins/a/notes.wasm", "notes.wasm")
    assert problems(tmp_path, {"plugins/a/plugin.toml": WASM}) == f"plugins/a/plugin.toml:7:12: {reason}\n"


def test_an_artifact_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "plugins/a").mkdir(parents=True)
    with (tmp_path / "plugins/a/notes.wasm").open("wb") as file:
        file.truncate(64 * MIB + 1)
    assert problems(tmp_path, {"plugins/a/plugin.toml": WASM}) == (
        "plugins/a/plugin.toml:7:12: `plugins/a/notes.wasm` has 67108865 bytes; at most 67108864 are read"
        " (make it smaller)\n"
    )


def test_a_missing_artifact_and_missing_pins(tmp_path: Path) -> None:
    pinned = PLUGIN.replace('"notes-server"]', '"x"]\npins = "sub/pins.json"').replace("acme.notes", "b")
    assert problems(tmp_path, {"plugins/a/plugin.toml": WASM, "plugins/b/plugin.toml": pinned}) == (
        "plugins/a/plugin.toml:7:12: `plugins/a/notes.wasm` does not exist"
        " (create it, or correct the path)\n"
        "plugins/b/plugin.toml:8:8: `plugins/b/sub/pins.json` does not exist"
        " (create it, or correct the path)\n"
    )


def test_a_document_that_is_not_utf8(tmp_path: Path) -> None:
    assert problems(tmp_path, {"profiles/lead.toml": b"# caf\xe9"}) == (
        "profiles/lead.toml:1:6: byte 0xe9 is not UTF-8 (save the file as UTF-8)\n"
    )


@pytest.mark.parametrize("target", ["elsewhere", "../out", "/etc"])
@pytest.mark.parametrize("name", ["plugins", "profiles"])
def test_no_link_to_a_folder_is_followed(tmp_path: Path, name: str, target: str) -> None:
    root = write(tmp_path / "desk", {"elsewhere/x": "", "profiles/lead.toml": PROFILE})
    (tmp_path / "out").mkdir()
    shutil.rmtree(root / name)
    (root / name).symlink_to(target)
    text = WORKSPACE + '[profiles]\npath = "profiles"\n'
    (root / "capwright.toml").write_text(text)
    line = {"plugins": 10, "profiles": 13}[name]
    assert problems_in(root) == (
        f"capwright.toml:{line}:8: `{name}` goes through the symbolic link `{name}`, which is not followed"
        f" {LINK_HELP}\n"
    )


def test_no_link_to_a_plugin_is_followed(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/a").symlink_to(tmp_path)
    assert problems(tmp_path, {}) == (
        "plugins/a: `plugins/a` is a symbolic link, which is not followed (put the folder itself there)\n"
    )


def test_a_link_in_the_middle_of_a_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "plugins/a").mkdir(parents=True)
    (tmp_path / "plugins/a/sub").symlink_to("/etc")
    text = WASM.replace("notes.wasm", "sub/hostname")
    assert problems(tmp_path, {"plugins/a/plugin.toml": text}) == (
        "plugins/a/plugin.toml:7:12: `plugins/a/sub/hostname` goes through the symbolic link `sub`,"
        f" which is not followed {LINK_HELP}\n"
    )


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "plugs").write_text("")
    assert problems(tmp_path, {"capwright.toml": WORKSPACE.replace('"plugins"', '"plugs"')}) == (
        "capwright.toml:10:8: `plugs` needs `plugs` to be a folder, which it is not\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    (tmp_path / "a").touch(mode=0)
    with pytest.raises(UnreadableError, match="may not be read"):
        read_beneath(tmp_path, PurePosixPath("a"), 1)


def test_a_folder_with_too_many_entries_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capwright_registry.files.FOLDER_LIMIT", 3)
    for name in "abcd":
        (tmp_path / name).touch()
    with pytest.raises(UnreadableError, match="holds more than 3 entries"):
        list_beneath(tmp_path, PurePosixPath())


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_text("x")
    (tmp_path / "a/link").symlink_to("b")
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert read_beneath(tmp_path, PurePosixPath("a/b/c"), 1).data == b"x"
    assert [entry.name for entry in list_beneath(tmp_path, PurePosixPath("a"))] == ["b", "link"]
    for bad in ("a/link/c", "a/none/c", "a/b", "a/b/c/d"):
        with pytest.raises(UnreadableError):
            read_beneath(tmp_path, PurePosixPath(bad), 1)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
