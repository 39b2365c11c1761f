"""`shadowed-identity`: identities are injective, so that nothing loads or is called in another's place (G7).

Two contributions clash when their identities are equal, or equal once case, tier and separators are set
aside: hosts show tools to models under such folded names (`acme_notes_search` is `search` of `acme.notes` and
`notes_search` of `acme`), and a person reads them so. Plugins clash with plugins, tools with tools, profiles
with profiles; and nothing but the host itself goes by the name of its own tools.

Formula: two different contributions have the same folded identity. unsat iff the property holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import z3

from capwright_policy import reference
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.protected import POLICY_TOOLS
from capwright_policy.setting import Setting, origin
from capwright_registry.spans import Span

_ID = "shadowed-identity"
_KEY = z3.Int("key")
#: The host's own plugins, by which policy changes: `builtin:capwright`.
_HOST_PLUGINS = tuple(pattern.partition("/")[0] for pattern in POLICY_TOOLS)


@dataclass(frozen=True, slots=True)
class _Named:
    """A contribution; `owner` is the plugin of a tool, `span` None for what is the host's own."""

    kind: str
    identity: str
    span: Span | None
    owner: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Within a kind, what a lossy display or a reader would take for the same name."""
        return self.kind, _folded(self.identity)


def _folded(identity: str) -> str:
    return re.sub("[-_./]+", "_", identity.rpartition(":")[2].casefold())


def _named(setting: Setting) -> Iterator[_Named]:
    known = {p.identity for p in setting.workspace.plugins if origin(setting, p) == "builtin"}
    yield from (_Named("plugin", identity, None) for identity in _HOST_PLUGINS if identity not in known)
    for plugin in setting.workspace.plugins:
        yield _Named("plugin", plugin.identity, plugin.span)
        yield from (_Named("tool", tool.identity, tool.span, plugin.identity) for tool in plugin.tools)
    for profile in setting.workspace.profiles:
        yield _Named("profile", profile.name, profile.span)


def _claims(run: Run) -> Iterator[Claim]:
    first: dict[tuple[str, str], _Named] = {}
    for number, named in enumerate(_named(run.setting)):
        earlier = first.setdefault(named.key, named)
        if named.span is not None and not _told_before(earlier, named):
            # Each identity has its own number, unless an earlier contribution has taken its key.
            taken = conj((earlier is not named, _KEY == number))
            yield Claim(named.identity, taken, _finding(named, earlier, named.span))


def _told_before(earlier: _Named, named: _Named) -> bool:
    """Tools of two plugins that clash themselves: the plugins' finding says it all."""
    other = earlier is not named and earlier.owner and _folded(earlier.owner) == _folded(named.owner)
    return bool(other and earlier.identity.rpartition("/")[2] == named.identity.rpartition("/")[2])


def _finding(named: _Named, earlier: _Named, span: Span) -> Finding:
    return Finding(
        _ID,
        Verdict.REFUTED,
        named.identity,
        f"{named.kind} `{named.identity}` would stand in for `{earlier.identity}`",
        span,
        (Related(earlier.span, f"`{earlier.identity}` is here"),) if earlier.span else (),
        Counterexample("", None, "", "", {}, (earlier.identity, named.identity)),
        "rename one of them: names must differ in more than case, tier, `-`, `_`, `.` and `/`",
    )


def _replay(setting: Setting, found: Counterexample) -> bool:
    """Two contributions bear the two names, and their keys are one."""
    return reference.taken_for_one(setting, *found.chain)


CHECK = claim_check(_ID, "G7", "no plugin, tool or profile can be taken for another", _claims, _replay)
