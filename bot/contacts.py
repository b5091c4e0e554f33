"""Which chat belongs to which reader, and where a reader is best reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import outbox
from bot.addresses import hashed, hashes, sealed
from bot.events import Event
from bot.texts import language_of
from lending import credit, notices, readers
from lending.database import Database
from lending.model import parse_stamp, stamp
from lending.policy import Policy
from lending.readers import Reader

MARK = 12  # characters of an address's hash: enough to tell the chats of one reader apart


@dataclass(frozen=True, slots=True)
class Chat:
    """One of a reader's chats; `mark` names it in a button."""

    channel: str
    address: str
    mark: str
    reachable: bool
    last_seen: datetime


def resolve(db: Database, event: Event, policy: Policy, now: datetime) -> tuple[Reader, bool]:
    """The reader behind an event, and whether this is their first word; a newcomer joins here (A1-12)."""
    for address in hashes(db, event.address):
        row = db.one(
            "UPDATE contacts SET last_seen = :now WHERE channel = :c AND address = :a RETURNING reader_id, reachable",
            now=stamp(now), c=event.channel, a=address,
        )  # fmt: skip
        if row is not None:
            if not row["reachable"]:
                set_reachable(db, event.channel, event.address, True)
            return readers.reader(db, row["reader_id"]), False
    reader = readers.join(db, language_of(event.language), now, event.name)
    credit.open_ledger(db, reader.id, policy, now)
    add(db, event.channel, event.address, reader.id, now)
    return reader, True


def add(db: Database, channel: str, address: str, reader_id: int, now: datetime) -> None:
    """From now on this chat is the reader's."""
    db.run(
        "INSERT INTO contacts (channel, address, chat, reader_id, last_seen) VALUES (:c, :a, :chat, :r, :now)",
        c=channel, a=hashed(db, address), chat=sealed(db, address), r=reader_id, now=stamp(now),
    )  # fmt: skip


def of_reader(db: Database, reader_id: int) -> tuple[str, str] | None:
    """Channel and address where the reader was last seen, reachable ones first; None for one who never wrote."""
    row = db.one(
        "SELECT channel, unseal(chat) AS address FROM contacts WHERE reader_id = :r "
        "ORDER BY reachable DESC, last_seen DESC LIMIT 1",
        r=reader_id,
    )
    return (row["channel"], row["address"]) if row else None


def reached(db: Database, reader_id: int) -> bool:
    """Whether any chat of the reader takes our messages."""
    return bool(db.value("SELECT 1 FROM contacts WHERE reader_id = :r AND reachable = 1", r=reader_id))


def all_of(db: Database, reader_id: int) -> list[tuple[str, str]]:
    """Every chat of the reader: channel and address."""
    rows = db.all(
        "SELECT channel, unseal(chat) AS address FROM contacts WHERE reader_id = :r ORDER BY channel, rowid",
        r=reader_id,
    )
    return [(row["channel"], row["address"]) for row in rows]


def chats(db: Database, reader_id: int) -> list[Chat]:
    """The same, the last written from first."""
    rows = db.all(
        "SELECT channel, unseal(chat) AS chat, address, reachable, last_seen FROM contacts WHERE reader_id = :r "
        "ORDER BY last_seen DESC, rowid",
        r=reader_id,
    )
    return [
        Chat(row["channel"], row["chat"], row["address"][:MARK], bool(row["reachable"]), parse_stamp(row["last_seen"]))
        for row in rows
    ]


def leave(db: Database, reader_id: int, chat: Chat) -> bool:
    """This chat is the reader's no longer; False where no other would be left that messages reach."""
    mine = "reader_id = :r AND channel = :c AND substr(address, 1, :n) = :mark"
    left = f"SELECT 1 FROM contacts WHERE reader_id = :r AND reachable = 1 AND NOT ({mine})"
    found = db.run(
        f"DELETE FROM contacts WHERE {mine} AND EXISTS ({left})", r=reader_id, c=chat.channel, n=MARK, mark=chat.mark
    )
    return found == 1


def reader_of(db: Database, channel: str, address: str) -> Reader | None:
    """Whose chat it is."""
    one = "SELECT reader_id FROM contacts WHERE channel = :c AND address = :a"
    for kept in hashes(db, address):
        if (reader_id := db.value(one, c=channel, a=kept)) is not None:
            return readers.reader(db, reader_id)
    return None


def hand_over(db: Database, gone: int, kept: int) -> None:
    """Every chat of one reader's record speaks for another from now on: they are the same person (A1-20)."""
    db.run("UPDATE contacts SET reader_id = :kept WHERE reader_id = :gone", kept=kept, gone=gone)


def set_reachable(db: Database, channel: str, address: str, reachable: bool) -> None:
    """A blocked chat cannot be written to until its owner writes again, or lets us in.

    What the library had to say meanwhile is then told anew, as far as it still holds. Call in `writing`.
    """
    changed = sum(
        db.run(
            "UPDATE contacts SET reachable = :yes WHERE channel = :c AND address = :a AND reachable <> :yes",
            yes=int(reachable), c=channel, a=kept,
        )
        for kept in hashes(db, address)
    )  # fmt: skip
    if changed and reachable:
        notices.say_again(db, outbox.take_back(db, channel, address, "failed"))


def unreachable(db: Database) -> list[dict[str, object]]:
    """Chats that refused our messages, of readers who have no other that takes them: to be telephoned (B2-28)."""
    return db.all(
        "SELECT c.channel, r.number, unseal(r.name) AS name, unseal(r.phone) AS phone FROM contacts c "
        "JOIN readers r ON r.id = c.reader_id WHERE c.reachable = 0 AND NOT EXISTS (SELECT 1 FROM contacts o "
        "WHERE o.reader_id = c.reader_id AND o.reachable = 1) ORDER BY r.id"
    )
