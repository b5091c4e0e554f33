"""Updates that Telegram posts: only with the secret, each handled once for good, none in another's way."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask import Flask

import serving
from bot.channels.telegram import Intake, TelegramChannel, UpdateReader, Webhook, set_up
from bot.channels.telegram.webhook import BODY_BYTES
from bot.events import Button, Event, Photo, Reply
from lending.errors import StoreUnwritable
from tests import loops
from tests.background import answering
from tests.channels.test_telegram_updates import MALFORMED, message, press
from tests.fakes.telegram_server import FakeTelegram

SECRET = "s3cret_Token-1"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


class Core:
    """Stands in for the conversation: remembers events, and fails when told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.poisoned: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.turns: list[int] = []

    def receive(self, events: Sequence[Event]) -> list[str | Exception | None]:
        return [self._receive(event) for event in events]

    def _receive(self, event: Event) -> str | Exception | None:
        self.events.append(event)
        if self.failures:
            return self.failures.pop(0)
        return "已放进借书车" if event.press else None

    def webhook(self, secret: str = SECRET, download: Callable[[str], Photo] | None = None) -> Webhook:
        reader = UpdateReader(reachability=lambda chat, yes: None)
        intake = Intake(
            reader, lambda events: self.receive(events), lambda payload, error: self.poisoned.append((payload, error)),
            download,
        )  # fmt: skip
        return Webhook(intake, secret)


@pytest.fixture
def core() -> Core:
    return Core()


class Client:
    """Posts to the webhook as a server would hand it on."""

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    def request(self, method: str, **content: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._webhook)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://library.example") as client:
                return await client.request(method, Webhook.path, **content)

        return loops.run(ask())

    def post(self, **content: Any) -> httpx.Response:
        return self.request("POST", **content)


@pytest.fixture
def client(core: Core) -> Client:
    return Client(core.webhook())


@pytest.fixture
def url(core: Core) -> Iterator[str]:
    """The webhook on a real port."""
    app = Flask("test")
    app.extensions["shuxin"] = {"telegram": {"webhook": core.webhook()}}
    with answering(serving.server(app, 2), serving.listening("127.0.0.1", 0)) as address:
        yield f"{address}{Webhook.path}"


def post(client: Client, payload: Any, headers: dict[str, Any] = HEADERS) -> httpx.Response:
    return client.post(content=json.dumps(payload).encode(), headers=headers)


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET + "x", "é"])
def test_without_the_secret_nothing_is_read(core: Core, client: Client, given: str | None) -> None:
    headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given.encode()}
    assert post(client, message(text="x"), headers).status_code == 403
    assert core.events == []


def test_an_empty_secret_opens_nothing(core: Core) -> None:
    assert post(Client(core.webhook("")), {}, {"X-Telegram-Bot-Api-Secret-Token": ""}).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nothing_but_a_post_is_taken(core: Core, client: Client, method: str) -> None:
    assert client.request(method, headers=HEADERS).status_code == 405


def test_an_update_is_handed_on(core: Core, client: Client) -> None:
    assert post(client, message(text="围城")).status_code == 200
    assert [event.text for event in core.events] == ["围城"]


def test_a_press_is_answered_in_the_response(client: Client) -> None:
    answer = post(client, press()).json()
    assert answer == {"method": "answerCallbackQuery", "callback_query_id": "q1", "text": "已放进借书车"}


@pytest.mark.parametrize("payload", [payload for payload in MALFORMED if payload is not None])
def test_a_malformed_update_is_kept_and_does_not_come_back(core: Core, client: Client, payload: Any) -> None:
    assert post(client, payload).status_code == 200
    assert core.events == [] and len(core.poisoned) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_json_is_kept_and_does_not_come_back(core: Core, client: Client, body: bytes) -> None:
    assert client.post(content=body, headers=HEADERS).status_code == 200
    assert len(core.poisoned) == 1


def test_a_body_that_is_far_too_long_is_heard_to_its_end_and_not_kept(core: Core, client: Client) -> None:
    assert post(client, message(text="x" * BODY_BYTES)).status_code == 200
    assert core.events == [] and len(core.poisoned[0][0]) <= 4000
    assert post(client, message(text="x" * 100_000)).status_code == 200
    assert len(core.events) == 1


