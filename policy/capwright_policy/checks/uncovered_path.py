"""`uncovered-path`: nothing is loaded in the workspace's folder past the gate (G4).

Other clients that are started there read files of their own, by which they start servers, hooks, subagents
and programs. None of these is a plugin of the workspace: no grant bounds it, no mediator sees what it does,
and the proof says nothing of it. Which files those are, and which of their keys load something, is written in
`capwright_registry/clients/places.py`; each one that is there is read, and one that cannot be read is refused
before any check runs. What is not there is bound as absent.

Formula: some entry of a file that another client reads in the workspace's folder is one that it loads.
unsat iff the property holds.
"""

from __future__ import annotations

from collections.abc import Iterator

import z3

from capwright_policy import reference_clients as reference
from capwright_policy.accepts import accept_edit, accepts_for, may_accept
from capwright_policy.checks.base import Run
from capwright_policy.checks.syntactic import Claim, claim_check
from capwright_policy.client_routes import ClientRoute, client_routes, shown
from capwright_policy.findings import Counterexample, Edit, Finding, Verdict
from capwright_registry.clients.reading import ClientFile
from capwright_registry.spans import Span

_ID = "uncovered-path"
_ENTRY = z3.Int("entry")
_WHAT = {"program": "the program of"}
_INSTEAD = {"subagent": "a profile", "hook": "a hook of a declarative plugin"}


def _claims(run: Run) -> Iterator[Claim]:
    for file in run.setting.workspace.clients:
        routes = tuple(client_routes(file))
        for number, route in enumerate(routes):
            yield Claim(route.subject, _ENTRY == number, _finding(run, route))
        if not routes:
            yield Claim(shown(file.file), False, _nothing(file))


def _finding(run: Run, route: ClientRoute) -> Finding:
    client, file = route.file.place.client, shown(route.file.file)
    what = f"{_WHAT.get(route.kind, f'the {route.kind}')} `{route.name}`"
    where = f" from `{file}`" if route.route else ""
    chain = (f"client:{client}", f"file:{route.file.file}", *(f"key:{part}" for part in route.route))
    help_, edits = _mend(run, route)
    return Finding(
        _ID,
        Verdict.REFUTED,
        route.subject,
        f"{client} loads {what}{where}, past the gate: no grant bounds it, and no mediator sees it",
        route.file.span(*route.route),
        (),
        Counterexample("", None, "", "", {}, chain),
        help_,
        edits,
    )


def _mend(run: Run, route: ClientRoute) -> tuple[str, tuple[Edit, ...]]:
    """What to have in its place. To take it on is offered where that would count, its reason left open."""
    instead = f"remove it, and make it {_INSTEAD.get(route.kind, 'a plugin')} of this workspace"
    if not may_accept(run.setting, _ID, None):
        return f"{instead}; the host policy does not let this tier take it on by name", ()
    if accepts_for(run.setting, _ID, route.subject):
        return f"{instead}; or give the accept a new reason and end", ()
    told = "take on exactly this with an `[[accept]]`, whose reason is yours to write"
    return f"{instead}; or {told}", (accept_edit(run.setting, _ID, route.subject, run.today),)


def _nothing(file: ClientFile) -> Finding:
    """Never shown: no entry of the file is loaded."""
    return Finding(_ID, Verdict.REFUTED, file.file, f"`{shown(file.file)}` loads something", Span(file.file))


CHECK = claim_check(
    _ID, "G4", "nothing is loaded in the workspace's folder past the gate", _claims, reference.loads
)
