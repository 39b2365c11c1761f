"""Deliberate bugs in what is said of other clients' files, for `tests/policy/test_mutants.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from capwright_policy import client_routes
from capwright_policy.checks import uncovered_path
from capwright_policy.client_routes import ClientRoute
from capwright_registry.clients.reading import ClientFile

Patch = pytest.MonkeyPatch
_ID = "uncovered-path"


def every_key_loads_something(patch: Patch) -> None:
    real = client_routes.client_routes

    def routes(file: ClientFile) -> Iterator[ClientRoute]:
        yield from real(file)
        yield from (ClientRoute(file, "server", (name,), "") for name in file.content or ())

    patch.setattr(uncovered_path, "client_routes", routes)


def subagents_load_nothing(patch: Patch) -> None:
    patch.setattr(client_routes, "_loads", lambda key, item: key.kind != "subagent" and bool(item))


def files_of_folders_load_nothing(patch: Patch) -> None:
    real = client_routes.client_routes
    patch.setattr(
        uncovered_path, "client_routes", lambda file: real(file) if file.content is not None else ()
    )


FALSE_ALARMS: tuple[tuple[Callable[[Patch], None], str], ...] = ((every_key_loads_something, _ID),)
BUGS: tuple[tuple[Callable[[Patch], None], str], ...] = (
    (subagents_load_nothing, _ID),
    (files_of_folders_load_nothing, _ID),
)
