"""册的一生: missing, found, damaged, mended, taken out, taken in again, and who waits for it meanwhile (E3)."""

from __future__ import annotations

import pytest

from lending import copy_states, holds, loan_exports, loans, misscans, missing_copies, orders
from lending.catalogue import CopyEntry, availability, copies, copy_by_barcode, store_copies
from lending.copy_states import STEPS, CannotStep
from lending.errors import NoCopyAvailable, UnknownThing
from lending.misscans import Scan
from lending.model import CopyState
from tests.lending.test_races import race
from tests.lending.world import World


def do(world: World, barcode: str, name: str, point: int | None = None, note: str = "") -> str:
    return copy_states.step(world.store.db, barcode, name, "王", world.policy, world.now, point, note).standing


def standing(world: World, barcode: str) -> str:
    return copy_by_barcode(world.db, barcode).standing


def told(world: World, reader: int, *events: str) -> list[str]:
    rows = world.db.all("SELECT event FROM notices WHERE reader_id = :r AND state <> 'dropped' ORDER BY id", r=reader)
    return [row["event"] for row in rows if row["event"] in events]


NEWS = ("hold_ready", "kept_copy_gone", "no_copy_left", "order_short")


def test_a_copy_goes_through_the_whole_table(world: World) -> None:
    world.book("围城")
    walked = ("miss", "find", "damage", "mend", "miss", "damage", "withdraw", "readmit", "withdraw", "readmit")
    assert [do(world, "围城-1", name) for name in walked] == [STEPS[name][1] for name in walked]
    copy = copy_by_barcode(world.db, "围城-1")
    assert world.steps_of(copy.id) == list(walked)


@pytest.mark.parametrize("state", [*CopyState, "missing"])
def test_no_step_is_taken_from_where_the_table_does_not_begin_it(world: World, state: str) -> None:
    world.book("围城")
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = :s", s="lost" if state == "missing" else state)
        if state == "missing":
            db.run("UPDATE copies SET missing_since = '2026-01-01T00:00:00Z'")
    for name in (*STEPS, "burn"):
        if state in STEPS.get(name, ((), ""))[0]:
            continue
        with pytest.raises(CannotStep) as caught:
            do(world, "围城-1", name)
        assert caught.value.standing == state and standing(world, "围城-1") == state
    assert copy_states.possible(copy_by_barcode(world.db, "围城-1")) == tuple(
        name for name, (before, _) in STEPS.items() if state in before and name != "give_up"
    )


def test_a_copy_of_an_order_is_left_to_the_order_which_is_named(world: World) -> None:
    order = world.order(world.reader(), world.book("围城"))
    with pytest.raises(CannotStep) as caught:
        do(world, "围城-1", "miss")
    assert (caught.value.order, caught.value.standing) == (order.number, "reserved")


def test_unknown_copies_and_places_are_refused(world: World) -> None:
    world.book("围城")
    with pytest.raises(UnknownThing):
        do(world, "nothing", "miss")
    do(world, "围城-1", "miss")
    with pytest.raises(UnknownThing):
        do(world, "围城-1", "find", 999)
    assert standing(world, "围城-1") == "missing"


def test_what_is_missing_is_not_lent_not_counted_and_nothing_to_wait_for(world: World) -> None:
    title = world.book("围城")
    do(world, "围城-1", "miss")
    assert (availability(world.db, [title])[title].total, availability(world.db, [title])[title].available) == (0, 0)
    with pytest.raises(NoCopyAvailable):
        holds.place(world.store.db, world.reader(), title, world.now)
    assert [row["state"] for row in loan_exports.copies(world.db)] == ["missing"]
    assert [row["barcode"] for row in copy_states.missing(world.db, 9)] == ["围城-1"]


def test_any_scan_finds_it_where_it_is_scanned(world: World) -> None:
    title, east = world.book("围城"), world.branch("east")
    do(world, "围城-1", "miss")
    back = loans.check_in(world.store.db, "围城-1", east, world.policy, world.now)
    copy = copies(world.db, title)[0]
    assert (copy.standing, copy.point_id, copy.missing_since, back.state_before) == ("available", east, "", "missing")
    assert world.steps_of(copy.id)[-1] == "find"


def test_a_mistaken_scan_is_taken_back_and_it_is_missing_since_the_same_day(world: World) -> None:
    world.book("围城")
    do(world, "围城-1", "miss")
    before = copy_by_barcode(world.db, "围城-1")
    world.later(days=3)
    back = loans.check_in(world.store.db, "围城-1", before.point_id, world.policy, world.now)
    scan = Scan("围城-1", world.now, None, back.state_before, back.point_before)
    misscans.take_back(world.store.db, scan, world.policy, world.now)
    assert copy_by_barcode(world.db, "围城-1") == before
    assert world.steps_of(before.id) == ["miss"]


def test_missing_for_long_is_lost_and_a_scan_finds_it_still(world: World) -> None:
    world.book("围城")
    do(world, "围城-1", "miss")
    world.later(days=world.policy.stock.missing_days)
    assert copy_states.give_up(world.store.db, world.policy, world.now) == 0
    world.later(seconds=1)
    assert copy_states.give_up(world.store.db, world.policy, world.now) == 1
    assert copy_states.give_up(world.store.db, world.policy, world.now) == 0
    assert standing(world, "围城-1") == "lost"
    assert do(world, "围城-1", "find") == "available"


def test_importing_the_same_file_again_brings_no_copy_back(world: World) -> None:
    title = world.book("围城", 3)
    for barcode, step in (("围城-1", "miss"), ("围城-2", "withdraw"), ("围城-3", "damage")):
        do(world, barcode, step)
    before = copies(world.db, title)
    with world.store.writing() as db:
        again = store_copies(db, [CopyEntry(copy.barcode, title, copy.point_id) for copy in before])
    assert (again.same, copies(world.db, title)) == (3, before)


