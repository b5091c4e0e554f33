"""Look-ups, in the index or through much of the store, that only a handler knows the need of; they are made while
nobody's turn to write is held.

A handler asks its talk; what is not known yet ends the turn (nothing of it is kept), is looked up, and the turn begins
anew with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import alike
from bot.finder import Finding
from bot.service import Service
from lending import catalogue, rankings, selection
from lending.rankings import Borrowed

Look = Callable[..., Any]  # called with the service and plain words or numbers
Looked = dict[tuple[Look, tuple[object, ...]], Any]


@dataclass(slots=True)
class NotLookedUp(Exception):
    """The turn needs this first."""

    look: Look
    arguments: tuple[object, ...]


def words(service: Service, query: str) -> Finding:
    """What a reader's words find."""
    return service.finder.find(query)


def fields(service: Service, title: str, author: str) -> tuple[int, ...]:
    """Editions that fit words of the title and the author's name."""
    return service.finder.by_fields(title, author)


def like(service: Service, limit: int, *title_ids: int) -> dict[int, list[int]]:
    """For each of these titles at most `limit` like it."""
    db = service.store.db
    known = catalogue.titles(db, title_ids).values()
    return {one.id: alike.similar(db, service.finder, one, limit) for one in known}


def marks(service: Service) -> dict[str, int]:
    """How many titles have each class mark."""
    return selection.marks(service.store.db)


def most_borrowed(service: Service, days: int, limit: int, point_id: int | None) -> list[Borrowed]:
    """What was borrowed most in the last so many days, of copies at home at that point."""
    now = service.clock.now()
    return rankings.most_borrowed(service.store.db, now - timedelta(days=days), now, limit, point_id)
