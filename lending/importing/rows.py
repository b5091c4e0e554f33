"""One row of a table (or one JSON object), whatever the file: cells by field → a record, or why not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from lending.audience import ADULTS
from lending.importing import audiences, dates, people, prices
from lending.importing.cells import clean, isbn13, unlabelled, whole_number
from lending.importing.languages import language_code
from lending.importing.problems import Place, Problem
from lending.importing.records import CopyFacts, Record
from lending.stock import TitleEntry

LONGEST_TITLE = 600
MOST_COPIES = 50  # a count above this is a mistake or a stock figure, not a shelf
FAMOUS = 800_000  # as many ratings make 100
CUT_OFF = re.compile(r"有限(?:公|责任|责任公)?$|[(（\[【〔][^)）\]】〕]*$")  # exports of fixed width cut names in two
PLACE_PREFIX = re.compile(r"^[\[(]?[\u4e00-\u9fff]{2,4}[\])]?\s*[:：]\s*(?=.*(?:社|书局|书店|馆))")
SEPARATORS = re.compile(r"[;；,，、\s]+")

Cells = Mapping[str, Any]


class _Draft:
    """A title while its cells are being read: fields so far, and what was wrong."""

    def __init__(self, place: Place, cells: Cells) -> None:
        self.place = place
        self.cells = cells
        self.fields: dict[str, Any] = {}
        self.warnings: list[Problem] = []

    def text(self, field: str) -> str:
        return unlabelled(clean(self.cells.get(field)))[1]

    def set(self, field: str, value: Any) -> None:
        """Keep the value unless there is one already."""
        if value and not self.fields.get(field):
            self.fields[field] = value

    def warn(self, reason: str, **facts: Any) -> None:
        self.warnings.append(Problem(self.place, reason, facts, self.fields.get("title", "")))


def record_of(cells: Cells, place: Place) -> Record | Problem:
    """The record a row stands for; a Problem when it has no title."""
    draft = _Draft(place, cells)
    _title(draft)
    title = draft.fields.get("title", "")
    if not title:
        return Problem(place, "no_title", {}, " ".join(filter(None, (clean(value) for value in cells.values()))))
    if len(title) > LONGEST_TITLE:
        return Problem(place, "title_too_long", {"length": len(title)}, title)
    _people(draft)
    _publication(draft)
    _numbers(draft)
    for field in ("subtitle", "volume", "series", "clc"):
        draft.set(field, draft.text(field))
    draft.set("language", language_code(draft.text("language")))
    draft.set("subjects", tuple(filter(None, re.split(r"\s*[;；]\s*", draft.text("subjects")))))
    draft.set("source_id", draft.text("id"))
    _audience(draft)
    for name in ("authors", "publisher"):
        if CUT_OFF.search(draft.text(name)):
            draft.warn("cut_off", value=draft.text(name))
    if "\ufffd" in "".join(str(value) for value in draft.fields.values()):
        draft.warn("damaged_characters")
    return Record(place, TitleEntry(**draft.fields), copies_of(cells), tuple(draft.warnings))


def _title(draft: _Draft) -> None:
    title = draft.text("title")
    if title.startswith("《") and title.endswith("》") and title.count("《") == 1:
        title = title[1:-1].strip()
    draft.set("title", title)
    both = draft.text("title_and_author")
    if both and not title:
        title, _, names = both.partition("/")
        draft.set("title", title.strip())
        _credit(draft, people.statement(names.strip()))


def _credit(draft: _Draft, found: tuple[people.Names, people.Names]) -> None:
    draft.set("authors", found[0])
    draft.set("translators", found[1])


def _people(draft: _Draft) -> None:
    label, text = unlabelled(clean(draft.cells.get("authors")))
    read = people.author_then_translator if "/" in label else people.statement
    _credit(draft, read(text))
    authors, translators = people.statement(draft.text("translators"))
    draft.set("translators", (*translators, *authors))


def _publication(draft: _Draft) -> None:
    label, publisher = unlabelled(clean(draft.cells.get("publisher")))
    combined = draft.text("pubinfo") or (publisher if label == "出版信息" else "")
    if combined:
        _publication_line(draft, combined)
    elif publisher:
        _publisher(draft, publisher)
    written = draft.text("year")
    year = dates.year_of(written) if written else None
    if year:
        draft.fields["year"] = year
    elif written:
        draft.warn("bad_year", value=written)


def _publisher(draft: _Draft, text: str) -> None:
    """A publisher, or what slipped into its cell from another column."""
    if dates.is_date(text):
        draft.set("year", dates.year_of(text))
        draft.warn("publisher_is_date", value=text)
    elif not any(sign.isalpha() for sign in text):
        draft.set("isbn", isbn13(text)[0])
        draft.warn("publisher_unclear", value=text)
    elif people.looks_like_person(text):
        _credit(draft, people.statement(text))
        draft.warn("publisher_is_person", value=text)
    else:
        draft.set("publisher", PLACE_PREFIX.sub("", text).strip(" ,，:：;/"))


def _publication_line(draft: _Draft, text: str) -> None:
    """ "[美] 黄仁宇 / 三联书店 / 1997-5 / 18.00元": read from the right, for people may be many."""
    parts = [part.strip() for part in text.split("/") if part.strip()]
    if parts and prices.is_price(parts[-1]) and dates.year_of(parts[-1]) is None:
        draft.set("price_fen", prices.price_fen(parts.pop()))
    if parts and dates.year_of(parts[-1]) and (parts[-1][0].isdigit() or dates.is_date(parts[-1])):
        draft.set("year", dates.year_of(parts.pop()))
    if parts:
        _publisher(draft, parts.pop())
    if parts:
        _credit(draft, people.author_then_translator(" / ".join(parts)))


def _numbers(draft: _Draft) -> None:
    written = draft.text("isbn")
    isbn, wrong = isbn13(written)
    draft.set("isbn", isbn)
    if wrong:
        draft.warn(wrong, value=written)
    draft.set("price_fen", prices.price_fen(draft.text("price")))
    draft.set("pages", whole_number(draft.cells.get("pages")))
    draft.set("popularity", min(100, whole_number(draft.cells.get("popularity")) or 0))
    draft.set("popularity", fame(whole_number(draft.cells.get("votes")) or 0))


def _audience(draft: _Draft) -> None:
    written = draft.cells.get("adults_only")
    only = audiences.flag(written)
    if only is None:
        draft.warn("bad_flag", value=clean(written))
    if only or audiences.said(draft.text("audience")):
        draft.set("audience", ADULTS)


def fame(count: int) -> int:
    """How many have rated or borrowed a title, 0 to 100, each step a multiple of the last; the scale is ours."""
    return min(100, round(100 * math.log1p(count) / math.log1p(FAMOUS)))


def copies_of(cells: Cells) -> tuple[CopyFacts, ...]:
    """The copies a row tells of: its barcodes, a list of its own, or a count of copies at a branch."""
    if isinstance(cells.get("copies_list"), list):
        listed = [one for one in cells["copies_list"] if isinstance(one, dict)]
        return tuple(copy for one in listed[:MOST_COPIES] for copy in copies_of(one))
    barcodes = [part for part in SEPARATORS.split(clean(cells.get("barcode"))) if part]
    facts = {name: clean(cells.get(name)) for name in ("branch", "call_number", "shelf")}
    facts["material"] = clean(cells.get("material")) or "book"
    if not barcodes and (facts["branch"] or cells.get("count")):
        barcodes = [""] * min(whole_number(cells.get("count")) or 1, MOST_COPIES)
    return tuple(CopyFacts(barcode, **facts) for barcode in barcodes)
