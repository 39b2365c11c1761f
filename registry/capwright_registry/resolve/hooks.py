"""The hooks of a manifest; a declarative plugin's carry their rule."""

from __future__ import annotations

from collections.abc import Iterator

from capwright_registry.capability import Hook
from capwright_registry.documents.locate import Route
from capwright_registry.documents.plugin import HookDoc, PluginDoc
from capwright_registry.patterns import Pattern, parse
from capwright_registry.resolve.reading import Reading
from capwright_registry.resolve.schema import unfit_for_json
from capwright_registry.vocabulary import HOOK_EVENTS, HOOK_POWERS

_RULE_KEYS = ("when", "message", "arguments", "set")


def read_hooks(reading: Reading, model: PluginDoc) -> tuple[Hook, ...]:
    """Every hook of the manifest; one without a name is called by its place, `hook-1` being the first."""
    kind = None if reading.document.damaged("runtime", "kind") else model.runtime.kind
    found: list[Hook] = []
    for number, doc in enumerate(model.hook):
        hook = _hook(reading, doc, number)
        if any(other.name == hook.name for other in found):
            reading.problem(("hook", number), f"there is another hook `{hook.name}`", "rename one of them")
        if kind == "declarative":
            _check_rule(reading, doc, ("hook", number))
        elif kind is not None:
            _refuse_rule(reading, doc, ("hook", number))
        found.append(hook)
    return tuple(found)


def _hook(reading: Reading, doc: HookDoc, number: int) -> Hook:
    route: Route = ("hook", number)
    reading.known(doc.on, HOOK_EVENTS, "event", (*route, "on"))
    reading.known(doc.power, HOOK_POWERS, "power", (*route, "power"))
    match = reading.pattern("name", doc.match, (*route, "match"))
    return Hook(
        name=doc.name or f"hook-{number + 1}",
        on=doc.on,
        match=match or parse("name", "**"),  # where none could be read: the problem is noted
        power=doc.power,
        when=reading.condition(doc.when, (*route, "when")),
        message=doc.message,
        arguments=tuple(_arguments(reading, doc, route)),
        set=dict(doc.set),
        span=reading.document.span(*route),
    )


def _arguments(reading: Reading, doc: HookDoc, route: Route) -> Iterator[tuple[str, Pattern]]:
    for pointer, text in doc.arguments.items():
        pattern = reading.pattern("name", text, (*route, "arguments", pointer))
        if pattern is not None:
            yield pointer, pattern


def _check_rule(reading: Reading, doc: HookDoc, route: Route) -> None:
    if reading.document.damaged(*route, "power"):
        return
    if doc.power == "rewrite" and not doc.set:
        reading.problem(route, "the rewrite says no new value", 'add `set`, like `set = { "/limit" = 10 }`')
    if doc.power != "rewrite" and doc.set:
        reading.problem((*route, "set"), "only a hook of power `rewrite` sets values", "remove `set`")
    if doc.power in ("deny", "ask", "annotate") and not doc.message:
        reading.problem(route, f"the hook has power `{doc.power}` and no message", "add `message`")
    unfit = unfit_for_json(doc.set)
    if unfit:
        reading.problem(
            (*route, "set"), f"`set` holds {unfit}, which JSON does not have", "write it as a string"
        )


def _refuse_rule(reading: Reading, doc: HookDoc, route: Route) -> None:
    for key in _RULE_KEYS:
        if key in doc.model_fields_set:
            message = f"`{key}` is the rule of a declarative hook; this plugin has code"
            span = reading.document.key_span(*route, key)
            reading.report.add(span, message, f"remove `{key}`, and decide in the plugin")
