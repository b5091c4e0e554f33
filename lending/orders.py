"""An order's whole life. The table below is all of it; `place` begins it and `advance` moves it one step (E3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import decisions, desk, holds, loans, lockers, notices, readers, shipping
from lending.database import Database, Row, writing
from lending.errors import BadAddress, CannotChange, CartEmpty, NoCopyAvailable, NotAllowed, UnknownThing
from lending.model import Fulfilment, OrderState, end_of_day, library_day, parse_stamp, stamp
from lending.policy import Policy

S = OrderState
OPEN = (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED, S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: from which states to which, for which ways of getting the books."""

    name: str
    before: tuple[OrderState, ...]
    after: OrderState
    ways: tuple[Fulfilment, ...] = tuple(Fulfilment)


STEPS = {
    step.name: step
    for step in (
        Step("approve", (S.IN_REVIEW,), S.APPROVED),  # 审核通过
        Step("refuse", (S.IN_REVIEW,), S.REFUSED),  # 审核不通过（原因）
        Step("pick", (S.APPROVED,), S.PICKING),  # 备书
        Step("pack", (S.PICKING,), S.PACKED),  # 打包
        Step("ship", (S.PACKED,), S.SHIPPED, (Fulfilment.DELIVERY,)),  # 交给快递
        Step("load", (S.PACKED,), S.IN_LOCKER, (Fulfilment.LOCKER,)),  # 放入书柜
        Step("shelve", (S.PACKED,), S.AT_COUNTER, (Fulfilment.COUNTER,)),  # 放到取书架
        Step("collect", (S.IN_LOCKER, S.AT_COUNTER), S.DONE),  # 读者取走
        Step("sign", (S.SHIPPED,), S.DONE, (Fulfilment.DELIVERY,)),  # 签收
        Step("cancel", (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED), S.CANCELLED),  # 取消
        Step("expire", (S.IN_LOCKER, S.AT_COUNTER), S.CANCELLED),  # 过期未取
    )
}
ONWARD = ("approve", "pick", "pack", "ship", "load", "shelve", "collect", "sign")  # the way ahead, in order


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands. Fees in fen; `pickup_code` only while it waits."""

    id: int
    number: str
    reader_id: int
    state: OrderState
    fulfilment: Fulfilment
    point_id: int | None
    address: str
    fee_fen: int
    return_fee_fen: int
    reason: str
    pickup_code: str
    pickup_until: datetime | None
    promised_at: datetime
    placed_at: datetime
    changed_at: datetime
    zone: str = ""  # the courier's, as it was when ordering


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost there and back, in fen, before anything is promised (A4-8)."""

    books: int
    fee_fen: int
    return_fee_fen: int
    parcels: tuple[int, ...]


COLUMNS = ", ".join(Order.__dataclass_fields__)  # of the table, by the same names


def _order(row: Row) -> Order:
    row |= {"state": OrderState(row["state"]), "fulfilment": Fulfilment(row["fulfilment"])}
    for name in ("promised_at", "placed_at", "changed_at", "pickup_until"):
        row[name] = parse_stamp(row[name]) if row[name] else None
    return Order(**row)


def by_number(db: Database, number: str, reader_id: int | None = None) -> Order:
    """Raises UnknownThing; another reader's order is unknown too."""
    row = db.one(f"SELECT {COLUMNS} FROM orders WHERE number = :n", n=number.strip().upper())
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("order", number[:40])
    return _order(row)


