"""What a reader sees on Telegram: pages turned in place, links, places, one message a turn, long texts, their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from bot import outbox
from bot.events import Button, Reply
from lending import catalogue, readers
from tests.fakes.telegram_chats import Shown
from tests.scenarios.telegram_stage import Phone, Stage, on_stage, texts

chats = count(300)


@pytest.fixture(scope="module")
def stage(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service for all; every test is another person."""
    with on_stage(prepared, tmp_path_factory.mktemp("talk")) as made:
        yield made


@pytest.fixture
def phone(stage: Stage) -> Phone:
    """Someone new."""
    return Phone(stage, next(chats))


# ---- pages ---------------------------------------------------------------------------------------------------------


def test_a_list_turns_its_pages_in_place(phone: Phone) -> None:
    """C1: editing is faster and smoother than another message."""
    [listed] = phone.say("新书")
    first = listed.text
    for label, page in (("下一页", 2), ("下一页", 3), ("上一页", 2), ("上一页", 1)):
        [turned] = phone.tap(label)
        assert turned.id == listed.id and (turned.text == first) == (page == 1)
    assert len(phone.messages()) == 1 and phone.toasts == [""] * 4


def test_the_button_of_an_old_list_brings_the_present_one_and_says_so(phone: Phone) -> None:
    """C2: "这条消息已过期", a fresh list, and a word at the button; the old message stays as it was."""
    [old] = phone.say("新书")
    before = old.text
    data = next(button["callback_data"] for button in old.buttons if button["text"] == "下一页")
    phone.say("三体")
    [fresh] = phone.turn(lambda: phone.stage.telegram.press(phone.chat, old.id, data))
    assert fresh.id != old.id and fresh.text.startswith("这条消息已过期") and "《三体" in fresh.text
    assert phone.toasts == ["已过期"] and old.text == before
    assert "《三体" in texts(phone.say("2")), "the numbers mean the fresh list"


def test_a_button_we_no_longer_know_says_it_is_old(phone: Phone) -> None:
    phone.say("你好")
    with phone.stage.store.writing() as db:
        old = Reply("很久以前", ((Button("旧按钮", "vanished:1"), Button("改过的", "t:x")),))
        outbox.put(db, "telegram", str(phone.chat), old, phone.stage.service.clock.now())
    phone.hear("很久以前")
    for label in ("旧按钮", "改过的"):
        [fresh] = phone.tap(label)
        assert fresh.text.startswith("这条消息已过期") and fresh.buttons
    assert phone.toasts == ["已过期", "已过期"]


def test_every_press_ends_its_spinner(phone: Phone) -> None:
    """C1: the spinner runs until it is answered, whatever the answer is."""
    phone.say("/start")
    labels = ("分类浏览", "更多分类", "帮助", "新书", "《", "看相近", "借这本", "到馆自取", "换个方式", "转人工")
    for pressed, label in enumerate(labels, 1):
        phone.tap(label)
        assert phone.toasts == [""] * pressed


def test_asking_for_the_shelves_leaves_what_was_said_before(phone: Phone) -> None:
    """C1: history stays readable; only turning to more shelves changes the list of shelves itself."""
    [greeting] = phone.say("/start")
    before = greeting.text
    [shelves] = phone.tap("分类浏览")
    assert shelves.id != greeting.id and greeting.text == before
    assert [shown.id for shown in phone.tap("更多分类")] == [shelves.id]


# ---- links, places, phones -----------------------------------------------------------------------------------------


def test_a_link_to_a_book_opens_its_card(phone: Phone) -> None:
    """A5-1: a code on a poster leads straight to the book."""
    [card] = phone.say("/start t12")
    assert "《挪威的森林》" in card.text and card.buttons[0]["text"] == "借这本"
    assert "放进借书车" in texts(phone.tap("借这本"))


@pytest.mark.parametrize(("point", "code"), [(11, "书柜"), (13, "书柜")])
def test_a_link_at_a_locker_puts_it_first_at_the_checkout(phone: Phone, point: int, code: str) -> None:
    """A2-13, A9-3: who scans the locker's code wants the books there."""
    name = catalogue.point(phone.stage.store.db, point).name
    [here] = phone.say(f"/start p{point}")
    assert name in here.text and code in here.text
    [ways] = phone.say("借《围城》")
    assert ways.buttons[0]["text"].startswith(name)


