"""Who hears what is meant for a reader: the reader, or for a child whom no chat reaches the guardian (B2-11, D-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import contacts
from lending import mandates, readers
from lending.database import Database
from lending.readers import Reader


@dataclass(frozen=True, slots=True)
class Recipient:
    """A chat, and whose it is; `stands_in` when the words are about somebody else."""

    reader: Reader
    channel: str
    address: str
    stands_in: bool


def of(db: Database, reader: Reader, now: datetime) -> Recipient | None:
    """None for whoever cannot be written to, and nobody answers for. A chat that refuses is tried where no other is."""
    own = contacts.of_reader(db, reader.id)
    if own is not None and contacts.reached(db, reader.id):
        return Recipient(reader, *own, stands_in=False)
    guardian = mandates.guardian_of(db, reader.id, now)
    where = contacts.of_reader(db, guardian) if guardian is not None else None
    if guardian is not None and where is not None and (own is None or contacts.reached(db, guardian)):
        return Recipient(readers.reader(db, guardian), *where, stands_in=True)
    return Recipient(reader, *own, stands_in=False) if own is not None else None