def of_reader(db: Database, reader_id: int, limit: int = 10) -> list[Order]:
    """The newest first."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM orders WHERE reader_id = :r ORDER BY id DESC LIMIT :n", r=reader_id, n=limit
    )
    return [_order(row) for row in rows]


def board(db: Database, states: tuple[OrderState, ...] = OPEN, limit: int = 200) -> list[Order]:
    """Orders in these states, the oldest promise first."""
    marks = ", ".join(f"'{OrderState(state)}'" for state in states)
    rows = db.all(f"SELECT {COLUMNS} FROM orders WHERE state IN ({marks}) ORDER BY promised_at, id LIMIT :n", n=limit)
    return [_order(row) for row in rows]


def books(db: Database, order_id: int) -> list[Row]:
    """The order's copies with title, barcode, call number, and shelf: also the pick list."""
    return db.all(
        "SELECT c.id AS copy_id, c.barcode, c.call_number, c.shelf, c.point_id, p.name AS point, "
        "t.id AS title_id, t.title FROM order_items i JOIN copies c ON c.id = i.copy_id "
        "JOIN titles t ON t.id = i.title_id "
        "JOIN points p ON p.id = c.point_id WHERE i.order_id = :o ORDER BY p.id, c.call_number",
        o=order_id,
    )


def history(db: Database, order_id: int) -> list[Row]:
    """Every state it went through: state, actor, note, at."""
    return db.all("SELECT state, actor, note, at FROM order_events WHERE order_id = :o ORDER BY id", o=order_id)


def next_step(order: Order) -> Step | None:
    """The step that moves it ahead, or None when it has come to an end."""
    for name in ONWARD:
        step = STEPS[name]
        if order.state in step.before and order.fulfilment in step.ways:
            return step
    return None


def quote(policy: Policy, fulfilment: Fulfilment, zone: str, books: int) -> Quote:
    """Cost there and back; lockers and counters are free (A9-5). Raises OutsideServiceArea."""
    if fulfilment is not Fulfilment.DELIVERY:
        return Quote(books, 0, 0, ())
    there = shipping.quote(policy, "borrow", zone, books)
    return Quote(books, there.fee_fen, shipping.quote(policy, "return", zone, books).fee_fen, there.parcels)


# ---- placing -------------------------------------------------------------------------------------------------------


def place(
    db: Database, reader_id: int, fulfilment: Fulfilment, point_id: int | None, request_key: str, policy: Policy,
    now: datetime,
) -> Order:  # fmt: skip
    """Turn the cart into an order: copies set aside, a box reserved, approved by rule or left for a person.

    The same request key again returns the same order (B2-2). Raises CartEmpty, NotAllowed with every reason,
    NoCopyAvailable, LockerFull, BadAddress, OutsideServiceArea, UnknownThing for a pick-up point we have not; nothing
    is kept then.
    """
    with writing(db) as db:
        facts = decisions.facts(db, reader_id, now, request_key)
        if facts.same_order:
            return by_number(db, facts.same_order, reader_id)
        wanted = db.all(
            "SELECT k.title_id, t.title, t.withdrawn FROM cart_items k JOIN titles t ON t.id = k.title_id "
            "WHERE k.reader_id = :r ORDER BY k.added_at, k.title_id",
            r=reader_id,
        )
        if not wanted:
            raise CartEmpty()
        decision = decisions.may_borrow(facts, len(wanted), policy)
        if not decision.allowed:
            raise NotAllowed(decision)
        copies = _set_aside(db, reader_id, point_id, wanted)
        order = _write(db, facts, fulfilment, point_id, request_key, len(copies), policy, now)
        _list(db, order.id, copies)
        if fulfilment is Fulfilment.LOCKER:
            lockers.reserve(db, order.point_id or 0, order.id, len(copies))
        db.run("DELETE FROM cart_items WHERE reader_id = :r", r=reader_id)
        holds.fill(db, reader_id, order.id)
    return order


def _list(db: Database, order_id: int, copies: list[Row]) -> None:
    """What is in the order. The numbers are bound, not written into the text, so that SQLite knows it again."""
    marks, values = [], {"o": order_id}
    for n, copy in enumerate(copies):
        marks.append(f"(:o, :t{n}, :c{n})")
        values |= {f"t{n}": copy["title_id"], f"c{n}": copy["id"]}
    db.run(f"INSERT INTO order_items (order_id, title_id, copy_id) VALUES {', '.join(marks)}", **values)


