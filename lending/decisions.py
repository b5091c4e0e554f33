"""The question "may I?" answered once, with every reason at the same time and a way out of each (D-4).

Pure but for the facts it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from lending import calendar, desk, entries, numbers, pools, sealed
from lending.database import Database
from lending.errors import UnknownThing
from lending.model import library_day, parse_stamp, stamp, start_of_day
from lending.policy import Policy
from lending.rules import LadderStep


@dataclass(frozen=True, slots=True)
class Facts:
    """A reader's numbers, read in one statement."""

    reader_id: int
    standing: str
    on_loan: int
    ordered: int  # a new book being bought for the reader is one of them (A2-4)
    overdue: int
    returned_on_time: int
    balance: int
    frozen_until: datetime | None
    next_order: int
    same_order: str  # number of an order already placed under the same request key
    waits: bool = False  # has a place in a queue, or a copy kept at the end of one
    at_desk: int = 0  # taken by their own hand in the library: counted apart (A2-3)
    special: bool = False  # has books longer, for coming is hard (A10-3)
    redeemed: int = 0  # books more at once, had for points (A6-5)
    minor: str = ""  # of a child: "agreed" when the guardian has consented to borrowing, "asked" otherwise
    destination: tuple[str, str, str] = ("", "", "")  # name, phone and address, where they were asked for
    zone: str = ""

    @property
    def in_hand(self) -> int:
        """Books that count against the limit."""
        return self.on_loan + self.ordered


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that stands in the way: its code, the numbers, when it changes by itself, what the reader can do now."""

    code: str
    numbers: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed when no reason stands in the way."""

    reasons: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        """True when nothing stands in the way."""
        return not self.reasons


FACTS = (
    "SELECT r.id AS reader_id, r.standing, "
    "(SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND returned_at IS NULL AND at_desk = 0) AS on_loan, "
    "(SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND returned_at IS NULL AND at_desk = 1) AS at_desk, "
    "(SELECT COUNT(*) FROM orders o JOIN order_items i ON i.order_id = o.id AND i.open = 1 "
    "WHERE o.reader_id = r.id AND o.state NOT IN ('done', 'cancelled', 'refused')) + (SELECT COUNT(*) FROM purchases "
    "WHERE reader_id = r.id AND state IN ('asked', 'approved')) AS ordered, "
    "(SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND returned_at IS NULL AND due_at < :now "
    "AND stopped_at IS NULL) AS overdue, "
    "(SELECT COUNT(*) FROM loans WHERE reader_id = r.id AND ended_as IN ('returned', 'transferred') "
    "AND returned_at <= due_at) + r.on_time_before AS returned_on_time, "
    "(SELECT COALESCE(SUM(delta), 0) FROM credit_lines WHERE reader_id = r.id) AS balance, "
    "(SELECT COUNT(*) FROM credit_lines WHERE reader_id = r.id AND event = 'redeem') AS redeemed, "
    "EXISTS (SELECT 1 FROM special_readers WHERE reader_id = r.id) AS special, "
    "EXISTS (SELECT 1 FROM holds WHERE reader_id = r.id AND state IN ('waiting', 'ready')) AS waits, "
    "(SELECT ends_at FROM freezes WHERE reader_id = r.id AND lifted_at IS NULL AND ends_at > :now) "
    "AS frozen_until, "
    "COALESCE((SELECT CASE WHEN EXISTS (SELECT 1 FROM minor_consents k WHERE k.reader_id = m.reader_id "
    "AND k.what = 'borrow' AND k.withdrawn_at IS NULL) THEN 'agreed' ELSE 'asked' END FROM minors m "
    "WHERE m.reader_id = r.id AND m.until > :today), '') AS minor, "
    f"{numbers.following('orders')} AS next_order, "
    "COALESCE((SELECT number FROM orders WHERE request_key = :key), '') AS same_order "
    "FROM readers r WHERE r.id = :reader"
)
DESTINATION = ", r.zone, " + sealed.opened("readers", ("name", "phone", "address"))
FACTS_AND_DESTINATION = FACTS.replace(" FROM readers r ", DESTINATION + " FROM readers r ")


