"""借阅: from the moment a reader holds a book until it is back, with renewals and floating returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import calendar, credit, holds, notices
from lending.database import Database, Row, writing
from lending.errors import CannotRenew, UnknownThing
from lending.model import end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Loan:
    """One copy with one reader. `days_left` is negative when overdue."""

    id: int
    reader_id: int
    title_id: int
    title: str
    barcode: str
    call_number: str
    started_at: datetime
    due_at: datetime
    renewals: int
    waiting: int  # how many others wait for the title (B2-19)

    def days_left(self, now: datetime) -> int:
        """Calendar days in the library's zone until the due date."""
        return (library_day(self.due_at) - library_day(now)).days


@dataclass(frozen=True, slots=True)
class Returned:
    """What a check-in did. `loan_id` is None when the copy was on nobody's account."""

    title: str
    barcode: str
    loan_id: int | None
    reader_id: int | None
    on_time: bool
    kept_for_hold: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """One loan's outcome of a renewal: a new due date, or the refusal."""

    loan: Loan
    due_at: datetime | None
    refusal: CannotRenew | None


LOAN = (
    "SELECT l.id, l.reader_id, l.title_id, t.title, c.barcode, c.call_number, l.started_at, l.due_at, l.renewals, "
    "(SELECT COUNT(*) FROM holds h WHERE h.title_id = l.title_id AND h.state = 'waiting' AND h.rests_until IS NULL) "
    "AS waiting "
    "FROM loans l JOIN titles t ON t.id = l.title_id JOIN copies c ON c.id = l.copy_id WHERE l.returned_at IS NULL "
)


def _loan(row: Row) -> Loan:
    return Loan(**{**row, "started_at": parse_stamp(row["started_at"]), "due_at": parse_stamp(row["due_at"])})


def of_reader(db: Database, reader_id: int) -> list[Loan]:
    """Open loans, the soonest due first."""
    return [_loan(row) for row in db.all(LOAN + "AND l.reader_id = :r ORDER BY l.due_at, l.id", r=reader_id)]


def loan(db: Database, loan_id: int, reader_id: int | None = None) -> Loan:
    """An open loan. Raises UnknownThing; another reader's loan is unknown too."""
    row = db.one(LOAN + "AND l.id = :id", id=loan_id)
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("loan", str(loan_id))
    return _loan(row)


def due_date(db: Database, start: datetime, policy: Policy) -> datetime:
    """The last second of the last day (B2-15), or of the next one on which the library is open (B2-9)."""
    return calendar.load(db, policy).end(None, library_day(start) + timedelta(days=policy.lending.loan_days))


def start(db: Database, order_id: int, reader_id: int, begins: datetime, policy: Policy, now: datetime) -> None:
    """Every open item of the order becomes a loan, and each borrowed book earns its point (A6-2)."""
    made = db.all(
        "INSERT INTO loans (copy_id, title_id, reader_id, order_id, started_at, due_at) "
        "SELECT copy_id, title_id, :reader, order_id, :start, :due FROM order_items "
        "WHERE order_id = :o AND open = 1 RETURNING id",
        reader=reader_id, start=stamp(begins), due=stamp(due_date(db, begins, policy)), o=order_id,
    )  # fmt: skip
    db.run(
        "UPDATE copies SET state = 'on_loan', hold_id = NULL WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        o=order_id,
    )
    for row in made:
        credit.post(db, reader_id, "borrow", f"loan:{row['id']}", policy, now)


def lend(db: Database, copy_id: int, title_id: int, reader_id: int, policy: Policy, now: datetime) -> int:
    """A copy taken by the reader's own hand becomes a loan from now on; returns its id. Call in `writing`."""
    loan_id = db.value(
        "INSERT INTO loans (copy_id, title_id, reader_id, started_at, due_at) "
        "VALUES (:copy, :title, :reader, :start, :due) RETURNING id",
        copy=copy_id, title=title_id, reader=reader_id, start=stamp(now), due=stamp(due_date(db, now, policy)),
    )  # fmt: skip
    changed = db.run(
        "UPDATE copies SET state = 'on_loan', hold_id = NULL WHERE id = :c AND state IN ('available', 'reserved')",
        c=copy_id,
    )
    assert changed == 1, "the copy was read inside this transaction"
    credit.post(db, reader_id, "borrow", f"loan:{loan_id}", policy, now)
    return int(loan_id)


def hand_on(db: Database, loan: Loan, receiver_id: int, policy: Policy, now: datetime) -> int:
    """转借: this loan ends as transferred and the receiver's begins, in one go; returns the new id. Call in `writing`."""
    ended = db.one(
        "UPDATE loans SET returned_at = :now, ended_as = 'transferred' WHERE id = :id AND returned_at IS NULL "
        "RETURNING copy_id",
        now=stamp(now), id=loan.id,
    )  # fmt: skip
    if ended is None:
        raise UnknownThing("loan", str(loan.id))
    notices.drop_reminders(db, loan.reader_id, loan.id)
    loan_id = db.value(
        "INSERT INTO loans (copy_id, title_id, reader_id, started_at, due_at) "
        "VALUES (:copy, :title, :reader, :start, :due) RETURNING id",
        copy=ended["copy_id"], title=loan.title_id, reader=receiver_id, start=stamp(now),
        due=stamp(due_date(db, now, policy)),
    )  # fmt: skip
    credit.post(db, receiver_id, "borrow", f"loan:{loan_id}", policy, now)
    return int(loan_id)


