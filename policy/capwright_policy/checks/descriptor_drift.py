"""`descriptor-drift`: what a manifest says of a server is what was pinned, and nothing reads as another (G7).

The command and the variables of an enabled server are the pinned ones. Whatever its manifest says of a pinned
tool (description, arguments, what is required, which argument names a resource), the pinned definition says.
No declared tool has a name that reads like another's of the same agent, and no text of its definition holds
such a name in look-alike letters. Hidden characters, tools that are pinned twice and digests that do not
match are refused before, when the file is read.

Formula: some statement about an enabled server contradicts its pins, or some name reads like another.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import z3

from capwright_policy import reference_pins as reference
from capwright_policy.booleans import conj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.descriptors import statements
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.launchers import declared_command
from capwright_policy.proposals import quoted
from capwright_policy.setting import Holder, Setting, enabled, holders
from capwright_registry.capability import Plugin, Tool
from capwright_registry.pins import Pins, ToolPin, compare_launch
from capwright_registry.pins.lookalikes import foreign_words, reads_like, skeleton
from capwright_registry.pins.text import texts
from capwright_registry.spans import Span

_ID = "descriptor-drift"
_SAID = z3.Bool("said")
_LONGEST = 4096  # of what a manifest takes as a description
#: The tools of each agent, by how their names are drawn.
_Drawn = Mapping[str, Mapping[str, list[Tool]]]


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A declared tool and its pin, the tool's place in the manifest, and who enables it."""

    tool: Tool
    pin: ToolPin
    number: int
    users: tuple[Holder, ...]

    def span(self, *route: str | int) -> Span:
        """The place of something in the tool's table."""
        return self.users[0].plugin.document.span("tool", self.number, *route)


def _claims(run: Run) -> Iterator[Claim]:
    drawn = _drawn(run.setting)
    for plugin, users in enabled(run.setting):
        if plugin.pins is not None:
            pins = run.pins[plugin.folder]
            yield from _launch(users[0], pins)
            for number, tool in enumerate(plugin.tools):
                if tool.name in pins.tools:
                    one = _Pinned(tool, pins.tools[tool.name], number, users)
                    yield from _statements(one)
                    yield _by_name(one, drawn)
                    yield _by_text(one, drawn)


def _launch(user: Holder, pins: Pins) -> Iterator[Claim]:
    plugin = user.plugin
    moved = {str(drift.field) for drift in compare_launch(pins, declared_command(plugin), plugin.env)}
    for field, key in (("command", "command"), ("environment", "env")):
        message = f"`{plugin.identity}` is launched with another `{key}` than was pinned"
        span = plugin.document.span("runtime", key)
        finding = _finding(user, plugin.identity, message, span, (f"launch:{field}",), _again(plugin))
        yield Claim(plugin.identity, conj((_SAID, field in moved)), finding)


def _statements(one: _Pinned) -> Iterator[Claim]:
    user, identity = one.users[0], one.tool.identity
    for said in statements(one.tool, one.pin.definition):
        message = f"the manifest says it otherwise: what was pinned of `{identity}` {said.problem}"
        what = (f"tool:{identity}", f"{said.kind}:{said.name}")
        help_ = f"say what was pinned, or nothing; or, if the server has changed, {_again(user.plugin)}"
        span = one.span(*said.route)
        edits = _described(one, span) if said.kind == "description" else ()
        yield Claim(
            identity,
            conj((_SAID, bool(said.problem))),
            _finding(user, identity, message, span, what, help_, edits),
        )


def _described(one: _Pinned, span: Span) -> tuple[Edit, ...]:
    """The pinned description in place of the manifest's, where there is one."""
    description = one.pin.definition.get("description", "")
    fits = isinstance(description, str) and len(description) <= _LONGEST
    return (Edit(span, quoted(str(description))),) if fits else ()


def _drawn(setting: Setting) -> _Drawn:
    found: dict[str, dict[str, list[Tool]]] = {}
    for holder in holders(setting):
        by_name = found.setdefault(holder.profile.name, {})
        for tool in holder.plugin.tools:
            by_name.setdefault(skeleton(tool.name), []).append(tool)
    return found


def _alike(users: tuple[Holder, ...], word: str, drawn: _Drawn) -> tuple[Holder, Tool] | None:
    """A tool that one of the agents has too, and that the word reads like."""
    for user in users:
        for other in drawn[user.profile.name].get(skeleton(word), ()):
            if reads_like(word, other.name):
                return user, other
    return None


def _by_name(one: _Pinned, drawn: _Drawn) -> Claim:
    found = _alike(one.users, one.tool.name, drawn)
    user, other = found or (one.users[0], one.tool)
    identity = one.tool.identity
    message = f"`{identity}` reads like `{other.identity}`, which `{user.profile.name}` has too"
    what = (f"tool:{identity}", f"reads-as:{other.identity}")
    help_ = "enable one of the two; or use a server whose tools have names of their own"
    finding = _finding(user, identity, message, one.span("name"), what, help_)
    related = (Related(other.span, "the other tool is here"),)
    return Claim(identity, conj((_SAID, found is not None)), replace(finding, related=related))


def _by_text(one: _Pinned, drawn: _Drawn) -> Claim:
    words = (word for _, text, _ in texts(dict(one.pin.definition)) for word in foreign_words(text))
    found = next(((word, *alike) for word in words if (alike := _alike(one.users, word, drawn))), None)
    word, user, other = found or ("", one.users[0], one.tool)
    identity = one.tool.identity
    message = f"the pinned definition of `{identity}` holds `{word}`, which reads like `{other.identity}`"
    what = (f"tool:{identity}", f"word:{word}", f"reads-as:{other.identity}")
    help_ = "do not use the server: its texts are made to be read in two ways"
    finding = _finding(user, identity, message, one.span("name"), what, help_)
    return Claim(identity, conj((_SAID, found is not None)), finding)


def _again(plugin: Plugin) -> str:
    return f"run `capwright pin --plugin {plugin.id}` and review what changed"


def _finding(
    user: Holder,
    subject: str,
    message: str,
    span: Span,
    what: tuple[str, ...],
    help_: str,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    plugin, agent = user.plugin, user.profile.name
    chain = (f"agent:{agent}", f"plugin:{plugin.identity}", *what)
    scenario = Counterexample(agent, plugin.identity, "", "", {}, chain)
    related = (Related(plugin.document.span("runtime", "pins"), "what was pinned is here"),)
    return Finding(_ID, Verdict.REFUTED, subject, message, span, related, scenario, help_, edits)


def _replay(setting: Setting, found: Counterexample) -> bool:
    told = dict(element.partition(":")[::2] for element in found.chain)
    (kind, name), tool = found.chain[-1].partition(":")[::2], told.get("tool", "")
    if kind == "launch":
        return reference.launched_otherwise(setting, found.agent, found.plugin, name)
    if kind == "reads-as":
        return reference.is_read_as(setting, found.agent, tool, told.get("word", ""), name)
    return reference.contradicts_pin(setting, found.agent, found.plugin, tool, kind, name)


CHECK = claim_check(_ID, "G7", "what a manifest says of a server is what was pinned of it", _claims, _replay)
