"""借阅: from the moment a reader holds a book until it is back, with renewals and floating returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lending import (
    calendar,
    case_records,
    catalogue,
    clearing,
    copy_states,
    credit,
    holds,
    notices,
    numbers,
    pools,
    special_readers,
    transfer_records,
)
from lending.calendar import Calendar
from lending.database import Database, Row, writing
from lending.decisions import Facts
from lending.errors import CannotChange, CannotRenew, UnknownThing
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy
from lending.pools import Terms


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
    pool: str
    recalled_at: datetime | None  # asked back early for those who wait
    stopped_at: datetime | None  # when it left the reader's hands, before we had it
    stopped_as: str  # 'claimed' (我还了) or 'collected' (by the courier)
    lost: bool  # the reader has said that it is lost
    special: bool  # of a reader for whom coming is hard (A10-3)
    told_renewals: int  # how often, and for how many days, it was said to be renewed when it began
    told_days: int

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
    state_before: str = ""  # of the copy, and where it stood: for a scan that is taken back
    point_before: int = 0


@dataclass(frozen=True, slots=True)
class Renewal:
    """One loan's outcome of a renewal: a new due date, or the refusal."""

    loan: Loan
    due_at: datetime | None
    refusal: CannotRenew | None


MOMENTS = ("started_at", "due_at", "recalled_at", "stopped_at")
LOAN = (
    "SELECT l.id, l.reader_id, l.title_id, t.title, c.barcode, c.call_number, l.started_at, l.due_at, l.renewals, "
    "l.pool, l.recalled_at, l.stopped_at, l.stopped_as, "
    "(l.stopped_at IS NOT NULL AND l.stopped_as = '') AS lost, "
    "l.told_renewals, l.told_days, "
    "(SELECT COUNT(*) FROM holds h WHERE h.title_id = l.title_id AND h.state = 'waiting' AND h.rests_until IS NULL "
    "AND h.reader_id <> l.reader_id) AS waiting, "
    "EXISTS (SELECT 1 FROM special_readers s WHERE s.reader_id = l.reader_id) AS special "
    "FROM loans l JOIN titles t ON t.id = l.title_id JOIN copies c ON c.id = l.copy_id WHERE l.returned_at IS NULL "
)


def _loan(row: Row) -> Loan:
    moments = {name: row[name] and parse_stamp(row[name]) for name in MOMENTS}
    return Loan(**{**row, **moments, "lost": bool(row["lost"]), "special": bool(row["special"])})


def of_reader(db: Database, reader_id: int) -> list[Loan]:
    """Open loans, the soonest due first."""
    return [_loan(row) for row in db.all(LOAN + "AND l.reader_id = :r ORDER BY l.due_at, l.id", r=reader_id)]


def has_title(db: Database, reader_id: int, title_id: int) -> bool:
    """Whether a copy of it is with this reader."""
    mine = "SELECT 1 FROM loans WHERE reader_id = :r AND title_id = :t AND returned_at IS NULL"
    return bool(db.value(mine, r=reader_id, t=title_id))


def loan(db: Database, loan_id: int, reader_id: int | None = None) -> Loan:
    """An open loan. Raises UnknownThing; another reader's loan is unknown too."""
    row = db.one(LOAN + "AND l.id = :id", id=loan_id)
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("loan", str(loan_id))
    return _loan(row)


def due_of_copy(db: Database, copy_id: int) -> datetime | None:
    """When the copy comes back at the latest; None when it is on nobody's account."""
    due = db.value("SELECT due_at FROM loans WHERE copy_id = :c AND returned_at IS NULL", c=copy_id)
    return parse_stamp(due) if due else None


def extra_days(db: Database, reader_id: int, policy: Policy) -> int:
    """How much longer this reader keeps a book: by the tier reached (A8-14), and where coming is hard (A10-3)."""
    reached = credit.balance(db, reader_id) if policy.tiers else 0
    return _tier_days(reached, policy) + special_readers.loan_days(db, reader_id, policy)


def days_by(facts: Facts, policy: Policy) -> int:
    """The same, of a reader whose numbers have been read already."""
    return _tier_days(facts.balance, policy) + (policy.special.loan_days_more if facts.special else 0)


def _tier_days(balance: int, policy: Policy) -> int:
    reached = policy.tier(balance)[0] if policy.tiers else None
    return reached.extra_days if reached else 0


