"""Conditions: the CEL subset in which a capability says when it holds.

`specs/conditions.md` is the normative description: grammar, types, meaning and every refusal.
"""

from capwright_registry.conditions.model import (
    BUILTIN_CONTEXT,
    INT_HIGH,
    INT_LOW,
    Condition,
    ConditionError,
    Variable,
    VariableType,
)
from capwright_registry.conditions.parse import parse_condition
from capwright_registry.conditions.timestamps import TIME_HIGH, TIME_LOW

__all__ = [
    "BUILTIN_CONTEXT",
    "INT_HIGH",
    "INT_LOW",
    "TIME_HIGH",
    "TIME_LOW",
    "Condition",
    "ConditionError",
    "Variable",
    "VariableType",
    "parse_condition",
]
