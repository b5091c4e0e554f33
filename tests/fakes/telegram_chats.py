"""The people's side of the fake Telegram: chats, what they see, and what they do."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

BOT = {"id": 123, "is_bot": True, "first_name": "书信", "username": "shuxin_bot"}


@dataclass
class Shown:
    """A message as the chat shows it now."""

    id: int
    text: str
    markup: dict[str, Any] = field(default_factory=dict)
    photo: bytes = b""
    document: tuple[str, bytes] = ("", b"")  # its file name and content
    edits: int = 0
    editable: bool = True

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons under it, in reading order."""
        rows = self.markup.get("inline_keyboard") or self.markup.get("keyboard") or []
        return [button for row in rows for button in row]

    def as_message(self, chat: dict[str, Any]) -> dict[str, Any]:
        """As the Bot API describes it."""
        message: dict[str, Any] = {"message_id": self.id, "date": int(time.time()), "chat": chat, "from": BOT}
        if self.photo:
            message["photo"] = [{"file_id": f"p{self.id}", "file_unique_id": f"u{self.id}", "width": 1, "height": 1}]
            message["caption"] = self.text
        elif self.document[0]:
            file = {"file_id": f"d{self.id}", "file_unique_id": f"u{self.id}", "file_name": self.document[0]}
            message |= {"document": file | {"file_size": len(self.document[1])}, "caption": self.text}
        else:
            message["text"] = self.text
        if "inline_keyboard" in self.markup:
            message["reply_markup"] = self.markup
        return message


@dataclass
class Chat:
    """A private chat with one person, whose id it bears."""

    id: int
    name: str = "小信"
    language: str = "zh-hans"
    blocked: bool = False
    messages: dict[int, Shown] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    last_sent: float = 0.0

    @property
    def user(self) -> dict[str, Any]:
        """The person."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    @property
    def as_chat(self) -> dict[str, Any]:
        """The chat as the Bot API describes it."""
        return {"id": self.id, "type": "private", "first_name": self.name}
