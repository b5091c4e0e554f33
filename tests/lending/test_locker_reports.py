"""Lockers that never argue (D-13): lost, repeated, late or out of order, all ends in the same state."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending import holds, loans, locker_reports, lockers, orders, parcels, tracking, uncollected
from lending.database import Store
from lending.errors import UnknownThing
from lending.locker_reports import Heard
from lending.migrations import migrations
from lending.model import OrderState as S
from lending.model import end_of_day, library_day, stamp
from lending.orders import Order
from lending.points import PointEntry, store_points
from tests import stores
from tests.lending.world import World

MONDAY = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
LONG_AGO = datetime.fromisoformat("1970-01-01T01:00:00+00:00")  # where a machine's clock begins without a battery
Report = tuple[str, int, str, dict[str, str], int]  # locker, number, event, facts, hours after the beginning


def hear(world: World, report: Report) -> Heard:
    locker, seq, event, facts, hours = report
    at = MONDAY + timedelta(hours=hours)
    return locker_reports.hear(world.db, locker, seq, event, facts, at, world.policy, world.now)


def codes_are_their_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes known beforehand, so that a story can be told before it is heard."""
    monkeypatch.setattr(
        lockers, "new_code",
        lambda db: f"{db.value('SELECT COUNT(*) FROM order_events WHERE state = :s', s='in_locker'):06d}",
    )  # fmt: skip


def busy_days(world: World) -> tuple[list[Order], list[Report]]:
    """Three orders in locker A, one in B, taken, brought back to either; boxes emptied, one broken and mended."""
    a, b = world.locker("a", S=3, M=1), world.locker("b", S=2)
    placed = [world.order(world.reader(), world.book(f"甲{n}"), way="locker", at=a) for n in range(3)] + [
        world.order(world.reader(), world.book("乙"), way="locker", at=b)
    ]
    placed = [world.step(order, "pick", "pack", "load") for order in placed]
    opened = [{"order": order.number, "code": order.pickup_code} for order in placed]
    bars = [orders.books(world.db, order.id)[0]["barcode"] for order in placed]
    return placed, [
        ("a", 1, "loaded", {"order": placed[0].number}, 0),
        ("a", 2, "opened", opened[0], 1),
        ("a", 3, "opened", opened[1], 2),
        ("a", 4, "broken", {"box": "M01"}, 3),
        ("a", 5, "returned", {"barcode": bars[1], "box": "S02"}, 4),
        ("a", 6, "emptied", {"box": "S02"}, 5),
        ("a", 7, "returned", {"barcode": bars[3], "box": "S01"}, 8),  # taken from B, which was offline
        ("a", 8, "mended", {"box": "M01"}, 9),
        ("b", 1, "alive", {}, 0),
        ("b", 2, "opened", opened[3], 6),
        ("b", 3, "returned", {"barcode": bars[0]}, 10),  # through a chute: no box is named
        ("b", 4, "broken", {"box": "S02"}, 11),
    ]


def final(world: World) -> dict[str, list[dict[str, Any]]]:
    """What must not depend on the order in which things were heard."""
    ask = world.db.all
    return {
        "orders": ask("SELECT number, state FROM orders ORDER BY id"),
        "boxes": ask("SELECT point_id, label, state, order_id, broken FROM boxes ORDER BY id"),
        "copies": ask("SELECT barcode, state, point_id FROM copies ORDER BY id"),
        "loans": ask("SELECT copy_id, reader_id, started_at, due_at, returned_at, returned_point_id FROM loans "
                     "ORDER BY copy_id"),
        "ledger": ask("SELECT reader_id, event, delta FROM credit_lines ORDER BY reader_id, event"),
        "reports": ask("SELECT point_id, seq, state FROM locker_reports ORDER BY point_id, seq"),
    }  # fmt: skip


def told(deliveries: list[int] | None) -> dict[str, list[dict[str, Any]]]:
    """The busy days as heard in this order (report by index), then whatever is missing sent again."""
    with tempfile.TemporaryDirectory() as folder:
        store = stores.fresh(Path(folder))
        world = World(store, MONDAY)
        world.branch("main")
        _, reports = busy_days(world)
        world.now = MONDAY + timedelta(hours=12)
        for n in range(len(reports)) if deliveries is None else deliveries:
            hear(world, reports[n])
        for report in reports:  # a machine keeps what was not acknowledged, and sends it until it is
            hear(world, report)
        found = final(world)
        store.close()
    return found


