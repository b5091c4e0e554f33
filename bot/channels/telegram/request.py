"""HTTP for python-telegram-bot by aiohttp: a message takes half of the processor time that it takes by httpx."""

from __future__ import annotations

import urllib.request
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.errors import Unreached

CONNECT_SECONDS = 5.0
AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)  # also in Telegram's own words; its 500 is a message's


class _Refusal(msgspec.Struct):
    ok: bool


class Request(BaseRequest):
    """Requests over connections that are kept, to be made on the loop that uses it. Errors never tell the token."""

    def __init__(self, base_url: str, connections: int, answer_seconds: float) -> None:
        """At most so many connections to that server, or to the proxy that the environment names for it."""
        self._seconds = answer_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            headers={"User-Agent": self.USER_AGENT},
            proxy=_proxy(base_url),
        )

    @property
    def read_timeout(self) -> float:
        """Seconds an answer may take."""
        return self._seconds

    async def initialize(self) -> None:
        """Nothing: connections are made when they are needed."""

    async def shutdown(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """Status and body of Telegram's answer, whose time alone can be set. Raises Unreached, TimedOut, NetworkError.

        What something in between answers is not Telegram's word, and may name the token: nothing of it is passed on.
        """
        seconds = read_timeout if isinstance(read_timeout, (int, float)) else self._seconds
        patience = aiohttp.ClientTimeout(CONNECT_SECONDS + seconds, connect=CONNECT_SECONDS)
        asked = self._session.request(method, url, data=_body(request_data), timeout=patience, allow_redirects=False)
        try:
            async with asked as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreached(type(error).__name__) from error
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error
        if status == HTTPStatus.GATEWAY_TIMEOUT:
            raise TimedOut
        if status in AWAY or _is_page(body) or not (200 <= status < 300 or _is_refusal(body)):
            raise Unreached(f"HTTP {status}")
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The answer's JSON. Raises TelegramError."""
        try:
            return msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TelegramError("Invalid server response") from error


def _is_page(body: bytes) -> bool:
    """Something in between asks to log in, or says no, with a 200 too: neither JSON nor a photo begins so."""
    return body[:100].lstrip().startswith(b"<")


def _is_refusal(body: bytes) -> bool:
    """Is it Telegram that says no?"""
    try:
        return not msgspec.json.decode(body, type=_Refusal).ok
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _body(data: RequestData | None) -> aiohttp.FormData | None:
    if data is None:
        return None
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in (data.multipart_data if data.contains_files else {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _proxy(base_url: str) -> str | None:
    """Asked once: aiohttp would read the environment and ~/.netrc for every request."""
    server, named = urlsplit(base_url), urllib.request.getproxies()
    if urllib.request.proxy_bypass(server.hostname or ""):
        return None
    return named.get(server.scheme) or named.get("all")
