"""Ways out of the sandbox that worked once: each test is the attack, and asserts on its effect."""

from __future__ import annotations

import platform
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from capwright_registry.system_folders import SYSTEM_FOLDERS
from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import confine, probe, programs, start, system
from tests.runtimes.confined import SECONDS, plan, run

pytestmark = [
    pytest.mark.bwrap,
    pytest.mark.skipif(probe() != "bubblewrap", reason="no process sandbox works on this host"),
]

MARK = "what must not leave"
LIST_AND_READ = """
import os, sys
for name in sys.argv[1:]:
    try: print(os.listdir(name) if os.path.isdir(name) else open(name).read())
    except OSError as error: print("refused", error.errno)
"""


def said_by(command: Sequence[str], workspace: Path | None = None, **parts: object) -> str:
    """What a command printed in the sandbox, and its complaint."""
    launch = confine(plan(**parts), command, {}, workspace=workspace)  # type: ignore[arg-type]
    with closing(launch.copies), start(launch) as process:
        out, complaint = process.communicate(timeout=SECONDS)
    return out.decode() + complaint.decode()


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder of somebody's, beside the workspace."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text(MARK)
    return tmp_path / "private"


def script(place: Path, first_line: str, body: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{first_line}\n{body}\n")
    place.chmod(0o755)
    return place


class TestFirstLines:
    """The kernel did not take the line, a shell ran the script, and the folder that it named was bound."""

    def test_blanks_beyond_what_the_kernel_reads(self, tmp_path: Path, private: Path) -> None:
        server = script(tmp_path / "w" / "server", f"#!{' ' * 300}{private}", f"cat {private}/key")
        with pytest.raises(Refused) as caught:
            assert MARK not in said_by([str(server)])
        assert caught.value.code == "no-program"

    def test_a_line_that_the_kernel_takes_and_a_folder(self, tmp_path: Path, private: Path) -> None:
        server = script(tmp_path / "w" / "server", f"#!{private}", f"cat {private}/key")
        with pytest.raises(Refused):
            said_by([str(server)])

    def test_a_letter_that_may_be_run(self, tmp_path: Path, private: Path) -> None:
        """As every file may on some disks: the kernel refuses it, and a shell runs the script."""
        (private / "key").chmod(0o755)
        server = script(tmp_path / "w" / "server", f"#!{private}/key", f"cat {private}/key")
        with pytest.raises(Refused):
            said_by([str(server)])

    def test_what_env_is_told_to_leave_unread(self, tmp_path: Path, private: Path) -> None:
        (private / "key").write_bytes(b"\x7fELF" + MARK.encode())
        (private / "key").chmod(0o755)
        line = f"#!/usr/bin/env -S -u {private}/key /bin/sh"
        server = script(tmp_path / "w" / "server", line, f"cat {private}/key")
        out = said_by([str(server)])
        assert "No such file" in out and MARK not in out

    def test_a_link_through_a_link(self, tmp_path: Path, private: Path) -> None:
        """By its text the link leads to the private folder, which was bound; really, to the server."""
        (tmp_path / "w" / "a" / "b" / "c").mkdir(parents=True)
        (tmp_path / "w" / "x").symlink_to("a/b/c")
        script(tmp_path / "w" / "a" / "private", "#!/bin/sh", f"echo started; cat {private}/key")
        (tmp_path / "w" / "server").symlink_to("x/../../private")
        out = said_by([str(tmp_path / "w" / "server")])
        assert "started" in out and MARK not in out

    def test_an_honest_script_starts(self, tmp_path: Path) -> None:
        assert "started" in said_by([str(script(tmp_path / "server", "#! /bin/sh  -e ", "echo started"))])

    def test_what_env_finds_starts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "tools").mkdir()
        (tmp_path / "tools" / "an-interpreter").write_bytes(Path("/bin/sh").read_bytes())
        (tmp_path / "tools" / "an-interpreter").chmod(0o755)
        monkeypatch.setenv("PATH", f"/usr/bin:/bin:{tmp_path}/tools")
        server = script(tmp_path / "w" / "server", "#!/usr/bin/env an-interpreter", "echo started")
        assert "started" in said_by([str(server)])


