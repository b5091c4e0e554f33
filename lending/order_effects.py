"""What a step of an order brings with it: copies, boxes, parcels and loans. The steps stand in orders.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lending import (
    calendar,
    clearing,
    copy_states,
    desk,
    fee_refunds,
    free_shipping,
    holds,
    loans,
    lockers,
    moved_promises,
    notices,
    parcels,
    promises,
    rounds,
    shipping,
    special_readers,
)
from lending.database import Database, Row
from lending.model import Fulfilment, OrderState, library_day, parse_stamp, stamp
from lending.order_records import Order, books, by_id, history
from lending.policy import Policy

S = OrderState


def _move_copies(db: Database, order: Order, state: str) -> None:
    db.run(
        f"UPDATE copies SET state = '{state}', hold_id = NULL WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        o=order.id,
    )


def promise_anew(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """A person has answered in time or not; from now on the promise is that the books are ready (A1-16)."""
    ready = desk.ready_by(policy, now)
    pack_by = promises.pack_by(policy, now, ready)
    db.run(
        "UPDATE orders SET promised_at = :ready, pack_by = :pack WHERE id = :o",
        ready=stamp(ready), pack=stamp(pack_by), o=order.id,
    )  # fmt: skip
    moved_promises.keep_honest(db, replace(order, promised_at=ready, pack_by=pack_by), policy, now)


def pack(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """What is to be delivered stands in as many parcels as cost least, each with its number for the label."""
    if order.fulfilment is Fulfilment.DELIVERY:
        sizes = shipping.parcels(policy, order.zone, len(books(db, order.id)))
        parcels.make(db, order.id, order.address, sizes, policy, now)
        rounds.packed(db, order.id, order.reader_id, policy, now)


def unpack(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """A book of it is missing or broken after all: its parcels are none, and it is packed anew.

    To be ready is promised as before. Where the time to pack it by has come while it was packed, that was kept, and
    the packing to come is promised like any other.
    """
    rounds.unpacked(db, order.id, order.reader_id)
    parcels.drop(db, order.id)
    notices.unsay(db, order.reader_id, "order_moved", f"order:{order.number}", "pack")
    if order.pack_by and order.pack_by < now and not promises.is_broken(db, order.id, "pack"):
        ready = order.promised_at if order.promised_at > now else desk.ready_by(policy, now)
        pack_by = promises.pack_by(policy, now, ready)
        db.run("UPDATE orders SET pack_by = :pack WHERE id = :o", pack=stamp(pack_by), o=order.id)
        moved_promises.keep_honest(db, replace(order, pack_by=pack_by), policy, now)


def ship(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Handed to the courier."""
    _move_copies(db, order, "in_transit")
    if not parcels.of_order(db, order.id):  # packed before parcels were made with the packing
        pack(db, order, policy, now)
    parcels.handed_over(db, order.id, "library", now)


