"""What a server process may touch, as a plan for its sandbox."""

from __future__ import annotations

from capwright_policy.authority import Authority
from capwright_policy.emit.bubblewrap import Layers, Rule, plan


def process_plan(authority: Authority) -> dict[str, object]:
    """The bubblewrap plan of an authority; what it cannot express is left out and listed as lost."""
    return plan(
        *(_layers(authority, action) for action in ("fs.read", "fs.write", "fs.delete", "net.connect"))
    )


def _layers(authority: Authority, action: str) -> Layers:
    return [
        [
            Rule(
                tuple(p.canonical for p in capability.on),
                tuple(p.canonical for p in capability.except_),
                capability.when is not None or capability.until is not None,
            )
            for capability in layer.of(action)
        ]
        for layer in authority.layers
    ]
