"""What holds for every file of the project: nothing of a machine, nothing secret, nothing undeclared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ROOMS = tuple(REPOSITORY / room for room in ("registry", "policy", "runtimes", "cli"))
MOST_LINES = 500

#: Written so that no pattern matches its own source; `SAMPLES` shows what each is for.
FORBIDDEN = {
    "a machine's folder": r"(?<![\w.}])/(?:work/|tmp/v(?![\w-]))",
    "a registry's host": r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|artifactory|jfrog|nexus|registry|proxy)[\w-]*\.",
    "an index": r"--(?:extra-)?inde[x]-url[ =]|--find-links[ =]",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a token": r"\b(?:gh[pousr]_|github_pat_|npm_|sk-|glpat-|xox[abprs]-)[A-Za-z0-9_-]{20,}",
    "a cloud key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}",
    "a password in a URL": r"\b[a-z]+://[^/\s:@'\"`{}<>]+:[^/\s:@'\"`{}<>]+@[\w-]+\.",
}
SAMPLES = {
    "a machine's folder": "cd {0}work/main",
    "a registry's host": "https:{0}{0}files.python{4}.org/x",
    "an index": "pip install --{5}{1}here",
    "a private key": "-----BEGIN RSA{1}PRIVATE KEY-----",
    "a token": "token = 'ghp{2}abcdefghijklmnopqrstuvwxyz0123456789'",
    "a cloud key": "AKIA{3}IOSFODNN7EXAMPLE",
    "a password in a URL": "postgres:{0}{0}me:hunter2@db.example.com",
}


def _tracked() -> list[Path]:
    """The files that Git has; skips where there is no repository."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no checkout: without Git nobody knows which files belong to it")
    command = ["git", "-c", f"safe.directory={REPOSITORY}", "-C", str(REPOSITORY), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [REPOSITORY / name for name in listed.split("\0") if name]


def _text(file: Path) -> str:
    """The text of a file; nothing where it is none, or gone from the working tree."""
    data = file.read_bytes() if file.is_file() else b""
    return "" if b"\0" in data else data.decode(errors="replace")


def _sources() -> list[Path]:
    return sorted(file for room in ROOMS for file in room.rglob("*.py"))


def _name(file: Path) -> str:
    return file.relative_to(REPOSITORY).as_posix()


class TestTexts:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_nothing_that_should_stay_out(self, what: str) -> None:
        found = [
            f"{_name(file)}:{number}"
            for file in _tracked()
            for number, line in enumerate(_text(file).splitlines(), 1)
            if re.search(FORBIDDEN[what], line)
        ]
        assert found == []

    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_it_would_be_found(self, what: str) -> None:
        assert re.search(
            FORBIDDEN[what], SAMPLES[what].format("/", " ", "_", "", "hosted", "-".join(("index", "url")))
        )

    def test_no_file_is_long(self) -> None:
        python = [file for file in _tracked() if file.suffix == ".py"]
        assert len(python) > len(ROOMS)
        assert [_name(file) for file in python if _text(file).count("\n") > MOST_LINES] == []


class TestSources:
    def test_what_is_public_is_documented(self) -> None:
        assert _sources()
        assert [place for file in _sources() for place in _undocumented(file)] == []

    def test_what_is_imported_is_declared_and_nothing_else(self) -> None:
        declared = _declared()
        assert {name.lower().replace("_", "-") for name in declared} == declared
        assert declared == _distributions(_imported())

    def test_what_is_declared_is_locked(self) -> None:
        lock = (REPOSITORY / "requirements-dev.txt").read_text()
        locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
        assert _declared() - locked == set()
        assert lock.count("--hash=sha256:") >= len(locked)


def _declared() -> set[str]:
    """The packages that `pyproject.toml` says the project needs."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return {re.split(r"[^\w.-]", entry)[0] for entry in project["dependencies"]}


def _undocumented(file: Path) -> Iterator[str]:
    """The public functions and classes without a docstring, those within public classes too."""
    places: list[tuple[str, ast.AST]] = [("", ast.parse(file.read_text()))]
    for prefix, place in places:
        for node in ast.iter_child_nodes(place):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                yield f"{_name(file)}:{node.lineno} {prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                places.append((f"{prefix}{node.name}.", node))


def _imported() -> set[str]:
    """The top-level modules that the rooms import from elsewhere, wherever in a file they do."""
    names: set[str] = set()
    for file in _sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module)
    tops = {name.partition(".")[0] for name in names}
    return {top for top in tops if top not in sys.stdlib_module_names and not top.startswith("capwright_")}


def _distributions(modules: set[str]) -> set[str]:
    """What to install for the modules; a module that nothing installed has stays under its own name."""
    installed = packages_distributions()
    found = {installed.get(module, [module])[0] for module in modules}
    return {name.lower().replace("_", "-") for name in found}
