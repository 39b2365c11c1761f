"""Which keys a document's models have, and where: found from their annotations, by the places of errors.

A place (`loc`) is pydantic's: keys and numbers, with the tag of a union's member in between. Tags stand in
angle brackets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Tag

Loc = tuple[int | str, ...]


def keys_at(annotation: Any, loc: Loc) -> set[str]:
    """The keys that the models at `loc` below `annotation` have; those of a union's every member."""
    return {key for below in annotations_at(annotation, loc) for m in _models(below) for key in _fields(m)}


def required_at(annotation: Any, loc: Loc) -> tuple[str, ...]:
    """The keys that a table at `loc`, or in a list there, cannot be without; of a union's first member."""
    found = (model for below in annotations_at(annotation, loc) for model in _models(below))
    first = next(found, None)
    fields = first.model_fields.items() if first is not None else ()
    return tuple(field.alias or name for name, field in fields if field.is_required())


def words_of(annotation: Any) -> tuple[str, ...]:
    """The words that a `Literal` takes; none of anything else."""
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def annotations_at(annotation: Any, loc: Loc) -> Iterator[Any]:
    """What may stand at `loc` below `annotation`: one annotation, or one for each member of a union."""
    if not loc:
        yield annotation
        return
    step, rest = loc[0], loc[1:]
    inner = _tagged(annotation, step) if is_tag(step) else _below(annotation, step)
    for below in inner:
        yield from annotations_at(below, rest)


def every_key(annotation: Any) -> Iterator[str]:
    """The keys of all models at and below `annotation`."""
    for model in _models(annotation):
        for key, below in _fields(model).items():
            yield key
            yield from every_key(below)


def is_tag(step: int | str) -> bool:
    """Whether a step of a place names a union's member, not a key."""
    return isinstance(step, str) and step.startswith("<")


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


def _tagged(annotation: Any, tag: int | str) -> Iterator[Any]:
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
