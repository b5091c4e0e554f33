"""Orders through lending.orders.place against the same SQL by hand on sqlite3, full durability on both sides.

`python -m bench.orders`. The store is opened as `flask serve` opens it, its log at full length; by hand the log grows
with each commit, as sqlite3's does, and once more by hand into a log as long as ours. One caller in turn with its
peers, in small blocks; then 8 and 64 callers at the door. Counts (statements, commits, refusals) do not move with the
machine; ratios are medians over rounds.
"""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import library
from bench.table import Figure, show
from lending import cities, orders
from lending.database import CHECKPOINT_PAGES, Store
from lending.model import Fulfilment
from lending.policy import load_policy

ROUNDS = 9
BLOCK, BLOCKS = 40, 20  # orders in a row, and how often each side has its turn
CROWDS = {8: 1.35, 64: 2.0}  # callers, and how much of one caller by hand they should reach together
FAIR = 0.8
SECONDS = 1.2  # of crowding
POLICY = load_policy()
Order = Callable[[int], object]
Ask = Callable[[str, dict[str, Any]], sqlite3.Cursor]

FACTS = """
SELECT r.id, r.standing,
  (SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND returned_at IS NULL),
  (SELECT COUNT(*) FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1
    WHERE o.reader_id = r.id AND o.state NOT IN ('done', 'cancelled', 'refused')) + (SELECT COUNT(*) FROM purchases
    WHERE reader_id = r.id AND state IN ('asked', 'approved')),
  (SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND returned_at IS NULL AND due_at < :now),
  (SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND ended_as IN ('returned', 'transferred')
    AND returned_at <= due_at),
  (SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = r.id),
  (SELECT COUNT(*) FROM credit_lines WHERE reader_id = r.id AND event = 'redeem'),
  (SELECT ends_at FROM freezes WHERE reader_id = r.id AND lifted_at IS NULL AND ends_at > :now),
  (SELECT COALESCE(MAX(id), 0) + 1 FROM orders),
  COALESCE((SELECT number FROM orders WHERE request_key = :key), ''),
  COALESCE((SELECT CASE WHEN EXISTS (SELECT 1 FROM minor_consents k WHERE k.reader_id = m.reader_id
    AND k.what = 'borrow' AND k.withdrawn_at IS NULL) THEN 'agreed' ELSE 'asked' END FROM minors m
    WHERE m.reader_id = r.id AND m.until > SUBSTR(:now, 1, 10)), ''),
  EXISTS (SELECT 1 FROM holds WHERE reader_id = r.id AND state IN ('waiting', 'ready'))
FROM readers r WHERE r.id = :reader"""
CART = """
SELECT k.title_id, t.title, t.withdrawn, t.price_fen FROM cart_items k JOIN titles t ON t.id = k.title_id
WHERE k.reader_id = :reader ORDER BY k.added_at, k.title_id"""
SET_ASIDE = f"""
UPDATE copies SET state = 'reserved', hold_id = NULL WHERE id IN (SELECT COALESCE(
  (SELECT c.id FROM holds h JOIN copies c ON c.hold_id = h.id AND c.state = 'reserved'
    WHERE h.reader_id = :r AND h.title_id = k.title_id AND h.state = 'ready' LIMIT 1),
  (SELECT c.id FROM copies c WHERE c.title_id = k.title_id AND c.state = 'available'
    ORDER BY {cities.NEAREST_COPY} LIMIT 1))
FROM cart_items k WHERE k.reader_id = :r)
AND (state = 'available' OR hold_id IS NOT NULL) RETURNING id, title_id"""
PLACE = """
INSERT INTO orders (id, number, reader_id, request_key, state, fulfilment, point_id, address, zone, fee_fen,
  return_fee_fen, covered_fen, funder, free_funder, promised_at, review_by, pack_by, policy, placed_at, changed_at,
  source)
VALUES (:id, :number, :reader, :key, 'approved', 'locker', :point, '', '', 0, 0, 0, '', '', :promised, NULL, :pack,
  :policy, :now, :now, '')"""
BOX = """
UPDATE boxes SET state = 'reserved', order_id = :order WHERE id = (SELECT id FROM boxes
  WHERE point_id = :point AND state = 'free' AND holds_books >= 1 ORDER BY holds_books, id LIMIT 1)
AND state = 'free' RETURNING label"""
FILL = """
UPDATE holds SET state = 'filled' WHERE reader_id = :reader AND state IN ('waiting', 'ready')
AND title_id IN (SELECT title_id FROM order_items WHERE order_id = :order)"""
NOW, PACKED, PROMISED = "2026-11-20T02:00:00Z", "2026-11-20T08:00:00Z", "2026-11-21T02:00:00Z"


