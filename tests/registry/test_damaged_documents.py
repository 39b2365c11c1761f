"""Whatever is done to a document, it loads or it is refused with places: nothing else comes out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.documents.locate import build_index
from capwright_registry.errors import InputError
from tests.registry.test_workspace import EXAMPLE
from tests.support.workspaces import load

_DOCUMENTS = sorted(name for name in EXAMPLE if name.endswith(".toml"))
_INSERTS = st.sampled_from(
    [
        *(b"", b"[", b"]", b'"', b"'", b"\n", b"=", b".", b"{", b"}", b"\\", b"3", b"true", b"\xff", b"\0"),
        *(b"[[x]]\n", b"${", b"**", b"\xe2\x80\xae", b"set = 3\n", b"9" * 300, b"-inf", b'"""'),
    ]
)
_VALUES = st.sampled_from(
    [
        *(
            b"3",
            b"-1",
            b"0.5",
            b"inf",
            b"true",
            b'""',
            b'"x"',
            b'"\\u0000"',
            b"[]",
            b"{}",
            b"[[1]]",
            b"{ a = 1 }",
        ),
        *(b"2027-01-31", b"2027-01-31T00:00:00", b"10:00:00", b'["x", 1]', b'"' + b"x" * 9_999 + b'"'),
    ]
)
_DAMAGE = st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 12), _INSERTS), min_size=1, max_size=4)


def damaged(content: bytes, damage: list[tuple[int, int, bytes]]) -> bytes:
    """The content with some bytes replaced at some places."""
    for start, length, insert in damage:
        at = start % (len(content) + 1)
        content = content[:at] + insert + content[at + length :]
    return content


def outcome(name: str, content: bytes) -> str:
    """Load the example with another content for a document: `loaded`, or `refused` with problems in order."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        try:
            workspace = load(root, {**EXAMPLE, name: content})
        except InputError as error:
            told = [(p.message, p.message.endswith("."), p.span.file) for p in error.problems]
            return "refused" if told and all(m and not dot and file for m, dot, file in told) else "unclear"
        return "loaded" if workspace.root == root else "elsewhere"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(_DOCUMENTS), _DAMAGE)
def test_a_damaged_document_loads_or_is_refused(name: str, damage: list[tuple[int, int, bytes]]) -> None:
    assert outcome(name, damaged(original(name), damage)) in ("loaded", "refused")


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(_DOCUMENTS), st.integers(0, 999), _VALUES)
def test_a_value_of_another_kind_loads_or_is_refused(name: str, place: int, value: bytes) -> None:
    content = original(name)
    index = build_index(content)
    points = [p for route, p in index.values.items() if route not in index.keys or p != index.keys[route]]
    row, column, end_row, end_column = points[place % len(points)]
    lines = content.split(b"\n")
    head = b"\n".join([*lines[:row], lines[row][:column]])
    tail = b"\n".join([lines[end_row][end_column:], *lines[end_row + 1 :]])
    assert outcome(name, head + value + tail) in ("loaded", "refused")


def original(name: str) -> bytes:
    """A document of the example as it was."""
    content = EXAMPLE[name]
    assert isinstance(content, str)
    return content.encode()
