"""What the files of other clients say: read strictly, bounded, each with its digest bound."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from capwright_registry.capability import InputFile
from capwright_registry.clients.jsonc import Places, plain
from capwright_registry.clients.places import Place
from capwright_registry.clients.presence import LISTING, UnfitClientError, presence_digest, present
from capwright_registry.documents.document import Source
from capwright_registry.documents.lexical import BoundsError, check_bounds
from capwright_registry.documents.not_toml import not_toml, span_at
from capwright_registry.errors import InputError, Problem
from capwright_registry.files import DOCUMENT_LIMIT
from capwright_registry.inputs import Inputs
from capwright_registry.report import Report
from capwright_registry.spans import Span
from capwright_registry.strict_json import JsonError, parse

_HELP = "correct it, or remove it: what a client makes of it cannot be told"


@dataclass(frozen=True)
class ClientFile:
    """A file of another client's. `file` is its path in the workspace, `sha256` that of its bytes.

    `content` is what the file says, None for a file of a folder, which is loaded as it is.
    """

    place: Place
    file: str
    sha256: str
    content: Mapping[str, object] | None
    _locate: Callable[..., Span] | None = field(default=None, repr=False, compare=False)

    def span(self, *route: str | int) -> Span:
        """Where a key stands, or a text of a list; the whole file where that is not known."""
        return Span(self.file) if self._locate is None else self._locate(*route)


def read_clients(root: Path, inputs: Inputs, report: Report) -> tuple[tuple[ClientFile, ...], InputFile]:
    """Every file of another client's in the workspace, by path, and the input that says which there are.

    Each file is an input of its own. What cannot be read is noted, and a file that says nothing with one
    meaning: what it makes a client load, nobody can tell.
    """
    try:
        there = present(root)
    except UnfitClientError as error:
        report.add(Span(error.path), f"`{error.path}` {error.reason}", error.help)
        there = ()
    listing = InputFile(LISTING, presence_digest(file for _, file in there), len(there), "listing")
    return tuple(_read(root, inputs, report, there)), listing


def _read(
    root: Path, inputs: Inputs, report: Report, there: Iterable[tuple[Place, str]]
) -> Iterator[ClientFile]:
    for place, file in there:
        content = inputs.document(root / file, "client")
        if content is None:
            continue
        try:
            yield _understood(place, file, content.sha256, content.data)
        except InputError as error:
            report.extend(error.problems)


def _understood(place: Place, file: str, sha256: str, data: bytes) -> ClientFile:
    if place.form == "folder":
        return ClientFile(place, file, sha256, None)
    content, locate = _toml(file, data) if place.form == "toml" else _json(place, file, data)
    return ClientFile(place, file, sha256, MappingProxyType(content), locate)


def _json(place: Place, file: str, data: bytes) -> tuple[dict[str, object], Callable[..., Span]]:
    try:
        text = data.decode()
        text = plain(text) if place.form == "jsonc" else text
        content = {} if place.form == "jsonc" and not text.strip() else parse(text.encode(), DOCUMENT_LIMIT)
    except (UnicodeDecodeError, JsonError) as error:
        raise _refused(file, error) from error
    if not isinstance(content, dict):
        raise InputError([Problem("the file is no JSON object", Span(file), _HELP)])
    return content, Places(text, file).span


def _refused(file: str, error: UnicodeDecodeError | JsonError) -> InputError:
    if isinstance(error, UnicodeDecodeError):
        return InputError([Problem(f"byte {error.start} is not UTF-8", Span(file), _HELP)])
    span = Span(file, error.line, error.column, error.line, error.column + 1) if error.line else Span(file)
    return InputError([Problem(error.message, span, _HELP)])


def _toml(file: str, data: bytes) -> tuple[dict[str, object], Callable[..., Span]]:
    try:
        text = data.decode()
        check_bounds(text)
        return tomllib.loads(text), Source(file, data).key_span
    except UnicodeDecodeError as error:
        raise _refused(file, error) from error
    except BoundsError as error:
        raise InputError([Problem(error.message, span_at(text, error.offset, file), _HELP)]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([not_toml(text, error, file)]) from error
