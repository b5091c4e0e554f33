"""预约: who is next for a title. Positions are counted when asked, never stored (B2-16). The table is a hold's life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lending import audience, calendar, cart, clearing, credit, decisions, notices, special_readers
from lending.catalogue import ON_SHELF, SHUT
from lending.database import Database, Row, writing
from lending.errors import LendingError, NoCopyAvailable, NotAllowed, UnknownThing, fact
from lending.model import end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which states, to which
    "serve": (("waiting",), "ready"),  # 到书：为这位读者留着
    "unserve": (("ready",), "waiting"),  # 扫错了：还没告诉读者，收回
    "rest": (("waiting", "ready"), "waiting"),  # 暂停：位置还在，先让后面的人
    "wake": (("waiting",), "waiting"),  # 恢复
    "fill": (("waiting", "ready"), "filled"),  # 借到了
    "cancel": (("waiting", "ready"), "cancelled"),  # 取消
    "expire": (("ready",), "expired"),  # 没来取，轮到下一位
}


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
    """A reader's place in a title's queue; position 1 is next. `ready_until` while a copy is kept for them.

    It is to be picked up at `point_id` (None: wherever the copy is), and rests until `rests_until`.
    """

    id: int
    title_id: int
    title: str
    state: str
    position: int
    ready_until: datetime | None
    point_id: int | None
    rests_until: datetime | None


HOLD = (
    "SELECT h.id, h.title_id, t.title, h.state, h.ready_until, h.point_id, h.rests_until, "
    "(SELECT COUNT(*) FROM holds b WHERE b.title_id = h.title_id AND b.state IN ('waiting', 'ready') "
    "AND b.id <= h.id) AS position FROM holds h JOIN titles t ON t.id = h.title_id "
    "WHERE h.reader_id = :r AND h.state IN ('waiting', 'ready') ORDER BY h.id"
)
STATES = (  # of a title's copies; what stands behind a door shut for good cannot be had
    f"SELECT DISTINCT CASE WHEN c.state = 'available' AND {SHUT} THEN 'shut' ELSE c.state END AS state "
    "FROM copies c WHERE c.title_id = :t"
)
NEXT = (
    "SELECT id, reader_id, point_id FROM holds WHERE title_id = :t AND state = 'waiting' AND rests_until IS NULL "
    "AND reader_id IS NOT :but ORDER BY id LIMIT 1"
)


def of_reader(db: Database, reader_id: int) -> list[Hold]:
    """The reader's active holds with their present positions."""
    rows = db.all(HOLD, r=reader_id)
    for row in rows:
        for name in ("ready_until", "rests_until"):
            row[name] = parse_stamp(row[name]) if row[name] else None
    return [Hold(**row) for row in rows]


def hold(db: Database, hold_id: int, reader_id: int) -> Hold:
    """One of the reader's active holds. Raises UnknownThing."""
    mine = next((one for one in of_reader(db, reader_id) if one.id == hold_id), None)
    if mine is None:
        raise UnknownThing("hold", str(hold_id))
    return mine


def _step(db: Database, name: str, hold_id: int, reader_id: int | None = None, /, **columns: Any) -> Row:
    """One row of the table, guarded. Raises UnknownThing when the hold does not stand where the step begins."""
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    mine = "" if reader_id is None else "AND reader_id = :reader "
    marks = "".join(f", {column} = :{column}" for column in columns)
    row = db.one(
        f"UPDATE holds SET state = '{after}'{marks} WHERE id = :id {mine}AND state IN ({states}) "
        "RETURNING id, reader_id, title_id",
        id=hold_id, reader=reader_id, **columns,
    )  # fmt: skip
    if row is None:
        raise UnknownThing("hold", str(hold_id))
    return row


# ---- what a reader does ----------------------------------------------------------------------------------------------


@fact
class HoldsFull(LendingError):
    """The reader waits for as many books as their tier allows (A8-14)."""

    limit: int


