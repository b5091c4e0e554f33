"""Trust, in two parts never mixed: the bureau's yes / no / cannot tell, and the library's append-only ledger (A6)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lending import calendar, entries, freezes, minors, notices, readers
from lending.calendar import Calendar
from lending.database import Database, Row, writing
from lending.entries import LIBRARY, STANDS, Entry, Line, balance, lines
from lending.errors import LendingError, UnknownThing, fact
from lending.freezes import frozen_until, thaw_due
from lending.model import Verdict, library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy

__all__ = [
    "LIBRARY", "Bureau", "Check", "Line", "NothingToRedeem", "accrue_loan", "accrue_overdue", "balance",
    "check_by_token", "consent", "forgive", "found_again", "frozen_until", "lines", "open_ledger", "post",
    "record_verdict", "redeem", "reverse", "start_on_ladder", "taken", "thaw_due",
]  # fmt: skip

CHUNK = 200  # overdue loans a turn
LASTING = ("start", "thaw", "reversal", "redeem", "quiz")  # lines that are no event of a reader's: nothing to take back


class Bureau(Protocol):
    """An outside scorer asked "is it at least T?". It answers later, through `record_verdict`."""

    name: str
    simulated: bool

    def link(self, token: str) -> str:
        """Where the reader goes to let it answer."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the bureau, consented to by the reader."""

    id: int
    reader_id: int
    partner: str
    transaction_id: str
    token: str
    threshold: int
    verdict: Verdict | None


@fact
class NothingToRedeem(LendingError):
    """The points do not reach for one more book, or all that may be had are had (A6-5)."""

    points: int
    balance: int
    taken: int
    most: int


def _check(row: Row) -> Check:
    return Check(
        row["id"], row["reader_id"], row["partner"], row["transaction_id"], row["token"], row["threshold"],
        Verdict(row["verdict"]) if row["verdict"] else None,
    )  # fmt: skip


# ---- the gate ----------------------------------------------------------------------------------------------------


def consent(db: Database, reader_id: int, policy: Policy, now: datetime, point: str = "") -> Check:
    """The reader agreed to be asked about; once a day and threshold at most (B3.1). A point may ask for more (A9-2).

    The caller has told the threshold before (A7-2). Raises GuardianNeeded for a child, whom no bureau knows (D-12).
    """
    threshold = policy.threshold(now, point)
    transaction = f"{policy.gate.partner}-{reader_id}-{library_day(now):%Y%m%d}-{threshold}"
    minors.require(db, reader_id, "bureau", now)
    with writing(db) as db:
        db.run(
            "INSERT INTO credit_checks (reader_id, partner, transaction_id, token, threshold, consented_at) "
            "VALUES (:reader, :partner, :transaction, :token, :threshold, :now) "
            "ON CONFLICT (transaction_id) DO UPDATE SET withdrawn_at = NULL, token = excluded.token, "
            "consented_at = excluded.consented_at WHERE credit_checks.withdrawn_at IS NOT NULL",
            reader=reader_id, partner=policy.gate.partner, transaction=transaction,
            token=secrets.token_urlsafe(12), threshold=threshold, now=stamp(now),
        )  # fmt: skip
        row = db.one("SELECT * FROM credit_checks WHERE transaction_id = :t", t=transaction)
    assert row is not None
    return _check(row)


def check_by_token(db: Database, token: str) -> Check:
    """Raises UnknownThing for a token we never gave."""
    row = db.one("SELECT * FROM credit_checks WHERE token = :token", token=token)
    if row is None:
        raise UnknownThing("credit_check", token[:40])
    return _check(row)


def record_verdict(db: Database, token: str, verdict: Verdict, reference: str, now: datetime) -> bool:
    """The bureau's answer, once; repeats change nothing and return False. Only the verdict is kept, never a score.

    Raises UnknownThing for a token we never gave.
    """
    with writing(db) as db:
        row = db.one(
            "UPDATE credit_checks SET verdict = :verdict, answered_at = :now, reference = :reference "
            "WHERE token = :token AND verdict IS NULL RETURNING *",
            verdict=verdict, now=stamp(now), reference=reference[:64], token=token,
        )  # fmt: skip
        if row is None:
            check_by_token(db, token)
            return False
        trusted = verdict is Verdict.YES
        if trusted or readers.reader(db, row["reader_id"]).standing == "new":
            readers.set_standing(db, row["reader_id"], "trusted" if trusted else "ladder")
        notices.record(
            db, row["reader_id"], "verdict", f"check:{row['id']}", verdict, now,
            verdict=verdict, threshold=row["threshold"],
        )  # fmt: skip
    return True


