"""Who is told of which new titles: each title once to each reader, many in one message, at most every so many days.

Days are looked at when they are over, so that a stock that moves in is known for one (A2-20).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from itertools import groupby

from lending import catalogue, minors, notices, selection, shelves, subscriptions
from lending.catalogue import Title
from lending.database import Database, writing
from lending.model import LIBRARY_ZONE, library_day
from lending.policy import Policy
from lending.selection import Filters, Scope
from lending.subscriptions import Subscription

CHUNK = 200  # titles a question
READERS_AT_ONCE = 50  # so that a morning's news never hold up an order
EVENT = "new_title"
Want = tuple[str, str]  # kind and key of subscriptions
Meets = Callable[[Sequence[Title], Collection[Want]], dict[Want, list[int]]]  # ids in the order of the titles


def tell(db: Database, policy: Policy, now: datetime, meets: Meets) -> int:
    """Note what has come in since for whoever asked to hear of it; how many notices are new."""
    today, newest, new, after = library_day(now), shelves.last_before(db, library_day(now)), 0, 0
    if now < datetime.combine(today, time(policy.reminders.hour), LIBRARY_ZONE):
        return 0
    before = str(today - timedelta(days=policy.subscriptions.every_days))
    since = cache(lambda first: _news(db, first, newest, policy))
    while waiting := subscriptions.waiting(db, newest, before, after, READERS_AT_ONCE):
        asked = subscriptions.of_readers(db, waiting[0], waiting[-1])
        due = set(waiting)
        asked = [one for one in asked if one.reader_id in due and one.after_title < newest]
        found = meets(since(min(one.after_title for one in asked)), {(one.kind, one.key) for one in asked})
        with writing(db) as door:
            for reader_id, mine in groupby(asked, key=lambda one: one.reader_id):
                new += _note(door, reader_id, list(mine), newest, found, policy, now)
        after = waiting[-1]
    return new


def _news(db: Database, after: int, newest: int, policy: Policy) -> list[Title]:
    """The new titles above that number, the latest published first."""
    ids = shelves.came_after(db, after, newest, policy.subscriptions.stock_from)
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return [title for chunk in chunks for title in catalogue.titles(db, chunk).values()]


def _note(
    db: Database, reader_id: int, mine: Sequence[Subscription], newest: int, found: dict[Want, list[int]],
    policy: Policy, now: datetime,
) -> int:  # fmt: skip
    """One reader's share: the first so many by name, the others as a number."""
    if not subscriptions.looked(db, reader_id, newest):
        return 0
    wanted: dict[int, int] = {}
    for one in mine:
        for title_id in found.get((one.kind, one.key), ()):
            if title_id > one.after_title:
                wanted.setdefault(title_id, one.id)
    if wanted and minors.is_minor(db, reader_id, now):  # told of nothing that would be refused (B8 art. 50)
        fitting = Scope(ids=tuple(wanted), young=True, adult_classes=policy.minors.adult_classes)
        wanted = {title_id: wanted[title_id] for title_id in selection.select(db, fitting, Filters()).ids}
    named, due = list(wanted.items())[: policy.subscriptions.titles], notices.outside_quiet_hours(now, policy)
    new = 0
    for title_id, subscription_id in named:
        facts = {"title": title_id, "subscription": subscription_id, "more": len(wanted) - len(named)}
        new += notices.record(db, reader_id, EVENT, f"title:{title_id}", "", now, due, **facts)
    if new:
        subscriptions.told(db, reader_id, str(library_day(now)))
    return new
