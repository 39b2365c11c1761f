"""The gate: admits what was proved, here and now, and says by name what is otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from capwright_registry.clients.presence import LISTING
from capwright_runtimes.admission import Admitted
from capwright_runtimes.gate import HostFacts, admit
from capwright_runtimes.refusal import Refused
from tests.support.proofs import COMPONENT, FILES, TODAY, Desk, desk, desk_of, sealed
from tests.support.workspaces import PROFILE

NEVER = "2027-06-30"
ACCEPT = f"""
[[accept]]
finding = "ambient-process"
at = "lead/acme.server"
reason = "tried by hand"
until = {NEVER}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("original"))


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    found = desk(tmp_path / "desk")
    found.store()
    return found


def host_of(made: Desk, **other: object) -> HostFacts:
    facts: dict[str, object] = {
        "policy": made.setting.host,
        "sandbox": lambda: made.facts.sandbox,
        "today": TODAY,
        **other,
    }
    return HostFacts(**facts)  # type: ignore[arg-type]


def admitted(made: Desk, agent: str = "lead", **other: object) -> Admitted:
    return admit(made.root, agent, host_of(made, **other))


def refusal(made: Desk, agent: str = "lead", **other: object) -> Refused:
    with pytest.raises(Refused) as caught:
        admitted(made, agent, **other)
    return caught.value


def test_what_was_proved_is_admitted(made: Desk) -> None:
    found = admitted(made)
    assert sorted(found.plugins) == [
        f"project:acme.{n}" for n in ("first", "rules", "second", "server", "third")
    ]
    context = {"mode": "x", "approved": False, "depth": 0, "now": 0, "sandboxed": True, "region": "eu"}
    third = found.plugins["project:acme.third"]
    assert third.decide("fs.read", f"{made.root}/notes/a.md", context)
    assert not third.decide("fs.read", f"{made.root}/notes/.env", context)
    assert found.permit("project:acme.first/run", context)
    assert list(admitted(made, "helper").plugins) == ["project:acme.third"]


def test_agents_whose_names_begin_alike_are_admitted(tmp_path: Path) -> None:
    """`helper-2/...` comes before `helper/...`, and the agent `helper` before `helper-2`."""
    helper = str(FILES["profiles/helper.toml"])
    found = desk(tmp_path, {"profiles/helper-2.toml": helper.replace('name = "helper"', 'name = "helper-2"')})
    found.store()
    assert list(admitted(found, "helper-2").plugins) == ["project:acme.third"]


@pytest.mark.parametrize("name", [name for name in FILES if name != "capwright.toml"] + ["capwright.toml"])
def test_one_byte_of_an_input_is_named(made: Desk, name: str) -> None:
    path = made.root / name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    found = refusal(made)
    assert (found.code, f"`{name}` changed" in str(found)) == ("proof-refused", True)


@pytest.mark.parametrize("name", ["capwright.toml", "plugins/first/a.wasm", "profiles/helper.toml"])
def test_a_missing_input_is_named(made: Desk, name: str) -> None:
    (made.root / name).unlink()
    assert f"`{name}` is missing" in str(refusal(made))


def _linked(path: Path) -> None:
    target = path.with_name("real" + path.suffix)
    path.rename(target)
    path.symlink_to(target)


def _piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _foldered(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [_linked, _piped, _foldered])
@pytest.mark.parametrize("name", ["profiles/lead.toml", "plugins/first/a.wasm"])
def test_an_input_is_a_regular_file(made: Desk, name: str, spoil: Callable[[Path], None]) -> None:
    spoil(made.root / name)
    assert f"`{name}` is missing or cannot be read" in str(refusal(made))


def test_a_folder_on_the_way_is_no_link(made: Desk) -> None:
    folder = made.root / "plugins/first"
    folder.rename(made.root / "elsewhere")
    folder.symlink_to(made.root / "elsewhere")
    assert "plugins/first/a.wasm` is missing or cannot be read" in str(refusal(made))


