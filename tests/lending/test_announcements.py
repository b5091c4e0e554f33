"""公告: from being put up to its last day or being taken down, and never again (A2-17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import announcements
from lending.announcements import LONGEST
from lending.model import library_day
from tests.lending.world import World


def put_up(world: World, text: str = "春节照常还书", days: int | None = None) -> int:
    last = None if days is None else library_day(world.now) + timedelta(days=days)
    return announcements.put_up(world.store.db, text, "", last, world.now).id


def seen(world: World) -> list[str]:
    return [one.text for one in announcements.standing(world.db, world.now, 10)]


def test_the_newest_stands_first_through_its_last_day(world: World) -> None:
    put_up(world, "一直有")
    put_up(world, "只到明天", days=1)
    assert seen(world) == ["只到明天", "一直有"]
    world.later(days=1)
    assert seen(world) == ["只到明天", "一直有"]
    world.later(days=1)
    assert seen(world) == ["一直有"]


def test_what_is_taken_down_does_not_come_back(world: World) -> None:
    one = put_up(world)
    assert announcements.take_down(world.store.db, one, world.now) and seen(world) == []
    assert not announcements.take_down(world.store.db, one, world.now)
    assert [past.stands(world.now) for past in announcements.listed(world.db, 10)] == [False]


def test_one_whose_day_is_over_cannot_be_taken_down(world: World) -> None:
    one = put_up(world, days=0)
    world.later(days=1)
    assert not announcements.take_down(world.store.db, one, world.now)


@pytest.mark.parametrize(("text", "days"), [("  ", None), ("字" * (LONGEST + 1), None), ("昨天", -1)])
def test_what_nobody_could_read_is_refused(world: World, text: str, days: int | None) -> None:
    with pytest.raises(ValueError):
        put_up(world, text, days)
    assert seen(world) == [] and put_up(world, "字" * LONGEST)
