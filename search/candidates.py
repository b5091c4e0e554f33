"""The first look: which few hundred titles are worth judging, taken from the rare terms first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from itertools import combinations, islice

from search import analysis, authors, forms, pinyin
from search.query import Query
from search.snapshot import Segment, Snapshot
from search.terms import START, grams, sound_grams

MOST = 160  # candidates that are judged
_BUDGET = 24_000  # documents read from lists of terms for one question
_SPANS = 9  # words of a question among which whole titles are looked for
_BESIDE = range(2, 5)  # pieces of a question, one of which may be a publisher
_HOUSES = 20  # publishers whose names begin so
_PREFIX_TERMS = 300  # different spellings that a prefix may open
Allowed = frozenset[int] | None
_WORTH = {"whole": 6, "long": 3, "pair": 2, "unit": 1}


def by_characters(snapshot: Snapshot, query: Query, allowed: Allowed) -> list[int]:
    """Places of titles and authors that share the question's characters, two neighbours weighing more than one."""
    tally: Counter[int] = Counter()
    for text in {query.title, query.name}:
        _add(snapshot, tally, [("title", text), ("author", START + text)], _WORTH["whole"])
    if query.cut:
        _add(snapshot, tally, [("author", START + query.cut)], _WORTH["whole"])
    _add(snapshot, tally, [("title", text) for text in _titles_inside(query)], _WORTH["whole"])
    if len(query.chunks) > 1:
        _add(snapshot, tally, [("author", START + authors.canonical(chunk)) for chunk in query.chunks], _WORTH["pair"])
    longer = [("gram", word) for word in query.words if len(word) > 2]
    if query.units:
        first = START + query.title[0]
        _add(snapshot, tally, [("gram", first)], _WORTH["unit" if len(query.chunks) > 1 else "pair"])
    pairs = [(field, pair) for pair in query.pairs for field in ("gram", "author")]
    single = [("gram", unit) for unit in set(query.units)] + [("author", unit) for unit in set(query.units)]
    left = _add_rare(snapshot, tally, longer, _WORTH["long"], _BUDGET)
    left = _add_rare(snapshot, tally, pairs, _WORTH["pair"], left)
    if len(query.units) <= 3 or len(tally) < MOST or left > 0:
        _add_rare(snapshot, tally, single, _WORTH["unit"], max(left, _BUDGET // 3))
    _add(snapshot, tally, [("subject", query.title), ("publisher", query.house)], _WORTH["pair"])
    for place, chunk in enumerate(query.chunks if len(query.chunks) in _BESIDE else ()):
        _add_of_house(snapshot, tally, chunk, query.chunks[:place] + query.chunks[place + 1 :])
    return best(snapshot, tally, allowed)


def _add_of_house(snapshot: Snapshot, tally: Counter[int], name: str, others: list[str]) -> None:
    """中华书局 史记: what this publisher (译林 will do) has published of the other pieces' characters."""
    house = forms.publisher(name)
    if len(house) < 2 or analysis.is_latin(house):
        return
    for segment in snapshot.segments:
        terms = islice(segment.terms.prefixed("publisher", house.encode()), _HOUSES)
        theirs = {number for _, documents in terms for number in documents}
        for gram in {gram for other in others for gram in grams(other)} if theirs else ():
            _count(segment, tally, theirs.intersection(segment.documents("gram", gram)), _WORTH["whole"])


def _titles_inside(query: Query) -> set[str]:
    """What may be a whole title: the question in other words, some neighbouring words of it, its words turned round."""
    cut = query.words[:_SPANS]
    spans = ("".join(cut[start:end]) for start, end in combinations(range(len(cut) + 1), 2))
    long = {text for text in (*spans, *query.turned) if len(text) > 1}
    named = (form for _, forms in query.named for form in forms)
    return {*long, *query.chunks, *query.forms, *query.known, *named} - {query.title}


def by_sound(snapshot: Snapshot, query: Query, allowed: Allowed) -> list[int]:
    """Places of titles that are pronounced alike: for a question in characters, a slip; in letters, pinyin."""
    tally: Counter[int] = Counter()
    if query.latin:
        _add_latin(snapshot, tally, query.latin)
        _add(snapshot, tally, [("author_spelt", name) for name in query.turned], _WORTH["whole"])  # cixin liu
    runs = [list(run) for run in pinyin.readable(query.latin)] if query.latin else [query.syllables]
    if not query.latin:
        _add(snapshot, tally, [(field, query.spelt) for field in ("spelt", "author_spelt")], _WORTH["whole"])
    pairs = [("sound", pair) for run in runs for pair in sound_grams(run)]
    _add_rare(snapshot, tally, pairs, _WORTH["pair"], _BUDGET)
    return best(snapshot, tally, allowed)


def _add_latin(snapshot: Snapshot, tally: Counter[int], letters: str) -> None:
    for field in ("spelt", "initials", "author_spelt", "title"):
        _add(snapshot, tally, [(field, letters)], _WORTH["whole"])
        if len(letters) > 1:
            _add_prefixed(snapshot, tally, field, letters)
    if len(letters) > 2:
        _add_prefixed(snapshot, tally, "gram", letters)


def spelt_alike(snapshot: Snapshot, spelt: Iterable[str], allowed: Allowed) -> list[int]:
    """Places of the titles that are pronounced so from end to end."""
    tally: Counter[int] = Counter()
    _add(snapshot, tally, [("spelt", letters) for letters in spelt], 1)
    return best(snapshot, tally, allowed)


def by_isbn(snapshot: Snapshot, isbns: Iterable[str], allowed: Allowed) -> list[int]:
    """Places of the editions with one of these numbers."""
    tally: Counter[int] = Counter()
    _add(snapshot, tally, [("isbn", isbn) for isbn in isbns], 1)
    return best(snapshot, tally, allowed)


def by_mark(snapshot: Snapshot, mark: str, allowed: Allowed) -> list[int]:
    """Places of the titles whose class mark begins so."""
    tally: Counter[int] = Counter()
    _add_prefixed(snapshot, tally, "clc", mark)
    return best(snapshot, tally, allowed)


def by_popularity(snapshot: Snapshot, allowed: Iterable[int]) -> list[int]:
    """The best-known of these places."""
    return best(snapshot, Counter(dict.fromkeys(allowed, 1)), None)


def _add(snapshot: Snapshot, tally: Counter[int], terms: list[tuple[str, str]], worth: int) -> int:
    read = 0
    for segment in snapshot.segments:
        for field, term in terms:
            if documents := segment.documents(field, term):
                read += len(documents)
                _count(segment, tally, documents, worth)
    return read


def _count(segment: Segment, tally: Counter[int], documents: Iterable[int], worth: int) -> None:
    places = documents if segment.base == 0 else [segment.base + number for number in documents]
    if worth == 1:
        tally.update(places)
        return
    held = tally.get
    for place in places:
        tally[place] = held(place, 0) + worth


def _add_rare(snapshot: Snapshot, tally: Counter[int], terms: list[tuple[str, str]], worth: int, budget: int) -> int:
    """Read the rarest lists first and stop before the budget is overspent; returns what is left of it."""
    sizes = sorted((snapshot.count_of(*term), term) for term in set(terms))
    for size, term in sizes:
        if size == 0:
            continue
        if size > budget and tally:
            return 0
        budget -= _add(snapshot, tally, [term], worth)
    return max(budget, 0)


def _add_prefixed(snapshot: Snapshot, tally: Counter[int], field: str, prefix: str) -> None:
    for segment in snapshot.segments:
        for _, documents in islice(segment.terms.prefixed(field, prefix.encode()), _PREFIX_TERMS):
            alive = [number for number in documents if number not in segment.gone]
            _count(segment, tally, alive, _WORTH["pair"])


def best(snapshot: Snapshot, tally: Counter[int], allowed: Allowed) -> list[int]:
    """The places that gathered most, the better-known first among equals."""
    if allowed is not None:
        tally = Counter({place: worth for place, worth in tally.items() if place in allowed})
    if len(tally) <= MOST:
        return list(tally)
    level, above = _cut_at(tally)
    chosen = [place for place, worth in tally.items() if worth > level]
    equals = [place for place, worth in tally.items() if worth == level]
    return chosen + nlargest(MOST - above, equals, key=snapshot.popularity)


def _cut_at(tally: Counter[int]) -> tuple[int, int]:
    """The worth at which not all fit any more, and how many are worth more."""
    above = 0
    for worth, size in sorted(Counter(tally.values()).items(), reverse=True):
        if above + size > MOST:
            return worth, above
        above += size
    return 0, above
