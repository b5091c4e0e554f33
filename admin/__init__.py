"""The librarian's page: one file per room, behind one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask import Blueprint

from admin import (
    account,
    announcements,
    appeals,
    appointments,
    calendar,
    cards,
    cases,
    colleagues,
    conduct,
    copies,
    duplicates,
    entrance,
    escalations,
    events,
    family,
    free_shipping,
    guard,
    home,
    letters,
    lockers,
    messages,
    misses,
    orders,
    parcels,
    photos,
    picks,
    policies,
    promises,
    purchases,
    readers,
    records,
    reports,
    returns,
    reviews,
    rounds,
    signs,
    special_readers,
    stock_takes,
    timetable,
    ways_back,
    wishes,
)
from admin.desk import Desk, Words
from lending.clock import Clock
from lending.database import Database, Row, Store
from lending.policy import Policy

ROOMS = (
    entrance, home, escalations, orders, appointments, cases, appeals, free_shipping, returns, ways_back, calendar,
    timetable, events, readers, family, special_readers, letters,
    cards, conduct, messages, misses, records, copies, stock_takes, picks, reviews, wishes, purchases,
    parcels, rounds, lockers, policies, promises, reports, signs, duplicates, photos, announcements,
    account, colleagues,
)  # fmt: skip


def _none(db: Database) -> list[Row]:
    return []


def _nothing_to_say(*given: object) -> list[str]:
    return []


def _heard(db: Database, reader_id: int, since: datetime) -> str:
    return ""


def _uncounted(db: Database, first: date, last: date) -> int:
    return 0


def _nothing_known(db: Database, reader_id: int) -> object:
    return True


def _web_alone(carried: str, here: str) -> Mapping[str, str]:
    return {"web": f"{here}/?start={carried}"}


def _no_code(db: Database, reader_id: int, key: bytes, policy: Policy, now: datetime) -> tuple[str, datetime]:
    return "", now


def blueprint(
    store: Store,
    policy: Policy,
    clock: Clock,
    words: Callable[[str], Words],
    library: str,
    order_states: Mapping[str, str],
    fulfilments: Mapping[str, str],
    dead_letters: Callable[[Database], list[Row]] = _none,
    unreachable: Callable[[Database], list[Row]] = _none,
    card_key: bytes = b"",
    explain: Callable[..., list[str]] = _nothing_to_say,
    unheard: Callable[[Database, int, datetime], str] = _heard,
    visits: Callable[[Database, date, date], int] = _uncounted,
    has_chat: Callable[[Database, int], object] = _nothing_known,
    link_code: Callable[[Database, int, bytes, Policy, datetime], tuple[str, datetime]] = _no_code,
    followed: bool = False,
    doors: Callable[[str, str], Mapping[str, str]] = _web_alone,
) -> Blueprint:
    """The rooms under /admin. `order_states` and `fulfilments` map codes to msgids.

    `dead_letters(db)` lists events that could not be understood, `unreachable(db)` chats that refuse our messages.
    `card_key` hashes the numbers of readers' cards. `explain` says to a librarian why a reader may borrow or not.
    `unheard(db, reader_id, since)` says why no message has reached a reader since then, '' when some did.
    `visits(db, first, last)` counts what readers said between two days. `has_chat(db, reader_id)`: whether a reader
    has one; `link_code(db, reader_id, card_key, policy, now)` makes what brings the first, and says until when.
    `followed`: somebody outside follows parcels. `doors(carried, here)`: where a printed code leads, by what opens it.
    """
    made = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates", static_folder="static")
    desk = Desk(
        store, policy, clock, words, library, order_states, fulfilments, dead_letters, unreachable, card_key, explain,
        unheard, visits, has_chat, link_code, doors, followed,
    )  # fmt: skip
    guard.add_to(made, desk)
    for room in ROOMS:
        room.add_to(made, desk)
    return made