def due_date(db: Database, start: datetime, policy: Policy, pool: str = "", more: int = 0) -> datetime:
    """The last second of the last day (B2-15), or of the next one on which the library is open (B2-9)."""
    days = pools.terms(policy, pool).loan_days + more
    return calendar.load(db, policy).end(None, library_day(start) + timedelta(days=days))


def told_with_the_yes(materials: Iterable[str], more: int, policy: Policy) -> dict[str, Terms]:
    """How long and how often, by what the books are made of, `more` days for this reader: kept with each book of an
    order (see `start`). What a special reader has oftener is theirs as long as they are one, and not kept."""
    return {one: _longer(pools.terms(policy, _pool_name(policy, "order", one)), more) for one in set(materials)}


def start(
    db: Database, order_id: int, reader_id: int, begins: datetime, policy: Policy, now: datetime,
    parcel_id: int | None = None,
) -> list[int]:  # fmt: skip
    """Every open item of the order, or of one of its parcels, becomes a loan; each book earns its point (A6-2).

    Its days and renewals are those of today's rules, and never fewer than the reader was told.
    Returns the loans' ids; the items are closed by whoever called.
    """
    mine = "i.order_id = :o AND i.open = 1 AND (CAST(:p AS INTEGER) IS NULL OR i.parcel_id = :p)"
    books = db.all(
        "SELECT i.copy_id, i.title_id, i.told_loan_days, i.told_renewals, i.told_renewal_days, c.material "
        "FROM order_items i JOIN copies c ON c.id = i.copy_id "
        f"WHERE {mine} ORDER BY i.copy_id",
        o=order_id, p=parcel_id,
    )  # fmt: skip
    db.run(
        "UPDATE copies SET state = 'on_loan', hold_id = NULL WHERE id IN "
        f"(SELECT i.copy_id FROM order_items i WHERE {mine})",
        o=order_id, p=parcel_id,
    )  # fmt: skip
    more, begun = extra_days(db, reader_id, policy), []
    due: dict[tuple[str, int], datetime] = {}
    for book in books:
        pool = _pool_name(policy, "order", book["material"])
        usual = pools.terms(policy, pool)
        days = max(usual.loan_days + more, book["told_loan_days"])
        if (pool, days) not in due:
            due[pool, days] = _first_due(db, begins, policy, pool, days - usual.loan_days, now)
        told = replace(
            usual, renewals=max(usual.renewals, book["told_renewals"]),
            renewal_days=max(usual.renewal_days, book["told_renewal_days"]),
        )  # fmt: skip
        copy, title = book["copy_id"], book["title_id"]
        begun.append(_write(db, copy, title, reader_id, order_id, begins, due[pool, days], pool, policy, told))
        credit.post(db, reader_id, "borrow", f"loan:{begun[-1]}", policy, now)
    return begun


def _first_due(db: Database, begins: datetime, policy: Policy, pool: str, more: int, now: datetime) -> datetime:
    """A book that was long on its way, its days counted from the order, is not due the moment it comes.

    As one that is asked back: never earlier than so many days after its reader could have brought it.
    """
    days = min(policy.returns.recall_notice_days, pools.terms(policy, pool).loan_days + more)
    in_hand = calendar.load(db, policy).end(None, library_day(now) + timedelta(days=days))
    return max(due_date(db, begins, policy, pool, more), in_hand)


def _pool_name(policy: Policy, way: str, material: str) -> str:
    pool = pools.pool_for(policy, way, material)
    return pool.name if pool else ""


def _write(
    db: Database, copy_id: int, title_id: int, reader_id: int, order_id: int | None, begins: datetime, due: datetime,
    pool: str, policy: Policy, told: Terms, at_desk: bool = False,
) -> int:  # fmt: skip
    return int(
        db.value(
            "INSERT INTO loans (id, copy_id, title_id, reader_id, order_id, started_at, due_at, pool, at_desk, "
            f"told_renewals, told_days, special_days) VALUES ({numbers.following('loans')}, :copy, :title, :reader, "
            ":o, :start, :due, :pool, :desk, "
            ":often, :days, :more * (SELECT COUNT(*) FROM special_readers WHERE reader_id = :reader)) RETURNING id",
            copy=copy_id, title=title_id, reader=reader_id, o=order_id, start=stamp(begins), due=stamp(due), pool=pool,
            desk=int(at_desk), often=told.renewals, days=told.renewal_days, more=policy.special.loan_days_more,
        )
    )  # fmt: skip


