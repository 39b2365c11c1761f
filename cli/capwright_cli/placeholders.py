"""A manifest may name its pins before there are any: while they are made, an empty file stands for them."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath

from capwright_cli.atomic import write_beneath
from capwright_cli.loading import Documents, load_documents
from capwright_cli.sources import root_of
from capwright_registry.errors import InputError
from capwright_registry.files import DOCUMENT_LIMIT, UnreadableError, read_beneath


def load_unpinned(path: Path, plugin: str) -> tuple[Documents, Path | None]:
    """The documents of the workspace at `path`, and the placeholder that was put where the pins will be.

    Whoever gets a placeholder must fill or remove it. Raises `InputError` as `load_documents` does.
    """
    try:
        return load_documents(path), None
    except InputError as error:
        missing = _missing(root_of(path), error, plugin)
        if missing is None:
            raise
    write_beneath(missing.parent, PurePosixPath(missing.name), b"")
    try:
        return load_documents(path), missing
    except BaseException:
        missing.unlink(missing_ok=True)
        raise


def _missing(root: Path, error: InputError, plugin: str) -> Path | None:
    """The pins that the plugin's manifest names and that are not there, if that is among the problems."""
    for file in dict.fromkeys(problem.span.file for problem in error.problems):
        name = _pins_of(root, file, plugin.rpartition(":")[2])
        if name is not None and not (root / file).with_name(name).exists():
            return (root / file).with_name(name)
    return None


def _pins_of(root: Path, file: str, plugin_id: str) -> str | None:
    try:
        manifest = tomllib.loads(read_beneath(root, PurePosixPath(file), DOCUMENT_LIMIT).data.decode())
        name = manifest["runtime"]["pins"] if manifest["id"] == plugin_id else None
    except (UnreadableError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and PurePosixPath(name).name == name else None
