"""约时间来取: free times within hours, promise and shelf; the last place goes once; what is freed is told (D 30)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from lending import (
    additions,
    agenda,
    appointment_clock,
    appointments,
    closings,
    deeds,
    extensions,
    merging,
    order_records,
    orders,
    points,
    privacy,
    retention,
    uncollected,
)
from lending.appointments import NoAppointment, NotWaiting, Slot
from lending.errors import UnknownThing
from lending.mandates import Mandate
from lending.model import LIBRARY_ZONE, end_of_day, library_day
from lending.orders import Order
from tests.lending.test_races import race
from tests.lending.world import World

AT_ONCE = 8
HOURS = {day: "09:00-12:00,14:00-17:00" for day in points.WEEK}


@pytest.fixture
def counter(world: World) -> World:
    """A branch that takes two orders every half an hour, open in two spans every day."""
    branch = world.branch()
    with world.store.writing() as db:
        points.set_hours(db, branch, HOURS)
        points.set_slots(db, branch, 30, 2)
    return world


def ordered(world: World, *steps: str) -> Order:
    return world.step(world.order(world.reader(), world.books(1)[0]), *steps)


def waiting(world: World) -> Order:
    return ordered(world, "pick", "pack", "shelve")


def free(world: World, order: Order) -> list[Slot]:
    return appointments.free(world.db, orders.by_id(world.db, order.id), world.policy, world.now)


def book(world: World, order: Order, at: datetime) -> appointments.Appointment:
    return appointments.book(world.store.db, order.number, order.reader_id, at, world.policy, world.now)


def why(world: World, order: Order, at: datetime) -> str:
    with pytest.raises(NoAppointment) as caught:
        book(world, order, at)
    return str(caught.value.why)


def clock(slot: Slot) -> str:
    return f"{slot.starts_at.astimezone(LIBRARY_ZONE):%H:%M}"


# ---- the times there are ---------------------------------------------------------------------------------------------


def test_times_lie_within_the_opening_hours(counter: World) -> None:
    slots = free(counter, waiting(counter))
    tomorrow = library_day(counter.now) + timedelta(days=1)
    times = [clock(one) for one in slots if library_day(one.starts_at) == tomorrow]
    assert (times[0], times[5], times[6], times[-1], len(times)) == ("09:00", "11:30", "14:00", "16:30", 12)
    assert all(one.left == 2 and one.ends_at - one.starts_at == timedelta(minutes=30) for one in slots)


def test_not_before_this_moment_never_after_the_shelf(counter: World) -> None:
    order = waiting(counter)
    slots = free(counter, order)
    assert slots[0].starts_at >= counter.now and order.pickup_until
    assert library_day(slots[-1].starts_at) == library_day(order.pickup_until)
    counter.rule("slots", days_ahead=1)
    assert library_day(free(counter, order)[-1].starts_at) == library_day(counter.now) + timedelta(days=1)


def test_what_is_not_ready_is_fetched_after_it_is_promised_and_within_days_that_are_sure(counter: World) -> None:
    """Whenever it comes to the shelf, the time that was booked lies within its days there."""
    order = ordered(counter)
    slots = free(counter, order)
    assert slots[0].starts_at >= order.promised_at
    kept = book(counter, order, slots[-1].starts_at)
    shelved = counter.step(order, "pick", "pack", "shelve")
    assert shelved.pickup_until and kept.ends_at <= shelved.pickup_until
    assert appointment_clock.settle(counter.store.db, counter.policy, counter.now) == 0


def test_what_is_late_or_looked_at_or_delivered_is_not_booked(counter: World) -> None:
    at = free(counter, order := ordered(counter))[0].starts_at
    counter.later(days=3)
    assert free(counter, order) == [] and why(counter, order, at) == "late"
    done = counter.step(order, "pick", "pack", "shelve", "collect")
    assert why(counter, done, at) == "order"
    sent = counter.order(counter.reader(), counter.books(1)[0], way="delivery")
    assert why(counter, sent, at) == "order" and free(counter, sent) == []


def test_a_counter_without_appointments_asks_nothing(counter: World) -> None:
    order = waiting(counter)
    at = free(counter, order)[0].starts_at
    with counter.store.writing() as db:
        points.set_slots(db, 1, None, None)
    assert free(counter, order) == [] and why(counter, order, at) == "here"


def test_where_no_hours_were_entered_people_at_the_desk_count(world: World) -> None:
    with world.store.writing() as db:
        points.set_slots(db, world.branch(), 60, 1)
    slots, desk = free(world, waiting(world)), world.policy.desk
    times = [one.starts_at.astimezone(LIBRARY_ZONE).time() for one in slots]
    assert times and all(desk.opens <= at < desk.closes for at in times)


def test_special_hours_and_closed_days_are_honoured(counter: World) -> None:
    order, day = waiting(counter), library_day(counter.now) + timedelta(days=1)
    closings.declare(counter.store.db, 1, day, day, "盘点", "王", counter.policy, counter.now, hours="10:00-11:00")
    assert [clock(one) for one in free(counter, order) if library_day(one.starts_at) == day] == ["10:00", "10:30"]
    closings.declare(counter.store.db, 1, day, day, "停电", "王", counter.policy, counter.now)
    assert not [one for one in free(counter, order) if library_day(one.starts_at) == day]


def test_a_time_that_is_no_time_of_ours_is_not_booked(counter: World) -> None:
    order = waiting(counter)
    slot = free(counter, order)[4]
    night = end_of_day(slot.ends_at.date())
    for odd in (slot.starts_at + timedelta(minutes=7), counter.now - timedelta(days=1), night):
        with pytest.raises(NoAppointment) as caught:
            book(counter, order, odd)
        assert caught.value.why == "outside" and len(caught.value.near) == 3
    with pytest.raises(UnknownThing):
        appointments.book(counter.store.db, order.number, counter.reader(), slot.starts_at, counter.policy, counter.now)
    with pytest.raises(UnknownThing):
        appointments.book(counter.store.db, "SX0", None, slot.starts_at, counter.policy, counter.now)


# ---- the places ------------------------------------------------------------------------------------------------------


def test_one_time_an_order_changed_and_given_back(counter: World) -> None:
    order = waiting(counter)
    first, second = (slot.starts_at for slot in free(counter, order)[:2])
    kept = book(counter, order, first)
    assert book(counter, order, first) == kept
    moved = book(counter, order, second)
    assert appointments.of_order(counter.db, order.id) == moved and moved.id != kept.id
    appointments.give_back(counter.store.db, order.number, order.reader_id, counter.now)
    assert appointments.of_order(counter.db, order.id) is None
    with pytest.raises(UnknownThing):
        appointments.give_back(counter.store.db, order.number, order.reader_id, counter.now)
    states = counter.db.all("SELECT state FROM appointments ORDER BY id")
    assert [row["state"] for row in states] == ["given_back", "given_back"]


def test_what_is_full_is_not_offered_and_says_what_is_next_to_it(counter: World) -> None:
    people = [waiting(counter) for _ in range(3)]
    at = free(counter, people[0])[5].starts_at
    for order in people[:2]:
        book(counter, order, at)
    assert at not in [one.starts_at for one in free(counter, people[2])]
    assert at in [one.starts_at for one in free(counter, people[0])]  # one's own place is not in one's own way
    with pytest.raises(NoAppointment) as caught:
        book(counter, people[2], at)
    assert caught.value.why == "taken" and at not in caught.value.near
    appointments.give_back(counter.store.db, people[0].number, None, counter.now)
    assert book(counter, people[2], at).starts_at == at


def test_the_last_place_goes_to_one(counter: World) -> None:
    """B2-1."""
    people = [waiting(counter) for _ in range(AT_ONCE)]
    at = free(counter, people[0])[3].starts_at
    book(counter, people[0], at)

    def press(order: Order) -> Callable[[], object]:
        return lambda: book(counter, order, at)

    outcome = race(counter, [press(order) for order in people[1:]])
    assert outcome == {"ordered": 1, "NoAppointment": AT_ONCE - 2}
    assert counter.db.value("SELECT COUNT(*) FROM appointments WHERE state = 'booked'") == 2


def test_one_order_pressed_by_eight_at_once_has_one_time(counter: World) -> None:
    """B2-2."""
    order = waiting(counter)
    times = [slot.starts_at for slot in free(counter, order)[:AT_ONCE]]
    race(counter, [lambda at=at: book(counter, order, at) for at in times])  # type: ignore[misc]
    assert counter.db.value("SELECT COUNT(*) FROM appointments WHERE state = 'booked'") == 1


def test_places_are_never_given_twice_whatever_writes(counter: World) -> None:
    """The schema sees to it, also where a counter has changed its times since; and what is over stays so."""
    people = [waiting(counter) for _ in range(3)]
    kept = [book(counter, order, free(counter, order)[3].starts_at) for order in people[:2]]
    insert = (
        "INSERT INTO appointments (order_id, point_id, starts_at, ends_at, booked_at, changed_at) "
        "SELECT :o, point_id, starts_at, '2099-01-01T00:00:00Z', booked_at, booked_at FROM appointments WHERE id = :a"
    )
    with pytest.raises(sqlite3.IntegrityError), counter.store.writing() as db:
        db.run(insert, o=people[2].id, a=kept[0].id)
    appointments.give_back(counter.store.db, people[0].number, None, counter.now)
    with pytest.raises(sqlite3.IntegrityError), counter.store.writing() as db:
        db.run("UPDATE appointments SET state = 'booked' WHERE id = :a", a=kept[0].id)


def test_longer_times_than_before_count_those_they_meet(counter: World) -> None:
    people = [waiting(counter) for _ in range(3)]
    nine = next(one for one in free(counter, people[0]) if clock(one) == "09:00").starts_at
    book(counter, people[0], nine)
    book(counter, people[1], nine + timedelta(minutes=30))
    with counter.store.writing() as db:
        points.set_slots(db, 1, 60, 2)
    assert nine not in [one.starts_at for one in free(counter, people[2])]
    assert why(counter, people[2], nine) == "taken"


# ---- freed, and told -------------------------------------------------------------------------------------------------


def told(world: World, order: Order) -> list[str]:
    rows = world.db.all(
        "SELECT facts FROM notices WHERE reader_id = :r AND event = 'appointment_freed' ORDER BY id", r=order.reader_id
    )
    return [row["facts"].split('"why": "')[1].split('"')[0] for row in rows]


def test_a_closing_that_covers_it_frees_it_once_and_leaves_the_others(counter: World) -> None:
    order, other = waiting(counter), waiting(counter)
    slots = free(counter, order)
    day = library_day(counter.now) + timedelta(days=1)
    hit = next(one for one in slots if library_day(one.starts_at) == day)
    book(counter, order, hit.starts_at)
    book(counter, other, next(one for one in slots if library_day(one.starts_at) > day).starts_at)
    made = closings.declare(
        counter.store.db, None, day, day, "台风", "王", counter.policy, counter.now, emergency=True
    )
    assert appointments.of_order(counter.db, order.id) is None and appointments.of_order(counter.db, other.id)
    closings.settle(counter.store.db, counter.policy, counter.now)
    closings.take_back(counter.store.db, made, "王", counter.policy, counter.now)
    closings.settle(counter.store.db, counter.policy, counter.now)
    assert told(counter, order) == ["closed"] and told(counter, other) == []


def test_changed_hours_free_what_lies_outside_of_them(counter: World) -> None:
    order, other = waiting(counter), waiting(counter)
    slots = free(counter, order)
    book(counter, order, next(one for one in slots if clock(one) == "16:30").starts_at)
    book(counter, other, next(one for one in slots if clock(one) == "10:00").starts_at)
    with counter.store.writing() as db:
        points.set_hours(db, 1, dict.fromkeys(points.WEEK, "09:15-12:00"))
        closings.settle(db, counter.policy, counter.now)
    assert told(counter, order) == ["closed"] and told(counter, other) == []
    assert appointments.of_order(counter.db, other.id), "within the new hours, though on no time of theirs"


def test_books_that_come_later_than_the_time_free_it(counter: World) -> None:
    """A book that joins the order makes it one placed now, and a person may have to look: neither is silent."""
    reader = counter.reader()
    order = counter.order(reader, *counter.books(2))
    book(counter, order, free(counter, order)[0].starts_at)
    counter.later(hours=4)
    counter.fill_cart(reader, *counter.books(1))
    additions.add(counter.store.db, reader, order.number, "once", counter.policy, counter.now)
    closings.settle(counter.store.db, counter.policy, counter.now)
    assert appointments.of_order(counter.db, order.id) is None and told(counter, order) == ["later"]


@pytest.mark.parametrize("ways", ["cancel", "pick pack shelve collect", "pick pack shelve expire"])
def test_an_order_that_has_ended_gives_its_place_back_in_silence(counter: World, ways: str) -> None:
    order = ordered(counter)
    at = free(counter, order)[0].starts_at
    book(counter, order, at)
    counter.step(order, *ways.split())
    assert counter.db.value("SELECT state FROM appointments") == "over" and told(counter, order) == []


def test_taken_back_from_the_shelf_the_time_stands(counter: World) -> None:
    """B2-20: pressed too early by a librarian, nothing has changed for the reader."""
    order = ordered(counter)
    book(counter, order, free(counter, order)[0].starts_at)
    counter.step(order, "pick", "pack")
    counter.step(order, "shelve", "unshelve", actor="staff:王")
    closings.settle(counter.store.db, counter.policy, counter.now)
    assert appointments.of_order(counter.db, order.id)


def test_books_moved_on_from_a_locker_may_have_a_time_at_the_counter(counter: World) -> None:
    counter.locker()
    order = counter.step(counter.order(counter.reader(), counter.books(1)[0], way="locker"), "pick", "pack", "load")
    assert free(counter, order) == []
    counter.now = order.pickup_until or counter.now
    counter.later(minutes=1)
    orders.expire_due(counter.store.db, counter.policy, counter.now)
    assert free(counter, order)[0].left == 2


# ---- before it -------------------------------------------------------------------------------------------------------


def reminded(world: World) -> int:
    return appointment_clock.remind(world.store.db, world.policy, world.now)


def test_the_reminder_comes_so_many_hours_before_and_once(counter: World) -> None:
    order = waiting(counter)
    slot = [one for one in free(counter, order) if clock(one) == "15:00"][1]
    book(counter, order, slot.starts_at)
    counter.now = slot.starts_at - timedelta(hours=counter.policy.slots.remind_before_hours, minutes=1)
    assert reminded(counter) == 0
    counter.later(minutes=2)
    assert (reminded(counter), reminded(counter)) == (1, 0)


def test_who_books_shortly_before_or_wants_no_reminders_gets_none(counter: World) -> None:
    order, quiet = waiting(counter), waiting(counter)
    slot = next(one for one in free(counter, order) if clock(one) == "15:00")
    with counter.store.writing() as db:
        db.run("UPDATE readers SET reminders_on = 0 WHERE id = :r", r=quiet.reader_id)
    book(counter, quiet, slot.starts_at)
    counter.now = slot.starts_at - timedelta(hours=1)
    book(counter, order, slot.starts_at)
    assert reminded(counter) == 0


@pytest.mark.parametrize(("opens", "said"), [("09:00", "08:30"), ("08:00", "21:00")])
def test_nobody_is_woken_and_nobody_told_too_late(counter: World, opens: str, said: str) -> None:
    """After the quiet hours where that is before the time, else on the evening before."""
    with counter.store.writing() as db:
        points.set_hours(db, 1, dict.fromkeys(points.WEEK, f"{opens}-17:00"))
    slot = next(one for one in free(counter, waiting(counter)) if clock(one) == opens)
    at = appointment_clock.remind_at(slot.starts_at, counter.policy)
    assert f"{at.astimezone(LIBRARY_ZONE):%H:%M}" == said and timedelta(0) < slot.starts_at - at < timedelta(hours=12)


def test_whoever_comes_at_a_time_is_not_pressed(counter: World) -> None:
    """B4: neither reminded of books that wait nor telephoned."""
    order = waiting(counter)
    book(counter, order, free(counter, order)[-1].starts_at)
    counter.later(hours=50)
    assert uncollected.remind(counter.store.db, counter.policy, counter.now) == 0
    assert uncollected.to_call(counter.db, counter.policy, counter.now) == []
    appointments.give_back(counter.store.db, order.number, None, counter.now)
    assert len(uncollected.to_call(counter.db, counter.policy, counter.now)) == 1


def test_books_kept_longer_have_more_times(counter: World) -> None:
    """D 29."""
    order = waiting(counter)
    last = free(counter, order)[-1].starts_at
    extensions.keep_order(counter.store.db, order.number, None, counter.policy, counter.now)
    assert free(counter, order)[-1].starts_at > last


def test_the_calendar_holds_the_time_instead_of_the_last_day(counter: World) -> None:
    """D 41."""

    def entry(order: Order) -> agenda.Entry:
        [found] = [one for one in agenda.entries(counter.db, order.reader_id, counter.now) if one.kind == "order"]
        return found

    order = ordered(counter)
    kept = book(counter, order, free(counter, order)[0].starts_at)
    assert (entry(order).at, entry(order).until, entry(order).over) == (kept.starts_at, kept.ends_at, False)
    appointments.give_back(counter.store.db, order.number, None, counter.now)
    assert entry(order).over and entry(order).until is None
    shelved = counter.step(order, "pick", "pack", "shelve")
    with counter.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")
    assert (entry(order).at, entry(order).until, entry(order).over) == (shelved.pickup_until, None, False)


# ---- at the counter --------------------------------------------------------------------------------------------------


def test_who_stands_at_the_counter_is_known_once_a_day(counter: World) -> None:
    order = waiting(counter)
    _, first = appointments.arrive(counter.store.db, order.number, order.reader_id, counter.now)
    counter.later(minutes=3)
    assert appointments.arrive(counter.store.db, order.number, order.reader_id, counter.now)[1] == first
    assert [one.number for one in appointments.here_now(counter.db, counter.now)] == [order.number]
    counter.later(days=1)
    assert appointments.here_now(counter.db, counter.now) == []
    assert appointments.arrive(counter.store.db, order.number, order.reader_id, counter.now)[1] == counter.now
    counter.step(order, "collect")
    assert appointments.here_now(counter.db, counter.now) == []
    with pytest.raises(NotWaiting):
        appointments.arrive(counter.store.db, order.number, order.reader_id, counter.now)
    with pytest.raises(UnknownThing):
        appointments.arrive(counter.store.db, order.number, counter.reader(), counter.now)


# ---- whose it is -----------------------------------------------------------------------------------------------------


def test_it_is_shown_and_forgotten_with_its_reader(counter: World) -> None:
    """A11-5."""
    order = waiting(counter)
    book(counter, order, free(counter, order)[0].starts_at)
    appointments.arrive(counter.store.db, order.number, order.reader_id, counter.now)
    held = privacy.everything(counter.db, order.reader_id)
    assert held["appointments"][0]["state"] == "booked" and held["orders"][0]["arrived_at"]
    counter.step(order, "expire")
    privacy.forget(counter.store.db, order.reader_id)
    assert counter.db.value("SELECT COUNT(*) FROM appointments") == 0
    assert counter.db.value("SELECT arrived_at FROM orders") is None


def test_it_goes_with_the_month_that_is_cleared(counter: World) -> None:
    """B2-21."""
    order = waiting(counter)
    book(counter, order, free(counter, order)[0].starts_at)
    counter.step(order, "expire")
    counter.later(days=counter.policy.privacy.borrowed_days + 40)
    assert retention.clear(counter.store.db, counter.policy, counter.now)["appointments"] == 1
    assert counter.db.value("SELECT COUNT(*) FROM appointments") == 0


def test_two_records_that_become_one_keep_it(counter: World) -> None:
    """A1-20."""
    order, kept = waiting(counter), counter.reader()
    made = book(counter, order, free(counter, order)[0].starts_at)
    merging.merge(counter.store.db, kept, order.reader_id, counter.policy, counter.now)
    assert privacy.everything(counter.db, kept)["appointments"][0]["order_id"] == order.id
    assert appointments.book(
        counter.store.db, order.number, kept, made.starts_at, counter.policy, counter.now
    ) == made  # fmt: skip


def test_what_another_books_is_told(counter: World) -> None:
    """D-12: read off the change."""
    order, proxy = waiting(counter), counter.reader()
    acts = Mandate(1, order.reader_id, proxy, "given", "friend", ("collect",), "active", counter.now)
    with counter.store.writing() as db:
        before = deeds.snapshot(db, order.reader_id)
        at = appointments.free(db, order, counter.policy, counter.now)[0].starts_at
        appointments.book(db, order.number, order.reader_id, at, counter.policy, counter.now)
        assert deeds.record(db, acts, before, "R2", ("fetch_code",), counter.now) == 1
    assert deeds.of_reader(counter.db, order.reader_id)[0].what == "comes"
    assert order_records.by_number(counter.db, order.number).state == order.state
