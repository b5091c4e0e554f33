"""Trust: the ledger's points, the freeze and its end, the bureau's three answers, the ladder (A6, B3.1, D-2)."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lending import calendar, credit, decisions, loans, readers
from lending.errors import UnknownThing
from lending.model import Verdict, library_day
from lending.policy import load_policy
from tests.lending.world import World, passing


def balance(world: World, reader: int) -> int:
    return credit.balance(world.db, reader)


def post(world: World, reader: int, event: str, obj: str) -> int:
    return credit.post(world.db, reader, event, obj, world.policy, world.now)


def test_everyone_starts_with_a_hundred_once(world: World) -> None:
    """A6-1."""
    reader = world.reader()
    credit.open_ledger(world.db, reader, world.policy, world.later(days=1))
    assert balance(world, reader) == 100
    assert [line.event for line in credit.lines(world.db, reader)] == ["start"]


def test_a_borrowed_book_is_a_point_and_a_day_gives_three_at_most(world: World) -> None:
    """A6-2, A6-12: borrowing and returning at once earns no more than the day's cap."""
    reader = world.reader()
    world.lend(reader, *world.books(2))
    assert balance(world, reader) == 102
    for title in world.books(3):
        world.give_back(world.lend(reader, title)[0])
    assert balance(world, reader) == 103
    world.later(days=1)
    world.lend(reader, *world.books(2))
    assert balance(world, reader) == 105


def test_the_day_ends_at_midnight_in_the_library(world: World) -> None:
    """A6-2: 23:59:59 and 00:00 in Shanghai are two days, though one in UTC."""
    reader = world.reader()
    world.now = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert [post(world, reader, "borrow", f"loan:{n}") for n in range(4)] == [1, 1, 1, 0]
    world.now = datetime(2026, 11, 20, 16, 0, 0, tzinfo=UTC)
    assert [post(world, reader, "borrow", f"loan:{n}") for n in range(4, 8)] == [1, 1, 1, 0]


def test_volunteering_gives_a_hundred_a_year_at_most(world: World) -> None:
    """A6-4."""
    reader = world.reader()
    world.now = datetime(2026, 1, 2, 2, 0, tzinfo=UTC)
    points = [post(world, reader, "volunteer", f"event:{n}") for n in range(11)]
    assert points == [10] * 10 + [0]
    world.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert post(world, reader, "volunteer", "event:next year") == 10


def test_an_event_of_which_the_pack_says_nothing_adds_nothing(world: World) -> None:
    world.rule("ledger", rules=())
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.later(days=100)
    world.tick()
    world.give_back(loan)
    assert balance(world, reader) == 100


def overdue_lines(world: World, reader: int) -> list[str]:
    return [line.day for line in reversed(credit.lines(world.db, reader, 1000)) if line.event == "overdue"]


def test_an_overdue_book_costs_a_point_a_day_from_the_day_after(world: World) -> None:
    """A6-6."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at
    world.tick()
    assert overdue_lines(world, reader) == []
    world.later(seconds=1)
    for _ in range(5):
        world.tick()
    assert overdue_lines(world, reader) == [str(library_day(loan.due_at) + timedelta(days=1))]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12))
@example([65] + [100] * 8)
@settings(max_examples=15)
def test_however_often_and_whenever_ticked_the_days_are_the_same(hours: list[int]) -> None:
    """A6-6: idempotent per loan and day, after a pause too, and check-in adds what no tick has."""
    with passing() as world:
        world.branch()
        reader = world.reader()
        for loan in world.lend(reader, *world.books(2)):
            world.now = loan.due_at
        for gap in hours:
            world.later(hours=gap)
            credit.accrue_overdue(world.db, world.policy, world.now)
            credit.accrue_overdue(world.db, world.policy, world.now - timedelta(days=1))
        late = (library_day(world.now) - library_day(loan.due_at)).days
        for loan in loans.of_reader(world.db, reader):
            world.give_back(loan)
        world.later(days=50)
        credit.accrue_overdue(world.db, world.policy, world.now)
        each = [library_day(loan.due_at) + timedelta(days=n) for n in range(1, late + 1)]
        doors = calendar.load(world.db, world.policy)
        days = [str(day) for day in each if doors.open_on(None, day)]  # it may reach New Year's Eve (B2-9)
        assert sorted(overdue_lines(world, reader)) == sorted(days * 2)


def test_crossing_below_zero_freezes_once_and_thirty_days_later_it_thaws(world: World) -> None:
    """A6-10."""
    reader = world.reader()
    assert post(world, reader, "lost", "loan:1") == -50
    assert post(world, reader, "lost", "loan:2") == -50
    assert credit.frozen_until(world.db, reader) is None, "zero is not negative"
    post(world, reader, "damaged", "loan:3")
    ends = world.now + timedelta(days=world.policy.freeze.days)
    assert credit.frozen_until(world.db, reader) == ends
    world.later(days=3)
    post(world, reader, "damaged", "loan:4")
    assert credit.frozen_until(world.db, reader) == ends, "a further loss does not start it anew"
    assert len(world.told(reader, "frozen")) == 1
    world.now = ends - timedelta(seconds=1)
    world.tick()
    assert credit.frozen_until(world.db, reader) == ends
    world.later(seconds=1)
    assert decisions.facts(world.db, reader, world.now).frozen_until is None, "the time is up, ticked or not"
    assert credit.thaw_due(world.db, world.policy, world.now) == 1
    assert credit.thaw_due(world.db, world.policy, world.now) == 0
    assert credit.frozen_until(world.db, reader) is None
    assert balance(world, reader) == world.policy.freeze.balance_on_thaw
    assert len(world.told(reader, "thawed")) == 1


def test_after_a_thaw_the_next_crossing_freezes_again(world: World) -> None:
    reader = world.reader()
    for n in range(3):
        post(world, reader, "lost", f"loan:{n}")
    world.later(days=world.policy.freeze.days)
    world.tick()
    post(world, reader, "lost", "loan:9")
    assert credit.frozen_until(world.db, reader) == world.now + timedelta(days=world.policy.freeze.days)
    assert len(world.told(reader, "frozen")) == 2


def test_a_freeze_found_at_night_is_told_in_the_morning(world: World) -> None:
    reader = world.reader()
    world.now = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)  # five past midnight
    for n in range(3):
        post(world, reader, "lost", f"loan:{n}")
    due = world.db.value("SELECT due_at FROM notices WHERE event = 'frozen'")
    assert due == "2026-11-21T00:30:00Z"


def test_while_frozen_books_still_come_back_and_may_not_go_out(world: World) -> None:
    """A6-10."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    for n in range(3):
        post(world, reader, "lost", f"other:{n}")
    facts = decisions.facts(world.db, reader, world.now)
    assert [reason.code for reason in decisions.may_borrow(facts, 1, world.policy).reasons] == ["frozen"]
    assert world.give_back(loan).loan_id == loan.id


