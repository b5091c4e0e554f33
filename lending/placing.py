"""Placing an order: copies set aside, a box reserved, approved by rule or left for a person; all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lending import audience, calendar, cart, cities, decisions, desk, free_shipping, holds, loans, lockers, promises
from lending.database import Database, Row, in_turn
from lending.errors import BadAddress, CartEmpty, NoCopyAvailable, NotAllowed, OtherMaterial, UnknownThing
from lending.model import Fulfilment, OrderState, library_day, stamp
from lending.order_records import Order, begins, by_number, quote
from lending.policy import Policy
from lending.pools import Terms

S = OrderState
DESTINATION = ("name", "phone", "address")  # of a courier


@in_turn
def place(
    db: Database, reader_id: int, fulfilment: Fulfilment, point_id: int | None, request_key: str, policy: Policy,
    now: datetime, agreed_fen: int | None = None, source: str = "", agreed_made_of: Mapping[int, str] | None = None,
) -> Order:  # fmt: skip
    """Turn the cart into an order: copies set aside, a box reserved, approved by rule or left for a person.

    `agreed_fen` is the fee the reader has said yes to, `agreed_made_of` of what each title is made; None agrees to any.
    `source` is the channel it was said on. The same request key again returns the same order (B2-2). Raises CartEmpty,
    NotAllowed with every reason, NoCopyAvailable, OtherMaterial, LockerFull, BadAddress, PriceChanged,
    OutsideServiceArea, UnknownThing for a pick-up point we have not; nothing is kept then.
    """
    facts = decisions.facts(db, reader_id, now, request_key, fulfilment is Fulfilment.DELIVERY)
    if facts.same_order:
        return by_number(db, facts.same_order, reader_id)
    wanted = in_cart(db, reader_id)
    if not wanted:
        raise CartEmpty()
    decision = decisions.may_borrow(facts, len(wanted), policy)
    decision = decisions.within_order(decision, len(wanted), policy)
    decision = decisions.within_pools(db, decision, facts, [want["title_id"] for want in wanted], point_id, policy)
    decision = audience.within(db, decision, facts, wanted, policy)
    if fulfilment is not Fulfilment.DELIVERY:
        decision = decisions.at_point(db, decision, reader_id, point_id, policy, now)
    if not decision.allowed:
        raise NotAllowed(decision)
    copies = set_aside(db, reader_id, point_id, wanted)
    as_agreed(copies, wanted, agreed_made_of or {})
    order = _write(db, facts, fulfilment, point_id, request_key, wanted, policy, now, agreed_fen, source)
    told = loans.told_with_the_yes((one["material"] for one in copies), loans.days_by(facts, policy), policy)
    _list(db, order.id, copies, told)
    if fulfilment is Fulfilment.LOCKER:
        lockers.reserve(db, order.point_id or 0, order.id, len(copies))
    cart.empty(db, reader_id)
    if facts.waits:
        holds.fill(db, reader_id, order.id)
    return order


def in_cart(db: Database, reader_id: int) -> list[Row]:
    """What the reader means to borrow: title_id, title, withdrawn, price_fen, audience, clc."""
    return db.all(
        "SELECT k.title_id, t.title, t.withdrawn, t.price_fen, t.audience, t.clc "
        "FROM cart_items k JOIN titles t ON t.id = k.title_id WHERE k.reader_id = :r ORDER BY k.added_at, k.title_id",
        r=reader_id,
    )


def _list(db: Database, order_id: int, copies: list[Row], told: Mapping[str, Terms]) -> None:
    """What is in the order. The numbers are bound, not written into the text, so that SQLite knows it again."""
    marks, values = [], {"o": order_id}
    for n, copy in enumerate(copies):
        marks.append(f"(:o, :t{n}, :c{n}, :d{n}, :r{n}, :m{n})")
        of = told[copy["material"]]
        values |= {f"t{n}": copy["title_id"], f"c{n}": copy["id"]}
        values |= {f"d{n}": of.loan_days, f"r{n}": of.renewals, f"m{n}": of.renewal_days}
    db.run(
        "INSERT INTO order_items (order_id, title_id, copy_id, told_loan_days, told_renewals, told_renewal_days) "
        f"VALUES {', '.join(marks)}",
        **values,
    )


def set_aside(db: Database, reader_id: int, point_id: int | None, wanted: list[Row]) -> list[Row]:
    """One copy of each title in the cart, the reader's held one or the nearest first; all, or NoCopyAvailable."""
    copies = db.all(
        "UPDATE copies SET state = 'reserved', hold_id = NULL, to_fetch = 0, "
        "aside = CASE WHEN hold_id IS NULL OR to_fetch = 1 OR aside <> '' THEN aside ELSE 'hold_shelf' END WHERE id IN "
        f"(SELECT {cities.THE_COPY} FROM cart_items k WHERE k.reader_id = :r) "
        "AND (state = 'available' OR hold_id IS NOT NULL) RETURNING id, title_id, material",
        r=reader_id, p=point_id,
    )  # fmt: skip
    found = {copy["title_id"] for copy in copies}
    for want in wanted:
        if want["withdrawn"] or want["title_id"] not in found:
            raise NoCopyAvailable(want["title_id"], want["title"])
    return copies


