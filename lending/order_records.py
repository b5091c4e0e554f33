"""Orders as they stand in the store: read, listed, priced. What may happen to one is the table in orders.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lending import sealed, shipping
from lending.catalogue import STANDS_AT
from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.model import Fulfilment, OrderState, parse_stamp, stamp, typed
from lending.policy import Policy
from lending.pools import Terms

S = OrderState
OPEN = (S.IN_REVIEW, S.APPROVED, S.PICKING, S.PACKED, S.SHIPPED, S.IN_LOCKER, S.AT_COUNTER)

DOOR_SHUT = (  # of orders o: the reader stood before a door that did not open, and nothing runs out meanwhile (D-13)
    "(o.state = 'in_locker' AND EXISTS (SELECT 1 FROM door_claims d WHERE d.order_id = o.id AND d.state = 'open'))"
)


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
    review_by: datetime | None = None  # until a person has looked; None where a rule approved
    pack_by: datetime | None = None  # once it is approved
    free_fen: int = 0  # what the library pays of the delivery (A2-27), taken off the fee already
    free_day: str = ""  # out of that day's money
    arrived_at: datetime | None = None  # the reader said so at the counter, see appointments.arrived_today
    lost_fen: int = 0  # taken off the fee since the courier lost parcels of it


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost there and back, in fen, before anything is promised (A4-8)."""

    books: int
    fee_fen: int
    return_fee_fen: int
    parcels: tuple[int, ...]
    covered_fen: int = 0  # of the way there, what the reader does not pay
    funder: str = ""  # who does; '' the library itself (A2-5)


COLUMNS = sealed.opened("orders", Order.__dataclass_fields__)


def order_of(row: Row) -> Order:
    """The order a row of the table stands for."""
    row |= {"state": OrderState(row["state"]), "fulfilment": Fulfilment(row["fulfilment"])}
    for name in ("promised_at", "placed_at", "changed_at", "pickup_until", "review_by", "pack_by", "arrived_at"):
        row[name] = parse_stamp(row[name]) if row[name] else None
    return Order(**row)


def begins(day: date) -> str:
    """How the numbers of the orders of a day begin: SX261120; later days have greater ones."""
    return f"SX{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def by_number(db: Database, number: str, reader_id: int | None = None) -> Order:
    """Raises UnknownThing; another reader's order is unknown too."""
    row = db.one(f"SELECT {COLUMNS} FROM orders WHERE number = :n", n=typed(number))
    if row is None or reader_id not in (None, row["reader_id"]):
        raise UnknownThing("order", number[:40])
    return order_of(row)


def by_id(db: Database, order_id: int) -> Order:
    """Raises UnknownThing."""
    row = db.one(f"SELECT {COLUMNS} FROM orders WHERE id = :id", id=order_id)
    if row is None:
        raise UnknownThing("order", str(order_id))
    return order_of(row)


