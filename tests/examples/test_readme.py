"""What README.md and CONTRIBUTING.md say is so: commands, their output, options, links."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from capwright_cli import commands
from tests.examples.scene import REPOSITORY, copy_examples, run

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
CI = (REPOSITORY / ".ci/run").read_text(encoding="utf-8")

#: Where the README's author had the checkout.
SHOWN_CHECKOUT = "/tmp/capwright"
COMMANDS = {module.name for module in pkgutil.iter_modules(commands.__path__)}


@dataclass(frozen=True)
class Sample:
    """A console block: the command after `$`, and what it shows of the output."""

    command: str
    lines: tuple[str, ...]


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _samples() -> list[Sample]:
    found = []
    for block in _blocks("console"):
        first, *lines = block.splitlines()
        assert first.startswith("$ "), first
        found.append(Sample(first[2:], tuple(line for line in lines if line != "...")))
    return found


def _rows() -> list[str]:
    """The table's first column."""
    return re.findall(r"^\| `(capwright [^`]*)`", README, re.MULTILINE)


def _names() -> Iterator[str]:
    """Every command, those of a group with its name before them."""
    for name in COMMANDS:
        command = importlib.import_module(f"{commands.__name__}.{name}").command
        inner = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else []
        yield from [f"{name} {one}" for one in inner] or [name]


def _options(name: str) -> set[str]:
    command = importlib.import_module(f"{commands.__name__}.{name}").command
    options = (p for p in command.params if isinstance(p, click.Option))
    return {text for option in options for text in option.opts}


def _links(text: str) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """A folder that holds the examples where the repository does."""
    copy_examples(tmp_path)
    return tmp_path.resolve()


class TestFirstLines:
    def test_the_first_line_is_one_plain_sentence(self) -> None:
        line = README.splitlines()[0]
        assert re.fullmatch(r"[A-Z][^.]*\.", line)
        assert not re.search(r"[`*_#<>\[\]]", line)

    def test_two_commands_of_one_line_each(self) -> None:
        blocks = _blocks("sh")
        assert [block.count("\n") for block in blocks] == [1, 1]
        assert not any(line.rstrip().endswith("\\") for line in blocks)

    def test_ci_runs_these_two(self) -> None:
        see, test = (block.rstrip("\n") for block in _blocks("sh"))
        taken = dict(re.findall(r'^(\w+)=\$\(grep -m1 "([^"]+)" README\.md\)$', CI, re.MULTILINE))
        found = {name: next(iter(re.findall(f"(?m){p}.*$", README)), "") for name, p in taken.items()}
        assert found == {"test_command": test, "demo_command": see}
        for name in found:
            assert re.search(rf'^bash -c "\${name}"', CI, re.MULTILINE)


class TestSamples:
    def test_there_are_some(self) -> None:
        assert len(_samples()) >= 3
        assert all(sample.lines for sample in _samples())

    def test_each_shows_what_the_command_says(self, checkout: Path) -> None:
        for sample in _samples():
            program, *args = shlex.split(sample.command)
            assert program == "capwright"
            said = run(*args, cwd=checkout)
            real = iter(said.text.replace(str(checkout), SHOWN_CHECKOUT).splitlines())
            for line in sample.lines:
                assert line in real, f"`{sample.command}` does not say, in this place: {line}"


class TestTable:
    def test_every_command_is_in_it_and_there_are_no_others(self) -> None:
        named = [re.match(r"capwright((?: [a-z]+)+)", row) for row in _rows()]
        assert sorted(found[1].strip() for found in named if found) == sorted(_names())

    @pytest.mark.parametrize("row", _rows())
    def test_the_options_exist(self, row: str) -> None:
        assert set(re.findall(r"--[a-z]+", row)) <= _options(row.split()[1])

    def test_the_formats_are_where_it_says(self) -> None:
        with_format = {name for name in COMMANDS if "--format" in _options(name)}
        line = next(line for line in README.splitlines() if line.startswith("`--format json` is there for"))
        assert with_format == set(re.findall(r"`(\w+)`", line.partition(";")[0]))


class TestReferences:
    @pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
    def test_links_lead_somewhere(self, name: str) -> None:
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        assert [link for link in _links(text) if not (REPOSITORY / link.partition("#")[0]).exists()] == []

    def test_the_readme_has_links(self) -> None:
        assert "specs/patterns.md" in _links(README)

    def test_the_modules_of_the_long_runs_exist(self) -> None:
        names = {*re.findall(r"-m (tests\.[\w.]+)", CONTRIBUTING), *re.findall(r"-m (tests\.[\w.]+)", CI)}
        assert names
        assert sorted(name for name in names if importlib.util.find_spec(name) is None) == []

    def test_the_paths_of_contributing_exist(self) -> None:
        paths = re.findall(r"`((?:registry|policy|runtimes|cli|specs|tests)/[\w./]*)`", CONTRIBUTING)
        assert paths
        assert [path for path in paths if not (REPOSITORY / path).exists()] == []
