"""When readers hear that their books are ready: at once from a locker's door, a little later from a person (B2-20)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from lending import lockers, notices
from lending.database import Database
from lending.errors import CannotChange
from lending.order_records import Order
from lending.policy import Policy

UNDO = {"unload": "load", "unshelve": "shelve"}  # a step back, and the step after which a reader may come
UNTOLD = (*UNDO, "unpack")  # steps back, which are the library's own affair
BY_HAND = "staff:"  # how an actor's name begins who may have pressed too early; machines report what has happened


def told_at(actor: str, step: str, policy: Policy, now: datetime) -> datetime:
    """When the reader is told of this step."""
    if actor == "rule":
        return notices.outside_quiet_hours(now, policy)
    by_hand = actor.startswith(BY_HAND) and step in UNDO.values()
    return now + timedelta(minutes=policy.promise.tell_ready_minutes) if by_hand else now


def door_closed(db: Database, order: Order, now: datetime) -> None:
    """The locker says itself that the books are in it: nothing is left to wait for. Call in `writing`."""
    notices.hasten(db, order.reader_id, "order_moved", f"order:{order.number}", "load", now)


def told_late(db: Database, order: Order, now: datetime) -> None:
    """The locker has said only now that its door has closed: nobody could be told before. Call in `writing`."""
    notices.put_off(db, order.reader_id, "order_moved", f"order:{order.number}", "load", now)


def take_back(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Pressed too early: packed, as before. Raises CannotChange once the reader has been told."""
    obj = f"order:{order.number}"
    if not any([notices.unsay(db, order.reader_id, "order_moved", obj, step) for step in UNDO.values()]):
        raise CannotChange("order", order.number, order.state)
    lockers.unfill(db, order.id)
    db.run(
        "UPDATE copies SET state = 'reserved' WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        o=order.id,
    )


def way_back(db: Database, order: Order, steps: Iterable[str]) -> tuple[str, datetime] | None:
    """Which of the steps takes it back, and until when it may; None when the reader has been told."""
    for name in steps:
        due = notices.waits_until(db, order.reader_id, "order_moved", f"order:{order.number}", UNDO[name])
        if due:
            return name, due
    return None
