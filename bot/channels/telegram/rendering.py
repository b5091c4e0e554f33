"""A Reply in Telegram's shapes: text in parts it accepts, keyboards, and the picture of a QR code."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode

import segno
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from bot.events import Button, Reply

START = re.compile(r"/\?start=(?P<payload>[\w-]{1,64})$", re.ASCII)

TEXT_UNITS = 4096  # UTF-16 units
CAPTION_UNITS = 1024
ROW_BUTTONS = 8
Key = TypeVar("Key", InlineKeyboardButton, KeyboardButton)
BREAKS = ("\n\n", "\n", "。", ". ", " ")

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | None


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int = TEXT_UNITS) -> list[str]:
    """The text in parts of at most `limit` units, broken between paragraphs, lines, sentences or words if it can be."""
    parts = []
    while units(text) > limit:
        head = _fitting(text, limit)
        cut = _break(head)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text] if text or not parts else parts


def _fitting(text: str, limit: int) -> str:
    """The longest beginning of at most `limit` units, whole characters only."""
    return text.encode("utf-16-le", "surrogatepass")[: limit * 2].decode("utf-16-le", "ignore")


def _break(head: str) -> int:
    """Where to cut: after the last good break in the second half, else at the very end."""
    for mark in BREAKS:
        at = head.rfind(mark, len(head) // 2)
        if at >= 0:
            return at + len(mark)
    return len(head)


def asks(reply: Reply) -> bool:
    """Does it ask for the place or the phone, which only the large keyboard can?"""
    return any(button.ask in ("location", "phone") for row in reply.buttons for button in row)


def text_of(reply: Reply) -> str:
    """The words; links stand in them when the keyboard cannot carry links."""
    if not asks(reply):
        return reply.text
    links = [f"{button.label}: {button.url}" for row in reply.buttons for button in row if button.url]
    return "\n".join([reply.text, *links])


def markup(reply: Reply, username: str) -> Markup:
    """The keyboard under the message, if there are buttons. `username` is ours: what is shared leads back to us."""
    if asks(reply):
        keys = _rows(reply, _key)
        return ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)
    rows = _rows(reply, partial(_inline, username=username))
    return InlineKeyboardMarkup(rows) if rows else None


def _rows(reply: Reply, make: Callable[[Button], Key | None]) -> list[list[Key]]:
    """The buttons this keyboard can carry, at most eight a row."""
    rows = [[made for button in row if (made := make(button))] for row in reply.buttons]
    return [row[at : at + ROW_BUTTONS] for row in rows for at in range(0, len(row), ROW_BUTTONS)]


def _inline(button: Button, username: str) -> InlineKeyboardButton | None:
    if button.ask == "share" and username:
        return InlineKeyboardButton(button.label, url=sharing_link(button, username))
    if button.ask == "share" or (button.action and not button.url):
        return InlineKeyboardButton(button.label, callback_data=button.action)
    if button.url:  # a page of ours without a public address cannot be opened from a phone
        return InlineKeyboardButton(button.label, url=button.url) if button.url.startswith("http") else None
    return None


def book_link(title_id: int | str, username: str) -> str:
    """Opens the book in the talk with us."""
    return f"https://t.me/{username}?start=t{title_id}"


def sharing_link(button: Button, username: str) -> str:
    """Telegram's own "send this to …", with a link to the book in the talk with us."""
    link = book_link(button.action.partition(":")[2], username)
    return "https://t.me/share/url?" + urlencode({"url": link})


def _key(button: Button) -> KeyboardButton | None:
    """A key of the large keyboard; without a request it types its label."""
    if button.url:
        return None
    return KeyboardButton(
        button.label, request_location=button.ask == "location" or None, request_contact=button.ask == "phone" or None
    )


def start_link(content: str, username: str) -> str:
    """A link that begins a talk on the web page begins it here; everything else stays as it is."""
    found = START.search(content)
    return f"https://t.me/{username}?start={found['payload']}" if found and username else content


def qr_picture(content: str) -> bytes:
    """A PNG of the QR code, large enough for a locker's reader."""
    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="png", scale=10, border=4)
    return out.getvalue()
