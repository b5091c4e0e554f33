"""预约: who is next for a title. Positions are counted when asked, never stored (B2-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import notices
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy


@fact
class AlreadyHeld(LendingError):
    """The reader waits for this title already, at this place in the queue."""

    title: str
    position: int


@fact
class NoNeedToHold(LendingError):
    """A copy can be borrowed right now."""

    title_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A reader's place in a title's queue; position 1 is next. `ready_until` while a copy is kept for them."""

    id: int
    title_id: int
    title: str
    state: str
    position: int
    ready_until: datetime | None


def of_reader(db: Database, reader_id: int) -> list[Hold]:
    """The reader's active holds with their present positions."""
    rows = db.all(
        "SELECT h.id, h.title_id, t.title, h.state, h.ready_until, (SELECT COUNT(*) FROM holds b "
        "WHERE b.title_id = h.title_id AND b.state IN ('waiting', 'ready') AND b.id <= h.id) AS position "
        "FROM holds h JOIN titles t ON t.id = h.title_id "
        "WHERE h.reader_id = :r AND h.state IN ('waiting', 'ready') ORDER BY h.id",
        r=reader_id,
    )
    for row in rows:
        row["ready_until"] = parse_stamp(row["ready_until"]) if row["ready_until"] else None
    return [Hold(**row) for row in rows]


def place(db: Database, reader_id: int, title_id: int, now: datetime) -> Hold:
    """Join the queue. Raises UnknownThing, AlreadyHeld with the position, NoNeedToHold when a copy is free."""
    with writing(db) as db:
        title = db.one("SELECT title FROM titles WHERE id = :t AND withdrawn = 0", t=title_id)
        if title is None:
            raise UnknownThing("title", str(title_id))
        for hold in of_reader(db, reader_id):
            if hold.title_id == title_id:
                raise AlreadyHeld(hold.title, hold.position)
        if db.value("SELECT 1 FROM copies WHERE title_id = :t AND state = 'available'", t=title_id):
            raise NoNeedToHold(title_id, title["title"])
        db.run(
            "INSERT INTO holds (reader_id, title_id, state, placed_at) VALUES (:r, :t, 'waiting', :now)",
            r=reader_id, t=title_id, now=stamp(now),
        )  # fmt: skip
        return next(hold for hold in of_reader(db, reader_id) if hold.title_id == title_id)


def cancel(db: Database, reader_id: int, hold_id: int, policy: Policy, now: datetime) -> str:
    """Leave the queue; a copy kept for the reader goes to whoever is next. Returns the title. Raises UnknownThing."""
    with writing(db) as db:
        row = db.one(
            "UPDATE holds SET state = 'cancelled' WHERE id = :id AND reader_id = :r AND state IN ('waiting', 'ready') "
            "RETURNING title_id",
            id=hold_id, r=reader_id,
        )  # fmt: skip
        if row is None:
            raise UnknownThing("hold", str(hold_id))
        _pass_on(db, hold_id, policy, now)
        return str(db.value("SELECT title FROM titles WHERE id = :t", t=row["title_id"]))


def release_copy(db: Database, copy_id: int, title_id: int, policy: Policy, now: datetime) -> None:
    """A copy is back: keep it for the first who waits and tell them, or put it on the shelf."""
    first = db.one(
        "SELECT id, reader_id FROM holds WHERE title_id = :t AND state = 'waiting' ORDER BY id LIMIT 1", t=title_id
    )
    if first is None:
        db.run("UPDATE copies SET state = 'available', hold_id = NULL WHERE id = :c", c=copy_id)
        return
    until = end_of_day(library_day(now) + timedelta(days=policy.promise.hold_days))
    db.run(
        "UPDATE holds SET state = 'ready', ready_at = :now, ready_until = :until WHERE id = :h",
        now=stamp(now), until=stamp(until), h=first["id"],
    )  # fmt: skip
    db.run("UPDATE copies SET state = 'reserved', hold_id = :h WHERE id = :c", h=first["id"], c=copy_id)
    notices.record(
        db, first["reader_id"], "hold_ready", f"hold:{first['id']}", "", now, notices.outside_quiet_hours(now, policy),
        title=title_id, until=stamp(until),
    )  # fmt: skip


def fill(db: Database, reader_id: int, order_id: int) -> None:
    """The reader has ordered these titles: their holds on them are done."""
    db.run(
        "UPDATE holds SET state = 'filled' WHERE reader_id = :r AND state IN ('waiting', 'ready') "
        "AND title_id IN (SELECT title_id FROM order_items WHERE order_id = :o)",
        r=reader_id, o=order_id,
    )  # fmt: skip


def expire_due(db: Database, policy: Policy, now: datetime) -> int:
    """Copies kept too long go to whoever is next (B2-18), free ones too; returns how many holds ended."""
    over = db.all("SELECT id FROM holds WHERE state = 'ready' AND ready_until < :now", now=stamp(now))
    ended = 0
    for row in over:
        with writing(db) as door:
            ended += _expire(door, row["id"], policy, now)
    serve_waiting(db, policy, now)
    return ended


def _expire(db: Database, hold_id: int, policy: Policy, now: datetime) -> bool:
    hold = db.one(
        "UPDATE holds SET state = 'expired' WHERE id = :id AND state = 'ready' RETURNING reader_id, title_id",
        id=hold_id,
    )
    if hold is None:
        return False
    _pass_on(db, hold_id, policy, now)
    notices.record(
        db, hold["reader_id"], "hold_expired", f"hold:{hold_id}", "", now,
        notices.outside_quiet_hours(now, policy), title=hold["title_id"],
    )  # fmt: skip
    return True


def serve_waiting(db: Database, policy: Policy, now: datetime) -> int:
    """Copies that came to the shelf while readers wait (bought, found again) are kept for them; returns how many."""
    free = (
        "SELECT c.id, c.title_id FROM copies c WHERE c.state = 'available' AND c.title_id IN "
        "(SELECT title_id FROM holds WHERE state = 'waiting') ORDER BY c.id"
    )
    if not db.all(free):
        return 0
    with writing(db) as db:
        found = db.all(free)
        for copy in found:
            release_copy(db, copy["id"], copy["title_id"], policy, now)
        return sum(db.value("SELECT state FROM copies WHERE id = :c", c=copy["id"]) == "reserved" for copy in found)


def _pass_on(db: Database, hold_id: int, policy: Policy, now: datetime) -> None:
    kept = db.one("SELECT id, title_id FROM copies WHERE hold_id = :h AND state = 'reserved'", h=hold_id)
    if kept:
        release_copy(db, kept["id"], kept["title_id"], policy, now)