def load(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The locker's door has closed on the books."""
    lockers.fill(db, order.id)
    _wait_for_reader(db, order, lockers.new_code(db), policy, now)


def shelve(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books stand on the pick-up shelf of the branch."""
    _wait_for_reader(db, order, order.number[-4:], policy, now)


def _wait_for_reader(db: Database, order: Order, code: str, policy: Policy, now: datetime) -> None:
    _move_copies(db, order, "awaiting")
    db.run("UPDATE orders SET pickup_code = :code WHERE id = :o", code=code, o=order.id)
    begin_days(db, order, policy, now)


def begin_days(db: Database, order: Order, policy: Policy, now: datetime) -> datetime:
    """The days to fetch the books begin now; returns their end. Call in `writing`."""
    days = policy.promise.pickup_days + special_readers.keep_days(db, order.reader_id, policy)
    until = calendar.shelf_end(db, policy, order.point_id, now, days)
    db.run("UPDATE orders SET pickup_until = :until WHERE id = :o", until=stamp(until), o=order.id)
    return until


def hand_over(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books are in the reader's hands: the loans start, at the moment the policy names (B4)."""
    lockers.free(db, order.id)
    loans.start(db, order.id, order.reader_id, _loan_start(db, order, policy, now), policy, now)
    db.run("UPDATE order_items SET open = 0 WHERE order_id = :o", o=order.id)
    parcels.all_signed(db, order.id, "library", now)


def part_arrived(db: Database, order: Order, parcel_id: int, policy: Policy, now: datetime) -> None:
    """One of several parcels is in the reader's hands: its loans start, the others' books are still on their way."""
    begins = _loan_start(db, order, policy, now)
    begun = loans.start(db, order.id, order.reader_id, begins, policy, now, parcel_id)
    db.run("UPDATE order_items SET open = 0 WHERE order_id = :o AND parcel_id = :p", o=order.id, p=parcel_id)
    for loan_id in begun:
        notices.record(db, order.reader_id, "lent", f"loan:{loan_id}", "", now, loan=loan_id)


def part_back(db: Database, order: Order, parcel_id: int, policy: Policy, now: datetime) -> None:
    """One of several parcels came back: its books go on to whoever waits, or to the shelf."""
    for item in _close(db, order, parcel_id):
        holds.release_copy(db, item["copy_id"], item["title_id"], policy, now)


def part_lost(db: Database, order: Order, parcel_id: int, policy: Policy, now: datetime) -> None:
    """One of several parcels is lost: the library's loss, and its part of the fee too."""
    for item in _close(db, order, parcel_id):
        copy_states.lost_in_post(db, item["copy_id"], now)
        copy_states.tell_last_gone(db, item["title_id"], policy, now)
    _bear_lost(db, order.id, policy, now)


def _bear_lost(db: Database, order_id: int, policy: Policy, now: datetime) -> None:
    """The reader pays for the parcels that were not lost, and what was free stays free; the library bears the rest."""
    order, mine = by_id(db, order_id), parcels.of_order(db, order_id)
    sizes = [[one.books for one in mine if one.state != "lost"], [one.books for one in mine]]
    if not policy.fees.waive_when_lost or not order.fee_fen:
        return
    free = sum(row["free_fen"] for row in free_shipping.of_order(db, order.id))
    agreed = order.fee_fen + order.lost_fen + free
    fee = int(agreed * shipping.part(policy, order.zone, *sizes)) - free
    db.run(
        "UPDATE orders SET fee_fen = :fee, lost_fen = lost_fen + fee_fen - :fee WHERE id = :o AND fee_fen > :fee",
        fee=max(0, fee), o=order.id,
    )  # fmt: skip
    borne = order.fee_fen - by_id(db, order.id).fee_fen
    fee_refunds.owe(db, order.reader_id, f"order:{order.number}", borne, policy, now)


def _close(db: Database, order: Order, parcel_id: int) -> list[Row]:
    return db.all(
        "UPDATE order_items SET open = 0 WHERE order_id = :o AND parcel_id = :p AND open = 1 "
        "RETURNING copy_id, title_id",
        o=order.id, p=parcel_id,
    )  # fmt: skip


PARTS = {"signed": part_arrived, "returned": part_back, "lost": part_lost}  # by how a parcel's way has ended


def _loan_start(db: Database, order: Order, policy: Policy, now: datetime) -> datetime:
    if policy.lending.loan_starts == "order":
        return order.placed_at
    if policy.lending.loan_starts == "shipped":
        sent = [row["at"] for row in history(db, order.id) if row["state"] in (S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)]
        return parse_stamp(sent[0]) if sent else now
    return now


def move_on(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Nobody came to the locker in time: a librarian takes the books to the counter nearby, unless that has closed."""
    counter = db.value(
        "SELECT b.id FROM points b, points l WHERE b.kind = 'branch' AND l.id = :p "
        f"ORDER BY b.id IN ({calendar.GOING}), b.id IS NOT l.parent_id, b.branch_type = 'bus', b.city <> l.city, b.id "
        "LIMIT 1",
        p=order.point_id, day=str(library_day(now)),
    )  # fmt: skip
    lockers.leave(db, order.id)
    ready = moved_promises.ready_at(db, counter, policy, now)
    days = policy.lockers.counter_days + special_readers.keep_days(db, order.reader_id, policy)
    until = calendar.shelf_end(db, policy, counter, ready, days)
    db.run(
        "UPDATE orders SET point_id = :p, pickup_code = :code, pickup_until = :until WHERE id = :o",
        p=counter, code=order.number[-4:], until=stamp(until), o=order.id,
    )  # fmt: skip


def send_back(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Not fetched: the books go on from where they stand (B4)."""
    db.run(
        "UPDATE copies SET point_id = :p WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        p=order.point_id, o=order.id,
    )  # fmt: skip
    let_go(db, order, policy, now)


def call_off(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """Never sent: the books stay, and what the library would have paid goes back to its day (A2-27).

    A win of a draw is spent where the reader has thought again, and theirs once more where the library calls it off.
    """
    let_go(db, order, policy, now)
    if history(db, order.id)[-1]["actor"] == "reader":
        free_shipping.give_back(db, order.id)
    else:
        free_shipping.called_off_by_us(db, order.id, order.reader_id, policy, now)


def lose(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The courier has lost it: the library's loss, nobody owes anything."""
    gone = db.all(
        "UPDATE order_items SET open = 0 WHERE order_id = :o AND open = 1 RETURNING copy_id, title_id", o=order.id
    )
    for item in gone:
        copy_states.lost_in_post(db, item["copy_id"], now)
        copy_states.tell_last_gone(db, item["title_id"], policy, now)
    _bear_lost(db, order.id, policy, now)
    free_shipping.lost_by_courier(db, order.id, order.reader_id, policy, now)


def let_go(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books stay in the library: box free, copies to whoever waits or back to the shelf."""
    untouched = clearing.begin(db, order.id) in clearing.UNTOUCHED
    lockers.leave(db, order.id)
    parcels.drop(db, order.id)
    freed = db.all(
        "UPDATE order_items SET open = 0 WHERE order_id = :o AND open = 1 RETURNING copy_id, title_id", o=order.id
    )
    for item in freed:
        holds.release_copy(db, item["copy_id"], item["title_id"], policy, now, stands=untouched)
