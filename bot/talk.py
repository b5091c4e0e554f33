"""One turn of a conversation: what a handler has in its hands, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import conversations, outbox
from bot.conversations import Memory
from bot.events import Button, Card, Event, Reply
from bot.finder import Finding
from bot.lookups import Look, Looked, NotLookedUp
from bot.pictures import Sight
from bot.service import Service
from bot.texts import Words
from bot.understanding import Intent
from lending.database import Database
from lending.mandates import Mandate
from lending.model import library_day
from lending.policy import Policy
from lending.readers import Reader

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name a turn is done, and by which mandate (D-12)."""

    mandate: Mandate
    reader: Reader

    @property
    def name(self) -> str:
        """What the one who acts calls them."""
        return self.reader.known_as


@dataclass(frozen=True, slots=True)
class Wish:
    """One of several in a line: its words, what they mean, and what was looked up for it."""

    text: str
    intent: Intent
    found: Finding | None


@dataclass(slots=True)
class Talk:
    """Everything one turn needs. Handlers read it, call use cases, and `say`; nothing is sent from here."""

    service: Service
    db: Database
    now: datetime
    event: Event
    reader: Reader
    first: bool  # the reader's first word ever
    step: str
    memory: Memory
    intent: Intent
    found: Finding | None  # looked up before the lock was taken
    sight: Sight | None = None  # what a photo showed, looked at before that too
    wishes: list[Wish] = field(default_factory=list)  # where the line holds several
    looked: Looked = field(default_factory=dict)  # what else had to be looked up for this turn
    replies: list[Reply] = field(default_factory=list)
    acting: Acting | None = None  # where it is not one's own
    finished: int = 0  # replies that say already in whose name they are
    own: bool = False  # though somebody is acted for, what is said is about oneself

    @property
    def policy(self) -> Policy:
        """The library's rules."""
        return self.service.policy

    @property
    def _(self) -> Words:
        """The reader's language; days of another year are said with theirs."""
        return Words(self.reader.language, library_day(self.now).year)

    def say(
        self,
        text: str,
        rows: Rows = (),
        cards: tuple[Card, ...] = (),
        qr: str = "",
        edits: bool = False,
        toast: str = "",
        picture: int = 0,
        export: str = "",
    ) -> None:
        """Answer. With `edits` the message whose button was pressed is replaced, where the channel can."""
        replaced = self._pressed_message() if edits and self.event.press else None
        self.replies.append(Reply(text, rows, cards, qr, replaced, toast, picture, export))
        conversations.offer(self.memory, self.replies[-1])

    def _pressed_message(self) -> int | None:
        event = self.event
        return outbox.find(self.db, event.channel, event.address, event.shown) if event.shown else event.message

    def look_up(self, look: Look, *arguments: object) -> Any:
        """What the index says, by one of bot/lookups.py; looked up before the turn, so the turn may begin anew."""
        try:
            return self.looked[look, arguments]
        except KeyError:
            raise NotLookedUp(look, arguments) from None

    def said(self) -> list[Reply]:
        """The answers, a bare sentence put before what follows it: one message is read more gladly than two."""
        joined: list[Reply] = []
        for reply in self.replies:
            last = joined[-1] if joined else None
            if last and not (last.buttons or last.cards or last.qr or last.picture or last.edits or reply.edits):
                joined[-1] = replace(reply, text=f"{last.text}\n\n{reply.text}", toast=last.toast or reply.toast)
            else:
                joined.append(reply)
        return joined

    def slot(self, name: str) -> str:
        """A text slot of the intent, or ''."""
        return str(self.intent.slots.get(name, "")).strip()

    def number(self, name: str = "n") -> int | None:
        """A number slot of the intent."""
        value = self.intent.slots.get(name)
        return int(value) if value is not None else None
