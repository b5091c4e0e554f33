"""荐购 with votes, and readers' own words about books; both wait for a librarian."""

from __future__ import annotations

from datetime import datetime

from lending.database import Database, writing
from lending.model import stamp


def suggest(db: Database, reader_id: int, title: str, now: datetime) -> tuple[bool, int]:
    """Ask for a title to be bought; whether it is new from this reader, and how many have asked (A10-11)."""
    title = " ".join(title.split())[:200]
    with writing(db) as db:
        new = db.run(
            "INSERT INTO suggestions (reader_id, title, made_at) VALUES (:r, :t, :now) "
            "ON CONFLICT (reader_id, title) DO NOTHING",
            r=reader_id, t=title, now=stamp(now),
        )  # fmt: skip
        return bool(new), int(db.value("SELECT COUNT(*) FROM suggestions WHERE title = :t", t=title))


def suggestions(db: Database, limit: int = 100) -> list[dict[str, object]]:
    """Titles asked for, with votes, the most wanted first; without names."""
    return db.all(
        "SELECT title, COUNT(*) AS votes, MIN(made_at) AS since FROM suggestions "
        "GROUP BY title ORDER BY votes DESC, since LIMIT :n",
        n=limit,
    )


def review(db: Database, reader_id: int, title_id: int, text: str, now: datetime) -> None:
    """A reader's words about a title, instead of earlier ones; shown once a librarian has read them (A10-9)."""
    with writing(db) as db:
        db.run(
            "INSERT INTO reviews (reader_id, title_id, text, at) VALUES (:r, :t, :text, :now) "
            "ON CONFLICT (reader_id, title_id) DO UPDATE SET text = :text, at = :now, state = 'waiting'",
            r=reader_id, t=title_id, text=text.strip()[:1_000], now=stamp(now),
        )  # fmt: skip
