"""`tier-precedence`: what is of a lower tier never outranks what is of a higher one (G2, G3).

A workspace comes out of a repository. Above it stand the host policy and the plugins that the user or the
host put beside it; the tier of a plugin is the one that the host believes (decision 7). Three ways to outrank
them:

- An agent calls a tool that the host's own permission rules deny, or without asking where they ask; or one of
  its plugins does.
- A plugin's hook rewrites calls of a tool of a higher tier.
- A profile lends a plugin what one of a higher tier may do, beyond the ceiling that the host has for the
  borrower's own tier: `deputy` takes a loan for the operator's word, and a workspace writes it.

That hooks of a higher tier have the last word is not asked: the host runs them last. Nor that a tier is what
it is called.

Formula: some agent, tool and context are such that the agent or a plugin of it calls the tool, and the host's
rules do not let it; or some hook, tool of a higher tier and context are such that the tool is called, and the
hook may rewrite the call; or some loan of a higher tier's plugin, effect and context are such that the effect
is within the lender's authority and the loan, and not within the ceiling of the borrower's tier.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from capwright_policy import reference_tiers
from capwright_policy.authority import Authority, Layer, effective
from capwright_policy.calls import covers
from capwright_policy.checks.base import Check, Obligation, Outcome, Run
from capwright_policy.compile import holder_node, hook_node, tool_node
from capwright_policy.findings import Counterexample, Finding, Related, Verdict
from capwright_policy.holding import FALSE, TRUE, Tree, names
from capwright_policy.made_up import made_up
from capwright_policy.narrowing import Place, leave_out, narrow
from capwright_policy.questions import Case, Exceeds, Included, Question, included
from capwright_policy.rewriting import EVENT, Rewrite, exactly, rewrites
from capwright_policy.rule_edits import add_rules, rule
from capwright_policy.setting import Holder, Setting, find_holder, holders, host_ceiling, origin
from capwright_policy.tiers import host_lets, host_withholds, outranks
from capwright_policy.when_called import called, permitted
from capwright_registry.capability import Capability, Tool
from capwright_registry.conditions import Condition
from capwright_registry.evaluate import evaluate
from capwright_registry.patterns import matches
from capwright_registry.spans import Span

_ID = "tier-precedence"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question, and what is found where it does not hold."""

    subject: str
    question: Question
    span: Span
    told: Callable[[Case], Finding]


def _asked(run: Run) -> Iterator[_Asked]:
    for holder in holders(run.setting):
        for tool in holder.plugin.tools:
            yield from _calls(run.setting, holder, tool)
        for rewrite in rewrites(run.setting, holder):
            if outranks(run.setting, rewrite.owner.plugin, holder.plugin):
                yield _rewrites(run.setting, rewrite)
        for loan in holder.grant.lend:
            yield from _lends(run, holder, loan)


def _run(run: Run) -> Outcome:
    obligations: list[Obligation] = []
    findings: list[Finding] = []
    for asked in _asked(run):
        obligations.append(Obligation(_ID, asked.subject, asked.question))
        outcome = included(asked.question, run.contexts, run.solver)
        if isinstance(outcome, Exceeds):
            findings.append(asked.told(outcome.case))
        elif not isinstance(outcome, Included):
            findings.append(Finding(_ID, Verdict.UNKNOWN, asked.subject, outcome.reason, asked.span))
    return Outcome(tuple(obligations), tuple(findings))


# Calls that the host's rules withhold


def _calls(setting: Setting, holder: Holder, tool: Tool) -> Iterator[_Asked]:
    """Is each call of the tool one that the host lets be made?"""
    lets, made = host_lets(setting, holder.plugin, tool), called(setting, holder.profile, tool)
    if lets == TRUE or made == FALSE:
        return
    inner, outer = (
        Authority((Layer(name, _while("tool.call", tool.identity, tree, tool.span)),))
        for name, tree in (("called", made), ("let by the host", lets))
    )
    subject = f"{holder.profile.name}/{tool.identity}"
    yield _Asked(
        subject, Question(inner, outer), tool.span, lambda case: _called(setting, holder, tool, case)
    )


def _called(setting: Setting, holder: Holder, tool: Tool, case: Case) -> Finding:
    profile, host = holder.profile, list(host_withholds(setting, holder.plugin, tool))
    own = evaluate(permitted(profile, tool), case.context)
    here = [r for r in host if r.when is None or evaluate(r.when.ast, case.context)]
    word = "denies" if any(r.action == "deny" for r in here) else "asks for" if here else "does not allow"
    who = f"`{profile.name}`" if own else f"a plugin of `{profile.name}`"
    default = setting.host.permission_default
    rules = [rule(tool.identity, r.action, r.when.text if r.when else "") for r in host]
    rules += [rule(tool.identity, default)] if default != "allow" else []
    chain = (f"agent:{profile.name}", str(tool_node(holder, tool)))
    return Finding(
        _ID,
        Verdict.REFUTED,
        f"{profile.name}/{tool.identity}",
        f"{who} calls `{tool.identity}` where the host policy {word} it",
        _freed(holder, tool) if own else holder.grant.span,
        tuple(Related(r.span, "the host's rule is here") for r in here),
        Counterexample(profile.name, None, case.action, case.resource, case.context, chain),
        "have the profile's rules say the same"
        if own
        else f"take `tool.call` on it out of what the plugins of `{profile.name}` are granted",
        add_rules(profile, rules) if own else (),
    )


