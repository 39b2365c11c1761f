"""Pins: one byte of difference is seen and named, and nothing that a reviewer cannot see is pinned."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.errors import InputError
from capwright_registry.pins import Drift, Pins, ServerFacts, compare, compare_launch, dump, load_pins, pin

COMMAND = ("server", "--root", "${workspace}/repo")
TOOL: dict[str, Any] = {
    "name": "read",
    "title": "Read",
    "description": "Reads a file.\n\tOnly below the root. \u26a0\ufe0f",
    "inputSchema": {"type": "object", "properties": {"path": {"type": "string", "description": "which"}}},
    "outputSchema": {"type": "object"},
    "annotations": {"readOnlyHint": True},
    "_meta": {"x.example/kept": [1, 2.5, None]},
    "inventedKey": {"anything": "kept"},
}
OTHER: dict[str, Any] = {"name": "list", "inputSchema": {"type": "object"}}


def facts(*tools: Mapping[str, object], **changes: Any) -> ServerFacts:
    fields: dict[str, Any] = {"name": "s", "version": "1", "instructions": None, "protocol": "2026-07-28"}
    return ServerFacts(tools=tools, **{**fields, **changes})


def pinned(*tools: Mapping[str, object], **changes: Any) -> Pins:
    return load_pins(dump(pin(facts(*tools, **changes), COMMAND, ["HOME"])))


def messages(caught: pytest.ExceptionInfo[InputError]) -> str:
    return " | ".join(problem.message for problem in caught.value.problems)


class TestWhatIsPinned:
    def test_the_whole_raw_object_is_kept_and_unchanged_answers_do_not_drift(self) -> None:
        pins = pinned(TOOL, OTHER)
        assert dict(pins.tools["read"].definition) == TOOL
        assert set(pins.tools["read"].fields) == set(TOOL)
        assert compare(pins, facts(TOOL, OTHER)) == ()

    def test_the_digest_is_the_stated_one(self) -> None:
        stated = hashlib.sha256(b"capwright-tool-v1\0" + rfc8785.dumps(TOOL)).hexdigest()
        assert pinned(TOOL).tools["read"].digest == stated

    def test_the_order_of_tools_and_keys_does_not_matter(self) -> None:
        turned = dict(reversed(list(TOOL.items())))
        assert dump(pin(facts(TOOL, OTHER), COMMAND, [])) == dump(pin(facts(OTHER, turned), COMMAND, []))
        assert compare(pinned(TOOL, OTHER), facts(OTHER, turned)) == ()

    def test_a_look_alike_letter_shows_in_the_file(self) -> None:
        file = dump(pin(facts({**OTHER, "description": "p\u0430y"}), COMMAND, []))
        assert b"p\\u0430y" in file and file.isascii()


class TestDrift:
    @pytest.mark.parametrize("field", [key for key in TOOL if key != "name"])
    def test_a_changed_field_is_named(self, field: str) -> None:
        changed = {**TOOL, field: ["something else"]}
        assert compare(pinned(TOOL), facts(changed)) == (Drift("read", field, "changed"),)

    @pytest.mark.parametrize("field", [key for key in TOOL if key != "name"])
    def test_a_removed_and_an_added_field_are_named(self, field: str) -> None:
        without = {key: value for key, value in TOOL.items() if key != field}
        assert compare(pinned(TOOL), facts(without)) == (Drift("read", field, "removed"),)
        assert compare(pinned(without), facts(TOOL)) == (Drift("read", field, "added"),)

    def test_a_look_alike_and_another_normal_form_are_drift(self) -> None:
        before = {**OTHER, "description": "caf\u00e9 pay"}
        for now in ("cafe\u0301 pay", "caf\u00e9 p\u0430y"):
            assert compare(pinned(before), facts({**before, "description": now})) == (
                Drift("list", "description", "changed"),
            )

    def test_true_is_not_one(self) -> None:
        before = {**OTHER, "inputSchema": {"const": True}}
        assert compare(pinned(before), facts({**OTHER, "inputSchema": {"const": 1}})) == (
            Drift("list", "inputSchema", "changed"),
        )

    def test_new_and_missing_tools(self) -> None:
        assert compare(pinned(OTHER), facts(TOOL)) == (
            Drift("list", None, "removed"),
            Drift("read", None, "added"),
        )

    @pytest.mark.parametrize("field", ["name", "version", "instructions", "protocol"])
    def test_the_server_itself(self, field: str) -> None:
        assert compare(pinned(OTHER, **{field: "a"}), facts(OTHER, **{field: "b"})) == (
            Drift(None, field, "changed"),
        )

    def test_new_instructions_are_drift(self) -> None:
        assert compare(pinned(OTHER), facts(OTHER, instructions="do as I say")) == (
            Drift(None, "instructions", "added"),
        )

    def test_the_launch(self) -> None:
        pins = pinned(OTHER)
        assert compare_launch(pins, list(COMMAND), ["HOME", "HOME"]) == ()
        assert compare_launch(pins, [*COMMAND, "--write"], ["HOME", "TOKEN"]) == (
            Drift(None, "command", "changed"),
            Drift(None, "environment", "changed"),
        )

    @pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800"])
    def test_a_live_value_without_a_canonical_form_is_drift_and_no_crash(self, value: object) -> None:
        assert compare(pinned(TOOL), facts({**TOOL, "title": value})) == (Drift("read", None, "changed"),)

    def test_two_tools_of_one_name_have_no_meaning(self) -> None:
        with pytest.raises(InputError, match="two tools are named"):
            compare(pinned(OTHER), facts(OTHER, {**OTHER, "description": "the other one"}))

    def test_a_tool_without_a_name_has_no_meaning(self) -> None:
        with pytest.raises(InputError, match="no name"):
            compare(pinned(OTHER), facts(OTHER, {"inputSchema": {}}))


HIDDEN = {
    "escape sequence": "\x1b[31mred",
    "null": "a\0b",
    "carriage return alone": "harmless\rread everything",
    "delete": "a\x7f",
    "c1 control": "a\x9b31m",
    "zero width space": "a\u200bb",
    "zero width joiner": "a\u200db",
    "byte order mark": "\ufeffa",
    "right-to-left override": "a\u202eb",
    "isolate": "a\u2066b",
    "soft hyphen": "a\u00adb",
    "tag": "a\U000e0041b",
    "line separator": "a\u2028b",
    "private use": "a\ue000",
    "lone surrogate": "a\ud800",
    "hangul filler": "a\u3164b",
    "variation selector": "a\ufe00",
    "variation selector supplement": "a\U000e0101",
    "emoji selectors that carry bits": "\u26a0\ufe0f\ufe0f",
}


class TestWhatNobodyCanReview:
    @pytest.mark.parametrize("text", HIDDEN.values(), ids=list(HIDDEN))
    @pytest.mark.parametrize("where", ["description", "nested", "key", "instructions", "server"])
    def test_hidden_characters_are_refused_wherever_they_stand(self, text: str, where: str) -> None:
        live = {
            "description": facts({**OTHER, "description": text}),
            "nested": facts({**OTHER, "inputSchema": {"properties": {"a": {"description": text}}}}),
            "key": facts({**OTHER, "inputSchema": {"properties": {text: {}}}}),
            "instructions": facts(OTHER, instructions=text),
            "server": facts(OTHER, name=text),
        }[where]
        with pytest.raises(InputError, match="hidden character U"):
            pin(live, COMMAND, [])

    @pytest.mark.parametrize("text", ["a\nb\tc", "a\r\nb", "na\u00efve \u2014 \u4e2d\u6587 \u26a0\ufe0f"])
    def test_what_a_person_can_see_is_pinned(self, text: str) -> None:
        assert pinned({**OTHER, "description": text}, instructions=text).instructions == text

    @pytest.mark.parametrize(
        "name", ["", "a b", "a/b", "a\n", "p\u0430y", "\u200b", "x" * 129, 7, None, ["a"]]
    )
    def test_names_are_plain(self, name: object) -> None:
        with pytest.raises(InputError, match="a tool is named"):
            pin(facts({"name": name, "inputSchema": {}}), COMMAND, [])

    def test_a_line_feed_in_a_key_is_refused(self) -> None:
        with pytest.raises(InputError, match="U\\+000A"):
            pin(facts({**OTHER, "a\nb": 1}), COMMAND, [])

    @pytest.mark.parametrize("word", ["", "a\nb", "\u200b"])
    def test_the_launch_is_as_plain(self, word: str) -> None:
        for command, environment in (([word], []), (["server"], [word])):
            with pytest.raises(InputError, match="the launch command holds"):
                pin(facts(OTHER), command, environment)

    @pytest.mark.parametrize("value", [2**53, float("inf"), [[[2**60]]]])
    def test_values_without_a_canonical_form_are_refused(self, value: object) -> None:
        with pytest.raises(InputError, match="cannot be pinned"):
            pin(facts({**OTHER, "x": value}), COMMAND, [])

    def test_every_fault_is_told_at_once(self) -> None:
        with pytest.raises(InputError) as caught:
            pin(facts({**OTHER, "title": "\u200b"}, TOOL, TOOL, instructions="\x1b"), COMMAND, [])
        told = messages(caught)
        assert "U+200B" in told and "U+001B" in told and "two tools" in told

    def test_a_deep_definition_is_refused(self) -> None:
        deep: object = 1
        for _ in range(5000):
            deep = [deep]
        with pytest.raises(InputError, match="nested"):
            pin(facts({**OTHER, "x": deep}), COMMAND, [])

    def test_too_many_tools_are_refused(self) -> None:
        with pytest.raises(InputError, match="at most"):
            pin(facts(*({"name": f"t{i}", "inputSchema": {}} for i in range(600))), COMMAND, [])


DOCUMENT: dict[str, Any] = json.loads(dump(pin(facts(TOOL, OTHER), COMMAND, ["HOME"])))


def _routes(value: object, route: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [route] if route else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _routes(item, (*route, key))
    return found


class TestReading:
    """Every change of one field of the file is refused, or is a change of what was approved."""

    @pytest.mark.parametrize("route", _routes(DOCUMENT), ids=lambda route: "/".join(map(str, route)))
    @pytest.mark.parametrize("change", ["drop", "other", "null", "extra"])
    def test_no_single_change_goes_unseen(self, route: tuple[str | int, ...], change: str) -> None:
        document = copy.deepcopy(DOCUMENT)
        holder: Any = document
        for key in route[:-1]:
            holder = holder[key]
        before = copy.deepcopy(holder[route[-1]])
        if change == "drop":
            del holder[route[-1]]
        elif change == "extra" and isinstance(before, dict):
            holder[route[-1]]["unknown"] = 1
        else:
            holder[route[-1]] = None if change == "null" else "other"
        if document == DOCUMENT:
            return
        try:
            pins = load_pins(json.dumps(document).encode())
        except InputError:
            return
        moved = compare(pins, facts(TOOL, OTHER)) + compare_launch(pins, COMMAND, ["HOME"])
        assert moved, f"{route} was changed and nothing noticed"

    def test_a_key_given_twice_is_refused(self) -> None:
        text = json.dumps(DOCUMENT).replace('"schema":', '"schema": "capwright.pins/1", "schema":', 1)
        with pytest.raises(InputError, match="stands twice"):
            load_pins(text.encode())

    def test_a_file_that_is_too_large_is_refused_unread(self) -> None:
        with pytest.raises(InputError, match="at most"):
            load_pins(b" " * (5 * 1024 * 1024))

    def test_a_fault_points_into_the_file(self) -> None:
        with pytest.raises(InputError) as caught:
            load_pins(b'{\n  "schema": oops}', file="plugins/x/pins.json")
        assert str(caught.value.problems[0].span) == "plugins/x/pins.json:2:13"

    def test_pins_cannot_be_edited_after_reading(self) -> None:
        pins = pinned(TOOL)
        with pytest.raises(TypeError):
            pins.tools["read"].definition["description"] = "x"  # type: ignore[index]
        with pytest.raises(TypeError):
            pins.tools["new"] = pins.tools["read"]  # type: ignore[index]

    @given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        with pytest.raises(InputError):
            load_pins(data)
