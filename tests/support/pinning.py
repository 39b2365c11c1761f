"""Pins for the servers of tests and vectors: such that a server says what its manifest says, and no more.

`python -m tests.support.pinning` makes new vectors honest where identity is not what they are about: it gives
pins to every server under `specs/vectors` whose manifest names none (and moves lines in `expected.json`), and
`call-tool` to every component whose manifest has tools.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capwright_registry.artifact import describe
from capwright_registry.pins import ServerFacts, dump, pin
from tests.support.components import component

#: Checks whose vectors are about what is mended here.
_LEFT_ALONE = ("artifact-drift", "descriptor-drift", "unpinned")
_COMMAND = re.compile(r"^command = .*\n", re.MULTILINE)


def pinned(manifest: str) -> str:
    """The manifest with `pins = "pins.json"` after the line of its command."""
    return _COMMAND.sub(lambda found: f'{found[0]}pins = "pins.json"\n', manifest, count=1)


def pins_of(manifest: str, *more: dict[str, Any]) -> bytes:
    """Pins that hold each tool as the manifest has it, and `more` definitions."""
    read = tomllib.loads(manifest)
    tools = [*(_definition(tool) for tool in read.get("tool", ())), *more]
    facts = ServerFacts(read["id"], read["version"], None, "2025-11-25", tools)
    return dump(pin(facts, read["runtime"]["command"], read["runtime"].get("env", ())))


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    described = {"description": tool["description"]} if "description" in tool else {}
    return {"name": tool["name"], **described, "inputSchema": {"type": "object", **tool.get("input", {})}}


def with_pins(files: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """The files of a workspace in which every server is pinned, those of their own pins left as they are."""
    found = dict(files)
    for name, text in files.items():
        if name.endswith("plugin.toml") and isinstance(text, str) and _wants_pins(text):
            found[name] = pinned(text)
            found[name.replace("plugin.toml", "pins.json")] = pins_of(text)
    return found


def _wants_pins(manifest: str) -> bool:
    return 'kind = "mcp"' in manifest and "\npins = " not in manifest


def main(root: Path) -> None:
    """Mend the vectors below `root`."""
    for expected in sorted(root.glob("*/*/*/expected.json")):
        if expected.parts[-4] not in _LEFT_ALONE:
            for manifest in sorted(expected.parent.rglob("plugin.toml")):
                read = tomllib.loads(manifest.read_text())
                if read["runtime"]["kind"] == "mcp" and "pins" not in read["runtime"]:
                    _pin_vector(expected, manifest)
                elif read["runtime"]["kind"] == "wasm" and "tool" in read:
                    _export(manifest.with_name(read["runtime"]["artifact"]))


def _export(artifact: Path) -> None:
    found = describe(artifact.read_bytes())
    if "call-tool" not in found.exports:
        artifact.write_bytes(component(*(i.name for i in found.imports)))


def _pin_vector(expected: Path, manifest: Path) -> None:
    text = manifest.read_text()
    command = _COMMAND.search(text)
    if command is None:
        raise ValueError(f"`command` of {manifest} does not stand on one line")
    manifest.write_text(pinned(text))
    manifest.with_name("pins.json").write_bytes(pins_of(text))
    moved, after = json.loads(expected.read_text()), text[: command.end()].count("\n")
    for finding in moved.get("findings", ()):
        if manifest.as_posix().endswith(f"/{finding['file']}") and finding["line"] > after:
            finding["line"] += 1
    expected.write_text(json.dumps(moved, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path("specs/vectors"))
