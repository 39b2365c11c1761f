"""Two checkers, one page: `specs/proof.md` says enough to write another one, and it decides the same."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from capwright_runtimes.checker import ProofRefused
from tests.runtimes.second_checker import agrees
from tests.support.mutations import byte_changes, mutate, routes
from tests.support.proofs import Desk, believed, desk, parsed, sealed
from tests.support.workspaces import PROFILE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("desk"))


def step_of(data: bytes, made: Desk) -> int | None:
    try:
        believed(data, made.facts)
    except ProofRefused as refused:
        return refused.step
    return None


def test_both_believe_a_valid_proof(made: Desk) -> None:
    assert step_of(made.proof, made) is None
    assert agrees(made.proof, made.facts)


def test_both_believe_the_proof_of_next_to_nothing(tmp_path: Path) -> None:
    found = desk(
        tmp_path, {"profiles/lead.toml": PROFILE, "profiles/helper.toml": PROFILE.replace("lead", "helper")}
    )
    assert step_of(found.proof, found) is None
    assert agrees(found.proof, found.facts)


@pytest.mark.parametrize("seed", range(4))
def test_both_refuse_the_same_changes_of_values(made: Desk, seed: int) -> None:
    random, body = Random(seed), parsed(made.proof)  # noqa: S311 - repeatable, and no secret
    among = [route for route in routes(body) if route != ("digest",)]
    for _ in range(60):
        mutation = mutate(body, random, among)
        data = sealed(mutation.body)
        step = step_of(data, made)
        if step not in (2, 10):  # another shape: how soon that comes up is the checker's own
            assert (step is None) == agrees(data, made.facts), (step, mutation.kind, mutation.place)


def test_both_refuse_changed_bytes(made: Desk) -> None:
    changes = byte_changes(made.proof, Random(7))  # noqa: S311 - repeatable, and no secret
    for _, (kind, data) in zip(range(60), changes, strict=False):
        if data.rstrip(b"\n") != made.proof.rstrip(b"\n"):
            assert (step_of(data, made), agrees(data, made.facts)) == (1, False), kind