def test_who_posts_far_too_much_hears_the_answer(url: str) -> None:
    """Answered in the middle, they would hear of a broken connection instead, and send it again."""
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=10) as line:
        head = f"POST {Webhook.path} HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
        line.sendall(f"{head}Connection: close\r\nContent-Length: {3 * BODY_BYTES}\r\n\r\n".encode())
        for _ in range(3):
            line.sendall(b"x" * BODY_BYTES)
            time.sleep(0.05)
        assert line.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_an_update_cut_halfway_is_no_dead_letter_for_it_comes_again_whole(core: Core) -> None:
    body = json.dumps(message(text="围城")).encode()
    heard = iter([{"type": "http.request", "body": body[:20], "more_body": True}, {"type": "http.disconnect"}])
    said: list[Any] = []

    async def receive() -> Any:
        return next(heard)

    async def send(event: Any) -> None:
        said.append(event)

    scope: Any = {"method": "POST", "headers": [(b"x-telegram-bot-api-secret-token", SECRET.encode())]}
    loops.run(core.webhook()(scope, receive, send))
    assert (core.events, core.poisoned, said) == ([], [], [])


def test_an_update_the_core_cannot_handle_is_kept_and_does_not_come_back(core: Core, client: Client) -> None:
    core.failures = [ZeroDivisionError("oops")]
    assert post(client, message(text="毒")).status_code == 200
    [(payload, error)] = core.poisoned
    assert "ZeroDivisionError" in error and "\\u6bd2" in payload


