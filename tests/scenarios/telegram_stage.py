"""The application as it is served, with a strict Telegram beside it, and people who have its app on their phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

import serving
from app import create_app
from bot import deliver, notify
from bot.pacer import Pacer
from bot.service import Service
from commands.running import start_worker
from lending import cart, clock, lockers, orders
from lending.database import Store
from lending.model import Fulfilment
from lending.orders import Order
from lending.policy import load_policy
from settings import Settings
from tests.background import answering
from tests.fakes.telegram_chats import Shown
from tests.fakes.telegram_http import Parameters
from tests.fakes.telegram_server import TOKEN, FakeTelegram
from tests.talking import FRIDAY, copy_sample

SECRET = "a-secret_4-Telegram"


@dataclass(frozen=True)
class Stage:
    """The service, its Telegram, where the webhook is, and the pace at which messages leave."""

    app: Flask
    service: Service
    telegram: FakeTelegram
    url: str
    pacer: Pacer

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self.service.store

    def settle(self, *chats: int, seconds: float = 20.0) -> None:
        """Until every update is taken and nothing waits to be sent (to these chats, or to anyone)."""
        self.telegram.wait_for(lambda: not self._pending() and not self._unsent(chats), seconds)

    def _pending(self) -> int:
        return int(self.telegram.call("getWebhookInfo", Parameters())["pending_update_count"])

    def _unsent(self, chats: Sequence[int]) -> int:
        waiting = self.store.db.all("SELECT unseal(chat) AS address FROM outbox WHERE state IN ('queued', 'sending')")
        return sum(1 for row in waiting if not chats or int(row["address"]) in chats)

    def later(self, **parts: float) -> None:
        """Time goes by, and what has come due is done."""
        clock.move(self.store.db, timedelta(**parts))
        notify.tick(self.store, self.service.policy, self.service.clock.now())

    def count(self, sql: str, **values: object) -> int:
        """What the database says."""
        return int(self.store.db.value(sql, **values))


@contextmanager
def on_stage(prepared: Path, folder: Path, pushed: bool = True, pacer: Pacer | None = None) -> Iterator[Stage]:
    """Served and working, at ten on a Friday; `pushed` gives it a public address and so the webhook.

    Everything but the pace is as in service: one message a second to a chat would make the tests slow.
    """
    copy_sample(prepared, folder)
    pacer = pacer or Pacer(1000, chat_seconds=0)
    with FakeTelegram(hurry=100) as telegram, pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliver, "Pacer", lambda: pacer)
        door = serving.listening("127.0.0.1", 0)
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        app = create_app(_settings(folder, telegram, address if pushed else ""))
        service = app.extensions["shuxin"]["service"]
        service.finder.open()
        with answering(serving.server(app, 8), door):
            with app.app_context():
                finish = start_worker()
            telegram.wait_for(
                lambda: "en" in telegram.commands and bool(telegram.webhook if pushed else telegram.allowed)
            )
            yield Stage(app, service, telegram, f"{address}/webhooks/telegram", pacer)
            finish()
            if telegram.webhook is not None:
                telegram.webhook.close()
        app.extensions["shuxin"]["telegram"]["channel"].close()
        service.store.close()


def _settings(folder: Path, telegram: FakeTelegram, public_url: str) -> Settings:
    return Settings(
        data=folder, library="云栖市图书馆", policy=load_policy(), secret="s" * 40, start=FRIDAY, public_url=public_url,
        telegram_token=TOKEN, telegram_api=telegram.base_url.removesuffix("/bot"), telegram_secret=SECRET, threads=8,
    )  # fmt: skip


class Phone:
    """Someone with Telegram on a phone. What they do answers with the messages that came or changed."""

    def __init__(self, stage: Stage, chat: int, language: str = "zh-hans") -> None:
        self.stage = stage
        self.chat = chat
        stage.telegram.join(chat, language=language)

    def turn(self, act: Callable[[], object]) -> list[Shown]:
        """Do something and look at the chat when everything has settled."""
        before = {shown.id: shown.edits for shown in self.messages()}
        act()
        self.stage.settle(self.chat)
        return [shown for shown in self.messages() if before.get(shown.id) != shown.edits]

    def messages(self) -> list[Shown]:
        """What the library wrote, oldest first."""
        return self.stage.telegram.inbox(self.chat)

    def say(self, text: str, **more: object) -> list[Shown]:
        """Write a line, or send what `more` holds."""
        return self.turn(lambda: self.stage.telegram.say(self.chat, text, **more))

    def tap(self, label: str) -> list[Shown]:
        """Press the newest button whose label begins so."""
        shown, data = self.button(label)
        return self.turn(lambda: self.stage.telegram.press(self.chat, shown.id, data))

    def button(self, label: str) -> tuple[Shown, str]:
        """The newest message with such a button, and what the button sends."""
        for shown in reversed(self.messages()):
            for button in shown.buttons:
                if button["text"].startswith(label) and "callback_data" in button:
                    return shown, button["callback_data"]
        raise AssertionError(f"no button {label!r}; the last message: {self.messages()[-1:]}")

    def hear(self, awaited: str) -> Shown:
        """What comes without being asked, with this in it."""
        found: list[Shown] = []

        def arrived() -> bool:
            found[:] = [shown for shown in self.messages() if awaited in shown.text]
            return bool(found)

        self.stage.telegram.wait_for(arrived)
        return found[-1]

    @property
    def toasts(self) -> list[str]:
        """Every answer to a pressed button; an empty one only ends the spinner."""
        return self.stage.telegram.chats[self.chat].toasts

    @property
    def reader(self) -> int:
        """Who this is to the library."""
        return self.stage.count("SELECT reader_id FROM contacts WHERE address = keyed(:a)", a=str(self.chat))

    def trusted(self) -> Phone:
        """With credit opened, so that the story can begin later."""
        self.say("你好")
        return self.trust()

    def trust(self) -> Phone:
        """Someone who has written before has opened credit since."""
        with self.stage.store.writing() as db:
            db.run("UPDATE readers SET standing = 'trusted' WHERE id = :r", r=self.reader)
        return self

    def order(self, *titles: int) -> Order:
        """An order of these titles for the first locker with room, without the talk that leads to it."""
        service = self.stage.service
        with self.stage.store.writing() as db:
            for title in titles:
                cart.add(db, self.reader, title, service.policy, service.clock.now())
            locker = int(str(lockers.with_room(db, len(titles))[0]["id"]))
            key = f"order-{self.reader}-{titles}"
            return orders.place(db, self.reader, Fulfilment.LOCKER, locker, key, service.policy, service.clock.now())

    def on_loan(self, *titles: int) -> Order:
        """These titles, ordered, packed, loaded and picked up."""
        order = self.order(*titles)
        return self.advance(order, "pick", "pack", "load", "collect")

    def advance(self, order: Order, *steps: str) -> Order:
        """The librarian moves an order on; the worker tells of it by itself."""
        service = self.stage.service
        for step in steps:
            order = orders.advance(service.store.db, order.id, step, "馆员", service.policy, service.clock.now())
        return order


def texts(shown: Sequence[Shown]) -> str:
    """All that was said, as one text."""
    return "\n".join(message.text for message in shown)


__all__ = ["SECRET", "Phone", "Stage", "on_stage", "texts"]
