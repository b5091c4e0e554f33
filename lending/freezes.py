"""Borrowing pauses when the points fall below a line, and opens again by time or a path of the pack's (A6-10, B3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import entries, notices
from lending.database import Database, Row, writing
from lending.entries import STANDS, Entry
from lending.errors import LendingError, fact
from lending.ledger_rules import ThawPath
from lending.model import parse_stamp, stamp
from lending.policy import Policy

PROGRESS = {  # what a path counts, in the lines since the freeze began
    "quiz": "SELECT COUNT(*) FROM credit_lines c WHERE event = 'quiz'",
    "volunteer": "SELECT COALESCE(SUM(amount), 0) FROM credit_lines c WHERE event = 'volunteer'",
    "earn": "SELECT COALESCE(SUM(delta), 0) FROM credit_lines c WHERE delta > 0 "
    "AND event NOT IN ('thaw', 'reversal', 'merged', "
    "'forgiven', 'found_again', 'never_came')",  # what comes back was not earned
}


@fact
class NotFrozen(LendingError):
    """Nothing is paused, or the library knows no such way out."""


@dataclass(frozen=True, slots=True)
class Way:
    """A path out of a running freeze: how much of it is done."""

    path: ThawPath
    done: int


def begin_if_below(db: Database, reader_id: int, line_id: int, delta: int, policy: Policy, now: datetime) -> None:
    """Freeze when this line took the balance below the limit; a running freeze goes on as it is. Call in `writing`."""
    after = entries.balance(db, reader_id)
    if not policy.freeze.days or not after < policy.freeze.below <= after - delta:
        return
    ends = now + timedelta(days=policy.freeze.days)
    made = db.one(
        "INSERT INTO freezes (reader_id, starts_at, ends_at, balance, line_id) "
        "VALUES (:r, :now, :ends, :balance, :line) ON CONFLICT DO NOTHING RETURNING id",
        r=reader_id, now=stamp(now), ends=stamp(ends), balance=after, line=line_id,
    )  # fmt: skip
    if made:
        due = notices.outside_quiet_hours(now, policy)
        notices.record(db, reader_id, "frozen", f"freeze:{made['id']}", "", now, due, until=stamp(ends), balance=after)


def frozen_until(db: Database, reader_id: int, now: datetime | None = None) -> datetime | None:
    """When borrowing opens again, or None when it is open; with `now`, a freeze whose time is up is none (A6-10)."""
    row = _open(db, reader_id)
    ends = parse_stamp(row["ends_at"]) if row else None
    return None if ends and now and ends <= now else ends


def ways(db: Database, reader_id: int, policy: Policy) -> list[Way]:
    """The ways out of the running freeze beside waiting, each with how much of it is done; none when not frozen."""
    row = _open(db, reader_id) if policy.freeze.thaw_by else None
    return [Way(path, _progress(db, reader_id, row, path)) for path in policy.freeze.thaw_by] if row else []


def heal(db: Database, reader_id: int, policy: Policy, now: datetime) -> bool:
    """Open again when one of the pack's paths has been walked to its end (B3.2). Call in `writing`."""
    done = next((way for way in ways(db, reader_id, policy) if way.done >= way.path.amount), None)
    return done is not None and _lift(db, reader_id, done.path.kind, policy, now)


def pass_quiz(db: Database, reader_id: int, policy: Policy, now: datetime) -> bool:
    """The reader has passed the library's quiz; True when that opens borrowing again. Raises NotFrozen."""
    with writing(db) as db:
        path = next((way.path for way in ways(db, reader_id, policy) if way.path.kind == "quiz"), None)
        if path is None:
            raise NotFrozen()
        number = 1 + db.value("SELECT COUNT(*) FROM credit_lines WHERE reader_id = :r AND event = 'quiz'", r=reader_id)
        entries.append(db, reader_id, Entry("quiz", f"quiz:{number}", path.source, 0, "reader"), policy, now)
        return heal(db, reader_id, policy, now)


def lift_if_above(db: Database, reader_id: int, policy: Policy, now: datetime) -> bool:
    """What froze the reader was taken back: open at once, the points as they are. Call in `writing`."""
    if entries.balance(db, reader_id) < policy.freeze.below:
        return False
    return _lift(db, reader_id, "reversal", policy, now)


def thaw_due(db: Database, policy: Policy, now: datetime) -> int:
    """End the freezes whose time is up; the balance becomes what the policy says (A6-10). Returns how many."""
    over = db.all("SELECT reader_id FROM freezes WHERE lifted_at IS NULL AND ends_at <= :now", now=stamp(now))
    ended = 0
    for row in over:
        with writing(db) as door:
            ended += _lift(door, row["reader_id"], "time", policy, now)
    return ended


def _open(db: Database, reader_id: int) -> Row | None:
    return db.one("SELECT id, ends_at, line_id FROM freezes WHERE reader_id = :r AND lifted_at IS NULL", r=reader_id)


def _progress(db: Database, reader_id: int, freeze: Row, path: ThawPath) -> int:
    since = f" AND reader_id = :r AND id > :line AND {STANDS}"
    return int(db.value(PROGRESS[path.kind] + since, r=reader_id, line=freeze["line_id"]))


def _lift(db: Database, reader_id: int, how: str, policy: Policy, now: datetime) -> bool:
    """The open freeze ends; a lower balance is lifted to what the pack says, unless the points were given back."""
    row = db.one(
        "UPDATE freezes SET lifted_at = :now, lifted_as = :how WHERE reader_id = :r AND lifted_at IS NULL RETURNING id",
        r=reader_id, now=stamp(now), how=how,
    )  # fmt: skip
    if row is None:
        return False
    obj, lifted_to = f"freeze:{row['id']}", policy.freeze.balance_on_thaw
    missing = 0 if lifted_to is None or how == "reversal" else lifted_to - entries.balance(db, reader_id)
    if missing > 0:
        entries.append(db, reader_id, Entry("thaw", obj, "A6-10", missing), policy, now)
    if how != "quiz":  # who has just answered hears it in the talk
        due = notices.outside_quiet_hours(now, policy)
        notices.record(db, reader_id, "thawed", obj, "", now, due, how=how)
    return True
