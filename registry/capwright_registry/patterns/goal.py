"""What a search looks for, said by labels: which of them a resource must not have, or only beside another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """No label of `never`, and none of `forbidden` without the one that it maps to, its exceptions' label.

    Labels are single bits, masks of them whole numbers; 0 stands for no exceptions.
    """

    never: int
    forbidden: Mapping[int, int]

    def holds(self, label: int) -> bool:
        """Whether a resource with exactly these labels is what is looked for."""
        if label & self.never:
            return False
        return all(label & self.forbidden[on] for on in _single(label) if on in self.forbidden)

    def relevant(self, certain: int, possible: int) -> int | None:
        """The labels that still matter where `certain` will hold and none but `possible` can.

        None where nothing can be found any more.
        """
        if certain & self.never:
            return None
        mask = possible & self.never
        for on in _single(possible):
            if on not in self.forbidden:
                continue
            except_ = self.forbidden[on]
            if certain & except_:
                # Never in this region; but the label must go on saying so beside a live `on`.
                mask |= certain & except_
            elif certain & on and not possible & except_:
                return None
            else:
                mask |= on | except_
        return mask


def _single(mask: int) -> Iterator[int]:
    """The bits of a mask, the lowest first."""
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
