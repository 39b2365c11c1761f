"""Which package a command has a runner fetch, and whether it is one thing only."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capwright_policy import reference_identity as reference
from capwright_policy.launchers import Package, packages

COMMIT, DIGEST = "a1" * 20, "b2" * 32

#: Command, and what it fetches: as (word of the command, name, exact).
SEEN: tuple[tuple[list[str], list[tuple[int, str, bool]]], ...] = (
    (["npx", "-y", "@acme/mail"], [(2, "@acme/mail", False)]),
    (["npx", "-y", "@acme/mail@latest", "--stdio"], [(2, "@acme/mail@latest", False)]),
    (["npx", "mail@1.2.3", "https://example.com"], [(1, "mail@1.2.3", True)]),
    (["npx", "--package=a", "-p", "b@1.0.0-rc.1", "run"], [(1, "a", False), (3, "b@1.0.0-rc.1", True)]),
    (["npx", "--registry", "r", "--", "a@1.x"], [(4, "a@1.x", False)]),
    (["npx", f"github:acme/mail#{COMMIT}"], [(1, f"github:acme/mail#{COMMIT}", True)]),
    (["npx", "github:acme/mail"], [(1, "github:acme/mail", False)]),
    (["npx", "./server"], [(1, "./server", True)]),
    (["npm", "exec", "--yes", "--", "a@^1.2.3"], [(4, "a@^1.2.3", False)]),
    (["npm", "--silent", "x", "a@1.2.3"], [(3, "a@1.2.3", True)]),
    (["bun", "x", "a"], [(2, "a", False)]),
    (["bun", "run", "start"], []),
    (["uvx", "mail"], [(1, "mail", False)]),
    (["uvx", "mail@latest"], [(1, "mail@latest", False)]),
    (["uvx", "-p", "3.12", "mail[cli]@2026.10"], [(3, "mail[cli]@2026.10", True)]),
    (["uvx", "--from", "mail==1.*", "serve"], [(2, "mail==1.*", False)]),
    (["uvx", "--with", "extra", "mail==1.2"], [(2, "extra", False), (3, "mail==1.2", True)]),
    (
        ["uvx", f"git+https://example.com/mail@{COMMIT}"],
        [(1, f"git+https://example.com/mail@{COMMIT}", True)],
    ),
    (["uvx", "git+https://example.com/mail@v1"], [(1, "git+https://example.com/mail@v1", False)]),
    (["uv", "tool", "run", "mail>=1"], [(3, "mail>=1", False)]),
    (["uv", "run", "--with=mail", "server.py"], [(2, "mail", False)]),
    (["pipx", "run", "--spec", "mail===1.2", "serve"], [(3, "mail===1.2", True)]),
    (["docker", "run", "-i", "--rm", "-e", "TOKEN", "mail:latest"], [(6, "mail:latest", False)]),
    (["docker", "run", "-it", "--name=x", "mail:1.2.3", "npx", "a"], [(4, "mail:1.2.3", False)]),
    (["podman", "run", "-v/a:/b", f"mail:1@sha256:{DIGEST}"], [(3, f"mail:1@sha256:{DIGEST}", True)]),
    (["docker", "container", "run", "--network", "none", "mail"], [(5, "mail", False)]),
    (["docker", "run", "-ie", f"A@sha256:{DIGEST}", "mail"], [(4, "mail", False)]),
    (["docker", "run", "-dp", "80:80", "-v=/a:/b", "mail"], [(5, "mail", False)]),
    (["docker", "--context", "c", "-D", "run", "mail"], [(5, "mail", False)]),
    (["docker", "ps"], []),
    (["uvx", "-qw", "a==1", "mail"], [(2, "a==1", True), (3, "mail", False)]),
    (["uvx", "-wa", "-qp3.12", "mail==1"], [(1, "a", False), (3, "mail==1", True)]),
    (["uv", "--directory", "/x", "tool", "run", "mail"], [(5, "mail", False)]),
    (["uvx", f"https://example.com/a.whl@{COMMIT}"], [(1, f"https://example.com/a.whl@{COMMIT}", False)]),
    (
        ["uvx", f"mail @ git+ssh://git@example.com/mail@{COMMIT}"],
        [(1, f"mail @ git+ssh://git@example.com/mail@{COMMIT}", True)],
    ),
    (["npx", "https://example.com/a@1.2.3"], [(1, "https://example.com/a@1.2.3", False)]),
    (["npx", "a@https://example.com/b@1.2.3"], [(1, "a@https://example.com/b@1.2.3", False)]),
    (["npx", "git+https://example.com/a#v1@1.2.3"], [(1, "git+https://example.com/a#v1@1.2.3", False)]),
    (["npx", f"https://example.com/a.tgz#{COMMIT}"], [(1, f"https://example.com/a.tgz#{COMMIT}", False)]),
    (["npx", "a@npm:@b/c@1.2.3"], [(1, "a@npm:@b/c@1.2.3", True)]),
    (["npx", "m\u0430il@1.2.3"], [(1, "m\u0430il@1.2.3", False)]),
    (["npx", "mail@\uff11.2.3"], [(1, "mail@\uff11.2.3", False)]),
    (["npx", "mail@0.0.0"], [(1, "mail@0.0.0", True)]),
    (["npx", "~mail"], [(1, "~mail", False)]),
    (["/usr/bin/env", "-i", "A=b", "/opt/node/bin/npx", "a"], [(4, "a", False)]),
    (["cmd", "/c", "npx.cmd", "a"], [(3, "a", False)]),
    (["C:\\node\\NPX.CMD", "a"], [(1, "a", False)]),
    (["bash", "-lc", "cd /x && A=b exec npx -y 'a'; uvx b==1"], [(2, "a", False), (2, "b==1", True)]),
    (["cmd.exe", "/d", "/c", "npx -y a"], [(3, "a", False)]),
    (["env", "-u", "X", "npx", "a"], [(4, "a", False)]),
    (["env", "-iS", "npx a"], [(2, "a", False)]),
    (["env", "-S"], []),
    (["env", "-S", "A=b npx a"], [(2, "a", False)]),
    (["env", "--split-string=npx", "a"], [(2, "a", False)]),
    (["timeout", "10", "npx", "a"], [(3, "a", False)]),
    (["python3", "-m", "uv", "tool", "run", "a"], [(5, "a", False)]),
    (["sh", "-c", "true\nif true; then npx a; fi"], [(2, "a", False)]),
    (["sh", "-c", 'X=`npx a` Y="$(uvx b)" ./run'], [(2, "a", False), (2, "b", False)]),
    (["sh", "-c", "npx 'a"], []),
    (["sh", "script"], []),
    (["sh", "-c"], []),
    (["env"], []),
    (["npx"], []),
    (["uvx", "--from"], []),
    (["node", "server.js", "npx", "a"], []),
    (["mcp-server-git", "--repository", "${workspace}/repo"], []),
)


@pytest.mark.parametrize(("command", "found"), SEEN, ids=[" ".join(command) for command, _ in SEEN])
def test_what_is_fetched(command: list[str], found: list[tuple[int, str, bool]]) -> None:
    assert [(p.place, p.name, p.exact) for p in packages(command)] == found


KINDS = {
    "npm": reference._says_npm_version,
    "pypi": reference._says_python_version,
    "image": reference._says_digest,
}
PARTS = f"a @s/b @ == === # : sha256: {COMMIT} {DIGEST} 1 1.2 1.2.3 v1.2.3 -rc.1 +b - * latest [x] [ :// . ;"
ADDRESSES = ["git+https://h/", "github:", "npm:", "/"]
NAMES = st.lists(st.sampled_from([*PARTS.split(), *ADDRESSES, " ", "\u00e9"]), min_size=1, max_size=6).map(
    "".join
)


class TestReference:
    """What is exact is decided twice, and a finding must replay."""

    @given(NAMES, st.sampled_from(["npm", "pypi", "image"]))
    def test_they_agree(self, name: str, kind: Literal["npm", "pypi", "image"]) -> None:
        package = Package(0, "runner", name, kind)
        if not name.startswith((".", "/")):  # a path, of which the reference is never asked
            assert package.exact is KINDS[kind](name)
