"""催还: when others wait for a title, a book lent long enough is asked back early, with fair notice (B2-19)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import calendar, loans, notices
from lending.calendar import Calendar
from lending.catalogue import ON_SHELF
from lending.database import Database, Row, writing
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy

WANTED = (  # titles for which more readers wait, with none of it at home, than books come back soon anyway
    "SELECT h.title_id, COUNT(*) AS waiting, (SELECT COUNT(*) FROM loans l WHERE l.title_id = h.title_id "
    "AND l.returned_at IS NULL AND (l.stopped_at IS NULL OR l.stopped_as <> '') "
    "AND (l.recalled_at IS NOT NULL OR l.due_at <= :soon)) AS coming, "
    f"(SELECT COUNT(*) FROM copies c WHERE c.title_id = h.title_id AND {ON_SHELF}) AS free "
    "FROM holds h WHERE h.state = 'waiting' AND h.rests_until IS NULL AND NOT EXISTS (SELECT 1 FROM loans mine "
    "WHERE mine.reader_id = h.reader_id AND mine.title_id = h.title_id AND mine.returned_at IS NULL) "
    "GROUP BY h.title_id ORDER BY h.title_id"
)
LONGEST_OUT = (
    "SELECT l.id, l.reader_id, l.title_id, l.due_at FROM loans l WHERE l.title_id = :t AND l.returned_at IS NULL "
    "AND l.recalled_at IS NULL AND l.stopped_at IS NULL AND l.started_at <= :long_ago AND l.due_at > :soon "
    "ORDER BY l.started_at, l.id LIMIT :n"
)


NOBODY_WAITS = (
    "SELECT l.id, l.reader_id, l.due_at, l.recalled_at, l.due_before_recall FROM loans l "
    "WHERE l.recalled_at IS NOT NULL AND l.due_before_recall IS NOT NULL AND l.returned_at IS NULL "
    "AND l.stopped_at IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM holds h WHERE h.title_id = l.title_id AND h.state = 'waiting' AND h.rests_until IS NULL "
    "AND h.reader_id <> l.reader_id) "
    "ORDER BY l.id"
)


def call_off(db: Database, policy: Policy, now: datetime) -> int:
    """Who was asked to bring a book back early may keep it when those who waited have left; returns how many."""
    if not db.all(NOBODY_WAITS):
        return 0
    with writing(db) as db:
        days = calendar.load(db, policy)
        return sum(_call_off(db, loan, days, policy, now) for loan in db.all(NOBODY_WAITS))


def _call_off(db: Database, loan: Row, days: Calendar, policy: Policy, now: datetime) -> bool:
    due = days.end(None, library_day(parse_stamp(loan["due_before_recall"])))
    if due > parse_stamp(loan["due_at"]) and not loans.move_due(db, loan["id"], parse_stamp(loan["due_at"]), due):
        return False
    db.run("UPDATE loans SET recalled_at = NULL, due_before_recall = NULL WHERE id = :id", id=loan["id"])
    never_told = notices.unsay(db, loan["reader_id"], "recalled", f"loan:{loan['id']}", loan["recalled_at"])
    if never_told and stamp(due) == loan["due_before_recall"]:
        return True
    return notices.record(
        db, loan["reader_id"], "recall_off", f"loan:{loan['id']}", stamp(now), now,
        notices.outside_quiet_hours(now, policy), loan=loan["id"],
    )  # fmt: skip


def untold(db: Database, loan_id: int) -> bool:
    """Whether the loan has been recalled and its reader does not know yet."""
    loan = db.one("SELECT reader_id, recalled_at FROM loans WHERE id = :id AND recalled_at IS NOT NULL", id=loan_id)
    if loan is None:
        return False
    return notices.waits_until(db, loan["reader_id"], "recalled", f"loan:{loan_id}", loan["recalled_at"]) is not None


def recall_due(db: Database, policy: Policy, now: datetime) -> int:
    """Ask back as many books as readers wait for in vain, those longest out first; returns how many.

    Never before `recall_after_days` of the loan, never due earlier than `recall_notice_days` from now, and not twice
    for the same readers.
    """
    if not policy.returns.recalls:
        return 0
    if not db.value("SELECT 1 FROM holds WHERE state = 'waiting' AND rests_until IS NULL LIMIT 1"):
        return 0
    with writing(db) as db:
        days = calendar.load(db, policy)
        due = _new_due(days, policy, now)
        long_ago = now - timedelta(days=policy.returns.recall_after_days)
        asked = 0
        for title in db.all(WANTED, soon=stamp(due)):
            missing = title["waiting"] - title["coming"] - title["free"]
            if missing > 0:
                chosen = db.all(LONGEST_OUT, t=title["title_id"], long_ago=stamp(long_ago), soon=stamp(due), n=missing)
                asked += sum(_recall(db, loan, due, policy, now) for loan in chosen)
        return asked


def _new_due(days: Calendar, policy: Policy, now: datetime) -> datetime:
    return days.end(None, library_day(now) + timedelta(days=policy.returns.recall_notice_days))


def _recall(db: Database, loan: Row, due: datetime, policy: Policy, now: datetime) -> bool:
    if not loans.move_due(db, loan["id"], parse_stamp(loan["due_at"]), due):
        return False
    db.run(
        "UPDATE loans SET recalled_at = :now, due_before_recall = :before WHERE id = :id",
        now=stamp(now), before=loan["due_at"], id=loan["id"],
    )  # fmt: skip
    notices.record(
        db, loan["reader_id"], "recalled", f"loan:{loan['id']}", stamp(now), now,
        notices.outside_quiet_hours(now, policy), loan=loan["id"], due=stamp(due), before=loan["due_at"],
    )  # fmt: skip
    return True
