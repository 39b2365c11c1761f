"""`descriptor-drift`: what its vectors cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from capwright_policy.findings import CheckResult, Verdict
from capwright_policy.setting import Setting
from capwright_registry.errors import InputError
from capwright_registry.pins import ServerFacts, dump, pin
from tests.support.checking import check, enable, marked, mended, plugin, profile, setting
from tests.support.pinning import pinned, pins_of

ID = "descriptor-drift"
LEAD, MANIFEST, PINS = "profiles/lead.toml", "plugins/p/plugin.toml", "plugins/p/pins.json"
TEXT: dict[str, Any] = {"type": "string"}


def tool(name: str = "run", keys: str = "") -> str:
    """The keys of a tool whose effect is bound to `/path`."""
    argument = "input = { properties = { path = { } } }"
    effects = 'effects = [{ action = "fs.read", from = "/path" }]'
    return f'name = "{name}"\n{argument}\n{effects}\n{keys}'


def definition(name: str = "run", path: object = None, **more: Any) -> dict[str, Any]:
    """A pinned tool with the argument `path`."""
    schema = {"type": "object", "properties": {"path": TEXT if path is None else path}}
    return {"name": name, "inputSchema": {**schema, **more.pop("schema", {})}, **more}


def desk(tmp_path: Path, manifest: str, *tools: dict[str, Any], **others: str) -> Setting:
    """One server with these pins, and other servers whose pins say what their manifests say."""
    facts = ServerFacts("p", "1", None, "2025-11-25", tools)
    files: dict[str, str | bytes] = {
        MANIFEST: pinned(manifest),
        PINS: dump(pin(facts, ["server"], [])),
        LEAD: profile("lead", parts=[enable(f"project:{name}") for name in ("p", *others)]),
    }
    for name, text in others.items():
        files |= {f"plugins/{name}/plugin.toml": pinned(text), f"plugins/{name}/pins.json": pins_of(text)}
    return setting(tmp_path, files)


def decided(tmp_path: Path, manifest: str, *tools: dict[str, Any]) -> CheckResult:
    return check(ID, desk(tmp_path, manifest, *tools))


ROOT: dict[str, Any] = {"$defs": {"Path": TEXT, "Round": {"$ref": "#/$defs/Round"}}}


class TestWhatNamesAResource:
    """The pinned `inputSchema` says that it is a text or a list of texts, `null` aside."""

    @pytest.mark.parametrize(
        "path",
        [
            TEXT,
            {"type": ["string", "null"]},
            {"type": "string", "enum": ["a"]},
            {"type": "array", "items": TEXT},
            {"type": ["string", "array"], "items": TEXT},
            {"anyOf": [TEXT, {"type": "null"}]},
            {"oneOf": [TEXT, {"type": "array", "items": TEXT}]},
            {"anyOf": [{"anyOf": [TEXT, {"type": "null"}]}, {"$ref": "#/$defs/Path"}]},
            {"$ref": "#/$defs/Path"},
            {"$ref": "#/properties/other"},
        ],
        ids=json.dumps,
    )
    def test_a_text(self, tmp_path: Path, path: object) -> None:
        one = definition(path=path)
        one["inputSchema"] |= ROOT
        one["inputSchema"]["properties"]["other"] = TEXT
        assert decided(tmp_path, plugin("p", tools=[tool()]), one).verdict is Verdict.PROVED

    @pytest.mark.parametrize(
        "path",
        [
            {},
            True,
            {"type": "object"},
            {"type": ["string", "integer"]},
            {"type": "null"},
            {"type": "array"},
            {"type": "array", "items": {"type": ["string", "null"]}},
            {"type": "array", "items": {"type": "array", "items": TEXT}},
            {"anyOf": []},
            {"anyOf": [TEXT, {}]},
            {"anyOf": [TEXT, {"type": "number"}]},
            {"allOf": [TEXT]},
            {"enum": ["a"]},
            {"$ref": "#/$defs/Nobody"},
            {"$ref": "#/$defs/Round"},
            {"$ref": "https://example.com/path.json"},
        ],
        ids=json.dumps,
    )
    def test_not_seen_to_be_one(self, tmp_path: Path, path: object) -> None:
        """What is not read says nothing: the finding replays all the same."""
        one = definition(path=path)
        one["inputSchema"] |= ROOT
        (finding,) = decided(tmp_path, plugin("p", tools=[tool()]), one).findings
        assert finding.message.endswith("`project:p/run` does not say that `/path` is a text")

    def test_a_schema_of_many_circles_is_read_in_no_time(self, tmp_path: Path) -> None:
        """Each reference is followed once: alternatives of alternatives would take for ever."""
        knot = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in "abcdefgh"]}
        one = definition(path={"$ref": "#/$defs/a"}, schema={"$defs": dict.fromkeys("abcdefgh", knot)})
        assert decided(tmp_path, plugin("p", tools=[tool()]), one).verdict is Verdict.REFUTED

    def test_below_an_argument(self, tmp_path: Path) -> None:
        """A pointer goes on through properties, items and references, where there is one way to go."""
        keys = (
            'name = "run"\ninput = { properties = { a = { properties = { b = { items = { } } } } } }\n'
            'effects = [{ action = "fs.read", from = "/a/b/-" }]'
        )
        inner = {"type": "object", "properties": {"b": {"type": "array", "items": TEXT}}}
        for number, (a, verdict) in enumerate(
            [
                (inner, Verdict.PROVED),
                ({"anyOf": [inner, {"type": "null"}]}, Verdict.PROVED),
                ({"anyOf": [inner, {"type": "object"}]}, Verdict.REFUTED),
                ({"type": "object"}, Verdict.REFUTED),
            ]
        ):
            one = {"name": "run", "inputSchema": {"type": "object", "properties": {"a": a}}}
            assert decided(tmp_path / str(number), plugin("p", tools=[keys]), one).verdict is verdict


class TestArguments:
    """What the manifest says of an argument, the pinned definition says too, or leaves open."""

    @pytest.mark.parametrize(
        ("ours", "theirs", "holds"),
        [
            ({"type": "integer"}, {"type": "integer"}, True),
            ({"type": "integer"}, {"type": "number"}, True),
            ({"type": "number"}, {"type": "integer"}, False),
            ({"type": "string"}, {"type": ["string", "null"]}, True),
            ({"type": ["string", "null"]}, {"type": "string"}, False),
            ({"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
            ({"type": "string"}, {"type": "integer"}, False),
            ({}, {"type": "integer"}, True),
            ({"type": "string"}, {}, True),
            ({"type": "string"}, {"anyOf": [{"type": "integer"}, {}]}, True),
        ],
    )
    def test_types(self, tmp_path: Path, ours: dict[str, Any], theirs: dict[str, Any], holds: bool) -> None:
        kinds = json.dumps(ours.get("type")) if ours else ""
        own = f"{{ type = {kinds} }}" if ours else "{ }"
        manifest = plugin("p", tools=[f'name = "run"\ninput = {{ properties = {{ n = {own} }} }}'])
        one = {"name": "run", "inputSchema": {"type": "object", "properties": {"n": theirs}}}
        assert (decided(tmp_path, manifest, one).verdict is Verdict.PROVED) is holds

    def test_a_tool_without_a_schema(self, tmp_path: Path) -> None:
        """An MCP tool may have none that can be read; then it has no arguments."""
        result = decided(tmp_path, plugin("p", tools=[tool()]), {"name": "run", "inputSchema": True})
        assert len(result.findings) == 2

    def test_what_the_server_has_besides_is_no_contradiction(self, tmp_path: Path) -> None:
        one = definition(schema={"required": ["path", "more"]}, description="runs", outputSchema={})
        assert decided(tmp_path, plugin("p", tools=[tool()]), one).verdict is Verdict.PROVED


def test_places_and_the_edit_of_a_description(tmp_path: Path) -> None:
    manifest = plugin("p", tools=[tool(keys='description = "Runs"')])
    one = desk(tmp_path, manifest, definition(description='Runs "it"\nagain'))
    (finding,) = check(ID, one).findings
    assert marked(finding.span, one) == '"Runs"'
    assert marked(finding.related[0].span, one) == '"pins.json"'
    assert 'description = "Runs \\"it\\"\\nagain"' in mended(finding, one, MANIFEST)


def test_a_tool_that_is_not_pinned_is_another_checks_matter(tmp_path: Path) -> None:
    """`unpinned` says so; here there is nothing to compare."""
    assert decided(tmp_path, plugin("p", tools=[tool()])).findings == ()


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("read_file", "read_fi1e", True),
        ("Item", "ltem", True),
        ("log", "l0g", True),
        ("burn", "bum", True),
        ("view", "vievv", True),
        ("log", "Log", False),
        ("open", "Open", False),
        ("read_file", "read-file", False),
        ("log", "logs", False),
    ],
)
def test_names_of_two_servers(tmp_path: Path, name: str, other: str, alike: bool) -> None:
    """Drawn alike: `1`, `l` and `I`; `0`, `o` and `O`; `rn` and `m`; `vv` and `w`. Not case by itself."""
    manifest, second = plugin("p", tools=[name]), plugin("q", tools=[other])
    one = desk(tmp_path, manifest, definition(name), q=second)
    assert [finding.subject for finding in check(ID, one).findings] == (
        [f"project:p/{name}", f"project:q/{other}"] if alike else []
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call ru\u0578 first", 1),  # an Armenian letter
        ("(\uff52\uff55\uff4e)", 1),  # full width
        ("ru\u0578.", 1),
        ("ru\u0578ner", 0),
        ("l\u00e4uft", 0),
        ("run", 0),
        ("\u0440\u0443\u043f", 0),
    ],
)
@pytest.mark.parametrize("route", ["description", "title", "argument"])
def test_words_of_a_definition(tmp_path: Path, text: str, found: int, route: str) -> None:
    """Wherever it stands: a word in look-alike letters that reads like a tool of the agent."""
    more: dict[str, Any] = {route: text}
    if route == "argument":
        more = {"schema": {"properties": {"path": {**TEXT, "description": text}}}}
    assert len(decided(tmp_path, plugin("p", tools=[tool()]), definition(**more)).findings) == found


@pytest.mark.parametrize("text", ["a\u200bb", "\u202eab", "\U000e0041", "\x1b[2J"])
def test_what_cannot_be_seen_is_no_pin_file_at_all(tmp_path: Path, text: str) -> None:
    """Such a file is not read, so no check has to say it."""
    one = desk(tmp_path, plugin("p", tools=[tool()]), definition(description="MARK"))
    pins = one.workspace.root / PINS
    hidden = pins.read_text().replace("MARK", json.dumps(text)[1:-1])
    again = {MANIFEST: pinned(plugin("p", tools=[tool()])), PINS: hidden}
    with pytest.raises(InputError, match="hidden character"):
        check(ID, setting(tmp_path / "again", {**again, LEAD: (one.workspace.root / LEAD).read_text()}))


def test_a_tool_that_is_pinned_twice_is_no_pin_file_at_all(tmp_path: Path) -> None:
    one = desk(tmp_path, plugin("p", tools=[tool()]), definition())
    pins = json.loads((one.workspace.root / PINS).read_bytes())
    pins["tools"] *= 2
    again = {MANIFEST: pinned(plugin("p", tools=[tool()])), PINS: json.dumps(pins)}
    with pytest.raises(InputError, match="two tools are named `run`"):
        check(ID, setting(tmp_path / "again", {**again, LEAD: (one.workspace.root / LEAD).read_text()}))