NUMBERS = st.integers(0, 11)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(NUMBERS, max_size=30))
def test_d_13_drop_duplicate_and_reorder_end_in_the_same_state(deliveries: list[int]) -> None:
    """B2-23, D-13: any order, with any repeats, any left out at first."""
    with pytest.MonkeyPatch.context() as patch:
        codes_are_their_orders(patch)
        assert told(deliveries) == told(None)


def test_the_story_in_order_ends_as_it_should(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the comparison above compares with something true."""
    codes_are_their_orders(monkeypatch)
    placed, reports = busy_days(world)
    world.now = MONDAY + timedelta(hours=12)
    assert [hear(world, report).state for report in reports[:7]] == ["done"] * 6 + ["waiting"]
    assert {hear(world, report).state for report in reports[7:]} == {"done"}
    assert [orders.by_number(world.db, order.number).state for order in placed] == [S.DONE, S.DONE, S.IN_LOCKER, S.DONE]
    assert world.db.value("SELECT COUNT(*) FROM locker_reports WHERE state <> 'done'") == 0
    assert world.db.value("SELECT COUNT(*) FROM loans WHERE returned_at IS NULL") == 0
    boxes = {row["label"]: row["state"] for row in world.db.all("SELECT label, state FROM boxes WHERE point_id = 3")}
    assert boxes == {"S01": "to_empty", "S02": "free", "S03": "filled", "M01": "free"}
    (first, *_) = world.db.all("SELECT started_at, returned_at FROM loans ORDER BY started_at")
    assert first == {"started_at": "2026-11-23T03:00:00Z", "returned_at": "2026-11-23T12:00:00Z"}, "the locker's time"


def waiting_order(world: World) -> Order:
    return world.step(world.order(world.reader(), world.book("丙"), way="locker"), "pick", "pack", "load")


def report(world: World, seq: int, event: str, at: datetime | None = None, **facts: str) -> Heard:
    return locker_reports.hear(world.db, "locker", seq, event, facts, at or world.now, world.policy, world.now)


def test_the_machine_hears_which_of_its_reports_are_missing(world: World) -> None:
    assert report(world, 3, "alive").missing == (1, 2)
    assert report(world, 6, "alive").missing == (1, 2, 4, 5)
    for seq in (1, 2, 4, 5):
        last = report(world, seq, "alive")
    assert last.missing == ()
    assert report(world, 5, "alive") == Heard("done", True, ())
    assert len(report(world, 2_000_000, "alive").missing) == locker_reports.MOST_MISSING


def replaced(world: World, run: int, seq: int, event: str, **facts: str) -> Heard:
    return locker_reports.hear(world.db, "locker", seq, event, facts, world.now, world.policy, world.now, run)


def test_a_new_machine_that_counts_from_one_again_is_heard(world: World) -> None:
    """B2-23: its count is a new one, and its words of a box are newer than all of the old machine's."""
    order, other = waiting_order(world), waiting_order(world)
    box = lockers.label(world.db, other.id)
    for seq in range(1, 8):
        report(world, seq, "alive")
    report(world, 8, "broken", box=box)
    assert replaced(world, 1, 2, "mended", box=box) == Heard("done", False, (1,))
    assert replaced(world, 1, 1, "opened", order=order.number, code=order.pickup_code) == Heard("done", False, ())
    assert orders.by_number(world.db, order.number).state is S.DONE
    assert world.db.value("SELECT broken FROM boxes WHERE label = :b", b=box) == 0
    assert replaced(world, 1, 1, "opened", order=order.number, code=order.pickup_code).again
    assert report(world, 9, "broken", box=box).missing == (), "the old one's memory was still read out"
    assert world.db.value("SELECT broken FROM boxes WHERE label = :b", b=box) == 0


def test_reports_from_before_there_were_runs_are_of_the_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.db", synchronous="OFF")
    with store.writing() as db:
        migrations.apply(db, stop_before="a_locker_may_get_a_new_machine")
        db.run("INSERT INTO points (code, kind, name) VALUES ('locker', 'locker', '柜')")
        db.run(
            "INSERT INTO locker_reports (point_id, seq, event, happened_at, received_at, state) "
            "VALUES (1, 5, 'alive', '2026-11-20T02:00:00Z', '2026-11-20T02:00:00Z', 'done')"
        )
        migrations.apply(db)
    world = World(store, MONDAY)
    assert report(world, 5, "alive").again and report(world, 6, "alive").missing == (1, 2, 3, 4)
    store.close()


def test_a_number_that_was_another_report_is_refused_so_that_the_machine_keeps_it(world: World) -> None:
    """A new machine that does not say so would have everything answered as known, and forget it."""
    order = waiting_order(world)
    report(world, 1, "alive")
    before = world.everything()
    with pytest.raises(ValueError, match="run"):
        report(world, 1, "opened", order=order.number, code=order.pickup_code)
    assert world.everything() == before
    report(world, 2, "broken", box="S01")
    with pytest.raises(ValueError, match="run"):
        report(world, 2, "broken", box="S02")


def test_b2_23_one_report_that_fits_nothing_stops_no_other(world: World) -> None:
    """A failed one goes to a librarian with its reason; the next is done at once."""
    order = waiting_order(world)
    assert report(world, 1, "returned", barcode="NO-SUCH-BOOK").state == "disputed"
    assert report(world, 2, "opened", order=order.number, code="wrong").state == "disputed"
    assert report(world, 3, "broken", box="X99").state == "disputed"
    assert report(world, 4, "returned").state == "disputed"
    assert report(world, 5, "opened", order=order.number, code=order.pickup_code).state == "done"
    shown = locker_reports.disputed(world.db)
    assert [row["note"] for row in shown] == ["unknown", "code", "box", "form"]
    with world.store.writing() as db:
        assert locker_reports.put_right(db, shown[0]["id"], "书在还书车上")
        assert not locker_reports.put_right(db, shown[0]["id"], "again")
    assert len(locker_reports.disputed(world.db)) == 3


def test_b2_23_a_book_taken_offline_is_the_readers_from_the_moment_of_the_door(world: World) -> None:
    """The loan starts when the door opened, not when the locker found its network again."""
    order, opened = waiting_order(world), world.later(hours=5)
    world.later(hours=20)
    report(world, 1, "opened", opened, order=order.number, code=order.pickup_code)
    (loan,) = loans.of_reader(world.db, order.reader_id)
    assert loan.started_at == opened


def test_taken_in_time_but_told_after_the_books_were_to_move_on(world: World) -> None:
    """The clock has moved the order to the counter on paper; the box was emptied by the reader."""
    order = waiting_order(world)
    opened = world.later(hours=1)
    world.now = (order.pickup_until or world.now) + timedelta(hours=1)
    orders.expire_due(world.db, world.policy, world.now)
    assert orders.by_number(world.db, order.number).state is S.AT_COUNTER
    assert report(world, 1, "opened", opened, order=order.number, code=order.pickup_code).state == "done"
    assert orders.by_number(world.db, order.number).state is S.DONE
    assert lockers.to_empty(world.db) == []


def test_a_late_word_of_an_earlier_return_does_not_end_a_later_loan(world: World) -> None:
    title = world.book("丁")
    (loan,) = world.lend(world.reader(), title)
    put_in = world.later(hours=1)
    world.later(hours=1)
    world.give_back(loan)  # a librarian found it in the box before the locker told
    second = world.reader()
    (again,) = world.lend(second, title)
    assert report(world, 1, "returned", put_in, barcode=loan.barcode, box="S01").state == "done"
    assert [one.id for one in loans.of_reader(world.db, second)] == [again.id]


def test_a_slow_clock_does_not_hide_a_return(world: World) -> None:
    """Its time lies some minutes before the loan; nobody had the book then, so it can only be this loan's return."""
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("癸"))
    world.later(minutes=3)
    assert report(world, 1, "returned", world.now - timedelta(minutes=5), barcode=loan.barcode).state == "done"
    assert loans.of_reader(world.db, reader) == []
    assert world.db.one("SELECT started_at = returned_at AS at_once FROM loans") == {"at_once": 1}


