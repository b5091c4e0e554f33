"""图书馆的信用: each promise of the library's with its outcome, append-only, counted by month for all (A1-16, D-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from lending import credit, notices, order_records, promises
from lending.database import Database, Row, writing
from lending.model import OrderState, library_day, parse_stamp, stamp
from lending.policy import Policy

KINDS = ("review", "pack", "ready", "answer", "case", "appeal")
OF_ORDERS = tuple(promises.PROMISES)  # these pay by themselves (promises.py)
WATCHED_DAYS = 100  # after an order was placed; its promises are of days
PAID_DAYS = 7  # what was late longer ago, before anybody counted, is written down without a word


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one promise whose time has come; `met_at` is None when nothing had been done."""

    kind: str
    object: str
    reader_id: int
    promised_at: datetime
    met_at: datetime | None
    points: int = 0
    waived_fen: int = 0

    @property
    def kept(self) -> bool:
        """Done in time."""
        return self.met_at is not None and self.met_at <= self.promised_at


@dataclass(frozen=True, slots=True)
class Count:
    """How many promises of one kind fell into a month ("2026-11"), and what broken ones gave: points and fen."""

    month: str
    kind: str
    kept: int
    broken: int
    points: int
    waived_fen: int


Source = Callable[[Database, datetime], Iterable[Outcome]]


def settle_due(db: Database, policy: Policy, now: datetime, *sources: Source) -> int:
    """Write down what became of every promise whose time has come, once; a late answer pays. Returns how many."""
    found = [one for source in (of_orders, of_cases, of_appeals, *sources) for one in source(db, now)]
    written = 0
    for one in found:
        with writing(db) as door:
            written += _write(door, one, policy, now)
    return written


def _write(db: Database, one: Outcome, policy: Policy, now: datetime) -> bool:
    points = one.points
    new = not db.value("SELECT 1 FROM promise_lines WHERE kind = :k AND object = :o", k=one.kind, o=one.object)
    lately = now - one.promised_at < timedelta(days=PAID_DAYS)
    if new and lately and not one.kept and one.kind not in OF_ORDERS:
        points = credit.post(db, one.reader_id, "promise_broken", f"{one.object}:{one.kind}", policy, now)
        due = notices.outside_quiet_hours(now, policy)
        notices.record(db, one.reader_id, "answer_late", one.object, one.kind, now, due, points=points)
    return bool(
        db.run(
            "INSERT INTO promise_lines (kind, object, day, promised_at, met_at, outcome, points, waived_fen, at) "
            "VALUES (:kind, :object, :day, :promised, :met, :outcome, :points, :waived, :now) "
            "ON CONFLICT (kind, object) DO NOTHING",
            kind=one.kind, object=one.object, day=str(library_day(one.promised_at)), promised=stamp(one.promised_at),
            met=stamp(one.met_at) if one.met_at else None, outcome="kept" if one.kept else "broken", points=points,
            waived=one.waived_fen, now=stamp(now),
        )
    )  # fmt: skip


def by_month(db: Database, months: int = 12) -> list[list[Count]]:
    """The last months in which something had been promised, the newest first, each by kind."""
    rows = db.all(
        "SELECT SUBSTR(day, 1, 7) AS month, kind, SUM(CASE outcome WHEN 'kept' THEN 1 ELSE 0 END) AS kept, "
        "SUM(CASE outcome WHEN 'broken' THEN 1 ELSE 0 END) AS broken, SUM(points) AS points, "
        "SUM(waived_fen) AS waived_fen FROM promise_lines GROUP BY SUBSTR(day, 1, 7), kind"
    )
    counts = sorted((Count(**row) for row in rows), key=lambda one: KINDS.index(one.kind))
    counts.sort(key=lambda one: one.month, reverse=True)
    return [list(month) for _, month in groupby(counts, key=lambda one: one.month)][:months]


# ---- where promises are made ---------------------------------------------------------------------------------------

UNWRITTEN = "NOT EXISTS (SELECT 1 FROM promise_lines p WHERE p.kind = :kind AND p.object = :prefix || {0})"


