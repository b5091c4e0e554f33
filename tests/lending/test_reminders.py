"""Reminders: the right step on the right day, once, at a decent hour, and only while true (B2-4, B2-6, B2-7)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import loans, notices, readers
from lending.model import LIBRARY_ZONE, library_day, parse_stamp, stamp
from lending.notices import reminder_step
from lending.policy import load_policy
from tests.lending.world import World, passing

HOME = Path(__file__).parents[2]
DUE = date(2026, 12, 30)
BEFORE, OVERDUE = (3, 0), (1, 3, 7, 14, 30)


@pytest.mark.parametrize(
    ("days_after_due", "step"),
    [
        (-4, ""), (-3, "before-3"), (-2, "before-3"), (-1, "before-3"), (0, "before-0"), (1, "overdue-1"),
        (2, "overdue-1"), (3, "overdue-3"), (6, "overdue-3"), (7, "overdue-7"), (13, "overdue-7"), (14, "overdue-14"),
        (29, "overdue-14"), (30, "overdue-30"), (300, "overdue-30"),
    ],
)  # fmt: skip
def test_the_step_of_a_day(days_after_due: int, step: str) -> None:
    assert reminder_step(DUE, DUE + timedelta(days=days_after_due), BEFORE, OVERDUE) == step


def test_without_steps_there_is_nothing_to_say() -> None:
    assert reminder_step(DUE, DUE, (), OVERDUE) == ""
    assert reminder_step(DUE, DUE + timedelta(days=9), BEFORE, ()) == ""


def plan(world: World) -> int:
    return notices.plan_reminders(world.db, world.policy, world.now)


def steps(world: World, reader: int) -> list[str]:
    return [step for _, step, _ in world.told(reader, "loan_due")]


@pytest.mark.parametrize("matter", ["closing", "found"])
def test_b2_6_a_reminder_that_fell_in_the_night_comes_when_the_date_is_back(world: World, matter: str) -> None:
    """Planned at midnight for the morning; a closing taken back, or a lost book found at home, before it was told."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at - timedelta(days=3, hours=23)
    assert plan(world) == 1
    with world.store.writing() as db:
        if matter == "closing":
            assert loans.move_due(db, loan.id, loan.due_at, loan.due_at + timedelta(days=5))
            assert loans.move_due(db, loan.id, loan.due_at + timedelta(days=5), loan.due_at)
        else:
            loans.stop(db, loan, "", world.now)
            loans.resume(db, loan.id, loan.due_at)
    assert plan(world) == 1
    assert world.told(reader, "loan_due") == [("loan_due", "before-3", "waiting")]


def test_a_loan_is_reminded_of_at_each_step_once(world: World) -> None:
    """B2-4: ticked every six hours over ten weeks."""
    reader = world.reader()
    world.lend(reader, *world.books(1))
    for _ in range(4 * 75):
        world.later(hours=6)
        plan(world)
        plan(world)
    assert steps(world, reader) == ["before-3", "before-0", *(f"overdue-{days}" for days in OVERDUE)]


@given(st.lists(st.integers(-90, 90), min_size=1, max_size=15))
@settings(max_examples=15)
def test_wherever_the_clock_goes_no_step_is_noted_twice_and_none_before_another(days: list[int]) -> None:
    """A clock set back, and one that jumps: one notice per step, and never an earlier step after a later."""
    with passing() as world:
        world.branch()
        reader = world.reader()
        (loan,) = world.lend(reader, *world.books(1))
        for shift in days:
            world.now = loan.due_at + timedelta(days=shift)
            plan(world)
        told = steps(world, reader)
        ranks = [int(step.split("-")[1]) * (-1 if step.startswith("before") else 1) for step in told]
        assert ranks == sorted(set(ranks))
        furthest = library_day(loan.due_at) + timedelta(days=max(days))
        assert (told or [""])[-1] == reminder_step(library_day(loan.due_at), furthest, BEFORE, OVERDUE)


def test_after_a_long_sleep_only_the_last_step_is_told(world: World) -> None:
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at + timedelta(days=8)
    assert plan(world) == 1
    assert steps(world, reader) == ["overdue-7"]


def test_a_step_not_yet_told_gives_way_to_the_next(world: World) -> None:
    """Else a reader hears "due today" and "one day late" in one morning."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    for days in (-3, 0, 1):
        world.now = loan.due_at + timedelta(days=days)
        plan(world)
    assert [state for _, _, state in world.told(reader, "loan_due")] == ["dropped", "dropped", "waiting"]


def test_a_renewal_drops_the_old_steps_and_plans_new_ones(world: World) -> None:
    """B2-6."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at - timedelta(days=3)
    plan(world)
    loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert plan(world) == 0
    world.later(days=world.policy.lending.renewal_days)
    assert plan(world) == 1
    assert world.told(reader, "loan_due") == [("loan_due", "before-3", "dropped"), ("loan_due", "before-3", "waiting")]


