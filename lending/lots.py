"""The draw itself, which anybody can repeat with the seed and the list of tickets (D-3).

A reader has so many lots; a lot's place is sha256("seed:ticket:number"); lots are taken from the smallest on, and
whoever has already won is passed over. Who came first does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from lending.policy import Policy


def lot(seed: str, ticket: str, number: int) -> str:
    """Where one lot lies: smaller is earlier."""
    return hashlib.sha256(f"{seed}:{ticket}:{number}".encode()).hexdigest()


def drawn_order(seed: str, lots: Mapping[str, int]) -> list[str]:
    """Tickets in the order of their earliest lot: with twice the lots one is twice as likely to be next."""
    return sorted(lots, key=lambda ticket: min(lot(seed, ticket, n) for n in range(1, lots[ticket] + 1)))


def lots_for(policy: Policy, days_since_served: int | None, special: bool) -> int:
    """How many lots a reader has: more the longer they were not served, more where coming is hard (D-3, A10-3)."""
    free = policy.free_shipping
    reached = [step.lots for step in free.lots if days_since_served is None or step.days <= days_since_served]
    return reached[-1] + (free.special_lots if special else 0)
