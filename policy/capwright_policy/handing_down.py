"""Tools that an agent may call and those above it may not let it: the part of `spawn-amplifies` on rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from capwright_policy import reference_spawns
from capwright_policy.booleans import Term, conj, disj, lift, neg
from capwright_policy.checks.base import Run
from capwright_policy.contexts import Contexts
from capwright_policy.descents import Descent, descents, has_tool, may_call, may_hand_down
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.rule_edits import add_rules, rule
from capwright_policy.setting import Setting
from capwright_policy.solver import Answer, Sat, Undecided, Unsat
from capwright_registry.capability import Permission, Profile, Tool
from capwright_registry.patterns import matches, parse
from capwright_registry.spans import Span


@dataclass(frozen=True, slots=True)
class _Case:
    """One tool of the agent at the end of a way down, and when it may call it and the first may not."""

    descent: Descent
    tool: Tool
    broken: Term

    @property
    def subject(self) -> str:
        return f"{self.descent.way[0].name}/{self.descent.way[-1].name}"


@dataclass(slots=True)
class _Terms:
    """When an agent may call a tool, so many levels down: made once for tools under the same rules."""

    contexts: Contexts
    _made: dict[tuple[str, tuple[int, ...], int], Term] = field(default_factory=dict)
    _rules: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def may(self, profile: Profile, tool: str, levels: int) -> Term:
        place = profile.name, tool
        if place not in self._rules:
            hits = (n for n, p in enumerate(profile.permissions) if matches(p.pattern, tool))
            self._rules[place] = tuple(hits)
        key = profile.name, self._rules[place], levels
        if key not in self._made:
            self._made[key] = may_call(profile, tool, self.contexts.below(levels))
        return self._made[key]

    def may_hand_down(self, profile: Profile, tool: str) -> Term:
        own = has_tool(profile, tool)
        return self.may(profile, tool, 0) if own else may_hand_down(profile, tool, self.contexts.own)


def decide_tools(check: str, run: Run) -> Iterator[tuple[str, list[Finding]]]:
    """By subject (`ANCESTOR/AGENT`), for each way down to an agent that has tools: what is wrong with them.

    All are first asked about as one. Where the solver fails at that, none is proved any more.
    """
    ways = [cases for cases in _ways(run) if cases]
    if not ways:
        return
    broken = {
        (lift(c.broken).get_id(), c.descent.levels): _in_domain(run, c) for cases in ways for c in cases
    }
    together = run.solver.check(run.contexts.domain(), lift(disj(broken.values())))
    for cases in ways:
        yield cases[0].subject, [f for case in cases for f in _decide(check, run, case, together)]


def _ways(run: Run) -> Iterator[list[_Case]]:
    terms = _Terms(run.contexts)
    for profile in run.setting.workspace.profiles:
        for descent in descents(run.setting, profile):
            yield [
                _case(terms, descent, tool) for grant in descent.way[-1].grants for tool in grant.plugin.tools
            ]


def _case(terms: _Terms, descent: Descent, tool: Tool) -> _Case:
    may = terms.may(descent.way[-1], tool.identity, descent.levels)
    return _Case(descent, tool, conj((may, neg(terms.may_hand_down(descent.way[0], tool.identity)))))


def _in_domain(run: Run, case: _Case) -> Term:
    domain = run.contexts.below(case.descent.levels).symbols.domain
    return False if case.broken is False else conj((domain, case.broken))


def _decide(check: str, run: Run, case: _Case, together: Answer) -> Iterator[Finding]:
    if isinstance(together, Unsat) or (case.broken is False and isinstance(together, Sat)):
        return
    answer = run.solver.check(run.contexts.domain(), lift(_in_domain(run, case)))
    failed = next((a for a in (answer, together) if isinstance(a, Undecided)), None)
    if isinstance(answer, Sat):
        yield _finding(check, run, case, answer)
    elif failed is not None:
        yield Finding(check, Verdict.UNKNOWN, case.subject, failed.reason, _span(case))


def _finding(check: str, run: Run, case: _Case, answer: Sat) -> Finding:
    way, tool = case.descent.way, case.tool.identity
    first, last = way[0], way[-1]
    above = f"its parent `{first.name}`"
    above = above if case.descent.levels == 1 else f"`{first.name}`, {case.descent.levels} levels above,"
    had = has_tool(first, tool)
    lacks = f"where {above} may not" if had else f"which {above} has not and may not hand down"
    own = run.contexts.decode(answer.model)
    depth = own["depth"]
    context = {**own, "depth": depth + case.descent.levels} if isinstance(depth, int) else own
    word = _stricter(run, case) if had else "deny"
    return Finding(
        check,
        Verdict.REFUTED,
        case.subject,
        f"`{last.name}` may call `{tool}`{'' if had else ','} {lacks}",
        _span(case),
        (Related(_place(first, tool), f"what `{first.name}` may call or hand down is decided here"),),
        Counterexample(last.name, None, "tool.call", tool, context, case.descent.chain),
        f"have the rules of `{last.name}` {word} it" + ("" if had else _or_hand_down(first)),
        add_rules(last, (rule(tool, word.partition(" ")[0]),)),
    )


def _or_hand_down(first: Profile) -> str:
    return f"; or add `tool.call` on it to what `{first.name}` may delegate"


def _stricter(run: Run, case: _Case) -> str:
    """What a rule must do so that the last agent's calls are no freer: ask for them, or else deny them."""
    last, tool = case.descent.way[-1], case.tool
    ask = Permission(parse("name", tool.identity), "ask", None, last.span)
    asking = replace(last, permissions=(*last.permissions, ask))
    below = run.contexts.below(case.descent.levels)
    may = may_call(asking, tool.identity, below)
    let = may_hand_down(case.descent.way[0], tool.identity, run.contexts.own)
    freer = lift(conj((below.symbols.domain, may, neg(let))))
    return "ask for" if isinstance(run.solver.check(run.contexts.domain(), freer), Unsat) else "deny"


def _span(case: _Case) -> Span:
    return _place(case.descent.way[-1], case.tool.identity)


def _place(profile: Profile, tool: str) -> Span:
    """The rule that lets the tool be called, else one about it, else where the rules stand."""
    hits = sorted(
        (p for p in profile.permissions if matches(p.pattern, tool)),
        key=lambda p: ("allow", "ask", "deny").index(p.action),
    )
    return next((p.span for p in hits), profile.span)


def replay_tool(setting: Setting, found: Counterexample) -> bool:
    """Whether the agent at the end of the chain may call the tool, and the first may not let it."""
    way = [name.partition(":")[2] for name in found.chain]
    return reference_spawns.calls_more(setting, way, found.resource, found.context)