def lend(
    db: Database, copy_id: int, title_id: int, reader_id: int, policy: Policy, now: datetime, way: str = "desk",
    travels: int = 0,
) -> int:  # fmt: skip
    """A copy is lent from now on: taken by the reader's own hand ("desk") or sent ("order"), `travels` days on its way.

    Returns the loan's id. Call in `writing`.
    """
    material = db.value("SELECT material FROM copies WHERE id = :c", c=copy_id)
    pool = _pool_name(policy, way, material or "")
    due = due_date(db, now, policy, pool, extra_days(db, reader_id, policy) + travels)
    usual = pools.terms(policy, pool)
    loan_id = _write(db, copy_id, title_id, reader_id, None, now, due, pool, policy, usual, way == "desk")
    changed = db.run(
        "UPDATE copies SET state = 'on_loan', hold_id = NULL WHERE id = :c AND state IN ('available', 'reserved')",
        c=copy_id,
    )
    assert changed == 1, "the copy was read inside this transaction"
    credit.post(db, reader_id, "borrow", f"loan:{loan_id}", policy, now)
    return int(loan_id)


def hand_on(db: Database, loan: Loan, receiver_id: int, policy: Policy, now: datetime) -> int:
    """转借: this loan ends as transferred and the receiver's begins; returns the new id. Call in `writing`."""
    end(db, loan.id, "transferred", now)
    copy_id = db.value("SELECT copy_id FROM loans WHERE id = :id", id=loan.id)
    due = due_date(db, now, policy, loan.pool, extra_days(db, receiver_id, policy))
    usual = pools.terms(policy, loan.pool)
    loan_id = _write(db, copy_id, loan.title_id, receiver_id, None, now, due, loan.pool, policy, usual)
    credit.post(db, receiver_id, "borrow", f"loan:{loan_id}", policy, now)
    return loan_id


# ---- renewing ----------------------------------------------------------------------------------------------------


def renewed_due(loan: Loan, policy: Policy, now: datetime, days: Calendar) -> datetime:
    """Counted from the old due date or from today, as the policy says (B5); never earlier than it was."""
    anchor = library_day(loan.due_at if policy.lending.renewal_anchor == "due_date" else now)
    return max(loan.due_at, days.end(None, anchor + timedelta(days=terms_of(loan, policy).renewal_days)))


def terms_of(loan: Loan, policy: Policy) -> Terms:
    """Those of its pool, and never less than what was told when it began: a rule changed since takes nothing back."""
    now = pools.terms(policy, loan.pool)
    return replace(
        now, renewals=max(now.renewals, loan.told_renewals), renewal_days=max(now.renewal_days, loan.told_days)
    )


def terms_of_order(db: Database, reader_id: int, materials: Iterable[str], policy: Policy) -> dict[str, Terms]:
    """The same by what the books are made of, as an order brings them."""
    return {one: terms(db, reader_id, policy, _pool_name(policy, "order", one)) for one in set(materials)}


def terms(db: Database, reader_id: int, policy: Policy, pool: str) -> Terms:
    """For how long and how often renewed this reader's loans of a pool are, as will come true (B2-12)."""
    own = _longer(pools.terms(policy, pool), extra_days(db, reader_id, policy))
    return replace(own, renewals=_oftener(own.renewals, special_readers.is_special(db, reader_id), policy))


def _longer(usual: Terms, more: int) -> Terms:
    return replace(usual, loan_days=usual.loan_days + more) if more else usual


def _oftener(renewals: int, special: bool, policy: Policy) -> int:
    """Where coming is hard, if it is renewed at all (A10-3)."""
    return renewals + policy.special.renewals_more if renewals and special else renewals


def renewals_allowed(loan: Loan, policy: Policy) -> int:
    """How often in all: as the loan's pool says, and oftener where coming is hard."""
    return _oftener(terms_of(loan, policy).renewals, loan.special, policy)


