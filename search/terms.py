"""What of a title goes into the index: terms to find it by, and one row to judge it by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from search import analysis, authors, forms
from search.document import Document
from search.isbn import isbn13

FIELDS = (
    "author",
    "author_spelt",
    "clc",
    "gram",
    "initials",
    "isbn",
    "publisher",
    "sound",
    "spelt",
    "subject",
    "title",
)
_PARTS = re.compile(r"[:：—/|(（【\[〔《]+|[)）】\]〕》]+")
_LONGEST = 60  # units of a title that are indexed; the longest real one has 197 characters
_NAMES = 1 << 14  # authors and publishers kept ready: the same ones come again and again
START = "^"  # before a title's first character, and before a whole name: neither is a mere piece
_FIELD_GAP = "\x1f"
_ITEM_GAP = "\x1e"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document made ready: `terms` by field, and the packed `row`."""

    id: int
    popularity: int
    year: int
    terms: dict[str, set[str]]
    row: bytes


@dataclass(slots=True)
class Row:
    """What the second look knows of a candidate. All text is normalised; `title` has no spaces."""

    id: int
    popularity: int
    title: str
    parts: list[str]  # the title's pieces around : ( ) and so on, when there are several
    extra: str  # subtitle, volume and series
    authors: list[str]  # every name and last name, translators after them
    writers: int  # how many of these names are not translators'
    forms: list[str]  # the title in other words: numerals as digits, title and volume (龙王传说#25)
    publisher: str  # its one form, see forms.py
    work: str  # first author, under which editions of one title are one work
    syllables: list[str]
    subjects: list[str]


def entry(document: Document) -> Entry:
    """Analyse a document once; everything else only reads the result."""
    normal = analysis.normalise(document.title)
    cut = analysis.words(normal)
    spelt = analysis.syllables(normal, cut)
    writers = [name for raw in document.authors for name in authors.names(raw)]
    helpers = [name for raw in document.translators for name in authors.names(raw)]
    extra = " ".join(filter(None, map(analysis.normalise, (document.subtitle, document.volume, document.series))))
    title = normal.replace(" ", "")
    parts = _parts(document.title, title)
    subjects = [analysis.key(subject) for subject in document.subjects]
    reworded = sorted(_forms(normal, parts, analysis.normalise(document.volume)))
    publisher = forms.publisher(document.publisher)
    terms = {
        "title": {title, *parts[:1], *reworded},
        "gram": {START + normal[:1], *grams(normal), *grams(extra), *(word for word in cut if len(word) > 2)},
        "author": {gram for name in (*writers, *helpers) for gram in _name_grams(name)},
        "author_spelt": {spelling for name in writers for spelling in spellings(name)},
        **_sounds(spelt, parts, latin=not analysis.has_han(title)),
        "isbn": {isbn13(document.isbn) or analysis.key(document.isbn)},
        "publisher": {publisher},
        "clc": {document.clc.strip().upper()},
        "subject": set(subjects),
    }
    for values in terms.values():
        values.discard("")
    popularity = min(100, max(0, document.popularity))
    row = _FIELD_GAP.join(
        (
            str(document.id),
            str(popularity),
            title,
            _ITEM_GAP.join(parts) if len(parts) > 1 else "",
            extra.replace(" ", ""),
            _ITEM_GAP.join((*writers, *helpers)),
            str(len(writers)),
            _ITEM_GAP.join(reworded),
            publisher,
            writers[0] if writers else "",
            " ".join(spelt),
            _ITEM_GAP.join(subjects),
        )
    ).encode()
    year = document.year or 0
    return Entry(document.id, popularity, year if -1 < year < 10_000 else 0, terms, row)


def _forms(normal: str, parts: list[str], volume: str) -> set[str]:
    """What else the title may be asked by; nothing for most titles."""
    asked = [normal, *parts[:1], " ".join(parts[:2])]
    if volume:
        asked.append(f"{normal} {volume}")
    found = {analysis.numerals(normal).replace(" ", ""), *map(analysis.volume, asked)}
    return found - {"", normal.replace(" ", "")}


def grams(normal: str) -> set[str]:
    """Every unit, and every two neighbours."""
    cut = analysis.units(normal)[:_LONGEST]
    return {*cut, *map("".join, pairwise(cut))}


def sound_grams(spelt: list[str]) -> set[str]:
    """Every two neighbouring syllables."""
    return set(map("'".join, pairwise(spelt[:_LONGEST])))


def _sounds(spelt: list[str], parts: list[str], latin: bool) -> dict[str, set[str]]:
    first = spelt[: len(analysis.units(parts[0]))] if len(parts) > 1 else spelt
    ways = [way[:_LONGEST] for way in (*readings(spelt), *readings(first))]
    return {
        "sound": sound_grams(spelt),
        "spelt": set(map("".join, ways)),
        "initials": {short for way in ways for short in shortenings(way, latin)},
    }


def readings(spelt: list[str]) -> list[list[str]]:
    """The syllables as they stand and, where there are numbers, with these read aloud."""
    return [spelt, analysis.spoken(spelt)] if any(map(str.isdigit, spelt)) else [spelt]


def shortenings(spelt: list[str], latin: bool) -> set[str]:
    """What the first letters of a title may be; `latin`: it has no Chinese character."""
    return analysis.shortened(spelt) if latin else {analysis.initials(spelt)}


def _parts(raw: str, title: str) -> list[str]:
    """The title's pieces; most titles are one piece, which is known already."""
    if not _PARTS.search(raw):
        return [title] if title else []
    return [part for part in map(analysis.key, _PARTS.split(raw)) if part]


@lru_cache(maxsize=_NAMES)
def _name_grams(name: str) -> frozenset[str]:
    return frozenset((START + name, *grams(name)))


@lru_cache(maxsize=_NAMES)
def spellings(name: str) -> tuple[str, ...]:
    """A Chinese name in pinyin: whole, then initials. Empty for other names, which are found as they are."""
    if not analysis.has_han(name):
        return ()
    syllables = analysis.syllables(name)
    return "".join(syllables), analysis.initials(syllables)


def unpack(row: bytes) -> Row:
    """The row as it was packed by `entry`."""
    number, popularity, title, parts, extra, names, writers, reworded, publisher, work, spelt, subjects = (
        row.decode().split(_FIELD_GAP)
    )
    return Row(
        int(number),
        int(popularity),
        title,
        parts.split(_ITEM_GAP) if parts else [],
        extra,
        names.split(_ITEM_GAP) if names else [],
        int(writers),
        reworded.split(_ITEM_GAP) if reworded else [],
        publisher,
        work,
        spelt.split(),
        subjects.split(_ITEM_GAP) if subjects else [],
    )
