"""申诉: the life of an objection to a line of the ledger (A6), one table; a reversal takes two librarians."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import appeal_records, credit, moved_promises, notices, numbers
from lending.appeal_records import Appeal, AppealState
from lending.database import Database, writing
from lending.errors import CannotChange, LendingError, UnknownThing, fact
from lending.model import LIBRARY_ZONE, stamp
from lending.policy import Policy

S = AppealState
NOTE_LENGTH = 1_000
ANSWER_LENGTH = 300


@fact
class SameEyes(LendingError):
    """Whoever proposed or declined cannot be the second pair of eyes on it."""

    number: str
    step: str


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `sets` is what it writes down, `unless` who may not take it or when it is not open."""

    name: str
    who: str  # reader | staff
    before: tuple[AppealState, ...]
    after: AppealState
    sets: str = ""
    unless: str = ""
    wants_words: bool = False


STEPS = {
    step.name: step
    for step in (
        Step("propose", "staff", (S.OPEN,), S.PROPOSED, "proposed_by = :actor", "", True),  # 该改：请另一位馆员看
        Step("confirm", "staff", (S.PROPOSED,), S.REVERSED, "seconded_by = :actor", "proposed_by = :actor"),  # 改正
        Step("object", "staff", (S.PROPOSED,), S.OPEN, "proposed_by = ''", "proposed_by = :actor", True),  # 再看看
        Step("decline", "staff", (S.OPEN,), S.DECLINED, "declined_by = :actor", "declined_by = :actor", True),  # 维持
        Step("again", "reader", (S.DECLINED,), S.OPEN, "looks = looks + 1, promised_at = :due, promised_first = ''",
             "looks > 0"),  # 再看
        Step("withdraw", "reader", (S.OPEN, S.PROPOSED), S.WITHDRAWN),  # 读者撤回
    )
}


def promised(db: Database, policy: Policy, now: datetime) -> datetime:
    """By when a librarian will have looked."""
    return moved_promises.answer_by(db, policy, policy.cases.answer_hours, now)


def open_appeal(
    db: Database, reader_id: int, line_id: int, note: str, policy: Policy, now: datetime
) -> tuple[Appeal, bool]:
    """Object to a line of one's own, once at a time; returns whether the appeal is new.

    A line that has been decided about is not opened anew: the appeal itself says what can be done. Raises UnknownThing.
    """
    with writing(db) as db:
        if not db.value("SELECT 1 FROM credit_lines WHERE id = :l AND reader_id = :r", l=line_id, r=reader_id):
            raise UnknownThing("line", str(line_id))
        known = appeal_records.of_line(db, line_id)
        if known and known.state is not S.WITHDRAWN:
            return known, False
        row = db.one(
            "INSERT INTO appeals (id, number, reader_id, line_id, state, note, promised_at, opened_at, changed_at) "
            "SELECT n, :day || '-' || n, :r, :l, 'open', seal(:note), :due, :now, :now "
            f"FROM (SELECT {numbers.following('appeals')} AS n) RETURNING id, number",
            day=f"GA{now.astimezone(LIBRARY_ZONE):%y%m%d}", r=reader_id, l=line_id, note=note[:NOTE_LENGTH],
            due=stamp(promised(db, policy, now)), now=stamp(now),
        )  # fmt: skip
        assert row is not None
        _note(db, row["id"], "open", S.OPEN, "reader", "", now)
        return appeal_records.by_number(db, row["number"]), True


def say_more(db: Database, number: str, reader_id: int, words: str) -> Appeal:
    """The reader adds to what was said. Raises CannotChange once it is decided, UnknownThing."""
    with writing(db) as db:
        appeal = appeal_records.by_number(db, number, reader_id)
        said = f"{appeal.note}\n{words.strip()}".strip()[:NOTE_LENGTH]
        added = db.run(
            f"UPDATE appeals SET note = seal(:note) WHERE id = :id AND state IN ({appeal_records.WAITING_SQL})",
            note=said, id=appeal.id,
        )  # fmt: skip
        if added != 1:
            raise CannotChange("appeal", appeal.number, appeal.state)
        return appeal_records.by_number(db, number)


