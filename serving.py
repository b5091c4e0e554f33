"""What answers HTTP: one event loop reads and writes for all, the pages run on threads, the webhook stands beside."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask

BACKLOG = 1024
GATHERED = 16_000_000  # bytes of a request that are read before a thread is given to it: slow senders hold none
KEEP_ALIVE, LAST_ANSWERS = 75, 10  # seconds; longer than a proxy before us keeps its connections

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]


def listening(host: str, port: int) -> socket.socket:
    """The port, taken. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def server(pages: Flask, threads: int) -> uvicorn.Server:
    """Answers by the pages and the webhook; at its end it lets those who are being answered finish."""
    telegram = pages.extensions["shuxin"]["telegram"] or {}
    doors = {webhook.path: webhook for webhook in (telegram.get("webhook"),) if webhook}
    return uvicorn.Server(
        uvicorn.Config(
            _front(pages, doors, threads), lifespan="off", ws="none", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE,
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
        await behind(scope, await _gathered(receive), send)

    return front


async def _gathered(receive: Receive) -> Receive:
    """The same, with what is read already put before it."""
    messages, size, more = [], 0, True
    while more and size < GATHERED:
        messages.append(message := await receive())
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    read = iter(messages)

    async def again() -> Any:
        for message in read:
            return message
        return await receive()

    return again