def start_on_ladder(db: Database, reader_id: int) -> None:
    """Borrow without asking any bureau, small at first (D-2). A trusted reader stays trusted."""
    with writing(db) as db:
        db.run("UPDATE readers SET standing = 'ladder' WHERE id = :id AND standing = 'new'", id=reader_id)


# ---- the ledger --------------------------------------------------------------------------------------------------


def open_ledger(db: Database, reader_id: int, policy: Policy, now: datetime) -> None:
    """The opening line (A6-1); once."""
    with writing(db) as db:
        entries.append(db, reader_id, Entry("start", "", "A6-1", policy.ledger.start), policy, now)


def post(
    db: Database, reader_id: int, event: str, obj: str, policy: Policy, now: datetime,
    actor: str = LIBRARY, evidence: str = "", at: datetime | None = None, amount: int = 1, points: int | None = None,
) -> int:  # fmt: skip
    """Add the line a rule gives for an event, within its caps; returns the points, 0 when capped or already there.

    What a cap or the floor swallows whole is a line of 0, so that it is seen and never judged again. `at` is the day
    the line is for, in the library's time zone; `amount` the books or hours; `points` a librarian's choice within the
    rule's span. Crossing below the policy's limit freezes (A6-10), a path walked to its end thaws (B3.2).
    A library that keeps no rule for the event adds nothing.
    """
    rule = policy.ledger.find(event)
    if rule is None:
        return 0
    with writing(db) as db:
        asked = entries.worth(rule, amount, points)
        delta = entries.within_caps(db, reader_id, rule, obj, policy.ledger, at or now, asked)
        entry = Entry(event, obj, rule.source, delta, actor, evidence, at, max(1, amount))
        line_id = entries.append(db, reader_id, entry, policy, now)
        if line_id and delta < 0:
            freezes.begin_if_below(db, reader_id, line_id, delta, policy, now)
        elif line_id and rule.delta > 0:
            freezes.heal(db, reader_id, policy, now)
    return delta if line_id else 0


def reverse(
    db: Database, line_id: int, actor: str, seconded_by: str, evidence: str, policy: Policy, now: datetime
) -> int:  # fmt: skip
    """Take a line back by a new one, once; returns the points that come back, 0 when it was taken back before.

    A freeze that rested on it ends; points that a cap had refused because of it may be earned again. It takes two
    people: one alone is refused by the schema (sqlite3.IntegrityError). Raises UnknownThing for a line that is no
    event (the start, a thaw, a reversal).
    """
    with writing(db) as db:
        row = db.one("SELECT * FROM credit_lines WHERE id = :id", id=line_id)
        if row is None or row["event"] in LASTING:
            raise UnknownThing("line", str(line_id))
        delta = -row["delta"]
        if delta < 0 and policy.ledger.floor is not None:
            delta = max(delta, min(0, policy.ledger.floor - balance(db, row["reader_id"])))
        entry = Entry("reversal", f"line:{line_id}", row["rule"], delta, actor, evidence, None, 1, line_id, seconded_by)
        return _give_back(db, row["reader_id"], entry, policy, now)


def _give_back(db: Database, reader_id: int, entry: Entry, policy: Policy, now: datetime) -> int:
    """Add a line that mends; the freeze follows the balance. The points, 0 when it is there already."""
    line_id = entries.append(db, reader_id, entry, policy, now)
    if line_id and entry.delta < 0:
        freezes.begin_if_below(db, reader_id, line_id, entry.delta, policy, now)
    elif line_id:
        freezes.lift_if_above(db, reader_id, policy, now)
    return entry.delta if line_id else 0


def redeem(db: Database, reader_id: int, policy: Policy, now: datetime) -> int:
    """Points for one more book at once (A6-5), spent or kept as the pack says; how many such books there are now.

    Raises NothingToRedeem.
    """
    with writing(db) as db:
        had = db.value("SELECT COUNT(*) FROM credit_lines WHERE reader_id = :r AND event = 'redeem'", r=reader_id)
        rule, points = policy.ledger.redemption, balance(db, reader_id)
        if rule is None or not rule.offered(points, had):
            raise NothingToRedeem(rule.points if rule else 0, points, had, rule.max_books if rule else 0)
        delta = -rule.points if rule.consume else 0
        entries.append(db, reader_id, Entry("redeem", f"book:{had + 1}", rule.source, delta, "reader"), policy, now)
    return int(had) + 1