@pytest.mark.parametrize(
    ("name", "listing"),
    [
        ("plugins/fourth/plugin.toml", "plugins/"),
        ("profiles/third.toml", "profiles/"),
        ("plugins/x", "plugins/"),
    ],
)
def test_what_was_added_since_is_noticed(made: Desk, name: str, listing: str) -> None:
    path = made.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(PROFILE)
    assert f"the listing `{listing}` changed" in str(refusal(made))


@pytest.mark.parametrize("name", [".mcp.json", ".claude/agents/deep/down.md", ".codex/config.toml"])
def test_a_file_of_another_client_that_appears_is_noticed(made: Desk, name: str) -> None:
    """What was not there when it was proved: `uncovered-path` was decided without it."""
    path = made.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert f"the listing `{LISTING}` changed" in str(refusal(made))


def test_a_file_of_another_client_that_changes_or_goes_is_noticed(tmp_path: Path) -> None:
    made = desk(tmp_path / "desk", {".claude/settings.json": "{}"})
    made.store()
    path = made.root / ".claude/settings.json"
    (made.root / ".claude/notes.md").write_text("beside it")
    assert admitted(made)
    path.write_text("{ }")
    assert "the client `.claude/settings.json` changed since it was proved" in str(refusal(made))
    path.unlink()
    assert "the client `.claude/settings.json` is missing" in str(refusal(made))


def test_a_link_to_a_file_of_another_client_is_noticed(made: Desk) -> None:
    (made.root / ".cursor").symlink_to(made.root / "plugins")
    assert f"the listing `{LISTING}` is missing or cannot be read" in str(refusal(made))


def test_what_is_hidden_or_not_in_a_listed_folder_is_not(made: Desk) -> None:
    (made.root / "plugins/.swap").write_text("")
    (made.root / "notes.md").write_text("")
    assert admitted(made)


@pytest.mark.parametrize("spoil", [_linked, _piped, _foldered, Path.unlink])
def test_a_proof_is_a_regular_file(made: Desk, spoil: Callable[[Path], None]) -> None:
    spoil(made.root / ".capwright/proof.json")
    assert refusal(made).code == "no-proof"


def test_one_byte_of_the_proof_is_noticed(made: Desk) -> None:
    data = bytearray(made.proof)
    data[len(data) // 2] ^= 1
    made.store(bytes(data))
    assert "step 1" in str(refusal(made))


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b'{"inputs":3}', b"[" * 50_000, b"\xff"])
def test_any_other_file_is_refused(made: Desk, data: bytes) -> None:
    made.store(data)
    assert refusal(made).code == "proof-refused"


