"""One step of an order on a partner's word; the same word twice moves nothing."""

from __future__ import annotations

from datetime import datetime

from lending import orders
from lending.database import Database, writing
from lending.errors import CannotChange
from lending.policy import Policy


def move(db: Database, number: str, step: str, actor: str, policy: Policy, now: datetime) -> bool:
    """Take the step; False when the order took it before. Raises UnknownThing, CannotChange."""
    wanted = orders.STEPS[step]
    with writing(db) as db:
        order = orders.by_number(db, number)
        if order.state not in wanted.before and _has_been(db, order.id, wanted.after):
            return False
        if order.state not in wanted.before:
            raise CannotChange("order", order.number, order.state)
        orders.advance(db, order.id, step, actor, policy, now)
    return True


def _has_been(db: Database, order_id: int, state: str) -> bool:
    return any(row["state"] == state for row in orders.history(db, order_id))
