"""Forged proofs: consistent in all their parts, with the right digest, and more in them than the host allows.

Each is an attack that worked, or a variant of one. The real proof that it was made from is admitted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import capwright_policy.checks.policy_write
import capwright_policy.emit.bubblewrap
import capwright_runtimes.confinement
from capwright_runtimes.refusal import Refused
from tests.runtimes.forging import Body, Scene, host, scene, table, without_cases
from tests.support.checking import allows, enable, plugin, profile, request

LEAD, SERVER = "profiles/lead.toml", "project:acme.server"
KINDS = ("fs.read", "fs.write", "fs.delete")
DATA = "${workspace}/data/**"
READS = allows("fs.read", DATA, more='except = ["${workspace}/data/private/**", "**/.env"]')


def server(tmp_path: Path, grants: list[str], ceiling: list[str], *requests: str) -> Scene:
    """A server that asks for these and is granted as much, on a host with this ceiling of `project`."""
    lead = profile("lead", *grants, parts=[enable(SERVER, *grants)])
    files = {"plugins/server/plugin.toml": plugin("acme.server", *requests), LEAD: lead}
    return scene(tmp_path, files, host(*ceiling))


def planned(**lists: Any) -> Callable[[Body], None]:
    """The server's plan with other lists."""
    return lambda body: table(body, SERVER)["sandbox"].update(lists)


def seen_below(root: Path) -> Callable[[Body], None]:
    """No case left below a folder."""
    return lambda body: without_cases(body, lambda path: path.startswith(f"{root}/"))


@pytest.fixture
def reader(tmp_path: Path) -> Scene:
    return server(tmp_path, [READS], [READS], request("fs.read", DATA))


@pytest.mark.parametrize("lists", [{"mask": []}, {"mask_globs": []}, {"mask": [], "mask_globs": []}])
def test_a_plan_that_hides_less_is_refused_with_no_case_left_to_tell(
    reader: Scene, lists: dict[str, list[str]]
) -> None:
    assert "sees more than it may" in reader.refusal(planned(**lists), seen_below(reader.root / "data"))


def test_what_is_hidden_is_what_the_launch_will_read(reader: Scene) -> None:
    """The elements of `**/.env` under another text, which is all that the launch has."""

    def renamed(body: Body) -> None:
        (old,) = table(body, SERVER)["sandbox"]["mask_globs"]
        next(p for p in body["patterns"] if p["text"] == old)["text"] = "/**/nothing*"

    told = reader.refusal(renamed, planned(mask_globs=["/**/nothing*"]))
    assert "is hidden and excepted by nothing" in told


def test_one_level_of_names_is_no_folder(tmp_path: Path) -> None:
    flat = allows("fs.read", "${workspace}/data", "${workspace}/data/*")
    made = server(tmp_path, [flat], [flat], request("fs.read", "${workspace}/data/*"))
    assert "sees more than it may" in made.refusal(planned(read=[f"{made.root}/data"], files=[]))


def test_a_workspace_that_is_writable_has_no_case_left_to_tell_either(tmp_path: Path) -> None:
    """The host excepts by wildcards what governs; a folder that may be written has room for all of it."""
    left_out = 'except = ["**/.*/**", "**/*.*", "${workspace}/p*/**", "**/*[A-Z]*/**"]'
    writes = [allows(action, "${workspace}/**", more=left_out) for action in KINDS[1:]]
    lists = [allows("fs.read", "${workspace}/**"), *writes]
    made = server(tmp_path, lists, lists, *(request(action, "${workspace}/**") for action in KINDS))
    writable = planned(read=[], write=[str(made.root)], mask=[], mask_globs=[])
    assert "start-up files too" in made.refusal(writable, seen_below(made.root))