def advance(db: Database, number: str, name: str, actor: str, policy: Policy, now: datetime, note: str = "") -> Appeal:
    """Move an appeal one step and tell the reader. Confirming writes the new line that takes the old one back.

    Raises CannotChange, UnknownThing, SameEyes when the second pair of eyes is the first one.
    """
    step = STEPS.get(name)
    if step is None:
        raise UnknownThing("step", name[:40])
    with writing(db) as db:
        appeal = appeal_records.by_number(db, number)
        if name == "propose" and appeal.event in credit.LASTING:
            raise CannotChange("appeal", appeal.number, appeal.state)
        _move(db, appeal, step, actor, policy, now, note)
        after = appeal_records.by_number(db, number)
        if step.after is S.REVERSED:
            reason = f"{after.number}: {after.answer}"
            credit.reverse(db, after.line_id, after.proposed_by, actor, reason, policy, now)
        event = _note(db, after.id, name, step.after, actor, note, now)
        if step.who == "staff":
            obj = f"appeal:{number}@{event}"
            notices.record(db, after.reader_id, "appeal_moved", obj, name, now, appeal=number, points=-after.points)
        return after


def _move(db: Database, appeal: Appeal, step: Step, actor: str, policy: Policy, now: datetime, note: str) -> None:
    """The guarded change of state; what keeps it from happening is said."""
    states = ", ".join(f"'{state}'" for state in step.before)
    sets = f"{step.sets}, " if step.sets else ""
    said = "answer = seal(:note), " if step.who == "staff" and note else ""
    moved = db.run(
        f"UPDATE appeals SET {sets}{said}state = :after, changed_at = :now WHERE id = :id AND state IN ({states}) "
        f"AND NOT ({step.unless or '0'})",
        id=appeal.id, after=step.after, now=stamp(now), actor=actor, note=note[:ANSWER_LENGTH],
        due=stamp(promised(db, policy, now)),
    )  # fmt: skip
    if moved != 1 and appeal.state in step.before and step.who == "staff":
        raise SameEyes(appeal.number, step.name)
    if moved != 1:
        raise CannotChange("appeal", appeal.number, appeal.state)


def choose(db: Database, number: str, reader_id: int, name: str, policy: Policy, now: datetime) -> Appeal:
    """A step that is the reader's own: again, withdraw. Raises UnknownThing, CannotChange."""
    if name not in STEPS or STEPS[name].who != "reader":
        raise UnknownThing("step", name[:40])
    appeal_records.by_number(db, number, reader_id)
    return advance(db, number, name, "reader", policy, now)


def may_take(appeal: Appeal, actor: str) -> list[Step]:
    """The steps open to the reader ("reader") or to a librarian ("staff:wang") now, in the order of the table."""
    barred = {
        "propose": appeal.event in credit.LASTING, "confirm": appeal.proposed_by == actor,
        "object": appeal.proposed_by == actor, "decline": appeal.declined_by == actor,
        "again": appeal.looks > 0, "withdraw": False,
    }  # fmt: skip
    who = "reader" if actor == "reader" else "staff"
    return [
        step for step in STEPS.values() if step.who == who and appeal.state in step.before and not barred[step.name]
    ]


def _note(db: Database, appeal_id: int, step: str, state: str, actor: str, note: str, now: datetime) -> int:
    return int(
        db.value(
            "INSERT INTO appeal_events (appeal_id, step, state, actor, note, at) "
            "VALUES (:a, :step, :state, :actor, seal(:note), :now) RETURNING id",
            a=appeal_id, step=step, state=state, actor=actor, note=note[:ANSWER_LENGTH], now=stamp(now),
        )
    )  # fmt: skip
