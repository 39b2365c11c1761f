"""What a component is linked to: the functions of `specs/wit/plugin.wit`, answered by the broker of one call.

A function is known by its interface's exact name and by its type. The engine's linker would accept a version
that is merely compatible, and a function of any type, so neither question is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from wasmtime import StoreContext, WasmtimeError
from wasmtime.component import Linker, Variant

from capwright_runtimes.broker import Broker
from capwright_runtimes.mediators import net_policy
from capwright_runtimes.refusal import Denied

MAX_ARGUMENT: Final = 64 * 1024  # characters: longer than any path, name or URL that a host could mean

Answer: TypeAlias = "bytes | list[str] | Variant | str"


@dataclass(frozen=True, slots=True)
class HostFunction:
    """One function: its type as `wasm_types.function_type` writes it, and the effect that it asks for.

    The type is `func(string) -> result<T, string>`; where T is text too, an answer must say which of the two
    it is (`tagged`).
    """

    type: str
    effect: Callable[[Broker, str], bytes | list[str] | str]

    @property
    def tagged(self) -> bool:
        """Whether an answer must say that it is one, and no error."""
        return self.type.endswith("result<string, string>")


@dataclass(slots=True)
class HostCall:
    """One call while it runs. `failure` is what went wrong on our side; the component is stopped by it."""

    broker: Broker
    failure: BaseException | None = None


def _read(broker: Broker, path: str) -> bytes:
    return broker.read_file(path)


def _read_text(broker: Broker, path: str) -> str:
    return broker.read_file(path).decode(errors="replace")


def _list_dir(broker: Broker, path: str) -> list[str]:
    return [_utf8(name) for name in broker.list_dir(path)]


def _get(broker: Broker, name: str) -> str:
    return _utf8(broker.env(name))


def _http_get(broker: Broker, url: str) -> bytes:
    decision = broker.check("net.http", f"GET {url}")
    if not decision.allowed:
        raise Denied(decision)
    net_policy.connect("net.http", decision.resource)


OFFERED: Final[Mapping[str, Mapping[str, HostFunction]]] = MappingProxyType(
    {
        "capwright:plugin/files@0.1.0": {
            "read": HostFunction("func(string) -> result<list<u8>, string>", _read),
            "read-text": HostFunction("func(string) -> result<string, string>", _read_text),
            "list-dir": HostFunction("func(string) -> result<list<string>, string>", _list_dir),
        },
        "capwright:plugin/env@0.1.0": {
            "get": HostFunction("func(string) -> result<string, string>", _get),
        },
        "capwright:plugin/net@0.1.0": {
            "http-get": HostFunction("func(string) -> result<list<u8>, string>", _http_get),
        },
    }
)


def link(linker: Linker, interfaces: Iterable[str], call: HostCall) -> None:
    """Define the functions of these interfaces, and nothing else, for this one call."""
    with linker.root() as root:
        for name in interfaces:
            with root.add_instance(name) as instance:
                for function, offered in OFFERED[name].items():
                    instance.add_func(function, _bound(offered, call))


def _bound(function: HostFunction, call: HostCall) -> Callable[[StoreContext, str], Answer]:
    def answer(_: StoreContext, argument: str) -> Answer:
        try:
            if len(argument) > MAX_ARGUMENT:
                return _err(function, f"the argument is longer than {MAX_ARGUMENT} characters")
            return _ok(function, function.effect(call.broker, argument))
        except Denied as denied:
            return _err(function, str(denied))
        except BaseException as failure:  # noqa: BLE001 - a fault of ours must end the call, not reach the guest
            # Raised through the engine it would pass a variable that all threads share: another session could
            # get it. A trap cannot be caught inside a component, so the call ends here.
            call.failure = failure
            raise WasmtimeError("the host could not answer") from None

    return answer


def _ok(function: HostFunction, value: bytes | list[str] | str) -> Answer:
    return Variant("ok", value) if function.tagged else value


def _err(function: HostFunction, reason: str) -> Answer:
    return Variant("err", _utf8(reason)) if function.tagged else _utf8(reason)


def _utf8(text: str) -> str:
    """The text as WIT can hold it: what is not UTF-8, in a file's name for one, becomes U+FFFD."""
    return text if text.isascii() else text.encode(errors="surrogatepass").decode(errors="replace")
