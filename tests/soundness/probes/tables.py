"""What the runtime decides with, and what an adapter loads, mounts and runs by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from capwright_policy import certificate, proof, tables
from capwright_registry.capability import Permission
from capwright_runtimes import compiled
from tests.soundness.judging import by_decisions, by_step
from tests.soundness.probe import Patch, original, probe


def _written(patch: Patch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """In the layers of the proof, and so in all that is compiled from them."""
    real = original(certificate, "written_rule")
    patch.setattr(certificate, "written_rule", lambda c, refer: change(real(c, refer)))


@probe("tables", "delegation-over-parent", caught=by_decisions)
def ends_are_written_in_milliseconds(patch: Patch) -> None:
    """Rules end a thousand times as late."""
    _written(patch, lambda rule: {**rule, "until": rule["until"] and int(rule["until"]) * 1000})


@probe("tables", "grant-over-scope", caught=by_decisions)
def exceptions_are_not_written(patch: Patch) -> None:
    """Rules except nothing."""
    _written(patch, lambda rule: {**rule, "except": []})


@probe("tables", "deputy", caught=by_decisions)
def conditions_are_not_written(patch: Patch) -> None:
    """Rules hold in every context."""
    _written(patch, lambda rule: {**rule, "when": None})


def _tables(patch: Patch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    real = compiled.action_table
    patch.setattr(compiled, "action_table", lambda *args: change(real(*args)))


def _rules(patch: Patch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    def changed(table: dict[str, Any]) -> dict[str, Any]:
        layers = [{**layer, "rules": [change(r) for r in layer["rules"]]} for layer in table["layers"]]
        return {**table, "layers": layers}

    _tables(patch, changed)


@probe("tables", "grant-over-scope", caught=by_decisions)
def tables_lose_their_exceptions(patch: Patch) -> None:
    """Rules of the tables except nothing, those of the layers do."""
    _rules(patch, lambda rule: {**rule, "except": []})


@probe("tables", "grant-over-scope", caught=by_decisions)
def tables_lose_their_guards(patch: Patch) -> None:
    """Rules of the tables hold always, those of the layers do not."""
    _rules(patch, lambda rule: {**rule, "when": None, "until": None})


@probe("tables", "grant-over-scope", "policy-write", caught=by_decisions)
def a_rule_loses_its_last_exception(patch: Patch) -> None:
    """Of what a rule excepts the tables leave out the last pattern."""
    _rules(patch, lambda rule: {**rule, "except": rule["except"][:-1]})


@probe("tables", "grant-over-scope", "grant-over-ceiling", caught=by_decisions)
def tables_lose_a_layer(patch: Patch) -> None:
    """Of the layers above a plugin the tables hold the first."""
    _tables(patch, lambda table: {**table, "layers": table["layers"][:1]})


@probe("tables", "grant-over-ceiling", caught=by_decisions)
def tables_leave_out_the_hosts_layer(patch: Patch) -> None:
    """What the host allows is no layer of the tables, so that the workspace alone bounds a plugin."""
    _tables(patch, lambda table: {**table, "layers": table["layers"][:-1]})


@probe("tables", "request-over-grant", caught=by_decisions)
def a_table_is_empty(patch: Patch) -> None:
    """The last layer of every table has no rule, so that nothing is let that was granted."""
    _tables(
        patch,
        lambda table: {**table, "layers": [*table["layers"][:-1], {**table["layers"][-1], "rules": []}]},
    )


def _nodes(patch: Patch, lost: str) -> None:
    real = compiled.trie

    def trie(*args: Any) -> list[dict[str, Any]]:
        return [{key: part for key, part in node.items() if key != lost} for node in real(*args)]

    patch.setattr(compiled, "trie", trie)


@probe("tables", "grant-over-scope", caught=by_decisions)
def a_walk_loses_what_is_deep(patch: Patch) -> None:
    """The edge for `**` is missing in every trie, so that exceptions below a folder match nothing."""
    _nodes(patch, "deep")


@probe("tables", "grant-over-scope", caught=by_decisions)
def a_walk_does_not_go_round(patch: Patch) -> None:
    """`**` takes one segment at the most: what it leads to does not lead to itself."""
    _nodes(patch, "loop")


@probe("tables", "policy-write", caught=by_decisions)
def a_walk_loses_its_globs(patch: Patch) -> None:
    """The edges for globs are missing in every trie, so that `*.pem` excepts nothing."""
    _nodes(patch, "glob")


@probe("tables", "policy-write", caught=by_decisions)
def a_walk_matches_all(patch: Patch) -> None:
    """Every trie leads anything to all of its patterns."""
    real = compiled.trie

    def trie(patterns: Any, numbers: Any) -> list[dict[str, Any]]:
        listed = list(numbers)
        nodes = real(patterns, listed)
        deep = {"loop": True, "end": listed}
        return [{**nodes[0], "deep": len(nodes)}, *nodes[1:], deep] if "deep" not in nodes[0] else nodes

    patch.setattr(compiled, "trie", trie)


def _permissions(patch: Patch, change: Callable[[Any], Any]) -> None:
    real = original(proof, "agent_table")
    patch.setattr(proof, "agent_table", lambda setting, profile, *rest: real(setting, change(profile), *rest))


@probe("tables", "spawn-amplifies", caught=by_decisions)
def permissions_lose_their_last_rule(patch: Patch) -> None:
    """The last rule of an agent's permissions is not written."""
    _permissions(patch, lambda p: replace(p, permissions=p.permissions[:-1]))


