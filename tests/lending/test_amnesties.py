"""Days of grace are noted once for each reader with something overdue, on those days only (B5 湖北, D-8)."""

from __future__ import annotations

from datetime import UTC, datetime

from lending import amnesties
from lending.policy import load_policy
from tests.lending.world import World


def tell(world: World) -> int:
    return amnesties.tell(world.db, world.policy, world.now)


def test_a_day_of_one_is_told_once_and_other_days_never(world: World) -> None:
    """A1-2: 4·23."""
    world.policy = load_policy("湖北")
    reader, other = world.reader(), world.reader()
    world.lend(reader, *world.books(2))
    world.now = datetime(2027, 4, 22, 4, tzinfo=UTC)
    assert tell(world) == 0
    world.later(days=1)
    assert [tell(world), tell(world)] == [1, 0]
    world.later(days=1)
    assert tell(world) == 0
    assert world.told(reader, "amnesty") == [("amnesty", "begins", "waiting")]
    assert world.told(other, "amnesty") == []


def test_of_a_week_the_last_day_is_told_to_who_heard_of_the_first(world: World) -> None:
    """And a book that falls due in the middle is heard of when it does."""
    world.policy = load_policy("湖北")
    early, late = world.reader(), world.reader()
    world.lend(early, *world.books(1))
    world.now = datetime(2026, 12, 28, 4, tzinfo=UTC)
    world.lend(late, *world.books(1))
    told = []
    for day in range(6, 14):
        world.now = datetime(2027, 2, day, 4, tzinfo=UTC)
        told.append(tell(world))
    assert told == [1, 0, 1, 0, 0, 0, 2, 0]
    assert [step for _event, step, _state in world.told(early, "amnesty")] == ["begins", "last"]


def test_many_readers_are_noted_in_turns(world: World) -> None:
    world.policy = load_policy("湖北")
    readers = [world.reader() for _ in range(7)]
    for reader in readers:
        world.lend(reader, *world.books(1))
    world.now = datetime(2027, 4, 23, 4, tzinfo=UTC)
    whole, amnesties.CHUNK = amnesties.CHUNK, 3
    try:
        assert [tell(world), tell(world)] == [7, 0]
    finally:
        amnesties.CHUNK = whole
