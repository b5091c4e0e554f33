"""@us in another chat: book cards for anyone to send there, in the asker's language and about nobody in particular."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import TelegramError

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.rendering import book_link
from bot.shared import SharedBook
from bot.texts import Words, language_of

log = logging.getLogger(__name__)

PAGE = 10
CACHE_SECONDS = 300
QUERY_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone typed after our name, and the language of their Telegram. Who it was is not kept."""

    id: str
    query: str
    offset: int
    language: str = ""


Books = Callable[[str, str], Sequence[SharedBook]]  # a query and a language → books, best first
Inline = Callable[[Asked], None]


def inline_query(payload: Any) -> Asked | None:
    """The question when the update is one of these; None for all others and for broken ones."""
    query = payload.get("inline_query") if isinstance(payload, dict) else None
    if not isinstance(query, dict) or not isinstance(query.get("id"), str):
        return None
    words, offset = query.get("query"), query.get("offset")
    if not isinstance(words, str) or not isinstance(offset, str):
        return None
    words = words.encode("utf-8", "ignore").decode("utf-8")
    at = int(offset) if _is_number(offset) else 0
    return Asked(query["id"], words[:QUERY_CHARACTERS].strip(), at, language_of(_tag(query.get("from"))))


def _tag(asker: Any) -> str:
    tag = asker.get("language_code") if isinstance(asker, dict) else ""
    return tag if isinstance(tag, str) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def answerer(channel: TelegramChannel, books: Books, label: str) -> Inline:
    """Answers through the Bot, past inbox and outbox: nothing is kept. `label` is on the button under each card.

    `label` is a sentence of the catalogues; each asker reads it in their own language.
    """

    def answer(asked: Asked) -> None:
        try:
            found = books(asked.query, asked.language)
            channel.call(_answer(channel, asked, found, Words(asked.language)(label)))
        except TelegramError as error:  # mostly: too late; whoever types on asks again
            log.info("an inline question stays unanswered: %s", error)
        except Exception:  # it is not worth a second delivery either
            log.exception("an inline question could not be answered")

    return answer


async def _answer(channel: TelegramChannel, asked: Asked, found: Sequence[SharedBook], label: str) -> None:
    username = await channel.learn_name()
    page = found[asked.offset : asked.offset + PAGE]
    following = asked.offset + PAGE
    await channel.bot.answer_inline_query(
        asked.id,
        [_article(book, username, label) for book in page],
        cache_time=CACHE_SECONDS,
        is_personal=True,  # for Telegram's memory alone: the next asker may read another language
        next_offset=str(following) if following < len(found) else "",
    )


def _article(book: SharedBook, username: str, label: str) -> InlineQueryResultArticle:
    """Nothing of it depends on who asks but the language."""
    button = InlineKeyboardButton(label, url=book_link(book.id, username))
    return InlineQueryResultArticle(
        f"t{book.id}",
        book.title,
        InputTextMessageContent(book.text),
        reply_markup=InlineKeyboardMarkup([[button]]),
        description=book.line or None,
    )
