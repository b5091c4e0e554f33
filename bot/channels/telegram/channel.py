"""Telegram as a channel: one background loop owns the Bot, and any thread may send through it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from telegram import Bot, InlineKeyboardMarkup, Message
from telegram.error import NetworkError, RetryAfter, TelegramError

from bot.channels.telegram.errors import (
    NOT_EDITABLE,
    OFFLINE_SECONDS,
    SETTLED,
    TOO_BIG,
    Unreached,
    is_bad_request,
    seconds,
    transport_error,
)
from bot.channels.telegram.rendering import (
    CAPTION_UNITS,
    TEXT_UNITS,
    asks,
    markup,
    qr_picture,
    split,
    start_link,
    text_of,
    units,
)
from bot.channels.telegram.request import Request
from bot.events import Photo, Reply
from bot.exporting import File
from bot.picture_limits import MOST_BYTES

try:
    from uvloop import new_event_loop
except ImportError:  # where there is none (Windows) the ordinary loop takes a quarter longer
    from asyncio import new_event_loop  # type: ignore[assignment]

log = logging.getLogger(__name__)
T = TypeVar("T")

API = "https://api.telegram.org/bot"
ANSWER_SECONDS = 15.0  # with the time to connect well under the minute after which a claim is taken again
CONNECTIONS = 16
PART_SECONDS, LONGEST_WAIT, PART_TRIES = 1.0, 10.0, 3  # between the parts of a message that is too long for one

Send = Callable[[], Awaitable[Message]]


class TelegramChannel:
    """Sends replies; `call` runs any coroutine on the loop that owns the Bot."""

    name = "telegram"

    def __init__(
        self,
        token: str,
        base_url: str | None = None,
        kept: Callable[[int], bytes | None] = lambda _id: None,
        copies: Callable[[str], Sequence[File]] = lambda _ticket: (),
    ) -> None:
        """`kept` gives the content of a picture that a reply names, or None once it has gone; `copies` the files of a
        ticket for a reader's data."""
        self._kept, self._copies = kept, copies
        self._token = token
        self._base_url = base_url or API
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._bot: Bot | None = None
        self._requests: tuple[Request, ...] = ()
        self.username = ""  # as Telegram told us; "" until it was asked

    def send(self, address: str, reply: Reply, edits: str | None) -> str:
        """Send, or edit the message Telegram calls `edits`; returns Telegram's id of the (last) message.

        Raises TransportError. Cards are left out: the text says the same.
        """
        try:
            return self.call(self._send(address, reply, edits))
        except TelegramError as error:
            raise transport_error(error) from error

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it on the Bot's loop and wait for the outcome."""
        return self.submit(coroutine).result()

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run it on the Bot's loop without waiting."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())

    @property
    def bot(self) -> Bot:
        """The Bot, for coroutines given to `call`."""
        self._running_loop()
        assert self._bot is not None
        return self._bot

    def close(self) -> None:
        """Close the connections and end the loop; a later use starts it again."""
        with self._guard:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = self._bot = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The loop, started by whoever needs it first: a loop made on import would not survive a fork."""
        with self._guard:
            if self._loop is None:
                self._loop = new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True)
                self._thread.start()
                self._bot = asyncio.run_coroutine_threadsafe(self._make_bot(), self._loop).result()
            return self._loop

    async def _make_bot(self) -> Bot:
        polling, ordinary = (Request(self._base_url, lines, ANSWER_SECONDS) for lines in (1, CONNECTIONS))
        self._requests = (polling, ordinary)
        files = f"{self._base_url.removesuffix('/bot')}/file/bot"
        return Bot(
            self._token, base_url=self._base_url, base_file_url=files, request=ordinary, get_updates_request=polling
        )

    async def _shut(self) -> None:
        await asyncio.gather(*(request.shutdown() for request in self._requests))

    async def updates(self, offset: int, wait: int, kinds: str) -> Any:
        """getUpdates as raw JSON: parsed one by one, a broken update cannot hide the others of its batch.

        `offset` confirms all before it; `wait` in seconds; `kinds` a JSON list. Raises TelegramError.
        """
        query = urlencode({"offset": offset, "timeout": wait, "limit": 100, "allowed_updates": kinds})
        url = f"{self.bot.base_url}/getUpdates?{query}"
        return await self._requests[0].post(url, read_timeout=wait + ANSWER_SECONDS)

    def download(self, reference: str) -> Photo:
        """A photo sent, by Telegram's id of it; or why it could not be had. It never raises: the sender is answered."""
        try:
            return self.call(self._download(reference))
        except TelegramError as error:
            log.info("a photo could not be fetched: %s", error)
            return Photo(problem="too_large" if is_bad_request(error, TOO_BIG) else "unreachable")
        except Exception as error:  # what came is not what Telegram describes
            log.warning("a photo could not be fetched: %s", type(error).__name__)
            return Photo(problem="unreachable")

    async def _download(self, reference: str) -> Photo:
        file = await self.bot.get_file(reference)
        if (file.file_size or 0) > MOST_BYTES:
            return Photo(problem="too_large")
        return Photo(bytes(await file.download_as_bytearray()))

    async def learn_name(self) -> str:
        """Our name on Telegram, asked for once. Raises TelegramError."""
        if not self.username:
            self.username = (await self.bot.get_me()).username or ""
        return self.username

    async def _send(self, address: str, reply: Reply, edits: str | None) -> str:
        if reply.export:
            return await self._send_files(address, reply)
        picture = await self._picture(reply)
        if picture:
            return await self._send_picture(address, reply, picture)
        text = text_of(reply)
        if edits is not None and not asks(reply) and units(text) <= TEXT_UNITS:
            if await self._edit(address, text, reply, edits):
                return edits
            return await in_order(self._parts(address, text, reply), begun=True)
        return await in_order(self._parts(address, text, reply))

    async def _edit(self, address: str, text: str, reply: Reply, edits: str) -> bool:
        """True when the message now says this; False when it can no longer be edited."""
        keyboard = markup(reply, self.username)
        assert keyboard is None or isinstance(keyboard, InlineKeyboardMarkup)
        try:
            await self.bot.edit_message_text(text, chat_id=address, message_id=int(edits), reply_markup=keyboard)
        except TelegramError as error:
            if is_bad_request(error, NOT_EDITABLE):
                return False
            if not is_bad_request(error, SETTLED):
                raise
        return True

    def _parts(self, address: str, text: str, reply: Reply) -> list[Send]:
        """One message, or several when it is long; the keyboard stands under the last."""
        *first, last = split(text)
        parts = [partial(self.bot.send_message, address, part) for part in first]
        return [*parts, partial(self.bot.send_message, address, last, reply_markup=markup(reply, self.username))]

    async def _send_files(self, address: str, reply: Reply) -> str:
        """The files first, the words with their buttons under them: the last message is the one that can be edited."""
        found = await asyncio.to_thread(self._copies, reply.export)
        documents = [partial(self.bot.send_document, address, file.content, filename=file.name) for file in found]
        return await in_order([*documents, *self._parts(address, text_of(reply), reply)])

    async def _picture(self, reply: Reply) -> bytes | None:
        """The QR code or the kept picture that goes with the text, if there is one."""
        if reply.qr:
            return qr_picture(start_link(reply.qr, await self.learn_name()))
        return await asyncio.to_thread(self._kept, reply.picture) if reply.picture else None

    async def _send_picture(self, address: str, reply: Reply, content: bytes) -> str:
        """The picture with the text under it, or before it when the text is too long for that."""
        text, before = text_of(reply), []
        if units(text) > CAPTION_UNITS:
            before = [partial(self.bot.send_message, address, part) for part in split(text)]
        caption = None if before else text or None
        picture = partial(
            self.bot.send_photo,
            address,
            content,
            caption=caption,
            reply_markup=markup(reply, self.username),
        )
        return await in_order([*before, picture])


async def in_order(parts: Sequence[Send], begun: bool = False) -> str:
    """Send the parts of one message at the pace a chat is allowed; returns the id of the last.

    Once its beginning is out, the rest waits here when told to: a new try of the whole would repeat the beginning.
    `begun`: the chat was just asked for an edit, and refused it; a new try would ask again, too soon, for ever.
    """
    first, *rest = parts
    message = await (_patiently(first) if begun else first())
    for part in rest:
        message = await _patiently(part)
    return str(message.message_id)


async def _patiently(send: Send) -> Message:
    wait, tries = PART_SECONDS, PART_TRIES
    while True:
        await asyncio.sleep(wait)
        tries -= 1
        try:
            return await send()
        except RetryAfter as error:
            wait = seconds(error.retry_after)
            if not tries or wait > LONGEST_WAIT:
                raise
        except Unreached as error:
            wait = OFFLINE_SECONDS
            if not tries:  # it counts: the beginning would be said for as long as the rest does not get through
                raise NetworkError(error.message) from error
