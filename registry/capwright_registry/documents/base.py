"""What every document model shares: strictness, and the bounded kinds of text.

Patterns are kept as data here, with the sentence that explains each, so that a refusal can say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

NAME: Final = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"
PLUGIN_ID: Final = r"^[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$"
IDENTITY: Final = r"^(builtin|user|project):[A-Za-z0-9_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$"
ENVIRONMENT_NAME: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
POINTER: Final = r"^(/([^~/]|~[01])*)*$"
DIGEST: Final = r"^[0-9a-f]{64}$"

#: What to do about a text that a pattern refuses. ASCII only: a confusable name is a different name.
PATTERN_HELP: Final[Mapping[str, str]] = {
    NAME: "use ASCII letters, digits, `_` and `-`",
    PLUGIN_ID: "use ASCII letters, digits, `_` and `-`, in parts separated by single dots",
    IDENTITY: "write the tier and the plugin's id, like `project:acme.notes`",
    ENVIRONMENT_NAME: "use ASCII letters, digits and `_`",
    POINTER: "write a JSON Pointer, like `/path`",
    DIGEST: "write a SHA-256: 64 hexadecimal digits in lower case",
}


class Strict(BaseModel):
    """A frozen table: no conversion between types, no key that is not declared."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


def _relative_file(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or ".." in parts or "\\" in value or "\0" in value:
        raise PydanticCustomError(
            "file",
            "is not inside the plugin's folder",
            {"help": "write a relative path with `/`, and without `..`"},
        )
    if str(PurePosixPath(value)) != value or value == ".":
        raise PydanticCustomError(
            "file", "is not in its shortest form", {"help": "leave out `.`, and every `/` too many"}
        )
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "has a NUL character", {"help": "remove `\\u0000`"})
    return value


Item = TypeVar("Item")
# TOML arrays arrive as lists; tuples keep the models frozen all the way down.
Many = Annotated[tuple[Item, ...], Field(strict=False, max_length=1024)]
Few = Annotated[tuple[Item, ...], Field(strict=False, max_length=64)]

Name = Annotated[str, StringConstraints(pattern=NAME, max_length=64)]
PluginId = Annotated[str, StringConstraints(pattern=PLUGIN_ID, max_length=128)]
Identity = Annotated[str, StringConstraints(pattern=IDENTITY, max_length=136)]
EnvironmentName = Annotated[str, StringConstraints(pattern=ENVIRONMENT_NAME, max_length=128)]
Pointer = Annotated[str, StringConstraints(pattern=POINTER, min_length=1, max_length=512)]
Digest = Annotated[str, StringConstraints(pattern=DIGEST)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=4096), AfterValidator(_no_nul)]
Prose = Annotated[str, StringConstraints(max_length=4096)]
PathText = Annotated[str, StringConstraints(min_length=1, max_length=4096), AfterValidator(_no_nul)]
RelativeFile = Annotated[
    str, StringConstraints(min_length=1, max_length=1024), AfterValidator(_relative_file)
]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
