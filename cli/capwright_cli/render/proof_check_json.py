"""A proof that is believed, for programs."""

from __future__ import annotations

from capwright_cli.proofs import Believed
from capwright_cli.render.structure import dumped

SCHEMA = "capwright.proof-check/1"


def render(believed: Believed) -> str:
    """The answer as a JSON object; a refusal is a `capwright.failure/1`."""
    return dumped(
        {
            "schema": SCHEMA,
            "believed": True,
            "workspace": str(believed.root),
            "digest": believed.digest,
            **believed.counts,
        }
    )
