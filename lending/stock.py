"""Putting titles and copies into the catalogue: found again by a key, left alone when nothing changed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from lending.database import Database

REMEMBERED = 2_048  # so that an import can work these out before it takes its turn to write
NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class TitleEntry:
    """A title to be stored. `source_id` names the record at its source ("douban:1084336"), or is empty."""

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
    source_id: str = ""
    audience: str = ""  # see audience.ADULTS; as far as the record says it


@dataclass(frozen=True)
class CopyEntry:
    """A copy to be stored under its barcode."""

    barcode: str
    title_id: int
    point_id: int
    call_number: str = ""
    shelf: str = ""
    material: str = "book"


@dataclass
class Stored:
    """What became of the titles. `ids`: the title of each entry, in their order; `renewed`: titles rewritten."""

    added: int = 0
    changed: int = 0
    same: int = 0
    ids: list[int] = field(default_factory=list)
    renewed: list[int] = field(default_factory=list)


@dataclass
class StoredCopies:
    """What became of the copies; `taken` are barcodes that already belong to another title.

    `placed` are those whose shelf marks a librarian has set, and the source says otherwise: they stay.
    `withdrawn` are the titles 下架 that new ones came to, with their ids, and how many: nobody can borrow those.
    """

    added: int = 0
    changed: int = 0
    same: int = 0
    taken: list[str] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    withdrawn: Counter[tuple[int, str]] = field(default_factory=Counter)


def letters(text: str) -> str:
    """Only letters, digits and characters, folded: what two spellings of one title share."""
    return NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=REMEMBERED)
def source_key(entry: TitleEntry) -> str:
    """What the title is found again by: the source's id, else ISBN and volume, else the words themselves."""
    if entry.source_id:
        return entry.source_id
    words = [letters(entry.title) or entry.title, letters(entry.volume)]
    if entry.isbn:
        return _hashed("isbn", [entry.isbn, *words])
    names = letters("".join(entry.authors))
    return _hashed("work", [*words, names, letters(entry.publisher), str(entry.year or "")])


