"""Updates that we ask for: confirmed only when handled, and the asking outlives every trouble."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.channels.telegram import Intake, Poller, TelegramChannel, UpdateReader
from bot.channels.telegram.errors import transport_error
from bot.events import Button, Reply
from lending.errors import StoreUnwritable
from tests.channels.test_telegram_webhook import Core
from tests.fakes.telegram_http import Parameters
from tests.fakes.telegram_server import FakeTelegram


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def poller(core: Core, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Poller]:
    """A poller at work, with short waits after trouble."""
    monkeypatch.setattr("bot.channels.telegram.polling.FIRST_DELAY", 0.02)
    reader = UpdateReader(reachability=lambda chat, yes: None)
    intake = Intake(reader, core.receive, lambda payload, error: core.poisoned.append((payload, error)))
    made, stop = Poller(channel, intake, wait=5), threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,))
    thread.start()
    yield made
    stop.set()
    started = time.monotonic()
    thread.join()
    assert time.monotonic() - started < 2  # a long poll under way does not hold up the end


def test_what_people_say_is_handed_on_once(core: Core, telegram: FakeTelegram, poller: Poller) -> None:
    ids = [telegram.say(7, text) for text in ("一", "二", "三")]
    telegram.wait_for(lambda: len(core.events) == 3)
    ids.append(telegram.say(7, "四"))
    telegram.wait_for(lambda: len(core.events) == 4)
    assert [event.event_id for event in core.events] == [str(id) for id in ids]


def test_an_update_is_confirmed_only_after_it_was_handled(core: Core, telegram: FakeTelegram, poller: Poller) -> None:
    core.failures = [StoreUnwritable("disk full")] * 2
    first, second = telegram.say(7, "一"), telegram.say(7, "二")
    telegram.wait_for(lambda: len(core.events) == 4)
    assert [event.event_id for event in core.events] == [str(first)] * 3 + [str(second)]
    assert core.poisoned == []


def test_poison_and_malformed_updates_are_kept_and_passed(core: Core, telegram: FakeTelegram, poller: Poller) -> None:
    core.failures = [ValueError("poison")]
    telegram.say(7, "毒")
    telegram.push({"message": {"date": 10**20}})
    telegram.say(7, "围城")
    telegram.wait_for(lambda: len(core.events) == 2)
    assert core.events[1].text == "围城" and len(core.poisoned) == 2


def test_a_press_is_answered(core: Core, telegram: FakeTelegram, channel: TelegramChannel, poller: Poller) -> None:
    sent = channel.send("7", Reply("围城", ((Button("加入借书车", "a:1"),),)), None)
    telegram.press(7, int(sent), "a:1")
    telegram.wait_for(lambda: telegram.chats[7].toasts == ["已放进借书车"])
    assert core.events[0].press == "a:1"


def test_cut_connections_and_a_forgotten_webhook_do_not_end_it(
    core: Core, telegram: FakeTelegram, channel: TelegramChannel, poller: Poller
) -> None:
    cuts = iter(("cut before", "cut after", "cut before"))

    def fault(method: str, parameters: Parameters) -> str:
        return next(cuts, "") if method == "getUpdates" else ""

    telegram.fault = fault
    ids = [telegram.say(7, text) for text in ("一", "二")]
    telegram.wait_for(lambda: [event.event_id for event in core.events] == [str(id) for id in ids])


def test_what_has_no_number_holds_up_nothing_behind_it(
    core: Core, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    asked = list[int]()

    def said(number: object, text: str) -> dict[str, object]:
        who = {"id": 7, "is_bot": False, "first_name": "x"}
        message = {"message_id": 1, "chat": {"id": 7, "type": "private"}, "from": who, "text": text}
        return {"update_id": number, "message": message}

    async def updates(offset: int, wait: int, kinds: str) -> Any:
        asked.append(offset)
        await asyncio.sleep(0.01)
        return [said(1, "一"), said("2", "二"), "x", {}, said(5, "三")] if offset < 6 else []

    monkeypatch.setattr(channel, "updates", updates)
    request.getfixturevalue("poller")
    until = time.monotonic() + 10
    while 6 not in asked and time.monotonic() < until:
        time.sleep(0.01)
    assert [event.text for event in core.events] == ["一", "三"]


@pytest.mark.parametrize("asked", [10**7, 10**10])
def test_quiet_for_months_is_kept_for_an_hour_and_told(asked: int, caplog: pytest.LogCaptureFixture) -> None:
    refused = transport_error(RetryAfter(asked))
    assert refused.retry_after == 3600
    assert f"{asked}" in caplog.text
