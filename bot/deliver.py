"""The sender of any channel: takes messages from the outbox, at the channel's pace, and marks them after the answer."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime

from bot import outbox
from bot.channels import Channel, TransportError
from bot.events import Reply
from bot.outbox import Claimed
from bot.pacer import Pacer, Slot
from lending.database import Database, Store
from lending.errors import StoreUnwritable
from lending.model import later

log = logging.getLogger(__name__)

IN_FLIGHT = 8  # 4–8 keep the permitted rate at a round trip of 60 ms (measured)
ATTEMPTS = 8
FIRST_DELAY, LONGEST_DELAY = 1, 300  # seconds
IDLE_SECONDS = 0.1
RENEW_SECONDS = outbox.CLAIM_SECONDS / 4  # a message in parts over a slow network may take longer than its claim
STORE_SECONDS = 1.0  # between looks at a store that cannot be written

Prepare = Callable[[Database, Claimed], Reply | None]
Unreachable = Callable[[Database, str, str], None]


def as_it_was(db: Database, message: Claimed) -> Reply | None:
    """Say what was put."""
    return message.reply


def tell_nobody(db: Database, channel: str, address: str) -> None:
    """Nobody keeps a list of contacts here."""


def delay(attempts: int) -> int:
    """Seconds to wait after the first, second, third … failure: 1, 2, 4 … up to five minutes."""
    return int(min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY))


class Deliverer:
    """Sends what is due on one channel.

    `prepare` looks at the facts again just before sending and may reword a message or drop it (None) (B2-7);
    `unreachable(db, channel, address)` is told, inside the same transaction, whom the channel cannot reach.
    """

    def __init__(
        self,
        store: Store,
        channel: Channel,
        clock: Callable[[], datetime],
        pacer: Pacer | None = None,
        in_flight: int = IN_FLIGHT,
        prepare: Prepare = as_it_was,
        unreachable: Unreachable = tell_nobody,
    ) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._pacer = pacer or Pacer()
        self._in_flight = in_flight
        self._prepare = prepare
        self._unreachable = unreachable
        self._running: dict[Future[None], Claimed] = {}
        self._renewed = time.monotonic()
        self._last: datetime | None = None
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(in_flight, thread_name_prefix=f"send-{channel.name}")

    def step(self) -> int:
        """Send what may go now, wait for the answers; returns how many messages were tried."""
        started = self._start()
        wait(self._running)
        return started

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop, then wait for the answers that are still out."""
        while not stop.is_set():
            try:
                started = self._start()
            except StoreUnwritable:  # the worker says so
                stop.wait(STORE_SECONDS)
                continue
            except Exception as error:  # the loop must outlive anything
                where = "".join(traceback.format_tb(error.__traceback__))  # an error's own words may be the reader's
                log.error("the sender goes on: %s\n%s", type(error).__name__, where)
                stop.wait(STORE_SECONDS)
                continue
            if not started:
                stop.wait(min(self._pacer.paused(), STORE_SECONDS) or IDLE_SECONDS)
        self.close()

    def close(self) -> None:
        """Wait for the answers that are out and let go of the threads."""
        self._closing.set()
        while wait(self._running, RENEW_SECONDS).not_done:
            with suppress(StoreUnwritable):
                self._renew()
        self._threads.shutdown(wait=True)

    def _start(self) -> int:
        """Claim for the free hands and send each at its slot."""
        free = self._free_hands()
        if self._pacer.paused():
            return 0
        resting = {*self._pacer.resting(), *(message.address for message in self._running.values())}
        started = 0
        for message in outbox.claim(self._store.db, self._channel.name, self._now(), free, resting):
            if self._wait_for_slot():
                slot = self._pacer.took(message.address)
                self._running[self._threads.submit(self._deliver, message, slot)] = message
                started += 1
            else:
                outbox.later(self._store.db, message.id, self._clock(), "asked to wait", counts=False)
        return started

    def _now(self) -> datetime:
        """The time; at the start and where the clock was put back since, nothing is to wait for the old one."""
        now = self._clock()
        if self._last is None or later(now, seconds=outbox.CLAIM_SECONDS) < self._last:
            outbox.renew(self._store.db, [message.id for message in self._running.values()], now)
            outbox.put_back(self._store.db, now)
        self._last = now
        return now

    def _free_hands(self) -> int:
        """How many more may be sent at once; waits until it is at least one."""
        while True:
            self._running = {future: message for future, message in self._running.items() if not future.done()}
            self._renew()
            if free := self._in_flight - len(self._running):
                return free
            wait(self._running, RENEW_SECONDS, FIRST_COMPLETED)

    def _renew(self) -> None:
        """Now and then: what is still under way is ours, and no other process is to send it too."""
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        self._renewed = time.monotonic()
        outbox.renew(self._store.db, [message.id for message in self._running.values()], self._clock())

    def _wait_for_slot(self) -> bool:
        """Wait for the pace; False when the channel has asked for quiet meanwhile."""
        while (seconds := self._pacer.wait()) > 0:
            if self._pacer.paused():
                return False
            time.sleep(seconds)
        return True

    def _deliver(self, message: Claimed, slot: Slot) -> None:
        """Send one message and write down what became of it, whatever that is."""
        try:
            outcome = self._try(message)
        except TransportError as error:
            outcome = self._refused(message, error)
        except Exception as error:
            log.exception("message %s could not be sent", message.id)
            outcome = self._refused(message, TransportError(repr(error)))
        self._pacer.answered(slot)
        self._write_down(outcome)

    def _try(self, message: Claimed) -> Callable[[Database], object]:
        db = self._store.db
        reply = self._prepare(db, message)
        if reply is None:
            return lambda writer: outbox.dropped(writer, message.id, self._clock())
        edits = None if reply.edits is None else outbox.external_id(db, reply.edits)
        external_id = self._channel.send(message.address, reply, edits)
        return lambda writer: outbox.sent(writer, message.id, external_id, self._clock())

    def _refused(self, message: Claimed, error: TransportError) -> Callable[[Database], object]:
        reason, now = str(error), self._clock()
        if error.permanent:
            return lambda writer: self._give_up(writer, message, reason)
        if error.retry_after is not None:
            self._pacer.pause(error.retry_after)
            due = later(now, seconds=error.retry_after)
            return lambda writer: outbox.later(writer, message.id, due, reason, counts=False)
        failures = message.attempts + 1
        if failures >= ATTEMPTS:
            return lambda writer: outbox.failed(writer, message.id, reason)
        return lambda writer: outbox.later(writer, message.id, later(now, seconds=delay(failures)), reason)

    def _give_up(self, db: Database, message: Claimed, reason: str) -> None:
        """The address cannot be reached: neither this message nor the others due for it are tried there again.

        Whoever is told may send all of it elsewhere first; what is left is set aside.
        """
        outbox.give_back(db, message.id)
        self._unreachable(db, message.channel, message.address)
        outbox.fail_rest(db, message.channel, message.address, reason, self._clock())

    def _write_down(self, outcome: Callable[[Database], object]) -> None:
        """Keep the outcome, however long the store refuses: forgetting it would say the message twice."""
        while True:
            try:
                self._store.do(outcome)
                return
            except StoreUnwritable:
                if self._closing.wait(STORE_SECONDS):
                    return
