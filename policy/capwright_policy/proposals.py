"""Edits of documents, as small as they allow: add what is missing, take out or rewrite what is too much."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from capwright_policy.findings import Edit
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Capability
from capwright_registry.documents.document import Document
from capwright_registry.spans import Span


class _Placed(Protocol):
    """What stands at a place of its own."""

    @property
    def span(self) -> Span: ...


def grant_edit(holder: Holder, capability: Capability) -> tuple[Edit, ...]:
    """Grant the holder's plugin what `capability` asks for.

    Empty where the grants are tables of their own (`[[enable.grant]]`), for which there is no small edit.
    """
    document, number = holder.profile.document, holder.profile.grants.index(holder.grant)
    array = array_at(document, "enable", number, "grant")
    if array is not None:
        return (append_edit(document, array, holder.grant.grant, entry(capability)),)
    if holder.grant.grant:
        return ()
    return (key_edit(document, ("enable", number), "plugin", f"grant = [{entry(capability)}]"),)


def key_edit(document: Document[Any], table_: tuple[str | int, ...], after: str, text: str) -> Edit:
    """Add a key to a table, after one that it has."""
    place = document.span(*table_, after)
    separator = ", " if _within(place, document.span(*table_)) else "\n"
    return Edit(end_of(place), f"{separator}{text}")


def table_edit(document: Document[Any], lines: Iterable[str]) -> Edit:
    """Add a table with a header, or several, at the end of a document."""
    source = document.source
    before = source.data.decode("utf-8").split("\n")
    start = "\n\n" if before[-1] else "\n"
    text = start + "\n".join(lines) + "\n"
    return Edit(_point(source.file, len(before), len(before[-1]) + 1), text)


def array_at(document: Document[Any], *route: str | int) -> Span | None:
    """The array that stands as the value at `route`; None where there is none, or tables with headers."""
    span = document.span(*route)
    line = document.line_text(span)
    before, text = line[: span.column - 1].rstrip(), line[span.column - 1 :]
    return span if before.endswith("=") and text.startswith("[") else None


def append_edit(document: Document[Any], array: Span, present: Sequence[_Placed], text: str) -> Edit:
    """Append an element to a TOML array of tables, after the last one and the comma that may follow it.

    So it does not touch what `removal` of the last one takes out where that has a comma.
    """
    inside = [c.span for c in present if _within(c.span, array)]
    if not inside:
        return Edit(_point(array.file, array.end_line, array.end_column - 1), text)
    last = max(inside, key=_end)
    line, column = _after_comma(document, last)
    comma = (line, column) != _end(last)
    return Edit(_point(array.file, line, column), f" {text}," if comma else f", {text}")


def removal(setting: Setting, capability: Capability) -> tuple[Edit, ...]:
    """Take the entry of a capability out of its array, with the comma after it; empty if it has a header."""
    document = document_of(setting, capability.span.file)
    if document is None or not is_inline(capability):
        return ()
    line, column = _after_comma(document, capability.span)
    start = capability.span
    return (Edit(Span(start.file, start.line, start.column, line, column), ""),)


def rewritten(capability: Capability, narrowed: Capability) -> tuple[Edit, ...]:
    """Write the entry of `capability` anew as `narrowed`; empty if it is no inline table."""
    return (Edit(capability.span, table(narrowed)),) if is_inline(capability) else ()


def is_inline(capability: Capability) -> bool:
    """Whether the capability is written as an inline table, and not below a header of its own."""
    return _within(capability.on_span, capability.span)


def document_of(setting: Setting, file: str) -> Document[Any] | None:
    """The document that spans call `file`; None for one that is not the workspace's, like the host policy."""
    workspace = setting.workspace
    documents: list[Document[Any]] = [workspace.document]
    documents += [plugin.document for plugin in workspace.plugins]
    documents += [profile.document for profile in workspace.profiles]
    return next((document for document in documents if document.file == file), None)


def end_of(span: Span) -> Span:
    """The empty place right after a span, where an edit inserts."""
    return _point(span.file, span.end_line, span.end_column)


def entry(capability: Capability, **more: str) -> str:
    """The capability as an inline table, its patterns as they were written."""
    parts = [*(f"{key} = {quoted(value)}" for key, value in more.items())]
    parts += [f"action = {quoted(capability.action)}", f"on = {listed(p.text for p in capability.on)}"]
    if capability.except_:
        parts.append(f"except = {listed(p.text for p in capability.except_)}")
    if capability.when is not None:
        parts.append(f"when = {quoted(capability.when.text)}")
    if capability.until is not None:
        parts.append(f"until = {_instant(capability.until)}")
    return f"{{ {', '.join(parts)} }}"


def table(capability: Capability) -> str:
    """The whole capability as an inline table: also what narrows nothing."""
    extra = [f"{key} = {_limit(key, value)}" for key, value in capability.limits.items()]
    parts = [f"limits = {{ {', '.join(extra)} }}"] if extra else []
    parts += ["optional = true"] if capability.optional else []
    parts += [f"reason = {quoted(capability.reason)}"] if capability.reason else []
    bare = entry(capability, **({"to": capability.to} if capability.to else {}))
    return bare[: -len(" }")] + "".join(f", {part}" for part in parts) + " }"


def listed(texts: Iterable[str]) -> str:
    """Strings as a TOML array."""
    return f"[{', '.join(map(quoted, texts))}]"


def quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for surrogate pairs and the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _limit(key: str, value: int) -> str:
    return quoted(f"{value}B") if key == "bytes" else str(value)


def _after_comma(document: Document[Any], entry_span: Span) -> tuple[int, int]:
    """The place after the comma that follows an element, or after the element if none does."""
    line, column = _end(entry_span)
    while True:
        text = document.line_text(Span(document.file, line, 1))
        rest = text[column - 1 :].lstrip()
        if rest and not rest.startswith("#"):
            after = len(text) - len(rest) + 2
            return (line, after) if rest.startswith(",") else _end(entry_span)
        line, column = line + 1, 1


def _within(inner: Span, outer: Span) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    around = (outer.line, outer.column) <= start and end <= (outer.end_line, outer.end_column)
    return inner.file == outer.file and around


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _point(file: str, line: int, column: int) -> Span:
    return Span(file, line, column, line, column)