def place(
    db: Database, reader_id: int, title_id: int, now: datetime, most: int | None = None, classes: tuple[str, ...] = ()
) -> Hold:  # fmt: skip
    """Join the queue, where the reader is in fewer than `most`; `classes` are those the pack keeps for adults.

    Raises UnknownThing, AlreadyHeld with the position, NotAllowed, NoNeedToHold when a copy is free, NoCopyAvailable
    where there is none to wait for, HoldsFull.
    """
    with writing(db) as db:
        title = db.one("SELECT title FROM titles WHERE id = :t AND withdrawn = 0", t=title_id)
        if title is None:
            raise UnknownThing("title", str(title_id))
        mine = of_reader(db, reader_id)
        for one in mine:
            if one.title_id == title_id:
                raise AlreadyHeld(one.title, one.position)
        audience.refuse(db, reader_id, title_id, classes, now)
        states = {row["state"] for row in db.all(STATES, t=title_id)}
        if "available" in states:
            raise NoNeedToHold(title_id, title["title"])
        if states <= {"lost", "withdrawn"}:
            raise NoCopyAvailable(title_id, title["title"], False)
        if most is not None and len(mine) >= most:
            raise HoldsFull(most)
        join(db, reader_id, title_id, now)
        return next(one for one in of_reader(db, reader_id) if one.title_id == title_id)


def join(db: Database, reader_id: int, title_id: int, now: datetime) -> bool:
    """Put at the end of the queue whatever stands on the shelf; False when in it already. Call in `writing`.

    To be picked up where the reader likes to, unless that is closed for good.
    """
    return bool(
        db.run(
            "INSERT INTO holds (reader_id, title_id, state, placed_at, point_id) "
            f"SELECT id, :t, 'waiting', :now, CASE WHEN point_id NOT IN ({calendar.GOING}) THEN point_id END "
            "FROM readers WHERE id = :r "
            "ON CONFLICT (reader_id, title_id) WHERE state IN ('waiting', 'ready') DO NOTHING",
            r=reader_id, t=title_id, now=stamp(now), day=str(library_day(now)),
        )
    )  # fmt: skip


def cancel(db: Database, reader_id: int, hold_id: int, policy: Policy, now: datetime) -> str:
    """Leave the queue; a copy kept for the reader goes to whoever is next. Returns the title. Raises UnknownThing."""
    with writing(db) as db:
        row = _step(db, "cancel", hold_id, reader_id)
        _pass_on(db, hold_id, policy, now)
        return str(db.value("SELECT title FROM titles WHERE id = :t", t=row["title_id"]))


def rest(db: Database, reader_id: int, hold_id: int, days: int, policy: Policy, now: datetime) -> Hold:
    """Keep the place but be passed over for so many days, at most as many as the policy says; a kept copy goes on.

    Raises UnknownThing.
    """
    days = min(max(days, 1), policy.holds.suspend_days)
    until = end_of_day(library_day(now) + timedelta(days=days))
    with writing(db) as db:
        _step(db, "rest", hold_id, reader_id, rests_until=stamp(until), ready_at=None, ready_until=None)
        _pass_on(db, hold_id, policy, now)
        return hold(db, hold_id, reader_id)


def wake(db: Database, reader_id: int, hold_id: int, policy: Policy, now: datetime) -> Hold:
    """Wait again from the old place; a copy on the shelf is kept at once. Raises UnknownThing."""
    with writing(db) as db:
        _step(db, "wake", hold_id, reader_id, rests_until=None)
        serve_waiting(db, policy, now)
        return hold(db, hold_id, reader_id)


