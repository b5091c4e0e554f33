"""What a line means with the catalogue at hand: a sentence that is merely like a command may be the name of a book."""

from __future__ import annotations

from bot.folding import letters
from bot.service import Service
from bot.understanding import Intent, understand
from lending import catalogue


def meant(service: Service, text: str) -> Intent:
    """As `understand`, but what is only like a command stays a search where a title of ours reads like that."""
    intent = understand(text)
    return Intent("search", {"query": text.strip()}) if intent.likened and _is_title(service, text) else intent


def _is_title(service: Service, text: str) -> bool:
    found = service.finder.find(text)
    if found.near or not found.ids:
        return False
    title = catalogue.title(service.store.db, found.ids[0])
    return letters(text) in (letters(title.title), letters(title.title + title.subtitle))