@pytest.mark.parametrize("sql", ["UPDATE credit_lines SET delta = 5", "DELETE FROM credit_lines"])
def test_the_ledger_is_only_ever_added_to(world: World, sql: str) -> None:
    world.reader()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), world.store.writing() as db:
        db.run(sql)


# ---- the bureau --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "verdict", "after"),
    [
        ("new", Verdict.YES, "trusted"),
        ("new", Verdict.NO, "ladder"),
        ("new", Verdict.CANNOT_TELL, "ladder"),
        ("ladder", Verdict.YES, "trusted"),
        ("ladder", Verdict.NO, "ladder"),
        ("trusted", Verdict.NO, "trusted"),
        ("trusted", Verdict.CANNOT_TELL, "trusted"),
    ],
)
def test_every_answer_leads_to_a_way_to_borrow(world: World, before: str, verdict: Verdict, after: str) -> None:
    """B3.1, A7-8: cannot tell is not no, and no is the ladder, not the door."""
    reader = world.reader(before)
    check = credit.consent(world.db, reader, world.policy, world.now)
    assert credit.record_verdict(world.db, check.token, verdict, "ref-1", world.now)
    assert readers.reader(world.db, reader).standing == after
    assert world.told(reader, "verdict") == [("verdict", str(verdict), "waiting")]


def test_the_first_answer_stands_and_repeats_change_nothing(world: World) -> None:
    reader = world.reader("new")
    check = credit.consent(world.db, reader, world.policy, world.now)
    assert credit.record_verdict(world.db, check.token, Verdict.NO, "ref-1", world.now)
    before = world.everything()
    assert not credit.record_verdict(world.db, check.token, Verdict.YES, "ref-2", world.later(hours=1))
    assert world.everything() == before


def test_a_token_we_never_gave_is_unknown(world: World) -> None:
    with pytest.raises(UnknownThing):
        credit.record_verdict(world.db, "guessed", Verdict.YES, "", world.now)


def test_consent_asks_once_a_day_with_that_days_threshold(world: World) -> None:
    """B3.1, A1-3, A1-4: 杭州 on the day before and the day of its change."""
    world.policy = load_policy("杭州")
    reader = world.reader("new")
    world.now = datetime(2017, 9, 1, 4, 0, tzinfo=UTC)
    first = credit.consent(world.db, reader, world.policy, world.now)
    assert credit.consent(world.db, reader, world.policy, world.later(hours=3)) == first
    second = credit.consent(world.db, reader, world.policy, world.later(days=1))
    assert (first.threshold, second.threshold) == (600, 550)
    assert credit.check_by_token(world.db, first.token).threshold == 600


def test_the_ladder_opens_without_a_bureau_and_climbs_by_returning_on_time(world: World) -> None:
    """D-2: an honest newcomer reaches full rights; a late return does not count."""
    reader = world.reader("new")
    credit.start_on_ladder(world.db, reader)
    seen: list[int] = []
    while not seen or seen[-1] < world.policy.lending.limit:
        facts = decisions.facts(world.db, reader, world.now)
        seen.append(decisions.limit(facts, world.policy)[0])
        world.give_back(world.lend(reader, *world.books(1))[0])
    assert sorted(set(seen)) == [step.limit for step in world.policy.ladder.steps]
    assert len(seen) == world.policy.ladder.steps[-1].returned_on_time + 1


def test_a_late_return_is_no_step_up(world: World) -> None:
    reader = world.reader("ladder")
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at + timedelta(seconds=1)
    assert not world.give_back(loan).on_time
    assert decisions.facts(world.db, reader, world.now).returned_on_time == 0


def test_the_ladder_takes_nothing_from_the_trusted(world: World) -> None:
    reader = world.reader("trusted")
    credit.start_on_ladder(world.db, reader)
    assert readers.reader(world.db, reader).standing == "trusted"