# ---- who waits -------------------------------------------------------------------------------------------------------


def kept(world: World, copies: int = 1) -> tuple[int, int]:
    """A title of which one copy is kept for a reader who has been told."""
    title, reader = world.book("围城", copies), world.reader()
    with world.store.writing() as db:
        holds.join(db, reader, title, world.now)
        holds.release_copy(db, db.value("SELECT MIN(id) FROM copies"), title, world.policy, world.now)
        notices_told(world, reader)
    return title, reader


def notices_told(world: World, reader: int) -> None:
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told' WHERE reader_id = :r", r=reader)


def test_who_knew_of_a_kept_copy_gets_another_in_one_message(world: World) -> None:
    title, reader = kept(world, 2)
    do(world, "围城-1", "miss")
    assert told(world, reader, *NEWS) == ["hold_ready", "kept_copy_gone"]
    assert holds.of_reader(world.db, reader)[0].state == "ready"
    assert standing(world, "围城-2") == "kept" and title


def test_without_another_the_place_stays_and_whoever_knew_is_told_once(world: World) -> None:
    title, reader = kept(world, 2)
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE barcode = '围城-2'")
        holds.join(db, world.reader(), title, world.now)
    do(world, "围城-1", "damage")
    mine = holds.of_reader(world.db, reader)[0]
    assert (mine.state, mine.position) == ("waiting", 1)
    assert told(world, reader, *NEWS) == ["hold_ready", "kept_copy_gone"]
    do(world, "围城-1", "mend")
    assert holds.of_reader(world.db, reader)[0].state == "ready"


def test_who_had_not_been_told_hears_nothing_but_the_next_copy(world: World) -> None:
    title, reader = world.book("围城", 2), world.reader()
    with world.store.writing() as db:
        holds.join(db, reader, title, world.now)
        holds.release_copy(db, db.value("SELECT MIN(id) FROM copies"), title, world.policy, world.now)
    do(world, "围城-1", "miss")
    assert told(world, reader, *NEWS) == ["hold_ready"]
    assert standing(world, "围城-2") == "kept"


def test_the_last_copy_gone_all_who_wait_are_told_once_and_found_again_the_queue_goes_on(world: World) -> None:
    title, first = kept(world)
    second = world.reader()
    with world.store.writing() as db:
        holds.join(db, second, title, world.now)
    do(world, "围城-1", "miss")
    assert told(world, first, *NEWS) == ["hold_ready", "no_copy_left"] and told(world, second, *NEWS) == [
        "no_copy_left"
    ]
    assert [(row["id"], row["waiting"]) for row in copy_states.waited_for_in_vain(world.db, 9)] == [(title, 2)]
    do(world, "围城-1", "withdraw")
    assert told(world, second, *NEWS) == ["no_copy_left"], "the same day, the same word"
    do(world, "围城-1", "readmit")
    assert holds.of_reader(world.db, first)[0].state == "ready"
    assert copy_states.waited_for_in_vain(world.db, 9) == []


@pytest.mark.parametrize("copies", [1, 2])
def test_missing_at_picking_is_missing_and_the_others_who_wait_are_told(world: World, copies: int) -> None:
    title, mine, other = world.book("围城", copies), world.reader(), world.reader()
    order = world.order(mine, title)
    with world.store.writing() as db:
        holds.join(db, other, title, world.now)
        db.run("UPDATE copies SET state = 'on_loan' WHERE barcode = '围城-2'")
    missing_copies.report(world.store.db, order.number, 1, "lost", "王", world.policy, world.now)
    assert standing(world, "围城-1") == "missing"
    assert told(world, mine, *NEWS) == ["order_short"]
    assert told(world, other, *NEWS) == (["no_copy_left"] if copies == 1 else [])
    assert orders.by_number(world.db, order.number).state == "cancelled"


def test_eight_librarians_miss_one_copy_once(world: World) -> None:
    """B2-2."""
    _title, reader = kept(world)

    assert race(world, [lambda: do(world, "围城-1", "miss")] * 8) == {"ordered": 1, "CannotStep": 7}
    copy = copy_by_barcode(world.db, "围城-1")
    assert world.steps_of(copy.id) == ["miss"]
    assert told(world, reader, "no_copy_left") == ["no_copy_left"]


def test_a_reader_who_orders_and_a_librarian_who_misses_never_both_succeed(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    world.fill_cart(reader, title)

    presses = [lambda: world.press_order(reader, "counter", None, "k"), lambda: do(world, "围城-1", "miss")]
    outcome = race(world, presses)
    assert outcome["ordered"] == 1 and sum(outcome.values()) == 2
    assert standing(world, "围城-1") in ("reserved", "missing")


def test_home_and_shelf_are_changed_and_where_it_stands_is_not(world: World) -> None:
    world.book("围城")
    east, before = world.branch("east"), copy_by_barcode(world.db, "围城-1")
    changed = copy_states.place(world.store.db, "围城-1", east, " I246.5/9 ", "2 排", "王", world.now)
    copy = copy_by_barcode(world.db, "围城-1")
    assert set(changed) == {"home_point_id", "call_number", "shelf"}
    assert (copy.home_point_id, copy.call_number, copy.point_id) == (east, "I246.5/9", before.point_id)
    assert not copy_states.place(world.store.db, "围城-1", east, "I246.5/9", "2 排", "王", world.now)
    with pytest.raises(UnknownThing):
        copy_states.place(world.store.db, "围城-1", 999, "", "", "王", world.now)
