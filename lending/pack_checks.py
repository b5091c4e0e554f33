"""What is right field by field and wrong together: the contradictions a pack is refused for, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lending.rules import Campaign, Fees, FreeShipping, LadderStep, Policy, Rate

Place = tuple[str | int, ...]
Problem = tuple[Place, str]


def contradictions(policy: Policy) -> Iterator[Problem]:
    """Every contradiction in a pack, in the order of its tables."""
    if not policy.gate.thresholds:
        yield ("gate", "thresholds"), "gate.thresholds needs at least one entry"
    yield from _ladder(policy.ladder.steps)
    yield from _twice(("gate", "thresholds"), [str(threshold.since) for threshold in policy.gate.thresholds])
    yield from _twice(("ledger", "rules"), [rule.event for rule in policy.ledger.rules])
    yield from _twice(("fees", "rates"), [f"{rate.direction}, {rate.zone}" for rate in policy.fees.rates])
    if policy.freeze.balance_on_thaw < policy.freeze.below:
        yield ("freeze", "balance_on_thaw"), "freeze.balance_on_thaw must not be less than freeze.below"
    yield from _fees(policy.fees)
    yield from _free_shipping(policy.free_shipping)
    if policy.desk.opens >= policy.desk.closes:
        yield ("desk", "closes"), "desk.closes must come after desk.opens"
    if not policy.parcels.ask_again_minutes:
        yield ("parcels", "ask_again_minutes"), "parcels.ask_again_minutes needs at least one entry"
    for n, one in enumerate(policy.parcels.rounds, 1):
        if one.starts >= one.ends or not one.weekdays or not one.districts:
            yield (
                ("parcels", "rounds", n),
                f"parcels.rounds: {one.name} needs districts, weekdays and ends after starts",
            )


def _twice(place: Place, keys: list[str]) -> Iterator[Problem]:
    for n, key in enumerate(keys, 1):
        if key in keys[: n - 1]:
            yield (*place, n), f"{'.'.join(map(str, place))}: {key} stands there twice"


def _ladder(steps: tuple[LadderStep, ...]) -> Iterator[Problem]:
    if not steps or steps[0].returned_on_time != 0:
        yield ("ladder", "steps", 1), "ladder.steps must begin with returned_on_time = 0"
    for n, (below, above) in enumerate(pairwise(steps), 2):
        if above.returned_on_time <= below.returned_on_time or above.limit < below.limit:
            yield ("ladder", "steps", n), "ladder.steps must climb"


def _fees(fees: Fees) -> Iterator[Problem]:
    zones = {zone.zone for zone in fees.zones}
    for n, rate in enumerate(fees.rates, 1):
        for reason in _rate(rate, zones):
            yield ("fees", "rates", n), reason
    for n, campaign in enumerate(fees.campaigns, 1):
        yield from _campaign(n, campaign)


def _rate(rate: Rate, zones: set[str]) -> Iterator[str]:
    where = f"fees.rates: {rate.direction}, {rate.zone}"
    if (rate.base_books is None) == (rate.base_grams is None):
        yield f"{where} needs either base_books or base_grams"
    if (rate.base_grams is None) != (rate.each_grams is None):
        yield f"{where} needs base_grams and each_grams together"
    if rate.zone not in zones:
        yield f"fees.rates: no zone {rate.zone!r} in fees.zones"


def _campaign(n: int, campaign: Campaign) -> Iterator[Problem]:
    if campaign.until < campaign.since:
        yield ("fees", "campaigns", n), f"fees.campaigns: {campaign.name} ends before it begins"


def _free_shipping(free: FreeShipping) -> Iterator[Problem]:
    if free.mode == "windows" and not free.windows:
        yield ("free_shipping", "windows"), "free_shipping.windows needs at least one closing time"
    if list(free.windows) != sorted(set(free.windows)):
        yield ("free_shipping", "windows"), "free_shipping.windows must climb"
    days = [step.days for step in free.lots]
    if not days or days[0] != 0 or days != sorted(set(days)):
        yield ("free_shipping", "lots"), "free_shipping.lots must begin with days = 0 and climb"