def facts(
    db: Database, reader_id: int, now: datetime, request_key: str = "", with_destination: bool = False
) -> Facts:
    """Everything the rules ask about one reader. Raises UnknownThing."""
    row = db.one(
        FACTS_AND_DESTINATION if with_destination else FACTS,
        reader=reader_id, now=stamp(now), key=request_key, today=str(library_day(now)),
    )  # fmt: skip
    if row is None:
        raise UnknownThing("reader", str(reader_id))
    if with_destination:
        row["destination"] = row.pop("name"), row.pop("phone"), row.pop("address")
    row["frozen_until"] = parse_stamp(row["frozen_until"]) if row["frozen_until"] else None
    row["waits"], row["special"] = bool(row["waits"]), bool(row["special"])
    return Facts(**row)


def limit(facts: Facts, policy: Policy, way: str = "order") -> tuple[int, LadderStep | None]:
    """How many books at once, taken that way, and the next step of the ladder when there is one (D-2).

    A child has fewer than a grown reader, and climbs no further than that (D-12).
    """
    most, above = _limit(facts, policy, way)
    if not facts.minor:
        return most, above
    cap = policy.minors.limit + (extra(facts, policy) if has_full_rights(facts, policy) else 0)
    higher = replace(above, limit=min(above.limit, cap)) if above else None
    return min(most, cap), higher if higher and higher.limit > most else None


def _limit(facts: Facts, policy: Policy, way: str) -> tuple[int, LadderStep | None]:
    """A grown reader's.

    Where points decide the number (B3.2 珠海), nobody goes above their tier. Books had for points come on top (A6-5).
    """
    tier = policy.tier_limit(facts.balance)
    if not has_full_rights(facts, policy):
        step, above = policy.ladder_step(facts.returned_on_time)
        return step.limit if tier is None else min(step.limit, tier), above
    desk = (pool.limit for pool in policy.pools if way == "desk" and "desk" in pool.ways and not pool.materials)
    usual = next(desk, policy.lending.limit)
    return (usual if tier is None else min(usual, tier)) + extra(facts, policy), None


def has_full_rights(facts: Facts, policy: Policy) -> bool:
    """By a bureau's or a librarian's word, or by conduct alone: the top of the ladder is as good (D-2)."""
    if facts.standing != "ladder":
        return facts.standing == "trusted"
    return policy.ladder_step(facts.returned_on_time)[0].limit >= policy.lending.limit


