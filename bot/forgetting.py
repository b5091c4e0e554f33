"""All we hold about a reader in one list, and all of it forgotten at once: the records and the talk."""

from __future__ import annotations

from typing import Any

from bot import contacts, conversations, escalations, inbox, outbox
from lending import privacy, sealed
from lending.database import Database, writing

SEALED: sealed.Columns = {
    **sealed.COLUMNS, "inbox": ("text",), "outbox": ("body",), "conversations": ("memory",), "escalations": ("about",),
    "escalation_lines": ("text",),
}  # fmt: skip

def everything(db: Database, reader_id: int) -> dict[str, list[dict[str, Any]]]:
    """Table by table, what is held (A11-5)."""
    held = privacy.everything(db, reader_id)
    chats = contacts.all_of(db, reader_id)
    held["contacts"] = [{"channel": channel, "address": address} for channel, address in chats]
    held["messages"] = [row for chat in chats for row in inbox.said(db, *chat, limit=1_000)]
    held["escalations"] = escalations.of_reader(db, reader_id)
    return held


def forget(db: Database, reader_id: int) -> None:
    """Nothing of what was borrowed or said stays with the reader. Raises StillBorrowing while books are open."""
    with writing(db) as db:
        privacy.forget(db, reader_id)
        for channel, address in contacts.all_of(db, reader_id):
            inbox.forget_chat(db, channel, address)
            outbox.forget_chat(db, channel, address)
        escalations.forget(db, reader_id)
        conversations.save(db, reader_id, "", {})
