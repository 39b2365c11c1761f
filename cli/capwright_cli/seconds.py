"""Seconds on the command line: a number that a clock can count to."""

from __future__ import annotations

import math
from typing import Final

import click

from capwright_registry.suggest import clip

MOST: Final = 86_400


def seconds(_: click.Context, __: click.Parameter, text: str) -> float:
    """The number that `text` says; a usage error unless it is finite, more than 0 and at most a day."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if 0 < number <= MOST:  # `nan` is neither
        return number
    raise click.BadParameter(f"write a number of seconds, more than 0 and at most {MOST}, not `{clip(text)}`")
