"""加书: more books join an order that is not packed yet, so that nobody pays or waits for two parcels (A4-1, B5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lending import (
    addition_terms,
    appointment_clock,
    audience,
    cart,
    decisions,
    free_shipping,
    holds,
    loans,
    lockers,
    notices,
    order_records,
    orders,
    placing,
)
from lending.addition_terms import UNPACKED, CannotAdd, Terms, open_to_more
from lending.database import Database, Row, writing
from lending.errors import LockerFull, NotAllowed
from lending.free_shipping import Freed
from lending.model import Fulfilment, OrderState, stamp
from lending.orders import Order
from lending.policy import Policy

__all__ = ["UNPACKED", "Added", "CannotAdd", "Terms", "add", "by_request", "open_to_more", "preview"]


@dataclass(frozen=True, slots=True)
class Added:
    """The order as it stands now, how many books came to it, and what the reader pays more, in fen."""

    order: Order
    books: int
    more_fen: int


def preview(db: Database, reader_id: int, number: str, policy: Policy, now: datetime) -> Terms:
    """What adding the cart would mean; nothing is changed.

    Raises UnknownThing, CartEmpty, CannotAdd, NotAllowed with every reason.
    """
    order = orders.by_number(db, number, reader_id)
    terms = addition_terms.of_order(db, order, policy, now)
    _refuse(db, order, placing.in_cart(db, reader_id), policy, now)
    return terms


def add(
    db: Database, reader_id: int, number: str, request_key: str, policy: Policy, now: datetime,
    agreed_fen: int | None = None, agreed: Mapping[int, str] | None = None,
) -> Added:  # fmt: skip
    """The cart joins the order: copies set aside, a larger box where needed, fee and promises of all the books.

    The same request key again adds nothing and answers the same (B2-2). `agreed_fen` is what the reader has said yes
    to paying more, `agreed` of what each title is made; None agrees to any. Raises UnknownThing, CartEmpty, CannotAdd,
    NotAllowed, NoCopyAvailable, OtherMaterial, PriceChanged; order and cart then stay as they were.
    """
    with writing(db) as db:
        if done := by_request(db, reader_id, request_key):
            return done
        order = orders.by_number(db, number, reader_id)
        terms = addition_terms.of_order(db, order, policy, now)
        wanted = placing.in_cart(db, reader_id)
        _refuse(db, order, wanted, policy, now)
        copies = placing.set_aside(db, reader_id, order.point_id, wanted)
        placing.as_agreed(copies, wanted, agreed or {})
        freed = _freed(db, terms, agreed_fen, policy, now)
        more = _charge(db, terms, freed, now)
        addition = _write(db, terms, len(copies), request_key, more, freed, now)
        longer = loans.extra_days(db, reader_id, policy)
        told = loans.told_with_the_yes((one["material"] for one in copies), longer, policy)
        for copy in copies:
            order_records.put_in(db, order.id, copy["title_id"], copy["id"], told[copy["material"]], addition)
        order_records.reckon_cover(db, order.id, terms.whole)
        _widen(db, terms)
        _tell_history(db, terms, wanted, now)
        cart.empty(db, reader_id)
        holds.fill(db, reader_id, order.id)
        order = orders.by_number(db, number)
        appointment_clock.keep_up(db, order, policy, now)
        return Added(order, terms.books, more)


def by_request(db: Database, reader_id: int, request_key: str) -> Added | None:
    """What this request has added, if it has."""
    row = db.one(
        "SELECT o.number, a.books, a.fee_fen FROM order_additions a JOIN orders o ON o.id = a.order_id "
        "WHERE a.request_key = :key AND o.reader_id = :r",
        key=request_key, r=reader_id,
    )  # fmt: skip
    return Added(orders.by_number(db, row["number"]), row["books"], row["fee_fen"]) if row else None


def _refuse(db: Database, order: Order, wanted: list[Row], policy: Policy, now: datetime) -> None:
    """The same rules as for an order of the cart alone: the limit counts what is ordered already."""
    facts = decisions.facts(db, order.reader_id, now)
    decision = decisions.may_borrow(facts, len(wanted), policy)
    titles = [want["title_id"] for want in wanted]
    decision = decisions.within_pools(db, decision, facts, titles, order.point_id, policy)
    decision = audience.within(db, decision, facts, wanted, policy)
    if order.fulfilment is not Fulfilment.DELIVERY:
        decision = decisions.at_point(db, decision, order.reader_id, order.point_id, policy, now)
        if order.point_id in decisions.gone_by_then(db, policy, now):
            decision = decisions.point_gone(decision)
    if not decision.allowed:
        raise NotAllowed(decision)


def _freed(db: Database, terms: Terms, agreed_fen: int | None, policy: Policy, now: datetime) -> Freed:
    """What the library pays of the rest; money that cheaper travelling leaves over goes back to its day (A2-27)."""
    order = terms.order
    if terms.more_fen > 0:
        return free_shipping.take(db, order.reader_id, terms.more_fen, agreed_fen, policy, now)
    free_shipping.give_some_back(db, order.id, max(0, -terms.more_fen - order.fee_fen))
    return free_shipping.NOTHING


def _charge(db: Database, terms: Terms, freed: Freed, now: datetime) -> int:
    """Fee, promises and state of the whole order, if nobody has packed it; returns what the reader pays more."""
    order = terms.order
    fee = max(0, order.fee_fen + terms.more_fen - freed.fen)
    states = ", ".join(f"'{state}'" for state in UNPACKED)
    changed = db.run(
        "UPDATE orders SET state = :state, fee_fen = :fee, return_fee_fen = :back, promised_at = :ready, "
        "review_by = COALESCE(:review, review_by), pack_by = :pack, changed_at = :now "
        f"WHERE id = :o AND state = :before AND state IN ({states})",
        state=terms.state, fee=fee, back=terms.back_fen, ready=stamp(terms.promised_at),
        review=stamp(terms.review_by) if terms.review_by else None,
        pack=stamp(terms.pack_by) if terms.pack_by else None, now=stamp(now), o=order.id, before=order.state,
    )  # fmt: skip
    if changed != 1:
        raise CannotAdd(order.number, "packed", order.state)
    if terms.state is OrderState.IN_REVIEW:  # its steps come again, and are told again
        notices.retract(db, order.reader_id, "order_moved", f"order:{order.number}")
    return fee - order.fee_fen


def _write(
    db: Database, terms: Terms, books: int, request_key: str, more: int, freed: Freed, now: datetime
) -> int:  # fmt: skip
    return int(
        db.value(
            "INSERT INTO order_additions (order_id, request_key, books, fee_fen, free_fen, free_day, free_entry, "
            "added_at) VALUES (:o, :key, :books, :fee, :free, :day, :entry, :now) RETURNING id",
            o=terms.order.id, key=request_key, books=books, fee=more, free=freed.fen, day=freed.day,
            entry=freed.entry, now=stamp(now),
        )
    )  # fmt: skip


def _widen(db: Database, terms: Terms) -> None:
    order = terms.order
    if order.fulfilment is Fulfilment.LOCKER:
        try:
            lockers.widen(db, order.point_id or 0, order.id, terms.total)
        except LockerFull as full:
            raise CannotAdd(order.number, "box", order.state) from full


def _tell_history(db: Database, terms: Terms, wanted: list[Row], now: datetime) -> None:
    """Which books came, and where the rules now ask for a person, why."""
    lines = [("added", "reader", "".join(f"《{want['title']}》" for want in wanted))]
    if terms.why:
        lines.append((terms.state.value, "rule", " ".join(terms.why)))
    for state, actor, note in lines:
        order_records.write_down(db, terms.order.id, state, actor, note, now)
