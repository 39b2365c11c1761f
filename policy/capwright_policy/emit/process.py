"""What a server process may touch, as a plan for its sandbox."""

from __future__ import annotations

from collections.abc import Iterable

from capwright_policy.authority import Authority
from capwright_policy.emit.bubblewrap import Layers, Rule, plan


def process_plan(authority: Authority, roots: Iterable[str] = ()) -> dict[str, object]:
    """The bubblewrap plan of an authority; what it cannot express is left out and listed as lost.

    `roots` are the folders that the documents name.
    """
    read, write, delete, net = (
        _layers(authority, action) for action in ("fs.read", "fs.write", "fs.delete", "net.connect")
    )
    return plan(read, write, delete, net, sorted(roots))


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
