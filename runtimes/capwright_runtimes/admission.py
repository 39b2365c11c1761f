"""The admission: the value that a runtime adapter needs in order to load one plugin for one agent.

Only the gate makes one, from a proof that it has checked. Within Python's means it cannot be made, changed,
copied, pickled or subclassed elsewhere, and `require_admission` takes only values that the gate made.

This is a guard against mistakes and against adapters that skip the gate. It is no boundary against code in
the same process: whoever can run Python here can call the private function, use `object.__setattr__`, or walk
`gc`, and could as well open files directly. Code that is not trusted runs behind an adapter, elsewhere.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn, TypeVar, final

from capwright_registry.decide import ActionTable, Decision, PermissionTable, decide, decide_permission
from capwright_runtimes.frozen import freeze_mapping
from capwright_runtimes.host_rules import HostRules, stricter
from capwright_runtimes.refusal import Refused

_Made = TypeVar("_Made", bound="_Unforgeable")


class _Unforgeable:
    """Identity, no construction, no change, no copy: what the two admission values share."""

    __slots__ = ("__weakref__",)

    def __init__(self) -> None:
        raise TypeError("only the gate makes an admission; ask it for one with a proof")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an admission cannot change: `{name}`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an admission cannot change: `{name}`")

    def __copy__(self) -> NoReturn:
        raise TypeError("an admission cannot be copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("an admission cannot be copied")

    def __reduce__(self) -> NoReturn:
        raise TypeError("an admission cannot be pickled or copied")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an admission cannot be pickled or copied")


@final
class Admission(_Unforgeable):
    """What one plugin of one agent may load as and do. Every field is read-only, all the way down.

    `folder` and `root` are absolute. `runtime` holds the parsed `limits`: `fuel` (units), `memory` (bytes),
    `wall` (milliseconds), `output` (bytes). `artifact` and `pins` are `{"path", "sha256"}` or `None`,
    `sandbox` is `None` where there is no process to confine.
    """

    __slots__ = (
        "agent",
        "artifact",
        "folder",
        "hooks",
        "imports",
        "kind",
        "pins",
        "plugin",
        "root",
        "runtime",
        "sandbox",
        "tables",
        "tools",
    )

    agent: str
    plugin: str
    kind: str
    root: Path
    folder: Path
    runtime: Mapping[str, object]
    artifact: Mapping[str, object] | None
    pins: Mapping[str, object] | None
    imports: frozenset[str]
    tools: Mapping[str, Mapping[str, object]]
    hooks: tuple[Mapping[str, object], ...]
    sandbox: Mapping[str, object] | None
    tables: Mapping[str, ActionTable]

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("an admission cannot be subclassed")

    def decide(self, action: str, resource: str, context: Mapping[str, object]) -> Decision:
        """Whether the proof lets this plugin cause the effect in this context. Never raises for bad text."""
        return decide(self.tables, action, resource, context)


@final
class Admitted(_Unforgeable):
    """All that one agent may run: its tool permissions and an admission for each plugin.

    Plugins of the highest tier come last, else they are in proof order: their hooks run so. `above` are the
    host's own rules of what may be called, None where there are none. `variables` names the context variables
    that the proof's conditions may use. `history` is the file that every effect and result is written to.
    """

    __slots__ = ("above", "agent", "history", "permissions", "plugins", "variables")

    agent: str
    permissions: PermissionTable
    plugins: Mapping[str, Admission]
    variables: frozenset[str]
    history: Path
    above: HostRules | None

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("an admission cannot be subclassed")

    def permit(self, tool: str, context: Mapping[str, object]) -> Decision:
        """Whether the agent may call the tool, by its full identity. Never raises for bad text.

        The proof's rules and the host's are both heard; the stricter answer holds.
        """
        own = decide_permission(self.permissions, tool, context)
        return own if self.above is None else stricter(own, self.above.permit(tool, context))


# The one mutable thing here: identities that the gate made, held weakly. A field inside the value would be
# copied along with it by whoever builds one slot by slot.
_MADE: Final[weakref.WeakSet[_Unforgeable]] = weakref.WeakSet()


def require_admission(value: object) -> Admission:
    """The value itself, if the gate made it as an `Admission`.

    Raises `Refused` (`no-admission`) otherwise.
    """
    if type(value) is not Admission or value not in _MADE:
        raise Refused("no-admission", "nothing loads without an admission from the gate")
    return value


def require_admitted(value: object) -> Admitted:
    """The value itself, if the gate made it as an `Admitted`. Raises `Refused` (`no-admission`) otherwise."""
    if type(value) is not Admitted or value not in _MADE:
        raise Refused("no-admission", "no agent runs without the gate's admission")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionFields:
    """What the gate read from the proof for one plugin; becomes an `Admission` through `_mint`."""

    agent: str
    plugin: str
    kind: str
    root: Path
    folder: Path
    tables: Mapping[str, ActionTable]
    runtime: Mapping[str, object]
    tools: Mapping[str, Mapping[str, object]]
    hooks: tuple[Mapping[str, object], ...] = ()
    artifact: Mapping[str, object] | None = None
    pins: Mapping[str, object] | None = None
    imports: frozenset[str] = frozenset()
    sandbox: Mapping[str, object] | None = None


def _mint(fields: AdmissionFields) -> Admission:
    """Make an admission. For the gate alone: a test reads the sources to see that nothing else calls it."""
    require_absolute(fields.root, fields.folder)
    tools = {name: freeze_mapping(tool) for name, tool in fields.tools.items()}
    return _make(
        Admission,
        agent=fields.agent,
        plugin=fields.plugin,
        kind=fields.kind,
        root=fields.root,
        folder=fields.folder,
        runtime=freeze_mapping(fields.runtime),
        artifact=_frozen_or_none(fields.artifact),
        pins=_frozen_or_none(fields.pins),
        imports=frozenset(fields.imports),
        tools=MappingProxyType(tools),
        hooks=tuple(freeze_mapping(hook) for hook in fields.hooks),
        sandbox=_frozen_or_none(fields.sandbox),
        tables=MappingProxyType(dict(fields.tables)),
    )


def _mint_agent(
    agent: str,
    permissions: PermissionTable,
    plugins: Mapping[str, Admission],
    variables: frozenset[str],
    history: Path,
    above: HostRules | None = None,
) -> Admitted:
    """Make an agent's admission. For the gate alone, as `_mint`."""
    require_absolute(history)
    for identity, admission in plugins.items():
        if require_admission(admission).plugin != identity or admission.agent != agent:
            raise Refused("no-admission", "an admission stands under another name", identity)
    return _make(
        Admitted,
        agent=agent,
        permissions=permissions,
        plugins=MappingProxyType(dict(plugins)),
        variables=frozenset(variables),
        history=history,
        above=above,
    )


def _make(made: type[_Made], /, **fields: object) -> _Made:
    value = object.__new__(made)
    for name, field in fields.items():
        object.__setattr__(value, name, field)
    _MADE.add(value)
    return value


def _frozen_or_none(value: Mapping[str, object] | None) -> Mapping[str, object] | None:
    return None if value is None else freeze_mapping(value)


def require_absolute(*paths: Path) -> None:
    """Raises `Refused` (`relative-path`) for a path that would depend on the working directory."""
    for path in paths:
        if not path.is_absolute():
            raise Refused("relative-path", "an admission holds absolute paths only", str(path))
