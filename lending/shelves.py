"""Shelves to look along: a class, the newest, the best known, the most borrowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from lending.database import Database
from lending.model import stamp

SMALL = 3  # a ranking never shows what fewer readers than this have borrowed (A2-R, small counts hidden)


def _beginning(prefixes: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A condition on `clc`; prefixes are plain class marks, so a range on the text is exact and uses no pattern."""
    parts: list[str] = []
    values: dict[str, str] = {}
    for number, prefix in enumerate(prefixes):
        parts.append(f"(clc >= :from{number} AND clc < :to{number})")
        values |= {f"from{number}": prefix, f"to{number}": prefix + "\U0010ffff"}
    return " OR ".join(parts) or "1 = 0", values


def in_class(db: Database, prefixes: Sequence[str], limit: int = 50) -> list[int]:
    """Titles whose class mark begins so, the best known first."""
    condition, values = _beginning(prefixes)
    rows = db.all(
        f"SELECT id FROM titles WHERE withdrawn = 0 AND ({condition}) ORDER BY popularity DESC, id LIMIT :n",
        n=limit,
        **values,
    )
    return [row["id"] for row in rows]


def count_in_class(db: Database, prefixes: Sequence[str]) -> int:
    """How many titles stand there."""
    condition, values = _beginning(prefixes)
    return int(db.value(f"SELECT COUNT(*) FROM titles WHERE withdrawn = 0 AND ({condition})", **values))


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
