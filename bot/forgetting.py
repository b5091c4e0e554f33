"""All we hold about a reader in one list, and all of it forgotten at once: the records and the talk."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from bot import contacts, conversations, escalations, export_tickets, inbox, linking, outbox
from lending import case_records, cases, fee_refunds, mandates, privacy, readers, retention, sealed, transfers
from lending.case_records import Case
from lending.database import Database, writing
from lending.fee_refunds import FeeRefund
from lending.model import stamp
from lending.policy import Policy

SEALED: sealed.Columns = {  # first those that always hold something: a start looks at one only
    "contacts": ("chat",), "outbox": ("chat", "body"), "inbox": ("chat", "text", "error"), **sealed.COLUMNS,
    "conversations": ("memory",), "escalations": ("about",), "escalation_lines": ("text",),
}  # fmt: skip
CHAT_HASH = ("address = keyed(unseal(chat))",)
HASHED: sealed.Columns = {**sealed.HASHED, "contacts": CHAT_HASH, "inbox": CHAT_HASH, "outbox": CHAT_HASH}


def everything(db: Database, reader_id: int) -> dict[str, list[dict[str, Any]]]:
    """Table by table, what is held (A11-5)."""
    held = privacy.everything(db, reader_id)
    chats, (step, memory) = contacts.all_of(db, reader_id), conversations.load(db, reader_id)
    held["contacts"] = [{"channel": channel, "address": address} for channel, address in chats]
    held["messages"] = [row for chat in chats for row in inbox.whole(db, *chat)]
    held["said_to_you"] = [
        {"text": message.reply.text, "at": stamp(message.at)} for chat in chats for message in _said_to(db, *chat)
    ]
    held["conversations"] = [{"step": step, "memory": json.dumps(memory, ensure_ascii=False)}] if step or memory else []
    held["exports"] = export_tickets.of_reader(db, reader_id)
    held["escalations"] = escalations.of_reader(db, reader_id)
    return held


def _said_to(db: Database, channel: str, address: str) -> list[outbox.Message]:
    return outbox.after(db, channel, address, 0, limit=100_000)


def clear_daily(db: Database, policy: Policy, now: datetime) -> None:
    """Each day once: past loans lose their reader, and what was said long ago goes (A11-5, B2-21)."""
    if not retention.cleared(db, now):
        clear_words(db, policy, now)  # first: the other notes that the day is done
        retention.clear_daily(db, policy, now)


def clear_words(db: Database, policy: Policy, now: datetime) -> None:
    """Messages, requests that are closed, and where the talk stood with those who have not been here since."""
    before = now - timedelta(days=policy.privacy.words_days)
    outbox.forget_old(db, before)
    inbox.forget_old(db, before)
    escalations.forget_old(db, before)
    conversations.forget_old(db, before)
    linking.forget_old(db, before)
    export_tickets.forget_old(db, before)


def words_over(db: Database, policy: Policy, now: datetime) -> dict[str, int]:
    """How many rows of each table keep words longer than they may: all 0 after a clearing."""
    before = now - timedelta(days=policy.privacy.words_days)
    return {
        "outbox": outbox.count_old(db, before), "inbox": inbox.count_old(db, before),
        "escalation_lines": escalations.count_old(db, before), "conversations": conversations.count_old(db, before),
        "link_codes": linking.count_old(db, before), "exports": export_tickets.count_old(db, before),
    }  # fmt: skip


def going_along(db: Database, reader_id: int, now: datetime) -> list[readers.Reader]:
    """The children who have no chat: without this guardian nobody hears of their books or asks for their data."""
    children = mandates.children_of(db, reader_id, now)
    return [readers.reader(db, child) for child in children if contacts.of_reader(db, child) is None]


def given_up(db: Database, reader_id: int, now: datetime) -> list[Case | FeeRefund]:
    """What still lies at a desk for the reader and the children who go along: afterwards nobody could claim it."""
    everybody = (*(child.id for child in going_along(db, reader_id, now)), reader_id)
    waits: list[Case | FeeRefund] = []
    for one in everybody:
        waits += [*case_records.to_hand_out(db, one), *fee_refunds.open_ones(db, one)]
    return waits


def refuse_while_borrowing(db: Database, reader_id: int, now: datetime) -> None:
    """Raises StillBorrowing while books of the reader, or of a child who goes along, are open."""
    for child in going_along(db, reader_id, now):
        try:
            privacy.refuse_while_borrowing(db, child.id)
        except privacy.StillBorrowing as still:
            raise privacy.StillBorrowing(still.loans, still.orders, child.known_as) from still
    privacy.refuse_while_borrowing(db, reader_id)


def forget(db: Database, reader_id: int, policy: Policy, now: datetime) -> None:
    """Nothing of what was borrowed or said stays with the reader, nor with the children who go along.

    Raises StillBorrowing while books are open.
    """
    with writing(db) as db:
        refuse_while_borrowing(db, reader_id, now)
        for child in going_along(db, reader_id, now):
            _forget(db, child.id, policy, now)
        _forget(db, reader_id, policy, now)


def _forget(db: Database, reader_id: int, policy: Policy, now: datetime) -> None:
    transfers.leave(db, reader_id, now)
    cases.owner_leaves(db, reader_id, policy, now)
    privacy.forget(db, reader_id)
    for channel, address in contacts.all_of(db, reader_id):
        inbox.forget_chat(db, channel, address)
        outbox.forget_chat(db, channel, address)
    export_tickets.forget(db, reader_id)
    escalations.forget(db, reader_id)
    conversations.save(db, reader_id, "", {})
