"""JSON from others, read strictly, and the one canonical form that is hashed.

`json.loads` keeps the last of two equal keys and reads `NaN`; two readers of such a text disagree. Here one
text has one meaning or none. The canonical form is JCS (RFC 8785), never `sort_keys`; nothing is normalised
before it, since two texts that look the same are two texts.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Final, NoReturn, cast

MAX_DEPTH: Final = 64
SAFE_INTEGER: Final = 2**53 - 1
MAX_DIGITS: Final = 400


class JsonError(ValueError):
    """The text is not JSON with one meaning, or the value has no canonical form. `message` says why.

    `line` and `column` are 1-based where the parser knows the place, else 0. `message` is fit to be shown:
    what it quotes from the text is quoted with escapes.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def parse(data: bytes, limit: int) -> object:
    """The value of a JSON text (RFC 8259, UTF-8, no byte order mark) of at most `limit` bytes.

    Raises `JsonError`: longer, not UTF-8, not JSON, an object with one key twice, `NaN` or an infinity, a
    number outside the doubles or of more than `MAX_DIGITS` characters, deeper than `MAX_DEPTH`.
    """
    if len(data) > limit:
        raise JsonError(f"the text has {len(data)} bytes; at most {limit} are read")
    try:
        text = data.decode()
        value: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise JsonError(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON: {error.msg.lower()}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise JsonError(f"nested deeper than {MAX_DEPTH} levels") from error
    require_shallow(value)
    return value


def canonical_json(value: object) -> bytes:
    """The JCS bytes (RFC 8785) of a JSON value.

    Raises `JsonError` for what has no interoperable form: an integer beyond 2^53-1, NaN or an infinity, text
    with a lone surrogate, a value that is not JSON, deeper than `MAX_DEPTH`.
    """
    import rfc8785  # here, so that reading a document does not pay for it

    require_shallow(value)
    try:
        return bytes(rfc8785.dumps(cast(Any, value)))  # its type for JSON is private
    except rfc8785.IntegerDomainError as error:
        raise JsonError("an integer lies beyond 2^53-1") from error
    except rfc8785.FloatDomainError as error:
        raise JsonError("a number is not finite") from error
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, TypeError) as error:
        raise JsonError("a text holds a lone surrogate, or a value is not JSON") from error


def require_shallow(value: object) -> None:
    """Raises `JsonError` for a value deeper than `MAX_DEPTH`; a recursive reader of it is safe afterwards."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise JsonError(f"nested deeper than {MAX_DEPTH} levels")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else []


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise JsonError(f"the key {json.dumps(twice[:80])} stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise JsonError(f"`{name}` is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonError("a number is too large to be a double")
    return value


def _integer(text: str) -> int:
    # Without a bound, a megabyte of digits costs quadratic time.
    if len(text) > MAX_DIGITS:
        raise JsonError(f"an integer has more than {MAX_DIGITS} digits")
    return int(text)