def test_a_returned_book_is_not_spoken_of_again(world: World) -> None:
    """B2-7."""
    reader = world.reader()
    (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at
    plan(world)
    world.give_back(loan)
    world.later(days=9)
    assert plan(world) == 0
    assert world.told(reader, "loan_due") == [("loan_due", "before-0", "dropped")]


def test_planning_in_small_chunks_reads_no_loan_again_and_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each chunk read the whole of what is due from its beginning: three seconds of every half minute, at 60,000."""
    for _ in range(8):  # the same day for five each
        reader = world.reader()
        world.lend(reader, *world.books(5))
        world.later(days=1)
    world.later(days=45)

    def effort(chunk: int) -> int:
        steps: list[int] = []
        monkeypatch.setattr(notices, "CHUNK", chunk)
        world.db.conn.set_progress_handler(lambda: steps.append(1), 10)
        plan(world)
        world.db.conn.set_progress_handler(None, 0)
        return len(steps)

    monkeypatch.setattr(notices, "CHUNK", 2)
    assert plan(world) == 40
    assert effort(2) < 3 * effort(1000)


def test_a_notice_is_told_or_dropped_once(world: World) -> None:
    reader = world.reader()
    with world.store.writing() as db:
        assert notices.record(db, reader, "returned", "loan:1", "", world.now, title=1)
        assert not notices.record(db, reader, "returned", "loan:1", "", world.now, title=2)
    (notice,) = notices.waiting(world.db, world.now)
    assert notice.facts == {"title": 1}
    assert notices.settle(world.db, notice.id, told=True)
    assert not notices.settle(world.db, notice.id, told=False)
    assert world.told(reader) == [("returned", "", "told")]


@pytest.mark.parametrize(
    ("local", "told"),
    [
        ("2026-12-27 00:05", "2026-12-27 10:00"),
        ("2026-12-27 09:59", "2026-12-27 10:00"),
        ("2026-12-27 14:30", "2026-12-27 14:30"),
        ("2026-12-27 21:29", "2026-12-27 21:29"),
        ("2026-12-27 21:30", "2026-12-28 08:30"),
        ("2026-12-27 23:59", "2026-12-28 08:30"),
    ],
)
def test_a_reminder_waits_for_its_hour_and_lets_people_sleep(world: World, local: str, told: str) -> None:
    """C5-6, A12-3."""
    world.lend(world.reader(), *world.books(1))
    world.now = datetime.fromisoformat(local).replace(tzinfo=LIBRARY_ZONE)
    assert plan(world) == 1
    due = parse_stamp(world.db.value("SELECT due_at FROM notices WHERE event = 'loan_due'"))
    assert due == datetime.fromisoformat(told).replace(tzinfo=LIBRARY_ZONE)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())
def test_no_moment_outside_quiet_hours_is_quiet(moment: datetime, start: clock_time, end: clock_time) -> None:
    default = load_policy()
    policy = replace(default, reminders=replace(default.reminders, quiet_from=start, quiet_until=end))
    asked = moment.replace(tzinfo=UTC)
    told = notices.outside_quiet_hours(asked, policy)
    assert asked <= told < asked + timedelta(days=1)
    assert notices.outside_quiet_hours(told, policy) == told


def test_each_reader_chooses_when_to_be_reminded(world: World) -> None:
    """F-4: seven days before, or not at all; but overdue is always said."""
    early, silent, default = world.reader(), world.reader(), world.reader()
    readers.set_reminders(world.db, early, True, 7)
    readers.set_reminders(world.db, silent, False)
    for reader in (early, silent, default):
        (loan,) = world.lend(reader, *world.books(1))
    for days in range(-10, 2):
        world.now = loan.due_at + timedelta(days=days)
        plan(world)
    assert steps(world, early) == ["before-7", "before-0", "overdue-1"]
    assert steps(world, silent) == ["overdue-1"]
    assert steps(world, default) == ["before-3", "before-0", "overdue-1"]


def test_the_days_chosen_outlast_being_silent(world: World) -> None:
    reader = world.reader()
    readers.set_reminders(world.db, reader, True, 30)
    readers.set_reminders(world.db, reader, False)
    readers.set_reminders(world.db, reader, True)
    assert readers.reader(world.db, reader).remind_days == 30


PLAN = """
import sys, time
from pathlib import Path
from lending import notices
from lending.database import Store
from lending.model import parse_stamp
from lending.policy import load_policy

notices.CHUNK = 7
record = notices.record
def slowly(*args, **facts):
    time.sleep(0.002)
    return record(*args, **facts)
notices.record = slowly
print("planning", flush=True)
notices.plan_reminders(Store(Path(sys.argv[1])).db, load_policy(), parse_stamp(sys.argv[2]))
"""


def test_killed_in_the_middle_of_planning_nothing_is_lost_and_nothing_doubled(world: World) -> None:
    """B2-4: kill -9 three times, then once to the end."""
    readers_ = [world.reader() for _ in range(60)]
    for reader in readers_:
        (loan,) = world.lend(reader, *world.books(1))
    world.now = loan.due_at
    for pause in (0.02, 0.05, 0.08):
        command = [sys.executable, "-c", PLAN, str(world.store.path), stamp(world.now)]
        with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
    half = sum(len(steps(world, reader)) for reader in readers_)
    assert plan(world) == 60 - half
    assert [steps(world, reader) for reader in readers_] == [["before-0"]] * 60
