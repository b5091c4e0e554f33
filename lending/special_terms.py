"""Registering a reader for whom coming is hard: what changes at once, what they are told, and how it ends (A10-3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import calendar, loans, notices, special_readers
from lending.database import Database, writing
from lending.loans import Loan
from lending.model import library_day, stamp
from lending.policy import Policy

TOLD = "special"  # the event of both notices; its step is "on@…" or "off@…"


def register(db: Database, reader_id: int, policy: Policy, now: datetime) -> bool:
    """From now on this reader has books for longer; also those at home that nobody waits for. False when it was so.

    The reader is told once, with the new dates, after the minutes in which a slip of the hand can be undone (B2-20).
    """
    with writing(db) as db:
        if not special_readers.put_down(db, reader_id, now):
            return False
        longer = _lengthen(db, reader_id, policy, now)
        if not _never_told(db, reader_id, "off"):
            _tell(db, reader_id, "on", policy, now, loans=longer)
        return True


def end(db: Database, reader_id: int, policy: Policy, now: datetime) -> bool:
    """As for everybody from the next loan on; what is at home keeps its dates. False when it was not so."""
    with writing(db) as db:
        if not special_readers.strike_out(db, reader_id):
            return False
        if not _never_told(db, reader_id, "on"):
            _tell(db, reader_id, "off", policy, now)
        return True


def _lengthen(db: Database, reader_id: int, policy: Policy, now: datetime) -> list[list[int | str]]:
    """The reader's books that are due later now, each with its new date; none twice, however often one registers.

    What is late stays late, and what others wait for keeps its date: they were told by it when it comes back.
    """
    more = policy.special.loan_days_more
    if not more:
        return []
    days = calendar.load(db, policy)
    moved: list[list[int | str]] = []
    for loan in loans.of_reader(db, reader_id):
        due = days.end(None, library_day(loan.due_at) + timedelta(days=more))
        if _may_be_longer(loan, now) and loans.lengthen(db, loan, due, more):
            moved.append([loan.id, stamp(due)])
    return moved


def _may_be_longer(loan: Loan, now: datetime) -> bool:
    return not (loan.waiting or loan.recalled_at or loan.stopped_at or loan.lost) and loan.due_at >= now


def _never_told(db: Database, reader_id: int, side: str) -> bool:
    """Whether what is undone now has not been told yet; then it never is."""
    return bool(
        db.run(
            "DELETE FROM notices WHERE reader_id = :r AND event = :e AND object = :o AND step LIKE :side "
            "AND state = 'waiting'",
            r=reader_id, e=TOLD, o=f"reader:{reader_id}", side=f"{side}@%",
        )
    )  # fmt: skip


def _tell(db: Database, reader_id: int, side: str, policy: Policy, now: datetime, **facts: object) -> None:
    due = notices.outside_quiet_hours(now + timedelta(minutes=policy.promise.tell_ready_minutes), policy)
    notices.record(db, reader_id, TOLD, f"reader:{reader_id}", f"{side}@{stamp(now)}", now, due, **facts)
