"""The library's own promises: answered by, packed by, ready by. Kept or broken in sight; a broken one pays (D-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lending import credit, desk, notices
from lending.database import Database, Row, writing
from lending.model import OrderState, library_day, parse_stamp, stamp
from lending.order_records import OPEN, Order, history
from lending.policy import Policy

S = OrderState


class Kind(NamedTuple):
    """Where the moment stands, in which states the reader still waits for it, and which states keep it."""

    column: str
    waiting: tuple[OrderState, ...]
    met: tuple[OrderState, ...]

    @property
    def passed(self) -> str:
        """The condition under which it is broken; an order made before there were promises has no pack_by."""
        states = ", ".join(f"'{state}'" for state in self.waiting)
        return f"state IN ({states}) AND {self.column} < :now AND COALESCE(review_by, pack_by) IS NOT NULL"


PROMISES = {
    "review": Kind("review_by", (S.IN_REVIEW,), (S.APPROVED, S.REFUSED)),
    "pack": Kind("pack_by", (S.APPROVED, S.PICKING), (S.PACKED,)),
    "ready": Kind("promised_at", (S.APPROVED, S.PICKING, S.PACKED), (S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of an order. Neither met nor broken: it still runs, or the order ended before its time."""

    name: str
    by: datetime
    met_at: datetime | None
    broken: bool
    points: int = 0  # what a broken one gave the reader
    waived_fen: int = 0


def pack_by(policy: Policy, now: datetime, ready: datetime) -> datetime:
    """When an order approved now is promised to be packed: never later than it is to be ready."""
    return min(desk.within(policy.desk, policy.promise.pack_hours, now, policy.calendar), ready)


def is_broken(db: Database, order_id: int, name: str) -> bool:
    """Whether this promise of the order is noted as broken."""
    return bool(db.value("SELECT 1 FROM broken_promises WHERE order_id = :o AND promise = :n", o=order_id, n=name))


def of_order(db: Database, order: Order) -> list[Promise]:
    """Everything promised with this order so far, in the order of time; when it has ended, what was kept or broken."""
    asked = "SELECT promise, points, waived_fen FROM broken_promises WHERE order_id = :o"
    broken = {row["promise"]: row for row in db.all(asked, o=order.id)}
    reached = _reached(history(db, order.id))
    ready = order.promised_at if order.pack_by else None
    by = {"review": order.review_by, "pack": order.pack_by, "ready": ready}
    made = [_promise(name, moment, reached, broken.get(name)) for name, moment in by.items() if moment]
    return made if order.state in OPEN else [one for one in made if one.met_at or one.broken]


def _reached(events: list[Row]) -> dict[str, datetime]:
    """When each state was first reached; what was taken back (B2-20) or is looked at again does not count."""
    reached: dict[str, datetime] = {}
    for event in events:
        if event["state"] == S.IN_REVIEW:
            reached.clear()
        if event["state"] == S.PICKING:
            reached.pop(S.PACKED, None)
        if event["state"] == S.PACKED:
            for state in PROMISES["ready"].met:
                reached.pop(state, None)
        reached.setdefault(event["state"], parse_stamp(event["at"]))
    return reached


def _promise(name: str, by: datetime, reached: dict[str, datetime], broken: Row | None) -> Promise:
    met = min((reached[state] for state in PROMISES[name].met if state in reached), default=None)
    late = broken is not None or (met is not None and met > by)
    gift = (broken["points"], broken["waived_fen"]) if broken else (0, 0)
    return Promise(name, by, None if late else met, late, *gift)


def notice_broken(db: Database, policy: Policy, now: datetime) -> int:
    """Every promise whose time has passed is noted, paid for and told, once; returns how many are new."""
    found = 0
    for name, kind in PROMISES.items():
        noted = "SELECT 1 FROM broken_promises b WHERE b.order_id = orders.id AND b.promise = :name"
        rows = db.all(f"SELECT id FROM orders WHERE {kind.passed} AND NOT EXISTS ({noted})", now=stamp(now), name=name)
        for row in rows:
            with writing(db) as door:
                found += _break(door, row["id"], name, policy, now)
    return found


