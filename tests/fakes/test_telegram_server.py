"""The fake Telegram is kept honest by driving it with python-telegram-bot itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests import loops
from tests.fakes.telegram_rules import LenientLimit, StrictLimit
from tests.fakes.telegram_server import TOKEN, FakeTelegram

T = TypeVar("T")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """A server with one person, 7, who has opened the bot."""
    with FakeTelegram() as server:
        server.join(7)
        yield server


def ask(telegram: FakeTelegram, what: Callable[[Bot], Awaitable[T]], token: str = TOKEN) -> T:
    """Let a real Bot do something."""

    async def talk() -> T:
        async with Bot(token, base_url=telegram.base_url) as bot:
            return await what(bot)

    return loops.run(talk())


def keyboard(label: str = "借", data: str = "b:1") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


def test_it_knows_itself_and_refuses_a_wrong_token(telegram: FakeTelegram) -> None:
    assert ask(telegram, lambda bot: bot.get_me()).username == "shuxin_bot"
    with pytest.raises(InvalidToken):
        ask(telegram, lambda bot: bot.get_me(), token="9:wrong")


def test_a_message_is_seen_and_edited_in_place(telegram: FakeTelegram) -> None:
    async def talk(bot: Bot) -> Message | bool:
        message = await bot.send_message(7, " 找到 3 种 ", reply_markup=keyboard())
        return await message.edit_text("找到 2 种")

    ask(telegram, talk)
    [shown] = telegram.inbox(7)
    assert (shown.text, shown.edits, shown.buttons) == ("找到 2 种", 1, [])


def test_a_picture_arrives_with_its_caption(telegram: FakeTelegram) -> None:
    ask(telegram, lambda bot: bot.send_photo(7, PNG, caption="取书码"))
    [shown] = telegram.inbox(7)
    assert (shown.text, shown.photo) == ("取书码", PNG)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (lambda bot: bot.send_message(8, "x"), "chat not found"),
        (lambda bot: bot.send_message(7, "   "), "text is empty"),
        (lambda bot: bot.send_message(7, "x" * 4097), "too long"),
        (lambda bot: bot.send_message(7, "😀" * 2049), "too long"),
        (lambda bot: bot.send_message(7, "x", reply_markup=keyboard(data="书" * 22)), "BUTTON_DATA_INVALID"),
        (lambda bot: bot.send_message(7, "x", reply_markup=keyboard(data="")), "exactly one|BUTTON_DATA_INVALID"),
        (lambda bot: bot.edit_message_text("x", 7, 999), "to edit not found"),
        (lambda bot: bot.answer_callback_query("nope"), "query is too old"),
        (lambda bot: bot.set_my_commands([("Große", "x")]), "BOT_COMMAND_INVALID"),
        (lambda bot: bot.set_webhook("http://example.org/"), "HTTPS"),
        (lambda bot: bot.send_photo(7, b"not a picture"), "IMAGE_PROCESS_FAILED"),
    ],
)
def test_what_telegram_refuses_is_refused(
    telegram: FakeTelegram, what: Callable[[Bot], Awaitable[Any]], words: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        ask(telegram, what)
    assert telegram.inbox(7) == []


def test_the_longest_text_passes(telegram: FakeTelegram) -> None:
    ask(telegram, lambda bot: bot.send_message(7, "😀" * 2048))
    assert telegram.inbox(7)[0].text == "😀" * 2048


def test_an_edit_that_changes_nothing_is_refused(telegram: FakeTelegram) -> None:
    async def talk(bot: Bot) -> Any:
        message = await bot.send_message(7, "x", reply_markup=keyboard())
        return await message.edit_text("x", reply_markup=keyboard())

    with pytest.raises(BadRequest, match="not modified"):
        ask(telegram, talk)


def test_someone_who_blocked_the_bot_cannot_be_written_to(telegram: FakeTelegram) -> None:
    telegram.block(7)
    with pytest.raises(Forbidden):
        ask(telegram, lambda bot: bot.send_message(7, "x"))


def test_updates_stay_until_a_later_offset_confirms_them(telegram: FakeTelegram) -> None:
    first, second = telegram.say(7, "你好"), telegram.say(7, "围城")

    async def talk(bot: Bot) -> list[list[int]]:
        rounds = [await bot.get_updates(), await bot.get_updates(), await bot.get_updates(offset=second)]
        rounds.append(await bot.get_updates(offset=second + 1))
        return [[update.update_id for update in updates] for updates in rounds]

    assert ask(telegram, talk) == [[first, second], [first, second], [second], []]


def test_a_long_poll_returns_as_soon_as_someone_writes(telegram: FakeTelegram) -> None:
    async def talk(bot: Bot) -> Any:
        poll = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.sleep(0.05)
        telegram.say(7, "在吗")
        return await asyncio.wait_for(poll, 2)

    [update] = ask(telegram, talk)
    assert update.message.text == "在吗"


def test_all_that_people_do_can_be_read(telegram: FakeTelegram) -> None:
    async def talk(bot: Bot) -> Any:
        shown = await bot.send_message(7, "x", reply_markup=keyboard())
        telegram.press(7, shown.message_id, "b:1")
        telegram.share_location(7, 31.23, 121.47)
        telegram.share_contact(7, "13800000000")
        telegram.block(7)
        press, place, contact, change = await bot.get_updates()
        await bot.answer_callback_query(str(getattr(press.callback_query, "id", "")), "好的")
        return press, place, contact, change

    press, place, contact, change = ask(telegram, talk)
    assert press.callback_query.data == "b:1"
    assert place.message.location.latitude == 31.23
    assert contact.message.contact.user_id == 7
    assert change.my_chat_member.new_chat_member.status == "kicked"
    assert telegram.chats[7].toasts == ["好的"]


def test_polling_and_a_webhook_exclude_each_other(telegram: FakeTelegram) -> None:
    async def talk(bot: Bot) -> Any:
        await bot.set_webhook("http://127.0.0.1:9/", secret_token="s")
        assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/"
        await bot.get_updates()

    with pytest.raises(Conflict):
        ask(telegram, talk)


def test_commands_are_kept_by_language(telegram: FakeTelegram) -> None:
    ask(telegram, lambda bot: bot.set_my_commands([("loans", "我的借阅")], language_code="zh"))
    assert telegram.commands == {"zh": [{"command": "loans", "description": "我的借阅"}]}


def test_the_strict_limit_punishes_one_message_too_many() -> None:
    with FakeTelegram(StrictLimit(count=3, window=1.0, penalty=2.0)) as telegram:
        telegram.join(7)

        async def talk(bot: Bot) -> Any:
            for _ in range(3):
                await bot.send_message(7, "x")
            with pytest.raises(RetryAfter, match="2 seconds"):
                await bot.send_message(7, "x")

        ask(telegram, talk)
        assert len(telegram.inbox(7)) == 3 and telegram.refused[0].retry_after == 2


def test_the_lenient_limit_lets_a_burst_through_and_then_its_rate() -> None:
    limit = LenientLimit(rate=5, burst=5)
    with FakeTelegram(limit) as telegram:
        telegram.join(7)

        async def talk(bot: Bot) -> None:
            results = await asyncio.gather(*(bot.send_message(7, "x") for _ in range(20)), return_exceptions=True)
            assert any(isinstance(result, RetryAfter) for result in results)
            await asyncio.sleep(0.5)
            await bot.send_message(7, "y")

        ask(telegram, talk)
        assert telegram.inbox(7)[-1].text == "y"


def test_one_chat_can_be_limited_to_a_message_a_second() -> None:
    with FakeTelegram(per_chat=1.0) as telegram:
        telegram.join(7)
        telegram.join(8)

        async def talk(bot: Bot) -> None:
            await bot.send_message(7, "x")
            await bot.send_message(8, "x")
            with pytest.raises(RetryAfter):
                await bot.send_message(7, "x")

        ask(telegram, talk)


@pytest.mark.parametrize(("fault", "delivered"), [("cut before", 0), ("cut after", 1)])
def test_connections_can_be_cut_before_and_after_delivery(telegram: FakeTelegram, fault: str, delivered: int) -> None:
    telegram.fault = lambda method, parameters: fault if method == "sendMessage" else ""
    with pytest.raises(NetworkError):
        ask(telegram, lambda bot: bot.send_message(7, "x"))
    assert len(telegram.inbox(7)) == delivered
