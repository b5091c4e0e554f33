"""借出: a reader takes a copy at a kiosk or a desk, in their own hands; the loan begins at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import audience, decisions, holds, loans, notices, order_records, orders, pools
from lending.catalogue import Copy, scanned
from lending.database import Database, writing
from lending.decisions import Decision, Facts
from lending.errors import LendingError, NotAllowed, fact
from lending.loans import Loan
from lending.model import CopyState
from lending.policy import Policy

KIOSK = "kiosk"


@fact
class NotForLoan(LendingError):
    """The copy in the reader's hand cannot be lent to them: on another account, kept for somebody, lost, damaged."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Lent:
    """The loan there is now; `again` when it was the reader's before, `books` how many an order brought with it.

    `ordered` is the number of an order of theirs in which another copy of the title is on its way to them.
    """

    loan: Loan
    again: bool
    books: int = 1
    ordered: str = ""


def check_out(
    db: Database, barcode: str, reader_id: int, policy: Policy, now: datetime, point_id: int | None = None,
    actor: str = KIOSK,
) -> Lent:  # fmt: skip
    """Lend this copy to the reader, at that point. Safe to repeat: a book already on their account stays one loan.

    A book of an order that waits for the reader at the counter hands over the whole order.
    Raises UnknownThing, NotForLoan, NotAllowed with every reason.
    """
    with writing(db) as db:
        copy = scanned(db, barcode)
        if mine := _mine(db, reader_id, copy):
            return Lent(mine, again=True)
        books = _collect(db, copy, reader_id, actor, policy, now)
        if not books:
            _lend(db, copy, reader_id, point_id, actor, policy, now)
        loan = _mine(db, reader_id, copy)
        assert loan is not None, "made in this transaction"
        return Lent(loan, again=False, books=books or 1, ordered=_ordered_too(db, loan, reader_id, now))


def _mine(db: Database, reader_id: int, copy: Copy) -> Loan | None:
    return next((loan for loan in loans.of_reader(db, reader_id) if loan.barcode == copy.barcode), None)


def _collect(db: Database, copy: Copy, reader_id: int, actor: str, policy: Policy, now: datetime) -> int:
    """How many books an order of the reader's that waits at the counter has brought; 0 when there is none."""
    order = db.value(
        "SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
        "WHERE i.copy_id = :c AND o.reader_id = :r AND o.state = 'at_counter'",
        c=copy.id, r=reader_id,
    )  # fmt: skip
    if order is None:
        return 0
    orders.advance(db, order, "collect", actor, policy, now)
    return int(db.value("SELECT COUNT(*) FROM loans WHERE order_id = :o AND returned_at IS NULL", o=order))


def _ordered_too(db: Database, loan: Loan, reader_id: int, now: datetime) -> str:
    """Another copy of it is on its way to the reader in an order: its number, and they are asked what to do."""
    order = order_records.with_title(db, reader_id, loan.title_id)
    if order is None:
        return ""
    notices.record(
        db, reader_id, "ordered_too", f"loan:{loan.id}", "", now,
        loan=loan.id, order=order.number, title=loan.title_id,
    )  # fmt: skip
    return order.number


def _lend(
    db: Database, copy: Copy, reader_id: int, point_id: int | None, actor: str, policy: Policy, now: datetime
) -> None:  # fmt: skip
    title = db.one("SELECT title, audience, clc, withdrawn FROM titles WHERE id = :t", t=copy.title_id)
    assert title is not None, "of this copy"
    if title["withdrawn"]:
        raise NotForLoan(title["title"], CopyState.WITHDRAWN)
    if not free_for(db, copy, reader_id):
        raise NotForLoan(title["title"], copy.state if copy.state != CopyState.AVAILABLE else CopyState.RESERVED)
    facts = decisions.facts(db, reader_id, now)
    decision = audience.within(db, may_take(db, facts, copy, point_id, policy, now), facts, [title], policy)
    if not decision.allowed:
        raise NotAllowed(decision)
    loan_id = loans.lend(db, copy.id, copy.title_id, reader_id, policy, now)
    holds.fill_title(db, reader_id, copy.title_id, policy, now)
    notices.record(db, reader_id, "lent", f"loan:{loan_id}", "", now, loan=loan_id, by_staff=actor != KIOSK)


def may_take(
    db: Database, facts: Facts, copy: Copy, point_id: int | None, policy: Policy, now: datetime
) -> Decision:  # fmt: skip
    """Everything that stands between this reader and one more copy made of this, taken at that point of the library."""
    more = pools.wanted(policy, "desk", [copy.material])
    decision = decisions.may_borrow(facts, 1, policy, "desk")
    decision = decisions.room_in_pools(db, decision, facts.reader_id, more, policy)
    return decisions.at_point(db, decision, facts.reader_id, point_id, policy, now)


def free_for(db: Database, copy: Copy, reader_id: int) -> bool:
    """On the shelf while nobody else waits for the title, or kept for this reader's hold (B2-19)."""
    if copy.state == CopyState.RESERVED and copy.hold_id is not None:
        mine = "SELECT 1 FROM holds WHERE id = :h AND reader_id = :r AND state = 'ready'"
        return bool(db.value(mine, h=copy.hold_id, r=reader_id))
    return copy.state == CopyState.AVAILABLE and holds.next_reader(db, copy.title_id) in (None, reader_id)
