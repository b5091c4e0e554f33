"""What a past would have come to under a policy: loans, returns and ledger events replayed in a throwaway library.

Borrowings happen as they did; what the rules would have said no to is counted. What was promised before stays: loans
begun earlier keep their due date, lines written earlier stand. Orders on their way are not part of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lending import calendar, credit, decisions, memberships, pools, shipping, tryout
from lending.database import Database, Row
from lending.errors import OutsideServiceArea
from lending.model import library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy
from lending.retention import NOBODY

READERS = f"SELECT id FROM readers WHERE joined_at <= :end AND number <> '{NOBODY}'"  # past loans have none
LOANS = (  # with the days that their order's reader was told; 0 for one taken at a desk
    "SELECT l.*, COALESCE((SELECT i.told_loan_days FROM order_items i "
    "WHERE i.order_id = l.order_id AND i.copy_id = l.copy_id), 0) AS told_loan_days FROM loans l"
)
ARISE = ("borrow", "overdue", "forgiven", "thaw", "start")  # lines that the replay writes itself


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reader would stand at the end: points, books at once, days frozen, borrowings refused, fees in fen."""

    balance: int
    limit: int
    frozen_days: int
    refused: int
    fee_fen: int


@dataclass(frozen=True, slots=True)
class Past:
    """What really happened up to `until`, read once; the replay begins at `since`."""

    since: datetime
    until: datetime
    rules: Policy  # that were in force
    readers: list[Row]
    points: list[Row]
    special_days: list[Row]
    loans: list[Row]
    lines: list[Row]
    freezes: list[Row]
    orders: list[Row]


class Step(NamedTuple):
    """One thing that happens; at the same second days begin first, then books come back, then others go out."""

    at: str
    kind: int
    what: Row


NEW_DAY, JOINED, STOPPED, ENDED, POSTED, LENT = range(6)


def past(db: Database, rules: Policy, since: datetime, until: datetime) -> Past:
    """Everything the replay needs, from the live store."""
    begin, end = stamp(since), stamp(until)
    return Past(
        since,
        until,
        rules,
        db.all(
            f"SELECT id, number, standing, joined_at, on_time_before FROM readers WHERE id IN ({READERS}) ORDER BY id",
            end=end,
        ),
        db.all("SELECT * FROM points ORDER BY id"),
        db.all("SELECT * FROM special_days ORDER BY id"),
        db.all(f"{LOANS} WHERE started_at <= :end AND reader_id IN ({READERS}) ORDER BY id", end=end),
        [row | {"evidence": ""} for row in db.all("SELECT * FROM credit_lines WHERE at <= :end ORDER BY id", end=end)],
        db.all("SELECT * FROM freezes WHERE starts_at < :begin ORDER BY id", begin=begin),
        db.all(
            "SELECT o.reader_id, o.zone, o.placed_at, COUNT(*) AS books FROM orders o JOIN order_items i "
            "ON i.order_id = o.id WHERE o.fulfilment = 'delivery' AND o.state NOT IN ('cancelled', 'refused') "
            "AND o.placed_at BETWEEN :begin AND :end GROUP BY o.id ORDER BY o.id",
            begin=begin, end=end,
        ),
    )  # fmt: skip


def replay(found: Past, policy: Policy) -> dict[int, Standing]:
    """Where every reader would stand had this policy been in force since then. The same past, the same answer."""
    refused: Counter[int] = Counter()
    with tryout.library() as db:
        _furnish(db, found)
        for step in _steps(found):
            _happen(db, found, policy, step, refused)
        _day_begins(db, policy, found.until)
        fees = _fees(found, policy, refused)
        return {row["id"]: _standing(db, found, policy, row["id"], refused, fees) for row in found.readers}


# ---- the library as it was -----------------------------------------------------------------------------------------


def _furnish(db: Database, found: Past) -> None:
    """Readers, places, and all that was written before the replay begins."""
    begin = stamp(found.since)
    for name, rows in (("points", found.points), ("special_days", found.special_days)):
        _insert(db, name, rows)
    _insert(db, "readers", found.readers)
    _insert(db, "titles", [{"id": 1, "source_key": "replay", "title": "", "revision": 1}])
    place = found.points[0]["id"] if found.points else None
    copies = sorted({row["copy_id"] for row in found.loans})
    _insert(db, "copies", [_copy(number, place) for number in copies])
    _insert(db, "credit_lines", [row for row in found.lines if row["at"] < begin])
    _insert(db, "freezes", [_as_of(row, "lifted_at", begin) for row in found.freezes])
    _insert(db, "loans", [_loan(row, begin) for row in found.loans if row["started_at"] < begin])


