"""`dead-grant`: without the entry, the plugin's authority is the same in every context.

Formula, for an entry of a grant: some resource and context are within the entry, its exceptions set aside,
and within the request, the agent's scope and the ceilings, and in no other entry of the grant. A warning iff
unsat. Entries are gone through from the last to the first, and one that is warned of no longer counts for
those before it: all of them can be removed together. (What an entry's exceptions withhold is withheld on
purpose.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capwright_policy.authority import Authority, Layer, effective, granted
from capwright_policy.booleans import Term, conj, disj, neg
from capwright_policy.checks.base import Run
from capwright_policy.encoding import Encoder
from capwright_policy.findings import Note
from capwright_policy.setting import Holder, holders
from capwright_policy.spaces import Space, space_of
from capwright_policy.warnings.base import Warner, never, own
from capwright_registry.capability import Capability, CapabilityList
from capwright_registry.patterns import TooComplex

_CODE = "dead-grant"


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of resources: when all but the grant allows it, and which entries grant it."""

    rest: Term
    granting: frozenset[int]


def _found(run: Run) -> Iterator[Note]:
    for holder in holders(run.setting):
        layer = granted(holder)
        for action in layer.actions:
            entries = layer.of(action)
            if any(own(holder, entry) for entry in entries):
                yield from _of_action(run, holder, action, entries)


def _of_action(run: Run, holder: Holder, action: str, entries: CapabilityList) -> Iterator[Note]:
    authority = effective(run.setting, holder)
    above = tuple(layer for layer in authority.layers if layer.name != "granted")
    try:
        space = space_of(action, (authority,))
    except TooComplex:
        return
    encoder = Encoder(space, run.contexts.own)
    classes = _classes(space, encoder, entries, Authority(above))
    for number, by in reversed(_dead(run, holder, entries, classes)):
        why = (
            _covered([entries[n] for n in by])
            if by
            else _outside(run, holder, encoder, above, entries[number])
        )
        told = f"this `{action}` gives `{holder.plugin.identity}` nothing: {why}"
        yield Note(_CODE, holder.subject, told, entries[number].span, _help(by))


def _classes(space: Space, encoder: Encoder, entries: CapabilityList, above: Authority) -> list[list[_Class]]:
    """By entry, the classes of resources that it names, its exceptions set aside."""
    named_by: dict[int, list[int]] = {}
    for number, entry in enumerate(entries):
        named_by.setdefault(space.index[entry.on], []).append(number)
    withheld_in = [space.index[entry.except_] for entry in entries]
    found: list[list[_Class]] = [[] for _ in entries]
    for atom in space.atoms:
        naming = [n for index in atom.members for n in named_by.get(index, ())]
        rest = encoder.within(above, atom) if naming else False
        if rest is not False:
            granting = frozenset(n for n in naming if withheld_in[n] not in atom.members)
            for number in naming:
                found[number].append(_Class(rest, granting))
    return found


def _dead(
    run: Run, holder: Holder, entries: CapabilityList, classes: Sequence[Sequence[_Class]]
) -> list[tuple[int, tuple[int, ...]]]:
    """The entries that add nothing, the last first, each with those that have what would be left of it."""
    guards = [run.contexts.own.guard(entry) for entry in entries]
    gone: set[int] = set()
    found: list[tuple[int, tuple[int, ...]]] = []
    for number in reversed(range(len(entries))):
        if not own(holder, entries[number]):
            continue
        adds = disj(
            conj((guards[number], one.rest, neg(disj(guards[n] for n in one.granting - gone - {number}))))
            for one in classes[number]
        )
        if never(run, adds) and not never(run, guards[number]):  # of one that never holds, others speak
            gone.add(number)
            left = disj(conj((guards[number], one.rest)) for one in classes[number])
            by = {n for one in classes[number] for n in one.granting - gone}
            found.append((number, () if never(run, left) else tuple(sorted(by))))
    return found


def _covered(by: Sequence[Capability]) -> str:
    more = f" and {len(by) - 1} more" if len(by) > 1 else ""
    return f"what is left of it within the request, the scope and the ceilings, {by[0].span}{more} grants"


def _outside(run: Run, holder: Holder, encoder: Encoder, above: Sequence[Layer], entry: Capability) -> str:
    guard = run.contexts.own.guard(entry)
    open_handed = encoder.space.index[entry.on]
    atoms = [atom for atom in encoder.space.atoms if open_handed in atom.members]
    for layer in above:
        if never(run, disj(conj((guard, encoder.within(Authority((layer,)), atom))) for atom in atoms)):
            return f"{_name(holder, layer)} has nothing of it in any context"
    return "the request, the scope and the ceilings have nothing of it in common"


def _name(holder: Holder, layer: Layer) -> str:
    names = {
        "requested": "what its manifest asks for",
        "scope": f"the scope of `{holder.profile.name}`",
        "ceiling": f"the ceiling of tier `{holder.plugin.tier}`",
    }
    return names.get(layer.name, "the host policy")


def _help(by: Sequence[int]) -> str:
    return "remove it" if by else "remove it; or mend its patterns, if it was meant to be within that"


WARNING = Warner(_CODE, "every entry of a grant gives the plugin something", _found)
