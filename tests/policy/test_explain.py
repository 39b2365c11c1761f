"""An explanation says what the reference semantics and the enforced tables say, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from capwright_policy import reference
from capwright_policy.certificate import Ledger
from capwright_policy.explain import Answer, Explanation, LayerAnswer, explain
from capwright_policy.near import Miss
from capwright_policy.setting import Setting, find_holder, find_profile
from capwright_registry.capability import Profile
from capwright_registry.decide import PermissionTable, decide_permission
from capwright_registry.patterns import build_trie
from tests.policy.explain_desk import (
    EFFECTS,
    FILES,
    IN_2031,
    LEAD,
    NOTES,
    contexts,
    effect_of,
    explained,
    setting_of,
)

SEARCH = "tool.call:project:acme.notes/search"


@pytest.fixture(name="setting", scope="module")
def _setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting_of(tmp_path_factory.mktemp("explain") / "desk")


def layers(found: Explanation) -> Mapping[str, LayerAnswer]:
    """The layers by name; of two scopes, the outer one is `scope of base`."""
    named: dict[str, LayerAnswer] = {}
    for layer in found.layers:
        named["scope of base" if layer.name in named else layer.name] = layer
    return named


class TestAgainstTheReference:
    """G2: requested, granted, within scope and under the ceilings; each tells the same as the reference."""

    @pytest.mark.parametrize("text", EFFECTS)
    def test_a_whole_context_leaves_nothing_open(self, setting: Setting, text: str) -> None:
        holder, effect = find_holder(setting, "lead", NOTES), effect_of(setting, text)
        for context in contexts():
            can = reference.can(setting, holder, effect.action, effect.resource, context)
            found = explain(setting, "lead", NOTES, effect, context)
            assert found.answer is (Answer.ALLOWED if can else Answer.DENIED)

    @pytest.mark.parametrize("text", EFFECTS)
    @pytest.mark.parametrize("known", [(), ("mode",), ("now",), ("region", "approved"), ("mode", "depth")])
    def test_a_part_of_a_context_leaves_the_rest_open(
        self, setting: Setting, text: str, known: tuple[str, ...]
    ) -> None:
        holder, effect = find_holder(setting, "lead", NOTES), effect_of(setting, text)
        for given in {tuple((name, context[name]) for name in known) for context in contexts()}:
            outcomes = {
                reference.can(setting, holder, effect.action, effect.resource, context)
                for context in contexts()
                if all(context[name] == value for name, value in given)
            }
            found = explain(setting, "lead", NOTES, effect, dict(given))
            expected = {
                frozenset({True}): Answer.ALLOWED,
                frozenset({False}): Answer.DENIED,
                frozenset({True, False}): Answer.CONDITIONAL,
            }[frozenset(outcomes)]
            assert found.answer is expected

    @pytest.mark.parametrize("text", EFFECTS)
    def test_the_witness_is_a_context_in_which_it_is_allowed(self, setting: Setting, text: str) -> None:
        holder, effect = find_holder(setting, "lead", NOTES), effect_of(setting, text)
        found = explain(setting, "lead", NOTES, effect, {})
        if found.witness is None:
            assert found.answer is Answer.DENIED
            return
        base = {
            "mode": "?",
            "approved": False,
            "depth": 0,
            "region": "us",
            "now": IN_2031,
            "sandboxed": False,
        }
        context = {**base, **found.witness}
        assert reference.can(setting, holder, effect.action, effect.resource, context)

    @pytest.mark.parametrize("text", EFFECTS)
    def test_the_agent_s_own_scope(self, setting: Setting, text: str) -> None:
        profile, effect = find_profile(setting, "lead"), effect_of(setting, text)
        for context in contexts():
            can = reference.allows_all(profile.scope, effect.action, effect.resource, context)
            found = explain(setting, "lead", None, effect, context)
            assert found.answer is (Answer.ALLOWED if can else Answer.DENIED)


def _permissions(profile: Profile) -> dict[str, Any]:
    """What the runtime decides an agent's calls with, compiled from what a proof says of it."""
    ledger = Ledger()
    numbers = [ledger.pattern(rule.pattern) for rule in profile.permissions]
    rules = [
        {"on": [n], "action": p.action, "when": p.when.ast if p.when else None, "source": str(p.span)}
        for n, p in zip(numbers, profile.permissions, strict=True)
    ]
    walk: list[dict[str, Any]] = build_trie([rule.pattern for rule in profile.permissions])
    ends = [{**node, "end": [numbers[n] for n in node["end"]]} if "end" in node else node for node in walk]
    return {"rules": rules, "default": profile.default, "trie": ends}


class TestAgainstTheTables:
    @pytest.mark.parametrize("default", ["deny", "ask", "allow"])
    def test_the_agent_s_calls_are_decided_as_its_permission_table_decides(
        self, tmp_path: Path, default: str
    ) -> None:
        base = {"profiles/base.toml": FILES["profiles/base.toml"].replace('"ask"', '"allow"')}
        lead = {"profiles/lead.toml": LEAD.replace('default = "deny"', f'default = "{default}"')}
        setting = setting_of(tmp_path / "desk", {**FILES, **base, **lead})
        table = PermissionTable(_permissions(find_profile(setting, "lead")))
        for context in contexts():
            decision = decide_permission(table, "project:acme.notes/search", context)
            found = explain(setting, "lead", None, effect_of(setting, SEARCH), context)
            assert (found.answer is Answer.ALLOWED) == decision.allowed

    def test_a_tool_that_no_enabled_plugin_has_cannot_be_called(self, setting: Setting) -> None:
        found = explained(setting, "tool.call:project:acme.notes/serch", None)
        assert (found.answer, layers(found)["enabled"].answer) == (Answer.DENIED, Answer.DENIED)
        assert layers(found)["enabled"].note == "no plugin that `lead` enables has this tool"


