"""Modules are joined without a change of meaning, or not at all."""

from __future__ import annotations

import ast

import pytest

from capwright_policy.emit.embedding import Part, joined
from capwright_policy.emit.renaming import defined, renamed
from capwright_registry.errors import InternalError

ONE = '''"""One."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["one"]
_LIMIT: Final = 1  # a comment stays


def _help() -> int:
    """Says `_help`."""
    return _LIMIT


def one() -> int:
    return _help() + len(re.escape("a"))
'''

TWO = '''"""Two."""

from __future__ import annotations

import re
from collections.abc import Callable

from capwright_registry.one import one

_LIMIT = 20


class Two:
    def call(self, run: Callable[[], int] = lambda: _help()) -> int:
        return run() + one()


def _help() -> int:
    """注 _help"""
    return _LIMIT + (lambda é: é + _LIMIT)(0)


NAME: str = ""
'''


def run(text: str) -> dict[str, object]:
    space: dict[str, object] = {"__name__": "joined"}
    exec(text, space)  # noqa: S102 - texts of this file
    return space


def test_private_names_are_told_apart_and_each_keeps_its_own_meaning() -> None:
    text = joined([Part("one", ONE), Part("two", TWO, constants={"NAME": "'set'"})], "Both.")
    space = run(text + "\nRESULT = (one(), Two().call())\n")
    assert space["RESULT"] == (2, 42)
    assert (space["NAME"], space["__doc__"]) == ("set", "Both.")
    names = list(defined(ast.parse(text)))
    assert len(names) == len(set(names))
    assert "# a comment stays" in text


def test_imports_stand_once_at_the_top_and_name_no_sibling() -> None:
    text = joined([Part("one", ONE), Part("two", TWO)], "Both.")
    assert text.count("import re\n") == 1
    assert "capwright" not in text
    assert "__all__" not in text
    assert '"""One."""' not in text


def test_a_public_name_may_not_stand_twice() -> None:
    with pytest.raises(InternalError, match="two embedded modules define `one`"):
        joined([Part("one", ONE), Part("again", ONE)], "Both.")


def test_a_public_name_may_be_renamed_where_it_is_defined() -> None:
    text = joined([Part("one", ONE), Part("again", ONE, renamed={"one": "another"})], "Both.")
    assert run(text + "\nRESULT = (one(), another())\n")["RESULT"] == (2, 2)


def test_nothing_but_the_standard_library_is_imported() -> None:
    with pytest.raises(InternalError, match="imports `rich"):
        joined([Part("bad", "from rich.text import Text\n")], "Bad.")
    with pytest.raises(InternalError, match="an embedded module imports `idna`"):
        joined([Part("bad", "import idna\n")], "Bad.")


@pytest.mark.parametrize(
    "text",
    [
        "def _a(): pass\ndef b(_a): return _a\n",
        "def _a(): pass\ndef b(): return dict(_a=1)\n",
        "def _a(): pass\ndef b():\n    def _a(): pass\n",
    ],
)
def test_a_name_that_also_means_something_else_is_not_renamed(text: str) -> None:
    with pytest.raises(InternalError, match="`_a`"):
        renamed(text, {"_a": "_b"})


def test_renaming_counts_bytes_as_python_does() -> None:
    assert renamed("_a = 'é注'; b = 'é' + _a; _ab = _a.upper\n", {"_a": "_long"}) == (
        "_long = 'é注'; b = 'é' + _long; _ab = _long.upper\n"
    )
