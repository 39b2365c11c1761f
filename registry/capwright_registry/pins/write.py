"""Make a pin file out of what a server answered, for a person to review and commit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from capwright_registry.errors import InputError, Problem
from capwright_registry.pins.model import MAX_TOOLS, SCHEMA, ServerFacts, field_digests, tool_digest
from capwright_registry.pins.text import TOOL_NAME, hidden_in_name, hidden_in_prose, texts
from capwright_registry.spans import Span
from capwright_registry.strict_json import JsonError, require_shallow

ANSWER: Final = Span("tools/list")
_UNSEEN: Final = "a person who reviews the pins could not see it; the server must not send it"


def pin(facts: ServerFacts, command: Sequence[str], environment: Sequence[str]) -> dict[str, object]:
    """The pin document of a server, ready for `dump`; tools by name, whatever order the server gave.

    `command` is the argument vector as the manifest declares it. Raises `InputError`: a tool without a proper
    name, a name twice, a hidden or control character in any text, a value without a canonical form.
    """
    faults = [*_launch_faults((*command, *environment)), *_faults(facts)]
    problems = [Problem(message, ANSWER, advice) for message, advice in faults]
    if problems:
        raise InputError(problems)
    return {
        "schema": SCHEMA,
        "server": {
            "name": facts.name,
            "version": facts.version,
            "instructions": facts.instructions,
            "protocol": facts.protocol,
        },
        "launch": {"command": list(command), "environment": sorted(set(environment))},
        "tools": [_tool(tool) for tool in sorted(facts.tools, key=lambda tool: str(tool["name"]))],
    }


def dump(document: Mapping[str, object]) -> bytes:
    """The bytes of the file: indented, keys sorted, ASCII only, so that a look-alike letter shows."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def tool_faults(definition: object) -> Iterator[tuple[str, str]]:
    """Why a raw tool object cannot be pinned, as (message, help). Nothing when it can."""
    name = definition.get("name") if isinstance(definition, dict) else None
    if not isinstance(definition, dict) or not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        advice = "a name is 1 to 128 of the characters `A-Z a-z 0-9 . _ -`"
        yield f"a tool is named {json.dumps(name, default=str)[:80]}", advice
        return
    try:
        require_shallow(definition)
        for route, text, is_key in texts(definition):
            hidden = hidden_in_name(text) if is_key else hidden_in_prose(text)
            if hidden is not None:
                where = json.dumps(route)[1:-1][:120]
                yield f"the tool `{name}` holds the hidden character {hidden} at `{where}`", _UNSEEN
        tool_digest(definition)
    except JsonError as error:
        yield f"the tool `{name}` cannot be pinned: {error.message}", "the server must send plain JSON"


def repeated_names(tools: Iterable[object]) -> list[str]:
    """The names that more than one tool carries, sorted: which of them is meant, nobody can say."""
    names = Counter(str(tool.get("name")) for tool in tools if isinstance(tool, Mapping))
    return sorted(name for name, times in names.items() if times > 1)


def _launch_faults(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        if not word or (hidden := hidden_in_name(word)) is not None:
            told = f"the hidden character {hidden}" if word else "an empty word"
            yield f"the launch command holds {told}", _UNSEEN


def _faults(facts: ServerFacts) -> Iterator[tuple[str, str]]:
    for label, text in (("name", facts.name), ("version", facts.version), ("protocol", facts.protocol)):
        if text is not None and (hidden := hidden_in_name(text)) is not None:
            yield f"the server's {label} holds the hidden character {hidden}", _UNSEEN
    if facts.instructions is not None and (hidden := hidden_in_prose(facts.instructions)) is not None:
        yield f"the server's instructions hold the hidden character {hidden}", _UNSEEN
    if len(facts.tools) > MAX_TOOLS:
        yield f"the server has {len(facts.tools)} tools; at most {MAX_TOOLS} are pinned", "split the server"
        return
    for tool in facts.tools:
        yield from tool_faults(tool)
    for name in repeated_names(facts.tools):
        yield f"two tools are named {json.dumps(name)[:80]}", "a name must say which tool is meant"


def _tool(definition: Mapping[str, object]) -> dict[str, object]:
    return {
        "name": definition["name"],
        "digest": tool_digest(definition),
        "fields": field_digests(definition),
        "definition": dict(definition),
    }
