"""A question that holds a whole title and more: does the rest speak of this book (author, publisher, volume) or not?"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from search import analysis, authors, forms
from search.judged import NOTHING, Judged
from search.query import Query
from search.terms import Row, spellings

_ALIKE = 78.0  # of 100: from here on two spellings in pinyin are one foreign name in two transliterations
_HOUSE = re.compile("(?:股份|有限|责任|出版|集团|传媒|公司|社|书店|书局)+$")
_FILLER = re.compile(
    "(?:你好|您好|请问|麻烦|帮我|我想|我要|想|借|看|找|一下|有没有|有|一本|叫|老师|推荐|了|你们|馆里|能|可以|到|还|吗|呢"
    "|的|著|写|作者|作品|小说|原著|这本|这部|一书|本书|图书|书|出版社|出版|版)+"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?版?")
_SHORT_NAME = re.compile("老?(.{1,2}?)(?:氏|翁|老师|先生|女士)?")


def composed(query: Query, row: Row) -> Judged:
    """98 and less by what is left unexplained beside the title, or beside its first part."""
    best = _named(query, row) if query.named else NOTHING
    for form, most in ((row.title, 98.0), (row.parts[0] if row.parts else "", 96.5)):
        if not _stands_in(form, query):
            continue
        rest = query.title.replace(form, "", 1)
        left = unexplained(rest, row) if rest else 0
        if not left:
            return Judged(most, "words")
        known = 1 - left / len(query.title)
        apart = 12.0 if form in query.chunks else 0.0
        best = max(best, Judged(40.0 + 26.0 * known + apart, "words"))
    return best


def _named(query: Query, row: Row) -> Judged:
    """One piece is another name of this volume or work, the others name its author or publisher: 刘慈欣 三体2."""
    for chunk, forms_of_it in query.named:
        meant = not {row.title, *row.parts[:1], *row.forms}.isdisjoint(forms_of_it)
        if meant and not unexplained(query.title.replace(chunk, "", 1), row):
            return Judged(97.0, "words")
    return NOTHING


def _stands_in(form: str, query: Query) -> bool:
    return form in query.title if len(form) > 1 else form in query.chunks


def is_filler(rest: str) -> bool:
    """Words around a name or title that say nothing of their own: 的书, 写的小说."""
    return len(rest) > 1 and _FILLER.fullmatch(rest) is not None


def unexplained(rest: str, row: Row) -> int:
    """How many characters say nothing about this book."""
    if len(rest) == 1:
        return 1
    rest = authors.canonical(_YEAR.sub("", rest))
    if authors.cut_short(rest) in row.authors[: row.writers]:
        return 0
    for name in sorted(row.authors, key=len, reverse=True):
        if len(name) > 1 and name in rest:
            rest = rest.replace(name, "", 1)
            break
    if not rest:
        return 0
    house = _HOUSE.sub("", rest)
    if row.publisher and len(house) > 1 and (house in row.publisher or forms.publisher(rest) == row.publisher):
        return 0
    if rest in row.extra or _FILLER.fullmatch(rest) or _is_name(rest, row):
        return 0
    return len(_FILLER.sub("", rest) if len(rest) > 3 else rest)


def names_author(text: str, row: Row) -> bool:
    """The text is an author of this book, by the whole name or another form of it."""
    name = authors.canonical(text)
    return len(name) > 1 and (name in row.authors or _is_name(name, row))


def _is_name(rest: str, row: Row) -> bool:
    """A name heard or transliterated otherwise (杜拉丝), or cut short (陀翁, 村上)."""
    if not row.authors or len(rest) < 2:
        return False
    short = _SHORT_NAME.fullmatch(rest)
    if short and any(name.startswith(short[1]) for name in row.authors):
        return True
    spelt = _spelt(rest)
    return any(other and ratio(spelt, other[0]) >= _ALIKE for other in map(spellings, row.authors))


@lru_cache(maxsize=1 << 12)
def _spelt(text: str) -> str:
    return "".join(analysis.syllables(text))
