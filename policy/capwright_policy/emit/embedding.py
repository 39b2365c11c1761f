"""Several modules made one: their text as it is, without what would import a sibling.

Comments and docstrings stay, so that whoever reads a stub reads what was reviewed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from capwright_policy.emit.renaming import defined, renamed
from capwright_registry.errors import InternalError

_OURS = "capwright_registry"


@dataclass(frozen=True, slots=True)
class Part:
    """One module: its name, its text, names to change, and constants to replace (name to literal)."""

    name: str
    text: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


def joined(parts: Sequence[Part], docstring: str) -> str:
    """One module of all `parts`, in order, importing only the standard library.

    A private name that two parts define is told apart; a public one is an error. Raises `InternalError` for
    that, and where a part imports anything else.
    """
    parts = list(_distinct(parts))
    trees = [ast.parse(part.text) for part in parts]
    head = [f'"""{docstring}"""', "", "from __future__ import annotations", "", *_imports(trees)]
    bodies = [_body(part, tree) for part, tree in zip(parts, trees, strict=True)]
    return "\n".join([*head, *bodies])


def _distinct(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts with their names changed so that each is defined once."""
    seen: set[str] = set()
    for part in parts:
        own = list(defined(ast.parse(part.text)))
        names = dict(part.renamed)
        names |= {n: f"_{part.name}{n}" for n in own if n in seen and n not in names and n.startswith("_")}
        kept = [names.get(name, name) for name in own]
        twice = sorted(name for name in kept if name in seen)
        if twice:
            raise InternalError(f"two embedded modules define `{twice[0]}`")
        seen.update(kept)
        yield replace(part, text=renamed(part.text, names))


def _imports(trees: Sequence[ast.Module]) -> list[str]:
    plain: set[str] = set()
    named: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Import):
            plain.update(_standard(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not _is_ours(node) and node.module != "__future__":
            names = named.setdefault(_standard(node.module or ""), set())
            names.update(alias.name for alias in node.names)
    lines = [f"import {name}" for name in sorted(plain)]
    return lines + [f"from {module} import {', '.join(sorted(named[module]))}" for module in sorted(named)]


def _standard(module: str) -> str:
    if module.partition(".")[0] not in sys.stdlib_module_names:
        raise InternalError(f"an embedded module imports `{module}`, which stubs may not")
    return module


def _is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").partition(".")[0] == _OURS


def _body(part: Part, tree: ast.Module) -> str:
    lines: list[str | None] = list(part.text.split("\n"))
    for number, node in enumerate(tree.body):
        replacement = _replacement(part, node, first=number == 0)
        if replacement is not None:
            last = node.end_lineno or node.lineno
            gone: list[str | None] = [None] * (last - node.lineno)  # lines keep their numbers until the end
            lines[node.lineno - 1 : last] = [replacement or None, *gone]
    text = "\n".join(line for line in lines if line is not None).strip("\n")
    return f"\n\n# {part.name}\n\n\n{text}\n"


def _replacement(part: Part, node: ast.stmt, *, first: bool) -> str | None:
    """What stands for a statement instead: nothing for imports and the docstring, `None` to leave it."""
    if isinstance(node, (ast.Import, ast.ImportFrom)) or (first and isinstance(node, ast.Expr)):
        return ""
    if isinstance(node, ast.Assign) and any(
        isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
    ):
        return ""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        literal = part.constants.get(node.target.id)
        return None if literal is None else f"{node.target.id}: {ast.unparse(node.annotation)} = {literal}"
    return None
