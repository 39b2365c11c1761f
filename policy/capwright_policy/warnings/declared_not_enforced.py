"""`declared-not-enforced`: a document counts on what nothing here carries out.

Finite and read off the documents: hooks of an enabled plugin whose kind fires none, hooks at events that the
host does not fire, budgets of children, and bounds on values in the `input` schema of a component's tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from capwright_policy.checks.base import Run
from capwright_policy.findings import Note
from capwright_policy.guarding import GUARDS
from capwright_policy.setting import enabled
from capwright_policy.warnings.base import Warner
from capwright_registry.capability import Plugin, Profile, Tool
from capwright_registry.vocabulary import RuntimeKind

_CODE = "declared-not-enforced"
#: The runtime kind whose adapter fires hooks, and the events at which the host does.
_FIRES: RuntimeKind = "declarative"
_EVENTS = frozenset(event for events in GUARDS.values() for event in events)
#: Keywords of JSON Schema that bound a value. The others say what there is to give, or describe it.
_BOUNDS = (
    "additionalProperties allOf anyOf const contains dependentRequired dependentSchemas else enum"
    " exclusiveMaximum exclusiveMinimum format if maxContains maxItems maxLength maxProperties maximum"
    " minContains minItems minLength minProperties minimum multipleOf not oneOf pattern patternProperties"
    " propertyNames then unevaluatedItems unevaluatedProperties uniqueItems"
)
BOUNDS = frozenset(_BOUNDS.split())
#: Keywords below which further schemas stand: by name, in a list, or as such.
_NAMED = ("properties", "$defs", "definitions")
_NESTED = ("items", "prefixItems")


def _found(run: Run) -> Iterator[Note]:
    for plugin, _ in enabled(run.setting):
        yield from _hooks(plugin)
        if plugin.kind == "wasm":
            for tool in plugin.tools:
                yield from _schema(tool)
    for profile in run.setting.workspace.profiles:
        yield from _budgets(profile)


def _hooks(plugin: Plugin) -> Iterator[Note]:
    if plugin.hooks and plugin.kind != _FIRES:
        told = (
            f"`{plugin.identity}` has hooks, which no `{plugin.kind}` plugin can have here: it is not loaded"
        )
        help_ = "write them as the rules of a declarative plugin, and take them out of this manifest"
        yield Note(_CODE, plugin.identity, told, plugin.hooks[0].span, help_)
        return
    for hook in plugin.hooks:
        if hook.on not in _EVENTS:
            told = f"the hook `{hook.name}` never runs: the host does not fire `{hook.on}` yet"
            help_ = "take it out, or write it for `tool.before` or `tool.after`"
            yield Note(_CODE, plugin.identity, told, hook.span, help_)


def _budgets(profile: Profile) -> Iterator[Note]:
    for child in profile.children:
        if child.budget:
            told = f"nothing counts yet what `{child.profile}` spends of its `budget`"
            help_ = "remove `budget`, so that nobody counts on it; or keep it as what is to hold later"
            yield Note(_CODE, f"{profile.name}/{child.profile}", told, child.span, help_)


def _schema(tool: Tool) -> Iterator[Note]:
    words = dict.fromkeys(_bounds(tool.input))
    if words:
        named = ", ".join(f"`{word}`" for word in words)
        told = f"no call of `{tool.identity}` is held to the {named} of its `input`"
        help_ = f"remove {named} from `input`; what an argument may name is bounded by `effects` with `from`"
        yield Note(_CODE, tool.identity, told, tool.span, help_)


def _bounds(schema: object) -> Iterator[str]:
    """The keywords of a schema, and of those in it, that bound a value; by place."""
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from _bounds(part)
    elif isinstance(schema, Mapping):
        yield from (key for key, value in schema.items() if key in BOUNDS and value is not True)
        for key in _NAMED:
            parts = schema.get(key)
            if isinstance(parts, Mapping):
                yield from _bounds([*parts.values()])
        for key in (*_NESTED, "additionalProperties"):
            yield from _bounds(schema.get(key))


WARNING = Warner(_CODE, "what a document counts on is carried out here", _found)
