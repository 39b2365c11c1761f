"""An explanation for people: the answer, a line for each layer, and for a denial what is missing."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from capwright_cli.contexts import written
from capwright_cli.escape import escape
from capwright_cli.explaining import Explained
from capwright_cli.render.blocks import BOLD, Mark, gutter_width, note, places
from capwright_cli.render.suggestion import suggestion
from capwright_policy.explain import Answer, Explanation, LayerAnswer
from capwright_policy.mending import Mend
from capwright_policy.near import Miss, NearMiss

_STYLES = {Answer.ALLOWED: "green", Answer.CONDITIONAL: "yellow", Answer.DENIED: "bold red"}
_VERBS = {Answer.ALLOWED: "may cause", Answer.CONDITIONAL: "may cause", Answer.DENIED: "may not cause"}
_MISSES = {
    Miss.EXCEPTED: "left out by `except` with `{}`",
    Miss.CONDITION: "covered only while `{}`",
    Miss.PATTERN: "no rule covers it; the nearest is `{}`",
    Miss.ACTION: "no rule for the action; `{}` is allowed there",
}


def render(explained: Explained) -> Text:
    """The whole answer."""
    found = explained.explanation
    subject = found.agent if found.plugin is None else f"{found.agent}/{found.plugin}"
    text = Text.assemble(
        (_answer(found), _STYLES[found.answer]),
        (f": `{escape(subject)}` {_VERBS[found.answer]} `{escape(str(found.effect))}`", BOLD),
        escape(_within(explained)),
    )
    for layer in found.layers:
        text.append_text(_layer(layer))
    if found.reason:
        text.append(f"\n{escape(found.reason)}")
    text.append_text(_witness(explained) if found.witness is not None else _missing(explained))
    for caveat in explained.caveats:
        text.append_text(Text.assemble("\n", ("note", "bold cyan"), (": ", BOLD), escape(caveat)))
    return text


def _answer(found: Explanation) -> str:
    if found.answer is not Answer.CONDITIONAL:
        return str(found.answer)
    layers = (layer for layer in found.layers if layer.answer is Answer.CONDITIONAL)
    return f"allowed only when {escape(' and '.join(_condition(layer) for layer in layers))}"


def _condition(layer: LayerAnswer) -> str:
    """The layer's conditions in words: one of those that allow, and none of those that deny."""
    allowing = [f"`{rule.when}`" for rule in layer.rules if rule.word != "deny" and rule.when]
    denying = [f"not `{rule.when}`" for rule in layer.rules if rule.word == "deny" and rule.when]
    some = [" or ".join(allowing)] if allowing else []
    return " and ".join([*some, *denying])


def _within(explained: Explained) -> str:
    told = _listed(explained.given, explained)
    return f", with {told}" if told else ""


def _listed(context: Mapping[str, object], explained: Explained) -> str:
    variables = explained.variables
    return ", ".join(f"{n}={written(v, variables.get(n))}" for n, v in sorted(context.items()))


def _layer(layer: LayerAnswer) -> Text:
    lines = [f"{_said(rule.word)}`{rule.text}` at {rule.span}{_when(rule.when)}" for rule in layer.rules]
    if not lines:
        lines = [_miss(layer.miss) if layer.miss else layer.note or "it has no rule for the action"]
    text = Text.assemble(f"\n  {layer.name:<10} ", (f"{layer.answer:<12}", _STYLES[layer.answer]))
    return text.append(f"\n{' ' * 25}".join(escape(line) for line in lines))


def _said(word: str) -> str:
    return "" if word == "allow" else f"{word} "


def _when(condition: str) -> str:
    return f" while `{condition}`" if condition else ""


def _miss(miss: NearMiss) -> str:
    return f"{_MISSES[miss.kind].format(miss.text)} at {miss.span}"


def _witness(explained: Explained) -> Text:
    found = explained.explanation
    if found.answer is not Answer.CONDITIONAL or not found.witness:
        return Text()
    open_ = {name: value for name, value in found.witness.items() if name not in ("now", *explained.given)}
    told = _listed(open_, explained)
    return Text(f"\nfor example with {escape(told)}") if told else Text()


def _missing(explained: Explained) -> Text:
    """The place of the nearest miss, the chain, and what would have to change."""
    found, sources = explained.explanation, explained.sources
    first = next((layer for layer in found.layers if layer.answer is Answer.DENIED), None)
    marks = [Mark(first.miss.span)] if first is not None and first.miss is not None else []
    width = gutter_width(mark.span for mark in marks)
    text = places(marks, sources, "bold red")
    if found.layers:
        text.append_text(note("chain", " -> ".join(found.chain), width))
    for mend in explained.mends:
        text.append_text(_mend(mend, explained, width))
    return text


def _mend(mend: Mend, explained: Explained, width: int) -> Text:
    help_ = f" ({mend.layer}): {mend.help}"
    text = Text.assemble("\n", ("help", "bold green"), escape(help_))
    return text.append_text(suggestion(mend.edits, explained.sources, width))
