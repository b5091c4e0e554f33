"""Boxes by size, several for one order, known before anybody is sent there; and books that nobody fetches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending import loans, lockers, notices, orders, uncollected
from lending.database import Row
from lending.errors import LockerFull
from lending.model import OrderState as S
from lending.policy import load_policy
from tests.lending.world import World


def box(holds: int) -> Row:
    return {"id": holds, "label": f"B{holds}", "holds_books": holds}


@given(st.lists(st.integers(1, 12), max_size=8), st.integers(1, 30))
def test_as_few_boxes_as_hold_the_books(sizes: list[int], books: int) -> None:
    free = [{"id": n, "holds_books": holds} for n, holds in enumerate(sorted(sizes, reverse=True))]
    chosen = lockers.fewest(free, books)
    assert bool(chosen) == (sum(sizes) >= books)
    if chosen:
        assert sum(one["holds_books"] for one in chosen) >= books
        assert len({one["id"] for one in chosen}) == len(chosen)
        fewer = sorted(sizes, reverse=True)[: len(chosen) - 1]
        assert sum(fewer) < books, "one box less would not do"


def test_the_last_box_is_no_larger_than_it_must_be() -> None:
    assert [one["holds_books"] for one in lockers.fewest([box(10), box(5), box(2)], 12)] == [10, 2]
    assert [one["holds_books"] for one in lockers.fewest([box(10), box(5), box(2)], 4)] == [5]


def test_an_order_too_large_for_one_box_gets_several_and_one_code_opens_them(world: World) -> None:
    """A9: seven books into a locker whose largest box holds five."""
    place = world.locker("two", M=1, S=1)
    order = world.order(world.reader(), *world.books(7), way="locker", at=place)
    order = world.step(order, *(["approve"] if order.state is S.IN_REVIEW else []), "pick", "pack", "load")
    assert lockers.label(world.db, order.id) == "M01 + S01"
    opens = lockers.opens_for(world.db, place)
    assert [(one["number"], one["code"], one["boxes"]) for one in opens] == [
        (order.number, order.pickup_code, ["M01", "S01"])
    ]
    orders.collect_with_code(world.db, order.pickup_code, world.policy, world.now)
    assert world.db.value("SELECT COUNT(*) FROM boxes WHERE point_id = :p AND state = 'free'", p=place) == 2


def test_where_the_boxes_together_do_not_do_nothing_is_kept_and_others_are_named(world: World) -> None:
    """A9-6."""
    small, large = world.locker("small", S=1), world.locker("large", L=1)
    with pytest.raises(LockerFull) as refused:
        world.order(world.reader(), *world.books(3), way="locker", at=small)
    assert refused.value.others == ("locker馆", "large馆")
    assert world.db.value("SELECT COUNT(*) FROM boxes WHERE state <> 'free'") == 0
    assert [room["id"] for room in lockers.with_room(world.db, 10)][-1] == large


def test_an_order_gets_the_smallest_box_that_holds_it(world: World) -> None:
    """The large ones stay free for those who need them, and where nothing is large enough nobody is sent."""
    place = world.locker("three", L=1, S=1, M=1)
    boxes = world.db.all("SELECT label, holds_books FROM boxes WHERE point_id = :p", p=place)
    room = {row["label"]: row["holds_books"] for row in boxes}
    for label in ("M01", "S01", "L01"):
        books = world.books(min(room[label], 3 if label == "M01" else 1))
        assert lockers.label(world.db, world.order(world.reader(), *books, way="locker", at=place).id) == label
    tiny = world.locker("tiny", S=1)
    places = [[row["id"] for row in lockers.with_room(world.db, n)] for n in (room["S01"], room["S01"] + 1)]
    assert tiny in places[0] and tiny not in places[1] and place not in places[0], "the three are taken"


def test_the_free_boxes_are_counted_before_a_reader_is_sent_there(world: World) -> None:
    """A9-6: capacity known first; a reserved box is no longer free."""
    (before,) = lockers.with_room(world.db, 1)
    world.order(world.reader(), *world.books(1), way="locker")
    (after,) = lockers.with_room(world.db, 1)
    assert (before["free"], after["free"]) == (5, 4)


def unfetched(world: World) -> orders.Order:
    return world.step(world.order(world.reader(), *world.books(2), way="locker"), "pick", "pack", "load")


def test_the_ladder_reminds_moves_on_to_the_counter_and_gives_back_to_stock(world: World) -> None:
    """B4: after a day a word, after two a telephone call, then the counter, then back; nobody is punished."""
    order = unfetched(world)
    reader, (title, *_) = order.reader_id, [book["title_id"] for book in orders.books(world.db, order.id)]
    assert uncollected.remind(world.db, world.policy, world.now) == 0
    for hours, step in ((24, "after-24"), (48, "after-48")):
        world.now = order.changed_at + timedelta(hours=hours)
        assert uncollected.remind(world.db, world.policy, world.now) == 1
        assert uncollected.remind(world.db, world.policy, world.now) == 0, "once (B2-4)"
        assert world.told(reader, "uncollected")[-1][1] == step
    assert [row["number"] for row in uncollected.to_call(world.db, world.policy, world.now)] == [order.number]

    world.now = (order.pickup_until or world.now) + timedelta(seconds=1)
    assert orders.expire_due(world.db, world.policy, world.now) == 1
    moved = orders.by_number(world.db, order.number)
    assert (moved.state, moved.point_id, moved.pickup_code) == (S.AT_COUNTER, 1, order.number[-4:])
    assert world.copies(title) == ["awaiting"]
    (waiting,) = lockers.to_empty(world.db)
    assert waiting["number"] == order.number, "the box is not free before somebody has emptied it"

    world.now = (moved.pickup_until or world.now) + timedelta(seconds=1)
    assert orders.expire_due(world.db, world.policy, world.now) == 1
    assert orders.by_number(world.db, order.number).state is S.CANCELLED
    assert world.copies(title) == ["available"]
    assert world.db.value("SELECT COUNT(*) FROM credit_lines WHERE reader_id = :r AND delta < 0", r=reader) == 0


def test_books_moved_to_the_counter_can_be_fetched_there(world: World) -> None:
    order = unfetched(world)
    world.now = (order.pickup_until or world.now) + timedelta(seconds=1)
    orders.expire_due(world.db, world.policy, world.now)
    assert world.step(order, "collect").state is S.DONE
    assert lockers.to_empty(world.db) == [], "whoever handed them over had emptied the box"


def test_where_the_policy_keeps_no_counter_they_go_straight_back_and_stay_where_they_are(world: World) -> None:
    """B4: back to stock at the current location."""
    world.rule("lockers", counter_days=0)
    order = unfetched(world)
    world.now = (order.pickup_until or world.now) + timedelta(seconds=1)
    orders.expire_due(world.db, world.policy, world.now)
    assert orders.by_number(world.db, order.number).state is S.CANCELLED
    places = {book["point_id"] for book in orders.books(world.db, order.id)}
    assert places == {order.point_id}
    (waiting,) = lockers.to_empty(world.db)
    with world.store.writing() as db:
        assert lockers.empty(db, waiting["id"]) and not lockers.empty(db, waiting["id"])
    assert world.db.value("SELECT COUNT(*) FROM boxes WHERE state <> 'free' OR order_id IS NOT NULL") == 0


def test_b2_18_a_tick_that_slept_over_both_reminders_sends_the_last_only(world: World) -> None:
    order = unfetched(world)
    world.later(hours=50)
    assert uncollected.remind(world.db, world.policy, world.now) == 1
    assert world.told(order.reader_id, "uncollected") == [("uncollected", "after-48", "waiting")]


def test_reminders_wait_for_the_end_of_the_quiet_hours(world: World) -> None:
    order = unfetched(world)
    world.now = order.changed_at + timedelta(hours=37)  # eleven at night
    uncollected.remind(world.db, world.policy, world.now)
    assert [n.event for n in notices.waiting(world.db, world.now, reader_id=order.reader_id)].count("uncollected") == 0


def test_a_locker_may_ask_for_a_score_of_its_own() -> None:
    """A9-2: 600 at the lockers of 杨浦, 550 elsewhere."""
    policy, day = load_policy("yangpu"), datetime(2026, 11, 20, tzinfo=UTC)
    assert (policy.threshold(day, "baodi"), policy.threshold(day, "elsewhere"), policy.threshold(day)) == (
        600,
        550,
        550,
    )


def test_each_locker_is_reported_with_what_it_gave_and_took(world: World) -> None:
    """A9-7: each its own, of the last days; what was lent or given back elsewhere is not a locker's."""
    order = unfetched(world)
    orders.collect_with_code(world.db, order.pickup_code, world.policy, world.now)
    other, branch = world.locker("other", S=1), world.db.value("SELECT id FROM points WHERE kind = 'branch'")
    (mine, *_) = loans.of_reader(world.db, order.reader_id)
    loans.check_in(world.db, mine.barcode, other, world.policy, world.now)
    (elsewhere,) = world.lend(world.reader(), *world.books(1))
    loans.check_in(world.db, elsewhere.barcode, branch, world.policy, world.now)
    first, second = lockers.report(world.db, world.policy, world.now, 30)
    assert (first["boxes"], first["free"], first["given"], first["taken"], first["offline"]) == (5, 5, 2, 0, 0)
    assert (second["boxes"], second["free"], second["given"], second["taken"]) == (1, 1, 0, 1)
    world.later(days=31)
    later = lockers.report(world.db, world.policy, world.now, 30)
    assert [(row["given"], row["taken"]) for row in later] == [(0, 0)] * 2
