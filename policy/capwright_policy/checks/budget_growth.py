"""`budget-growth`: what the children of an agent may spend together stays within what it has itself (G1).

The budget of a `[[child]]` entry is what one agent that is started by it may use up, with all that this agent
starts in its turn. An agent of the entry's last level (`max_depth`) starts none; any other may start as many
as its own profile's entries say, one after another or at the same time. Nothing bounds the agent that a
person starts. So a chain of any length is held together by its links: each is held to the one above it.

Formula: for an entry with a budget, some number of levels and of children of each kind, as the entries allow,
and some amounts within the children's budgets have a sum above the entry's own. A child without a budget may
spend any amount. unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import z3

from capwright_policy import reference_spawns
from capwright_policy.booleans import Term, conj, disj
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.findings import Counterexample, Edit, Finding, Related, Verdict
from capwright_policy.proposals import key_edit, quoted
from capwright_policy.setting import Setting, find_profile
from capwright_registry.capability import Child, Profile
from capwright_registry.limits import BYTES, MILLISECONDS

_ID = "budget-growth"
_LEVELS = z3.Int("levels")
_UNITS: Mapping[str, Mapping[str, int]] = {"output": BYTES, "wall": MILLISECONDS}
_WORDS = {"calls": "calls", "output": "of output", "wall": "of wall time"}


@dataclass(frozen=True, slots=True)
class _Link:
    """Agents under `profile`, started by the entry `above` of `parent`, and the entries they start by."""

    parent: Profile
    above: Child
    profile: Profile

    @property
    def subject(self) -> str:
        return f"{self.parent.name}/{self.profile.name}"


def _claims(run: Run) -> Iterator[Claim]:
    for parent in run.setting.workspace.profiles:
        for above in parent.children:
            link = _Link(parent, above, find_profile(run.setting, above.profile))
            if above.budget and link.profile.children:
                yield from _unbounded(link)
                yield from _together(link)


def _unbounded(link: _Link) -> Iterator[Claim]:
    """Each kind of child by itself: what its entry does not bound, it may spend without end."""
    for number, child in enumerate(link.profile.children):
        missing = [key for key in link.above.budget if key not in child.budget]
        spent = disj(_exceeds(link, [(number, child)], key) for key in missing)
        yield Claim(link.subject, spent, _no_budget(link, number, child, missing))


def _together(link: _Link) -> Iterator[Claim]:
    """All kinds of children that have a budget of their own, against what there is."""
    for key in link.above.budget:
        bounded = [(n, child) for n, child in enumerate(link.profile.children) if key in child.budget]
        if bounded:
            yield Claim(link.subject, _exceeds(link, bounded, key), _too_much(link, bounded, key))


def _exceeds(link: _Link, children: Sequence[tuple[int, Child]], key: str) -> Term:
    terms: list[Term] = [_LEVELS >= 2, _LEVELS <= link.above.max_depth]
    spent: list[z3.ArithRef] = []
    for place, child in children:
        number, amount = z3.Int(f"number:{place}"), z3.Int(f"{key}:{place}")
        most = (
            amount <= number * child.budget[key]
            if key in child.budget
            else z3.Implies(number == 0, amount == 0)
        )
        terms += [number >= 0, number <= child.max_children, amount >= 0, most]
        spent.append(amount)
    return conj((*terms, z3.Sum(spent) > link.above.budget[key]))


def _no_budget(link: _Link, place: int, child: Child, missing: Sequence[str]) -> Finding:
    has = ", ".join(_amount(key, link.above.budget[key]) for key in missing)
    most = {key: max(1, _left(link, place, key) // child.max_children) for key in missing}
    said = ", ".join(f"{key} = {_written(key, value)}" for key, value in most.items())
    fits = all(_left(link, place, key) >= child.max_children for key in missing)
    return Finding(
        _ID,
        Verdict.REFUTED,
        link.subject,
        f"nothing bounds what a child `{child.profile}` may spend, and its parent "
        f"`{link.profile.name}` has {has}",
        child.span,
        (_above(link),),
        _counterexample(link, child, missing[0] if missing else ""),
        f"give the child a budget, such as `budget = {{ {said} }}`",
        _budget_edit(link.profile, place, child, said) if fits else (),
    )


def _left(link: _Link, place: int, key: str) -> int:
    """What the budget above leaves to the entry at `place`, once all other children have spent theirs."""
    others = (c for n, c in enumerate(link.profile.children) if n != place)
    return link.above.budget[key] - sum(c.max_children * c.budget.get(key, 0) for c in others)


def _budget_edit(profile: Profile, place: int, child: Child, said: str) -> tuple[Edit, ...]:
    if not child.budget:
        text = f"budget = {{ {said} }}"
        return (key_edit(profile.document, ("child", place), "profile", text),)
    return (key_edit(profile.document, ("child", place, "budget"), next(iter(child.budget)), said),)


def _too_much(link: _Link, children: Sequence[tuple[int, Child]], key: str) -> Finding:
    place, child = max(children, key=lambda one: one[1].max_children * one[1].budget[key])
    total = sum(c.max_children * c.budget[key] for _, c in children)
    told = " and ".join(
        f"{c.max_children} `{c.profile}` of {_amount(key, c.budget[key])}" for _, c in children
    )
    span = link.profile.document.span("child", place, "budget", key)
    has = link.above.budget[key]
    help_, edits = _mend(link, place, child, key)
    return Finding(
        _ID,
        Verdict.REFUTED,
        link.subject,
        f"the children of `{link.profile.name}` may spend {_amount(key, total)} together ({told}), "
        f"and it has {_amount(key, has)}",
        span,
        (_above(link),),
        _counterexample(link, child, key),
        help_,
        edits,
    )


def _mend(link: _Link, place: int, child: Child, key: str) -> tuple[str, tuple[Edit, ...]]:
    """Less for the child that spends most; an entry that is its own parent would shrink along with itself."""
    left = _left(link, place, key) // child.max_children
    if child is link.above:
        alone = "`max_children = 1`, with no other child" if child.max_children > 1 else "no other child"
        return f"an agent that hands all that it has to its own kind needs {alone}; or `max_depth = 1`", ()
    if left <= 0:
        return f"start fewer children, or give `{link.profile.name}` more", ()
    less = f"give `{child.profile}` {_amount(key, left)} or less, or start fewer"
    span = link.profile.document.span("child", place, "budget", key)
    return f"{less}; or give `{link.profile.name}` more", (Edit(span, _written(key, left)),)


def _above(link: _Link) -> Related:
    return Related(link.above.span, f"what `{link.parent.name}` gives `{link.profile.name}` is here")


def _amount(key: str, number: int) -> str:
    return f"{_written(key, number).strip(chr(34))} {_WORDS[key]}"


def _written(key: str, number: int) -> str:
    """The amount as a document writes it, in the largest unit that it is a whole number of."""
    units = _UNITS.get(key)
    if units is None:
        return str(number)
    unit = [name for name, size in units.items() if number % size == 0][-1]
    return quoted(f"{number // units[unit]}{unit}")


def _counterexample(link: _Link, child: Child, key: str) -> Counterexample:
    names = (link.parent.name, link.profile.name, child.profile)
    chain = (*(f"agent:{name}" for name in names), f"effect:{key}")
    return Counterexample(link.profile.name, None, "agent.spawn", child.profile, {}, chain)


def _replay(setting: Setting, found: Counterexample) -> bool:
    parent, child, grandchild, key = (name.partition(":")[2] for name in found.chain)
    return reference_spawns.overspends(setting, parent, child, grandchild, key)


CHECK = claim_check(
    _ID, "G1", "what an agent's children may spend together stays within its own budget", _claims, _replay
)
