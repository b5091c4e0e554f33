"""What may be wrong between the fields of a pack's fees and free shipping, each with its place in the pack."""

from __future__ import annotations

from collections.abc import Iterator

from lending.rules import Fees, FreeShipping, Policy, Rate

Problem = tuple[tuple[str | int, ...], str]


def problems(policy: Policy) -> Iterator[Problem]:
    """Fields that are right one by one and wrong together."""
    yield from _rates(policy.fees)
    for n, campaign in enumerate(policy.fees.campaigns, 1):
        if campaign.until < campaign.since:
            yield ("fees", "campaigns", n), f"fees.campaigns: {campaign.name} ends before it begins"
    yield from _free_shipping(policy.free_shipping)


def _rates(fees: Fees) -> Iterator[Problem]:
    zones = {zone.zone for zone in fees.zones}
    for n, rate in enumerate(fees.rates, 1):
        place = ("fees", "rates", n)
        yield from ((place, f"fees.rates: {rate.direction}, {rate.zone} {reason}") for reason in _amounts(rate))
        if rate.zone not in zones:
            yield place, f"fees.rates: no zone {rate.zone!r} in fees.zones"
    priced = {(rate.direction, rate.zone) for rate in fees.rates}
    for n, zone in enumerate(fees.zones, 1):
        if ("borrow", zone.zone) in priced and ("return", zone.zone) not in priced:
            yield ("fees", "zones", n), f"fees.zones: {zone.zone} has a price there and none back"


def _amounts(rate: Rate) -> Iterator[str]:
    if (rate.base_books is None) == (rate.base_grams is None):
        yield "needs either base_books or base_grams"
    if (rate.base_grams is None) != (rate.each_grams is None):
        yield "needs base_grams and each_grams together"


def _free_shipping(free: FreeShipping) -> Iterator[Problem]:
    if free.mode == "windows" and not free.windows:
        yield ("free_shipping", "windows"), "free_shipping.windows needs at least one closing time"
    if list(free.windows) != sorted(set(free.windows)):
        yield ("free_shipping", "windows"), "free_shipping.windows must climb"
    days = [step.days for step in free.lots]
    if not days or days[0] != 0 or days != sorted(set(days)):
        yield ("free_shipping", "lots"), "free_shipping.lots must begin with days = 0 and climb"
