"""转借: a book goes from reader to reader by a one-time code, both consenting (F-7). Its life: transfer_records.py."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from lending import audience, cart, case_records, catalogue, decisions, drifting, holds, loans, shipping
from lending.cart import AlreadyHere
from lending.database import Database, writing
from lending.errors import LendingError, NotAllowed, OutsideServiceArea, UnknownThing, fact
from lending.loans import Loan
from lending.model import stamp
from lending.policy import Policy
from lending.transfer_records import COLUMNS, Transfer, step, tell, transfer, transfer_of

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read for something else
CODE_LENGTH = 8  # 31 ** 8 codes, each for minutes: not to be guessed
YEAR = timedelta(days=365)


@fact
class CannotTransfer(LendingError):
    """`reason`: waiting (n readers), queue (the same, told to who would take it), overdue (n days),
    stopped, withdrawn, same_title or year (n times), own, home, receiver.

    `number` is the n of the reason.
    """

    title: str
    reason: str
    number: int = 0
    title_id: int = 0  # where there is a queue to join


def hashed(code: str) -> str:
    """What is kept of a code; it is random and lives for minutes, so a plain digest is enough."""
    return sha256(tidy(code).encode()).hexdigest()


def tidy(code: str) -> str:
    """The code without what people put around and between."""
    return "".join(letter for letter in code.upper() if letter in ALPHABET)


# ---- the one who gives -----------------------------------------------------------------------------------------------


def offer(db: Database, giver_id: int, loan_id: int, policy: Policy, now: datetime) -> tuple[str, Transfer]:
    """A new code for this loan; an earlier one is dead from now on. Raises UnknownThing, CannotTransfer."""
    with writing(db) as db:
        loan = loans.loan(db, loan_id, giver_id)
        _may_leave(db, loan, None, now)
        _within_the_year(db, giver_id, "giver_id", loan, policy, now)
        return _offer(db, giver_id, policy, now, loan_id=loan.id, drifting_id=None, title_id=loan.title_id)


def may_offer(db: Database, giver_id: int, policy: Policy, now: datetime) -> list[Loan]:
    """The loans that could be handed on this moment; nothing is changed."""
    found = []
    for loan in loans.of_reader(db, giver_id):
        with suppress(CannotTransfer):
            _may_leave(db, loan, None, now)
            _within_the_year(db, giver_id, "giver_id", loan, policy, now)
            found.append(loan)
    return found


def offer_own(db: Database, giver_id: int, own_id: int, policy: Policy, now: datetime) -> tuple[str, Transfer]:
    """The same for a book that drifts, by whoever has it. Raises UnknownThing, CannotTransfer."""
    with writing(db) as db:
        own = drifting.held(db, own_id, giver_id)
        if own.lost or (own.damaged and own.holder_id == own.owner_id):  # its case comes first
            raise CannotTransfer(own.title, "stopped")
        return _offer(db, giver_id, policy, now, loan_id=None, drifting_id=own.id, title_id=own.title_id)


def _offer(db: Database, giver_id: int, policy: Policy, now: datetime, **what: int | None) -> tuple[str, Transfer]:
    before = db.all(
        "UPDATE transfers SET state = 'withdrawn', ended_at = :now WHERE state IN ('offered', 'accepted') "
        "AND (loan_id = :loan OR drifting_id = :own) RETURNING id, receiver_id",
        now=stamp(now), loan=what["loan_id"], own=what["drifting_id"],
    )  # fmt: skip
    for row in before:
        if row["receiver_id"] is not None:  # who had said yes would wait for a confirmation that cannot come
            tell(db, row["receiver_id"], transfer(db, row["id"]), "new_code", now)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    number = db.value(
        "INSERT INTO transfers (loan_id, drifting_id, title_id, giver_id, code_hash, state, made_at, expires_at) "
        "VALUES (:loan_id, :drifting_id, :title_id, :giver, :hash, 'offered', :now, :until) RETURNING id",
        giver=giver_id, hash=hashed(code), now=stamp(now),
        until=stamp(now + timedelta(minutes=policy.transfers.code_minutes)), **what,
    )  # fmt: skip
    return code, transfer(db, number)


def _may_leave(db: Database, loan: Loan, receiver_id: int | None, now: datetime) -> None:
    """The book may go on unless somebody else waits, it is late, or no longer in the giver's hands."""
    first = holds.next_reader(db, loan.title_id, but=loan.reader_id)
    if loan.waiting and first != receiver_id:
        raise CannotTransfer(loan.title, "waiting", loan.waiting)
    if loan.due_at < now:
        raise CannotTransfer(loan.title, "overdue", -loan.days_left(now))
    damaged = case_records.stays_aside(db, loan.id)  # also where the case is settled: it is mended first
    if loan.lost or loan.stopped_as or damaged or case_records.open_of_loan(db, loan.id):
        raise CannotTransfer(loan.title, "stopped")
    if db.value("SELECT withdrawn FROM titles WHERE id = :t", t=loan.title_id):  # nobody borrows it any more
        raise CannotTransfer(loan.title, "withdrawn")


