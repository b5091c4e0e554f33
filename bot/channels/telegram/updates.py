"""From a Telegram update to an Event: the only reader of what Telegram sends.

Only what is used is described and checked, in the Bot API's own names; python-telegram-bot's objects hold everything
and take twenty times as long, which a whole city pressing at once would wait for (docs/measured.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from bot.events import Event, Photo
from bot.picture_limits import MOST_BYTES

KINDS = ("message", "callback_query", "my_chat_member", "inline_query")
CHANNEL = "telegram"

Reachability = Callable[[str, bool], None]


class MalformedUpdate(Exception):
    """Not an update as Telegram describes them."""


class User(Struct):
    """Who did it."""

    id: int
    first_name: str
    is_bot: bool = False
    language_code: str | None = None


class Chat(Struct):
    """Where: ours are those with one person."""

    id: int
    type: str

    @property
    def private(self) -> bool:
        """One person and us."""
        return self.type == "private"


class File(Struct):
    """A size of a photo, or a file."""

    file_id: str
    file_size: int | None = None
    mime_type: str | None = None


class Location(Struct):
    """A place, in degrees."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Contact(Struct):
    """A card with a telephone number; whose it is, where Telegram knows."""

    phone_number: str
    user_id: int | None = None


class Message(Struct):
    """What was said or sent."""

    message_id: int
    chat: Chat
    sender: User | None = field(default=None, name="from")
    text: str | None = None
    caption: str | None = None
    location: Location | None = None
    contact: Contact | None = None
    photo: list[File] = []
    document: File | None = None


class CallbackQuery(Struct):
    """A pressed button; the message is missing when it is not ours."""

    id: str
    sender: User = field(name="from")
    message: Message | None = None
    data: str | None = None


class ChatMember(Struct):
    """How we stand in a chat."""

    status: str


class ChatMemberUpdated(Struct):
    """We were blocked, or let in again."""

    chat: Chat
    new_chat_member: ChatMember


class Update(Struct):
    """One of these at a time, or something that is not ours."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None


GONE = ("kicked", "left")
SENT = frozenset((  # what a message may hold besides words: it is answered, even where we cannot look into it
    "animation", "audio", "contact", "dice", "document", "game", "location", "paid_media", "photo", "poll", "sticker",
    "story", "venue", "video", "video_note", "voice",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class UpdateReader:
    """Reads updates. `reachability(chat, can we write there)` is told."""

    reachability: Reachability

    def to_event(self, payload: Any) -> Event | None:
        """What the person did; None for what is not ours to answer (groups, edits, service messages, blocks).

        Raises MalformedUpdate.
        """
        try:
            update = msgspec.convert(payload, Update)
        except (msgspec.ValidationError, RecursionError) as error:
            raise MalformedUpdate(str(error)) from error
        if change := update.my_chat_member:
            if change.chat.private:
                self.reachability(str(change.chat.id), change.new_chat_member.status not in GONE)
            return None
        if query := update.callback_query:
            return _pressed(update.update_id, query)
        return _said(update.update_id, update.message, payload["message"].keys()) if update.message else None


def query_id(payload: Any) -> str | None:
    """The id under which a button press wants to be answered; None for everything else."""
    query = payload.get("callback_query") if isinstance(payload, dict) else None
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) else None


def _pressed(update_id: int, query: CallbackQuery) -> Event | None:
    """A button under a message of ours, in a private chat."""
    message = query.message
    if message is None or query.data is None or not message.chat.private:
        return None
    return _event(update_id, message.chat, query.sender, press=_clean(query.data), shown=str(message.message_id))


def _said(update_id: int, message: Message, holds: Any) -> Event | None:
    """A message of a person in a private chat; service messages say nothing."""
    sender = message.sender
    if not message.chat.private or sender is None or sender.is_bot:
        return None
    if message.text is None and SENT.isdisjoint(holds):
        return None
    return _event(update_id, message.chat, sender, **_content(message, sender), photo=_photo(message))


def _photo(message: Message) -> Photo | None:
    """The largest of a photo's sizes that may be fetched, or a picture sent as a file."""
    sizes = list(message.photo)
    if message.document and (message.document.mime_type or "").startswith("image/"):
        sizes.append(message.document)
    if not sizes:
        return None
    fitting = [size for size in sizes if (size.file_size or 0) <= MOST_BYTES]
    return Photo(reference=_clean(fitting[-1].file_id)) if fitting else Photo(problem="too_large")


def _content(message: Message, sender: User) -> dict[str, Any]:
    """The one thing it says. A contact counts only as the sender's own; a picture has its caption."""
    if place := message.location:
        return {"location": (place.latitude, place.longitude)}
    if message.contact and message.contact.user_id == sender.id:
        return {"phone": _clean(message.contact.phone_number)}
    text = _clean(message.text or message.caption or "").strip()
    if not text.startswith("/"):
        return {"text": text}
    command, _, rest = text.partition(" ")
    command = command.partition("@")[0]
    if command == "/start" and rest.strip():
        return {"start": rest.strip()}
    return {"text": f"{command} {rest}".strip()}


def _event(update_id: int, chat: Chat, user: User, **done: Any) -> Event:
    """Who, where, in which language, and what was done."""
    language, name = _clean(user.language_code or ""), _clean(user.first_name)
    return Event(CHANNEL, str(chat.id), str(update_id), language=language, name=name, **done)


def _clean(text: str) -> str:
    """Text that can be stored: JSON may carry halves of characters."""
    return text.encode("utf-8", "ignore").decode("utf-8")