def test_a_return_from_before_the_loan_that_nobody_can_place_goes_to_a_librarian(world: World) -> None:
    """Neither ended unseen nor left unsaid until it costs points: the clock has begun anew, or the book was moved."""
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("癸"))
    world.later(days=3)
    for seq, at in enumerate((LONG_AGO, loan.started_at - timedelta(hours=1)), 1):
        assert report(world, seq, "returned", at, barcode=loan.barcode, box="S01").state == "disputed"
    assert [one.id for one in loans.of_reader(world.db, reader)] == [loan.id]


def test_put_into_a_box_before_the_reader_said_that_it_had_come(world: World) -> None:
    """The parcel was under way to this reader, so the book in the box was in these hands."""
    order = world.step(world.order(world.reader(), world.book("子"), way="delivery"), "pick", "pack", "ship")
    (book,) = orders.books(world.db, order.id)
    put_in = world.later(days=2)
    assert report(world, 1, "returned", put_in, barcode=book["barcode"]).state == "waiting"
    world.later(hours=5)
    (parcel,) = parcels.of_order(world.db, order.id)
    tracking.received(world.db, parcel.id, order.reader_id, world.policy, world.now)
    assert report(world, 2, "alive").state == "done"
    assert loans.of_reader(world.db, order.reader_id) == [] and world.copies(book["title_id"]) == ["available"]


