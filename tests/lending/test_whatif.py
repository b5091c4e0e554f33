""" "今天还 → 87 分, 5 天后解冻; 明天还 → 86": what is foretold is what then happens (D-6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import credit, loans, whatif
from lending.ledger_rules import Amnesty
from lending.model import library_day, start_of_day
from lending.policy import load_policy, packs
from lending.whatif import Outcome
from tests.lending.world import World, passing


def foretold(world: World, reader: int, when: datetime) -> Outcome:
    account = whatif.read(world.db, reader, world.policy)
    return whatif.if_returned(account, world.now, when, world.policy)


def it_happens(world: World, reader: int, when: datetime) -> Outcome:
    """The clock goes on to that moment, ticking as each day begins, and every book is brought back."""
    moment = world.now
    while moment < when:
        tick(world, moment)
        moment = start_of_day(library_day(moment) + timedelta(days=1))
        until = credit.frozen_until(world.db, reader)
        if until and until < min(moment, when):
            credit.thaw_due(world.db, world.policy, until)
    if moment == when:
        tick(world, when)
    world.now = when
    credit.thaw_due(world.db, world.policy, when)
    for loan in loans.of_reader(world.db, reader):
        world.give_back(loan)
    return Outcome(when, credit.balance(world.db, reader), credit.frozen_until(world.db, reader))


def tick(world: World, moment: datetime) -> None:
    credit.accrue_overdue(world.db, world.policy, moment)
    credit.thaw_due(world.db, world.policy, moment)


@pytest.mark.parametrize("pack", packs())
@settings(max_examples=3)
@given(
    waits=st.lists(st.integers(0, 12), min_size=1, max_size=2), late=st.integers(0, 40), more=st.integers(0, 45),
    hours=st.integers(0, 20), points=st.integers(-100, 3), amnesty=st.booleans(),
)  # fmt: skip
def test_what_is_foretold_is_what_happens(
    pack: str, waits: list[int], late: int, more: int, hours: int, points: int, amnesty: bool
) -> None:
    """D-6, under every pack: books taken on different days, points near the freeze, closed days, caps, amnesties."""
    with passing(policy=load_policy(pack)) as world:
        world.branch()
        world.rule("ledger", start=max(0, world.policy.freeze.below - points))
        reader = world.reader()
        for wait in waits:
            world.lend(reader, *world.books(1))
            world.later(days=wait)
        world.now = max(loan.due_at for loan in loans.of_reader(world.db, reader)) + timedelta(days=late, hours=3)
        tick(world, world.now)
        when = world.now + timedelta(days=more, hours=hours)
        if amnesty:
            days = Amnesty("test", "test", library_day(when), library_day(when))
            world.policy = replace(world.policy, amnesties=(days,))
        said = foretold(world, reader, when)
        assert said == it_happens(world, reader, when)


def late_reader(world: World) -> int:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at + timedelta(days=13, hours=12)
    tick(world, world.now)
    return reader


def test_a_day_later_is_a_point_less(world: World) -> None:
    reader = late_reader(world)
    days = [foretold(world, reader, world.now + timedelta(days=n)).balance for n in range(3)]
    assert days == [days[0], days[0] - 1, days[0] - 2]


def test_a_freeze_that_waiting_would_bring_is_named(world: World) -> None:
    """A6-10."""
    reader = late_reader(world)
    credit.post(world.db, reader, "lost", "other:1", world.policy, world.now)
    left = credit.balance(world.db, reader)
    assert foretold(world, reader, world.now + timedelta(days=left)).frozen_until is None
    days = (world.now + timedelta(days=left + n) for n in range(1, 20))  # holidays and an amnesty between
    later = next(day for day in days if foretold(world, reader, day).frozen_until)
    frozen = foretold(world, reader, later).frozen_until
    assert frozen and library_day(frozen) == library_day(later) + timedelta(days=world.policy.freeze.days)


def test_asking_changes_nothing(world: World) -> None:
    reader = late_reader(world)
    before = world.everything()
    foretold(world, reader, world.now + timedelta(days=60))
    assert world.everything() == before


def test_an_amnesty_day_gives_the_points_of_lateness_back(world: World) -> None:
    """B5 湖北, D-8."""
    reader = late_reader(world)
    day = library_day(world.now) + timedelta(days=1)
    world.policy = replace(world.policy, amnesties=(Amnesty("春节", "B5", day, date(2030, 1, 1)),))
    assert foretold(world, reader, world.now).balance < 101
    assert foretold(world, reader, world.now + timedelta(days=1)).balance == 101