def say_again(db: Database, policy: Policy, now: datetime) -> int:
    """Who still waits for an answer or for books some days after a broken promise hears again, the furthest step alone.

    Returns how many are new.
    """
    since: list[Row] = []
    for name in ("review", "ready"):  # an order is late by one of them; how it is packed is our own affair
        kind = PROMISES[name]
        noted = "SELECT noticed_at FROM broken_promises b WHERE b.order_id = orders.id AND b.promise = :name"
        since += db.all(
            f"SELECT id, number, reader_id, {kind.column} AS due, ({noted}) AS told FROM orders "
            f"WHERE {kind.passed} AND EXISTS ({noted})",
            now=stamp(now), name=name,
        )  # fmt: skip
    reached = [(row, _furthest(row, policy, now)) for row in since]
    fresh = [(row, days) for row, days in reached if days and not _spoken_of(db, row, days)]
    if not fresh:
        return 0
    due = notices.outside_quiet_hours(now, policy)
    with writing(db) as door:
        return sum(
            notices.record(
                door, row["reader_id"], "still_late", f"order:{row['number']}", f"late-{days}", now, due,
                order=row["number"], since=row["due"],
            )
            for row, days in fresh
        )  # fmt: skip


def _furthest(row: Row, policy: Policy, now: datetime) -> int:
    """A step that had passed when the first word of it was said, after an outage, is in that word (B2-5)."""
    due, told = library_day(parse_stamp(row["due"])), library_day(parse_stamp(row["told"]))
    late, said = (library_day(now) - due).days, (told - due).days
    return max((days for days in policy.promise.late_again_days if said < days <= late), default=0)


def _spoken_of(db: Database, row: Row, days: int) -> bool:
    asked = "SELECT 1 FROM notices WHERE reader_id = :r AND event = 'still_late' AND object = :o AND step = :s"
    return bool(db.value(asked, r=row["reader_id"], o=f"order:{row['number']}", s=f"late-{days}"))


def settle(db: Database, order_id: int, policy: Policy, now: datetime) -> None:
    """Before the order moves on: what is late at this moment stays known as late. Call in `writing`."""
    for name in PROMISES:
        _break(db, order_id, name, policy, now)


def _break(db: Database, order_id: int, name: str, policy: Policy, now: datetime) -> bool:
    kind = PROMISES[name]
    noted = db.run(
        "INSERT INTO broken_promises (order_id, promise, promised_at, noticed_at) "
        f"SELECT id, :name, {kind.column}, :now FROM orders WHERE id = :o AND {kind.passed} "
        "ON CONFLICT (order_id, promise) DO NOTHING",
        o=order_id, name=name, now=stamp(now),
    )  # fmt: skip
    if noted:
        _pay(db, order_id, name, policy, now)
    return bool(noted)


def _pay(db: Database, order_id: int, name: str, policy: Policy, now: datetime) -> None:
    """What the pack gives for it: points, and the fee of an order that is not ready in time."""
    order = db.one("SELECT number, reader_id, fee_fen FROM orders WHERE id = :o", o=order_id)
    assert order is not None, "noted in this transaction"
    obj = f"order:{order['number']}"
    points = credit.post(db, order["reader_id"], "promise_broken", f"{obj}:{name}", policy, now)
    waived = order["fee_fen"] if name == "ready" and policy.promise.waive_fee_when_late else 0
    if waived:
        db.run("UPDATE orders SET covered_fen = covered_fen + fee_fen, fee_fen = 0 WHERE id = :o", o=order_id)
    db.run(
        "UPDATE broken_promises SET points = :points, waived_fen = :waived WHERE order_id = :o AND promise = :name",
        points=points, waived=waived, o=order_id, name=name,
    )  # fmt: skip
    due = notices.outside_quiet_hours(now, policy)
    facts = {"order": order["number"], "points": points, "waived": waived}
    notices.record(db, order["reader_id"], "promise_broken", obj, name, now, due, **facts)