@probe("tables", "spawn-amplifies", caught=by_decisions)
def permissions_lose_their_conditions(patch: Patch) -> None:
    """A rule of an agent's permissions is written without its condition."""

    def bare(one: Permission) -> Permission:
        return replace(one, when=None)

    _permissions(patch, lambda p: replace(p, permissions=tuple(map(bare, p.permissions))))


@probe("tables", "fail-open-hook", caught=by_decisions)
def permissions_allow_by_default(patch: Patch) -> None:
    """What no rule speaks of is allowed, whatever the profile's default."""
    _permissions(patch, lambda p: replace(p, default="allow"))


def _plan(patch: Patch, **changed: Any) -> None:
    real = original(tables, "process_plan")
    patch.setattr(tables, "process_plan", lambda *args: {**real(*args), **changed})


@probe("tables", "ambient-process", caught=by_step(10))
def sandboxes_show_the_machine(patch: Patch) -> None:
    """A server's sandbox shows it a folder that nobody granted."""
    _plan(patch, read=["/etc"])


@probe("tables", "ambient-process", "grant-over-scope", caught=by_step(10))
def sandboxes_hide_nothing(patch: Patch) -> None:
    """What a grant excepts is not hidden in a server's sandbox."""
    _plan(patch, mask=[], mask_globs=[])


@probe("tables", "ambient-process", caught=by_step(4))
def sandboxes_let_everything_be_written(patch: Patch) -> None:
    """What a server's sandbox shows it may write."""
    real = original(tables, "process_plan")

    def plan(*args: Any) -> dict[str, Any]:
        found: dict[str, Any] = real(*args)
        return {**found, "write": sorted({*found["read"], *found["write"]}), "read": []}

    patch.setattr(tables, "process_plan", plan)


def _plugin(patch: Patch, **changed: Any) -> None:
    real = tables.plugin_table

    def table(*args: Any) -> dict[str, Any]:
        found = real(*args)
        return {**found, **{key: change(found[key]) for key, change in changed.items()}}

    patch.setattr(tables, "plugin_table", table)


@probe("tables", "artifact-drift", caught=by_step(10))
def an_artifact_is_loaded_by_another_digest(patch: Patch) -> None:
    """The digest by which an adapter knows the artifact is not that of the file."""
    _plugin(patch, artifact=lambda file: file and {**file, "sha256": "0" * 64})


@probe("tables", "unpinned", "descriptor-drift", caught=by_step(10))
def pins_are_not_written(patch: Patch) -> None:
    """A server is loaded without a word on what was pinned of it."""
    _plugin(patch, pins=lambda _: None)


@probe("tables", "descriptor-drift", caught=by_step(11))
def a_server_gets_every_variable(patch: Patch) -> None:
    """A server is started with a variable that its manifest does not name."""
    _plugin(patch, runtime=lambda r: {**r, "env": [*r["env"], "HOME"]} if "env" in r else r)


@probe("tables", "descriptor-drift", caught=by_step(11))
def a_server_is_started_by_a_shell(patch: Patch) -> None:
    """The command of a server is another than its manifest's."""
    _plugin(patch, runtime=lambda r: {**r, "command": ["sh", "-c", *r["command"]]} if "env" in r else r)


@probe("tables", "unmediated-effect", caught=by_step(11))
def results_have_no_bound(patch: Patch) -> None:
    """The bound on what a plugin's tools say is left out."""
    _plugin(patch, runtime=lambda r: {**r, "limits": {k: v for k, v in r["limits"].items() if k != "output"}})


@probe("tables", "api-incompatible", caught=by_step(11))
def a_version_is_another(patch: Patch) -> None:
    """A plugin is loaded as another version than its manifest says."""
    _plugin(patch, version=lambda _: "9.9.9")


@probe("tables", "fail-open-hook", caught=by_step(10))
def a_guard_looks_at_no_argument(patch: Patch) -> None:
    """The patterns of arguments that a hook acts on are not written, so that it acts on other calls."""
    real = tables._hook
    patch.setattr(tables, "_hook", lambda *args: {**real(*args), "arguments": []})


@probe("tables", "fail-open-hook", caught=by_step(10))
def a_guard_is_left_out(patch: Patch) -> None:
    """The last hook of a plugin is not written."""
    _plugin(patch, hooks=lambda hooks: hooks[:-1])


@probe("tables", "rewrite-deputy", caught=by_step(11))
def an_annotation_is_a_rewrite(patch: Patch) -> None:
    """A hook that only says something is written as one that rewrites."""
    real = tables._hook
    words = {"annotate": "rewrite"}

    def hook(*args: Any) -> dict[str, Any]:
        found: dict[str, Any] = real(*args)
        return {**found, "power": words.get(found["power"], found["power"])}

    patch.setattr(tables, "_hook", hook)
