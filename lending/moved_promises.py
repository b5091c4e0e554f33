"""The library's own promises on days it is closed: moved to when it works again, told once, and moved back (D-1, B2-9).

A promise that falls on declared closed days moves to the same hour of the next day on which people work. Nothing is
broken by that: what was promised for a moment already gone stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from lending import desk, notices, promises
from lending.calendar import FURTHEST, staff_work
from lending.database import Database, Row, writing
from lending.model import LIBRARY_ZONE, OrderState, library_day, parse_stamp, stamp
from lending.order_records import COLUMNS, Order, order_of
from lending.policy import Policy

S = OrderState
WAITING = (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED)
CHUNK = 200  # orders moved in one turn, so that others are not held up
COLUMN = {"review": "review_by", "pack": "pack_by", "ready": "promised_at"}


@dataclass(frozen=True, slots=True)
class Closed:
    """Days declared closed: of every point when `point_id` is None."""

    id: int
    point_id: int | None
    first: date
    last: date

    def covers(self, point_id: int | None, day: date) -> bool:
        """Whether nobody works there that day."""
        return self.first <= day <= self.last and self.point_id in (None, point_id)


def closings(db: Database, now: datetime) -> list[Closed]:
    """Those not over yet, the oldest first."""
    rows = db.all(
        "SELECT id, point_id, first_day, last_day FROM special_days WHERE hours = '' AND first_day <= last_day "
        "AND last_day >= :today ORDER BY id",
        today=str(library_day(now)),
    )
    return [
        Closed(row["id"], row["point_id"], *(date.fromisoformat(row[name]) for name in ("first_day", "last_day")))
        for row in rows
    ]


def past(found: list[Closed], point_id: int | None, moment: datetime, policy: Policy) -> datetime:
    """The same hour of that day, or of the first day after the closed ones on which people are at the desk."""
    local = moment.astimezone(LIBRARY_ZONE)
    days = (local.date() + timedelta(days=n) for n in range(FURTHEST))
    for day in days:
        closed = any(one.covers(point_id, day) for one in found)
        if not closed and (day == local.date() or staff_work(day, policy.calendar, policy.desk.weekdays)):
            return datetime.combine(day, local.time(), LIBRARY_ZONE)
    return moment


def ready_at(db: Database, point_id: int, policy: Policy, moment: datetime) -> datetime:
    """When what begins at that moment is ready at that point, declared closings counted."""
    return past(closings(db, moment), point_id, desk.ready_by(policy, moment), policy)


def made_now(found: list[Closed], point_id: int | None, policy: Policy, now: datetime) -> tuple[datetime, datetime]:
    """Packed by and ready there by, for books ordered now, closed days counted (A9-4)."""
    ready = desk.ready_by(policy, now)
    pack = past(found, None, promises.pack_by(policy, now, ready), policy)
    return pack, max(past(found, point_id, ready, policy), pack)


# ---- moving ----------------------------------------------------------------------------------------------------------


def settle(db: Database, policy: Policy, now: datetime) -> int:
    """Move every promise still to come that falls on declared closed days, and tell who waits for it.

    Any number of times, one effect; returns how many orders it touched.
    """
    found, moved = closings(db, now), 0
    waiting = _waiting(db, now) if found else []
    wrong = [order for order in waiting if _moved(order, found, policy, now)]
    for start in range(0, len(wrong), CHUNK):
        with writing(db) as door:
            moved += sum(_move(door, order, found, policy, now, True) for order in wrong[start : start + CHUNK])
    return moved


def keep_honest(db: Database, order: Order, policy: Policy, now: datetime) -> Order:
    """An order placed or approved while a closing stands is promised past it at once; nothing needs telling then."""
    found = closings(db, now)
    if found and _moved(order, found, policy, now):
        with writing(db) as door:
            _move(door, order, found, policy, now, False)
    return order_of(_row(db, order.id)) if found else order


def _row(db: Database, order_id: int) -> Row:
    row = db.one(f"SELECT {COLUMNS} FROM orders WHERE id = :id", id=order_id)
    assert row is not None, "its id was read"
    return row


def _waiting(db: Database, now: datetime) -> list[Order]:
    states = ", ".join(f"'{state}'" for state in WAITING)
    rows = db.all(
        f"SELECT {COLUMNS} FROM orders WHERE state IN ({states}) AND promised_at >= :now ORDER BY id", now=stamp(now)
    )
    return [order_of(row) for row in rows]


def _promises(order: Order) -> dict[str, tuple[datetime, int | None]]:
    """What the order still waits for: the moment, and the point that must be open for it (None: the library)."""
    if order.state is S.IN_REVIEW:
        return {"review": (order.review_by or order.promised_at, None)}
    made: dict[str, tuple[datetime, int | None]] = {"ready": (order.promised_at, order.point_id)}
    if order.pack_by and order.state is not S.PACKED:
        made["pack"] = (order.pack_by, None)
    return made


def _moved(order: Order, found: list[Closed], policy: Policy, now: datetime) -> dict[str, datetime]:
    """The promises that move, with their new moments; none where no closing covers one. Packed never after ready."""
    standing = _promises(order)
    new = {name: past(found, point, moment, policy) for name, (moment, point) in standing.items() if moment >= now}
    if all(moment == standing[name][0] for name, moment in new.items()):
        return {}
    if "pack" in new and "ready" in new:
        new["ready"] = max(new["ready"], new["pack"])
    return {name: moment for name, moment in new.items() if moment != standing[name][0]}


def _move(db: Database, order: Order, found: list[Closed], policy: Policy, now: datetime, tell: bool) -> bool:
    new = _moved(order, found, policy, now)
    before = {name: moment for name, (moment, _) in _promises(order).items()}
    if not _set(db, order, before, new):
        return False
    cause = max(one.id for one in found if any(one.covers(order.point_id, library_day(before[name])) for name in new))
    for name, after in new.items():
        db.run(
            "INSERT INTO moved_promises (special_id, order_id, promise, before_at, after_at) "
            "VALUES (:s, :o, :name, :before, :after) ON CONFLICT DO NOTHING",
            s=cause, o=order.id, name=name, before=stamp(before[name]), after=stamp(after),
        )  # fmt: skip
    if tell:
        _tell(db, order, new, cause, "moved", policy, now)
    return True


def _set(db: Database, order: Order, before: dict[str, datetime], new: dict[str, datetime]) -> bool:
    """The new moments, unless the order has moved on or one of them is not any more the one that was read."""
    columns = {COLUMN[name]: stamp(moment) for name, moment in new.items()}
    if "review" in new:
        columns["promised_at"] = stamp(new["review"])
    marks = ", ".join(f"{column} = :{column}" for column in columns)
    same = " AND ".join(f"{COLUMN[name]} = :was_{name}" for name in new)
    was = {f"was_{name}": stamp(before[name]) for name in new}
    return db.run(
        f"UPDATE orders SET {marks} WHERE id = :o AND state = :state AND {same}",
        o=order.id, state=order.state, **columns, **was,
    ) == 1  # fmt: skip


def _tell(
    db: Database, order: Order, new: dict[str, datetime], special_id: int, step: str, policy: Policy, now: datetime
) -> None:
    """What the reader waits for: an answer, or the books; how it is packed is our own affair."""
    after = new.get("review") or new.get("ready")
    if after is not None:
        due = notices.outside_quiet_hours(now, policy)
        notices.record(
            db, order.reader_id, "date_moved", f"promise:{order.id}@{library_day(after)}", f"{step}-{special_id}",
            now, due, kind="promise", id=order.id, special=special_id, after=stamp(after), step=step,
        )  # fmt: skip


# ---- moving back -----------------------------------------------------------------------------------------------------


def take_back(db: Database, special_id: int, policy: Policy, now: datetime) -> int:
    """Open after all: promises go back to what they were, but never before an order placed now would be promised.

    Returns how many orders it touched. A promise changed since stays.
    """
    rows = db.all(
        "SELECT order_id, promise, before_at, after_at FROM moved_promises WHERE special_id = :s AND moved_back = 0 "
        "ORDER BY order_id",
        s=special_id,
    )
    found, back = closings(db, now), 0
    for order_id, group in groupby(rows, key=lambda row: int(row["order_id"])):
        with writing(db) as door:
            back += _move_back(door, special_id, order_of(_row(door, order_id)), list(group), found, policy, now)
    return back


def _move_back(
    db: Database, special_id: int, order: Order, rows: list[Row], found: list[Closed], policy: Policy, now: datetime
) -> bool:
    standing, soonest = _promises(order), _soonest(order, found, policy, now)
    new, old = {}, {}
    for row in rows:
        moment, point = standing.get(row["promise"], (None, None))
        target = max(past(found, point, parse_stamp(row["before_at"]), policy), soonest[row["promise"]])
        if moment == parse_stamp(row["after_at"]) and target < moment:
            new[row["promise"]], old[row["promise"]] = target, moment
    if "ready" in new and "pack" in standing:
        new["ready"] = max(new["ready"], new.get("pack", standing["pack"][0]))
        new = {name: target for name, target in new.items() if target < old[name]}
    if order.state not in WAITING or not new or not _set(db, order, old, new):
        return False
    for name in new:
        db.run(
            "UPDATE moved_promises SET moved_back = 1 WHERE special_id = :s AND order_id = :o AND promise = :name",
            s=special_id, o=order.id, name=name,
        )  # fmt: skip
    _tell(db, order, new, special_id, "back", policy, now)
    return True


def _soonest(order: Order, found: list[Closed], policy: Policy, now: datetime) -> dict[str, datetime]:
    pack, ready = made_now(found, order.point_id, policy, now)
    return {"review": past(found, None, desk.review_by(policy, now), policy), "pack": pack, "ready": ready}
