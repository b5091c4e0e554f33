"""The store's one door: turns share commits, fail alone, and nobody waits for ever or sees half a change."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lending.database import Database, Store, writing
from lending.door import Ticket
from lending.errors import StoreUnwritable


class Stop(BaseException):
    """Not an Exception: what Ctrl-C looks like."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one table of notes."""
    made = Store(tmp_path / "notes.db", synchronous="OFF")
    with made.writing() as db:
        db.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, who INTEGER NOT NULL, text TEXT NOT NULL UNIQUE) STRICT")
    yield made
    made.close()


def note(db: Database, text: str, who: int = 0) -> int:
    return db.run("INSERT INTO notes (who, text) VALUES (:who, :text)", who=who, text=text)


def texts(store: Store) -> set[str]:
    return {row["text"] for row in store.db.all("SELECT text FROM notes")}


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """Let that many threads start together; their results, or what they raised."""
    gate = threading.Barrier(number)

    def run(n: int) -> Any:
        gate.wait()
        try:
            return work(n)
        except BaseException as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def commits(store: Store) -> list[str]:
    """From now on, the transactions' own statements as the writing connection sees them."""
    seen: list[str] = []
    told = ("COMMIT", "BEGIN IMMEDIATE")
    store._writer.conn.set_trace_callback(lambda sql: seen.append(sql) if sql in told else None)
    return seen


def queue_behind(store: Store, works: list[Callable[[], Any]]) -> list[threading.Thread]:
    """Threads that wait for their turn in this order; to be called inside a turn."""
    threads = []
    for place, work in enumerate(works, 1):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        while len(store._door._waiting) < place:
            time.sleep(0.001)
    return threads


def test_64_threads_lose_nothing(store: Store) -> None:
    seen = commits(store)

    def work(n: int) -> None:
        for i in range(20):
            with writing(store.db) as db:
                note(db, f"{n}-{i}", n)

    assert at_once(64, work) == [None] * 64
    assert texts(store) == {f"{n}-{i}" for n in range(64) for i in range(20)}
    assert seen.count("COMMIT") == seen.count("BEGIN IMMEDIATE") <= 64 * 20


def test_those_who_wait_share_one_commit(store: Store) -> None:
    seen = commits(store)
    with writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [lambda n=n: write(store, str(n)) for n in range(20)])  # type: ignore[misc]
    for thread in threads:
        thread.join()
    assert seen == ["BEGIN IMMEDIATE", "COMMIT"]


def test_a_caller_is_answered_only_after_the_commit_that_holds_its_change(store: Store) -> None:
    def work(n: int) -> bool:
        with writing(store.db) as db:
            note(db, str(n))
        with sqlite3.connect(store.path) as other:
            return other.execute("SELECT COUNT(*) FROM notes WHERE text = ?", (str(n),)).fetchone()[0] == 1

    assert at_once(32, work) == [True] * 32


def test_a_failing_turn_is_rolled_back_alone(store: Store) -> None:
    def work(n: int) -> None:
        with writing(store.db) as db:
            note(db, str(n))
            if n % 3 == 0:
                raise LookupError(n)
            if n % 3 == 1:
                raise Stop(n)

    outcome = at_once(48, work)
    assert texts(store) == {str(n) for n in range(48) if n % 3 == 2}
    assert Counter(type(one) for one in outcome) == {LookupError: 16, Stop: 16, type(None): 16}


def test_a_wrong_statement_keeps_its_own_error(store: Store) -> None:
    with writing(store.db) as db:
        note(db, "once")
    with pytest.raises(sqlite3.IntegrityError), writing(store.db) as db:
        note(db, "twice")
        note(db, "once")
    assert texts(store) == {"once"}


def test_a_step_inside_a_turn_may_fail_without_the_turn(store: Store) -> None:
    with writing(store.db) as db:
        note(db, "before")
        with pytest.raises(LookupError), writing(db) as inner:
            note(inner, "lost")
            with writing(inner) as deepest:
                note(deepest, "lost too")
            raise LookupError
        with writing(db) as inner:
            note(inner, "kept")
    assert texts(store) == {"before", "kept"}


def test_a_turn_asked_for_inside_a_turn_through_the_reading_connection_is_a_step_of_it(store: Store) -> None:
    def work() -> None:
        with writing(store.db) as db:
            note(db, "outer")
            with pytest.raises(LookupError), writing(store.db) as inner:
                note(inner, "inner")
                raise LookupError

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "a caller waits for itself"
    assert texts(store) == {"outer"}


def test_nobody_sees_a_change_before_its_commit(store: Store) -> None:
    stop, halves = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            if store.db.value("SELECT COUNT(*) FROM notes") % 2:
                halves.append(1)

    watcher = threading.Thread(target=look)
    watcher.start()

    def work(n: int) -> None:
        for i in range(10):
            with writing(store.db) as db:
                note(db, f"{n}-{i}-a")
                time.sleep(0)
                note(db, f"{n}-{i}-b")

    at_once(8, work)
    stop.set()
    watcher.join()
    assert not halves
    assert len(texts(store)) == 160


