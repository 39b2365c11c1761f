"""What can still be understood of a document that does not validate: to find more of its problems, alone.

What is at fault is taken out. Where it is required, or stands in an array, a stand-in takes its place, so
that nothing else moves. The places of all of that are the *damage*: whatever is said of a place on the way to
one of them, at it or below may only follow from it, and is left unsaid (`Document.damaged`).
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from capwright_registry.documents.annotations import Loc, every_key, is_tag, keys_at
from capwright_registry.documents.base import IDENTITY, POINTER
from capwright_registry.documents.locate import Route
from capwright_registry.documents.problems import expected_words, follows

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


def salvage(
    error: ValidationError, table: dict[str, Any], model: type[Model]
) -> tuple[Model, frozenset[Route]] | None:
    """What is left of `table`, which `error` came of, with its damage (never empty).

    None if nothing is, and where the errors are too many to be worth it. `table` stays as it is.
    """
    if error.error_count() > _MOST_ERRORS:
        return None
    mender = _Mender(deepcopy(table), model)
    for _ in range(_ROUNDS):
        for detail in error.errors(include_url=False):
            mender.mend(detail)
        try:
            return model.model_validate(mender.data), frozenset(mender.damage)
        except ValidationError as again:
            error = again
    return None


class _Mender:
    """One table on its way to validity. Lives for one document."""

    def __init__(self, data: dict[str, Any], model: type[BaseModel]) -> None:
        self.data = data
        self.damage: set[Route] = set()
        self._model = model
        self._keys = frozenset(every_key(model))
        self._made = 0

    def mend(self, detail: ErrorDetails) -> None:
        """Take out, or replace, what one error is about; nothing if it is gone already."""
        kind, loc = detail["type"], detail["loc"]
        if kind == "missing":
            parent = _reached(self.data, loc[:-1])
            if parent is not None:
                self._put((*parent, loc[-1]), self._text())
            return
        is_key = loc[-1:] == ("[key]",)
        route = _reached(self.data, loc[:-1] if is_key else loc)
        if not route or follows(detail):
            return
        if not is_key and self._is_astray(kind, loc, detail["input"]):
            self._drop_astray(route, loc)
        elif isinstance(route[-1], int) or route in self.damage:
            self._put(route, self._stand_in(detail))
        else:
            self._drop(route)

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
