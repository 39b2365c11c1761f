"""What can still be understood of a document that does not validate: to find more of its problems, alone.

What is at fault is taken out. Where it is required, or stands in an array, a stand-in takes its place, so
that nothing else moves. The places of all of that are the *damage*: whatever is said of a place on the way to
one of them, at it or below may only follow from it, and is left unsaid (`Document.damaged`).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from capwright_registry.documents.annotations import Loc, every_key, is_tag, keys_at, required_at
from capwright_registry.documents.base import IDENTITY, POINTER
from capwright_registry.documents.document import Source
from capwright_registry.documents.locate import Route
from capwright_registry.documents.problems import expected_words, follows, problems_of
from capwright_registry.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

#: The longest way to a valid value: taken out, found missing, of a wrong type, empty; and once more below it.
_ROUNDS: Final = 12
#: Whoever made more mistakes has enough to read; looking for others would take time in proportion.
_MOST_ERRORS: Final = 5_000
_OF_TYPE: Final[dict[str, Any]] = {
    "int_type": 1,
    "bool_type": False,
    "tuple_type": [],
    "dict_type": {},
    "model_type": {},
    "model_attributes_type": {},
    "unit": date(2000, 1, 1),  # the one required value of this kind is a day
}


@dataclass(frozen=True)
class Remains(Generic[Model]):
    """What is left of a document, with its damage (never empty) and the places of what was moved.

    `problems` are those that showed only once brackets were put right: they are the document's own.
    """

    model: Model
    damage: frozenset[Route]
    source: Source
    problems: tuple[Problem, ...]


def salvage(
    error: ValidationError, table: dict[str, Any], source: Source, model: type[Model]
) -> Remains[Model] | None:
    """What is left of `table`, which `error` came of.

    None if nothing is, and where the errors are too many to be worth it. `table` stays as it is.
    """
    if error.error_count() > _MOST_ERRORS:
        return None
    mender = _Mender(deepcopy(table), model)
    problems: list[Problem] = []
    details = error.errors(include_url=False)
    for _ in range(_ROUNDS):
        for detail in details:
            mender.mend(detail)
        places = source.with_moved(mender.moved)
        try:
            whole = model.model_validate(mender.data)
            return Remains(whole, frozenset(mender.damage), places, tuple(problems))
        except ValidationError as again:
            details = again.errors(include_url=False)
        fresh = [detail for detail in details if not mender.follows(detail)]
        problems += problems_of(fresh, places, mender.data, model)
    return None


class _Mender:
    """One table on its way to validity. Lives for one document."""

    def __init__(self, data: dict[str, Any], model: type[BaseModel]) -> None:
        self.data = data
        self.damage: set[Route] = set()
        self.moved: list[tuple[Route, Route]] = []
        self._model = model
        self._keys = frozenset(every_key(model))
        self._made = 0

    def mend(self, detail: ErrorDetails) -> None:
        """Take out, or replace, what one error is about; nothing if it is gone already."""
        kind, loc = detail["type"], detail["loc"]
        is_key = loc[-1:] == ("[key]",)
        route = self._route(detail)
        if not route or follows(detail):
            return
        if kind == "missing":
            self._put(route, self._text())
        elif self._rebracketed(route, detail):
            return
        elif not is_key and self._is_astray(kind, loc, detail["input"]):
            self._drop_astray(route, loc)
        elif isinstance(route[-1], int) or route in self.damage:
            self._put(route, self._stand_in(detail))
        else:
            self._drop(route)

    def follows(self, detail: ErrorDetails) -> bool:
        """Whether the error is about what was taken out or put in here."""
        route = self._route(detail)
        return not route or any(route[:length] in self.damage for length in range(len(route) + 1))

    def _route(self, detail: ErrorDetails) -> Route | None:
        """The route of the value or key that an error is about, or would be; None if it is gone."""
        loc = detail["loc"]
        if detail["type"] == "missing":
            parent = _reached(self.data, loc[:-1])
            return None if parent is None else (*parent, loc[-1])
        return _reached(self.data, loc[:-1] if loc[-1:] == ("[key]",) else loc)

    def _rebracketed(self, route: Route, detail: ErrorDetails) -> bool:
        """Read `[enable]` as `[[enable]]`, `[[scope]]` as `[scope]`, a text as a list of one.

        False where it is none of these, or was put in here.
        """
        if route in self.damage:
            return False
        kind, value = detail["type"], self._at(route)
        if kind == "tuple_type":
            of_tables = bool(required_at(self._model, detail["loc"]))
            fits = isinstance(value, dict if of_tables else str)
            there, here, read = (*route, 0), route, [value]
        else:
            wanted = kind in ("model_type", "dict_type") and isinstance(route[-1], str)
            fits = wanted and isinstance(value, list) and bool(value) and isinstance(value[0], dict)
            there, here, read = route, (*route, 0), value[0] if fits else value
        if fits:
            self._at(route[:-1])[route[-1]] = read
            self.damage.add((*route, "[]"))  # beside all that is in it, which is as good as before
            self.moved.append((there, here))
        return fits

    def _is_astray(self, kind: str, loc: Loc, value: object) -> bool:
        """Whether the key may be misspelt, or stand below the wrong header.

        Nobody declared it; or any name may stand there, but it looks like a table or a key from elsewhere.
        """
        free = isinstance(loc[-1], str) and not keys_at(self._model, loc[:-1])
        return kind == "extra_forbidden" or (free and (isinstance(value, dict) or loc[-1] in self._keys))

    def _drop_astray(self, route: Route, loc: Loc) -> None:
        """What is astray may belong to anything that is not there, and be one more of what holds several."""
        for length in range(len(loc)):
            above = _reached(self.data, loc[:length]) or ()
            beside = self._at(above)
            for key in keys_at(self._model, loc[:length]):
                if key not in beside:
                    self.damage.add((*above, key))
                elif isinstance(beside[key], dict | list):
                    self.damage.add((*above, key, route[-1]))
        self._drop(route)

    def _drop(self, route: Route) -> None:
        del self._at(route[:-1])[route[-1]]
        self.damage.add(route)

    def _put(self, route: Route, value: object) -> None:
        self._at(route[:-1])[route[-1]] = value
        self.damage.add(route)

    def _at(self, route: Route) -> Any:
        found: Any = self.data
        for step in route:
            found = found[step]
        return found

    def _stand_in(self, detail: ErrorDetails) -> object:
        kind, context = detail["type"], detail.get("ctx", {})
        if kind in _OF_TYPE:
            return deepcopy(_OF_TYPE[kind])
        if kind == "literal_error":
            return expected_words(detail)[0]
        if kind.startswith("union_tag"):
            return {"kind": "declarative"}
        if kind == "too_short":
            return [self._text()]
        prefix = {IDENTITY: "project:", POINTER: "/"}.get(context.get("pattern", ""), "")
        return f"{prefix}{self._text()}"

    def _text(self) -> str:
        """A text of its own each time, so that no two stand-ins look like one name."""
        self._made += 1
        return f"unread_{self._made}"


def _reached(data: object, loc: Loc) -> Route | None:
    """The route that `loc` means, every step of it there; None if one is not."""
    route: Route = ()
    for step in loc:
        inside = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if inside or (isinstance(data, dict) and step in data):
            route, data = (*route, step), data[step]  # type: ignore[index] # just looked at
        elif not is_tag(step):
            return None
    return route
