"""The certificate of `deputy`: for each caller, the tools that it may lead to and the cases of each.

Who may call what follows from the holders' layers and tools; the checker works it out for itself.
"""

from __future__ import annotations

from typing import Any

from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.calls import callable_tools, caused_by
from capwright_policy.cases import CaseMaker
from capwright_policy.setting import Holder, Setting
from capwright_registry.capability import Tool


def deputy_entry(setting: Setting, caller: Holder, maker: CaseMaker) -> dict[str, Any]:
    """The contexts in which the calls differ and, for each tool reached, the number of the layer lent by it.

    The checker requires that every case of a tool reached is within the caller's own layers or the lent one.
    """
    reached = _closure(setting, caller)
    involved = [effective(setting, h) for h in (caller, *(owner for owner, _ in reached))]
    lent = [Authority((lent_layer(owner, caller),)) for owner, _ in reached]
    return {
        "subject": caller.subject,
        "contexts": maker.cells([(a, maker.contexts.own) for a in (*involved, *lent)], False),
        "tools": {
            f"{owner.subject}/{tool.name}": _tool(setting, caller, owner, tool, maker)
            for owner, tool in reached
        },
    }


def lent_layer(owner: Holder, borrower: Holder) -> Layer:
    """What the operator lets `owner` cause on behalf of `borrower`."""
    return Layer("lent", tuple(c for c in owner.grant.lend if c.to == borrower.plugin.identity))


def _closure(setting: Setting, caller: Holder) -> list[tuple[Holder, Tool]]:
    """The tools of others that chains of calls lead to; one of the caller itself causes what is its own."""
    found: dict[str, tuple[Holder, Tool]] = {}
    waiting, seen = [caller], {caller.subject}
    while waiting:
        for owner, tool in callable_tools(setting, waiting.pop(0)):
            found[tool.identity] = owner, tool
            if owner.subject not in seen:
                seen.add(owner.subject)
                waiting.append(owner)
    return [(owner, tool) for owner, tool in found.values() if owner.subject != caller.subject]


def _tool(setting: Setting, caller: Holder, owner: Holder, tool: Tool, maker: CaseMaker) -> int:
    authority, _ = caused_by(setting, owner, tool)
    lent = lent_layer(owner, caller)
    maker.told_apart(authority, (effective(setting, caller), Authority((lent,))))
    return maker.ledger.layer(lent)
