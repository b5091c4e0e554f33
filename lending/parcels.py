"""A parcel's whole way in one table: what it may be doing, which words end it, which are trouble (E3, D 31)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import rounds
from lending.database import Database, Row
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState, library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the table. `ends`: no later word counts; `trouble`: a librarian looks; `told`: the reader hears."""

    name: str
    ends: bool = False
    trouble: bool = False
    told: bool = False


# Couriers lose words and send them late or twice, so any word may follow any other: by its own time the newest counts,
# and of equal times the one further down. Three end the way. Only 签收 is "delivered": 代收点, 疑难 and 拒签 are not.
LIFE = {
    standing.name: standing
    for standing in (
        Standing("created"),  # 待揽收: packed, not yet handed over
        Standing("collected"),  # 已揽收
        Standing("in_transit"),  # 在途
        Standing("out_for_delivery", told=True),  # 派送中
        Standing("at_pickup_point", told=True),  # 代收点: left at a shop or box; the reader has nothing yet
        Standing("problem", trouble=True, told=True),  # 疑难
        Standing("refused", trouble=True, told=True),  # 拒签
        Standing("returning", trouble=True, told=True),  # 退回中
        Standing("returned", ends=True),  # 已退回
        Standing("lost", ends=True, trouble=True, told=True),  # 丢失
        Standing("signed", ends=True),  # 签收: in the reader's hands
    )
}
RANK = {name: n for n, name in enumerate(LIFE)}
ENDS = tuple(name for name, standing in LIFE.items() if standing.ends)
TROUBLES = tuple(name for name, standing in LIFE.items() if standing.trouble)
STILL_OUT = "(p.state = 'out_for_delivery' AND p.round_at < {0})"  # of parcels p: its own round's day ended before then
MOVING = ("collected", "in_transit", "out_for_delivery")
SILENT = (  # of parcels p: on its way with a courier, who has said nothing since then
    f"(p.state IN {MOVING} AND p.round_at IS NULL AND p.changed_at < {{0}})"
)
LEFT_BY_ROUNDS = "(state = 'problem' AND courier = 'library' AND round_at IS NULL)"  # nobody met, and none goes again
COLUMNS = "id, order_id, courier, tracking, state, changed_at, books, place, round, round_at"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel as it stands. `changed_at` is the courier's time; `round_at` when the library's own round starts."""

    id: int
    order_id: int
    courier: str
    tracking: str
    state: str
    changed_at: datetime
    books: int
    place: str
    round: str
    round_at: datetime | None


def _parcel(row: Row) -> Parcel:
    made = {name: parse_stamp(row[name]) if row[name] else None for name in ("changed_at", "round_at")}
    return Parcel(**{**row, **made})


def may_have_come(one: Parcel, order: OrderState, now: datetime) -> bool:
    """Whether its reader may have it in their hands: it is on its way, or its own round has begun, whoever said so."""
    begun = order is OrderState.PACKED and one.round_at is not None and one.round_at <= now
    return one.state not in ENDS and (begun or order is OrderState.SHIPPED)


def of_order(db: Database, order_id: int) -> list[Parcel]:
    """The order's parcels, in the order they were packed."""
    return [
        _parcel(row) for row in db.all(f"SELECT {COLUMNS} FROM parcels WHERE order_id = :o ORDER BY id", o=order_id)
    ]


def by_tracking(db: Database, tracking: str) -> Parcel:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM parcels WHERE tracking = :t", t=tracking.strip())
    if row is None:
        raise UnknownThing("parcel", tracking[:40])
    return _parcel(row)


def by_id(db: Database, parcel_id: int) -> Parcel:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM parcels WHERE id = :id", id=parcel_id)
    if row is None:
        raise UnknownThing("parcel", str(parcel_id))
    return _parcel(row)


def in_states(db: Database, states: Iterable[str], limit: int = 200) -> list[Parcel]:
    """Parcels in these states, the longest in them first."""
    marks = ", ".join(f"'{LIFE[state].name}'" for state in states)
    rows = db.all(f"SELECT {COLUMNS} FROM parcels WHERE state IN ({marks}) ORDER BY changed_at, id LIMIT :n", n=limit)
    return [_parcel(row) for row in rows]