def test_a_root_in_a_system_folder_is_not_seen_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sandbox shows `/usr`; a workspace below it is hidden by a mask that nothing else asks for."""
    for module in (capwright_policy.emit.bubblewrap, capwright_runtimes.confinement):
        monkeypatch.setattr(module, "SYSTEM_FOLDERS", (f"/{tmp_path.parts[1]}",))
    made = server(tmp_path, [READS], [READS], request("fs.read", DATA))

    def shown(body: Body) -> None:
        table(body, SERVER)["sandbox"]["mask"].remove(str(made.root))

    assert "does not hide the root" in made.refusal(shown)


@pytest.mark.parametrize("place", ["/proc", "/dev/shm", "/sys"])
def test_no_kernel_folder_is_bound(tmp_path: Path, place: str) -> None:
    wide = [allows("fs.read", "/**")]
    made = server(tmp_path, wide, wide, request("fs.read", "/**"))
    assert "sees more than it may" in made.refusal(planned(read=[place]))


@pytest.mark.parametrize("place", ["/data/../private", "//data", "/data/./x", "/data/"])
def test_a_place_is_a_plain_path(reader: Scene, place: str) -> None:
    assert "is no plain path" in reader.refusal(planned(read=[f"{reader.root}{place}"]))


class TestASelfProtectionThatNobodyAsked:
    """Made by a prover for which nothing is protected, as a forger's own may be."""

    @pytest.fixture(autouse=True)
    def _nothing_is_protected(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(capwright_policy.checks.policy_write, "protected", lambda _: ())

    def refused(self, made: Scene, *changes: Callable[[Body], object]) -> str:
        with pytest.raises(Refused) as caught:
            made.admit(made.forged(*changes))
        return str(caught.value)

    def writer(self, tmp_path: Path, path: str, more: str = "") -> Scene:
        """A server that may write one file."""
        grants = [allows(action, path, more=more) for action in KINDS]
        ceiling = [allows(action, "/**") for action in KINDS]
        return server(tmp_path, grants, ceiling, *(request(action, path) for action in KINDS))

    def test_a_start_up_file_is_not_written_by_a_sandbox(self, tmp_path: Path) -> None:
        made = self.writer(tmp_path, "${workspace}/.git/hooks/pre-commit")
        assert "a later process takes orders" in self.refused(made)

    @pytest.mark.parametrize(
        "name", ["capwright.toml", ".capwright/proof.json", "plugins/server/plugin.toml"]
    )
    def test_a_document_is_not_written_by_a_sandbox(self, tmp_path: Path, name: str) -> None:
        told = self.refused(self.writer(tmp_path, f"${{workspace}}/{name}"))
        assert "takes orders" in told or "may change" in told

    def test_the_host_policy_is_not_written(self, tmp_path: Path) -> None:
        assert "may change the host policy" in self.refused(
            self.writer(tmp_path, f"{tmp_path}/host/host.toml")
        )

    def test_a_context_in_which_it_may_is_not_left_out(self, tmp_path: Path) -> None:
        made = self.writer(tmp_path, "${workspace}/capwright.toml", 'when = "approved"')

        def never_approved(body: Body) -> None:
            kept = [n for n, context in enumerate(body["contexts"]) if context["approved"] is False]
            body["contexts"] = [body["contexts"][n] for n in kept]
            for entry in (*body["obligations"], *body["holders"]):
                if "contexts" in entry:
                    entry["contexts"] = [kept.index(n) for n in entry["contexts"] if n in kept]

        assert "may change `/" in self.refused(made, never_approved)


def test_the_host_policy_is_named_by_its_name(reader: Scene) -> None:
    assert "another host policy" in reader.refusal(lambda body: body["host"].update(source="/elsewhere.toml"))


class TestNames:
    """Two holders of one subject: the checks see one of them, and the gate would load the other."""

    def test_a_subject_is_not_cut_in_two_ways(self, reader: Scene) -> None:
        def twice(body: Body) -> None:
            holder, tables = body["holders"][0], body["tables"]
            whole = {**table(body, SERVER), "plugin": f"project:x/{SERVER}"}
            tables["lead/project:x"] = {**tables["lead"], "plugins": tables["lead"]["plugins"]}
            tables["lead"] = {**tables["lead"], "plugins": {f"project:x/{SERVER}": {**whole, "actions": {}}}}
            body["holders"] = [
                {**holder, "plugin": f"project:x/{SERVER}"},
                {**holder, "agent": "lead/project:x"},
            ]
            _renamed(body, f"lead/{SERVER}", f"lead/project:x/{SERVER}")

        assert "a table has no proof" in reader.refusal(twice)

    @pytest.mark.parametrize("name", ["../../../.bashrc", "lead/x", "", ".", "-"])
    def test_an_agent_has_a_name_and_no_path(self, reader: Scene, name: str) -> None:
        """The file of its history is called by it."""

        def called(body: Body) -> None:
            body["tables"][name] = body["tables"].pop("lead")
            body["holders"][0]["agent"] = name
            _renamed(body, f"lead/{SERVER}", f"{name}/{SERVER}")

        assert "is no name of an agent" in reader.refusal(called, agent=name)

    def test_a_tool_has_a_name_and_no_path(self, reader: Scene) -> None:
        def called(body: Body) -> None:
            tools = table(body, SERVER)["tools"]
            tools["a/../b"] = tools.pop("run")

        assert "has no name" in reader.refusal(called)


def _renamed(body: Body, old: str, new: str) -> None:
    for obligation in body["obligations"]:
        obligation["subject"] = new if obligation["subject"] == old else obligation["subject"]
    body["obligations"].sort(key=lambda o: (o["check"], o["subject"]))
