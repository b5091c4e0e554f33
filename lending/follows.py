"""Which parcels a tracking service is asked to follow or is asked about, when, and what came of it.

The asking is done by others, between these short transactions: no store waits for a network.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lending.database import Database, Row, writing
from lending.model import stamp
from lending.parcels import ENDS
from lending.policy import Policy

UNDER_WAY = "p.state NOT IN (" + ", ".join(f"'{name}'" for name in ENDS) + ")"


def due(db: Database, now: datetime, limit: int = 20) -> list[Row]:
    """Parcels to be followed ('waiting') or looked up because they fell silent ('followed'), the longest due first."""
    return db.all(
        "SELECT f.parcel_id, f.company, f.state, f.tries, p.tracking, unseal(r.phone) AS phone "
        "FROM parcel_follows f JOIN parcels p ON p.id = f.parcel_id JOIN orders o ON o.id = p.order_id "
        f"JOIN readers r ON r.id = o.reader_id WHERE f.state <> 'refused' AND f.next_at <= :now AND {UNDER_WAY} "
        "ORDER BY f.next_at, f.parcel_id LIMIT :n",
        now=stamp(now), n=limit,
    )  # fmt: skip


def answered(db: Database, parcel_id: int, policy: Policy, now: datetime) -> None:
    """They follow it, or have just told of it: asked again only after a silence."""
    again = stamp(now + timedelta(hours=policy.parcels.silent_hours))
    with writing(db) as db:
        db.run(
            "UPDATE parcel_follows SET state = 'followed', tries = 0, error = '', next_at = :again "
            "WHERE parcel_id = :p AND state <> 'refused'",
            p=parcel_id, again=again,
        )  # fmt: skip


def not_now(db: Database, parcel_id: int, error: str, policy: Policy, now: datetime) -> None:
    """No answer: asked again later, and later still each time."""
    waits = policy.parcels.ask_again_minutes
    with writing(db) as db:
        tries = db.value(
            "UPDATE parcel_follows SET tries = tries + 1, error = :e WHERE parcel_id = :p RETURNING tries",
            p=parcel_id, e=error[:200],
        )  # fmt: skip
        again = now + timedelta(minutes=waits[min(tries or 1, len(waits)) - 1])
        db.run("UPDATE parcel_follows SET next_at = :again WHERE parcel_id = :p", p=parcel_id, again=stamp(again))


def refused(db: Database, parcel_id: int, error: str) -> None:
    """They will not follow it; a librarian sees why and corrects the number or the company."""
    with writing(db) as db:
        db.run(
            "UPDATE parcel_follows SET state = 'refused', error = :e WHERE parcel_id = :p", p=parcel_id, e=error[:200]
        )


def refusals(db: Database) -> list[Row]:
    """Parcels under way that nobody follows: tracking, company, order and the reason."""
    return db.all(
        "SELECT p.id, p.tracking, f.company, f.error, o.number FROM parcel_follows f "
        "JOIN parcels p ON p.id = f.parcel_id JOIN orders o ON o.id = p.order_id "
        f"WHERE f.state = 'refused' AND {UNDER_WAY} ORDER BY p.id"
    )
