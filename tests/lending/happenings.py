"""Events for tests: three seats in the first branch, on the Tuesday after, from three in the afternoon till five."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lending import events, sign_ups
from lending.events import Event, Plan
from tests.lending.world import World
from tests.talking import FRIDAY

THREE = FRIDAY.replace(hour=7)


def plan(*, days: float = 4, hours: float = 2, until: float = 0, **more: Any) -> Plan:
    """So many days after the first Friday, so many hours long; signing up ends `until` hours after the start."""
    starts = THREE + timedelta(days=days)
    given: dict[str, Any] = {"name": "故事会", "point_id": 1, "seats": 3} | more
    return Plan(
        starts_at=starts, ends_at=starts + timedelta(hours=hours),
        sign_up_until=starts + timedelta(hours=until), **given,
    )  # fmt: skip


def planned(world: World, **wanted: Any) -> Event:
    """The same, made."""
    return events.make(world.db, plan(**wanted), world.policy, world.now)


def comes(world: World, found: Event, people: int = 1, reader: int | None = None) -> int:
    """Somebody signs up, or waits; who it is."""
    who = world.reader() if reader is None else reader
    sign_ups.sign_up(world.db, who, found.id, people, world.policy, world.now)
    return who


def state(world: World, found: Event, reader: int) -> str:
    """Where the reader's newest sign-up stands."""
    newest = "SELECT state FROM sign_ups WHERE event_id = :e AND reader_id = :r ORDER BY id DESC LIMIT 1"
    return str(world.db.value(newest, e=found.id, r=reader))