AGAIN = (  # how often an approved order went back to a person, because books came to it
    "(SELECT COUNT(*) FROM order_events e WHERE e.order_id = o.id AND e.state = 'in_review' AND EXISTS "
    "(SELECT 1 FROM order_events a WHERE a.order_id = o.id AND a.state = 'approved' AND a.id < e.id))"
)
SETTLED = (  # the cheap half of the question, asked first: only an order with additions has more than one round
    "EXISTS (SELECT 1 FROM promise_lines p WHERE p.kind = :kind AND p.object = 'order:' || o.number) "
    "AND NOT EXISTS (SELECT 1 FROM order_additions a WHERE a.order_id = o.id)"
)
ROUND = f"CASE {AGAIN} WHEN 0 THEN o.number ELSE o.number || '#' || {AGAIN} END"


CALLED_OFF = (  # orders o that ended before their time: neither had they left, nor was it late already
    "(o.state = 'cancelled' AND NOT EXISTS (SELECT 1 FROM broken_promises b WHERE b.order_id = o.id "
    "AND b.promise = :kind) AND NOT EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = o.id "
    f"AND e.state = '{OrderState.SHIPPED}'))"
)


def of_orders(db: Database, now: datetime) -> Iterable[Outcome]:
    """Looked at, packed, ready (A9-4), as the order's own page says. One that ended before its time has no outcome."""
    for kind, rule in promises.PROMISES.items():
        rows = db.all(
            f"SELECT o.number, o.reader_id, {ROUND} AS round FROM orders o WHERE o.number >= :first "
            f"AND o.{rule.column} < :now AND NOT {CALLED_OFF} AND COALESCE(o.review_by, o.pack_by) IS NOT NULL "
            f"AND NOT ({SETTLED}) AND {UNWRITTEN.format(f'({ROUND})')}",
            now=stamp(now), kind=kind, prefix="order:",
            first=order_records.begins(library_day(now) - timedelta(days=WATCHED_DAYS)),
        )  # fmt: skip
        for row in rows:
            order = order_records.by_number(db, row["number"])
            for one in promises.of_order(db, order):
                if one.name == kind and (one.met_at or one.broken):
                    obj = f"order:{row['round']}"
                    yield Outcome(kind, obj, row["reader_id"], one.by, one.met_at, one.points, one.waived_fen)


def of_cases(db: Database, now: datetime) -> Iterable[Outcome]:
    """A lost or damaged book looked at by a person; one that turned up before has no outcome."""
    rows = db.all(
        "SELECT k.number, k.reader_id, k.promised_at, (SELECT MIN(e.at) FROM compensation_events e "
        "WHERE e.compensation_id = k.id AND e.actor LIKE 'staff:%') AS met FROM compensations k "
        f"WHERE k.promised_at < :now AND k.promised_at > k.opened_at AND {UNWRITTEN.format('k.number')}"
        " AND (k.state <> 'found' OR EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = k.id "
        "AND e.actor LIKE 'staff:%'))",
        now=stamp(now), kind="case", prefix="case:",
    )  # fmt: skip
    return [_answered("case", "case:", row) for row in rows]


def of_appeals(db: Database, now: datetime) -> Iterable[Outcome]:
    """An appeal decided, or brought before a second librarian; the second look has a promise of its own."""
    rows = db.all(
        "SELECT a.number || '#' || a.looks AS number, a.reader_id, a.promised_at, (SELECT MIN(e.at) "
        "FROM appeal_events e WHERE e.appeal_id = a.id AND e.actor LIKE 'staff:%' AND e.id > (SELECT MAX(r.id) "
        "FROM appeal_events r WHERE r.appeal_id = a.id AND r.step IN ('open', 'again'))) AS met FROM appeals a "
        "WHERE a.promised_at < :now AND a.promised_at > a.opened_at AND a.state <> 'withdrawn' "
        "AND " + UNWRITTEN.format("a.number || '#' || a.looks"),
        now=stamp(now), kind="appeal", prefix="appeal:",
    )  # fmt: skip
    return [_answered("appeal", "appeal:", row) for row in rows]


def _answered(kind: str, prefix: str, row: Row) -> Outcome:
    met = parse_stamp(row["met"]) if row["met"] else None
    return Outcome(kind, f"{prefix}{row['number']}", row["reader_id"], parse_stamp(row["promised_at"]), met)
