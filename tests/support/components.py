"""The least component that has tools: it exports what the host calls, and is not meant to be run."""

from __future__ import annotations

from functools import cache

#: A function of the type of `call-tool`. It says where its answer lies, and there is none.
_FUNCTION = """\
(core module $m
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
  (func (export "call") (param i32 i32 i32 i32) (result i32) i32.const 0))
(core instance $i (instantiate $m))
(func (export "NAME") (param "name" string) (param "arguments" string) (result (result string (error string)))
  (canon lift
    (core func $i "call") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
"""


@cache
def component(*imports: str, export: str | None = "call-tool", more: str = "") -> bytes:
    """A component that imports these interfaces, without a function of them, and exports this function.

    `more` is further text of the component.
    """
    wanted = "".join(f'(import "{name}" (instance))\n' for name in imports)
    return binary(wanted + (_FUNCTION.replace("NAME", export) if export else "") + more)


def binary(text: str) -> bytes:
    """The component that is made of these parts, as WebAssembly text."""
    from wasmtime import wat2wasm

    return bytes(wat2wasm(f"(component {text})"))
