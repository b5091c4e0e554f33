"""订阅: what a reader wants to hear of when it comes into the catalogue, by author, class or words (A2-20).

A reader asks, and takes it back; nothing else changes. Who is told of what stands in arrivals.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending.database import Database, Row, writing
from lending.errors import LendingError, fact
from lending.model import stamp
from lending.policy import Policy

FIELDS = "id, reader_id, kind, unseal(key) AS key, unseal(name) AS name, after_title, told_on"


@fact
class TooManySubscriptions(LendingError):
    """So many a reader may have; `most` of the policy."""

    most: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wish to be told. `key` is what titles are compared with, `name` what the reader calls it.

    `after_title` is the last title that was looked at for it, `told_on` the day its reader last heard of any.
    """

    id: int
    reader_id: int
    kind: str  # author, class, words
    key: str
    name: str
    after_title: int
    told_on: str


def subscribe(
    db: Database, reader_id: int, kind: str, key: str, name: str, policy: Policy, now: datetime
) -> Subscription:
    """Tell this reader of what comes from now on; the same wish twice is one. Raises TooManySubscriptions."""
    with writing(db) as db:
        mine = of_reader(db, reader_id)
        if known := next((one for one in mine if (one.kind, one.key) == (kind, key)), None):
            return known
        if len(mine) >= policy.subscriptions.most:
            raise TooManySubscriptions(policy.subscriptions.most)
        made = db.one(
            "INSERT INTO subscriptions (reader_id, kind, mark, key, name, after_title, told_on, made_at) VALUES "
            "(:r, :kind, keyed(:key), seal(:key), seal(:name), COALESCE((SELECT MAX(id) FROM titles), 0), :told, :now) "
            f"RETURNING {FIELDS}",
            r=reader_id, kind=kind, key=key, name=name, told=max((one.told_on for one in mine), default=""),
            now=stamp(now),
        )  # fmt: skip
        assert made is not None
        return Subscription(**made)


def of_reader(db: Database, reader_id: int) -> list[Subscription]:
    """A reader's own, the oldest first."""
    return _all(db.all(f"SELECT {FIELDS} FROM subscriptions WHERE reader_id = :r ORDER BY id", r=reader_id))


def of_readers(db: Database, first: int, last: int) -> list[Subscription]:
    """Those of the readers with these numbers, both included."""
    rows = db.all(
        f"SELECT {FIELDS} FROM subscriptions WHERE reader_id BETWEEN :first AND :last ORDER BY reader_id, id",
        first=first, last=last,
    )  # fmt: skip
    return _all(rows)


def _all(rows: list[Row]) -> list[Subscription]:
    return [Subscription(**row) for row in rows]


def cancel(db: Database, reader_id: int, subscription_id: int) -> bool:
    """No more of it; False when it was not this reader's, or is gone already."""
    with writing(db) as db:
        gone = "DELETE FROM subscriptions WHERE id = :id AND reader_id = :r"
        return db.run(gone, id=subscription_id, r=reader_id) == 1


def cancel_all(db: Database, reader_id: int) -> int:
    """None of them any more; how many there were."""
    with writing(db) as db:
        return db.run("DELETE FROM subscriptions WHERE reader_id = :r", r=reader_id)


def waiting(db: Database, newest: int, before: str, after: int, limit: int) -> list[int]:
    """Readers with titles up to `newest` not looked at yet who heard of none since the day `before`; by number."""
    rows = db.all(
        "SELECT reader_id FROM subscriptions WHERE after_title < :newest AND told_on <= :before "
        "AND reader_id > :after GROUP BY reader_id ORDER BY reader_id LIMIT :most",
        newest=newest, before=before, after=after, most=limit,
    )  # fmt: skip
    return [row["reader_id"] for row in rows]


def looked(db: Database, reader_id: int, newest: int) -> bool:
    """Everything up to this title is looked at for the reader; False when another was first. Call in `writing`."""
    sql = "UPDATE subscriptions SET after_title = :newest WHERE reader_id = :r AND after_title < :newest"
    return db.run(sql, newest=newest, r=reader_id) > 0


def told(db: Database, reader_id: int, day: str) -> None:
    """The reader hears of new books on that day. Call in `writing`."""
    db.run("UPDATE subscriptions SET told_on = :day WHERE reader_id = :r", day=day, r=reader_id)


def change_hands(db: Database, kept: int, gone: int) -> None:
    """Two records of one person become one; what both asked for is asked for once. Call in `writing`."""
    same = "SELECT 1 FROM subscriptions s WHERE s.reader_id = :k AND s.kind = subscriptions.kind"
    same += " AND unseal(s.key) = unseal(subscriptions.key)"
    db.run(f"UPDATE subscriptions SET reader_id = :k WHERE reader_id = :g AND NOT EXISTS ({same})", k=kept, g=gone)
    db.run("DELETE FROM subscriptions WHERE reader_id = :g", g=gone)
    last = db.value("SELECT MAX(told_on) FROM subscriptions WHERE reader_id = :k", k=kept)
    told(db, kept, last or "")
