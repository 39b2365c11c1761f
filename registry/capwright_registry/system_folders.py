"""The folders that a process sandbox shows to every program, because no program starts without them."""

from __future__ import annotations

from typing import Final

SYSTEM_FOLDERS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
