"""pydantic's errors, said in the house grammar and placed in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from capwright_registry.documents.annotations import annotations_at, keys_at, required_at, words_of
from capwright_registry.documents.base import PATTERN_HELP
from capwright_registry.documents.document import Source
from capwright_registry.documents.instead import (
    ARRAY,
    BOOLEAN,
    INTEGER,
    STRING,
    TABLE,
    Misfit,
    instead,
)
from capwright_registry.documents.locate import Route
from capwright_registry.documents.units import written_like
from capwright_registry.errors import Problem
from capwright_registry.spans import Span
from capwright_registry.suggest import clip, suggest
from capwright_registry.vocabulary import RUNTIME_KINDS

_NO_CODE = (
    "compile it to a WASM component (`wasm`), serve it over MCP (`mcp`), or say it as rules (`declarative`)"
)

_WANTED: Mapping[str, str] = {
    "string_type": STRING,
    "int_type": INTEGER,
    "bool_type": BOOLEAN,
    "dict_type": TABLE,
    "model_type": TABLE,
    "model_attributes_type": TABLE,
    "tuple_type": ARRAY,
}

_BOUNDS: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("has more than {max_length} characters", "make it shorter"),
    "string_too_short": ("is empty", "write at least one character"),
    "too_long": ("has more than {max_length} entries", "make it shorter"),
    "too_short": ("is empty", "write at least one entry"),
    "greater_than_equal": ("is less than {ge}", "write {ge} or more"),
    "less_than_equal": ("is more than {le}", "write {le} or less"),
}


def problems_of(
    details: Iterable[ErrorDetails], source: Source, data: object, model: type[BaseModel]
) -> list[Problem]:
    """One problem for each error that came of validating `data` (as TOML gave it) as `model`."""
    return [_problem(detail, source, data, model) for detail in details if not follows(detail)]


def follows(detail: ErrorDetails) -> bool:
    """Whether the error only follows from others: an array is too short once its bad entries are left out."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, source: Source, data: object, model: type[BaseModel]) -> Problem:
    kind, route = detail["type"], route_of(detail["loc"], data)
    name = _name(route)
    if kind == "missing":
        return _missing(detail, source, route, model)
    if kind == "extra_forbidden":
        known = sorted(keys_at(model, detail["loc"][:-1]))
        return Problem(f"unknown key `{clip(name)}`", source.key_span(*route), suggest(name, known))
    if kind.startswith("union_tag"):
        return _runtime_kind(detail, source, route)
    subject = _subject(detail["loc"], route)
    if kind in _WANTED:
        keys = () if kind == "dict_type" else required_at(model, detail["loc"])
        message = f"{subject} must be {_WANTED[kind]}, not {_toml_type(detail['input'])}"
        help_text = instead(Misfit(source, route, detail["input"], _WANTED[kind], keys))
    else:
        message, help_text = _sentence(detail, subject, source.text(*route))
    place = source.key_span if detail["loc"][-1] == "[key]" else source.span
    return Problem(message, place(*route), help_text)


def _missing(detail: ErrorDetails, source: Source, route: Route, model: type[BaseModel]) -> Problem:
    name = detail["loc"][-1]
    words = [word for below in annotations_at(model, detail["loc"]) for word in words_of(below)]
    said = f'{name} = "{words[0]}"' if len(words) == 1 else name
    help_text = f"add `{said}`" + (f": {', '.join(f'`{word}`' for word in words)}" if len(words) > 1 else "")
    # Of the whole document: where its first line is, since nothing of it is more to blame.
    span = source.span(*route) if route else Span(source.file, 1, 1, 1, 1)
    return Problem(f"`{name}` is missing", span, help_text)


def _sentence(detail: ErrorDetails, subject: str, text: str) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _BOUNDS:
        message, help_text = _BOUNDS[kind]
        bounds = {key: written_like(text, bound) for key, bound in context.items()}
        return f"{subject} {message.format(**bounds)}", help_text.format(**bounds)
    if kind == "literal_error":
        return _literal(detail, subject)
    if kind == "string_pattern_mismatch":
        return f"{subject} cannot be `{clip(str(detail['input']))}`", PATTERN_HELP.get(context["pattern"], "")
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{subject} {message}", str(context.get("help", ""))


def _literal(detail: ErrorDetails, subject: str) -> tuple[str, str]:
    known, value = expected_words(detail), detail["input"]
    if not isinstance(value, str):
        return f"{subject} must be a string, not {_toml_type(value)}", suggest("", known)
    return f"{subject} cannot be `{clip(value)}`", suggest(value, known)


def expected_words(detail: ErrorDetails) -> list[str]:
    """The words that a `literal_error` says are expected, in their order."""
    return [part.strip("'") for part in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]


def _subject(loc: tuple[int | str, ...], route: Route) -> str:
    if loc[-1] == "[key]":
        return f"a key of `{clip(_name(route[:-1]))}`"
    return f"an entry of `{clip(_name(route))}`" if isinstance(route[-1], int) else f"`{clip(_name(route))}`"


def _runtime_kind(detail: ErrorDetails, source: Source, route: Route) -> Problem:
    value = detail["input"]
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict):
        message = f"`runtime` must be {TABLE}, not {_toml_type(value)}"
        return Problem(message, source.span(*route), instead(Misfit(source, route, value, TABLE, ("kind",))))
    if kind is None:
        return Problem("`kind` is missing", source.span(*route), suggest("", RUNTIME_KINDS))
    if not isinstance(kind, str):
        message = f"`kind` must be a string, not {_toml_type(kind)}"
        return Problem(message, source.span(*route, "kind"), suggest("", RUNTIME_KINDS))
    near = suggest(kind, RUNTIME_KINDS)
    if near.startswith("did you mean"):
        return Problem(f"`{clip(kind)}` is not a runtime kind", source.span(*route, "kind"), near)
    message = f"runtime kind `{clip(kind)}` is refused: nothing here can bound the effects of its code"
    return Problem(message, source.span(*route, "kind"), _NO_CODE)


def route_of(loc: tuple[int | str, ...], data: object) -> Route:
    """The route in `data` that `loc` means: union tags and `[key]` dropped, the parent of what is missing."""
    route: Route = ()
    for step in loc:
        inside = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if inside or (isinstance(data, dict) and step in data):
            route, data = (*route, step), data[step]  # type: ignore[index] # just looked at
    return route


def _name(route: Route) -> str:
    names = [step for step in route if isinstance(step, str)]
    return names[-1] if names else "document"


def _toml_type(value: object) -> str:
    if isinstance(value, datetime):
        return "a date-time"
    names: tuple[tuple[type, str], ...] = (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a float"),
        (str, "a string"),
        (list, "an array"),
        (dict, "a table"),
        (date, "a date"),
        (time, "a time"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "that")
