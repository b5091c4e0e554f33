"""How long a queue takes: an estimate in days from the copies, their due dates and the loan period (B2-19)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime

from lending.catalogue import SHUT
from lending.database import Database
from lending.model import library_day, parse_stamp
from lending.policy import Policy

AHEAD = "SELECT COUNT(*) FROM holds WHERE title_id = :t AND state = 'waiting' AND rests_until IS NULL AND id < :before"
COPIES = (
    "SELECT c.state, c.hold_id, l.due_at FROM copies c "
    "LEFT JOIN loans l ON l.copy_id = c.id AND l.returned_at IS NULL "
    "WHERE c.title_id = :t AND c.state NOT IN ('lost', 'withdrawn', 'damaged') "
    f"AND NOT (c.state = 'available' AND {SHUT}) "
    "AND (l.stopped_at IS NULL OR l.stopped_as <> '')"  # not one its reader says is lost
)
NOBODY_YET = 2**62  # behind every hold there is


def estimate(free_in: Iterable[int], ahead: int, period: int) -> int | None:
    """Days until it is one's turn, when each copy is free in so many days and each reader ahead keeps it a period.

    None where there is no copy to wait for.
    """
    free = sorted(max(0, days) for days in free_in)
    if not free:
        return None
    for _ in range(ahead):
        heapq.heapreplace(free, free[0] + period)
    return free[0]


def days_to_wait(db: Database, title_id: int, hold_id: int, policy: Policy, now: datetime) -> int | None:
    """The estimate for a hold as things stand; a rest of readers ahead is counted as it is today."""
    period = policy.lending.loan_days + policy.holds.turnaround_days
    ahead = db.value(AHEAD, t=title_id, before=hold_id)
    copies = db.all(COPIES, t=title_id)
    return estimate((_free_in(copy, period, policy, now) for copy in copies), ahead, period)


def for_a_newcomer(db: Database, title_id: int, policy: Policy, now: datetime) -> tuple[int, int | None]:
    """How many wait, and the estimate for whoever joined the queue now."""
    return int(db.value(AHEAD, t=title_id, before=NOBODY_YET)), days_to_wait(db, title_id, NOBODY_YET, policy, now)


def _free_in(copy: dict[str, object], period: int, policy: Policy, now: datetime) -> int:
    """A lent copy is back on its due day, an overdue one any day now; one on its way is lent for a period first."""
    if copy["due_at"]:
        left = (library_day(parse_stamp(str(copy["due_at"]))) - library_day(now)).days
        return max(left, 0) + policy.holds.turnaround_days
    return 0 if copy["state"] == "available" else period
