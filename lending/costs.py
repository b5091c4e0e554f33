"""快递费: what readers and each funder paid for the delivery of a period's orders, to the last fen (A2-5, A4-9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lending.database import Database
from lending.reports import WITHIN, Period

KEPT = "o.state NOT IN ('cancelled', 'refused')"
SENT = (  # whatever came of it: a parcel that came back, or was lost, was carried all the same
    f"({KEPT} OR EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = o.id AND e.state = 'shipped'))"
)
DELIVERED = "o.fulfilment = 'delivery'"
FREE = "(o.free_fen + (SELECT COALESCE(SUM(a.free_fen), 0) FROM order_additions a WHERE a.order_id = o.id))"


class Share(NamedTuple):
    """What one of them paid, of how many orders. `funder` is '' for the library itself."""

    funder: str
    orders: int
    fen: int


@dataclass(frozen=True, slots=True)
class Costs:
    """Of the orders placed in a period and not called off before they left: how many, and who paid what.

    The shares add up to all.
    """

    orders: int
    readers: Share
    funders: list[Share]
    called_off: int

    @property
    def fen(self) -> int:
        """All of it."""
        return self.readers.fen + sum(share.fen for share in self.funders)


def of_order(db: Database, order_id: int) -> Share:
    """What somebody beside the reader and the day's money pays of one order."""
    row = db.one("SELECT funder, 1 AS orders, covered_fen AS fen FROM orders WHERE id = :o", o=order_id)
    assert row is not None
    return Share(**row)


def called_off(db: Database, order_id: int) -> bool:
    """Whether it ended before it left: nobody pays for it, whatever had been agreed."""
    return bool(db.value(f"SELECT 1 FROM orders o WHERE o.id = :o AND NOT {SENT}", o=order_id))


def of_period(db: Database, period: Period) -> Costs:
    """By the day an order was placed, as things stand now: one called off before it leaves costs nobody anything."""
    placed = f"FROM orders o WHERE {WITHIN.format('o.placed_at')} AND {SENT} AND {DELIVERED}"
    paid = db.one(
        "SELECT COUNT(*) AS orders, COUNT(CASE WHEN o.fee_fen > 0 THEN 1 END) AS readers, "
        f"COALESCE(SUM(o.fee_fen), 0) AS fen {placed}",
        **period.values(),
    )
    assert paid is not None
    rows = db.all(
        "SELECT funder, COUNT(DISTINCT id) AS orders, SUM(fen) AS fen FROM ("
        f"SELECT o.id, o.funder, o.covered_fen AS fen {placed} UNION ALL "
        f"SELECT o.id, o.free_funder AS funder, {FREE} AS fen {placed} UNION ALL "
        f"SELECT o.id, '' AS funder, o.lost_fen AS fen {placed}) AS paid "
        "WHERE fen > 0 GROUP BY funder ORDER BY funder",
        **period.values(),
    )
    called_off = db.value(
        f"SELECT COUNT(*) FROM orders o WHERE {WITHIN.format('o.placed_at')} AND {DELIVERED} "
        f"AND NOT {SENT}",
        **period.values(),
    )
    return Costs(paid["orders"], Share("", paid["readers"], paid["fen"]), [Share(**row) for row in rows], called_off)
