"""声明已还: a reader says that a book is back and we have no record. The clock stops, and we look for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import calendar, case_records, credit, door_codes, evidence, loans, notices
from lending.database import Database, Row, writing
from lending.door_codes import Visit
from lending.errors import CannotChange, UnknownThing
from lending.loans import Returned
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # of a shelf check; a scan of the book anywhere finds it too
    "found": ("open", "found"),  # 找到了：按读者说的那天算还
    "not_found": ("open", "not_found"),  # 没找到：接着借，多给几天
}


@dataclass(frozen=True, slots=True)
class ShelfCheck:
    """A book to be looked for. `said` is where the reader gave it back, in their words."""

    id: int
    loan_id: int
    reader_id: int
    title: str
    barcode: str
    call_number: str
    said: str
    due_at: datetime
    opened_at: datetime
    earlier: int  # claims of the same reader before


def claim(db: Database, reader_id: int, loan_id: int, said: str, policy: Policy, now: datetime) -> bool:
    """The reader says it is back: nothing more is counted against them; False when they had said so before.

    Days late until now stay counted; of a book said to be lost before, none are. Raises UnknownThing, CannotChange for
    a book the courier has.
    """
    with writing(db) as db:
        loan = loans.loan(db, loan_id, reader_id)
        if loan.stopped_as == "claimed":
            return False
        if loan.lost:
            loans.seek_lost(db, loan_id)
        else:
            credit.accrue_loan(db, reader_id, loan_id, loan.due_at, policy, now)
            loans.stop(db, loan, "claimed", now)
        db.run(
            "INSERT INTO shelf_checks (loan_id, said, opened_at) VALUES (:loan, :said, :now)",
            loan=loan_id, said=said.strip()[:200], now=stamp(now),
        )  # fmt: skip
    return True


def of_loan(db: Database, reader_id: int, loan_id: int) -> ShelfCheck:
    """The open search for a book of this reader's. Raises UnknownThing."""
    row = db.one(OPEN + "AND s.loan_id = :l AND l.reader_id = :r", l=loan_id, r=reader_id)
    if row is None:
        raise UnknownThing("shelf_check", str(loan_id))
    return _check(row)


def prove(db: Database, reader_id: int, loan_id: int, visit: Visit) -> ShelfCheck:
    """A locker's signed code shows when the reader stood there: the clock stops as of then (D-13).

    Not before the loan began. Points of days that had been counted stay; an objection takes them back.
    Raises UnknownThing for a book nobody looks for, CodeTaken.
    """
    with writing(db) as db:
        check = of_loan(db, reader_id, loan_id)
        door_codes.keep(db, "check", check.id, reader_id, visit)
        db.run(
            "UPDATE loans SET stopped_at = :at WHERE id = :id AND stopped_as = 'claimed' AND stopped_at > :at "
            "AND started_at <= :at",
            at=stamp(visit.at), id=loan_id,
        )  # fmt: skip
    return check


def forget_old_photos(db: Database, policy: Policy, now: datetime) -> int:
    """Pictures go some days after the search has ended; returns how many went."""
    ended = "SELECT id FROM shelf_checks WHERE state <> 'open' AND settled_at < :before"
    return evidence.forget_ended(db, "check", ended, policy, now)


OPEN = (
    "SELECT s.id, s.loan_id, l.reader_id, t.title, c.barcode, c.call_number, s.said, l.due_at, s.opened_at, "
    "(SELECT COUNT(*) FROM shelf_checks e JOIN loans m ON m.id = e.loan_id WHERE m.reader_id = l.reader_id "
    "AND e.id < s.id) AS earlier FROM shelf_checks s JOIN loans l ON l.id = s.loan_id "
    "JOIN titles t ON t.id = l.title_id JOIN copies c ON c.id = l.copy_id WHERE s.state = 'open' "
)


def _check(row: Row) -> ShelfCheck:
    return ShelfCheck(**{**row, "due_at": parse_stamp(row["due_at"]), "opened_at": parse_stamp(row["opened_at"])})


def open_checks(db: Database, limit: int = 100) -> list[ShelfCheck]:
    """What staff must look for, the oldest first."""
    return [_check(row) for row in db.all(OPEN + "ORDER BY s.id LIMIT :n", n=limit)]


def found(db: Database, check_id: int, point_id: int, policy: Policy, actor: str, now: datetime) -> Returned:
    """It stood at that point: back since the moment the reader said so. Raises UnknownThing, CannotChange."""
    with writing(db) as db:
        check = _open_check(db, check_id)
        _settle(db, check_id, "found", actor, now)
        return loans.check_in(db, check.barcode, point_id, policy, now)


def not_found(db: Database, check_id: int, policy: Policy, actor: str, now: datetime) -> datetime:
    """We looked in vain: the loan goes on, with days to look at home and nothing counted for the time of the search.

    Returns the new due date, never an earlier one; the reader is told. What they have said meanwhile to be lost stays
    lost, and its case goes on. Raises UnknownThing, CannotChange.
    """
    with writing(db) as db:
        check = _open_check(db, check_id)
        _settle(db, check_id, "not_found", actor, now)
        case = case_records.open_of_loan(db, check.loan_id)
        if case and case.kind == "lost":  # told since that it counts no late days
            loans.keep_lost(db, check.loan_id)
            return check.due_at
        day = library_day(now) + timedelta(days=policy.returns.claim_days)
        due = max(check.due_at, calendar.load(db, policy).end(None, day))
        loans.resume(db, check.loan_id, due)
        notices.record(
            db, check.reader_id, "claim_not_found", f"check:{check_id}", "", now,
            notices.outside_quiet_hours(now, policy), loan=check.loan_id, due=stamp(due),
        )  # fmt: skip
    return due


def at_home_after_all(db: Database, loan_id: int, now: datetime) -> None:
    """The reader has found it at home: nobody need look for it any more. Call in `writing`."""
    if check_id := db.value("SELECT id FROM shelf_checks WHERE loan_id = :l AND state = 'open'", l=loan_id):
        _settle(db, check_id, "not_found", "reader", now)


def _open_check(db: Database, check_id: int) -> ShelfCheck:
    row = db.one(OPEN + "AND s.id = :id", id=check_id)
    if row is None:
        state = db.value("SELECT state FROM shelf_checks WHERE id = :id", id=check_id)
        raise CannotChange("shelf_check", str(check_id), state) if state else UnknownThing("shelf_check", str(check_id))
    return _check(row)


def _settle(db: Database, check_id: int, step: str, actor: str, now: datetime) -> None:
    before, after = STEPS[step]
    changed = db.run(
        "UPDATE shelf_checks SET state = :after, settled_at = :now, settled_by = :actor "
        "WHERE id = :id AND state = :before",
        after=after, now=stamp(now), actor=actor, id=check_id, before=before,
    )  # fmt: skip
    assert changed == 1, "the check was read inside this transaction"


def forget(db: Database, reader_id: int) -> None:
    """What the reader said about books goes with them. Call in `writing`."""
    db.run("DELETE FROM shelf_checks WHERE loan_id IN (SELECT id FROM loans WHERE reader_id = :r)", r=reader_id)
