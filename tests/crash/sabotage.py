"""Four ways to get it wrong, for the crash test to catch: each takes one guarantee away from this process alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import app
from bot import inbox
from bot.channels.telegram import Intake
from bot.events import Event
from bot.receive import Received, receive_all
from bot.service import Service
from lending.database import Database

ORDINARY_DISK = 0.003  # seconds of a commit; where one takes 0.2 ms, fifty kills fall between two only now and then

accept, take_all = inbox.accept, Intake.take_all


def acknowledge_first() -> None:
    """Say 200 and do the work afterwards, in a thread."""

    def later(self: Intake, payloads: Sequence[Any]) -> list[None]:
        threading.Thread(target=take_all, args=(self, json.loads(json.dumps(payloads))), daemon=True).start()
        return [None] * len(payloads)

    Intake.take_all = later  # type: ignore[method-assign, assignment]


def forget_what_was_seen() -> None:
    """Take every delivery for a new one."""

    def always(db: Database, event: Event, now: datetime, error: str | None = None) -> bool:
        accept(db, event, now, error)
        return True

    inbox.accept = always


def mark_before() -> None:
    """Commit the mark, then do the work in a transaction of its own."""

    def apart(service: Service, event: Event) -> Received | Exception:
        with service.store.writing() as db:
            new = accept(db, event, service.clock.now())
        return receive_all(service, [event])[0] if new else Received(False)

    _each(apart)


def mark_after() -> None:
    """Do the work, then commit the mark in a transaction of its own."""

    def apart(service: Service, event: Event) -> Received | Exception:
        seen = "SELECT 1 FROM inbox WHERE channel = :c AND event_id = :id"
        if service.store.db.value(seen, c=event.channel, id=event.event_id):
            return Received(False)
        done = receive_all(service, [event])[0]
        time.sleep(ORDINARY_DISK)
        with service.store.writing() as db:
            accept(db, event, service.clock.now())
        return done

    _each(apart)


def _each(apart: Callable[[Service, Event], Received | Exception]) -> None:
    """Receive one event after another this way, without marks of the ordinary kind."""
    inbox.accept = _believe
    app.receive_all = lambda service, events: [apart(service, event) for event in events]


def _believe(db: Database, event: Event, now: datetime, error: str | None = None) -> bool:
    return True


SABOTAGES: dict[str, Callable[[], None]] = {
    "acknowledge first": acknowledge_first,
    "no seen mark": forget_what_was_seen,
    "mark before": mark_before,
    "mark after": mark_after,
}
