"""A form of one's own for a card's number and password, so that neither is ever typed into a chat (A3-31).

Its address is a secret given to one reader for one kind of card: short-lived, used once, kept as a keyed hash.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending.database import Database, writing
from lending.errors import LendingError, fact
from lending.model import library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy

TOKEN_BYTES = 24  # 192 bits: nobody guesses an address
KINDS = ("library", "citizen")
LIVE = "digest = :d AND ended_at IS NULL AND expires_at > :now"


@fact
class NoMoreForms(LendingError):
    """So many forms a reader may have in a day; `most` of the policy."""

    most: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form that can be filled in: whose, for which kind of card, how many tries are left, and until when."""

    reader_id: int
    kind: str
    tries_left: int
    until: datetime


def make(db: Database, reader_id: int, kind: str, key: bytes, policy: Policy, now: datetime) -> tuple[str, datetime]:
    """The secret part of a new form's address, told once, and until when it holds; the form before is closed.

    Raises NoMoreForms.
    """
    token, rules = secrets.token_urlsafe(TOKEN_BYTES), policy.credentials
    until = now + timedelta(minutes=rules.form_minutes)
    with writing(db) as db:
        today = stamp(start_of_day(library_day(now)))
        had = "SELECT COUNT(*) FROM secret_forms WHERE reader_id = :r AND made_at >= :today"
        if db.value(had, r=reader_id, today=today) >= rules.forms_a_day:
            raise NoMoreForms(rules.forms_a_day)
        close(db, reader_id, now)
        db.run(
            "INSERT INTO secret_forms (digest, reader_id, kind, made_at, expires_at) "
            "VALUES (:d, :r, :kind, :now, :until)",
            d=_digest(token, key), r=reader_id, kind=kind, now=stamp(now), until=stamp(until),
        )  # fmt: skip
    return token, until


def close(db: Database, reader_id: int, now: datetime) -> bool:
    """The reader's open form leads nowhere any more. Call in `writing`."""
    return bool(
        db.run(
            "UPDATE secret_forms SET ended_at = :now, ended_as = 'replaced' WHERE reader_id = :r AND ended_at IS NULL",
            r=reader_id, now=stamp(now),
        )
    )  # fmt: skip


def _digest(token: str, key: bytes) -> str:
    return hmac.new(key, f"form:{token}".encode(), "sha256").hexdigest()


def look(db: Database, token: str, key: bytes, policy: Policy, now: datetime) -> Form | None:
    """The form behind an address; None when it was used, replaced, is too old, or never was. Nothing is counted."""
    row = db.one(
        f"SELECT reader_id, kind, tries, expires_at FROM secret_forms WHERE {LIVE}",
        d=_digest(token, key),
        now=stamp(now),
    )
    if row is None:
        return None
    left = max(0, policy.credentials.form_tries - row["tries"])
    return Form(row["reader_id"], row["kind"], left, parse_stamp(row["expires_at"]))


def take_try(db: Database, token: str, key: bytes, policy: Policy, now: datetime) -> bool:
    """Count one try before anybody is asked; False when there is none left, however many come at once."""
    with writing(db) as db:
        return bool(
            db.run(
                f"UPDATE secret_forms SET tries = tries + 1 WHERE {LIVE} AND tries < :most",
                d=_digest(token, key), now=stamp(now), most=policy.credentials.form_tries,
            )
        )  # fmt: skip


def use(db: Database, token: str, key: bytes, now: datetime) -> bool:
    """The form has done its work; True for one caller only. What it brings about belongs to the same `writing`."""
    with writing(db) as db:
        return bool(
            db.run(
                f"UPDATE secret_forms SET ended_at = :now, ended_as = 'used' WHERE {LIVE}",
                d=_digest(token, key), now=stamp(now),
            )
        )  # fmt: skip