def as_agreed(copies: list[Row], wanted: list[Row], agreed: Mapping[int, str]) -> None:
    """A copy somebody else took meanwhile is made good by one made of the same, or the reader is asked again."""
    for copy in copies:
        told = agreed.get(copy["title_id"])
        if told and told != copy["material"]:
            title = next(want["title"] for want in wanted if want["title_id"] == copy["title_id"])
            raise OtherMaterial(title, copy["material"])


def _write(
    db: Database, facts: decisions.Facts, fulfilment: Fulfilment, point_id: int | None, request_key: str,
    wanted: list[Row], policy: Policy, now: datetime, agreed_fen: int | None, source: str,
) -> Order:  # fmt: skip
    placed = now.replace(microsecond=0)  # as it will be read again
    ready = desk.ready_by(policy, placed)
    address, zone = _destination(db, facts, fulfilment, point_id, ready)
    books, worth_fen = len(wanted), sum(want["price_fen"] or 0 for want in wanted)
    cost = quote(policy, fulfilment, zone, books, library_day(now), worth_fen, policy.fee_percent(facts.balance))
    freed = free_shipping.take(db, facts.reader_id, cost.fee_fen, agreed_fen, policy, now)
    why = decisions.why_review(facts, books, policy)
    review_by = desk.review_by(policy, placed) if why else None
    pack_by = None if why else promises.pack_by(policy, placed, ready)
    order = Order(
        facts.next_order, _number(now, facts.next_order), facts.reader_id, S.IN_REVIEW if why else S.APPROVED,
        fulfilment, point_id, address, cost.fee_fen - freed.fen, cost.return_fee_fen, "", "", None, review_by or ready,
        placed, placed, zone, review_by, pack_by, freed.fen, freed.day,
    )  # fmt: skip
    moment = stamp(placed)
    delivered = fulfilment is Fulfilment.DELIVERY
    db.run(
        "INSERT INTO orders (id, number, reader_id, request_key, state, fulfilment, point_id, address, zone, fee_fen, "
        "return_fee_fen, covered_fen, funder, free_fen, free_day, free_entry, free_funder, promised_at, review_by, "
        "pack_by, policy, placed_at, changed_at, source) VALUES (:id, :number, :reader, :key, :state, :fulfilment, "
        ":point, seal(:address), :zone, :fee, :return_fee, :covered, :funder, :free, :free_day, :free_entry, "
        ":free_funder, :promised, :review, :pack, :policy, :now, :now, :source)",
        id=order.id, number=order.number, reader=order.reader_id, key=request_key, state=order.state.value,
        fulfilment=fulfilment.value, point=point_id, address=address, zone=zone, fee=order.fee_fen,
        return_fee=order.return_fee_fen, covered=cost.covered_fen, funder=cost.funder, free=freed.fen,
        free_day=freed.day, free_entry=freed.entry, free_funder=free_shipping.funder(policy) if delivered else "",
        promised=stamp(order.promised_at), review=stamp(review_by) if review_by else None,
        pack=stamp(pack_by) if pack_by else None, policy=policy.version, now=moment, source=source,
    )  # fmt: skip
    db.run(
        "INSERT INTO order_events (order_id, state, actor, note, at) "
        "VALUES (:o, 'in_review', 'reader', seal(:why), :now)"
        + ("" if why else ", (:o, 'approved', 'rule', '', :now)"),
        o=order.id, why=" ".join(why), now=moment,
    )  # fmt: skip
    return order


def _number(now: datetime, n: int) -> str:
    """SX, the library's day, and a number that goes on: SX261120-0042."""
    return f"{begins(library_day(now))}-{n:04d}"


def _destination(
    db: Database, facts: decisions.Facts, fulfilment: Fulfilment, point_id: int | None, ready: datetime
) -> tuple[str, str]:
    """The courier's address and zone, both empty where the reader comes to a point of ours."""
    if fulfilment is Fulfilment.DELIVERY:
        if missing := [name for name, said in zip(DESTINATION, facts.destination, strict=True) if not said]:
            raise BadAddress(tuple(missing))
        return " ".join(facts.destination), facts.zone
    kind = "locker" if fulfilment is Fulfilment.LOCKER else "branch"
    gone = db.value(
        f"SELECT id IN ({calendar.GONE}) FROM points WHERE id = :p AND kind = :kind",
        p=point_id, kind=kind, day=str(library_day(ready)),
    )  # fmt: skip
    if gone is None:
        raise UnknownThing("point", str(point_id or ""))
    if gone:
        raise NotAllowed(decisions.point_gone(decisions.Decision(())))
    return "", ""
