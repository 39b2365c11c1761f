"""The host policy: what stands above every workspace, from a file outside of it or built in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from capwright_registry import built_in_policy
from capwright_registry.capability import HostPolicy
from capwright_registry.conditions import BUILTIN_CONTEXT
from capwright_registry.documents.document import Document
from capwright_registry.documents.host import HostDoc, HostPermissionsDoc
from capwright_registry.documents.load import load_document
from capwright_registry.errors import InputError, Problem
from capwright_registry.files import DOCUMENT_LIMIT, Content, UnreadableError, content_of, read_beneath
from capwright_registry.folding import fold_capabilities
from capwright_registry.report import Report
from capwright_registry.resolve.capabilities import read_plain
from capwright_registry.resolve.permissions import read_rules
from capwright_registry.resolve.reading import Names, Reading
from capwright_registry.resolve.roots import WORKSPACE_ROOT, read_roots
from capwright_registry.resolve.versions import read_version
from capwright_registry.spans import Span
from capwright_registry.vocabulary import MEDIATORS, TIERS

VARIABLE = "CAPWRIGHT_HOST_POLICY"


def load_host_policy(
    root: Path, environ: Mapping[str, str], check_ids: Collection[str] | None = None
) -> HostPolicy:
    """The host policy over the workspace at `root` (absolute, real: `Workspace.root`).

    The file is `$CAPWRIGHT_HOST_POLICY`, else `capwright/host.toml` in `$XDG_CONFIG_HOME` or `~/.config`,
    where it may be missing; then the built-in policy holds. Its `${workspace}` is `root`, whatever the
    workspace's own document calls by that name. Raises `InputError` with every problem of the file, and for
    a file that lies inside the workspace, which may not govern itself.
    """
    path = _policy_file(environ)
    if path is None:
        return _resolved(
            content_of(built_in_policy.text().encode()), built_in_policy.NAME, root, root, check_ids
        )
    return _resolved(_read(path, root), str(path), path.parent, root, check_ids)


def _policy_file(environ: Mapping[str, str]) -> Path | None:
    """The file that holds the policy; None where the user has none. A file that is named must be there."""
    named = environ.get(VARIABLE)
    if named:
        return Path(os.path.abspath(named))  # noqa: PTH100 - not resolved, so that messages show what was named
    config = environ.get("XDG_CONFIG_HOME") or ""
    if not config.startswith("/"):  # the XDG base directory specification: relative ones are ignored
        home = environ.get("HOME") or ""
        config = f"{home}/.config" if home.startswith("/") else ""
    path = Path(config) / "capwright" / "host.toml"
    return path if config and os.path.lexists(path) else None


def _read(path: Path, root: Path) -> Content:
    # Links are followed: it is the user's own configuration, and often kept elsewhere and linked.
    try:
        real = Path(os.path.realpath(path, strict=True))
    except OSError as error:
        raise _refused(path, f"cannot be opened: {os.strerror(error.errno or 0).lower()}") from error
    if real.is_relative_to(root):
        raise _refused(path, "lies inside the workspace, which may not govern itself")
    try:
        return read_beneath(real.parent, PurePosixPath(real.name), DOCUMENT_LIMIT)
    except UnreadableError as error:
        raise _refused(path, error.reason, error.help) from error


def _refused(path: Path, reason: str, help_text: str = "") -> InputError:
    default = f"correct the path in `{VARIABLE}`, or the file"
    return InputError([Problem(f"the host policy `{path}` {reason}", Span(str(path)), help_text or default)])


def _resolved(
    content: Content, source: str, folder: Path, root: Path, check_ids: Collection[str] | None
) -> HostPolicy:
    loaded = load_document(content.data, source, HostDoc)
    document = loaded.found
    if document is None:
        raise InputError(loaded.problems)
    model, report = document.model, Report()
    report.extend(loaded.problems)
    roots = _roots(document, folder, root, report)
    unsure = document.damaged("roots") or not model.roots.keys() <= roots.keys()
    reading = Reading(document, Names(roots, BUILTIN_CONTEXT, frozenset({"roots"} if unsure else ())), report)
    _check_names(reading, check_ids)
    folds = model.case == "folding"
    ceilings = {t: read_plain(reading, doc.allow, "ceiling", t, "allow") for t, doc in model.ceiling.items()}
    if folds:
        ceilings = {tier: fold_capabilities(ceiling) for tier, ceiling in ceilings.items()}
    api = read_version(reading, model.api, ("api",))
    permissions = model.permissions or HostPermissionsDoc()
    rules = read_rules(reading, permissions.rules)
    report.raise_if_any()
    return HostPolicy(
        ceilings={tier: ceilings.get(tier, ()) for tier in TIERS},
        mediators=model.mediators,
        accepted={tier: frozenset(model.accepted.get(tier, ())) for tier in TIERS},
        api=api,
        source=source,
        sha256=content.sha256,
        folds_case=folds,
        permissions=rules,
        permission_default=permissions.default,
    )


def _roots(document: Document[HostDoc], folder: Path, root: Path, report: Report) -> dict[str, str]:
    declared = dict(document.model.roots)
    if declared.pop(WORKSPACE_ROOT, None) is not None:
        span = document.key_span("roots", WORKSPACE_ROOT)
        report.add(span, f"`{WORKSPACE_ROOT}` stands for each workspace's own folder", "use another name")
    return read_roots(document, declared, folder, report) | {WORKSPACE_ROOT: str(root)}


def _check_names(reading: Reading, check_ids: Collection[str] | None) -> None:
    model = reading.document.model
    for number, mediator in enumerate(model.mediators):
        reading.known(mediator, MEDIATORS, "mediator", ("mediators", number))
    for tier, findings in model.accepted.items():
        for number, finding in enumerate(findings if check_ids is not None else ()):
            reading.known(finding, check_ids or (), "check", ("accepted", tier, number))
