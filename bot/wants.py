"""What a reader wants to hear of, as something titles can be compared with: an author, a class, or words (A2-20)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot import books
from bot.texts import Words
from lending.arrivals import Want
from lending.catalogue import Title
from lending.subscriptions import Subscription
from search import analysis, authors, browse

MARK = re.compile(r"[a-z](?:(?<=t)[a-z])?[\d.\-]{0,10}", re.IGNORECASE)  # a class mark: I247, TP311.1, or K
LOOSE = re.compile(r"(?<=..)(?:小说|故事|作品|图书|书籍|书)$")  # 科幻小说: a title hardly ever says that it is a novel
LONGEST = 30  # characters of what is wanted


def by_author(title: Title, said: str) -> Want | None:
    """The author of this title who is called so; None when nobody is."""
    key = authors.names(said)[:1]
    return next((("author", names[0]) for raw in title.authors if set(key) & set(names := authors.names(raw))), None)


def written_by(title: Title, said: str) -> bool:
    """Whether the first author of this title is called so."""
    key = authors.names(said)[:1] if title.authors else ()
    return bool(key) and key[0] in authors.names(title.authors[0])


def by_class(said: str) -> Want | None:
    """A shelf or class by its name or code, or a mark of 中国图书馆分类法 of any length; None for anything else."""
    shelf = browse.named(said)
    if shelf.code:
        return "class", shelf.code
    mark = said.strip().upper()
    return ("class", mark) if MARK.fullmatch(mark) and browse.main_class(mark).code else None


def by_words(said: str) -> Want | None:
    """Words that may stand anywhere in a record; None where nothing is left of them."""
    key = LOOSE.sub("", analysis.normalise(said[:LONGEST])).strip()
    return ("words", key) if key else None


def called(_: Words, one: Subscription) -> str:
    """A class in the reader's language; anything else in the words that were chosen."""
    if one.kind != "class":
        return one.name
    shelf = browse.by_code(one.key)
    return books.shelf_name(_, shelf) if shelf.code else one.key


def met(titles: Sequence[Title], wants: Collection[Want]) -> dict[Want, list[int]]:
    """For each thing wanted the titles that are it, in their order."""
    found: dict[Want, list[int]] = {want: [] for want in wants}
    classes = [_class(key) for kind, key in wants if kind == "class"]
    words = [(key, [_whole(part) for part in key.split()]) for kind, key in wants if kind == "words"]
    for title in titles:
        for name in _names(title.authors):
            if ("author", name) in found:
                found["author", name].append(title.id)
        for one in classes:
            if one.holds(title.clc):
                found["class", one.code].append(title.id)
        text = analysis.normalise(" ".join(_said(title))) if words else ""
        for key, parts in words:
            if all(part.search(text) for part in parts):
                found["words", key].append(title.id)
    return {want: ids for want, ids in found.items() if ids}


@dataclass(frozen=True, slots=True)
class _Class:
    """A shelf by its code, or a mark that has no shelf of its own; `beyond` begins like it and stands elsewhere."""

    code: str
    shelf: browse.Shelf
    beyond: tuple[str, ...]

    def holds(self, mark: str) -> bool:
        """Whether a class mark belongs there."""
        if not self.shelf.code:
            return mark.upper().startswith(self.code)
        prefixes = browse.gathered(self.shelf, [mark]).prefixes
        return bool(prefixes) and mark.startswith(prefixes) and not mark.startswith(self.beyond)


def _class(code: str) -> _Class:
    shelf = browse.by_code(code)
    return _Class(code, shelf, browse.beyond(shelf) if shelf.code else ())


def _names(raw: Iterable[str]) -> set[str]:
    return {name for one in raw for name in authors.names(one)}


def _whole(part: str) -> re.Pattern[str]:
    """A word that stands by itself, as far as its letters are Latin: "art" is not in "start"."""
    return re.compile(rf"(?<![a-z\d]){re.escape(part)}(?![a-z\d])" if part.isascii() else re.escape(part))


def _said(title: Title) -> tuple[str, ...]:
    return (title.title, title.subtitle, title.volume, title.series, *title.subjects, *title.authors)
