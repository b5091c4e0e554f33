"""The library's own promises on days it is closed: moved to when it works again, told once, and moved back (D-1, B2-9).

A promise that falls on declared closed days moves to the same hour of the next day on which people work. Nothing is
broken by that: what was promised for a moment already gone stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from lending import calendar, desk, notices, promises
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
    """Those not over yet, the oldest first; none by which a point closes for good, behind which nothing is promised."""
    rows = db.all(
        "SELECT id, point_id, first_day, last_day FROM special_days WHERE hours = '' AND first_day <= last_day "
        f"AND last_day >= :today AND NOT {calendar.FOR_GOOD} ORDER BY id",
        today=str(library_day(now)),
    )
    return [
        Closed(row["id"], row["point_id"], *(date.fromisoformat(row[name]) for name in ("first_day", "last_day")))
        for row in rows
    ]


def declared(db: Database, special_id: int) -> Closed:
    """As it was declared, whatever has been taken back of it."""
    row = db.one("SELECT id, point_id, first_day, planned_last FROM special_days WHERE id = :s", s=special_id)
    assert row is not None, "its id was read"
    return Closed(row["id"], row["point_id"], *map(date.fromisoformat, (row["first_day"], row["planned_last"])))


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


def answer_by(db: Database, policy: Policy, hours: int, now: datetime) -> datetime:
    """So many hours of the desk from now, by which a person has looked: not on days declared closed."""
    return past(closings(db, now), None, desk.within(policy.desk, hours, now, policy.calendar), policy)


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
        _write(db, cause, order.id, name, before[name], after)
    if tell:
        _tell(db, order, new, cause, "moved", policy, now)
    return True


def _write(db: Database, special_id: int, order_id: int, name: str, before: datetime, after: datetime) -> None:
    """Which closing moved it; one that is taken back and moved again stands there as it is now."""
    db.run(
        "INSERT INTO moved_promises (special_id, order_id, promise, before_at, after_at) "
        "VALUES (:s, :o, :name, :before, :after) ON CONFLICT (special_id, order_id, promise, before_at) "
        "DO UPDATE SET after_at = :after, moved_back = 0",
        s=special_id, o=order_id, name=name, before=stamp(before), after=stamp(after),
    )  # fmt: skip


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


def take_back(db: Database, gone: Closed, policy: Policy, now: datetime) -> int:
    """Open after all: promises go back to what they were, but never before an order placed now would be promised.

    Where other closings stand as well, as far back as those let them. Returns how many orders it touched. A promise
    changed since stays; one whose reader has not heard of the change is what it was.
    """
    states = ", ".join(f"'{state}'" for state in WAITING)
    rows = db.all(
        "SELECT m.special_id, m.order_id, m.promise, m.before_at, m.after_at FROM moved_promises m "
        f"JOIN orders o ON o.id = m.order_id WHERE m.moved_back = 0 AND o.state IN ({states}) ORDER BY m.order_id"
    )
    found, back = closings(db, now), 0
    for order_id, group in groupby(rows, key=lambda row: int(row["order_id"])):
        with writing(db) as door:
            back += _move_back(door, gone, order_of(_row(door, order_id)), list(group), found, policy, now)
    return back


def _move_back(
    db: Database, gone: Closed, order: Order, rows: list[Row], found: list[Closed], policy: Policy, now: datetime
) -> bool:
    standing, soonest = _promises(order), _soonest(order, found, policy, now)
    chains = {name: _chain(rows, name, moment) for name, (moment, _) in standing.items()}
    if not any(_concerns(gone, standing[name][1], chain) for name, chain in chains.items()):
        return False
    unheard = _unheard(db, order, chains)
    new = {}
    for name, chain in chains.items():
        moment, point = standing[name]
        if chain and unheard and _first(chain) > now:
            soonest[name] = _first(chain)
        if chain and (target := max(past(found, point, _first(chain), policy), soonest[name])) < moment:
            new[name] = target
    if "ready" in new and "pack" in standing:
        new["ready"] = max(new["ready"], new.get("pack", standing["pack"][0]))
        new = {name: target for name, target in new.items() if target < standing[name][0]}
    old = {name: moment for name, (moment, _) in standing.items()}
    if order.state not in WAITING or not new or not _set(db, order, old, new):
        return False
    for name, target in new.items():
        _undo(db, order.id, chains[name])
        first, point = _first(chains[name]), standing[name][1]
        if still := [one.id for one in found if one.covers(point, library_day(first))]:
            _write(db, max(still), order.id, name, first, target)
    for about in unheard if "ready" in new or "review" in new else ():
        notices.unsay(db, order.reader_id, "date_moved", *about)
    if not unheard or any(target != _first(chains[name]) for name, target in new.items()):
        _tell(db, order, new, gone.id, "back", policy, now)
    return True


def _unheard(db: Database, order: Order, chains: dict[str, list[Row]]) -> list[tuple[str, str]]:
    """The words of every move of what its reader waits for (object and step), where none of them has been said yet."""
    chain = chains.get("review") or chains.get("ready") or []
    moves = [
        (f"promise:{order.id}@{library_day(parse_stamp(row['after_at']))}", f"moved-{row['special_id']}")
        for row in chain
    ]
    untold = all(notices.waits_until(db, order.reader_id, "date_moved", *about) for about in moves)
    return moves if untold else []


def _chain(rows: list[Row], name: str, moment: datetime) -> list[Row]:
    """The moves by which a promise has come to this moment, the last first; several closings may have moved it."""
    by_end = {row["after_at"]: row for row in rows if row["promise"] == name}
    chain, end = [], stamp(moment)
    while end in by_end:
        chain.append(by_end.pop(end))
        end = chain[-1]["before_at"]
    return chain


def _first(chain: list[Row]) -> datetime:
    """What was promised before any closing."""
    return parse_stamp(chain[-1]["before_at"])


def _concerns(gone: Closed, point_id: int | None, chain: list[Row]) -> bool:
    """Whether it moved the promise, or closes a day that the promise was moved over."""
    if not chain or any(row["special_id"] == gone.id for row in chain):
        return bool(chain)
    over = gone.first <= library_day(parse_stamp(chain[0]["after_at"])) and gone.last >= library_day(_first(chain))
    return over and gone.point_id in (None, point_id)


def _undo(db: Database, order_id: int, chain: list[Row]) -> None:
    for row in chain:
        db.run(
            "UPDATE moved_promises SET moved_back = 1 WHERE special_id = :s AND order_id = :o AND promise = :name "
            "AND before_at = :before",
            s=row["special_id"], o=order_id, name=row["promise"], before=row["before_at"],
        )  # fmt: skip


def _soonest(order: Order, found: list[Closed], policy: Policy, now: datetime) -> dict[str, datetime]:
    pack, ready = made_now(found, order.point_id, policy, now)
    return {"review": past(found, None, desk.review_by(policy, now), policy), "pack": pack, "ready": ready}
