"""What is done with each update, pushed or pulled: read it, hand it on, and set aside what cannot be handled."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.telegram.inline import Inline, inline_query
from bot.channels.telegram.updates import MalformedUpdate, UpdateReader
from bot.events import Event, Photo
from lending.errors import StoreUnwritable

log = logging.getLogger(__name__)

Receive = Callable[[Event], str | None]  # the word to show at a pressed button, if any
Poison = Callable[[str, str], None]
Download = Callable[[str], Photo]

POISON_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Intake:
    """`receive` handles an event and commits; `poison(payload, error)` keeps what could not be handled.

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
        try:
            if (asked := inline_query(payload)) is not None:
                return self.inline(asked) if self.inline else None
            event = self.reader.to_event(payload)
            return None if event is None else self.receive(self._fetched(event))
        except StoreUnwritable:
            raise
        except MalformedUpdate as error:
            self.set_aside(payload, f"malformed: {error}")
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))  # an error's own words may be the reader's
            log.error("update could not be handled: %s\n%s", type(error).__name__, where)
            self.set_aside(payload, repr(error))
        return None

    def _fetched(self, event: Event) -> Event:
        """The event with its photo in hand."""
        if event.photo is None or not event.photo.reference or self.download is None:
            return event
        return replace(event, photo=self.download(event.photo.reference))

    def set_aside(self, payload: Any, error: str) -> None:
        """Keep it for a person to look at."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.poison(text[:POISON_CHARACTERS], error)
