"""The sandbox under attack: each test asserts on the effect, not on what the attacker was told."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import confine, probe, start
from tests.runtimes.confined import SECONDS, plan, run

pytestmark = pytest.mark.bwrap

MARK = "what must not leave"
READ = """
import sys
for name in sys.argv[1:]:
    try: print(open(name).read())
    except OSError as error: print("refused", error.errno)
"""
WRITE = """
import sys
for name in sys.argv[1:]:
    try:
        open(name, "w").write("overwritten")
        print("wrote", name)
    except OSError as error: print("refused", error.errno)
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A workspace with a readable note, a hidden folder, and a secret beside it."""
    folder = tmp_path / "w"
    (folder / "sub" / "private").mkdir(parents=True)
    (folder / "note.txt").write_text("a note")
    (folder / "sub" / "private" / "key").write_text(MARK)
    (folder / "sub" / ".env").write_text(MARK)
    (tmp_path / "outside.txt").write_text(MARK)
    return folder


class TestFiles:
    def test_what_is_bound_is_read_and_nothing_else(self, work: Path) -> None:
        out = run(plan(read=[work]), READ, work / "note.txt", work.parent / "outside.txt", "/etc/passwd")
        assert "a note" in out and out.count("refused") == 2
        assert MARK not in out

    def test_a_link_out_of_the_folder_leads_nowhere(self, work: Path) -> None:
        (work / "link").symlink_to(work.parent / "outside.txt")
        (work / "up").symlink_to(work.parent)
        out = run(
            plan(read=[work]), READ, work / "link", work / "up" / "outside.txt", f"{work}/../outside.txt"
        )
        assert MARK not in out and out.count("refused") == 3

    def test_a_granted_path_that_is_a_link_is_refused(self, work: Path) -> None:
        (work / "link").symlink_to(work.parent)
        for table in (plan(read=[work / "link"]), plan(write=[work / "link" / "w"])):
            with pytest.raises(Refused) as caught:
                confine(table, [sys.executable], {})
            assert caught.value.code == "linked-path"

    def test_masks_hide_folders_and_files(self, work: Path) -> None:
        hidden = [work / "sub" / "private", work / "sub" / ".env"]
        out = run(plan(read=[work], mask=hidden), READ, hidden[0] / "key", hidden[1], work / "note.txt")
        assert MARK not in out and "a note" in out

    def test_wildcards_hide_what_is_there(self, work: Path) -> None:
        globs = ["/**/.env", "/**/private"]
        out = run(
            plan(read=[work], globs=globs),
            READ,
            work / "sub/.env",
            work / "sub/private/key",
            work / "note.txt",
        )
        assert MARK not in out and "a note" in out

    def test_a_place_within_a_hidden_folder_can_be_given(self, work: Path) -> None:
        (work / "sub" / "private" / "open").mkdir()
        (work / "sub" / "private" / "open" / "page").write_text("a page")
        table = plan(read=[work, work / "sub/private/open"], mask=[work / "sub/private"])
        out = run(table, READ, work / "sub/private/open/page", work / "sub/private/key")
        assert "a page" in out and MARK not in out

    def test_a_single_file_stands_alone_and_a_folder_is_no_file(self, work: Path) -> None:
        table = plan(read=[work / "note.txt", work / "sub"], files=[work / "note.txt", work / "sub"])
        out = run(table, READ, work / "note.txt", work / "sub" / ".env")
        assert "a note" in out and MARK not in out

    def test_nothing_bound_for_reading_is_written(self, work: Path) -> None:
        out = run(plan(read=[work]), WRITE, work / "note.txt", work / "new.txt", "/usr/new.txt", "/new.txt")
        assert "wrote" not in out
        assert (work / "note.txt").read_text() == "a note" and not (work / "new.txt").exists()

    def test_what_is_bound_for_writing_is_written_and_its_surroundings_are_not(self, work: Path) -> None:
        run(plan(read=[work], write=[work / "sub"]), WRITE, work / "sub" / "new.txt", work / "note.txt")
        assert (work / "sub" / "new.txt").read_text() == "overwritten"
        assert (work / "note.txt").read_text() == "a note"

    def test_the_folder_for_temporary_files_is_its_own(self, tmp_path: Path) -> None:
        name = f"/tmp/capwright-{tmp_path.name}-{os.getpid()}"
        assert "wrote" in run(plan(), WRITE, name, "/tmp/home/x")
        assert not Path(name).exists()

    def test_the_program_is_readable_and_never_writable(self) -> None:
        assert "wrote" not in run(plan(), WRITE, Path(sys.prefix) / "bin" / "new", Path(os.__file__))


class TestExceptionsInAWritableFolder:
    """A masked file must not come into reach by renaming, replacing or making what is around it."""

    def test_renaming_the_folder_around_does_not_uncover(self, work: Path) -> None:
        move = """
