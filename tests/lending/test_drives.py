"""A volunteer drives one of the library's own rounds (D 36): one driver a round, points once, and back if wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from lending import credit, drives, privacy, rounds, tracking
from lending.appeals import SameEyes
from lending.drives import Drive
from lending.errors import CannotChange
from lending.model import library_day
from lending.rounds import Run
from lending.rules import Round
from lending.tracking import Word
from tests.lending.world import World

EVENING = Round("傍晚送书", ("西湖区",), (1, 2, 3, 4, 5, 6, 7), time(18), time(19, 30), "", 9)


@pytest.fixture
def run(world: World) -> Run:
    """This evening's round with two parcels on it."""
    world.rule("parcels", rounds=(EVENING,))
    for _ in range(2):
        world.step(world.order(world.reader(), *world.books(1), way="delivery"), "pick", "pack")
    return rounds.runs_on(world.db, world.policy, library_day(world.now))[0]


def hand_over(world: World, run: Run, *states: str) -> None:
    for row, state in zip(rounds.route(world.db, run), states or ("signed", "signed"), strict=False):
        tracking.hear(
            world.db, row["tracking"], [Word(state, world.later(minutes=1))], "staff", world.policy, world.now
        )


def taken(world: World, run: Run, reader: int | None) -> Drive:
    drives.take(world.db, run, reader, "小王", world.now)
    found = drives.of_run(world.db, run)
    assert found is not None
    return found


def volunteered(world: World, reader: int) -> list[tuple[str, int]]:
    rows = world.db.all(
        "SELECT event, delta FROM credit_lines WHERE reader_id = :r AND event <> 'start' ORDER BY id", r=reader
    )
    return [(row["event"], row["delta"]) for row in rows]


def test_a_round_driven_gives_its_driver_the_points_once(world: World, run: Run) -> None:
    me = world.reader()
    drive = taken(world, run, me)
    hand_over(world, run)
    given = drives.finish(world.db, run, drive, "staff:wang", "签收单 12 号", world.policy, world.now)
    rule = world.policy.ledger.find("volunteer")
    assert rule and given == rule.delta and volunteered(world, me) == [("volunteer", given)]
    line = credit.lines(world.db, me, 1)[0]
    assert line.object == f"drive:{drive.id}" and line.evidence == "傍晚送书 签收单 12 号"
    with pytest.raises(CannotChange):
        drives.finish(world.db, run, drive, "staff:wang", "", world.policy, world.now)
    after = drives.of_run(world.db, run)
    assert after and (after.state, after.delivered) == ("done", 2) and len(volunteered(world, me)) == 1


@pytest.mark.parametrize(("ends", "hours"), [
    (time(18, 20), 1), (time(19), 1), (time(19, 30), 2), (time(20), 2), (None, 1),
])  # fmt: skip
def test_the_hours_of_a_round_count_as_begun(world: World, run: Run, ends: time | None, hours: int) -> None:
    """A pack may give points by the hour; a round that it does not name any more has a beginning alone."""
    world.rule("parcels", rounds=(replace(EVENING, ends=ends),) if ends else ())
    (rule,) = (rule for rule in world.policy.ledger.rules if rule.event == "volunteer")
    by_the_hour = replace(rule, per="hour", delta=3, cap_a_year=None)
    world.rule("ledger", rules=(*(one for one in world.policy.ledger.rules if one != rule), by_the_hour))
    (now,) = rounds.runs_on(world.db, world.policy, library_day(world.now))
    drive = taken(world, now, world.reader())
    hand_over(world, now)
    assert drives.finish(world.db, now, drive, "staff:wang", "", world.policy, world.now) == 3 * hours


def test_a_colleague_who_drives_earns_nothing(world: World, run: Run) -> None:
    before = world.db.value("SELECT COUNT(*) FROM credit_lines WHERE event = 'volunteer'")
    drive = taken(world, run, None)
    assert (drive.reader_id, drive.colleague) == (None, "小王")
    hand_over(world, run)
    assert drives.finish(world.db, run, drive, "staff:wang", "", world.policy, world.now) == 0
    assert drives.undo(world.db, drive, "staff:wang", world.policy, world.now) == 0
    assert world.db.value("SELECT COUNT(*) FROM credit_lines WHERE event = 'volunteer'") == before


def test_one_round_has_one_driver_until_it_is_given_up(world: World, run: Run) -> None:
    me, other = world.reader(), world.reader()
    drive = taken(world, run, me)
    with pytest.raises(CannotChange):
        drives.take(world.db, run, other, "", world.now)
    drives.release(world.db, drive, world.now)
    assert drives.of_run(world.db, run) is None
    assert taken(world, run, other).reader_id == other
    with pytest.raises(CannotChange):
        drives.release(world.db, drive, world.now)


def test_it_is_not_done_while_a_stop_is_open_or_where_nobody_was_met(world: World, run: Run) -> None:
    """The stops are the proof."""
    me = world.reader()
    drive = taken(world, run, me)
    for states in (("signed",), ("signed", "out_for_delivery")):
        hand_over(world, run, *states)
        with pytest.raises(CannotChange):
            drives.finish(world.db, run, drive, "staff:wang", "", world.policy, world.now)
    empty = Run("早班", "", run.starts_at, run.ends_at)
    alone = taken(world, empty, me)
    with pytest.raises(CannotChange):
        drives.finish(world.db, empty, alone, "staff:wang", "", world.policy, world.now)
    assert volunteered(world, me) == []


def test_what_was_noted_wrongly_is_taken_back_by_another_and_noted_anew(world: World, run: Run) -> None:
    """Two people, as for every line; then the right one has the points."""
    me, other = world.reader(), world.reader()
    start = credit.balance(world.db, me)
    drive = taken(world, run, me)
    hand_over(world, run)
    given = drives.finish(world.db, run, drive, "staff:wang", "", world.policy, world.now)
    done = drives.of_run(world.db, run)
    assert done is not None
    before = world.everything()
    with pytest.raises(SameEyes):
        drives.undo(world.db, done, "staff:wang", world.policy, world.now)
    assert world.everything() == before
    assert drives.undo(world.db, done, "staff:admin", world.policy, world.now) == -given
    assert credit.balance(world.db, me) == start and drives.of_run(world.db, run) is None
    with pytest.raises(CannotChange):
        drives.undo(world.db, done, "staff:admin", world.policy, world.now)
    again = taken(world, run, other)
    assert drives.finish(world.db, run, again, "staff:wang", "", world.policy, world.now) == given
    mine = taken(world, Run("早班", "", run.starts_at, run.ends_at), me)
    assert mine.id not in (drive.id, again.id)


def test_a_library_that_counts_no_volunteering_notes_the_drive_all_the_same(world: World, run: Run) -> None:
    rules = tuple(rule for rule in world.policy.ledger.rules if rule.event != "volunteer")
    world.rule("ledger", rules=rules)
    me = world.reader()
    drive = taken(world, run, me)
    hand_over(world, run)
    assert drives.finish(world.db, run, drive, "staff:wang", "", world.policy, world.now) == 0
    assert volunteered(world, me) == []


def test_whoever_is_forgotten_drove_nothing(world: World, run: Run) -> None:
    me = world.reader()
    taken(world, run, me)
    assert privacy.everything(world.db, me)["drives"][0]["round"] == "傍晚送书"
    privacy.forget(world.db, me)
    assert world.db.value("SELECT COUNT(*) FROM drives") == 0
