"""The parts that every document shares: patterns, conditions, names and roots, with their problems."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from capwright_registry.conditions import Condition, ConditionError, Variable, parse_condition
from capwright_registry.conditions.model import RESERVED
from capwright_registry.documents.document import Document
from capwright_registry.documents.locate import Route
from capwright_registry.patterns import Pattern, PatternError, parse
from capwright_registry.report import Report
from capwright_registry.suggest import clip, suggest
from capwright_registry.vocabulary import Domain

_ROOT = re.compile(r"\$\{([^{}]*)\}")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_WORD = re.compile(r"[A-Za-z_]\w*")


def has_root(text: str) -> bool:
    """Whether a root stands in the text, known or not."""
    return _ROOT.search(text) is not None


@dataclass(frozen=True)
class Names:
    """What a text may refer to: roots (absolute real paths) and context variables, by name.

    `unsure` names the workspace's tables that could not be read whole: a name that they do not hold is no
    problem of its own.
    """

    roots: Mapping[str, str]
    variables: Mapping[str, Variable]
    unsure: frozenset[str] = frozenset()
    _conditions: dict[str, Condition] = field(default_factory=dict, compare=False, repr=False)

    def condition(self, text: str) -> Condition:
        """The condition that `text` says of the variables; raises `ConditionError`."""
        if text not in self._conditions:  # documents of one workspace say the same over and over
            self._conditions[text] = parse_condition(text, self.variables)
        return self._conditions[text]


@dataclass(frozen=True)
class Reading:
    """One document on its way to meaning. Every method notes what is wrong and goes on.

    Nothing is noted where the document is damaged: that there is damage is noted already.
    """

    document: Document[Any]
    names: Names
    report: Report

    def problem(self, route: Route, message: str, help: str = "") -> None:  # noqa: A002 - the problem's word
        """Note a problem at a value."""
        if not self.document.damaged(*route):
            self.report.add(self.document.span(*route), message, help)

    def pattern(self, domain: Domain, text: str, route: Route) -> Pattern | None:
        """The pattern that the string at `route` says."""
        if self.document.damaged(*route):
            return None
        if not (self._roots_known(text, route) if domain == "path" else self._no_roots(text, route)):
            return None
        try:
            return parse(domain, text, self.names.roots)
        except PatternError as error:
            self.problem(route, error.message, error.help)
            return None

    def condition(self, text: str | None, route: Route) -> Condition | None:
        """The condition that the string at `route` says; None if there is no string."""
        if text is None or self.document.damaged(*route):
            return None
        try:
            return self.names.condition(text)
        except ConditionError as error:
            if not self._may_be_declared(text):
                span = self.document.inner_span(route, error.offset)
                self.report.add(span, error.message, error.help)
            return None

    def expanded(self, text: str, route: Route) -> str:
        """The string at `route` with its roots put in; as it is, if one of them is not known."""
        if not self._roots_known(text, route):
            return text
        return _ROOT.sub(lambda match: self.names.roots[match[1]], text)

    def known(
        self, word: str, known: Collection[str], what: str, route: Route, otherwise: str = "", table: str = ""
    ) -> bool:
        """Whether `word` is one of `known`; `otherwise` is the help where no name could be meant.

        `table` is the workspace's table that declares such names.
        """
        if word not in known and table not in self.names.unsure:
            self.problem(route, f"unknown {what} `{clip(word)}`", suggest(word, known) or otherwise)
        return word in known

    def _roots_known(self, text: str, route: Route) -> bool:
        unknown = [match for match in _ROOT.finditer(text) if match[1] not in self.names.roots]
        quiet = "roots" in self.names.unsure or self.document.damaged(*route)
        for match in () if quiet else unknown:
            span = self.document.inner_span(route, match.start(), len(match[0]))
            near = suggest(match[1], self.names.roots)
            self.report.add(span, f"unknown root `{clip(match[1])}`", near or "declare it under `[roots]`")
        return not unknown

    def _may_be_declared(self, text: str) -> bool:
        """Whether the condition uses a name whose declaration could not be read."""
        words = set(_WORD.findall(_STRING.sub("", text)))
        return "context" in self.names.unsure and not words <= {*self.names.variables, *RESERVED}

    def _no_roots(self, text: str, route: Route) -> bool:
        match = _ROOT.search(text)
        if match is not None:
            span = self.document.inner_span(route, match.start(), len(match[0]))
            self.report.add(span, "roots stand only in paths", "write what the root stands for")
        return match is None