def extra(facts: Facts, policy: Policy) -> int:
    """Books more at once that points have brought; where they are kept, only while the points are there (A6-5)."""
    rule = policy.ledger.redemption
    if rule is None:
        return 0
    had = min(facts.redeemed, rule.max_books)
    return had if rule.consume else min(had, max(0, facts.balance) // rule.points)


def counted(facts: Facts, policy: Policy, way: str) -> int:
    """The two pools are apart (A2-3), but on the ladder every book is one more of the trust given so far."""
    if not has_full_rights(facts, policy):
        return facts.in_hand + facts.at_desk
    return facts.at_desk if way == "desk" else facts.in_hand


def holds_limit(db: Database, reader_id: int, policy: Policy) -> int | None:
    """How many places in queues this reader may have at once; None where no tier says (A8-14)."""
    if not policy.tiers:
        return None
    return policy.holds_limit(entries.balance(db, reader_id))


def may_borrow(facts: Facts, books: int, policy: Policy, way: str = "order") -> Decision:
    """Everything that stands between this reader and that many more books; `way` is "order" or "desk"."""
    reasons: list[Reason] = []
    if facts.minor == "asked":
        reasons.append(Reason("guardian", {}, None, ("ask_guardian", "escalate")))
    elif facts.standing == "new":
        ways = ("start_ladder",) if facts.minor else ("authorize_credit", "start_ladder")
        reasons.append(Reason("not_opened", {}, None, ways))
    if facts.frozen_until:
        numbers = {"balance": facts.balance, "days": policy.freeze.days}
        reasons.append(Reason("frozen", numbers, facts.frozen_until, ("show_credit", "escalate")))
    if facts.overdue and policy.lending.blocked_while_overdue:
        numbers = {"overdue": facts.overdue, "frozen": bool(facts.frozen_until)}
        reasons.append(Reason("overdue", numbers, None, ("return_books", "show_loans")))
    (allowed, above), in_hand = limit(facts, policy, way), counted(facts, policy, way)
    if in_hand + books > allowed:
        numbers = {"limit": allowed, "in_hand": in_hand, "books": books}
        if above:
            numbers |= {"next_limit": above.limit, "to_go": above.returned_on_time - facts.returned_on_time}
        ways = ("show_cart", "show_loans") if in_hand < allowed else ("return_books", "show_loans")
        reasons.append(Reason("limit", numbers, None, ways))
    return Decision(tuple(reasons))


def within_order(decision: Decision, books: int, policy: Policy) -> Decision:
    """The same decision, and that one order holds fewer: the cart was filled before the rules changed (B5)."""
    most = policy.lending.cart_size
    if books <= most:
        return decision
    numbers = {"books": books, "most": most, "over": books - most}
    return Decision((*decision.reasons, Reason("order_size", numbers, None, ("show_cart",))))


def within_pools(
    db: Database, decision: Decision, facts: Facts, titles: Iterable[int], point_id: int | None, policy: Policy
) -> Decision:
    """The same, and a reason for each pool of certain materials that these titles, fetched there, overfill (B5)."""
    if not any(pool.materials for pool in policy.pools):
        return decision
    made_of = pools.cart_materials(db, titles, facts.reader_id, point_id)
    more = pools.wanted(policy, "order", made_of.values())
    return room_in_pools(db, decision, facts.reader_id, more, policy, ("show_cart", "return_books", "show_loans"))


def room_in_pools(
    db: Database, decision: Decision, reader_id: int, more: Mapping[str, int], policy: Policy,
    ways: tuple[str, ...] = ("return_books", "show_loans"),
) -> Decision:  # fmt: skip
    """The same, and a reason for each pool of certain materials that so many more books overfill, however taken."""
    full = pools.overfull(db, reader_id, more, policy)
    return Decision((*decision.reasons, *(Reason("pool", asdict(one), None, ways) for one in full)))


def kept_for_adults(decision: Decision, titles: list[str], until: date | None) -> Decision:
    """The same decision, and that these titles are not lent to a child, who comes of age on that day (B8, art. 50).

    It ends by itself then; whether the mark is right, a librarian says before.
    """
    grown = start_of_day(until) if until else None
    more = Reason("adults_only", {"titles": tuple(titles)}, grown, ("escalate", "browse"))
    return Decision((*decision.reasons, more))


def why_review(facts: Facts, books: int, policy: Policy) -> tuple[str, ...]:
    """Why a person looks at an order before it is approved: 'books', 'balance'; nothing when a rule does (E1-10)."""
    found = (
        ("books", books > policy.review.auto_up_to_books),
        ("balance", facts.balance < policy.review.auto_from_balance),
    )
    return tuple(code for code, asked in found if asked)


def gone_by_then(db: Database, policy: Policy, now: datetime) -> set[int]:
    """Points that are closed for good when books ordered now would be there."""
    return calendar.gone(db, library_day(desk.ready_by(policy, now)))


def point_gone(decision: Decision) -> Decision:
    """The same, and that the point is one of those."""
    return Decision((*decision.reasons, Reason("point_gone", {}, None, ("checkout",))))


def at_point(
    db: Database, decision: Decision, reader_id: int, point_id: int | None, policy: Policy, now: datetime
) -> Decision:
    """The same, and what this point asks for: a score of its own that the reader has been found to reach (A9-2).

    Asks the store only where the policy names such points.
    """
    if not policy.gate.points:
        return decision
    code = db.value("SELECT code FROM points WHERE id = :p", p=point_id) or ""
    needed = scores_of_points(db, reader_id, policy, now).get(code)
    if needed is None:
        return decision
    more = Reason("point_score", {"score": needed}, None, ("authorize_credit", "checkout"))
    return Decision((*decision.reasons, more))


def scores_of_points(db: Database, reader_id: int, policy: Policy, now: datetime) -> dict[str, int]:
    """The points, by code, whose own score this reader has not been found to reach, and that score (A9-2)."""
    codes = {one.point for one in policy.gate.points}
    if not codes:
        return {}
    reached = db.value(
        "SELECT MAX(threshold) FROM credit_checks WHERE reader_id = :r AND verdict = 'yes' AND withdrawn_at IS NULL",
        r=reader_id,
    )
    asked = {code: policy.threshold(now, code) for code in codes}
    return {code: score for code, score in asked.items() if score > (reached or 0)}
