"""A full disk, a file nobody may write, a writer elsewhere: StoreUnwritable for all concerned, and life goes on."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lending.database import Store, writing
from lending.errors import StoreUnwritable

HOME = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one table of notes."""
    made = Store(tmp_path / "notes.db")
    with made.writing() as db:
        db.run("CREATE TABLE notes (text TEXT NOT NULL) STRICT")
    yield made
    made.close()


def run(script: str, *args: str) -> dict[str, object]:
    """Run a script in a process of its own; it prints one JSON object."""
    done = subprocess.run(
        [sys.executable, "-c", script, *args], cwd=HOME, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_full_file_refuses_the_turn_and_takes_a_smaller_one(store: Store) -> None:
    pages = store.db.value("PRAGMA page_count")
    store._writer.conn.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnwritable), writing(store.db) as db:
        db.run("INSERT INTO notes VALUES (:text)", text="x" * 100_000)
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('small')")
    assert store.db.all("SELECT text FROM notes") == [{"text": "small"}]


FULL_AT_COMMIT = """
import json, resource, sys, threading, time
from pathlib import Path
from lending.database import Store, writing
from lending.errors import StoreUnwritable

store = Store(Path(sys.argv[1]))
with store.writing() as db:
    db.run("CREATE TABLE notes (text TEXT NOT NULL) STRICT")
outcomes = []

def work(n):
    try:
        with writing(store.db) as db:
            db.run("INSERT INTO notes VALUES (:t)", t=str(n) + "x" * 20_000)
        outcomes.append("kept")
    except StoreUnwritable:
        outcomes.append("StoreUnwritable")

wal = Path(sys.argv[1] + "-wal")
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 30_000, hard))
try:
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES (:t)", t="first" + "x" * 20_000)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for place, thread in enumerate(threads, 1):
            thread.start()
            while len(store._door._waiting) < place:
                time.sleep(0.001)
    outcomes.append("kept")
except StoreUnwritable:
    outcomes.append("StoreUnwritable")
for thread in threads:
    thread.join(10)
rows = store.db.value("SELECT COUNT(*) FROM notes")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
with writing(store.db) as db:
    db.run("INSERT INTO notes VALUES ('after')")
print(json.dumps({"outcomes": outcomes, "rows": rows, "after": store.db.value("SELECT COUNT(*) FROM notes")}))
"""


def test_a_disk_that_fills_at_the_commit_is_told_to_all_nine_of_the_batch(tmp_path: Path) -> None:
    found = run(FULL_AT_COMMIT, str(tmp_path / "notes.db"))
    assert found == {"outcomes": ["StoreUnwritable"] * 9, "rows": 0, "after": 1}


FULL_AT_THE_START = """
import json, resource, sys
from pathlib import Path
from lending.database import Store
from lending.errors import StoreUnwritable

resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    said = f"opened {Store(Path(sys.argv[1]))}"
except StoreUnwritable as error:
    said = str(error)
print(json.dumps({"said": said}))
"""


def test_a_disk_that_is_full_at_the_start_is_called_full(store: Store) -> None:
    """SQLite finds no room for what readers share and calls it an I/O error; we advised to put an old copy back."""
    store.close()
    assert run(FULL_AT_THE_START, str(store.path)) == {"said": "database or disk is full"}


READ_ONLY = """
import json, os, sys
from pathlib import Path
from lending.database import Store, writing
from lending.errors import StoreUnwritable

if os.getuid() == 0:
    os.setuid(65534)
try:
    store = Store(Path(sys.argv[1]))
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('no')")
    outcome = "kept"
except StoreUnwritable as error:
    outcome = "StoreUnwritable"
print(json.dumps({"outcome": outcome}))
"""


@pytest.mark.parametrize("deep", ["", "a folder that cannot be made"])
def test_a_file_or_folder_that_may_not_be_written_stops_the_start(deep: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.db"
        Store(path).close()
        path.chmod(0o444)
        os.chmod(folder, 0o555)
        asked = Path(folder) / deep / "notes.db" if deep else path
        assert run(READ_ONLY, str(asked)) == {"outcome": "StoreUnwritable"}
        os.chmod(folder, 0o755)


def test_a_file_locked_elsewhere_for_too_long_is_refused_and_then_works(store: Store) -> None:
    store._writer.conn.execute("PRAGMA busy_timeout = 50")
    elsewhere = sqlite3.connect(store.path, isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnwritable, match="locked"), writing(store.db):
        pass
    elsewhere.execute("COMMIT")
    elsewhere.close()
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('after')")
    assert store.db.value("SELECT COUNT(*) FROM notes") == 1


TWO_WRITERS = """
import json, sys, threading
from pathlib import Path
from lending.database import Store, writing

store = Store(Path(sys.argv[1]))

def work(n):
    for i in range(25):
        with writing(store.db) as db:
            before = db.value("SELECT COUNT(*) FROM notes")
            db.run("INSERT INTO notes VALUES (:t)", t=str(before))

threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"done": True}))
"""


def test_two_processes_write_at_once_and_neither_overwrites_the_other(store: Store) -> None:
    """Each turn counts the notes and writes that number: a turn that read something stale would write one twice."""
    command = [sys.executable, "-c", TWO_WRITERS, str(store.path)]
    both = [subprocess.Popen(command, cwd=HOME, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert {row["text"] for row in store.db.all("SELECT text FROM notes")} == {str(n) for n in range(200)}


def test_a_file_taken_away_while_in_use_refuses_until_it_is_back(store: Store, tmp_path: Path) -> None:
    """SQLite goes on writing into a file that nobody will find again."""
    aside = tmp_path / "aside.db"
    store.path.rename(aside)
    with pytest.raises(StoreUnwritable, match=r"taken away or replaced.*put it back"), writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('lost')")
    with ThreadPoolExecutor(1) as pool, pytest.raises(StoreUnwritable, match="put it back"):
        pool.submit(lambda: store.db).result()  # a thread that has not read yet
    assert not store.path.exists(), "no empty one is made in its place"
    aside.rename(store.path)
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('kept')")
    assert store.db.all("SELECT text FROM notes") == [{"text": "kept"}]


def test_a_file_put_in_the_place_of_ours_is_not_written_and_is_whole_at_the_next_start(tmp_path: Path) -> None:
    """A copy put back while the service runs: our log must not be read as its own."""
    path, copy = tmp_path / "notes.db", tmp_path / "copy.db"
    store = Store(path)
    with store.writing() as db:
        db.run("CREATE TABLE notes (text TEXT NOT NULL) STRICT")
        db.run("INSERT INTO notes VALUES ('old')")
    taken = sqlite3.connect(copy)
    store.db.conn.backup(taken)
    taken.close()
    with writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('new')")
    copy.replace(path)
    with pytest.raises(StoreUnwritable, match="start again"), writing(store.db) as db:
        db.run("INSERT INTO notes VALUES ('lost')")
    store.close()
    again = Store(path)
    assert again.db.all("SELECT text FROM notes") == [{"text": "old"}]
    assert again.db.value("PRAGMA integrity_check") == "ok"
    again.close()
