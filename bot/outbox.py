"""The SQL of the outbox: what is to be said to whom, claimed one message at a time per address."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.addresses import hashed, hashes, sealed
from bot.events import Reply
from lending import vault
from lending.database import Database, Row, in_turn, once, writing
from lending.errors import StoreUnwritable
from lending.model import later as after_moment
from lending.model import parse_stamp, stamp

NOTICES = "notices:"  # how the key of a message begins that is made of notices
PULLED = frozenset({"web", "terminal"})  # the person reads these; nobody sends them
CLAIM_SECONDS = 60  # a sender silent for longer is taken for dead

# A row `m` that may go out now: due, or claimed by a sender that died; and no other message of its address is on
# the way or stands before it. A message held back for later stands before nobody until its time has come.
READY = """
    ((m.state = 'queued' AND m.due_at <= :now) OR (m.state = 'sending' AND m.claimed_at <= :stale))
    AND NOT EXISTS (
        SELECT 1 FROM outbox o
        WHERE o.channel = m.channel AND o.address = m.address AND o.id <> m.id AND o.state IN ('queued', 'sending')
          AND (o.state = 'sending' OR (o.id < m.id AND (o.due_at <= :now OR o.attempts > 0))))
"""


WHOSE = "(SELECT c.reader_id FROM contacts c WHERE c.channel = m.channel AND c.address = m.address) AS reader_id"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the person reads it."""

    id: int
    reply: Reply
    at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message this sender has taken upon itself for the next minute."""

    id: int
    channel: str
    address: str
    reply: Reply
    key: str | None
    attempts: int  # how often it has failed so far


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message set aside, for the librarian to see and to send again."""

    id: int
    channel: str
    address: str
    reply: Reply
    error: str
    at: datetime
    reader_id: int | None  # whose chat it is


def put(
    db: Database,
    channel: str,
    address: str,
    reply: Reply,
    now: datetime,
    due_at: datetime | None = None,
    key: str | None = None,
) -> int | None:
    """Lay a message ready; None when one with this key is there already (B2-4).

    Without a key it is an answer to someone waiting and goes before notices. Pulled channels ignore `due_at`.
    """
    with once(db) as writer:
        row = writer.one(
            """INSERT INTO outbox (channel, address, chat, body, edits, key, state, due_at, sent_at, made_at)
               VALUES (:channel, :address, :chat, seal(:body), :edits, :key, :state, :due_at, :sent_at, :now)
               ON CONFLICT (key) DO NOTHING RETURNING id""",
            channel=channel,
            address=hashed(db, address),
            chat=sealed(db, address),
            body=reply.to_json(),
            edits=reply.edits,
            key=key,
            state="sent" if channel in PULLED else "queued",
            due_at=stamp(due_at or now),
            sent_at=stamp(now) if channel in PULLED else None,
            now=stamp(now),
        )
    return None if row is None else int(row["id"])


def after(db: Database, channel: str, address: str, after: int, limit: int = 200) -> list[Message]:
    """What was said to this address since message `after`, oldest first, without what cannot be opened.

    Nobody sends that to a pulled channel, so it is set aside here, for the librarian to see.
    """
    rows = db.all(
        """SELECT id, legible(body) AS body, made_at, state FROM outbox
           WHERE channel = :channel AND address = :address AND id > :after ORDER BY id LIMIT :limit""",
        channel=channel,
        address=hashed(db, address),
        after=after,
        limit=limit,
    )
    found = []
    for row in rows:
        try:
            found.append(Message(row["id"], Reply.from_json(row["body"]), parse_stamp(row["made_at"])))
        except Exception:  # a damaged byte, a lost key, a row of another version
            if channel in PULLED and row["state"] == "sent":
                _set_aside(db, row["id"])
    return found


def _set_aside(db: Database, id: int) -> None:
    with suppress(StoreUnwritable), once(db) as writer:  # whoever reads is not to wait for a full disk
        writer.run(
            "UPDATE outbox SET state = 'failed', error = 'cannot be opened' WHERE id = :id AND state = 'sent'", id=id
        )


