"""What is done with each update, pushed or pulled: read it, hand it on, and set aside what cannot be handled."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.updates import MalformedUpdate, UpdateReader
from bot.events import Event
from lending.errors import StoreUnwritable

log = logging.getLogger(__name__)

Receive = Callable[[Event], str | None]  # the word to show at a pressed button, if any
Poison = Callable[[str, str], None]

POISON_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Intake:
    """`receive` handles an event and commits; `poison(payload, error)` keeps what could not be handled."""

    reader: UpdateReader
    receive: Receive
    poison: Poison

    def take(self, payload: Any) -> str | None:
        """Handle one update for good; returns the toast for a pressed button.

        Raises StoreUnwritable, and only then should the update come again: anything else would come back
        for ever and keep the reader's later messages waiting behind it.
        """
        try:
            event = self.reader.to_event(payload)
            return None if event is None else self.receive(event)
        except StoreUnwritable:
            raise
        except MalformedUpdate as error:
            self.set_aside(payload, f"malformed: {error}")
        except Exception as error:
            log.exception("update could not be handled")
            self.set_aside(payload, repr(error))
        return None

    def set_aside(self, payload: Any, error: str) -> None:
        """Keep it for a person to look at."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self.poison(text[:POISON_CHARACTERS], error)
