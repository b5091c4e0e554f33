"""申诉: any line objected to, a reversal by two librarians, a decline with a second look, told at each step (A6)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from lending import appeal_records, appeals, credit, loans, notices
from lending.appeal_records import Appeal, AppealState
from lending.errors import CannotChange, UnknownThing
from lending.evidence import NoPhoto, PhotosFull
from lending.model import stamp
from tests.lending.world import World

LI, WANG, ZHAO = "staff:li", "staff:wang", "staff:zhao"
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


def line(world: World, reader: int, event: str = "damaged") -> int:
    credit.post(world.db, reader, event, "loan:900", world.policy, world.now)
    return credit.lines(world.db, reader)[0].id


def objected(world: World) -> Appeal:
    reader = world.reader()
    return appeals.open_appeal(world.db, reader, line(world, reader), "那天就是这样的", world.policy, world.now)[0]


def step(world: World, appeal: Appeal, name: str, who: str, note: str = "看过了") -> Appeal:
    world.later(minutes=1)
    return appeals.advance(world.db, appeal.number, name, who, world.policy, world.now, note)


def told(world: World, reader: int) -> list[str]:
    waiting = notices.waiting(world.db, world.now, reader_id=reader)
    return [notice.step for notice in waiting if notice.event == "appeal_moved"]


def test_a_reversal_is_a_new_line_that_names_the_old_one_and_both_librarians(world: World) -> None:
    appeal = objected(world)
    assert credit.balance(world.db, appeal.reader_id) == 70
    assert step(world, appeal, "propose", LI, "照片上原来就有").state is AppealState.PROPOSED
    assert credit.balance(world.db, appeal.reader_id) == 70
    done = step(world, appeal, "confirm", WANG, "")
    assert (done.state, done.proposed_by, done.seconded_by) == (AppealState.REVERSED, LI, WANG)
    assert credit.balance(world.db, appeal.reader_id) == 100
    newest = credit.lines(world.db, appeal.reader_id)[0]
    assert (newest.event, newest.delta, newest.object) == ("reversal", 30, f"line:{appeal.line_id}")
    asked = "SELECT actor, seconded_by, unseal(evidence) AS evidence FROM credit_lines WHERE id = :id"
    row = world.db.one(asked, id=newest.id)
    assert row == {"actor": LI, "seconded_by": WANG, "evidence": f"{appeal.number}: 照片上原来就有"}
    assert told(world, appeal.reader_id) == ["propose", "confirm"]


def test_the_same_person_cannot_be_the_second_pair_of_eyes(world: World) -> None:
    appeal = objected(world)
    step(world, appeal, "propose", LI)
    for name in ("confirm", "object"):
        with pytest.raises(appeals.SameEyes):
            step(world, appeal, name, LI)
    assert credit.balance(world.db, appeal.reader_id) == 70
    assert [one.name for one in appeals.may_take(appeal_records.by_number(world.db, appeal.number), LI)] == []


def test_the_schema_too_refuses_one_person_alone(world: World) -> None:
    """Whatever the code says: on the ledger and on the appeal."""
    appeal = objected(world)
    for second in (LI, ""):
        with pytest.raises(sqlite3.IntegrityError):
            credit.reverse(world.db, appeal.line_id, LI, second, "x", world.policy, world.now)
    step(world, appeal, "propose", LI)
    for sets in (f"seconded_by = '{LI}'", "state = 'reversed'"):
        with pytest.raises(sqlite3.IntegrityError), world.store.writing() as db:
            db.run(f"UPDATE appeals SET {sets} WHERE id = :id", id=appeal.id)
    assert credit.balance(world.db, appeal.reader_id) == 70


def test_a_line_is_taken_back_once_and_a_reversal_never(world: World) -> None:
    reader = world.reader()
    taken = line(world, reader)
    assert credit.reverse(world.db, taken, LI, WANG, "x", world.policy, world.now) == 30
    start = world.db.value("SELECT id FROM credit_lines WHERE reader_id = :r AND event = 'start'", r=reader)
    reversal = credit.lines(world.db, reader)[0].id
    assert credit.reverse(world.db, taken, LI, WANG, "x", world.policy, world.now) == 0
    for line_id in (reversal, start, 9_999):
        with pytest.raises(UnknownThing):
            credit.reverse(world.db, line_id, LI, WANG, "x", world.policy, world.now)
    assert credit.balance(world.db, reader) == 100


def test_the_second_librarian_may_want_another_look(world: World) -> None:
    appeal = objected(world)
    step(world, appeal, "propose", LI)
    again = step(world, appeal, "object", WANG, "请再问问当班的同事")
    assert (again.state, again.proposed_by) == (AppealState.OPEN, "")
    step(world, appeal, "propose", WANG)
    assert step(world, appeal, "confirm", LI).state is AppealState.REVERSED
    assert told(world, appeal.reader_id) == ["propose", "object", "propose", "confirm"]


def test_a_decline_is_told_and_leads_to_another_librarian_once(world: World) -> None:
    appeal = objected(world)
    assert step(world, appeal, "decline", LI, "水渍是新的").answer == "水渍是新的"
    again = appeals.choose(world.db, appeal.number, appeal.reader_id, "again", world.policy, world.now)
    assert again.state is AppealState.OPEN and again.promised_at >= world.now
    with pytest.raises(appeals.SameEyes):
        step(world, appeal, "decline", LI)
    declined = step(world, appeal, "decline", WANG)
    assert appeals.may_take(declined, "reader") == []
    with pytest.raises(CannotChange):
        appeals.choose(world.db, appeal.number, appeal.reader_id, "again", world.policy, world.now)
    assert told(world, appeal.reader_id) == ["decline", "decline"]
    assert credit.balance(world.db, appeal.reader_id) == 70


def test_every_step_but_those_of_the_table_is_refused(world: World) -> None:
    states = {
        AppealState.OPEN: [], AppealState.PROPOSED: ["propose"], AppealState.DECLINED: ["decline"],
        AppealState.REVERSED: ["propose", "confirm"],
    }  # fmt: skip
    for state, way in states.items():
        for one in appeals.STEPS.values():
            appeal = objected(world)
            for n, name in enumerate(way):
                step(world, appeal, name, (LI, WANG)[n])
            if state in one.before:
                continue
            with pytest.raises(CannotChange):
                step(world, appeal, one.name, ZHAO)
    with pytest.raises(UnknownThing):
        step(world, objected(world), "forgive", LI)


def test_one_appeal_a_line_and_only_for_its_own_reader(world: World) -> None:
    appeal = objected(world)
    same, new = appeals.open_appeal(world.db, appeal.reader_id, appeal.line_id, "", world.policy, world.now)
    assert (same.number, new) == (appeal.number, False)
    stranger = world.reader()
    for call in (
        lambda: appeals.open_appeal(world.db, stranger, appeal.line_id, "", world.policy, world.now),
        lambda: appeals.say_more(world.db, appeal.number, stranger, "我也说"),
        lambda: appeals.choose(world.db, appeal.number, stranger, "withdraw", world.policy, world.now),
        lambda: appeals.choose(world.db, appeal.number, appeal.reader_id, "confirm", world.policy, world.now),
    ):
        with pytest.raises(UnknownThing):
            call()


def test_words_are_added_until_it_is_decided_and_withdrawn_it_can_begin_anew(world: World) -> None:
    appeal = objected(world)
    assert appeals.say_more(world.db, appeal.number, appeal.reader_id, " 还有一点 ").note == "那天就是这样的\n还有一点"
    appeals.choose(world.db, appeal.number, appeal.reader_id, "withdraw", world.policy, world.now)
    with pytest.raises(CannotChange):
        appeals.say_more(world.db, appeal.number, appeal.reader_id, "晚了")
    assert appeals.open_appeal(world.db, appeal.reader_id, appeal.line_id, "", world.policy, world.now)[1]


def test_pictures_are_kept_as_evidence_and_go_after_the_decision(world: World) -> None:
    appeal = objected(world)
    for n in range(world.policy.cases.photos):
        assert appeal_records.add_photo(world.db, appeal, JPEG, world.policy, world.now) == n + 1
    with pytest.raises(PhotosFull):
        appeal_records.add_photo(world.db, appeal, JPEG, world.policy, world.now)
    declined = step(world, appeal, "decline", LI)
    with pytest.raises(NoPhoto):
        appeal_records.add_photo(world.db, declined, JPEG, world.policy, world.now)
    assert appeal_records.forget_old_photos(world.db, world.policy, world.now) == 0
    world.later(days=world.policy.cases.photo_days + 1)
    assert appeal_records.forget_old_photos(world.db, world.policy, world.now) == world.policy.cases.photos


def test_it_is_late_only_while_it_waits(world: World) -> None:
    appeal = objected(world)
    assert not appeal.late(world.now) and appeal.late(world.later(days=3))
    assert not step(world, appeal, "decline", LI).late(world.now)


def test_a_freeze_that_should_not_have_begun_ends_with_the_reversal(world: World) -> None:
    """A6-10: and one that would have begun all the same stays."""
    reader = world.reader()
    lost = [f"loan:{n}" for n in (901, 902, 903)]
    for obj in lost:
        credit.post(world.db, reader, "lost", obj, world.policy, world.now)
    ids = [one.id for one in credit.lines(world.db, reader)[:3]]
    assert credit.frozen_until(world.db, reader)
    world.later(days=1)
    credit.post(world.db, reader, "overdue", "loan:904", world.policy, world.now)
    after_freeze = credit.lines(world.db, reader)[0].id
    credit.reverse(world.db, after_freeze, LI, WANG, "x", world.policy, world.now)
    assert credit.frozen_until(world.db, reader)
    credit.reverse(world.db, ids[0], LI, WANG, "x", world.policy, world.now)
    assert credit.frozen_until(world.db, reader) is None
    assert credit.balance(world.db, reader) == 0


def test_a_loss_taken_back_is_not_given_back_again_when_the_book_is_found(world: World) -> None:
    """A6-8."""
    reader = world.reader()
    credit.post(world.db, reader, "lost", "loan:905", world.policy, world.now)
    credit.reverse(world.db, credit.lines(world.db, reader)[0].id, LI, WANG, "x", world.policy, world.now)
    assert credit.found_again(world.db, reader, "loan:905", world.policy, world.now) == 0
    assert credit.balance(world.db, reader) == 100


def test_an_overdue_day_taken_back_is_not_counted_again_by_the_next_tick(world: World) -> None:
    """A6-6."""
    reader = world.reader()
    (loan,) = world.lend(reader, world.book("围城"))
    world.now = loan.due_at
    world.later(days=1)
    assert credit.accrue_overdue(world.db, world.policy, world.now) == 1
    credit.reverse(world.db, credit.lines(world.db, reader)[0].id, LI, WANG, "x", world.policy, world.now)
    assert credit.accrue_overdue(world.db, world.policy, world.now) == 0
    assert loans.loan(world.db, loan.id).due_at == loan.due_at


def test_an_appeal_of_before_is_kept(world: World) -> None:
    appeal = objected(world)
    with world.store.writing() as db:
        db.run("UPDATE appeals SET promised_at = :now", now=stamp(world.now))
    assert appeal_records.waiting(world.db, appeal.reader_id)[0] == replace(appeal, promised_at=world.now)
