"""`specs/documents.md` lists the keys of every document, no others, and says which are required."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from capwright_registry.documents import capability, host, plugin, profile, workspace

SPEC = Path(__file__).parents[3] / "specs/documents.md"
MODELS: dict[str, type[BaseModel]] = {
    "Workspace": workspace.WorkspaceDoc,
    "host": workspace.HostTable,
    "context": workspace.VariableDoc,
    "source": workspace.SourceDoc,
    "profiles": workspace.ProfilesDoc,
    "accept": workspace.AcceptDoc,
    "flow": workspace.FlowDoc,
    "label": workspace.LabelDoc,
    "ceiling, scope, delegable": capability.AllowDoc,
    "sets": capability.SetDoc,
    "Capability": capability.CapabilityDoc,
    "limits of a capability": capability.LimitsDoc,
    "Set use": capability.SetUseDoc,
    "Plugin": plugin.PluginDoc,
    "runtime: wasm": plugin.WasmRuntime,
    "limits of a component": plugin.ComponentLimits,
    "runtime: mcp": plugin.McpRuntime,
    "limits of a server": plugin.ServerLimits,
    "runtime: declarative": plugin.DeclarativeRuntime,
    "tool": plugin.ToolDoc,
    "effect": plugin.EffectDoc,
    "hook": plugin.HookDoc,
    "Profile": profile.ProfileDoc,
    "permissions": profile.PermissionsDoc,
    "rule": profile.RuleDoc,
    "enable": profile.EnableDoc,
    "child": profile.ChildDoc,
    "budget": profile.BudgetDoc,
    "Host policy": host.HostDoc,
    "permissions of the host": host.HostPermissionsDoc,
}


def sections() -> dict[str, dict[str, str]]:
    """Key to default, by heading."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^##+ ", SPEC.read_text(), flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        found[heading] = dict(re.findall(r"^\| `([^`]+)` \|.*\| ([^|]*) \|$", body, flags=re.MULTILINE))
    return found


def test_every_section_has_its_model() -> None:
    assert set(sections()) == {*MODELS, "Lent capability"}


@pytest.mark.parametrize("heading", MODELS)
def test_the_keys_of_a_section_are_those_of_the_model(heading: str) -> None:
    listed = sections()[heading]
    fields = {field.alias or name: field for name, field in MODELS[heading].model_fields.items()}
    assert set(listed) == set(fields)
    required = {key for key, field in fields.items() if field.is_required()}
    told = {key for key, default in listed.items() if default == "required"}
    assert told == required


def test_a_lent_capability_is_a_capability_with_a_borrower() -> None:
    extra = set(capability.LendDoc.model_fields) - set(capability.CapabilityDoc.model_fields)
    assert extra == set(sections()["Lent capability"]) == {"to"}
    assert set(capability.LendSetDoc.model_fields) == {"set", "to"}
