"""Worked examples for the rules page, computed by the functions that decide (D-11): when due, how many points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from lending import calendar, credit, loans, readers, tryout
from lending.database import Database
from lending.model import library_day
from lending.policy import Policy

SOME_DAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # any; caps begin anew with days, months and years
BOOKS = 5  # borrowed on one day
LATE_DAYS = 3
LONGEST = 400  # days after which nobody waits for a freeze any more


@dataclass(frozen=True, slots=True)
class Dates:
    """A book taken home now: when it is due, and when after one renewal, where there is one."""

    due: datetime
    renewed: datetime | None


@dataclass(frozen=True, slots=True)
class Points:
    """A newcomer's points: after a day of borrowing, after a book a few days late, and when borrowing would pause."""

    books: int
    earned: int
    late_days: int
    lost: int
    left: int
    pauses_after_days: int | None


def dates(db: Database, policy: Policy, now: datetime) -> Dates:
    """The due date of a book taken home now, and after one renewal, closed days counted as they are (B2-9)."""
    due = loans.due_date(db, now, policy)
    if not policy.lending.renewals:
        return Dates(due, None)
    anchor = library_day(due if policy.lending.renewal_anchor == "due_date" else now)
    more = timedelta(days=policy.lending.renewal_days)
    return Dates(due, max(due, calendar.load(db, policy).end(None, anchor + more)))


@lru_cache(maxsize=8)
def points(policy: Policy) -> Points:
    """What the ledger gives and takes, posted to readers of a library that is thrown away."""
    with tryout.library() as db:
        borrower, late, later = (_newcomer(db, policy) for _n in range(3))
        earned = sum(
            credit.post(db, borrower, "borrow", f"loan:{n}", policy, SOME_DAY, at=SOME_DAY) for n in range(BOOKS)
        )
        lost = sum(_a_day_late(db, late, day, policy) for day in range(LATE_DAYS))
        pauses = (day + 1 for day in range(LONGEST) if _a_day_late(db, later, day, policy) and _frozen(db, later))
        return Points(BOOKS, earned, LATE_DAYS, lost, credit.balance(db, late), next(pauses, None))


def _newcomer(db: Database, policy: Policy) -> int:
    made = readers.join(db, "zh_Hans", SOME_DAY)
    credit.open_ledger(db, made.id, policy, SOME_DAY)
    return made.id


def _a_day_late(db: Database, reader_id: int, day: int, policy: Policy) -> int:
    then = SOME_DAY + timedelta(days=day)
    return credit.post(db, reader_id, "overdue", f"loan:of {reader_id}", policy, then, at=then)


def _frozen(db: Database, reader_id: int) -> bool:
    return credit.frozen_until(db, reader_id) is not None
