"""What answers HTTP: one event loop reads and writes for all, the pages run on threads, the webhook stands beside."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

BACKLOG = 1024
GATHERED = 16_000_000  # bytes of a request that are read before a thread is given to it: slow senders hold none
KEEP_ALIVE, LAST_ANSWERS = 75, 10  # seconds; longer than a proxy before us keeps its connections
LONGEST_HEAD = 65_536  # bytes of a request's head; the parser needs seconds for megabytes, and all others wait for it
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
PATIENCE, HEARD = 3.0, 0.5  # seconds that who comes waits for a usual start; that we wait to hear what they ask
SILENCE = 30  # seconds that we wait for the head of a request, and for each next part of its body

CLOSE = ((b"connection", b"close"),)  # what else was to come is not waited for

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]


def listening(host: str, port: int) -> socket.socket:
    """The port, taken. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


@contextmanager
def refusing(door: socket.socket, answer: Callable[[bytes], bytes]) -> Iterator[None]:
    """While the block lasts, and lasts long, whoever comes hears the answer to the head of their request.

    No event is read, so it must be one that makes the sender come again.
    """
    ready = threading.Event()
    refuser = threading.Thread(target=_refuse_until, args=(ready, door, answer), daemon=True)
    refuser.start()
    try:
        yield
    finally:
        ready.set()
        refuser.join()


def _refuse_until(ready: threading.Event, door: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    if ready.wait(PATIENCE):
        return
    door.settimeout(HEARD)  # the end is noticed so soon
    while not ready.is_set():
        with suppress(OSError):  # nobody has come, or who came has gone
            line, _ = door.accept()
            with line:
                line.settimeout(HEARD)
                line.sendall(answer(line.recv(LONGEST_HEAD)))


def room_for_many() -> None:
    """As many open files as the system lets us have: each open page holds one, and the usual first limit is 1,024."""
    if resource:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):  # some systems name no limit and take none
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Patient(HttpToolsProtocol):
    """Lets a line go on which no request's head comes, or one without end: uvicorn itself would take either."""

    _waiting: asyncio.TimerHandle | None = None
    _head = 0  # bytes that came of it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        before, in_head = self.cycle, self.cycle is None or not self.cycle.more_body
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._wait_no_more()
        if self.cycle is not before:  # a head has come whole
            self._head = 0
        elif in_head:
            self._measure(len(data))

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None and not self.transport.is_closing():  # a head that comes in drops has no more time
            self._waiting = self.loop.call_later(SILENCE, self.transport.close)

    def _measure(self, more: int) -> None:
        self._head += more
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(TOO_LONG)
            self.transport.close()

    def _wait_no_more(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None


def server(pages: Flask, threads: int) -> uvicorn.Server:
    """Answers by the pages and the webhook; at its end it lets those who are being answered finish."""
    telegram = pages.extensions["shuxin"]["telegram"] or {}
    doors = {webhook.path: webhook for webhook in (telegram.get("webhook"),) if webhook}
    return uvicorn.Server(
        uvicorn.Config(
            _front(pages, doors, threads), lifespan="off", ws="none", log_config=None, access_log=False,
            http=Patient, server_header=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=LAST_ANSWERS,
        )
    )  # fmt: skip


def run(answering: uvicorn.Server, door: socket.socket) -> None:
    """Answer until a signal, outside of the command's own Flask context: each request would go on in that same one."""
    Context().run(answering.run, [door])


def _front(pages: Flask, doors: Mapping[str, Door], threads: int) -> Door:
    """Each path to its door; to the pages what has none."""
    behind: Any = WSGIMiddleware(pages, workers=threads)  # type: ignore[arg-type]

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if door := doors.get(scope["path"]):
            return await door(scope, receive, send)
        try:
            messages = await _gathered(receive)
        except asyncio.CancelledError:  # we end, and it has still not come whole
            return await _refuse(send, 503)
        except TimeoutError:
            return await _refuse(send, 408)
        if messages and not (scope := _measured(scope, messages)):
            return await _refuse(send, 413)
        if messages:
            await behind(scope, _again(messages, receive), send)

    return front


async def _gathered(receive: Receive) -> list[Any]:
    """What is read before the pages are asked; nothing of a body that was cut: half of it may say something else.

    Raises TimeoutError when the next part does not come.
    """
    messages: list[Any] = []
    size, more = 0, True
    while more and size < GATHERED:
        async with asyncio.timeout(SILENCE):
            messages.append(message := await receive())
        if message["type"] == "http.disconnect":
            return []
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return messages


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *CLOSE]})
    await send({"type": "http.response.body"})


def _measured(scope: Scope, messages: list[Any]) -> Scope:
    """With the length of a body that came in chunks: the pages read none whose length nobody says.

    Empty where even that is not known, for a body longer than any page takes.
    """
    if b"content-length" in dict(scope["headers"]):
        return scope
    if messages[-1].get("more_body", False):
        return {}
    size = sum(len(message.get("body", b"")) for message in messages)
    others = [header for header in scope["headers"] if header[0] != b"transfer-encoding"]
    return {**scope, "headers": [*others, (b"content-length", str(size).encode())]}


def _again(messages: list[Any], receive: Receive) -> Receive:
    """The same, with what was read put before it."""
    read = iter(messages)

    async def again() -> Any:
        for message in read:
            return message
        return await receive()

    return again
