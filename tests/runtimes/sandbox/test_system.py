"""The system folders without what a policy decides of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import system
from capwright_runtimes.sandbox.system import decided, shown


@pytest.fixture
def usr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`usr/bin/`, `usr/src/app/`, `usr/src/lib/`, `usr/file`, `usr/link` to `bin`; `lib` leads to `usr`."""
    for name in ("bin", "src/app/data", "src/lib"):
        (tmp_path / "usr" / name).mkdir(parents=True)
    (tmp_path / "usr" / "file").touch()
    (tmp_path / "usr" / "link").symlink_to("bin")
    (tmp_path / "lib").symlink_to("usr")
    folders = tuple(str(tmp_path / name) for name in ("usr", "lib", "none"))
    monkeypatch.setattr(system, "SYSTEM_FOLDERS", folders)
    return tmp_path / "usr"


def options(usr: Path, *hidden: Path) -> list[str]:
    """The options, one a word, without the folder that everything lies in."""
    words = [word.removeprefix(f"{usr.parent}/") for word in shown(hidden)]
    return " ".join(words).replace("--", "\n--").split("\n")[1:]


def test_as_a_rule_they_are_bound_whole(usr: Path) -> None:
    assert [line.strip() for line in options(usr)] == ["--ro-bind usr usr", "--symlink usr lib"]


def test_a_workspace_in_one_is_not_shown_and_nothing_lies_over_it(usr: Path) -> None:
    assert [line.strip() for line in options(usr, usr / "src" / "app")] == [
        "--dir usr",
        "--ro-bind usr/bin usr/bin",
        "--ro-bind usr/file usr/file",
        "--symlink bin usr/link",
        "--dir usr/src",
        "--ro-bind usr/src/lib usr/src/lib",
        "--symlink usr lib",
    ]


def test_also_where_it_is_not_there_yet(usr: Path) -> None:
    assert "--ro-bind usr/src usr/src" not in "".join(options(usr, usr / "src" / "none" / "x"))


def test_what_is_decided_lies_below_one_by_its_name_or_really(usr: Path) -> None:
    lib = usr.parent / "lib"
    found = decided([usr / "src", lib / "src" / "app", usr, usr.parent / "w", Path("/")])
    assert found == {usr / "src", lib / "src" / "app", usr / "src" / "app"}


def test_too_much_beside_it_is_refused(usr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "MAX_BESIDE", 3)
    assert options(usr, usr / "src" / "app")
    (usr / "one more").touch()
    with pytest.raises(Refused) as caught:
        options(usr, usr / "src" / "app")
    assert caught.value.code == "too-many-files"