def may_renew(loan: Loan, frozen: datetime | None, policy: Policy, now: datetime) -> CannotRenew | None:
    """The first rule in the way, with its number; None when the loan may be renewed (B2-25).

    `frozen` is when borrowing opens again.
    """
    allowed = renewals_allowed(loan, policy)
    reasons = (
        (loan.stopped_as == "claimed", "claimed", 0),
        (loan.stopped_as == "collected", "collected", 0),
        (loan.lost, "lost", 0),
        (loan.waiting > 0, "recalled" if loan.recalled_at else "waiting", loan.waiting),
        (loan.renewals >= allowed, "limit", loan.renewals),
        (loan.due_at < now, "overdue", -loan.days_left(now)),
        (frozen is not None, "frozen", (library_day(frozen) - library_day(now)).days if frozen else 0),
    )
    found = next(((code, number) for hit, code, number in reasons if hit), None)
    return CannotRenew(loan.title, *found) if found else None


def renew(db: Database, reader_id: int, loan_ids: Sequence[int], policy: Policy, now: datetime) -> list[Renewal]:
    """Renew these loans of the reader (all when none is named), each with its own outcome (F-5)."""
    with writing(db) as db:
        frozen = credit.frozen_until(db, reader_id, now)
        chosen = [item for item in of_reader(db, reader_id) if not loan_ids or item.id in loan_ids]
        days = calendar.load(db, policy)
        return [_renew_one(db, item, frozen, policy, now, days) for item in chosen]


def renew_by_staff(db: Database, loan: Loan, policy: Policy, now: datetime) -> Renewal:
    """A librarian renews it and the reader is told; a pause of borrowing does not stand against it (A6-10)."""
    with writing(db) as db:
        done = _renew_one(db, loan, None, policy, now, calendar.load(db, policy))
        if done.due_at:
            due = stamp(done.due_at)
            notices.record(db, loan.reader_id, "renewed", f"loan:{loan.id}", due, now, loan=loan.id, due=due)
        return done


def _renew_one(
    db: Database, item: Loan, frozen: datetime | None, policy: Policy, now: datetime, days: Calendar
) -> Renewal:
    refusal = may_renew(item, frozen, policy, now)
    if refusal:
        return Renewal(item, None, refusal)
    due = renewed_due(_as_before_recall(db, item), policy, now, days)
    changed = db.run(
        "UPDATE loans SET due_at = :due, renewals = renewals + 1 "
        "WHERE id = :id AND returned_at IS NULL AND renewals = :before",
        due=stamp(due), id=item.id, before=item.renewals,
    )  # fmt: skip
    assert changed == 1, "the loan was read inside this transaction"
    notices.drop_reminders(db, item.reader_id, item.id)
    credit.post(db, item.reader_id, "renew", f"loan:{item.id}", policy, now)
    return Renewal(item, due, None)


def _as_before_recall(db: Database, item: Loan) -> Loan:
    """Nobody waits any more, so the date it had before it was asked back counts; recalls.py clears the rest."""
    before = db.value("SELECT due_before_recall FROM loans WHERE id = :id", id=item.id) if item.recalled_at else None
    return replace(item, due_at=max(item.due_at, parse_stamp(before))) if before else item


# ---- coming back -------------------------------------------------------------------------------------------------


def check_in(
    db: Database, barcode: str, point_id: int, policy: Policy, now: datetime, left: datetime | None = None
) -> Returned:
    """A copy came back at any branch or locker; it stays there unless someone waits for it (A2-6). Safe to repeat.

    `left` is when the reader gave it back, where we hear of that later: the days of whoever waits begin now.
    A copy on nobody's account is only noted to stand there now, if it is free, set aside, or was lost; a book
    said to be damaged stays aside until somebody has looked.
    Raises UnknownThing for a barcode or point that is not ours.
    """
    with writing(db) as db:
        copy = _copy(db, barcode)
        if not db.value("SELECT 1 FROM points WHERE id = :p", p=point_id):
            raise UnknownThing("point", str(point_id))
        open_loan = db.one(
            "SELECT id, reader_id, due_at, stopped_at FROM loans WHERE copy_id = :c AND returned_at IS NULL",
            c=copy["id"],
        )
        if open_loan is None:
            return _put_down(db, copy, point_id, policy, now)
        return _close(db, copy, open_loan, point_id, policy, now, left)


