"""Filters made into the set of places in the index that pass them."""

from __future__ import annotations

from collections.abc import Iterator

from search import authors, forms
from search.query import Filters
from search.snapshot import Snapshot
from search.terms import START


def allowed_places(snapshot: Snapshot, filters: Filters) -> frozenset[int] | None:
    """None when nothing is filtered."""
    sets = list(_sets(snapshot, filters))
    if not sets:
        return None
    return frozenset(set.intersection(*sets))


def _sets(snapshot: Snapshot, filters: Filters) -> Iterator[set[int]]:
    if filters.clc:
        yield _prefixed(snapshot, "clc", filters.clc.strip().upper())
    if filters.author:
        yield _holding(snapshot, "author", START + next(iter(authors.names(filters.author)), ""))
    if filters.publisher:
        yield _holding(snapshot, "publisher", forms.publisher(filters.publisher))
    if filters.year_from is not None or filters.year_to is not None:
        first, last = filters.year_from or 1, filters.year_to or 9999
        yield {place for year, place in snapshot.years() if first <= year <= last}
    if filters.ids is not None:
        yield set(snapshot.places(filters.ids))


def _holding(snapshot: Snapshot, field: str, term: str) -> set[int]:
    return {segment.base + number for segment in snapshot.segments for number in segment.documents(field, term)}


def _prefixed(snapshot: Snapshot, field: str, prefix: str) -> set[int]:
    return {
        segment.base + number
        for segment in snapshot.segments
        for _, documents in segment.terms.prefixed(field, prefix.encode())
        for number in documents
        if number not in segment.gone
    }
