"""申诉 as they stand in the store: the line, the reader's words and pictures. What may happen: appeals.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lending import evidence
from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.evidence import NoPhoto
from lending.model import parse_stamp, typed
from lending.policy import Policy


class AppealState(StrEnum):
    """The life of an appeal; the table of steps stands in appeals.py."""

    OPEN = "open"  # 提出，等馆员看
    PROPOSED = "proposed"  # 一位馆员认为该改，等另一位
    REVERSED = "reversed"  # 改正
    DECLINED = "declined"  # 维持
    WITHDRAWN = "withdrawn"  # 读者撤回


WAITING = (AppealState.OPEN, AppealState.PROPOSED)
WAITING_SQL = ", ".join(f"'{state}'" for state in WAITING)


@dataclass(frozen=True, slots=True)
class Appeal:
    """One objection to one line of the ledger. `points` is what the line added or took."""

    id: int
    number: str
    reader_id: int
    line_id: int
    state: AppealState
    note: str  # the reader's words
    answer: str  # the librarian's
    proposed_by: str
    seconded_by: str
    declined_by: str
    looks: int  # how often the reader has asked for another look
    promised_at: datetime
    opened_at: datetime
    changed_at: datetime
    event: str
    object: str
    day: str
    points: int
    rule: str
    version: str  # of the rules it was written by
    title: str

    @property
    def waiting(self) -> bool:
        """Nobody has decided yet."""
        return self.state in WAITING

    def late(self, now: datetime) -> bool:
        """It was to be decided by now."""
        return self.waiting and now > self.promised_at


SELECT = (
    "SELECT a.id, a.number, a.reader_id, a.line_id, a.state, unseal(a.note) AS note, unseal(a.answer) AS answer, "
    "a.proposed_by, a.seconded_by, a.declined_by, a.looks, a.promised_at, a.opened_at, a.changed_at, "
    "c.event, c.object, c.day, c.delta AS points, c.rule, c.version, COALESCE(t.title, '') AS title "
    "FROM appeals a JOIN credit_lines c ON c.id = a.line_id "
    "LEFT JOIN loans l ON c.object = 'loan:' || l.id LEFT JOIN titles t ON t.id = l.title_id "
)


def _appeal(row: Row) -> Appeal:
    moments = {name: parse_stamp(row[name]) for name in ("promised_at", "opened_at", "changed_at")}
    return Appeal(**{**row, **moments, "state": AppealState(row["state"])})


def by_number(db: Database, number: str, reader_id: int | None = None) -> Appeal:
    """Raises UnknownThing; another reader's appeal is unknown too."""
    row = db.one(SELECT + "WHERE a.number = :n", n=typed(number))
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("appeal", number[:40])
    return _appeal(row)


def of_line(db: Database, line_id: int) -> Appeal | None:
    """The latest appeal against a line."""
    row = db.one(SELECT + "WHERE a.line_id = :l ORDER BY a.id DESC LIMIT 1", l=line_id)
    return _appeal(row) if row else None


def waiting(db: Database, reader_id: int | None = None) -> list[Appeal]:
    """Not decided yet, the earliest promise first; of one reader when named."""
    mine = f"WHERE a.state IN ({WAITING_SQL}) AND (:r IS NULL OR a.reader_id = :r) ORDER BY a.promised_at, a.id"
    return [_appeal(row) for row in db.all(SELECT + mine, r=reader_id)]


def decided(db: Database, limit: int = 20) -> list[Appeal]:
    """What has been decided or withdrawn, the latest first."""
    ended = f"WHERE a.state NOT IN ({WAITING_SQL}) ORDER BY a.changed_at DESC, a.id DESC LIMIT :n"
    return [_appeal(row) for row in db.all(SELECT + ended, n=limit)]


def history(db: Database, appeal_id: int) -> list[Row]:
    """Every step: step, state, actor, note, at."""
    return db.all(
        "SELECT step, state, actor, unseal(note) AS note, at FROM appeal_events WHERE appeal_id = :a ORDER BY id",
        a=appeal_id,
    )


# ---- pictures ------------------------------------------------------------------------------------------------------


def add_photo(db: Database, appeal: Appeal, content: bytes, policy: Policy, now: datetime) -> int:
    """Keep a picture as evidence; returns how many there are. Raises NoPhoto (also once decided), PhotosFull."""
    if not appeal.waiting:
        raise NoPhoto()
    return evidence.add(db, "appeal", appeal.id, appeal.reader_id, content, policy, now)


def forget_old_photos(db: Database, policy: Policy, now: datetime) -> int:
    """Pictures go some days after the appeal was decided; returns how many went."""
    ended = f"SELECT id FROM appeals WHERE state NOT IN ({WAITING_SQL}) AND changed_at < :before"
    return evidence.forget_ended(db, "appeal", ended, policy, now)


def forget(db: Database, reader_id: int) -> None:
    """That there was an appeal stays; words go, and what was not decided is withdrawn."""
    mine = "appeal_id IN (SELECT id FROM appeals WHERE reader_id = :r)"
    db.run(f"UPDATE appeal_events SET note = '' WHERE {mine}", r=reader_id)
    db.run(
        f"UPDATE appeals SET note = '', answer = '', state = CASE WHEN state IN ({WAITING_SQL}) THEN 'withdrawn' "
        "ELSE state END WHERE reader_id = :r",
        r=reader_id,
    )  # fmt: skip