def silent_since(policy: Policy, now: datetime) -> datetime:
    """Whose last word is older than that, its courier is to be asked."""
    return now - timedelta(days=policy.parcels.ask_courier_days)


def to_look_at(db: Database, policy: Policy, now: datetime, limit: int) -> list[Parcel]:
    """In trouble, lying at a pick-up point, or not heard of for days; of orders still on their way, the longest first.
    """
    marks = ", ".join(f"'{state}'" for state in (*TROUBLES, "at_pickup_point"))
    rows = db.all(
        f"SELECT {COLUMNS} FROM parcels p WHERE (state IN ({marks}) OR {SILENT.format(':since')}) AND order_id IN "
        "(SELECT id FROM orders WHERE state = 'shipped') ORDER BY changed_at, id LIMIT :n",
        n=limit, since=stamp(silent_since(policy, now)),
    )  # fmt: skip
    return [_parcel(row) for row in rows]


def left_lying(db: Database, since: datetime) -> list[Parcel]:
    """At a pick-up point since then or longer, and their readers have not been asked yet."""
    asked = (
        "SELECT 1 FROM notices WHERE reader_id = (SELECT reader_id FROM orders WHERE id = p.order_id) "
        "AND event = 'parcel_moved' AND object = 'parcel:' || p.id AND step = 'asked'"
    )
    rows = db.all(
        f"SELECT {COLUMNS} FROM parcels p WHERE state = 'at_pickup_point' AND changed_at <= :since "
        f"AND NOT EXISTS ({asked}) ORDER BY changed_at, id",
        since=stamp(since),
    )  # fmt: skip
    return [_parcel(row) for row in rows]


def still_out(db: Database, now: datetime) -> list[Parcel]:
    """What set out with a round of the library's on an earlier day, and nobody has said what came of it."""
    today = stamp(start_of_day(library_day(now)))
    asked = f"SELECT {COLUMNS} FROM parcels p WHERE {STILL_OUT.format(':today')} ORDER BY round_at, id"
    rows = db.all(asked, today=today)
    return [_parcel(row) for row in rows]


def way_of(db: Database, parcel_id: int) -> list[Row]:
    """Every word about it by its own time: state, at, place, actor."""
    rows = db.all("SELECT state, at, place, actor FROM parcel_events WHERE parcel_id = :p", p=parcel_id)
    return sorted(rows, key=lambda row: (row["at"], RANK[row["state"]]))


def standing(words: Iterable[Row]) -> Row | None:
    """The word that counts: the first that ends the way, else the newest. Whatever the order they came in."""
    ordered = sorted(words, key=lambda word: (word["at"], RANK[word["state"]]))
    ended = [word for word in ordered if LIFE[word["state"]].ends]
    return ended[0] if ended else (ordered[-1] if ordered else None)


# ---- made, handed over, ended: called by the steps of an order ------------------------------------------------------


def make(db: Database, order_id: int, address: str, sizes: Iterable[int], policy: Policy, now: datetime) -> None:
    """The books are packed into parcels of these sizes; the library's own round takes them where one goes (A10-2)."""
    for books in sizes:
        run = rounds.next_run(db, policy, address, now)
        parcel_id = db.value(
            "INSERT INTO parcels (order_id, courier, tracking, state, changed_at, books, round, round_at) "
            "VALUES (:o, 'library', :tracking, 'created', :now, :books, :round, :at) RETURNING id",
            o=order_id, tracking=f"YX{secrets.randbelow(10**10):010d}", now=stamp(now), books=books,
            round=run.name if run else "", at=stamp(run.starts_at) if run else None,
        )  # fmt: skip
        db.run(
            "UPDATE order_items SET parcel_id = :p WHERE order_id = :o AND copy_id IN (SELECT copy_id FROM order_items "
            "WHERE order_id = :o AND open = 1 AND parcel_id IS NULL ORDER BY copy_id LIMIT :n)",
            p=parcel_id, o=order_id, n=books,
        )  # fmt: skip