@pytest.mark.parametrize("payload", ["xyz", "t", "p0x9", "t²", "p１２", "t" + "9" * 40, "b-17_x", "-1"])
def test_an_unknown_link_greets(phone: Phone, payload: str) -> None:
    assert "免押金" in texts(phone.say(f"/start {payload}"))
    assert phone.stage.count("SELECT COUNT(*) FROM inbox WHERE address = keyed(:a) AND error IS NOT NULL", a=str(phone.chat)) == 0


@pytest.mark.parametrize("payload", ["t999999", "p999999"])
def test_a_link_to_what_is_gone_says_so_with_a_way_on(phone: Phone, payload: str) -> None:
    [answer] = phone.say(f"/start {payload}")
    assert "没有" in answer.text and answer.buttons


def test_a_place_brings_the_five_nearest_points_and_is_not_kept(phone: Phone) -> None:
    """C1, F-15: distance, open now, free boxes; the location is used once and stored nowhere."""
    here = next(p for p in catalogue.points(phone.stage.store.db, "locker"))
    assert here.lat is not None and here.lon is not None
    latitude, longitude = round(here.lat + 0.00123, 5), round(here.lon + 0.00123, 5)
    [answer] = phone.turn(lambda: phone.stage.telegram.share_location(phone.chat, latitude, longitude))
    lines = answer.text.splitlines()[1:]
    assert [line[:2] for line in lines] == ["1.", "2.", "3.", "4.", "5."]
    assert all(re.search(r"\d 米|\d 公里", line) for line in lines) and any(here.name in line for line in lines[:2])
    assert all(("空格口" in line) or ("开放中" in line) or ("现在关闭" in line) for line in lines)
    dump = phone.stage.store.path.read_bytes() + phone.stage.store.path.with_name("shuxin.sqlite-wal").read_bytes()
    assert str(latitude).encode() not in dump and str(longitude).encode() not in dump


def test_asking_for_the_nearest_uses_the_key_that_sends_the_place(phone: Phone) -> None:
    [answer] = phone.say("附近网点")
    assert [key["text"] for key in answer.buttons if key.get("request_location")] == ["发送位置，找最近的"]
    typed = next(key["text"] for key in answer.buttons if not key.get("request_location"))
    assert "不用回到借出的馆" in texts(phone.say(typed)), "the other keys type their label"


def test_only_ones_own_phone_number_is_kept(phone: Phone) -> None:
    """C1: someone else's contact is nobody's phone number here."""
    phone.say("你好")

    def kept() -> str:
        return readers.reader(phone.stage.store.db, phone.reader).phone

    [answer] = phone.turn(lambda: phone.stage.telegram.share_contact(phone.chat, "+8613900000000", owner=999))
    assert kept() == "" and answer.buttons
    assert "记下了" in texts(phone.turn(lambda: phone.stage.telegram.share_contact(phone.chat, "+8613800000000")))
    assert "13800000000" in kept()


# ---- one message a turn --------------------------------------------------------------------------------------------


def one(shown: list[Shown]) -> None:
    """A turn of one message: Telegram lets through one a second to a chat."""
    assert len(shown) == 1, shown


def test_borrowing_never_takes_more_than_one_message_a_turn(phone: Phone) -> None:
    """C1, A1-14: from the first word to the order, and to the second order at the door."""
    one(phone.say("/start"))
    one(phone.say("围城"))
    one(phone.say("1"))
    one(phone.tap("借这本"))
    one(phone.tap("云栖站"))
    one(phone.tap("同意"))
    one(phone.tap("模拟：达到"))
    one(phone.tap("继续下单"))
    one(phone.tap("确认下单"))
    one(phone.say("借《活着》"))
    one(phone.tap("送到家"))
    one(phone.tap("听泉区"))
    one(phone.turn(lambda: phone.stage.telegram.share_contact(phone.chat, "+8613800000000")))
    one(phone.say("李明 春风路8号3单元201"))
    [placed] = phone.tap("确认下单")
    assert "SX" in placed.text
    one(phone.say("我的订单"))
    one(phone.say("我的借阅"))
    one(phone.say("随便推荐一本"))
    one(phone.say("English"))