def _set_aside(db: Database, reader_id: int, point_id: int | None, wanted: list[Row]) -> list[Row]:
    """One copy of each title in the cart, the reader's held one or the nearest first; all, or NoCopyAvailable."""
    copies = db.all(
        "UPDATE copies SET state = 'reserved' WHERE id IN (SELECT (SELECT c.id FROM copies c "
        "WHERE c.title_id = k.title_id AND (c.state = 'available' OR (c.state = 'reserved' AND c.hold_id IN "
        "(SELECT h.id FROM holds h WHERE h.reader_id = :r AND h.title_id = k.title_id AND h.state = 'ready'))) "
        "ORDER BY c.hold_id IS NULL, c.point_id <> COALESCE(:p, 0), c.id LIMIT 1) "
        "FROM cart_items k WHERE k.reader_id = :r) "
        "AND (state = 'available' OR hold_id IS NOT NULL) RETURNING id, title_id",
        r=reader_id, p=point_id,
    )  # fmt: skip
    found = {copy["title_id"] for copy in copies}
    for want in wanted:
        if want["withdrawn"] or want["title_id"] not in found:
            raise NoCopyAvailable(want["title_id"], want["title"])
    return copies


def _write(
    db: Database, facts: decisions.Facts, fulfilment: Fulfilment, point_id: int | None, request_key: str, books: int,
    policy: Policy, now: datetime,
) -> Order:  # fmt: skip
    address, zone = _destination(db, facts.reader_id, fulfilment, point_id)
    cost = quote(policy, fulfilment, zone, books)
    by_rule = decisions.may_be_approved_by_rule(facts, books, policy)
    placed = now.replace(microsecond=0)  # as it will be read again
    promised = desk.ready_by(policy, placed) if by_rule else desk.review_by(policy, placed)
    order = Order(
        facts.next_order, _number(now, facts.next_order), facts.reader_id, S.APPROVED if by_rule else S.IN_REVIEW,
        fulfilment, point_id, address, cost.fee_fen, cost.return_fee_fen, "", "", None, promised, placed, placed, zone,
    )  # fmt: skip
    moment = stamp(placed)
    db.run(
        "INSERT INTO orders (id, number, reader_id, request_key, state, fulfilment, point_id, address, zone, fee_fen, "
        "return_fee_fen, promised_at, policy, placed_at, changed_at) VALUES (:id, :number, :reader, :key, :state, "
        ":fulfilment, :point, :address, :zone, :fee, :return_fee, :promised, :policy, :now, :now)",
        id=order.id, number=order.number, reader=order.reader_id, key=request_key, state=order.state.value,
        fulfilment=fulfilment.value, point=point_id, address=address, zone=zone, fee=order.fee_fen,
        return_fee=order.return_fee_fen, promised=stamp(promised), policy=policy.version, now=moment,
    )  # fmt: skip
    db.run(
        "INSERT INTO order_events (order_id, state, actor, at) VALUES (:o, 'in_review', 'reader', :now)"
        + (", (:o, 'approved', 'rule', :now)" if by_rule else ""),
        o=order.id, now=moment,
    )  # fmt: skip
    return order


def _number(now: datetime, n: int) -> str:
    """SX, the library's day, and a number that goes on: SX261120-0042."""
    day = library_day(now)
    return f"SX{day.year % 100:02d}{day.month:02d}{day.day:02d}-{n:04d}"


def _destination(db: Database, reader_id: int, fulfilment: Fulfilment, point_id: int | None) -> tuple[str, str]:
    """The courier's address and zone, both empty where the reader comes to a point of ours."""
    if fulfilment is Fulfilment.DELIVERY:
        who = readers.reader(db, reader_id)
        if missing := tuple(name for name in ("name", "phone", "address") if not getattr(who, name)):
            raise BadAddress(missing)
        return f"{who.name} {who.phone} {who.address}", who.zone
    kind = "locker" if fulfilment is Fulfilment.LOCKER else "branch"
    if not db.value("SELECT 1 FROM points WHERE id = :p AND kind = :kind", p=point_id, kind=kind):
        raise UnknownThing("point", str(point_id or ""))
    return "", ""


