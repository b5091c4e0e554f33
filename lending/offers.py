"""What an order of the cart would be, before anybody says yes to it; told alike in the chat and at the desk (A4-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lending import audience, cart, catalogue, decisions, free_shipping, loans, moved_promises, pools, shipping
from lending.catalogue import Title
from lending.database import Database
from lending.decisions import Facts
from lending.errors import NotAllowed
from lending.model import Fulfilment, library_day
from lending.order_records import Quote, quote
from lending.policy import Policy
from lending.pools import Terms
from lending.readers import Reader


@dataclass(frozen=True, slots=True)
class Offer:
    """Money in fen. `made_of` and `terms` say of each title what its copy is made of and how long that is lent."""

    way: Fulfilment
    point_id: int | None
    titles: Mapping[int, Title]
    made_of: Mapping[int, str]
    terms: Mapping[int, Terms]
    cost: Quote
    free_fen: int  # what free delivery takes off now (A2-27)
    ready: datetime

    @property
    def fee_fen(self) -> int:
        """What the reader pays for the way there."""
        return self.cost.fee_fen - self.free_fen


def of_cart(
    db: Database, reader: Reader, way: Fulfilment, point_id: int | None, policy: Policy, now: datetime
) -> Offer:  # fmt: skip
    """Everything the reader would agree to. Raises NotAllowed with every reason, OutsideServiceArea."""
    titles, facts = allowed(db, reader.id, way, point_id, policy, now)
    made_of = pools.cart_materials(db, titles, reader.id, point_id)
    cost, free = price(db, reader, way, titles.values(), facts, policy, now)
    return Offer(
        way, point_id, titles, made_of, terms(db, reader.id, made_of, policy), cost, free,
        ready_by(db, point_id, policy, now),
    )  # fmt: skip


def allowed(
    db: Database, reader_id: int, way: Fulfilment, point_id: int | None, policy: Policy, now: datetime
) -> tuple[dict[int, Title], Facts]:
    """What is in the cart, which this reader may have in that way. Raises NotAllowed with every reason."""
    titles = catalogue.titles(db, cart.items(db, reader_id))
    facts = decisions.facts(db, reader_id, now)
    decision = decisions.may_borrow(facts, len(titles), policy)
    decision = decisions.within_order(decision, len(titles), policy)
    decision = decisions.within_pools(db, decision, facts, titles, point_id, policy)
    decision = audience.within(db, decision, facts, map(vars, titles.values()), policy)
    if way is not Fulfilment.DELIVERY:
        decision = decisions.at_point(db, decision, reader_id, point_id, policy, now)
        if point_id in decisions.gone_by_then(db, policy, now):
            decision = decisions.point_gone(decision)
    if not decision.allowed:
        raise NotAllowed(decision)
    return titles, facts


def terms(db: Database, reader_id: int, made_of: Mapping[int, str], policy: Policy) -> dict[int, Terms]:
    """For how long each of the titles is lent and how often renewed now, by what it is made of (B5)."""
    by_material = loans.terms_of_order(db, reader_id, made_of.values(), policy)
    return {title_id: by_material[one] for title_id, one in sorted(made_of.items())}


def price(
    db: Database, reader: Reader, way: Fulfilment, titles: Iterable[Title], facts: Facts, policy: Policy, now: datetime
) -> tuple[Quote, int]:
    """The price of these books there and back, and what free delivery would take off it now, in fen."""
    zone, books = shipping.zone_or_first(policy, reader.zone, reader.city), list(titles)
    worth = sum(title.price_fen or 0 for title in books)
    cost = quote(policy, way, zone, len(books), library_day(now), worth, policy.fee_percent(facts.balance))
    return cost, free_shipping.offered(db, reader.id, cost.fee_fen, policy, now)


def ready_by(db: Database, point_id: int | None, policy: Policy, now: datetime) -> datetime:
    """When books ordered now will be ready there, closed days counted (A9-4, B2-9)."""
    return moved_promises.made_now(moved_promises.closings(db, now), point_id, policy, now)[1]
