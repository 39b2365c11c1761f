"""The mediators on the way to an effect and back, sandboxes, and what an artifact imports."""

from __future__ import annotations

from typing import Any

from capwright_policy import accepts, authority, routes
from capwright_policy import compile as graph_of
from capwright_policy.checks import ambient_import, unmediated_effect
from capwright_policy.setting import Holder, Setting
from capwright_registry import interfaces
from tests.soundness.judging import by_replay
from tests.soundness.probe import Patch, probe


@probe("closure", "unmediated-effect", caught=by_replay)
def the_permission_is_never_there(patch: Patch) -> None:
    """The mediator `permission` stands on no way, though every host has it."""
    patch.setattr(routes, "present", lambda _s, _h, mediator: mediator != "permission")


@probe("closure", "unmediated-effect", "ambient-process")
def what_the_workspace_names_the_host_has(patch: Patch) -> None:
    """A mediator counts where the workspace lists it, whether the host has it or not."""
    patch.setattr(Setting, "mediators", property(lambda self: self.workspace.mediators))


@probe("closure", "unmediated-effect", "ambient-process")
def what_the_host_has_is_in_use(patch: Patch) -> None:
    """A mediator counts where the host has it, whether the workspace lists it or not."""
    patch.setattr(Setting, "mediators", property(lambda self: self.host.mediators))


@probe("closure", "unmediated-effect")
def a_component_needs_no_working_sandbox(patch: Patch) -> None:
    """The process sandbox of a component is there where it is listed, though none works on the host."""
    patch.setattr(routes, "present", lambda one, _, mediator: mediator in one.mediators)


@probe("closure", "unmediated-effect")
def results_pass_history_or_the_bound(patch: Patch) -> None:
    """What the model sees needs the last of the mediators on the way back, and not each of them."""
    patch.setattr(unmediated_effect, "RETURN_PATH", routes.RETURN_PATH[-1:])


@probe("closure", "unmediated-effect")
def words_of_hooks_are_no_results(patch: Patch) -> None:
    """Only what tools say is held to the way back; what hooks say goes anywhere."""

    def tools(holder: Holder) -> Any:
        return tuple(graph_of.tool_node(holder, tool) for tool in holder.plugin.tools)

    patch.setattr(unmediated_effect, "contribution_nodes", tools)


@probe("closure", "unmediated-effect")
def an_effect_needs_its_permission_alone(patch: Patch) -> None:
    """Beside the permission no mediator of its kind is asked of an effect."""
    patch.setattr(unmediated_effect, "required_mediators", lambda *_: ("permission",))


@probe("closure", "unmediated-effect")
def only_the_first_effect_needs_mediators(patch: Patch) -> None:
    """Of the actions that a plugin's tools can cause the first is held to its mediators."""
    real = routes.effect_actions
    patch.setattr(unmediated_effect, "effect_actions", lambda *args: real(*args)[:1])


@probe("encoding", "unmediated-effect")
def what_is_proved_of_one_is_proved_of_all(patch: Patch) -> None:
    """Once a question of this check is proved, every later one counts as of the same shape."""
    patch.setattr(unmediated_effect, "shape_of", lambda *_: ())


@probe("closure", "ambient-process", caught=by_replay)
def every_server_is_unconfined(patch: Patch) -> None:
    """A sandbox that works is not looked at."""
    patch.setattr(graph_of, "unconfined", lambda _, holder: holder.plugin.kind == "mcp")


@probe("closure", "ambient-process")
def any_sandbox_confines(patch: Patch) -> None:
    """A server counts as confined where the mediator is listed, though no sandbox works on the host."""
    patch.setattr(
        graph_of,
        "unconfined",
        lambda one, holder: holder.plugin.kind == "mcp" and "process-sandbox" not in one.mediators,
    )


@probe("loading", "ambient-process")
def an_accept_is_for_everybody(patch: Patch) -> None:
    """A finding that is taken on for one server by name is taken on for every other one."""
    patch.setattr(
        accepts,
        "accepts_for",
        lambda one, check, _: [a for a in one.workspace.accepts if a.finding == check],
    )


@probe("closure", "ambient-import", caught=by_replay)
def every_import_is_ungranted(patch: Patch) -> None:
    """What a plugin was granted is not looked at."""
    patch.setattr(ambient_import, "_granted", lambda *_: False)


@probe("closure", "ambient-import")
def versions_of_interfaces_are_alike(patch: Patch) -> None:
    """An interface in another version counts as the one that the host mediates."""
    known = {name.partition("@")[0]: action for name, action in interfaces.INTERFACES.items()}

    def granted(one: Setting, holder: Holder, name: str) -> bool:
        return known.get(name.partition("@")[0]) in authority.effective(one, holder).actions()

    patch.setattr(ambient_import, "_granted", granted)


@probe("closure", "ambient-import")
def a_grant_covers_an_import(patch: Patch) -> None:
    """An import counts as granted where the grant names its action, though the scope does not."""

    def granted(one: Setting, holder: Holder, name: str) -> bool:
        return interfaces.INTERFACES.get(name) in {c.action for c in holder.grant.grant}

    patch.setattr(ambient_import, "_granted", granted)


@probe("closure", "ambient-import", "api-incompatible")
def only_the_first_agent_is_asked(patch: Patch) -> None:
    """A plugin that several agents enable is looked at as the first of them has it."""

    def first(one: Setting) -> Any:
        seen: dict[int, Holder] = {}
        for holder in one.holders:
            seen.setdefault(id(holder.plugin), holder)
        return tuple(seen.values())

    patch.setattr(ambient_import, "holders", first)
    patch.setattr("capwright_policy.checks.api_incompatible.holders", first)


@probe("closure", "ambient-import")
def only_the_first_import_is_read(patch: Patch) -> None:
    """Of what an artifact imports the first is held against the grant."""
    real = ambient_import._granted
    met: set[int] = set()

    def granted(one: Setting, holder: Holder, name: str) -> bool:
        first = id(holder) not in met
        met.add(id(holder))
        return real(one, holder, name) if first else True

    patch.setattr(ambient_import, "_granted", granted)
