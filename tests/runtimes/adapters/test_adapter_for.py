"""Adapters are found by their kind, and nothing else is."""

from __future__ import annotations

import pytest

from capwright_runtimes.adapters import adapter_for, declarative
from capwright_runtimes.refusal import Refused


def test_the_adapter_is_the_module_of_the_kind() -> None:
    assert adapter_for("declarative") is declarative


@pytest.mark.parametrize(
    "kind", ["base", "hook_rules", "script", "", ".base", "os", "declarative.load", "DECLARATIVE"]
)
def test_what_is_no_runtime_kind_has_no_adapter(kind: str) -> None:
    with pytest.raises(Refused) as caught:
        adapter_for(kind)
    assert caught.value.code == "no-adapter"