import os, sys
try: os.rename(sys.argv[1], sys.argv[2])
except OSError as error: print("refused", error.errno)
"""
        table = plan(write=[work], mask=[work / "sub" / "private"])
        run(table, move, work / "sub", work / "moved")
        assert (work / "sub" / "private" / "key").read_text() == MARK
        assert not (work / "moved").exists()

    @pytest.mark.parametrize("state", ["mask", "read"])
    def test_a_place_that_is_not_there_cannot_be_made(self, work: Path, state: str) -> None:
        hook = work / "sub" / "hooks" / "start"
        hidden: dict[str, list[Path]] = {state: [hook]}
        run(
            plan(write=[work], **hidden),  # type: ignore[arg-type]
            "import os, sys\nos.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)\n" + WRITE,
            hook,
        )
        assert not hook.exists()

    def test_what_lies_beside_it_stays_writable_and_nothing_is_made_around_it(self, work: Path) -> None:
        (work / "out").mkdir()
        places = [work / "out" / "new.txt", work / "note.txt", work / "new.txt", work / "sub" / "new.txt"]
        out = run(plan(write=[work], mask=[work / "sub" / "hooks"]), WRITE, *places)
        assert out.count("wrote") == 2
        assert [place.exists() for place in places] == [True, True, False, False]
        assert (work / "note.txt").read_text() == "overwritten"

    def test_a_link_in_the_place_of_a_masked_file_is_not_replaced(self, work: Path) -> None:
        (work / "sub" / "config").symlink_to(work / "note.txt")
        replace = "import os, sys\ntry: os.unlink(sys.argv[1])\nexcept OSError: pass\n" + WRITE
        run(plan(write=[work], mask=[work / "sub" / "config"]), replace, work / "sub" / "config")
        assert (work / "sub" / "config").is_symlink()

    def test_a_program_in_a_writable_folder_is_not_replaced(self, work: Path) -> None:
        program = work / "sub" / "serve"
        program.write_text(f"#!{sys.executable}\nimport os\nopen(__file__, 'a').write('changed')\n")
        program.chmod(0o755)
        before = program.read_text()
        if probe() != "bubblewrap":
            pytest.skip("no process sandbox works on this host; install bubblewrap")
        launch = confine(plan(write=[work]), [str(program)], {})
        with start(launch) as process:
            _, complaint = process.communicate(timeout=SECONDS)
        assert program.read_text() == before and b"Read-only" in complaint


UNMOUNT = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for flags in (0, 2):
    libc.umount2(sys.argv[1].encode(), flags)
if os.fork() == 0:
    libc.unshare(0x10020000)  # new user and mount namespaces: all capabilities, within them
    libc.umount2(sys.argv[1].encode(), 2)
    for name in sys.argv[2:]:
        try: print(open(name).read(), flush=True)
        except OSError: pass
    os._exit(0)
os.wait()
for name in sys.argv[2:]:
    try: print(open(name).read())
    except OSError: pass
print("tried")
"""


def test_a_mask_cannot_be_unmounted_not_even_by_root_nor_in_new_namespaces(work: Path) -> None:
    masked = work / "sub" / "private"
    out = run(plan(read=[work], mask=[masked]), UNMOUNT, masked, masked / "key")
    assert "tried" in out and MARK not in out


CONNECT = """
import socket, sys
family, address = sys.argv[1], sys.argv[2]
try:
    if family == "inet":
        host, port = address.rsplit(":", 1)
        socket.create_connection((host, int(port)), 5).sendall(b"leak")
    else:
        end = socket.socket(socket.AF_UNIX)
        end.connect(address.replace("@", chr(0), 1))
        end.sendall(b"leak")
    print("connected")
except OSError as error: print("refused", error.errno)
"""


@pytest.fixture
def tcp() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def _saw_a_connection(server: socket.socket) -> bool:
    return bool(select.select([server], [], [], 0)[0])


