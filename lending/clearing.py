"""What lies where it does not belong any more: books of orders that ended, copies on hold or pick-up shelf or table.

What becomes of a copy is decided at once; this only tells whoever has it in their hands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lending.catalogue import STANDS_AT
from lending.database import Database, Row, writing
from lending.errors import CannotChange
from lending.model import OrderState
from lending.order_records import COLUMNS, Order, by_number, history, order_of

S = OrderState
UNTOUCHED = (S.IN_REVIEW, S.APPROVED)  # its books stand where they stood, unless books that joined it sent it back
READY = (S.PICKING, S.PACKED, S.AT_COUNTER)  # on the table or the pick-up shelf; a locker's are listed there


def begin(db: Database, order_id: int) -> str:
    """The order ends here; where its books have been fetched, somebody is to put them back. Call in `writing`.

    Returns the state it was in.
    """
    states = [row["state"] for row in history(db, order_id) if row["state"] in list(S)]
    before = states[-2] if len(states) > 1 else ""
    if before in UNTOUCHED and fetched(db, order_id):
        before = S.PICKING
    if before in READY:
        inside = "SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1"
        db.run(f"UPDATE orders SET to_clear = 1 WHERE id = :o AND EXISTS ({inside})", o=order_id)
        db.run(f"UPDATE copies SET aside = '' WHERE aside <> '' AND id IN ({inside})", o=order_id)
    return str(before)


def fetched(db: Database, order_id: int) -> bool:
    """Whether somebody has begun to take its books from their places, also where it is being looked at anew since."""
    return any(row["state"] in READY for row in history(db, order_id))


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


def list_singly(db: Database, items: str, **values: object) -> None:
    """Before `items` of orders (i) are cut from their readers: what is still to be put back is listed copy by copy.

    Call in `writing`.
    """
    mine = "FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.to_clear = 1"
    for row in db.all(f"SELECT DISTINCT o.id {mine} AND {items}", **values):
        db.run(
            "UPDATE copies SET aside = :lies WHERE aside = '' AND state IN ('available', 'reserved') "
            f"AND id IN (SELECT i.copy_id {mine} AND o.id = :order AND {items} AND i.ended_as = '')",
            lies="pickup_shelf" if _came_to(db, row["id"]) == S.AT_COUNTER else "picked", order=row["id"], **values,
        )  # fmt: skip
    cut = f"SELECT i.order_id FROM order_items i WHERE {items}"
    db.run(f"UPDATE orders SET to_clear = 0 WHERE to_clear = 1 AND id IN ({cut})", **values)


# ---- copies that lie on the hold shelf, or on the table of an order that goes without them ---------------------------


@dataclass(frozen=True, slots=True)
class Aside:
    """A copy to be put in its place; `lies` is 'hold_shelf', 'picked', 'pickup_shelf', or still its 'shelf'."""

    id: int
    barcode: str
    title: str
    call_number: str
    shelf: str
    point_id: int
    lies: str


KEPT = "c.state = 'reserved' AND c.hold_id IS NOT NULL"  # of copies c: for somebody who waits
OUT_OF_PLACE = (  # of copies c; whoever has been served since is served from where it lies
    "c.id IN (SELECT id FROM copies WHERE aside <> '' UNION SELECT id FROM copies WHERE to_fetch = 1) AND "
    f"((c.aside <> '' AND (c.state = 'available' OR (c.aside IN ('picked', 'pickup_shelf') AND {KEPT}))) "
    f"OR (c.to_fetch = 1 AND {KEPT}))"
)
MOST = 200


def lay_aside(db: Database, copy_id: int, lies: str) -> None:
    """It lies there from now on, until somebody puts it back, lends it or scans it. Call in `writing`."""
    db.run("UPDATE copies SET aside = :lies WHERE id = :c", lies=lies, c=copy_id)


def seen(db: Database, copy_id: int) -> None:
    """Somebody has it in hand, and is told where it goes. Call in `writing`."""
    db.run("UPDATE copies SET aside = '', to_fetch = 0 WHERE id = :c AND (aside <> '' OR to_fetch = 1)", c=copy_id)


def out_of_place(db: Database, limit: int = MOST) -> list[Aside]:
    """Copies to be put in their places, branch by branch as one comes past the shelves."""
    rows: list[Row] = db.all(
        f"SELECT c.id, c.barcode, t.title, c.call_number, {STANDS_AT} AS shelf, c.point_id, "
        "CASE WHEN c.to_fetch = 1 THEN 'shelf' ELSE c.aside END AS lies "
        f"FROM copies c JOIN titles t ON t.id = c.title_id WHERE {OUT_OF_PLACE} "
        "ORDER BY c.point_id, lies, shelf, c.call_number, c.id LIMIT :n",
        n=limit,
    )  # fmt: skip
    return [Aside(**row) for row in rows]


def put_back(db: Database, copy_ids: Iterable[int]) -> int:
    """These stand in their places; returns how many somebody had not said so of already."""
    with writing(db) as db:
        return sum(
            db.run(f"UPDATE copies AS c SET aside = '', to_fetch = 0 WHERE id = :c AND {OUT_OF_PLACE}", c=one)
            for one in copy_ids
        )
