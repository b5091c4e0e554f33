"""修补架: copies laid aside as damaged. Mended, they go to the shelf or to whoever waits; else they are withdrawn."""

from __future__ import annotations

from datetime import datetime

from lending import holds
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.policy import Policy


def laid_aside(db: Database, limit: int = 100) -> list[Row]:
    """What lies on the repair shelf: barcode, title, call number, place."""
    return db.all(
        "SELECT c.barcode, c.call_number, t.title, p.name AS point FROM copies c JOIN titles t ON t.id = c.title_id "
        "JOIN points p ON p.id = c.point_id WHERE c.state = 'damaged' ORDER BY p.id, c.id LIMIT :n",
        n=limit,
    )


def settle(db: Database, barcode: str, mended: bool, policy: Policy, now: datetime) -> str:
    """Back into circulation, or withdrawn for good; returns the title. Raises UnknownThing if it is not there."""
    with writing(db) as db:
        row = db.one(
            "UPDATE copies SET state = 'withdrawn' WHERE barcode = :b AND state = 'damaged' RETURNING id, title_id",
            b=barcode,
        )
        if row is None:
            raise UnknownThing("barcode", barcode[:40])
        if mended:
            holds.release_copy(db, row["id"], row["title_id"], policy, now)
        return str(db.value("SELECT title FROM titles WHERE id = :t", t=row["title_id"]))