class TestWorkspaceInASystemFolder:
    """`/usr/src/app`, say: the system folders are bound for everybody, and so was all that lay in them."""

    @pytest.fixture
    def app(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """A workspace in a folder that is one of the system's; not below `/tmp`, which is empty in there."""
        top = Path(tempfile.mkdtemp(dir="/var/tmp"))
        folder = top / "usr" / "src" / "app"
        (folder / "data" / "private").mkdir(parents=True)
        for place in (folder, folder / "data", folder / "data" / "private", folder.parent):
            (place / "key").write_text(MARK)
        (folder / "data" / "note").write_text("a note")
        (top / "usr" / "share").mkdir()
        (top / "usr" / "share" / "words").write_text("for everybody")
        for module in (system, programs):
            monkeypatch.setattr(module, "SYSTEM_FOLDERS", (*SYSTEM_FOLDERS, str(top / "usr")))
        yield folder
        shutil.rmtree(top)

    def look(self, app: Path, *names: str, **parts: object) -> str:
        words = [str(app / name) for name in names]
        command = [sys.executable, "-I", "-c", LIST_AND_READ, *words]
        return said_by(command, app, **parts)

    def test_the_folders_are_there_as_a_rule(self, app: Path) -> None:
        words = str(app.parents[1] / "share" / "words")
        assert "for everybody" in said_by([sys.executable, "-I", "-c", LIST_AND_READ, words], app)

    def test_nothing_of_it_is_seen_without_a_grant(self, app: Path) -> None:
        out = self.look(app, "key", "data/note", "data/private/key", ".")
        assert MARK not in out and "a note" not in out and out.count("refused 2") == 4

    def test_of_it_is_seen_what_is_granted(self, app: Path) -> None:
        out = self.look(
            app,
            *("data/note", "key", "data/key", "data/private/key"),
            read=[app / "data"],
            mask=[app / "data" / "private", app / "data" / "key"],
        )
        assert "a note" in out and MARK not in out and out.count("refused 2") == 3

    def test_a_place_of_the_plan_is_not_seen_but_as_it_says(self, app: Path) -> None:
        other = app.parent / "other"
        (other / "a").mkdir(parents=True)
        (other / "key").write_text(MARK)
        out = self.look(app, f"{other}/key", f"{other}/a", read=[other / "a"], mask=[other])
        assert MARK not in out and "[]" in out

    def test_a_server_in_it_starts(self, app: Path) -> None:
        server = script(app / "plugins" / "server", "#!/bin/sh", f"echo started; cat {app}/key")
        out = said_by([str(server)], app)
        assert "started" in out and MARK not in out


class TestCopiesOfOthers:
    def test_they_are_in_nobodys_grant(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The folder for temporary files is granted, and another server's copies lie in it."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        (tmp_path / "w").mkdir()
        (tmp_path / "w" / "key").write_text(MARK)
        (tmp_path / "open").mkdir()
        (tmp_path / "open" / "note").write_text("a note")
        other = confine(plan(read=[tmp_path / "w"], globs=["/**/x"]), ["/bin/sh"], {})
        with closing(other.copies):
            (copy,) = other.copies.places.values()
            assert (copy / "key").read_text() == MARK
            for state in ("read", "write"):
                granted = {state: [tmp_path]}
                out = run(plan(**granted), LIST_AND_READ, copy / "key", tmp_path / "open" / "note")  # type: ignore[arg-type]
                assert "a note" in out and MARK not in out


SEND = """
import socket, sys
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    try:
        one, other = socket.socketpair(socket.AF_UNIX, kind)
        print("sent", one.sendto(b"leak", sys.argv[1]))
    except OSError as error: print("refused", error.errno)
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
for attempt in (lambda: one.sendto(b"leak", sys.argv[1]), lambda: one.connect(sys.argv[1])):
    try: print("sent", attempt())
    except OSError as error: print("refused", error.errno)
one.sendall(b"within"); print(other.recv(9))
"""


class TestDatagrams:
    @pytest.fixture
    def listener(self, tmp_path: Path) -> Iterator[socket.socket]:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as end:
            end.bind(str(tmp_path / "s"))
            yield end

    def test_the_listener_notices_one(self, tmp_path: Path, listener: socket.socket) -> None:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with one, other:
            one.sendto(b"leak", str(tmp_path / "s"))
        assert select.select([listener], [], [], 0)[0]

    @pytest.mark.parametrize("state", ["read", "write"])
    def test_no_pair_reaches_a_socket_file(self, tmp_path: Path, listener: socket.socket, state: str) -> None:
        granted = {state: [tmp_path]}
        out = run(plan(**granted), SEND, tmp_path / "s")  # type: ignore[arg-type]
        assert out.count("refused") == 4 and "b'within'" in out
        assert not select.select([listener], [], [], 0)[0]


INTO_THE_KERNEL = """
import ctypes, mmap, os, sys
print("alive", flush=True)
if sys.argv[1] == "x32":
    print("answered", ctypes.CDLL(None).syscall(0x40000000 | 39), flush=True)
else:  # int 0x80: `getpid` of i386
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    print("answered", call(), flush=True)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86-64 has these doors")
@pytest.mark.parametrize("route", ["x32", "int 0x80"])
def test_the_kernels_other_doors_are_shut(route: str) -> None:
    """Their calls have other numbers: `socket` of i386 would pass for something harmless."""
    launch = confine(plan(), [sys.executable, "-I", "-c", INTO_THE_KERNEL, route], {})
    with start(launch) as process:
        out, _ = process.communicate(timeout=SECONDS)
    assert out == b"alive\n" and process.returncode in (128 + signal.SIGSYS, 128 + signal.SIGSEGV)


NAMESPACES = """
import ctypes, errno, os, threading
libc = ctypes.CDLL(None, use_errno=True)
def told(answer): return errno.errorcode[ctypes.get_errno()] if answer == -1 else answer
flags = (0x10000000, 0x20000, 0x10020000, 0x40000000, 0x20000000)
print("unshare", *{told(libc.unshare(flag)) for flag in flags})
child = libc.syscall(56 if os.uname().machine == "x86_64" else 220, 0x10000000 | 17, 0, 0, 0, 0)
if child == 0: os._exit(0)
print("clone", told(child))
print("clone3", told(libc.syscall(435, None, 0)))
print("ptrace", told(libc.ptrace(16, 1, 0, 0)))
thread = threading.Thread(target=lambda: print("thread")); thread.start(); thread.join()
print("child", os.waitstatus_to_exitcode(os.spawnlp(os.P_WAIT, "true", "true")))
"""


def test_no_namespace_is_made_and_no_process_looked_into() -> None:
    """In a user namespace of its own a process has every capability; the first process is there to trace."""
    out = run(plan(), NAMESPACES).splitlines()
    assert out == ["unshare EPERM", "clone EPERM", "clone3 ENOSYS", "ptrace ENOSYS", "thread", "child 0"]


def test_the_filter_outlives_an_exec(tmp_path: Path) -> None:
    again = "import os, sys; os.execv(sys.executable, [sys.executable, '-I', '-c', sys.argv[1], sys.argv[2]])"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(tmp_path / "s"))
        assert run(plan(read=[tmp_path]), again, SEND, tmp_path / "s").count("refused") == 4
        assert not select.select([listener], [], [], 0)[0]
