"""Where Telegram posts its updates: POST /webhooks/telegram, an ASGI application of its own beside the pages.

Updates that come while others are being taken wait together and share the next commit; one thread takes them all,
for threads that each take one would spend longer on getting the interpreter than on the updates (docs/measured.md).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec

from bot.channels.telegram.intake import Intake, may_take_long
from bot.channels.telegram.updates import query_id
from lending.errors import StoreUnwritable

if TYPE_CHECKING:
    from a2wsgi.asgi_typing import HTTPScope, Receive, Send

log = logging.getLogger(__name__)

SECRET_HEADER = b"x-telegram-bot-api-secret-token"
BODY_BYTES = 1_000_000
RETRY_SECONDS = 5
TOAST_CHARACTERS = 200
TOGETHER = 64  # updates to a commit, at most
LONG = 4  # updates with photos at once

Answer = tuple[int, bytes]
DONE: Answer = 200, b"{}"
FORBIDDEN: Answer = 403, b"{}"
NOT_ALLOWED: Answer = 405, b"{}"
LATER: Answer = 503, b"{}"


class Webhook:
    """403 without the secret, 503 while the store cannot be written, otherwise 200.

    A button press is answered in the response itself, which needs no call to Telegram.
    """

    path = "/webhooks/telegram"

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake, self._secret = intake, secret.encode()
        self._waiting: list[tuple[Any, asyncio.Future[Answer]]] = []
        self._taking: asyncio.Task[None] | None = None
        self._taker = ThreadPoolExecutor(1, "webhook")
        self._long = ThreadPoolExecutor(LONG, "webhook-long")

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope, receive)
        if answer is None:
            return
        status, body = answer
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status == LATER[0]:
            headers.append((b"retry-after", str(RETRY_SECONDS).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Answer | None:
        """None where nobody is there any more to hear it."""
        if scope["method"] != "POST":
            return NOT_ALLOWED
        given = next((value for name, value in scope["headers"] if name == SECRET_HEADER), b"")
        if not self._secret or not hmac.compare_digest(given, self._secret):
            return FORBIDDEN
        body = await _body(receive)
        if body is None:
            return None
        payload, loop = _payload(body), asyncio.get_running_loop()
        if isinstance(payload, Unreadable) or may_take_long(payload):
            [answer] = await loop.run_in_executor(self._long, self._take, [payload])
            return answer
        self._waiting.append((payload, waiting := loop.create_future()))
        if self._taking is None or self._taking.done():
            self._taking = loop.create_task(self._take_waiting(loop))
        return await waiting

    async def _take_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            answers = await loop.run_in_executor(self._taker, self._take, [payload for payload, _ in batch])
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if not waiting.done():  # who posted it may have gone
                    waiting.set_result(answer)

    def _take(self, payloads: list[Any]) -> Iterable[Answer]:
        """Never raises: whoever waits is answered, and where nothing is sure, Telegram sends it again."""
        try:
            if isinstance(payloads[0], Unreadable):
                self._intake.set_aside(payloads[0].body, payloads[0].error)
                return [DONE]
            taken = self._intake.take_all(payloads)
            return [_reply(payload, one) for payload, one in zip(payloads, taken, strict=True)]
        except StoreUnwritable:
            return [LATER] * len(payloads)
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))  # an error's own words may be the reader's
            log.error("updates could not be taken: %s\n%s", type(error).__name__, where)
            return [LATER] * len(payloads)


class Unreadable:
    """A body that is no update, and why."""

    def __init__(self, body: bytes, error: str) -> None:
        self.body, self.error = body.decode("utf-8", "replace"), error


async def _body(receive: Receive) -> bytes | None:
    """All of it, or a little more than we take of what is far too long; None when it was cut: it comes again whole.

    What is too long is heard to its end: whoever is answered before hears of a broken connection instead.
    """
    body, more = bytearray(), True
    while more:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) <= BODY_BYTES:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _payload(body: bytes) -> Any:
    """The update; Unreadable when the body is no JSON or far too long, which is kept and answered 200.

    Anything but a 2xx would make Telegram send it again and hold back the chat's later messages.
    """
    if len(body) > BODY_BYTES:
        return Unreadable(body[: BODY_BYTES // 10], "longer than a megabyte")
    try:
        payload = _json(body)
    except (ValueError, RecursionError) as error:
        return Unreadable(body, f"not JSON: {error}")
    return Unreadable(body, "null") if payload is None else payload


def _json(body: bytes) -> Any:
    """Any JSON; the quick reader knows no halves of characters, which people do send."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return json.loads(body)


def _reply(payload: Any, taken: str | StoreUnwritable | None) -> Answer:
    """What Telegram is to do: come again, or end the spinner of the pressed button."""
    if isinstance(taken, StoreUnwritable):
        return LATER
    asked = query_id(payload)
    if asked is None:
        return DONE
    answer = {"method": "answerCallbackQuery", "callback_query_id": asked}
    return 200, msgspec.json.encode(answer | {"text": taken[:TOAST_CHARACTERS]} if taken else answer)