def by_hand(conn: sqlite3.Connection, reader: int) -> int:
    """The peer: one order, its statements written out, its rules reduced to comparisons."""
    conn.execute("BEGIN IMMEDIATE")
    order = within(conn.execute, reader, library.locker_of(reader), f"bench-{reader}")
    conn.execute("COMMIT")
    return order


def within(ask: Ask, reader: int, point: int, key: str) -> int:
    """The same within a transaction, which may hold more than the order."""
    facts = ask(FACTS, {"reader": reader, "now": NOW, "key": key}).fetchone()
    wanted = ask(CART, {"reader": reader}).fetchall()
    allowed = facts[1] == "trusted" and not facts[4] and not facts[8] and facts[2] + facts[3] + len(wanted) <= 20
    copies = ask(SET_ASIDE, {"r": reader, "p": point}).fetchall()
    known = ask("SELECT 1 FROM points WHERE id = :point AND kind = 'locker'", {"point": point}).fetchone()
    if not allowed or len(copies) != len(wanted) or not known or facts[6] < 60:
        raise RuntimeError("the peer was refused")
    order = facts[9]
    ask(
        PLACE,
        {
            "id": order, "number": f"SX261120-{order:04d}", "reader": reader, "key": key, "point": point,
            "promised": PROMISED, "pack": PACKED, "policy": POLICY.version, "now": NOW,
        },
    )  # fmt: skip
    ask(
        "INSERT INTO order_events (order_id, state, actor, note, at) "
        "VALUES (:o, 'in_review', 'reader', :why, :now), (:o, 'approved', 'rule', '', :now)",
        {"o": order, "why": "", "now": NOW},
    )
    for copy, title in copies:
        item = {"o": order, "t": title, "c": copy}
        ask(
            "INSERT INTO order_items (order_id, title_id, copy_id, told_loan_days, told_renewals, told_renewal_days) "
            "VALUES (:o, :t, :c, 40, 1, 15)",
            item,
        )
    if ask(BOX, {"order": order, "point": point}).fetchone() is None:
        raise RuntimeError("no box")
    ask("DELETE FROM cart_items WHERE reader_id = :reader", {"reader": reader})
    if facts[12]:
        ask(FILL, {"reader": reader, "order": order})
    return int(order)


def through_the_door(store: Store, reader: int) -> None:
    """The product."""
    key = f"bench-{reader}"
    orders.place(store.db, reader, Fulfilment.LOCKER, library.locker_of(reader), key, POLICY, library.NOW)


def connect(path: Path) -> sqlite3.Connection:
    """As the product connects."""
    conn = sqlite3.connect(path, isolation_level=None, cached_statements=512, check_same_thread=False)
    for pragma in ("journal_mode = WAL", f"wal_autocheckpoint = {CHECKPOINT_PAGES}", "synchronous = FULL"):
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("PRAGMA foreign_keys = ON")
    return conn


# ---- one caller ------------------------------------------------------------------------------------------------------


def alone(folder: Path, template: Path) -> tuple[float, float, float]:
    """Seconds for the same orders by hand, by hand into a log as long as ours, and through the door, in turns."""
    _copy(template, folder / "hand.db")
    store, beside = (opened(_copy(template, folder / name)) for name in ("door.db", "roomy.db"))  # one keeps a log long
    hand, roomy = connect(folder / "hand.db"), connect(folder / "roomy.db")
    sides: tuple[Order, ...] = (
        lambda reader: by_hand(hand, reader),
        lambda reader: by_hand(roomy, reader),
        lambda reader: through_the_door(store, reader),
    )
    spent = [0.0] * len(sides)
    for block in range(BLOCKS + 1):
        for side in (0, 1, 2) if block % 2 else (2, 1, 0):
            started = time.perf_counter()
            for reader in range(block * BLOCK + 1, (block + 1) * BLOCK + 1):
                sides[side](reader)
            spent[side] += (time.perf_counter() - started) * bool(block)  # the first block warms all
    for conn in (hand, roomy):
        same_rows(conn, store)
        conn.close()
    store.close()
    beside.close()
    return spent[0], spent[1], spent[2]


def opened(path: Path) -> Store:
    """As `flask serve` opens it."""
    store = Store(path)
    store.make_room()
    store.settle()
    return store


def same_rows(conn: sqlite3.Connection, store: Store) -> None:
    """All sides must have done the same work."""
    for table in ("orders", "order_items", "order_events", "copies", "boxes", "cart_items"):
        sql = f"SELECT * FROM {table} ORDER BY 1, 2"
        if conn.execute(sql).fetchall() != store.db.conn.execute(sql).fetchall():
            raise RuntimeError(f"the two sides differ in {table}")


