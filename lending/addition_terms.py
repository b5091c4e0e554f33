"""What it would mean to add a cart to an order not packed yet: its price, its promises, its review, its room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import decisions, desk, lockers, moved_promises, order_records, orders, placing, promises, readers
from lending.database import Database, Row
from lending.errors import CartEmpty, LendingError, fact
from lending.model import Fulfilment, OrderState, library_day
from lending.orders import Order, Quote
from lending.policy import Policy

S = OrderState
UNPACKED = (S.IN_REVIEW, S.APPROVED, S.PICKING)


@fact
class CannotAdd(LendingError):
    """An order takes no more books: `reason` is 'packed' (it has moved on), 'late' (a promise is broken), 'box'
    or 'many' (an order holds `most` books by the library's rules)."""

    number: str
    reason: str
    state: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """An order with the cart in it. Money in fen, before free delivery; the promises are the whole order's."""

    order: Order
    books: int  # in the cart
    total: int  # in the order afterwards
    more_fen: int  # on top of what it costs now; negative where the books together travel cheaper
    back_fen: int  # fetching all of them again
    alone_fen: int  # what an order of the cart alone would cost
    whole: Quote  # what all of them together would cost, ordered now
    why: tuple[str, ...]  # why a person looks at it (decisions.why_review)
    review_by: datetime | None
    pack_by: datetime | None
    promised_at: datetime

    @property
    def state(self) -> OrderState:
        """Where the order stands afterwards: back to a person where the rules ask for one."""
        return S.IN_REVIEW if self.why else self.order.state


def of_order(db: Database, order: Order, policy: Policy, now: datetime) -> Terms:
    """The terms of adding the reader's cart to this order. Raises CartEmpty, CannotAdd, OutsideServiceArea."""
    if order.state not in UNPACKED:
        raise CannotAdd(order.number, "packed", order.state)
    cart = placing.in_cart(db, order.reader_id)
    if not cart:
        raise CartEmpty()
    facts = decisions.facts(db, order.reader_id, now)
    here = db.all(
        "SELECT t.price_fen FROM order_items i JOIN titles t ON t.id = i.title_id WHERE i.order_id = :o AND i.open = 1",
        o=order.id,
    )
    total = len(here) + len(cart)
    if total > policy.lending.cart_size:
        raise CannotAdd(order.number, "many", order.state, policy.lending.cart_size)
    why = decisions.why_review(facts, total, policy)
    review_by, pack_by, ready = _promised(db, order, bool(why), policy, now)
    _refuse_when_late(db, order, review_by is not None, now)
    _refuse_without_room(db, order, total)
    more, alone, back, whole = _prices(db, order, here, cart, policy, policy.fee_percent(facts.balance), now)
    return Terms(order, len(cart), total, more, back, alone, whole, why, review_by, pack_by, ready)


def _promised(
    db: Database, order: Order, reviewed: bool, policy: Policy, now: datetime
) -> tuple[datetime | None, datetime | None, datetime]:
    """Review, pack and ready: those of an order placed now, for all the books come together; never earlier (ours)."""
    placed, closed = now.replace(microsecond=0), moved_promises.closings(db, now)
    if reviewed or order.state is S.IN_REVIEW:
        waited = order.review_by if order.state is S.IN_REVIEW else None
        soonest = moved_promises.past(closed, None, desk.review_by(policy, placed), policy)
        review = max(soonest, waited or placed)
        return review, None, review
    pack, ready = moved_promises.made_now(closed, order.point_id, policy, placed)
    pack = max(order.pack_by or placed, pack)
    return None, pack, max(order.promised_at, ready, pack)


def _refuse_when_late(db: Database, order: Order, reviewed: bool, now: datetime) -> None:
    """A broken promise is kept as it was: an order that is late already is not made later (ours)."""
    asked = {"review"} if reviewed else set()
    if order.state is not S.IN_REVIEW:
        asked |= {"pack", "ready"}
    over = {one.name for one in promises.of_order(db, order) if one.broken or (not one.met_at and one.by < now)}
    if asked & over:
        raise CannotAdd(order.number, "late", order.state)


def _refuse_without_room(db: Database, order: Order, total: int) -> None:
    if order.fulfilment is Fulfilment.LOCKER and lockers.room_for(db, order.point_id or 0, order.id) < total:
        raise CannotAdd(order.number, "box", order.state)


def _prices(
    db: Database, order: Order, here: list[Row], cart: list[Row], policy: Policy, percent: int, now: datetime
) -> tuple[int, int, int, Quote]:
    """What is paid more, what the cart alone would cost, the way back of all, and the price of all together.

    Never more than two orders.
    """
    worth = [sum(book["price_fen"] or 0 for book in part) for part in (here, cart)]
    day = library_day(now)
    both = orders.quote(policy, order.fulfilment, order.zone, len(here) + len(cart), day, sum(worth), percent)
    alone = orders.quote(policy, order.fulfilment, order.zone, len(cart), day, worth[1], percent)
    agreed = order.fee_fen + order.free_fen + given(db, order.id)
    back = min(both.return_fee_fen, order.return_fee_fen + alone.return_fee_fen)
    return min(both.fee_fen - agreed, alone.fee_fen), alone.fee_fen, back, both


def given(db: Database, order_id: int) -> int:
    """What free delivery has taken off the fees of earlier additions, in fen."""
    return int(db.value("SELECT COALESCE(SUM(free_fen), 0) FROM order_additions WHERE order_id = :o", o=order_id))


def open_to_more(db: Database, reader_id: int) -> list[Order]:
    """The reader's orders not packed yet that go where the reader would have books sent today, the newest first."""
    found = order_records.of_reader_in(db, reader_id, UNPACKED)
    if not found:
        return []
    who = readers.reader(db, reader_id)
    home = f"{who.name} {who.phone} {who.address}"
    return [order for order in found if order.fulfilment is not Fulfilment.DELIVERY or order.address == home]
