"""Names of one module changed, in its text, so that it can stand beside others."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from capwright_registry.errors import InternalError

Place = tuple[int, int]


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines for itself at its top; imported ones and `__all__` are not its own."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name) and t.id != "__all__")
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with top-level names changed, everywhere that they are used; lines stay where they are.

    Raises `InternalError` where a name also means something else in the module (a parameter, a keyword).
    """
    lines = [line.encode() for line in text.split("\n")]
    places = {place: name for name in names for place in _places(ast.parse(text), lines, name)}
    for (line, column), name in sorted(places.items(), reverse=True):
        row, old = lines[line - 1], name.encode()
        lines[line - 1] = row[:column] + names[name].encode() + row[column + len(old) :]
    return b"\n".join(lines).decode()


def _places(tree: ast.Module, lines: list[bytes], name: str) -> Iterator[Place]:
    """Line (from 1) and byte column (from 0) of each use of `name`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.keyword)) and node.arg == name:
            raise InternalError(f"`{name}` is a parameter too, and cannot be renamed")
        if isinstance(node, ast.Name) and node.id == name:
            yield node.lineno, node.col_offset
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            if node not in tree.body:
                raise InternalError(f"`{name}` is defined in an inner scope too, and cannot be renamed")
            yield node.lineno, lines[node.lineno - 1].index(name.encode())
