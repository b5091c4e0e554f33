"""What came in: the mark that makes a repeated delivery harmless, the words for a transcript, and the poisoned ones."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

from bot.addresses import hashed, hashes, sealed
from bot.events import Event
from lending.database import Database, Row, writing
from lending.model import library_day, parse_stamp, stamp, start_of_day

KEPT_CHARACTERS = 2_000


def accept(db: Database, event: Event, now: datetime, error: str | None = None) -> bool:
    """Mark an event as seen; False when it had been seen before."""
    return bool(
        db.run(
            "INSERT INTO inbox (channel, event_id, address, chat, kind, text, received_at, error) VALUES "
            "(:c, :id, :a, :chat, :kind, seal(:text), :now, seal(:error)) "
            "ON CONFLICT (channel, event_id) DO NOTHING",
            c=event.channel, id=event.event_id, a=hashed(db, event.address), chat=sealed(db, event.address),
            kind=event.kind, text=(event.text or event.press or event.start)[:KEPT_CHARACTERS],
            now=stamp(now), error=error,
        )
    )  # fmt: skip


def seen(db: Database, event: Event) -> bool:
    """Whether it was taken in before; asked before work that a repetition need not do again."""
    found = db.value("SELECT 1 FROM inbox WHERE channel = :c AND event_id = :i", c=event.channel, i=event.event_id)
    return bool(found)


def poison(db: Database, channel: str, event_id: str, raw: str, error: str, now: datetime) -> None:
    """Record an update that cannot be read at all (dead letter)."""
    with writing(db) as db:
        db.run(
            "INSERT INTO inbox (channel, event_id, address, kind, text, received_at, error) "
            "VALUES (:c, :id, '', 'malformed', seal(:text), :now, seal(:error)) "
            "ON CONFLICT (channel, event_id) DO NOTHING",
            c=channel, id=event_id, text=raw[:KEPT_CHARACTERS], now=stamp(now), error=error[:500],
        )  # fmt: skip


def dead_letters(db: Database, limit: int = 100) -> list[Row]:
    """Events that failed, the newest first."""
    return db.all(
        "SELECT channel, event_id, legible(chat) AS address, kind, legible(text) AS text, "
        "received_at, legible(error) AS error, (SELECT c.reader_id FROM contacts c WHERE c.channel = m.channel "
        "AND c.address = m.address) AS reader_id FROM inbox m "
        "WHERE error IS NOT NULL ORDER BY received_at DESC LIMIT :n",
        n=limit,
    )


def said(db: Database, channel: str, address: str, limit: int = 20) -> list[Row]:
    """The last things a person said there, oldest first: text and time."""
    rows = db.all(
        "SELECT legible(text) AS text, received_at AS at FROM inbox WHERE channel = :c AND address = :a "
        "AND kind = 'text' ORDER BY received_at DESC, rowid DESC LIMIT :n",
        c=channel, a=hashed(db, address), n=limit,
    )  # fmt: skip
    return rows[::-1]


def whole(db: Database, channel: str, address: str) -> list[Row]:
    """Everything that came from there, oldest first: kind, text, at."""
    return db.all(
        "SELECT kind, legible(text) AS text, received_at AS at FROM inbox WHERE channel = :c AND address = :a "
        "ORDER BY received_at, rowid",
        c=channel, a=hashed(db, address),
    )  # fmt: skip


def forget_old(db: Database, before: datetime) -> int:
    """Drop what came in earlier (A11-5); returns how many rows went. That somebody said something stays counted."""
    with writing(db) as db:
        for day, n in _by_day(db, "", stamp(before)).items():
            db.run(
                "INSERT INTO visits (day, n) VALUES (:day, :n) ON CONFLICT (day) DO UPDATE SET n = visits.n + :n",
                day=str(day), n=n,
            )  # fmt: skip
        return db.run("DELETE FROM inbox WHERE received_at < :before", before=stamp(before))


def visits(db: Database, first: date, last: date) -> int:
    """How often readers said or pressed something, from the first to the last of these days (A2-R, R-1)."""
    asked = "SELECT COALESCE(SUM(n), 0) FROM visits WHERE day >= :first AND day <= :last"
    since, until = stamp(start_of_day(first)), stamp(start_of_day(last + timedelta(days=1)))
    return int(db.value(asked, first=str(first), last=str(last))) + sum(_by_day(db, since, until).values())


def _by_day(db: Database, since: str, until: str) -> Counter[date]:
    """What is still here of that time, by the library's day; what nobody could read is no visit."""
    rows = db.all(
        "SELECT SUBSTR(received_at, 1, 13) AS hour, COUNT(*) AS n FROM inbox WHERE received_at >= :since "
        "AND received_at < :until AND kind <> 'malformed' GROUP BY SUBSTR(received_at, 1, 13)",
        since=since, until=until,
    )  # fmt: skip
    found: Counter[date] = Counter()
    for row in rows:
        found[library_day(parse_stamp(f"{row['hour']}:00:00Z"))] += row["n"]
    return found


def count_old(db: Database, before: datetime) -> int:
    """What came in earlier and is still there."""
    return int(db.value("SELECT COUNT(*) FROM inbox WHERE received_at < :before", before=stamp(before)))


def forget_chat(db: Database, channel: str, address: str) -> None:
    """Forget what was said there; the marks against repeated deliveries stay."""
    for kept in hashes(db, address):
        db.run("UPDATE inbox SET text = '', error = NULL WHERE channel = :c AND address = :a", c=channel, a=kept)


def forget_event(db: Database, event: Event) -> None:
    """Forget what was said just now; the mark against a repeated delivery stays (A3-31)."""
    db.run("UPDATE inbox SET text = '' WHERE channel = :c AND event_id = :i", c=event.channel, i=event.event_id)