def test_a_store_that_cannot_be_written_asks_for_patience(core: Core, client: Client) -> None:
    core.failures = [StoreUnwritable("disk full")]
    answer = post(client, message(text="x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert core.poisoned == []


def posted_together(core: Core, webhook: Webhook, payloads: Sequence[Any]) -> list[httpx.Response]:
    """All of them while the first is still being taken."""
    first, going_on = threading.Event(), threading.Event()
    take = core.receive

    def slowly(events: Sequence[Event]) -> list[str | Exception | None]:
        first.set()
        going_on.wait(10)
        core.turns.append(len(events))
        return take(events)

    core.receive = slowly  # type: ignore[method-assign]

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(webhook)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://library.example") as client:
            posts = [
                asyncio.create_task(client.post(Webhook.path, content=json.dumps(one).encode(), headers=HEADERS))
                for one in payloads
            ]
            await asyncio.to_thread(first.wait, 10)
            await asyncio.sleep(0.05)
            going_on.set()
            return await asyncio.gather(*posts)

    return loops.run(all_of_them())


def numbered(payload: dict[str, Any], n: int) -> dict[str, Any]:
    return payload | {"update_id": n}


def test_what_comes_meanwhile_is_taken_together_in_its_order(core: Core) -> None:
    payloads = [numbered(message(text=str(n)), n) for n in range(100)]
    answers = posted_together(core, core.webhook(), payloads)
    assert [answer.status_code for answer in answers] == [200] * 100
    assert [event.text for event in core.events] == [str(n) for n in range(100)]
    assert core.turns == [64, 36], "as many as may share a commit"


def test_together_each_hears_its_own(core: Core) -> None:
    core.failures = [KeyError("one"), StoreUnwritable("full")]
    said = [numbered(message(text="甲"), 1), numbered(message(text="乙"), 2)]
    payloads = [*said, numbered(press(), 3), [], press(id="q2")]
    answers = posted_together(core, core.webhook(), payloads)
    assert [answer.status_code for answer in answers] == [200, 503, 200, 200, 200]
    assert [answer.json().get("callback_query_id") for answer in answers] == [None, None, "q1", None, "q2"]
    assert [error.partition(":")[0] for _, error in core.poisoned] == ["KeyError('one')", "malformed"]


def test_a_photo_on_its_way_holds_nobody_up(core: Core) -> None:
    fetched = threading.Event()

    def slowly(reference: str) -> Photo:
        assert fetched.wait(10)
        return Photo(b"picture")

    webhook = core.webhook(download=slowly)
    photo = message(photo=[{"file_id": "f", "file_size": 1}])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(post, Client(webhook), numbered(photo, 1))
        assert post(Client(webhook), numbered(message(text="围城"), 2)).status_code == 200
        assert [event.text for event in core.events] == ["围城"] and not waiting.done()
        fetched.set()
        assert waiting.result().status_code == 200
    assert core.events[1].photo == Photo(b"picture")


def test_one_that_breaks_all_is_found_and_set_aside_and_the_others_are_taken(core: Core) -> None:
    """B2-8: it must not come back for ever, nor take those that came with it along."""

    def broken(events: Sequence[Event]) -> list[str | Exception | None]:
        if any(event.text == "毒" for event in events):
            raise ZeroDivisionError
        return [core._receive(event) for event in events]

    core.receive = broken  # type: ignore[method-assign]
    payloads = [numbered(message(text=text), n) for n, text in enumerate(("甲", "毒", "乙"))]
    answers = posted_together(core, core.webhook(), payloads)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [event.text for event in core.events] == ["甲", "乙"]
    assert [error for _, error in core.poisoned] == ["ZeroDivisionError()"]


def test_what_cannot_even_be_set_aside_comes_again_and_the_log_holds_no_words(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    def full(payload: str, error: str) -> None:
        raise ValueError(f"不能写：{payload}")

    webhook = core.webhook()
    object.__setattr__(webhook._intake, "poison", full)
    core.failures = [ZeroDivisionError("oops")]
    assert post(Client(webhook), message(text="秘密")).status_code == 503
    assert "ValueError" in caplog.text and "秘密" not in caplog.text and "u79d8" not in caplog.text


def test_telegram_sends_again_what_was_not_taken_with_the_same_id(
    core: Core, url: str, telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {}, url, SECRET)
    core.failures = [StoreUnwritable("disk full")] * 2
    first, second = telegram.say(7, "一"), telegram.say(7, "二")
    telegram.wait_for(lambda: len(core.events) == 4)
    assert [event.event_id for event in core.events] == [str(first)] * 3 + [str(second)]
    telegram.wait_for(lambda: telegram.webhook is not None and telegram.webhook.pending == 0)
    assert telegram.webhook is not None
    assert telegram.webhook.tries == [(first, 503), (first, 503), (first, 200), (second, 200)]


def test_a_poison_message_does_not_block_the_chat(
    core: Core, url: str, telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {}, url, SECRET)
    core.failures = [ValueError("poison")]
    telegram.say(7, "毒")
    telegram.say(7, "围城")
    telegram.wait_for(lambda: len(core.events) == 2)
    assert core.events[1].text == "围城" and len(core.poisoned) == 1


def test_a_webhook_with_another_secret_gets_nothing_through(
    core: Core, url: str, telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {}, url, "another")
    telegram.say(7, "x")
    telegram.wait_for(lambda: telegram.webhook is not None and len(telegram.webhook.tries) >= 2)
    assert telegram.webhook is not None and {status for _, status in telegram.webhook.tries} == {403}
    assert core.events == []


def test_a_press_ends_its_spinner_with_the_toast(
    core: Core, url: str, telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {}, url, SECRET)
    sent = channel.send("7", Reply("围城", ((Button("加入借书车", "a:1"),),)), None)
    telegram.press(7, int(sent), "a:1")
    telegram.wait_for(lambda: telegram.chats[7].toasts == ["已放进借书车"])
    assert core.events[0].press == "a:1"


def test_set_up_gives_menus_by_language_and_asks_only_for_what_we_read(
    url: str, telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {"": [("help", "Help")], "zh": [("help", "帮助")]}, url, SECRET)
    assert {language: menu[0]["description"] for language, menu in telegram.commands.items()} == {
        "": "Help",
        "zh": "帮助",
    }
    assert telegram.allowed == ["message", "callback_query", "my_chat_member", "inline_query"]
    set_up(channel, {})
    assert telegram.webhook is None
