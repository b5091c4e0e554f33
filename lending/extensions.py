"""多留几天: books that wait for a reader are kept some days longer, once, unless others wait for them (D 29, D 39)."""

from __future__ import annotations

from datetime import datetime

from lending import calendar, holds, order_records
from lending.database import Database, writing
from lending.errors import LendingError, fact
from lending.holds import Hold
from lending.model import OrderState, stamp
from lending.order_records import DOOR_SHUT, Order
from lending.policy import Policy

WAITING = (OrderState.IN_LOCKER, OrderState.AT_COUNTER)
WHY_NOT = ("never", "over", "door", "once", "waited_for")  # the rules, too late, time stands still, done, others wait


@fact
class NotKeptLonger(LendingError):
    """`why` is one of WHY_NOT; `until` is until when the books are kept as it is, None where no day can be named."""

    why: str
    until: datetime | None


OF_ORDER = (
    f"SELECT o.extended_at IS NOT NULL AS once, {DOOR_SHUT} AS door, EXISTS (SELECT 1 FROM order_items i "
    "JOIN holds h ON h.title_id = i.title_id AND h.state = 'waiting' AND h.rests_until IS NULL "
    "AND h.reader_id <> o.reader_id WHERE i.order_id = o.id AND i.open = 1) AS waited_for FROM orders o WHERE o.id = :o"
)
OF_HOLD = (
    "SELECT h.extended_at IS NOT NULL AS once, 0 AS door, EXISTS (SELECT 1 FROM holds w WHERE w.title_id = h.title_id "
    "AND w.state = 'waiting' AND w.rests_until IS NULL) AS waited_for, COALESCE(h.point_id, c.point_id) AS point_id "
    "FROM holds h LEFT JOIN copies c ON c.hold_id = h.id WHERE h.id = :h"
)


def why_no_order(db: Database, order: Order, policy: Policy, now: datetime) -> str:
    """Why an order is not kept longer, '' when it is."""
    if not policy.promise.extend_days:
        return "never"
    if order.state not in WAITING or order.pickup_until is None or order.pickup_until < now:
        return "over"
    row = db.one(OF_ORDER, o=order.id)
    return next((why for why in ("door", "once", "waited_for") if row and row[why]), "")


def why_no_hold(db: Database, hold: Hold, policy: Policy, now: datetime) -> str:
    """Why a copy kept for whoever waited is not kept longer, '' when it is."""
    if not policy.promise.extend_days:
        return "never"
    if hold.state != "ready" or hold.ready_until is None or hold.ready_until < now:
        return "over"
    row = db.one(OF_HOLD, h=hold.id)
    return next((why for why in ("once", "waited_for") if row and row[why]), "")


def keep_order(db: Database, number: str, reader_id: int | None, policy: Policy, now: datetime) -> datetime:
    """The new last moment to fetch the order; a librarian asks for any reader's. Raises UnknownThing, NotKeptLonger."""
    with writing(db) as db:
        order = order_records.by_number(db, number, reader_id)
        if why := why_no_order(db, order, policy, now):
            raise NotKeptLonger(why, None if why in ("door", "over") else order.pickup_until)
        assert order.pickup_until is not None
        until = calendar.shelf_end(db, policy, order.point_id, order.pickup_until, policy.promise.extend_days)
        changed = db.run(
            "UPDATE orders SET pickup_until = :until, extended_at = :now WHERE id = :o AND pickup_until = :before "
            "AND extended_at IS NULL",
            until=stamp(until), now=stamp(now), o=order.id, before=stamp(order.pickup_until),
        )  # fmt: skip
        assert changed == 1, "the order was read inside this transaction"
        return until


def keep_hold(db: Database, hold_id: int, reader_id: int, policy: Policy, now: datetime) -> Hold:
    """The reader's hold with its new last moment. Raises UnknownThing, NotKeptLonger."""
    with writing(db) as db:
        hold = holds.hold(db, hold_id, reader_id)
        if why := why_no_hold(db, hold, policy, now):
            raise NotKeptLonger(why, None if why == "over" else hold.ready_until)
        assert hold.ready_until is not None
        point_id = db.value(f"SELECT point_id FROM ({OF_HOLD})", h=hold.id)
        until = calendar.shelf_end(db, policy, point_id, hold.ready_until, policy.promise.extend_days)
        changed = db.run(
            "UPDATE holds SET ready_until = :until, extended_at = :now WHERE id = :h AND state = 'ready' "
            "AND ready_until = :before AND extended_at IS NULL",
            until=stamp(until), now=stamp(now), h=hold.id, before=stamp(hold.ready_until),
        )  # fmt: skip
        assert changed == 1, "the hold was read inside this transaction"
        return holds.hold(db, hold_id, reader_id)
