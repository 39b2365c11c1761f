"""Names as people type them: a profile, a plugin or a tool, in full or as short as is clear."""

from __future__ import annotations

from collections.abc import Collection

from capwright_registry.errors import InputError, Problem
from capwright_registry.spans import Span
from capwright_registry.suggest import clip, suggest


def known_name(kind: str, name: str, known: Collection[str]) -> str:
    """`name`, if it is known. Raises `InputError` with a did-you-mean otherwise."""
    if name in known:
        return name
    raise unknown(kind, name, known)


def unknown(kind: str, name: str, known: Collection[str]) -> InputError:
    """What to raise for a name that is none of the known ones."""
    return InputError([Problem(f"unknown {kind} `{clip(name)}`", Span(""), suggest(name, known))])


def fitting(name: str, known: Collection[str]) -> list[str]:
    """The identities that `name` may be, with or without its tier."""
    if name in known:
        return [name]
    return sorted(identity for identity in known if identity.partition(":")[2] == name)


def full_identity(kind: str, name: str, known: Collection[str]) -> str:
    """The identity (`project:acme.notes`) that `name` is, with or without its tier.

    Raises `InputError` where it is none of the known ones, or two of them without their tiers.
    """
    fits = fitting(name, known)
    if len(fits) > 1:
        listed = ", ".join(f"`{identity}`" for identity in fits)
        raise InputError([Problem(f"`{clip(name)}` is not one {kind}", Span(""), f"write one of {listed}")])
    return fits[0] if fits else known_name(kind, name, known)
