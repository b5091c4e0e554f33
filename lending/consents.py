"""Taking back a consent to be asked about: what the bureau said is forgotten, and the reader stands on the ladder."""

from __future__ import annotations

from datetime import datetime

from lending import outside, rents
from lending.database import Database, writing
from lending.model import stamp

GONE = "withdrawn:"  # before the id, where the token stood: links given out lead nowhere


def given(db: Database, reader_id: int) -> bool:
    """Whether the reader has let a bureau be asked, and not taken it back."""
    return bool(db.value("SELECT 1 FROM credit_checks WHERE reader_id = :r AND withdrawn_at IS NULL", r=reader_id))


def withdraw(db: Database, reader_id: int, now: datetime) -> bool:
    """Forget every answer, ask nothing more; trust that came from an answer goes with it, conduct stays (D-2).

    Loans, orders and points stay as they are. False when there was nothing to take back.
    """
    with writing(db) as db:
        said_yes = db.value(
            "SELECT 1 FROM credit_checks WHERE reader_id = :r AND verdict = 'yes' AND withdrawn_at IS NULL", r=reader_id
        )
        taken_back = db.run(
            "UPDATE credit_checks SET withdrawn_at = :now, verdict = NULL, answered_at = NULL, reference = '', "
            f"token = '{GONE}' || id WHERE reader_id = :r AND withdrawn_at IS NULL",
            r=reader_id, now=stamp(now),
        )  # fmt: skip
        if said_yes:
            trust_no_answer(db, reader_id)
        outside.drop(db, reader_id)
        rents.stop(db, reader_id)
        return bool(taken_back)


def trust_no_answer(db: Database, reader_id: int) -> None:
    """Whoever an answer made trusted stands on the ladder. Call in `writing`."""
    db.run("UPDATE readers SET standing = 'ladder' WHERE id = :r AND standing = 'trusted'", r=reader_id)
