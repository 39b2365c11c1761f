"""pydantic's errors, said in the house grammar and placed in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from capwright_registry.documents.base import PATTERN_HELP
from capwright_registry.documents.document import Source
from capwright_registry.documents.locate import Route
from capwright_registry.errors import Problem
from capwright_registry.suggest import clip, suggest
from capwright_registry.vocabulary import RUNTIME_KINDS

_NO_CODE = (
    "compile it to a WASM component (`wasm`), serve it over MCP (`mcp`), or say it as rules (`declarative`)"
)

_WANTED: Mapping[str, str] = {
    "string_type": "a string",
    "int_type": "an integer",
    "bool_type": "a boolean",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "tuple_type": "an array",
}

_BOUNDS: Mapping[str, str] = {
    "string_too_long": "has more than {max_length} characters",
    "string_too_short": "is empty",
    "too_long": "has more than {max_length} entries",
    "too_short": "is empty",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
}


def problems_of(
    error: ValidationError, source: Source, data: object, model: type[BaseModel]
) -> list[Problem]:
    """One problem for each error of `error`, which came of validating `data` (as TOML gave it) as `model`."""
    details = error.errors(include_url=False)
    return [_problem(detail, source, data, model) for detail in details if not _follows(detail)]


def _follows(detail: ErrorDetails) -> bool:
    """Whether the error only follows from others: an array is too short once its bad entries are left out."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, source: Source, data: object, model: type[BaseModel]) -> Problem:
    kind, route = detail["type"], route_of(detail["loc"], data)
    name = _name(route)
    if kind == "missing":
        return Problem(f"`{detail['loc'][-1]}` is missing", source.span(*route), f"add `{detail['loc'][-1]}`")
    if kind == "extra_forbidden":
        known = sorted(_keys(model, detail["loc"][:-1]))
        return Problem(f"unknown key `{clip(name)}`", source.key_span(*route), suggest(name, known))
    if kind.startswith("union_tag"):
        return _runtime_kind(detail, source, route)
    message, help_text = _sentence(detail, _subject(detail["loc"], route))
    place = source.key_span if detail["loc"][-1] == "[key]" else source.span
    return Problem(message, place(*route), help_text)


def _sentence(detail: ErrorDetails, subject: str) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _WANTED:
        return f"{subject} must be {_WANTED[kind]}, not {_toml_type(detail['input'])}", ""
    if kind in _BOUNDS:
        return f"{subject} {_BOUNDS[kind].format(**context)}", ""
    if kind == "literal_error":
        return _literal(detail, subject)
    if kind == "string_pattern_mismatch":
        return f"{subject} cannot be `{clip(str(detail['input']))}`", PATTERN_HELP.get(context["pattern"], "")
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"{subject} {message}", str(context.get("help", ""))


def _literal(detail: ErrorDetails, subject: str) -> tuple[str, str]:
    known = [part.strip("'") for part in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]
    value = detail["input"]
    if not isinstance(value, str):
        return f"{subject} must be a string, not {_toml_type(value)}", suggest("", known)
    return f"{subject} cannot be `{clip(value)}`", suggest(value, known)


def _subject(loc: tuple[int | str, ...], route: Route) -> str:
    if loc[-1] == "[key]":
        return f"a key of `{clip(_name(route[:-1]))}`"
    return f"an entry of `{clip(_name(route))}`" if isinstance(route[-1], int) else f"`{clip(_name(route))}`"


def _runtime_kind(detail: ErrorDetails, source: Source, route: Route) -> Problem:
    value = detail["input"]
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return Problem(f"`runtime` must be a table, not {_toml_type(value)}", source.span(*route))
    if kind is None:
        return Problem("`kind` is missing", source.span(*route), suggest("", RUNTIME_KINDS))
    if not isinstance(kind, str):
        return Problem(f"`kind` must be a string, not {_toml_type(kind)}", source.span(*route, "kind"))
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


def _keys(annotation: Any, loc: tuple[int | str, ...]) -> set[str]:
    """The keys that the models at `loc` below `annotation` have; those of a union's every member."""
    if not loc:
        return {key for model in _models(annotation) for key in _fields(model)}
    step, rest = loc[0], loc[1:]
    if isinstance(step, str) and step.startswith("<"):
        return {key for member in _tagged(annotation, step) for key in _keys(member, rest)}
    return {key for below in _below(annotation, step) for key in _keys(below, rest)}


def _below(annotation: Any, step: int | str) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found = _fields(annotation).get(str(step))
        if found is not None:
            yield found
    elif get_origin(annotation) in (tuple, dict):
        yield get_args(annotation)[0 if get_origin(annotation) is tuple else 1]
    else:
        for member in get_args(annotation):
            yield from _below(member, step)


def _tagged(annotation: Any, tag: str) -> Iterator[Any]:
    if any(isinstance(mark, Tag) and mark.tag == tag for mark in getattr(annotation, "__metadata__", ())):
        yield annotation
    else:
        for member in get_args(annotation):
            yield from _tagged(member, tag)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for member in get_args(annotation):
            yield from _models(member)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


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
