"""活动期: what days of free delivery did to orders, beside as many days before and after, a quarter at most (A4-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lending.costs import DELIVERED, KEPT
from lending.database import Database
from lending.policy import Policy
from lending.reports import WITHIN, Period
from lending.rules import Campaign

NEAR = timedelta(days=92)  # at most so many days before and after


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a campaign's story: 'before', 'during' or 'after'; orders that were not called off."""

    name: str
    days: int
    orders: int
    deliveries: int

    def a_day(self, count: int) -> float:
        """So many of them on a day."""
        return count / self.days


@dataclass(frozen=True, slots=True)
class Effect:
    """A campaign and its spans; days not yet over when the report ends are not counted."""

    campaign: Campaign
    spans: tuple[Span, ...]


def effects(db: Database, policy: Policy, period: Period) -> list[Effect]:
    """Of every campaign of free delivery to readers that has a day in the period, as known at the period's end."""
    return [
        Effect(one, tuple(_spans(db, one, period.last)))
        for one in policy.fees.campaigns
        if one.direction == "borrow" and one.since <= period.last and one.until >= period.first
    ]


def _spans(db: Database, one: Campaign, end: date) -> Iterator[Span]:
    """One without an end has nothing after it; `NEAR` keeps the days beside a long one comparable."""
    day = timedelta(days=1)
    length = min(one.until - one.since + day, NEAR)
    yield _span(db, "before", one.since - length, one.since - day)
    yield _span(db, "during", one.since, min(one.until, end))
    if one.until < end:
        yield _span(db, "after", one.until + day, one.until + min(length, end - one.until))


def _span(db: Database, name: str, first: date, last: date) -> Span:
    row = db.one(
        f"SELECT COUNT(*) AS orders, COUNT(CASE WHEN {DELIVERED} THEN 1 END) AS deliveries FROM orders o "
        f"WHERE {WITHIN.format('o.placed_at')} AND {KEPT}",
        **Period(first, last).values(),
    )
    assert row is not None
    return Span(name, (last - first).days + 1, row["orders"], row["deliveries"])
