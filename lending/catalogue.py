"""The catalogue: titles, what stands on the shelf of each, and where. The index is told from here what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.model import CopyState, half_width, typed
from lending.points import Point, hours, nearest, point, point_by_code, points, points_by_id
from lending.stock import CopyEntry, named, store_copies

__all__ = [
    "Availability", "Copy", "CopyEntry", "Place", "Point", "Title", "availability", "by_isbn", "changed_since",
    "completeness", "copies", "copy_by_barcode", "hours", "incomplete", "latest_revision", "missing", "nearest",
    "point", "point_by_code", "points", "points_by_id", "scanned", "store_copies", "title", "titles",
    "withdrawn_since",
]  # fmt: skip


@dataclass(frozen=True)
class Title:
    """A title (书目): what the copies are copies of."""

    id: int
    title: str
    subtitle: str = ""
    volume: str = ""
    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    series: str = ""
    publisher: str = ""
    year: int | None = None
    isbn: str = ""
    clc: str = ""
    subjects: tuple[str, ...] = ()
    language: str = ""
    pages: int | None = None
    price_fen: int | None = None
    popularity: int = 0
    withdrawn: bool = False
    revision: int = 0
    audience: str = ""  # see audience.ADULTS


@dataclass(frozen=True)
class Copy:
    """One copy (复本) with its barcode."""

    id: int
    title_id: int
    barcode: str
    point_id: int
    home_point_id: int
    call_number: str
    shelf: str
    material: str
    state: str
    hold_id: int | None = None
    missing_since: str = ""  # of a lost one that may still be found (清点缺失), a stamp
    aside: str = ""  # where it lies until it is put back, see clearing.py
    to_fetch: int = 0  # kept for somebody, and still among the others on its shelf

    @property
    def stands_at(self) -> str:
        """The shelf it stands on now, '' where it stays away from home: a shelf is one of the home's (A2-6)."""
        return self.shelf if self.point_id == self.home_point_id else ""

    @property
    def standing(self) -> str:
        """How a librarian calls its state (E3): 'missing' of what is lost but looked for, 'kept' of a hold's copy."""
        if self.state == CopyState.LOST and self.missing_since:
            return "missing"
        return "kept" if self.state == CopyState.RESERVED and self.hold_id is not None else self.state


class Place(NamedTuple):
    """Copies of a title that can be borrowed from one shelf of one point."""

    point_id: int
    n: int
    call_number: str
    shelf: str


@dataclass(frozen=True)
class Availability:
    """How many copies a title has (lost and withdrawn ones left out), how many are free and where, who waits.

    `shut` are those that would be free, but stand behind a door shut for good.
    """

    title_id: int
    available: int = 0
    total: int = 0
    places: tuple[Place, ...] = ()
    waiting: int = 0
    shut: int = 0

    @property
    def by_point(self) -> dict[int, int]:
        """Free copies by point id."""
        counts: dict[int, int] = {}
        for place in self.places:
            counts[place.point_id] = counts.get(place.point_id, 0) + place.n
        return counts


LISTS = ("authors", "translators", "subjects")
FIELDS = ", ".join(name for name in Title.__dataclass_fields__)


def _title(row: Row) -> Title:
    lists = {name: tuple(part for part in row[name].split("; ") if part) for name in LISTS}
    return Title(**{**row, **lists, "withdrawn": bool(row["withdrawn"])})


def titles(db: Database, ids: Iterable[int]) -> dict[int, Title]:
    """The titles with those ids, in the order asked; unknown ids are left out."""
    wanted = list(ids)
    marks, values = named(wanted)
    rows = {row["id"]: row for row in db.all(f"SELECT {FIELDS} FROM titles WHERE id IN ({marks})", **values)}
    return {one: _title(rows[one]) for one in wanted if one in rows}


def title(db: Database, title_id: int) -> Title:
    """The title with that id; raises UnknownThing."""
    found = titles(db, [title_id]).get(title_id)
    if found is None:
        raise UnknownThing("title", str(title_id))
    return found


def by_isbn(db: Database, isbn: str) -> list[Title]:
    """Titles with that ISBN-13 (13 digits, no hyphens), the most popular first; volumes of a set may share one."""
    rows = db.all(
        f"SELECT {FIELDS} FROM titles WHERE isbn = :isbn AND isbn <> '' AND withdrawn = 0 ORDER BY popularity DESC, id",
        isbn=isbn,
    )
    return [_title(row) for row in rows]


def copies(db: Database, title_id: int) -> list[Copy]:
    """Every copy of a title, whatever its state."""
    return [Copy(**row) for row in db.all("SELECT * FROM copies WHERE title_id = :id ORDER BY id", id=title_id)]


def copy_by_barcode(db: Database, barcode: str) -> Copy:
    """The copy with that barcode; raises UnknownThing."""
    row = db.one("SELECT * FROM copies WHERE barcode = :barcode", barcode=barcode)
    if row is None:
        raise UnknownThing("copy", barcode)
    return Copy(**row)


BY_BARCODE = "barcode IN (:written, :plain, :capitals, :small, :closed) ORDER BY barcode <> :written"


