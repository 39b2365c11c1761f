"""The smallest change that would let a denied effect pass, layer by layer.

Every layer that is missing is named, each with its own change: one alone lets nothing through. What stands
above the workspace is not the workspace's to change, and no edit is offered for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from capwright_policy.effects import Effect
from capwright_policy.explain import DEFAULT, Answer, Explanation, LayerAnswer
from capwright_policy.findings import Edit
from capwright_policy.made_up import made_up
from capwright_policy.near import Miss
from capwright_policy.proposals import append_edit, entry
from capwright_policy.setting import Holder, Setting, find_holder, find_profile
from capwright_registry.capability import Capability, CapabilityList, Profile
from capwright_registry.documents.document import Document
from capwright_registry.patterns import PatternError, parse
from capwright_registry.patterns.elements import Element, Range, Word
from capwright_registry.patterns.glob import escaped
from capwright_registry.spans import Span
from capwright_registry.vocabulary import ACTIONS


@dataclass(frozen=True, slots=True)
class Mend:
    """What to change for one layer; without edits where the change is not this document's to make."""

    layer: str
    help: str
    edits: tuple[Edit, ...] = ()


def mends(setting: Setting, explanation: Explanation) -> tuple[Mend, ...]:
    """A change for each layer that denies the effect whatever else is changed, in the layers' order."""
    found: list[Mend] = []
    scope = 0
    for layer in explanation.layers:
        if layer.answer is Answer.DENIED:
            found.append(_mend(setting, explanation, layer, scope))
        scope += layer.name == "scope"
    return tuple(found)


def _mend(setting: Setting, explanation: Explanation, layer: LayerAnswer, number: int) -> Mend:
    if layer.name == "permission":
        return _of_permission(setting, explanation, layer)
    if layer.miss is not None and layer.miss.kind in (Miss.EXCEPTED, Miss.CONDITION):
        told = {
            Miss.EXCEPTED: f"`except` leaves it out with `{layer.miss.text}`; remove that if it is meant",
            Miss.CONDITION: f"it holds only while `{layer.miss.text}`",
        }[layer.miss.kind]
        return Mend(layer.name, told)
    return next(_adding(setting, explanation, layer.name, number), Mend(layer.name, layer.note))


def _of_permission(setting: Setting, explanation: Explanation, layer: LayerAnswer) -> Mend:
    for rule in layer.rules:
        if rule.word == "deny" and rule.text != DEFAULT:
            return Mend(
                layer.name, f"the rule at `{rule.span}` denies it, and deny beats allow; narrow that rule"
            )
    file = find_profile(setting, explanation.agent).document.file
    tool = f'{{ tool = "{explanation.effect.resource}", action = "allow" }}'
    return Mend(layer.name, f"add `{tool}` to `rules` under `[permissions]` of `{file}`")


def _adding(setting: Setting, explanation: Explanation, name: str, number: int) -> Iterator[Mend]:
    """Add the effect to the layer's list."""
    profile = find_profile(setting, explanation.agent)
    pattern = _pattern(setting, explanation.effect)
    if pattern is None:
        return
    told = f"`{explanation.effect.action}` on `{pattern.on[0].text}`"
    if name == "host":
        yield Mend(name, f"whoever keeps the host policy `{setting.host.source}` would have to allow {told}")
    elif name == "scope":
        own = _extended(setting, profile, number)
        yield _appended(name, f"add {told} to the scope", own.document, profile.scope[number], pattern)
    elif explanation.plugin is not None:
        holder = find_holder(setting, explanation.agent, explanation.plugin)
        yield _of_holder(setting, holder, name, told, pattern)


def _of_holder(setting: Setting, holder: Holder, name: str, told: str, pattern: Capability) -> Mend:
    tier = holder.plugin.tier
    if name == "requested":
        return Mend(name, f"ask for {told} with a `[[requires]]` in `{holder.plugin.document.file}`")
    if name == "granted":
        enabled = holder.profile.document
        number = next(i for i, g in enumerate(holder.profile.grants) if g is holder.grant)
        route = ("enable", number, "grant")
        return _edit(name, f"grant {told}", enabled, route, holder.grant.grant, pattern)
    ceiling = setting.workspace.ceilings.get(tier, ())
    document = setting.workspace.document
    route_ = ("ceiling", tier, "allow")
    return _edit(name, f"add {told} to the ceiling of tier `{tier}`", document, route_, ceiling, pattern)


def _appended(
    name: str, help_: str, document: Document[Any], present: CapabilityList, pattern: Capability
) -> Mend:
    return _edit(name, help_, document, ("scope", "allow"), present, pattern)


def _edit(
    name: str,
    help_: str,
    document: Document[Any],
    route: tuple[str | int, ...],
    present: CapabilityList,
    pattern: Capability,
) -> Mend:
    array = document.span(*route)
    line = document.line_text(array)[array.column - 1 :]
    if not line.startswith("[") or line.startswith("[["):  # the key is not there: an enclosing table is
        return Mend(name, f"{help_}, in `{document.file}`")
    return Mend(
        name, f"{help_}, in `{document.file}`", (append_edit(document, array, present, entry(pattern)),)
    )


def _extended(setting: Setting, profile: Profile, number: int) -> Profile:
    """The profile whose own scope is the layer of that number: `extends` adds one layer a profile."""
    for _ in range(number):
        profile = find_profile(setting, profile.document.model.extends or "")
    return profile


def _pattern(setting: Setting, effect: Effect) -> Capability | None:
    """The capability of exactly this effect, its path written from the longest root that it lies under."""
    domain = ACTIONS[effect.action].domain
    text = effect.resource if domain in ("host", "argv") else escaped(effect.resource)
    roots = setting.workspace.roots if domain == "path" else {}
    for name, folder in sorted(roots.items(), key=lambda item: -len(item[1])):
        if text == folder or text.startswith(f"{folder}/"):
            text = f"${{{name}}}{text[len(folder) :]}"
            break
    nowhere = Span("")
    try:
        on = parse(domain, text, roots)
    except PatternError:
        return None
    if not all(_is_one(element) for alternative in on.elements for element in alternative):
        return None  # a suggestion that allows more than was asked for is worse than none
    return made_up(effect.action, (on,), nowhere)


def _is_one(element: Element) -> bool:
    return isinstance(element, Word) or (isinstance(element, Range) and element.low == element.high)
