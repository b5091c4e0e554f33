"""From a Telegram update to an Event: the only reader of what Telegram sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, Message, Update, User

from bot.events import Event, Photo
from bot.picture_limits import MOST_BYTES

KINDS = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER, Update.INLINE_QUERY)
CHANNEL = "telegram"
BROKEN = (TypeError, KeyError, ValueError, AttributeError, OverflowError, RecursionError)

Find = Callable[[str, str], int | None]
Reachability = Callable[[str, bool], None]


class MalformedUpdate(Exception):
    """Not an update as Telegram describes them."""


@dataclass(frozen=True, slots=True)
class UpdateReader:
    """Reads updates. `find(chat, message id)` gives our outbox id; `reachability(chat, can we write there)` is told."""

    find: Find
    reachability: Reachability

    def to_event(self, payload: Any) -> Event | None:
        """What the person did; None for what is not ours to answer (groups, edits, service messages, blocks).

        Raises MalformedUpdate.
        """
        update = _parse(payload)
        if update.my_chat_member is not None:
            self._membership(update.my_chat_member.chat, update.my_chat_member.new_chat_member)
            return None
        try:
            if update.callback_query is not None:
                return self._press(update.update_id, update.callback_query)
            return None if update.message is None else _said(update.update_id, update.message)
        except BROKEN as error:
            raise MalformedUpdate(repr(error)) from error

    def _membership(self, chat: Chat, member: ChatMember) -> None:
        if chat.type == Chat.PRIVATE:
            self.reachability(str(chat.id), member.status not in (ChatMember.BANNED, ChatMember.LEFT))

    def _press(self, update_id: int, query: CallbackQuery) -> Event | None:
        message = query.message
        if message is None or query.data is None or message.chat.type != Chat.PRIVATE:
            return None
        event = _event(update_id, message.chat, query.from_user)
        return replace(event, press=_clean(query.data), message=self.find(event.address, str(message.message_id)))


def query_id(payload: Any) -> str | None:
    """The id under which a button press wants to be answered; None for everything else."""
    query = payload.get("callback_query") if isinstance(payload, dict) else None
    found = query.get("id") if isinstance(query, dict) else None
    return found if isinstance(found, str) else None


def _parse(payload: Any) -> Update:
    try:
        update = Update.de_json(payload, None)
    except BROKEN as error:
        raise MalformedUpdate(repr(error)) from error
    if update is None or not isinstance(update.update_id, int):
        raise MalformedUpdate("no update_id")
    return update


def _said(update_id: int, message: Message) -> Event | None:
    """A message of a person in a private chat; service messages say nothing."""
    sender = message.from_user
    if message.chat.type != Chat.PRIVATE or sender is None or sender.is_bot:
        return None
    if message.text is None and message.effective_attachment is None:
        return None
    return replace(_event(update_id, message.chat, sender), **_content(message, sender), photo=_photo(message))


def _photo(message: Message) -> Photo | None:
    """The largest of a photo's sizes that may be fetched, or a picture sent as a file."""
    sizes = list(message.photo or ())
    if message.document is not None and (message.document.mime_type or "").startswith("image/"):
        sizes.append(message.document)  # type: ignore[arg-type]
    if not sizes:
        return None
    fitting = [size for size in sizes if (size.file_size or 0) <= MOST_BYTES]
    return Photo(reference=_clean(fitting[-1].file_id)) if fitting else Photo(problem="too_large")


def _content(message: Message, sender: User) -> dict[str, Any]:
    """The one thing it says. A contact counts only as the sender's own; a picture has its caption."""
    if message.location is not None:
        return {"location": (float(message.location.latitude), float(message.location.longitude))}
    if message.contact is not None and message.contact.user_id == sender.id:
        return {"phone": _clean(message.contact.phone_number)}
    text = _clean(message.text or message.caption or "").strip()
    if not text.startswith("/"):
        return {"text": text}
    command, _, rest = text.partition(" ")
    command = command.partition("@")[0]
    if command == "/start" and rest.strip():
        return {"start": rest.strip()}
    return {"text": f"{command} {rest}".strip()}


def _event(update_id: int, chat: Chat, user: User) -> Event:
    """Who, where and in which language; what is added by the caller."""
    language, name = _clean(user.language_code or ""), _clean(user.first_name)
    return Event(CHANNEL, str(int(chat.id)), str(update_id), language=language, name=name)


def _clean(text: str) -> str:
    """Text that can be stored: JSON may carry halves of characters. Raises AttributeError on what is no text."""
    return text.encode("utf-8", "ignore").decode("utf-8")