def _freed(holder: Holder, tool: Tool) -> Span:
    """The rule by which the profile lets the tool be called, else where its rules stand."""
    profile = holder.profile
    freeing = (
        r.span for r in profile.permissions if r.action != "deny" and matches(r.pattern, tool.identity)
    )
    return next(freeing, profile.document.span("permissions", "default"))


# Rewrites of what is of a higher tier


def _rewrites(setting: Setting, rewrite: Rewrite) -> _Asked:
    """Is there no context in which the call is made and the hook may rewrite it?"""
    resource = f"{EVENT}/{rewrite.tool.identity}"
    made = _while("hook.rewrite", resource, rewrite.guard, rewrite.hook.span)
    question = Question(Authority((Layer("rewritten", made),)), Authority((Layer("left to it", ()),)))
    span = rewrite.holder.grant.span
    return _Asked(rewrite.holder.subject, question, span, lambda case: _rewritten(setting, rewrite, case))


def _rewritten(setting: Setting, rewrite: Rewrite, case: Case) -> Finding:
    holder, hook, tool = rewrite.holder, rewrite.hook, rewrite.tool
    low, high = origin(setting, holder.plugin), origin(setting, rewrite.owner.plugin)
    mine = [c for c in holder.grant.grant if c.action == case.action and covers(c, case.resource)]
    place = Place(setting, holder.profile.document.file)
    chain = (str(hook_node(holder, rewrite.number, hook)), str(tool_node(rewrite.owner, tool)))
    return Finding(
        _ID,
        Verdict.REFUTED,
        holder.subject,
        f"the hook `{hook.name}` of `{holder.plugin.identity}`, of tier `{low}`, rewrites calls of "
        f"`{tool.identity}`, of tier `{high}`",
        mine[0].span if mine else holder.grant.span,
        (Related(hook.span, "the hook is here"),),
        Counterexample(
            holder.profile.name, holder.plugin.identity, case.action, case.resource, case.context, chain
        ),
        f"take the tool out of the grant; or have the plugin among those of tier `{high}`, beside the host "
        "policy",
        tuple(edit for one in mine for edit in leave_out(place, one, (case.resource,))),
    )


# Loans of what is of a higher tier


def _lends(run: Run, lender: Holder, loan: Capability) -> Iterator[_Asked]:
    """Is what is lent within the ceiling that the host has for the borrower's tier?"""
    for borrower in run.setting.by_agent[lender.profile.name]:
        mine = borrower.plugin.identity == loan.to
        if mine and not loan.never and outranks(run.setting, lender.plugin, borrower.plugin):
            yield _Asked(
                borrower.subject,
                _within_ceiling(run.setting, lender, borrower, loan),
                loan.span,
                lambda case, borrower=borrower: _lent(run, lender, borrower, loan, case),  # type: ignore[misc]
            )


def _within_ceiling(setting: Setting, lender: Holder, borrower: Holder, loan: Capability) -> Question:
    inner = (*effective(setting, lender).layers, Layer("lent", (loan,)))
    return Question(Authority(inner), Authority((Layer("host", host_ceiling(setting, borrower)),)))


def _lent(run: Run, lender: Holder, borrower: Holder, loan: Capability, case: Case) -> Finding:
    setting, tier = run.setting, origin(run.setting, borrower.plugin)

    def fits(narrowed: Capability) -> bool:
        question = _within_ceiling(setting, lender, borrower, narrowed)
        return isinstance(included(question, run.contexts, run.solver), Included)

    above = host_ceiling(setting, borrower)
    place = Place(setting, lender.profile.document.file)
    mend = narrow(place, loan, above, f"the ceiling of tier `{tier}`", fits)
    chain = (str(holder_node(borrower)), str(holder_node(lender)), f"effect:{case.action}")
    return Finding(
        _ID,
        Verdict.REFUTED,
        borrower.subject,
        f"`{lender.plugin.identity}` lends `{borrower.plugin.identity}` `{case.action}` beyond the ceiling "
        f"of tier `{tier}`",
        loan.span,
        (),
        Counterexample(
            borrower.profile.name,
            borrower.plugin.identity,
            case.action,
            case.resource,
            case.context,
            chain,
        ),
        mend.help,
        mend.edits,
    )


def _while(action: str, resource: str, tree: Tree, span: Span) -> tuple[Capability, ...]:
    """The one effect while the tree holds; nothing where it never does."""
    when = None if tree == TRUE else Condition("", tree, names(tree))
    return () if tree == FALSE else (made_up(action, (exactly("name", resource),), span, when=when),)


def _replay(setting: Setting, found: Counterexample) -> bool:
    if found.plugin is None:
        return reference_tiers.calls_withheld(setting, found.agent, found.resource, found.context)
    holder = find_holder(setting, found.agent, found.plugin)
    if found.chain[0].startswith("hook:"):
        return reference_tiers.rewrites_higher(setting, holder, found.resource, found.context)
    return reference_tiers.borrows_beyond(setting, holder, found.action, found.resource, found.context)


CHECK = Check(_ID, "G2", "nothing of a lower tier outranks what is of a higher one", _run, _replay)