class TestNetwork:
    def test_the_listener_notices_a_connection_that_is_made(self, tcp: socket.socket) -> None:
        address = f"127.0.0.1:{tcp.getsockname()[1]}"
        subprocess.run([sys.executable, "-I", "-c", CONNECT, "inet", address], check=True, timeout=SECONDS)
        assert _saw_a_connection(tcp)

    def test_a_local_port_is_out_of_reach(self, tcp: socket.socket) -> None:
        out = run(plan(), CONNECT, "inet", f"127.0.0.1:{tcp.getsockname()[1]}")
        assert "refused" in out and not _saw_a_connection(tcp)

    @pytest.mark.parametrize("state", ["read", "write"])
    def test_a_socket_file_in_a_bound_folder_is_out_of_reach(self, work: Path, state: str) -> None:
        place = work / "s"
        with closing(socket.socket(socket.AF_UNIX)) as server:
            server.bind(str(place))
            server.listen()
            bound: dict[str, list[Path]] = {state: [work]}
            out = run(plan(**bound), CONNECT, "unix", place)  # type: ignore[arg-type]
            assert "refused" in out and not _saw_a_connection(server)

    def test_an_abstract_socket_is_out_of_reach(self) -> None:
        name = f"capwright-{os.getpid()}"
        with closing(socket.socket(socket.AF_UNIX)) as server:
            server.bind(f"\0{name}")
            server.listen()
            out = run(plan(), CONNECT, "unix", f"@{name}")
            assert "refused" in out and not _saw_a_connection(server)


class TestTheRestOfTheHost:
    def test_only_named_variables_pass_and_their_values_are_no_arguments(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AN_UNNAMED_TOKEN", MARK)
        out = run(plan(), "import os; print(dict(os.environ))", env={"A_NAMED_ONE": "given-value"})
        assert "given-value" in out and MARK not in out and "AN_UNNAMED_TOKEN" not in out
        launch = confine(plan(), [sys.executable], {"A_NAMED_ONE": "given-value"})
        assert "given-value" not in " ".join((*launch.options, *launch.command))

    def test_other_processes_are_not_there(self) -> None:
        script = "import os, sys\nprint(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()))"
        assert run(plan(), script) in ("[1, 2]\n", "[1, 2, 3]\n")

    def test_key_rings_and_io_uring_do_not_exist(self) -> None:
        script = """
import ctypes, errno, platform
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"x86_64": (250, 248, 249, 425), "aarch64": (219, 217, 218, 425)}[platform.machine()]
for number in numbers:
    print(libc.syscall(number, 0, 0, 0, 0, 0), errno.errorcode[ctypes.get_errno()])
"""
        assert run(plan(), script) == "-1 ENOSYS\n" * 4

    def test_it_has_no_capabilities(self) -> None:
        out = run(plan(), "print([l for l in open('/proc/self/status') if l.startswith('Cap')])")
        assert out.count("0000000000000000") == 5

    def test_it_has_no_terminal(self) -> None:
        assert "refused 6" in run(plan(), READ, "/dev/tty")

    def test_nothing_of_the_kernels_own_opens_for_writing(self) -> None:
        # Opened and never written: where this fails, a write would change the whole machine.
        script = """
import os
for folder, names, files in os.walk("/proc"):
    names[:] = [name for name in names if not (folder == "/proc" and (name.isdigit() or "self" in name))]
    for name in files:
        place = os.path.join(folder, name)
        try: os.close(os.open(place, os.O_WRONLY | os.O_NONBLOCK))
        except OSError: continue
        print("opened", place)
print("walked", os.path.exists("/proc/sys/kernel/core_pattern"))
"""
        assert run(plan(), script) == "walked True\n"

    def test_everything_dies_with_the_group_even_what_left_it(self) -> None:
        if probe() != "bubblewrap":
            pytest.skip("no process sandbox works on this host; install bubblewrap")
        script = """
import os, sys, signal
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("away", flush=True)
    signal.pause()
signal.pause()
"""
        process = start(confine(plan(), [sys.executable, "-I", "-c", script], {}))
        assert process.stdout is not None
        assert process.stdout.readline() == b"away\n"
        os.killpg(process.pid, signal.SIGKILL)
        # The pipe ends only when every process that holds it is gone.
        assert select.select([process.stdout], [], [], SECONDS)[0], "a process of the sandbox lives on"
        with process:
            assert process.stdout.read() == b""


def _fake_bwrap(folder: Path, body: str) -> None:
    fake = folder / "bwrap"
    fake.write_text(f"#!/bin/sh\n{body}\n")
    fake.chmod(0o755)


class TestProbe:
    """A sandbox is what was seen to confine; a program of that name proves nothing."""

    @pytest.fixture(autouse=True)
    def _fresh(self) -> Iterator[None]:
        probe.cache_clear()
        yield
        probe.cache_clear()

    @pytest.mark.parametrize(
        "body",
        [
            'while [ "$1" != "--" ]; do shift; done; shift; exec "$@"',
            "exit 1",
            "echo looked",
        ],
        ids=["runs it unconfined", "fails", "shows nothing"],
    )
    def test_a_program_that_does_not_confine_is_none(
        self, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _fake_bwrap(tmp_path, body)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert probe() == "none"

    def test_no_program_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert probe() == "none"
