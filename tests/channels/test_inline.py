"""@us in another chat: the Bot answers past inbox and outbox, in the asker's language, within Telegram's limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.telegram import Intake, TelegramChannel, UpdateReader, answerer, set_up
from bot.channels.telegram.inline import inline_query
from bot.events import Event
from bot.shared import SharedBook
from tests.fakes.telegram_server import FakeTelegram

BOOKS = [SharedBook(n, f"《第 {n} 本》", "作者 · 出版社" if n % 2 else "", "图书馆") for n in range(1, 24)]


def intake(channel: TelegramChannel, asked: list[str]) -> Intake:
    def books(query: str, language: str) -> list[SharedBook]:
        asked.append(query)
        return [replace(book, text=f"{book.text} {language}") for book in BOOKS]

    def receive(events: Sequence[Event]) -> list[None]:
        pytest.fail("an inline question is no event")

    reader = UpdateReader(lambda chat, yes: None)
    inline = answerer(channel, books, "在书信里借")
    return Intake(reader, receive, lambda payload, error: pytest.fail(error), inline=inline)


def ask(telegram: FakeTelegram, channel: TelegramChannel, query: str, offset: str = "") -> dict[str, Any]:
    """Type it and see the answer."""
    asked: list[str] = []
    mine = telegram.type_inline(7, query, offset)
    for update in channel.call(channel.updates(0, 0, "[]")):
        intake(channel, asked).take(update)
    telegram.push({"message": None})  # something to confirm what came before
    return dict(telegram.inline_answers[mine], asked=asked[-1])


def test_ten_cards_with_a_way_into_the_talk(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    answer = ask(telegram, channel, " 围城 ")
    results = json.loads(answer["results"])
    assert answer["asked"] == "围城" and len(results) == 10
    first = results[0]
    assert (first["id"], first["title"], first["description"]) == ("t1", "《第 1 本》", "作者 · 出版社")
    assert "description" not in results[1]  # nothing is named that is not known (A7-5)
    assert first["reply_markup"]["inline_keyboard"] == [
        [{"text": "在书信里借", "url": "https://t.me/shuxin_bot?start=t1"}]
    ]
    assert (answer["cache_time"], answer["is_personal"], answer["next_offset"]) == ("300", "true", "10")


@pytest.mark.parametrize(
    ("tag", "language", "label"),
    [
        ("zh-hans", "zh_Hans", "在书信里借"),
        ("zh-hant", "zh_Hant", "在書信裡借"),
        ("en", "en", "Borrow it in Shuxin"),
        ("de", "en", "Borrow it in Shuxin"),
        ("", "zh_Hans", "在书信里借"),
    ],
)
def test_cards_are_in_the_language_of_whoever_asks(
    telegram: FakeTelegram, channel: TelegramChannel, tag: str, language: str, label: str
) -> None:
    telegram.join(7).language = tag
    first = json.loads(ask(telegram, channel, "围城")["results"])[0]
    assert first["input_message_content"]["message_text"] == f"图书馆 {language}"
    assert first["reply_markup"]["inline_keyboard"][0][0]["text"] == label


def test_further_down_the_rest_follows_and_then_no_more(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    assert [one["id"] for one in json.loads(ask(telegram, channel, "书", "20")["results"])] == ["t21", "t22", "t23"]


def test_the_name_is_learnt_when_the_service_introduces_itself(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    set_up(channel, {})
    assert channel.username == "shuxin_bot"
    ask(telegram, channel, "书")
    assert [method for _at, method, _ in telegram.calls].count("getMe") == 1


def test_a_question_too_old_to_answer_is_let_go(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    asked: list[str] = []
    update = {"inline_query": {"id": "gone", "from": telegram.join(7).user, "query": "书", "offset": ""}}
    assert intake(channel, asked).take({"update_id": 1} | update) is None
    assert asked == ["书"] and not telegram.inline_answers


@pytest.mark.parametrize(
    ("query", "offset", "read"),
    [
        ("a" * 300, "", ("a" * 256, 0)),
        ("\ud800围城", "", ("围城", 0)),
        ("书", "x" * 64, ("书", 0)),
        ("", "30", ("", 30)),
    ],
)
def test_strange_questions_are_read_as_far_as_they_go(query: str, offset: str, read: tuple[str, int]) -> None:
    asked = inline_query({"inline_query": {"id": "1", "query": query, "offset": offset}})
    assert asked and (asked.query, asked.offset) == read


BROKEN = {"inline_query": {"id": 1, "query": "", "offset": ""}}


@pytest.mark.parametrize("broken", [[], {}, {"inline_query": 1}, BROKEN])
def test_what_is_no_inline_question_is_left_to_others(broken: Any) -> None:
    assert inline_query(broken) is None
