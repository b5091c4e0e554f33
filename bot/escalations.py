"""转人工: a numbered request for a person, with the talk so far; a librarian claims, answers and closes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot import contacts, conversations, inbox, outbox
from bot.events import Button, Reply
from bot.texts import Words
from lending import moved_answers, moved_promises, numbers, readers
from lending.database import Database, Row, writing
from lending.errors import CannotChange, UnknownThing
from lending.kept_promises import Outcome
from lending.model import LIBRARY_ZONE, parse_stamp, stamp
from lending.policy import Policy

SECRET = re.compile(r"\b(LJ|SQ|HM)[\s-]?\d{4}[\s-]?\d{4}(?!\d)", re.IGNORECASE)  # to join chats, to act for, to prove
TRANSCRIPT = 20  # lines of the talk a librarian sees
SPECIAL = "special"  # what a request may ask for: to be put down as a reader for whom coming is hard (A10-3)
UNANSWERED = "state IN ('open', 'claimed')"

ANSWERS = (  # what closed days move
    *moved_answers.OURS,
    moved_answers.Kind("escalation", "escalations", UNANSWERED, lambda policy: policy.desk.answer_hours),
)


@dataclass(frozen=True, slots=True)
class Escalation:
    """One request for a person. `state`: open, claimed, answered, closed."""

    id: int
    number: str
    reader_id: int
    state: str
    about: str
    claimed_by: str
    opened_at: datetime
    promised_at: datetime
    changed_at: datetime
    asks: str  # '', or what a librarian can do for them with one tap: SPECIAL

    @property
    def unanswered(self) -> bool:
        """Whether the reader still waits for a first answer; UNANSWERED to the store."""
        return self.state in ("open", "claimed")

    def late(self, now: datetime) -> bool:
        """The promised time has passed and nobody has answered (A1-16)."""
        return self.unanswered and now > self.promised_at


COLUMNS = ", ".join("unseal(about) AS about" if name == "about" else name for name in Escalation.__dataclass_fields__)
FOUND = f"SELECT {COLUMNS} FROM escalations WHERE"


def _escalation(row: Row) -> Escalation:
    moments = {name: parse_stamp(row[name]) for name in ("opened_at", "promised_at", "changed_at")}
    return Escalation(**{**row, **moments})


def open_or_add(
    db: Database, reader_id: int, channel: str, address: str, about: str, policy: Policy, now: datetime,
    asks: str = "",
) -> tuple[Escalation, bool]:
    """Open a request with the transcript, or add these words to the one already open; and whether it is new."""
    with writing(db) as db:
        found = open_of(db, reader_id)
        if found:
            if about:
                _line(db, found.id, "reader", "", about, now)
            if asks:
                db.run("UPDATE escalations SET asks = :asks WHERE id = :id", asks=asks, id=found.id)
            return found, False
        row = db.one(
            "INSERT INTO escalations (id, number, reader_id, about, opened_at, promised_at, changed_at, asks) "
            "SELECT n, :day || '-' || n, :r, seal(:about), :now, :promised, :now, :asks "
            f"FROM (SELECT {numbers.following('escalations')} AS n) RETURNING {COLUMNS}",
            day=f"RG{now.astimezone(LIBRARY_ZONE):%y%m%d}", r=reader_id, about=about[:500], now=stamp(now),
            asks=asks, promised=stamp(moved_promises.answer_by(db, policy, policy.desk.answer_hours, now)),
        )  # fmt: skip
        assert row is not None
        for who, text, at in transcript(db, channel, address):
            _line(db, row["id"], who, "", text, parse_stamp(at))
        return _escalation(row), True


def transcript(db: Database, channel: str, address: str) -> list[tuple[str, str, str]]:
    """The last lines of a talk: who, text, when; a code that opens an account to whoever types it is left out."""
    spoken = [("reader", row["text"], row["at"]) for row in inbox.said(db, channel, address, TRANSCRIPT)]
    last = outbox.newest(db, channel, address)
    answered = [
        ("service", message.reply.text, stamp(message.at))
        for message in outbox.after(db, channel, address, max(0, last - 10 * TRANSCRIPT))
    ]
    last_lines = sorted(spoken + answered, key=lambda line: line[2])[-TRANSCRIPT:]
    return [(who, SECRET.sub(r"\1 ****", text), at) for who, text, at in last_lines]


def _line(db: Database, escalation_id: int, who: str, name: str, text: str, at: datetime) -> None:
    db.run(
        "INSERT INTO escalation_lines (escalation_id, who, name, text, at) VALUES (:e, :who, :name, seal(:text), :at)",
        e=escalation_id, who=who, name=name, text=text[:2_000], at=stamp(at),
    )  # fmt: skip


def open_of(db: Database, reader_id: int) -> Escalation | None:
    """The reader's request that is not closed yet."""
    row = db.one(f"{FOUND} reader_id = :r AND state <> 'closed'", r=reader_id)
    return _escalation(row) if row else None


