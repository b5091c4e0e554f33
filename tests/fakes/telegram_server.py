"""A strict Telegram Bot API on 127.0.0.1: it refuses what Telegram refuses, and lets a test play the people."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from tests.fakes.telegram_chats import BOT, Chat, Shown
from tests.fakes.telegram_http import Parameters, serve
from tests.fakes.telegram_rules import (
    MOST_DOWNLOADED,
    MOST_SENT,
    SECRET,
    Limit,
    Refusal,
    bad,
    check_commands,
    check_markup,
    check_results,
    check_text,
    too_fast,
)
from tests.fakes.telegram_webhook import Webhook

TOKEN = "123:fake"
Fault = Callable[[str, Parameters], str]


class FakeTelegram:
    """The server. Use it as a context manager; `base_url` is for the Bot, the verbs are for the people.

    `limit` refuses what comes too fast; `per_chat` seconds must lie between two messages to a chat; `latency` is a
    round trip in seconds; `fault(method, parameters)` may say "cut before" or "cut after"; `hurry` divides the
    waiting times of webhook deliveries.
    """

    def __init__(
        self, limit: Limit | None = None, per_chat: float = 0.0, latency: float = 0.0, hurry: float = 1.0
    ) -> None:
        self.limit = limit
        self.per_chat = per_chat
        self.latency = latency
        self.hurry = hurry
        self.fault: Fault = lambda method, parameters: ""
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[float, str, Parameters]] = []  # every call that was let in
        self.refused: list[Refusal] = []
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook: Webhook | None = None
        self.allowed: list[str] = []
        self._updates: list[dict[str, Any]] = []
        self._update_ids = count(1000)
        self._message_ids = count(1)
        self._queries: dict[str, Chat] = {}
        self._inline: set[str] = set()  # inline questions not yet answered
        self.inline_answers: dict[str, Parameters] = {}
        self.files: dict[str, bytes] = {}
        self._changed = threading.Condition(threading.RLock())
        self._polls = 0

    def __enter__(self) -> FakeTelegram:
        self._http = serve(self)
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/bot"
        return self

    def __exit__(self, *_: object) -> None:
        if self.webhook is not None:
            self.webhook.close()
        with self._changed:
            self._changed.notify_all()
        self._http.shutdown()
        self._http.server_close()

    # What the people do.

    def join(self, chat: int, name: str = "小信", language: str = "zh-hans") -> Chat:
        """Someone opens the bot; nothing can be sent to a chat before that."""
        return self.chats.setdefault(chat, Chat(chat, name, language))

    def say(self, chat: int, text: str, **more: Any) -> int:
        """Someone writes a line (or sends what `more` holds); returns the update's id."""
        there = self.join(chat)
        content: dict[str, Any] = {"text": text} if text else {}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self._update("message", self._message(there) | content | more)

    def press(self, chat: int, message: int, data: str) -> int:
        """Someone presses a button under a message."""
        there = self.chats[chat]
        shown = there.messages[message]
        if data not in [button.get("callback_data") for button in shown.buttons]:
            raise AssertionError(f"no button {data!r} under {shown.text!r}")
        query_id = f"q{next(self._message_ids)}"
        query = {"id": query_id, "from": there.user, "chat_instance": "1", "data": data}
        self._queries[query_id] = there
        return self._update("callback_query", query | {"message": shown.as_message(there.as_chat)})

    def send_photo(self, chat: int, picture: bytes, caption: str = "", as_file: str = "") -> int:
        """Someone sends a photo, which Telegram keeps in two sizes; or, with a media type, as a file."""
        small, large = self._keep_file(picture[: len(picture) // 4]), self._keep_file(picture)
        more: dict[str, Any] = {"caption": caption} if caption else {}
        if as_file:
            return self.say(chat, "", document=large | {"mime_type": as_file, "file_name": "IMG_1"}, **more)
        sizes = [small | {"width": 320, "height": 240}, large | {"width": 1280, "height": 960}]
        return self.say(chat, "", photo=sizes, **more)

    def _keep_file(self, content: bytes) -> dict[str, Any]:
        """A file on Telegram's side, as a message describes it."""
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}

    def type_inline(self, chat: int, query: str, offset: str = "") -> str:
        """Someone types our name and a few words in another chat; returns the id under which results are shown."""
        query_id = f"i{next(self._message_ids)}"
        there = self.join(chat)
        self._inline.add(query_id)
        words = {"id": query_id, "from": there.user, "query": query[:256], "offset": offset, "chat_type": "private"}
        self._update("inline_query", words)
        return query_id

    def share_location(self, chat: int, latitude: float, longitude: float) -> int:
        """Someone sends where they are."""
        return self.say(chat, "", location={"latitude": latitude, "longitude": longitude})

    def share_contact(self, chat: int, phone: str, owner: int | None = None) -> int:
        """Someone sends a contact, their own unless another owner is named."""
        contact = {"phone_number": phone, "first_name": "小信", "user_id": owner or chat}
        return self.say(chat, "", contact=contact)

    def block(self, chat: int, blocked: bool = True) -> int:
        """Someone blocks the bot, or lets it in again."""
        there = self.join(chat)
        there.blocked = blocked
        inside: dict[str, Any] = {"status": "member", "user": BOT}
        outside: dict[str, Any] = {"status": "kicked", "user": BOT, "until_date": 0}
        old, new = (inside, outside) if blocked else (outside, inside)
        change = {"chat": there.as_chat, "from": there.user, "date": int(time.time())}
        return self._update("my_chat_member", change | {"old_chat_member": old, "new_chat_member": new})

    def inbox(self, chat: int) -> list[Shown]:
        """What the chat shows now, oldest first."""
        with self._changed:
            return list(self.chats[chat].messages.values())

    def push(self, update: dict[str, Any]) -> int:
        """Any update, well-formed or not; it gets its id here."""
        with self._changed:
            update = {"update_id": next(self._update_ids)} | update
            self._updates.append(update)
            if self.webhook is not None:
                self._updates.remove(update)
                self.webhook.deliver(update)
            self._changed.notify_all()
        return int(update["update_id"])

    def wait_for(self, ready: Callable[[], bool], seconds: float = 10.0) -> None:
        """Until it is so; AssertionError when it takes too long."""
        until = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > until:
                raise AssertionError("it did not come about")
            time.sleep(0.005)

    def _update(self, kind: str, content: dict[str, Any]) -> int:
        if self.allowed and kind not in self.allowed:
            return 0
        return self.push({kind: content})

    def _message(self, chat: Chat) -> dict[str, Any]:
        message_id = next(self._message_ids)
        return {"message_id": message_id, "date": int(time.time()), "chat": chat.as_chat, "from": chat.user}

    # What the bot asks for.

    def call(self, method: str, parameters: Parameters) -> Any:
        """One Bot API call; raises Refusal."""
        handler = getattr(self, f"_on_{method.lower()}", None)
        if handler is None:
            raise Refusal(404, "Not Found")
        if method.lower() == "getupdates":
            return handler(parameters)
        with self._changed:
            try:
                result = handler(parameters)
            except Refusal as refusal:
                self.refused.append(refusal)
                raise
            self.calls.append((time.monotonic(), method, parameters))
            self._changed.notify_all()
            return result

    def _on_getme(self, parameters: Parameters) -> Any:
        return BOT | {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": True}

    def _on_getupdates(self, parameters: Parameters) -> Any:
        offset, limit = int(parameters.get("offset", 0)), int(parameters.get("limit", 100))
        until = time.monotonic() + int(parameters.get("timeout", 0))
        with self._changed:
            if self.webhook is not None:
                raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
            self._polls += 1
            mine = self._polls
            self._changed.notify_all()
            if "allowed_updates" in parameters:
                self.allowed = json.loads(parameters["allowed_updates"])
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            while not self._updates and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
                if self._polls != mine:
                    raise Refusal(409, "Conflict: terminated by other getUpdates request")
            return self._updates[: max(1, min(limit, 100))]

    def _on_setwebhook(self, parameters: Parameters) -> Any:
        url, secret = parameters["url"], parameters.get("secret_token", "")
        if not url.startswith(("https://", "http://127.0.0.1")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        self._on_deletewebhook(Parameters())
        self.allowed = json.loads(parameters.get("allowed_updates", "[]"))
        connections = int(parameters.get("max_connections", 40))
        self.webhook = Webhook(url, secret, self.hurry, connections, self._from_webhook)
        waiting, self._updates = self._updates, []
        for update in waiting:
            self.webhook.deliver(update)
        return True

    def _from_webhook(self, answer: dict[str, Any]) -> None:
        """A method in the webhook's answer is carried out; its result is thrown away."""
        method = str(answer.pop("method", ""))
        if not method or method.lower().startswith("get") or method in ("setWebhook", "deleteWebhook"):
            return
        texts = Parameters({name: v if isinstance(v, str) else json.dumps(v) for name, v in answer.items()})
        try:
            self.call(method, texts)
        except Refusal:
            return

    def _on_deletewebhook(self, parameters: Parameters) -> Any:
        if self.webhook is not None:
            self._updates = self.webhook.close() + self._updates
            self.webhook = None
        return True

    def _on_getwebhookinfo(self, parameters: Parameters) -> Any:
        if self.webhook is None:
            return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._updates)}
        return {"url": self.webhook.url, "has_custom_certificate": False, "pending_update_count": self.webhook.pending}

    def _on_setmycommands(self, parameters: Parameters) -> Any:
        language = parameters.get("language_code", "")
        if language and len(language) != 2:
            raise bad("invalid language code specified")
        self.commands[language] = check_commands(parameters["commands"])
        return True

    def _on_sendchataction(self, parameters: Parameters) -> Any:
        self._chat(parameters)
        return True

    def _on_sendmessage(self, parameters: Parameters) -> Any:
        self._pace()
        chat = self._chat(parameters)
        text, markup = check_text(parameters.get("text", "")), check_markup(parameters.get("reply_markup"))
        return self._show(chat, Shown(next(self._message_ids), text, markup))

    def _on_sendphoto(self, parameters: Parameters) -> Any:
        self._pace()
        chat = self._chat(parameters)
        picture = parameters.files.get(parameters.get("photo", "").removeprefix("attach://")) or parameters.files.get(
            "photo", b""
        )
        if not picture.startswith((b"\x89PNG", b"\xff\xd8")):
            raise bad("IMAGE_PROCESS_FAILED")
        caption = parameters.get("caption", "")
        text = check_text(caption, 1024) if caption else ""
        markup = check_markup(parameters.get("reply_markup"))
        return self._show(chat, Shown(next(self._message_ids), text, markup, photo=picture))

    def _on_senddocument(self, parameters: Parameters) -> Any:
        self._pace()
        chat = self._chat(parameters)
        field = parameters.get("document", "").removeprefix("attach://") or "document"
        name, content = parameters.names.get(field, ""), parameters.files.get(field, b"")
        if not content:
            raise bad("file must be non-empty")
        if len(content) > MOST_SENT:
            raise Refusal(413, "Request Entity Too Large")
        caption = parameters.get("caption", "")
        text = check_text(caption, 1024) if caption else ""
        markup = check_markup(parameters.get("reply_markup"))
        return self._show(chat, Shown(next(self._message_ids), text, markup, document=(name, content)))

    def _on_editmessagetext(self, parameters: Parameters) -> Any:
        self._pace()
        chat = self._chat(parameters)
        text, markup = check_text(parameters.get("text", "")), check_markup(parameters.get("reply_markup"))
        shown = chat.messages.get(int(parameters["message_id"]))
        if shown is None:
            raise bad("message to edit not found")
        if not shown.editable or "keyboard" in shown.markup:
            raise bad("message can't be edited")
        if shown.photo or shown.document[0]:
            raise bad("there is no text in the message to edit")
        if (shown.text, shown.markup) == (text, markup):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        shown.text, shown.markup, shown.edits = text, markup, shown.edits + 1
        return shown.as_message(chat.as_chat) | {"edit_date": int(time.time())}

    def _on_answercallbackquery(self, parameters: Parameters) -> Any:
        text = parameters.get("text", "")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        chat = self._queries.pop(parameters["callback_query_id"], None)
        if chat is None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        chat.toasts.append(text)
        return True

    def _on_getfile(self, parameters: Parameters) -> Any:
        content = self.files.get(parameters["file_id"])
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > MOST_DOWNLOADED:
            raise bad("file is too big")
        name = parameters["file_id"]
        return {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(content), "file_path": f"photos/{name}"}

    def file(self, path: str) -> bytes | None:
        """What lies at a file path that getFile gave."""
        return self.files.get(path.removeprefix("photos/"))

    def _on_answerinlinequery(self, parameters: Parameters) -> Any:
        check_results(parameters)
        if parameters["inline_query_id"] not in self._inline:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self._inline.remove(parameters["inline_query_id"])
        self.inline_answers[parameters["inline_query_id"]] = parameters
        return True

    def _pace(self) -> None:
        if self.limit is not None:
            self.limit.check()

    def _chat(self, parameters: Parameters) -> Chat:
        chat = self.chats.get(int(parameters["chat_id"]))
        if chat is None:
            raise bad("chat not found")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        now = time.monotonic()
        if now - chat.last_sent < self.per_chat:
            raise too_fast(self.per_chat)
        chat.last_sent = now
        return chat

    def _show(self, chat: Chat, shown: Shown) -> Any:
        chat.messages[shown.id] = shown
        return shown.as_message(chat.as_chat)
