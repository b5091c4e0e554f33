"""上门取书: the courier fetches books from the reader's door. The table of steps is all of a pick-up's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lending import cases, credit, fee_refunds, loans, notices, readers, shipping
from lending.database import Database, Row, writing
from lending.errors import BadAddress, CannotChange, LendingError, OutsideServiceArea, UnknownThing, fact
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy
from lending.shipping import Quote

STEPS = {  # the last book scanned ends it (loans.end): collected → done
    "collect": ("asked", "collected"),  # 快递取走了：从这时起不算超期
    "cancel": ("asked", "cancelled"),  # 不用来了
}


@fact
class NothingToFetch(LendingError):
    """None of these books is at the reader's home and free to be fetched."""


@dataclass(frozen=True, slots=True)
class HomeReturn:
    """A pick-up with its books. Fee in fen."""

    id: int
    reader_id: int
    state: str
    address: str
    fee_fen: int
    asked_at: datetime
    titles: tuple[str, ...]  # what is still to be fetched or on its way; once it is over, all that were asked for
    lost: tuple[str, ...]  # of these, what is lost and has not turned up
    lost_fen: int  # taken off the fee since the courier lost the books


def fetchable(db: Database, reader_id: int) -> list[loans.Loan]:
    """The reader's books that are at home and that nobody comes for yet."""
    asked = {
        row["loan_id"]
        for row in db.all(
            "SELECT i.loan_id FROM home_return_items i JOIN home_returns h ON h.id = i.home_return_id "
            "WHERE h.reader_id = :r AND i.open = 1",
            r=reader_id,
        )
    }
    held = loans.of_reader(db, reader_id)
    return [loan for loan in held if loan.id not in asked and not loan.stopped_as and not loan.lost]


def quote(db: Database, reader_id: int, books: int, policy: Policy, now: datetime) -> Quote:
    """What it costs, before it is asked for (A4-8). Raises BadAddress without an address, OutsideServiceArea."""
    who = readers.reader(db, reader_id)
    if missing := tuple(name for name in ("name", "phone", "address") if not getattr(who, name)):
        raise BadAddress(missing)
    percent = policy.fee_percent(credit.balance(db, reader_id)) if policy.tiers else 100
    return shipping.quote(policy, "return", who.zone, books, library_day(now), percent=percent)


def ask(
    db: Database, reader_id: int, loan_ids: Sequence[int], request_key: str, policy: Policy, now: datetime
) -> HomeReturn:
    """Ask the courier to come for these books. The same request key again is the same pick-up (B2-2).

    Raises NothingToFetch, BadAddress, OutsideServiceArea; nothing is kept then.
    """
    with writing(db) as db:
        if known := by_request(db, reader_id, request_key):
            return known
        chosen = [loan for loan in fetchable(db, reader_id) if loan.id in loan_ids]
        if not chosen:
            raise NothingToFetch()
        cost, who = quote(db, reader_id, len(chosen), policy, now), readers.reader(db, reader_id)
        made = db.value(
            "INSERT INTO home_returns (reader_id, request_key, state, address, zone, fee_fen, asked_at, changed_at) "
            "VALUES (:r, :key, 'asked', seal(:address), :zone, :fee, :now, :now) RETURNING id",
            r=reader_id, key=request_key, address=f"{who.name} {who.phone} {who.address}", zone=who.zone,
            fee=cost.fee_fen, now=stamp(now),
        )  # fmt: skip
        for loan in chosen:
            db.run("INSERT INTO home_return_items (home_return_id, loan_id) VALUES (:h, :l)", h=made, l=loan.id)
        return home_return(db, made)


def by_request(db: Database, reader_id: int, request_key: str) -> HomeReturn | None:
    """The pick-up this request has become, if it has."""
    known = db.value(
        "SELECT id FROM home_returns WHERE request_key = :k AND reader_id = :r", k=request_key, r=reader_id
    )
    return home_return(db, known) if known else None


