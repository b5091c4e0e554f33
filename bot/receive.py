"""One event, there and back: look up without a lock, then one write transaction that marks, answers and queues."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from bot import contacts, conversations, dialogue, inbox, notify, outbox, pictures
from bot.confiding import bare_number
from bot.events import Event, Reply
from bot.finder import Finding
from bot.lookups import Looked, NotLookedUp
from bot.meaning import look_up, meant
from bot.pictures import Sight
from bot.service import Service
from bot.several_wishes import told_apart
from bot.talk import Talk, Wish
from bot.texts import Words, menu, rows
from bot.understanding import Intent
from lending.database import Database
from lending.errors import StoreUnwritable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """Whether the event was new, and the short word for a pressed button."""

    new: bool
    toast: str = ""


@dataclass(slots=True)
class Asked:
    """An event with all that was looked up for it without a lock."""

    event: Event
    intent: Intent
    found: Finding | None
    sight: Sight | None
    wishes: list[Wish] = field(default_factory=list)  # several in one line
    looked: Looked = field(default_factory=dict)


def receive(service: Service, event: Event) -> Received:
    """Take an event in and lay the answers into the outbox; not `new` when it had been taken in before.

    Raises StoreUnwritable when nothing could be kept: the channel should send it again. Any other failure is
    recorded, and the reader is told and offered a person.
    """
    [outcome] = receive_all(service, [event])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def receive_all(service: Service, events: Sequence[Event]) -> list[Received | Exception]:
    """Several events that share a commit, in their order; what becomes of one leaves the others alone."""
    outcomes: dict[int, Received | Exception] = {}
    asked: dict[int, Asked] = {}
    for n, event in enumerate(events):
        try:
            if event.photo and inbox.seen(service.store.db, event):
                outcomes[n] = Received(False)
            else:
                asked[n] = _ask(service, event)
        except Exception as error:
            outcomes[n] = _apologise(service, event, error)
    while asked:
        done = service.store.do_all([partial(_take_in, service=service, asked=one) for one in asked.values()])
        again: dict[int, Asked] = {}
        for (n, one), outcome in zip(asked.items(), done, strict=True):
            try:
                if isinstance(outcome, NotLookedUp):  # the turn is over and undone: now nobody waits for the index
                    one.looked[outcome.look, outcome.arguments] = outcome.look(service, *outcome.arguments)
                    again[n] = one
                elif isinstance(outcome, BaseException):
                    raise outcome
                else:
                    outcomes[n] = outcome
            except Exception as error:
                outcomes[n] = _apologise(service, one.event, error)
        asked = again
    return [outcomes[n] for n in range(len(events))]


def _ask(service: Service, event: Event) -> Asked:
    """What is meant, and what the index and the picture say; not asked of a secret, which they would remember."""
    if _confided(service, event):
        return Asked(event, Intent("unknown"), None, None)
    intent = meant(service, event.text) if event.kind == "text" else Intent("unknown")
    apart = told_apart(service, event.text, intent) if event.kind == "text" and not event.photo else []
    wishes = [Wish(text, one, look_up(service, one)) for text, one in apart]
    return Asked(event, intent, look_up(service, intent), _look_at(service, event, intent), wishes)


def _confided(service: Service, event: Event) -> bool:
    """Whether it holds a secret; a bare number is one by what was asked for before."""
    db = service.store.db
    reader = contacts.reader_of(db, event.channel, event.address) if bare_number(event.text) else None
    step, memory = conversations.load(db, reader.id) if reader else ("", {})
    return dialogue.confided(step, memory, event.text, service.clock.now())


def _look_at(service: Service, event: Event, intent: Intent) -> Sight | None:
    """What the photo shows; a clear command written beside it goes before ("这本书破了")."""
    wanted = event.photo is not None and intent.name in ("unknown", "search", "show_title")
    return pictures.look(service.store.db, event.photo) if wanted and event.photo else None


def _take_in(db: Database, service: Service, asked: Asked) -> Received:
    event, now = asked.event, service.clock.now()
    if not inbox.accept(db, event, now):
        return Received(False)
    reader, first = contacts.resolve(db, event, service.policy, now)
    step, memory = conversations.load(db, reader.id)
    talk = Talk(
        service, db, now, event, reader, first, step, memory, asked.intent, asked.found, asked.sight, asked.wishes,
        asked.looked,
    )  # fmt: skip
    dialogue.answer(talk)
    conversations.save(db, reader.id, talk.step, talk.memory)
    said = talk.said()
    for reply in said:
        outbox.put(db, event.channel, event.address, reply, now)
    notify.tell_reader(db, reader.id, service.policy, now)
    return Received(True, next((reply.toast for reply in said if reply.toast), ""))


def _apologise(service: Service, event: Event, error: Exception) -> Received | Exception:
    """One poisoned event must not block its reader's queue (B2-8); a store that cannot be written is said as it is."""
    if isinstance(error, StoreUnwritable):
        return error
    where = "".join(traceback.format_tb(error.__traceback__))  # an error's own words may be the reader's
    log.error("an event failed: %s %s: %s\n%s", event.channel, event.event_id, type(error).__name__, where)
    now = service.clock.now()
    try:
        with service.store.writing() as db:
            if not inbox.accept(db, event, now, f"{type(error).__name__}: {error}"[:500]):
                return Received(False)
            reader, _first = contacts.resolve(db, event, service.policy, now)
            _ = Words(reader.language)
            sorry = _("抱歉，这一步我没办好，已经记下来了。请换个说法再试，或者转人工。")
            outbox.put(db, event.channel, event.address, Reply(sorry, rows(menu(_, "escalate"), menu(_, "help"))), now)
    except Exception as worse:  # this event's alone
        return worse
    return Received(True)