def hear(db: Database, reader_id: int, text: str, now: datetime) -> bool:
    """While a person is being asked, what the reader writes is shown to them too; the service still answers."""
    found = open_of(db, reader_id)
    if found and text.strip():
        _line(db, found.id, "reader", "", text, now)
        if not found.about:  # whoever only said 人工 says now what it is about
            db.run("UPDATE escalations SET about = seal(:about) WHERE id = :id", id=found.id, about=text[:500])
    return found is not None


def get(db: Database, number: str) -> Escalation:
    """Raises UnknownThing."""
    row = db.one(f"{FOUND} number = :n", n=number)
    if row is None:
        raise UnknownThing("escalation", number[:40])
    return _escalation(row)


def waiting(db: Database, closed: bool = False, limit: int = 200) -> list[Escalation]:
    """Requests not closed, the earliest promise first; or the closed ones, the latest first."""
    if closed:
        rows = db.all(f"{FOUND} state = 'closed' ORDER BY changed_at DESC LIMIT :n", n=limit)
    else:
        rows = db.all(f"{FOUND} state <> 'closed' ORDER BY promised_at, id LIMIT :n", n=limit)
    return [_escalation(row) for row in rows]


def ahead(db: Database, escalation: Escalation) -> int:
    """How many unanswered requests stand before this one."""
    return int(db.value(f"SELECT COUNT(*) FROM escalations WHERE {UNANSWERED} AND id < :id", id=escalation.id))


def lines(db: Database, escalation_id: int) -> list[Row]:
    """The talk: who, name, text, at."""
    return db.all(
        "SELECT id, who, name, unseal(text) AS text, at FROM escalation_lines WHERE escalation_id = :e ORDER BY id",
        e=escalation_id,
    )


def claim(db: Database, number: str, librarian: str, now: datetime) -> Escalation:
    """Take it on. Raises CannotChange when another librarian was first."""
    return _move(db, number, ("open",), "claimed", now, librarian)


def call_otherwise(db: Database, before: str, after: str) -> None:
    """A librarian goes by another name from now on: what they have in hand stays theirs. Call in `writing`."""
    db.run("UPDATE escalations SET claimed_by = :a WHERE claimed_by = :b AND state <> 'closed'", a=after, b=before)


def answer(db: Database, number: str, librarian: str, text: str, now: datetime) -> Escalation:
    """Write to the reader, on the chat where they were last seen. Raises CannotChange once it is closed."""
    with writing(db) as db:
        escalation = _move(db, number, ("open", "claimed", "answered"), "answered", now, librarian)
        _line(db, escalation.id, "librarian", librarian, text, now)
        _tell(db, escalation, librarian, text, now)
    return escalation


def close(db: Database, number: str, librarian: str, now: datetime) -> Escalation:
    """Done. A reader who asks again opens a new one, and who was never answered does not go on waiting for it.

    Raises CannotChange when it is closed already.
    """
    with writing(db) as db:
        escalation = _move(db, number, ("open", "claimed", "answered"), "closed", now, librarian)
        if not any(line["who"] == "librarian" for line in lines(db, escalation.id)):
            _tell(db, escalation, librarian, "", now)
    return escalation


