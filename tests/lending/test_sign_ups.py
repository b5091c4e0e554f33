"""Who comes and who waits: seats given once, a queue that moves up, seats given back in time and late (F-8)."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lending import attendance, event_changes, event_clock, events, merging, privacy, retention, sign_ups
from lending.errors import LendingError, UnknownThing
from lending.events import Event
from lending.sign_ups import CannotSignUp
from tests.lending.happenings import comes, plan, planned, state
from tests.lending.world import World, passing

AT_ONCE = 12


def back(world: World, found: Event, reader: int) -> str:
    return sign_ups.give_back(world.db, reader, found.id, world.policy, world.now).state


def queue(world: World, found: Event) -> list[tuple[int, int]]:
    return [(one.reader_id, one.position) for one in sign_ups.listed(world.db, found.id) if one.state == "waiting"]


def test_the_same_reader_signs_up_once(world: World) -> None:
    """Pressed twice, or with another number: what stood already is the answer."""
    found, me = planned(world), world.reader()
    new, mine = sign_ups.sign_up(world.db, me, found.id, 2, world.policy, world.now)
    again, same = sign_ups.sign_up(world.db, me, found.id, 1, world.policy, world.now)
    assert new and not again and same == mine and same.people == 2
    with pytest.raises(sqlite3.IntegrityError), world.store.writing() as db:
        db.run(
            "INSERT INTO sign_ups (event_id, reader_id, people, state, placed_at, changed_at) "
            "VALUES (:e, :r, 1, 'waiting', 'x', 'x')",
            e=found.id, r=me,
        )  # fmt: skip


def test_seats_are_never_given_twice_whatever_writes(world: World) -> None:
    """The schema sees to it."""
    found = planned(world)
    comes(world, found, 3)
    waits = comes(world, found, 1)
    with pytest.raises(sqlite3.IntegrityError), world.store.writing() as db:
        db.run("UPDATE sign_ups SET state = 'signed_up' WHERE reader_id = :r", r=waits)


def test_who_does_not_fit_waits_and_a_smaller_party_still_gets_in(world: World) -> None:
    found = planned(world)
    comes(world, found, 2)
    couple, single, late = comes(world, found, 2), comes(world, found, 1), comes(world, found, 1)
    assert [state(world, found, one) for one in (couple, single, late)] == ["waiting", "signed_up", "waiting"]
    assert queue(world, found) == [(couple, 1), (late, 2)]


def test_the_first_who_fits_moves_up_and_is_told(world: World) -> None:
    found = planned(world)
    first, _second = comes(world, found, 1), comes(world, found, 2)
    couple, single = comes(world, found, 2), comes(world, found, 1)
    assert back(world, found, first) == "given_back"
    assert (state(world, found, couple), state(world, found, single)) == ("waiting", "signed_up")
    assert [event for event, _step, _state in world.told(single)] == ["event_place"] and world.told(couple) == []
    assert queue(world, found) == [(couple, 1)]


def test_whoever_gave_back_may_come_again_at_the_end_of_the_queue(world: World) -> None:
    found = planned(world, seats=1)
    me, other = comes(world, found), comes(world, found)
    back(world, found, me)
    comes(world, found, reader=me)
    assert state(world, found, other) == "signed_up" and queue(world, found) == [(me, 1)]
    with pytest.raises(UnknownThing):
        back(world, found, world.reader())


def test_signing_up_ends(world: World) -> None:
    found, me = planned(world, until=-24), world.reader()
    for people in (0, 4, 5):  # more than there are seats, more than the rules say
        with pytest.raises(CannotSignUp) as refused:
            comes(world, found, people, me)
        assert (refused.value.reason, refused.value.number) == ("people", 3)
    world.now = found.sign_up_until
    with pytest.raises(CannotSignUp) as refused:
        comes(world, found, 1, me)
    assert refused.value.reason == "until"
    world.now = found.starts_at
    with pytest.raises(CannotSignUp) as refused:
        comes(world, found, 1, me)
    assert refused.value.reason == "over"
    event_changes.cancel(world.db, found.id, "停电", world.policy, world.now)
    with pytest.raises(CannotSignUp) as refused:
        comes(world, found, 1, me)
    assert refused.value.reason == "cancelled"


def test_once_it_has_begun_nothing_is_given_back(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at
    with pytest.raises(CannotSignUp):
        back(world, found, me)
    assert state(world, found, me) == "signed_up"


# ---- late ------------------------------------------------------------------------------------------------------------


def test_given_back_late_with_nobody_waiting_it_is_late(world: World) -> None:
    found = planned(world)
    in_time, late = comes(world, found), comes(world, found)
    world.now = sign_ups.free_until(found, world.policy)
    assert back(world, found, in_time) == "given_back"
    world.later(seconds=1)
    assert back(world, found, late) == "late_back"


@pytest.mark.parametrize(("free_hours", "became"), [(2, "given_back"), (30, "late_back")])
def test_from_when_on_it_is_late_the_rules_say(world: World, free_hours: int, became: str) -> None:
    world.rule("events", free_hours=free_hours)
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at - timedelta(hours=10)
    assert back(world, found, me) == became


def test_somebody_who_takes_the_seat_makes_it_good(world: World) -> None:
    found = planned(world, seats=1)
    me, waits = comes(world, found), comes(world, found)
    world.now = found.starts_at.replace(minute=0) - (found.ends_at - found.starts_at) / 4
    assert back(world, found, me) == "given_back" and state(world, found, waits) == "signed_up"
    assert back(world, found, waits) == "given_back"  # a seat that came so late may be given back until the start


def test_whoever_waits_may_always_leave(world: World) -> None:
    found = planned(world, seats=1)
    _first, waits = comes(world, found), comes(world, found)
    world.now = found.starts_at.replace(hour=6, minute=59)
    assert back(world, found, waits) == "given_back"


def test_an_event_that_is_moved_makes_a_late_one_good(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at.replace(hour=6)
    assert back(world, found, me) == "late_back"
    event_changes.change(world.db, found.id, plan(days=6), world.policy, world.now)
    assert state(world, found, me) == "given_back"


# ---- other ways seats become free ------------------------------------------------------------------------------------


def test_the_clock_gives_seats_of_the_forgotten_to_whoever_waits(world: World) -> None:
    found = planned(world, seats=1)
    gone, waits = comes(world, found), comes(world, found)
    with world.store.writing() as db:
        sign_ups.forget(db, gone)
    event_clock.tick(world.db, world.policy, world.now)
    assert state(world, found, waits) == "signed_up"
    event_clock.tick(world.db, world.policy, world.now)
    assert len(world.told(waits, "event_place")) == 1


def test_nobody_moves_up_once_it_has_begun(world: World) -> None:
    found = planned(world, seats=1)
    gone, waits = comes(world, found), comes(world, found)
    world.now = found.starts_at
    with world.store.writing() as db:
        sign_ups.forget(db, gone)
    event_clock.tick(world.db, world.policy, world.now)
    assert state(world, found, waits) == "waiting"


# ---- many at once ----------------------------------------------------------------------------------------------------


def race(presses: list[Callable[[], object]]) -> Counter[str]:
    gate = threading.Barrier(len(presses))

    def press(work: Callable[[], object]) -> str:
        gate.wait()
        try:
            work()
            return "done"
        except LendingError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(presses)) as pool:
        return Counter(pool.map(press, presses))


def pressing(world: World, found: Event, reader: int, people: int = 1) -> Callable[[], object]:
    return lambda: sign_ups.sign_up(world.store.db, reader, found.id, people, world.policy, world.now)


def test_the_last_seats_go_to_as_many_as_there_are(world: World) -> None:
    found = planned(world, seats=5)
    people = [world.reader() for _ in range(AT_ONCE)]
    assert race([pressing(world, found, reader) for reader in people]) == {"done": AT_ONCE}
    states = Counter(state(world, found, reader) for reader in people)
    assert states == {"signed_up": 5, "waiting": AT_ONCE - 5}
    assert [position for _, position in queue(world, found)] == list(range(1, AT_ONCE - 4))


def test_one_reader_pressing_many_times_comes_once(world: World) -> None:
    found, me = planned(world, seats=9), world.reader()
    assert race([pressing(world, found, me, 2)] * AT_ONCE) == {"done": AT_ONCE}
    assert events.event(world.db, found.id).taken == 2


def test_while_some_give_back_and_others_come_no_seat_is_empty_or_given_twice(world: World) -> None:
    found = planned(world, seats=4)
    holding, newcomers = [comes(world, found) for _ in range(4)], [world.reader() for _ in range(8)]

    def leaving(reader: int) -> Callable[[], object]:
        return lambda: sign_ups.give_back(world.store.db, reader, found.id, world.policy, world.now)

    race([leaving(one) for one in holding] + [pressing(world, found, one) for one in newcomers])
    assert (events.event(world.db, found.id).taken, len(queue(world, found))) == (4, 4)


@examples(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=25))
def test_whatever_readers_do_seats_and_queue_are_right(steps: list[tuple[int, int]]) -> None:
    """0 people gives back, others sign up so many; nobody who would fit is left waiting, and nobody is told twice."""
    with passing() as world:
        world.branch()
        found, people = planned(world, seats=4), [world.reader() for _ in range(6)]
        for who, many in steps:
            try:
                back(world, found, people[who]) if many == 0 else comes(world, found, many, people[who])
            except UnknownThing:
                assert sign_ups.of_event(world.db, people[who], found.id) is None
            now = events.event(world.db, found.id)
            assert 0 <= now.taken <= 4
            waiting = [one for one in sign_ups.listed(world.db, found.id) if one.state == "waiting"]
            assert all(one.people > now.left for one in waiting)
            assert [one.position for one in waiting] == list(range(1, len(waiting) + 1))


# ---- one person, two records; and what is kept -----------------------------------------------------------------------


def test_two_records_of_one_person_come_once(world: World) -> None:
    found, other = planned(world), planned(world, days=6)
    kept, gone = comes(world, found), comes(world, found, 2)
    comes(world, other, 2, gone)
    merging.merge(world.db, kept, gone, world.policy, world.now)
    assert events.event(world.db, found.id).taken == 1 and state(world, other, kept) == "signed_up"
    assert world.db.value("SELECT COUNT(*) FROM sign_ups WHERE reader_id = :g", g=gone) == 0


def test_two_records_of_one_person_keep_the_seat_and_the_better_place(world: World) -> None:
    """A seat before a place in the queue, the earlier place before the later; whoever waits behind loses nothing."""
    found, full = planned(world), planned(world, days=6)
    gone, _others = comes(world, found, 3), comes(world, full, 3)
    kept = comes(world, found)
    comes(world, full, 1, gone)
    between = comes(world, full)
    comes(world, full, 1, kept)
    assert state(world, found, kept) == "waiting" and queue(world, full) == [(gone, 1), (between, 2), (kept, 3)]
    merging.merge(world.db, kept, gone, world.policy, world.now)
    assert state(world, found, kept) == "signed_up" and events.event(world.db, found.id).taken == 3
    assert queue(world, full) == [(kept, 1), (between, 2)]


def test_who_came_is_forgotten_after_a_while_and_how_many_is_not(world: World) -> None:
    """A11-5, B2-21."""
    found = planned(world)
    me = comes(world, found, 2)
    world.now = found.starts_at
    attendance.at_the_door(world.db, me, found.id, world.policy, world.now)
    world.later(days=2)
    event_clock.tick(world.db, world.policy, world.now)
    assert privacy.everything(world.db, me)["sign_ups"][0]["state"] == "came"
    world.later(days=world.policy.privacy.borrowed_days + 31)
    assert retention.over(world.db, world.policy, world.now)["sign_ups"] == 1
    retention.clear(world.db, world.policy, world.now)
    assert world.db.value("SELECT COUNT(*) FROM sign_ups") == 0
    assert world.db.value("SELECT came FROM events") == 2


def test_whoever_asks_to_be_forgotten_comes_to_nothing(world: World) -> None:
    found = planned(world)
    privacy.forget(world.db, comes(world, found))
    assert events.event(world.db, found.id).taken == 0
