"""A copy of all we hold about a reader, to read and for machines; made when it is handed over, never kept (A11-5)."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment

from bot import calendar_file, export_tickets, forgetting
from bot.books import city_name, place_name
from bot.export_words import FIELDS, HELD, LEFT_OUT, PICTURES
from bot.texts import EVERY_YEAR, Words
from lending import catalogue, cities, events, evidence, readers
from lending.database import Database
from lending.model import parse_stamp, stamp
from lending.vault import KeyLost

KINDS = {"html": "text/html; charset=utf-8", "json": "application/json"}
PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    Path(__file__).with_name("export.html").read_text(encoding="utf-8")
)
MOST_BYTES = 30 * 1024 * 1024  # of pictures: written as text they stay below the 50 MB of a document on Telegram
ABOUT = {  # what a picture was sent for, by the table it belongs to
    "case": "compensations", "appeal": "appeals", "check": "shelf_checks", "door": "door_claims",
    "transfer": "transfers",
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
Held = dict[str, list[dict[str, Any]]]
Names = dict[str, dict[Any, str]]  # of a column that holds numbers: what each stands for


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over: its name, media type and content."""

    name: str
    media: str
    content: bytes


class Photos(NamedTuple):
    """Pictures as they stand in a page, each with the words under it; and how many found no place there."""

    shown: list[tuple[str, str]]
    missing: int


def files(db: Database, reader_id: int, library: str, now: datetime) -> tuple[File, ...]:
    """The copy as it is at this moment: a page in the reader's language, and JSON with every row."""
    return tuple(file(db, reader_id, kind, library, now) for kind in KINDS)


def of_ticket(db: Database, ticket: str, library: str, now: datetime) -> tuple[File, ...]:
    """Both, for a channel that hands them over by itself, however late; none once that reader was forgotten.

    A ticket for a calendar is for that file alone.
    """
    if ticket.startswith(calendar_file.TICKET):
        return (_calendar(db, int(ticket.removeprefix(calendar_file.TICKET)), library, now),)
    reader_id = export_tickets.of_ticket(db, ticket)
    return () if reader_id is None else files(db, reader_id, library, now)


def file(db: Database, reader_id: int, kind: str, library: str, now: datetime) -> File:
    """One of the two; `kind` is one of KINDS."""
    who = readers.reader(db, reader_id)
    _ = Words(who.language, EVERY_YEAR)
    held = forgetting.everything(db, reader_id)
    about = {"library": library, "reader": who.number, "made_at": stamp(now)}
    content = _data(db, _, held, about) if kind == "json" else _page(db, _, held, about, _photos(db, _, who.id))
    return File(f"shuxin-{who.number}.{kind}", KINDS[kind], content.encode())


def _calendar(db: Database, reader_id: int, library: str, now: datetime) -> File:
    made = calendar_file.content(db, reader_id, library, now)
    return File(f"shuxin-{readers.reader(db, reader_id).number}.ics", calendar_file.MEDIA, made.encode())


def _data(db: Database, _: Words, held: Held, about: dict[str, str]) -> str:
    whole = {
        "about": about | {"language": _.language},
        "tables": held,
        "called": {table: _(HELD[table]) for table in held},
        "titles": _titles(db, held),
        "activities": _activities(db, held),
        "left_out": {table: _(why) for table, why in LEFT_OUT.items()},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _page(db: Database, _: Words, held: Held, about: dict[str, str], photos: Photos) -> str:
    names = _names(db, _, held)
    parts = [_table(_, table, found, names) for table, found in held.items() if found]
    empty = _.listed(_(HELD[table]) for table, found in held.items() if not found)
    left_out = [_(why) for table, why in LEFT_OUT.items() if table != PICTURES]
    made = _.moment(parse_stamp(about["made_at"]))
    return PAGE.render(_=_, about=about, made=made, parts=parts, empty=empty, left_out=left_out, photos=photos)


def _photos(db: Database, _: Words, reader_id: int) -> Photos:
    """The reader's own pictures, the newest first, each within the page itself: one file that any phone opens."""
    shown, room, sent = [], MOST_BYTES, evidence.of_reader(db, reader_id)
    for row in sent:
        with suppress(KeyLost):  # a damaged one hides no other
            kind, content = evidence.by_id(db, row["id"]) or ("", b"")
            room -= len(content)
            if content and room >= 0:
                told = f"{_.moment(parse_stamp(row['at']))} · {_(HELD[ABOUT[row['about']]])}"
                shown.append((f"data:image/{kind};base64,{b64encode(content).decode()}", told))
    return Photos(shown, len(sent) - len(shown))


def _table(_: Words, table: str, found: list[dict[str, Any]], names: Names) -> tuple[str, list[str], list[list[str]]]:
    """Its name, the names of its columns and its rows; a column with nothing in it is left out of the page."""
    columns = [name for name in found[0] if any(row[name] not in ("", None) for row in found)]
    rows = [[_shown(_, name, row[name], names) for name in columns] for row in found]
    return _(HELD[table]), [_(FIELDS.get(name, name)) for name in columns], rows


def _names(db: Database, _: Words, held: Held) -> Names:
    """What numbers of books, places and activities stand for."""
    return {
        "title_id": {number: f"《{title}》" for number, title in _titles(db, held).items()},
        "point_id": {point.id: place_name(_, point) for point in catalogue.points(db)},
        "event_id": _activities(db, held),
        "city": {one.name: city_name(_, one) for one in cities.named(db)},
    }


def _titles(db: Database, held: Held) -> dict[int, str]:
    ids = {row["title_id"] for found in held.values() for row in found if row.get("title_id")}
    return {number: title.title for number, title in catalogue.titles(db, sorted(ids)).items()}


def _activities(db: Database, held: Held) -> dict[int, str]:
    return {row["event_id"]: events.event(db, row["event_id"]).name for row in held.get("sign_ups", [])}


def _shown(_: Words, name: str, value: Any, names: Names) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if name.endswith("_fen"):
        return _.money(value)
    text = str(names.get(name, {}).get(value, value))
    return _.moment(parse_stamp(text)) if MOMENT.fullmatch(text) else text
