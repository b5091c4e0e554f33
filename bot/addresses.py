"""A chat's address (a Telegram number) lies in the store as a keyed hash to look it up by, and sealed to write to."""

from __future__ import annotations

from lending.database import Database
from lending.vault import Findable


def hashed(db: Database, address: str) -> str:
    """What stands in the column `address`, by the newest key."""
    return _findable(db, address).hashes[0]


def hashes(db: Database, address: str) -> tuple[str, ...]:
    """By every key, the newest first: while the key is being turned, a row may still stand under the one before."""
    return _findable(db, address).hashes


def sealed(db: Database, address: str) -> str:
    """What stands in the column `chat`."""
    return _findable(db, address).sealed


def _findable(db: Database, address: str) -> Findable:
    return db.store.vault.findable(address, db.store.has_turn())
