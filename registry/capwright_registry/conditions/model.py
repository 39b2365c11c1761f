"""What a condition is made of: typed variables, the parsed condition, and the one error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from capwright_registry.clipping import clip_middle

VariableType: TypeAlias = Literal["bool", "int", "string", "timestamp", "enum"]

INT_LOW, INT_HIGH = -(2**63), 2**63 - 1

# Bounds on one condition. CEL's own parser has the same depth; it counts parentheses, too.
MAX_CHARACTERS, MAX_DEPTH, MAX_NODES = 2_000, 32, 256

# CEL's keywords and reserved words, and the names that CEL itself declares (types and conversions).
# https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        as break const continue else false for function if import in let loop namespace null package return
        true var void while
        bool bytes double duration dyn int list map null_type optional_type string timestamp type uint
        """,
    )
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class ConditionError(ValueError):
    """A condition, or a variable's declaration, that is refused.

    `message` and `help` follow the house grammar; `offset` counts characters into the condition's text and
    lies within `0..len(text)`.
    """

    def __init__(self, message: str, help: str = "", offset: int = 0) -> None:  # noqa: A002 - the finding's word
        self.message = clip_middle(message)  # it may quote a name of two thousand characters
        self.help = clip_middle(help)
        super().__init__(self.message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable of the context.

    `values` are an enum's values, in declared order; every other type has none. `minimum` is the least value
    of an int. Raises `ConditionError` (offset 0) for a declaration that CEL or the proof could not hold.
    """

    name: str
    type: VariableType
    values: tuple[str, ...] = ()
    minimum: int = INT_LOW

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConditionError(
                f"`{self.name}` cannot name a variable",
                "use up to 64 ASCII letters, digits and `_`, not starting with a digit",
            )
        if self.name in RESERVED:
            raise ConditionError(f"`{self.name}` is a word of CEL", "choose another name")
        if self.type == "enum":
            self._check_values()
        elif self.values:
            raise ConditionError(f"`{self.name}` has values, but is no enum", 'write `type = "enum"`')

    def _check_values(self) -> None:
        if not self.values:
            raise ConditionError(f"enum `{self.name}` has no values", "list at least one under `values`")
        if len(set(self.values)) != len(self.values):
            raise ConditionError(f"enum `{self.name}` lists a value twice")
        if not all(self.values):
            raise ConditionError(f"enum `{self.name}` has an empty value")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was parsed and type-checked; total on every context of its variables.

    `ast` is made of nested tuples of `str` and `bool` alone, so it survives canonical JSON (integers are
    decimal strings: JSON numbers lose 64-bit integers). Its shapes are listed in `specs/conditions.md`.
    """

    text: str
    ast: tuple[object, ...]
    variables: frozenset[str]


BUILTIN_CONTEXT: Mapping[str, Variable] = MappingProxyType(
    {
        variable.name: variable
        for variable in (
            Variable("approved", "bool"),
            Variable("depth", "int", minimum=0),
            Variable("mode", "string"),
            Variable("now", "timestamp"),
            Variable("sandboxed", "bool"),
        )
    }
)
