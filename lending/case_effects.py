"""What a step of a case brings with it: points, the end of the loan, the copy's place, money. Steps: cases.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import calendar, claims, copy_states, credit, holds, loans
from lending.case_records import Case
from lending.catalogue import CopyEntry, copy_id, store_copies
from lending.database import Database
from lending.errors import CannotChange, LendingError, fact
from lending.model import library_day, stamp
from lending.policy import Policy


@fact
class NoPrice(LendingError):
    """Nobody has said what the book costs: the catalogue knows no price, and none was given."""

    title: str


@fact
class BarcodeTaken(LendingError):
    """The barcode for the replacement belongs to a copy already."""

    barcode: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a librarian wrote with a step: words for the reader, a price in fen, the replacement's barcode."""

    note: str = ""
    amount_fen: int = 0
    barcode: str = ""


NOTHING = Given()


def nothing(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """The choice is the whole of it."""


def keep_book(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """It can be read as it is: if it lies aside, it goes back to the shelf or to whoever waits."""
    if case.copy_id and _lies_aside(db, case):
        copy_states.undamage(db, case.copy_id)
        holds.release_copy(db, case.copy_id, case.title_id or 0, policy, now)


def take_points(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """The points that the rules name for this (A6-7, A6-8); once for a loan, and never for what came so."""
    points = credit.post(db, case.reader_id, case.kind, f"loan:{case.loan_id}", policy, now, evidence=case.number)
    db.run("UPDATE compensations SET points = :p WHERE id = :c", p=points, c=case.id)


def charge(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """It must be made good: what it costs is written down, the loan of a lost book is over. Raises NoPrice."""
    amount = _price(case, given, policy)
    db.run("UPDATE compensations SET amount_fen = :a WHERE id = :c", a=amount, c=case.id)
    if case.drifting_id is not None:  # no line of the ledger: that is about the library's books (A6-8)
        return
    _write_off(db, case, policy, now)
    take_points(db, case, given, policy, now)


def by_rule(price_fen: int | None, policy: Policy) -> int:
    """What a book of that price costs whoever cannot bring it back; 0 where no price is known."""
    return (price_fen or 0) * policy.cases.price_percent // 100


def _price(case: Case, given: Given, policy: Policy) -> int:
    """What the book costs, as a librarian or the catalogue says. Raises NoPrice."""
    amount = given.amount_fen or by_rule(case.price_fen, policy)
    if amount <= 0:
        raise NoPrice(case.title)
    return amount


def waive(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """Nothing is owed any more; a lost book's loan is over all the same.

    The owner of a book that drifted gets its price from the library then. Raises NoPrice.
    """
    if case.drifting_id is not None:
        amount = case.amount_fen or _price(case, given, policy)
        db.run("UPDATE compensations SET amount_fen = :a WHERE id = :c", a=amount, c=case.id)
        return _due_to_owner(db, case, "money")
    _write_off(db, case, policy, now)


def _write_off(db: Database, case: Case, policy: Policy, now: datetime) -> None:
    if case.kind == "lost" and case.lent and case.loan_id:
        loans.end(db, case.loan_id, "lost", now)
        gone = "UPDATE copies SET state = 'lost' WHERE id = :c AND state = 'on_loan'"
        if case.copy_id and db.run(gone, c=case.copy_id):
            copy_states.write_down(db, case.copy_id, copy_states.BY_READER, copy_states.BY_CASE, now)
        copy_states.tell_last_gone(db, case.title_id or 0, policy, now)


def take_book(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """The same book in a new copy takes the place of the old one, under a barcode of its own. Raises BarcodeTaken."""
    if case.drifting_id is not None:  # it is the owner's, and no copy of the library's
        return _due_to_owner(db, case, "book")
    asked = "SELECT title_id, home_point_id, call_number, shelf, material FROM copies WHERE id = :c"
    old = db.one(asked, c=case.copy_id)
    assert old is not None, "a case that is owed has its loan"
    if not given.barcode or copy_id(db, given.barcode) is not None:
        raise BarcodeTaken(given.barcode)
    mark = (old["call_number"], old["shelf"], old["material"])
    store_copies(db, [CopyEntry(given.barcode, old["title_id"], old["home_point_id"], *mark)])
    new = db.value("SELECT id FROM copies WHERE barcode = :b", b=given.barcode)
    holds.release_copy(db, new, old["title_id"], policy, now)
    _torn_goes(db, case, now)


def take_money(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """The price is paid."""
    db.run("UPDATE compensations SET paid_fen = amount_fen WHERE id = :c", c=case.id)
    if case.drifting_id is not None:
        return _due_to_owner(db, case, "money")
    _torn_goes(db, case, now)
    copy_states.tell_last_gone(db, case.title_id or 0, policy, now)


def go_on_reading(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """Found at home: the loan goes on, with days to bring it back where it would be late."""
    if case.drifting_id is not None:
        return
    loan = loans.loan(db, case.loan_id or 0)
    if loan.lost or loan.stopped_as == "claimed":
        claims.at_home_after_all(db, loan.id, now)
        grace = calendar.load(db, policy).end(None, library_day(now) + timedelta(days=policy.returns.claim_days))
        loans.resume(db, loan.id, max(loan.due_at, grace) if loan.due_at < now else loan.due_at)


def give_back(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """It has come back: part of the points, and the money within its time, as the rules say (A6-8)."""
    back = credit.found_again(db, case.reader_id, f"loan:{case.loan_id}", policy, now)
    in_time = now - case.changed_at <= timedelta(days=policy.cases.refund_days)
    refund = case.paid_fen * policy.cases.refund_percent // 100 if in_time else 0
    db.run(
        "UPDATE compensations SET points = points + :back, paid_fen = paid_fen - :refund WHERE id = :c",
        back=back, refund=refund, c=case.id,
    )  # fmt: skip


def take_back(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """It never reached its reader: every point comes back, nothing is owed, and what was paid is to be given back."""
    back = credit.never_came(db, case.reader_id, f"loan:{case.loan_id}", case.number, policy, now)
    db.run("UPDATE compensations SET points = points + :back, paid_fen = 0 WHERE id = :c", back=back, c=case.id)


def hand_out(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """What the reader has back of the price is in their hands, once. Raises CannotChange where nothing is owed."""
    if not case.owes_refund:
        raise CannotChange("case", case.number, case.state)


def _due_to_owner(db: Database, case: Case, what: str) -> None:
    """The book drifts no more, and nobody has it; what makes up for it waits at a desk for its owner."""
    db.run("UPDATE compensations SET owner_due = :what WHERE id = :c", what=what, c=case.id)
    db.run("UPDATE drifting SET state = 'ended' WHERE id = :d", d=case.drifting_id)


def hand_owner(db: Database, case: Case, given: Given, policy: Policy, now: datetime) -> None:
    """The owner has it, once; a book is at home and may drift again. Raises CannotChange where nothing waits."""
    if not case.owes_owner:
        raise CannotChange("case", case.number, case.state)
    if case.owner_due == "book":
        db.run(
            "UPDATE drifting SET state = 'home', holder_id = owner_id, since = :now WHERE id = :d",
            d=case.drifting_id, now=stamp(now),
        )  # fmt: skip


def _lies_aside(db: Database, case: Case) -> bool:
    """Whether the copy is still where its return with this case has laid it (loans.check_in).

    One that was mended since, or judged broken by a librarian, or lent again, goes by what happened last.
    """
    return bool(
        db.value(
            "SELECT 1 FROM copies c WHERE c.id = :c AND c.state = 'damaged' AND COALESCE((SELECT actor "
            "FROM copy_events WHERE copy_id = c.id AND step = 'damage' ORDER BY id DESC LIMIT 1), :case) = :case "
            "AND NOT EXISTS (SELECT 1 FROM loans WHERE copy_id = c.id AND id > :l)",
            c=case.copy_id, case=copy_states.BY_CASE, l=case.loan_id,
        )
    )  # fmt: skip


def _torn_goes(db: Database, case: Case, now: datetime) -> None:
    """It has been made good, and is lent no more."""
    if case.copy_id and _lies_aside(db, case):
        db.run("UPDATE copies SET state = 'withdrawn' WHERE id = :c", c=case.copy_id)
        copy_states.write_down(db, case.copy_id, "withdraw", copy_states.BY_CASE, now)
