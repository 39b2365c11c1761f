"""Step 11 of the proof checker: each plugin is the one that the manifest in its folder describes.

The host believes a tier of a folder, for the sake of the manifest that the user put there. So what runs in a
plugin's name is compared with its manifest: file, command, limits, tools, hooks. Of what it asks for and is
granted `quotations.py` looks for the words; whose they are the proof is believed, since the host's ceiling
bounds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from capwright_registry.capability import HostPolicy
from capwright_runtimes.checker import Json, ProofRefused, World
from capwright_runtimes.confinement import shown_root
from capwright_runtimes.host_layer import tier_of
from capwright_runtimes.manifest_reading import read_roots, read_toml, table_of
from capwright_runtimes.proof_shape import comparable
from capwright_runtimes.quotations import Documents, check_quotations

_STEP: Final = 11


def check_manifests(
    families: Iterable[World], policy: HostPolicy, root: Path, documents: Mapping[str, bytes]
) -> None:
    """Raises `ProofRefused` (step 11) for a plugin's table that differs from its manifest.

    And for a sandbox that shows a root of the workspace only because it lies in a system folder, and for what
    a proof quotes of a document that does not say it.

    `documents` are the bytes of inputs, by path, that the digests were taken of. A hook's condition is parsed
    only for plugins of more than the tier `project`, since that takes a library: whoever writes a workspace's
    proof writes the manifests of its own plugins as well.
    """
    document = cache(lambda path: read_toml(documents[path]))
    roots = cache(lambda: read_roots(document("capwright.toml"), root))  # where it is needed
    read: dict[str, Json] = {}
    families = tuple(families)
    for world, subject in ((family, name) for family in families for name in family.holders):
        table = world.table(subject)
        path = f"{table['folder']}/plugin.toml"
        try:
            if path not in read:
                read[path] = table_of(document(path), table["folder"], lambda name: roots()[name])
            trusted = tier_of(world, subject, policy, root) != "project"
            context = world.proof["variables"] if trusted else None
            other = _difference(_stated(world, table), read[path], context)
            seen = shown_root(table["sandbox"], roots().values()) if table["sandbox"] is not None else None
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ProofRefused(_STEP, f"the manifest `{path}` is none of a plugin ({error!r})") from error
        if other is not None:
            raise ProofRefused(_STEP, f"`{other}` of `{subject}` is not what `{path}` says")
        if seen is not None:
            raise ProofRefused(_STEP, f"the sandbox of `{subject}` does not hide the root `{seen}`")
    check_quotations(families, Documents(document, roots, policy.folds_case))


def _stated(world: World, table: Json) -> dict[str, Any]:
    """What the proof says of the plugin, with patterns for the walks that decide them."""
    hooks = [_stated_hook(world, hook) for hook in table["hooks"]]
    files = {role: table[role] and table[role]["path"] for role in ("artifact", "pins")}
    return {**table, **files, "id": table["plugin"].partition(":")[2], "hooks": hooks}


def _stated_hook(world: World, hook: Json) -> dict[str, object]:
    arguments = [[given["pointer"], world.patterns[given["pattern"]]] for given in hook["arguments"]]
    source = hook["source"].rsplit(":", 2)[0]
    return {**hook, "match": world.patterns[hook["match"]], "arguments": arguments, "source": source}


def _difference(stated: Json, meant: Json, context: Json | None) -> str | None:
    """The first part that is not as meant; `context` has the variables where conditions are to be parsed."""
    known = {**meant, "version": _version(meant["version"], stated["version"])}
    if len(meant["hooks"]) == len(stated["hooks"]):
        pairs = zip(meant["hooks"], stated["hooks"], strict=True)
        known["hooks"] = [{**doc, "when": _when(doc["when"], hook["when"], context)} for doc, hook in pairs]
    return next((name for name in known if comparable(known[name]) != comparable(stated[name])), None)


def _version(text: str, stated: str) -> str:
    """A version in its normal form; the library is loaded only where it is not written so."""
    if text == stated:
        return text
    from packaging.version import Version

    return str(Version(text))


def _when(text: str | None, stated: object, context: Json | None) -> object:
    """The tree that a hook's condition means; without a context all that counts is whether there is one."""
    if text is None or stated is None:
        return text
    if context is None:
        return stated
    from capwright_registry.conditions import BUILTIN_CONTEXT, Variable, parse_condition

    own = {name: Variable(name, v["type"], tuple(v["values"])) for name, v in context.items()}
    return parse_condition(text, {**own, **BUILTIN_CONTEXT}).ast
