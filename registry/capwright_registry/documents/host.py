"""`host.toml`: the host policy, which stands above every workspace."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from capwright_registry.documents.base import Few, Many, Name, PathText, Strict, Word
from capwright_registry.documents.capability import SetDoc
from capwright_registry.documents.profile import Decision, RuleDoc
from capwright_registry.vocabulary import Tier


class HostPermissionsDoc(Strict):
    """`[permissions]`: the most that any agent may call; `default` where no rule matches."""

    default: Decision = "allow"
    rules: Many[RuleDoc] = ()


class HostDoc(Strict):
    """The whole of `host.toml`. A tier without a ceiling may do nothing."""

    schema_: Literal["capwright.host/1"] = Field(alias="schema")
    api: Word
    mediators: Few[Word]
    case: Literal["sensitive", "folding"] = "sensitive"
    roots: dict[Name, PathText] = Field(default_factory=dict, max_length=64)
    ceiling: dict[Tier, SetDoc] = Field(default_factory=dict)
    permissions: HostPermissionsDoc | None = None
    accepted: dict[Tier, Few[Word]] = Field(default_factory=dict)
