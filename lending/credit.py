"""Trust, in two parts never mixed: the bureau's yes / no / cannot tell, and the library's append-only ledger (A6)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from lending import calendar, notices, readers
from lending.calendar import Calendar
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.model import Verdict, library_day, parse_stamp, stamp, start_of_day
from lending.policy import Cap, Ledger, LedgerRule, Policy

LIBRARY = "library"  # the actor of everything a rule does by itself
CHUNK = 200  # overdue loans a turn


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger."""

    id: int
    event: str
    object: str
    day: str
    delta: int
    rule: str
    at: datetime


def _check(row: Row) -> Check:
    return Check(
        row["id"], row["reader_id"], row["partner"], row["transaction_id"], row["token"], row["threshold"],
        Verdict(row["verdict"]) if row["verdict"] else None,
    )  # fmt: skip


# ---- the gate ----------------------------------------------------------------------------------------------------


def consent(db: Database, reader_id: int, policy: Policy, now: datetime, point: str = "") -> Check:
    """The reader agreed to be asked about; once a day and threshold at most (B3.1). A point may ask for more (A9-2).

    The caller has told the threshold before (A7-2).
    """
    threshold = policy.threshold(now, point)
    transaction = f"{policy.gate.partner}-{reader_id}-{library_day(now):%Y%m%d}-{threshold}"
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
        _append(db, reader_id, "start", "", "A6-1", policy.ledger.start, policy, LIBRARY, now)


def balance(db: Database, reader_id: int) -> int:
    """A sum over the lines, never a number of its own."""
    return int(db.value("SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = :r", r=reader_id))