def pick_up_at(db: Database, reader_id: int, hold_id: int, point_id: int, policy: Policy, now: datetime) -> Hold:
    """Another pick-up point; a copy kept already is kept by its window.

    Raises UnknownThing for hold or point, NotAllowed for a point that closes for good.
    """
    with writing(db) as db:
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        if point_id in calendar.closing_for_good(db, library_day(now)):
            raise NotAllowed(decisions.point_gone(decisions.Decision(())))
        before = hold(db, hold_id, reader_id)
        changed = db.run(
            "UPDATE holds SET point_id = :p WHERE id = :id AND reader_id = :r AND state IN ('waiting', 'ready')",
            p=point_id, id=hold_id, r=reader_id,
        )  # fmt: skip
        assert changed == 1, "the hold was read inside this transaction"
        if before.state == "ready" and before.point_id != point_id:
            _keep_there(db, hold_id, policy, now)
        return hold(db, hold_id, reader_id)


def _keep_there(db: Database, hold_id: int, policy: Policy, now: datetime) -> None:
    """The days of the new point from when the copy was kept, with those asked for since; today is the least."""
    row = db.one(
        "SELECT h.reader_id, h.point_id, h.ready_at, h.extended_at, c.id AS copy_id FROM holds h "
        "JOIN copies c ON c.hold_id = h.id WHERE h.id = :h",
        h=hold_id,
    )
    if row is None:
        return
    until = _kept_until(db, row["copy_id"], row, policy, parse_stamp(row["ready_at"]))
    if row["extended_at"]:
        until = calendar.shelf_end(db, policy, row["point_id"], until, policy.promise.extend_days)
    until = max(until, calendar.shelf_end(db, policy, row["point_id"], now, 0))
    db.run("UPDATE holds SET ready_until = :until WHERE id = :h", until=stamp(until), h=hold_id)


def fill(db: Database, reader_id: int, order_id: int) -> None:
    """The reader has ordered these titles: their holds on them are done."""
    db.run(
        "UPDATE holds SET state = 'filled' WHERE reader_id = :r AND state IN ('waiting', 'ready') "
        "AND title_id IN (SELECT title_id FROM order_items WHERE order_id = :o)",
        r=reader_id, o=order_id,
    )  # fmt: skip


def fill_title(db: Database, reader_id: int, title_id: int, policy: Policy, now: datetime) -> None:
    """The reader has the title in another way: the hold is done, a copy kept for it goes on. Call in `writing`.

    Nor is it ordered once more with what else is in the cart.
    """
    cart.remove(db, reader_id, title_id)
    for one in of_reader(db, reader_id):
        if one.title_id == title_id:
            _step(db, "fill", one.id)
            _pass_on(db, one.id, policy, now)


# ---- what the library does -------------------------------------------------------------------------------------------


def next_reader(db: Database, title_id: int, but: int | None = None) -> int | None:
    """Who waits first, those who rest and `but` passed over; None when nobody does."""
    first = db.one(NEXT, t=title_id, but=but)
    return first["reader_id"] if first else None


def keep_days(policy: Policy, code: str, kind: str) -> int:
    """How many days a copy is kept at this point: the point's own window, its kind's, or the usual one."""
    named = {window.at: window.keep_days for window in policy.holds.windows}
    return named.get(code, named.get(kind, policy.promise.hold_days))


def release_copy(
    db: Database, copy_id: int, title_id: int, policy: Policy, now: datetime, stands: bool = False
) -> None:  # fmt: skip
    """A copy is back: keep it for the first who waits and tell them, or put it on the shelf.

    Where it `stands` in its place and nobody has it in hand, somebody is to fetch it to the hold shelf.
    """
    first = db.one(NEXT, t=title_id, but=None)
    if first is None:
        db.run("UPDATE copies SET state = 'available', hold_id = NULL, to_fetch = 0 WHERE id = :c", c=copy_id)
        return
    if first["point_id"] in calendar.closing_for_good(db, library_day(now)):  # nobody could fetch it there
        db.run("UPDATE holds SET point_id = NULL WHERE id = :h", h=first["id"])
        first["point_id"] = None
    until = stamp(_kept_until(db, copy_id, first, policy, now))
    _step(db, "serve", first["id"], ready_at=stamp(now), ready_until=until)
    db.run(
        "UPDATE copies SET state = 'reserved', hold_id = :h, to_fetch = :stands AND aside = '' WHERE id = :c",
        h=first["id"], stands=int(stands), c=copy_id,
    )  # fmt: skip
    notices.record(
        db, first["reader_id"], "hold_ready", f"hold:{first['id']}", _times(db, first["id"], first["reader_id"]), now,
        notices.outside_quiet_hours(now + timedelta(minutes=policy.promise.tell_ready_minutes), policy),
        title=title_id, until=until,
    )  # fmt: skip


