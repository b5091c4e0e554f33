"""What a line means with the catalogue at hand: a sentence that is merely like a command may be the name of a book, and
one that is nothing else may name a book with some words around it ("三体也要", "那围城呢"), or several, or misspell a
command."""

from __future__ import annotations

import re

from bot import several_titles
from bot.folding import fold, letters
from bot.service import Service
from bot.talk import Talk
from bot.understanding import Intent, misspelt, understand
from lending import catalogue

BEFORE = re.compile(
    r"(?:[ ,.!?]|不对|那么?|嗯|还是|[还也]?想?[要看借]|[再也]来|换成?|改成?|我|唔该|请问|麻烦|有[没冇]有?|一本|这本)+"
)
BEHIND = re.compile(
    r"(?:[ ,.!?~]|也?想?[要看借]|一本|一起|怎么样|好不?好?看|有[没冇]有?|这本书|得唔得|[吗呢吧啊呀了嘛])+$"
)
LONGEST = 300  # characters; the longest title has 197


def meant(service: Service, text: str) -> Intent:
    """As `understand`, but what is only like a command stays a search where a title of ours reads like that."""
    intent = understand(text)
    if intent.likened and _named(service, text):
        return Intent("search", {"query": text.strip()})
    if intent.name == "search" and (named := several_titles.named(service, text)):
        return Intent("search", named)
    inner = _inner(text) if intent.likened or intent.name == "search" else ""
    found = inner and not _named(service, text) and _named(service, inner)
    if found:
        return Intent("search", {"query": inner})
    slip = misspelt(text) if intent.likened or intent.name == "search" else None
    return slip if slip and not any(_found(service, str(one)) for one in (text, *intent.slots.values())) else intent


def called_so(talk: Talk) -> int | None:
    """The title of ours whose whole name the words are: a book, whatever else they sound like."""
    if talk.found is None or not talk.found.ids or talk.found.near:
        return None
    title = catalogue.title(talk.db, talk.found.ids[0])
    return title.id if letters(title.title) == letters(talk.event.text) else None


def _inner(text: str) -> str:
    """The text without what people say around a book's name; '' where nothing stood around it, or nothing is left."""
    folded, text = fold(text.strip()), text.strip()
    if len(text) > LONGEST:
        return ""
    before = BEFORE.match(folded)
    start = before.end() if before else 0
    behind = BEHIND.search(folded, start)
    inner = text[start : behind.start() if behind else len(text)]
    return inner if 1 < len(inner) < len(text) else ""


def _found(service: Service, text: str) -> bool:
    """Whether a title of ours is written or spelt much like that."""
    found = service.finder.find(text)
    return bool(found.ids) and not found.near


def _named(service: Service, text: str) -> bool:
    """Whether a title of ours, or one of its authors, is called just so."""
    found = service.finder.find(text)
    if found.near or not found.ids:
        return False
    title = catalogue.title(service.store.db, found.ids[0])
    return letters(text) in map(letters, (title.title, title.title + title.subtitle, *title.authors))
