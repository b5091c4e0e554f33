"""Whom no message reaches: readers without a chat, whose chats all refuse, or who have not been back since (B2-28)."""

from __future__ import annotations

from datetime import datetime

from lending import mandates
from lending.database import Database
from lending.model import stamp

PULLED = ("web", "terminal")  # these show what is said only when somebody comes to look


def unheard(db: Database, reader_id: int, since: datetime) -> str:
    """'' for a reader whom messages reach; else 'none' (no chat), 'refused' (all do), 'away' (not back since then).

    'guardian' for a child whose chats all refuse, where a guardian hears what the library has to tell (recipients.py).
    """
    pulled = ", ".join(f"'{channel}'" for channel in PULLED)
    row = db.one(
        "SELECT COUNT(*) AS chats, COUNT(*) FILTER (WHERE reachable = 1) AS open, COUNT(*) FILTER "
        f"(WHERE reachable = 1 AND (channel NOT IN ({pulled}) OR last_seen >= :since)) AS heard "
        "FROM contacts WHERE reader_id = :r",
        r=reader_id, since=stamp(since),
    )  # fmt: skip
    assert row is not None
    if not row["chats"]:  # what is meant for a child without a chat goes to the guardian (recipients.py)
        guardian = mandates.guardian_of(db, reader_id, since)
        return "none" if guardian is None else unheard(db, guardian, since)
    if not row["open"]:
        guardian = mandates.guardian_of(db, reader_id, since)
        return "refused" if guardian is None or unheard(db, guardian, since) else "guardian"
    return "" if row["heard"] else "away"
