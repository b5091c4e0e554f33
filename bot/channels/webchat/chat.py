"""What the web chat's views share: where events go, the reader's address in the session, the page's language."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, g, request, session

from bot import contacts
from bot.events import Event
from bot.texts import language_of
from lending.database import Database, Store

CHANNEL = "web"
TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}  # catalogue name → what <html lang> wants

Words = Callable[..., str]
Receive = Callable[[Event], object]
Translate = Callable[[str], Words]


@dataclass(frozen=True, slots=True)
class Chat:
    """The web chat's surroundings, given once at the start."""

    receive: Receive
    store: Store
    translate: Translate
    demo: bool
    versions: dict[str, str]  # file → short hash of its content


def fingerprints() -> dict[str, str]:
    """A short hash for each static file, so that a changed file has a new address."""
    folder = Path(__file__).parent / "static"
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in sorted(folder.iterdir())}


def own_address() -> str:
    """This session's chat address; "" where there is none yet."""
    return str(session.get("chat", ""))


def open_session() -> str:
    """This session's chat address, made unguessable at the first visit; kept for as long again from each."""
    if not own_address():
        session["chat"] = secrets.token_urlsafe(24)
        session.permanent = True
    session.modified = True
    return own_address()


def same_origin() -> bool:
    """Did one of our own pages (or no browser at all) send this? Guards what changes something."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host


def asked_language() -> str:
    """What this visitor asked for: the switch first, else the browser's first language."""
    accepted = next(iter(request.accept_languages.values()), "")
    return str(session.get("language", "")) or language_of(accepted)


def kept_language(db: Database, address: str) -> str:
    """The language the reader at this address keeps, or "" before the first word."""
    reader = contacts.reader_of(db, CHANNEL, address) if address else None
    return reader.language if reader else ""


def large(chat: Chat) -> bool:
    """Whether the reader at this address has chosen large letters (A10-3)."""
    address = own_address()
    reader = contacts.reader_of(chat.store.db, CHANNEL, address) if address else None
    g.large = reader is not None and reader.plain
    return bool(g.large)


def page_language(chat: Chat) -> str:
    """What the page speaks: the reader's kept language, else what the visitor asks for."""
    return kept_language(chat.store.db, own_address()) or asked_language()


def for_all(headers: Mapping[str, str], cache: str, response: Response) -> Response:
    """A page for everybody goes out with these headers, kept as `cache` says."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers["Cache-Control"] = cache
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def for_one(headers: Mapping[str, str], response: Response) -> Response:
    """What belongs to one reader goes out with these headers, kept and listed by nobody."""
    response.headers.update({**headers, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return response
