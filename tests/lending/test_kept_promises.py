"""图书馆的信用: the library's promises, append-only, kept and broken by month; a late answer pays (A1-16, D-1)."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from lending import appeals, cases, credit, kept_promises, notices, promises
from lending.kept_promises import Count, Outcome
from tests.lending.world import World


def settle(world: World) -> int:
    promises.notice_broken(world.db, world.policy, world.now)
    return kept_promises.settle_due(world.db, world.policy, world.now)


def counted(world: World) -> dict[str, tuple[int, int]]:
    return {one.kind: (one.kept, one.broken) for month in kept_promises.by_month(world.db) for one in month}


def test_a_promise_counts_when_its_time_has_come_and_once(world: World) -> None:
    """D-1: packed and ready in time."""
    order = world.order(world.reader(), world.book("围城"), way="counter")
    world.step(order, "pick")
    world.step(order, "pack")
    world.step(order, "shelve")
    assert settle(world) == 0
    world.later(days=2)
    assert settle(world) == 2 and settle(world) == 0
    assert counted(world) == {"pack": (1, 0), "ready": (1, 0)}


def test_a_broken_promise_is_counted_with_what_it_gave(world: World) -> None:
    reader = world.reader()
    world.order(reader, world.book("围城"), way="delivery")
    world.later(days=2)
    assert settle(world) == 2
    ((pack, ready),) = kept_promises.by_month(world.db)
    assert (pack.kept, pack.broken) == (0, 1) and (ready.kept, ready.broken) == (0, 1)
    assert pack.points == ready.points == 2 and ready.waived_fen > 0
    assert pack.month == "2026-11"


def test_an_order_taken_back_before_its_time_breaks_nothing(world: World) -> None:
    order = world.order(world.reader(), world.book("围城"), way="counter")
    world.step(order, "cancel", actor="reader")
    world.later(days=2)
    assert settle(world) == 0


def test_what_was_late_when_the_reader_took_it_back_is_counted_as_it_was_paid(world: World) -> None:
    """The reader has the points, and the front page counts it: so does the table, also between two ticks."""
    order = world.order(world.reader(), world.book("围城"), way="delivery")
    world.later(days=2)
    world.step(order, "cancel", actor="reader")
    assert settle(world) == 2 and settle(world) == 0
    assert counted(world) == {"pack": (0, 1), "ready": (0, 1)}


@pytest.mark.parametrize("end", ["bring_back", "lose"])
def test_what_left_in_time_was_kept_whatever_became_of_it_on_the_way(world: World, end: str) -> None:
    order = world.order(world.reader(), world.book("围城"), way="delivery")
    world.step(order, "pick", "pack", "ship", end)
    world.later(days=2)
    assert settle(world) == 2
    assert counted(world) == {"pack": (1, 0), "ready": (1, 0)}


def test_the_ledger_of_the_library_is_append_only(world: World) -> None:
    world.order(world.reader(), world.book("围城"), way="counter")
    world.later(days=2)
    settle(world)
    for attempt in ("UPDATE promise_lines SET outcome = 'kept'", "DELETE FROM promise_lines"):
        with pytest.raises(sqlite3.IntegrityError), world.store.writing() as db:
            db.run(attempt)


def test_an_appeal_answered_late_pays_and_the_reader_is_told_once(world: World) -> None:
    reader = world.reader()
    credit.post(world.db, reader, "damaged", "loan:900", world.policy, world.now)
    appeals.open_appeal(world.db, reader, credit.lines(world.db, reader)[0].id, "", world.policy, world.now)
    before = credit.balance(world.db, reader)
    world.later(days=2)
    assert settle(world) == 1 and settle(world) == 0
    assert counted(world) == {"appeal": (0, 1)}
    assert credit.balance(world.db, reader) == before + 2
    told = [
        notice for notice in notices.waiting(world.db, world.now, reader_id=reader) if notice.event == "answer_late"
    ]
    assert [notice.facts["points"] for notice in told] == [2]


def test_an_appeal_looked_at_twice_has_two_promises(world: World) -> None:
    reader = world.reader()
    credit.post(world.db, reader, "damaged", "loan:900", world.policy, world.now)
    line = credit.lines(world.db, reader)[0].id
    appeal, _ = appeals.open_appeal(world.db, reader, line, "", world.policy, world.now)
    world.later(minutes=5)
    appeals.advance(world.db, appeal.number, "decline", "staff:li", world.policy, world.now, "看过")
    world.later(days=2)
    settle(world)
    appeals.choose(world.db, appeal.number, reader, "again", world.policy, world.now)
    world.later(days=2)
    settle(world)
    assert counted(world) == {"appeal": (1, 1)}


def test_a_case_looked_at_in_time_is_kept_and_one_found_by_the_reader_is_neither(world: World) -> None:
    """A2-12."""
    reader = world.reader()
    first, second = world.lend(reader, world.book("围城")), world.lend(reader, world.book("活着"))
    seen, _ = cases.report(world.db, reader, first[0].id, "damaged", "", world.policy, world.now)
    found, _ = cases.report(world.db, reader, second[0].id, "lost", "", world.policy, world.now)
    world.later(minutes=5)
    cases.advance(world.db, seen.number, "worn", "staff:li", world.policy, world.now)
    cases.choose(world.db, found.number, reader, "at_home", world.policy, world.now)
    world.later(days=2)
    settle(world)
    assert counted(world)["case"] == (1, 0)


def test_what_was_late_long_ago_is_written_without_a_word(world: World) -> None:
    reader, long_ago = world.reader(), world.now - timedelta(days=40)
    before = credit.balance(world.db, reader)

    def old(db: object, now: object) -> list[Outcome]:
        return [Outcome("answer", "escalation:RG1", reader, long_ago, None)]

    assert kept_promises.settle_due(world.db, world.policy, world.now, old) == 1
    assert credit.balance(world.db, reader) == before
    assert kept_promises.by_month(world.db) == [[Count("2026-10", "answer", 0, 1, 0, 0)]]