def counted(folder: Path, template: Path) -> tuple[int, int]:
    """Statements and commits of one order."""
    store, seen = opened(_copy(template, folder / "counted.db")), list[str]()
    through_the_door(store, 1)
    store._writer.conn.set_trace_callback(seen.append)
    through_the_door(store, 2)
    store._writer.conn.set_trace_callback(None)
    store.close()
    said = [sql for sql in seen if not sql.startswith("--")]  # what triggers do is told as a comment
    return len(said), sum(sql.startswith("COMMIT") for sql in said)


# ---- a crowd ---------------------------------------------------------------------------------------------------------


def hand_rate(folder: Path, template: Path) -> float:
    """Orders a second of one caller by hand."""
    conn = connect(_copy(template, folder / "hand.db"))
    started, reader = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS / 2 and reader < library.READERS:
        reader += 1
        by_hand(conn, reader)
    conn.close()
    return reader / (time.perf_counter() - started)


def crowd(folder: Path, template: Path, callers: int) -> tuple[float, float, int]:
    """Orders a second of that many callers together, the slowest over the fastest, and how many were refused."""
    store = opened(_copy(template, folder / "crowd.db"))
    done, refused = [0] * callers, list[str]()
    ready, over = threading.Barrier(callers + 1), threading.Event()

    def call(caller: int) -> None:
        store.db.value("SELECT 1")  # a server's threads have their connections open before a crowd comes
        ready.wait()
        for reader in range(1 + caller, library.READERS + 1, callers):
            if over.is_set():
                return
            try:
                through_the_door(store, reader)
            except Exception as error:
                refused.append(repr(error))
            done[caller] += 1
        over.set()  # the readers have run out: nobody goes on alone

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    over.wait(SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    _settled(store, sum(done) - len(refused))
    store.close()
    return sum(done) / seconds, min(done) / max(done), len(refused)


def _settled(store: Store, placed: int) -> None:
    """Every order answered is there, with a copy and a box of its own."""
    for sql in (
        "SELECT COUNT(*) FROM orders",
        "SELECT COUNT(DISTINCT copy_id) FROM order_items WHERE open = 1",
        "SELECT COUNT(*) FROM copies WHERE state = 'reserved'",
        "SELECT COUNT(DISTINCT order_id) FROM boxes WHERE state = 'reserved'",
    ):
        if store.db.value(sql) != placed:
            raise RuntimeError(f"{store.db.value(sql)} instead of {placed}: {sql}")


def _copy(template: Path, to: Path) -> Path:
    for old in to.parent.glob(f"{to.name}*"):
        old.unlink()
    shutil.copy(template, to)
    with to.open("rb+") as file:
        os.fsync(file.fileno())
    return to


def measure() -> list[Figure]:
    """All of it."""
    gc.freeze()  # as `flask serve` does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template = folder / "template.db"
        library.build(template)
        statements, commits = counted(folder, template)
        singles: list[tuple[float, float]] = []
        crowds: dict[int, list[tuple[float, float, int]]] = {callers: [] for callers in CROWDS}
        for _ in range(ROUNDS):
            hand, roomy, door = alone(folder, template)
            singles.append((hand / door, roomy / door))
            for callers, made in crowds.items():
                peer = hand_rate(folder, template)
                rate, fair, refused = crowd(folder, template, callers)
                made.append((rate / peer, fair, refused))
    return _figures(statements, commits, singles, crowds)


def _figures(
    statements: int, commits: int, singles: list[tuple[float, float]], crowds: dict[int, list[tuple[float, float, int]]]
) -> list[Figure]:
    plain, roomy = zip(*singles, strict=True)
    rounds = f"{_spread(plain)} over {len(plain)} rounds"
    found = [
        Figure("one caller, of the same SQL by hand", median(plain), 0.9, note=rounds),
        Figure("one caller, of it by hand into as long a log", median(roomy), note=_spread(roomy)),
        Figure("SQL statements of an order", statements, 14, at_most=True),
        Figure("commits of an order", commits, 1, at_most=True),
    ]
    for callers, made in crowds.items():
        rates = [rate for rate, _, _ in made]
        found += [
            Figure(f"{callers} callers, of one by hand", median(rates), CROWDS[callers], note=_spread(rates)),
            Figure(f"{callers} callers: slowest of fastest", median(fair for _, fair, _ in made), FAIR),
            Figure(f"{callers} callers: refused (database is locked, …)", sum(n for _, _, n in made), 0, at_most=True),
        ]
    return found


def _spread(found: Sequence[float]) -> str:
    return f"{min(found):.2f}–{max(found):.2f}"


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