def test_a_lost_book_found_by_a_clock_that_began_anew_is_kept_from_now_on(world: World) -> None:
    title, reader = world.book("丑"), world.reader()
    for state in ("damaged", "lost"):  # while it was mended there was still something to wait for
        with world.store.writing() as db:
            db.run("UPDATE copies SET state = :s WHERE title_id = :t", s=state, t=title)
        if state == "damaged":
            holds.place(world.db, reader, title, world.now)
    report(world, 1, "returned", LONG_AGO, barcode="丑-1")
    (kept,) = holds.of_reader(world.db, reader)
    assert kept.ready_until is not None and kept.ready_until > world.now


def test_a_return_told_late_leaves_the_next_reader_all_the_days(world: World) -> None:
    """The loan ends with the door; whoever waits has the days from the moment anybody could know of the book."""
    title, reader, waiting = world.book("辰"), world.reader(), world.reader()
    (loan,) = world.lend(reader, title)
    holds.place(world.db, waiting, title, world.now)
    put_in, window = world.later(days=1), holds.keep_days(world.policy, "locker", "locker")
    world.later(days=window + 2)
    assert report(world, 1, "returned", put_in, barcode=loan.barcode).state == "done"
    holds.expire_due(world.db, world.policy, world.now)
    (kept,) = holds.of_reader(world.db, waiting)
    days = (library_day(kept.ready_until or world.now) - library_day(world.now)).days
    assert (kept.state, days) == ("ready", window)
    assert world.db.value("SELECT returned_at FROM loans") == stamp(put_in)


def test_books_told_late_to_be_in_the_box_are_kept_all_the_days(world: World) -> None:
    """Nobody had the code before: the days to collect begin when it is said, the promise was kept at the door."""
    order = world.step(world.order(world.reader(), world.book("巳"), way="locker"), "pick", "pack")
    closed = world.later(hours=1)
    world.later(days=world.policy.promise.pickup_days + 2)
    assert report(world, 1, "loaded", closed, order=order.number).state == "done"
    world.tick()
    loaded = orders.by_number(world.db, order.number)
    days = timedelta(days=world.policy.promise.pickup_days)
    assert (loaded.state, loaded.pickup_until) == (S.IN_LOCKER, end_of_day(library_day(world.now + days)))
    assert loaded.changed_at == closed


def test_books_told_late_to_be_in_the_box_are_reminded_of_from_then_on(world: World) -> None:
    """B4: a day after the reader could know, not at once; nobody telephones about a code that has just been sent."""
    order = world.step(world.order(world.reader(), world.book("巳"), way="locker"), "pick", "pack")
    closed, first = world.later(hours=1), min(world.policy.lockers.remind_hours)
    world.later(hours=world.policy.lockers.call_hours + 1)
    report(world, 1, "loaded", closed, order=order.number)
    assert uncollected.remind(world.db, world.policy, world.now) == 0
    assert uncollected.to_call(world.db, world.policy, world.now) == []
    world.later(hours=first)
    assert uncollected.remind(world.db, world.policy, world.now) == 1
    assert world.told(order.reader_id, "uncollected") == [("uncollected", f"after-{first}", "waiting")]


