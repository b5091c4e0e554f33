"""What time it is: the real clock, or one that a demonstration or a test has moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lending.database import Database, Store, writing


class Clock:
    """Now, in UTC. `start` is where SHUXIN_NOW put it when the process began; the store keeps what a demo added."""

    def __init__(self, store: Store | None = None, start: datetime | None = None) -> None:
        self._store = store
        self._shift = start - datetime.now(UTC) if start else timedelta(0)

    def now(self) -> datetime:
        """The present moment; it goes on ticking from wherever it was moved to."""
        ahead = moved_by(self._store.db) if self._store else timedelta(0)
        return datetime.now(UTC) + self._shift + ahead


def moved_by(db: Database) -> timedelta:
    """How far a demonstration has moved the clock ahead."""
    return timedelta(seconds=db.value("SELECT ahead_seconds FROM clock") or 0)


def move(db: Database, by: timedelta) -> None:
    """Move the clock on (or back) for everyone who shares this store."""
    with writing(db) as db:
        db.run(
            "INSERT INTO clock (id, ahead_seconds) VALUES (1, :by) "
            "ON CONFLICT (id) DO UPDATE SET ahead_seconds = clock.ahead_seconds + :by",
            by=int(by.total_seconds()),
        )
