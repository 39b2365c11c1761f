"""A copy holds what is granted by name, as it is now, and nothing else ever comes into it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capwright_registry.patterns import matches, parse
from capwright_runtimes.refusal import Refused
from capwright_runtimes.sandbox import copying, source
from capwright_runtimes.sandbox.copies import Copies
from capwright_runtimes.sandbox.mounts import resolve
from capwright_runtimes.sandbox.plan import Plan, Rules
from tests.runtimes.confined import plan

MARK = "what must not leave"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A note, a hidden folder, a hidden file, and a folder beside them."""
    folder = tmp_path / "w"
    (folder / "sub" / "private").mkdir(parents=True)
    (folder / "sub" / "private" / "key").write_text(MARK)
    (folder / ".env").write_text(MARK)
    (folder / "docs").mkdir()
    (folder / "docs" / "page").write_text("a page")
    (folder / "note").write_text("a note")
    return folder


Made = Callable[..., Path]


@pytest.fixture
def made(work: Path) -> Iterator[Made]:
    """Make the copy of the folder under a plan; `made.copies` renews it."""
    every: list[Copies] = []

    def make(**parts: object) -> Path:
        rules = Rules(Plan.of(plan(**parts)))  # type: ignore[arg-type]
        every.append(Copies(rules, resolve(rules)))
        make.copies = every[-1]  # type: ignore[attr-defined]
        return every[-1].places[work]

    yield make
    for copies in every:
        copies.close()


