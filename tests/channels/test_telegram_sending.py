"""What a reader of Telegram sees of our replies."""

from __future__ import annotations

import io
import logging
import time
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image
from telegram import Chat, Message
from telegram.error import NetworkError

from bot.channels import TransportError
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.channel import PART_TRIES, in_order
from bot.channels.telegram.errors import Unreached, transport_error
from bot.channels.telegram.rendering import markup, split, units
from bot.events import Button, Reply
from tests import loops
from tests.fakes.telegram_server import TOKEN, FakeTelegram

BORROW = Button("借第1本", "b:1")


def test_a_reply_arrives_with_its_buttons_in_rows(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    site = Button("网页", url="https://example.org/b/1")
    channel.send("7", Reply("找到 1 种", ((BORROW, Button("下一页", "p:2")), (site,))), None)
    [shown] = telegram.inbox(7)
    assert shown.text == "找到 1 种"
    assert shown.markup["inline_keyboard"] == [
        [{"text": "借第1本", "callback_data": "b:1"}, {"text": "下一页", "callback_data": "p:2"}],
        [{"text": "网页", "url": "https://example.org/b/1"}],
    ]


def test_the_longest_action_is_accepted(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    channel.send("7", Reply("x", ((Button("借", "a" * 64),),)), None)
    assert telegram.inbox(7)[0].buttons[0]["callback_data"] == "a" * 64


def test_more_buttons_than_a_row_holds_go_on_in_the_next(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    channel.send("7", Reply("x", (tuple(Button(str(n), f"c:{n}") for n in range(10)),)), None)
    assert [len(row) for row in telegram.inbox(7)[0].markup["inline_keyboard"]] == [8, 2]


def test_an_edit_changes_the_message_in_place(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    sent = channel.send("7", Reply("1 本", ((BORROW,),)), None)
    assert channel.send("7", Reply("2 本"), sent) == sent
    [shown] = telegram.inbox(7)
    assert (shown.text, shown.buttons) == ("2 本", [])


def test_an_edit_that_changes_nothing_is_well(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    sent = channel.send("7", Reply("1 本", ((BORROW,),)), None)
    assert channel.send("7", Reply("1 本", ((BORROW,),)), sent) == sent
    assert len(telegram.inbox(7)) == 1


def test_what_can_no_longer_be_edited_is_said_anew(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    frozen = channel.send("7", Reply("旧"), None)
    telegram.inbox(7)[0].editable = False
    assert channel.send("7", Reply("新"), frozen) != frozen
    assert channel.send("7", Reply("更新"), "99999") != "99999"
    assert [shown.text for shown in telegram.inbox(7)] == ["旧", "新", "更新"]


def test_an_edit_refused_costs_the_chat_its_second_and_silences_nobody(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    """Asking for the edit anew with every try, the message would be too soon each time, and everybody made to wait."""
    telegram.per_chat = 0.9
    old = channel.send("7", Reply("旧"), None)
    telegram.inbox(7)[0].editable = False
    time.sleep(telegram.per_chat)
    channel.send("7", Reply("新"), old)
    assert [shown.text for shown in telegram.inbox(7)] == ["旧", "新"]
    assert [refusal.code for refusal in telegram.refused] == [400]


@pytest.mark.parametrize("link", ["/?start=x7K3M9Q2P", "https://library.example/?start=x7K3M9Q2P"])
def test_a_link_into_the_talk_leads_to_the_bot(telegram: FakeTelegram, channel: TelegramChannel, link: str) -> None:
    """F-7: who scans a friend's code on Telegram stays on Telegram."""
    channel.send("7", Reply("转借码：7K3M-9Q2P", qr=link), None)
    [shown] = telegram.inbox(7)
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(shown.photo)))
    assert read.text == f"https://t.me/{channel.username}?start=x7K3M9Q2P" and channel.username


def test_a_qr_code_comes_as_a_picture_with_the_text(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    sent = channel.send("7", Reply("取书码 482913", ((BORROW,),), qr="SX-482913"), None)
    [shown] = telegram.inbox(7)
    assert shown.text == "取书码 482913" and shown.photo.startswith(b"\x89PNG") and shown.buttons
    channel.send("7", Reply("已取走"), sent)
    assert [shown.text for shown in telegram.inbox(7)] == ["取书码 482913", "已取走"]


def test_a_kept_picture_comes_with_the_text_and_without_it_the_text_alone(telegram: FakeTelegram) -> None:
    """D-9: what the other reader shows of the book, as long as it is kept."""
    held = {5: b"\xff\xd8\xff" + b"0" * 30}
    channel = TelegramChannel(TOKEN, telegram.base_url, held.get)
    channel.send("7", Reply("对方拍的样子", picture=5), None)
    channel.send("7", Reply("已经删掉的", picture=6), None)
    channel.close()
    first, second = telegram.inbox(7)
    assert (first.text, first.photo) == ("对方拍的样子", held[5]) and (second.text, second.photo) == ("已经删掉的", b"")


def test_a_text_too_long_for_a_caption_stands_before_the_picture(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    channel.send("7", Reply("书" * 1025, qr="x"), None)
    text, picture = telegram.inbox(7)
    assert text.text == "书" * 1025 and picture.photo and picture.text == ""


def test_asking_for_place_and_phone_uses_the_large_keyboard(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    assert markup(Reply("照片", ((Button("拍照片", ask="photo"),),)), "bot") is None, "there a picture is sent as ever"
    asking = (Button("发送位置", ask="location"), Button("发送手机号", ask="phone"))
    channel.send("7", Reply("您在哪里?", (asking, (Button("算了", "x"),))), None)
    keys = telegram.inbox(7)[0].markup["keyboard"]
    assert keys[0] == [
        {"text": "发送位置", "request_location": True},
        {"text": "发送手机号", "request_contact": True},
    ]
    assert keys[1] == [{"text": "算了"}]


def test_a_long_text_comes_in_parts_with_the_buttons_under_the_last(
    telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    paragraphs = [f"第{n}段。" + "很长的书目。" * 100 for n in range(12)]
    sent = channel.send("7", Reply("\n\n".join(paragraphs), ((BORROW,),)), None)
    shown = telegram.inbox(7)
    assert "\n\n".join(part.text for part in shown) == "\n\n".join(paragraphs)
    assert [bool(part.buttons) for part in shown] == [False, True]
    assert str(shown[-1].id) == sent


def test_parts_never_cut_a_character_in_two() -> None:
    parts = split("x" + "😀" * 5000)
    assert "".join(parts) == "x" + "😀" * 5000
    assert all(units(part) <= 4096 for part in parts)


@pytest.mark.parametrize(("person", "blocked"), [(7, True), (8, False)])
def test_who_cannot_be_reached_is_a_permanent_failure(
    telegram: FakeTelegram, channel: TelegramChannel, person: int, blocked: bool
) -> None:
    if blocked:
        telegram.block(person)
    with pytest.raises(TransportError) as failure:
        channel.send(str(person), Reply("x"), None)
    assert failure.value.permanent


def test_a_cut_connection_is_worth_another_try(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    telegram.fault = lambda method, parameters: "cut before"
    with pytest.raises(TransportError) as failure:
        channel.send("7", Reply("x"), None)
    assert not failure.value.permanent and failure.value.retry_after is None


def test_without_a_network_no_message_is_to_blame() -> None:
    offline = TelegramChannel("123:fake", "http://127.0.0.1:9/bot")
    with pytest.raises(TransportError) as failure:
        offline.send("7", Reply("x"), None)
    offline.close()
    assert failure.value.retry_after is not None


def test_an_outage_after_the_beginning_is_out_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the beginning would be said again every few seconds, for as long as the rest does not get through."""
    monkeypatch.setattr("bot.channels.telegram.channel.PART_SECONDS", 0.0)
    monkeypatch.setattr("bot.channels.telegram.channel.OFFLINE_SECONDS", 0.0)
    tried = []

    async def beginning() -> Message:
        return Message(1, datetime.now(UTC), Chat(7, "private"))

    async def rest() -> Message:
        tried.append(1)
        raise Unreached("HTTP 502")

    with pytest.raises(NetworkError) as failure:
        loops.run(in_order([beginning, rest]))
    assert transport_error(failure.value).retry_after is None and len(tried) == PART_TRIES


def test_a_wrong_token_blames_no_message(telegram: FakeTelegram) -> None:
    stranger = TelegramChannel("9:wrong", telegram.base_url)
    with pytest.raises(TransportError) as failure:
        stranger.send("7", Reply("x"), None)
    stranger.close()
    assert failure.value.retry_after is not None


def test_a_closed_channel_opens_again_when_used(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    channel.send("7", Reply("1"), None)
    channel.close()
    channel.send("7", Reply("2"), None)
    assert len(telegram.inbox(7)) == 2


def test_the_token_is_not_written_to_the_log(
    telegram: FakeTelegram, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    channel.send("7", Reply("x"), None)
    assert "123:fake" not in caplog.text


def test_a_link_without_a_public_address_is_left_out(telegram: FakeTelegram, channel: TelegramChannel) -> None:
    channel.send("7", Reply("x", ((Button("网页", url="/b/1"), BORROW),)), None)
    assert [button["text"] for button in telegram.inbox(7)[0].buttons] == ["借第1本"]
