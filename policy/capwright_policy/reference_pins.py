"""The reference semantics of pins: what a pin file's bytes approve, against what a manifest says.

As `reference`, apart from what the checks use: the file is read as plain JSON, a schema by what it comes to
once its references and choices are taken out, and names are compared character by character.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from capwright_policy.setting import Setting, find_holder, holders
from capwright_registry.capability import Plugin

_Json = Any  # a part of a file of JSON


def pin_file(setting: Setting, plugin: Plugin) -> _Json:
    """The pin file of a plugin."""
    if plugin.pins is None:
        return {"tools": []}
    return json.loads((setting.workspace.root / plugin.pins.path).read_bytes())


def approved_tools(setting: Setting, plugin: Plugin) -> dict[str, _Json]:
    """The approved definitions by name."""
    return {entry["definition"]["name"]: entry["definition"] for entry in pin_file(setting, plugin)["tools"]}


def launched_otherwise(setting: Setting, agent: str, plugin: str | None, field: str) -> bool:
    """G7: a server's manifest has another command, or hands on other variables, than was approved."""
    owner = find_holder(setting, agent, plugin).plugin
    runtime, launch = owner.document.model.runtime.model_dump(), pin_file(setting, owner)["launch"]
    if field == "command":
        return bool(list(runtime["command"]) != launch["command"])
    return bool({*runtime["env"]} != {*launch["environment"]})


def contradicts_pin(
    setting: Setting, agent: str, plugin: str | None, tool: str, kind: str, name: str
) -> bool:
    """G7: a manifest says something of a tool (about an argument) that its approved definition does not."""
    owner = find_holder(setting, agent, plugin).plugin
    said = next(one for one in owner.tools if one.identity == tool)
    approved = approved_tools(setting, owner)[said.name]
    schema, own = _object(approved.get("inputSchema")), _object(said.input)
    if kind == "description":
        return said.description not in ("", approved.get("description"))
    if kind == "required":
        return name in _texts(own.get("required")) and name not in _texts(schema.get("required"))
    if kind == "resource":
        return name in [e.pointer for e in said.effects] and not names_resource(schema, name)
    arguments = _object(own.get("properties"))
    return name in arguments and not takes(schema, name, arguments[name])


def names_resource(schema: _Json, pointer: str) -> bool:
    """Whether an argument is there, and is a text or a list of texts in each form that its schema has."""
    at = schema
    for part in pointer.split("/")[1:]:
        at = _member(at, part.replace("~1", "/").replace("~0", "~"), schema)
        if at is None:
            return False
    return bool(_forms(at, schema)) and all(_text_or_texts(form, schema) for form in _forms(at, schema))


def takes(schema: _Json, name: str, own: _Json) -> bool:
    """Whether an argument is there, and no type that the manifest names for it is left out."""
    there = _member(schema, name, schema)
    if there is None:
        return False
    offered, wanted = _listed(there, schema), _listed(own, own)
    whole = ["integer"] if "number" in offered else []
    return not offered or all(kind in offered + whole for kind in wanted)


def _member(at: _Json, part: str, root: _Json) -> _Json | None:
    forms = _forms(at, root)
    if len(forms) != 1:
        return None
    properties, items = forms[0].get("properties"), forms[0].get("items")
    if isinstance(properties, dict) and part in properties:
        return properties[part] if isinstance(properties[part], dict) else {}
    numbered = part == "-" or part.isdecimal()
    return items if numbered and isinstance(items, dict) else None


def _forms(at: _Json, root: _Json) -> list[_Json]:
    """What a value may be, `null` aside: schemas without references and choices."""
    return [form for form in _plain(at, root, []) if _texts(form.get("type")) != ["null"]]


def _plain(at: _Json, root: _Json, passed: list[str]) -> list[_Json]:
    """`passed` collects the references that were followed, each once: a circle adds no form."""
    if not isinstance(at, dict):
        return [{}]
    if isinstance(at.get("$ref"), str):
        if at["$ref"] in passed:
            return []
        passed.append(at["$ref"])
        return _plain(_referred(root, at["$ref"]), root, passed)
    for word in ("anyOf", "oneOf"):
        if word in at:
            options = at[word] if isinstance(at[word], list) else None
            return [at] if options is None else [f for o in options for f in _plain(o, root, passed)]
    return [at]