def test_starting_on_the_ladder_takes_one_message_a_turn(phone: Phone) -> None:
    one(phone.say("借《围城》"))
    one(phone.tap("到馆自取"))
    one(phone.tap("听泉区分馆"))
    one(phone.tap("不查信用"))
    one(phone.tap("确认下单"))


def test_losing_a_book_is_answered_in_one_message(phone: Phone) -> None:
    """A6-8: the case, and by when the person who decides it has answered."""
    phone.trusted().on_loan(20)
    phone.hear("借到了")
    [answer] = phone.say("书丢了")
    assert "已登记" in answer.text and re.search(r"馆员 .*前看完答复您", answer.text)
    assert phone.stage.count("SELECT COUNT(*) FROM compensations WHERE kind = 'lost' AND state = 'reported'") == 1


# ---- long texts ----------------------------------------------------------------------------------------------------

LONG = "\n".join(f"第{n}条：" + "书" * 60 for n in range(90))


def test_a_long_text_comes_in_parts_once_each_at_the_pace_of_a_chat(phone: Phone, stage: Stage) -> None:
    """C1: 4096 characters a message, one message a second; a part that must wait does not bring the others again."""
    phone.say("你好")
    stage.telegram.chats[phone.chat].last_sent = 0.0
    stage.telegram.per_chat = 1.3  # slower than we expect, so that the second part is told to wait
    try:
        with stage.store.writing() as db:
            long = Reply(LONG, ((Button("帮助", "i:help"),),))
            outbox.put(db, "telegram", str(phone.chat), long, stage.service.clock.now())
        phone.stage.settle(phone.chat)
    finally:
        stage.telegram.per_chat = 0.0
    parts = phone.messages()[1:]
    assert [len(part.text) <= 4096 for part in parts] == [True, True] and stage.telegram.refused
    assert "\n".join(part.text for part in parts) == LONG
    assert [len(part.buttons) for part in parts] == [0, 1]


def test_a_caption_that_is_too_long_stands_before_its_picture(phone: Phone, stage: Stage) -> None:
    """C1: 1024 characters under a picture."""
    phone.say("你好")
    with stage.store.writing() as db:
        told = Reply("取书码 0423。" + "书" * 1100, ((Button("帮助", "i:help"),),), qr="0423")
        outbox.put(db, "telegram", str(phone.chat), told, stage.service.clock.now())
    stage.settle(phone.chat)
    text, picture = phone.messages()[1:]
    assert text.text == told.text and not text.buttons
    assert picture.photo and picture.text == "" and picture.buttons


def test_a_reader_may_write_a_whole_page(phone: Phone) -> None:
    assert len(phone.say("围城" * 2048)) == 1
    assert len(phone.say("😀" * 2048)) == 1


# ---- language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "kept"),
    [("zh-hans", "zh_Hans"), ("zh-TW", "zh_Hant"), ("zh-hant", "zh_Hant"), ("en", "en"), ("en-GB", "en"), ("fr", "en"),
     ("", "zh_Hans")],
)  # fmt: skip
def test_a_newcomer_is_spoken_to_in_the_language_of_their_telegram(stage: Stage, told: str, kept: str) -> None:
    """B2-13, C1: without being asked; what nobody speaks here is English."""
    phone = Phone(stage, next(chats), told)
    [greeting] = phone.say("/start")
    assert readers.reader(stage.store.db, phone.reader).language == kept
    assert ("您好，这里是" in greeting.text) == (kept == "zh_Hans")


def test_the_language_chosen_wins_over_telegrams(stage: Stage) -> None:
    phone = Phone(stage, next(chats), "en")
    phone.say("/start")
    assert "免押金" in texts(phone.say("简体中文"))
    assert "借书车里还没有书" in texts(phone.say("/cart"))
