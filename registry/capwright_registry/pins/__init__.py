"""Pins: what a person approved of an MCP server, byte for byte, and how an answer differs from it.

Pinning catches a server that describes itself differently. It cannot catch one that behaves differently under
an unchanged description; effect limits, the process sandbox and output bounds do that.
"""

from capwright_registry.pins.compare import compare, compare_launch
from capwright_registry.pins.model import SCHEMA, Drift, Pins, ServerFacts, ToolPin
from capwright_registry.pins.read import load_pins
from capwright_registry.pins.write import dump, pin

__all__ = [
    "SCHEMA",
    "Drift",
    "Pins",
    "ServerFacts",
    "ToolPin",
    "compare",
    "compare_launch",
    "dump",
    "load_pins",
    "pin",
]
