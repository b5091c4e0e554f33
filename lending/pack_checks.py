"""What is right field by field and wrong together: the contradictions a pack is refused for, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lending.ledger_rules import COSTS, COUNTED_BY, Amnesty, Ledger, Wrong, named_day
from lending.rules import Campaign, Fees, FreeShipping, Gate, LadderStep, Policy, Rate

Place = tuple[str | int, ...]
Problem = tuple[Place, Wrong]
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
                Wrong("ladder.steps must not go above lending.limit, which is {limit}", limit=policy.lending.limit),
            )
    yield from _twice(("ledger", "rules"), [rule.event for rule in policy.ledger.rules])
    yield from _twice(("fees", "rates"), [f"{rate.direction}, {rate.zone}" for rate in policy.fees.rates])
    yield from _ledger(policy.ledger)
    lifted = policy.freeze.balance_on_thaw
    if lifted is not None and lifted < policy.freeze.below:
        yield ("freeze", "balance_on_thaw"), Wrong("freeze.balance_on_thaw must not be less than freeze.below")
    for n, (lower, upper) in enumerate(pairwise(policy.tiers), 2):
        if upper.from_balance <= lower.from_balance or (upper.limit or 0) < (lower.limit or 0):
            yield ("tiers", n), Wrong("tiers must climb")
    for n, amnesty in enumerate(policy.amnesties, 1):
        for reason in _amnesty(amnesty):
            yield ("amnesties", n), reason
    yield from _fees(policy.fees)
    yield from _free_shipping(policy.free_shipping)
    for n, name in enumerate(policy.calendar.closed_on, 1):
        if not any(named_day(name, year) for year in KNOWN_YEARS):
            yield (
                ("calendar", "closed_on", n),
                Wrong("calendar.closed_on: no day is called {name!r}; 除夕 and 正月初一 are known", name=name),
            )
    if policy.desk.opens >= policy.desk.closes:
        yield ("desk", "closes"), Wrong("desk.closes must come after desk.opens")
    if not policy.parcels.ask_again_minutes:
        reason = Wrong("{name} needs at least one entry", name="parcels.ask_again_minutes")
        yield ("parcels", "ask_again_minutes"), reason
    for n, one in enumerate(policy.parcels.rounds, 1):
        if one.starts >= one.ends or not one.weekdays or not one.districts:
            yield (
                ("parcels", "rounds", n),
                Wrong("parcels.rounds: {name} needs districts, weekdays and ends after starts", name=one.name),
            )


def _gate(gate: Gate) -> Iterator[Problem]:
    place: Place = ("gate", "thresholds")
    if not gate.thresholds:
        yield place, Wrong("{name} needs at least one entry", name="gate.thresholds")
        return
    yield from _twice(place, [str(threshold.since) for threshold in gate.thresholds])
    days = [threshold.since for threshold in gate.thresholds]
    if days != sorted(days):
        n = next(n for n, (one, after) in enumerate(pairwise(days), 2) if after < one)
        yield (*place, n), Wrong("gate.thresholds: the earliest day comes first")
    yield from _twice(("gate", "points"), [f"{own.point}, {own.since}" for own in gate.points])
    n, newest = max(enumerate(gate.thresholds, 1), key=lambda pair: pair[1].since)
    if gate.at_most is not None and newest.score > gate.at_most:
        asked = {"score": newest.score, "most": gate.at_most}
        yield (*place, n, "score"), Wrong("asks for {score}, the alliance for at most {most} (gate.at_most)", **asked)


def _ledger(ledger: Ledger) -> Iterator[Problem]:
    """Caps cover events that have rules, and only such as go the same way."""
    for n, rule in enumerate(ledger.rules, 1):
        for event in ledger.covered(rule):
            other = ledger.find(event)
            if other is None or (other.delta > 0) != (rule.delta > 0):
                none = Wrong("{event!r} is no event of this ledger", event=event)
                turned = Wrong("{event!r} goes the other way", event=event)
                yield ("ledger", "rules", n, "cap_covers"), none if other is None else turned
        if rule.per not in COUNTED_BY[rule.event]:
            per = " or ".join(f'"{one}"' for one in COUNTED_BY[rule.event])
            yield ("ledger", "rules", n, "per"), Wrong("{event} is counted per = {per}", event=rule.event, per=per)
        if (rule.delta < 0) != (rule.event in COSTS) or not rule.delta:
            said = {"event": rule.event, "found": rule.delta}
            takes = Wrong("{event} takes points: write it below 0, found {found}", **said)
            gives = Wrong("{event} gives points: write it above 0, found {found}", **said)
            yield ("ledger", "rules", n, "delta"), takes if rule.event in COSTS else gives
        if rule.up_to is not None and abs(rule.up_to) < abs(rule.delta):
            yield ("ledger", "rules", n, "up_to"), Wrong("must not be less than delta")


def _amnesty(one: Amnesty) -> Iterator[Wrong]:
    """Either from and until, or every year; and a day there is."""
    if bool(one.every) == bool(one.since or one.until) or (one.since is None) != (one.until is None):
        yield Wrong("amnesties: {name} needs either from and until, or every", name=one.name)
    elif one.since and one.until and one.until < one.since:
        yield Wrong("amnesties: {name} ends before it begins", name=one.name)
    elif one.days < 1:
        yield Wrong("amnesties: {name} needs at least one day", name=one.name)
    elif one.every and not any(named_day(one.every, year) for year in KNOWN_YEARS):
        yield Wrong("amnesties: {name} knows no day {day!r}: write 04-23 or 正月初一", name=one.name, day=one.every)


def _twice(place: Place, keys: list[str]) -> Iterator[Problem]:
    for n, key in enumerate(keys, 1):
        if key in keys[: n - 1]:
            yield (*place, n), Wrong("{list}: {key} stands there twice", list=".".join(map(str, place)), key=key)


def _ladder(steps: tuple[LadderStep, ...]) -> Iterator[Problem]:
    if not steps or steps[0].returned_on_time != 0:
        yield ("ladder", "steps", 1), Wrong("ladder.steps must begin with returned_on_time = 0")
    for n, (below, above) in enumerate(pairwise(steps), 2):
        if above.returned_on_time <= below.returned_on_time or above.limit < below.limit:
            yield ("ladder", "steps", n), Wrong("ladder.steps must climb")


def _fees(fees: Fees) -> Iterator[Problem]:
    zones = {zone.zone for zone in fees.zones}
    for n, rate in enumerate(fees.rates, 1):
        for reason in _rate(rate, zones):
            yield ("fees", "rates", n), reason
    for n, campaign in enumerate(fees.campaigns, 1):
        yield from _campaign(n, campaign)


def _rate(rate: Rate, zones: set[str]) -> Iterator[Wrong]:
    name = f"{rate.direction}, {rate.zone}"
    if (rate.base_books is None) == (rate.base_grams is None):
        yield Wrong("fees.rates: {name} needs either base_books or base_grams", name=name)
    if (rate.base_grams is None) != (rate.each_grams is None):
        yield Wrong("fees.rates: {name} needs base_grams and each_grams together", name=name)
    if rate.zone not in zones:
        yield Wrong("fees.rates: no zone {zone!r} in fees.zones", zone=rate.zone)


def _campaign(n: int, campaign: Campaign) -> Iterator[Problem]:
    if campaign.until < campaign.since:
        yield ("fees", "campaigns", n), Wrong("fees.campaigns: {name} ends before it begins", name=campaign.name)


def _free_shipping(free: FreeShipping) -> Iterator[Problem]:
    if free.mode == "windows" and not free.windows:
        yield ("free_shipping", "windows"), Wrong("free_shipping.windows needs at least one closing time")
    if list(free.windows) != sorted(set(free.windows)):
        yield ("free_shipping", "windows"), Wrong("free_shipping.windows must climb")
    days = [step.days for step in free.lots]
    if not days or days[0] != 0 or days != sorted(set(days)):
        yield ("free_shipping", "lots"), Wrong("free_shipping.lots must begin with days = 0 and climb")
