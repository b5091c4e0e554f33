"""Boxes of the smart lockers: reserved with an order, filled, emptied. A box never serves two orders (A9, E3)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from lending.database import Database, Row
from lending.errors import LockerFull
from lending.model import stamp
from lending.policy import Policy

# A box's life (E3): free 空闲 → reserved 已预留 → filled 已投放 → free (taken 已取出), or → to_empty 待回收 → free.
# A broken box (故障) finishes what it holds, then is out_of_order until mended. Offline (离线未知) is the locker's.
IDLE = "CASE WHEN broken = 1 OR state = 'out_of_order' THEN 'out_of_order' ELSE 'free' END"
EMPTIED = f"CASE WHEN returns = 1 THEN 'to_empty' ELSE {IDLE} END"  # of the order; a returned book may lie in it
WAITING_CODE = "pickup_code = :code AND pickup_code <> '' AND state = 'in_locker'"  # of an order; as its index says it
IN_IT = " + "  # between the labels of several boxes


def reserve(db: Database, point_id: int, order_id: int, books: int) -> str:
    """Reserve the smallest free box that holds the books, or as few boxes as do; returns their labels.

    Raises LockerFull naming lockers with room.
    """
    label = db.value(
        "UPDATE boxes SET state = 'reserved', order_id = :order WHERE id = (SELECT id FROM boxes "
        "WHERE point_id = :point AND state = 'free' AND holds_books >= :books ORDER BY holds_books, id LIMIT 1) "
        "AND state = 'free' RETURNING label",
        order=order_id, point=point_id, books=books,
    )  # fmt: skip
    return str(label) if label is not None else _reserve_several(db, point_id, order_id, books)


def _reserve_several(db: Database, point_id: int, order_id: int, books: int) -> str:
    free = db.all(
        "SELECT id, label, holds_books FROM boxes WHERE point_id = :point AND state = 'free' "
        "ORDER BY holds_books DESC, id",
        point=point_id,
    )
    chosen = fewest(free, books)
    if not chosen:
        name = db.value("SELECT name FROM points WHERE id = :id", id=point_id) or ""
        raise LockerFull(name, tuple(str(room["name"]) for room in with_room(db, books) if room["id"] != point_id))
    for box in chosen:
        changed = db.run(
            "UPDATE boxes SET state = 'reserved', order_id = :order WHERE id = :id AND state = 'free'",
            order=order_id, id=box["id"],
        )  # fmt: skip
        assert changed == 1, "the boxes were read inside this transaction"
    return IN_IT.join(sorted(box["label"] for box in chosen))


def room_for(db: Database, point_id: int, order_id: int) -> int:
    """How many books this order could have in that locker: in its own boxes, and in those that are free."""
    return int(
        db.value(
            "SELECT COALESCE(SUM(holds_books), 0) FROM boxes WHERE point_id = :p AND (state = 'free' OR order_id = :o)",
            p=point_id, o=order_id,
        )
    )  # fmt: skip


def widen(db: Database, point_id: int, order_id: int, books: int) -> None:
    """Room for so many books in all: in the order's own boxes, or in others instead of them. Raises LockerFull."""
    held = db.value("SELECT COALESCE(SUM(holds_books), 0) FROM boxes WHERE order_id = :o", o=order_id)
    if held < books:
        leave(db, order_id)
        reserve(db, point_id, order_id, books)


def fewest(free: list[Row], books: int) -> list[Row]:
    """As few boxes as hold the books, the last no larger than it must be; none where they do not fit.

    `free` comes with the largest first.
    """
    chosen, left = [], books
    for box in free:
        if left <= 0:
            break
        chosen.append(box)
        left -= box["holds_books"]
    if left > 0 or not chosen:
        return []
    last = books - sum(box["holds_books"] for box in chosen[:-1])
    spare = [box for box in free if box not in chosen[:-1] and box["holds_books"] >= last]
    return [*chosen[:-1], spare[-1]]


def with_room(db: Database, books: int) -> list[Row]:
    """Lockers that can take that many books now, with their free boxes (A9-6: known before a reader is sent there)."""
    return db.all(
        "SELECT p.id, p.code, p.name, p.name_en, COUNT(b.id) AS free FROM points p JOIN boxes b ON b.point_id = p.id "
        "AND b.state = 'free' WHERE p.kind = 'locker' "
        "GROUP BY p.id, p.code, p.name, p.name_en HAVING SUM(b.holds_books) >= :books ORDER BY p.id",
        books=books,
    )


def behind_broken_doors(db: Database, order_id: int | None = None) -> list[Row]:
    """Orders for which a box is reserved that broke before anything was put in: order_id, point_id and its books."""
    return db.all(
        "SELECT b.order_id, b.point_id, "
        "(SELECT COUNT(*) FROM order_items i WHERE i.order_id = b.order_id AND i.open = 1) AS books "
        "FROM boxes b WHERE b.state = 'reserved' AND b.broken = 1 "
        "AND (CAST(:o AS INTEGER) IS NULL OR b.order_id = :o) GROUP BY b.order_id, b.point_id ORDER BY b.order_id",
        o=order_id,
    )


