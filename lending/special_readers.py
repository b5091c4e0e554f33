"""来馆不方便的读者: the old, the disabled, whoever a librarian says so of; that it is so is kept, never why (A10-3).

What it brings in days and renewals is the policy's [special]. Registering and its end stand in special_terms.py.
"""

from __future__ import annotations

from datetime import datetime

from lending.database import Database, writing
from lending.model import stamp
from lending.policy import Policy


def is_special(db: Database, reader_id: int) -> bool:
    """Whether a librarian has said so."""
    return bool(db.value("SELECT 1 FROM special_readers WHERE reader_id = :r", r=reader_id))


def ids(db: Database) -> list[int]:
    """Their ids, the newest first."""
    return [row["reader_id"] for row in db.all("SELECT reader_id FROM special_readers ORDER BY since DESC, reader_id")]


def loan_days(db: Database, reader_id: int, policy: Policy) -> int:
    """How many days longer this reader has a book."""
    return policy.special.loan_days_more if policy.special.loan_days_more and is_special(db, reader_id) else 0


def keep_days(db: Database, reader_id: int, policy: Policy) -> int:
    """How many days longer books that wait to be fetched are kept for this reader."""
    return policy.special.keep_days_more if policy.special.keep_days_more and is_special(db, reader_id) else 0


def put_down(db: Database, reader_id: int, now: datetime) -> bool:
    """From now on; False when it was so before. Call in `writing`."""
    return bool(
        db.run(
            "INSERT INTO special_readers (reader_id, since) VALUES (:r, :now) ON CONFLICT (reader_id) DO NOTHING",
            r=reader_id, now=stamp(now),
        )
    )  # fmt: skip


def strike_out(db: Database, reader_id: int) -> bool:
    """No longer; False when it was not so. Call in `writing`."""
    return bool(db.run("DELETE FROM special_readers WHERE reader_id = :r", r=reader_id))


def forget(db: Database, reader_id: int) -> None:
    """With the reader's other data (A11-5)."""
    with writing(db) as db:
        strike_out(db, reader_id)
