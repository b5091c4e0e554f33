"""What goes on by itself: due facts are told, the outbox is sent, the index keeps up. One loop each, ended together."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from bot import linking, notify
from bot.channels import Channel
from bot.deliver import Deliverer
from bot.pacer import Pacer
from bot.service import Service
from lending import clock
from lending.clock import Leaps
from lending.door import refused_by_disk
from lending.errors import StoreUnwritable

log = logging.getLogger(__name__)

TELL_SECONDS = 1.0  # what a librarian or a machine has just done reaches the reader within this
TICK_SECONDS = 30.0  # what comes due by the clock
DAY = 24 * 3600
FOLD_SECONDS = 0.05  # how soon a pause of the writers is noticed


def loops(
    service: Service, channels: Sequence[Channel], pacer: Pacer | None = None
) -> list[Callable[[threading.Event], None]]:
    """Every loop of the worker; each takes the event that ends it."""
    found: list[Callable[[threading.Event], None]] = [
        lambda stop: keep_time(service, stop),
        lambda stop: keep_index(service, stop),
        lambda stop: keep_log(service, stop),
    ]
    for channel in channels:
        found.append(
            Deliverer(
                service.store,
                channel,
                service.clock.now,
                pacer,
                prepare=notify.look_again(service.policy, service.clock.now),
                unreachable=partial(linking.blocked, now=service.clock.now),
            ).run
        )
    return found


def keep_time(service: Service, stop: threading.Event, leaps: Leaps | None = None) -> None:
    """Tick now and then, tell at once, not by a clock that has just leapt; nothing that fails here ends the loop."""
    next_tick, leaps, waits, said = 0.0, leaps or Leaps(), False, ""
    while not stop.is_set():
        off = leaps.seconds()
        if off and not waits:
            told = "the clock leapt by %+.1f days: what falls due waits until it is back, or for an hour"
            log.error(told, off / DAY)
        waits = bool(off)
        try:
            clock.tell_leap(service.store.db, off)
            if not waits and time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_SECONDS
                notify.tick(service.store, service.policy, service.clock.now())
            if not waits:
                notify.tell(service.store, service.policy, service.clock.now())
            said = _say_refusal(service.store.refusal(), said)
        except Exception as error:
            said = _say("the worker goes on", error, said)
        stop.wait(TELL_SECONDS)


def keep_index(service: Service, stop: threading.Event) -> None:
    """Keep the index in step, apart from the rest: after a large import that takes a minute."""
    said = ""
    while not stop.is_set():
        try:
            service.finder.catch_up()
            said = ""
        except Exception as error:
            said = _say("the index is behind", error, said)
        stop.wait(TELL_SECONDS)


def keep_log(service: Service, stop: threading.Event) -> None:
    """Fold the log back in the pauses; what a disk refuses is tried again."""
    said = ""
    while not stop.wait(FOLD_SECONDS):
        try:
            if service.store.fold():
                said = ""
        except Exception as error:
            said = _say("the log stays long", error, said)


def _say(what: str, error: Exception, before: str) -> str:
    """Log what failed and return it; what the disk refuses is one line, and not said again each second of a night."""
    refused = isinstance(error, (StoreUnwritable, OSError)) or (
        isinstance(error, sqlite3.Error) and refused_by_disk(error)
    )
    said = f"{what}: {error}" if refused else ""
    if not refused:
        log.exception(what)
    elif said != before:
        log.error(said)
    return said


def _say_refusal(refusal: str, before: str) -> str:
    """Log that somebody's change was refused, readers', kiosks' or Telegram's, however many try again meanwhile."""
    if refusal and not before:
        log.error("what is done is not kept: %s", refusal)
    return refusal and (before or refusal)


def start(
    service: Service,
    channels: Sequence[Channel],
    more: Sequence[Callable[[threading.Event], None]] = (),
    pacer: Pacer | None = None,
) -> Callable[[], None]:
    """Run all loops in threads of this process; returns what ends them and waits."""
    stop = threading.Event()
    running = (*loops(service, channels, pacer), *more)
    threads = [threading.Thread(target=loop, args=(stop,), daemon=True) for loop in running]
    for thread in threads:
        thread.start()

    def finish() -> None:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)

    return finish
