"""Events as librarians make, move and cancel them; who hears of it (F-8, A10-15)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lending import closings, event_changes, events, sign_ups
from lending.errors import UnknownThing
from lending.events import BadEvent, Event, EventMoved
from lending.model import library_day
from tests.lending.happenings import comes, plan, planned
from tests.lending.world import World


def test_an_event_is_made_and_stands_among_those_to_come(world: World) -> None:
    made = planned(world, name="  周六  故事会 ", about="大声读《好饿的毛毛虫》")
    assert (made.name, made.left, made.state) == ("周六 故事会", 3, "planned")
    later = planned(world, days=9)
    assert [one.id for one in events.coming(world.db, world.now)] == [made.id, later.id]
    assert events.by_door(world.db, made.door.lower()) == made
    world.later(days=5)
    assert [one.id for one in events.coming(world.db, world.now)] == [later.id]
    assert [one.id for one in events.past(world.db, world.now)] == [made.id]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": " "}, "name"), ({"point_id": None}, "place"), ({"seats": 0}, "seats"),
        ({"days": -1}, "past"), ({"hours": 0}, "order"), ({"hours": -2}, "order"), ({"until": 1}, "until"),
        ({"days": 800}, "far"), ({"hours": 24 * 800}, "far"), ({"until": -24 * 800}, "far"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(world: World, wrong: dict[str, Any], reason: str) -> None:
    before = world.everything()
    with pytest.raises(BadEvent) as refused:
        planned(world, **wrong)
    assert refused.value.reason == reason and world.everything() == before


def test_a_closed_day_is_refused_with_the_next_open_one(world: World) -> None:
    """B2-9; somewhere else than in a branch of ours it may be on any day."""
    day = library_day(world.now + timedelta(days=4))
    closings.declare(world.db, 1, day, day, "盘点", "馆员", world.policy, world.now)
    with pytest.raises(BadEvent) as refused:
        planned(world)
    assert (refused.value.reason, refused.value.day) == ("closed", day)
    assert refused.value.other == day + timedelta(days=1)
    assert planned(world, point_id=None, place="晴岚小学").place == "晴岚小学"


def test_a_branch_closed_since_is_seen(world: World) -> None:
    made = planned(world)
    assert not events.stands_closed(world.db, made, world.policy)
    day = library_day(made.starts_at)
    closings.declare(world.db, None, day, day, "台风", "馆员", world.policy, world.now)
    assert events.stands_closed(world.db, made, world.policy)
    changed = event_changes.change(world.db, made.id, replace(plan(), about="改在二楼"), world.policy, world.now)
    assert changed.about == "改在二楼"  # what stays where it was is not asked again


def test_there_is_no_event_at_a_point_there_is_not(world: World) -> None:
    with pytest.raises(UnknownThing):
        planned(world, point_id=99)
    with pytest.raises(UnknownThing):
        events.by_door(world.db, "AAAAAA")


def coming(world: World, found: Event, *people: int) -> list[int]:
    return [comes(world, found, many) for many in people]


def test_moving_tells_everybody_who_comes_or_waits(world: World) -> None:
    made = planned(world)
    one, waits, left = coming(world, made, 3, 1, 1)
    sign_ups.give_back(world.db, left, made.id, world.policy, world.now)
    event_changes.change(world.db, made.id, plan(days=5), world.policy, world.later(minutes=1))
    assert [len(world.told(reader, "event_changed")) for reader in (one, waits, left)] == [1, 1, 0]
    event_changes.change(world.db, made.id, plan(days=6), world.policy, world.later(minutes=1))
    assert len(world.told(one, "event_changed")) == 2


def test_other_words_and_more_seats_tell_nobody_but_who_moves_up(world: World) -> None:
    made = planned(world)
    one, waits, also = coming(world, made, 3, 2, 1)
    event_changes.change(world.db, made.id, plan(seats=5, about="带上水杯"), world.policy, world.now)
    assert world.told(one) == [] and world.told(also) == []
    assert [event for event, _step, _state in world.told(waits)] == ["event_place"]


def test_seats_that_are_taken_cannot_be_taken_away(world: World) -> None:
    made = planned(world)
    comes(world, made, 2)
    with pytest.raises(BadEvent) as refused:
        event_changes.change(world.db, made.id, plan(seats=1), world.policy, world.now)
    assert (refused.value.reason, refused.value.number) == ("seats", 2)
    with pytest.raises(sqlite3.IntegrityError), world.store.writing() as db:
        db.run("UPDATE events SET seats = 1 WHERE id = :e", e=made.id)


def test_cancelling_needs_a_reason_and_happens_once(world: World) -> None:
    made = planned(world)
    one = comes(world, made)
    with pytest.raises(ValueError, match="reason"):
        event_changes.cancel(world.db, made.id, "  ", world.policy, world.now)
    gone = event_changes.cancel(world.db, made.id, "老师病了", world.policy, world.now)
    assert (gone.state, gone.reason) == ("cancelled", "老师病了")
    assert [event for event, _step, _state in world.told(one)] == ["event_changed"]
    with pytest.raises(EventMoved):
        event_changes.cancel(world.db, made.id, "又病了", world.policy, world.now)
    with pytest.raises(EventMoved):
        event_changes.change(world.db, made.id, plan(), world.policy, world.now)
    assert events.coming(world.db, world.now) == []


def test_a_holiday_that_is_closed_by_rule_is_a_closed_day(world: World) -> None:
    """[calendar] closed_on: 除夕."""
    eve = date(2027, 2, 5)
    days = (eve - library_day(world.now)).days
    with pytest.raises(BadEvent) as refused:
        planned(world, days=days)
    assert refused.value.day == eve
