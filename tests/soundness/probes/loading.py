"""What documents, patterns and pins are read as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from capwright_policy import artifacts
from capwright_registry import workspace as loading
from capwright_registry.capability import Capability
from capwright_registry.patterns import Pattern, parsing
from capwright_registry.patterns.elements import Deep, Element, Glob, One, Range, Word
from capwright_registry.resolve import capabilities, extends, profile
from capwright_registry.resolve.reading import Reading
from tests.soundness.judging import by_reading, forget_spaces
from tests.soundness.probe import Patch, original, probe


def _read(patch: Patch, change: Callable[[Capability], Capability]) -> None:
    real = capabilities.read_capability

    def read(*args: Any) -> Capability | None:
        found = real(*args)
        return None if found is None else change(found)

    patch.setattr(capabilities, "read_capability", read)


@probe("loading", "grant-over-scope", caught=by_reading)
def except_is_not_read(patch: Patch) -> None:
    """`except` of every capability is lost when a document is read."""
    _read(patch, lambda c: replace(c, except_=(), except_spans=()))


@probe("loading", "grant-over-scope", "fail-open-hook", caught=by_reading)
def until_is_not_read(patch: Patch) -> None:
    """`until` of every capability is lost when a document is read."""
    _read(patch, lambda c: replace(c, until=None))


@probe("loading", "request-over-grant", caught=by_reading)
def whatever_is_asked_for_is_optional(patch: Patch) -> None:
    """A request counts as one that the plugin can do without."""
    _read(patch, lambda c: replace(c, optional=True))


@probe("loading", "request-over-grant", caught=by_reading)
def optional_is_not_read(patch: Patch) -> None:
    """A request that a plugin can do without counts as one that it cannot."""
    _read(patch, lambda c: replace(c, optional=False))


@probe("loading", "never-grantable", caught=by_reading)
def what_nobody_may_be_granted_is_dropped(patch: Patch) -> None:
    """An entry that names a forbidden action is left out as if nobody had written it."""
    real = capabilities.CapabilityReader.read
    patch.setattr(
        capabilities.CapabilityReader, "read", lambda *args: tuple(c for c in real(*args) if not c.never)
    )


@probe("loading", "grant-over-scope", "rewrite-deputy", "toxic-flow", "spawn-amplifies", caught=by_reading)
def when_is_not_read(patch: Patch) -> None:
    """Every condition of every document is lost when it is read."""
    patch.setattr(Reading, "condition", lambda *_: None)


def _patterns(patch: Patch, change: Callable[[tuple[Element, ...]], tuple[Element, ...]]) -> None:
    def parsed(domain: str, text: str, roots: tuple[tuple[str, str], ...]) -> Pattern:
        pattern = parsing._parse(domain, text, dict(roots))
        return replace(pattern, elements=tuple(change(way) for way in pattern.elements))

    patch.setattr(parsing, "_parsed", parsed)
    forget_spaces()


@probe("loading", "grant-over-scope", caught=by_reading)
def a_folders_pattern_leaves_out_the_folder(patch: Patch) -> None:
    """`/**` at the end takes one segment at least, so that the bare folder is in no list."""

    def change(way: tuple[Element, ...]) -> tuple[Element, ...]:
        return (*way[:-1], One(), Deep()) if len(way) > 1 and way[-1:] == (Deep(),) else way

    _patterns(patch, change)


@probe("loading", "grant-over-scope", caught=by_reading)
def a_prefix_is_a_folder(patch: Patch) -> None:
    """`/src/**` matches what is in `/src-old` as well."""

    def change(way: tuple[Element, ...]) -> tuple[Element, ...]:
        if len(way) > 1 and way[-1] == Deep() and isinstance(way[-2], Word):
            return (*way[:-2], Glob(f"{way[-2].text}*"), Deep())
        return way

    _patterns(patch, change)


@probe("loading", "policy-write", caught=by_reading)
def one_star_is_any_number(patch: Patch) -> None:
    """`*` for a segment matches any number of segments."""
    _patterns(patch, lambda way: tuple(Deep() if one == One() else one for one in way))


@probe("loading", "grant-over-ceiling", caught=by_reading)
def the_apex_is_below_itself(patch: Patch) -> None:
    """`*.example.com` matches `example.com`."""

    def change(way: tuple[Element, ...]) -> tuple[Element, ...]:
        return tuple(e for n, e in enumerate(way) if e != One() or way[n + 1 : n + 2] != (Deep(),))

    _patterns(patch, change)


@probe("loading", "grant-over-ceiling", caught=by_reading)
def a_range_ends_one_later(patch: Patch) -> None:
    """A range of ports or addresses has one more at its end than was written."""

    def change(way: tuple[Element, ...]) -> tuple[Element, ...]:
        wider = (Range(e.low, e.high + (e.high != e.low)) if isinstance(e, Range) else e for e in way)
        return tuple(wider)

    _patterns(patch, change)


@probe("loading", "grant-over-scope", "delegation-over-parent", caught=by_reading)
def extends_narrows_nothing(patch: Patch) -> None:
    """A profile that extends another one has its own lists alone."""
    patch.setattr(extends, "_narrowed", lambda own, *_: own)


@probe("loading", "delegation-over-parent", caught=by_reading)
def nothing_to_hand_down_is_everything(patch: Patch) -> None:
    """An empty `delegable` is read as one that was left out, which is the same as the scope."""
    real = profile.resolve_profile

    def resolve(*args: Any) -> Any:
        found = real(*args)
        empty = found.delegable == ((),)
        return replace(found, delegable=found.scope, delegable_declared=False) if empty else found

    patch.setattr(loading, "resolve_profile", resolve)


@probe("loading", "shadowed-identity", caught=by_reading)
def of_one_identity_the_last_plugin_is_kept(patch: Patch) -> None:
    """A plugin that takes another one's identity stands in its place, and nobody is told of two."""
    real = original(loading, "load_workspace")

    def load(*args: Any) -> Any:
        found = real(*args)
        last = {plugin.identity: plugin for plugin in found.plugins}
        return replace(found, plugins=tuple(last.values()))

    patch.setattr("tests.support.vectors.load_workspace", load)


@probe("loading", "budget-growth", caught=by_reading)
def a_missing_budget_is_the_parents(patch: Patch) -> None:
    """A key that a child's budget leaves out is read as one that bounds it."""
    real = profile._child

    def child(*args: Any) -> Any:
        found = real(*args)
        return replace(found, budget={"calls": 1, "output": 1, "wall": 1, **found.budget})

    patch.setattr(profile, "_child", child)


@probe("loading", "descriptor-drift", caught=by_reading)
def only_the_first_pinned_tool_is_read(patch: Patch) -> None:
    """Of the tools in a pin file those after the first are not looked at."""
    real = original(artifacts, "load_pins")

    def load(*args: Any) -> Any:
        pins = real(*args)
        return replace(pins, tools=dict(list(pins.tools.items())[:1]))

    patch.setattr(artifacts, "load_pins", load)


@probe("loading", "artifact-drift", "ambient-import", caught=by_reading)
def an_artifact_is_what_the_first_one_was(patch: Patch) -> None:
    """Artifacts are not told apart by their digests, so that each is as the first that was read."""
    real = artifacts._component
    first: list[Any] = []

    def component(data: bytes) -> Any:
        first.append(real(data))
        return first[0]

    patch.setattr(artifacts, "_component", component)
