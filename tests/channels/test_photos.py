"""A photo on its way in: fetched from Telegram before anything is written, posted by the page's script once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.channels.telegram import Intake, TelegramChannel, UpdateReader
from bot.events import Event, Photo
from lending.database import Store
from tests.fakes.telegram_http import Parameters
from tests.fakes.telegram_server import FakeTelegram
from tests.small_library import SmallLibrary, application

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40


@pytest.fixture
def taken(telegram: FakeTelegram, channel: TelegramChannel) -> list[Event]:
    """What arrives of what Telegram's people do; `deliver` hands it in."""
    return []


def deliver(telegram: FakeTelegram, channel: TelegramChannel, taken: list[Event]) -> None:
    def receive(events: Sequence[Event]) -> list[None]:
        taken.extend(events)
        return [None] * len(events)

    reader = UpdateReader(lambda chat, yes: None)
    intake = Intake(reader, receive, lambda payload, error: pytest.fail(error), channel.download)
    for update in channel.call(channel.updates(0, 0, "[]")):
        intake.take(update)


@pytest.mark.parametrize("as_file", ["", "image/jpeg"])
def test_the_largest_size_is_fetched(
    telegram: FakeTelegram, channel: TelegramChannel, taken: list[Event], as_file: str
) -> None:
    telegram.send_photo(7, PICTURE, caption="这本有吗", as_file=as_file)
    deliver(telegram, channel, taken)
    assert [(event.photo, event.text) for event in taken] == [(Photo(PICTURE), "这本有吗")]


def test_a_photo_that_cannot_be_fetched_still_arrives(
    telegram: FakeTelegram, channel: TelegramChannel, taken: list[Event]
) -> None:
    """The reader is told, not left waiting; the update does not come again for ever."""

    def cut(method: str, parameters: Parameters) -> str:
        return "cut before" if method == "file" else ""

    telegram.fault = cut
    telegram.send_photo(7, PICTURE)
    deliver(telegram, channel, taken)
    assert [event.photo for event in taken] == [Photo(problem="unreachable")]


def test_a_photo_telegram_has_lost_is_unreachable(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    assert channel.download("no such file") == Photo(problem="unreachable")


@pytest.mark.parametrize("answer", [{}, [], "file", None, {"file_id": "a"}])
def test_an_answer_that_describes_no_file_is_no_photo_and_still_an_event(
    telegram: FakeTelegram, channel: TelegramChannel, taken: list[Event], monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    """A server between us and Telegram answers anything; whoever sent the photo is answered, with what they wrote."""
    monkeypatch.setattr(telegram, "_on_getfile", lambda parameters: answer)
    telegram.send_photo(7, PICTURE, caption="这本有吗")
    deliver(telegram, channel, taken)
    assert [(event.photo, event.text) for event in taken] == [(Photo(problem="unreachable"), "这本有吗")]


def test_a_file_too_big_to_fetch_is_said_to_be_so(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    telegram.files |= {"eleven": bytes(11_000_000), "thirty": bytes(30_000_000)}
    assert channel.download("eleven") == channel.download("thirty") == Photo(problem="too_large")


# ---- the web chat


@pytest.fixture
def parts(store: Store) -> tuple[FlaskClient, SmallLibrary]:
    app, library = application(store)
    return app.test_client(), library


def post(client: FlaskClient, query: str = "id=e1&after=0", body: bytes = PICTURE, **more: Any) -> Any:
    return client.post(f"/chat/photo?{query}", data=body, content_type=more.pop("content_type", "image/jpeg"), **more)


def test_a_posted_photo_is_one_event(parts: tuple[FlaskClient, SmallLibrary]) -> None:
    client, library = parts
    first, again = post(client), post(client)
    assert first.status_code == 200 and first.json["messages"] == again.json["messages"] != []
    assert [event.photo for event in library.taken] == [Photo(PICTURE)]


def test_a_reload_shows_that_a_photo_was_sent(parts: tuple[FlaskClient, SmallLibrary]) -> None:
    client, _library = parts
    post(client)
    lines = client.get("/chat/messages?after=0").json["messages"]  # type: ignore[index]
    assert [line["text"] for line in lines if line["from"] == "reader"] == ["一张照片"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"body": bytes(10 * 1024 * 1024 + 1)}, 413),
        ({"content_type": "text/html"}, 415),
        ({"content_type": "multipart/form-data"}, 415),
        ({"query": "after=0"}, 400),
        ({"query": "id=e1&after=-1"}, 400),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"headers": {"Origin": "https://elsewhere.example"}}, 403),
    ],
)
def test_what_is_no_photo_of_ours_is_refused_in_words(
    parts: tuple[FlaskClient, SmallLibrary], request_: dict[str, Any], status: int
) -> None:
    client, library = parts
    answer = post(client, **request_)
    assert answer.status_code == status and answer.json["error"]
    assert not library.taken
