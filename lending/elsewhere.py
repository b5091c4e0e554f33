"""An order whose pick-up point closes for good goes to another one, until its books have been put there (B2-9)."""

from __future__ import annotations

from datetime import datetime

from lending import (
    appointments,
    calendar,
    decisions,
    lockers,
    moved_promises,
    notices,
    order_records,
    orders,
    points,
    promises,
)
from lending.database import Database, writing
from lending.errors import CannotChange, NotAllowed
from lending.model import Fulfilment, OrderState, library_day, stamp
from lending.orders import Order
from lending.points import Point
from lending.policy import Policy

S = OrderState
UNPLACED = (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED)  # its books have not been put anywhere for its reader


def may_move(db: Database, order: Order, now: datetime) -> bool:
    """Whether the point it goes to closes for good, and its books are not there yet."""
    return order.state in UNPLACED and order.point_id in calendar.closing_for_good(db, library_day(now))


def places(db: Database, order: Order, policy: Policy, now: datetime) -> list[Point]:
    """Where it may go: counters, and lockers with room that ask its reader for nothing more."""
    room = {one["id"] for one in lockers.with_room(db, len(orders.books(db, order.id)))}
    gone = calendar.closing_for_good(db, library_day(now))
    return [
        point for point in points.points(db)
        if point.id not in gone and (point.kind == "branch" or point.id in room)
        and decisions.at_point(db, decisions.Decision(()), order.reader_id, point.id, policy, now).allowed
    ]  # fmt: skip


def move(
    db: Database, number: str, point_id: int, actor: str, policy: Policy, now: datetime, reader_id: int | None = None
) -> Order:  # fmt: skip
    """To that point; promised as an order placed now, never sooner than before. Told where the reader did not do it.

    The same point again changes nothing. Raises UnknownThing, NotAllowed for a point that will not do, LockerFull, and
    CannotChange where its own point stays open or its books stand there already.
    """
    with writing(db) as db:
        order, point = orders.by_number(db, number, reader_id), points.point(db, point_id)
        if order.point_id == point_id and order.state in UNPLACED:
            return order
        if not may_move(db, order, now):
            raise CannotChange("order", number, order.state)
        _refuse(db, order, point, policy, now)
        promises.settle(db, order.id, policy, now)
        way = Fulfilment.LOCKER if point.kind == "locker" else Fulfilment.COUNTER
        ready = order.promised_at
        if order.state is not S.IN_REVIEW:  # what is promised there is an answer, which no point has to do with
            ready = max(ready, moved_promises.made_now(moved_promises.closings(db, now), point_id, policy, now)[1])
        changed = db.run(
            "UPDATE orders SET point_id = :p, fulfilment = :way, promised_at = :ready "
            "WHERE id = :o AND state = :state AND point_id = :before",
            p=point_id, way=way, ready=stamp(ready), o=order.id, state=order.state, before=order.point_id,
        )  # fmt: skip
        assert changed == 1, "the order was read inside this transaction"
        appointments.drop(db, order.id, now)
        lockers.leave(db, order.id)
        if way is Fulfilment.LOCKER:
            lockers.reserve(db, point_id, order.id, len(orders.books(db, order.id)))
        order_records.write_down(db, order.id, "elsewhere", actor, point.name, now)
        if reader_id is None:
            notices.record(
                db, order.reader_id, "order_elsewhere", f"order:{number}", f"{point_id}@{stamp(now)}", now,
                notices.outside_quiet_hours(now, policy), order=number, point=point_id,
            )  # fmt: skip
        return orders.by_number(db, number)


def _refuse(db: Database, order: Order, point: Point, policy: Policy, now: datetime) -> None:
    decision = decisions.at_point(db, decisions.Decision(()), order.reader_id, point.id, policy, now)
    if point.id in calendar.closing_for_good(db, library_day(now)):
        decision = decisions.point_gone(decision)
    if not decision.allowed:
        raise NotAllowed(decision)
