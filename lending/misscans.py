"""扫错了: a return scanned by mistake is taken back, as long as nobody who waits has been told of the book (B2-20).

Only by hand: what a locker or a kiosk reports has happened. readiness.py does the same for orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import copy_states, holds, notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import CopyState, parse_stamp, stamp
from lending.policy import Policy

FOUND_BY_SCAN = ("lost", "missing")


@fact
class ScanStands(LendingError):
    """It cannot be taken back any more: the next reader knows, time is over, or something has come of it."""

    title: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned, and how the copy stood before. `loan_id` is the loan that the scan ended, if it did."""

    barcode: str
    at: datetime
    loan_id: int | None
    state_before: str
    point_before: int


COPY = (
    "SELECT c.id, c.state, c.hold_id, t.title, h.reader_id FROM copies c JOIN titles t ON t.id = c.title_id "
    "LEFT JOIN holds h ON h.id = c.hold_id WHERE c.barcode = :b"
)
MATTERS = (  # what else has come of the loan's end, which no second scan undoes
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM loans WHERE id = :l) UNION ALL "  # its reader is forgotten
    "SELECT 1 FROM loans l WHERE l.id = :l AND (l.returned_at IS NULL OR l.returned_at <> :at OR l.stopped_at "
    "IS NOT NULL OR EXISTS (SELECT 1 FROM home_return_items i WHERE i.loan_id = l.id) "
    "OR EXISTS (SELECT 1 FROM compensations k WHERE k.loan_id = l.id) "
    "OR EXISTS (SELECT 1 FROM credit_lines c WHERE c.object = 'loan:' || l.id AND c.event = 'forgiven'))"
)
FOUND = (  # the money and the points of a lost book have been given back
    "SELECT 1 FROM compensations k JOIN loans l ON l.id = k.loan_id "
    "WHERE l.copy_id = :c AND k.state = 'found' AND k.changed_at >= :at"
)


def until(db: Database, scan: Scan, policy: Policy, now: datetime) -> datetime | None:
    """Until when it can be taken back; None when it cannot any more, or changed nothing."""
    copy = db.one(COPY, b=scan.barcode)
    if copy is None or not (scan.loan_id or scan.state_before in FOUND_BY_SCAN):
        return None
    if scan.state_before in FOUND_BY_SCAN and db.value(FOUND, c=copy["id"], at=stamp(scan.at)):
        return None
    if scan.loan_id and db.value(MATTERS, l=scan.loan_id, at=stamp(scan.at)):
        return None
    ends = _told_at(db, copy, scan, policy)
    return ends if ends and ends > now else None


def _told_at(db: Database, copy: Row, scan: Scan, policy: Policy) -> datetime | None:
    if copy["state"] == "available":
        return scan.at + timedelta(minutes=policy.promise.tell_ready_minutes)
    if copy["state"] != "reserved" or copy["hold_id"] is None:
        return None
    return holds.told_at(db, copy["hold_id"], copy["reader_id"])


def take_back(db: Database, scan: Scan, policy: Policy, now: datetime) -> str:
    """As if it had not been scanned; returns the title. Whoever was told that it is back hears that it is not.

    Raises ScanStands, UnknownThing for a barcode that is not ours.
    """
    with writing(db) as db:
        copy = db.one(COPY, b=scan.barcode)
        if copy is None:
            raise UnknownThing("barcode", scan.barcode[:40])
        if until(db, scan, policy, now) is None:
            raise ScanStands(copy["title"])
        if copy["hold_id"] is not None:
            holds.take_back(db, copy["hold_id"], copy["reader_id"])
        state = CopyState.LOST if scan.state_before in FOUND_BY_SCAN else scan.state_before
        db.run(
            "UPDATE copies SET state = :state, point_id = :p, hold_id = NULL WHERE id = :c",
            state=state, p=scan.point_before, c=copy["id"],
        )  # fmt: skip
        if scan.state_before in FOUND_BY_SCAN:
            copy_states.unfind(db, copy["id"], scan.state_before)
        if scan.loan_id:
            _reopen(db, scan, now)
        return str(copy["title"])


def _reopen(db: Database, scan: Scan, now: datetime) -> None:
    """On loan as before, with the same date; reminders are planned anew."""
    row = db.one(
        "UPDATE loans SET returned_at = NULL, ended_as = '', returned_point_id = NULL WHERE id = :id "
        "RETURNING reader_id, due_at",
        id=scan.loan_id,
    )  # fmt: skip
    assert row is not None, "the loan was read inside this transaction"
    notices.plan_anew(db, row["reader_id"], scan.loan_id or 0)
    if notices.retract(db, row["reader_id"], "returned", f"loan:{scan.loan_id}"):
        notices.record(
            db, row["reader_id"], "return_undone", f"loan:{scan.loan_id}", stamp(now), now, now,
            loan=scan.loan_id, due=stamp(parse_stamp(row["due_at"])),
        )  # fmt: skip
