"""What a proof claims, for people. Every word of the file is untrusted, its shape too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from capwright_cli.escape import escape
from capwright_cli.proofs import Claims
from capwright_cli.render.blocks import BOLD
from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span


def render(claims: Claims) -> Text:
    """The claims, a line each. Raises `InputError` where a part of the proof has another shape."""
    try:
        lines = list(_lines(claims.proof, claims.families))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        problem = Problem(f"`{claims.file}` has a part of another shape ({error!r})", Span(""))
        raise InputError([problem]) from error
    head = Text.assemble(("claims", BOLD), f" of {escape(str(claims.file))}, ", ("not checked here", BOLD))
    head.append(": `capwright proof check` says whether to believe them")
    for line in lines:
        head.append(f"\n{escape(line)}")
    return head


def _lines(proof: Mapping[str, Any], families: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    host = proof["host"]
    yield f"workspace `{proof['workspace']['name']}` at {proof['workspace']['root']}"
    yield f"host policy {host['source']}, process sandbox {host['sandbox']}"
    yield f"mediators {', '.join(host['mediators']) or 'none'}"
    yield "inputs"
    for entry in proof["inputs"]:
        yield f"  {entry['role']:<10} {entry['path']}  sha256 {entry['sha256']}"
    yield "checks"
    for check in proof["checks"]:
        yield f"  {check['verdict']:<10} {check['id']:<24} obligations {check['obligations']}"
        for accept in check["accepted"]:
            yield f"    accepted at {accept['subject']} until {accept['until']}: {accept['reason']}"
    for family in families:
        for holder in family["holders"]:
            yield from _holder(family, holder)


def _holder(proof: Mapping[str, Any], holder: Mapping[str, Any]) -> Iterator[str]:
    table = proof["tables"][holder["agent"]]["plugins"][holder["plugin"]]
    yield f"{holder['agent']}/{holder['plugin']} {table['version']}, {table['kind']}"
    for name in table["tools"]:
        yield f"  tool {name}"
    for hook in table["hooks"]:
        yield f"  hook {hook['on']} {hook['power']}"
    layers = [proof["layers"][n] for n in holder["layers"]]
    for action in sorted(set.intersection(*(set(layer["rules"]) for layer in layers))):
        yield f"  {action}, within each of"
        for layer in layers:
            rules = [_rule(proof, rule) for rule in layer["rules"][action]]
            yield f"    {layer['name']:<10} {'; or '.join(rules)}"


def _rule(proof: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    said = _patterns(proof, rule["on"])
    if "except" in rule:
        said += f" except {_patterns(proof, rule['except'])}"
    if "when" in rule:
        said += f" when {_condition(rule['when'])}"
    if "until" in rule:
        said += f" until {datetime.fromtimestamp(rule['until'], UTC).isoformat()}"
    return f"{said} ({rule['source']})"


def _patterns(proof: Mapping[str, Any], numbers: Sequence[int]) -> str:
    return ", ".join(proof["patterns"][n]["text"] for n in numbers)


_SIGNS = {"and": " && ", "or": " || ", "eq": " == ", "lt": " < ", "le": " <= "}


def _condition(tree: Sequence[Any]) -> str:
    """The condition that a tree stands for, in CEL's signs; the proof holds the tree alone."""
    name, *parts = tree
    if name in ("const", "var"):
        return f"'{parts[1]}'" if name == "const" and parts[0] in ("string", "enum") else _plain(tree)
    said = [_condition(part) for part in parts]
    if name in _SIGNS:
        return f"({_SIGNS[name].join(said)})"
    if name == "not":
        return f"!{said[0]}"
    if name == "in":
        return f"{said[0]} in [{', '.join(said[1:])}]"
    return f"({said[0]} ? {said[1]} : {said[2]})"


def _plain(tree: Sequence[Any]) -> str:
    return str(tree[1] if tree[0] == "var" else tree[2])