SHOWN = (
    "SELECT h.id, h.reader_id, h.state, unseal(h.address) AS address, h.fee_fen, h.asked_at, "
    "h.lost_fen, t.title, "
    "(l.ended_as = 'lost' AND c.state IN ('lost', 'withdrawn')) AS lost "
    "FROM home_returns h JOIN home_return_items i ON i.home_return_id = h.id JOIN loans l ON l.id = i.loan_id "
    "JOIN copies c ON c.id = l.copy_id JOIN titles t ON t.id = l.title_id "
    "WHERE {which} AND (i.open = 1 OR h.state IN ('done', 'cancelled')) "
    "ORDER BY h.id, l.id"
)


def _together(rows: list[Row]) -> list[HomeReturn]:
    books: dict[int, list[Row]] = {}
    for row in rows:
        books.setdefault(row["id"], []).append(row)
    return [
        HomeReturn(
            first["id"], first["reader_id"], first["state"], first["address"], first["fee_fen"],
            parse_stamp(first["asked_at"]), tuple(one["title"] for one in mine),
            tuple(one["title"] for one in mine if one["lost"]), first["lost_fen"],
        )
        for mine in books.values() for first in mine[:1]
    ]  # fmt: skip


def home_return(db: Database, home_return_id: int, reader_id: int | None = None) -> HomeReturn:
    """Raises UnknownThing; another reader's is unknown too."""
    found = _together(db.all(SHOWN.format(which="h.id = :id"), id=home_return_id))
    if not found or reader_id not in (None, found[0].reader_id):
        raise UnknownThing("home_return", str(home_return_id))
    return found[0]


def open_ones(db: Database) -> list[HomeReturn]:
    """What couriers still have to fetch or to bring, the oldest first."""
    return _together(db.all(SHOWN.format(which="h.state IN ('asked', 'collected')")))


def collect(db: Database, home_return_id: int, policy: Policy, now: datetime) -> HomeReturn:
    """The courier has the books: from now on no day counts as late, and the reader is told.

    Raises UnknownThing, CannotChange.
    """
    with writing(db) as db:
        _step(db, home_return_id, "collect", now)
        rows = db.all("SELECT loan_id FROM home_return_items WHERE home_return_id = :h AND open = 1", h=home_return_id)
        asked = [loans.loan(db, row["loan_id"]) for row in rows]
        for loan in asked:
            if not loan.stopped_as:
                credit.accrue_loan(db, loan.reader_id, loan.id, loan.due_at, policy, now)
                loans.stop(db, loan, "collected", now)
        taken = _reckon_anew(db, home_return(db, home_return_id), policy, now)
        notices.record(db, taken.reader_id, "collected", f"home_return:{taken.id}", "", now, home_return=taken.id)
        return taken


def lose(db: Database, home_return_id: int, actor: str, policy: Policy, now: datetime) -> HomeReturn:
    """The courier has lost what was still on its way back: the library's loss, as of parcels; nobody owes anything.

    For what has come the reader pays no more than it costs by itself, for what was lost nothing. Whatever the
    reader has reported of these books is waived. Raises UnknownThing, CannotChange.
    """
    with writing(db) as db:
        gone = home_return(db, home_return_id)
        if gone.state != "collected":
            raise CannotChange("home_return", str(home_return_id), gone.state)
        rows = db.all(
            "SELECT l.id, l.copy_id, l.title_id FROM home_return_items i JOIN loans l ON l.id = i.loan_id "
            "WHERE i.home_return_id = :h AND i.open = 1 ORDER BY l.id",
            h=home_return_id,
        )
        waived = _bear_lost(db, gone, policy, now)
        fee_refunds.owe(db, gone.reader_id, f"home_return:{gone.id}", waived, policy, now)
        for row in rows:
            cases.bear(db, row, actor, policy, now)
        titles = [row["title_id"] for row in rows]
        notices.record(
            db, gone.reader_id, "fetched_lost", f"home_return:{gone.id}", "", now,
            notices.outside_quiet_hours(now, policy), titles=titles, waived=waived,
        )  # fmt: skip
        return gone