def handed_over(db: Database, order_id: int, actor: str, now: datetime) -> None:
    """The courier has them all; where one of them was fetched by itself, the others still wait for theirs."""
    mine = of_order(db, order_id)
    if all(parcel.state == "created" for parcel in mine):
        for parcel in mine:
            note(db, parcel.id, "collected", now, "", actor, now)


def all_signed(db: Database, order_id: int, actor: str, now: datetime) -> None:
    """The reader has the books: whatever the courier said last, these parcels have arrived."""
    for parcel in of_order(db, order_id):
        if parcel.state not in ENDS:
            note(db, parcel.id, "signed", now, "", actor, now)


def drop(db: Database, order_id: int) -> None:
    """The order has ended before they left: they are unpacked again."""
    waiting = "(SELECT id FROM parcels WHERE order_id = :o AND state = 'created')"
    db.run(f"UPDATE order_items SET parcel_id = NULL WHERE order_id = :o AND parcel_id IN {waiting}", o=order_id)
    for table in ("parcel_follows", "parcel_events"):
        db.run(f"DELETE FROM {table} WHERE parcel_id IN {waiting}", o=order_id)
    db.run("DELETE FROM parcels WHERE order_id = :o AND state = 'created'", o=order_id)


# ---- one word about a parcel ---------------------------------------------------------------------------------------


def note(db: Database, parcel_id: int, state: str, at: datetime, place: str, actor: str, now: datetime) -> bool:
    """Keep one word about a parcel, once; False when it changes nothing (a repeat, or older than what is known)."""
    at = min(at, now)  # a courier's clock may run ahead of ours
    new = db.run(
        "INSERT INTO parcel_events (parcel_id, state, at, place, actor, received_at) "
        "VALUES (:p, :state, :at, :place, :actor, :now) ON CONFLICT (parcel_id, state, at) DO NOTHING",
        p=parcel_id, state=LIFE[state].name, at=stamp(at), place=place[:200], actor=actor, now=stamp(now),
    )  # fmt: skip
    counts = standing(way_of(db, parcel_id)) if new else None
    if counts is None:
        return False
    ends = ", ".join(f"'{name}'" for name in ENDS)
    return bool(
        db.run(
            "UPDATE parcels SET state = :state, changed_at = :at, place = :place "
            f"WHERE id = :p AND state NOT IN ({ends}) AND (state <> :state OR changed_at <> :at)",
            p=parcel_id, state=counts["state"], at=counts["at"], place=counts["place"],
        )
    )  # fmt: skip


def give_to(db: Database, parcel_id: int, company: str, tracking: str, now: datetime) -> None:
    """A courier company takes the parcel under its own number; it is followed from now on. Call in `writing`.

    So is one that our own round did not hand over, where none goes there any more; a number that nobody would follow
    may be corrected. Raises CannotChange when it has left, or the number is in use.
    """
    known = db.value("SELECT id FROM parcels WHERE tracking = :t AND id <> :p", t=tracking, p=parcel_id)
    changed = 0 if known else db.run(
        "UPDATE parcels SET courier = :company, tracking = :t, round = '', round_at = NULL WHERE id = :p "
        f"AND (state = 'created' OR {LEFT_BY_ROUNDS} "
        "OR id IN (SELECT parcel_id FROM parcel_follows WHERE state = 'refused'))",
        company=company, t=tracking, p=parcel_id,
    )  # fmt: skip
    if not changed:
        raise CannotChange("parcel", tracking, by_id(db, parcel_id).state)
    db.run(
        "INSERT INTO parcel_follows (parcel_id, company, next_at) VALUES (:p, :company, :now) "
        "ON CONFLICT (parcel_id) DO UPDATE SET company = :company, state = 'waiting', tries = 0, next_at = :now",
        p=parcel_id, company=company, now=stamp(now),
    )  # fmt: skip
