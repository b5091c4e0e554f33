"""The one table of search that is not disposable: how often something was searched, opened or missed."""

from __future__ import annotations

from sqlite_utils import Database as AnyDatabase
from sqlite_utils import Migrations

migrations = Migrations("search")


@migrations()
def usage_is_counted(db: AnyDatabase) -> None:
    """Counts by the day; there is no column for who."""
    db.conn.execute(
        "CREATE TABLE usage_counts (kind TEXT NOT NULL CHECK (kind IN ('search', 'click', 'miss')), "
        "key TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, key, day)) STRICT"
    )
    db.conn.execute("CREATE INDEX usage_by_day ON usage_counts (kind, day)")