# ---- renewing ----------------------------------------------------------------------------------------------------


def renewed_due(loan: Loan, policy: Policy, now: datetime) -> datetime:
    """Counted from the old due date or from today, as the policy says (B5); never earlier than it was."""
    anchor = library_day(loan.due_at if policy.lending.renewal_anchor == "due_date" else now)
    return max(loan.due_at, end_of_day(anchor + timedelta(days=policy.lending.renewal_days)))


def may_renew(loan: Loan, frozen: bool, policy: Policy, now: datetime) -> CannotRenew | None:
    """The first rule in the way, with its number; None when the loan may be renewed (B2-25)."""
    if loan.renewals >= policy.lending.renewals:
        return CannotRenew(loan.title, "limit", policy.lending.renewals)
    if loan.waiting:
        return CannotRenew(loan.title, "waiting", loan.waiting)
    if loan.due_at < now:
        return CannotRenew(loan.title, "overdue", -loan.days_left(now))
    return CannotRenew(loan.title, "frozen") if frozen else None


def renew(db: Database, reader_id: int, loan_ids: Sequence[int], policy: Policy, now: datetime) -> list[Renewal]:
    """Renew these loans of the reader (all when none is named), each with its own outcome (F-5)."""
    with writing(db) as db:
        frozen = credit.frozen_until(db, reader_id, now) is not None
        chosen = [item for item in of_reader(db, reader_id) if not loan_ids or item.id in loan_ids]
        return [_renew_one(db, item, frozen, policy, now) for item in chosen]


def _renew_one(db: Database, item: Loan, frozen: bool, policy: Policy, now: datetime) -> Renewal:
    refusal = may_renew(item, frozen, policy, now)
    if refusal:
        return Renewal(item, None, refusal)
    due = renewed_due(item, policy, now)
    changed = db.run(
        "UPDATE loans SET due_at = :due, renewals = renewals + 1 "
        "WHERE id = :id AND returned_at IS NULL AND renewals = :before",
        due=stamp(due), id=item.id, before=item.renewals,
    )  # fmt: skip
    assert changed == 1, "the loan was read inside this transaction"
    notices.drop_reminders(db, item.reader_id, item.id)
    return Renewal(item, due, None)


# ---- coming back -------------------------------------------------------------------------------------------------


def check_in(db: Database, barcode: str, point_id: int, policy: Policy, now: datetime) -> Returned:
    """A copy came back at any branch or locker; it stays there unless someone waits for it (A2-6). Safe to repeat.

    A copy on nobody's account is only noted to stand there now, if it is free or kept for someone.
    Raises UnknownThing for a barcode or point that is not ours.
    """
    with writing(db) as db:
        copy = _copy(db, barcode.strip())
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        open_loan = db.one(
            "SELECT id, reader_id, due_at FROM loans WHERE copy_id = :c AND returned_at IS NULL", c=copy["id"]
        )
        if open_loan is None:
            return _put_down(db, copy, point_id)
        return _close(db, copy, open_loan, point_id, policy, now)


def _copy(db: Database, barcode: str) -> Row:
    """The copy with this barcode, as it is written or in capitals. Raises UnknownThing."""
    copy = db.one(
        "SELECT c.id, c.barcode, c.title_id, c.point_id, c.state, t.title FROM copies c "
        "JOIN titles t ON t.id = c.title_id WHERE c.barcode IN (:written, :capitals) ORDER BY c.barcode <> :written",
        written=barcode, capitals=barcode.upper(),
    )  # fmt: skip
    if copy is None:
        raise UnknownThing("barcode", barcode[:40])
    return copy


def _put_down(db: Database, copy: Row, point_id: int) -> Returned:
    kept = db.value("SELECT 1 FROM copies WHERE id = :c AND hold_id IS NOT NULL AND state = 'reserved'", c=copy["id"])
    moved = copy["point_id"] != point_id and (kept or copy["state"] == "available")
    if moved:
        db.run("UPDATE copies SET point_id = :p WHERE id = :c", p=point_id, c=copy["id"])
    return Returned(copy["title"], copy["barcode"], None, None, True, bool(kept), bool(moved))


def _close(db: Database, copy: Row, open_loan: Row, point_id: int, policy: Policy, now: datetime) -> Returned:
    due = parse_stamp(open_loan["due_at"])
    credit.accrue_loan(db, open_loan["reader_id"], open_loan["id"], due, policy, now)
    db.run(
        "UPDATE loans SET returned_at = :now, returned_point_id = :p, ended_as = 'returned' "
        "WHERE id = :id AND returned_at IS NULL",
        now=stamp(now), p=point_id, id=open_loan["id"],
    )  # fmt: skip
    db.run("UPDATE copies SET point_id = :p, state = 'available' WHERE id = :c", p=point_id, c=copy["id"])
    holds.release_copy(db, copy["id"], copy["title_id"], policy, now)
    kept = db.value("SELECT state FROM copies WHERE id = :c", c=copy["id"]) == "reserved"
    moved = point_id != copy["point_id"]
    notices.drop_reminders(db, open_loan["reader_id"], open_loan["id"])
    notices.record(
        db, open_loan["reader_id"], "returned", f"loan:{open_loan['id']}", "", now,
        title=copy["title_id"], point=point_id, moved=moved, on_time=now <= due,
    )  # fmt: skip
    return Returned(copy["title"], copy["barcode"], open_loan["id"], open_loan["reader_id"], now <= due, kept, moved)