def fill(db: Database, order_id: int) -> None:
    """The doors closed on the books."""
    db.run("UPDATE boxes SET state = 'filled' WHERE order_id = :order AND state = 'reserved'", order=order_id)


def unfill(db: Database, order_id: int) -> None:
    """The books were not there after all: the boxes stay reserved for them."""
    db.run("UPDATE boxes SET state = 'reserved' WHERE order_id = :order AND state = 'filled'", order=order_id)


def free(db: Database, order_id: int) -> None:
    """The reader has the books: the order's boxes are empty again."""
    db.run(f"UPDATE boxes SET state = {EMPTIED}, order_id = NULL WHERE order_id = :order", order=order_id)


def leave(db: Database, order_id: int) -> None:
    """The order has no more use for its boxes: those with books in them are to be emptied by a librarian first."""
    db.run(
        f"UPDATE boxes SET order_id = CASE WHEN state IN ('filled', 'to_empty') THEN order_id END, "
        f"state = CASE WHEN state IN ('filled', 'to_empty') THEN 'to_empty' ELSE {EMPTIED} END "
        "WHERE order_id = :order",
        order=order_id,
    )


def empty(db: Database, box_id: int) -> bool:
    """A librarian took out what was in a box to be emptied; False when it was none."""
    return bool(
        db.run(
            f"UPDATE boxes SET state = {IDLE}, order_id = NULL, returns = 0 WHERE id = :id AND state = 'to_empty'",
            id=box_id,
        )
    )


def label(db: Database, order_id: int) -> str:
    """Which boxes, as painted on their doors: "S01", "L01 + M02"; '' when the order has none."""
    rows = db.all("SELECT label FROM boxes WHERE order_id = :order ORDER BY label", order=order_id)
    return IN_IT.join(row["label"] for row in rows)


def new_code(db: Database) -> str:
    """Six digits that no other waiting order has; not to be guessed."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06d}"
        if db.value(f"SELECT 1 FROM orders WHERE {WAITING_CODE}", code=code) is None:
            return code


# ---- for the machine and for those who look after it ---------------------------------------------------------------


def opens_for(db: Database, point_id: int) -> list[Row]:
    """What a locker must know to open without us: order, code, until when, and its boxes' labels (D-13)."""
    rows = db.all(
        "SELECT o.number, o.pickup_code AS code, o.pickup_until AS until, b.label FROM boxes b "
        "JOIN orders o ON o.id = b.order_id WHERE b.point_id = :p AND b.state = 'filled' AND o.state = 'in_locker' "
        "ORDER BY o.number, b.label",
        p=point_id,
    )
    found: dict[str, Row] = {}
    for row in rows:
        known = found.setdefault(row["number"], {**row, "boxes": []})
        known["boxes"].append(row["label"])
    return [{name: one[name] for name in ("number", "code", "until", "boxes")} for one in found.values()]


def report(db: Database, policy: Policy, now: datetime, days: int) -> list[Row]:
    """Each locker: boxes by state, last heard, whether offline, and what it gave and took in the last days (A9-7)."""
    return db.all(
        "SELECT p.id, p.name, p.name_en, COUNT(b.id) AS boxes, "
        "COUNT(*) FILTER (WHERE b.state = 'free') AS free, "
        "COUNT(*) FILTER (WHERE b.state = 'reserved') AS reserved, "
        "COUNT(*) FILTER (WHERE b.state = 'filled') AS filled, "
        "COUNT(*) FILTER (WHERE b.state = 'to_empty') AS to_empty, "
        "COUNT(*) FILTER (WHERE b.state = 'out_of_order' OR b.broken = 1) AS broken, "
        "(SELECT MAX(received_at) FROM locker_reports r WHERE r.point_id = p.id) AS heard_at, "
        "COALESCE((SELECT MAX(received_at) FROM locker_reports r WHERE r.point_id = p.id) < :silent, 0) AS offline, "
        "(SELECT COUNT(*) FROM loans l JOIN orders o ON o.id = l.order_id WHERE o.fulfilment = 'locker' "
        "AND o.point_id = p.id AND l.started_at >= :since) AS given, "
        "(SELECT COUNT(*) FROM loans l WHERE l.returned_point_id = p.id AND l.returned_at >= :since) AS taken "
        "FROM points p JOIN boxes b ON b.point_id = p.id WHERE p.kind = 'locker' "
        "GROUP BY p.id, p.name, p.name_en ORDER BY p.id",
        silent=stamp(now - timedelta(minutes=policy.lockers.silent_minutes)), since=stamp(now - timedelta(days=days)),
    )  # fmt: skip


def to_empty(db: Database) -> list[Row]:
    """Boxes a librarian must empty: box, place, and the order in it if it was one, with its state."""
    return db.all(
        "SELECT b.id, b.label, p.name AS point, p.name_en AS point_en, o.number, o.state FROM boxes b "
        "JOIN points p ON p.id = b.point_id LEFT JOIN orders o ON o.id = b.order_id "
        "WHERE b.state = 'to_empty' ORDER BY p.id, b.label"
    )