def lines(db: Database, reader_id: int, limit: int = 10) -> list[Line]:
    """The newest lines first."""
    rows = db.all(
        "SELECT id, event, object, day, delta, rule, at FROM credit_lines "
        "WHERE reader_id = :r ORDER BY id DESC LIMIT :n",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [Line(**{**row, "at": parse_stamp(row["at"])}) for row in rows]


def post(
    db: Database, reader_id: int, event: str, obj: str, policy: Policy, now: datetime,
    actor: str = LIBRARY, evidence: str = "", at: datetime | None = None,
) -> int:  # fmt: skip
    """Add the line a rule gives for an event, within its caps; returns the points, 0 when capped or already there.

    `at` is the day the line is for, in the library's time zone. Crossing below the policy's limit freezes (A6-10).
    A library that keeps no rule for the event adds nothing.
    """
    rule = policy.ledger.find(event)
    if rule is None:
        return 0
    with writing(db) as db:
        delta = _within_caps(db, reader_id, rule, obj, policy.ledger, at or now)
        if delta == 0 or not _append(db, reader_id, event, obj, rule.source, delta, policy, actor, now, evidence, at):
            return 0
        if delta < 0:
            _freeze_if_below(db, reader_id, delta, policy, now)
    return delta


def found_again(db: Database, reader_id: int, obj: str, policy: Policy, now: datetime) -> int:
    """The part of a loss that comes back when the book is found, as the pack says (A6-8); once. Returns the points."""
    taken = "SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = :r AND object = :o AND event = 'lost'"
    with writing(db) as db:
        back = -int(db.value(taken, r=reader_id, o=obj)) * policy.ledger.found_again_percent // 100
        given = back > 0 and _append(db, reader_id, "found_again", obj, "A6-8", back, policy, LIBRARY, now)
    return back if given else 0


def _within_caps(db: Database, reader_id: int, rule: LedgerRule, obj: str, ledger: Ledger, at: datetime) -> int:
    """What of a rule's points its caps and the ledger's floor still leave (A6-2, A6-4, B3.2)."""
    points = abs(rule.delta)
    for cap in ledger.caps_on(rule.event):
        points = min(points, max(0, cap.points - _counted(db, reader_id, cap, obj, library_day(at))))
    if rule.delta > 0:
        return points
    if ledger.floor is not None:
        points = min(points, max(0, balance(db, reader_id) - ledger.floor))
    return -points


def _counted(db: Database, reader_id: int, cap: Cap, obj: str, day: date) -> int:
    """The points, taken or given, that already count against a cap on that day."""
    first = {"month": day.replace(day=1), "year": day.replace(month=1, day=1)}.get(cap.period, day)
    events = {f"e{n}": event for n, event in enumerate(cap.events)}
    within = "object = :o" if cap.period == "item" else "day BETWEEN :first AND :day"
    counted = db.value(
        "SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = :r AND "
        f"event IN ({', '.join(f':{name}' for name in events)}) AND {within}",
        r=reader_id, o=obj, first=str(first), day=str(day), **events,
    )  # fmt: skip
    return abs(int(counted))


def _append(
    db: Database, reader_id: int, event: str, obj: str, rule: str, delta: int, policy: Policy, actor: str,
    now: datetime, evidence: str = "", at: datetime | None = None,
) -> bool:  # fmt: skip
    return bool(
        db.run(
            "INSERT INTO credit_lines (reader_id, event, object, day, delta, rule, version, evidence, actor, at) "
            "VALUES (:r, :event, :object, :day, :delta, :rule, :version, :evidence, :actor, :now) "
            "ON CONFLICT (reader_id, event, object, day) DO NOTHING",
            r=reader_id, event=event, object=obj, day=str(library_day(at or now)) if event != "start" else "",
            delta=delta, rule=rule, version=policy.version, evidence=evidence, actor=actor, now=stamp(now),
        )
    )  # fmt: skip


def _freeze_if_below(db: Database, reader_id: int, delta: int, policy: Policy, now: datetime) -> None:
    after = balance(db, reader_id)
    if not policy.freeze.days or not after < policy.freeze.below <= after - delta:
        return
    ends = now + timedelta(days=policy.freeze.days)
    made = db.one(
        "INSERT INTO freezes (reader_id, starts_at, ends_at, balance) VALUES (:r, :now, :ends, :balance) "
        "ON CONFLICT DO NOTHING RETURNING id",
        r=reader_id, now=stamp(now), ends=stamp(ends), balance=after,
    )  # fmt: skip
    if made:
        due = notices.outside_quiet_hours(now, policy)
        notices.record(db, reader_id, "frozen", f"freeze:{made['id']}", "", now, due, until=stamp(ends), balance=after)


def frozen_until(db: Database, reader_id: int, now: datetime | None = None) -> datetime | None:
    """When borrowing opens again, or None when it is open; with `now`, a freeze whose time is up is none (A6-10)."""
    text = db.value("SELECT ends_at FROM freezes WHERE reader_id = :r AND lifted_at IS NULL", r=reader_id)
    ends = parse_stamp(text) if text else None
    return None if ends and now and ends <= now else ends


def thaw_due(db: Database, policy: Policy, now: datetime) -> int:
    """End the freezes whose time is up; the balance becomes what the policy says (A6-10). Returns how many."""
    over = db.all("SELECT id, reader_id FROM freezes WHERE lifted_at IS NULL AND ends_at <= :now", now=stamp(now))
    ended = 0
    for row in over:
        with writing(db) as door:
            ended += _thaw(door, row["id"], row["reader_id"], policy, now)
    return ended


def _thaw(db: Database, freeze_id: int, reader_id: int, policy: Policy, now: datetime) -> bool:
    lifted = db.run(
        "UPDATE freezes SET lifted_at = :now WHERE id = :id AND lifted_at IS NULL", id=freeze_id, now=stamp(now)
    )
    if lifted:
        obj, lifted_to = f"freeze:{freeze_id}", policy.freeze.balance_on_thaw
        missing = 0 if lifted_to is None else lifted_to - balance(db, reader_id)
        if missing > 0:
            _append(db, reader_id, "thaw", obj, "A6-10", missing, policy, LIBRARY, now)
        notices.record(db, reader_id, "thawed", obj, "", now, notices.outside_quiet_hours(now, policy))
    return bool(lifted)


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
            added += bool(post(db, reader_id, "overdue", obj, policy, now, evidence=str(day), at=start_of_day(day)))
    return added