def _within_the_year(
    db: Database, reader_id: int, side: str, loan: Loan, policy: Policy, now: datetime, but: int = 0
) -> None:
    """At most so many hand-overs a year, and so many of one title (B9 深圳), `but` this one not counted."""
    row = db.one(
        "SELECT COUNT(*) AS every, COALESCE(SUM(title_id = :t), 0) AS same FROM transfers "
        f"WHERE {side} = :r AND loan_id IS NOT NULL AND state = 'done' AND ended_at > :since AND id <> :but",
        r=reader_id, t=loan.title_id, but=but, since=stamp(now - YEAR),
    )  # fmt: skip
    assert row is not None
    rules = policy.transfers
    if row["same"] >= rules.same_title_a_year:
        raise CannotTransfer(loan.title, "same_title", rules.same_title_a_year)
    if row["every"] >= rules.a_year:
        raise CannotTransfer(loan.title, "year", rules.a_year)


def finish(db: Database, giver_id: int, transfer_id: int, policy: Policy, now: datetime) -> Transfer:
    """The book is in the receiver's hands: the old loan ends and the new one begins, or nothing happens at all.

    Everything is asked again, for minutes have passed. Raises UnknownThing, CannotTransfer.
    """
    with writing(db) as db:
        done = step(db, "finish", transfer_id, giver_id, now)
        assert done.receiver_id is not None
        try:
            _check_receiver(db, done, done.receiver_id, policy, now)
        except (NotAllowed, AlreadyHere) as error:  # the receiver's own matter: the giver is not told which
            raise CannotTransfer(done.title, "receiver") from error
        if done.loan_id is not None:
            loan = loans.loan(db, done.loan_id, giver_id)
            _may_leave(db, loan, done.receiver_id, now)
            loans.hand_on(db, loan, done.receiver_id, policy, now)
            holds.fill_title(db, done.receiver_id, done.title_id, policy, now)
        else:
            drifting.hand_on(db, done.drifting_id or 0, giver_id, done.receiver_id, now)
        tell(db, done.receiver_id, done, "done", now)
        return done


def fee_saved(db: Database, reader_id: int, policy: Policy) -> int:
    """What sending the book back and out again to this reader costs by the tariff, in fen (D-9); 0 where none goes."""
    zone = shipping.zone_or_first(policy, db.value("SELECT zone FROM readers WHERE id = :r", r=reader_id) or "")
    try:
        return sum(shipping.quote(policy, way, zone, 1).fee_fen for way in ("return", "borrow"))
    except OutsideServiceArea:
        return 0


def open_of_giver(db: Database, giver_id: int, now: datetime) -> list[int]:
    """What this reader has offered and nobody has finished taking."""
    rows = db.all(
        "SELECT id FROM transfers WHERE giver_id = :r AND state IN ('offered', 'accepted') AND expires_at > :now "
        "ORDER BY id",
        r=giver_id, now=stamp(now),
    )  # fmt: skip
    return [row["id"] for row in rows]


def withdraw(db: Database, giver_id: int, transfer_id: int, now: datetime) -> Transfer:
    """The giver keeps the book. Raises UnknownThing when it is over already."""
    with writing(db) as db:
        over = step(db, "withdraw", transfer_id, giver_id, now)
        if over.receiver_id is not None:
            tell(db, over.receiver_id, over, "withdrawn", now)
        return over


# ---- the one who takes -----------------------------------------------------------------------------------------------


def look(db: Database, receiver_id: int, code: str, policy: Policy, now: datetime) -> Transfer:
    """What the code stands for, if this reader may have it; nothing is changed.

    Raises UnknownThing for a code that is wrong, used or too old, CannotTransfer, NotAllowed, AlreadyHere.
    """
    found = db.one(
        f"SELECT {COLUMNS} WHERE x.code_hash = :hash AND x.expires_at > :now AND x.state = 'offered'",
        hash=hashed(code), now=stamp(now),
    )  # fmt: skip
    if found is None:
        raise UnknownThing("transfer_code", tidy(code)[:CODE_LENGTH])
    offered = transfer_of(found, "")
    if offered.giver_id == receiver_id:
        raise CannotTransfer(offered.title, "own")
    try:
        _check_receiver(db, offered, receiver_id, policy, now)
    except CannotTransfer as error:
        if error.reason == "waiting":  # the giver may bring it back; this reader can only join the queue
            raise CannotTransfer(error.title, "queue", error.number, offered.title_id) from error
        raise
    return offered


def _check_receiver(db: Database, offered: Transfer, receiver_id: int, policy: Policy, now: datetime) -> None:
    """May this reader take it: the same rules as for borrowing, the queue, the year."""
    if offered.drifting_id is not None:
        return _check_drifting(db, offered, receiver_id, policy, now)
    try:
        loan = loans.loan(db, offered.loan_id or 0, offered.giver_id)
    except UnknownThing as error:  # brought back meanwhile; it never was a loan of the receiver's
        raise UnknownThing("transfer", str(offered.id)) from error
    _may_have(db, offered, receiver_id, {loan.pool: 1}, policy, now)
    if cart.is_mine(db, receiver_id, loan.title_id):
        raise AlreadyHere(loan.title)
    _may_leave(db, loan, receiver_id, now)
    _within_the_year(db, receiver_id, "receiver_id", loan, policy, now, offered.id)


