"""Telegram's way into the service: pushed or pulled, with the secret, again, at once, broken, and from where nobody asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import conversations, dialogue
from commands.running import TELEGRAM_COMMANDS
from lending.errors import StoreUnwritable
from tests.fakes.telegram_chats import Shown
from tests.scenarios.conftest import Librarian
from tests.scenarios.telegram_stage import SECRET, Phone, Stage, on_stage, texts
from tests.talking import first_password

chats = count(100)
own_ids = count(900_000)  # for updates posted past the fake


@pytest.fixture(scope="module")
def stage(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service with a webhook; every test is another person."""
    with on_stage(prepared, tmp_path_factory.mktemp("pushed")) as made:
        yield made


@pytest.fixture(scope="module")
def pulled(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service without a public address."""
    with on_stage(prepared, tmp_path_factory.mktemp("pulled"), pushed=False) as made:
        yield made


@pytest.fixture
def phone(stage: Stage) -> Phone:
    """Someone new."""
    return Phone(stage, next(chats))


def refuse_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store fails at the end of the next turn, when everything else of it has been written."""
    save, left = conversations.save, [1]

    def failing(*arguments: Any) -> None:
        save(*arguments)
        if left and left.pop():
            raise StoreUnwritable("disk full")

    monkeypatch.setattr(conversations, "save", failing)


def post(stage: Stage, update: Any, secret: str | None = SECRET) -> httpx.Response:
    """Deliver something to the webhook past the fake."""
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    return httpx.post(stage.url, json=update, headers=headers, timeout=20)


def together(*acts: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """All at the same moment."""
    barrier, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], httpx.Response]) -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def pressing(phone: Phone, shown: Shown, data: str) -> dict[str, Any]:
    """A press as Telegram posts it."""
    there = phone.stage.telegram.chats[phone.chat]
    number = next(own_ids)
    query = {"id": f"own{number}", "from": there.user, "chat_instance": "1", "data": data}
    return {"update_id": number, "callback_query": query | {"message": shown.as_message(there.as_chat)}}


# ---- set up by itself ----------------------------------------------------------------------------------------------


def test_with_a_public_address_the_webhook_is_set_with_the_secret(stage: Stage) -> None:
    """C1: nobody has to call setWebhook by hand."""
    [asked] = [parameters for _, method, parameters in stage.telegram.calls if method == "setWebhook"]
    assert (asked["url"], asked["secret_token"]) == (stage.url, SECRET)
    assert json.loads(asked["allowed_updates"]) == ["message", "callback_query", "my_chat_member", "inline_query"]


def test_without_one_it_asks_for_the_updates_itself(pulled: Stage) -> None:
    assert pulled.telegram.webhook is None
    assert not [method for _, method, _ in pulled.telegram.calls if method == "setWebhook"]
    assert "免押金" in texts(Phone(pulled, 50).say("/start"))


@pytest.mark.parametrize("way", ["stage", "pulled"])
def test_the_menu_of_commands_is_localised(way: str, request: pytest.FixtureRequest) -> None:
    """C1: at most eight, with /start, /help, /settings and /cancel, in Chinese for all and in English."""
    commands = request.getfixturevalue(way).telegram.commands
    assert set(commands) == {"", "zh", "en"}
    for menu in commands.values():
        names = [command["command"] for command in menu]
        assert names == list(TELEGRAM_COMMANDS) and len(names) <= 8
        assert {"start", "help", "settings", "cancel"} <= set(names)
    assert commands[""] == commands["zh"] and commands["zh"][0]["description"] == "开始"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("start", "免押金"),
        ("help", "怎么用"),
        ("loans", "现在没有借着的书"),
        ("cart", "借书车里还没有书"),
        ("orders", "还没有订单"),
        ("settings", "提醒"),
        ("person", "已为您转人工"),
        ("cancel", "先放下"),
    ],
)
def test_every_command_of_the_menu_is_answered(phone: Phone, command: str, expected: str) -> None:
    assert expected in texts(phone.say(f"/{command}"))


# ---- the secret ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "forged", SECRET.upper()])
def test_what_comes_without_the_secret_is_refused_and_leaves_nothing(stage: Stage, secret: str | None) -> None:
    """C1: anyone may find the address; only Telegram knows the secret."""
    before = stage.count("SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM readers)")
    who = {"id": 66, "is_bot": False, "first_name": "谁"}
    said = {"message_id": 1, "date": 1795140000, "chat": {"id": 66, "type": "private"}, "from": who, "text": "围城"}
    assert post(stage, {"update_id": next(own_ids), "message": said}, secret).status_code == 403
    assert post(stage, "not an update", secret).status_code == 403
    assert stage.count("SELECT (SELECT COUNT(*) FROM inbox) + (SELECT COUNT(*) FROM readers)") == before


