"""People in tests: one talks straight to the service, and a library stands ready with the sample catalogue."""

from __future__ import annotations

import itertools
import os
import shutil
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from admin import staff
from admin.migrations import migrations as admin_migrations
from bot import contacts, notify, outbox
from bot.events import Event, Reply
from bot.finder import Finder
from bot.migrations import migrations as bot_migrations
from bot.receive import Received, receive
from bot.service import Service
from lending import clock as clocks
from lending import importing, orders
from lending.clock import Clock
from lending.database import Store
from lending.migrations import migrations as lending_migrations
from lending.orders import Order
from lending.policy import Policy
from search.migrations import migrations as search_migrations
from tests import stores

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # ten in the morning in the library
_numbers = itertools.count(1)


def first_password(service: Service) -> str | None:
    """The librarian's first password, made as the start makes it."""
    with service.store.writing() as db:
        return staff.first_password(db, service.clock.now())


class StillClock(Clock):
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime = FRIDAY) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """Where it was put."""
        return self.moment


class TestBureau:
    """A bureau that is never asked over any network."""

    __test__ = False
    name = "test-bureau"
    simulated = True

    def link(self, token: str) -> str:
        """A page nobody opens."""
        return f"/simulator/bureau/{token}"


def prepare_sample(folder: Path) -> Path:
    """The sample catalogue and its index, made once and copied for each test."""
    store = Store(folder / "shuxin.sqlite", synchronous="OFF")
    with store.writing() as db:
        lending_migrations.apply(db)
        bot_migrations.apply(db)
        search_migrations.apply(db)
        admin_migrations.apply(db)
    importing.load_sample(store)
    Finder(store, folder / "index").open()
    store.close()
    return folder


def copy_sample(prepared: Path, folder: Path) -> None:
    """The folder for one test. What the index has written stays as it is, so a second name for those files will do;
    locks, and what SQLite lays beside an open file, come by themselves."""
    for source, part in _parts(prepared):
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (os.link if source.parent.name.startswith("build-") else shutil.copy)(source, target)


@cache
def _parts(prepared: Path) -> list[tuple[Path, Path]]:
    """Every file that is needed, and its place."""
    made_anew = ("LOCK", ".lock", "-wal", "-shm")
    files = (file for file in prepared.rglob("*") if file.is_file() and not file.name.endswith(made_anew))
    return [(file, file.relative_to(prepared)) for file in files]


def open_sample(prepared: Path, folder: Path, policy: Policy | None = None) -> Service:
    """A library of one's own, at ten on a Friday morning."""
    copy_sample(prepared, folder)
    store = Store(folder / "shuxin.sqlite", synchronous="OFF")
    finder = Finder(store, folder / "index")
    finder.open()
    return Service(store, policy or stores.rules(), StillClock(), finder, TestBureau(), "云栖市图书馆")


class Person:
    """Someone who writes on a channel that cannot be pushed to, and hears everything said since."""

    def __init__(
        self, service: Service, address: str = "someone", channel: str = "terminal", language: str = ""
    ) -> None:
        self.service = service
        self.address = address
        self.channel = channel
        self.language = language
        self.heard: list[Reply] = []
        self.taps = 0
        self._seen = 0

    def event(self, **what: object) -> Event:
        """An event of this person's with an id of its own."""
        values = {"event_id": f"e{next(_numbers)}", "language": self.language} | what
        return Event(self.channel, self.address, **values)  # type: ignore[arg-type]

    def send(self, event: Event) -> Received:
        """Hand it in."""
        return receive(self.service, event)

    def say(self, text: str) -> str:
        """Write a line; what is answered, as one text."""
        self.send(self.event(text=text))
        return self.listen()

    def press(self, action: str) -> str:
        """Press a button by its action."""
        self.taps += 1
        self.send(self.event(press=action))
        return self.listen()

    def tap(self, label: str) -> str:
        """Press the newest button whose label begins so."""
        return self.press(self.action(label))

    def action(self, label: str) -> str:
        """What the newest button with that label would send."""
        for reply in reversed(self.heard):
            buttons = [b for row in reply.buttons for b in row] + [b for card in reply.cards for b in card.buttons]
            for button in buttons:
                if button.label.startswith(label) and button.action:
                    return button.action
        raise AssertionError(f"no button {label!r}; the last said: {self.heard[-1] if self.heard else None}")

    def listen(self) -> str:
        """Everything said since the last time."""
        messages = outbox.after(self.service.store.db, self.channel, self.address, self._seen, limit=1_000)
        self._seen = max([self._seen, *(message.id for message in messages)])
        self.heard += [message.reply for message in messages]
        return "\n".join(message.reply.text for message in messages)

    @property
    def reader_id(self) -> int:
        """Who this is to the library."""
        who = contacts.reader_of(self.service.store.db, self.channel, self.address)
        assert who is not None
        return who.id

    def last_order(self) -> Order:
        """The newest order of this person."""
        return orders.of_reader(self.service.store.db, self.reader_id, 1)[0]

    def trusted(self) -> Person:
        """With credit opened, so that the story can begin later."""
        self.say("你好")
        with self.service.store.writing() as db:
            db.run("UPDATE readers SET standing = 'trusted' WHERE id = :r", r=self.reader_id)
        return self


def pass_time(service: Service, **parts: float) -> None:
    """Let time go by, and do what has come due."""
    if isinstance(service.clock, StillClock):
        service.clock.moment += timedelta(**parts)
    else:
        clocks.move(service.store.db, timedelta(**parts))
    notify.tick(service.store, service.policy, service.clock.now())


def advance(service: Service, order: Order, *steps: str) -> Order:
    """A librarian moves an order on; the reader is told."""
    for step in steps:
        order = orders.advance(service.store.db, order.id, step, "馆员", service.policy, service.clock.now())
    notify.tell(service.store, service.policy, service.clock.now())
    return order
