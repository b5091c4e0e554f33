"""部分完成: one copy missing at picking does not stop the others; another takes its place, or the reader waits.

A book that its reader may not have any more leaves an order in the same way, without another or a place in the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import (
    addition_terms,
    cities,
    clearing,
    copy_states,
    credit,
    free_shipping,
    holds,
    notices,
    order_records,
    orders,
)
from lending.catalogue import ON_SHELF
from lending.database import Database, writing
from lending.errors import CannotChange, OutsideServiceArea, UnknownThing
from lending.model import CopyState, OrderState, library_day, stamp
from lending.orders import Order
from lending.policy import Policy
from lending.pools import Terms

PICKING = (OrderState.APPROVED, OrderState.PICKING)  # when a librarian stands before the shelf
WHY = ("lost", "damaged")  # not where it should be; there, but not fit to be lent


@dataclass(frozen=True, slots=True)
class Gap:
    """What became of a missing copy: the one that takes its place, if any, and how many books the order still has."""

    title_id: int
    title: str
    copy_id: int | None
    left: int


def report(db: Database, number: str, copy_id: int, why: str, actor: str, policy: Policy, now: datetime) -> Gap:
    """A copy of the order is 'lost' or 'damaged': the order goes on with another copy, or without the title.

    Without it the fee is reckoned anew, the reader joins the title's queue (not that of one 下架) and is told; an order
    with nothing left is cancelled. Raises UnknownThing, CannotChange once the order is packed.
    """
    if why not in WHY:
        raise UnknownThing("reason", why[:20])
    with writing(db) as db:
        order = orders.by_number(db, number)
        if order.state not in PICKING:
            raise CannotChange("order", number, order.state)
        title_id = _take_out(db, order, copy_id, why, CopyState.DAMAGED if why == "damaged" else CopyState.LOST)
        copy_states.write_down(db, copy_id, "damage" if why == "damaged" else "miss", actor, now, order.number)
        if why == "lost":
            db.run("UPDATE copies SET missing_since = :now WHERE id = :c AND state = 'lost'", c=copy_id, now=stamp(now))
        title = _note(db, order, title_id, "short", actor, now)
        other = _another(db, order, title_id, copy_id)
        left = _left(db, order)
        if other is None:
            _do_without(db, order, title_id, left, why, policy, now)
            copy_states.tell_last_gone(db, title_id, policy, now, but=order.reader_id)
        if not left:
            orders.advance(db, order.id, "cancel", actor, policy, now)
    return Gap(title_id, title, other, left)


def leave_out(
    db: Database, number: str, copy_id: int, why: str, policy: Policy, now: datetime, actor: str = "rule"
) -> Gap:
    """A book its reader may or would not have leaves the order, to the shelf or whoever waits; the fee is anew.

    An order of this book alone is cancelled. Raises UnknownThing, CannotChange once the order is packed.
    """
    with writing(db) as db:
        order = orders.by_number(db, number)
        if order.state not in addition_terms.UNPACKED:
            raise CannotChange("order", number, order.state)
        left = _left(db, order) - 1
        if left:
            title_id = _take_out(db, order, copy_id, why, CopyState.AVAILABLE)
            picked = clearing.fetched(db, order.id)
            if picked:
                clearing.lay_aside(db, copy_id, "picked")
            holds.release_copy(db, copy_id, title_id, policy, now, stands=not picked)
            _reckon_anew(db, order, left, policy, now)
        else:
            title_id = _item(db, order, copy_id)
        title = _note(db, order, title_id, "left_out", actor, now)
        if not left:
            orders.advance(db, order.id, "cancel", actor, policy, now)
    return Gap(title_id, title, None, left)


def take_out(db: Database, reader_id: int, number: str, title_id: int, policy: Policy, now: datetime) -> Gap:
    """The reader does without a title of their order, having got it in another way. Raises as `leave_out`."""
    with writing(db) as db:
        order = orders.by_number(db, number, reader_id)
        copy_id = db.value(
            "SELECT copy_id FROM order_items WHERE order_id = :o AND title_id = :t AND open = 1", o=order.id, t=title_id
        )
        if copy_id is None:
            raise UnknownThing("title", str(title_id))
        return leave_out(db, number, copy_id, "taken_out", policy, now, "reader")


def _left(db: Database, order: Order) -> int:
    return int(db.value("SELECT COUNT(*) FROM order_items WHERE order_id = :o AND open = 1", o=order.id))


def _item(db: Database, order: Order, copy_id: int) -> int:
    title_id = db.value(
        "SELECT title_id FROM order_items WHERE order_id = :o AND copy_id = :c AND open = 1", o=order.id, c=copy_id
    )
    if title_id is None:
        raise UnknownThing("copy", str(copy_id))
    return int(title_id)


def _take_out(db: Database, order: Order, copy_id: int, why: str, state: str) -> int:
    title_id = db.value(
        "UPDATE order_items SET open = 0, ended_as = :why WHERE order_id = :o AND copy_id = :c AND open = 1 "
        "RETURNING title_id",
        why=why, o=order.id, c=copy_id,
    )  # fmt: skip
    if title_id is None:
        raise UnknownThing("copy", str(copy_id))
    db.run("UPDATE copies SET state = :to, hold_id = NULL WHERE id = :c AND state = 'reserved'", to=state, c=copy_id)
    return int(title_id)


def _note(db: Database, order: Order, title_id: int, what: str, actor: str, now: datetime) -> str:
    """Which title it was, kept with the order's history; returns its name."""
    title = str(db.value("SELECT title FROM titles WHERE id = :t", t=title_id))
    order_records.write_down(db, order.id, what, actor, f"《{title}》", now)
    return title