def found_again(db: Database, reader_id: int, obj: str, policy: Policy, now: datetime) -> int:
    """The part of a loss that comes back when the book is found, as the pack says (A6-8); once. Returns the points."""
    with writing(db) as db:
        back = taken(db, reader_id, "lost", obj) * policy.ledger.found_again_percent // 100
        given = back > 0 and entries.append(db, reader_id, Entry("found_again", obj, "A6-8", back), policy, now)
    return back if given else 0


def never_came(db: Database, reader_id: int, obj: str, number: str, policy: Policy, now: datetime) -> int:
    """All of a loss that was the courier's and not the reader's; once. Returns the points. Call in `writing`."""
    back = taken(db, reader_id, "lost", obj)
    return back and _give_back(db, reader_id, Entry("never_came", obj, "A6-8", back, evidence=number), policy, now)


def forgive(db: Database, reader_id: int, loan_id: int, policy: Policy, given: datetime, now: datetime) -> int:
    """A book brought on an amnesty day gets the points of its lateness back (B5 湖北); how many. Call in `writing`."""
    day, obj = library_day(given), f"loan:{loan_id}"
    amnesty = policy.amnesty(day)
    back = taken(db, reader_id, "overdue", obj) if amnesty else 0
    if amnesty is None or not back:
        return 0
    return _give_back(db, reader_id, Entry("forgiven", obj, amnesty.source, back, at=given), policy, now)


def taken(db: Database, reader_id: int, event: str, obj: str) -> int:
    """The points an event has taken for one object, but for those given back."""
    return -int(
        db.value(
            "SELECT COALESCE(SUM(delta), 0) FROM credit_lines c "
            f"WHERE reader_id = :r AND object = :o AND event = :e AND {STANDS}",
            r=reader_id, o=obj, e=event,
        )
    )  # fmt: skip


# ---- overdue -------------------------------------------------------------------------------------------------------


def accrue_overdue(db: Database, policy: Policy, now: datetime) -> int:
    """A line for every open overdue loan and every late day, today included (A6-6); idempotent per loan and day.

    Days are counted from the day after the due date, but for those on which the library took no books (B2-9); nothing
    for a book that has left the reader's hands. Loans that have today's line are not looked at again, the others some
    hundred a turn. Returns how many lines are new.
    """
    if policy.ledger.find("overdue") is None or not calendar.open_on(db, policy, None, library_day(now)):
        return 0
    after, added = 0, 0
    while True:
        with writing(db) as door:
            late = door.all(
                "SELECT l.id, l.reader_id, l.due_at FROM loans l WHERE l.returned_at IS NULL AND l.due_at < :now "
                "AND l.stopped_at IS NULL AND l.id > :after AND NOT EXISTS "
                "(SELECT 1 FROM credit_lines c WHERE c.reader_id = l.reader_id AND c.event = 'overdue' "
                "AND c.object = 'loan:' || l.id AND c.day = :today) ORDER BY l.id LIMIT :chunk",
                now=stamp(now), after=after, today=str(library_day(now)), chunk=CHUNK,
            )  # fmt: skip
            days = calendar.load(door, policy)
            for row in late:
                due = parse_stamp(row["due_at"])
                added += accrue_loan(door, row["reader_id"], row["id"], due, policy, now, days)
        if len(late) < CHUNK:
            return added
        after = late[-1]["id"]


def accrue_loan(
    db: Database, reader_id: int, loan_id: int, due_at: datetime, policy: Policy, now: datetime,
    days: Calendar | None = None,
) -> int:  # fmt: skip
    """The overdue lines one loan still lacks, one for each day the library was open; returns how many were added."""
    obj, added = f"loan:{loan_id}", 0
    with writing(db) as db:
        last = db.value(
            "SELECT MAX(day) FROM credit_lines WHERE reader_id = :r AND event = 'overdue' AND object = :o",
            r=reader_id, o=obj,
        )  # fmt: skip
        counted = max(library_day(due_at), date.fromisoformat(last) if last else date.min)
        if counted >= library_day(now):
            return 0
        for day in (days or calendar.load(db, policy)).open_days(counted, library_day(now)):
            if policy.amnesty(day) is None:
                added += bool(post(db, reader_id, "overdue", obj, policy, now, evidence=str(day), at=start_of_day(day)))
    return added
