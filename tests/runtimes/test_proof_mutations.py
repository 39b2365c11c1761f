"""Every change of a proof is refused: of its bytes always, of a value wherever the digest was left alone.

Whoever also makes the digest anew is held by the other steps; what they let through is known by its place.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.bench.mutate_proof import bytes_changed, values_changed
from tests.support.proofs import Desk, desk

#: Where a change with a new digest may be believed: what documents say, and that the cases are all.
SAID = (
    "checks.*.accepted",
    "contexts.",
    "host.source",
    "host.mediators",
    "inputs.*.role",
    "layers.",
    "obligations.",
    "cases.",
    "holders.*.contexts",
    "calls.*.contexts",
    "calls.*.tools",
    "patterns.",
    "tables.*.permissions",
    "variables.",
    "tables.*.plugins.*.hooks",
    "tables.*.plugins.*.imports",
    "tables.*.plugins.*.runtime",
    "tables.*.plugins.*.sandbox",
    "tables.*.plugins.*.tools",
    "tables.*.plugins.*.version",
    "tables.*.plugins.*.pins",
    "workspace.",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def test_every_change_of_bytes_is_refused(made: Desk) -> None:
    tally = bytes_changed(made, 150, Random(3))  # noqa: S311 - repeatable, and no secret
    assert [kind for kind, refused in tally if not refused] == []
    assert len({kind for kind, _ in tally}) >= 10


def test_a_flip_at_every_so_many_bytes_is_refused(made: Desk) -> None:
    from tests.bench.mutate_proof import refused

    for at in range(0, len(made.proof) - 1, 1999):
        data = made.proof[:at] + bytes([made.proof[at] ^ 1]) + made.proof[at + 1 :]
        assert refused(data, made) == "step 1", at


@pytest.mark.parametrize("seed", range(2))
def test_every_change_of_a_value_is_refused(made: Desk, seed: int) -> None:
    left, anew, survivors, _ = values_changed(made, 120, Random(seed))  # noqa: S311 - repeatable, and no secret
    assert [kind for kind, refused in left if not refused] == []
    assert sum(n for (_, refused), n in anew.items() if refused) > 80
    places = (mutation.place.removeprefix("families.*.") for mutation in survivors)
    assert [place for place in places if not place.startswith(SAID)] == []