def _check_drifting(db: Database, offered: Transfer, receiver_id: int, policy: Policy, now: datetime) -> None:
    """A book of a reader's own takes no place in the limit; the owner may always have it back."""
    own = drifting.held(db, offered.drifting_id or 0, offered.giver_id)
    if receiver_id == own.owner_id:
        return
    if own.only_home:
        raise CannotTransfer(own.title, "home")
    _may_have(db, offered, receiver_id, {}, policy, now)


def _may_have(
    db: Database, offered: Transfer, receiver_id: int, more: Mapping[str, int], policy: Policy, now: datetime
) -> None:  # fmt: skip
    """`more` is how many books the receiver would have then, by the pool they stay in. Raises NotAllowed."""
    facts = decisions.facts(db, receiver_id, now)
    title = vars(catalogue.title(db, offered.title_id))
    decision = decisions.may_borrow(facts, sum(more.values()), policy)
    decision = decisions.room_in_pools(db, decision, receiver_id, more, policy)
    decision = audience.within(db, decision, facts, [title], policy)
    if not decision.allowed:
        raise NotAllowed(decision)


def accept(db: Database, receiver_id: int, code: str, policy: Policy, now: datetime) -> Transfer:
    """The receiver wants it; from now on the code opens nothing, and the giver is asked. Raises as `look` does."""
    with writing(db) as db:
        offered = look(db, receiver_id, code, policy, now)
        until = stamp(now + timedelta(minutes=policy.transfers.confirm_minutes))
        accepted = step(db, "accept", offered.id, None, now, receiver_id=receiver_id, expires_at=until)
        tell(db, accepted.giver_id, accepted, "accepted", now)
        return accepted


def decline(db: Database, receiver_id: int, transfer_id: int, now: datetime) -> Transfer:
    """The receiver has thought again. Raises UnknownThing when it is over already."""
    with writing(db) as db:
        over = step(db, "decline", transfer_id, receiver_id, now)
        tell(db, over.giver_id, over, "declined", now)
        return over


def leave(db: Database, reader_id: int, now: datetime) -> None:
    """Before the reader is forgotten: whoever offers them a book, or waits for theirs, hears that it stays.

    Call in `writing`.
    """
    for transfer_id in open_of_giver(db, reader_id, now):
        withdraw(db, reader_id, transfer_id, now)
    wanted = "SELECT id FROM transfers WHERE receiver_id = :r AND state = 'accepted' AND expires_at > :now ORDER BY id"
    for row in db.all(wanted, r=reader_id, now=stamp(now)):
        decline(db, reader_id, row["id"], now)


# ---- time ------------------------------------------------------------------------------------------------------------


def call_off_overtaken(db: Database, now: datetime) -> int:
    """Since both said yes, somebody else has come to wait for it, it has become late, or its owner wants it home: both
    hear it now, not in vain at the confirmation. Returns how many.
    """
    asked = f"SELECT {COLUMNS} WHERE x.state = 'accepted' AND x.expires_at > :now"
    if not any(_overtaken(db, transfer_of(row, ""), now) for row in db.all(asked, now=stamp(now))):
        return 0
    with writing(db) as db:
        over = 0
        for one in [transfer_of(row, "") for row in db.all(asked, now=stamp(now))]:
            if why := _overtaken(db, one, now):
                step(db, "leave", one.id, None, now)
                if why != "home":  # who has it has been asked for it, or is the owner
                    tell(db, one.giver_id, one, f"stays_{why}", now)
                tell(db, one.receiver_id or 0, one, why, now)
                over += 1
        return over


def _overtaken(db: Database, accepted: Transfer, now: datetime) -> str:
    """Why this book may not go on any more, '' where it may."""
    try:
        if accepted.drifting_id is not None:
            own = drifting.held(db, accepted.drifting_id, accepted.giver_id)
            return "home" if own.only_home and accepted.receiver_id != own.owner_id else ""
        _may_leave(db, loans.loan(db, accepted.loan_id or 0, accepted.giver_id), accepted.receiver_id, now)
    except CannotTransfer as error:
        return error.reason if error.reason in ("waiting", "overdue") else ""
    except UnknownThing:  # it does not drift any more
        return "home"
    return ""


def expire_due(db: Database, now: datetime) -> int:
    """Codes and questions that were left alone are over; both sides of a question are told. Returns how many."""
    over = "SELECT id FROM transfers WHERE state IN ('offered', 'accepted') AND expires_at <= :now"
    if not db.all(over, now=stamp(now)):
        return 0
    with writing(db) as db:
        rows = db.all(over, now=stamp(now))
        for row in rows:
            ended = step(db, "expire", row["id"], None, now)
            for reader_id in (ended.giver_id, ended.receiver_id) if ended.receiver_id else ():
                tell(db, reader_id or 0, ended, "expired", now)
        return len(rows)