class TestWhy:
    def test_every_layer_names_its_rule_and_its_place(self, setting: Setting) -> None:
        found = layers(explained(setting, "fs.read:${workspace}/notes/a"))
        assert {name: (layer.answer, str(layer.rules[0].span)) for name, layer in found.items()} == {
            "requested": (Answer.ALLOWED, "plugins/acme.notes/plugin.toml:14:7"),
            "granted": (Answer.CONDITIONAL, "profiles/lead.toml:18:31"),
            "scope": (Answer.ALLOWED, "profiles/lead.toml:6:31"),
            "scope of base": (Answer.ALLOWED, "profiles/base.toml:5:31"),
            "ceiling": (Answer.ALLOWED, "capwright.toml:18:31"),
            "host": (Answer.ALLOWED, f"{setting.host.source}:6:31"),
        }
        assert found["granted"].rules[0].when == "mode != 'ci'"

    def test_an_end_is_a_condition_on_now(self, setting: Setting) -> None:
        scope = layers(explained(setting, "fs.write:${workspace}/out/a"))["scope"]
        assert (scope.answer, scope.rules[0].when) == (Answer.ALLOWED, "now < 2030-01-01T00:00:00+00:00")
        ended = layers(explained(setting, "fs.write:${workspace}/out/a", now=IN_2031))["scope"]
        assert ended.answer is Answer.DENIED
        assert ended.miss is not None
        assert ended.miss.kind is Miss.CONDITION

    @pytest.mark.parametrize(
        ("text", "layer", "kind", "shown"),
        [
            ("fs.read:${workspace}/notes/public/.env", "scope of base", Miss.EXCEPTED, "**/.env"),
            ("fs.read:${workspace}/notez/a", "requested", Miss.PATTERN, "${workspace}/notes/**"),
            ("fs.read:${workspace}/docs/sub/a.md", "requested", Miss.PATTERN, "${workspace}/docs/*.md"),
            ("fs.write:${workspace}/notes/a", "granted", Miss.PATTERN, "${workspace}/out/**"),
            ("fs.delete:${workspace}/out/a", "granted", Miss.ACTION, "fs.write"),
        ],
    )
    def test_a_layer_that_denies_names_what_came_nearest(
        self, setting: Setting, text: str, layer: str, kind: Miss, shown: str
    ) -> None:
        miss = layers(explained(setting, text))[layer].miss
        assert miss is not None
        assert (miss.kind, miss.text) == (kind, shown)

    def test_a_layer_that_says_nothing_of_the_like_has_no_miss(self, setting: Setting) -> None:
        assert layers(explained(setting, "env.read:HOME"))["granted"].miss is None

    def test_a_missing_link_without_a_rule_of_the_like_has_a_place(self, setting: Setting) -> None:
        """A denial gives file and line of each link of its chain, of the missing one too."""
        last = explained(setting, "env.read:HOME").chain[-1]
        assert last == "requested (missing in plugins/acme.notes/plugin.toml:12:1)"

    def test_the_chain_ends_at_the_first_layer_that_is_missing(self, setting: Setting) -> None:
        assert explained(setting, "fs.read:${workspace}/notes/public/.env").chain == (
            "plugin:project:acme.notes",
            "requested (plugins/acme.notes/plugin.toml:14:7)",
            "granted (profiles/lead.toml:18:31)",
            "scope (profiles/lead.toml:6:31)",
            "scope (missing, nearest at profiles/base.toml:5:67)",
        )

    def test_conditions_that_exclude_each_other_are_said_to(self, tmp_path: Path) -> None:
        grant = '{ action = "fs.read", on = ["${workspace}/notes/**"], when = "mode != \'ci\'" }'
        scope = '{ action = "fs.read", on = ["${workspace}/**"], when = "mode == \'ci\'" }'
        lead = LEAD.replace('{ action = "fs.read", on = ["${workspace}/**"] }', scope)
        assert grant in lead
        assert scope in lead
        setting = setting_of(tmp_path / "desk", {**FILES, "profiles/lead.toml": lead})
        found = explained(setting, "fs.read:${workspace}/notes/a")
        assert found.answer is Answer.DENIED
        assert {layer.answer for layer in found.layers} == {Answer.ALLOWED, Answer.CONDITIONAL}
        assert found.reason == "the conditions of the layers exclude each other"

    def test_an_agent_spawns_the_children_that_it_declares(self, tmp_path: Path) -> None:
        lead = LEAD + '[[child]]\nprofile = "base"\n'
        setting = setting_of(tmp_path / "desk", {**FILES, "profiles/lead.toml": lead})
        assert explained(setting, "agent.spawn:base", None).answer is Answer.ALLOWED
        found = explained(setting, "agent.spawn:lead", None)
        assert found.answer is Answer.DENIED
        assert layers(found)["child"].note == "`lead` has no `[[child]]` of this profile"
        assert explained(setting, "agent.spawn:base").answer is Answer.DENIED

    def test_what_is_never_grantable_is_denied_with_the_reason(self, setting: Setting) -> None:
        found = explained(setting, "history.rewrite:x")
        assert (found.answer, found.layers) == (Answer.DENIED, ())
        assert found.reason.startswith("`history.rewrite` is never grantable: history is append-only")

    def test_names_that_are_not_there(self, setting: Setting) -> None:
        effect = effect_of(setting, "fs.read:/a")
        for agent, plugin in (("led", None), ("lead", "project:acme.note"), ("base", NOTES)):
            with pytest.raises(KeyError):
                explain(setting, agent, plugin, effect, {})
