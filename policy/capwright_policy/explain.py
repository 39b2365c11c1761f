"""Why an agent, or one of its plugins, may or may not cause one effect: layer by layer, with the places.

Pure: it reads documents, never a proof, so that it can explain what does not verify. An effect is allowed
where every layer allows it. What is not known of the context stays open: the answer may be `conditional`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from capwright_policy.authority import Layer, effective, scope_layers
from capwright_policy.effects import Effect
from capwright_policy.holding import FALSE, TRUE, Context, Tree, every, guard, holding, negated, some
from capwright_policy.near import Miss, NearMiss, covers, nearest, pattern_of
from capwright_policy.setting import Holder, Setting, find_holder, find_profile, holders
from capwright_policy.tiers import believed_name
from capwright_registry.capability import Capability, Decision, Permission, Profile
from capwright_registry.conditions import Variable
from capwright_registry.patterns import matches
from capwright_registry.spans import Span
from capwright_registry.vocabulary import NEVER_GRANTABLE

Variables = Mapping[str, Variable]
DEFAULT = "default"  # stands for a pattern where no permission rule covers the tool
_APPROVED: Tree = ("var", "approved", "bool")


class Answer(StrEnum):
    """What is so in every context that is still possible, or only in some of them."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that covers the effect where `when` holds; `text` is its pattern, `word` what it says."""

    word: str
    text: str
    span: Span
    when: str = ""


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """What one layer says of the effect. `miss` is the nearest miss, where the layer allows nothing.

    `place` is where the layer's list stands, so that one without a rule of the like can be pointed at too.
    """

    name: str
    answer: Answer
    rules: tuple[Rule, ...]
    condition: Tree
    place: Span
    miss: NearMiss | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one effect.

    `witness` is a context in which it is allowed (the variables that matter), `None` when denied. `reason` is
    set where no layer decided it, or where layers exclude each other. `chain` reads from the grant to the
    first layer that is missing.
    """

    agent: str
    plugin: str | None
    effect: Effect
    answer: Answer
    layers: tuple[LayerAnswer, ...]
    witness: Context | None
    reason: str = ""

    @property
    def chain(self) -> tuple[str, ...]:
        """`holder:lead/project:acme.notes -> granted (...) -> scope (missing)`, as its elements."""
        found: list[str] = [f"agent:{self.agent}" if self.plugin is None else f"plugin:{self.plugin}"]
        for layer in self.layers:
            if layer.answer is Answer.DENIED:
                where = f", nearest at {layer.miss.span}" if layer.miss else f" in {layer.place}"
                return (*found, f"{layer.name} (missing{where})")
            found.append(f"{layer.name} ({layer.rules[0].span})" if layer.rules else layer.name)
        return tuple(found)


def explain(setting: Setting, agent: str, plugin: str | None, effect: Effect, given: Context) -> Explanation:
    """Explain one effect of `agent`, or of `plugin` as it enables it, where the context agrees with `given`.

    Raises `KeyError` for a profile that is not there, and for a plugin that it does not enable.
    """
    profile = find_profile(setting, agent)
    if effect.action in NEVER_GRANTABLE:
        reason = f"`{effect.action}` is never grantable: {NEVER_GRANTABLE[effect.action]}"
        return Explanation(agent, plugin, effect, Answer.DENIED, (), None, reason)
    variables = setting.workspace.variables
    answers = tuple(_layers(setting, profile, plugin, effect, given))
    missing = any(layer.answer is Answer.DENIED for layer in answers)
    if missing:
        return Explanation(agent, plugin, effect, Answer.DENIED, answers, None)
    whole = holding(every(layer.condition for layer in answers), given, variables)
    if not whole.possible:
        reason = "the conditions of the layers exclude each other"
        return Explanation(agent, plugin, effect, Answer.DENIED, answers, None, reason)
    answer = Answer.ALLOWED if whole.always else Answer.CONDITIONAL
    return Explanation(agent, plugin, effect, answer, answers, whole.witness)


def _layers(
    setting: Setting, profile: Profile, plugin: str | None, effect: Effect, given: Context
) -> Iterator[LayerAnswer]:
    variables = setting.workspace.variables
    if plugin is None and effect.action == "tool.call":
        # Its plugins' calls are bounded by its scope; the agent's own calls are decided by its permissions.
        yield _enabled(setting, profile, effect)
        yield _permission(profile, effect, given, variables)
        yield from _above(setting, profile, effect, given)
        return
    if plugin is None and effect.action == "agent.spawn":
        yield _child(profile, effect)
        return
    holder = None if plugin is None else find_holder(setting, profile.name, plugin)
    layers = scope_layers(profile) if holder is None else effective(setting, holder).layers
    for layer in layers:
        yield _layer(layer, _place(setting, profile, holder, layer), effect, given, variables)


def _place(setting: Setting, profile: Profile, holder: Holder | None, layer: Layer) -> Span:
    """Where a layer's list stands: at its first entry, or where the list would be if it has none."""
    if layer.capabilities:
        return layer.capabilities[0].span
    if holder is None or layer.name == "scope":
        return profile.document.span("scope", "allow")
    ceiling = setting.workspace.document.span("ceiling", holder.plugin.tier)
    empty = {"requested": holder.plugin.span, "granted": holder.grant.grant_span, "ceiling": ceiling}
    return empty.get(layer.name, Span(setting.host.source))