def kept_at(db: Database, hold_id: int) -> int | None:
    """Where the copy stands that is kept for this hold; None when there is none."""
    point_id = db.value("SELECT point_id FROM copies WHERE hold_id = :h AND state = 'reserved'", h=hold_id)
    return int(point_id) if point_id else None


def kept_until(db: Database, hold_id: int) -> datetime | None:
    """Until when a copy is kept for it; None where none is."""
    until = db.value("SELECT ready_until FROM holds WHERE id = :h", h=hold_id)
    return parse_stamp(until) if until else None


def told_at(db: Database, hold_id: int, reader_id: int) -> datetime | None:
    """When the reader for whom a copy is kept will hear of it; None when they have."""
    due = db.value(
        "SELECT due_at FROM notices WHERE reader_id = :r AND event = 'hold_ready' AND object = :o "
        "AND state = 'waiting'",
        r=reader_id, o=f"hold:{hold_id}",
    )  # fmt: skip
    return parse_stamp(due) if due else None


def take_back(db: Database, hold_id: int, reader_id: int) -> None:
    """Kept by mistake, and nobody told: the reader waits in the same place as before. Call in `writing`.

    The copy is the caller's. Raises UnknownThing when the hold is not served any more.
    """
    _step(db, "unserve", hold_id, ready_at=None, ready_until=None)
    notices.unsay_all(db, reader_id, "hold_ready", f"hold:{hold_id}")


def _kept_until(db: Database, copy_id: int, first: Row, policy: Policy, now: datetime) -> datetime:
    """By the window of the pick-up point, or of where the copy stands when none was chosen; and by who waits."""
    place = db.one(
        "SELECT id, code, kind FROM points WHERE id = COALESCE(:p, (SELECT point_id FROM copies WHERE id = :c))",
        p=first["point_id"], c=copy_id,
    )  # fmt: skip
    assert place is not None
    days = keep_days(policy, place["code"], place["kind"]) + special_readers.keep_days(db, first["reader_id"], policy)
    return calendar.shelf_end(db, policy, place["id"], now, days)


def _times(db: Database, hold_id: int, reader_id: int) -> str:
    """A hold that rested after its first call is called again, and must be told again: '', '2', '3' …"""
    before = db.value(
        "SELECT COUNT(*) FROM notices WHERE reader_id = :r AND event = 'hold_ready' AND object = :o",
        r=reader_id, o=f"hold:{hold_id}",
    )  # fmt: skip
    return str(before + 1) if before else ""


def expire_due(db: Database, policy: Policy, now: datetime) -> int:
    """Copies kept too long go to whoever is next (B2-18), rests end, free copies are kept; returns how many ended."""
    over = db.all("SELECT id FROM holds WHERE state = 'ready' AND ready_until < :now", now=stamp(now))
    ended = 0
    for row in over:
        with writing(db) as door:
            ended += _expire(door, row["id"], policy, now)
    _wake_due(db, policy, now)
    serve_waiting(db, policy, now)
    _last_day(db, policy, now)
    return ended


