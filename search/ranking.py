"""The second look: how well one title answers the question, in points.

    200  the ISBN             85–93  begins with it          up to 80  like it, character by character
    100  the very title       70–84  holds it, or its words  up to 78  sounds like it
     99  author and title     97.5   the author's name       up to 10  more for being well known
     64  a subject of it

Only the order matters; the steps are further apart than the best-known title can jump, except where it should.
"""

from __future__ import annotations

from rapidfuzz.fuzz import ratio

from search import analysis
from search.composed import composed, is_filler
from search.judged import NOTHING, Judged
from search.query import Query
from search.terms import Row, spellings

_ALIKE = 45.0  # of a title beside its author: near enough to be a slip
FAME = 0.10  # points for each point of popularity
CLOSE = 60.0  # below this (fame apart) a title is only the nearest, not an answer
WORST = 34.0  # below this it is not even near


def judge(query: Query, row: Row, sounds: bool) -> Judged:
    """The best of all the ways in which the title may be meant."""
    found = max(_title(query.title, row), _author(query, row))
    if found.points < 95:
        found = max(found, _forms(query, row), _words(query, row), composed(query, row))
    if query.title in row.subjects:
        found = max(found, Judged(64.0, "subject"))
    if sounds and found.points < 90:
        found = max(found, _latin(query.latin, row) if query.latin else _sound(query, row))
    if found.points < 90:
        found = max(found, _near(query.title, row))
    return found


def _title(text: str, row: Row) -> Judged:
    title = row.title
    if text == title:
        return Judged(100.0, "exact")
    if not text:
        return NOTHING
    if text in row.parts:
        return Judged(98.0 if text == row.parts[0] else 86.0, "exact")
    share = len(text) / len(title) if title else 0.0
    if title.startswith(text):
        return Judged(85.0 + 8.0 * share, "prefix")
    if text in title:
        return Judged(72.0 + 10.0 * share, "words" if len(text) > 1 else "characters")
    if row.extra and title and text == title + row.extra:
        return Judged(99.0, "exact")
    if row.extra and text in row.extra:
        return Judged(66.0 + 10.0 * len(text) / len(row.extra), "words")
    return NOTHING


def _author(query: Query, row: Row) -> Judged:
    """The question is an author's name or part of one, or holds one beside the title."""
    best = NOTHING
    for name in row.authors:
        if query.name == name:
            return Judged(99.0, "author")
        if len(name) > 1 and name in query.name:
            rest = query.name.replace(name, "", 1)
            if is_filler(rest):
                return Judged(98.5, "author")
            found = max(_title(rest, row), _near(rest, row))
            if _ALIKE < found.points < CLOSE:  # the author is right, so the title is likely meant
                found = Judged(found.points + 12.0, found.why)
            if len(rest) > 1 or found.points > 84.0:  # one letter more says little: the name was likely part of a title
                best = max(best, Judged(found.points - 1.0, found.why))
        elif len(query.name) > 1 and query.name in name:
            starts = 6.0 if name.startswith(query.name) else 0.0
            best = max(best, Judged(68.0 + starts + 8.0 * len(query.name) / len(name), "author"))
    return best


def _forms(query: Query, row: Row) -> Judged:
    """The title with its numbers written otherwise, or its words turned round."""
    if row.forms and not set(query.forms).isdisjoint(row.forms):
        return Judged(98.5, "exact")
    if row.title in query.forms:
        return Judged(98.5, "exact")
    if row.title in query.turned or (row.parts and row.parts[0] in query.turned):
        return Judged(91.0, "words")
    return NOTHING


def _words(query: Query, row: Row) -> Judged:
    """All the question's words stand in the title or among the authors, in whatever order."""
    if len(query.words) < 2:
        return NOTHING
    inside = [word for word in query.words if word in row.title or word in row.extra]
    written = "".join(row.authors)
    if not inside or any(word not in written for word in query.words if word not in inside):
        return NOTHING
    held = sum(len(word) for word in inside if word in row.title)
    share = min(1.0, held / (len(row.title) or 1))
    if row.parts and all(word in row.parts[0] for word in query.words):
        share = max(share, min(1.0, held / len(row.parts[0])) - 0.04)
    return Judged(62.0 + 27.0 * share * share, "words")


def _near(text: str, row: Row) -> Judged:
    likeness = max([ratio(text, row.title), *(ratio(text, part) - 5.0 for part in row.parts)])
    return Judged(0.8 * likeness, "characters" if likeness > 65.0 else "near")


def _sound(query: Query, row: Row) -> Judged:
    if any(query.spelt == spelt for name in row.authors for spelt in spellings(name)[:1]):
        return Judged(88.0, "author")
    if query.syllables == row.syllables:
        return Judged(91.0, "sound")
    likeness = ratio(query.syllables, row.syllables)
    if len(query.syllables) < len(row.syllables) and row.parts:
        likeness = max(likeness, ratio(query.syllables, row.syllables[: len(analysis.units(row.parts[0]))]) - 2.0)
    return Judged(0.82 * likeness if likeness > 65.0 else 0.5 * likeness, "sound")


def _latin(letters: str, row: Row) -> Judged:
    spelt = "".join(row.syllables)
    if letters == spelt:
        return Judged(92.0, "sound")
    short = analysis.initials(row.syllables)
    first = row.syllables[: len(analysis.units(row.parts[0]))] if row.parts else row.syllables
    if row.parts and letters == "".join(first):
        return Judged(90.0, "sound")
    if letters == short:
        return Judged(84.0, "sound")
    if row.parts and letters == analysis.initials(first):
        return Judged(82.0, "sound")
    found = _latin_author(letters, row)
    if spelt.startswith(letters):
        found = max(found, Judged(72.0 + 10.0 * len(letters) / len(spelt), "sound"))
    elif letters in spelt and len(letters) > 3:
        found = max(found, Judged(62.0 + 10.0 * len(letters) / len(spelt), "sound"))
    if short.startswith(letters) and len(letters) > 1:
        found = max(found, Judged(60.0 + 10.0 * len(letters) / len(short), "sound"))
    return max(found, Judged(0.75 * ratio(letters, spelt), "near"))


def _latin_author(letters: str, row: Row) -> Judged:
    best = NOTHING
    for name in row.authors:
        for spelt in spellings(name)[:1]:
            if letters == spelt:
                return Judged(91.0, "author")
            if letters in spellings(name)[1:]:
                best = max(best, Judged(80.0, "author"))
            elif spelt.startswith(letters) and len(letters) > 2:
                best = max(best, Judged(72.0 + 10.0 * len(letters) / len(spelt), "author"))
    return best
