"""Books as strangers may see them, in another chat or on a page of their own: nothing in them is about a reader."""

from __future__ import annotations

from dataclasses import dataclass

from bot import books
from bot.service import Service
from bot.texts import Words
from lending import catalogue, shelves
from lending.catalogue import Title
from lending.errors import UnknownThing


@dataclass(frozen=True, slots=True)
class SharedBook:
    """A book to be sent into another chat."""

    id: int
    title: str
    line: str  # author · publisher · year
    text: str  # the message itself


def for_query(service: Service, query: str, language: str) -> list[SharedBook]:
    """The books for a stranger's words, best first; without words the well-known ones."""
    db, _ = service.store.db, Words(language)
    ids = service.finder.find(query).ids if query else shelves.best_known(db)
    found = [title for title in catalogue.titles(db, ids).values() if not title.withdrawn]
    return [SharedBook(one.id, books.name(one), books.byline(one), _message(_, service, one)) for one in found]


def public_title(service: Service, title_id: int) -> Title | None:
    """The title, unless it is unknown or withdrawn."""
    try:
        title = catalogue.title(service.store.db, title_id)
    except UnknownThing:
        return None
    return None if title.withdrawn else title


def _message(_: Words, service: Service, title: Title) -> str:
    """What is sent into another chat: the book, the library's promise, and the book's page when it can be reached.

    No availability: the message stays there long after that has changed.
    """
    promise = _("{library} · 免押金、免办卡、线上借、送上门", library=service.library)
    page = f"{service.public_url}/b/{title.id}" if service.public_url else ""
    return "\n".join(line for line in (books.name(title), books.byline(title), promise, page) if line)
