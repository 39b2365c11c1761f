"""A manifest may name its pins before there are any: while some are made, empty files stand for all."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from capwright_cli.atomic import write_beneath
from capwright_cli.loading import Documents, load_documents
from capwright_cli.sources import root_of
from capwright_registry.errors import InputError
from capwright_registry.files import DOCUMENT_LIMIT, UnreadableError, read_beneath


@contextmanager
def loaded_unpinned(path: Path) -> Iterator[Documents]:
    """The documents of the workspace at `path`, whatever pins of its plugins are not there yet.

    A workspace may have several new servers, and the first of them must be pinned before the others are.
    Placeholders that are still empty in the end are removed. Raises `InputError` as `load_documents` does.
    """
    made: list[Path] = []
    try:
        try:
            documents = load_documents(path)
        except InputError as error:
            missing = _missing(root_of(path), error)
            if not missing:
                raise
            for place in missing:
                write_beneath(place.parent, PurePosixPath(place.name), b"")
                made.append(place)
            documents = load_documents(path)
        yield documents
    finally:
        for place in made:
            if place.exists() and not place.stat().st_size:
                place.unlink()


def _missing(root: Path, error: InputError) -> list[Path]:
    """The pins that manifests name and that are not there, as far as they are among the problems."""
    files = dict.fromkeys(problem.span.file for problem in error.problems)
    named = [(root / file).with_name(name) for file in files if (name := _pins_of(root, file)) is not None]
    return [place for place in named if not place.exists()]


def _pins_of(root: Path, file: str) -> str | None:
    try:
        manifest = tomllib.loads(read_beneath(root, PurePosixPath(file), DOCUMENT_LIMIT).data.decode())
        name = manifest["runtime"]["pins"]
    except (UnreadableError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and PurePosixPath(name).name == name else None
