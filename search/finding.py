"""From a question to a page of hits: fetch candidates, judge them, gather the editions of each work."""

from __future__ import annotations

from collections.abc import Iterable

from search import candidates, mishearing, pinyin, ranking
from search.judged import Judged
from search.narrowing import allowed_places
from search.query import Filters, Hit, Query, Results, understand
from search.snapshot import Snapshot
from search.terms import Row

_ISBN = 200.0
_NEARLY_ISBN = 55.0  # a digit is wrong: only near, whatever book bears the number
_HELD = 70.0  # with the question's own characters in a title, it is not a slip of sound
_BEGUN = 85.0  # a title that begins with the question, or better
_ALIKE = 78.0  # for sounding as the question does, when a title only holds that somewhere
_NEARLY_ALIKE = 73.0
_MISTYPED = 80.0  # for a whole title but for one letter or digit
_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_TYPED = range(6, 31)  # letters of a question in which one may be wrong; a shorter one is too many titles
_WEAK = 25.0  # points behind the best that are still shown when no answer is sure
_SURE = 80.0  # an answer as good as this leaves out what is merely near
Scored = tuple[float, Judged, Row]


def find(snapshot: Snapshot, text: str, limit: int, offset: int, filters: Filters | None) -> Results:
    """See Index.search."""
    query = understand(text)
    allowed = allowed_places(snapshot, filters) if filters else None
    if not query.title:
        return _shelf(snapshot, allowed, limit, offset) if allowed is not None else Results()
    scored = _numbered(snapshot, (query.isbn,), _ISBN, allowed) if query.isbn else []
    scored = scored or _numbered(snapshot, query.isbns, _NEARLY_ISBN, allowed)
    return _page(scored if scored or query.isbn else _judged(snapshot, query, allowed), limit, offset)


def _numbered(snapshot: Snapshot, isbns: Iterable[str], points: float, allowed: candidates.Allowed) -> list[Scored]:
    places = candidates.by_isbn(snapshot, isbns, allowed)
    rows = map(snapshot.row, places)
    return _in_order([(points + ranking.FAME * row.popularity, Judged(points, "isbn"), row) for row in rows])


def _judged(snapshot: Snapshot, query: Query, allowed: candidates.Allowed) -> list[Scored]:
    rows = {place: snapshot.row(place) for place in candidates.by_characters(snapshot, query, allowed)}
    scored = [] if query.latin else _score(query, rows.values(), loosely=False)
    if not any(_holds(query, judged) for _, judged, _ in scored):
        for place in candidates.by_sound(snapshot, query, allowed):
            if place not in rows:
                rows[place] = snapshot.row(place)
        scored = _score(query, rows.values(), loosely=True)
    elif len(query.words) == 1 and not query.number:  # held and a word: 编程 is no slip for 边城
        return scored
    if max((judged.points for _, judged, _ in scored), default=0.0) < (_MISTYPED if query.latin else _BEGUN):
        shelf = _standing(snapshot, candidates.by_mark(snapshot, query.mark, allowed)) if query.mark else []
        scored = shelf or _with_alike(snapshot, query, allowed, scored)
    return scored


def _with_alike(snapshot: Snapshot, query: Query, allowed: candidates.Allowed, scored: list[Scored]) -> list[Scored]:
    """维城 stands inside a title, but may be 围城: with whole titles that sound so, or (边陈, 边城) nearly so."""
    found = {row.id: (points, judged, row) for points, judged, row in scored}
    for points, ways in _spellings(query):
        for place in candidates.spelt_alike(snapshot, ways, allowed):
            row = snapshot.row(place)
            if row.id not in found or found[row.id][1].points < points:
                found[row.id] = (points + ranking.FAME * row.popularity, Judged(points, "sound"), row)
    return _in_order([*found.values()])


def _spellings(query: Query) -> list[tuple[float, Iterable[str]]]:
    if query.number:  # 一九八, 1894
        return [(_MISTYPED, pinyin.one_off(query.number, _DIGITS))]
    if not query.latin:
        return [(_ALIKE, [query.spelt]), (_NEARLY_ALIKE, mishearing.spellings(query.units))]
    return [(_MISTYPED, pinyin.one_off(query.latin, _LETTERS))] if len(query.latin) in _TYPED else []


def _holds(query: Query, judged: Judged) -> bool:
    """The title holds the very characters; being like them may be less than sounding like them."""
    return judged.points >= _HELD and (judged.why != "characters" or len(query.units) == 1)


def _score(query: Query, rows: Iterable[Row], loosely: bool) -> list[Scored]:
    scored = []
    for row in rows:
        judged = ranking.judge(query, row, loosely)
        if judged.points >= ranking.WORST:
            scored.append((judged.points + ranking.FAME * row.popularity, judged, row))
    return _in_order(scored)


def _in_order(scored: list[Scored]) -> list[Scored]:
    scored.sort(key=lambda item: (-item[0], item[2].id))
    return scored


def _shelf(snapshot: Snapshot, allowed: frozenset[int], limit: int, offset: int) -> Results:
    """No words, only filters: what stands there, the best-known first."""
    return _page(_standing(snapshot, candidates.by_popularity(snapshot, allowed)), limit, offset)


def _standing(snapshot: Snapshot, places: Iterable[int]) -> list[Scored]:
    rows = map(snapshot.row, places)
    return _in_order([(float(row.popularity), Judged(ranking.CLOSE, "shelf"), row) for row in rows])


def _page(scored: list[Scored], limit: int, offset: int) -> Results:
    """When something answers, what is merely near is left out."""
    best = max((item[1].points for item in scored), default=0.0)
    floor = ranking.CLOSE if best >= _SURE else max(ranking.WORST, best - _WEAK)
    close = [item for item in scored if item[1].points >= floor] if best >= ranking.CLOSE else []
    works: dict[tuple[str, str], list[Scored]] = {}
    for item in close or scored[: limit + offset]:
        row = item[2]
        # An ISBN means one edition; a book without a known author may be any book, so it stands alone.
        alone = item[1].why == "isbn" or not row.work
        works.setdefault((row.title + row.extra, str(row.id) if alone else row.work), []).append(item)
    hits = [
        Hit(items[0][2].id, round(items[0][0], 2), items[0][1].why, tuple(item[2].id for item in items))
        for items in works.values()
    ]
    return Results(hits[offset : offset + max(0, limit)], len(hits), near=bool(hits) and not close)
