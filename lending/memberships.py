"""满一年: points for each year a reader has been one, where the library counts them (B3.2 威海)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lending import credit
from lending.database import Database, writing
from lending.model import library_day, stamp, start_of_day
from lending.policy import Policy

CATCH_UP_DAYS = 31  # a tick that slept longer than this has missed an anniversary


def accrue_years(db: Database, policy: Policy, now: datetime) -> int:
    """A line on every anniversary of joining, in the library's time zone, once; returns how many are new.

    Nothing for records without a ledger: nobody's, and those that became part of another.
    """
    if policy.ledger.find("membership_year") is None:
        return 0
    first = db.value("SELECT MIN(at) FROM credit_lines WHERE event = 'start'") or stamp(now)
    oldest = library_day(now).year - int(first[:4]) + 1
    return sum(_accrue(db, years, policy, now) for years in range(1, oldest + 1))


def _accrue(db: Database, years: int, policy: Policy, now: datetime) -> int:
    """Those whose anniversary of so many years lies in the last days."""
    today, obj = library_day(now), f"year:{years}"
    joined = [_earlier(day, years) for day in (today - timedelta(days=CATCH_UP_DAYS), today + timedelta(days=1))]
    rows = db.all(
        "SELECT id, joined_at FROM readers r WHERE joined_at >= :first AND joined_at < :last "
        "AND EXISTS (SELECT 1 FROM credit_lines c WHERE c.reader_id = r.id AND c.event = 'start') "
        "AND NOT EXISTS (SELECT 1 FROM credit_lines c WHERE c.reader_id = r.id AND c.event = 'membership_year' "
        "AND c.object = :obj) AND NOT EXISTS (SELECT 1 FROM merged_readers m WHERE m.gone_id = r.id) ORDER BY id",
        first=stamp(start_of_day(joined[0])), last=stamp(start_of_day(joined[1])), obj=obj,
    )  # fmt: skip
    for row in rows:
        with writing(db) as door:
            credit.post(door, row["id"], "membership_year", obj, policy, now, evidence=row["joined_at"][:10])
    return len(rows)


def _earlier(day: date, years: int) -> date:
    """The same day so many years before; 28 February for the 29th."""
    return day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
