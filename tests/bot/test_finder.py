"""The index keeps in step with the catalogue, whatever happens to either."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot import finder as finders
from bot.finder import Finder
from lending import catalogue, withdrawals
from lending.catalogue import Title
from lending.database import Database, Store
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from search.errors import IndexBusy
from search.index import Index
from search.locks import holding
from search.query import Results
from tests import stores
from tests.talking import FRIDAY


def bring(store: Store, *names: str) -> list[int]:
    """Put titles into the catalogue; their ids."""
    with store.writing() as db:
        return store_titles(db, [TitleEntry(name) for name in names]).ids


def withdraw(store: Store, title_id: int) -> None:
    """Take a title out of the catalogue."""
    withdrawals.withdraw(store.db, title_id, "记重了", stores.rules(), FRIDAY)


def found(finder: Finder, text: str) -> list[int]:
    """Ids of the close answers."""
    finding = finder.find(text)
    return [] if finding.near else list(finding.ids)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the index lives."""
    return tmp_path / "index"


@pytest.fixture
def finder(store: Store, folder: Path) -> Finder:
    """Three titles, indexed."""
    bring(store, "围城", "活着", "边城")
    made = Finder(store, folder)
    made.open()
    return made


def test_before_it_is_opened_nothing_is_found_and_nothing_breaks(store: Store, folder: Path) -> None:
    finder = Finder(store, folder)
    assert found(finder, "围城") == []
    assert finder.catch_up() is False


def test_an_empty_catalogue_has_an_index_too(store: Store, folder: Path) -> None:
    finder = Finder(store, folder)
    finder.open()
    assert found(finder, "围城") == []
    assert finder.catch_up() is False
    assert found(finder, "围城") == []


def test_a_missing_index_is_built_at_open_with_progress(store: Store, folder: Path) -> None:
    (number,) = bring(store, "围城")
    told: list[int] = []
    finder = Finder(store, folder)
    finder.open(told.append)
    assert found(finder, "weicheng") == [number]
    assert told[-1] == 1


def test_a_new_title_is_found_after_catching_up(store: Store, finder: Finder) -> None:
    (number,) = bring(store, "呐喊")
    assert found(finder, "呐喊") == []
    assert finder.catch_up() is True
    assert found(finder, "呐喊") == [number]
    assert finder.catch_up() is False


