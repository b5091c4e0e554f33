"""转借: a book goes from reader to reader by a one-time code, both consenting; the table is a transfer's life (F-7)."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from lending import audience, case_records, catalogue, decisions, drifting, holds, loans, notices, shipping
from lending.cart import AlreadyHere
from lending.database import Database, Row, writing
from lending.errors import LendingError, NotAllowed, OutsideServiceArea, UnknownThing, fact
from lending.loans import Loan
from lending.model import parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which states, to which, and whose it is
    "accept": (("offered",), "accepted", ""),  # 接受：扫码的读者愿意接
    "finish": (("accepted",), "done", "giver_id"),  # 交到手上：转出的读者确认
    "withdraw": (("offered", "accepted"), "withdrawn", "giver_id"),  # 不转了
    "decline": (("accepted",), "declined", "receiver_id"),  # 不接了
    "expire": (("offered", "accepted"), "expired", ""),  # 过时
}
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read for something else
CODE_LENGTH = 8  # 31 ** 8 codes, each for minutes: not to be guessed
YEAR = timedelta(days=365)


@fact
class CannotTransfer(LendingError):
    """`reason`: waiting (n readers), overdue (n days), stopped, same_title or year (n times), own, home, receiver.

    `number` is the n of the reason.
    """

    title: str
    reason: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """A book on its way from one reader to another: a loan of the library's, or a reader's own that drifts."""

    id: int
    loan_id: int | None
    drifting_id: int | None
    title_id: int
    title: str
    giver_id: int
    receiver_id: int | None
    state: str
    expires_at: datetime


COLUMNS = (
    "x.id, x.loan_id, x.drifting_id, x.title_id, t.title, x.giver_id, x.receiver_id, x.state, x.expires_at "
    "FROM transfers x JOIN titles t ON t.id = x.title_id"
)


def _transfer(row: Row | None, name: str) -> Transfer:
    if row is None:
        raise UnknownThing("transfer", name)
    return Transfer(**{**row, "expires_at": parse_stamp(row["expires_at"])})


def transfer(db: Database, transfer_id: int) -> Transfer:
    """Raises UnknownThing."""
    return _transfer(db.one(f"SELECT {COLUMNS} WHERE x.id = :id", id=transfer_id), str(transfer_id))


def hashed(code: str) -> str:
    """What is kept of a code; it is random and lives for minutes, so a plain digest is enough."""
    return sha256(tidy(code).encode()).hexdigest()


def tidy(code: str) -> str:
    """The code without what people put around and between."""
    return "".join(letter for letter in code.upper() if letter in ALPHABET)


def _step(db: Database, name: str, transfer_id: int, who: int | None, now: datetime, /, **columns: Any) -> Transfer:
    """One row of the table, guarded. Raises UnknownThing where the transfer does not stand at its beginning."""
    before, after, whose = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    mine = f"AND {whose} = :who " if whose else ""
    alive = "" if name == "expire" else "AND expires_at > :now "
    marks = "".join(f", {column} = :{column}" for column in columns)
    changed = db.run(
        f"UPDATE transfers SET state = '{after}', ended_at = :ended{marks} "
        f"WHERE id = :id {mine}{alive}AND state IN ({states})",
        id=transfer_id, who=who, now=stamp(now), ended=None if after == "accepted" else stamp(now), **columns,
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("transfer", str(transfer_id))
    return transfer(db, transfer_id)


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
    """The same for a book that drifts, by whoever has it. Raises UnknownThing."""
    with writing(db) as db:
        own = drifting.held(db, own_id, giver_id)
        return _offer(db, giver_id, policy, now, loan_id=None, drifting_id=own.id, title_id=own.title_id)


def _offer(db: Database, giver_id: int, policy: Policy, now: datetime, **what: int | None) -> tuple[str, Transfer]:
    before = db.all(
        "UPDATE transfers SET state = 'withdrawn', ended_at = :now WHERE state IN ('offered', 'accepted') "
        "AND (loan_id = :loan OR drifting_id = :own) RETURNING id, receiver_id",
        now=stamp(now), loan=what["loan_id"], own=what["drifting_id"],
    )  # fmt: skip
    for row in before:
        if row["receiver_id"] is not None:  # who had said yes would wait for a confirmation that cannot come
            _tell(db, row["receiver_id"], transfer(db, row["id"]), "new_code", now)
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
        done = _step(db, "finish", transfer_id, giver_id, now)
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
        _tell(db, done.receiver_id, done, "done", now)
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
        over = _step(db, "withdraw", transfer_id, giver_id, now)
        if over.receiver_id is not None:
            _tell(db, over.receiver_id, over, "withdrawn", now)
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
    offered = _transfer(found, "")
    if offered.giver_id == receiver_id:
        raise CannotTransfer(offered.title, "own")
    _check_receiver(db, offered, receiver_id, policy, now)
    return offered


def _check_receiver(db: Database, offered: Transfer, receiver_id: int, policy: Policy, now: datetime) -> None:
    """May this reader take it: the same rules as for borrowing, the queue, the year."""
    if offered.drifting_id is not None:
        return _check_drifting(db, offered, receiver_id, policy, now)
    _may_have(db, offered, receiver_id, 1, policy, now)
    try:
        loan = loans.loan(db, offered.loan_id or 0, offered.giver_id)
    except UnknownThing as error:  # brought back meanwhile; it never was a loan of the receiver's
        raise UnknownThing("transfer", str(offered.id)) from error
    if any(mine.title_id == loan.title_id for mine in loans.of_reader(db, receiver_id)):
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
    _may_have(db, offered, receiver_id, 0, policy, now)


def _may_have(db: Database, offered: Transfer, receiver_id: int, books: int, policy: Policy, now: datetime) -> None:
    """Raises NotAllowed with every reason."""
    facts = decisions.facts(db, receiver_id, now)
    title = vars(catalogue.title(db, offered.title_id))
    decision = audience.within(db, decisions.may_borrow(facts, books, policy), facts, [title], policy)
    if not decision.allowed:
        raise NotAllowed(decision)


def accept(db: Database, receiver_id: int, code: str, policy: Policy, now: datetime) -> Transfer:
    """The receiver wants it; from now on the code opens nothing, and the giver is asked. Raises as `look` does."""
    with writing(db) as db:
        offered = look(db, receiver_id, code, policy, now)
        until = stamp(now + timedelta(minutes=policy.transfers.confirm_minutes))
        accepted = _step(db, "accept", offered.id, None, now, receiver_id=receiver_id, expires_at=until)
        _tell(db, accepted.giver_id, accepted, "accepted", now)
        return accepted


def decline(db: Database, receiver_id: int, transfer_id: int, now: datetime) -> Transfer:
    """The receiver has thought again. Raises UnknownThing when it is over already."""
    with writing(db) as db:
        over = _step(db, "decline", transfer_id, receiver_id, now)
        _tell(db, over.giver_id, over, "declined", now)
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


def expire_due(db: Database, now: datetime) -> int:
    """Codes and questions that were left alone are over; both sides of a question are told. Returns how many."""
    over = "SELECT id FROM transfers WHERE state IN ('offered', 'accepted') AND expires_at <= :now"
    if not db.all(over, now=stamp(now)):
        return 0
    with writing(db) as db:
        rows = db.all(over, now=stamp(now))
        for row in rows:
            ended = _step(db, "expire", row["id"], None, now)
            for reader_id in (ended.giver_id, ended.receiver_id) if ended.receiver_id else ():
                _tell(db, reader_id or 0, ended, "expired", now)
        return len(rows)


def _tell(db: Database, reader_id: int, what: Transfer, step: str, now: datetime) -> None:
    """At once, whatever the hour: they stand face to face."""
    notices.record(db, reader_id, "transfer", f"transfer:{what.id}", step, now, transfer=what.id, title=what.title_id)
