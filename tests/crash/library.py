"""The library the crash tests play in, and the judgement on what is left of it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from bot.finder import Finder
from bot.migrations import migrations as bot_migrations
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from lending.points import PointEntry, store_points
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from lending.vault import Vault
from search.migrations import migrations as search_migrations

BOOKS = ("围城", "活着", "红楼梦", "平凡的世界", "骆驼祥子", "边城", "呐喊", "白鹿原", "三体", "时间简史")
LOCKERS, BOXES = 4, 6000  # so many that the last box and the last copy are not fought for in a thousand kills

INVARIANTS = {
    "an order without its one book": "SELECT COUNT(*) FROM orders o WHERE 1 <> "
    "(SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id AND i.open = 1)",
    "a copy promised twice": "SELECT COUNT(*) - COUNT(DISTINCT copy_id) FROM order_items WHERE open = 1",
    "a copy lent twice": "SELECT COUNT(*) - COUNT(DISTINCT copy_id) FROM loans WHERE returned_at IS NULL",
    "a copy set aside for nobody": "SELECT COUNT(*) FROM copies WHERE (state = 'reserved') <> "
    "(id IN (SELECT copy_id FROM order_items WHERE open = 1))",
    "an order without its box": "SELECT COUNT(*) FROM orders WHERE id NOT IN "
    "(SELECT order_id FROM boxes WHERE state = 'reserved')",
    "a box for nobody": "SELECT COUNT(*) FROM boxes WHERE state = 'reserved' "
    "AND order_id NOT IN (SELECT id FROM orders)",
    "an order without its story": "SELECT COUNT(*) FROM orders o WHERE 2 <> "
    "(SELECT COUNT(*) FROM order_events e WHERE e.order_id = o.id)",
    "a reader with two orders": "SELECT COUNT(*) - COUNT(DISTINCT reader_id) FROM orders",
    "a book ordered and still in the cart": "SELECT COUNT(*) FROM cart_items k "
    "JOIN orders o ON o.reader_id = k.reader_id",
    "a reader without a ledger": "SELECT COUNT(*) FROM readers WHERE number <> 'NOBODY' "
    "AND id NOT IN (SELECT reader_id FROM credit_lines)",
    "an event set aside": "SELECT COUNT(*) FROM inbox WHERE error IS NOT NULL",
    "a broken reference": "SELECT COUNT(*) FROM pragma_foreign_key_check",
}
ANSWERS = (  # the plus keeps the planner off the index on `key`, which holds every answer
    "SELECT unseal(c.chat), (SELECT COUNT(*) FROM outbox o WHERE o.channel = 'telegram' AND o.address = c.address "
    "AND +o.key IS NULL), (SELECT COUNT(*) FROM orders o WHERE o.reader_id = c.reader_id) FROM contacts c"
)


def build(data: Path) -> None:
    """Ten titles with many copies, lockers with many boxes, and the index."""
    store = Store(data / "shuxin.sqlite")
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db)
        search_migrations.apply(db)
        store_points(db, [PointEntry("main", "branch", "总馆")])
        store_points(db, [PointEntry(f"L{n}", "locker", f"书柜{n}", boxes={"M": BOXES}) for n in range(LOCKERS)])
        ids = store_titles(db, [TitleEntry(name, source_id=f"crash:{name}") for name in BOOKS]).ids
        each = LOCKERS * BOXES // len(ids)
        store_copies(db, [CopyEntry(f"C{title}-{n}", title, 1) for title in ids for n in range(each)])
    Finder(store, data / "index").open()
    store.close()


def problems(
    path: Path, acknowledged: Collection[int], heard: Counter[int], asked: Counter[int], ordered: Collection[int]
) -> list[str]:
    """What is wrong, read in one snapshot; empty when all is well.

    Whatever is said or pressed here has one answer: a chat has at least as many as its acknowledged updates (`heard`),
    and no more than it has sent (`asked`). `ordered` are the chats that must have exactly one order.
    """
    conn = sqlite3.connect(path, isolation_level=None)
    Vault(path.with_name("keys")).attach(conn)
    conn.execute("BEGIN")
    found = [f"{n} × {what}" for what, sql in INVARIANTS.items() if (n := conn.execute(sql).fetchone()[0])]
    kept = {int(row[0]) for row in conn.execute("SELECT event_id FROM inbox WHERE channel = 'telegram'")}
    state = {int(address): (answers, orders) for address, answers, orders in conn.execute(ANSWERS)}
    conn.execute("COMMIT")
    conn.close()
    answers = Counter({chat: n for chat, (n, _) in state.items()})
    wrong = {
        "an acknowledged update lost": len(set(acknowledged) - kept),
        "a chat with fewer answers than questions": sum(answers[chat] < n for chat, n in heard.items()),
        "a chat answered twice": sum(n > asked[chat] for chat, n in answers.items()),
        "a chat without exactly one order": sum(state.get(chat, (0, 0))[1] != 1 for chat in ordered),
    }
    return found + [f"{n} × {what}" for what, n in wrong.items() if n]


def whole(path: Path) -> str:
    """SQLite's own judgement."""
    conn = sqlite3.connect(path)
    try:
        return str(conn.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        conn.close()
