"""满一年: every year of membership gives its points once, where the library counts them (B3.2 威海)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lending import credit, memberships, rehearsal
from lending.policy import load_policy
from tests.lending.world import World


@pytest.fixture
def weihai(world: World) -> World:
    world.policy = load_policy("威海")
    return world


def accrue(world: World, *moment: int) -> int:
    world.now = datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]
    return memberships.accrue_years(world.db, world.policy, world.now)


def test_a_year_as_a_reader_gives_points_once(weihai: World) -> None:
    """On the day itself, in the library's time zone; a second tick gives nothing."""
    weihai.now = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # the 21st in the library
    reader = weihai.reader()
    assert accrue(weihai, 2027, 11, 20, 15) == 0
    assert [accrue(weihai, 2027, 11, 20, 16), accrue(weihai, 2027, 11, 21, 3)] == [1, 0]
    assert credit.balance(weihai.db, reader) == 120
    assert accrue(weihai, 2028, 11, 22) == 1
    (line, *_) = credit.lines(weihai.db, reader)
    assert (line.event, line.object, line.delta, line.rule) == ("membership_year", "year:2", 20, "B3.2 威海")


def test_who_joined_on_a_leap_day_is_not_forgotten(weihai: World) -> None:
    weihai.now = datetime(2028, 2, 29, 3, tzinfo=UTC)
    weihai.reader()
    assert accrue(weihai, 2029, 2, 27) == 0
    assert accrue(weihai, 2029, 2, 28) == 1


def test_other_libraries_count_no_years(world: World) -> None:
    reader = world.reader()
    world.later(days=400)
    assert memberships.accrue_years(world.db, world.policy, world.now) == 0
    assert credit.balance(world.db, reader) == 100


def test_a_rehearsal_knows_of_them_under_both_rules(weihai: World) -> None:
    """D-14: once, whether the rules in force have them or the planned ones."""
    reader, since = weihai.reader(), weihai.now
    weihai.later(days=366)
    memberships.accrue_years(weihai.db, weihai.policy, weihai.now)
    outcome = rehearsal.rehearse(weihai.db, weihai.policy, load_policy("晋城"), since, weihai.now)
    (change,) = outcome.changes
    assert (change.reader_id, change.before.balance, change.after.balance) == (reader, 120, 100)
    back = rehearsal.rehearse(weihai.db, load_policy("晋城"), weihai.policy, since, weihai.now)
    assert [(one.before.balance, one.after.balance) for one in back.changes] == [(100, 120)]
