"""公告 in the chat: under the greeting, 查看全部, and quiet for whoever wants none (A2-17, A10-6)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import announcements
from tests.talking import Person

TEXT = "用信用阅读，为信用加分"


def put_up(service: Service, text: str = TEXT, english: str = "") -> None:
    announcements.put_up(service.store.db, text, english, None, service.clock.now())


def labels(me: Person) -> list[str]:
    return [button.label for row in me.heard[-1].buttons for button in row]


def test_without_any_nothing_is_said_of_them(me: Person) -> None:
    assert "通知" not in me.say("你好") and "查看全部通知" not in labels(me)
    assert "现在没有通知" in me.say("通知")


def test_the_newest_stands_under_the_greeting_and_all_are_a_tap_away(me: Person, service: Service) -> None:
    put_up(service, "旧的一条")
    put_up(service)
    hello = me.say("你好")
    assert f"【通知】{TEXT}" in hello and "旧的一条" not in hello
    every = me.tap("查看全部通知")
    assert every.index(TEXT) < every.index("旧的一条")


def test_whoever_mutes_them_sees_none_unasked(me: Person, service: Service) -> None:
    put_up(service)
    me.say("通知")
    me.tap("不再显示通知")
    assert TEXT not in me.say("你好") and "查看全部通知" not in labels(me)
    assert TEXT in me.say("有什么公告")
    me.tap("恢复显示通知")
    assert TEXT in me.say("你好")


@pytest.mark.parametrize("said", ["不看通知了", "屏蔽公告", "别再推送通知", "mute announcements"])
def test_muted_by_words(me: Person, service: Service, said: str) -> None:
    put_up(service)
    me.say(said)
    assert TEXT not in me.say("你好")


@pytest.mark.parametrize("said", ["公告", "最新公告", "馆里的通知", "有没有新通知", "announcements", "library news"])
def test_asked_for_by_words(me: Person, service: Service, said: str) -> None:
    put_up(service)
    assert TEXT in me.say(said)


def test_a_book_with_the_word_in_its_title_is_still_found(me: Person, service: Service) -> None:
    put_up(service)
    assert "周浩晖" in me.say("死亡通知单")


def test_english_readers_read_english_where_there_is_any(service: Service) -> None:
    put_up(service, english="Read on trust")
    me = Person(service, language="en")
    assert "Read on trust" in me.say("hello") and TEXT not in me.heard[-1].text


def test_a_long_one_is_cut_in_the_greeting_alone(me: Person, service: Service) -> None:
    put_up(service, "很" * 200)
    assert "很…" in me.say("你好") and "很" * 200 in me.say("通知")