def test_what_waits_too_long_goes_to_a_librarian(world: World) -> None:
    order = world.order(world.reader(), world.book("戊"), way="locker")
    assert report(world, 1, "loaded", order=order.number).state == "waiting"
    assert locker_reports.tick(world.db, world.policy, world.now) == 0
    world.later(hours=world.policy.lockers.wait_hours)
    assert locker_reports.tick(world.db, world.policy, world.now) == 1
    assert [row["event"] for row in locker_reports.disputed(world.db)] == ["loaded"]


def test_what_waits_is_done_as_soon_as_it_fits(world: World) -> None:
    """B2-20: loaded is told by the door; the librarian's "packed" comes after it."""
    order = world.step(world.order(world.reader(), world.book("己"), way="locker"), "pick")
    report(world, 1, "loaded", order=order.number)
    world.step(order, "pack")
    report(world, 2, "alive")
    assert orders.by_number(world.db, order.number).state is S.IN_LOCKER


def test_b2_20_nobody_is_told_ready_before_the_door_has_closed(world: World) -> None:
    order = world.step(world.order(world.reader(), world.book("庚"), way="locker"), "pick", "pack")
    assert [step for _, step, _ in world.told(order.reader_id, "order_moved")] == ["pick", "pack"]
    report(world, 1, "loaded", order=order.number)
    assert [step for _, step, _ in world.told(order.reader_id, "order_moved")][-1] == "load"


def test_b2_20_loaded_too_early_taken_back_and_then_truly_loaded(world: World) -> None:
    """The door's word comes after the taking back, so it is of the books now; the reader hears of the code."""
    order = world.step(world.order(world.reader(), world.book("寅"), way="locker"), "pick", "pack")
    world.step(order, "load", "unload", actor="staff:li")
    world.later(hours=1)
    assert report(world, 1, "loaded", order=order.number).state == "done"
    assert orders.by_number(world.db, order.number).state is S.IN_LOCKER
    assert world.told(order.reader_id, "order_moved")[-1][1] == "load"


def test_a_door_that_closed_before_the_taking_back_is_a_librarians_to_look_at(world: World) -> None:
    """The books are in the locker or in a librarian's hands: neither can be told from here."""
    order = world.step(world.order(world.reader(), world.book("卯"), way="locker"), "pick", "pack")
    world.step(order, "load", actor="staff:li")
    closed = world.later(minutes=1)
    world.later(minutes=1)
    world.step(order, "unload", actor="staff:li")
    assert report(world, 1, "loaded", closed, order=order.number).state == "disputed"
    assert orders.by_number(world.db, order.number).state is S.PACKED


def test_b2_21_old_reports_forget_whom_they_were_about(world: World) -> None:
    order = waiting_order(world)
    report(world, 1, "opened", order=order.number, code=order.pickup_code)
    world.later(days=world.policy.lockers.keep_report_days + 1)
    locker_reports.tick(world.db, world.policy, world.now)
    assert json.loads(world.db.value("SELECT facts FROM locker_reports")) == {}
    assert report(world, 1, "opened", order=order.number, code="000000") == Heard("done", True, ()), "and still known"


def test_a_locker_or_an_event_there_is_not_is_refused(world: World) -> None:
    with pytest.raises(UnknownThing):
        locker_reports.hear(world.db, "moon", 1, "alive", {}, world.now, world.policy, world.now)
    with pytest.raises(ValueError):
        report(world, 1, "exploded")
    assert world.db.value("SELECT COUNT(*) FROM locker_reports") == 0


def test_a_clock_that_runs_ahead_does_not_borrow_in_the_future(world: World) -> None:
    order = waiting_order(world)
    report(world, 1, "opened", world.now + timedelta(days=3), order=order.number, code=order.pickup_code)
    assert loans.of_reader(world.db, order.reader_id)[0].started_at == world.now


def test_a_clock_that_began_anew_does_not_borrow_in_the_past(world: World) -> None:
    """B2-23: a loan due in 1970 would cost its reader points for fifty years."""
    order, before = waiting_order(world), world.now
    world.later(hours=5)
    report(world, 1, "opened", LONG_AGO, order=order.number, code=order.pickup_code)
    (loan,) = loans.of_reader(world.db, order.reader_id)
    assert before < loan.started_at == world.now, "a time that cannot be is the moment we heard of it"


