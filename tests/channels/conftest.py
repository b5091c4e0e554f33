"""A fake Telegram, a channel that talks to it, and a sender between the store and the channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from bot.channels.telegram import TelegramChannel
from bot.deliver import Deliverer
from bot.pacer import Pacer
from lending.database import Store
from tests.fakes.telegram_server import TOKEN, FakeTelegram

MakeSender = Callable[..., Deliverer]


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    """A server with one person, 7, who has opened the bot; its waiting times pass a hundred times faster."""
    with FakeTelegram(hurry=100) as server:
        server.join(7)
        yield server


@pytest.fixture
def channel(telegram: FakeTelegram) -> Iterator[TelegramChannel]:
    """Our side of it."""
    made = TelegramChannel(TOKEN, telegram.base_url)
    yield made
    made.close()


@pytest.fixture
def sender(store: Store, channel: TelegramChannel) -> Iterator[MakeSender]:
    """Makes senders with a fast pace and the wall clock, unless told otherwise; closes them in the end."""
    made: list[Deliverer] = []

    def make(**more: object) -> Deliverer:
        settings: dict[str, object] = {"clock": lambda: datetime.now(UTC), "pacer": Pacer(1000, chat_seconds=0)}
        made.append(Deliverer(store, channel, **(settings | more)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for deliverer in made:
        deliverer.close()
