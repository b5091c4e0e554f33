"""The second look: how well one title answers the question, in points.

    200  the ISBN             95     it but for particles    up to 80  like it, character by character
    100  the very title       85–93  begins with it          up to 91  sounds like it
     99  author and title     70–84  holds it, or its words  up to 58  says a part of the question
     99  the author's name    64     a subject, or the house up to 10  more for being well known
     94  another of its names
     89  the translator's

Only the order matters; the steps are further apart than the best-known title can jump, except where it should.
"""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.fuzz import ratio

from search import analysis, pinyin
from search.composed import composed, is_filler, names_author, unexplained
from search.judged import NOTHING, Judged
from search.query import Query
from search.terms import Row, readings, shortenings, spellings

_FEW = 4  # pieces of a question, one of which may be a name
_ALIKE = 45.0  # of a title beside its author: near enough to be a slip
_CUT_SHORT = 97.0  # for an author whose name the catalogue has cut short
_SPELT_NAME = 91.0
_KNOWN = 50  # popularity from which an author is well known
_SWAPPED = 76.0  # two characters have changed places
_OVERHEARD = 3.0  # more for sounding as the question does where the characters are the same, too
FAME = 0.10  # points for each point of popularity
CLOSE = 60.0  # below this (fame apart) a title is only the nearest, not an answer
WORST = 34.0  # below this it is not even near


def judge(query: Query, row: Row, loosely: bool) -> Judged:
    """The best of all the ways in which the title may be meant; `loosely`: also by sound, or in part."""
    found = max(_title(query.title, row), _author(query, row))
    if found.why == "author" and found.points > _SPELT_NAME and pinyin.split_pinyin(query.latin):
        found = Judged(_SPELT_NAME, "author")  # Jin Yong is 金庸, on whatever cover
    if found.points < 95:
        found = max(found, _forms(query, row), _words(query, row), composed(query, row))
    if query.title in row.subjects:
        found = max(found, Judged(64.0, "subject"))
    if query.house and query.house == row.publisher:
        found = max(found, Judged(64.0, "publisher"))
    if loosely and found.points < 90:
        found = max(found, _latin(query, row) if query.latin else _sound(query, row))
    if found.points < 90:
        found = max(found, _near(query.title, row, max(found.points, WORST) / 0.8))
    if loosely and found.points < CLOSE:
        found = max(found, _beside(query, row), _partly(query, row))
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
    if title.startswith(text) and not _splits_a_number(text, title):
        return Judged(85.0 + 8.0 * share, "prefix")
    if text in title:
        return Judged(72.0 + 10.0 * share, "words" if len(text) > 1 else "characters")
    if row.extra and title and text == title + row.extra:
        return Judged(99.0, "exact")
    if len(text) > 1:
        if _but_for_particles(text, title):
            return Judged(95.0, "words")
        if row.parts and _but_for_particles(text, row.parts[0]):
            return Judged(93.0, "words")
    if row.extra and text in row.extra:
        return Judged(66.0 + 10.0 * len(text) / len(row.extra), "words")
    return NOTHING


def _but_for_particles(text: str, title: str) -> bool:
    if title[:1] != text[0] or title[-1] != text[-1]:  # particles are dropped inside alone; this spares most the rest
        return False
    plain = analysis.bare(text)
    return len(plain) > 1 and plain == analysis.bare(title)


def _splits_a_number(text: str, title: str) -> bool:
    """三国1 begins 三国10 and yet is another volume; 19 alone may become 1984."""
    return title[len(text) :][:1].isdigit() and text[-1].isdigit() and not text.isdigit()


