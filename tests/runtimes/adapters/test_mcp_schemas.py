"""Arguments against the pinned schema: what cannot be decided does not match, and nothing is fetched."""

from __future__ import annotations

import socket
from types import MappingProxyType

import pytest

from capwright_runtimes.adapters.mcp.schemas import NoSchema, Schema

PATH = {"type": "object", "properties": {"path": {"type": "string", "maxLength": 5}}, "required": ["path"]}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"path": "/a"}, None),
        ({}, "it lacks `path`"),
        ({"path": 7}, "`/path` breaks the rule `type`"),
        ({"path": "secret-value"}, "`/path` breaks the rule `maxLength`"),
        ([], "it breaks the rule `type`"),
    ],
)
def test_a_mismatch_names_the_place_and_the_rule_and_not_the_value(value: object, told: str | None) -> None:
    assert Schema(PATH).mismatch(value) == told


def test_a_frozen_schema_is_one_too() -> None:
    assert Schema(MappingProxyType({"type": "object"})).mismatch({}) is None


@pytest.mark.parametrize(
    "pinned", [{"type": "nonsense"}, {"required": "path"}, {"pattern": "(?P<x"}, True, 7, None]
)
def test_what_is_no_schema(pinned: object) -> None:
    with pytest.raises(NoSchema):
        Schema(pinned)


def test_a_reference_elsewhere_is_undecided_and_never_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        schema = Schema({"$ref": f"http://127.0.0.1:{server.getsockname()[1]}/schema"})
        assert schema.mismatch({}) == "its schema cannot be decided for this value"
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_reference_within_is_followed_and_endless_ones_are_undecided() -> None:
    inner = {"$defs": {"text": {"type": "string"}}, "$ref": "#/$defs/text"}
    assert Schema(inner).mismatch("x") is None and Schema(inner).mismatch(1) is not None
    assert Schema({"$ref": "#"}).mismatch(1) == "its schema cannot be decided for this value"
