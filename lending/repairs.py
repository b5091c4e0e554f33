"""修补架: copies laid aside as damaged. Mended, they go to the shelf or to whoever waits; else they are withdrawn."""

from __future__ import annotations

from datetime import datetime

from lending import copy_states
from lending.catalogue import scanned
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.model import CopyState
from lending.policy import Policy


def laid_aside(db: Database, limit: int) -> list[Row]:
    """What lies on the repair shelf: barcode, title, call number, place in both languages."""
    return db.all(
        "SELECT c.barcode, c.call_number, t.title, p.name AS point, p.name_en AS point_en FROM copies c "
        "JOIN titles t ON t.id = c.title_id JOIN points p ON p.id = c.point_id "
        "WHERE c.state = 'damaged' ORDER BY p.id, c.id LIMIT :n",
        n=limit,
    )


def how_many(db: Database) -> int:
    """How many copies lie there."""
    return int(db.value("SELECT COUNT(*) FROM copies WHERE state = 'damaged'"))


def settle(db: Database, barcode: str, mended: bool, actor: str, policy: Policy, now: datetime) -> str:
    """Back into circulation, or withdrawn; returns the title. Raises UnknownThing if it is not there."""
    with writing(db) as db:
        copy = scanned(db, barcode)
        if copy.state != CopyState.DAMAGED:
            raise UnknownThing("barcode", barcode[:40])
        copy_states.step(db, barcode, "mend" if mended else "withdraw", actor, policy, now)
        return copy_states.title_of(db, copy.title_id)
