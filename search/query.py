"""What a reader asked, and what is answered."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from search import analysis, authors, forms, other_names, pinyin
from search.isbn import nearly, query_isbn

_TURNS = 9  # words of a question that are turned round
_MARK = re.compile(r"([a-z]{1,2}\d[\d.\-=()]*)(?:/\S*)?", re.IGNORECASE)
_LETTERS_APART = re.compile("[a-z](?: [a-z])+")  # initials
_NUMBER = range(3, 9)
LONGEST = 120  # characters of a query that are looked at; the longest sensible title is shorter


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrow a search. `clc` begins a class mark (I247); `author` and `publisher` are whole names, however spelt."""

    clc: str = ""
    author: str = ""
    publisher: str = ""
    year_from: int | None = None
    year_to: int | None = None
    ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One work. `id` is its best edition and `editions` all of them, `id` first.

    `why` says how it was found: isbn, exact, author, prefix, words, characters, sound, near, subject, publisher or
    shelf.
    """

    id: int
    score: float
    why: str
    editions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits. `total` counts works among the 160 titles judged; `near`: these are only the nearest titles."""

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    near: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The question, analysed once."""

    title: str  # the normalised text without spaces
    name: str  # the same with authors' names in their kept form
    cut: str  # the name as catalogues hold it that took its last character for a role: 沈从 for 沈从文; mostly ''
    chunks: list[str]  # its pieces between spaces
    forms: list[str]  # the title in other words, as terms.py stores them
    known: tuple[str, ...]  # titles of the work that is also called so; of a series its first volume
    named: list[tuple[str, list[str]]]  # pieces that name a volume or work otherwise: 三体2, [三体#2]
    turned: frozenset[str]  # its words begun at another one: 字 红 is also 红字
    units: list[str]
    pairs: list[str]  # neighbouring units joined
    words: list[str]
    syllables: list[str]
    spelt: str  # the syllables run together
    latin: str  # letters and digits alone when the question is Latin, else ''
    number: str  # the digits of a question that is a number and no more: 1984, 一九八四; of three to eight
    isbn: str
    isbns: tuple[str, ...]  # what it may be when it is nearly one, or one that nobody has
    mark: str  # the class mark of a call number (I247.5 of I247.5/123), should the question be one
    house: str  # the one form of a publisher's name, should the question be one


def understand(text: str) -> Query:
    """Analyse what was typed; the rest of an over-long text is not looked at."""
    text = text[:LONGEST]
    normal = analysis.normalise(text)
    title = normal.replace(" ", "")
    units = analysis.units(normal)
    chunks = [title] if _LETTERS_APART.fullmatch(normal) else normal.split()
    words = analysis.words(normal)
    syllables = _syllables(normal, words)
    digits, volume = analysis.numerals(title), analysis.volume(normal)
    latin = analysis.is_latin(analysis.normalise(pinyin.strip_tones(text)))
    return Query(
        title,
        authors.known_here(title) or authors.canonical(other_names.author_mistyped(title) or title),
        authors.cut_short(title),
        chunks,
        [form for form in (digits, volume) if form not in ("", title)],
        other_names.titles(title) or other_names.titles(volume or f"{digits}#1") or other_names.mistyped(title),
        _named(chunks),
        frozenset("".join(words[at:] + words[:at]) for at in range(1, min(len(words), _TURNS))),
        units,
        list(map("".join, pairwise(units))),
        words,
        syllables,
        "".join(syllables),
        pinyin.pinyin_key(text) if latin else "",
        digits if digits.isdecimal() and len(digits) in _NUMBER else "",
        query_isbn(text),
        nearly(text),
        found[1].upper() if (found := _MARK.fullmatch(unicodedata.normalize("NFKC", text).strip())) else "",
        forms.publisher(text),
    )


def _syllables(normal: str, words: list[str]) -> list[str]:
    """Of characters, and of pinyin among them (布谷niaode)."""
    spelt = analysis.syllables(normal, words)
    return [part for syllable in spelt for part in pinyin.split_pinyin(syllable) or (syllable,)]


def _named(chunks: list[str]) -> list[tuple[str, list[str]]]:
    if len(chunks) < 2:
        return []
    found = [(chunk, volume := analysis.volume(chunk), other_names.titles(volume or chunk)) for chunk in chunks]
    return [(chunk, [form for form in (volume, *known) if form]) for chunk, volume, known in found if volume or known]