def _copy(db: Database, barcode: str) -> Row:
    """The copy with this barcode, as it is written or in capitals. Raises UnknownThing."""
    copy = db.one(
        "SELECT c.id, c.barcode, c.title_id, c.point_id, t.title, "
        "CASE WHEN c.missing_since <> '' THEN 'missing' ELSE c.state END AS state FROM copies c "
        f"JOIN titles t ON t.id = c.title_id WHERE {catalogue.BY_BARCODE}",
        **catalogue.spellings(barcode),
    )  # fmt: skip
    if copy is None:
        raise UnknownThing("barcode", barcode[:40])
    return copy


def _put_down(db: Database, copy: Row, point_id: int, policy: Policy, now: datetime) -> Returned:
    """A book that was lost is found by this; every other one only stands here now."""
    clearing.seen(db, copy["id"])
    if copy["state"] in ("lost", "missing"):
        copy_states.step(db, copy["barcode"], "find", copy_states.BY_SCAN, policy, now, point_id)
    kept = db.value("SELECT 1 FROM copies WHERE id = :c AND hold_id IS NOT NULL AND state = 'reserved'", c=copy["id"])
    moved = copy["point_id"] != point_id and copy["state"] in ("available", "reserved")
    if moved:
        db.run("UPDATE copies SET point_id = :p WHERE id = :c", p=point_id, c=copy["id"])
    return Returned(
        copy["title"], copy["barcode"], None, None, True, bool(kept), bool(moved), copy["state"], copy["point_id"]
    )


def _close(
    db: Database, copy: Row, open_loan: Row, point_id: int, policy: Policy, now: datetime, left: datetime | None
) -> Returned:
    """What left the reader's hands earlier (claimed, or with the courier) counts as back since then."""
    due, loan_id, reader_id = parse_stamp(open_loan["due_at"]), open_loan["id"], open_loan["reader_id"]
    given = parse_stamp(open_loan["stopped_at"]) if open_loan["stopped_at"] else left or now
    credit.accrue_loan(db, reader_id, loan_id, due, policy, given)
    credit.forgive(db, reader_id, loan_id, policy, given, now)
    db.run("UPDATE loans SET returned_point_id = :p WHERE id = :id", p=point_id, id=loan_id)
    end(db, loan_id, "returned", now, given)
    db.run("UPDATE copies SET point_id = :p, state = 'available' WHERE id = :c", p=point_id, c=copy["id"])
    if aside := case_records.stays_aside(db, loan_id):
        copy_states.lay_aside(db, copy["id"], case_records.made_good(db, loan_id), now)
        copy_states.tell_last_gone(db, copy["title_id"], policy, now)
    else:
        holds.release_copy(db, copy["id"], copy["title_id"], policy, now)
    kept = db.value("SELECT state FROM copies WHERE id = :c", c=copy["id"]) == "reserved"
    moved, on_time = point_id != copy["point_id"], given <= due
    notices.record(
        db, reader_id, "returned", f"loan:{loan_id}", "", now,
        title=copy["title_id"], point=point_id, moved=moved and not aside and not kept, on_time=on_time,
    )  # fmt: skip
    before = copy["state"], copy["point_id"]
    return Returned(copy["title"], copy["barcode"], loan_id, reader_id, on_time, kept, moved, *before)


def end(db: Database, loan_id: int, as_: str, now: datetime, at: datetime | None = None) -> None:
    """An open loan is over: 'returned', 'lost' or 'transferred', `at` an earlier moment than now if it left then.

    What was asked about it falls away: reminders, the search of the shelf, the place in a home pick-up. Where the copy
    is from now on is the caller's to say. Call in `writing`. Raises UnknownThing when no such loan is open.
    """
    row = db.one(
        "UPDATE loans SET returned_at = :at, ended_as = :as_ WHERE id = :id AND returned_at IS NULL "
        "RETURNING reader_id, stopped_as",
        at=stamp(at or now), as_=as_, id=loan_id,
    )  # fmt: skip
    if row is None:
        raise UnknownThing("loan", str(loan_id))
    notices.drop_reminders(db, row["reader_id"], loan_id)
    db.run(
        "UPDATE shelf_checks SET state = 'found', settled_at = :now WHERE loan_id = :id AND state = 'open'",
        now=stamp(now), id=loan_id,
    )  # fmt: skip
    _leave_home_return(db, loan_id, now)
    transfer_records.book_left(db, loan_id, as_, now)


