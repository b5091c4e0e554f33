"""个案 as they stand in the store: lost and damaged books, what was said and seen. What may happen is in cases.py."""

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


class CaseState(StrEnum):
    """The life of a case; the table of steps stands in cases.py."""

    REPORTED = "reported"  # 提出，等馆员看
    ASSESSED = "assessed"  # 已核定，等读者选
    REPLACING = "replacing"  # 读者买同样的书
    PAYING = "paying"  # 读者按书价赔
    SETTLED = "settled"  # 办结
    FOUND = "found"  # 书找到了


OPEN = (CaseState.REPORTED, CaseState.ASSESSED, CaseState.REPLACING, CaseState.PAYING)
OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)


@dataclass(frozen=True, slots=True)
class Case:
    """One lost or damaged book. Amounts in fen; `points` is what the ledger took."""

    id: int
    number: str
    reader_id: int
    loan_id: int | None
    kind: str  # lost | damaged | arrived (as it came to the reader)
    state: CaseState
    note: str  # the reader's words
    answer: str  # the librarian's
    points: int
    amount_fen: int
    paid_fen: int
    refund_fen: int  # of the price paid, what the reader has back because the book was found
    refunded: bool  # and has been handed
    promised_at: datetime
    opened_at: datetime
    changed_at: datetime
    title_id: int | None
    title: str
    price_fen: int | None
    copy_id: int | None
    barcode: str
    lent: bool  # the loan is still open; of a reader's own book, it is still with this reader
    back: bool  # lost, and scanned in since; the next tick ends the case
    drifting_id: int | None  # a book of another reader's own (A1-23), and no loan
    owner_id: int | None
    owner_due: str  # what waits for that owner since the case is settled: book | money
    owner_has_it: bool  # and has been handed

    @property
    def owner_chooses(self) -> bool:
        """A reader's own book, damaged: whether and how it is made good is for its owner to say, not for its reader."""
        return self.drifting_id is not None and self.kind != "lost"

    @property
    def owes_refund(self) -> bool:
        """Money waits for the reader at a desk."""
        return self.refund_fen > 0 and not self.refunded

    @property
    def owes_owner(self) -> bool:
        """A book or money waits at a desk for the owner of the lost one."""
        return self.owner_due != "" and not self.owner_has_it

    def late(self, now: datetime) -> bool:
        """The person who was to look has not looked in time."""
        return self.state is CaseState.REPORTED and now > self.promised_at


BACK = (  # of a case k with its loan l and its copy c
    "(k.kind = 'lost' AND k.state <> 'found' AND (l.ended_as = 'returned' "
    "OR (l.ended_as = 'lost' AND c.state NOT IN ('lost', 'withdrawn'))))"
)
NEVER_CAME = (
    "EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = k.id AND e.step = 'never_came')"
)
SELECT = (
    "SELECT k.id, k.number, k.reader_id, k.loan_id, k.kind, k.state, unseal(k.note) AS note, "
    "unseal(k.answer) AS answer, k.points, k.amount_fen, k.paid_fen, "
    f"CASE WHEN (k.state = 'found' OR {NEVER_CAME}) AND EXISTS (SELECT 1 FROM compensation_events e "
    "WHERE e.compensation_id = k.id AND e.step = 'take_money') THEN k.amount_fen - k.paid_fen ELSE 0 END "
    "AS refund_fen, "
    "EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = k.id AND e.step IN ('refund', 'hand_back')) "
    "AS refunded, "
    "k.promised_at, k.opened_at, k.changed_at, "
    "t.id AS title_id, COALESCE(t.title, '') AS title, t.price_fen, "
    "l.copy_id, COALESCE(c.barcode, '') AS barcode, ((l.id IS NOT NULL AND l.returned_at IS NULL) "
    "OR (d.id IS NOT NULL AND d.holder_id = k.reader_id AND d.state <> 'ended')) AS lent, "
    f"COALESCE({BACK}, 0) AS back, k.drifting_id, d.owner_id, k.owner_due, EXISTS (SELECT 1 FROM compensation_events e "
    "WHERE e.compensation_id = k.id AND e.step = 'hand_owner') AS owner_has_it "
    "FROM compensations k LEFT JOIN loans l ON l.id = k.loan_id LEFT JOIN drifting d ON d.id = k.drifting_id "
    "LEFT JOIN titles t ON t.id = COALESCE(l.title_id, d.title_id) LEFT JOIN copies c ON c.id = l.copy_id "
)


def _case(row: Row) -> Case:
    moments = {name: parse_stamp(row[name]) for name in ("promised_at", "opened_at", "changed_at")}
    flags = {name: bool(row[name]) for name in ("lent", "refunded", "owner_has_it", "back")}
    return Case(**{**row, **moments, **flags, "state": CaseState(row["state"])})