def spellings(barcode: str) -> dict[str, str]:
    """How a barcode that was scanned or typed may stand here."""
    plain = half_width(barcode).strip()
    return {
        "written": barcode.strip(), "plain": plain, "capitals": plain.upper(), "closed": typed(barcode),
        "small": typed(barcode).lower(),
    }  # fmt: skip


def scanned(db: Database, barcode: str) -> Copy:
    """The copy with this barcode as it was scanned or typed, or in capitals. Raises UnknownThing."""
    row = db.one(f"SELECT * FROM copies WHERE {BY_BARCODE}", **spellings(barcode))
    if row is None:
        raise UnknownThing("barcode", barcode[:40])
    return Copy(**row)


def copy_id(db: Database, barcode: str) -> int | None:
    """Which copy has this barcode, as it was scanned or typed; None where none has."""
    found = db.value(f"SELECT id FROM copies WHERE {BY_BARCODE}", **spellings(barcode))
    return None if found is None else int(found)


@dataclass
class _Count:
    available: int = 0
    total: int = 0
    waiting: int = 0
    shut: int = 0
    places: list[Place] = field(default_factory=list)


def availability(db: Database, title_ids: Iterable[int]) -> dict[int, Availability]:
    """What can be borrowed of each title, from the store itself; two statements however many titles."""
    counts = {title_id: _Count() for title_id in title_ids}
    marks, values = named(counts)
    for row in db.all(COPIES_BY_SHELF.format(ids=marks), **values):
        count = counts[row["title_id"]]
        count.available += row["free"]
        count.total += row["n"]
        count.shut += row["shut"]
        if row["free"]:
            count.places.append(Place(row["point_id"], row["free"], row["call_number"], row["stands_at"]))
    for row in db.all(HOLDS_WAITING.format(ids=marks), **values):
        counts[row["title_id"]].waiting = row["n"]
    return {
        title_id: Availability(title_id, count.available, count.total, tuple(count.places), count.waiting, count.shut)
        for title_id, count in counts.items()
    }


STANDS_AT = "CASE WHEN c.point_id = c.home_point_id THEN c.shelf ELSE '' END"  # as Copy.stands_at
SHUT = "c.point_id IN (SELECT point_id FROM shut_points)"
ON_SHELF = f"(c.state = 'available' AND NOT {SHUT})"  # of copies c, what can be had; not behind a door shut for good
COPIES_BY_SHELF = f"""
SELECT title_id, point_id, call_number, {STANDS_AT} AS stands_at, count(*) AS n,
    sum(CASE WHEN {ON_SHELF} THEN 1 ELSE 0 END) AS free,
    sum(CASE WHEN state = 'available' AND {SHUT} THEN 1 ELSE 0 END) AS shut
FROM copies c WHERE title_id IN ({{ids}}) AND state NOT IN ('lost', 'withdrawn')
GROUP BY title_id, point_id, call_number, stands_at ORDER BY title_id, free DESC, point_id, call_number, stands_at"""
HOLDS_WAITING = """
SELECT title_id, count(*) AS n FROM holds WHERE title_id IN ({ids}) AND state = 'waiting' GROUP BY title_id"""


def latest_revision(db: Database) -> int:
    """The newest revision of any title; 0 for an empty catalogue."""
    return int(db.value("SELECT value FROM counters WHERE name = 'titles'") or 0)


def changed_since(db: Database, revision: int, batch: int = 1000) -> Iterator[Title]:
    """Titles added or changed after that revision, oldest change first; read `batch` rows at a time."""
    after = (revision, 1 << 62)
    while True:
        rows = db.all(CHANGED, revision=after[0], id=after[1], batch=batch)
        yield from map(_title, rows)
        if len(rows) < batch:
            return
        after = (rows[-1]["revision"], rows[-1]["id"])


CHANGED = f"""
SELECT {FIELDS} FROM titles
WHERE (revision > :revision OR (revision = :revision AND id > :id)) AND withdrawn = 0
ORDER BY revision, id LIMIT :batch"""


def withdrawn_since(db: Database, revision: int) -> list[int]:
    """Ids of titles withdrawn after that revision: the index must forget them."""
    rows = db.all("SELECT id FROM titles WHERE revision > :r AND withdrawn = 1 ORDER BY id", r=revision)
    return [row["id"] for row in rows]


EXPECTED = ("authors", "publisher", "year", "isbn", "clc")


def missing(title: Title) -> tuple[str, ...]:
    """Which of the fields a reader expects on a card are empty (A7-5)."""
    return tuple(name for name in EXPECTED if not getattr(title, name))


def completeness(title: Title) -> int:
    """How complete the record is, 0 to 100 (A7-5)."""
    return 100 - 100 * len(missing(title)) // len(EXPECTED)


def incomplete(db: Database, limit: int = 50, offset: int = 0) -> list[Title]:
    """The staff's worklist: records with empty fields, the most wanted first (A7-5)."""
    rows = db.all(INCOMPLETE, limit=limit, offset=offset)
    return [_title(row) for row in rows]


INCOMPLETE = f"""
SELECT {FIELDS} FROM titles
WHERE withdrawn = 0 AND (authors = '' OR publisher = '' OR year IS NULL OR isbn = '' OR clc = '')
ORDER BY popularity DESC, id LIMIT :limit OFFSET :offset"""