def listed(folder: Path) -> dict[str, str]:
    """Every path below a folder, with what it holds; folders are `/`."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders:
            path = Path(place, name)
            found[str(path.relative_to(folder))] = "/" if not path.is_symlink() else f"-> {path.readlink()}"
        for name in files:
            path = Path(place, name)
            found[str(path.relative_to(folder))] = (
                f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
            )
    return found


def renew(make: Made) -> None:
    make.copies.renew()  # type: ignore[attr-defined]


class TestContent:
    def test_what_is_excepted_is_not_in_it(self, work: Path, made: Made) -> None:
        found = listed(made(read=[work], globs=["/**/.env", "/**/private"]))
        assert found == {"sub": "/", "docs": "/", "docs/page": "a page", "note": "a note"}

    def test_what_is_bound_on_it_is_a_place_without_content(self, work: Path, made: Made) -> None:
        hidden = [work / "sub" / "private", work / ".env"]
        assert listed(made(read=[work], mask=hidden)) == {"sub": "/", "docs": "/", "note": "a note"}
        written = made(write=[work], mask=hidden)
        assert listed(written) == {"sub": "/", "docs": "/", "note": ""}

    def test_the_way_to_what_is_open_within_an_exception(self, work: Path, made: Made) -> None:
        (work / "sub" / "private" / "open").mkdir()
        copy = made(read=[work, work / "sub" / "private" / "open"], mask=[work / "sub" / "private"])
        assert listed(copy / "sub") == {"private": "/", "private/open": "/"}

    def test_a_link_is_a_link_whatever_it_leads_to(self, work: Path, made: Made) -> None:
        (work / "out").symlink_to(work.parent)
        (work / "env").symlink_to(".env")
        (work / "none").symlink_to("/no/such")
        found = listed(made(read=[work], globs=["/**/.env"]))
        assert (found["out"], found["env"], found["none"]) == (f"-> {work.parent}", "-> .env", "-> /no/such")

    def test_pipes_and_sockets_are_not_in_it(self, work: Path, made: Made) -> None:
        os.mkfifo(work / "pipe")
        assert "pipe" not in listed(made(read=[work], globs=["/**/.env"]))

    def test_times_and_permissions_are_the_files(self, work: Path, made: Made) -> None:
        (work / "note").chmod(0o4750)
        os.utime(work / "note", ns=(1_000_000_007, 2_000_000_009))
        facts = (made(read=[work], globs=["/**/.env"]) / "note").stat()
        assert stat.S_IMODE(facts.st_mode) == 0o750 and facts.st_mtime_ns == 2_000_000_009

    def test_what_nobody_may_read_is_left_out(self, work: Path, made: Made) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        (work / "note").chmod(0)
        (work / "docs").chmod(0)
        found = listed(made(read=[work], globs=["/**/.env"]))
        (work / "docs").chmod(0o700)
        assert found == {"sub": "/", "sub/private": "/", "sub/private/key": MARK, "docs": "/"}

    def test_no_folder_with_an_exception_no_copy(self, work: Path) -> None:
        rules = Rules(Plan.of(plan(read=[work])))
        with closing(Copies(rules, resolve(rules))) as copies:
            assert copies.places == {}
            copies.renew()


class TestRenewal:
    """Between two calls anybody may have done anything to the folder."""

    def test_an_atomic_save_of_what_is_hidden(self, work: Path, made: Made) -> None:
        copy = made(read=[work], mask=[work / ".env", work / "sub" / "private"])
        (work / "new").write_text(MARK)
        (work / "new").replace(work / ".env")
        (work / "sub" / "private").rename(work.parent / "old")
        (work / "sub" / "private").mkdir()
        (work / "sub" / "private" / "key").write_text(MARK)
        renew(made)
        assert listed(copy) == {"sub": "/", "docs": "/", "note": "a note"}

    def test_what_is_made_later_under_a_hidden_name(self, work: Path, made: Made) -> None:
        copy = made(read=[work], globs=["/**/.env"])
        (work / "docs" / ".env").write_text(MARK)
        (work / "docs" / "more").mkdir()
        (work / "docs" / "more" / ".env").write_text(MARK)
        (work / "docs" / "more" / "page").write_text("another page")
        renew(made)
        found = listed(copy / "docs")
        assert found == {"page": "a page", "more": "/", "more/page": "another page"}

    def test_a_clear_file_that_is_renamed_to_a_hidden_name_goes(self, work: Path, made: Made) -> None:
        copy = made(read=[work], globs=["/**/.env"])
        (work / "note").rename(work / "docs" / ".env")
        renew(made)
        assert "note" not in listed(copy) and "docs/.env" not in listed(copy)

    def test_a_folder_that_is_renamed_to_a_hidden_name_goes(self, work: Path, made: Made) -> None:
        copy = made(read=[work], mask=[work / "docs" / "private"])
        (work / "sub").rename(work / "docs" / "private")
        renew(made)
        assert listed(copy / "docs") == {"page": "a page"}

    def test_a_folder_that_becomes_a_link_out_is_not_followed(self, work: Path, made: Made) -> None:
        (work.parent / "elsewhere").mkdir()
        (work.parent / "elsewhere" / "page").write_text(MARK)
        copy = made(read=[work], globs=["/**/.env"])
        shutil.rmtree(work / "docs")
        (work / "docs").symlink_to(work.parent / "elsewhere")
        renew(made)
        assert (copy / "docs").is_symlink()
        shutil.move(work, work.parent / "old")
        work.symlink_to(work.parent / "elsewhere")
        renew(made)
        assert listed(copy) == {}

    @pytest.mark.parametrize("after", ["file", "folder", "link", "none"])
    @pytest.mark.parametrize("before", ["file", "folder", "link", "none"])
    def test_another_kind_takes_its_place(self, work: Path, made: Made, before: str, after: str) -> None:
        expected = {
            "file": {"x": "x"},
            "folder": {"x": "/", "x/y": "y"},
            "link": {"x": "-> note"},
            "none": {},
        }
        copy = made(read=[work], globs=["/**/.env"])
        for kind in (before, after):
            shutil.rmtree(work / "x") if (work / "x").is_dir() else (work / "x").unlink(missing_ok=True)
            if kind == "file":
                (work / "x").write_text("x")
            elif kind == "folder":
                (work / "x").mkdir()
                (work / "x" / "y").write_text("y")
            elif kind == "link":
                (work / "x").symlink_to("note")
            renew(made)
            found = {path: held for path, held in listed(copy).items() if path[0] == "x"}
            assert found == expected[kind]

    def test_a_changed_file_is_new_and_an_unchanged_one_is_not_read(
        self, work: Path, made: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(source, "is_settled", bool)
        copy = made(read=[work], globs=["/**/.env"])
        written: list[str] = []
        write = copying.Round._write

        def watched(self: copying.Round, file: int, facts: os.stat_result) -> None:
            written.append(str(Path(f"/proc/self/fd/{file}").readlink()))
            write(self, file, facts)

        monkeypatch.setattr(copying.Round, "_write", watched)
        renew(made)
        assert written == []
        (work / "note").write_text("longer than before")
        renew(made)
        assert written == [str(work / "note")] and listed(copy)["note"] == "longer than before"

    def test_a_file_that_was_just_written_is_read_again(
        self, work: Path, made: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Within one tick of the clock nothing tells a second change from the first."""
        monkeypatch.setattr(source, "is_settled", lambda _: False)
        monkeypatch.setattr(source, "signature", lambda _: (0,))
        copy = made(read=[work], globs=["/**/.env"])
        for text in ("aaaa", "bbbb"):
            (work / "note").write_text(text)
            renew(made)
            assert listed(copy)["note"] == text

    def test_a_copy_that_somebody_removed_is_made_again(self, work: Path, made: Made) -> None:
        copy = made(read=[work], globs=["/**/.env"])
        (copy / "note").unlink()
        (copy / "left").touch()
        renew(made)
        assert listed(copy)["note"] == "a note" and "left" not in listed(copy)

    def test_what_something_is_mounted_on_stays(self, work: Path, made: Made) -> None:
        """Removing it would take the mount with it; what comes in its place is not what was granted."""
        copy = made(read=[work], mask=[work / "sub" / "private"], write=[work / "sub" / "out" / "x"])
        assert "docs" in listed(copy)
        before = (copy / "docs").stat().st_ino
        shutil.rmtree(work / "docs")
        (work / "docs").write_text("a file now")
        renew(made)
        assert (copy / "docs").stat().st_ino == before and listed(copy / "docs") == {}

    def test_of_a_folder_on_the_way_to_a_mount_only_the_way_stays(self, work: Path, made: Made) -> None:
        (work / "sub" / "a" / "b").mkdir(parents=True)
        (work / "sub" / "a" / "page").write_text("a page")
        copy = made(read=[work], mask=[work / "sub" / "a" / "c"])
        assert listed(copy / "sub") == {"a": "/", "a/b": "/", "a/page": "a page", "private": "/"}
        shutil.rmtree(work / "sub")
        renew(made)
        assert listed(copy / "sub") == {"a": "/", "a/b": "/", "private": "/"}
        before = (copy / "sub" / "a").stat().st_ino
        (work / "sub").write_text("a file now")
        renew(made)
        assert (copy / "sub" / "a").stat().st_ino == before


