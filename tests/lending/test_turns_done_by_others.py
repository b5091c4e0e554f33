"""A function given to the store's door may run in another caller's thread; whose it is notices nothing of that."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import pytest

from lending.database import Database, Store, in_turn, writing
from lending.errors import StoreUnwritable
from tests.lending.test_writing_in_turns import Stop, commits, note, queue_behind, store, texts

__all__ = ["store"]


@in_turn
def write(db: Database, text: str) -> int:
    """Note it; says in which thread that was done."""
    note(db, text)
    return threading.get_ident()


@in_turn
def fail(db: Database, text: str, error: BaseException) -> None:
    note(db, text)
    raise error


def outcomes(store: Store, works: list[Callable[[], Any]]) -> list[Any]:
    """What came of works that waited behind one turn, in their order: a value, or what was raised."""
    came: list[Any] = [None] * len(works)

    def run(n: int) -> None:
        try:
            came[n] = works[n]()
        except BaseException as error:
            came[n] = error

    with writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [lambda n=n: run(n) for n in range(len(works))])  # type: ignore[misc]
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    return came


def test_those_who_wait_are_served_by_whoever_has_the_turn_with_one_commit(store: Store) -> None:
    seen = commits(store)
    came = outcomes(store, [lambda n=n: write(store.db, str(n)) for n in range(20)])  # type: ignore[misc]
    assert set(came) == {threading.get_ident()}
    assert texts(store) == {"first", *map(str, range(20))}
    assert seen == ["BEGIN IMMEDIATE", "COMMIT"]


def test_alone_it_is_a_turn_like_any_other(store: Store) -> None:
    seen = commits(store)
    assert write(store.db, "alone") == threading.get_ident()
    assert texts(store) == {"alone"}
    assert seen == ["BEGIN IMMEDIATE", "COMMIT"]


def test_what_one_raises_is_heard_by_its_caller_alone(store: Store) -> None:
    works = [lambda: write(store.db, "a"), lambda: fail(store.db, "b", LookupError("b")), lambda: write(store.db, "c")]
    came = outcomes(store, works)
    assert isinstance(came[1], LookupError)
    assert texts(store) == {"first", "a", "c"}


def test_it_is_answered_after_the_commit_that_holds_it(store: Store) -> None:
    def kept(n: int) -> bool:
        write(store.db, str(n))
        with sqlite3.connect(store.path) as other:
            return other.execute("SELECT COUNT(*) FROM notes WHERE text = ?", (str(n),)).fetchone()[0] == 1

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(kept, range(640))) == [True] * 640


def test_inside_a_turn_it_is_a_step_that_may_fail_alone(store: Store) -> None:
    with writing(store.db) as db:
        write(db, "kept")
        with pytest.raises(LookupError):
            fail(db, "undone", LookupError())
        write(store.db, "kept too")
    assert texts(store) == {"kept", "kept too"}


def test_who_is_interrupted_while_doing_anothers_work_frees_the_door_and_says_so(store: Store) -> None:
    """Ctrl-C belongs to the thread it came to; the other hears that nothing was kept, those behind go on."""
    came: list[Any] = []

    def others() -> None:
        try:
            fail(store.db, "half", Stop())
        except StoreUnwritable as error:
            came.append(error)

    with pytest.raises(Stop), writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [others, lambda: write(store.db, "behind")])
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert len(came) == 1
    assert texts(store) == {"first", "behind"}


def test_who_is_interrupted_while_another_does_the_work_leaves_the_door_free(store: Store) -> None:
    """The main thread waits; another thread has begun its work when Ctrl-C comes."""
    main = threading.main_thread().ident or 0

    @in_turn
    def slow(db: Database) -> None:
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.05)
        note(db, "done all the same")

    inside = threading.Event()

    def hold() -> None:
        with writing(store.db):
            inside.set()
            while not store._door._waiting:
                time.sleep(0.001)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(5)
    with pytest.raises(KeyboardInterrupt):
        slow(store.db)
    holder.join(5)
    write(store.db, "later")
    assert texts(store) == {"done all the same", "later"}


def test_a_failed_commit_is_told_to_all_whose_work_was_in_it(store: Store) -> None:
    """A foreign key left open until the end makes COMMIT itself fail."""
    with writing(store.db) as db:
        db.run("CREATE TABLE tags (note INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)")

    @in_turn
    def wrong(db: Database) -> None:
        db.run("INSERT INTO tags (note) VALUES (999)")

    with pytest.raises(StoreUnwritable):
        outcomes(store, [lambda: write(store.db, "a"), lambda: wrong(store.db), lambda: write(store.db, "b")])
    assert texts(store) == set()
    write(store.db, "after")
    assert texts(store) == {"after"}


def test_both_ways_mixed_lose_nothing_and_keep_nothing_that_failed(store: Store) -> None:
    chance = random.Random(20261121)
    plans = [[(f"{n}-{i}", chance.random() < 0.5, chance.random() < 0.2) for i in range(40)] for n in range(16)]

    def go(plan: list[tuple[str, bool, bool]]) -> None:
        for text, given, fails in plan:
            try:
                if given:
                    fail(store.db, text, LookupError(text)) if fails else write(store.db, text)
                    continue
                with writing(store.db) as db:
                    note(db, text)
                    if fails:
                        raise LookupError(text)
            except LookupError as error:
                assert fails and str(error) == text

    with ThreadPoolExecutor(16) as pool:
        for done in as_completed([pool.submit(go, plan) for plan in plans]):
            done.result()
    assert texts(store) == {text for plan in plans for text, _given, fails in plan if not fails}


@pytest.mark.parametrize("given", [True, False])
def test_refusals_without_end_do_not_hold_back_who_is_done(store: Store, given: bool) -> None:
    """The 16-second day: once the money is gone thousands are refused, and the last who won must hear of it."""
    answered, most = threading.Event(), 1000
    refused = [0, 0, 0]

    def refuse(n: int) -> None:
        while not answered.is_set() and refused[n] < most:
            with contextlib.suppress(LookupError):
                if given:
                    fail(store.db, "never", LookupError())
                else:
                    with writing(store.db):
                        raise LookupError
            refused[n] += 1

    def win() -> None:
        write(store.db, "won")
        answered.set()

    with writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(store, [win, *(lambda n=n: refuse(n) for n in range(3))])
    for thread in threads:
        thread.join(20)
    assert answered.is_set()
    assert sum(refused) < 3 * most / 2


# ---- several at once -------------------------------------------------------------------------------------------------


def test_several_share_a_commit_and_what_one_raises_is_undone_alone(store: Store) -> None:
    seen = commits(store)
    works: list[Callable[[Database], object]] = [
        lambda db: note(db, "a"),
        lambda db: fail(db, "b", ValueError("b")),
        lambda db: write(db, "c"),
    ]
    _, failed, done = store.do_all(works)
    assert (repr(failed), done) == ("ValueError('b')", threading.get_ident())
    assert texts(store) == {"a", "c"} and seen.count("COMMIT") == 1


@pytest.mark.parametrize("n", [0, 1])
def test_one_of_several_or_none_is_a_turn_like_any_other(store: Store, n: int) -> None:
    assert store.do_all([lambda db: write(db, "a")] * n) == [threading.get_ident()] * n
    [error] = store.do_all([lambda db: fail(db, "b", ValueError("b"))])
    assert isinstance(error, ValueError) and texts(store) == ({"a"} if n else set())


def test_several_are_told_that_their_commit_failed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(batch: object) -> None:
        store._door._roll_back()
        batch.error = "disk full"  # type: ignore[attr-defined]
        store._door._finish(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(store._door, "_commit", full)
    works: list[Callable[[Database], object]] = [lambda db: note(db, "a"), lambda db: fail(db, "b", ValueError("b"))]
    lost, failed = store.do_all(works)
    assert isinstance(lost, StoreUnwritable) and isinstance(failed, ValueError)
    monkeypatch.undo()
    assert texts(store) == set()


def test_several_wait_with_the_others_for_their_commit(store: Store) -> None:
    came: list[Any] = []
    works: list[Callable[[Database], object]] = [lambda db, n=n: write(db, str(n)) for n in range(3)]  # type: ignore[misc]
    seen = commits(store)
    with writing(store.db) as db:
        note(db, "first")
        threads = queue_behind(
            store, [lambda: came.extend(store.do_all(works)), lambda: came.append(write(store.db, "after"))]
        )
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert len(came) == 4 and texts(store) == {"first", "0", "1", "2", "after"}
    assert seen.count("COMMIT") <= 2


def test_a_store_that_is_locked_is_waited_for_once_for_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def locked() -> None:
        asked.append(1)
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(store._writer, "begin", locked)
    works: list[Callable[[Database], object]] = [lambda db: note(db, "a")] * 5
    assert [type(one) for one in store.do_all(works)] == [StoreUnwritable] * 5
    assert len(asked) == 1
    monkeypatch.undo()
    assert store.do_all([lambda db: write(db, "b"), lambda db: write(db, "c")]) == [threading.get_ident()] * 2


def test_where_all_go_well_none_needs_a_savepoint(store: Store) -> None:
    seen: list[str] = []
    store._writer.conn.set_trace_callback(lambda sql: seen.append(sql.split()[0]))
    store.do_all([lambda db: note(db, "a"), lambda db: note(db, "b")])
    assert seen == ["BEGIN", "INSERT", "INSERT", "COMMIT"]


def test_those_who_wait_need_one_savepoint_together(store: Store) -> None:
    seen: list[str] = []
    store._writer.conn.set_trace_callback(lambda sql: seen.append(sql.split()[0]))
    outcomes(store, [lambda n=n: write(store.db, str(n)) for n in range(20)])  # type: ignore[misc]
    assert seen == ["BEGIN", "INSERT", "SAVEPOINT", *["INSERT"] * 20, "RELEASE", "COMMIT"]


def test_where_one_of_those_who_wait_fails_each_is_kept_or_undone_alone(store: Store) -> None:
    works: list[Callable[[], Any]] = [lambda n=n: write(store.db, str(n)) for n in range(9)]  # type: ignore[misc]
    works[4] = lambda: fail(store.db, "half", LookupError("no"))
    came = outcomes(store, works)
    assert [type(one) for one in came] == [int] * 4 + [LookupError] + [int] * 4
    assert texts(store) == {"first", *"01235678"}
