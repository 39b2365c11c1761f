"""What is opened is what was decided: by the kernel's way and by the walk, with the same answers."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from capwright_runtimes.mediators import beneath
from capwright_runtimes.mediators.scoped_fs import Opener, ScopedFs
from capwright_runtimes.refusal import Denied

OPENERS = [
    pytest.param(
        beneath.openat2,
        id="openat2",
        marks=pytest.mark.skipif(not beneath.has_openat2(), reason="the kernel has no openat2"),
    ),
    pytest.param(beneath.walk, id="walk"),
]


@pytest.fixture(params=OPENERS)
def opener(request: pytest.FixtureRequest) -> Opener:
    found: Opener = request.param
    return found


@pytest.fixture
def files(opener: Opener, tmp_path: Path) -> Iterator[ScopedFs]:
    """Reads below `root`; `secret` stands beside it."""
    (tmp_path / "root" / "notes").mkdir(parents=True)
    (tmp_path / "root" / "notes" / "a.txt").write_bytes(b"hello")
    (tmp_path / "secret").write_bytes(b"secret")
    scoped = ScopedFs(tmp_path / "root", max_bytes=1000, max_names=5, opener=opener)
    yield scoped
    scoped.close()


def denied(call: Callable[[], object]) -> str:
    with pytest.raises(Denied) as caught:
        call()
    assert caught.value.decision.layer == "scoped-fs"
    return caught.value.reason


def test_a_regular_file_is_read_whole(files: ScopedFs, tmp_path: Path) -> None:
    found = files.read(f"{tmp_path}/root/notes/a.txt")
    assert (found.data, found.links) == (b"hello", 1)


def test_a_directory_is_listed_in_order(files: ScopedFs, tmp_path: Path) -> None:
    (tmp_path / "root" / "b").write_bytes(b"")
    assert files.list(f"{tmp_path}/root") == ["b", "notes/"]


LINK = "a symbolic link is on the path"


@pytest.mark.parametrize("target", ["secret", "root/notes/a.txt", "nowhere"])
def test_a_link_at_the_end_is_refused_wherever_it_leads(files: ScopedFs, tmp_path: Path, target: str) -> None:
    (tmp_path / "root" / "link").symlink_to(tmp_path / target)
    assert denied(lambda: files.read(f"{tmp_path}/root/link")) == LINK


def test_a_link_on_the_way_is_refused(files: ScopedFs, tmp_path: Path) -> None:
    (tmp_path / "root" / "up").symlink_to("..")
    assert denied(lambda: files.read(f"{tmp_path}/root/up/secret")) == LINK
    (tmp_path / "root" / "same").symlink_to("notes")
    assert denied(lambda: files.read(f"{tmp_path}/root/same/a.txt")) == LINK
    assert denied(lambda: files.list(f"{tmp_path}/root/same")) == LINK


@pytest.mark.parametrize(
    "path", ["{}/secret", "{}/rootless/x", "/etc/passwd", "{}/root/../secret", "", "root"]
)
def test_what_is_outside_the_root_is_refused(files: ScopedFs, tmp_path: Path, path: str) -> None:
    (tmp_path / "rootless").mkdir()
    (tmp_path / "rootless" / "x").write_bytes(b"secret")
    assert denied(lambda: files.read(path.format(tmp_path))) == "the path leaves the root"


def test_a_fifo_is_refused_and_does_not_wait(files: ScopedFs, tmp_path: Path) -> None:
    """CVE-less but common: opening a FIFO blocks until someone writes."""
    os.mkfifo(tmp_path / "root" / "fifo")
    assert denied(lambda: files.read(f"{tmp_path}/root/fifo")) == "it is no regular file"


def test_a_folder_is_no_file_and_a_file_no_folder(files: ScopedFs, tmp_path: Path) -> None:
    assert denied(lambda: files.read(f"{tmp_path}/root/notes")) == "it is no regular file"
    assert (
        denied(lambda: files.list(f"{tmp_path}/root/notes/a.txt")) == "a part of the path is not a directory"
    )
    reason = denied(lambda: files.read(f"{tmp_path}/root/notes/a.txt/b"))
    assert reason == "a part of the path is not a directory"


def test_a_missing_file_is_denied(files: ScopedFs, tmp_path: Path) -> None:
    assert denied(lambda: files.read(f"{tmp_path}/root/nope")) == "there is no such file"


def test_a_nul_in_the_path_is_denied(files: ScopedFs, tmp_path: Path) -> None:
    assert denied(lambda: files.read(f"{tmp_path}/root/notes/a.txt\0.md")) == "it cannot be opened"


def test_a_long_file_is_denied_never_cut(files: ScopedFs, tmp_path: Path) -> None:
    (tmp_path / "root" / "fits").write_bytes(b"x" * 1000)
    (tmp_path / "root" / "long").write_bytes(b"x" * 1001)
    assert len(files.read(f"{tmp_path}/root/fits").data) == 1000
    assert denied(lambda: files.read(f"{tmp_path}/root/long")) == "it is longer than 1000 bytes"


def test_a_long_directory_is_denied(files: ScopedFs, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / "root" / "notes" / f"{number}").write_bytes(b"")
    assert denied(lambda: files.list(f"{tmp_path}/root/notes")) == "it has more names than the limit"


def test_a_hard_link_is_read_and_reported(files: ScopedFs, tmp_path: Path) -> None:
    """Two names of one file are equals: which was meant cannot be told, only that there are two."""
    os.link(tmp_path / "secret", tmp_path / "root" / "hard")
    found = files.read(f"{tmp_path}/root/hard")
    assert (found.data, found.links) == (b"secret", 2)


def test_a_device_is_refused(opener: Opener) -> None:
    scoped = ScopedFs(opener=opener)
    assert denied(lambda: scoped.read("/dev/zero")) == "it is no regular file"
    scoped.close()


@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/self/root/etc/passwd", "/proc/self/fd/0"])
def test_proc_self_is_a_link(opener: Opener, path: str) -> None:
    scoped = ScopedFs(opener=opener)
    assert denied(lambda: scoped.read(path)) == LINK
    scoped.close()


def test_the_process_file_system_is_refused(opener: Opener) -> None:
    """/proc/N/environ is a regular file for `stat`, and would answer what `env.read` refuses."""
    scoped = ScopedFs(opener=opener)
    here = f"/proc/{os.getpid()}"
    for path in (f"{here}/environ", f"{here}/task/{threading.get_native_id()}/environ"):
        assert denied(partial(scoped.read, path)) == "it belongs to the process file system"
    assert denied(lambda: scoped.list(here)) == "it belongs to the process file system"
    scoped.close()


def test_a_folder_swapped_for_a_link_never_leads_out(files: ScopedFs, tmp_path: Path) -> None:
    """The race of CVE-2025-53109 and its kin: another thread swaps a folder for a link while we read."""
    root = tmp_path / "root"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_bytes(b"secret")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "spare").mkdir()
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "notes").rename(root / "spare" / "notes")
            (root / "link").rename(root / "notes")
            (root / "notes").rename(root / "link")
            (root / "spare" / "notes").rename(root / "notes")

    thread = threading.Thread(target=swap)
    thread.start()
    seen: dict[str, int] = {}
    try:
        for _ in range(3000):
            try:
                told = files.read(f"{root}/notes/a.txt").data.decode()
            except Denied as error:
                told = error.reason
            seen[told] = seen.get(told, 0) + 1
    finally:
        stop.set()
        thread.join()
    # Between its two looks the walk can meet a link and then a folder, and calls that no directory.
    assert set(seen) <= {"hello", LINK, "there is no such file", "a part of the path is not a directory"}


def test_a_swap_between_two_steps_of_the_walk_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same race, in the one order that matters: after the parent is open, before the child is."""
    (tmp_path / "root" / "notes").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_bytes(b"secret")
    scoped = ScopedFs(tmp_path / "root", opener=beneath.walk)
    real = os.open

    def swapped(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "notes":
            (tmp_path / "root" / "notes").rename(tmp_path / "root" / "was")
            (tmp_path / "root" / "notes").symlink_to(tmp_path / "outside")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swapped)
    assert denied(lambda: scoped.read(f"{tmp_path}/root/notes/a.txt")) == LINK
    scoped.close()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_descriptor_is_left_open(files: ScopedFs, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "root" / "fifo")
    (tmp_path / "root" / "link").symlink_to("notes")
    before = open_descriptors()
    files.read(f"{tmp_path}/root/notes/a.txt")
    files.list(f"{tmp_path}/root/notes")
    for name in ("fifo", "link", "link/a.txt", "nope", "notes/a.txt/x", "notes"):
        denied(partial(files.read, f"{tmp_path}/root/{name}"))
    assert open_descriptors() == before


def test_a_closed_root_opens_nothing(files: ScopedFs, tmp_path: Path) -> None:
    files.close()
    files.close()
    assert denied(lambda: files.read(f"{tmp_path}/root/notes/a.txt")) == "it cannot be opened"


def test_the_walk_is_taken_where_the_kernel_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(root: int, path: str, flags: int) -> int:
        raise OSError(errno.ENOSYS, "a sandbox hides it")

    monkeypatch.setattr(beneath, "openat2", hidden)
    assert beneath.best() is beneath.walk