def test_what_was_asked_lately_is_answered_from_memory_until_the_index_changes(
    store: Store, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    search = Index.search

    def counted(index: Index, text: str, *more: Any, **named: Any) -> Results:
        asked.append(text)
        return search(index, text, *more, **named)

    monkeypatch.setattr(Index, "search", counted)
    assert finder.find("围城") == finder.find("围城") and asked == ["围城"]
    bring(store, "围城 续篇")
    finder.catch_up()
    assert len(finder.find("围城").ids) == 2 and asked == ["围城", "围城"]
    finder.rebuild()
    assert len(finder.find("围城").ids) == 2 and len(asked) == 3


def test_a_withdrawn_title_is_gone_after_catching_up_once(store: Store, finder: Finder) -> None:
    (number,) = found(finder, "活着")
    withdraw(store, number)
    assert finder.catch_up() is True
    assert found(finder, "活着") == []
    assert finder.catch_up() is False, "a withdrawal alone must not be repeated for ever"


def test_what_changed_while_the_service_was_down_is_there_after_opening(
    store: Store, finder: Finder, folder: Path
) -> None:
    withdraw(store, found(finder, "围城")[0])
    (number,) = bring(store, "秦腔")
    again = Finder(store, folder)
    again.open()
    assert (found(again, "围城"), found(again, "秦腔")) == ([], [number])


def test_another_process_s_update_is_seen(store: Store, finder: Finder, folder: Path) -> None:
    (number,) = bring(store, "呐喊")
    other = Finder(store, folder)
    other.open()
    finder.catch_up()
    assert found(finder, "呐喊") == [number]


# ---- rebuilding ----------------------------------------------------------------------------------------------------


def interrupt(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Let something happen to the catalogue when the rebuild has just read its first title."""
    real = catalogue.changed_since

    def reading(db: Database, revision: int, batch: int = 1000) -> Iterator[Title]:
        for n, title in enumerate(real(db, revision, 1)):
            yield title
            if n == 0 and revision == 0:
                act()  # type: ignore[operator]

    monkeypatch.setattr(finders.catalogue, "changed_since", reading)


def test_what_the_catalogue_goes_through_during_a_rebuild_is_in_it(
    store: Store, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One title is withdrawn after it was read, one is changed, one comes new; none is there twice."""
    first = found(finder, "围城")[0]
    seen: list[int] = []

    def meanwhile() -> None:
        withdraw(store, first)
        bring(store, "呐喊")
        with store.writing() as db:
            entry = TitleEntry("活着", subtitle="余华作品", source_id="")
            store_titles(db, [entry])
        seen.extend(found(finder, "边城"))

    interrupt(monkeypatch, meanwhile)
    assert finder.rebuild() == 3
    assert len(seen) == 1, "searching goes on beside the rebuild"
    assert found(finder, "围城") == []
    assert [len(found(finder, name)) for name in ("活着", "边城", "呐喊")] == [1, 1, 1]
    assert finder.catch_up() is False


def test_what_a_service_commits_while_another_process_rebuilds_is_not_lost(
    store: Store, finder: Finder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service brings new titles into the old build; after the swap it finds them missing and brings them again."""
    first = found(finder, "围城")[0]
    seen: list[bool] = []

    def meanwhile() -> None:
        withdraw(store, first)
        bring(store, "呐喊")
        seen.append(finder.catch_up())

    other = Finder(store, folder)
    interrupt(monkeypatch, meanwhile)
    other._build()
    assert seen == [True]
    assert finder.catch_up() is True
    assert (found(finder, "围城"), len(found(finder, "呐喊")), len(found(finder, "边城"))) == ([], 1, 1)
    assert finder.catch_up() is False


def test_what_can_be_borrowed_is_asked_of_the_database(store: Store, finder: Finder) -> None:
    """The index is not touched when copies come and go."""
    (number,) = found(finder, "围城")
    assert catalogue.availability(store.db, [number])[number].total == 0
    with store.writing() as db:
        db.run("INSERT INTO points (code, kind, name) VALUES ('P', 'branch', '总馆')")
        point = int(db.value("SELECT MAX(id) FROM points"))
        store_copies(db, [CopyEntry("B1", number, point)])
    assert finder.catch_up() is False
    assert catalogue.availability(store.db, list(finder.find("围城").ids))[number].total == 1


def test_many_search_while_the_index_is_rebuilt(store: Store, finder: Finder) -> None:
    bring(store, *(f"第{n}号书" for n in range(300)))
    finder.catch_up()
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            assert len(found(finder, "围城")) == 1
            asked += 1
            done.wait(0.001)  # answered from memory, a loop would keep the interpreter from everybody else
        return asked

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            for _ in range(3):
                finder.rebuild()
        finally:
            done.set()
        assert all(one.result() > 0 for one in asking)


def test_two_rebuilds_at_once_are_one_too_many(finder: Finder, folder: Path) -> None:
    with holding(folder, "build", 0), pytest.raises(IndexBusy):
        finder.rebuild()


# ---- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["current", "build-*/*.toc", "build-*/*.trm", "build-*/*.pst", "build-*/*.row.col"])
@pytest.mark.parametrize("harm", ["empty", "gone"])
def test_a_damaged_index_is_built_again_by_itself(
    store: Store, finder: Finder, folder: Path, pattern: str, harm: str
) -> None:
    files = list(folder.glob(pattern))
    assert files
    for file in files:
        file.unlink()
        if harm == "empty":
            file.touch()
    again = Finder(store, folder)
    again.open()
    assert len(found(again, "围城")) == 1


def test_a_flipped_byte_is_noticed_at_the_start_and_cured(store: Store, finder: Finder, folder: Path) -> None:
    for pattern in ("*.pst", "*.trm", "*.row.col", "*.number.col"):
        (file,) = folder.glob(f"build-*/{pattern}")
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        again = Finder(store, folder)
        again.open()
        assert [len(found(again, name)) for name in ("围城", "活着", "边城")] == [1, 1, 1]
        assert not file.exists(), "it was built anew"


def test_a_first_build_that_was_killed_is_begun_again(store: Store, finder: Finder, folder: Path) -> None:
    (folder / "current").unlink()
    (toc,) = folder.glob("build-*/*.toc")
    toc.unlink()
    again = Finder(store, folder)
    again.open()
    assert len(found(again, "围城")) == 1
    assert len(list(folder.glob("build-*"))) == 1


def test_an_index_lost_under_a_running_service_comes_back(finder: Finder, folder: Path) -> None:
    shutil.rmtree(folder)
    assert finder.catch_up() is True
    assert len(found(finder, "围城")) == 1


def test_an_index_that_knows_more_than_the_catalogue_is_built_again(store: Store, finder: Finder) -> None:
    """The store was put back to an earlier day, the index was not."""
    withdraw(store, found(finder, "围城")[0])
    bring(store, "秦腔")
    finder.catch_up()
    with store.writing() as db:
        db.run("DELETE FROM titles WHERE title = '秦腔'")
        db.run("UPDATE titles SET withdrawn = 0, withdrawn_why = '', revision = 1")
        db.run("UPDATE counters SET value = 1 WHERE name = 'titles'")
    assert finder.catch_up() is True
    assert found(finder, "秦腔") == []
    assert len(found(finder, "围城")) == 1
    assert finder.catch_up() is False