def _referred(root: _Json, reference: str) -> _Json:
    at = root if reference == "#" or reference.startswith("#/") else None
    for part in reference.split("/")[1:]:
        at = at.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(at, dict) else None
    return at


def _text_or_texts(form: _Json, root: _Json) -> bool:
    kinds = [kind for kind in _texts(form.get("type")) if kind != "null"]
    each = [_listed(form.get("items"), root) if kind == "array" else [kind] for kind in kinds]
    return bool(kinds) and all(set(kinds_of) == {"string"} for kinds_of in each)


def _listed(at: _Json, root: _Json) -> list[str]:
    """The types that a schema names; none where some form of it names none."""
    each = [_texts(form.get("type")) for form in _plain(at, root, [])]
    return [kind for kinds in each for kind in kinds] if all(each) else []


def _object(value: _Json) -> dict[str, _Json]:
    return dict(value) if isinstance(value, Mapping) else {}


def _texts(value: _Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def is_read_as(setting: Setting, agent: str, tool: str, word: str, other: str) -> bool:
    """G7: a tool's name, or a word of what was approved of it, reads like another tool of the same agent."""
    own = [holder for holder in holders(setting) if holder.profile.name == agent]
    tools = {one.identity: (holder.plugin, one.name) for holder in own for one in holder.plugin.tools}
    plugin, name = tools[tool]
    said = json.dumps(approved_tools(setting, plugin)[name], ensure_ascii=False)
    return (
        (not word or (word in said and not word.isascii()))
        and other in tools
        and drawn_alike(word or name, tools[other][1])
    )


def drawn_alike(one: str, other: str) -> bool:
    """Whether two names that differ in more than case are drawn alike, character by character."""
    first, second = _drawn(one), _drawn(other)
    return first == second and one.casefold() != other.casefold()


def _drawn(name: str) -> str:
    whole = "".join(_LETTERS.get(char, char) for char in unicodedata.normalize("NFKC", name))
    return "w".join("m".join(whole.split("rn")).split("vv"))


#: By code point, so that nobody has to tell them apart by sight.
_LETTERS: Final = {
    chr(point): plain
    for plain, points in {
        "a": (0x430, 0x251, 0x3B1), "b": (0x42C, 0x184), "c": (0x441, 0x3F2), "d": (0x501,),
        "e": (0x435, 0x4BD, 0x212E), "g": (0x261,), "h": (0x4BB,), "i": (0x456, 0x131, 0x269, 0x3B9),
        "j": (0x458, 0x3F3), "k": (0x43A, 0x3BA), "n": (0x578,), "p": (0x440, 0x3C1), "q": (0x51B,),
        "l": (0x49, 0x31, 0x7C, 0x4CF, 0x406, 0x399, 0x4C0, 0x1C0), "r": (0x433,), "s": (0x455,),
        "o": (0x4F, 0x30, 0x43E, 0x3BF, 0x585, 0x3C3, 0x41E, 0x39F, 0x555), "u": (0x3C5, 0x57D),
        "v": (0x475, 0x3BD), "w": (0x461, 0x51D), "x": (0x445, 0x3C7), "y": (0x443, 0x3B3, 0x4AF),
        "A": (0x410, 0x391), "B": (0x412, 0x392), "C": (0x421, 0x3F9), "E": (0x415, 0x395),
        "H": (0x41D, 0x397), "J": (0x408,), "K": (0x41A, 0x39A), "M": (0x41C, 0x39C), "N": (0x39D,),
        "P": (0x420, 0x3A1), "S": (0x405,), "T": (0x422, 0x3A4), "X": (0x425, 0x3A7),
        "Y": (0x423, 0x3A5, 0x4AE), "Z": (0x396,), "3": (0x417, 0x4E0), "6": (0x431,),
        "-": (0x2010, 0x2011, 0x2012, 0x2013, 0x2212), ".": (0x2024,),
    }.items()
    for point in points
}  # fmt: skip