def of_reader(db: Database, reader_id: int, limit: int = 10) -> list[Order]:
    """The newest of the reader's orders, so many, and every older one that is still open; the newest first."""
    marks = ", ".join(f"'{state}'" for state in OPEN)
    rows = db.all(
        f"SELECT {COLUMNS} FROM orders WHERE reader_id = :r AND (state IN ({marks}) OR id IN "
        "(SELECT id FROM orders WHERE reader_id = :r ORDER BY id DESC LIMIT :n)) ORDER BY id DESC",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [order_of(row) for row in rows]


def of_reader_in(db: Database, reader_id: int, states: tuple[OrderState, ...]) -> list[Order]:
    """The reader's orders in these states, the newest first."""
    marks = ", ".join(f"'{OrderState(state)}'" for state in states)
    rows = db.all(
        f"SELECT {COLUMNS} FROM orders WHERE reader_id = :r AND state IN ({marks}) ORDER BY id DESC", r=reader_id
    )
    return [order_of(row) for row in rows]


IN_CITY = (  # of orders o: to be fetched in the city, or with a book that stands there (A2-16); '' is every order
    "(:city = '' OR o.point_id IN (SELECT id FROM points WHERE city = :city) OR EXISTS (SELECT 1 FROM order_items i "
    "JOIN copies c ON c.id = i.copy_id JOIN points p ON p.id = c.point_id "
    "WHERE i.order_id = o.id AND i.open = 1 AND p.city = :city))"
)


def board(db: Database, states: tuple[OrderState, ...] = OPEN, limit: int = 200, city: str = "") -> list[Order]:
    """Orders in these states, the oldest promise first; with a city those that its librarians have to do with."""
    marks = ", ".join(f"'{OrderState(state)}'" for state in states)
    rows = db.all(
        f"SELECT {COLUMNS} FROM orders o WHERE state IN ({marks}) AND {IN_CITY} ORDER BY promised_at, id LIMIT :n",
        n=limit, city=city,
    )  # fmt: skip
    return [order_of(row) for row in rows]


def how_many(db: Database, city: str = "") -> dict[str, int]:
    """All open orders counted, also those that a list has no room for: how many in each state."""
    marks = ", ".join(f"'{state}'" for state in OPEN)
    rows = db.all(
        f"SELECT state, COUNT(*) AS n FROM orders o WHERE state IN ({marks}) AND {IN_CITY} GROUP BY state", city=city
    )
    return dict.fromkeys(OPEN, 0) | {row["state"]: row["n"] for row in rows}


AT_HOME = (  # of an item i of order o: its reader has got another copy in another way meanwhile
    "(i.open = 1 AND EXISTS (SELECT 1 FROM loans l WHERE l.reader_id = o.reader_id AND l.title_id = i.title_id "
    "AND l.copy_id <> i.copy_id AND l.returned_at IS NULL))"
)


def books(db: Database, order_id: int) -> list[Row]:
    """The order's copies with title, barcode, call number, and shelf: also the pick list. What was missing is not."""
    return db.all(
        f"SELECT c.id AS copy_id, c.barcode, c.call_number, {STANDS_AT} AS shelf, c.point_id, p.name AS point, "
        "p.name_en AS point_en, t.id AS title_id, t.title, i.parcel_id, i.addition_id, c.aside, "
        f"{AT_HOME} AS at_home FROM order_items i JOIN copies c ON c.id = i.copy_id "
        "JOIN titles t ON t.id = i.title_id JOIN orders o ON o.id = i.order_id "
        "JOIN points p ON p.id = c.point_id WHERE i.order_id = :o AND i.ended_as = '' ORDER BY p.id, c.call_number",
        o=order_id,
    )


def put_in(
    db: Database, order_id: int, title_id: int, copy_id: int, told: Terms, addition_id: int | None = None
) -> None:  # fmt: skip
    """A copy set aside joins an order not packed yet; one that was missing from it is found again. In `writing`."""
    db.run(
        "INSERT INTO order_items (order_id, title_id, copy_id, addition_id, told_loan_days, told_renewals, "
        "told_renewal_days) VALUES (:o, :t, :c, :a, :days, :often, :longer) "
        "ON CONFLICT (order_id, copy_id) DO UPDATE SET open = 1, ended_as = '', addition_id = :a, "
        "told_loan_days = :days, told_renewals = :often, told_renewal_days = :longer",
        o=order_id, t=title_id, c=copy_id, a=addition_id,
        days=told.loan_days, often=told.renewals, longer=told.renewal_days,
    )  # fmt: skip


def gone_missing(db: Database, order_id: int) -> list[str]:
    """Titles the order had to do without: no copy of them could be found (部分完成)."""
    rows = db.all(
        "SELECT DISTINCT t.id, t.title FROM order_items i JOIN titles t ON t.id = i.title_id WHERE i.order_id = :o "
        "AND i.ended_as IN ('lost', 'damaged') AND NOT EXISTS (SELECT 1 FROM order_items b "
        "WHERE b.order_id = i.order_id AND b.title_id = i.title_id AND b.ended_as = '') ORDER BY t.id",
        o=order_id,
    )
    return [row["title"] for row in rows]


def taken_out(db: Database, order_id: int) -> list[str]:
    """Titles that are not wanted any more, or may not be had any more, and left the order before it was packed."""
    rows = db.all(
        "SELECT t.title FROM order_items i JOIN titles t ON t.id = i.title_id WHERE i.order_id = :o "
        "AND i.ended_as NOT IN ('', 'lost', 'damaged') ORDER BY t.id",
        o=order_id,
    )
    return [row["title"] for row in rows]


def waits_for_missing(db: Database, order_id: int) -> bool:
    """Whether its reader is in the queue of a title that the order had to do without."""
    return bool(
        db.value(
            "SELECT 1 FROM order_items i JOIN orders o ON o.id = i.order_id JOIN holds h ON h.reader_id = o.reader_id "
            "AND h.title_id = i.title_id AND h.state IN ('waiting', 'ready') "
            "WHERE i.order_id = :o AND i.ended_as IN ('lost', 'damaged') LIMIT 1",
            o=order_id,
        )
    )


def write_down(db: Database, order_id: int, state: str, actor: str, note: str, now: datetime) -> None:
    """A line of the order's history. Call in `writing`."""
    db.run(
        "INSERT INTO order_events (order_id, state, actor, note, at) "
        "VALUES (:o, :state, :actor, seal(:note), :now)",
        o=order_id, state=state, actor=actor, note=note[:300], now=stamp(now),
    )  # fmt: skip


def history(db: Database, order_id: int) -> list[Row]:
    """Every state it went through: state, actor, note, at."""
    return db.all(
        "SELECT state, actor, unseal(note) AS note, at FROM order_events WHERE order_id = :o ORDER BY id", o=order_id
    )


def reached(db: Database, order_id: int, state: OrderState) -> datetime | None:
    """When it last came to this state; None if it never has."""
    at = db.value(
        "SELECT at FROM order_events WHERE order_id = :o AND state = :state ORDER BY id DESC LIMIT 1",
        o=order_id, state=state,
    )  # fmt: skip
    return parse_stamp(at) if at else None


def last_event(db: Database) -> int:
    """The newest event of any order, see `sign`."""
    return int(db.value("SELECT COALESCE(MAX(id), 0) FROM order_events"))


def sign(db: Database, reader_id: int, after: int, actor: str) -> None:
    """What was just done in the reader's name, since event `after`, was somebody else's doing. Call in `writing`."""
    db.run(
        "UPDATE order_events SET actor = :actor WHERE id > :after AND actor = 'reader' "
        "AND order_id IN (SELECT id FROM orders WHERE reader_id = :r)",
        actor=actor, after=after, r=reader_id,
    )  # fmt: skip


def sign_anew(db: Database, actor: str, other: str) -> None:
    """Who acted for somebody else goes by another name, or by none ("proxy"). Call in `writing`."""
    db.run("UPDATE order_events SET actor = :other WHERE actor = :actor", other=other, actor=actor)


def why_reviewed(db: Database, order_id: int) -> list[str]:
    """Which rules asked for a person (decisions.why_review), lately where books came; nothing where a rule approved."""
    note = "SELECT unseal(note) FROM order_events WHERE order_id = :o AND state = 'in_review' ORDER BY id DESC LIMIT 1"
    return str(db.value(note, o=order_id) or "").split()


def quote(
    policy: Policy, fulfilment: Fulfilment, zone: str, books: int, day: date | None = None, worth_fen: int = 0,
    percent: int = 100,
) -> Quote:  # fmt: skip
    """Cost there and back; lockers and counters are free (A9-5). Raises OutsideServiceArea.

    `day` is when they travel, `worth_fen` what the books cost together, for tariffs that ask (A4-10, B5),
    `percent` what the reader's tier pays (A8-14).
    """
    if fulfilment is not Fulfilment.DELIVERY:
        return Quote(books, 0, 0, ())
    there = shipping.quote(policy, "borrow", zone, books, day, worth_fen, percent)
    back = shipping.quote(policy, "return", zone, books, percent=percent)
    funder = shipping.funder(policy, "borrow", day)
    return Quote(books, there.fee_fen, back.fee_fen, there.parcels, there.covered_fen, funder)


def reckon_cover(db: Database, order_id: int, cost: Quote) -> None:
    """Whatever neither the reader nor the day's money pays of this price is paid by the order's funder (A2-5).

    An order keeps the funder it began with. Call in `writing`.
    """
    free = "free_fen + (SELECT COALESCE(SUM(a.free_fen), 0) FROM order_additions a WHERE a.order_id = :o)"
    rest = f":full - fee_fen - ({free})"
    db.run(
        f"UPDATE orders SET covered_fen = CASE WHEN {rest} > 0 THEN {rest} ELSE 0 END WHERE id = :o",
        o=order_id, full=cost.fee_fen + cost.covered_fen,
    )  # fmt: skip


def promise_kept(order: Order, now: datetime) -> bool:
    """Whether the library is within what it promised, or was when the books were ready (A1-16).

    An order that has come to an end counts as kept: its last change was not the library's to make.
    """
    if order.state in (S.DONE, S.CANCELLED, S.REFUSED):
        return True
    if order.state in (S.IN_LOCKER, S.AT_COUNTER, S.SHIPPED):
        return order.changed_at <= order.promised_at
    to_pack = order.pack_by if order.state in (S.APPROVED, S.PICKING) else None
    return now <= (to_pack or order.promised_at)


def with_copy(db: Database, copy_id: int, reader_id: int) -> Order | None:
    """The reader's order that this copy is in, not yet in their hands; None where there is none."""
    row = db.one(
        f"SELECT {COLUMNS} FROM orders WHERE reader_id = :r "
        "AND id = (SELECT order_id FROM order_items WHERE copy_id = :c AND open = 1)",
        c=copy_id, r=reader_id,
    )  # fmt: skip
    return order_of(row) if row else None


def with_title(db: Database, reader_id: int, title_id: int) -> Order | None:
    """The reader's order that brings them this title, the first of them; None where there is none."""
    row = db.one(
        f"SELECT {COLUMNS} FROM orders WHERE id = (SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id "
        "AND i.open = 1 WHERE o.reader_id = :r AND i.title_id = :t ORDER BY o.id LIMIT 1)",
        r=reader_id, t=title_id,
    )  # fmt: skip
    return order_of(row) if row else None


def by_request(db: Database, reader_id: int, request_key: str) -> Order | None:
    """The order this request has become, if it has."""
    row = db.one(
        f"SELECT {COLUMNS} FROM orders WHERE request_key = :key AND reader_id = :r", key=request_key, r=reader_id
    )
    return order_of(row) if row else None
