"""The example component, called for real: what it finds, and what it says when it may not look."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import wasmtime
from hypothesis import example, given
from hypothesis import strategies as st
from wasmtime.component import Component, Linker, Variant

from capwright_runtimes.adapters.base import ToolOutput
from capwright_runtimes.adapters.wasm import WasmSession, load
from capwright_runtimes.broker import Broker
from capwright_runtimes.mediators.history import History
from capwright_runtimes.mediators.scoped_fs import ScopedFs
from tests.runtimes import host_fakes
from tests.runtimes.adapters.wasm_cases import (
    ENV,
    ESCALATED,
    FILES,
    NOTES,
    FakeBroker,
    admission,
    as_broker,
    call,
    refusal,
)


class TestTheExample:
    @pytest.fixture
    def broker(self) -> FakeBroker:
        return FakeBroker(
            files={"/n/a.md": b"first\nThe WORD\n", "/n/sub/b.md": b"a word", "/n/c.txt": b"word"},
            folders={"/n": ["a.md", "c.txt", "sub/"], "/n/sub": ["b.md"]},
        )

    def test_it_finds_what_is_there(self, tmp_path: Path, broker: FakeBroker) -> None:
        output = call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "word"}, broker, FILES)
        assert not output.is_error
        assert json.loads(output.text) == {
            "matches": [
                {"file": "/n/a.md", "line": 2, "text": "The WORD"},
                {"file": "/n/sub/b.md", "line": 1, "text": "a word"},
            ]
        }
        assert broker.given == ["/n", "/n/a.md", "/n/sub", "/n/sub/b.md"]

    def test_a_denial_surfaces_and_nothing_is_read(self, tmp_path: Path, broker: FakeBroker) -> None:
        output = call(tmp_path, NOTES.read_bytes(), {"path": "/etc", "query": "word"}, broker, FILES)
        expected = "`fs.read` denied by granted: no rule of `granted` covers it"
        assert output == ToolOutput(expected, is_error=True)
        assert (broker.asked, broker.given) == ([("fs.read", "/etc")], [])

    def test_one_denied_note_ends_the_search(self, tmp_path: Path) -> None:
        broker = FakeBroker(folders={"/n": ["a.md", "b.md"]}, files={"/n/b.md": b"word"})
        output = call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "word"}, broker, FILES)
        assert output.is_error
        assert broker.given == ["/n"]

    def test_the_twin_reads_the_environment(self, tmp_path: Path, broker: FakeBroker) -> None:
        broker.variables = {"NOTES_LANG": "de_DE"}
        arguments = {"path": "/n", "query": "word"}
        output = call(tmp_path, ESCALATED.read_bytes(), arguments, broker, FILES, ENV)
        assert json.loads(output.text)["summary"] == "2 Treffer"
        assert broker.asked[-1] == ("env.read", "NOTES_LANG")

    def test_the_twin_does_not_load_with_the_imports_of_the_other(self, tmp_path: Path) -> None:
        refused = refusal(admission(tmp_path, ESCALATED.read_bytes(), imports=[FILES]))
        assert (refused.code, refused.detail) == ("unproved-import", ENV)

    def test_with_the_real_broker(self, tmp_path: Path) -> None:
        root = tmp_path.resolve()
        for folder in ("open", "shut"):
            (root / folder).mkdir()
            (root / folder / "note.md").write_text("the word")
        admitted = admission(root, NOTES.read_bytes(), imports=[FILES])
        granted = host_fakes.admission(
            {"fs.read": host_fakes.table("fs.read", [f"{root}/open/**"])}, admitted.tools
        )
        history, files = History(root / "history.jsonl"), ScopedFs()
        with closing(history), closing(files), closing(load(admitted)) as session:
            for folder, found in (("open", True), ("shut", False)):
                arguments: dict[str, object] = {"path": f"{root}/{folder}", "query": "word"}
                broker = Broker(granted, "search", arguments, {}, history=history, files=files, environ={})
                output = session.call("search", arguments, broker)
                assert output.is_error is not found
                assert len(broker.denials) == (0 if found else 1)
        records = [json.loads(line)["record"] for line in (root / "history.jsonl").read_text().splitlines()]
        allowed = [(Path(r["resource"]).relative_to(root).as_posix(), r["allowed"]) for r in records]
        assert allowed == [("open", True), ("open/note.md", True), ("shut", False)]


def matches(
    root: Path, query: str, notes: Mapping[str, bytes], folder: str = "/n"
) -> list[dict[str, object]]:
    """What the component finds in these notes."""
    broker = FakeBroker({f"/n/{name}": data for name, data in notes.items()}, {folder: list(notes)})
    output = call(root, NOTES.read_bytes(), {"path": folder, "query": query}, broker, FILES)
    assert not output.is_error
    found = json.loads(output.text)["matches"]
    assert isinstance(found, list)
    return found


def lower(text: str) -> str:
    """ASCII letters alone are folded."""
    return "".join(c.lower() if c.isascii() else c for c in text)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WasmSession]:
    """The component, loaded once: calls share nothing."""
    root = tmp_path_factory.mktemp("notes")
    with closing(load(admission(root, NOTES.read_bytes(), imports=[FILES]))) as session:
        yield session


CHARACTERS = st.sampled_from('aAbz{}"\\/é€\U0001f600\t\r\x01\x7f ') | st.characters(
    exclude_characters="\n", exclude_categories=["Cs"]
)


class TestWhatASearchFinds:
    """`search` gives each line that holds the query, ASCII letters of either case alike, as JSON."""

    @given(
        lines=st.lists(st.text(CHARACTERS, max_size=20)),
        query=st.text(CHARACTERS | st.just("\n"), min_size=1, max_size=3),
    )
    @example(lines=['\u0001\t"\\\u007f', "é\u20ac\U0001f600"], query="\\")
    @example(lines=["é\u20ac\U0001f600 Word", "\r"], query="\U0001f600 wO")
    def test_every_such_line_and_no_other(self, session: WasmSession, lines: list[str], query: str) -> None:
        broker = FakeBroker({"/n/a.md": "\n".join(lines).encode()}, {"/n": ["a.md"]})
        output = session.call("search", {"path": "/n", "query": query}, as_broker(broker))
        expected = [
            {"file": "/n/a.md", "line": number, "text": line}
            for number, line in enumerate((line.removesuffix("\r") for line in lines), 1)
            if lower(query) in lower(line)
        ]
        assert json.loads(output.text) == {"matches": expected}

    def test_bytes_that_are_not_utf8_are_shown_as_such(self, tmp_path: Path) -> None:
        found = matches(tmp_path, "word", {"a.md": b"\xff\xe2\x82 word \xf0\x9f\x98\x80"})
        assert found == [{"file": "/n/a.md", "line": 1, "text": "\ufffd\ufffd word \U0001f600"}]

    def test_a_long_line_is_shown_around_the_match(self, tmp_path: Path) -> None:
        line = "é" * 500 + "word" + "ü" * 500
        (found,) = matches(tmp_path, "word", {"a.md": line.encode()})
        text = str(found["text"])
        assert text in line
        assert "word" in text
        assert 200 < len(text.encode()) <= 240

    def test_only_notes_are_read(self, tmp_path: Path) -> None:
        names = ["a.txt", ".hidden.md", "md", "A.MD", ".git/"]
        found = matches(tmp_path, "word", dict.fromkeys(names, b"word"))
        assert [match["file"] for match in found] == ["/n/A.MD"]

    def test_a_slash_at_the_end_of_the_folder_is_not_doubled(self, tmp_path: Path) -> None:
        (found,) = matches(tmp_path, "word", {"a.md": b"word"}, folder="/n/")
        assert found["file"] == "/n/a.md"

    def test_folders_within_folders_end_somewhere(self, tmp_path: Path) -> None:
        broker = FakeBroker(folders={"/n" + "/s" * depth: ["s/"] for depth in range(100)})
        call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "x"}, broker, FILES)
        assert broker.given == ["/n" + "/s" * depth for depth in range(9)]

    def test_more_than_fits_is_cut_between_matches_and_said(self, tmp_path: Path) -> None:
        broker = FakeBroker({"/n/a.md": b"a word\n" * 5000}, {"/n": ["a.md", "b.md"]})
        output = call(tmp_path, NOTES.read_bytes(), {"path": "/n", "query": "word"}, broker, FILES)
        found = json.loads(output.text)
        assert found["truncated"] is True
        assert [match["line"] for match in found["matches"]] == list(range(1, len(found["matches"]) + 1))
        assert 47 * 1024 < len(output.text) <= 48 * 1024

    def test_notes_larger_than_the_memory_one_after_the_other(self, tmp_path: Path) -> None:
        notes = {f"{number}.md": b"x" * 300_000 for number in range(10)}
        found = matches(tmp_path, "word", {**notes, "z.md": b"word"})
        assert found == [{"file": "/n/z.md", "line": 1, "text": "word"}]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "`path` is missing"),
        ({"query": "x"}, "`path` is missing"),
        ({"path": "/n"}, "`query` is missing"),
        ({"path": "/n", "query": ""}, "`query` is missing or empty"),
        ({"path": 1, "query": "x"}, "must be strings"),
        ({"path": "/n", "query": ["x"]}, "must be strings"),
        ({"path": "/n", "query": "\ud800"}, "surrogate"),
        ({"path": "/n", "query": "\ud800\ud800"}, "surrogate"),
        ({"path": "/n", "query": "\udc00"}, "surrogate"),
        ({"path": "/n", "query": "x", "deep": json.loads("[" * 70 + "]" * 70)}, "nest too deep"),
    ],
)
def test_arguments_it_cannot_use(tmp_path: Path, arguments: Mapping[str, object], reason: str) -> None:
    broker = FakeBroker()
    output = call(tmp_path, NOTES.read_bytes(), arguments, broker, FILES)
    assert (output.is_error, broker.asked) == (True, [])
    assert reason in output.text


def test_other_arguments_are_passed_over(tmp_path: Path) -> None:
    other = [None, True, False, -0.5e-30, 10, '\u0000\b"', {"path": "/etc", "": [[], {}]}]
    broker = FakeBroker({"/n/a.md": b"word"}, {"/n": ["a.md"]})
    arguments = {"other": other, "path": "/n", "query": "word", "last": {}}
    assert not call(tmp_path, NOTES.read_bytes(), arguments, broker, FILES).is_error
    assert broker.given == ["/n", "/n/a.md"]


Answering = Callable[[str], tuple[str, str]]


@pytest.fixture(scope="module")
def answer() -> Answering:
    """Calls the component with any arguments, on a host that has nothing; gives the tag and the text."""
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    loaded = Component(engine, NOTES.read_bytes())

    def go(arguments: str) -> tuple[str, str]:
        store = wasmtime.Store(engine)
        store.set_fuel(10_000_000)
        linker = Linker(engine)
        with linker.root() as root, root.add_instance(FILES) as files:
            files.add_func("list-dir", lambda _, path: f"asked for {path}")
            files.add_func("read-text", lambda _, path: Variant("err", path))
        function = linker.instantiate(store, loaded).get_func(store, "call-tool")
        assert function is not None
        answered = function(store, "search", arguments)
        return answered.tag, answered.payload

    return go


class TestRawArguments:
    """The component's own JSON reader, on texts that the adapter never sends."""

    @pytest.mark.parametrize(
        "text",
        [
            '{"path":"/n","query":"x"}',
            ' \t\r\n{ "path" : "/n" , "query" : "x" } \n',
            '{"query":"x","path":"\\u002Fn"}',
            '{"a":[],"b":{},"c":[1,-0,0.5,1e9,1E-9,1.5e+9],"d":[[{"":null}]],"path":"/n","query":"x"}',
            '{"\\u0070ath":"/n","query":"x"}',
        ],
    )
    def test_json(self, answer: Answering, text: str) -> None:
        assert answer(text) == ("err", "asked for /n")
        assert json.loads(text)["path"] == "/n"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "null",
            "[]",
            '"path"',
            "{",
            '{"path":"/n","query":"x"',
            '{"path":"/n","query":"x",}',
            '{"path":"/n" "query":"x"}',
            '{"path":"/n","query":"x"}}',
            '{"path":"/n","query":"x"} x',
            '{path:"/n","query":"x"}',
            '{"path":"/n","query":"x","a":01}',
            '{"path":"/n","query":"x","a":+1}',
            '{"path":"/n","query":"x","a":1.}',
            '{"path":"/n","query":"x","a":.5}',
            '{"path":"/n","query":"x","a":1e}',
            '{"path":"/n","query":"x","a":-}',
            '{"path":"/n","query":"x","a":NaN}',
            '{"path":"/n","query":"x","a":tru}',
            '{"path":"/n","query":"x","a":[1,]}',
            '{"path":"/n","query":"x","a":[1}',
            '{"path":"/n","query":"x","a":{"b"}}',
            '{"path":"/n","query":"x","a":{"b":1,}}',
            '{"path":"/n","query":"x","a":"\\x"}',
            '{"path":"/n","query":"x","a":"\\u12"}',
            '{"path":"/n","query":"x","a":"\\u12g4"}',
            '{"path":"/n","query":"x","a":"\t"}',
            '{"path":"/n","query":"x","a":"b}',
            '{"path":"/n","query":"x","a":"b\\',
            "{'path':'/n','query':'x'}",
        ],
    )
    def test_no_json(self, answer: Answering, text: str) -> None:
        tag, told = answer(text)
        assert tag == "err"
        assert told.startswith("the arguments ")

    def test_one_name_twice_is_refused(self, answer: Answering) -> None:
        """Whoever decided on the last of the two and whoever acts on the first would not mean the same."""
        assert answer('{"path":"/n","path":"/m","query":"x"}') == (
            "err",
            "the arguments name one member twice",
        )

    @given(st.text(st.sampled_from('{}[]":,\\u0123abdDeE+-.tnrf/ \t\x01é'), max_size=40))
    def test_any_text_is_answered(self, answer: Answering, text: str) -> None:
        """It neither traps nor takes for JSON what is none."""
        _, told = answer(text)
        assert told
        if not told.startswith("the arguments "):
            assert isinstance(json.loads(text), dict)


@pytest.mark.skipif(
    "JCO_PREFIX" not in os.environ or shutil.which("clang") is None or shutil.which("node") is None,
    reason="needs clang, node and a folder JCO_PREFIX where npm has installed @bytecodealliance/jco",
)
def test_the_artifacts_are_what_their_source_builds(tmp_path: Path) -> None:
    script = NOTES.parent / "src" / "build.sh"
    subprocess.run(["sh", str(script), str(tmp_path)], check=True)
    for built, committed in (("notes.wasm", NOTES), ("notes-with-env.wasm", ESCALATED)):
        assert (tmp_path / built).read_bytes() == committed.read_bytes()