def _author(query: Query, row: Row) -> Judged:
    """The question is an author's name or part of one, or holds one beside the title."""
    best = NOTHING
    for place, name in enumerate(row.authors):
        if query.name == name:
            return Judged(_named_so(row, place), "author")
        if query.cut == name and place < row.writers and not _is_last(row, place):
            best = max(best, Judged(_CUT_SHORT, "author"))
        if len(name) > 1 and name in query.name:
            rest = query.name.replace(name, "", 1)
            if is_filler(rest):
                return Judged(98.5, "author")
            found = _rest(rest, row)
            if found.why == "prefix":  # of all that one wrote that begins so the best known is meant
                found = Judged(86.0 + 0.3 * (found.points - 85.0), "prefix")
            if _ALIKE < found.points < CLOSE:  # the author is right, so the title is likely meant
                found = Judged(found.points + 12.0, found.why)
            if len(rest) > 1 or found.points > 84.0:  # one letter more says little: the name was likely part of a title
                best = max(best, Judged(found.points - 1.0, found.why))
        elif len(query.name) > 1 and query.name in name:
            best = max(best, Judged(_begins_name(query.name, name), "author"))
    return best


def _named_so(row: Row, place: int) -> float:
    """Who wrote nothing well known is less likely meant, above all by a last name alone (福尔摩斯)."""
    if place >= row.writers:
        return 89.0
    obscure = max(0.0, 1.0 - row.popularity / _KNOWN)
    return 99.0 - (15.0 if _is_last(row, place) else 3.0) * obscure


def _is_last(row: Row, place: int) -> bool:
    """It is the last part of the name before it."""
    return place > 0 and row.authors[place - 1].endswith(row.authors[place])


def _begins_name(text: str, name: str) -> float:
    """村上, 阿加莎: two or three characters of a longer name are meant as a name when its bearer is well known."""
    if not name.startswith(text):
        return 68.0 + 8.0 * len(text) / len(name)
    if len(text) <= 3 and len(name) >= len(text) + 2 and not text.isascii():
        return 86.0
    return 74.0 + 8.0 * len(text) / len(name)


def _rest(text: str, row: Row) -> Judged:
    """What stands beside a name, as the title: literally, by sound, or nearly."""
    found = _title(text, row)
    if found.points < CLOSE and len(text) > 1 and _syllables(text) == row.syllables:
        found = Judged(88.0, "sound")
    return max(found, _near(text, row))


@lru_cache(maxsize=1 << 10)
def _syllables(text: str) -> list[str]:
    return analysis.syllables(text)


def _beside(query: Query, row: Row) -> Judged:
    """One piece of the question names this book's author (also misheard) or publisher, the rest a part of its title."""
    best = NOTHING
    if not 1 < len(query.chunks) <= _FEW:
        return best
    for place, name in enumerate(query.chunks):
        rest = "".join(query.chunks[:place] + query.chunks[place + 1 :])
        found = _rest(rest, row)
        if found.points >= CLOSE and len(rest) > 1 and not unexplained(name, row):
            best = max(best, Judged(found.points - 2.0, found.why))
    return best


def _partly(query: Query, row: Row) -> Judged:
    """Some of the question's words stand in the title or name its author or publisher: better than nothing."""
    if len(query.words) < 2:
        return NOTHING
    said = f"{row.title} {row.extra} {' '.join(row.authors)} {row.publisher}"
    held = sum(len(word) for word in query.words if len(word) > 1 and word in said)
    if 1 < len(query.chunks) <= _FEW:  # 莎翁 李尔王, where there is only 哈姆雷特
        held = max([held, *(len(chunk) for chunk in query.chunks if names_author(chunk, row))])
    return Judged(30.0 + 28.0 * held / len(query.title), "near") if held else NOTHING


def _forms(query: Query, row: Row) -> Judged:
    """The title with its numbers written otherwise, or its words turned round."""
    if row.forms and (query.title in row.forms or not set(query.forms).isdisjoint(row.forms)):
        return Judged(98.5, "exact")
    if row.title in query.forms:
        return Judged(98.5, "exact")
    if query.known and not {row.title, *row.parts[:1]}.isdisjoint(query.known):
        return Judged(94.0, "exact")  # less than what bears the very name
    if len(query.title) > 1:
        for form in row.forms:
            if form.startswith(query.title) and not _splits_a_number(query.title, form):
                return Judged(85.0 + 8.0 * len(query.title) / len(form), "prefix")
    if row.title in query.turned or (row.parts and row.parts[0] in query.turned):
        return Judged(91.0, "words")
    return NOTHING


