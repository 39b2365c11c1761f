"""Loading a workspace: every document found, read, understood, and every problem of them told at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from capwright_registry.capability import InputRole, Plugin, Profile, Source, Workspace
from capwright_registry.clients.reading import read_clients
from capwright_registry.documents.document import Document
from capwright_registry.documents.load import Loaded, load_document
from capwright_registry.documents.plugin import PluginDoc
from capwright_registry.documents.profile import ProfileDoc
from capwright_registry.documents.workspace import WorkspaceDoc
from capwright_registry.errors import InputError, InternalError, Problem
from capwright_registry.inputs import Inputs
from capwright_registry.report import Report
from capwright_registry.resolve.extends import apply_extends
from capwright_registry.resolve.plugin import Manifest, resolve_plugin
from capwright_registry.resolve.profile import Registered, resolve_profile
from capwright_registry.resolve.roots import unfit_folder
from capwright_registry.resolve.workspace import Shared, resolve_workspace
from capwright_registry.sources import MANIFEST, Finder
from capwright_registry.spans import Span

WORKSPACE_FILE = "capwright.toml"
Model = TypeVar("Model", bound=BaseModel)

__all__ = ["WORKSPACE_FILE", "Workspace", "load_workspace"]


def load_workspace(path: Path, check_ids: Collection[str] | None = None) -> Workspace:
    """Load the workspace at `path`, a folder or its `capwright.toml`.

    `check_ids` are the findings that `[[accept]]` may name; None takes any. The result is consistent: every
    name resolves, every pattern and condition is parsed, every file is bound by the digest of what was read.
    Raises `InputError` with the problems of all documents. What does not validate is understood as far as it
    can be, for its other problems and for those of other documents; only where `capwright.toml` is no TOML
    are the others not looked at.
    """
    root = _root_of(path)
    report = Report()
    loader = _Loader(Inputs(root, report), report)
    document = loader.document(root / WORKSPACE_FILE, "workspace", WorkspaceDoc).found
    if document is None:
        report.raise_if_any()
        raise InternalError("a document that could not be read left no problem")
    shared = resolve_workspace(document, root, check_ids, report)
    finder = Finder(document, root, shared, loader.inputs, report)
    noted = report.count
    sources = finder.sources()
    folders = [(source, folder) for source in sources for folder in finder.plugin_folders(source)]
    if report.count > noted:  # whatever was not found may hold the plugins that profiles name
        shared = shared.unsure_of("source")
    manifests = [found for place in folders for found in _manifest(loader, *place)]
    plugins = tuple(resolve_plugin(m.found, shared, loader.inputs, report) for m in manifests if m.found)
    profiles = _profiles(loader, finder, shared, plugins, {i for m in manifests for i in m.identities})
    clients, client_listing = read_clients(root, loader.inputs, report)
    report.raise_if_any()
    _require_whole(document, *(p.document for p in plugins), *(p.document for p in profiles))
    return Workspace(
        root=root,
        name=document.model.name,
        document=document,
        roots=shared.names.roots,
        api=shared.api,
        mediators=document.model.host.mediators,
        sources=sources,
        ceilings=shared.ceilings,
        variables=shared.names.variables,
        accepts=shared.accepts,
        plugins=plugins,
        profiles=profiles,
        inputs=loader.inputs.files,
        listings=loader.inputs.listings,
        flow=shared.flow,
        clients=clients,
        client_listing=client_listing,
    )


@dataclass(frozen=True)
class _Found:
    """A folder with a manifest, as far as it could be read, and the identities that it may mean."""

    found: Manifest | None
    identities: frozenset[str]


@dataclass(frozen=True)
class _Loader:
    inputs: Inputs
    report: Report

    def document(
        self, path: Path, role: InputRole, model: type[Model], *, required: bool = True
    ) -> Loaded[Model]:
        """Read and validate one document; its problems are noted."""
        content = self.inputs.document(path, role, required=required)
        if content is None:
            return Loaded(None, (), {})
        loaded = load_document(content.data, self.inputs.shown(path), model)
        self.report.extend(loaded.problems)
        return loaded


def _root_of(path: Path) -> Path:
    """The workspace's folder, absolute, with the links above it resolved."""
    folder = path.parent if path.name == WORKSPACE_FILE and not path.is_dir() else path
    try:
        root = Path(os.path.realpath(folder, strict=True))
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno or 0).lower() if isinstance(error, OSError) else "not a path"
        raise _no_workspace(path, f"cannot be opened: {reason}") from error
    if not root.is_dir():
        raise _no_workspace(path, f"is neither a folder nor a `{WORKSPACE_FILE}`")
    unfit = unfit_folder(root)
    if unfit:  # each pattern with a root would say so again
        message = f"no pattern can name what is in the workspace: {unfit}"
        raise InputError([Problem(message, Span(str(path)), "rename the folder, or move the workspace")])
    return root


def _no_workspace(path: Path, reason: str) -> InputError:
    help_text = f"give the folder that holds `{WORKSPACE_FILE}`"
    return InputError([Problem(f"`{path}` {reason}", Span(str(path)), help_text)])


def _require_whole(*documents: Document[Any]) -> None:
    """Raise `InternalError` for a document that is only what remains of one: nothing is loaded from that."""
    if any(document.damage for document in documents):
        raise InternalError("a document that could not be read left no problem")


def _manifest(loader: _Loader, source: Source, folder: Path) -> Iterator[_Found]:
    problems = loader.report.count
    loaded = loader.document(folder / MANIFEST, "plugin", PluginDoc, required=False)
    found = loaded.found
    manifest = None if found is None else Manifest(found, source.tier, folder)
    if found is not None or loader.report.count > problems:
        names = _names(folder.name, found, "id", loaded)
        yield _Found(manifest, frozenset(f"{source.tier}:{name}" for name in names))


def _names(file: str, found: Document[Any] | None, key: str, loaded: Loaded[Any]) -> set[str]:
    """The name that a document has under `key`; all that it may have meant, if that could not be read."""
    if found is not None and not found.damaged(key):
        return {getattr(found.model, key)}
    declared = loaded.data.get(key)
    return {file, declared} if isinstance(declared, str) else {file}


def _profiles(
    loader: _Loader, finder: Finder, shared: Shared, plugins: tuple[Plugin, ...], identities: set[str]
) -> tuple[Profile, ...]:
    documents: list[Document[ProfileDoc]] = []
    names: set[str] = set()
    files: dict[str, str] = {}
    for path in finder.profile_files():
        loaded = loader.document(path, "profile", ProfileDoc)
        names |= _names(path.stem, loaded.found, "name", loaded)
        if loaded.found is not None and not _is_second(loaded.found, files, loader.report):
            documents.append(loaded.found)
    by_identity: dict[str, Plugin] = {}
    for plugin in plugins:
        by_identity.setdefault(plugin.identity, plugin)
    registered = Registered(by_identity, identities, names)
    own = [resolve_profile(document, shared, registered, loader.report) for document in documents]
    return apply_extends(own, names, loader.report)


def _is_second(document: Document[ProfileDoc], files: dict[str, str], report: Report) -> bool:
    """Whether one of `files` (by name) has the profile's name already, which is noted; else it is added."""
    name = document.model.name
    if document.damaged("name") or files.setdefault(name, document.file) == document.file:
        return False
    message = f"there is another profile `{name}`, in `{files[name]}`"
    report.add(document.span("name"), message, "rename one of them")
    return True
