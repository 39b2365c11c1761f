"""Each sentence of `specs/` that promises something has a test that quotes it, and no test quotes another."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.promises import promises, promises_in, rows_under
from tests.support.quotes import every_quote, quotes, quotes_of

#: The documents that say of themselves that every promise of theirs is quoted.
DOCUMENTS = ("patterns", "conditions")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_promise_is_quoted_by_a_test_that_runs(document: str) -> None:
    quoted = {quote.text for quote in every_quote() if quote.document == document and quote.runs}
    missing = [promise for promise in promises(document) if promise not in quoted]
    assert not missing, f"no test quotes {len(missing)} promises:\n" + "\n".join(missing)


def test_each_quotation_stands_in_its_document() -> None:
    stale = [
        f"{q.test} quotes {q.document}: {q.text}" for q in every_quote() if q.text not in promises(q.document)
    ]
    assert not stale, "\n".join(stale)


MARKDOWN = """\
# A heading promises nothing.

> Nor does a quotation. Not
> in its second line either.

One thing. Another
of `a.b. c` (in brackets.) **A third.** What follows:

- An entry of
  two lines; one sentence.
- *Two* entries. Three sentences!

| head | of a table |
|---|---|
| a row | `x \\| y` |
| no. 2 | |

```text
a = b
    + c
d = e.  f
```
"""


def test_what_a_document_promises() -> None:
    assert promises_in(MARKDOWN) == [
        "One thing.",
        "Another of `a.b. c` (in brackets.)",
        "**A third.**",
        "An entry of two lines; one sentence.",
        "*Two* entries.",
        "Three sentences!",
        r"| a row | `x \| y` |",
        "| no. 2 | |",
        "a = b + c",
        "d = e. f",
    ]


def test_a_table_without_a_header_is_no_table() -> None:
    with pytest.raises(ValueError, match="without a header"):
        promises_in("| a | b |\n| c | d |\n")


MODULE = """\
import pytest
from tests.support.quotes import quotes

@quotes("x", "Of a function,  over "
        "two lines.")
def test_function(): ...

@quotes("x", "Of a class.")
class TestClass:
    @quotes("x", "Of a method.")
    def test_method(self): ...

@quotes("x", "Of a class without tests.")
class TestNothing: ...

@pytest.mark.parametrize("case", [1, pytest.param(2, marks=quotes("x", "Of a case."))])
def test_cases(case): ...

@pytest.mark.skip
@quotes("x", "Of what never runs.")
def test_skipped(): ...

@quotes("x", "Of a helper.")
def helper(): ...
"""


def _module(text: str, folder: Path) -> tuple[ModuleType, Path]:
    path = folder / "test_of_quotes.py"
    path.write_text(text)
    module = ModuleType("test_of_quotes")
    sys.modules.pop(module.__name__, None)
    exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 - the text is the constant above
    return module, path


def test_only_what_runs_with_a_test_counts_as_quoted(tmp_path: Path) -> None:
    found = {(quote.text, quote.runs) for quote in quotes_of(*_module(MODULE, tmp_path))}
    assert found == {
        ("Of a function, over two lines.", True),
        ("Of a class.", True),
        ("Of a method.", True),
        ("Of a case.", True),
        ("Of what never runs.", False),
    }


ROWS = """\
import pytest
from tests.support.quotes import runs

@runs("conditions", "Context")
@pytest.mark.parametrize("row", [1, 2, 3, 4, 5])
def test_rows(row): ...
"""


def test_a_table_that_is_run_is_quoted_if_it_is_run_whole(tmp_path: Path) -> None:
    found = list(quotes_of(*_module(ROWS, tmp_path)))
    assert [quote.text for quote in found] == rows_under("conditions", "Context")
    assert len(found) == 5
    with pytest.raises(ValueError, match="one case for each row under `Context`"):
        list(quotes_of(*_module(ROWS.replace(", 5]", "]"), tmp_path)))


def test_a_quotation_that_is_computed_is_refused(tmp_path: Path) -> None:
    text = 'from tests.support.quotes import quotes\n@quotes("x", "a" + ".")\ndef test_it(): ...\n'
    with pytest.raises(ValueError, match="computes its quotation"):
        list(quotes_of(*_module(text, tmp_path)))
    with pytest.raises(ValueError, match="needs a sentence"):
        quotes("x")