def _insert(db: Database, table: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        db.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", **row)


def _copy(number: int, place: int | None) -> dict[str, Any]:
    return {"id": number, "title_id": 1, "barcode": f"C{number}", "point_id": place, "home_point_id": place}


def _as_of(row: Row, column: str, begin: str) -> Row:
    """The row as it stood then: what came later has not come yet."""
    return row if row[column] and row[column] < begin else {**row, column: None}


def _loan(row: Row, begin: str) -> Row:
    made = {**row, "title_id": 1, "order_id": None}
    del made["told_loan_days"]
    if not (row["returned_at"] and row["returned_at"] < begin):
        made |= {"returned_at": None, "returned_point_id": None, "ended_as": ""}
    if not (row["stopped_at"] and row["stopped_at"] < begin):
        made |= {"stopped_at": None, "stopped_as": ""}
    return made


# ---- what happened then --------------------------------------------------------------------------------------------


def _steps(found: Past) -> list[Step]:
    begin = stamp(found.since)
    steps = [Step(stamp(day), NEW_DAY, {}) for day in _days(found)]
    for row in found.loans:
        times = ((STOPPED, row["stopped_at"]), (ENDED, row["returned_at"]), (LENT, row["started_at"]))
        steps += [Step(at, kind, row) for kind, at in times if at and begin <= at <= stamp(found.until)]
    steps += [Step(row["at"], POSTED, row) for row in found.lines if row["at"] >= begin and not _arises(row)]
    steps += [Step(row["joined_at"], JOINED, row) for row in found.readers if row["joined_at"] >= begin]
    return sorted(steps, key=_turn)


def _turn(step: Step) -> tuple[str, int, int]:
    """What ends comes before what begins in the same second, but not before its own beginning."""
    at_once = step.kind in (STOPPED, ENDED) and step.what["started_at"] == step.at
    return step.at, step.kind + (LENT if at_once else 0), step.what.get("id", 0)


def _arises(row: Row) -> bool:
    return row["event"] in ARISE or (row["event"] == "membership_year" and row["actor"] == credit.LIBRARY)


def _days(found: Past) -> Iterator[datetime]:
    day = library_day(found.since) + timedelta(days=1)
    while start_of_day(day) <= found.until:
        yield start_of_day(day)
        day += timedelta(days=1)


def _happen(db: Database, found: Past, policy: Policy, step: Step, refused: Counter[int]) -> None:
    row, now = step.what, parse_stamp(step.at)
    if step.kind == NEW_DAY:
        _day_begins(db, policy, now)
    elif step.kind == JOINED:
        credit.open_ledger(db, row["id"], policy, now)
    elif step.kind == POSTED:
        _post(db, found, policy, row, now)
    elif step.kind == LENT:
        refused[row["reader_id"]] += not _lend(db, found, policy, row, now)
    else:
        _give_back(db, policy, row, now, step.kind)


def _day_begins(db: Database, policy: Policy, now: datetime) -> None:
    credit.thaw_due(db, policy, now)
    credit.accrue_overdue(db, policy, now)
    memberships.accrue_years(db, policy, now)


def _post(db: Database, found: Past, policy: Policy, row: Row, now: datetime) -> None:
    """An event the ledger has a rule for is judged anew; what a person wrote otherwise stands as written."""
    if found.rules.ledger.find(row["event"]) and not row["reverses"]:
        day = start_of_day(datetime.fromisoformat(row["day"]).date()) if row["day"] else now
        credit.post(
            db, row["reader_id"], row["event"], row["object"], policy, now, row["actor"], "", day, row["amount"],
            abs(row["delta"]),
        )  # fmt: skip
    elif row["reverses"]:
        _take_back(db, found, policy, row, now)
    else:
        _insert(db, "credit_lines", [{name: row[name] for name in row if name not in ("id", "reverses")}])


def _take_back(db: Database, found: Past, policy: Policy, row: Row, now: datetime) -> None:
    """What was taken back then is taken back here too, if it came about at all."""
    old = next(line for line in found.lines if line["id"] == row["reverses"])
    line_id = db.value(
        "SELECT id FROM credit_lines WHERE reader_id = :r AND event = :event AND object = :object AND day = :day",
        r=row["reader_id"], event=old["event"], object=old["object"], day=old["day"],
    )  # fmt: skip
    if line_id:
        credit.reverse(db, line_id, row["actor"], row["seconded_by"], row["evidence"], policy, now)


def _lend(db: Database, found: Past, policy: Policy, row: Row, now: datetime) -> bool:
    """The book goes out as it did; was it allowed?"""
    allowed = decisions.may_borrow(decisions.facts(db, row["reader_id"], now), 1, policy).allowed
    due = stamp(_due(db, found.rules, policy, row))
    _insert(db, "loans", [{**_loan(row, stamp(found.since)), "due_at": due}])
    credit.post(db, row["reader_id"], "borrow", f"loan:{row['id']}", policy, now)
    return allowed


def _due(db: Database, before: Policy, after: Policy, row: Row) -> datetime:
    """The date it really had, moved by what the other policy's terms differ.

    What was told by rules kinder than those before is kept under both, as the loan keeps it.
    """
    old, new = pools.terms(before, row["pool"]), pools.terms(after, row["pool"])
    told = max(0, row["told_renewals"] - old.renewals)
    further = min(max(0, row["renewals"] - old.renewals), told + after.special.renewals_more)  # A10-3
    had = max(old.renewal_days, row["told_days"])
    each = max(new.renewal_days, row["told_days"]) if had > old.renewal_days else new.renewal_days
    renewed = min(row["renewals"], new.renewals + further) * each - row["renewals"] * had
    usual = old.loan_days + row["special_days"]
    planned = new.loan_days + (after.special.loan_days_more if row["special_days"] else 0)
    kept = row["told_loan_days"] if row["told_loan_days"] > usual else 0
    shift = max(planned, kept) - max(usual, kept) + renewed
    due = parse_stamp(row["due_at"])
    return calendar.load(db, after).end(None, library_day(due) + timedelta(days=shift)) if shift else due


def _give_back(db: Database, policy: Policy, row: Row, now: datetime, kind: int) -> None:
    due = parse_stamp(db.value("SELECT due_at FROM loans WHERE id = :id", id=row["id"]))
    if not db.value("SELECT stopped_at FROM loans WHERE id = :id", id=row["id"]):
        credit.accrue_loan(db, row["reader_id"], row["id"], due, policy, now)
    if row["ended_as"] == "returned" and kind == ENDED:
        credit.forgive(db, row["reader_id"], row["id"], policy, now, now)
    if kind == ENDED:
        db.run(
            "UPDATE loans SET returned_at = :at, ended_as = :as WHERE id = :id", id=row["id"],
            at=row["returned_at"], **{"as": row["ended_as"]},
        )  # fmt: skip
    else:
        db.run(
            "UPDATE loans SET stopped_at = :at, stopped_as = :as WHERE id = :id", id=row["id"],
            at=row["stopped_at"], **{"as": row["stopped_as"]},
        )  # fmt: skip


# ---- what it came to -----------------------------------------------------------------------------------------------


def _fees(found: Past, policy: Policy, refused: Counter[int]) -> Counter[int]:
    """What the same deliveries would have cost; one to a zone without a price is a borrowing refused (A4-11)."""
    fees: Counter[int] = Counter()
    for row in found.orders:
        day = library_day(parse_stamp(row["placed_at"]))
        try:
            fees[row["reader_id"]] += shipping.quote(policy, "borrow", row["zone"], row["books"], day).fee_fen
        except OutsideServiceArea:
            refused[row["reader_id"]] += 1
    return fees


def _standing(
    db: Database, found: Past, policy: Policy, reader_id: int, refused: Counter[int], fees: Counter[int]
) -> Standing:
    facts = decisions.facts(db, reader_id, found.until)
    return Standing(
        facts.balance,
        decisions.limit(facts, policy)[0],
        _frozen_days(db, reader_id, found),
        refused[reader_id],
        fees[reader_id],
    )


def _frozen_days(db: Database, reader_id: int, found: Past) -> int:
    days = 0
    for row in db.all("SELECT starts_at, ends_at, lifted_at FROM freezes WHERE reader_id = :r", r=reader_id):
        starts = max(parse_stamp(row["starts_at"]), found.since)
        ends = min(parse_stamp(row["lifted_at"] or row["ends_at"]), parse_stamp(row["ends_at"]), found.until)
        days += max(0, (library_day(ends) - library_day(starts)).days)
    return days
