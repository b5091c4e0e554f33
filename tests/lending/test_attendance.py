"""Checking in at the door and by a librarian's hand, and what coming or not coming is worth (A6-3, A7-7, B3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lending import attendance, credit, event_changes, event_clock, sign_ups
from lending.attendance import CannotCheckIn
from lending.events import Event
from lending.policy import load_policy
from tests.lending.happenings import comes, plan, planned, state
from tests.lending.world import World


def arrive(world: World, found: Event, reader: int) -> attendance.CheckedIn:
    return attendance.at_the_door(world.db, reader, found.id, world.policy, world.now)


def lines(world: World, reader: int) -> list[tuple[str, int]]:
    """What the ledger says of events, the oldest first."""
    found = credit.lines(world.db, reader, 20)
    return [(line.event, line.delta) for line in reversed(found) if line.event.startswith("activity")]


def over(world: World, found: Event) -> None:
    world.now = attendance.settles_at(found, world.policy)
    event_clock.tick(world.db, world.policy, world.now)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("QD-7K3M9Q", "7K3M9Q"), ("签到 QD-7k3m9q", "7K3M9Q"), ("簽到QD7K3M9Q。", "7K3M9Q"),
        ("check in QD 7K3M9Q", "7K3M9Q"),
        ("QD-7K3M9", ""), ("QD-7K3M9Q1", ""), ("签到", ""), ("《QD-7K3M9Q》", ""),
    ],
)  # fmt: skip
def test_the_code_from_the_door_is_read_as_people_type_it(said: str, code: str) -> None:
    assert attendance.code_in(said) == code


def test_coming_is_worth_points_once(world: World) -> None:
    """A6-3: +5, with the check-in as evidence."""
    found = planned(world)
    me = comes(world, found, 3)
    world.now = found.starts_at - timedelta(minutes=30)
    assert (arrive(world, found, me).points, arrive(world, found, me).new) == (5, False)
    assert lines(world, me) == [("activity", 5)] and state(world, found, me) == "came"
    assert credit.lines(world.db, me, 1)[0].evidence == "came 2026-11-24T06:30:00Z"
    over(world, found)
    assert lines(world, me) == [("activity", 5)]


def test_only_within_the_window_and_only_who_has_a_seat(world: World) -> None:
    found = planned(world, seats=1)
    me, waits, stranger = comes(world, found), comes(world, found), world.reader()
    refused: list[tuple[str, Any]] = []
    for minutes, who in ((-31, me), (-5, waits), (-5, stranger), (121, me)):
        world.now = found.starts_at + timedelta(minutes=minutes)
        with pytest.raises(CannotCheckIn) as error:
            arrive(world, found, who)
        refused.append((error.value.reason, error.value.at))
    opens = found.starts_at - timedelta(minutes=30)
    assert refused == [("early", opens), ("waiting", opens), ("unknown", opens), ("over", opens)]
    assert state(world, found, me) == "signed_up"


def test_a_librarians_hand_reaches_until_it_is_reckoned_up(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = found.ends_at + timedelta(hours=3)
    done = attendance.by_hand(world.db, me, found.id, False, "staff:小信", world.policy, world.now)
    assert (done.points, [event for event, _step, _state in world.told(me)]) == (5, ["event_kept"])
    again = attendance.by_hand(world.db, me, found.id, True, "staff:小信", world.policy, world.now)
    assert not again.new and state(world, found, me) == "came" and len(world.told(me)) == 1
    assert credit.lines(world.db, me, 1)[0].actor == "staff:小信"
    over(world, found)
    with pytest.raises(CannotCheckIn):
        attendance.by_hand(world.db, world.reader(), found.id, False, "staff:小信", world.policy, world.now)


def test_in_a_library_that_minds_nothing_not_coming_costs_nothing_and_nobody_is_told(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    over(world, found)
    assert (state(world, found, me), lines(world, me), world.told(me, "event_kept")) == ("absent", [], [])
    assert world.db.value("SELECT came FROM events") == 0


def test_zouping_gives_for_signing_up_and_takes_for_not_coming(world: World) -> None:
    """B3.2 邹平: +2, on time +3; −10."""
    world.policy = load_policy("zouping")
    found = planned(world, seats=9)
    on_time, late, absent, left = (comes(world, found) for _ in range(4))
    sign_ups.give_back(world.db, left, found.id, world.policy, world.now)
    world.now = found.starts_at + timedelta(minutes=10)
    arrive(world, found, on_time)
    world.later(minutes=1)
    arrive(world, found, late)
    over(world, found)
    assert lines(world, on_time) == [("activity_signup", 2), ("activity", 3)]
    assert lines(world, late) == [("activity_signup", 2)]
    assert lines(world, absent) == [("activity_signup", 2), ("activity_no_show", -10)]
    assert lines(world, left) == []
    assert [event for event, _step, _state in world.told(absent)] == ["event_kept"]


def test_quanzhou_minds_being_late(world: World) -> None:
    """B3.2 泉州: −2, and coming is coming."""
    world.policy = load_policy("quanzhou")
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at + timedelta(minutes=20)
    arrive(world, found, me)
    assert lines(world, me) == [("activity", 5)]
    over(world, found)
    assert lines(world, me) == [("activity", 5), ("activity_late", -2)]


def test_an_event_called_off_costs_nobody_anything(world: World) -> None:
    world.policy = load_policy("zouping")
    found = planned(world)
    absent, late_back = comes(world, found), comes(world, found)
    world.now = found.starts_at - timedelta(hours=1)
    assert attendance.cost(world.db, late_back, found.id, world.policy, world.now) == 10
    sign_ups.give_back(world.db, late_back, found.id, world.policy, world.now)
    event_changes.cancel(world.db, found.id, "停电", world.policy, world.now)
    over(world, found)
    assert lines(world, absent) == lines(world, late_back) == []


def test_seats_given_back_late_count_as_not_coming_unless_one_comes_after_all(world: World) -> None:
    world.policy = load_policy("zouping")
    found = planned(world)
    late_back, returns = comes(world, found), comes(world, found)
    world.now = found.starts_at - timedelta(hours=1)
    for reader in (late_back, returns):
        sign_ups.give_back(world.db, reader, found.id, world.policy, world.now)
    comes(world, found, 1, returns)
    world.later(minutes=50)
    arrive(world, found, returns)
    over(world, found)
    assert lines(world, late_back) == [("activity_no_show", -10)]
    assert lines(world, returns) == [("activity_signup", 2), ("activity", 3)]


def test_a_seat_that_came_too_late_to_be_given_back_costs_nothing(world: World) -> None:
    world.policy = load_policy("zouping")
    found = planned(world, seats=1)
    first, waits = comes(world, found), comes(world, found)
    world.now = found.starts_at - timedelta(hours=1)
    sign_ups.give_back(world.db, first, found.id, world.policy, world.now)
    assert attendance.cost(world.db, waits, found.id, world.policy, world.now) == 0
    over(world, found)
    assert lines(world, waits) == [("activity_signup", 2)] and lines(world, first) == []


# ---- the reminder ----------------------------------------------------------------------------------------------------


def reminded(world: World, reader: int) -> int:
    event_clock.tick(world.db, world.policy, world.now)
    event_clock.tick(world.db, world.policy, world.now)
    return len(world.told(reader, "event_soon"))


def test_a_day_before_everybody_who_comes_is_reminded_once(world: World) -> None:
    found = planned(world, seats=2)
    me, quiet, waits = comes(world, found), comes(world, found), comes(world, found)
    with world.store.writing() as db:
        db.run("UPDATE readers SET reminders_on = 0 WHERE id = :r", r=quiet)
    world.now = found.starts_at - timedelta(hours=24, seconds=1)
    assert reminded(world, me) == 0
    world.later(seconds=1)
    assert [reminded(world, reader) for reader in (me, quiet, waits)] == [1, 0, 0]


def test_who_signs_up_on_the_day_knows_it_already(world: World) -> None:
    found = planned(world)
    world.now = found.starts_at - timedelta(hours=20)
    assert reminded(world, comes(world, found)) == 0


def test_an_early_event_is_reminded_of_after_the_quiet_hours(world: World) -> None:
    """B2-4: at 22:00 the day before would be quiet; the notice waits for the morning."""
    found = planned(world, days=3.625)  # at six in the morning
    me = comes(world, found)
    world.now = found.starts_at - timedelta(hours=24)
    assert reminded(world, me) == 1
    due = world.db.value("SELECT due_at FROM notices WHERE event = 'event_soon'")
    assert due == "2026-11-23T00:30:00Z"


def test_a_moved_event_is_reminded_of_again(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at - timedelta(hours=12)
    assert reminded(world, me) == 1
    event_changes.change(world.db, found.id, plan(days=6), world.policy, world.now)
    assert reminded(world, me) == 1
    world.later(days=1, hours=12)
    assert reminded(world, me) == 2


def test_moved_to_tomorrow_it_needs_no_reminder_besides(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = plan(days=1).starts_at - timedelta(hours=10)
    event_changes.change(world.db, found.id, plan(days=1), world.policy, world.now)
    assert reminded(world, me) == 0


# ---- empty chairs ----------------------------------------------------------------------------------------------------


def test_an_empty_chair_goes_to_who_waits_at_the_door(world: World) -> None:
    """The librarian sees who is missing; nothing is written until it is over, and whoever comes after all may."""
    found = planned(world, seats=1)
    missing, waits = comes(world, found), comes(world, found)
    now = found.starts_at + timedelta(minutes=15)

    def let_in(reader: int) -> str:
        attendance.by_hand(world.db, reader, found.id, False, "staff:小信", world.policy, now)
        return state(world, found, reader)

    with pytest.raises(CannotCheckIn):
        attendance.missed(world.db, missing, found.id, found.starts_at - timedelta(minutes=1))
    with pytest.raises(CannotCheckIn) as refused:
        let_in(waits)
    assert refused.value.reason == "waiting"
    attendance.missed(world.db, missing, found.id, now)
    assert let_in(waits) == "came"
    with pytest.raises(CannotCheckIn) as refused:
        let_in(missing)  # the chair is taken
    assert refused.value.reason == "waiting" and lines(world, missing) == []


def test_a_chair_called_empty_too_soon_is_taken_after_all(world: World) -> None:
    found = planned(world)
    me = comes(world, found)
    world.now = found.starts_at + timedelta(minutes=5)
    attendance.missed(world.db, me, found.id, world.now)
    assert arrive(world, found, me).points == 5 and state(world, found, me) == "came"


@pytest.mark.parametrize(("settle_hours", "became"), [(24, "absent"), (90, "signed_up")])
def test_how_long_a_librarian_may_still_say_who_came_the_rules_say(
    world: World, settle_hours: int, became: str
) -> None:
    world.rule("events", settle_hours=settle_hours)
    found = planned(world)
    me = comes(world, found)
    world.now = found.ends_at + timedelta(hours=25)
    event_clock.tick(world.db, world.policy, world.now)
    assert state(world, found, me) == became