def by_number(db: Database, number: str, reader_id: int | None = None) -> Case:
    """Raises UnknownThing; another reader's case is unknown too."""
    row = db.one(SELECT + "WHERE k.number = :n", n=typed(number))
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("case", number[:40])
    return _case(row)


def of_owner(db: Database, number: str, owner_id: int) -> Case:
    """The case of a book of this reader's own. Raises UnknownThing."""
    case = by_number(db, number)
    if case.owner_id != owner_id:
        raise UnknownThing("case", number[:40])
    return case


def open_of_loan(db: Database, loan_id: int) -> Case | None:
    """The case of a loan that is not at its end, if there is one."""
    row = db.one(SELECT + f"WHERE k.loan_id = :l AND k.state IN ({OPEN_SQL})", l=loan_id)
    return _case(row) if row else None


def open_of_own(db: Database, own_id: int) -> Case | None:
    """The case of a reader's own book that is not at its end, if there is one."""
    row = db.one(SELECT + f"WHERE k.drifting_id = :d AND k.state IN ({OPEN_SQL})", d=own_id)
    return _case(row) if row else None


def to_hand_out(db: Database, reader_id: int | None = None) -> list[Case]:
    """What lies at a desk for a reader, the longest first: a price paid back, a book or money for a lost one's owner.

    Of one reader when named.
    """
    rows = db.all(
        SELECT + f"WHERE ((k.state = 'found' OR {NEVER_CAME}) AND (:r IS NULL OR k.reader_id = :r)) "
        "OR (k.owner_due <> '' AND (:r IS NULL OR d.owner_id = :r)) ORDER BY k.changed_at, k.id",
        r=reader_id,
    )
    return [case for case in map(_case, rows) if case.owes_refund or case.owes_owner]


def stays_aside(db: Database, loan_id: int) -> bool:
    """Whether the copy of this loan is said to be damaged and nobody has said that it can be read as it is."""
    return bool(
        db.value(
            "SELECT 1 FROM compensations k WHERE k.loan_id = :l AND k.kind IN ('damaged', 'arrived') AND NOT EXISTS "
            "(SELECT 1 FROM compensation_events e WHERE e.compensation_id = k.id AND e.step = 'worn')",
            l=loan_id,
        )
    )


def made_good(db: Database, loan_id: int) -> bool:
    """Whether the library has had the price of this loan's damaged copy, or the same book for it."""
    return bool(
        db.value(
            "SELECT 1 FROM compensations k JOIN compensation_events e ON e.compensation_id = k.id "
            "WHERE k.loan_id = :l AND e.step IN ('take_book', 'take_money')",
            l=loan_id,
        )
    )


def open_ones(db: Database, reader_id: int | None = None) -> list[Case]:
    """Cases not at their end, those nobody has looked at first, by their promise; of one reader when named."""
    mine = (
        f"WHERE k.state IN ({OPEN_SQL}) AND (:r IS NULL OR k.reader_id = :r) "
        "ORDER BY k.state <> 'reported', k.promised_at, k.id"
    )
    return [_case(row) for row in db.all(SELECT + mine, r=reader_id)]


def closed_ones(db: Database, limit: int = 50) -> list[Case]:
    """What has been settled or found, the latest first."""
    ended = f"WHERE k.state NOT IN ({OPEN_SQL}) ORDER BY k.changed_at DESC, k.id DESC LIMIT :n"
    return [_case(row) for row in db.all(SELECT + ended, n=limit)]


def history(db: Database, case_id: int) -> list[Row]:
    """Every step: step, state, actor, note, at."""
    return db.all(
        "SELECT step, state, actor, unseal(note) AS note, at FROM compensation_events "
        "WHERE compensation_id = :c ORDER BY id",
        c=case_id,
    )


# ---- pictures ------------------------------------------------------------------------------------------------------


def add_photo(
    db: Database, case: Case, content: bytes, policy: Policy, now: datetime, sender_id: int | None = None
) -> int:  # fmt: skip
    """Keep a picture with the case, of its reader or of `sender_id`, who owns the book; returns how many they gave.

    Raises NoPhoto (also once it has ended), PhotosFull.
    """
    if case.state not in OPEN:
        raise NoPhoto()
    return evidence.add(db, "case", case.id, sender_id or case.reader_id, content, policy, now)


def forget_old_photos(db: Database, policy: Policy, now: datetime) -> int:
    """Pictures go some days after their case has ended; returns how many went."""
    ended = f"SELECT id FROM compensations WHERE state NOT IN ({OPEN_SQL}) AND changed_at < :before"
    return evidence.forget_ended(db, "case", ended, policy, now)
