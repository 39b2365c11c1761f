"""Effects as people write them: `fs.read:/repo/a.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from capwright_registry.canonical import ResourceError, canonical
from capwright_registry.clipping import clip_middle
from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span
from capwright_registry.suggest import clip, suggest
from capwright_registry.vocabulary import ACTIONS, NEVER_GRANTABLE


@dataclass(frozen=True, slots=True)
class Effect:
    """An action on a canonical resource. The resource of a never grantable action is as it was written."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action}:{self.resource}"


def parse_effect(text: str, roots: Mapping[str, str]) -> Effect:
    """The effect that `text` names; a path may begin with `${ROOT}`.

    Raises `InputError` for an unknown action and for a resource without a canonical form, with what was
    probably meant.
    """
    action, colon, resource = text.partition(":")
    if action in NEVER_GRANTABLE:
        return Effect(action, resource)
    if action not in ACTIONS:
        raise _refused(f"unknown action `{clip(action)}`", suggest(action, [*ACTIONS, *NEVER_GRANTABLE]))
    if not colon or not resource:
        raise _refused(f"`{action}` needs a resource", f"write `{action}:RESOURCE`")
    domain = ACTIONS[action].domain
    if domain == "path":
        resource = _expanded(resource, roots)
    try:
        return Effect(action, canonical(domain, resource))
    except ResourceError as error:
        near = next(_meant(domain, resource, roots), None)
        help_ = f"did you mean `{action}:{near}`?" if near else ""
        raise _refused(f"`{clip(resource)}` is no resource of `{action}`: {error}", help_) from error


def _refused(message: str, help_: str) -> InputError:
    return InputError([Problem(clip_middle(message), Span(""), clip_middle(help_))])


def _expanded(resource: str, roots: Mapping[str, str]) -> str:
    if not resource.startswith("${"):
        return resource
    name, closed, rest = resource[2:].partition("}")
    if not closed or name not in roots:
        raise _refused(f"unknown root `{clip(name)}`", suggest(name, roots))
    return roots[name] + rest


def _meant(domain: str, resource: str, roots: Mapping[str, str]) -> Iterator[str]:
    """Near texts that do name a resource, the likeliest first."""
    candidates = {
        "path": [f"{roots.get('workspace', '')}/{resource}"],
        "host": [f"{resource}:443", resource.partition("://")[2].partition("/")[0] + ":443"],
        "url": [f"GET {resource}", f"GET https://{resource}", f"{resource}/"],
    }
    for candidate in candidates.get(domain, ()):
        try:
            yield canonical(domain, candidate)
        except ResourceError:
            continue
