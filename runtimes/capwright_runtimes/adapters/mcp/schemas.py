"""Arguments and results against the pinned schemas: JSON Schema, without ever fetching a reference."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

# Both come with the SDK, and neither ships its types to us.
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError, best_match  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from capwright_runtimes.frozen import thaw

SHOWN: Final = 200


class NoSchema(Exception):  # noqa: N818 - it describes the pinned value
    """What was pinned is no JSON Schema."""


class Schema:
    """A pinned schema; its dialect is its `$schema`, else 2020-12. Raises `NoSchema` for what is none."""

    def __init__(self, pinned: object) -> None:
        schema: Any = thaw(pinned)
        if not isinstance(schema, dict):
            raise NoSchema
        try:
            kind = validator_for(schema, default=Draft202012Validator)
            kind.check_schema(schema)
        except (SchemaError, RecursionError, re.error) as error:
            raise NoSchema from error
        # An empty registry: a `$ref` outside of the schema is an error, and nothing goes to the network.
        self._validator = kind(schema, registry=Registry())

    def mismatch(self, value: object) -> str | None:
        """Why the value does not match, without quoting it; None when it does.

        What cannot be decided does not match.
        """
        try:
            error = best_match(self._validator.iter_errors(value))
        except (Unresolvable, RecursionError, re.error):
            return "its schema cannot be decided for this value"
        return None if error is None else _told(error)


def _told(error: Any) -> str:
    where = "".join(f"/{part}" for part in error.absolute_path)
    wanted = error.validator_value
    if error.validator == "required" and isinstance(error.instance, Mapping) and isinstance(wanted, list):
        missing = ", ".join(str(name) for name in wanted if name not in error.instance)
        return f"{_quoted(where) or 'it'} lacks {_quoted(missing)}"
    return f"{_quoted(where) or 'it'} breaks the rule {_quoted(str(error.validator))}"


def _quoted(text: str) -> str:
    return f"`{json.dumps(text[:SHOWN])[1:-1]}`" if text else ""
