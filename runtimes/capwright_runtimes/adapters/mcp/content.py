"""The text of a tool's result: texts as they are, everything else as one short line that says what it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from capwright_runtimes.mediators.output_bound import bound

QUOTED: Final = 120
NOTE: Final = 64


def result_text(result: Mapping[str, object], limit: int) -> str:
    """The readable text of a `tools/call` result, of at most `limit` bytes with the note on what was cut.

    Images, audio and resources are described and never passed on. Structured content stands in where there is
    no text, since the protocol asks servers to send it as text too.
    """
    content = result.get("content")
    parts = [part for item in (content if isinstance(content, list) else []) for part in _part(item)]
    structured = result.get("structuredContent")
    if not parts and structured is not None:
        parts = [json.dumps(structured, ensure_ascii=False)]
    return bounded("\n".join(parts), limit)


def bounded(text: str, limit: int) -> str:
    """The escaped text, with the note on what was cut inside the limit: the host cuts again at the limit."""
    whole = bound(text, limit)
    return whole.text if not whole.cut_bytes else bound(text, max(limit - NOTE, 0)).text


def _part(item: object) -> Iterator[str]:
    if not isinstance(item, Mapping):
        return
    kind = item.get("type")
    if kind == "text" and isinstance(item.get("text"), str):
        yield str(item["text"])
    elif kind in ("image", "audio"):
        yield f"[{kind} of type {_quoted(item.get('mimeType'))}, {_size(item.get('data'))}, left out]"
    elif kind == "resource_link":
        yield f"[link to the resource {_quoted(item.get('uri'))}, not followed]"
    elif kind == "resource" and isinstance(item.get("resource"), Mapping):
        yield f"[embedded resource {_quoted(item['resource'].get('uri'))}, left out]"
    else:
        yield f"[content of the kind {_quoted(kind)}, left out]"


def _quoted(value: object) -> str:
    """A short text of the server's own, in quotes and with escapes: it cannot pass for one of ours."""
    return json.dumps(value[:QUOTED]) if isinstance(value, str) else "unknown"


def _size(data: object) -> str:
    return f"about {len(data) * 3 // 4} bytes" if isinstance(data, str) else "of unknown size"
