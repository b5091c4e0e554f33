"""Lines of the conduct ledger: added within the caps of their rules, never changed; the balance is their sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lending.database import Database, Row
from lending.ledger_rules import Cap, Ledger, LedgerRule
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy

LIBRARY = "library"  # the actor of everything a rule does by itself
COUNTED = ("book", "hour", "day", "year")  # a rule counted so gives its points for each of the amount; others once
STANDS = "NOT EXISTS (SELECT 1 FROM credit_lines x WHERE x.reverses = c.id)"  # a line taken back counts nowhere


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
    version: str
    evidence: str
    actor: str
    reverses: int | None
    reversed: bool  # a later line takes it back


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to be added; `at` is when the day it is for begins or lies, `amount` how many books or hours it is for."""

    event: str
    object: str
    rule: str
    delta: int
    actor: str = LIBRARY
    evidence: str = ""
    at: datetime | None = None
    amount: int = 1
    reverses: int | None = None
    seconded_by: str = ""  # a line is taken back by two people; the schema sees to it


def append(db: Database, reader_id: int, entry: Entry, policy: Policy, now: datetime) -> int:
    """Add the line; its id, or 0 when this reader, event, object and day have one already. Call in `writing`."""
    day = "" if entry.event == "start" else str(library_day(entry.at or now))
    made = db.one(
        "INSERT INTO credit_lines (reader_id, event, object, day, delta, rule, version, evidence, actor, at, amount, "
        "reverses, seconded_by) VALUES (:r, :event, :object, :day, :delta, :rule, :version, seal(:evidence), :actor, "
        ":now, :amount, :reverses, :second) ON CONFLICT DO NOTHING RETURNING id",
        r=reader_id, event=entry.event, object=entry.object, day=day, delta=entry.delta, rule=entry.rule,
        version=policy.version, evidence=entry.evidence, actor=entry.actor, now=stamp(now), amount=entry.amount,
        reverses=entry.reverses, second=entry.seconded_by,
    )  # fmt: skip
    return int(made["id"]) if made else 0


def balance(db: Database, reader_id: int) -> int:
    """A sum over the lines, never a number of its own."""
    return int(db.value("SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = :r", r=reader_id))


def lines(db: Database, reader_id: int, limit: int = 10) -> list[Line]:
    """The newest lines first."""
    rows = db.all(
        "SELECT id, event, object, day, delta, rule, at, version, unseal(evidence) AS evidence, actor, reverses, "
        f"NOT ({STANDS}) AS reversed FROM credit_lines c WHERE reader_id = :r ORDER BY id DESC LIMIT :n",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [_line(row) for row in rows]


def _line(row: Row) -> Line:
    return Line(**{**row, "at": parse_stamp(row["at"]), "reversed": bool(row["reversed"])})


def worth(rule: LedgerRule, amount: int, points: int | None) -> int:
    """What a rule gives for that amount before any cap; `points` where a librarian decides within the rule's span."""
    each = rule.delta
    if points is not None and rule.up_to is not None:
        each = min(max(abs(points), abs(rule.delta)), abs(rule.up_to)) * (1 if rule.delta > 0 else -1)
    return each * max(1, amount) if rule.per in COUNTED else each


def within_caps(
    db: Database, reader_id: int, rule: LedgerRule, obj: str, ledger: Ledger, at: datetime, asked: int
) -> int:
    """What of these points the caps and the ledger's floor still leave (A6-2, A6-4, B3.2)."""
    counted = [(cap, _counted(db, reader_id, cap, obj, library_day(at))) for cap in ledger.caps_on(rule.event)]
    low = ledger.floor is not None and asked < 0
    return left(asked, counted, balance(db, reader_id) if low else 0, ledger)


def left(asked: int, counted: Iterable[tuple[Cap, int]], balance: int, ledger: Ledger) -> int:
    """The part of these points that caps, each with what counts against it, and the floor let through."""
    points = abs(asked)
    for cap, used in counted:
        points = min(points, max(0, cap.points - used))
    if asked > 0:
        return points
    if ledger.floor is not None:
        points = min(points, max(0, balance - ledger.floor))
    return -points


def _counted(db: Database, reader_id: int, cap: Cap, obj: str, day: date) -> int:
    """The points, taken or given, that already count against a cap on that day; what was taken back does not."""
    first, last = period(cap, day)
    events = {f"e{n}": event for n, event in enumerate(cap.events)}
    within = "object = :o" if cap.period == "item" else "day BETWEEN :first AND :last"
    counted = db.value(
        "SELECT COALESCE(SUM(delta), 0) FROM credit_lines c WHERE reader_id = :r AND "
        f"event IN ({', '.join(f':{name}' for name in events)}) AND {within} AND {STANDS}",
        r=reader_id, o=obj, first=first, last=last, **events,
    )  # fmt: skip
    return abs(int(counted))


def period(cap: Cap, day: date) -> tuple[str, str]:
    """First and last day a cap counts, as text that sorts: lines of a day may be written after those of a later one."""
    text = str(day)
    return {"month": (f"{text[:7]}-01", f"{text[:7]}-31"), "year": (f"{text[:4]}-01-01", f"{text[:4]}-12-31")}.get(
        cap.period, (text, text)
    )