def test_a_proof_is_for_one_folder(made: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(made.root, other)
    with pytest.raises(Refused) as caught:
        admit(other, "lead", host_of(made))
    assert caught.value.code == "other-workspace"


def test_a_workspace_that_is_not_there_is_refused(made: Desk) -> None:
    with pytest.raises(Refused) as caught:
        admit(made.root / "gone", "lead", host_of(made))
    assert caught.value.code == "no-proof"


def test_a_link_to_the_workspace_is_the_workspace(made: Desk, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(made.root)
    assert admit(tmp_path / "alias", "lead", host_of(made))


def test_an_unknown_profile_is_refused_with_those_there_are(made: Desk) -> None:
    found = refusal(made, "nobody")
    assert (found.code, "helper, lead" in str(found)) == ("unknown-agent", True)


def test_the_host_is_the_one_that_was_proved_for(made: Desk) -> None:
    policy = made.setting.host
    assert "host policy changed" in str(refusal(made, policy=replace(policy, sha256="0" * 64)))
    without = tuple(m for m in policy.mediators if m != "history")
    assert "no mediator `history`" in str(refusal(made, policy=replace(policy, mediators=without)))
    assert "has `none`" in str(refusal(made, sandbox=lambda: "none"))


def test_the_sandbox_is_asked_only_for_a_server(tmp_path: Path) -> None:
    def fail() -> str:
        raise AssertionError("nothing is to be confined")

    lead = str(FILES["profiles/lead.toml"])
    before, _, rest = lead.partition('[[enable]]\nplugin = "project:acme.server"')
    found = desk(tmp_path, {"profiles/lead.toml": before + rest[rest.index("[[enable]]") :]})
    found.store()
    assert admitted(found, sandbox=fail)


def test_an_accept_ends_between_proof_and_admission(tmp_path: Path) -> None:
    text = str(FILES["capwright.toml"]) + ACCEPT
    found = desk(tmp_path, {"capwright.toml": text}, sandbox="none")
    found.store()
    assert admitted(found, today=date(2027, 6, 29))
    late = refusal(found, today=date.fromisoformat(NEVER))
    assert "the accept of `ambient-process` at `lead/project:acme.server` ended" in str(late)


def test_pins_are_bound(tmp_path: Path) -> None:
    found = desk(tmp_path)
    found.store()
    assert admitted(found).plugins["project:acme.server"].pins
    pins = tmp_path / "plugins/server/pins.json"
    pins.write_bytes(pins.read_bytes() + b"\n")
    assert "the pins `plugins/server/pins.json` changed" in str(refusal(found))


def test_a_plugin_outside_of_the_workspace_is_bound(tmp_path: Path) -> None:
    root, out = tmp_path / "desk", tmp_path / "out"
    text = str(FILES["capwright.toml"]) + f'[[source]]\ntier = "user"\npath = "{out}"\n'
    manifest = str(FILES["plugins/rules/plugin.toml"]).replace("acme.rules", "acme.mine")
    lead = str(FILES["profiles/lead.toml"])
    lead += '[[enable]]\nplugin = "user:acme.mine"\nversion = ">=1.0"\ngrant = [\n'
    lead += '  { action = "hook.annotate", on = ["tool.after/project:acme.first/*"] },\n'
    lead += '  { action = "hook.deny", on = ["tool.before/project:acme.first/*"] },\n]\n'
    (out / "mine").mkdir(parents=True)
    (out / "mine/plugin.toml").write_text(manifest)
    found = desk(root, {"capwright.toml": text, "profiles/lead.toml": lead})
    if not found.proof:
        pytest.fail(str([f.message for f in found.report.findings]))
    found.store()
    assert admitted(found).plugins["user:acme.mine"].folder == out / "mine"
    (out / "mine/plugin.toml").write_text(manifest + "\n")
    assert f"`{out}/mine/plugin.toml` changed" in str(refusal(found))


def test_an_input_that_leads_upwards_is_not_read(original: Desk) -> None:
    body = original.body()
    body["inputs"].insert(0, {"path": "../x", "role": "profile", "sha256": "0" * 64})
    original.store(sealed(body))
    assert "`../x` is missing or cannot be read" in str(refusal(original))


def test_the_gate_needs_no_solver(original: Desk) -> None:
    original.store()
    program = (
        "import sys, datetime, pathlib\n"
        "from capwright_runtimes.gate import HostFacts, admit\n"
        "heavy = ['z3', 'networkx', 'capwright_policy', 'wasmtime', 'mcp']\n"
        "print([name for name in [*heavy, 'pydantic'] if name in sys.modules])\n"
        "from capwright_registry.host_policy import load_host_policy\n"
        f"root = pathlib.Path({str(original.root)!r})\n"
        "host = HostFacts(load_host_policy(root, {}), lambda: 'bubblewrap', datetime.date(2026, 11, 23))\n"
        "admit(root, 'lead', host)\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


def test_a_core_module_is_no_artifact(tmp_path: Path) -> None:
    from capwright_registry.errors import InputError

    assert COMPONENT[4:] != b"\1\0\0\0"
    with pytest.raises(InputError) as caught:
        desk(tmp_path, {"plugins/first/a.wasm": b"\0asm\1\0\0\0"})
    (problem,) = caught.value.problems
    assert str(problem.span) == "plugins/first/plugin.toml:7:12"
    assert (problem.message, "component" in problem.help) == (
        "the artifact is a core module, not a component",
        True,
    )


def test_the_desk_can_be_proved_again(made: Desk) -> None:
    assert desk_of(made.root).proof == made.proof
