"""Asking Telegram for updates, for a service without a public address."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import seconds
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.updates import KINDS, MalformedUpdate, query_id

log = logging.getLogger(__name__)

WAIT_SECONDS = 25
FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
STOP_SECONDS = 0.2  # how soon a stop is noticed
TOAST_CHARACTERS = 200


class Poller:
    """Takes updates in order and confirms each only after it was handled for good."""

    def __init__(self, channel: TelegramChannel, intake: Intake, wait: int = WAIT_SECONDS) -> None:
        self._channel = channel
        self._intake = intake
        self._wait = wait
        self._next = 0
        self._delay = FIRST_DELAY

    def run(self, stop: threading.Event) -> None:
        """Poll until told to stop; whatever goes wrong on the way is waited out."""
        pushed = True
        while not stop.is_set():
            try:
                if pushed:
                    self._channel.call(self._channel.bot.delete_webhook())
                    pushed = False
                self._round(stop)
                self._delay = FIRST_DELAY
            except RetryAfter as error:
                stop.wait(seconds(error.retry_after))
            except Exception as error:  # the loop must outlive anything
                log.warning("polling waits %s s: %r", self._delay, error)
                stop.wait(self._delay)
                self._delay = min(self._delay * 2, LONGEST_DELAY)

    def _round(self, stop: threading.Event) -> None:
        """One long poll and what it brought. A store that cannot be written leaves the rest unconfirmed.

        Raises MalformedUpdate when the others are done: what has no number is confirmed by those behind it only.
        """
        unnumbered = 0
        for payload in self._updates(stop):
            number = payload.get("update_id") if isinstance(payload, dict) else None
            if not isinstance(number, int):
                unnumbered += 1
                continue
            toast = self._intake.take(payload)
            self._next = number + 1
            self._answer(payload, toast)
        if unnumbered:
            raise MalformedUpdate(f"{unnumbered} without a number")

    def _updates(self, stop: threading.Event) -> list[Any]:
        future = self._channel.submit(self._channel.updates(self._next, self._wait, json.dumps(KINDS)))
        while True:
            try:
                return list(future.result(STOP_SECONDS))
            except NotYet:
                if stop.is_set():
                    future.cancel()
            except CancelledError:
                return []

    def _answer(self, payload: Any, toast: str | None) -> None:
        """End the spinner of a pressed button; one pressed long ago can no longer be answered."""
        asked = query_id(payload)
        if asked is None:
            return
        text = toast[:TOAST_CHARACTERS] if toast else None
        try:
            self._channel.call(self._channel.bot.answer_callback_query(asked, text))
        except TelegramError as error:
            log.info("a button press stays unanswered: %s", error)