def claim(db: Database, channel: str, now: datetime, n: int, resting: Collection[str] = ()) -> list[Claimed]:
    """Take up to n messages to send, one per address, answers first, none for the addresses `resting`.

    An address never has two messages under way, and they go out in the order they were put. One that cannot be opened
    is set aside, for it would hold up all others; where several need a lost key, they wait for the key.
    """
    moment = {"now": stamp(now), "stale": stamp(after_moment(now, seconds=-CLAIM_SECONDS))}
    ids = _ready(db, channel, moment, n, resting)
    if not ids:
        return []
    found = []
    for row in _take_all(db, ids, moment):
        try:
            found.append(_claimed(db, row))
        except Exception as error:  # a damaged byte, a lost key, a row of another version
            said = f"cannot be opened: {type(error).__name__}"
            if _lacks_key(db, row):
                later(db, row["id"], after_moment(now, seconds=CLAIM_SECONDS), said, counts=False)
            else:
                failed(db, row["id"], said)
    return found


def _lacks_key(db: Database, row: Row) -> bool:
    """Whether others, too, bear the mark of a key that is not there: one alone is more likely damaged."""
    mark = row["body"][: vault.SEALED_AT]
    if mark in db.store.vault.marks() or not vault.FORM.fullmatch(row["body"]):
        return False
    others = "SELECT 1 FROM outbox WHERE SUBSTR(body, 1, :n) = :mark AND id <> :id ORDER BY id DESC LIMIT 1"
    return db.value(others, n=vault.SEALED_AT, mark=mark, id=row["id"]) is not None


@in_turn
def _take_all(db: Database, ids: list[int], moment: dict[str, str]) -> list[Row]:
    return [row for id in ids for row in _take(db, id, moment)]


def _ready(db: Database, channel: str, moment: dict[str, str], n: int, resting: Collection[str]) -> list[int]:
    """Ids that look free to go; `_take` looks again under the lock."""
    # coalesce keeps the planner off the index on `key`, which holds every answer ever given
    skip = {f"skip{number}": hashed(db, address) for number, address in enumerate(resting)}
    awake = f"m.address NOT IN ({', '.join(':' + name for name in skip)})" if skip else "1 = 1"
    answers = f"""
        SELECT m.id FROM outbox a JOIN outbox m ON m.id = (
            SELECT min(h.id) FROM outbox h
            WHERE h.channel = a.channel AND h.address = a.address AND h.state IN ('queued', 'sending')
              AND (h.due_at <= :now OR h.attempts > 0))
        WHERE a.channel = :channel AND a.state IN ('queued', 'sending') AND a.due_at <= :now
          AND coalesce(a.key, '') = '' AND {awake} AND {READY}
        ORDER BY a.due_at, a.id LIMIT 4 * :n"""  # an address may be there more than once; all of a backlog is not read
    oldest = f"""
        SELECT m.id FROM outbox m
        WHERE m.channel = :channel AND m.state IN ('queued', 'sending') AND m.due_at <= :now
          AND {awake} AND {READY} ORDER BY m.due_at, m.id LIMIT :n"""
    found: dict[int, None] = {}
    for sql in (answers, oldest):
        if len(found) < n:
            found |= {row["id"]: None for row in db.all(sql, channel=channel, n=n, **moment, **skip)}
    return list(found)[:n]


def _take(db: Database, id: int, moment: dict[str, str]) -> list[Row]:
    """The row, if it was still free to go and is now ours; else nothing."""
    return db.all(
        f"""UPDATE outbox AS m SET state = 'sending', claimed_at = :now WHERE m.id = :id AND {READY}
            RETURNING id, channel, chat, body, key, attempts""",
        id=id,
        **moment,
    )


def renew(db: Database, ids: Collection[int], now: datetime) -> None:
    """These are still under way: the minute after which a sender is taken for dead begins anew."""
    if not ids:
        return
    names = {f"id{number}": id for number, id in enumerate(ids)}
    marks = ", ".join(f":{name}" for name in names)
    with once(db) as writer:
        writer.run(
            f"UPDATE outbox SET claimed_at = :now WHERE id IN ({marks}) AND state = 'sending'", now=stamp(now), **names
        )


def put_back(db: Database, now: datetime) -> None:
    """The clock was put back: what was to go out by the old one goes out now, and its claims are a dead sender's."""
    ahead = stamp(after_moment(now, seconds=CLAIM_SECONDS))
    with writing(db) as writer:
        writer.run(
            """UPDATE outbox SET state = 'queued', due_at = :now
               WHERE (state = 'queued' AND made_at > :ahead) OR (state = 'sending' AND claimed_at > :ahead)""",
            now=stamp(now),
            ahead=ahead,
        )