class TestBounds:
    @pytest.mark.parametrize(
        ("bound", "just_enough"), [("MAX_ENTRIES", 7), ("MAX_BYTES", 31), ("MAX_DEPTH", 2)]
    )
    def test_too_much_is_refused(
        self, work: Path, made: Made, monkeypatch: pytest.MonkeyPatch, bound: str, just_enough: int
    ) -> None:
        monkeypatch.setattr(copying, bound, just_enough)
        made(read=[work], globs=["/**/.env"])
        renew(made)
        (work / "sub" / "private" / "more").mkdir()
        (work / "sub" / "private" / "more" / "x").write_text("x")
        with pytest.raises(Refused) as caught:
            renew(made)
        assert caught.value.code == "too-many-files"
        with pytest.raises(Refused):
            made(read=[work], globs=["/**/.env"])

    def test_a_copy_that_cannot_be_written_is_refused(self, work: Path, made: Made) -> None:
        copy = made(read=[work], globs=["/**/.env"])
        shutil.rmtree(copy.parent)
        with pytest.raises(Refused) as caught:
            renew(made)
        assert caught.value.code == "no-copy"

    def test_closed_it_is_gone_and_stays_so(self, work: Path) -> None:
        rules = Rules(Plan.of(plan(read=[work], globs=["/**/.env"])))
        copies = Copies(rules, resolve(rules))
        folder = copies.places[work].parent
        copies.close()
        copies.renew()
        copies.close()
        assert not folder.exists()


_PATHS = ["/".join(names) for n in (1, 2, 3) for names in product("ab", repeat=n)]
_GLOBS = st.lists(st.sampled_from(["/**/b", "/**/a/**", "/**/a/b"]), min_size=1, max_size=2)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "fold", "link", "remove", "rename"]),
        st.sampled_from(_PATHS),
        st.sampled_from(_PATHS),
    ),
    max_size=12,
)


def _do(root: Path, what: str, one: str, other: str) -> None:
    """One change of the folder, if it is possible."""
    place = root / one
    with suppress(OSError, shutil.Error):
        if what == "rename":
            place.rename(root / other)
        elif what == "remove":
            shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            if what == "write":
                place.write_text(other)
            elif what == "fold":
                place.mkdir()
            else:
                place.symlink_to(other)


@settings(deadline=None, max_examples=150)
@given(st.sets(st.sampled_from(_PATHS), max_size=2), _GLOBS, _STEPS, _STEPS)
def test_it_is_what_is_granted_by_name_whatever_happened(
    masks: set[str], globs: list[str], before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> None:
    """ "Only what is read by a name that is granted ever comes into its copy", and all of it does."""
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "w"
        root.mkdir()
        for step in before:
            _do(root, *step)
        rules = Rules(Plan.of(plan(read=[root], mask=[root / one for one in masks], globs=globs)))
        patterns = [parse("path", glob) for glob in globs]
        with closing(Copies(rules, resolve(rules))) as copies:
            for steps in ([], after):
                for step in steps:
                    _do(root, *step)
                copies.renew()
                hidden = {
                    path
                    for path in listed(root)
                    if path in masks or any(matches(pattern, f"{root}/{path}") for pattern in patterns)
                }
                granted = {
                    path: held
                    for path, held in listed(root).items()
                    if hidden.isdisjoint((path, *map(str, Path(path).parents)))
                }
                assert listed(copies.places[root]) == granted
