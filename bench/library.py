"""A library to measure orders in: many readers with a history, each with one book in the cart, copies and lockers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.migrations import migrations as bot_migrations
from lending.database import Database, Store
from lending.migrations import migrations as lending_migrations
from lending.points import PointEntry, store_points
from lending.stock import CopyEntry, TitleEntry, store_copies, store_titles
from search.migrations import migrations as search_migrations

READERS = 16_000
TITLES = 2_000  # READERS / TITLES copies of each
BOXES = 20  # a locker
LOANS = 5  # each reader has brought back
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

EACH = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n) "
HISTORY = (
    EACH + "INSERT INTO readers (id, number, standing, joined_at) SELECT i, printf('R%06d', i), 'trusted', :now FROM n",
    EACH + "INSERT INTO credit_lines (reader_id, event, object, day, delta, rule, version, actor, at) "
    "SELECT i, 'start', 'ledger', '', 100, 'A6-1', '1', 'library', :now FROM n",
    EACH + "INSERT INTO cart_items (reader_id, title_id, added_at) SELECT i, 1 + i % :titles, :now FROM n",
    "INSERT INTO loans (copy_id, title_id, reader_id, started_at, due_at, returned_at, ended_as) "
    "SELECT c.id, c.title_id, r.id, '2026-01-05T02:00:00Z', '2026-02-14T15:59:59Z', '2026-02-01T02:00:00Z', "
    "'returned' FROM readers r JOIN copies c ON c.id BETWEEN r.id AND r.id + :loans - 1",
)


def build(path: Path) -> None:
    """A fresh library at `path`, closed and on disk."""
    store = Store(path)
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db)
        search_migrations.apply(db)
        lockers = [PointEntry(f"L{n}", "locker", f"书柜{n}", boxes={"M": BOXES}) for n in range(READERS // BOXES)]
        store_points(db, lockers)
        _shelve(db)
        values = {"now": "2026-01-01T00:00:00Z", "n": READERS, "titles": TITLES, "loans": LOANS}
        for sql in HISTORY:
            db.conn.execute(sql, {name: value for name, value in values.items() if f":{name}" in sql})
    store.close()


def _shelve(db: Database) -> None:
    for first in range(1, TITLES + 1, 500):
        store_titles(db, [TitleEntry(f"书{n}", source_id=f"bench:{n}") for n in range(first, first + 500)])
    each = READERS // TITLES
    store_copies(db, [CopyEntry(f"B{n}", 1 + n // each, 1) for n in range(READERS)])


def locker_of(reader: int) -> int:
    """The locker a reader orders to; as many readers as boxes have the same."""
    return 1 + (reader - 1) // BOXES