def _claimed(db: Database, row: Row) -> Claimed:
    return Claimed(row["id"], row["channel"], *_opened(db, row), row["key"], row["attempts"])


def _opened(db: Database, row: Row) -> tuple[str, Reply]:
    """Where it goes and what it says. Raises whatever a damaged row comes to."""
    address, body = (db.store.vault.unseal(row[name]) or "" for name in ("chat", "body"))
    return address, Reply.from_json(body)


def sent(db: Database, id: int, external_id: str, now: datetime) -> bool:
    """It went out, and the channel calls it `external_id`. False when it was no longer ours to mark."""
    return _finish(db, id, "sent", now, external_id, None)


def dropped(db: Database, id: int, now: datetime) -> bool:
    """It is no longer true, so it is not said (B2-7); the row stays, so that its key is not used again."""
    return _finish(db, id, "sent", now, None, "dropped")


def failed(db: Database, id: int, error: str) -> bool:
    """Set it aside for the librarian (B2-8)."""
    return _finish(db, id, "failed", None, None, error)


def _finish(db: Database, id: int, state: str, at: datetime | None, external_id: str | None, error: str | None) -> bool:
    with once(db) as writer:
        return (
            writer.run(
                """UPDATE outbox SET state = :state, sent_at = :at, external_id = :external_id, error = :error
               WHERE id = :id AND state = 'sending'""",
                id=id,
                state=state,
                at=None if at is None else stamp(at),
                external_id=external_id,
                error=error,
            )
            == 1
        )


def later(db: Database, id: int, due_at: datetime, error: str, counts: bool = True) -> bool:
    """Not now: try again at `due_at`. It counts as a failure unless the channel merely asked us to wait."""
    with once(db) as writer:
        return (
            writer.run(
                """UPDATE outbox SET state = 'queued', due_at = :due_at, error = :error, attempts = attempts + :one
               WHERE id = :id AND state = 'sending'""",
                id=id,
                due_at=stamp(due_at),
                error=error,
                one=int(counts),
            )
            == 1
        )


def give_back(db: Database, id: int) -> None:
    """It was not said: it stands where it stood, and no sender has it."""
    with writing(db) as writer:
        writer.run("UPDATE outbox SET state = 'queued', claimed_at = NULL WHERE id = :id AND state = 'sending'", id=id)


def fail_rest(db: Database, channel: str, address: str, error: str, now: datetime) -> int:
    """Set aside what else is due for an address that cannot be reached; returns how many messages."""
    with writing(db) as writer:
        return writer.run(
            """UPDATE outbox SET state = 'failed', error = :error
               WHERE channel = :channel AND address = :address AND state = 'queued' AND due_at <= :now""",
            channel=channel,
            address=hashed(db, address),
            error=error,
            now=stamp(now),
        )


def undelivered(db: Database, limit: int = 100) -> list[Undelivered]:
    """What was set aside, newest first; without its words where it cannot be opened."""
    rows = db.all(
        f"""SELECT id, channel, chat, body, error, made_at, {WHOSE} FROM outbox m
           WHERE state = 'failed' ORDER BY id DESC LIMIT :n""",
        n=limit,
    )
    found = []
    for row in rows:
        try:
            address, reply = _opened(db, row)
        except Exception:
            address, reply = "", Reply("")
        at = parse_stamp(row["made_at"])
        found.append(Undelivered(row["id"], row["channel"], address, reply, row["error"], at, row["reader_id"]))
    return found


def retry(db: Database, id: int, now: datetime) -> bool:
    """Send a message that was set aside once more, or show it again; False when it is not set aside."""
    pulled = ", ".join(f"'{name}'" for name in sorted(PULLED))
    with writing(db) as writer:
        return (
            writer.run(
                f"""UPDATE outbox SET state = CASE WHEN channel IN ({pulled}) THEN 'sent' ELSE 'queued' END,
               attempts = 0, due_at = :now, error = NULL
               WHERE id = :id AND state = 'failed'""",
                id=id,
                now=stamp(now),
            )
            == 1
        )


def external_id(db: Database, id: int) -> str | None:
    """What the channel calls our message; None while it has not gone out."""
    found = db.value("SELECT external_id FROM outbox WHERE id = :id", id=id)
    return None if found is None else str(found)


