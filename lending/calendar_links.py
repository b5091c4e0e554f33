"""The secret address of a reader's calendar: one each, the same until the reader wants another or none (D 41)."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from lending.database import Database, writing
from lending.model import stamp

TOKEN_BYTES = 24  # 192 bits: nobody guesses an address


def of_reader(db: Database, reader_id: int, now: datetime) -> str:
    """The secret part of the reader's address; made when there is none."""
    with writing(db) as db:
        known = db.value("SELECT unseal(token) FROM calendar_links WHERE reader_id = :r", r=reader_id)
        return str(known) if known else renew(db, reader_id, now)


def renew(db: Database, reader_id: int, now: datetime) -> str:
    """A new secret; the address before leads nowhere from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with writing(db) as db:
        db.run(
            "INSERT INTO calendar_links (reader_id, digest, token, made_at) VALUES (:r, :d, seal(:token), :now) "
            "ON CONFLICT (reader_id) DO UPDATE SET digest = :d, token = seal(:token), made_at = :now",
            r=reader_id, d=_digest(token), token=token, now=stamp(now),
        )  # fmt: skip
    return token


def revoke(db: Database, reader_id: int) -> bool:
    """The address leads nowhere; False where there was none."""
    with writing(db) as db:
        return db.run("DELETE FROM calendar_links WHERE reader_id = :r", r=reader_id) == 1


def reader_of(db: Database, token: str) -> int | None:
    """Whose calendar lies behind the address; None for one that was replaced, taken back, or never was."""
    return db.value("SELECT reader_id FROM calendar_links WHERE digest = :d", d=_digest(token))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def change_hands(db: Database, kept: int, gone: int) -> None:
    """Two records of one person become one: the address of `kept` stays, or it takes the other's. In `writing`."""
    mine = "SELECT 1 FROM calendar_links c WHERE c.reader_id = :k"
    db.run(f"UPDATE calendar_links SET reader_id = :k WHERE reader_id = :g AND NOT EXISTS ({mine})", k=kept, g=gone)
    db.run("DELETE FROM calendar_links WHERE reader_id = :g", g=gone)
