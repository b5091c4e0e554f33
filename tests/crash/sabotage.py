"""Four ways to get it wrong, for the crash test to catch: each takes one guarantee away from this process alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot import inbox, receive
from bot.channels.telegram import Intake
from bot.events import Event
from bot.receive import Received
from bot.service import Service
from lending.database import Database

accept, take_in, take = inbox.accept, receive._take_in, Intake.take


def acknowledge_first() -> None:
    """Say 200 and do the work afterwards, in a thread."""

    def later(self: Intake, payload: Any) -> None:
        threading.Thread(target=take, args=(self, json.loads(json.dumps(payload))), daemon=True).start()

    Intake.take = later  # type: ignore[method-assign]


def forget_what_was_seen() -> None:
    """Take every delivery for a new one."""

    def always(db: Database, event: Event, now: datetime, error: str | None = None) -> bool:
        accept(db, event, now, error)
        return True

    inbox.accept = always


def mark_before() -> None:
    """Commit the mark, then do the work in a transaction of its own."""

    def apart(db: Database, service: Service, event: Event, *understood: Any) -> Received:
        with service.store.writing() as db:
            new = accept(db, event, service.clock.now())
        return take_in(db, service, event, *understood) if new else Received(False)

    inbox.accept = _believe
    receive._take_in = apart  # type: ignore[assignment]


def mark_after() -> None:
    """Do the work, then commit the mark in a transaction of its own."""

    def apart(db: Database, service: Service, event: Event, *understood: Any) -> Received:
        seen = "SELECT 1 FROM inbox WHERE channel = :c AND event_id = :id"
        if service.store.db.value(seen, c=event.channel, id=event.event_id):
            return Received(False)
        done = take_in(db, service, event, *understood)
        with service.store.writing() as db:
            accept(db, event, service.clock.now())
        return done

    inbox.accept = _believe
    receive._take_in = apart  # type: ignore[assignment]


def _believe(db: Database, event: Event, now: datetime, error: str | None = None) -> bool:
    return True


SABOTAGES: dict[str, Callable[[], None]] = {
    "acknowledge first": acknowledge_first,
    "no seen mark": forget_what_was_seen,
    "mark before": mark_before,
    "mark after": mark_after,
}
