"""公告: what the library tells everybody; shown where readers begin, never sent after them (A2-17, A10-6).

It stands until its last day is over or a librarian takes it down, whichever comes first, and does not come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lending.database import Database, Row, writing
from lending.model import library_day, parse_stamp, stamp

LONGEST = 300  # characters


@dataclass(frozen=True, slots=True)
class Announcement:
    """Some sentences for everybody, in English too where somebody has written them; `last` None is until taken down."""

    id: int
    text: str
    text_en: str
    last: date | None
    made_at: datetime
    taken_down_at: datetime | None

    def stands(self, now: datetime) -> bool:
        """Whether readers see it."""
        return self.taken_down_at is None and (self.last is None or self.last >= library_day(now))


SELECT = "SELECT id, text, text_en, last_day AS last, made_at, taken_down_at FROM announcements "
STANDING = "taken_down_at IS NULL AND (last_day IS NULL OR last_day >= :today) "


def _announcement(row: Row) -> Announcement:
    taken = parse_stamp(row["taken_down_at"]) if row["taken_down_at"] else None
    last = date.fromisoformat(row["last"]) if row["last"] else None
    return Announcement(**{**row, "last": last, "made_at": parse_stamp(row["made_at"]), "taken_down_at": taken})


def standing(db: Database, now: datetime, limit: int) -> list[Announcement]:
    """What readers see, the newest first."""
    ask = SELECT + f"WHERE {STANDING}ORDER BY id DESC LIMIT :n"
    return [_announcement(row) for row in db.all(ask, today=str(library_day(now)), n=limit)]


def listed(db: Database, limit: int) -> list[Announcement]:
    """All there were, the newest first, for the librarians."""
    return [_announcement(row) for row in db.all(SELECT + "ORDER BY id DESC LIMIT :n", n=limit)]


def put_up(db: Database, text: str, text_en: str, last: date | None, now: datetime) -> Announcement:
    """Readers see it from now on. Raises ValueError without words, with too many, or for a day that is over."""
    text, text_en = text.strip(), text_en.strip()
    if not text or max(len(text), len(text_en)) > LONGEST or (last and last < library_day(now)):
        raise ValueError("an announcement needs some words and a day to come")
    with writing(db) as db:
        row = db.one(
            "INSERT INTO announcements (text, text_en, last_day, made_at) VALUES (:text, :english, :last, :now) "
            "RETURNING id, text, text_en, last_day AS last, made_at, taken_down_at",
            text=text, english=text_en, last=str(last) if last else None, now=stamp(now),
        )  # fmt: skip
        assert row is not None
        return _announcement(row)


def take_down(db: Database, announcement_id: int, now: datetime) -> bool:
    """Readers see it no longer; False when they did not any more."""
    with writing(db) as db:
        return bool(
            db.run(
                f"UPDATE announcements SET taken_down_at = :now WHERE id = :id AND {STANDING}",
                now=stamp(now), id=announcement_id, today=str(library_day(now)),
            )
        )  # fmt: skip
