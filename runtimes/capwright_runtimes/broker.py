"""The broker of one call: the only way from a loaded tool to an effect.

Each effect goes through, in order: permission (the called tool declares the action; the resource lies under
the argument it was called with; every layer of the proof allows it), its mediator, its bound, history.
"""

from __future__ import annotations

from collections.abc import Mapping

from capwright_registry.decide import Decision
from capwright_runtimes.admission import Admission, require_admission
from capwright_runtimes.mediators import net_policy
from capwright_runtimes.mediators.history import History
from capwright_runtimes.mediators.permission import ToolCall, permit
from capwright_runtimes.mediators.scoped_fs import NO_SUCH_FILE, ScopedFs
from capwright_runtimes.records import effect_record
from capwright_runtimes.refusal import Denied, deny

MAX_ENV_BYTES = 64 * 1024
NOT_SET = "the variable is not set"


def is_absent(decision: Decision) -> bool:
    """Whether nobody refused the effect: it was allowed, and what it is on is not there.

    Only what is within the grant is looked for, so that this tells nothing about what lies outside of it.
    """
    found = (decision.layer, decision.reason)
    return found in (("scoped-fs", NO_SUCH_FILE), ("environment", NOT_SET))


class Broker:
    """Effects for one call of one tool. Raises `Denied` for each effect that may not happen.

    `environ` is what `env` reads from, given by the host (nothing is read from the process by itself). Every
    effect, allowed or not, is one history record; `denials` keeps the decisions that refused.
    """

    def __init__(
        self,
        admission: Admission,
        tool: str,
        arguments: Mapping[str, object],
        context: Mapping[str, object],
        *,
        history: History,
        files: ScopedFs,
        environ: Mapping[str, str],
    ) -> None:
        self.admission = require_admission(admission)
        self._call = ToolCall.of(admission, tool, arguments)
        self._context = dict(context)
        self._history = history
        self._files = files
        self._environ = environ
        self._denials: list[Decision] = []

    @property
    def denials(self) -> tuple[Decision, ...]:
        """The decisions that refused an effect of this call, in order."""
        return tuple(self._denials)

    def check(self, action: str, resource: str) -> Decision:
        """Whether the tool may cause this effect now. Recorded; a refusal is kept in `denials`.

        A network effect is refused by `net-policy` even where the proof allows it: see that mediator.
        """
        decision = permit(self.admission, self._call, action, resource, self._context)
        decision = net_policy.mediated(decision)
        self._record(decision, {})
        return decision

    def read_file(self, path: str) -> bytes:
        """The bytes of a regular file, whole. Raises `Denied`; a file over the limit is denied, never cut."""
        decision = self._require("fs.read", path)
        try:
            found = self._files.read(decision.resource)
        except Denied as error:
            self._record(error.decision, {})
            raise
        self._record(decision, {"bytes": len(found.data), "links": found.links})
        return found.data

    def list_dir(self, path: str) -> list[str]:
        """The names in a directory, sorted. Raises `Denied`.

        A name that the tool may not read is left out: `.env` is not shown where it is excepted.
        """
        decision = self._require("fs.read", path)
        try:
            names = self._files.list(decision.resource)
        except Denied as error:
            self._record(error.decision, {})
            raise
        seen = [name for name in names if self._may_read(decision.resource, name)]
        self._record(decision, {"names": len(seen), "hidden": len(names) - len(seen)})
        return seen

    def env(self, name: str) -> str:
        """The value of an environment variable that the host gives.

        Raises `Denied`, also when it is not set.
        """
        decision = self._require("env.read", name)
        value = self._environ.get(name)
        if value is None or len(value.encode(errors="surrogatepass")) > MAX_ENV_BYTES:
            told = NOT_SET if value is None else "the variable is longer than the limit"
            refusal = deny("env.read", decision.resource, "environment", told)
            self._record(refusal.decision, {})
            raise refusal
        self._record(decision, {})
        return value

    def _may_read(self, folder: str, name: str) -> bool:
        path = f"{folder.rstrip('/')}/{name}"
        return permit(self.admission, self._call, "fs.read", path, self._context).allowed

    def _require(self, action: str, resource: str) -> Decision:
        decision = permit(self.admission, self._call, action, resource, self._context)
        if not decision.allowed:
            self._record(decision, {})
            raise Denied(decision)
        return decision

    def _record(self, decision: Decision, facts: Mapping[str, object]) -> None:
        if not decision.allowed:
            self._denials.append(decision)
        self._history.append(effect_record(self.admission.plugin, self._call.name, decision, facts))
