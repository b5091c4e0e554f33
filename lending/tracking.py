"""What couriers tell of a parcel, and what it does to its order; late, twice or out of order is harmless (E3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import notices, order_records, orders, parcels
from lending.database import Database, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState, stamp
from lending.order_effects import PARTS
from lending.parcels import ENDS, LIFE, RANK, Parcel
from lending.policy import Policy

S = OrderState
SLOW_CLOCK = timedelta(days=1)  # a word older than that at the packing is another parcel's
END = {"signed": "sign", "returned": "bring_back", "lost": "lose"}  # what becomes of an order whose parcels all ended


@dataclass(frozen=True, slots=True)
class Word:
    """One thing a courier says of a parcel: its state, when by the courier's clock, where in the courier's words."""

    state: str
    at: datetime
    place: str = ""


def hear(db: Database, tracking: str, words: Iterable[Word], actor: str, policy: Policy, now: datetime) -> bool:
    """Keep the words about a parcel and move its order as far as they lead; False when nothing is new.

    A number is used anew, or misread: words from before the packing are another parcel's. Couriers push the newest
    first, and what ends the way is the first that ended it.
    Raises UnknownThing for a parcel we do not have.
    """
    with writing(db) as db:
        parcel = parcels.by_tracking(db, tracking)
        before, packed = parcel.state, orders.reached(db, parcel.order_id, S.PACKED)
        assert packed is not None, "parcels are made by the packing"
        heard = [
            parcels.note(db, parcel.id, word.state, max(word.at, packed), word.place, actor, now)
            for word in sorted(words, key=lambda word: (word.at, RANK[word.state])) if packed - word.at <= SLOW_CLOCK
        ]  # fmt: skip
        if not any(heard):
            return False
        parcel = parcels.by_id(db, parcel.id)
        _ship(db, parcel.order_id, actor, policy)  # first, so that it is on its way before it arrives today
        if parcel.state != before and LIFE[parcel.state].told:
            _tell(db, parcel, now)
        _settle(db, parcel.order_id, actor, policy, now)
        return True


def _tell(db: Database, parcel: Parcel, now: datetime) -> None:
    _note(db, parcel, f"{parcel.state}@{stamp(parcel.changed_at)}", now, now)  # sent out again, it is told again


def _note(db: Database, parcel: Parcel, step: str, now: datetime, due: datetime) -> None:
    order = db.one("SELECT number, reader_id FROM orders WHERE id = :o", o=parcel.order_id)
    assert order is not None
    facts = {"order": order["number"], "tracking": parcel.tracking, "state": parcel.state}
    notices.record(db, order["reader_id"], "parcel_moved", f"parcel:{parcel.id}", step, now, due, **facts)


def _ship(db: Database, order_id: int, actor: str, policy: Policy) -> None:
    """An order is shipped with its first parcel."""
    mine = parcels.of_order(db, order_id)
    if _state(db, order_id) is S.PACKED and any(parcel.state != "created" for parcel in mine):
        orders.advance(db, order_id, "ship", actor, policy, max(parcel.changed_at for parcel in mine))


def _settle(db: Database, order_id: int, actor: str, policy: Policy, now: datetime) -> None:
    """Each parcel that has ended settles its own books, the last the order.

    Done when any has come, over when all came back or none is left.
    """
    if _state(db, order_id) is not S.SHIPPED:
        return
    mine = parcels.of_order(db, order_id)
    states = {parcel.state for parcel in mine}
    last = max(parcel.changed_at for parcel in mine)
    if len(states) > 1:
        _settle_parts(db, order_id, mine, policy, now)
    step = next((END[state] for state in END if state in states), "")
    if step and states <= set(ENDS):
        orders.advance(db, order_id, step, actor, policy, last)


def _settle_parts(db: Database, order_id: int, mine: list[Parcel], policy: Policy, now: datetime) -> None:
    """Parcels that ended apart from the others. Of those that came, the last is left to the order's own step.

    What did not come is told by itself, for the order's own word is of what has.
    """
    order = order_records.by_id(db, order_id)
    all_over = all(parcel.state in ENDS for parcel in mine)
    for parcel in mine:
        if parcel.state in ENDS and not (all_over and parcel.state == "signed"):
            PARTS[parcel.state](db, order, parcel.id, policy, parcel.changed_at)
            if parcel.state != "signed":
                _note(db, parcel, "part", now, now)


def _state(db: Database, order_id: int) -> OrderState:
    return OrderState(db.value("SELECT state FROM orders WHERE id = :o", o=order_id))


def received(db: Database, parcel_id: int, reader_id: int, policy: Policy, now: datetime) -> bool:
    """ "我拿到了": the reader's own word that this parcel has come, from a pick-up point or anywhere (A1-8).

    False when that was known. Raises UnknownThing for another's parcel, CannotChange unless it is on its way, or the
    library's own round that should have brought it has begun.
    """
    with writing(db) as db:
        parcel = parcels.by_id(db, parcel_id)
        order = order_records.by_id(db, parcel.order_id)
        if order.reader_id != reader_id:
            raise UnknownThing("parcel", str(parcel_id))
        if parcel.state == "signed":
            return False
        if not parcels.may_have_come(parcel, order.state, now):
            raise CannotChange("order", order.number, order.state)
        return hear(db, parcel.tracking, [Word("signed", now)], "reader", policy, now)


def lost(db: Database, parcel_id: int, actor: str, policy: Policy, now: datetime) -> None:
    """The courier owns up to having lost it: the library bears the loss. Raises CannotChange when its way has ended."""
    with writing(db) as db:
        parcel = parcels.by_id(db, parcel_id)
        if not hear(db, parcel.tracking, [Word("lost", now)], actor, policy, now):
            raise CannotChange("parcel", parcel.tracking, parcel.state)


def ask_after(db: Database, policy: Policy, now: datetime) -> int:
    """Readers whose parcel lies at a pick-up point for days are asked whether they have it; returns how many."""
    fresh = parcels.left_lying(db, now - timedelta(days=policy.parcels.pickup_point_days))
    if not fresh:
        return 0
    due = notices.outside_quiet_hours(now, policy)
    with writing(db) as db:
        for parcel in fresh:
            _note(db, parcel, "asked", now, due)
    return len(fresh)