def _words(query: Query, row: Row) -> Judged:
    """All the question's words stand in the title or among the authors, in whatever order."""
    if len(query.words) < 2:
        return NOTHING
    held, titled, left, written = 0, False, row.title, "".join(row.authors)
    for word in query.words:
        if word in left:
            held, titled, left = held + len(word), True, left.replace(word, " ", 1)  # 设计的设计 asks for it twice
        elif word in row.extra:
            titled = True
        elif word not in written:
            return NOTHING
    if not titled:
        return NOTHING
    share = min(1.0, held / (len(row.title) or 1))
    if row.parts and all(word in row.parts[0] for word in query.words):
        share = max(share, min(1.0, held / len(row.parts[0])) - 0.04)
    return Judged(62.0 + 27.0 * share * share, "words")


def _near(text: str, row: Row, least: float = 0.0) -> Judged:
    """`least`: below so much likeness nobody asks how much."""
    if len(text) == len(row.title) and len(text) > 3 and sorted(text) == sorted(row.title):
        return Judged(_SWAPPED, "characters")
    likeness = ratio(text, row.title, score_cutoff=least)
    for part in row.parts:
        likeness = max(likeness, ratio(text, part) - 5.0)
    return Judged(0.8 * likeness, "characters" if likeness > 65.0 else "near")


def _sound(query: Query, row: Row) -> Judged:
    if any(query.spelt == spelt for name in row.authors for spelt in spellings(name)[:1]):
        return Judged(88.0, "author")
    if query.syllables in readings(row.syllables):
        return Judged(91.0, "sound")
    size, whole = len(query.syllables), len(row.syllables)
    if 2 < size < whole and query.syllables == row.syllables[:size]:
        return Judged(68.0 + 8.0 * size / whole, "sound")
    likeness = ratio(query.syllables, row.syllables)
    if len(query.syllables) < len(row.syllables) and row.parts:
        likeness = max(likeness, ratio(query.syllables, row.syllables[: len(analysis.units(row.parts[0]))]) - 2.0)
    seen = _OVERHEARD * ratio(query.title, row.title) / 100.0
    return Judged(0.82 * likeness + seen if likeness > 65.0 else 0.5 * likeness, "sound")


def _latin(query: Query, row: Row) -> Judged:
    letters = query.latin
    found = max(_latin_author(query, row), _spelt_so(letters, row.syllables, row))
    for aloud in readings(row.syllables)[1:]:
        points, why = _spelt_so(letters, aloud, row)
        found = max(found, Judged(points - 2.0, why))
    return found


def _spelt_so(letters: str, syllables: list[str], row: Row) -> Judged:
    spelt = "".join(syllables)
    if letters == spelt:
        return Judged(92.0, "sound")
    first = syllables[: len(analysis.units(row.parts[0]))] if row.parts else syllables
    if row.parts and letters == "".join(first):
        return Judged(90.0, "sound")
    shorts = shortenings(syllables, latin=not analysis.has_han(row.title))
    if letters in shorts:
        return Judged(84.0, "sound")
    if row.parts and letters == analysis.initials(first):
        return Judged(82.0, "sound")
    found = Judged(0.75 * ratio(letters, spelt), "near")
    if spelt.startswith(letters):
        found = max(found, Judged(72.0 + 10.0 * len(letters) / len(spelt), "sound"))
    elif letters in spelt and len(letters) > 3:
        found = max(found, Judged(62.0 + 10.0 * len(letters) / len(spelt), "sound"))
    begun = [len(letters) / len(short) for short in shorts if len(letters) > 1 and short.startswith(letters)]
    return max(found, *(Judged(60.0 + 10.0 * share, "sound") for share in begun), NOTHING)


def _latin_author(query: Query, row: Row) -> Judged:
    best, letters = NOTHING, query.latin
    for name in row.authors[: row.writers]:
        for spelt in spellings(name)[:1]:
            if letters == spelt or spelt in query.turned:  # "cixin liu", as the name is said abroad
                return Judged(_SPELT_NAME, "author")
            if letters in spellings(name)[1:]:
                best = max(best, Judged(80.0, "author"))
            elif spelt.startswith(letters) and len(letters) > 2:
                best = max(best, Judged(72.0 + 10.0 * len(letters) / len(spelt), "author"))
    return best
