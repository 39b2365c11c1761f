"""Function types of the component model as text, as WIT writes them but without parameter names."""

from __future__ import annotations

from wasmtime.component import FuncType, ListType, ResultType, ValType


def function_type(function: FuncType) -> str:
    """`func(string) -> result<list<u8>, string>` and the like.

    Exact for strings, numbers, lists and results; any other type is named by its kind alone, which equals no
    type that the host offers.
    """
    params = ", ".join(_value(kind) for _, kind in function.params)
    result = function.result
    return f"func({params})" if result is None else f"func({params}) -> {_value(result)}"


def _value(kind: ValType | None) -> str:
    if kind is None:
        return "_"
    if isinstance(kind, ListType):
        return f"list<{_value(kind.element)}>"
    if isinstance(kind, ResultType):
        return f"result<{_value(kind.ok)}, {_value(kind.err)}>"
    return type(kind).__name__.lower()
