"""What the courier costs, from the policy's tables; nobody pays more than the best way to split parcels (A4, B5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from lending.errors import OutsideServiceArea
from lending.policy import Policy
from lending.rules import Campaign, Fees, Rate


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price, in fen. `what`: base or more (a parcel and its books), library or campaign (taken off)."""

    what: str
    books: int
    fen: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A price in fen, with the number of books in each parcel, and the lines that add up to it."""

    fee_fen: int
    parcels: tuple[int, ...]
    lines: tuple[Line, ...] = ()

    @property
    def covered_fen(self) -> int:
        """What the reader does not pay of the courier's price (A4-9, A4-10, A8-14)."""
        return -sum(line.fen for line in self.lines if line.fen < 0)


def parcel_fee(rate: Rate, books: int, book_grams: int = 0) -> int:
    """Price of one parcel in fen (A4-1: 1–3 books ¥3, every further one ¥1)."""
    return rate.base_fen + _steps_beyond(rate, books, book_grams) * rate.each_fen


def _steps_beyond(rate: Rate, books: int, book_grams: int) -> int:
    """How many books, or steps of weight begun, a parcel goes beyond what its base price covers."""
    if rate.base_books is not None:
        return max(0, books - rate.base_books)
    beyond = max(0, books * book_grams - (rate.base_grams or 0))
    return -(-beyond // (rate.each_grams or 1))


@lru_cache(maxsize=4096)
def best_split(rate: Rate, books: int, cap: int, book_grams: int = 0) -> Quote:
    """The cheapest way to put the books into parcels of at most `cap`; fewest parcels among equals."""
    if books == 0:
        return Quote(0, ())
    options = []
    for first in range(min(books, cap), 0, -1):
        rest = best_split(rate, books - first, cap, book_grams)
        options.append(Quote(parcel_fee(rate, first, book_grams) + rest.fee_fen, (first, *rest.parcels)))
    return min(options, key=lambda quote: (quote.fee_fen, len(quote.parcels)))


def quote(
    policy: Policy, direction: str, zone: str, books: int, day: date | None = None, worth_fen: int = 0,
    percent: int = 100,
) -> Quote:  # fmt: skip
    """What that many books cost the reader one way, line by line.

    `day` is when they travel, for campaigns (A4-10); `worth_fen` what the books cost together, where the tariff asks;
    `percent` what the reader's tier pays of it (A8-14).
    Raises OutsideServiceArea where no rate stands for the zone (A4-11).
    """
    fees = policy.fees
    rate = _rate(fees, direction, zone)
    campaign = _campaign(fees, direction, day) is not None
    worth_it = rate.free_from_fen is not None and worth_fen >= rate.free_from_fen
    return _itemised(rate, books, fees.parcel_cap, fees.book_grams, campaign, worth_it, percent)


def _campaign(fees: Fees, direction: str, day: date | None) -> Campaign | None:
    return next((c for c in fees.campaigns if c.direction == direction and day and c.since <= day <= c.until), None)


def funder(policy: Policy, direction: str, day: date | None) -> str:
    """Who pays what readers do not on that day; '' the library itself (A2-5)."""
    campaign = _campaign(policy.fees, direction, day)
    return (campaign.funder if campaign else "") or policy.fees.funder


def parcels(policy: Policy, zone: str, books: int) -> tuple[int, ...]:
    """How many books go into each parcel there, the cheapest way.

    An order keeps its zone when the library's rules change: where no rate stands for it any more, each is filled.
    """
    fees = policy.fees
    try:
        return best_split(_rate(fees, "borrow", zone), books, fees.parcel_cap, fees.book_grams).parcels
    except OutsideServiceArea:
        return tuple(min(fees.parcel_cap, books - before) for before in range(0, books, fees.parcel_cap))


def part(policy: Policy, zone: str, some: Sequence[int], every: Sequence[int]) -> Fraction:
    """How much of the courier's price for parcels of these sizes is that of some of them; by books without a rate."""
    try:
        rate = _rate(policy.fees, "borrow", zone)
        price = sum(parcel_fee(rate, books, policy.fees.book_grams) for books in some)
        whole = sum(parcel_fee(rate, books, policy.fees.book_grams) for books in every)
    except OutsideServiceArea:
        whole = 0
    return Fraction(price, whole) if whole else Fraction(sum(some), sum(every))


@lru_cache(maxsize=4096)
def _itemised(
    rate: Rate, books: int, cap: int, book_grams: int, campaign: bool, worth_it: bool, percent: int
) -> Quote:  # fmt: skip
    split = best_split(rate, books, cap, book_grams)
    lines = [line for parcel in split.parcels for line in _parcel_lines(rate, parcel, book_grams)]
    readers = 100 if rate.reader_percent is None else rate.reader_percent
    if campaign or worth_it:
        readers = 0
    if off := split.fee_fen - split.fee_fen * readers // 100:
        lines.append(Line("campaign" if campaign else "library", books, -off))
    asked = split.fee_fen - off
    if tier := asked - asked * percent // 100:
        lines.append(Line("tier", books, -tier))
    return Quote(asked - tier, split.parcels, tuple(lines))


def _rate(fees: Fees, direction: str, zone: str) -> Rate:
    for rate in fees.rates:
        if rate.direction == direction and rate.zone == zone:
            return rate
    raise OutsideServiceArea(zone)


def _parcel_lines(rate: Rate, books: int, book_grams: int) -> list[Line]:
    beyond = _steps_beyond(rate, books, book_grams)
    lines = [Line("base", books, rate.base_fen)]
    if beyond and rate.each_fen:
        lines.append(Line("more", books - (rate.base_books or books), beyond * rate.each_fen))
    return lines


def zone_of(policy: Policy, district: str, city: str = "") -> str:
    """The courier's zone a district lies in; districts named in the pack come before "every other one" (A4-5).

    A pack of several cities may name the district's city instead (A2-16). Raises OutsideServiceArea (A4-11).
    """
    for place in (district, city if district else ""):
        for zone in policy.fees.zones:
            if place and place in zone.districts:
                return zone.zone
    for zone in policy.fees.zones:
        if district and not zone.districts:
            return zone.zone
    raise OutsideServiceArea(district)


def known_zone(policy: Policy, zone: str) -> bool:
    """Whether these rules deliver there; a zone kept from other rules may be none of theirs."""
    return any(zone == one.zone for one in policy.fees.zones)


def zone_or_first(policy: Policy, zone: str, city: str | None = None) -> str:
    """The reader's zone; before an address is known, the one that names the reader's city, else the pack's first."""
    if known_zone(policy, zone):
        return zone
    named = (one.zone for one in policy.fees.zones if city and city in (one.name, *one.districts))
    return next(named, policy.fees.zones[0].zone)
