"""Pictures that readers send as evidence: one home for those of cases, appeals, claims, doors and hand-overs (A2-12).

Each belongs to one thing and to who sent it. They go some days after that thing has ended, and with their reader.
Each lies sealed (envelopes.py); those from before they were are sealed little by little.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lending import envelopes
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.model import stamp
from lending.policy import Policy

KINDS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png", b"RIFF": "webp"}  # by how a picture begins
MOST_BYTES = 10 * 1024 * 1024  # of one picture
AT_ONCE = 20  # pictures of a tick that are sealed afterwards
ABOUT = ("case", "appeal", "check", "door", "transfer")  # a shelf check is 声明已还, a door 柜门没开


@fact
class PhotosFull(LendingError):
    """It holds as many pictures as it may."""

    most: int


@fact
class NoPhoto(LendingError):
    """What came is no picture that can be kept: another format, empty, too large, or what it is about has ended."""


def picture_kind(content: bytes) -> str:
    """'jpeg', 'png' or 'webp' by how the content begins; '' for anything else, empty or too large."""
    if len(content) > MOST_BYTES or (content[:4] == b"RIFF" and content[8:12] != b"WEBP"):
        return ""
    return next((kind for begins, kind in KINDS.items() if content.startswith(begins)), "")


def add(db: Database, about: str, object_id: int, sender_id: int, content: bytes, policy: Policy, now: datetime) -> int:
    """Keep a picture; returns how many this sender has given there. Raises NoPhoto, PhotosFull."""
    kind = picture_kind(content)
    if not kind:
        raise NoPhoto()
    lock, sealed = envelopes.closed(content)
    with writing(db) as db:
        held = sum(row["reader_id"] == sender_id for row in of(db, about, object_id))
        if held >= policy.cases.photos:
            raise PhotosFull(policy.cases.photos)
        db.run(
            "INSERT INTO evidence_photos (about, object_id, reader_id, kind, lock, content, at) "
            "VALUES (:about, :object, :r, :kind, seal(:lock), :content, :now)",
            about=about, object=object_id, r=sender_id, kind=kind, lock=lock, content=sealed, now=stamp(now),
        )  # fmt: skip
    return held + 1


def of(db: Database, about: str, object_id: int) -> list[Row]:
    """The pictures of one thing without their content: id, reader_id (who sent it), at."""
    return db.all(
        "SELECT id, reader_id, at FROM evidence_photos WHERE about = :about AND object_id = :object ORDER BY id",
        about=about, object=object_id,
    )  # fmt: skip


def content(db: Database, about: str, object_id: int, photo_id: int) -> tuple[str, bytes]:
    """A picture's kind and content. Raises UnknownThing, also for a picture of something else, KeyLost."""
    row = db.one(
        f"SELECT {PICTURE} FROM evidence_photos WHERE id = :id AND about = :about AND object_id = :object",
        id=photo_id, about=about, object=object_id,
    )  # fmt: skip
    if row is None:
        raise UnknownThing("photo", str(photo_id))
    return row["kind"], _opened(row)


def by_id(db: Database, photo_id: int) -> tuple[str, bytes] | None:
    """A picture's kind and content for a message that may show it; None once it has gone. Raises KeyLost."""
    row = db.one(f"SELECT {PICTURE} FROM evidence_photos WHERE id = :id", id=photo_id)
    return (row["kind"], _opened(row)) if row else None


def of_reader(db: Database, sender_id: int) -> list[Row]:
    """What this reader has sent, the newest first, without the content: id, about, at."""
    return db.all("SELECT id, about, at FROM evidence_photos WHERE reader_id = :r ORDER BY id DESC", r=sender_id)


def is_kept(db: Database, photo_id: int) -> bool:
    """Whether a picture is still there."""
    return bool(db.value("SELECT 1 FROM evidence_photos WHERE id = :id", id=photo_id))


PICTURE = "kind, unseal(lock) AS lock, content"


def _opened(row: Row) -> bytes:
    """One that has no lock was kept before they were sealed."""
    content: bytes = row["content"]
    return envelopes.opened(row["lock"], content) if row["lock"] else content


# ---- pictures from before they were sealed ---------------------------------------------------------------------------


def lying_open(db: Database) -> int:
    """How many pictures are not sealed yet."""
    return int(db.value("SELECT COUNT(*) FROM evidence_photos WHERE lock = ''"))


def seal_some(db: Database, policy: Policy, now: datetime) -> int:
    """Seal some of those, each in a turn of its own so that nobody waits for more; returns how many."""
    return sum(_seal_next(db) for _ in range(AT_ONCE)) if lying_open(db) else 0


def seal_all(db: Database) -> int:
    """The same for all of them: what turning the key does first."""
    done = 0
    while _seal_next(db):
        done += 1
    return done


def _seal_next(db: Database) -> bool:
    """The oldest one; what lay there open is overwritten."""
    with writing(db) as db:
        row = db.one("SELECT id, content FROM evidence_photos WHERE lock = '' ORDER BY id LIMIT 1")
        if row is None:
            return False
        lock, sealed = envelopes.closed(row["content"])
        db.conn.execute("PRAGMA secure_delete = ON")
        try:
            db.run(
                "UPDATE evidence_photos SET lock = seal(:lock), content = :content WHERE id = :id AND lock = ''",
                lock=lock, content=sealed, id=row["id"],
            )  # fmt: skip
        finally:
            db.conn.execute("PRAGMA secure_delete = FAST")
        return True


# ---- how they go -----------------------------------------------------------------------------------------------------


def forget_ended(db: Database, about: str, ended: str, policy: Policy, now: datetime) -> int:
    """Pictures go some days after the end; `ended` is a query for the ids of what ended `:before`. How many went."""
    old = f"about = :about AND object_id IN ({ended})"
    before = stamp(now - timedelta(days=policy.cases.photo_days))
    if not db.value(f"SELECT 1 FROM evidence_photos WHERE {old} LIMIT 1", about=about, before=before):
        return 0
    with writing(db) as db:
        return db.run(f"DELETE FROM evidence_photos WHERE {old}", about=about, before=before)


def drop(db: Database, about: str, ids: str) -> None:
    """The pictures of these go before they themselves do; `ids` is a list or query. Call in `writing`."""
    db.run(f"DELETE FROM evidence_photos WHERE about = :about AND object_id IN ({ids})", about=about)


def forget(db: Database, reader_id: int) -> None:
    """Whatever the reader sent goes. Call in `writing`."""
    db.run("DELETE FROM evidence_photos WHERE reader_id = :r", r=reader_id)
