"""书评: what readers say about a title in their own words, shown to others once a librarian has read them (A10-9).

The table is a review's life. Words that were changed are read anew; whoever wrote them may take them back at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which states, to which; writing and rewriting lead to waiting
    "show": (("waiting", "refused"), "shown"),  # 展示
    "refuse": (("waiting", "shown"), "refused"),  # 不展示（原因）
}
STATES = ("waiting", "shown", "refused")
LONGEST = 1_000  # characters


@fact
class ReviewMoved(LendingError):
    """The review no longer stands where the step begins, or its words were changed since they were read."""

    title: str


@fact
class ReviewTooLong(LendingError):
    """More than is kept: `limit` characters, `length` were written."""

    limit: int
    length: int


@dataclass(frozen=True, slots=True)
class Review:
    """One reader's words about one title. `edits` counts their changes, `reason` says why they are not shown."""

    id: int
    title_id: int
    title: str
    text: str
    state: str
    reason: str
    edits: int
    at: datetime


SELECT = (
    "SELECT v.id, v.title_id, t.title, v.text, v.state, v.reason, v.edits, v.at FROM reviews v "
    "JOIN titles t ON t.id = v.title_id "
)


def _review(row: Row) -> Review:
    return Review(**{**row, "at": parse_stamp(row["at"])})


def review(db: Database, review_id: int) -> Review:
    """Raises UnknownThing."""
    row = db.one(SELECT + "WHERE v.id = :id", id=review_id)
    if row is None:
        raise UnknownThing("review", str(review_id))
    return _review(row)


def of_reader(db: Database, reader_id: int, limit: int = 20) -> list[Review]:
    """A reader's own, the newest first."""
    rows = db.all(SELECT + "WHERE v.reader_id = :r ORDER BY v.at DESC, v.id DESC LIMIT :n", r=reader_id, n=limit)
    return [_review(row) for row in rows]


def own(db: Database, reader_id: int, title_id: int) -> Review | None:
    """What this reader wrote about this title."""
    row = db.one(SELECT + "WHERE v.reader_id = :r AND v.title_id = :t", r=reader_id, t=title_id)
    return _review(row) if row else None


def of_title(db: Database, title_id: int, limit: int) -> list[Review]:
    """What others may read about a title, the newest first; nobody's name stands with it."""
    rows = db.all(
        SELECT + "WHERE v.title_id = :t AND v.state = 'shown' ORDER BY v.at DESC, v.id DESC LIMIT :n",
        t=title_id, n=limit,
    )  # fmt: skip
    return [_review(row) for row in rows]


def listed(db: Database, state: str, limit: int) -> list[Review]:
    """All in one state for the librarians: those that wait the oldest first, others the newest first."""
    order = "v.at, v.id" if state == "waiting" else "v.at DESC, v.id DESC"
    return [_review(row) for row in db.all(SELECT + f"WHERE v.state = :s ORDER BY {order} LIMIT :n", s=state, n=limit)]


def write(db: Database, reader_id: int, title_id: int, text: str, now: datetime) -> Review:
    """A reader's words about a title, instead of earlier ones. Raises UnknownThing, ReviewTooLong."""
    text = text.strip()
    if len(text) > LONGEST:
        raise ReviewTooLong(LONGEST, len(text))
    with writing(db) as db:
        if not db.value("SELECT 1 FROM titles WHERE id = :t", t=title_id):
            raise UnknownThing("title", str(title_id))
        db.run(
            "INSERT INTO reviews (reader_id, title_id, text, at) VALUES (:r, :t, :text, :now) "
            "ON CONFLICT (reader_id, title_id) DO UPDATE "
            "SET text = :text, at = :now, state = 'waiting', reason = '', edits = edits + 1",
            r=reader_id, t=title_id, text=text, now=stamp(now),
        )  # fmt: skip
        written = own(db, reader_id, title_id)
        assert written is not None
        return written


def take_back(db: Database, reader_id: int, title_id: int) -> bool:
    """Gone, wherever it stood; False when there was none."""
    with writing(db) as db:
        return db.run("DELETE FROM reviews WHERE reader_id = :r AND title_id = :t", r=reader_id, t=title_id) == 1


def judge(
    db: Database, review_id: int, name: str, edits: int, policy: Policy, now: datetime, reason: str = ""
) -> Review:
    """A librarian who read it after so many `edits` shows it, or does not and says why; the writer is told.

    Raises UnknownThing, ReviewMoved, ValueError for a refusal without a reason.
    """
    before, after = STEPS[name]
    reason = reason.strip()[:300] if name == "refuse" else ""
    if name == "refuse" and not reason:
        raise ValueError("a refusal needs its reason")
    states = ", ".join(f"'{state}'" for state in before)
    with writing(db) as db:
        read = review(db, review_id)
        changed = db.run(
            f"UPDATE reviews SET state = '{after}', reason = :reason "
            f"WHERE id = :id AND edits = :e AND state IN ({states})",
            reason=reason, id=review_id, e=edits,
        )  # fmt: skip
        if changed != 1:
            raise ReviewMoved(read.title)
        notices.record(
            db, int(db.value("SELECT reader_id FROM reviews WHERE id = :id", id=review_id)), "review_read",
            f"review:{review_id}", f"{after} {stamp(now)}", now, notices.outside_quiet_hours(now, policy),
            review=review_id, state=after,
        )  # fmt: skip
        return review(db, review_id)
