"""The messages of the refusals that the code can raise, as its source says them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def raised_in(place: str, error: str) -> set[str]:
    """Every message that a file, or a folder's files, give to the exception `error`, `…` for what varies.

    Left out: a message that is another error's text, or that comes out of a table.
    """
    path = ROOT / place
    files = [path] if path.is_file() else sorted(path.glob("*.py"))
    return {message for file in files for message in _messages(ast.parse(file.read_text("utf-8")), error)}


def _messages(tree: ast.AST, error: str) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            named = dict(_assigned(function))
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == error:
                    first = call.args[0] if call.args else None
                    found = named.get(first.id, ()) if isinstance(first, ast.Name) else _texts(first)
                    yield from found


def _assigned(function: ast.FunctionDef) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts that each local name can hold."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, tuple(_texts(node.value))


def _texts(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
