"""Bad versions of the workspace of `tests/support/proofs.py`: files to put in the place of its own."""

from __future__ import annotations

from tests.support.proofs import FILES

WORKSPACE, LEAD, HELPER, SERVER, RULES, THIRD = (
    str(FILES[f])
    for f in (
        "capwright.toml",
        "profiles/lead.toml",
        "profiles/helper.toml",
        "plugins/server/plugin.toml",
        "plugins/rules/plugin.toml",
        "plugins/third/plugin.toml",
    )
)

GREEDY_CHILD = {"profiles/helper.toml": HELPER.replace("notes/open/**", "**")}
DEEP_CHILD = {"profiles/helper.toml": HELPER.replace("depth <= 3", "depth <= 4")}
UNLENT = {"profiles/lead.toml": LEAD.replace('{ to = "project:acme.first"', '{ to = "project:acme.server"')}
UNMEDIATED = {"capwright.toml": WORKSPACE.replace('"scoped-fs", ', "")}
SECRET_GRANT = {
    "profiles/lead.toml": LEAD.replace(
        'on = ["${workspace}/notes/**"], except = ["**/.env", "**/*.pem"] }]\nlend',
        'on = ["${workspace}/notes/**"] }]\nlend',
    )
}
UNPINNED = {"plugins/server/plugin.toml": SERVER.replace('pins = "pins.json"', "")}
OTHER_ARTIFACT = {
    "plugins/third/plugin.toml": THIRD.replace(
        'artifact = "a.wasm"', f'artifact = "a.wasm"\nsha256 = "{"0" * 64}"'
    )
}
EVER_WRITES = {"profiles/lead.toml": LEAD.replace('when = "approved", ', "")}
SELF_WRITE = {
    "profiles/lead.toml": LEAD.replace(
        '"${workspace}/out/**"', '"${workspace}/out/**", "${workspace}/profiles/*"'
    ).replace(', "**/*.toml"', ""),
    "capwright.toml": WORKSPACE.replace(
        '"${workspace}/out/**"', '"${workspace}/out/**", "${workspace}/profiles/*"'
    ),
}
ENDING_GUARD = {
    "profiles/lead.toml": LEAD.replace(
        '"hook.deny", on = ["tool.before/project:acme.*/*"]',
        '"hook.deny", on = ["tool.before/project:acme.*/*"], until = 2027-01-01T00:00:00Z',
    )
}
_POWER = '{ action = "hook.deny", on = ["tool.before/'
REWRITER = {
    "capwright.toml": WORKSPACE.replace(_POWER, f'{_POWER.replace("deny", "rewrite")}**"] }},\n  {_POWER}'),
    "profiles/lead.toml": LEAD.replace(_POWER, f'{_POWER.replace("deny", "rewrite")}**"] }},\n  {_POWER}'),
    "plugins/rules/plugin.toml": RULES
    + '[[hook]]\non = "tool.before"\nmatch = "project:acme.server/*"\n'
    + 'power = "rewrite"\nset = { "/limit" = 3 }\n',
}
ENDED_ACCEPT = {
    **UNMEDIATED,
    "capwright.toml": UNMEDIATED["capwright.toml"]
    + "".join(
        f'[[accept]]\nfinding = "unmediated-effect"\nat = "{at}"\nreason = "tried"\nuntil = 2026-11-23\n'
        for at in ("lead/acme.first", "lead/acme.second", "lead/acme.third", "helper/acme.third")
    ),
}
