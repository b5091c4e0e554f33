"""Books shown before anyone asks: the latest arrivals, the newest, the best known, those without a reader yet."""

from __future__ import annotations

from datetime import date

from lending.catalogue import ON_SHELF
from lending.database import Database


def arrivals(db: Database, limit: int = 50) -> list[int]:
    """What came into the catalogue last; nothing while all of it came on one day (A2-20, F-12)."""
    days = "SELECT {which}(added_on) FROM titles WHERE withdrawn = 0"
    if db.value(days.format(which="MIN")) == (last := db.value(days.format(which="MAX"))) or not last:
        return []
    rows = db.all(
        "SELECT id FROM titles WHERE withdrawn = 0 ORDER BY added_on DESC, year DESC, popularity DESC, id LIMIT :n",
        n=limit,
    )
    return [row["id"] for row in rows]


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


def never_borrowed(db: Database, seed: int, limit: int = 1) -> list[int]:
    """Books on the shelf that have found no reader yet (A1-17); the seed says where along the titles to begin."""
    begin = seed % (int(db.value("SELECT MAX(id) FROM titles") or 0) + 1)
    found = [row["id"] for side in (">=", "<") for row in db.all(NEVER.format(side=side), begin=begin, n=limit)]
    return found[:limit]


NEVER = (
    "SELECT t.id FROM titles t WHERE t.withdrawn = 0 AND t.id {side} :begin AND EXISTS (SELECT 1 FROM copies c "
    f"WHERE c.title_id = t.id AND {ON_SHELF}) AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.title_id = t.id) "
    "ORDER BY t.id LIMIT :n"
)


def last_before(db: Database, day: date) -> int:
    """The newest title that came before that day; 0 where none did."""
    came = "SELECT MIN(id + 0) FROM titles WHERE added_on >= :day AND withdrawn = 0"  # by the days, not along the ids
    first = db.value(came, day=str(day))
    return int((first - 1 if first else db.value("SELECT MAX(id) FROM titles")) or 0)


def came_after(db: Database, after: int, newest: int, stock_from: int) -> list[int]:
    """Titles above the one number up to the other, the latest published first (A2-20).

    A day that brought more than `stock_from` in all brought a stock, not news: its titles are left out.
    """
    rows = db.all(
        "SELECT id FROM titles WHERE id > :after AND id <= :newest AND withdrawn = 0 AND added_on NOT IN "
        "(SELECT added_on FROM titles WHERE withdrawn = 0 AND added_on IN (SELECT DISTINCT added_on FROM titles "
        "WHERE id > :after AND id <= :newest) GROUP BY added_on HAVING COUNT(*) > :most) "
        "ORDER BY year DESC, popularity DESC, id",
        after=after, newest=newest, most=stock_from,
    )  # fmt: skip
    return [row["id"] for row in rows]