def test_a_writing_connection_kept_past_its_turn_sees_only_what_is_committed(store: Store) -> None:
    with writing(store.db) as kept:
        note(kept, "mine")
    inside, look = threading.Event(), threading.Event()

    def work() -> None:
        with writing(store.db) as db:
            note(db, "theirs")
            inside.set()
            look.wait(5)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(5)
    seen = {row["text"] for row in kept.all("SELECT text FROM notes")}
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        note(kept, "sneaked in")
    look.set()
    thread.join()
    assert seen == {"mine"}
    assert texts(store) == {"mine", "theirs"}


def test_turns_come_in_the_order_of_asking(store: Store) -> None:
    with writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [lambda n=n: write(store, str(n)) for n in range(20)])  # type: ignore[misc]
    for thread in threads:
        thread.join()
    rows = store.db.all("SELECT text FROM notes ORDER BY id")
    assert [row["text"] for row in rows] == ["first", *map(str, range(20))]


def write(store: Store, text: str) -> None:
    with writing(store.db) as db:
        note(db, text)


def test_nobody_starves(store: Store) -> None:
    """Waiting on SQLite's own busy timeout gave the unluckiest of eight nothing at all."""
    done = dict.fromkeys(range(8), 0)

    def work(n: int) -> None:
        while max(done.values()) < 3_000:  # many slices of the interpreter, which lets one run on for 5 ms
            write(store, f"{n}-{done[n]}")
            done[n] += 1

    at_once(8, work)
    assert min(done.values()) > 0.05 * max(done.values()), "there it was nothing at all"


def test_a_raising_turn_does_not_leave_those_behind_it_waiting(store: Store) -> None:
    with pytest.raises(LookupError), writing(store.db):
        threads = queue_behind(store, [lambda n=n: write(store, str(n)) for n in range(5)])  # type: ignore[misc]
        raise LookupError
    for thread in threads:
        thread.join(5)
    assert texts(store) == set("01234")


@pytest.mark.parametrize("behind", [0, 1])
def test_an_interruption_while_waiting_gives_the_place_to_the_next(store: Store, behind: int) -> None:
    """The main thread is interrupted in the queue; whoever holds the turn, or comes later, goes on."""
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(store.db) as db:
            note(db, "held")
            inside.set()
            while not store._door._waiting:
                time.sleep(0.001)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            go.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(5)
    others = [threading.Thread(target=write, args=(store, "behind"), daemon=True) for _ in range(behind)]
    with pytest.raises(KeyboardInterrupt), writing(store.db) as db:
        note(db, "interrupted")
    for other in others:
        other.start()
    go.set()
    holder.join(5)
    for other in others:
        other.join(5)
    later = threading.Thread(target=write, args=(store, "later"), daemon=True)
    later.start()
    later.join(5)
    assert not later.is_alive(), "the door stays shut after an interruption"
    assert texts(store) == {"held", "later"} | {"behind" for _ in others}


def test_an_interruption_inside_a_turn_undoes_it_and_frees_the_door(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), writing(store.db) as db:
        note(db, "half")
        raise KeyboardInterrupt
    write(store, "after")
    assert texts(store) == {"after"}


def test_a_turn_called_just_as_its_caller_gives_up_is_handed_on(store: Store) -> None:
    """The ticket has left the queue but its owner was interrupted: the turn must not be lost with it."""
    door = store._door
    ticket = Ticket()
    with door._guard:
        door._busy = True
    door._called = ticket
    door._give_up(ticket)
    write(store, "after")
    assert texts(store) == {"after"}


def test_a_failed_commit_is_told_to_every_caller_of_the_batch_and_the_store_goes_on(store: Store) -> None:
    """A foreign key left open until the end makes COMMIT itself fail."""
    with writing(store.db) as db:
        db.run("CREATE TABLE tags (note INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)")
    outcomes: list[type] = []

    def work(text: str) -> None:
        try:
            write(store, text)
        except StoreUnwritable as error:
            outcomes.append(type(error))

    with pytest.raises(StoreUnwritable), writing(store.db) as db:
        db.run("INSERT INTO tags (note) VALUES (999)")
        threads = queue_behind(store, [lambda n=n: work(str(n)) for n in range(6)])  # type: ignore[misc]
    for thread in threads:
        thread.join(5)
    assert outcomes == [StoreUnwritable] * 6
    assert texts(store) == set()
    write(store, "after")
    assert texts(store) == {"after"}


def test_a_transaction_lost_in_the_middle_of_a_batch_is_told_to_all_before(store: Store) -> None:
    """Some errors (a full disk) make SQLite take back the whole transaction, not the turn alone."""
    outcomes: list[str] = []

    def lose_it() -> None:
        try:
            with writing(store.db) as db:
                db.conn.execute("ROLLBACK")  # what SQLite does by itself then
                raise sqlite3.OperationalError("disk I/O error")
        except sqlite3.OperationalError:
            outcomes.append("lost")

    with pytest.raises(StoreUnwritable), writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [lose_it, lambda: write(store, "next")])
    for thread in threads:
        thread.join(5)
    assert outcomes == ["lost"]
    assert texts(store) == {"next"}


def test_closing_waits_for_whoever_is_writing_and_then_refuses(store: Store) -> None:
    with writing(store.db) as db:
        note(db, "last")
        threads = queue_behind(store, [store.close])
    threads[0].join(5)
    assert texts(store) == {"last"}
    assert store.path.with_name("notes.db-wal").stat().st_size == 0
    with pytest.raises(StoreUnwritable):
        write(store, "too late")
