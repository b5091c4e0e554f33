"""What is right field by field and wrong together: the contradictions a pack is refused for, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lending.ledger_rules import COSTS, COUNTED_BY, Amnesty, Ledger, named_day
from lending.rules import Campaign, Fees, FreeShipping, Gate, LadderStep, Policy, Rate

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
OTHERWISE: dict[tuple[str, ...], tuple[str, ...]] = {  # where one of two is inherited, the other brings the trouble
    ("ladder", "steps"): ("lending", "limit"), ("fees", "rates"): ("fees", "zones"),
    ("freeze", "balance_on_thaw"): ("freeze", "below"), ("desk", "closes"): ("desk", "opens"),
    ("gate", "thresholds"): ("gate", "at_most"), ("free_shipping", "windows"): ("free_shipping", "mode"),
}  # fmt: skip
KNOWN_YEARS = range(2024, 2029)  # a leap year among them, and years with holidays written down


def contradictions(policy: Policy) -> Iterator[Problem]:
    """Every contradiction in a pack, in the order of its tables."""
    yield from _gate(policy.gate)
    yield from _ladder(policy.ladder.steps)
    for n, step in enumerate(policy.ladder.steps, 1):
        if step.limit > policy.lending.limit:
            yield (
                ("ladder", "steps", n),
                f"ladder.steps must not go above lending.limit, which is {policy.lending.limit}",
            )
    yield from _twice(("ledger", "rules"), [rule.event for rule in policy.ledger.rules])
    yield from _twice(("fees", "rates"), [f"{rate.direction}, {rate.zone}" for rate in policy.fees.rates])
    yield from _ledger(policy.ledger)
    lifted = policy.freeze.balance_on_thaw
    if lifted is not None and lifted < policy.freeze.below:
        yield ("freeze", "balance_on_thaw"), "freeze.balance_on_thaw must not be less than freeze.below"
    for n, (lower, upper) in enumerate(pairwise(policy.tiers), 2):
        if upper.from_balance <= lower.from_balance or (upper.limit or 0) < (lower.limit or 0):
            yield ("tiers", n), "tiers must climb"
    for n, amnesty in enumerate(policy.amnesties, 1):
        for reason in _amnesty(amnesty):
            yield ("amnesties", n), f"amnesties: {amnesty.name} {reason}"
    yield from _fees(policy.fees)
    yield from _free_shipping(policy.free_shipping)
    for n, name in enumerate(policy.calendar.closed_on, 1):
        if not any(named_day(name, year) for year in KNOWN_YEARS):
            yield (
                ("calendar", "closed_on", n),
                f"calendar.closed_on: no day is called {name!r}; 除夕 and 正月初一 are known",
            )
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


def _gate(gate: Gate) -> Iterator[Problem]:
    place: Place = ("gate", "thresholds")
    if not gate.thresholds:
        yield place, "gate.thresholds needs at least one entry"
        return
    yield from _twice(place, [str(threshold.since) for threshold in gate.thresholds])
    days = [threshold.since for threshold in gate.thresholds]
    if days != sorted(days):
        n = next(n for n, (one, after) in enumerate(pairwise(days), 2) if after < one)
        yield (*place, n), "gate.thresholds: the earliest day comes first"
    yield from _twice(("gate", "points"), [f"{own.point}, {own.since}" for own in gate.points])
    n, newest = max(enumerate(gate.thresholds, 1), key=lambda pair: pair[1].since)
    if gate.at_most is not None and newest.score > gate.at_most:
        yield (*place, n, "score"), f"asks for {newest.score}, the alliance for at most {gate.at_most} (gate.at_most)"


def _ledger(ledger: Ledger) -> Iterator[Problem]:
    """Caps cover events that have rules, and only such as go the same way."""
    for n, rule in enumerate(ledger.rules, 1):
        for event in ledger.covered(rule):
            other = ledger.find(event)
            if other is None or (other.delta > 0) != (rule.delta > 0):
                what = "is no event of this ledger" if other is None else "goes the other way"
                yield ("ledger", "rules", n, "cap_covers"), f"{event!r} {what}"
        if rule.per not in COUNTED_BY[rule.event]:
            per = " or ".join(f'"{one}"' for one in COUNTED_BY[rule.event])
            yield ("ledger", "rules", n, "per"), f"{rule.event} is counted per = {per}"
        if (rule.delta < 0) != (rule.event in COSTS) or not rule.delta:
            way = "takes points: write it below 0" if rule.event in COSTS else "gives points: write it above 0"
            yield ("ledger", "rules", n, "delta"), f"{rule.event} {way}, found {rule.delta}"
        if rule.up_to is not None and abs(rule.up_to) < abs(rule.delta):
            yield ("ledger", "rules", n, "up_to"), "must not be less than delta"


def _amnesty(one: Amnesty) -> Iterator[str]:
    """Either from and until, or every year; and a day there is."""
    if bool(one.every) == bool(one.since or one.until) or (one.since is None) != (one.until is None):
        yield "needs either from and until, or every"
    elif one.since and one.until and one.until < one.since:
        yield "ends before it begins"
    elif one.days < 1:
        yield "needs at least one day"
    elif one.every and not any(named_day(one.every, year) for year in KNOWN_YEARS):
        yield f"knows no day {one.every!r}: write 04-23 or 正月初一"


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
