"""What the courier costs, from the policy's tables; nobody pays more than the best way to split parcels (A4, B5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lending.errors import OutsideServiceArea
from lending.policy import Policy, Rate


@dataclass(frozen=True, slots=True)
class Quote:
    """A price in fen, with the number of books in each parcel."""

    fee_fen: int
    parcels: tuple[int, ...]


def parcel_fee(rate: Rate, books: int) -> int:
    """Price of one parcel in fen (A4-1: 1–3 books ¥3, every further one ¥1)."""
    return rate.base_fen + max(0, books - rate.base_books) * rate.each_fen


@lru_cache(maxsize=1024)
def best_split(rate: Rate, books: int, cap: int) -> Quote:
    """The cheapest way to put the books into parcels of at most `cap`; fewest parcels among equals."""
    if books == 0:
        return Quote(0, ())
    options = []
    for first in range(min(books, cap), 0, -1):
        rest = best_split(rate, books - first, cap)
        options.append(Quote(parcel_fee(rate, first) + rest.fee_fen, (first, *rest.parcels)))
    return min(options, key=lambda quote: (quote.fee_fen, len(quote.parcels)))


def quote(policy: Policy, direction: str, zone: str, books: int) -> Quote:
    """What that many books cost one way. Raises OutsideServiceArea where no rate stands for the zone (A4-11)."""
    for rate in policy.fees.rates:
        if rate.direction == direction and rate.zone == zone:
            return best_split(rate, books, policy.fees.parcel_cap)
    raise OutsideServiceArea(zone)
