"""What a book looks like as it changes hands: pictures by either side, seen by both and by librarians (D-9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import evidence, notices, transfer_records
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.evidence import NoPhoto
from lending.model import stamp
from lending.policy import Policy
from lending.transfer_records import Transfer


def of_party(db: Database, reader_id: int, transfer_id: int) -> Transfer:
    """A transfer of one's own, on either side. Raises UnknownThing."""
    found = transfer_records.transfer(db, transfer_id)
    if reader_id not in (found.giver_id, found.receiver_id):
        raise UnknownThing("transfer", str(transfer_id))
    return found


def add(db: Database, reader_id: int, transfer_id: int, content: bytes, policy: Policy, now: datetime) -> int:
    """Keep a picture by either side until shortly after the hand-over; returns how many this side has sent.

    The other side is shown it at once, if there is one yet; who takes the book later sees it before the yes.
    Raises UnknownThing for somebody else's transfer, NoPhoto (also when it is over), PhotosFull.
    """
    with writing(db) as db:
        moved = of_party(db, reader_id, transfer_id)
        if not goes_on(db, moved, policy, now):
            raise NoPhoto()
        held = evidence.add(db, "transfer", moved.id, reader_id, content, policy, now)
        other = moved.receiver_id if reader_id == moved.giver_id else moved.giver_id
        if other is not None and moved.state != "offered":
            newest = evidence.of(db, "transfer", moved.id)[-1]["id"]
            notices.record(
                db, other, "transfer_photo", f"transfer:{moved.id}", f"photo-{newest}", now, now,
                transfer=moved.id, photo=newest,
            )  # fmt: skip
    return held


def goes_on(db: Database, moved: Transfer, policy: Policy, now: datetime) -> bool:
    """Whether it is going on, or the book was handed over minutes ago."""
    since = stamp(now - timedelta(minutes=policy.transfers.confirm_minutes))
    ended = db.value("SELECT ended_at FROM transfers WHERE id = :id", id=moved.id)
    alive = moved.state in ("offered", "accepted") and now < moved.expires_at
    return alive or (moved.state == "done" and ended >= since)


def around_loan(db: Database, loan_id: int) -> list[Row]:
    """Pictures of the hand-overs by which a loan began and ended: id, transfer, reader_id (who sent it), at."""
    return db.all(
        "SELECT e.id, x.id AS transfer, e.reader_id, e.at FROM evidence_photos e "
        "JOIN transfers x ON e.about = 'transfer' AND x.id = e.object_id AND x.state = 'done' "
        "JOIN loans l ON l.id = :l AND (x.loan_id = l.id OR (x.receiver_id = l.reader_id "
        "AND x.title_id = l.title_id AND x.ended_at = l.started_at)) ORDER BY e.id",
        l=loan_id,
    )


def forget_old_photos(db: Database, policy: Policy, now: datetime) -> int:
    """Pictures go some days after the hand-over, or after the loan that began with it has ended; returns how many."""
    ended = (
        "SELECT x.id FROM transfers x WHERE x.state NOT IN ('offered', 'accepted') "
        "AND COALESCE(x.ended_at, x.expires_at) < :before AND NOT EXISTS (SELECT 1 FROM loans l "
        "WHERE l.reader_id = x.receiver_id AND l.title_id = x.title_id "
        "AND (l.returned_at IS NULL OR l.returned_at >= :before))"
    )
    return evidence.forget_ended(db, "transfer", ended, policy, now)
