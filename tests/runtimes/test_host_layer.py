"""A proof is not believed about the host: its `host` layers are compared with the policy that is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from capwright_policy.proof import proof_of
from capwright_policy.setting import Setting
from capwright_policy.solver import Solver
from capwright_policy.verify import verify
from capwright_registry.host_policy import VARIABLE, load_host_policy
from capwright_runtimes.admission import Admitted
from capwright_runtimes.checker import ProofRefused
from capwright_runtimes.gate import HostFacts, admit
from capwright_runtimes.host_layer import check_host_layer
from capwright_runtimes.refusal import Refused
from tests.support.proofs import TODAY, Desk, desk, sealed, world_of

GENEROUS = """\
schema = "capwright.host/1"
api = "1.4.0"
mediators = ["permission", "scoped-fs", "net-policy", "process-sandbox", "output-bound", "history"]
[ceiling.project]
allow = [
  { action = "fs.read", on = ["/**"] },
  { action = "fs.write", on = ["${workspace}/out/**"] },
  { action = "tool.call", on = ["**"] },
  { action = "hook.annotate", on = ["**"] },
  { action = "hook.deny", on = ["**"] },
]
[accepted]
project = ["ambient-process"]
"""


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    found = desk(tmp_path / "desk")
    found.store()
    return found


def asked(made: Desk, today: date = TODAY) -> Admitted:
    return admit(made.root, "lead", HostFacts(made.setting.host, lambda: made.facts.sandbox, today))


def refused(made: Desk, body: dict[str, Any]) -> str:
    made.store(sealed(body))
    with pytest.raises(Refused) as caught:
        asked(made)
    assert "step 4" in caught.value.reason
    return caught.value.detail


def test_the_proof_of_this_host_is_admitted(made: Desk) -> None:
    assert asked(made).agent == "lead"


def test_a_proof_made_under_a_more_generous_host_is_refused(made: Desk, tmp_path: Path) -> None:
    """Every digest is right: what gives it away is that its ceiling is not the one of this host."""
    policy = tmp_path / "host.toml"
    policy.write_text(GENEROUS)
    setting = Setting(
        made.setting.workspace, load_host_policy(made.root, {VARIABLE: str(policy)}), "bubblewrap"
    )
    report = verify(setting, TODAY)
    assert report.proved, [f.message for f in report.findings]
    body = replace(made, proof=proof_of(report, Solver(60))).body()
    body["host"] |= {"source": made.setting.host.source, "sha256": made.setting.host.sha256}
    assert "is not the host policy's ceiling" in refused(made, body)


@pytest.mark.parametrize("key", ["on", "except", "when", "until", "source"])
def test_a_rule_that_differs_in_one_part_is_refused(made: Desk, key: str) -> None:
    """The step alone, for a changed layer has other tables too."""
    body = made.body()
    layer = body["layers"][body["holders"][0]["layers"][-1]]
    rule = layer["rules"]["fs.write"][0]
    others = {"on": [], "except": [], "when": ["const", "bool", True], "until": 1, "source": "x:1:1"}
    assert rule[key] != others[key]
    check_host_layer([world_of(body)], made.setting.host, made.root)
    rule[key] = others[key]
    with pytest.raises(ProofRefused, match="is not the host policy's ceiling"):
        check_host_layer([world_of(body)], made.setting.host, made.root)


def test_an_action_that_the_host_does_not_name_is_refused(made: Desk) -> None:
    body = made.body()
    rules = body["layers"][body["holders"][0]["layers"][-1]]["rules"]
    rules["process.exec"] = rules["fs.read"]
    with pytest.raises(ProofRefused, match="is not the host policy's ceiling"):
        check_host_layer([world_of(body)], made.setting.host, made.root)


@pytest.mark.parametrize("check", ["grant-over-ceiling", "policy-write"])
def test_only_what_the_host_allows_is_accepted(made: Desk, check: str) -> None:
    body = made.body()
    entry = next(c for c in body["checks"] if c["id"] == check)
    entry["accepted"] = [{"subject": "lead/project:acme.first", "reason": "", "until": "2030-01-01"}]
    with pytest.raises(ProofRefused, match=f"does not let `{check}` be accepted"):
        check_host_layer([world_of(body)], made.setting.host, made.root)
    trusting = replace(made.setting.host, accepted={"project": frozenset({check})})
    check_host_layer([world_of(body)], trusting, made.root)


def test_a_tier_is_not_believed_of_a_proof(made: Desk) -> None:
    """`builtin` beside a folder of the workspace has the ceiling of `project`, whatever it is called."""
    body = made.body()
    subject = next(f"{h['agent']}/{h['plugin']}" for h in body["holders"])
    agent, _, identity = subject.partition("/")
    renamed = "builtin:" + identity.partition(":")[2]
    body["holders"][0]["plugin"] = renamed
    plugins = body["tables"][agent]["plugins"]
    plugins[renamed] = plugins.pop(identity)
    check_host_layer([world_of(body)], made.setting.host, made.root)
    body["layers"].append({"name": "host", "rules": {}})
    body["holders"][0]["layers"][-1] = len(body["layers"]) - 1
    with pytest.raises(ProofRefused, match="is not the host policy's ceiling"):
        check_host_layer([world_of(body)], made.setting.host, made.root)
