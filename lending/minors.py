"""未成年读者: until when somebody is a child is all that is kept, and what a guardian has consented to (D-12, PIPL).

A bureau is never asked about a child. Who the guardian is stands in mandates.py.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from lending import consents, notices
from lending.database import Database, writing
from lending.errors import LendingError, fact
from lending.model import library_day, parse_stamp, stamp
from lending.policy import Policy

CONSENTS = ("borrow", "more")  # borrowing on trust; anything beyond lending: guesses, published words


@fact
class GuardianNeeded(LendingError):
    """A minor wants what a guardian must agree to first: one of CONSENTS, or "bureau", which nobody can agree to."""

    what: str


def comes_of_age(year: int, month: int, day: int | None, policy: Policy) -> date:
    """The day a guardian's power ends; without a day of birth the month's last one counts. Raises ValueError."""
    born = date(year, month, day or monthrange(year, month)[1])
    grown = born.year + policy.minors.of_age
    return date(grown, born.month, min(born.day, monthrange(grown, born.month)[1]))


def note(db: Database, reader_id: int, until: date, by: str, now: datetime) -> bool:
    """The reader is a child until that day; what a bureau may have said goes. False when they are grown up already."""
    if until <= library_day(now):
        return False
    with writing(db) as db:
        consents.withdraw(db, reader_id, now)
        db.run(
            "INSERT INTO minors (reader_id, until, noted_by) VALUES (:r, :until, :by) "
            "ON CONFLICT (reader_id) DO UPDATE SET until = excluded.until, noted_by = excluded.noted_by",
            r=reader_id, until=str(until), by=by,
        )  # fmt: skip
        consents.trust_no_answer(db, reader_id)
    return True


def minor_until(db: Database, reader_id: int) -> date | None:
    """The day the reader comes of age, if that is still kept."""
    day = db.value("SELECT until FROM minors WHERE reader_id = :r", r=reader_id)
    return date.fromisoformat(day) if day else None


def is_minor(db: Database, reader_id: int, now: datetime) -> bool:
    """Whether the reader is a child today."""
    until = minor_until(db, reader_id)
    return until is not None and until > library_day(now)


# ---- consent -------------------------------------------------------------------------------------------------------


def given(db: Database, reader_id: int) -> dict[str, datetime]:
    """What a guardian has agreed to for this child, and since when."""
    standing = "SELECT what, given_at FROM minor_consents WHERE reader_id = :r AND withdrawn_at IS NULL"
    return {row["what"]: parse_stamp(row["given_at"]) for row in db.all(standing, r=reader_id)}


def agree(db: Database, child_id: int, guardian_id: int, what: str, now: datetime) -> bool:
    """The guardian agrees; borrowing begins small, without any bureau. False when it stood already."""
    assert what in CONSENTS
    with writing(db) as db:
        new = db.run(
            "INSERT INTO minor_consents (reader_id, guardian_id, what, given_at) VALUES (:r, :g, :what, :now) "
            "ON CONFLICT (reader_id, what) WHERE withdrawn_at IS NULL DO NOTHING",
            r=child_id, g=guardian_id, what=what, now=stamp(now),
        )  # fmt: skip
        if new and what == "borrow":
            db.run("UPDATE readers SET standing = 'ladder' WHERE id = :r AND standing = 'new'", r=child_id)
        if new:
            _tell(db, child_id, what, "given", now)
        return bool(new)


def withdraw(db: Database, child_id: int, what: str, now: datetime) -> bool:
    """Taken back: no new loans, or nothing beyond lending any more; books at home stay. False when none was given."""
    with writing(db) as db:
        over = db.run(
            "UPDATE minor_consents SET withdrawn_at = :now "
            "WHERE reader_id = :r AND what = :what AND withdrawn_at IS NULL",
            r=child_id, what=what, now=stamp(now),
        )  # fmt: skip
        if over and what == "more":
            db.run("UPDATE readers SET guess_for = 0 WHERE id = :r", r=child_id)
        if over:
            _tell(db, child_id, what, "withdrawn", now)
        return bool(over)


def withdraw_all(db: Database, child_id: int, now: datetime) -> None:
    """Nobody answers for the child any more."""
    for what in CONSENTS:
        withdraw(db, child_id, what, now)


def _tell(db: Database, child_id: int, what: str, step: str, now: datetime) -> None:
    notices.record(db, child_id, "minor", f"consent:{what}@{stamp(now)}", step, now, what=what)


def require(db: Database, reader_id: int, what: str, now: datetime) -> None:
    """Raises GuardianNeeded where a child's guardian has not agreed; "bureau" is refused to every child."""
    if is_minor(db, reader_id, now) and what not in given(db, reader_id):
        raise GuardianNeeded(what)


# ---- growing up ----------------------------------------------------------------------------------------------------


def come_of_age(db: Database, now: datetime) -> int:
    """Whoever has grown up is told, and nothing is kept of their childhood. Returns how many."""
    grown = "SELECT reader_id FROM minors WHERE until <= :today"
    today = str(library_day(now))
    if not db.all(grown, today=today):
        return 0
    with writing(db) as db:
        rows = db.all(grown, today=today)
        for row in rows:
            notices.record(db, row["reader_id"], "minor", f"grown:{row['reader_id']}", "grown", now)
            forget(db, row["reader_id"])
        return len(rows)


def forget_consents(db: Database, reader_id: int) -> None:
    """What was agreed to, for the reader or by them. Call in `writing`."""
    db.run("DELETE FROM minor_consents WHERE reader_id = :r OR guardian_id = :r", r=reader_id)


def forget(db: Database, reader_id: int) -> None:
    """Neither the day nor the consents are kept. Call in `writing`."""
    db.run("DELETE FROM minor_consents WHERE reader_id = :r", r=reader_id)
    db.run("DELETE FROM minors WHERE reader_id = :r", r=reader_id)
