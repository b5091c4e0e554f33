"""An order's whole life. The table below is all of it; `place` begins it and `advance` moves it one step (E3)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from lending import appointments, lockers, notices, promises, readiness
from lending import order_effects as effects
from lending.database import Database, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import Fulfilment, OrderState, stamp
from lending.order_records import (
    COLUMNS,
    DOOR_SHUT,
    OPEN,
    Order,
    Quote,
    board,
    books,
    by_id,
    by_number,
    by_request,
    gone_missing,
    history,
    how_many,
    of_reader,
    order_of,
    promise_kept,
    quote,
    reached,
    taken_out,
    waits_for_missing,
    why_reviewed,
    with_copy,
    write_down,
)
from lending.placing import place
from lending.policy import Policy

__all__ = [
    "ONWARD", "OPEN", "STEPS", "Fulfilment", "Order", "OrderState", "Quote", "Step", "advance", "board", "books",
    "by_id", "by_number", "by_request", "cancel", "collect_with_code", "expire_due", "gone_missing",
    "history", "how_many", "next_step", "of_reader", "place", "promise_kept", "quote", "reached", "taken_out",
    "waits_for_missing", "why_reviewed", "with_copy",
]  # fmt: skip

S = OrderState
Effect = Callable[[Database, Order, Policy, datetime], None]


def nothing_more(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """A step that changes the order's state only."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: from which states to which, what it brings with it, for which ways of getting the books."""

    name: str
    before: tuple[OrderState, ...]
    after: OrderState
    does: Effect = nothing_more
    ways: tuple[Fulfilment, ...] = tuple(Fulfilment)


STEPS = {
    step.name: step
    for step in (
        Step("approve", (S.IN_REVIEW,), S.APPROVED, effects.promise_anew),  # 审核通过
        Step("refuse", (S.IN_REVIEW,), S.REFUSED, effects.call_off),  # 审核不通过（原因）
        Step("pick", (S.APPROVED,), S.PICKING),  # 备书
        Step("pack", (S.PICKING,), S.PACKED, effects.pack),  # 打包
        Step("unpack", (S.PACKED,), S.PICKING, effects.unpack),  # 包里少了书、坏了书：退回备书
        Step("ship", (S.PACKED,), S.SHIPPED, effects.ship, (Fulfilment.DELIVERY,)),  # 交给快递
        Step("load", (S.PACKED,), S.IN_LOCKER, effects.load, (Fulfilment.LOCKER,)),  # 放入书柜
        Step("shelve", (S.PACKED,), S.AT_COUNTER, effects.shelve, (Fulfilment.COUNTER,)),  # 放到取书架
        Step("unload", (S.IN_LOCKER,), S.PACKED, readiness.take_back, (Fulfilment.LOCKER,)),  # 还没放好，撤回
        Step("unshelve", (S.AT_COUNTER,), S.PACKED, readiness.take_back, (Fulfilment.COUNTER,)),
        Step("collect", (S.IN_LOCKER, S.AT_COUNTER), S.DONE, effects.hand_over),  # 读者取走
        Step("sign", (S.SHIPPED,), S.DONE, effects.hand_over, (Fulfilment.DELIVERY,)),  # 签收
        Step("cancel", (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED), S.CANCELLED, effects.call_off),  # 取消
        Step("move_on", (S.IN_LOCKER,), S.AT_COUNTER, effects.move_on, (Fulfilment.LOCKER,)),  # 书柜没取，转到服务台
        Step("expire", (S.IN_LOCKER, S.AT_COUNTER), S.CANCELLED, effects.send_back),  # 过期未取
        Step("bring_back", (S.SHIPPED,), S.CANCELLED, effects.let_go, (Fulfilment.DELIVERY,)),  # 包裹退回
        Step("lose", (S.SHIPPED,), S.CANCELLED, effects.lose, (Fulfilment.DELIVERY,)),  # 丢件
    )
}
ONWARD = ("approve", "pick", "pack", "ship", "load", "shelve", "collect", "sign")  # the way ahead, in order


def next_step(order: Order) -> Step | None:
    """The step that moves it ahead, or None when it has come to an end."""
    for name in ONWARD:
        step = STEPS[name]
        if order.state in step.before and order.fulfilment in step.ways:
            return step
    return None


def advance(db: Database, order_id: int, name: str, actor: str, policy: Policy, now: datetime, note: str = "") -> Order:
    """Move an order one step, with what belongs to it, and note the fact for the reader.

    Raises CannotChange, and UnknownThing for an order or a step there is not.
    """
    step = STEPS.get(name)
    if step is None:
        raise UnknownThing("step", name[:40])
    with writing(db) as db:
        promises.settle(db, order_id, policy, now)
        states = ", ".join(f"'{state}'" for state in step.before)
        ways = ", ".join(f"'{way}'" for way in step.ways)
        row = db.one(
            "UPDATE orders SET state = :after, changed_at = :now, reason = seal(:note), pickup_code = '', "
            f"pickup_until = NULL WHERE id = :id AND state IN ({states}) AND fulfilment IN ({ways}) "
            f"RETURNING {COLUMNS}",
            after=step.after, now=stamp(now), note=note[:300], id=order_id,
        )  # fmt: skip
        if row is None:
            raise _cannot(db, order_id)
        write_down(db, order_id, step.after, actor, note, now)
        order = order_of(row)
        step.does(db, order, policy, now)
        appointments.end(db, order, now)
        if actor != "reader" and name not in readiness.UNTOLD:
            due = readiness.told_at(actor, name, policy, now)
            notices.record(
                db, order.reader_id, "order_moved", f"order:{order.number}", name, now, due,
                order=order.number, state=step.after, step=name,
            )  # fmt: skip
        return by_number(db, order.number)


def _cannot(db: Database, order_id: int) -> Exception:
    row = db.one("SELECT number, state FROM orders WHERE id = :id", id=order_id)
    return CannotChange("order", row["number"], row["state"]) if row else UnknownThing("order", str(order_id))


def cancel(db: Database, number: str, reader_id: int, policy: Policy, now: datetime) -> Order:
    """The reader changes their mind, until it is shipped. Raises UnknownThing, CannotChange."""
    with writing(db) as db:
        return advance(db, by_number(db, number, reader_id).id, "cancel", "reader", policy, now)


def collect_with_code(db: Database, code: str, policy: Policy, now: datetime) -> Order:
    """A locker's door was opened with this code and the books taken. Raises UnknownThing."""
    with writing(db) as db:
        row = db.one(f"SELECT id FROM orders WHERE {lockers.WAITING_CODE}", code=code)
        if row is None:
            raise UnknownThing("pickup_code", code[:12])
        return advance(db, row["id"], "collect", "locker", policy, now)


def expire_due(db: Database, policy: Policy, now: datetime) -> int:
    """Orders not collected in time go on: from the locker to the counter, from there back; returns how many."""
    over = db.all(
        "SELECT id, state FROM orders o WHERE state IN ('in_locker', 'at_counter') AND pickup_until < :now "
        f"AND NOT {DOOR_SHUT}",
        now=stamp(now),
    )
    ended = 0
    for row in over:
        with suppress(CannotChange):  # collected this very moment
            kept = row["state"] == S.IN_LOCKER and policy.lockers.counter_days > 0
            advance(db, row["id"], "move_on" if kept else "expire", "rule", policy, now)
            ended += 1
    return ended
