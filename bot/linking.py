"""One reader, several chats: a short-lived code from one chat, typed in another, joins both to one record (A1-20)."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import contacts, escalations, inbox, outbox, recipients
from bot.addresses import hashed
from bot.contacts import Chat
from bot.events import Reply
from lending import merging, notices
from lending.database import Database, writing
from lending.errors import LendingError, fact
from lending.model import half_width, library_day, parse_stamp, stamp
from lending.policy import Policy

CODE = re.compile(r"\s*LJ[\s-]?(\d{4})[\s-]?(\d{4})\s*", re.IGNORECASE)


@fact
class LinkRefused(LendingError):
    """The code leads nowhere: wrong, used, too old ("code"), too many wrong ones ("tries"), a talk ("person");
    or the chat that should go is the only one ("only")."""

    reason: str


def code_in(text: str) -> str:
    """The eight digits of a link code, or ''."""
    found = CODE.fullmatch(half_width(text))
    return found[1] + found[2] if found else ""


def make(db: Database, reader_id: int, key: bytes, policy: Policy, now: datetime) -> tuple[str, datetime]:
    """A new code for the reader and until when it holds; the one before leads nowhere any more."""
    code, until = f"{secrets.randbelow(10**8):08d}", now + timedelta(minutes=policy.codes.minutes)
    with writing(db) as db:
        db.run("DELETE FROM link_codes WHERE reader_id = :r AND used_at IS NULL", r=reader_id)
        db.run(
            "INSERT INTO link_codes (digest, reader_id, expires_at) VALUES (:d, :r, :until) "
            "ON CONFLICT (digest) DO UPDATE SET reader_id = excluded.reader_id, expires_at = excluded.expires_at, "
            "used_at = NULL",
            d=_digest(code, key), r=reader_id, until=stamp(until),
        )  # fmt: skip
    return f"LJ {code[:4]} {code[4:]}", until


def _digest(code: str, key: bytes) -> str:
    return hmac.new(key, f"link:{code}".encode(), "sha256").hexdigest()


def owner(db: Database, code: str, channel: str, address: str, key: bytes, policy: Policy, now: datetime) -> int:
    """Who gave the code. A wrong one is counted. Raises LinkRefused."""
    day, address = str(library_day(now)), hashed(db, address)
    mine = "channel = :c AND address = :a AND day = :day"
    tries = db.value(f"SELECT tries FROM link_tries WHERE {mine}", c=channel, a=address, day=day) or 0
    if tries >= policy.codes.tries_a_day:
        raise LinkRefused("tries")
    row = db.one(
        "SELECT reader_id, expires_at FROM link_codes WHERE digest = :d AND used_at IS NULL", d=_digest(code, key)
    )
    if row is not None and parse_stamp(row["expires_at"]) > now:
        return int(row["reader_id"])
    db.run(
        "INSERT INTO link_tries (channel, address, day, tries) VALUES (:c, :a, :day, 1) "
        "ON CONFLICT (channel, address, day) DO UPDATE SET tries = link_tries.tries + 1",
        c=channel, a=address, day=day,
    )  # fmt: skip
    raise LinkRefused("code")


def join(db: Database, kept: int, gone: int, code: str, key: bytes, policy: Policy, now: datetime) -> None:
    """The chats of `gone` speak for `kept` from now on; the code is used up. Raises CannotMerge, LinkRefused."""
    with writing(db) as db:
        if escalations.open_of(db, gone):
            raise LinkRefused("person")
        merging.merge(db, kept, gone, policy, now)
        used = db.run(
            "UPDATE link_codes SET used_at = :now WHERE digest = :d AND used_at IS NULL",
            d=_digest(code, key), now=stamp(now),
        )  # fmt: skip
        assert used == 1, "looked up in this transaction"
        contacts.hand_over(db, gone, kept)
        escalations.hand_over(db, gone, kept)


def unlink(
    db: Database, reader_id: int, chat: Chat, told: str, policy: Policy, now: datetime, here: tuple[str, str]
) -> None:
    """This chat speaks for the reader no longer: what was said there goes, what was still to be said there goes to
    another, and every other but the one that is talking is `told`. Raises LinkRefused where it is the only one."""
    with writing(db) as db:
        if not contacts.leave(db, reader_id, chat):
            raise LinkRefused("only")
        db.run("DELETE FROM link_codes WHERE reader_id = :r AND used_at IS NULL", r=reader_id)
        inbox.forget_chat(db, chat.channel, chat.address)
        outbox.forget_chat(db, chat.channel, chat.address)
        if where := contacts.of_reader(db, reader_id):
            outbox.send_elsewhere(db, (chat.channel, chat.address), where, now)
        for one in contacts.chats(db, reader_id):
            if one.reachable and (one.channel, one.address) != here:
                outbox.put(db, one.channel, one.address, Reply(told), now, notices.outside_quiet_hours(now, policy))


def blocked(db: Database, channel: str, address: str, now: Callable[[], datetime]) -> None:
    """Nothing reaches this chat; what waits for it goes to another of the same reader, if there is one.

    A child's guardian is told of what the library had to say; what answers the child's own words is not for them.
    """
    contacts.set_reachable(db, channel, address, False)
    reader = contacts.reader_of(db, channel, address)
    if found := reader and next((one for one in contacts.chats(db, reader.id) if one.reachable), None):
        outbox.send_elsewhere(db, (channel, address), (found.channel, found.address), now())
    elif reader and (to := recipients.of(db, reader, now())) and to.stands_in:
        notices.say_again(db, outbox.take_back(db, channel, address))


def forget_old(db: Database, before: datetime) -> int:
    """Codes that ended earlier, and what was counted of wrong ones, go; returns how many codes."""
    with writing(db) as db:
        db.run("DELETE FROM link_tries WHERE day < :day", day=str(library_day(before)))
        return db.run("DELETE FROM link_codes WHERE expires_at < :before", before=stamp(before))


def count_old(db: Database, before: datetime) -> int:
    """Codes that ended earlier and are still there."""
    return int(db.value("SELECT COUNT(*) FROM link_codes WHERE expires_at < :before", before=stamp(before)))
