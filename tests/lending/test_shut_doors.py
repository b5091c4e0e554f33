"""What stands on the shelves of a point that is shut for good is promised to nobody, until somebody carries it away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lending import catalogue, closings, floating, holds, loans, queues, selection, shelves
from lending.database import writing
from lending.errors import NoCopyAvailable
from lending.model import library_day
from lending.selection import Filters, Scope
from tests.lending.world import World


def shut(world: World, point: int, in_days: int = 0, days: int = 4000) -> int:
    first = library_day(world.now) + timedelta(days=in_days)
    last = first + timedelta(days=days)
    return closings.declare(world.db, point, first, last, "楼要拆了", "馆员", world.policy, world.now)


def free(world: World, title: int) -> tuple[int, int]:
    stock = catalogue.availability(world.db, [title])[title]
    return stock.available, stock.shut


def test_it_is_neither_counted_nor_taken_for_an_order(world: World) -> None:
    river, reader = world.branch("river"), world.reader()
    title = world.book("江边的书", at=river)
    made = shut(world, river)
    assert free(world, title) == (0, 1) and catalogue.availability(world.db, [title])[title].places == ()
    assert selection.select(world.db, Scope(ids=(title,)), Filters(available=True), 9).total == 0
    assert shelves.never_borrowed(world.db, 0) == []
    assert queues.for_a_newcomer(world.db, title, world.policy, world.now) == (0, None)
    with pytest.raises(NoCopyAvailable):
        world.order(reader, title, at=1)
    closings.take_back(world.db, made, "馆员", world.policy, world.now)
    assert free(world, title) == (1, 0) and world.press_order(reader, at=1)


def test_whoever_waits_is_served_once_it_stands_elsewhere(world: World) -> None:
    river, reader = world.branch("river"), world.reader()
    title = world.book("江边的书", at=river)
    shut(world, river)
    with writing(world.db) as db:
        holds.join(db, reader, title, world.now)
    assert holds.serve_waiting(world.db, world.policy, world.now) == 0
    loans.check_in(world.db, "江边的书-1", 1, world.policy, world.now)
    assert free(world, title) == (1, 0)
    assert holds.serve_waiting(world.db, world.policy, world.now) == 1


def test_until_its_first_day_and_after_a_shorter_closing_it_can_be_had(world: World) -> None:
    river = world.branch("river")
    title = world.book("江边的书", at=river)
    shut(world, river, days=100)
    shut(world, river, in_days=3)
    assert free(world, title) == (1, 0)
    closings.settle(world.db, world.policy, world.later(days=3))
    assert free(world, title) == (0, 1)


def test_everything_there_is_to_be_carried_away_and_nothing_goes_there(world: World) -> None:
    river = world.branch("river")
    for n in range(3):
        world.book(f"诗{n}", at=river)
    shut(world, river)
    assert floating.standing_at(world.db, river) == 3
    moves = floating.moves(world.db, world.policy, library_day(world.now))
    assert {(move.from_point, move.to_point) for move in moves} == {(river, 1)}
    for n in range(3):
        loans.check_in(world.db, f"诗{n}-1", 1, world.policy, world.now)
    assert floating.moves(world.db, world.policy, library_day(world.now)) == [], "its own books do not go back there"
