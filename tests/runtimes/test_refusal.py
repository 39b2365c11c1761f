"""The two refusals say what, and neither passes for a bad input or a fault of ours."""

from __future__ import annotations

from capwright_registry.errors import CapwrightError, InputError, InternalError
from capwright_runtimes.refusal import Denied, Refused, deny


def test_a_refusal_to_load_names_its_code_and_what_changed() -> None:
    error = Refused("stale-proof", "an input changed", "plugins/a/plugin.toml")
    assert (error.code, error.reason, error.detail) == (
        "stale-proof",
        "an input changed",
        "plugins/a/plugin.toml",
    )
    assert str(error) == "an input changed: plugins/a/plugin.toml"


def test_a_denial_carries_its_decision() -> None:
    error = deny("fs.read", "/a", "scoped-fs", "a symbolic link is on the path")
    assert not error.decision.allowed
    assert error.reason == "a symbolic link is on the path"
    assert (error.decision.action, error.decision.resource, error.decision.layer) == (
        "fs.read",
        "/a",
        "scoped-fs",
    )


def test_neither_is_an_input_error_or_ours() -> None:
    for kind in (Refused, Denied):
        assert issubclass(kind, CapwrightError)
        assert not issubclass(kind, (InputError, InternalError))