def _move(db: Database, number: str, before: tuple[str, ...], after: str, now: datetime, librarian: str) -> Escalation:
    states = ", ".join(f"'{state}'" for state in before)
    with writing(db) as db:
        row = db.one(
            f"UPDATE escalations SET state = :after, claimed_by = :who, changed_at = :now WHERE number = :n "
            f"AND state IN ({states}) RETURNING {COLUMNS}",
            after=after, who=librarian, now=stamp(now), n=number,
        )  # fmt: skip
        if row is None:
            raise CannotChange("escalation", number, get(db, number).state)
    return _escalation(row)


def _tell(db: Database, escalation: Escalation, librarian: str, text: str, now: datetime) -> None:
    where = contacts.of_reader(db, escalation.reader_id)
    if where is None:
        return
    _, of = Words(readers.reader(db, escalation.reader_id).language), {"name": librarian, "number": escalation.number}
    closed = _("馆员{name}看过您的人工请求 {number}，结束了，没有另外回复。还要问的，随时说「人工」。", **of)
    said = _("馆员{name}回复（{number}）：\n{text}", text=text, **of) if text else closed
    reply = Reply(said, ((Button(_("还要问"), "i:escalate"), Button(_("解决了，谢谢"), "i:thanks")),))
    conversations.overhear(db, escalation.reader_id, reply, now)
    outbox.put(db, *where, reply, now)


def of_reader(db: Database, reader_id: int) -> list[Row]:
    """The reader's requests, each with the words written in it."""
    return db.all(
        "SELECT e.number, e.state, unseal(e.about) AS about, l.who, unseal(l.text) AS text, l.at FROM escalations e "
        "LEFT JOIN escalation_lines l ON l.escalation_id = e.id WHERE e.reader_id = :r ORDER BY e.id, l.id",
        r=reader_id,
    )


def outcomes(db: Database, now: datetime) -> list[Outcome]:
    """Requests whose promised time has come: answered by a person, or closed by one, and when (A1-16)."""
    rows = db.all(
        "SELECT e.number, e.reader_id, e.promised_at, COALESCE((SELECT MIN(l.at) FROM escalation_lines l WHERE "
        "l.escalation_id = e.id AND l.who = 'librarian'), CASE e.state WHEN 'closed' THEN e.changed_at END) AS met "
        "FROM escalations e WHERE e.promised_at < :now AND (e.state <> 'closed' OR e.claimed_by <> '') AND NOT EXISTS "
        "(SELECT 1 FROM promise_lines p WHERE p.kind = 'answer' AND p.object = 'escalation:' || e.number)",
        now=stamp(now),
    )
    return [
        Outcome(
            "answer", f"escalation:{row['number']}", row["reader_id"], parse_stamp(row["promised_at"]),
            parse_stamp(row["met"]) if row["met"] else None,
        )
        for row in rows
    ]  # fmt: skip


def hand_over(db: Database, gone: int, kept: int) -> None:
    """The closed requests of one record belong to another from now on: they are the same person (A1-20)."""
    db.run("UPDATE escalations SET reader_id = :kept WHERE reader_id = :gone", kept=kept, gone=gone)


def forget(db: Database, reader_id: int) -> None:
    """The words of the reader's requests go; that there were requests, and when, stays."""
    mine = "SELECT id FROM escalations WHERE reader_id = :r"
    db.run(f"DELETE FROM escalation_lines WHERE escalation_id IN ({mine})", r=reader_id)
    db.run("UPDATE escalations SET about = '', asks = '', state = 'closed' WHERE reader_id = :r", r=reader_id)


OLD = "SELECT id FROM escalations WHERE state = 'closed' AND changed_at < :before"


def forget_old(db: Database, before: datetime) -> int:
    """The words of requests closed earlier go; returns how many lines went."""
    with writing(db) as db:
        db.run(f"UPDATE escalations SET about = '', asks = '' WHERE id IN ({OLD})", before=stamp(before))
        return db.run(f"DELETE FROM escalation_lines WHERE escalation_id IN ({OLD})", before=stamp(before))


def count_old(db: Database, before: datetime) -> int:
    """Lines of requests closed earlier that are still there."""
    lines = f"SELECT COUNT(*) FROM escalation_lines WHERE escalation_id IN ({OLD})"
    return int(db.value(lines, before=stamp(before)))
