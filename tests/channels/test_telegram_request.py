"""Asking the Bot API over HTTP: what goes wrong on the way is told apart, and no error tells the token (B2-8)."""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError, TimedOut

from bot.channels.telegram.errors import Unreached
from bot.channels.telegram.request import Request
from tests import loops

TOKEN = "123:a-secret"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}'


@contextmanager
def server(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and what it was asked; it answers that and hangs up, or with None says nothing for ever."""
    asked, over = list[bytes](), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    line, _ = door.accept()
                except OSError:
                    return
                with line:
                    asked.append(line.recv(65_536))
                    if answer is None:
                        over.wait()
                    else:
                        line.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}", asked
        finally:
            over.set()
            door.shutdown(socket.SHUT_RDWR)


def ask(address: str, read_timeout: float = 5.0) -> Any:
    """What getMe comes to."""

    async def go() -> Any:
        request = Request(f"{address}/bot", 1, 5.0)
        try:
            return await request.post(f"{address}/bot{TOKEN}/getMe", read_timeout=read_timeout)
        finally:
            await request.shutdown()

    return loops.run(go())


def refusal(address: str, **options: float) -> TelegramError:
    """What asking raises; nowhere in its whole traceback stands the token."""
    with pytest.raises(TelegramError) as caught:
        ask(address, **options)
    told = [str(error) for error in (caught.value, caught.value.__cause__)]
    assert TOKEN not in " ".join([*told, *traceback.format_exception_only(caught.value)])
    return caught.value


def test_an_answer_is_read() -> None:
    with server(ANSWER) as (address, asked):
        assert ask(address) is True
    assert asked[0].startswith(f"POST /bot{TOKEN}/getMe HTTP/1.1\r\n".encode())


def test_nobody_at_the_port_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert isinstance(refusal(f"http://127.0.0.1:{port}"), Unreached)


def test_a_name_that_does_not_exist_means_nothing_was_sent() -> None:
    assert isinstance(refusal("http://nowhere.invalid"), Unreached)


def test_a_line_cut_before_the_answer_may_have_delivered() -> None:
    with server(b"") as (address, asked):
        error = refusal(address)
    assert isinstance(error, NetworkError) and not isinstance(error, (Unreached, TimedOut))
    assert len(asked) == 1  # not sent again behind our back


def test_a_line_cut_within_the_answer_may_have_delivered() -> None:
    with server(ANSWER[:-5]) as (address, _):
        error = refusal(address)
    assert isinstance(error, NetworkError) and not isinstance(error, (Unreached, TimedOut))


def test_silence_is_waited_for_no_longer_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.request.CONNECT_SECONDS", 0.2)
    with server(None) as (address, _):
        assert isinstance(refusal(address, read_timeout=0.1), TimedOut)


@pytest.mark.parametrize("body", [b"", b'{"ok":tru', b"\xff\xfe"])
def test_what_is_no_json_is_a_refusal_not_a_crash(body: bytes) -> None:
    """It may be Telegram's, broken on the way: the message may have been delivered."""
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body) as (address, _):
        assert refusal(address).message == "Invalid server response"


def page(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


HTML = f"<html><p>The proxy could not handle <em>/bot{TOKEN}/getMe</em></p></html>".encode() + b"x" * 100_000


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("502 Bad Gateway", HTML),
        ("502 Bad Gateway", b'{"ok":false,"error_code":502,"description":"Bad Gateway"}'),
        ("503 Service Unavailable", b""),
        ("500 Internal Server Error", HTML),
        ("403 Forbidden", HTML),
        ("400 Bad Request", b'["chat not found"]'),
        ("404 Not Found", b'{"description":"Not Found"}'),
        ("407 Proxy Authentication Required", HTML),
        ("302 Found", HTML),
        ("200 OK", HTML),
        ("200 OK", b"\r\n <!doctype html>"),
    ],
)
def test_what_something_in_between_answers_is_no_word_of_telegram(status: str, body: bytes) -> None:
    with server(page(status, body)) as (address, _):
        error = refusal(address)
    assert isinstance(error, Unreached)
    assert error.message == f"HTTP {status[:3]}"


def test_a_gateway_that_waited_in_vain_may_have_delivered() -> None:
    with server(page("504 Gateway Timeout", HTML)) as (address, _):
        assert isinstance(refusal(address), TimedOut)


@pytest.mark.parametrize(
    ("status", "kind"), [("403 Forbidden", Forbidden), ("400 Bad Request", BadRequest), ("500 Error", NetworkError)]
)
def test_a_refusal_of_telegram_s_own_is_passed_on(status: str, kind: type[TelegramError]) -> None:
    said = b'{"ok":false,"error_code":%s,"description":"bot was blocked"}' % status[:3].encode()
    with server(page(status, said)) as (address, _):
        error = refusal(address)
    assert type(error) is kind and "bot was blocked" in error.message


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with server(ANSWER) as (elsewhere, asked):
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/bot{TOKEN}/getMe\r\nContent-Length: 0\r\n\r\n".encode()
        with server(moved) as (address, _):
            assert isinstance(refusal(address), NetworkError)
    assert asked == []


def test_the_proxy_that_the_environment_names_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(ANSWER) as (proxy, asked):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        assert ask("http://telegram.invalid") is True
        assert asked[0].startswith(b"POST http://telegram.invalid/bot")


def test_no_proxy_is_asked_for_those_it_is_not_meant_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with server(ANSWER) as (address, _):
        assert ask(address) is True
