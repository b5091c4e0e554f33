"""What a step of an order brings with it: copies, boxes, parcels and loans. The steps stand in orders.py."""

from __future__ import annotations

import secrets
from datetime import datetime

from lending import calendar, desk, holds, loans, lockers
from lending.database import Database
from lending.model import OrderState, parse_stamp, stamp
from lending.order_records import Order, books, history, quote
from lending.policy import Policy

S = OrderState


def _move_copies(db: Database, order: Order, state: str) -> None:
    db.run(
        f"UPDATE copies SET state = '{state}', hold_id = NULL WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        o=order.id,
    )


def promise_anew(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """A person has answered in time or not; from now on the promise is that the books are ready (A1-16)."""
    ready = stamp(desk.ready_by(policy, now))
    db.run("UPDATE orders SET promised_at = :ready WHERE id = :o", ready=ready, o=order.id)


def ship(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Handed to the courier, in as many parcels as cost least."""
    _move_copies(db, order, "in_transit")
    for _ in quote(policy, order.fulfilment, order.zone, len(books(db, order.id))).parcels:
        db.run(
            "INSERT INTO parcels (order_id, courier, tracking, state, changed_at) "
            "VALUES (:o, 'library', :tracking, 'collected', :now)",
            o=order.id, tracking=f"YX{secrets.randbelow(10**10):010d}", now=stamp(now),
        )  # fmt: skip


def load(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The locker's door has closed on the books."""
    lockers.fill(db, order.id)
    _wait_for_reader(db, order, lockers.new_code(db), policy, now)


def shelve(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books stand on the pick-up shelf of the branch."""
    _wait_for_reader(db, order, order.number[-4:], policy, now)


def _wait_for_reader(db: Database, order: Order, code: str, policy: Policy, now: datetime) -> None:
    _move_copies(db, order, "awaiting")
    until = calendar.shelf_end(db, policy, order.point_id, now, policy.promise.pickup_days)
    db.run(
        "UPDATE orders SET pickup_code = :code, pickup_until = :until WHERE id = :o",
        code=code, until=stamp(until), o=order.id,
    )  # fmt: skip


def hand_over(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books are in the reader's hands: the loans start, at the moment the policy names (B4)."""
    lockers.free(db, order.id)
    loans.start(db, order.id, order.reader_id, _loan_start(db, order, policy, now), policy, now)
    db.run("UPDATE order_items SET open = 0 WHERE order_id = :o", o=order.id)
    db.run("UPDATE parcels SET state = 'signed', changed_at = :now WHERE order_id = :o", o=order.id, now=stamp(now))


def _loan_start(db: Database, order: Order, policy: Policy, now: datetime) -> datetime:
    if policy.lending.loan_starts == "order":
        return order.placed_at
    if policy.lending.loan_starts == "shipped":
        sent = [row["at"] for row in history(db, order.id) if row["state"] in (S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)]
        return parse_stamp(sent[0]) if sent else now
    return now


def let_go(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books stay in the library: box free, copies to whoever waits or back to the shelf."""
    lockers.free(db, order.id)
    freed = db.all(
        "UPDATE order_items SET open = 0 WHERE order_id = :o AND open = 1 RETURNING copy_id, title_id", o=order.id
    )
    for item in freed:
        holds.release_copy(db, item["copy_id"], item["title_id"], policy, now)
