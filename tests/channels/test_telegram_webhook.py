"""Updates that Telegram posts: only with the secret, each handled once for good, none in another's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from bot.channels.telegram import Intake, TelegramChannel, UpdateReader, set_up, webhook
from bot.channels.telegram.webhook import BODY_BYTES
from bot.events import Button, Event, Reply
from lending.errors import StoreUnwritable
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

    def receive(self, event: Event) -> str | None:
        self.events.append(event)
        if self.failures:
            raise self.failures.pop(0)
        return "已放进借书车" if event.press else None

    def app(self) -> Flask:
        made = Flask("test")
        made.config["MAX_CONTENT_LENGTH"] = 64_000
        reader = UpdateReader(reachability=lambda chat, yes: None)
        intake = Intake(reader, self.receive, lambda payload, error: self.poisoned.append((payload, error)))
        made.wsgi_app = webhook(made.wsgi_app, intake, SECRET)  # type: ignore[assignment, method-assign]
        return made


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def client(core: Core) -> FlaskClient:
    return core.app().test_client()


@pytest.fixture
def url(core: Core) -> Iterator[str]:
    """The webhook on a real port."""
    server = make_server("127.0.0.1", 0, core.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/webhooks/telegram"
    server.shutdown()
    thread.join()


def post(client: FlaskClient, payload: Any, headers: dict[str, str] = HEADERS) -> Any:
    return client.post("/webhooks/telegram", json=payload, headers=headers)


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET + "x", "é"])
def test_without_the_secret_nothing_is_read(core: Core, client: FlaskClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Telegram-Bot-Api-Secret-Token": given}
    assert post(client, message(text="x"), headers).status_code == 403
    assert core.events == []


def test_an_empty_secret_opens_nothing(core: Core) -> None:
    app = Flask("open")
    reader = UpdateReader(lambda chat, yes: None)
    intake = Intake(reader, core.receive, lambda payload, error: None)
    app.wsgi_app = webhook(app.wsgi_app, intake, "")  # type: ignore[assignment, method-assign]
    headers = {"X-Telegram-Bot-Api-Secret-Token": ""}
    assert app.test_client().post("/webhooks/telegram", json={}, headers=headers).status_code == 403


def test_an_update_is_handed_on(core: Core, client: FlaskClient) -> None:
    assert post(client, message(text="围城")).status_code == 200
    assert [event.text for event in core.events] == ["围城"]


def test_a_press_is_answered_in_the_response(client: FlaskClient) -> None:
    answer = post(client, press()).get_json()
    assert answer == {"method": "answerCallbackQuery", "callback_query_id": "q1", "text": "已放进借书车"}


@pytest.mark.parametrize("payload", [payload for payload in MALFORMED if payload is not None])
def test_a_malformed_update_is_kept_and_does_not_come_back(core: Core, client: FlaskClient, payload: Any) -> None:
    assert post(client, payload).status_code == 200
    assert core.events == [] and len(core.poisoned) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_json_is_kept_and_does_not_come_back(core: Core, client: FlaskClient, body: bytes) -> None:
    assert client.post("/webhooks/telegram", data=body, headers=HEADERS).status_code == 200
    assert len(core.poisoned) == 1


def test_a_body_that_is_far_too_long_is_not_read_to_its_end(core: Core, client: FlaskClient) -> None:
    assert post(client, message(text="x" * BODY_BYTES)).status_code == 200
    assert core.events == [] and len(core.poisoned[0][0]) <= 4000
    assert post(client, message(text="x" * 100_000)).status_code == 200
    assert len(core.events) == 1


def test_an_update_the_core_cannot_handle_is_kept_and_does_not_come_back(core: Core, client: FlaskClient) -> None:
    core.failures = [ZeroDivisionError("oops")]
    assert post(client, message(text="毒")).status_code == 200
    [(payload, error)] = core.poisoned
    assert "ZeroDivisionError" in error and "\\u6bd2" in payload


def test_a_store_that_cannot_be_written_asks_for_patience(core: Core, client: FlaskClient) -> None:
    core.failures = [StoreUnwritable("disk full")]
    answer = post(client, message(text="x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert core.poisoned == []


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