def _leave_home_return(db: Database, loan_id: int, now: datetime) -> None:
    """The last book of a home pick-up ends it."""
    item = db.one(
        "UPDATE home_return_items SET open = 0 WHERE loan_id = :id AND open = 1 RETURNING home_return_id", id=loan_id
    )
    if item:
        db.run(
            "UPDATE home_returns SET changed_at = :now, state = CASE state WHEN 'asked' THEN 'cancelled' ELSE 'done' "
            "END WHERE id = :h AND state IN ('asked', 'collected') AND NOT EXISTS "
            "(SELECT 1 FROM home_return_items WHERE home_return_id = :h AND open = 1)",
            now=stamp(now), h=item["home_return_id"],
        )  # fmt: skip


def to_be_fetched(db: Database, loan_id: int) -> bool:
    """Whether the courier is still to come for this book."""
    asked = "SELECT 1 FROM home_return_items i JOIN home_returns h ON h.id = i.home_return_id "
    return bool(db.value(asked + "WHERE i.loan_id = :id AND i.open = 1 AND h.state = 'asked'", id=loan_id))


def call_off_fetching(db: Database, loan_id: int, now: datetime) -> None:
    """The courier need not come for this book. Call in `writing`."""
    if to_be_fetched(db, loan_id):
        _leave_home_return(db, loan_id, now)


def stop(db: Database, loan: Loan, as_: str, now: datetime) -> None:
    """It has left the reader's hands: 'claimed' to be back, or 'collected'. No day counts as late from now on.

    Call in `writing`. Raises CannotChange when that had been noted before.
    """
    changed = db.run(
        "UPDATE loans SET stopped_at = :now, stopped_as = :as_ "
        "WHERE id = :id AND returned_at IS NULL AND stopped_at IS NULL",
        now=stamp(now), as_=as_, id=loan.id,
    )  # fmt: skip
    if changed != 1:
        raise CannotChange("loan", str(loan.id), loan.stopped_as)
    notices.drop_reminders(db, loan.reader_id, loan.id)
    transfer_records.book_left(db, loan.id, as_ or "lost", now)


def resume(db: Database, loan_id: int, due: datetime) -> None:
    """It is with the reader after all, until then. Call in `writing`. Raises UnknownThing."""
    reader = db.value(
        "UPDATE loans SET stopped_at = NULL, stopped_as = '', due_at = :due "
        "WHERE id = :id AND returned_at IS NULL AND stopped_at IS NOT NULL RETURNING reader_id",
        due=stamp(due), id=loan_id,
    )  # fmt: skip
    if reader is None:
        raise UnknownThing("loan", str(loan_id))
    notices.plan_anew(db, reader, loan_id)


def keep_lost(db: Database, loan_id: int) -> None:
    """Said to be back, then lost, and not found on the shelf: it stays lost since then. Call in `writing`."""
    db.run(
        "UPDATE loans SET stopped_as = '' WHERE id = :id AND returned_at IS NULL AND stopped_at IS NOT NULL", id=loan_id
    )


def seek_lost(db: Database, loan_id: int) -> None:
    """Said to be lost, then to be back: it is looked for; no day is late since the first word. Call in `writing`."""
    db.run(
        "UPDATE loans SET stopped_as = 'claimed' WHERE id = :id AND returned_at IS NULL AND stopped_at IS NOT NULL "
        "AND stopped_as = ''",
        id=loan_id,
    )


def move_due(db: Database, loan_id: int, before: datetime, after: datetime) -> bool:
    """A new due date for an open loan, unless it has changed since it was read. Call in `writing`."""
    reader = db.value(
        "UPDATE loans SET due_at = :after WHERE id = :id AND returned_at IS NULL AND due_at = :before "
        "RETURNING reader_id",
        after=stamp(after), id=loan_id, before=stamp(before),
    )  # fmt: skip
    if reader is None:
        return False
    notices.plan_anew(db, reader, loan_id)  # it may be the date it had before
    notices.drop_reminders(db, reader, loan_id)
    return True


def lengthen(db: Database, loan: Loan, due: datetime, days: int) -> bool:
    """A loan that began with the usual days has `days` more from now on, once (A10-3). Call in `writing`."""
    once = "UPDATE loans SET special_days = :days WHERE id = :id AND special_days = 0 AND returned_at IS NULL"
    return bool(db.run(once, days=days, id=loan.id)) and move_due(db, loan.id, loan.due_at, due)
