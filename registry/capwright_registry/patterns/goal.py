"""What a search looks for, said by labels: which of them a resource must not have, or only beside another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """No label of `never`, and none of `forbidden` without the bit above it, the label of its exceptions.

    Masks of single bits throughout: thousands of regions are gone through in a few operations.
    """

    never: int
    forbidden: int

    def holds(self, label: int) -> bool:
        """Whether a resource with exactly these labels is what is looked for."""
        return not label & self.never and not label & ~(label >> 1) & self.forbidden

    def relevant(self, certain: int, possible: int) -> int | None:
        """The labels that still matter where `certain` will hold and none but `possible` can.

        None where nothing can be found any more.
        """
        if certain & self.never or certain & ~(possible >> 1) & self.forbidden:
            return None
        on = possible & self.forbidden
        excepted = (certain >> 1) & on
        live = on & ~excepted
        # Where an exception is certain, the label must go on saying so, beside an `on` that another keeps.
        return possible & self.never | live | live << 1 | excepted << 1
