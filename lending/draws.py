"""免费配送抽签: the windows that collect entries, the readers' entries, and what is published of a draw (D-3).

The window's seed is fixed before the first entry (its fingerprint is shown) and published with the result. How lots
are drawn stands in lots.py, what happens when a window closes in drawing.py.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import decisions
from lending.database import Database, Row, writing
from lending.errors import NotAllowed, UnknownThing
from lending.free_shipping import put_back
from lending.lots import drawn_order, lots_for
from lending.model import LIBRARY_ZONE, library_day, parse_stamp, stamp
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Window:
    """A draw. `upto_fen` of the day's money may be given by its end; the seed is '' until it is drawn."""

    id: int
    day: str
    n: int
    closes_at: datetime
    upto_fen: int
    state: str  # open, closed (entries end), drawn
    fingerprint: str  # sha256 of the seed, shown from the beginning
    seed: str
    left_fen: int  # what there was to give when it was drawn
    entries: int
    winners: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A reader's part in a draw. `state`: entered, won, lost; then used, expired, or returned with its order."""

    id: int
    window_id: int
    ticket: str
    lots: int
    state: str
    granted_fen: int
    valid_until: datetime | None
    closes_at: datetime
    fingerprint: str


# ---- windows and entries ---------------------------------------------------------------------------------------------


def next_close(policy: Policy, now: datetime) -> tuple[datetime, int]:
    """When the window closes that an entry made now goes into, and which of its day it is, from 1."""
    local = now.astimezone(LIBRARY_ZONE)
    for n, closes in enumerate(policy.free_shipping.windows, 1):
        moment = datetime.combine(local.date(), closes, LIBRARY_ZONE)
        if now < moment:
            return moment, n
    return datetime.combine(local.date() + timedelta(days=1), policy.free_shipping.windows[0], LIBRARY_ZONE), 1


def open_window(db: Database, policy: Policy, now: datetime) -> Window:
    """The window that collects entries now; made with its secret seed when it is asked for first."""
    closes, n = next_close(policy, now)
    found = _collecting(db, closes, now)
    if found is None:
        with writing(db) as db:
            found = _collecting(db, closes, now) or _make(db, closes, n, policy)
    return window(db, found)


def _collecting(db: Database, closes: datetime, now: datetime) -> int | None:
    """One that closes no later than the rules say, though they may have said another hour when it was made."""
    found: int | None = db.value(
        "SELECT id FROM draw_windows WHERE state = 'open' AND closes_at > :now AND closes_at <= :closes "
        "ORDER BY closes_at LIMIT 1",
        now=stamp(now), closes=stamp(closes),
    )  # fmt: skip
    return found


def _make(db: Database, closes: datetime, n: int, policy: Policy) -> int:
    """The n-th of its day by the rules; where the hours were changed that day and n is taken, it gets the next one."""
    free, seed, day = policy.free_shipping, secrets.token_hex(16), str(library_day(closes))
    taken = {row["n"] for row in db.all("SELECT n FROM draw_windows WHERE day = :day", day=day)}
    return int(
        db.value(
            "INSERT INTO draw_windows (day, n, closes_at, upto_fen, grant_fen, seed, salt, fingerprint) "
            "VALUES (:day, :n, :closes, :upto, :grant, :seed, :salt, :fingerprint) RETURNING id",
            day=day, n=max(taken) + 1 if n in taken else n, closes=stamp(closes),
            upto=free.daily_fen * n // len(free.windows), grant=free.most_fen,
            seed=seed, salt=secrets.token_hex(16), fingerprint=hashlib.sha256(seed.encode()).hexdigest(),
        )
    )  # fmt: skip


WINDOW = (
    "SELECT w.id, w.day, w.n, w.closes_at, w.upto_fen, w.state, w.fingerprint, w.left_fen, "
    "CASE w.state WHEN 'drawn' THEN w.seed ELSE '' END AS seed, "
    "(SELECT COUNT(*) FROM draw_entries WHERE window_id = w.id) AS entries, "
    "(SELECT COUNT(*) FROM draw_entries WHERE window_id = w.id AND granted_fen > 0) AS winners FROM draw_windows w "
)


def _window(row: Row) -> Window:
    return Window(**{**row, "closes_at": parse_stamp(row["closes_at"])})


def window(db: Database, window_id: int) -> Window:
    """Raises UnknownThing."""
    row = db.one(f"{WINDOW} WHERE w.id = :id", id=window_id)
    if row is None:
        raise UnknownThing("draw", str(window_id))
    return _window(row)


def windows(db: Database, limit: int = 12) -> list[Window]:
    """The latest first."""
    return [_window(row) for row in db.all(f"{WINDOW} ORDER BY w.closes_at DESC LIMIT :n", n=limit)]


ENTRY = (
    "SELECT e.id, e.window_id, e.ticket, e.lots, e.state, e.granted_fen, e.valid_until, w.closes_at, w.fingerprint "
    "FROM draw_entries e JOIN draw_windows w ON w.id = e.window_id "
)


def _entry(row: Row) -> Entry:
    until = parse_stamp(row["valid_until"]) if row["valid_until"] else None
    return Entry(**{**row, "valid_until": until, "closes_at": parse_stamp(row["closes_at"])})


