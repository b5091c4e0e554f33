"""信用借还: which loans a bureau has been told of, by the reader's own wish, and what is still to be told (A2-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending.database import Database, writing
from lending.model import parse_stamp, stamp


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to tell: create, modify, complete or cancel the record of one loan. No title goes with it."""

    kind: str
    loan_id: int
    reader_id: int
    sealed: str  # whose record, for the adapter alone
    starts: datetime | None
    due: datetime | None
    returned: datetime | None


# Each step is derived from the loans as they are, so that nothing is told twice or forgotten.
# A lost book is between the reader and the library: its record is taken back, not reported.
STEPS = {
    "create": "o.loan_id IS NULL AND c.sealed <> '' AND l.returned_at IS NULL AND l.started_at >= c.given_at",
    "modify": "o.state = 'open' AND c.reader_id IS NOT NULL AND l.returned_at IS NULL AND l.due_at <> o.told_due",
    "complete": "o.state = 'open' AND c.reader_id IS NOT NULL AND l.ended_as NOT IN ('', 'lost')",
    "cancel": "o.state = 'open' AND (c.reader_id IS NULL OR l.id IS NULL OR l.ended_as = 'lost')",
}
NEW = "FROM loans l JOIN rent_consents c ON c.reader_id = l.reader_id LEFT JOIN rent_records o ON o.loan_id = l.id"
KNOWN = (
    "FROM rent_records o LEFT JOIN loans l ON l.id = o.loan_id AND l.reader_id = o.reader_id "
    "LEFT JOIN rent_consents c ON c.reader_id = o.reader_id"
)


def agree(db: Database, reader_id: int, now: datetime) -> None:
    """The reader wants their borrowing told, from now on; nothing is told before the bureau knows who they are."""
    with writing(db) as db:
        db.run(
            "INSERT INTO rent_consents (reader_id, given_at) VALUES (:r, :now) ON CONFLICT (reader_id) DO NOTHING",
            r=reader_id, now=stamp(now),
        )  # fmt: skip


def agreed(db: Database, reader_id: int) -> bool:
    """Whether the reader wants it."""
    return bool(db.value("SELECT 1 FROM rent_consents WHERE reader_id = :r", r=reader_id))


def know(db: Database, reader_id: int, sealed: str) -> bool:
    """Who the reader is to the bureau, sealed. False when they have changed their mind. Call in `writing`."""
    return bool(db.run("UPDATE rent_consents SET sealed = :s WHERE reader_id = :r", s=sealed, r=reader_id))


def stop(db: Database, reader_id: int) -> bool:
    """Nothing more is told; what is open is taken back by the next steps. False when there was nothing to stop."""
    with writing(db) as db:
        return bool(db.run("DELETE FROM rent_consents WHERE reader_id = :r", r=reader_id))


def steps(db: Database, limit: int = 50) -> list[Step]:
    """What is still to be told, some at a time."""
    found = []
    for kind, condition in STEPS.items():
        rows = db.all(
            "SELECT COALESCE(o.loan_id, l.id) AS loan_id, COALESCE(o.reader_id, l.reader_id) AS reader_id, "
            "COALESCE(c.sealed, '') AS sealed, l.started_at AS starts, l.due_at AS due, l.returned_at AS returned "
            f"{NEW if kind == 'create' else KNOWN} WHERE {condition} ORDER BY 1 LIMIT :n",
            n=limit,
        )
        for row in rows:
            times = {name: parse_stamp(row[name]) if row[name] else None for name in ("starts", "due", "returned")}
            found.append(Step(**{**row, **times, "kind": kind}))
    return found


def told(db: Database, step: Step, now: datetime) -> None:
    """They know it now."""
    _note(db, step, {"complete": "completed", "cancel": "cancelled"}.get(step.kind, "open"), now)


def refused(db: Database, step: Step, now: datetime) -> None:
    """They will not take it: not told again, but for a change to a record they do not have, which is made anew."""
    if step.kind == "modify":
        return compared(db, step.loan_id, "", None, now)
    _note(db, step, "refused", now)


def _note(db: Database, step: Step, state: str, now: datetime) -> None:
    with writing(db) as db:
        db.run(
            "INSERT INTO rent_records (loan_id, reader_id, state, told_due, checked_at) "
            "VALUES (:l, :r, :state, :due, :now) "
            "ON CONFLICT (loan_id) DO UPDATE SET state = excluded.state, told_due = excluded.told_due, "
            "checked_at = excluded.checked_at WHERE rent_records.state = 'open'",
            l=step.loan_id, r=step.reader_id, state=state, due=stamp(step.due) if step.due else "", now=stamp(now),
        )  # fmt: skip


def unchecked(db: Database, before: datetime) -> list[int]:
    """Loans whose open records have not been compared since then."""
    rows = db.all(
        "SELECT loan_id FROM rent_records WHERE state = 'open' AND checked_at < :b ORDER BY checked_at LIMIT 50",
        b=stamp(before),
    )
    return [row["loan_id"] for row in rows]


def compared(db: Database, loan_id: int, theirs: str, due: datetime | None, now: datetime) -> None:
    """What they have ('' for nothing) is what we go on from: the next steps put the difference right.

    A state or a date that we do not know changes nothing; it is asked for again the next day.
    """
    with writing(db) as db:
        if theirs in ("completed", "cancelled"):
            db.run("UPDATE rent_records SET state = :s WHERE loan_id = :l AND state = 'open'", s=theirs, l=loan_id)
        elif theirs:
            db.run(
                "UPDATE rent_records SET told_due = COALESCE(:due, told_due), checked_at = :now "
                "WHERE loan_id = :l AND state = 'open'",
                due=stamp(due) if due else None, now=stamp(now), l=loan_id,
            )  # fmt: skip
        else:
            db.run("DELETE FROM rent_records WHERE loan_id = :l AND state = 'open'", l=loan_id)
