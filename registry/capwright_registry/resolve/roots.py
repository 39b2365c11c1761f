"""Roots: names for absolute real folders."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from capwright_registry.canonical import ResourceError, canonical
from capwright_registry.documents.document import Document
from capwright_registry.report import Report
from capwright_registry.spans import Span

WORKSPACE_ROOT = "workspace"


def read_roots(
    document: Document[object], roots: Mapping[str, str], root: Path, report: Report
) -> dict[str, str]:
    """The declared roots as absolute real paths; relative ones start at `root`.

    `workspace` is always there and never lies outside `root`: what is allowed below it is allowed by others.
    """
    found = {WORKSPACE_ROOT: str(root)}
    for name, text in roots.items():
        span = document.span("roots", name)
        real = real_folder(root / text, text, span, report)
        if real is None:
            continue
        if name == WORKSPACE_ROOT and not real.is_relative_to(root):
            message = f"the root `{WORKSPACE_ROOT}` must not lie outside the folder of `{document.file}`"
            report.add(span, message, 'write `"."`, and use another name for this folder')
            continue
        unfit = unfit_folder(real)
        if unfit:
            report.add(span, f"no pattern can name `{real}`: {unfit}", "rename the folder")
            continue
        found[name] = str(real)
    return found


def unfit_folder(path: Path) -> str:
    """Why no pattern can name what is below an absolute folder; empty if one can."""
    try:
        str(path).encode()
        canonical("path", str(path))
    except UnicodeEncodeError:
        return "its path is not UTF-8"
    except ResourceError as error:
        return str(error)
    return ""


def real_folder(path: Path, shown: str, span: Span, report: Report) -> Path | None:
    """`path` with every symbolic link resolved; None, with the problem noted, if it is no folder."""
    try:
        real = Path(os.path.realpath(path, strict=True))
    except OSError as error:
        reasons = {errno.ENOENT: "does not exist", errno.ELOOP: "is a loop of symbolic links"}
        reason = reasons.get(error.errno or 0, f"cannot be read: {os.strerror(error.errno or 0).lower()}")
        report.add(span, f"`{shown}` {reason}", "make the folder, or correct the path")
        return None
    if not real.is_dir():
        report.add(span, f"`{shown}` is not a folder", "make the folder, or correct the path")
        return None
    return real
