"""What a command runs: every file that it names, and folders where an interpreter takes what it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from capwright_policy.programs import runs

HOME = "/tmp/home"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a script, a folder `app` and a folder `data`."""
    (tmp_path / "run").write_text("")
    for name in ("app", "data"):
        (tmp_path / name).mkdir()
    return tmp_path


def named(place: Path, *command: str, home: bool = False) -> list[str]:
    """What is run, as patterns; `@` stands for the folder."""
    words = [word.replace("@", str(place)) for word in command]
    found = dict.fromkeys((str(run.path), run.deep) for run in runs(words, home=home))
    return [path.replace(str(place), "@") + "/**" * deep for path, deep in found]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (("python3", "@/run", "@/data"), ["@/run"]),
        (("tool", "--script=@/x.py"), ["@/x.py"]),
        (("tool", "--script", "@/x"), ["@/x"]),
        (("tool", "-c@/x"), ["@/x"]),
        (("tool", "@/a:@/b,@/c"), ["@/a:@/b,@/c", "@/a", "@/b", "@/c"]),
        (("tool", '{"run": "@/x"}'), ["@/x"]),
        (("tool", "file://@/x"), ["@/x"]),
        (("tool", "https://example.com/run"), []),
        (("tool", "--repository", "@/data"), []),
        (("tool", "--repository", "@/none"), ["@/none"]),
        (("@/bin/tool", "@/run/../x"), ["@/bin/tool/**", "@/x"]),
        (("sh", "-c", 'exec @/run "$@"; cat @/data'), ["@/run", "@/data/**"]),
        (("tool", "\x07@/x"), []),
    ],
)
def test_every_file_that_is_named(place: Path, command: tuple[str, ...], found: list[str]) -> None:
    assert [path for path in named(place, *command) if path.startswith("@")] == found


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        (("python3", "@/app", "@/data"), "@/app/**"),
        (("python3", "-u", "@/app", "@/data"), "@/app/**"),
        (("python3", "-W", "ignore", "@/app", "@/data"), "@/app/**"),
        (("env", "PYTHONPATH=@/app", "python3", "-m", "serve", "@/data"), "@/app/**"),
        (("node", "--require", "@/app", "serve.js", "@/data"), "@/app/**"),
        (("ruby", "-I@/app", "serve.rb", "@/data"), "@/app/**"),
        (("java", "-cp", "@/app", "Main", "@/data"), "@/app/**"),
        (("uv", "run", "--directory", "@/app", "serve", "@/data"), "@/app/**"),
        (("/usr/bin/python3.11", "@/none", "@/data"), "@/none/**"),
        (("npx", "-y", "@scope/server", "@/data"), None),
        (("uvx", "server", "--repository", "@/data"), None),
        (("deno", "run", "--allow-read=@/data", "serve.ts", "@/data"), None),
        (("python3", "-c", "pass", "@/data"), None),
    ],
)
def test_a_folder_that_is_run_and_one_that_is_data(
    place: Path, command: tuple[str, ...], folder: str | None
) -> None:
    found = [path for path in named(place, *(w.replace("@s", "s") for w in command)) if path.endswith("/**")]
    assert [path for path in found if path.startswith("@")] == ([] if folder is None else [folder])


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("tools/run.py", [f"{HOME}/tools/run.py/**", "/tools/run.py/**"]),
        ("./run", [f"{HOME}/run/**", "/run/**"]),
        ("run", [f"{HOME}/run/**", "/run/**"]),
        ("../../srv/run", ["/srv/run/**"]),
    ],
)
def test_what_is_relative_is_sought_where_servers_start(place: Path, word: str, found: list[str]) -> None:
    assert named(place, "python3", word) == found


def test_where_the_start_is_not_known_it_is_sought_anywhere(place: Path) -> None:
    assert "tools/run/**" in named(place, "python3", "../tools/run", home=True)
    assert "tools/run/**" not in named(place, "python3", "../tools/run")


def test_a_link_and_what_it_leads_to(place: Path) -> None:
    (place / "link").symlink_to(place / "run")
    assert named(place, "python3", "@/link") == ["@/link", "@/run"]


def test_an_environment_runs_with_its_program(place: Path) -> None:
    (place / "env/bin").mkdir(parents=True)
    (place / "env/pyvenv.cfg").write_text("")
    (place / "env/bin/python").symlink_to(sys.executable)
    assert "@/env/**" in named(place, "@/env/bin/python", "-m", "serve")