def _bear_lost(db: Database, gone: HomeReturn, policy: Policy, now: datetime) -> int:
    """What the library takes off the reader's fee."""
    if not policy.fees.waive_when_lost:
        return 0
    came = db.value(  # since the courier has them; what went another way before was never carried
        "SELECT COUNT(*) FROM home_return_items i JOIN loans l ON l.id = i.loan_id "
        "JOIN home_returns h ON h.id = i.home_return_id WHERE h.id = :h AND i.open = 0 "
        "AND l.ended_as <> 'lost' AND l.returned_at >= h.changed_at",
        h=gone.id,
    )
    fee = _fee(db, gone, came, policy, now) if came else 0
    db.run(
        "UPDATE home_returns SET fee_fen = :fee, lost_fen = lost_fen + fee_fen - :fee WHERE id = :h",
        fee=fee, h=gone.id,
    )  # fmt: skip
    return gone.fee_fen - fee


FEWER = (  # asked for, and some of the books have gone another way: brought by hand, handed on, lost for good
    "EXISTS (SELECT 1 FROM home_return_items x WHERE x.home_return_id = h.id AND x.open = 0) AND h.state = 'asked'"
)


def reckon_fewer(db: Database, policy: Policy, now: datetime) -> int:
    """The fee of pick-ups with fewer books than were asked for, never more than was agreed; returns how many fell."""
    fewer = _together(db.all(SHOWN.format(which=FEWER)))
    if not any(_fee(db, one, len(one.titles), policy, now) < one.fee_fen for one in fewer):
        return 0
    with writing(db) as db:
        found = _together(db.all(SHOWN.format(which=FEWER)))
        return sum(_reckon_anew(db, one, policy, now).fee_fen < one.fee_fen for one in found)


def _reckon_anew(db: Database, one: HomeReturn, policy: Policy, now: datetime) -> HomeReturn:
    if (fee := _fee(db, one, len(one.titles), policy, now)) < one.fee_fen:
        db.run("UPDATE home_returns SET fee_fen = :fee WHERE id = :id", fee=fee, id=one.id)
    return home_return(db, one.id)


def _fee(db: Database, one: HomeReturn, books: int, policy: Policy, now: datetime) -> int:
    """For so many of the books, never more than was agreed; all of it where the rules name no price any more."""
    zone = db.value("SELECT zone FROM home_returns WHERE id = :id", id=one.id)
    percent = policy.fee_percent(credit.balance(db, one.reader_id)) if policy.tiers else 100
    try:
        cost = shipping.quote(policy, "return", zone, books, library_day(now), percent=percent)
    except OutsideServiceArea:
        return one.fee_fen
    return min(one.fee_fen, cost.fee_fen)


def cancel(db: Database, reader_id: int, home_return_id: int, now: datetime) -> None:
    """The reader brings the books by themselves. Raises UnknownThing, CannotChange once they are fetched."""
    with writing(db) as db:
        home_return(db, home_return_id, reader_id)
        _step(db, home_return_id, "cancel", now)
        db.run("UPDATE home_return_items SET open = 0 WHERE home_return_id = :h", h=home_return_id)


def _step(db: Database, home_return_id: int, name: str, now: datetime) -> None:
    before, after = STEPS[name]
    changed = db.run(
        "UPDATE home_returns SET state = :after, changed_at = :now WHERE id = :id AND state = :before",
        after=after, now=stamp(now), id=home_return_id, before=before,
    )  # fmt: skip
    if changed != 1:
        raise CannotChange("home_return", str(home_return_id), home_return(db, home_return_id).state)


def forget(db: Database, reader_id: int) -> None:
    """Addresses and books of past pick-ups go with the reader. Call in `writing`."""
    mine = "home_return_id IN (SELECT id FROM home_returns WHERE reader_id = :r)"
    db.run(f"DELETE FROM home_return_items WHERE {mine}", r=reader_id)
    db.run("DELETE FROM home_returns WHERE reader_id = :r", r=reader_id)
