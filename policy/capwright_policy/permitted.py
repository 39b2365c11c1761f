"""Which tools an agent's own permission rules let it call, as formulas and context by context."""

from __future__ import annotations

from capwright_policy.booleans import Term, conj, disj, neg
from capwright_policy.conditions_z3 import Symbols, to_z3
from capwright_registry.capability import Permission, Profile
from capwright_registry.patterns import matches


def permitted(profile: Profile, tool: str, symbols: Symbols, *, asked: bool) -> Term:
    """When the agent may call the tool: deny beats ask beats allow, then the default.

    `asked`: whether a call that the user is asked for counts, which it does exactly when `approved`.
    """
    hits = [p for p in profile.permissions if matches(p.pattern, tool)]
    deny, ask, allow = (_some(hits, word, symbols) for word in ("deny", "ask", "allow"))
    approved: Term = conj((symbols.constant("approved"), asked))
    default: Term = {"allow": True, "ask": approved, "deny": False}[profile.default]
    return conj((neg(deny), disj((conj((ask, approved)), conj((neg(ask), disj((allow, default))))))))


def ever(profile: Profile, tool: str, *, asked: bool) -> bool:
    """Whether it may do so at all, conditions aside."""
    hits = [p for p in profile.permissions if matches(p.pattern, tool)]
    barring = ("deny",) if asked else ("deny", "ask")
    if any(p.action in barring and p.when is None for p in hits):
        return False
    freeing = ("ask", "allow") if asked else ("allow",)
    return profile.default in freeing or any(p.action in freeing for p in hits)


def _some(hits: list[Permission], word: str, symbols: Symbols) -> Term:
    return disj(True if p.when is None else to_z3(p.when.ast, symbols) for p in hits if p.action == word)