def entry(db: Database, entry_id: int) -> Entry:
    """Raises UnknownThing."""
    row = db.one(f"{ENTRY} WHERE e.id = :id", id=entry_id)
    if row is None:
        raise UnknownThing("draw", str(entry_id))
    return _entry(row)


def live_entry(db: Database, reader_id: int, now: datetime) -> Entry | None:
    """The reader's entry that waits for its draw, or the win not yet used; there is at most one."""
    row = db.one(
        f"{ENTRY} WHERE e.reader_id = :r AND (e.state = 'entered' OR (e.state = 'won' AND e.valid_until > :now))",
        r=reader_id, now=stamp(now),
    )  # fmt: skip
    return _entry(row) if row else None


def enter(db: Database, reader_id: int, policy: Policy, now: datetime) -> Entry:
    """Into the next draw; entered already or with a win at hand, that one is the answer (B2-2).

    Raises NotAllowed for a reader who could not borrow a book now.
    """
    with writing(db) as db:
        expire_due(db, now, reader_id)
        if live := live_entry(db, reader_id, now):
            return live
        decision = decisions.may_borrow(decisions.facts(db, reader_id, now), 1, policy)
        if not decision.allowed:
            raise NotAllowed(decision)
        target = open_window(db, policy, now)
        salt = db.value("SELECT salt FROM draw_windows WHERE id = :id", id=target.id)
        made = db.value(
            "INSERT INTO draw_entries (window_id, day, reader_id, ticket, lots) "
            "SELECT id, day, :reader, :ticket, :lots FROM draw_windows WHERE id = :w AND state = 'open' RETURNING id",
            w=target.id, reader=reader_id, lots=_lots(db, reader_id, policy, now),
            ticket=hashlib.sha256(f"{salt}:{reader_id}".encode()).hexdigest()[:12],
        )  # fmt: skip
        if made is None:
            raise UnknownThing("draw", str(target.id))
        return entry(db, made)


def _lots(db: Database, reader_id: int, policy: Policy, now: datetime) -> int:
    row = db.one(
        "SELECT (SELECT MAX(at) FROM (SELECT placed_at AS at FROM orders WHERE reader_id = :r AND free_fen > 0 "
        "UNION ALL SELECT a.added_at FROM order_additions a JOIN orders o ON o.id = a.order_id "
        "WHERE o.reader_id = :r AND a.free_fen > 0) AS freed) AS served, "
        "(SELECT 1 FROM special_readers WHERE reader_id = :r) AS special",
        r=reader_id,
    )
    assert row is not None
    since = (library_day(now) - library_day(parse_stamp(row["served"]))).days if row["served"] else None
    days = None if since is None else max(0, since)  # a clock may have been set back over midnight
    return lots_for(policy, days, bool(row["special"]))


def lots_in(db: Database, window_id: int) -> dict[str, int]:
    """Every ticket of a draw with its number of lots, in the tickets' own order."""
    rows = db.all("SELECT ticket, lots FROM draw_entries WHERE window_id = :w ORDER BY ticket", w=window_id)
    return {row["ticket"]: row["lots"] for row in rows}


def expire_due(db: Database, now: datetime, reader_id: int | None = None) -> int:
    """Wins not used in time give their money back to their day; returns how many."""
    with writing(db) as db:
        rows = db.all(
            "UPDATE draw_entries SET state = 'expired' WHERE state = 'won' AND valid_until <= :now "
            + ("AND reader_id = :r " if reader_id is not None else "")
            + "RETURNING day, granted_fen",
            now=stamp(now), r=reader_id,
        )  # fmt: skip
        for day in sorted({row["day"] for row in rows}):
            put_back(db, day, sum(row["granted_fen"] for row in rows if row["day"] == day))
    return len(rows)


# ---- what is published -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Result:
    """A drawn window as anybody may see it: tickets, never readers."""

    window: Window
    lots: dict[str, int]
    winners: list[str]  # in the order drawn


def result(db: Database, day: str, n: int) -> Result:
    """Raises UnknownThing, also for a window not yet drawn."""
    found = db.value("SELECT id FROM draw_windows WHERE day = :day AND n = :n AND state = 'drawn'", day=day, n=n)
    if found is None:
        raise UnknownThing("draw", f"{day}-{n}"[:40])
    shown, lots = window(db, found), lots_in(db, found)
    return Result(shown, lots, drawn_order(shown.seed, lots)[: shown.winners])


def forget(db: Database, reader_id: int) -> None:
    """Tickets stay for whoever checks a draw, who held them goes; an unused win gives its money back (A11-5)."""
    with writing(db) as db:
        db.run("DELETE FROM draw_entries WHERE reader_id = :r AND state = 'entered'", r=reader_id)
        for row in db.all(
            "UPDATE draw_entries SET state = 'expired' WHERE reader_id = :r AND state = 'won' "
            "RETURNING day, granted_fen",
            r=reader_id,
        ):
            put_back(db, row["day"], row["granted_fen"])
        db.run("UPDATE draw_entries SET reader_id = NULL WHERE reader_id = :r", r=reader_id)
