"""When an answer counts as right: defined once, in words.

STRICT: the first answer is the very work that was meant, that is the same title (or the same main title, when only that
was typed) by the same first author, any edition; a numbered volume with its number; an ISBN its edition; for an author,
one of theirs that none of theirs is better known than.

RIGHT: strict, or the question is ambiguous and the answer fits it just as literally, so that nobody could know: the
same title by another author, unless the author was typed; for part of a title, pinyin and initials, a work at least as
well known as the one that was meant, whose title holds the whole text, or is spelt so letter by letter; for an author,
any work of theirs. Questions written by hand name the titles that are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bench.search_questions import Question, author, head, main_title
from search import analysis, authors, pinyin
from search.document import Document

_NAMED = (
    "author + title", "transliteration", "short or older name", "title and author", "author in pinyin + title",
    "misheard author + title", "last name + title",
)  # fmt: skip
_SPELT = ("pinyin", "initials", "pinyin otherwise", "initials otherwise")
_IN_LETTERS = ("Latin and Chinese", "English mistyped")
_WHOLE = ("exact title", "with subtitle or volume", "apart, invisible")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an answer fares."""

    right: bool
    strict: bool


def judge(question: Question, found: Document, best_known: int) -> Verdict:
    """`best_known` is the popularity of the best-known work by the author who was meant."""
    meant = question.meant
    if question.kind.startswith("isbn"):
        same = found.isbn == meant.isbn
        return Verdict(same, same)
    if question.kind == "author":
        theirs = author(meant) in names(found)
        return Verdict(theirs, theirs and found.popularity >= best_known)
    titled = same_title(question, found)
    by_them = not meant.authors or not found.authors or bool(names(found) & names(meant))
    strict = titled and by_them
    if question.kind in _NAMED:
        return Verdict(strict, strict)
    return Verdict(titled or _fits_as_well(question, found), strict)


def same_title(question: Question, found: Document) -> bool:
    """The whole titles agree, or the main titles where only the main title was asked."""
    title, wanted = analysis.key(found.title), analysis.key(question.meant.title)
    if wanted in (title, analysis.key(found.title + found.subtitle)):
        return True
    if question.kind in ("numbered volume", "volume otherwise"):
        asked = analysis.volume(analysis.normalise(question.meant.title))
        return bool(asked) and asked == analysis.volume(analysis.normalise(f"{found.title} {found.volume}"))
    if question.kind in _IN_LETTERS:
        asked = question.text if question.kind == "Latin and Chinese" else main_title(question.meant)
        return analysis.key(asked) in (title, analysis.key(main_title(found)))
    if question.kind == "other numerals":
        asked = _in_digits(question.text)
        return asked in (_in_digits(found.title), _in_digits(main_title(found)))
    if question.kind in _WHOLE:
        return False
    main = analysis.key(head(question.meant))
    return bool(main) and main in (title, analysis.key(head(found)))


def _fits_as_well(question: Question, found: Document) -> bool:
    if found.popularity < question.meant.popularity:
        return False
    text, title = analysis.key(question.text), analysis.key(found.title)
    if question.kind == "part of a title":
        return text in title
    if question.kind not in _SPELT:
        return False
    text = pinyin.pinyin_key(question.text)
    return text in _letters(found.title) or text in _letters(main_title(found))


def _in_digits(title: str) -> str:
    return analysis.numerals(analysis.normalise(title)).replace(" ", "")


@cache
def _letters(title: str) -> tuple[str, str]:
    spelt = analysis.syllables(analysis.normalise(title))
    return "".join(spelt), analysis.initials(spelt)


def names(document: Document) -> set[str]:
    """All keys of all its authors."""
    return {name for raw in document.authors for name in authors.names(raw)}
