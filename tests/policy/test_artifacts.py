"""What stands beside a manifest is read when verifying, and a pin file must agree with itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from capwright_policy.artifacts import read_pins
from capwright_registry.errors import InputError
from capwright_registry.pins import ServerFacts, dump, pin
from tests.support.workspaces import load

MANIFEST = """\
schema = "capwright.plugin/1"
id = "acme.server"
version = "1.0.0"
api = ">=1.0"

[runtime]
kind = "mcp"
command = ["server"]
pins = "pins.json"
"""
TOOL = {"name": "look", "description": "looks", "inputSchema": {"type": "object"}}
PINS = dump(pin(ServerFacts("fake", "1", None, "2025-11-25", [TOOL]), ["server"], []))


def _files(pins: bytes) -> dict[str, str | bytes]:
    return {"plugins/server/plugin.toml": MANIFEST, "plugins/server/pins.json": pins}


def test_pins_that_agree_with_themselves_pass(tmp_path: Path) -> None:
    workspace = load(tmp_path, _files(PINS))
    (pins,) = read_pins(workspace).values()
    assert list(pins.tools) == ["look"]


def test_a_definition_that_is_not_the_digested_one_is_refused(tmp_path: Path) -> None:
    workspace = load(tmp_path, _files(PINS.replace(b"looks", b"lacks")))
    with pytest.raises(InputError, match="the digests of the tool `look` do not match its definition"):
        read_pins(workspace)


def test_pins_that_changed_since_they_were_loaded_are_refused(tmp_path: Path) -> None:
    workspace = load(tmp_path, _files(PINS))
    (workspace.root / "plugins/server/pins.json").write_bytes(PINS + b"\n")
    with pytest.raises(InputError, match="changed while they were being read"):
        read_pins(workspace)
