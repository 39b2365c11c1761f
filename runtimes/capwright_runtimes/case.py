"""Whether a file system takes two spellings of one name for one file: asked of it, not of its name."""

from __future__ import annotations

import os
from pathlib import Path


def folds_case(folder: Path) -> bool:
    """Whether `folder`, or one that holds it, is found by its name in the other case too.

    Asks each folder on the way once: on Linux a single folder can fold while those around it do not.
    """
    return any(_found_otherwise(place) for place in (folder, *folder.parents))


def _found_otherwise(place: Path) -> bool:
    other = place.name.swapcase()
    if other == place.name:
        return False
    try:
        return os.path.samefile(place, place.parent / other)  # noqa: PTH121 - one call that raises for either
    except OSError:
        return False