def _another(db: Database, order: Order, title_id: int, gone: int) -> int | None:
    """A free copy takes the place of the missing one: made of the same if one is, the nearest to the order's point."""
    copy_id = db.value(
        "UPDATE copies SET state = 'reserved' WHERE id = (SELECT c.id FROM copies c WHERE c.title_id = :t "
        f"AND {ON_SHELF} ORDER BY c.material <> (SELECT material FROM copies WHERE id = :gone), "
        f"{cities.NEAREST_COPY} LIMIT 1) AND state = 'available' RETURNING id",
        t=title_id, gone=gone, p=order.point_id, r=order.reader_id,
    )  # fmt: skip
    if copy_id is not None:
        told = db.one(
            "SELECT told_loan_days AS loan_days, told_renewals AS renewals, told_renewal_days AS renewal_days "
            "FROM order_items WHERE order_id = :o AND copy_id = :c",
            o=order.id, c=gone,
        )  # fmt: skip
        assert told is not None, "it has just been taken out"
        order_records.put_in(db, order.id, title_id, copy_id, Terms(**told))
    return copy_id


def _do_without(
    db: Database, order: Order, title_id: int, left: int, why: str, policy: Policy, now: datetime
) -> None:  # fmt: skip
    if not db.value("SELECT withdrawn FROM titles WHERE id = :t", t=title_id):
        holds.join(db, order.reader_id, title_id, now)
    saved = _reckon_anew(db, order, left, policy, now) if left else 0
    notices.record(
        db, order.reader_id, "order_short", f"order:{order.number}", f"{title_id}@{stamp(now)}", now,
        notices.outside_quiet_hours(now, policy), order=order.number, title=title_id, why=why, left=left, saved=saved,
    )  # fmt: skip


def _reckon_anew(db: Database, order: Order, left: int, policy: Policy, now: datetime) -> int:
    """The fee for the books that remain, never more than was agreed; returns what the reader saves, in fen.

    The library goes on paying its part first; what it need not pay any more goes back to its day (A2-27).
    """
    worth = db.value(
        "SELECT COALESCE(SUM(t.price_fen), 0) FROM order_items i JOIN titles t ON t.id = i.title_id "
        "WHERE i.order_id = :o AND i.open = 1",
        o=order.id,
    )
    percent = policy.fee_percent(credit.balance(db, order.reader_id))
    try:
        cost = orders.quote(policy, order.fulfilment, order.zone, left, library_day(now), worth, percent)
    except OutsideServiceArea:  # the rules have changed and name no price there any more: what was agreed stays
        return 0
    free = order.free_fen + addition_terms.given(db, order.id)
    full = min(cost.fee_fen, order.fee_fen + free)
    fee, back = max(0, full - free), min(cost.return_fee_fen, order.return_fee_fen)
    free_shipping.give_some_back(db, order.id, max(0, free - full))
    db.run("UPDATE orders SET fee_fen = :fee, return_fee_fen = :back WHERE id = :o", fee=fee, back=back, o=order.id)
    order_records.reckon_cover(db, order.id, cost)
    return order.fee_fen - fee
