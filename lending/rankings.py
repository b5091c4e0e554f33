"""What is borrowed most, by period and branch; equal counts share a rank (A2-R R-9, F-11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lending.database import Database
from lending.model import stamp

SMALL = 3  # a ranking never shows what fewer readers than this have borrowed


class Borrowed(NamedTuple):
    """A title and how often it was borrowed."""

    title_id: int
    times: int


class Rank(NamedTuple):
    """1 for the most; `shared` when others have the same count."""

    place: int
    shared: bool


def most_borrowed(
    db: Database, since: datetime, until: datetime, limit: int = 10, point_id: int | None = None
) -> list[Borrowed]:
    """The titles borrowed most often in that time, of copies at home at that point; too small counts are left out."""
    at_home = "AND EXISTS (SELECT 1 FROM copies c WHERE c.id = l.copy_id AND c.home_point_id = :point) "
    here, place = ("", {}) if point_id is None else (at_home, {"point": point_id})
    rows = db.all(
        "SELECT b.title_id, b.times FROM (SELECT l.title_id, COUNT(*) AS times FROM loans l "
        f"WHERE l.started_at >= :since AND l.started_at < :until {here}"
        "GROUP BY l.title_id HAVING COUNT(DISTINCT l.reader_id) >= :small) b "
        "JOIN titles t ON t.id = b.title_id AND t.withdrawn = 0 ORDER BY b.times DESC, b.title_id LIMIT :n",
        since=stamp(since), until=stamp(until), small=SMALL, n=limit, **place,
    )  # fmt: skip
    return [Borrowed(row["title_id"], row["times"]) for row in rows]


def ranks(counts: Sequence[int]) -> list[Rank]:
    """The rank of each count, most first: 33, 33, 30 are first, first and third."""
    places = {count: place for place, count in reversed(list(enumerate(counts, 1)))}
    return [Rank(places[count], counts.count(count) > 1) for count in counts]
