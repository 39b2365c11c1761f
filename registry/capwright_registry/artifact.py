"""What a WebAssembly artifact asks of its host, read from its bytes and never from its manifest.

The parser is the engine that later runs the artifact, so the two cannot disagree on what the bytes mean.

Only the outermost component's imports are listed, and that is enough: the engine refuses bytes that
instantiate a nested component or a core module without giving it every import it has, so whatever a nested
one gets from outside passes through an import of the outermost. A nested one that nothing instantiates never
runs. A core module that is *exported* could be instantiated by a host: its imports count as the artifact's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from wasmtime import Engine, Module
    from wasmtime.component import Component, ComponentItem

MAGIC: Final = b"\0asm"
_KINDS: Final[dict[bytes, Literal["component", "module"]]] = {
    b"\x01\0\0\0": "module",
    b"\x0d\0\x01\0": "component",
}


class ArtifactError(ValueError):
    """The bytes are no artifact. `message` is one sentence; names in it are out of the bytes (untrusted)."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Import:
    """One import, by its exact name, version included; of a core module, the name of the imported module.

    `functions` are the names asked of it, sorted; empty when the import is itself a function or a type. Names
    are untrusted text.
    """

    name: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What the bytes are. `imports` is sorted by name, each name once; `exports` are names, sorted."""

    kind: Literal["component", "module"]
    imports: tuple[Import, ...]
    exports: tuple[str, ...]


def describe(data: bytes) -> Artifact:
    """The kind, imports and exports of a WebAssembly binary.

    Raises `ArtifactError` for anything else: text in WAT form (which the engine would compile as happily),
    an unknown version, malformed bytes, a component that does not validate.
    """
    kind = binary_kind(data)
    from wasmtime import Config, Engine, Module, WasmtimeError
    from wasmtime.component import Component

    config = Config()
    config.cranelift_opt_level = "none"
    engine = Engine(config)
    try:
        if kind == "module":
            return _of_module(Module(engine, data))
        return _of_component(Component(engine, data), engine)
    except WasmtimeError as error:
        raise ArtifactError(f"the artifact is not valid WebAssembly: {cause(error)}") from error
    except (AssertionError, NotImplementedError, TypeError, UnicodeError) as error:
        raise ArtifactError("the artifact uses types that cannot be read") from error


def binary_kind(data: bytes) -> Literal["component", "module"]:
    """What the first eight bytes say. Raises `ArtifactError` unless they begin a module or a component."""
    if not data.startswith(MAGIC):
        raise ArtifactError("the artifact is not a WebAssembly binary: it must begin with `\\0asm`")
    kind = _KINDS.get(bytes(data[4:8]))
    if kind is None:
        raise ArtifactError("the artifact is WebAssembly of an unknown version; build it as a component")
    return kind


def cause(error: Exception) -> str:
    """The innermost reason of an engine's error, on one line of at most 200 characters (untrusted text).

    The engine writes what it was doing, `Caused by:`, and the reasons from the outermost inwards, numbered
    when there are several; each may go on over further lines.
    """
    _, _, reasons = str(error).rpartition("Caused by:")
    numbered = re.split(r"^\s*\d+: ", reasons, flags=re.MULTILINE)
    return " ".join(numbered[-1].split())[:200]


def _of_module(module: Module) -> Artifact:
    imports = _merged((item.module, (item.name or "",)) for item in module.imports)
    return Artifact("module", imports, tuple(sorted(item.name for item in module.exports)))


def _of_component(component: Component, engine: Engine) -> Artifact:
    kind = component.type
    asked: list[tuple[str, tuple[str, ...]]] = [
        (name, tuple(_functions(item.ty, engine))) for name, item in kind.imports(engine).items()
    ]
    exports = kind.exports(engine)
    for item in exports.values():
        asked.extend(_of_exported(item.ty, engine))
    return Artifact("component", _merged(asked), tuple(sorted(exports)))


def _functions(item: ComponentItem, engine: Engine, prefix: str = "") -> Iterator[str]:
    """The functions of an instance, those of its inner instances as `inner.name`."""
    from wasmtime.component import ComponentInstanceType, FuncType

    if not isinstance(item, ComponentInstanceType):
        return
    for name, inner in item.exports(engine).items():
        if isinstance(inner.ty, FuncType):
            yield prefix + name
        else:
            yield from _functions(inner.ty, engine, f"{prefix}{name}.")


def _of_exported(item: ComponentItem, engine: Engine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The imports of what is exported, however deep, and could be instantiated by whoever takes it."""
    from wasmtime.component import ComponentInstanceType, ComponentType, ModuleType

    if isinstance(item, ModuleType):
        yield from ((asked.module, (asked.name or "",)) for asked in item.imports(engine))
    elif isinstance(item, ComponentType):
        for name, asked in item.imports(engine).items():
            yield name, tuple(_functions(asked.ty, engine))
    elif isinstance(item, ComponentInstanceType):
        for inner in item.exports(engine).values():
            yield from _of_exported(inner.ty, engine)


def _merged(asked: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Import, ...]:
    found: dict[str, set[str]] = {}
    for name, functions in asked:
        found.setdefault(name, set()).update(functions)
    return tuple(Import(name, tuple(sorted(found[name]))) for name in sorted(found))
