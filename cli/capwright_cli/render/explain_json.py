"""An explanation for programs."""

from __future__ import annotations

from capwright_cli.explaining import Explained
from capwright_cli.render.structure import Json, context_of, dumped, edit_of, span_of
from capwright_policy.explain import LayerAnswer, Rule
from capwright_policy.mending import Mend
from capwright_policy.near import NearMiss

SCHEMA = "capwright.explanation/1"


def render(explained: Explained) -> str:
    """The whole answer as a JSON object; `specs/output.md` states it."""
    found, variables = explained.explanation, explained.variables
    return dumped(
        {
            "schema": SCHEMA,
            "answer": str(found.answer),
            "agent": found.agent,
            "plugin": found.plugin,
            "action": found.effect.action,
            "resource": found.effect.resource,
            "given": context_of(explained.given, variables),
            "witness": None if found.witness is None else context_of(found.witness, variables),
            "reason": found.reason,
            "layers": [_layer(layer) for layer in found.layers],
            "chain": list(found.chain),
            "mends": [_mend(mend) for mend in explained.mends],
            "caveats": list(explained.caveats),
        }
    )


def _layer(layer: LayerAnswer) -> Json:
    return {
        "name": layer.name,
        "answer": str(layer.answer),
        "rules": [_rule(rule) for rule in layer.rules],
        "nearest": None if layer.miss is None else _miss(layer.miss),
        "note": layer.note,
    }


def _rule(rule: Rule) -> Json:
    return {"word": rule.word, "pattern": rule.text, "when": rule.when, "span": span_of(rule.span)}


def _miss(miss: NearMiss) -> Json:
    return {"kind": str(miss.kind), "text": miss.text, "span": span_of(miss.span)}


def _mend(mend: Mend) -> Json:
    return {"layer": mend.layer, "help": mend.help, "edits": [edit_of(edit) for edit in mend.edits]}