# ---- moving on -----------------------------------------------------------------------------------------------------


def advance(db: Database, order_id: int, name: str, actor: str, policy: Policy, now: datetime, note: str = "") -> Order:
    """Move an order one step, with what belongs to it, and note the fact for the reader.

    Raises CannotChange, and UnknownThing for an order or a step there is not.
    """
    step = STEPS.get(name)
    if step is None:
        raise UnknownThing("step", name[:40])
    with writing(db) as db:
        states = ", ".join(f"'{state}'" for state in step.before)
        ways = ", ".join(f"'{way}'" for way in step.ways)
        row = db.one(
            "UPDATE orders SET state = :after, changed_at = :now, reason = :note, pickup_code = '', "
            f"pickup_until = NULL WHERE id = :id AND state IN ({states}) AND fulfilment IN ({ways}) "
            f"RETURNING {COLUMNS}",
            after=step.after, now=stamp(now), note=note[:300], id=order_id,
        )  # fmt: skip
        if row is None:
            raise _cannot(db, order_id)
        db.run(
            "INSERT INTO order_events (order_id, state, actor, note, at) VALUES (:o, :state, :actor, :note, :now)",
            o=order_id, state=step.after, actor=actor, note=note[:300], now=stamp(now),
        )  # fmt: skip
        order = _order(row)
        if name in EFFECTS:
            EFFECTS[name](db, order, policy, now)
        if actor != "reader":
            due = notices.outside_quiet_hours(now, policy) if actor == "rule" else now
            notices.record(
                db, order.reader_id, "order_moved", f"order:{order.number}", name, now, due,
                order=order.number, state=step.after, step=name,
            )  # fmt: skip
        return by_number(db, order.number)


def _cannot(db: Database, order_id: int) -> Exception:
    row = db.one("SELECT number, state FROM orders WHERE id = :id", id=order_id)
    return CannotChange("order", row["number"], row["state"]) if row else UnknownThing("order", str(order_id))


def _move_copies(db: Database, order: Order, state: str) -> None:
    db.run(
        f"UPDATE copies SET state = '{state}', hold_id = NULL WHERE id IN "
        "(SELECT copy_id FROM order_items WHERE order_id = :o AND open = 1)",
        o=order.id,
    )


