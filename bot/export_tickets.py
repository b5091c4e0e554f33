"""Tickets for a copy of all we hold about a reader: who asked for whose, until when; each file once (A11-5)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from lending import looks
from lending.database import Database, Row, writing
from lending.model import stamp
from lending.policy import Policy

LIVE = "digest = :d AND expires_at > :now AND asked_by = :who AND INSTR(fetched, :kind) = 0"
FETCHED = "mydata."  # the note of a file that was fetched begins so; that of a ticket is the channel's name


def offer(db: Database, reader_id: int, asked_by: int, channel: str, policy: Policy, now: datetime) -> str:
    """A ticket for a copy of this reader's data, told once. The reader sees that it was asked for, and by whom."""
    ticket = secrets.token_urlsafe(18)
    with writing(db) as db:
        db.run(
            "INSERT INTO exports (digest, reader_id, asked_by, made_at, expires_at) VALUES (:d, :r, :by, :now, :until)",
            d=_digest(ticket), r=reader_id, by=asked_by, now=stamp(now),
            until=stamp(now + timedelta(minutes=policy.privacy.copy_minutes)),
        )  # fmt: skip
        _note(db, reader_id, asked_by, channel, now)
    return ticket


def link(ticket: str, kind: str) -> str:
    """Where the page fetches a file; bot/channels/webchat/copies.py answers there."""
    return f"/chat/export/{ticket}/mydata.{kind}"


def of_ticket(db: Database, ticket: str) -> int | None:
    """Whose data it is for, however late the channel hands it over; None once that reader was forgotten."""
    return db.value("SELECT reader_id FROM exports WHERE digest = :d", d=_digest(ticket))


def fetch(db: Database, ticket: str, kind: str, asked_by: int, now: datetime) -> int | None:
    """Use the ticket up for this kind of file; whose data it is. None when it is not theirs, too old, or used."""
    with writing(db) as db:
        reader_id = db.value(
            f"UPDATE exports SET fetched = fetched || ' ' || :kind WHERE {LIVE} RETURNING reader_id",
            d=_digest(ticket), kind=kind, who=asked_by, now=stamp(now),
        )  # fmt: skip
        if reader_id is not None:
            _note(db, reader_id, asked_by, f"{FETCHED}{kind}", now)
    return reader_id


def _note(db: Database, reader_id: int, asked_by: int, why: str, now: datetime) -> None:
    looks.note(db, reader_id, "" if asked_by == reader_id else looks.GUARDIAN, looks.COPY, why, now)


def _digest(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()


def of_reader(db: Database, reader_id: int) -> list[Row]:
    """The tickets for this reader's data."""
    return db.all("SELECT made_at, expires_at, fetched FROM exports WHERE reader_id = :r", r=reader_id)


def forget(db: Database, reader_id: int) -> None:
    """Nobody can fetch anything of this reader's any more. Call in `writing`."""
    db.run("DELETE FROM exports WHERE reader_id = :r OR asked_by = :r", r=reader_id)


def forget_old(db: Database, before: datetime) -> int:
    """Tickets made earlier go; returns how many."""
    with writing(db) as db:
        return db.run("DELETE FROM exports WHERE made_at < :before", before=stamp(before))


def count_old(db: Database, before: datetime) -> int:
    """Tickets made earlier that are still there."""
    return int(db.value("SELECT COUNT(*) FROM exports WHERE made_at < :before", before=stamp(before)))
