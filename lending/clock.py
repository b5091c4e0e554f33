"""What time it is: the real clock, or one that a demonstration or a test has moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lending.database import Database, Store, writing

LEAP = 24 * 3600.0  # seconds; a clock is set by less than that all the time
BELIEVED_AFTER = 3600.0  # a wrong time is mostly noticed sooner; one that stands so long may be the right one


def _steady() -> float:
    """Seconds that nobody sets; where the system counts them, those it slept through too."""
    counted = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if counted is None else time.clock_gettime(counted)


class Leaps:
    """Whether the system's clock has leapt while we ran: in one minute of a wrong year all would fall due.

    A service that was off has not seen a leap, and what a demonstration moves is not the system's clock.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady) -> None:
        self._wall, self._steady = wall, steady
        self._right = wall() - steady()
        self._since: float | None = None

    def seconds(self) -> float:
        """By how much it is off; 0 when it goes right, or has stood so for long enough to be believed."""
        steady = self._steady()
        off = self._wall() - steady - self._right
        if abs(off) < LEAP:
            self._since = None
            return 0.0
        self._since = steady if self._since is None else self._since
        if steady - self._since < BELIEVED_AFTER:
            return off
        self._right, self._since = self._right + off, None
        return 0.0


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


def leapt_by(db: Database) -> float:
    """By how many seconds the worker finds the clock off, whichever process it runs in; 0 when it goes right."""
    return float(db.value("SELECT leapt_seconds FROM clock") or 0)


def tell_leap(db: Database, seconds: float) -> None:
    """What the worker has found, for those who show it; the same again writes nothing."""
    if round(seconds) != leapt_by(db):
        with writing(db) as db:
            db.run(
                "INSERT INTO clock (id, ahead_seconds, leapt_seconds) VALUES (1, 0, :s) "
                "ON CONFLICT (id) DO UPDATE SET leapt_seconds = :s",
                s=round(seconds),
            )


def move(db: Database, by: timedelta) -> None:
    """Move the clock on (or back) for everyone who shares this store."""
    with writing(db) as db:
        db.run(
            "INSERT INTO clock (id, ahead_seconds) VALUES (1, :by) "
            "ON CONFLICT (id) DO UPDATE SET ahead_seconds = clock.ahead_seconds + :by",
            by=int(by.total_seconds()),
        )