def _promise_anew(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """A person has answered in time or not; from now on the promise is that the books are ready (A1-16)."""
    ready = stamp(desk.ready_by(policy, now))
    db.run("UPDATE orders SET promised_at = :ready WHERE id = :o", ready=ready, o=order.id)


def _ship(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    _move_copies(db, order, "in_transit")
    for _ in quote(policy, order.fulfilment, order.zone, len(books(db, order.id))).parcels:
        db.run(
            "INSERT INTO parcels (order_id, courier, tracking, state, changed_at) "
            "VALUES (:o, 'library', :tracking, 'collected', :now)",
            o=order.id, tracking=f"YX{secrets.randbelow(10**10):010d}", now=stamp(now),
        )  # fmt: skip


def _load(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    lockers.fill(db, order.id)
    _wait_for_reader(db, order, lockers.new_code(db), policy, now)


def _shelve(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    _wait_for_reader(db, order, order.number[-4:], policy, now)


def _wait_for_reader(db: Database, order: Order, code: str, policy: Policy, now: datetime) -> None:
    _move_copies(db, order, "awaiting")
    until = end_of_day(library_day(now) + timedelta(days=policy.promise.pickup_days))
    db.run(
        "UPDATE orders SET pickup_code = :code, pickup_until = :until WHERE id = :o",
        code=code, until=stamp(until), o=order.id,
    )  # fmt: skip


def _hand_over(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books are in the reader's hands: the loans start, at the moment the policy names (B4)."""
    lockers.free(db, order.id)
    loans.start(db, order.id, order.reader_id, _loan_start(db, order, policy, now), policy, now)
    db.run("UPDATE order_items SET open = 0 WHERE order_id = :o", o=order.id)
    db.run("UPDATE parcels SET state = 'signed', changed_at = :now WHERE order_id = :o", o=order.id, now=stamp(now))


def _loan_start(db: Database, order: Order, policy: Policy, now: datetime) -> datetime:
    if policy.lending.loan_starts == "order":
        return order.placed_at
    if policy.lending.loan_starts == "shipped":
        sent = [row["at"] for row in history(db, order.id) if row["state"] in (S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)]
        return parse_stamp(sent[0]) if sent else now
    return now


def _let_go(db: Database, order: Order, policy: Policy, now: datetime) -> None:
    """The books stay in the library: box free, copies to whoever waits or back to the shelf."""
    lockers.free(db, order.id)
    freed = db.all(
        "UPDATE order_items SET open = 0 WHERE order_id = :o AND open = 1 RETURNING copy_id, title_id", o=order.id
    )
    for item in freed:
        holds.release_copy(db, item["copy_id"], item["title_id"], policy, now)


EFFECTS: dict[str, Callable[[Database, Order, Policy, datetime], None]] = {
    "approve": _promise_anew,
    "ship": _ship,
    "load": _load,
    "shelve": _shelve,
    "collect": _hand_over,
    "sign": _hand_over,
    "refuse": _let_go,
    "cancel": _let_go,
    "expire": _let_go,
}


def cancel(db: Database, number: str, reader_id: int, policy: Policy, now: datetime) -> Order:
    """The reader changes their mind, until it is shipped. Raises UnknownThing, CannotChange."""
    with writing(db) as db:
        return advance(db, by_number(db, number, reader_id).id, "cancel", "reader", policy, now)


def collect_with_code(db: Database, code: str, policy: Policy, now: datetime) -> Order:
    """A locker's door was opened with this code and the books taken. Raises UnknownThing."""
    with writing(db) as db:
        row = db.one("SELECT id FROM orders WHERE pickup_code = :code AND state = 'in_locker'", code=code)
        if row is None:
            raise UnknownThing("pickup_code", code[:12])
        return advance(db, row["id"], "collect", "locker", policy, now)


def expire_due(db: Database, policy: Policy, now: datetime) -> int:
    """Orders not collected in time go back; returns how many."""
    over = db.all(
        "SELECT id FROM orders WHERE state IN ('in_locker', 'at_counter') AND pickup_until < :now", now=stamp(now)
    )
    ended = 0
    for row in over:
        with suppress(CannotChange):  # collected this very moment
            advance(db, row["id"], "expire", "rule", policy, now)
            ended += 1
    return ended


def promise_kept(order: Order, now: datetime) -> bool:
    """Whether the library is within what it promised, or was when the books were ready (A1-16).

    An order that has come to an end counts as kept: its last change was not the library's to make.
    """
    if order.state in (S.DONE, S.CANCELLED, S.REFUSED):
        return True
    ready = order.state in (S.IN_LOCKER, S.AT_COUNTER, S.SHIPPED)
    return (order.changed_at if ready else now) <= order.promised_at


def days_to_collect(order: Order, now: datetime) -> int:
    """Whole days until the shelf time ends; 0 on the last day."""
    return (library_day(order.pickup_until) - library_day(now)).days if order.pickup_until else 0


def by_request(db: Database, reader_id: int, request_key: str) -> Order | None:
    """The order this request has become, if it has."""
    row = db.one(
        f"SELECT {COLUMNS} FROM orders WHERE request_key = :key AND reader_id = :r", key=request_key, r=reader_id
    )
    return _order(row) if row else None
