"""Effects as people write them, and what was probably meant."""

from __future__ import annotations

import pytest

from capwright_policy.effects import Effect, parse_effect
from capwright_registry.errors import InputError

ROOTS = {"workspace": "/desk"}


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("fs.read:/a/../b//c", Effect("fs.read", "/b/c")),
        ("fs.read:${workspace}/a", Effect("fs.read", "/desk/a")),
        ("fs.read:${workspace}", Effect("fs.read", "/desk")),
        ("net.connect:EXAMPLE.com:443", Effect("net.connect", "example.com:443")),
        ("net.http:GET https://a.com/x", Effect("net.http", "GET https://a.com:443/x")),
        ("tool.call:project:acme.notes/search", Effect("tool.call", "project:acme.notes/search")),
        ("process.exec:ls  'a b'", Effect("process.exec", "ls 'a b'")),
        ("env.read:${workspace}", Effect("env.read", "${workspace}")),
        ("policy.write:anything at all", Effect("policy.write", "anything at all")),
    ],
)
def test_an_effect_is_canonical(text: str, effect: Effect) -> None:
    assert parse_effect(text, ROOTS) == effect


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("fs.reed:/a", "unknown action `fs.reed`", "did you mean `fs.read`?"),
        ("polcy.write:/a", "unknown action `polcy.write`", "did you mean `policy.write`?"),
        ("", "unknown action ``", ""),
        ("fs.read", "`fs.read` needs a resource", "write `fs.read:RESOURCE`"),
        ("fs.read:", "`fs.read` needs a resource", "write `fs.read:RESOURCE`"),
        ("fs.read:${home}/a", "unknown root `home`", "the only known name is `workspace`"),
        ("fs.read:${workspace/a", "unknown root `workspace/a`", "the only known name is `workspace`"),
        ("fs.read:a/b", "`a/b` is no resource of `fs.read`: the path is relative", "`fs.read:/desk/a/b`?"),
        (
            "net.connect:a.com",
            "`a.com` is no resource of `net.connect`",
            "`net.connect:a.com:443`?",
        ),
        ("net.connect:https://a.com/x", "is no resource of `net.connect`", "`net.connect:a.com:443`?"),
        ("net.http:https://a.com/x", "is no resource of `net.http`", "`net.http:GET https://a.com:443/x`?"),
        ("net.http:a.com/x", "is no resource of `net.http`", "`net.http:GET https://a.com:443/x`?"),
        ("fs.read:/a\nb", "is no resource of `fs.read`: the path holds a control character", ""),
    ],
)
def test_anything_else_is_met_with_what_was_meant(text: str, message: str, help_: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_effect(text, ROOTS)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert help_ in problem.help
    assert bool(problem.help) == bool(help_)