def _expire(db: Database, hold_id: int, policy: Policy, now: datetime) -> bool:
    still = db.value("SELECT ready_until FROM holds WHERE id = :id AND state = 'ready'", id=hold_id)
    if still is None or still >= stamp(now):
        return False
    place = db.value(
        "SELECT COALESCE(h.point_id, c.point_id) FROM holds h LEFT JOIN copies c ON c.hold_id = h.id WHERE h.id = :h",
        h=hold_id,
    )
    row = _step(db, "expire", hold_id)
    if place not in calendar.gone(db, library_day(now)):  # nobody could come for it
        credit.post(db, row["reader_id"], "hold_not_collected", f"hold:{hold_id}", policy, now)
    passed_on = next_reader(db, row["title_id"]) is not None
    _pass_on(db, hold_id, policy, now)
    notices.record(
        db, row["reader_id"], "hold_expired", f"hold:{hold_id}", "", now,
        notices.outside_quiet_hours(now, policy), title=row["title_id"], passed_on=passed_on,
    )  # fmt: skip
    return True


def _wake_due(db: Database, policy: Policy, now: datetime) -> None:
    """Rests that are over; each reader is told that the waiting goes on."""
    rested = "SELECT id, reader_id, title_id, rests_until FROM holds WHERE state = 'waiting' AND rests_until < :now"
    if not db.all(rested, now=stamp(now)):
        return
    with writing(db) as db:
        for row in db.all(rested, now=stamp(now)):
            _step(db, "wake", row["id"], rests_until=None)
            notices.record(
                db, row["reader_id"], "hold_awake", f"hold:{row['id']}", row["rests_until"], now,
                notices.outside_quiet_hours(now, policy), title=row["title_id"], hold=row["id"],
            )  # fmt: skip


def _last_day(db: Database, policy: Policy, now: datetime) -> None:
    """Who has not come yet hears on the last day that it is the last, once."""
    last = (
        "SELECT id, reader_id, title_id, ready_until FROM holds h WHERE state = 'ready' AND ready_until <= :tonight "
        "AND ready_at < :midnight AND NOT EXISTS (SELECT 1 FROM notices WHERE event = 'hold_last_day' "
        "AND reader_id = h.reader_id AND object = 'hold:' || h.id AND step = h.ready_until)"
    )
    tonight = end_of_day(library_day(now))
    values = {"tonight": stamp(tonight), "midnight": stamp(tonight - timedelta(days=1))}
    if not db.all(last, **values):
        return
    with writing(db) as db:
        for row in db.all(last, **values):
            notices.record(
                db, row["reader_id"], "hold_last_day", f"hold:{row['id']}", row["ready_until"], now,
                notices.outside_quiet_hours(now, policy), title=row["title_id"], until=row["ready_until"],
            )  # fmt: skip


def serve_waiting(db: Database, policy: Policy, now: datetime) -> int:
    """Copies that came to the shelf while readers wait (bought, found again) are kept for them; returns how many."""
    free = (
        f"SELECT c.id, c.title_id FROM copies c WHERE {ON_SHELF} AND c.title_id IN "
        "(SELECT title_id FROM holds WHERE state = 'waiting' AND rests_until IS NULL) ORDER BY c.id"
    )
    if not db.all(free):
        return 0
    with writing(db) as db:
        found = db.all(free)
        for copy in found:
            release_copy(db, copy["id"], copy["title_id"], policy, now, stands=True)
        return sum(db.value("SELECT state FROM copies WHERE id = :c", c=copy["id"]) == "reserved" for copy in found)


def _pass_on(db: Database, hold_id: int, policy: Policy, now: datetime) -> None:
    mine = "SELECT id, title_id, to_fetch, aside FROM copies WHERE hold_id = :h AND state = 'reserved'"
    if kept := db.one(mine, h=hold_id):
        if not kept["to_fetch"] and not kept["aside"]:
            clearing.lay_aside(db, kept["id"], "hold_shelf")
        release_copy(db, kept["id"], kept["title_id"], policy, now, stands=bool(kept["to_fetch"]))
