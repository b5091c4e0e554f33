"""What is done with updates, pushed or pulled: read them, hand them on, and set aside what cannot be handled."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.telegram.inline import Inline, inline_query
from bot.channels.telegram.updates import MalformedUpdate, UpdateReader
from bot.events import Event, Photo
from lending.errors import StoreUnwritable

log = logging.getLogger(__name__)

Taken = str | None | Exception  # the word to show at a pressed button, if any; or why it was not taken
Receive = Callable[[Sequence[Event]], Sequence[Taken]]
Poison = Callable[[str, str], None]
Download = Callable[[str], Photo]

POISON_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Intake:
    """`receive` handles events and commits; `poison(payload, error)` keeps what could not be handled.

    `download(reference)` fetches a photo before anything is written; `inline` answers who writes @us in another chat.
    """

    reader: UpdateReader
    receive: Receive
    poison: Poison
    download: Download | None = None
    inline: Inline | None = None

    def take(self, payload: Any) -> str | None:
        """Handle one update for good; returns the toast for a pressed button.

        Raises StoreUnwritable, and only then should the update come again: anything else would come back
        for ever and keep the reader's later messages waiting behind it.
        """
        [taken] = self.take_all([payload])
        if isinstance(taken, Exception):
            raise taken
        return taken

    def take_all(self, payloads: Sequence[Any]) -> list[str | StoreUnwritable | None]:
        """Several updates, which share a commit; StoreUnwritable in the place of those that should come again."""
        taken: dict[int, Taken] = {}
        events: dict[int, Event] = {}
        for n, payload in enumerate(payloads):
            try:
                event = self._event(payload)
            except Exception as error:
                taken[n] = error
            else:
                events |= {n: event} if event else {}
        taken |= zip(events, self._received(list(events.values())), strict=True)
        return [self._settled(payload, taken.get(n)) for n, payload in enumerate(payloads)]

    def _received(self, events: Sequence[Event]) -> Sequence[Taken]:
        """What became of each. Where all of it broke, each is tried alone: one of them is the cause."""
        try:
            return self.receive(events) if events else []
        except Exception as error:
            if len(events) == 1 or isinstance(error, StoreUnwritable):
                return [error] * len(events)
            return [taken for event in events for taken in self._received([event])]

    def _event(self, payload: Any) -> Event | None:
        """What is to be received, with its photo in hand; None where that was all."""
        if (asked := inline_query(payload)) is not None:
            if self.inline:
                self.inline(asked)
            return None
        event = self.reader.to_event(payload)
        if event is None or event.photo is None or not event.photo.reference or self.download is None:
            return event
        return replace(event, photo=self.download(event.photo.reference))

    def _settled(self, payload: Any, taken: Taken) -> str | StoreUnwritable | None:
        """What failed is set aside, so that it does not come again."""
        if not isinstance(taken, Exception) or isinstance(taken, StoreUnwritable):
            return taken
        error = f"malformed: {taken}"
        if not isinstance(taken, MalformedUpdate):
            where = "".join(traceback.format_tb(taken.__traceback__))  # an error's own words may be the reader's
            log.error("update could not be handled: %s\n%s", type(taken).__name__, where)
            error = repr(taken)
        try:
            self.set_aside(payload, error)
        except StoreUnwritable as refused:
            return refused
        return None

    def set_aside(self, payload: Any, error: str) -> None:
        """Keep it for a person to look at. Raises StoreUnwritable."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.poison(text[:POISON_CHARACTERS], error)


def may_take_long(payload: Any) -> bool:
    """Whether taking it may wait for the network: for a photo, or to answer who writes in another chat."""
    if not isinstance(payload, dict):
        return False
    message = payload.get("message")
    return "inline_query" in payload or (isinstance(message, dict) and not {"photo", "document"}.isdisjoint(message))
