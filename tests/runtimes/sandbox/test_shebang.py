"""The first line of a script means here what it means to the kernel, or the script is no program."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox.shebang import Interpreter, interpreter, is_plain


def said(place: Path, content: bytes) -> Interpreter | None:
    file = place / "program"
    file.write_bytes(content)
    return interpreter(file)


class TestLine:
    """`load_script` in `fs/binfmt_script.c`: 256 bytes, blanks and tabs separate, one argument."""

    @pytest.mark.parametrize(
        ("line", "path", "argument"),
        [
            (b"#!/bin/sh\n", "/bin/sh", ""),
            (b"#! \t /bin/sh \t\n", "/bin/sh", ""),
            (b"#!/bin/sh\t-e  -u \nexit\n", "/bin/sh", "-e  -u"),
            (b"#!/bin/sh -e\r\n", "/bin/sh", "-e\r"),
            (b"#!/bin/sh\r\n", "/bin/sh\r", ""),
            (b"#!/bin/s\x0bh\n", "/bin/s\x0bh", ""),
            ("#!/bin/s\u00a0h\n".encode(), "/bin/s\u00a0h", ""),
            (b"#!/bin/\xff\n", "/bin/\udcff", ""),
            (b"#!/" + b"a" * 252 + b"\n", "/" + "a" * 252, ""),
        ],
    )
    def test_it_names_an_interpreter(self, tmp_path: Path, line: bytes, path: str, argument: str) -> None:
        assert said(tmp_path, line) == Interpreter(Path(path), argument)

    @pytest.mark.parametrize(
        "line",
        [
            b"#!" + b" " * 300 + b"/a/folder\n",
            b"#!" + b"\t" * 254 + b"/a/folder\n",
            b"#!/" + b"a" * 253 + b"\n",
            b"#!/bin/sh" + b" " * 300 + b"\n",
            b"#!/bin/sh",
            b"#!\n/bin/sh\n",
            b"#!  \t\n",
            b"#!",
            b"#!/bin/sh\0 /a/folder\n",
            b"#!bin/sh\n",
            b"#!./sh\n",
            b"#!~/sh\n",
            b"#!/bin/../a/folder\n",
            b"#!//a/folder\n",
            b"#!/a/folder/\n",
            b" #!/bin/sh\n",
            b"\xef\xbb\xbf#!/bin/sh\n",
            b"exec /bin/sh\n",
            b"MZ\x90\0",
            b"\x7fEL",
            b"",
        ],
    )
    def test_anything_else_is_no_program(self, tmp_path: Path, line: bytes) -> None:
        with pytest.raises(Refused) as caught:
            said(tmp_path, line)
        assert caught.value.code == "no-program"

    def test_machine_code_has_no_interpreter(self, tmp_path: Path) -> None:
        assert said(tmp_path, b"\x7fELF#!/bin/sh\n") is None

    def test_what_is_no_file_is_no_program(self, tmp_path: Path) -> None:
        for place in (tmp_path, tmp_path / "none"):
            with pytest.raises(Refused):
                interpreter(place)


class TestEnv:
    """`env(1)`: it looks for one name; `-S` splits what the kernel hands over as one argument."""

    @pytest.mark.parametrize(
        ("argument", "name"),
        [
            ("node", "node"),
            ("python3.11", "python3.11"),
            ("-S node", "node"),
            ("-Snode", "node"),
            ("-S node --no-warnings /x", "node"),
            ("node --no-warnings", None),  # one name with a blank in it
            ("-S -u PATH /a/file", None),
            ("-S -i node", None),
            ("-S A=1 node", None),
            ("A=1", None),
            ("-i", None),
            ("/a/file", None),
            ("-S /a/file", None),
            ("-S 'node' x", None),
            ("-S no\\_de", None),
            ("-S ${HOME}/file", None),
            ("", None),
        ],
    )
    def test_the_name_that_it_looks_for(self, argument: str, name: str | None) -> None:
        assert Interpreter(Path("/usr/bin/env"), argument).sought == name
        assert Interpreter(Path("/bin/env"), argument).sought == name

    def test_another_env_is_none(self) -> None:
        assert Interpreter(Path("/a/env"), "node").sought is None


@pytest.mark.parametrize("path", ["", "a", "a/b", "//a", "/a/", "/a/.", "/a/../b", "/a//b"])
def test_a_roundabout_path_is_not_plain(path: str) -> None:
    assert not is_plain(path)
    assert is_plain("/a/b") and is_plain("/a/ b\t")
