"""The reader of the library's serialised trees: exact on what the library writes, and safe on all else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_registry.conditions import library
from capwright_registry.conditions.syntax import Node, decode
from capwright_registry.conditions.wire import WireError, fields, signed
from tests.registry.condition_cases import PATIENT


def serialised(text: str) -> bytes:
    data = library.environment([]).compile(text, disable_check=True).serialize()
    assert isinstance(data, bytes)
    return data


def test_reads_fields_in_order() -> None:
    """Varints, length-delimited and fixed-width fields, as in protobuf's encoding guide."""
    data = bytes.fromhex("0896011202ff002d010203043101020304050607080a00")
    assert list(fields(data)) == [
        (1, 150),
        (2, b"\xff\x00"),
        (5, b"\x01\x02\x03\x04"),
        (6, b"\x01\x02\x03\x04\x05\x06\x07\x08"),
        (1, b""),
    ]


@pytest.mark.parametrize(
    ("raw", "value"), [(0, 0), (2**63 - 1, 2**63 - 1), (2**63, -(2**63)), (2**64 - 1, -1)]
)
def test_reads_twos_complement(raw: int, value: int) -> None:
    assert signed(raw) == value


BROKEN = {
    "a field cut short": b"\x0a\x05abc",
    "a number cut short": b"\x08\x96",
    "a key cut short": b"\x80",
    "a number over 64 bits": b"\x08" + b"\xff" * 10 + b"\x01",
    "a group": b"\x0b\x0c",
    "a fixed field cut short": b"\x0d\x01",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=list(BROKEN))
def test_refuses_broken_bytes(data: bytes) -> None:
    with pytest.raises(WireError):
        list(fields(data))


def test_decodes_each_kind_with_its_place() -> None:
    node = decode(serialised("'é'.f(1, 'ü') in [x, true, -1]"))
    assert node == Node(
        "call",
        14,
        "@in",
        parts=(
            Node("method", 5, "f", parts=(Node("const", 6, "int", 1), Node("const", 9, "string", "ü"))),
            Node(
                "list",
                17,
                parts=(Node("name", 18, "x"), Node("const", 21, "bool", True), Node("const", 27, "int", -1)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("a.b", "field", ""),
        ("has(a.b)", "field", ""),
        ("{'a': 1}", "struct", ""),
        ("A{b: 1}", "struct", ""),
        ("[1].all(x, true)", "macro", ""),
        ("null", "const", "null"),
        ("1u", "const", "uint"),
        ("1.5", "const", "double"),
        ("b'a'", "const", "bytes"),
    ],
)
def test_names_what_the_subset_refuses(text: str, kind: str, name: str) -> None:
    node = decode(serialised(text))
    assert (node.kind, node.name, node.value, node.parts) == (kind, name, None, ())


SAMPLE = serialised("mode == 'é' && !(depth in [1, -2]) || (a ? b : c) && timestamp('x') < now")


@PATIENT
@given(st.integers(0, len(SAMPLE) - 1))
def test_refuses_every_truncation(size: int) -> None:
    with pytest.raises(WireError):
        decode(SAMPLE[:size])


@PATIENT
@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255))
def test_any_altered_byte_is_read_or_refused(place: int, byte: int) -> None:
    altered = SAMPLE[:place] + bytes([byte]) + SAMPLE[place + 1 :]
    try:
        node = decode(altered)
    except WireError:
        return
    assert isinstance(node, Node)


def test_refuses_another_message() -> None:
    checked = library.environment([]).compile("true").serialize()
    with pytest.raises(WireError, match="did not hand out a parsed expression"):
        decode(checked)