def find(db: Database, channel: str, address: str, external_id: str) -> int | None:
    """Our id of the message the channel calls `external_id`; the last edit of it, if it was edited."""
    row = db.one(
        """SELECT id FROM outbox WHERE channel = :channel AND address = :address AND external_id = :external_id
           ORDER BY id DESC LIMIT 1""",
        channel=channel,
        address=hashed(db, address),
        external_id=external_id,
    )
    return None if row is None else int(row["id"])


def newest(db: Database, channel: str, address: str, back: int = 0) -> int:
    """The id of the newest message to this address, or of the one `back` places before it; 0 for none."""
    found = db.value(
        "SELECT id FROM outbox WHERE channel = :channel AND address = :address ORDER BY id DESC LIMIT 1 OFFSET :back",
        channel=channel,
        address=hashed(db, address),
        back=back,
    )
    return int(found or 0)


def last(db: Database) -> int:
    """The id of the last message there ever was, to whomever, kept or gone; 0 for none."""
    return int(db.value("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'") or 0)


def shown(db: Database, channel: str, address: str, upto: int) -> None:
    """A pulled channel has shown its person everything up to there."""
    with writing(db) as writer:
        writer.run(
            """UPDATE outbox SET external_id = 'shown'
               WHERE channel = :channel AND address = :address AND id <= :upto AND external_id IS NULL""",
            channel=channel,
            address=hashed(db, address),
            upto=upto,
        )


def last_shown(db: Database, channel: str, address: str) -> int:
    """The newest message its person has seen; 0 when none."""
    return int(
        db.value(
            """SELECT COALESCE(MAX(id), 0) FROM outbox
               WHERE channel = :channel AND address = :address AND external_id = 'shown'""",
            channel=channel,
            address=hashed(db, address),
        )
    )


def forget_chat(db: Database, channel: str, address: str) -> int:
    """Drop what was said there, except what is still on its way; returns how many messages went (A11-5)."""
    gone = "DELETE FROM outbox WHERE channel = :channel AND address = :address AND state IN ('sent', 'failed')"
    return sum(db.run(gone, channel=channel, address=kept) for kept in hashes(db, address))


def take_back(db: Database, channel: str, address: str, state: str = "queued") -> list[int]:
    """The notices that wait to be sent to one chat, or could not be, and are to be told anew; their messages go."""
    gone = (
        "DELETE FROM outbox WHERE channel = :channel AND address = :address AND state = :state "
        f"AND key LIKE '{NOTICES}%' RETURNING key"
    )
    rows = [row for kept in hashes(db, address) for row in db.all(gone, channel=channel, address=kept, state=state)]
    return [number for row in rows for number in notices_of(row["key"])]


def notices_of(key: str | None) -> list[int]:
    """The notices a message with this key was made of."""
    return [int(part) for part in key[len(NOTICES) :].split(",")] if key and key.startswith(NOTICES) else []


def send_elsewhere(db: Database, chat: tuple[str, str], to: tuple[str, str], now: datetime) -> int:
    """What waits to be sent to one chat goes to another of the same reader; returns how many messages."""
    pulled = ", state = 'sent', sent_at = :now" if to[0] in PULLED else ""
    moved = (
        f"UPDATE outbox SET channel = :c, address = :a, chat = :chat, edits = NULL{pulled} "
        "WHERE channel = :channel AND address = :address AND state = 'queued'"
    )
    new = {"c": to[0], "a": hashed(db, to[1]), "chat": sealed(db, to[1])} | ({"now": stamp(now)} if pulled else {})
    return sum(db.run(moved, channel=chat[0], address=kept, **new) for kept in hashes(db, chat[1]))


OLD = "state IN ('sent', 'failed') AND made_at < :before"
CHUNK = 1_000  # so that a month's clearing never holds up an order


def forget_old(db: Database, before: datetime) -> int:
    """Drop what was said earlier, chunk by chunk, except what is still on its way; returns how many messages went."""
    gone = 0
    while True:
        with writing(db) as writer:
            some = f"SELECT id FROM outbox WHERE {OLD} LIMIT {CHUNK}"
            gone += (last := writer.run(f"DELETE FROM outbox WHERE id IN ({some})", before=stamp(before)))
        if last < CHUNK:
            return gone


def count_old(db: Database, before: datetime) -> int:
    """What was said earlier and is still there."""
    return int(db.value(f"SELECT COUNT(*) FROM outbox WHERE {OLD}", before=stamp(before)))
