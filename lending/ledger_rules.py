"""What a pack may say of points: the ledger's rules and caps, redemption, freezes, tiers, late money, amnesties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from lending import holidays

COUNTED_BY = {  # what an event may be counted by; those of COSTS take points, the others give
    "borrow": ("book",), "renew": ("book",), "activity": ("time",), "activity_signup": ("time",),
    "activity_late": ("time",), "activity_no_show": ("time",), "volunteer": ("time", "hour"), "donation": ("book",),
    "membership_year": ("year",), "prize": ("time",), "overdue": ("day", "book"), "damaged": ("book",),
    "lost": ("book",), "rules_broken": ("time",), "hold_not_collected": ("time",), "lost_card": ("time",),
    "duplicate_card": ("time",), "promise_broken": ("time",),
}  # fmt: skip
COSTS = (
    "activity_late", "activity_no_show", "overdue", "damaged", "lost", "rules_broken", "hold_not_collected",
    "lost_card", "duplicate_card",
)  # fmt: skip


class Wrong(str):
    """What is wrong with a pack, in English; sentence and values apart too, for whoever says it in another language."""

    sentence: str
    values: dict[str, Any]

    def __new__(cls, sentence: str, /, **values: Any) -> Wrong:
        """The sentence with its values in it."""
        made = super().__new__(cls, sentence.format(**values))
        made.sentence, made.values = sentence, values
        return made


class PolicyError(ValueError):
    """A pack that cannot be used: `where` it is wrong ("town.toml:4: lending: limit"), and the `reasons`."""

    def __init__(self, where: str, *reasons: str) -> None:
        super().__init__(f"{where}: {'; '.join(reasons)}")
        self.where, self.reasons = where, reasons


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points over these events together in one period: day, month, year, or for one item."""

    events: tuple[str, ...]
    period: str
    points: int


@dataclass(frozen=True, slots=True)
class LedgerRule:
    """What an event adds to or takes from the balance, with its caps in points.

    `per` is what it is counted by; `up_to` where a librarian decides between delta and that. The caps cover the event
    alone unless `cap_covers` names more; "earning" is everything that adds (A6-4).
    """

    event: str
    delta: int
    source: str
    per: str = ""
    up_to: int | None = None
    also: str = ""  # what the reader does beside the points: replace the book, or only when it cannot be read
    cap_a_day: int | None = None
    cap_a_month: int | None = None
    cap_a_year: int | None = None
    cap_an_item: int | None = None
    cap_covers: tuple[str, ...] = ()

    def caps(self) -> tuple[tuple[str, int], ...]:
        """Its caps as (period, points)."""
        every = (
            ("item", self.cap_an_item), ("day", self.cap_a_day), ("month", self.cap_a_month), ("year", self.cap_a_year),
        )  # fmt: skip
        return tuple((period, points) for period, points in every if points is not None)


@dataclass(frozen=True, slots=True)
class Redemption:
    """So many points for one more book at once, up to `max_books` (A6-5); `consume`: are the points spent?"""

    points: int
    max_books: int
    consume: bool
    source: str

    def offered(self, balance: int, taken: int) -> int:
        """How many more books a reader with this balance may take now, having taken so many already (A6-5)."""
        earned = max(0, balance) // self.points
        return max(0, min(self.max_books - taken, earned if self.consume else earned - taken))


@dataclass(frozen=True, slots=True)
class Ledger:
    """The library's own conduct ledger (A6)."""

    start: int
    rules: tuple[LedgerRule, ...]
    floor: int | None = None  # the balance never falls below (B3.2 威海)
    redemption: Redemption | None = None
    found_again_percent: int = 0  # how much of a loss comes back when the book is found (A6-8)

    def find(self, event: str) -> LedgerRule | None:
        """The rule for an event, or None where the library keeps none."""
        return next((rule for rule in self.rules if rule.event == event), None)

    def rule(self, event: str) -> LedgerRule:
        """The rule for an event. Raises PolicyError when the pack has none."""
        rule = self.find(event)
        if rule is None:
            raise PolicyError("ledger.rules", Wrong("no rule for {event!r}", event=event))
        return rule

    def covered(self, rule: LedgerRule) -> tuple[str, ...]:
        """The events whose points count against a rule's caps, its own among them."""
        earning = [other.event for other in self.rules if other.delta > 0 and "earning" in rule.cap_covers]
        named = [event for event in rule.cap_covers if event != "earning"]
        return tuple(dict.fromkeys((rule.event, *named, *earning)))

    def caps_on(self, event: str) -> tuple[Cap, ...]:
        """Every cap an event's points must keep to: its own, and those of rules that cover it."""
        rules = [rule for rule in self.rules if event in self.covered(rule)]
        return tuple(Cap(self.covered(rule), *cap) for rule in rules for cap in rule.caps())


@dataclass(frozen=True, slots=True)
class ThawPath:
    """A way out of a freeze before its time: pass a quiz, volunteer so many hours, earn so many points (B3.2)."""

    kind: str
    amount: int
    source: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """When borrowing pauses and for how many days (A6-10); 0 days where a library freezes nobody.

    Without `balance_on_thaw` the balance stays what it is; with it a lower one is lifted to that (A6-10 is silent).
    """

    below: int
    days: int
    balance_on_thaw: int | None = None
    thaw_by: tuple[ThawPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """What a balance from so many points on allows (A6-11, A8-14). None leaves the general rule as it is."""

    name: str
    from_balance: int
    source: str
    limit: int | None = None
    extra_days: int = 0
    fee_percent: int = 100
    holds: int | None = None
    invitations: bool = False
    gifts: bool = False


@dataclass(frozen=True, slots=True)
class LateFee:
    """Late money where a library takes it at its desk (B5); 书信 tells it and collects none (E1-9)."""

    fen_a_day: int
    source: str
    cap_fen: int | None = None
    points_may_pay: bool = False


@dataclass(frozen=True, slots=True)
class Amnesty:
    """Days on which an overdue book may come back without losing points or money (B5 湖北), both days included.

    Either `from` and `until`, or `every` year on a day ("04-23", "正月初一") for so many `days`; see `falls_in`.
    """

    name: str
    source: str
    since: date | None = None
    until: date | None = None
    every: str = ""
    days: int = 1

    def falls_in(self, year: int) -> tuple[date, date] | None:
        """First and last day of that year's; None for a moving holiday nobody has written down yet."""
        if not self.every:
            return (self.since, self.until) if self.since and self.until else None
        first = named_day(self.every, year)
        return (first, first + timedelta(days=self.days - 1)) if first else None


@cache
def named_day(said: str, year: int) -> date | None:
    """The day of "04-23" or of a holiday's own name ("正月初一") in a year; None when there is none."""
    if said[:1].isdigit():
        try:
            return date.fromisoformat(f"{year}-{said}")
        except ValueError:
            return None
    return next((day for day, public in holidays.year(year).items() if public.special == said), None)