# ---- again ---------------------------------------------------------------------------------------------------------


def test_what_the_store_refuses_comes_again_and_is_answered_once(
    phone: Phone, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design §3: a crash before commit leaves nothing; the channel sends it again."""
    refuse_once(monkeypatch)
    assert len(phone.say("你好")) == 1
    assert stage.telegram.webhook is not None
    [refused] = [update for update, status in stage.telegram.webhook.tries if status == 503]
    assert [status for update, status in stage.telegram.webhook.tries if update == refused] == [503, 200]
    assert stage.count("SELECT COUNT(*) FROM contacts WHERE address = keyed(:a)", a=str(phone.chat)) == 1


def test_a_refusal_tells_telegram_when_to_come_again(
    phone: Phone, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.say("你好")
    refuse_once(monkeypatch)
    update = pressing(phone, phone.messages()[-1], "i:help")
    first, second, third = post(stage, update), post(stage, update), post(stage, update)
    assert (first.status_code, first.headers["Retry-After"]) == (503, "5")
    assert second.json()["method"] == third.json()["method"] == "answerCallbackQuery"
    stage.settle(phone.chat)
    assert sum("怎么用" in shown.text for shown in phone.messages()) == 1


def test_polling_confirms_only_what_is_committed(pulled: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offset moves on after the commit: a refused update is asked for again, later ones wait behind it."""
    phone = Phone(pulled, 51)
    phone.say("你好")
    refuse_once(monkeypatch)
    first = pulled.telegram.say(51, "费用")
    pulled.telegram.say(51, "借阅规则")
    pulled.settle(51)
    said = texts(phone.messages())
    assert said.count("书柜取书、到馆自取、到任何馆或书柜还书：都不收费") == 1 and said.count("借阅规则（") == 1
    assert said.index("都不收费") < said.index("借阅规则（")
    assert pulled.count("SELECT COUNT(*) FROM inbox WHERE event_id = :id", id=str(first)) == 1


def test_a_press_is_answered_when_polling_too(pulled: Stage) -> None:
    phone = Phone(pulled, 52)
    phone.say("/start")
    phone.tap("帮助")
    pulled.telegram.wait_for(lambda: phone.toasts == [""])


# ---- at once -------------------------------------------------------------------------------------------------------


def test_a_line_and_a_press_of_one_person_at_once_are_both_answered(phone: Phone, stage: Stage) -> None:
    """Design §3: messages and presses come through different queues, together and in any order."""
    phone.say("新书")
    for n in range(4):
        shown, data = phone.button("《")

        def both(shown: Shown = shown, data: str = data) -> None:
            stage.telegram.say(phone.chat, "费用")
            stage.telegram.press(phone.chat, shown.id, data)

        said = phone.turn(both)
        assert len(said) == 2 and "都不收费" in texts(said) and "可借" in texts(said)
        assert len(phone.toasts) == n + 1


def test_a_confirmation_pressed_twice_at_once_is_one_order(phone: Phone, stage: Stage) -> None:
    """B2-2: both presses are answered, with the same order."""
    phone.trusted()
    phone.say("借《挪威的森林》")
    phone.tap("云栖站")
    shown, data = phone.button("确认下单")
    answers = together(*(lambda: post(stage, pressing(phone, shown, data)) for _ in range(2)))
    assert [answer.json()["method"] for answer in answers] == ["answerCallbackQuery"] * 2
    stage.settle(phone.chat)
    number = stage.store.db.value("SELECT number FROM orders WHERE reader_id = :r", r=phone.reader)
    assert stage.count("SELECT COUNT(*) FROM orders WHERE reader_id = :r", r=phone.reader) == 1
    assert [number in message.text for message in phone.messages()[-2:]] == [True, True]


def test_ordering_and_emptying_the_cart_at_once_agree_on_one_story(phone: Phone, stage: Stage) -> None:
    """Whichever comes first counts; the other is told how things stand."""
    phone.trusted()
    phone.say("借《围城》")
    phone.tap("云栖站")
    shown, confirm = phone.button("确认下单")
    title = stage.count("SELECT title_id FROM cart_items WHERE reader_id = :r", r=phone.reader)
    before = len(phone.messages())
    answers = together(
        lambda: post(stage, pressing(phone, shown, confirm)),
        lambda: post(stage, pressing(phone, shown, f"out:{title}")),
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    stage.settle(phone.chat)
    said = texts(phone.messages()[before:])
    ordered = stage.count("SELECT COUNT(*) FROM orders WHERE reader_id = :r", r=phone.reader)
    assert ("收到了，谢谢您的信任" in said) == bool(ordered)
    assert ("移出了《围城》" in said) != bool(ordered), "what is ordered was not taken out"
    assert stage.count("SELECT COUNT(*) FROM cart_items WHERE reader_id = :r", r=phone.reader) == 0


# ---- broken, or not for us -----------------------------------------------------------------------------------------


def test_a_malformed_update_is_set_aside_and_the_chat_goes_on(phone: Phone, stage: Stage) -> None:
    """B2-8: recorded for a person to see, answered 200, nothing waits behind it."""
    before = stage.count("SELECT COUNT(*) FROM inbox WHERE kind = 'malformed'")
    there = {"chat": {"id": phone.chat, "type": "private"}}
    stage.telegram.push({"message": there})
    stage.telegram.push({"message": there | {"message_id": 1, "text": ["x"]}})
    stage.telegram.push({"callback_query": {"id": "q", "from": {"id": phone.chat}, "data": 5}})
    assert len(phone.say("你好")) == 1
    stage.settle()
    assert stage.count("SELECT COUNT(*) FROM inbox WHERE kind = 'malformed'") == before + 3
    assert post(stage, ["not", "an", "update"]).status_code == 200
    assert stage.count("SELECT COUNT(*) FROM inbox WHERE kind = 'malformed'") == before + 4


def test_what_we_fail_at_is_owned_up_to_and_shown_to_the_librarian(
    phone: Phone, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B2-8: one poisoned message must not silence a reader."""

    def break_down(talk: object) -> None:
        raise ZeroDivisionError("poison")

    monkeypatch.setitem(dialogue.INTENTS, "fees", break_down)
    assert "没办好" in texts(phone.say("费用"))
    assert "《围城》" in texts(phone.say("围城"))
    password = first_password(stage.service)
    assert password and "ZeroDivisionError" in Librarian(stage.app, password).get("/admin/messages")


GROUP = {"id": -1001, "type": "supergroup", "title": "读书会"}


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"chat": GROUP, "text": "大家好 @shuxin_bot"}},
        {"message": {"chat": {"id": -7, "type": "group", "title": "家"}, "text": "/start"}},
        {"edited_message": {"text": "围城"}},
        {"channel_post": {"chat": {"id": -1, "type": "channel", "title": "新书"}, "text": "围城"}},
        {"message": {"chat": GROUP, "new_chat_title": "新名字"}},
    ],
    ids=["group", "small group", "edit", "channel", "service message"],
)
def test_groups_channels_and_edits_are_passed_over_in_silence(stage: Stage, update: dict[str, Any]) -> None:
    """The bot talks to one person at a time; in a group an answer would tell others what someone reads."""
    who = {"id": 77, "is_bot": False, "first_name": "某"}
    frame = {"message_id": 9, "date": 1795140000, "chat": {"id": 77, "type": "private"}, "from": who}
    everything = "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM readers) + (SELECT COUNT(*) FROM inbox)"
    before = stage.count(everything)
    [[kind, content]] = update.items()
    assert post(stage, {"update_id": next(own_ids), kind: frame | content}).status_code == 200
    assert stage.count(everything) == before


FILE = {"file_id": "f", "file_unique_id": "u"}


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": FILE | {"width": 1, "height": 1, "type": "regular", "is_animated": False, "is_video": False}},
        {"voice": FILE | {"duration": 3}},
        {"video_note": FILE | {"duration": 3, "length": 1}},
        {"document": FILE},
        {"dice": {"emoji": "🎲", "value": 3}},
    ],
    ids=["sticker", "voice", "video note", "document", "dice"],
)
def test_what_cannot_be_read_is_answered_with_a_way_on(phone: Phone, content: dict[str, Any]) -> None:
    """C3: no dead end."""
    [answer] = phone.say("", **content)
    assert "发书名" in answer.text
    assert [button["text"] for button in answer.buttons] == ["帮助", "分类浏览", "转人工"]


def test_a_photo_with_words_is_answered_by_its_words(phone: Phone) -> None:
    said = phone.say("", photo=[FILE | {"width": 1, "height": 1}], caption="围城")
    assert "《围城》" in texts(said)
