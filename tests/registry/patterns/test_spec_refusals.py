"""Every refusal of `specs/patterns.md`: provoked, with its message and its help."""

from __future__ import annotations

import pytest

from capwright_registry.patterns import PatternError, budget, parse
from tests.registry.patterns.spec import GRAMMAR, TITLES
from tests.support.quotes import quotes
from tests.support.refusals import raised_in
from tests.support.rows import cells, row_cases, says

Given = tuple[str, str]
ROOTS = {"w": "/w", "workspace": "/repo", "relative": "x", "bytes": "/\udc80"}

# What the grammars do not derive.
#: As many methods as fit, for the pattern that stands for more than a table should hold.
METHODS = [f"{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
WIDE = " http://*.example.com:*/a/b/c/d/e/f/g/h/i/j"

UNDERIVED: list[tuple[str, list[Given]]] = [
    (
        "| any | a domain that there is not | there is no domain `…` | write one of path, host, url, "
        "name, argv |",
        [("shape", "a")],
    ),
    (
        "| any | nothing | the pattern is empty | leave the entry out, or write what it stands for |",
        [("path", ""), ("host", ""), ("url", ""), ("name", ""), ("argv", "")],
    ),
    (
        "| any | a control character, a lone surrogate | the pattern holds a control character or a lone "
        "surrogate | write `?` in its place |",
        [
            ("path", "/a\nb"),
            ("path", "/a\x00"),
            ("host", "a\x85:1"),
            ("url", "GET https://h/\x7f"),
            ("name", "\ud800"),
            ("argv", "a\tb"),
        ],
    ),
    (
        "| any | a class that is not closed | the class that `[` opens is not closed | close it with `]`, "
        "or write `[[]` for a plain `[` |",
        [
            ("path", "/[a/b]"),
            ("host", "*.[a:1"),
            ("url", "GET https://h/[a"),
            ("name", "[a"),
            ("argv", "git ["),
        ],
    ),
    (
        "| any | a backslash outside a class | a backslash escapes nothing in a pattern | write `/` "
        "between segments, and `[*]` for a plain `*` |",
        [
            ("path", "/a\\b"),
            ("host", "*.a\\b:1"),
            ("url", "GET https://h/a\\b"),
            ("name", "a\\"),
            ("argv", "git \\*"),
        ],
    ),
    (
        "| any | a backslash beside other characters of a class | a backslash escapes nothing in a class "
        "| write the characters as they are |",
        [("path", "/[\\d]"), ("path", "/[!\\]"), ("name", "[a\\]"), ("argv", "[\\\\]")],
    ),
    (
        "| any | `-` in the middle of a class, in no range | a `-` in the middle of a class is ambiguous "
        "| put it first or last: `[-ab]` |",
        [("path", "/[a-c-e]"), ("path", "/[a-c--z]"), ("name", "[ab-c-d]"), ("host", "*.[a-c-e]:1")],
    ),
    (
        "| path | a relative pattern | the pattern is relative | write `…/…`, or `**/…` for anywhere |",
        [("path", "a/b"), ("path", "./secret"), ("path", "../a"), ("path", "***/a")],
    ),
    (
        "| path | `!` in front | the pattern is relative | exceptions stand in a list of their own: write it "
        "in `except`, without the `!` |",
        [("path", "!/a"), ("path", "!**/a")],
    ),
    (
        "| path | `~` | the pattern is relative | `~` is not expanded: write the folder from `/`, or "
        "declare it as a root |",
        [("path", "~/a"), ("path", "~root")],
    ),
    (
        "| path | `$NAME` | the pattern is relative | variables of the environment are not expanded: "
        "declare a root and write `${name}/...` |",
        [("path", "$HOME/a")],
    ),
    (
        "| path | a root that is not closed, or a part of a segment | a root is a whole segment, closed "
        "with `}` | write `${name}/...` |",
        [("path", "${w"), ("path", "${w}x/a")],
    ),
    (
        "| path | an empty segment | the pattern holds an empty segment | write `…` |",
        [("path", "/a//b"), ("path", "//secret"), ("path", "//")],
    ),
    (
        "| path | a trailing slash | the pattern holds an empty segment | write `…` for the place itself, "
        "`…/**` for all that is in it as well |",
        [("path", "/a/"), ("path", "${w}/"), ("path", "/secret/**/")],
    ),
    (
        "| host | no port | the port is missing | write `…:443`, or `…:*` for any |",
        [("host", "example.com"), ("host", "[::1]"), ("host", "*")],
    ),
    (
        "| host | a scheme | a host has no scheme | write `…` |",
        [("host", "https://example.com:443")],
    ),
    (
        "| host | a second `:` behind a name or a number | a host has one port, and nothing behind it | "
        "write `…` |",
        [("host", "evil.com:80#.example.com:443"), ("host", "a.com:443:443"), ("host", "10.0.0.1:1:2")],
    ),
    (
        "| host | IPv6 without brackets | an IPv6 address stands in brackets | write `[::1]:443` or "
        "`[fd00::/8]:443` |",
        [("host", "::1:443"), ("host", "fd00::/8:443")],
    ),
    (
        "| host | `**` | hosts have no `**` | write `*.example.com` for every name below `example.com` |",
        [("host", "**.com:443"), ("host", "a.**:1")],
    ),
    (
        "| host | an empty label beside a wildcard | the host holds an empty label | write "
        "`*.example.com:443` or `example.com:443` |",
        [("host", "*..b:443"), ("host", "*.a..:443")],
    ),
    (
        "| host, url | a zone | `…` is no address and no network | leave out the zone, which means "
        "another host on every machine |",
        [("host", "[fe80::1%eth0]:443"), ("url", "GET https://[fe80::1%25eth0]/")],
    ),
    (
        "| host, url | a network with a mask, or a prefix that starts with 0 | `…` is no address and no "
        "network | write `…` |",
        [
            ("host", "[10.0.0.0/255.0.0.0]:1"),
            ("host", "10.0.0.0/255.0.0.0:1"),
            ("host", "[10.0.0.0/0.0.0.255]:1"),
            ("host", "10.0.0.0/08:1"),
            ("url", "GET https://[10.0.0.0/255.0.0.0]/"),
        ],
    ),
    (
        "| host, url | `*` as a label but the first | a `*` label stands only at the front | write `?*` "
        "for exactly one label |",
        [("host", "a.*.com:443"), ("host", "a.*:443"), ("url", "GET https://a.*/")],
    ),
    (
        "| host, url | `*.` | the host holds an empty label | write `*` for any host, or `*.example.com` |",
        [("host", "*.:443"), ("url", "GET https://*./")],
    ),
    (
        "| host | a path | every label of a host is made of letters, digits, `_` and inner `-`, and none "
        "is empty | a host has no path: write `example.com:443` |",
        [("host", "example.com/x:443")],
    ),
    (
        "| url | no method, one in small letters | a URL pattern starts with its methods, in capitals | "
        "write `…` or `* ...` |",
        [
            ("url", "https://h/"),
            ("url", "get https://h/"),
            ("url", "GET,  https://h/"),
            ("url", "GET, https://h/"),
        ],
    ),
    (
        "| url | another scheme, none | the scheme is neither `http` nor `https` | write one pattern for "
        "each scheme |",
        [("url", "GET ftp://h/"), ("url", "GET *://h/"), ("url", "GET h/"), ("url", "GET HTTPS://h/")],
    ),
    (
        "| url | no path | the path is missing | add `/**` for all of the host, or `/` for its root alone |",
        [("url", "GET https://h"), ("url", "GET https://h:80")],
    ),
    (
        "| url | user information | a URL pattern holds no user name and no password | leave out all "
        "before the `@` |",
        [("url", "GET https://u@h/"), ("url", "GET https://u:p@h/")],
    ),
    (
        "| url | query, fragment, the wildcard `?` | query and fragment are no part of the resource | "
        "leave out all from `?` or `#`; `*` is the only wildcard here |",
        [("url", "GET https://h/a?b=c"), ("url", "GET https://h/a#b"), ("url", "GET https://h/?")],
    ),
    (
        "| url | an empty segment, a trailing slash | the path holds an empty segment | leave out the "
        "slash, or write `/**` at the end |",
        [("url", "GET https://h//a"), ("url", "GET https://h/a/")],
    ),
    (
        "| url | a character outside `pchar` | the URL's path holds a character that must be "
        "percent-encoded | write the character as `%XX`, its byte in hexadecimal digits |",
        [("url", "GET https://h/é"), ("url", "GET https://h/a|b"), ("url", "GET https://h/a b")],
    ),
    (
        "| url | `%` in a class | a class cannot hold `%` | write the percent-escape outside the class |",
        [("url", "GET https://h/[%a]"), ("url", "GET https://h/[%41]")],
    ),
    (
        "| url | `%` without two hexadecimal digits | a `%` in the URL's path is not followed by two "
        "hexadecimal digits | write the character as `%XX`, its byte in hexadecimal digits |",
        [("url", "GET https://h/%zz"), ("url", "GET https://h/%4"), ("url", "GET https://h/%")],
    ),
    (
        "| argv | blanks alone | the pattern is empty | write a command, or `...` for any |",
        [("argv", "   ")],
    ),
    (
        "| argv | a quotation that is not closed | the quotation that … opens is not closed | close it, "
        "or write `[…]` |",
        [("argv", "git 'x"), ("argv", 'git "x')],
    ),
]

DERIVED: list[tuple[str, list[Given]]] = [
    (
        "| any | more than 4,096 characters | the pattern has … characters, more than 4096 | split it "
        "into shorter patterns |",
        [("path", "/" + "a" * 4096), ("name", "a" * 4097), ("argv", "a" * 5000)],
    ),
    (
        "| any | more than 64 of `*` and `?` | the pattern has … wildcards, more than 64 | split it "
        "into simpler patterns |",
        [("path", "/" + "*a" * 65), ("url", "GET https://h/" + "*a" * 65), ("name", "a" + "?" * 65)],
    ),
    (
        "| url | methods and hosts that make more than 4,096 segments, spelt out | the pattern stands for … "
        "alternatives with … segments together, more than 4096 | split it into patterns of fewer methods, "
        "or write `*` for any method |",
        [("url", ",".join(METHODS) + " https://*/" + "a/" * 60 + "a"), ("url", ",".join(METHODS) + WIDE)],
    ),
    (
        "| any | `**` beside other text, also where only `''` parts the two | `**` stands alone, never "
        "beside other text | write `*` within a segment |",
        [("argv", "*''*"), ("argv", 'git *""*')],
    ),
    (
        "| any | a class without characters, `[]` or `[!]` | the class is empty | write the characters "
        "that it stands for: `[abc]` or `[!abc]` |",
        [("path", "/[!]"), ("name", "[!]"), ("argv", "a [!]")],
    ),
    (
        "| any | a class that starts with `^` | `^` does not negate a class | write `[!…]` |",
        [("path", "/[^a]"), ("name", "[^a]"), ("url", "GET https://h/[^a]")],
    ),
    (
        "| any | a range that is reversed | the range `…` is empty | write `…` |",
        [("path", "/[z-a]"), ("path", "/[a--]"), ("host", "*.[z-a]:1"), ("argv", "[b-a]")],
    ),
    (
        "| any | a pattern that matches no resource at all | the pattern matches nothing | look for a "
        "class that leaves no character over |",
        [
            ("host", "-*.com:443"),
            ("host", "*.[0-9]:443"),
            ("url", "GET https://h/..;*"),
            ("name", "[!\u0021-\U0010ffff]"),
        ],
    ),
    (
        "| any | a pattern of which the budget does not tell whether it does | the pattern is too complex | "
        "write it with fewer wildcards |",
        [("host", "*a" + "?" * 20 + "-.com:1")],
    ),
    (
        "| path | a root that is not declared, close to one that is | there is no root `…` | did you mean "
        "`${…}`? |",
        [("path", "${worksapce}/x")],
    ),
    (
        "| path | a root that is not declared | there is no root `…` | the declared roots are: … |",
        [("path", "${nowhere}/x"), ("path", "${}")],
    ),
    (
        "| path | a root that is no absolute path | the root `…` is no path: … | give it an absolute path |",
        [("path", "${relative}/a")],
    ),
    (
        "| path | a root that is not UTF-8 | the path of the root `…` is not UTF-8 | rename the folder |",
        [("path", "${bytes}")],
    ),
    (
        "| path | a root that is not the first segment | a root stands only at the start | write `[$]{` "
        "for the characters themselves |",
        [("path", "/a/${workspace}"), ("path", "${workspace}/${workspace}"), ("path", "/a${x")],
    ),
    (
        "| path | `.` | no path holds the segment `.` once it is in its canonical form | leave the "
        "segment out |",
        [("path", "/a/./b"), ("path", "/[.]")],
    ),
    (
        "| path | `..` | no path holds the segment `..` once it is in its canonical form | write the "
        "folder that is meant |",
        [("path", "/a/../b"), ("path", "/[.][.]/b"), ("path", "/repo/src/../../etc/passwd")],
    ),
    (
        "| host, url | port 0, above 65535, other text | `…` is no port | write a number from 1 to 65535, "
        "`8000-8100`, or `*` |",
        [("host", "example.com:70000"), ("url", "GET https://h:70000/"), ("host", "a:1-65536")],
    ),
    (
        "| host, url | a range of ports that is reversed | the range of ports `…` is empty | write `…` |",
        [("host", "example.com:9-1"), ("url", "GET https://h:9-1/")],
    ),
    (
        "| host, url | a label above 63 characters | a label of the host has more than 63 characters | no "
        "such name can be resolved |",
        [("host", "a" * 64 + ".com:443"), ("url", f"GET https://{'a' * 64}/")],
    ),
    (
        "| host, url | a name that is no canonical host | every label of a host is made of letters, "
        "digits, `_` and inner `-`, and none is empty | write a name such as `example.com`, four numbers "
        "such as `10.0.0.1`, or `[::1]` |",
        [("host", "-a.com:443"), ("host", "a-.com:443"), ("url", "GET https://-a/")],
    ),
    (
        "| host, url | an address in any form but the canonical one | a host that ends in a number must "
        "be four plain decimal numbers | write a name such as `example.com`, four numbers such as "
        "`10.0.0.1`, or `[::1]` |",
        [
            ("host", "127.1:443"),
            ("host", "0x7f.1:443"),
            ("host", "0177.0.0.1:443"),
            ("url", "GET https://1/"),
        ],
    ),
    (
        "| host, url | a glob that could be no label | `…` is no label | write letters, digits, `_` and "
        "inner `-`; other alphabets in their `xn--` form |",
        [("host", "*.-a.com:443"), ("url", "GET https://*.a-/")],
    ),
    (
        "| host, url | a label that IDNA 2008 does not have | `…` is no label of a host (IDNA 2008) | "
        "write it in its `xn--` form |",
        [("host", "*.\u2603\ufe0f.com:443"), ("host", "ｅxample.com:443"), ("url", "GET https://a.\u2603/")],
    ),
    (
        "| host, url | an address with a wildcard | addresses have no wildcards | write a network such as "
        "`10.0.0.0/8` |",
        [("host", "10.0.?.1:443"), ("host", "*.1:443"), ("url", "GET https://10.0.0.?/")],
    ),
    (
        "| host, url | a number as the last label, beside a wildcard | no name ends in a number | write a "
        "network such as `10.0.0.0/8` |",
        [("host", "*a.0x1f:443"), ("host", "[ab].1:443"), ("url", "GET https://*a.1/")],
    ),
    (
        "| host, url | a class as a whole name | brackets around a whole host hold an address, and `…` is "
        "none | write one pattern for each host |",
        [("host", "[ab].:443"), ("url", "GET https://[ab]./")],
    ),
    (
        "| host, url | a network with bits beyond its prefix | `…` is no address and no network | write "
        "`…` |",
        [("host", "10.0.0.1/8:443"), ("host", "[fd00::1/8]:443"), ("url", "GET https://[10.0.0.1/8]/")],
    ),
    (
        "| host, url | anything else in brackets, or before `/` | `…` is no address and no network | "
        "write `10.0.0.0/8` or `[fd00::/8]` |",
        [
            ("host", "[]:443"),
            ("host", "[a]:1"),
            ("host", "10.0.0.0/33:443"),
            ("host", "1/8:1"),
            ("url", "GET https://[]/"),
        ],
    ),
    (
        "| url | an escape that resources refuse | the URL's path holds `%…`, which servers read in "
        "different ways | write the character as `%XX`, its byte in hexadecimal digits |",
        [("url", "GET https://h/a%2fb"), ("url", "GET https://h/%00"), ("url", "GET https://h/%2e%2e%2f")],
    ),
    (
        "| url | a class of one character outside `pchar` | the URL's path holds a character that must be "
        "percent-encoded | write the segment as it stands in the canonical URL |",
        [("url", "GET https://h/[é]"), ("url", "GET https://h/[|]")],
    ),
    (
        "| url | a segment that hides `.` or `..` | a segment of the URL's path hides `.` or `..` | write "
        "the segment as it stands in the canonical URL |",
        [("url", "GET https://h/../a"), ("url", "GET https://h/%2e%2e/a"), ("url", "GET https://h/..;x")],
    ),
    (
        "| name | a space, a character that takes no room | no name holds a space or a character that "
        "cannot be seen | leave it out |",
        [("name", "a b"), ("name", "a\u200bb"), ("name", "a\U000e0041"), ("name", "[a b]")],
    ),
    (
        "| name | a class that is not negated and holds a separator | a class in a name cannot hold `.`, "
        "`/` or `:` | write the separator outside the class |",
        [("name", "a[.b]"), ("name", "[--a]"), ("name", "[+-9]")],
    ),
    (
        "| argv | `...` before the end | `...` stands only at the end | write `*` for one argument "
        "whatever it is |",
        [("argv", "... x"), ("argv", "git ... ...")],
    ),
]


@quotes("patterns", "Each is a `PatternError` with this message and help, `…` standing for what was found.")
@pytest.mark.parametrize(("row", "given"), row_cases("patterns", [*UNDERIVED, *DERIVED]))
def test_is_refused_in_the_words_of_the_row(row: str, given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    if "the budget does not tell" in row:
        # No pattern is known that needs it: whether one pattern matches anything is decided in few steps.
        monkeypatch.setattr(budget, "MOST", 0)
    with pytest.raises(PatternError) as caught:
        parse(*given, ROOTS)
    domains, _, message, hint = cells(row)
    assert given[0] in domains or domains == "any"
    assert says(message, caught.value.message)
    assert says(hint, caught.value.help)


@pytest.mark.parametrize(("rows", "derived"), [(UNDERIVED, False), (DERIVED, True)])
def test_the_grammars_derive_the_second_table_and_not_the_first(
    rows: list[tuple[str, list[Given]]], derived: bool
) -> None:
    given = [one for _, provocations in rows for one in provocations if one[0] in TITLES]
    short = [(domain, text) for domain, text in given if len(text) < 100]
    assert [one for one in short if GRAMMAR.derives(TITLES[one[0]], *one) is not derived] == []


def test_every_refusal_of_the_code_has_its_row() -> None:
    told = {cells(row)[2] for row, _ in [*UNDERIVED, *DERIVED]}
    raised = raised_in("registry/capwright_registry/patterns", "PatternError")
    assert len(raised) > 40
    assert [one for one in raised if not any(says(cell, one) or says(one, cell) for cell in told)] == []
