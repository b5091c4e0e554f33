"""What is searched for, opened and missed, counted by the day; never by whom, and never what may name a person."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple, Protocol

from search import analysis

STORY = 6  # characters; what begins with 我 and is found may be a title (我们仨)
LONGEST = 40  # a longer line is somebody's own sentence rather than the name of a book
_NUMBER = re.compile(r"\d{6}")
_OWN = re.compile(r"[我咱俺]|\b(?:i|me|my)\b")
_GAP = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")  # a space that parts no Latin words


class Table(Protocol):
    """The database as this file needs it."""

    def all(self, sql: str, **values: Any) -> list[dict[str, Any]]: ...

    def run(self, sql: str, **values: Any) -> int: ...


class Counted(NamedTuple):
    """A query, or the id of a title, and how often."""

    key: str
    n: int


def record(db: Table, kind: str, key: str, day: date) -> bool:
    """Count one more of `kind` ('search', 'click' or 'miss') on that day of the library's.

    A query is folded first, so that spellings count together. One with six digits in a row or an @ may be somebody's
    number or address, a long line or a miss in the first person a story: not kept, and False is returned (A11).
    """
    kept = key if kind == "click" else spelt(key)
    if not kept or (kind != "click" and _OWN.search(kept) and (kind == "miss" or len(kept) > STORY)):
        return False
    db.run(
        "INSERT INTO usage_counts (kind, key, day, n) VALUES (:kind, :key, :day, 1) "
        "ON CONFLICT (kind, key, day) DO UPDATE SET n = usage_counts.n + 1",
        kind=kind, key=kept, day=day.isoformat(),
    )  # fmt: skip
    return True


def spelt(query: str) -> str:
    """The form a query is counted under; '' for what must not be kept."""
    normal = analysis.normalise(query)
    tight = normal.replace(" ", "")
    if "@" in query or "＠" in query or _NUMBER.search(tight) or len(tight) > LONGEST:
        return ""
    return _GAP.sub("", normal)


def top(db: Table, kind: str, since: date, until: date, limit: int = 10, least: int = 1) -> list[Counted]:
    """The most frequent from `since` to `until` (both days included), if at least `least` times."""
    rows = db.all(
        "SELECT key, SUM(n) AS times FROM usage_counts WHERE kind = :kind AND day >= :since AND day <= :until "
        "GROUP BY key HAVING SUM(n) >= :least ORDER BY times DESC, key LIMIT :limit",
        kind=kind, since=since.isoformat(), until=until.isoformat(), least=least, limit=limit,
    )  # fmt: skip
    return [Counted(row["key"], row["times"]) for row in rows]