def test_a_clock_that_began_anew_keeps_the_days_to_collect(world: World) -> None:
    order = world.step(world.order(world.reader(), world.book("辛"), way="locker"), "pick", "pack")
    other = world.step(world.order(world.reader(), world.book("壬"), way="locker"), "pick", "pack", "load")
    report(world, 1, "loaded", LONG_AGO, order=order.number)
    loaded = orders.by_number(world.db, order.number)
    assert (loaded.state, loaded.changed_at, loaded.pickup_until) == (S.IN_LOCKER, world.now, other.pickup_until)


def test_a_silent_locker_counts_as_offline(world: World) -> None:
    """离线未知 (E3)."""
    world.rule("lockers", silent_minutes=50)
    report(world, 1, "alive")
    world.later(minutes=50)
    assert lockers.report(world.db, world.policy, world.now, 30)[0]["offline"] == 0
    world.later(minutes=1)
    assert lockers.report(world.db, world.policy, world.now, 30)[0]["offline"] == 1


def test_a_broken_box_takes_nothing_new_and_is_free_once_mended(world: World) -> None:
    """故障 (E3): what is in it stays the reader's."""
    order = waiting_order(world)
    box = lockers.label(world.db, order.id)
    report(world, 1, "broken", box=box)
    orders.collect_with_code(world.db, order.pickup_code, world.policy, world.now)
    state = "SELECT state FROM boxes WHERE label = :b"
    assert world.db.value(state, b=box) == "out_of_order"
    report(world, 2, "mended", box=box)
    assert world.db.value(state, b=box) == "free"


def test_an_order_whose_box_breaks_before_it_is_put_in_gets_another(world: World) -> None:
    """Nobody stands before a door that does not open; where there is no room it keeps its place until there is."""
    a = world.locker("a", S=2)
    mine = world.step(world.order(world.reader(), world.book("甲"), way="locker", at=a), "pick", "pack")
    other = world.step(world.order(world.reader(), world.book("乙"), way="locker", at=a), "pick", "pack", "load")
    box, second = lockers.label(world.db, mine.id), lockers.label(world.db, other.id)
    hear(world, ("a", 1, "broken", {"box": box}, 0))
    locker_reports.tick(world.db, world.policy, world.now)
    assert lockers.label(world.db, mine.id) == box and lockers.behind_broken_doors(world.db, mine.id), "no room"
    world.step(other, "collect")
    hear(world, ("a", 3, "alive", {}, 1))
    locker_reports.tick(world.db, world.policy, world.now)
    assert lockers.label(world.db, mine.id) == box, "what the machine has still to tell may be that it is in"
    hear(world, ("a", 2, "alive", {}, 1))
    locker_reports.tick(world.db, world.policy, world.now)
    assert lockers.label(world.db, mine.id) == second and not lockers.behind_broken_doors(world.db)
    boxes = world.db.all("SELECT label, state, order_id FROM boxes WHERE point_id = :a ORDER BY label", a=a)
    assert [one["state"] for one in boxes if one["label"] == box] == ["out_of_order"]


def test_boxes_added_meanwhile_by_another_process_are_there_at_once_and_the_others_stay(world: World) -> None:
    """An import renews the points while the machine speaks."""
    a = world.locker("a", S=2)
    order = world.step(world.order(world.reader(), world.book("甲"), way="locker", at=a), "pick", "pack", "load")
    hear(world, ("a", 1, "broken", {"box": "S02"}, 0))
    importing = Store(world.store.path, synchronous="OFF")
    with importing.writing() as db:
        store_points(db, [PointEntry("a", "locker", "甲柜", boxes={"S": 3})])
    importing.close()
    assert hear(world, ("a", 2, "broken", {"box": "S03"}, 1)).state == "done"
    assert hear(world, ("a", 3, "broken", {"box": "S04"}, 2)).state == "disputed"
    found = world.db.all("SELECT label, state, order_id, broken FROM boxes WHERE point_id = :p ORDER BY label", p=a)
    assert [tuple(row.values()) for row in found] == [
        ("S01", "filled", order.id, 0), ("S02", "out_of_order", None, 1), ("S03", "out_of_order", None, 1),
    ]  # fmt: skip
