"""Books shown before anyone asks: the newest, the best known, the most borrowed."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending.database import Database
from lending.model import stamp

SMALL = 3  # a ranking never shows what fewer readers than this have borrowed (A2-R, small counts hidden)


def newest(db: Database, limit: int = 50) -> list[int]:
    """The most recently published first."""
    rows = db.all(
        "SELECT id FROM titles WHERE withdrawn = 0 AND year IS NOT NULL "
        "ORDER BY year DESC, popularity DESC, id LIMIT :n",
        n=limit,
    )
    return [row["id"] for row in rows]


def best_known(db: Database, limit: int = 50) -> list[int]:
    """The catalogue's own order of popularity."""
    rows = db.all("SELECT id FROM titles WHERE withdrawn = 0 ORDER BY popularity DESC, id LIMIT :n", n=limit)
    return [row["id"] for row in rows]


def most_borrowed(db: Database, now: datetime, days: int = 30, limit: int = 10) -> list[tuple[int, int]]:
    """Title and how often it was borrowed in those days, most first; titles with too few loans are left out."""
    rows = db.all(
        "SELECT title_id, COUNT(*) AS times FROM loans WHERE started_at >= :since GROUP BY title_id "
        "HAVING COUNT(DISTINCT reader_id) >= :small ORDER BY times DESC, title_id LIMIT :n",
        since=stamp(now - timedelta(days=days)), small=SMALL, n=limit,
    )  # fmt: skip
    return [(row["title_id"], row["times"]) for row in rows]


def never_borrowed(db: Database, seed: int, limit: int = 1) -> list[int]:
    """Books on the shelf that have found no reader yet (A1-17); the seed picks among them."""
    count = db.value(NEVER.format(what="COUNT(*)"))
    if not count:
        return []
    rows = db.all(NEVER.format(what="t.id") + " ORDER BY t.id LIMIT :n OFFSET :skip", n=limit, skip=seed % count)
    return [row["id"] for row in rows]


NEVER = (
    "SELECT {what} FROM titles t WHERE t.withdrawn = 0 AND EXISTS (SELECT 1 FROM copies c WHERE c.title_id = t.id "
    "AND c.state = 'available') AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.title_id = t.id)"
)