def digest(text: str, size: int) -> bytes:
    """So many bytes that stand for the text."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()


def _hashed(kind: str, parts: list[str]) -> str:
    return f"{kind}:{digest(chr(31).join(parts), 16).hex()}"


@lru_cache(maxsize=REMEMBERED)
def fingerprint(entry: TitleEntry) -> str:
    """Changes when any stored field does; an audience that nobody speaks of leaves it as before there was one."""
    values = [value for name, value in vars(entry).items() if name != "audience"]
    values += [entry.audience] if entry.audience else []
    return digest(json.dumps(values, ensure_ascii=False), 12).hex()


def _columns(entry: TitleEntry, key: str, revision: int) -> dict[str, Any]:
    named = {name: getattr(entry, name) for name in COLUMNS}
    joined = {name: "; ".join(named[name]) for name in ("authors", "translators", "subjects")}
    return {**named, **joined, "source_key": key, "fingerprint": fingerprint(entry), "revision": revision}


def named(values: Iterable[Any]) -> tuple[str, dict[str, Any]]:
    """Placeholders and their values for an IN list: (":v0, :v1", {"v0": …})."""
    bound = {f"v{n}": value for n, value in enumerate(values)}
    return ", ".join(":" + name for name in bound), bound


def store_titles(
    db: Database, entries: Sequence[TitleEntry], settled: Container[str] = frozenset(), day: date | None = None
) -> Stored:
    """Add or renew titles in one go (at most about 1,000); call inside `writing`.

    Of two entries with one key the first stands; keys in `settled` are not renewed. A title known under another key by
    the same ISBN and words is left as it is: whoever brought it first owns it. Withdrawn titles stay withdrawn.
    `day` is when new ones come into the catalogue.
    """
    keys = [source_key(entry) for entry in entries]
    first: dict[str, TitleEntry] = {}
    for key, entry in zip(keys, entries, strict=True):
        first.setdefault(key, entry)
    known = _known(db, first)
    stand_in = _known_by_isbn(db, {key: entry for key, entry in first.items() if key not in known})
    new = [key for key in first if key not in known and key not in stand_in]
    changed = [key for key in known if key not in settled and known[key][1] != fingerprint(first[key])]
    if new or changed:
        revision = next_revision(db)
        arrived = {"added_on": day.isoformat() if day else ""}
        db.conn.executemany(INSERT, [_columns(first[key], key, revision) | arrived for key in new])
        db.conn.executemany(UPDATE, [_columns(first[key], key, revision) for key in changed])
    ids = {key: row[0] for key, row in known.items()} | _ids(db, {*new, *stand_in.values()})
    stored = Stored(len(new), len(changed), len(first) - len(new) - len(changed))
    stored.renewed = [known[key][0] for key in changed]
    stored.ids = [ids[stand_in.get(key, key)] for key in keys]
    return stored


def _known(db: Database, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    marks, values = named(keys)
    rows = db.all(f"SELECT source_key, id, fingerprint FROM titles WHERE source_key IN ({marks})", **values)
    return {row["source_key"]: (row["id"], row["fingerprint"]) for row in rows}


def _ids(db: Database, keys: Iterable[str]) -> dict[str, int]:
    return {key: found[0] for key, found in _known(db, keys).items()}


def _known_by_isbn(db: Database, entries: dict[str, TitleEntry]) -> dict[str, str]:
    """For entries whose book stands under another key already: that key."""
    books = {(entry.isbn, letters(entry.title), letters(entry.volume)) for entry in entries.values() if entry.isbn}
    marks, values = named({isbn for isbn, _, _ in books})
    rows = db.all(  # of two records of one book the one that is lent: the other was entered twice
        f"SELECT source_key, isbn, title, volume FROM titles WHERE isbn IN ({marks}) "
        "ORDER BY withdrawn, id",
        **values,
    )
    owner: dict[tuple[str, str, str], str] = {}
    for row in rows:
        owner.setdefault((row["isbn"], letters(row["title"]), letters(row["volume"])), row["source_key"])
    found: dict[str, str] = {}
    for key, entry in entries.items():
        book = (entry.isbn, letters(entry.title), letters(entry.volume))
        if entry.isbn and owner.setdefault(book, key) != key:
            found[key] = owner[book]
    return found


def next_revision(db: Database) -> int:
    """The number of the change now being made; call inside `writing`."""
    return int(
        db.value(
            "INSERT INTO counters (name, value) VALUES ('titles', 1) "
            "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
        )
    )


def store_copies(db: Database, entries: Iterable[CopyEntry]) -> StoredCopies:
    """Add copies by their barcode, or renew their shelf marks; where a copy is and its state are never touched.

    Where a librarian said a copy belongs (copy_states.place), it goes on belonging. Call inside `writing`.
    """
    first: dict[str, CopyEntry] = {}
    for entry in entries:
        first.setdefault(entry.barcode, entry)
    marks, values = named(first)
    rows = db.all(
        f"SELECT barcode, title_id, {', '.join(MARKS)}, {PLACED} AS placed FROM copies c WHERE barcode IN ({marks})",
        **values,
    )
    known = {row["barcode"]: row for row in rows}
    new = [entry for barcode, entry in first.items() if barcode not in known]
    stored = StoredCopies(added=len(new))
    for barcode in (barcode for barcode, row in known.items() if row["placed"]):
        ours = {name: known[barcode][name] for name in ON_SHELF}
        if any(getattr(first[barcode], name) != value for name, value in ours.items()):
            first[barcode] = replace(first[barcode], **ours)
            stored.placed.append(barcode)
    changed = [entry for entry in first.values() if entry.barcode in known and _compare(entry, known, stored)]
    db.conn.executemany(INSERT_COPY, [vars(entry) for entry in new])
    stored.withdrawn = _of_withdrawn(db, new)
    db.conn.executemany(UPDATE_COPY, [vars(entry) for entry in changed])
    return stored


def _of_withdrawn(db: Database, new: Iterable[CopyEntry]) -> Counter[tuple[int, str]]:
    to = Counter(entry.title_id for entry in new)
    marks, values = named(to)
    rows = db.all(f"SELECT id, title FROM titles WHERE id IN ({marks}) AND withdrawn = 1", **values)
    return Counter({(row["id"], row["title"]): to[row["id"]] for row in rows})


def _compare(entry: CopyEntry, known: dict[str, dict[str, Any]], stored: StoredCopies) -> bool:
    """Does the stored copy need renewing? Counts the answer."""
    row = known[entry.barcode]
    if row["title_id"] != entry.title_id:
        stored.taken.append(entry.barcode)
        return False
    differs = any(row[name] != getattr(entry, name) for name in MARKS)
    stored.changed += differs
    stored.same += not differs
    return differs


COLUMNS = (
    "title", "subtitle", "volume", "authors", "translators", "series", "publisher", "year", "isbn", "clc", "subjects",
    "language", "pages", "price_fen", "popularity", "audience",
)  # fmt: skip
ALL_COLUMNS = (*COLUMNS, "source_key", "fingerprint", "revision", "added_on")
ON_SHELF = ("call_number", "shelf")
MARKS = (*ON_SHELF, "material")
PLACED = "EXISTS (SELECT 1 FROM copy_events e WHERE e.copy_id = c.id AND e.step = 'place')"  # by a librarian
INSERT = f"INSERT INTO titles ({', '.join(ALL_COLUMNS)}) VALUES ({', '.join(':' + name for name in ALL_COLUMNS)})"
UPDATE = f"""
UPDATE titles SET {", ".join(f"{name} = :{name}" for name in (*COLUMNS, "fingerprint", "revision"))}
WHERE source_key = :source_key"""
INSERT_COPY = """
INSERT INTO copies (title_id, barcode, point_id, home_point_id, call_number, shelf, material)
VALUES (:title_id, :barcode, :point_id, :point_id, :call_number, :shelf, :material)"""
UPDATE_COPY = """
UPDATE copies SET call_number = :call_number, shelf = :shelf, material = :material WHERE barcode = :barcode"""
