"""Looking after records: found by what stands in them, mended by a librarian, still mended after an import (A7-5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lending.catalogue import BY_BARCODE, spellings
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.model import typed
from lending.stock import named, next_revision

TEXTS = ("title", "subtitle", "volume", "authors", "translators", "series", "publisher", "isbn", "clc", "subjects")
NUMBERS = ("year", "pages")
DECIDED = ("audience",)  # where a librarian's word goes before the record's
FIELDS = (*TEXTS, *NUMBERS, *DECIDED)


def look_up(db: Database, words: str, limit: int = 20) -> list[int]:
    """Ids of titles with that number, ISBN-13 or copy's barcode, else whose title begins so; the best known first."""
    wanted = words.strip()
    rows = db.all(
        "SELECT id FROM titles WHERE isbn = :bare AND isbn <> '' "
        f"UNION SELECT title_id FROM (SELECT title_id FROM copies WHERE {BY_BARCODE}) "
        "UNION SELECT id FROM titles WHERE CAST(id AS TEXT) = :closed LIMIT :n",
        bare=typed(wanted).replace("-", ""), n=limit, **spellings(wanted),
    )  # fmt: skip
    if not rows and wanted:
        rows = db.all(
            "SELECT id FROM titles WHERE title >= :w AND title < :end ORDER BY popularity DESC, id LIMIT :n",
            w=wanted, end=wanted + "\U0010ffff", n=limit,
        )  # fmt: skip
    return [row["id"] for row in rows]


def mend(db: Database, title_id: int, changes: dict[str, Any]) -> dict[str, Any]:
    """Write these fields of a title and raise its revision, so that the index follows; returns what it said before.

    Only what differs is changed. Lists are given as "甲; 乙", an unknown number as None. What is filled in stays when
    an import brings the record again without it. Raises UnknownThing.
    """
    with writing(db) as db:
        row = db.one(f"SELECT {', '.join(FIELDS)} FROM titles WHERE id = :id", id=title_id)
        if row is None:
            raise UnknownThing("title", str(title_id))
        differing = {name: changes[name] for name in FIELDS if name in changes and changes[name] != row[name]}
        if differing:
            _write(db, title_id, differing)
            for name, value in differing.items():
                _remember(db, title_id, name, value)
    return {name: row[name] for name in differing}


def _write(db: Database, title_id: int, values: dict[str, Any]) -> None:
    marks = ", ".join(f"{name} = :{name}" for name in values)
    revision = next_revision(db)
    db.run(f"UPDATE titles SET {marks}, revision = :revision WHERE id = :id", id=title_id, revision=revision, **values)


def _remember(db: Database, title_id: int, field: str, value: Any) -> None:
    if value in ("", None):
        db.run("DELETE FROM mended WHERE title_id = :id AND field = :field", id=title_id, field=field)
    else:
        db.run(
            "INSERT INTO mended (title_id, field, value) VALUES (:id, :field, :value) "
            "ON CONFLICT (title_id, field) DO UPDATE SET value = :value",
            id=title_id, field=field, value=str(value),
        )  # fmt: skip


def keep_mended(db: Database, title_ids: Iterable[int]) -> None:
    """After an import: what librarians filled in stands again where the import left it empty, and what they decided."""
    marks, values = named(title_ids)
    for row in db.all(f"SELECT * FROM mended WHERE title_id IN ({marks})", **values):
        field = row["field"]
        assert field in FIELDS
        empty = f"{field} IS NULL" if field in NUMBERS else f"{field} = ''"
        value = int(row["value"]) if field in NUMBERS else row["value"]
        where = "TRUE" if field in DECIDED else empty
        db.run(f"UPDATE titles SET {field} = :value WHERE id = :id AND {where}", value=value, id=row["title_id"])
