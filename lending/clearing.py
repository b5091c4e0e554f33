"""Orders that ended when their books had been fetched already: parcels to open, the pick-up shelf to clear.

What becomes of a copy is decided at once; this only tells whoever has it in their hands.
"""

from __future__ import annotations

from lending.database import Database, writing
from lending.errors import CannotChange
from lending.model import OrderState
from lending.order_records import COLUMNS, Order, by_number, history, order_of

S = OrderState
READY = (S.PICKING, S.PACKED, S.AT_COUNTER)  # on the table or the pick-up shelf; a locker's are listed there


def begin(db: Database, order_id: int) -> None:
    """The order ends here; where its books have been fetched, somebody is to put them back. Call in `writing`."""
    states = [row["state"] for row in history(db, order_id) if row["state"] in list(S)]
    if len(states) > 1 and states[-2] in READY:
        db.run(
            "UPDATE orders SET to_clear = 1 WHERE id = :o "
            "AND EXISTS (SELECT 1 FROM order_items WHERE order_id = :o AND open = 1)",
            o=order_id,
        )


def waiting(db: Database) -> list[tuple[Order, OrderState]]:
    """What is to be put back, the longest waiting first, each with how far it had come."""
    rows = db.all(f"SELECT {COLUMNS} FROM orders WHERE to_clear = 1 ORDER BY changed_at, id")
    return [(order, _came_to(db, order.id)) for order in map(order_of, rows)]


def _came_to(db: Database, order_id: int) -> OrderState:
    return next(S(row["state"]) for row in reversed(history(db, order_id)) if row["state"] in READY)


def end(db: Database, number: str) -> Order:
    """All of it is back in its place. Raises UnknownThing, CannotChange where somebody has said so already."""
    with writing(db) as db:
        order = by_number(db, number)
        if not db.run("UPDATE orders SET to_clear = 0 WHERE id = :o AND to_clear = 1", o=order.id):
            raise CannotChange("order", number, order.state)
        return order
