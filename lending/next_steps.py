"""What a reader can do next to be trusted with more, with its numbers; there is always something to say (A7-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from lending.decisions import Facts, extra, has_full_rights, limit
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step and its numbers: open, wait, bring_back, climb, points_back, reach_tier, redeem, save, enjoy."""

    code: str
    numbers: dict[str, Any] = field(default_factory=dict)


def next_steps(facts: Facts, policy: Policy) -> tuple[NextStep, ...]:
    """Everything worth doing now, the weightiest first; "enjoy" when all there is has been reached."""
    found = (*_first(facts, policy), *_points(facts, policy))
    return found or (NextStep("enjoy", {"limit": limit(facts, policy)[0]}),)


def _first(facts: Facts, policy: Policy) -> Iterator[NextStep]:
    """What stands in the way, and the ladder (D-2)."""
    if facts.standing == "new":
        full = min(policy.lending.limit, policy.minors.limit) if facts.minor else policy.lending.limit
        yield NextStep("open", {"limit": min(policy.ladder.steps[0].limit, full), "full": full})
    if facts.frozen_until:
        yield NextStep("wait", {"until": facts.frozen_until})
    if facts.overdue:
        yield NextStep("bring_back", {"n": facts.overdue})
    above = None if has_full_rights(facts, policy) else policy.ladder_step(facts.returned_on_time)[1]
    if above and facts.standing != "new":
        to_go, most = above.returned_on_time - facts.returned_on_time, policy.tier_limit(facts.balance)
        if facts.minor:
            most = min(policy.minors.limit, policy.minors.limit if most is None else most)
        if most is None or above.limit <= most or limit(facts, policy)[0] < most:
            limited = above.limit if most is None else min(above.limit, most)
            yield NextStep("climb", {"to_go": to_go, "limit": limited})


def _points(facts: Facts, policy: Policy) -> Iterator[NextStep]:
    """The tier above (A8-14), and points for a book more (A6-5)."""
    above = policy.tier(facts.balance)[1]
    if above:
        yield NextStep("reach_tier", {**asdict(above), "to_go": above.from_balance - facts.balance})
    rule = policy.ledger.redemption
    if rule is None or not has_full_rights(facts, policy):
        return
    if offered := rule.offered(facts.balance, facts.redeemed):
        yield NextStep("redeem", {"books": offered, "points": rule.points, "consume": rule.consume})
    elif facts.redeemed < rule.max_books:
        needed = rule.points if rule.consume else rule.points * (extra(facts, policy) + 1)
        yield NextStep("save", {"to_go": needed - facts.balance, "points": needed})
