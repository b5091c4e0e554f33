"""The log has its whole length before the first reader comes: a commit that lengthens it waits for the disk twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from lending.database import CHECKPOINT_PAGES, FOLD_COMMITS, Store, writing
from tests.lending.test_when_the_disk_refuses import run

FULL_HALF_WAY = """
import json, resource, sys
from pathlib import Path
from lending.database import Store, writing

store = Store(Path(sys.argv[1]))
with store.writing() as db:
    db.run("CREATE TABLE notes (text TEXT NOT NULL) STRICT")
    db.run("INSERT INTO notes VALUES ('before')")
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, hard))
store.make_room()
log = Path(sys.argv[1] + "-wal").stat().st_size
with writing(store.db) as db:
    db.run("INSERT INTO notes VALUES ('after')")
print(json.dumps({"log": log, "notes": store.db.value("SELECT COUNT(*) FROM notes")}))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one table of notes, on disk as at a library's."""
    made = Store(tmp_path / "notes.db")
    with made.writing() as db:
        db.run("CREATE TABLE notes (text TEXT NOT NULL) STRICT")
        db.run("INSERT INTO notes VALUES ('before')")
    yield made
    made.close()


def log(store: Store) -> int:
    """Its length in bytes."""
    return store.path.with_name(f"{store.path.name}-wal").stat().st_size


def notes(store: Store) -> list[str]:
    return [row["text"] for row in store.db.all("SELECT text FROM notes ORDER BY rowid")]


def test_turns_do_not_lengthen_a_log_that_has_its_room(store: Store) -> None:
    store.make_room()
    long = log(store)
    assert long >= CHECKPOINT_PAGES * store.db.value("PRAGMA page_size")
    for _ in range(30):  # 48 MB: it is folded into the file once
        with writing(store.db) as db:
            db.run("INSERT INTO notes VALUES (:text)", text="x" * 1_600_000)
    assert log(store) == long
    assert len(notes(store)) == 31


def test_making_room_leaves_nothing_in_the_library(store: Store) -> None:
    pages = store.db.value("PRAGMA page_count")
    store.make_room()
    assert notes(store) == ["before"]
    assert store.db.all("SELECT name FROM sqlite_master") == [{"name": "notes"}]
    assert store.db.value("PRAGMA page_count") == pages
    assert store.db.value("PRAGMA integrity_check") == "ok"


def test_a_store_that_nobody_has_used_yet_gets_room_too(tmp_path: Path) -> None:
    fresh = Store(tmp_path / "fresh.db")
    fresh.make_room()
    assert log(fresh) > CHECKPOINT_PAGES * fresh.db.value("PRAGMA page_size")
    fresh.close()


def test_room_is_made_once(store: Store) -> None:
    store.make_room()
    long = log(store)
    store.make_room()
    assert log(store) == long


def test_room_that_another_process_took_back_at_its_end_is_made_again(store: Store) -> None:
    store.make_room()
    Store(store.path).close()  # as `flask work` does beside a service
    assert log(store) == 0
    write_much(store)
    assert store.fold()
    assert log(store) > CHECKPOINT_PAGES * store.db.value("PRAGMA page_size")


def test_without_room_from_the_start_none_is_made_by_folding(store: Store) -> None:
    write_much(store)
    assert store.fold()
    assert log(store) < 10_000_000


def test_what_another_process_has_just_written_stays(store: Store) -> None:
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("INSERT INTO notes VALUES ('from elsewhere')")
    store.make_room()
    assert notes(store) == ["before", "from elsewhere"]
    other.execute("INSERT INTO notes VALUES ('and after')")
    other.close()
    assert notes(store)[-1] == "and after"


def test_what_is_written_after_a_kill_is_found_again(store: Store, tmp_path: Path) -> None:
    """The room is full of pages nobody committed; whoever reads the log anew stops at the last turn."""
    store.make_room()
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('last')")
    for suffix in ("", "-wal"):  # as the disk has it at this moment
        (tmp_path / f"copy.db{suffix}").write_bytes((tmp_path / f"notes.db{suffix}").read_bytes())
    found = Store(tmp_path / "copy.db")
    assert notes(found) == ["before", "last"]
    assert found.db.value("PRAGMA integrity_check") == "ok"
    found.close()


def test_a_disk_without_room_is_no_reason_not_to_go_on(store: Store) -> None:
    pages = store.db.value("PRAGMA page_count")
    store._writer.conn.execute(f"PRAGMA max_page_count = {pages + 50}")  # SQLite's own word: the disk is full
    store.make_room()
    assert log(store) < 1_000_000
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('after')")
    assert notes(store) == ["before", "after"]


def test_a_disk_that_is_nearly_full_keeps_what_it_has(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the log would just fit: the catalogue and its index want to grow too."""
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=100_000_000))
    store.make_room()
    assert log(store) < 1_000_000


def test_what_could_not_become_its_whole_length_is_given_back(tmp_path: Path) -> None:
    """A disk that fills up meanwhile: the library still has what the log had taken."""
    found = run(FULL_HALF_WAY, str(tmp_path / "notes.db"))
    assert found == {"log": 0, "notes": 2}


# ---- folded back in the pauses ---------------------------------------------------------------------------------------


def write_much(store: Store) -> None:
    for n in range(FOLD_COMMITS):
        with writing(store.db) as db:
            db.run("INSERT INTO notes VALUES (:text)", text=str(n))


def in_the_file(store: Store, tmp_path: Path) -> int:
    """How many notes stand in the file itself, without its log."""
    copy = tmp_path / "without.db"
    copy.write_bytes(store.path.read_bytes())
    with sqlite3.connect(copy) as conn:
        return int(conn.execute("SELECT COUNT(*) FROM notes").fetchone()[0])


def test_a_long_log_is_folded_into_the_file_once(store: Store, tmp_path: Path) -> None:
    assert not store.fold()
    write_much(store)
    assert store.fold()
    assert in_the_file(store, tmp_path) == FOLD_COMMITS + 1
    assert not store.fold()


def test_a_quiet_library_folds_what_there_is_after_a_while(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever copies the file alone has nearly everything."""
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('a while ago')")
    assert not store.fold()
    monkeypatch.setattr("lending.database.FOLD_SECONDS", 0.0)
    assert store.fold()
    assert in_the_file(store, tmp_path) == 2
    assert not store.fold()


def test_while_somebody_writes_nobody_folds(store: Store) -> None:
    write_much(store)
    with writing(store.db), ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(store.fold).result(5) is False
    assert store.fold()


def test_a_disk_that_refuses_is_not_asked_again_at_once(store: Store) -> None:
    write_much(store)
    store._writer.conn.close()
    with pytest.raises(sqlite3.Error):
        store.fold()
    assert not store.fold()
    store._writer.conn = store._open(writes=True).conn
