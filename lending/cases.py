"""个案: a lost or damaged book, or an objection to a ledger line, written down for a librarian to settle."""

from __future__ import annotations

from datetime import datetime

from lending.database import Database, writing
from lending.model import LIBRARY_ZONE, stamp


def open_case(db: Database, reader_id: int, kind: str, obj: str, note: str, now: datetime) -> tuple[str, bool]:
    """Open a case about an object ('loan:3', 'line:8'); the same one twice is one case.

    Returns its number and whether it is new.
    """
    with writing(db) as db:
        found = db.value(
            "SELECT number FROM cases WHERE reader_id = :r AND kind = :k AND object = :o AND state = 'open'",
            r=reader_id, k=kind, o=obj,
        )  # fmt: skip
        if found:
            return str(found), False
        number = db.value(
            "INSERT INTO cases (number, reader_id, kind, object, note, opened_at) VALUES (:day || '-' || "
            "(SELECT COALESCE(MAX(id), 0) + 1 FROM cases), :r, :k, :o, :note, :now) RETURNING number",
            day=f"GA{now.astimezone(LIBRARY_ZONE):%y%m%d}", r=reader_id, k=kind, o=obj, note=note[:500], now=stamp(now),
        )  # fmt: skip
        return str(number), True


def open_cases(db: Database, reader_id: int | None = None) -> list[dict[str, object]]:
    """Cases not yet settled, the oldest first; of one reader when named."""
    return db.all(
        "SELECT number, reader_id, kind, object, note, opened_at FROM cases WHERE state = 'open' "
        "AND (:r IS NULL OR reader_id = :r) ORDER BY id",
        r=reader_id,
    )


def settle(db: Database, number: str) -> bool:
    """A librarian has settled it; False when it was not open."""
    with writing(db) as db:
        return bool(db.run("UPDATE cases SET state = 'settled' WHERE number = :n AND state = 'open'", n=number))
