"""What a photo shows: the barcode of a book, or of one copy of ours, and the titles that bear it (F-1, D 6)."""

from __future__ import annotations

from dataclasses import dataclass

from bot import barcode
from bot.barcode import Scan
from bot.events import Photo
from lending import catalogue
from lending.database import Database
from lending.errors import UnknownThing


@dataclass(frozen=True, slots=True)
class Sight:
    """Titles that bear the code, or the ISBN nobody here bears, or why nothing could be read (see `Scan`)."""

    titles: tuple[int, ...] = ()
    isbn: str = ""
    problem: str = ""


def look(db: Database, photo: Photo) -> Sight:
    """Read the photo and find the book. A copy's own barcode says more than an ISBN that volumes of a set share."""
    if photo.problem:
        return Sight(problem=photo.problem)
    found = barcode.scan(photo.content)
    copies = _titles_of_copies(db, found)
    if copies:
        return Sight(copies, found.isbn)
    titles = tuple(title.id for title in catalogue.by_isbn(db, found.isbn)) if found.isbn else ()
    return Sight(titles, found.isbn, found.problem)


def _titles_of_copies(db: Database, found: Scan) -> tuple[int, ...]:
    ids: dict[int, None] = {}
    for code in found.others:
        try:
            title = catalogue.title(db, catalogue.copy_by_barcode(db, code).title_id)
        except UnknownThing:
            continue
        if not title.withdrawn:
            ids[title.id] = None
    return tuple(ids)
