"""Until it opens connections, the network mediator denies each one by name."""

from __future__ import annotations

import pytest

from capwright_registry.decide import Decision
from capwright_runtimes.mediators import net_policy
from capwright_runtimes.refusal import Denied


def test_every_connection_is_denied() -> None:
    with pytest.raises(Denied, match="opens no connections yet") as caught:
        net_policy.connect("net.connect", "api.example.com:443")
    assert caught.value.decision.layer == "net-policy"


def test_an_allowed_connection_becomes_a_refusal_and_nothing_else_changes() -> None:
    allowed = Decision(True, "net.http", "GET https://h:443/")
    assert (net_policy.mediated(allowed).allowed, net_policy.mediated(allowed).layer) == (False, "net-policy")
    for other in (
        Decision(False, "net.http", "GET https://h:443/", "granted"),
        Decision(True, "fs.read", "/a"),
    ):
        assert net_policy.mediated(other) is other
