"""How well one title answers, and why."""

from __future__ import annotations

from typing import NamedTuple


class Judged(NamedTuple):
    """Points and the reason for them."""

    points: float
    why: str


NOTHING = Judged(0.0, "near")