def _layer(layer: Layer, place: Span, effect: Effect, given: Context, variables: Variables) -> LayerAnswer:
    covering = [c for c in layer.of(effect.action) if covers(c, effect)]
    condition = some(guard(c) for c in covering)
    rules = tuple(_rule(c, effect) for c in covering)
    if not rules:
        return LayerAnswer(
            layer.name, Answer.DENIED, (), condition, place, nearest(layer.capabilities, effect)
        )
    return _answered(layer.name, rules, condition, place, given, variables)


def _answered(
    name: str, rules: tuple[Rule, ...], condition: Tree, place: Span, given: Context, variables: Variables
) -> LayerAnswer:
    held = holding(condition, given, variables)
    if held.possible:
        answer = Answer.ALLOWED if held.always else Answer.CONDITIONAL
        return LayerAnswer(name, answer, rules, condition, place)
    miss = next((NearMiss(Miss.CONDITION, r.when, r.span) for r in rules if r.when), None)
    return LayerAnswer(name, Answer.DENIED, rules, condition, place, miss)


def _rule(capability: Capability, effect: Effect) -> Rule:
    hit = pattern_of(capability, effect.resource)
    text, span = (hit[0].text, hit[1]) if hit else ("", capability.span)
    parts = [capability.when.text] if capability.when else []
    parts += [f"now < {capability.until.isoformat()}"] if capability.until else []
    return Rule("allow", text, span, " && ".join(parts))


def _enabled(setting: Setting, profile: Profile, effect: Effect) -> LayerAnswer:
    """Whether an enabled plugin has the tool at all."""
    for holder in _own(setting, profile):
        for tool in holder.plugin.tools:
            if tool.identity == effect.resource:
                rule = Rule("allow", tool.identity, tool.span)
                return LayerAnswer("enabled", Answer.ALLOWED, (rule,), TRUE, tool.span)
    note = f"no plugin that `{profile.name}` enables has this tool"
    return LayerAnswer("enabled", Answer.DENIED, (), FALSE, profile.span, note=note)


def _child(profile: Profile, effect: Effect) -> LayerAnswer:
    """Whether the agent has a child of that profile: what the child may do is a check's matter."""
    for child in profile.children:
        if child.profile == effect.resource:
            rule = Rule("allow", child.profile, child.span)
            return LayerAnswer("child", Answer.ALLOWED, (rule,), TRUE, child.span)
    note = f"`{profile.name}` has no `[[child]]` of this profile"
    return LayerAnswer("child", Answer.DENIED, (), FALSE, profile.span, note=note)


def _own(setting: Setting, profile: Profile) -> list[Holder]:
    return [holder for holder in holders(setting) if holder.profile.name == profile.name]


def _permission(profile: Profile, effect: Effect, given: Context, variables: Variables) -> LayerAnswer:
    """What the profile's own rules say."""
    place = profile.document.span("permissions", "default")
    rules = _Rules("permission", profile.permissions, profile.default, place)
    return _ruled(rules, effect.resource, given, variables)


def _above(setting: Setting, profile: Profile, effect: Effect, given: Context) -> Iterator[LayerAnswer]:
    """What the host's own rules say, where it has some: of the tool by the tier that the host believes."""
    policy = setting.host
    if policy.permissions or policy.permission_default != "allow":
        rules = _Rules("host", policy.permissions, policy.permission_default, Span(policy.source))
        for holder in _own(setting, profile):
            for tool in holder.plugin.tools:
                if tool.identity == effect.resource:
                    name = believed_name(setting, holder.plugin, tool)
                    yield _ruled(rules, name, given, setting.workspace.variables)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Permission rules, what holds where none of them does, and where that is written."""

    name: str
    rules: Sequence[Permission]
    default: Decision
    place: Span


def _ruled(from_: _Rules, tool: str, given: Context, variables: Variables) -> LayerAnswer:
    """Deny beats ask beats allow, then the default; ask allows exactly when `approved`."""
    hits = [p for p in from_.rules if matches(p.pattern, tool)]
    word = {w: some(_when(p) for p in hits if p.action == w) for w in ("deny", "ask", "allow")}
    default = {"allow": TRUE, "ask": _APPROVED, "deny": FALSE}[from_.default]
    lower = some((word["allow"], default))
    asked = some((every((word["ask"], _APPROVED)), every((negated(word["ask"]), lower))))
    condition = every((negated(word["deny"]), asked))
    rules = tuple(Rule(p.action, p.pattern.text, p.span, _words(p)) for p in hits)
    if not rules:
        rules = (Rule(from_.default, DEFAULT, from_.place, "approved" if from_.default == "ask" else ""),)
    return _answered(from_.name, rules, condition, from_.place, given, variables)


def _words(permission: Permission) -> str:
    """The condition of a rule; one that asks allows while the user has approved."""
    parts = [permission.when.text] if permission.when else []
    parts += ["approved"] if permission.action == "ask" else []
    return " && ".join(parts)


def _when(permission: Permission) -> Tree:
    return TRUE if permission.when is None else permission.when.ast
