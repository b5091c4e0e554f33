"""A library's rules as frozen dataclasses: what a pack may say. `policy.py` reads and checks the packs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from lending.ledger_rules import (
    Amnesty,
    Freeze,
    LateFee,
    Ledger,
    Tier,
)
from lending.model import library_day

YEAR = 366  # days


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bureau score asked for from a day on."""

    since: date
    score: int
    residents_only: bool = False  # A12-4: 2016 also asked for local residence


@dataclass(frozen=True, slots=True)
class PointThreshold:
    """A bureau score asked for at one service point, by its code, from a day on (A9-2)."""

    point: str
    since: date
    score: int
    name: str = ""  # what people call it, for a point that is not in the store


@dataclass(frozen=True, slots=True)
class Gate:
    """The optional outside question "is it at least T?" (A1-3, A1-4, B3.1)."""

    partner: str
    thresholds: tuple[Threshold, ...]
    points: tuple[PointThreshold, ...] = ()
    starting_score: int = 550  # what the bureau gives everybody at first, so that asking for it excludes nobody (A1-4)
    asked: bool = True  # False where trust rests on the community alone (A10-4)
    at_most: int | None = None  # no library of the alliance asks for more (A2-8)


@dataclass(frozen=True, slots=True)
class Lending:
    """How many, how long, how often renewed."""

    limit: int
    loan_days: int
    renewals: int
    renewal_days: int
    renewal_anchor: str
    loan_starts: str
    blocked_while_overdue: bool
    cart_size: int
    shelf_titles: int  # of the shelf for later (A10-8)


@dataclass(frozen=True, slots=True)
class Special:
    """What readers for whom coming is hard have more than others (A10-3): days of a loan, renewals where books are
    renewed at all, days for which what waits for them is kept. Their lots stand in [free_shipping]."""

    loan_days_more: int
    renewals_more: int
    keep_days_more: int


@dataclass(frozen=True, slots=True)
class LadderStep:
    """After so many returns on time, so many books at once (D-2)."""

    returned_on_time: int
    limit: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The trust ladder, lowest step first."""

    steps: tuple[LadderStep, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """Price of one parcel in fen: base_fen up to base_books, each_fen for every further book (A4).

    Where it goes by weight: up to base_grams, and each_fen for every each_grams begun beyond.
    `reader_percent` is who pays (A4-9): 100 or nothing said the reader, 0 the library, between them shared.
    """

    direction: str
    zone: str
    base_fen: int
    each_fen: int
    source: str
    base_books: int | None = None
    base_grams: int | None = None
    each_grams: int | None = None
    reader_percent: int | None = None
    free_from_fen: int | None = None  # books together worth so much travel free (B5 常州)


@dataclass(frozen=True, slots=True)
class Zone:
    """Districts with prices of their own; without any named, every other district of the library's city."""

    zone: str
    name: str
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """Days on which the library pays for this direction, the first and the last included (A4-10).

    `funder` gives the money (A2-5); nothing said, whoever gives the rest of the fees.
    """

    name: str
    direction: str
    since: date
    until: date
    funder: str = ""


@dataclass(frozen=True, slots=True)
class Fees:
    """Courier prices, how many books a parcel holds, and when the reader's part is paid.

    `funder` pays what readers do not (A2-5, A4-9); nothing said, the library itself. `waive_when_lost`: of a parcel
    that the courier lost the library itself bears the reader's part too.
    """

    parcel_cap: int
    book_grams: int
    pay: str
    zones: tuple[Zone, ...]
    rates: tuple[Rate, ...]
    campaigns: tuple[Campaign, ...]
    waive_when_lost: bool
    funder: str = ""


@dataclass(frozen=True, slots=True)
class Lots:
    """So many lots for a reader not served for so many days (D-3)."""

    days: int
    lots: int


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """The day's money for free delivery, in fen, and how it is given: none, first_come, windows (A2-27, D-3).

    `funder` gives it (A2-5); nothing said, whoever gives the rest of the fees.
    """

    mode: str
    daily_fen: int
    most_fen: int
    windows: tuple[time, ...]
    use_hours: int
    lots: tuple[Lots, ...]
    special_lots: int
    funder: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Which orders a rule approves, and the clock of the person who sees the others (E1-10)."""

    auto_up_to_books: int
    auto_from_balance: int
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What the library promises: packed and ready within hours, kept for days, once for `extend_days` more (D 29);
    what a late order costs it, and after how many days more its reader hears again (D-1)."""

    pack_hours: int  # of the desk
    ready_hours: int
    waive_fee_when_late: bool
    late_again_days: tuple[int, ...]
    tell_ready_minutes: int
    pickup_days: int
    extend_days: int
    hold_days: int


@dataclass(frozen=True, slots=True)
class Window:
    """How many days a held copy is kept `at` a service point, named by its code or kind."""

    at: str
    keep_days: int


@dataclass(frozen=True, slots=True)
class Holds:
    """How long a place in a queue may rest, what an estimate reckons between two readers, and the windows."""

    suspend_days: int
    turnaround_days: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Transfers:
    """转借: how often in a year, how long its code and its question stand (F-7), how many own books drift (A1-23)."""

    same_title_a_year: int
    a_year: int
    code_minutes: int
    confirm_minutes: int
    own_books: int


@dataclass(frozen=True, slots=True)
class Purchases:
    """Books the library buys because a reader wants to be the first to read them (A2-4)."""

    a_month: int
    most_fen: int
    month_budget_fen: int
    auto_up_to_fen: int
    zones: tuple[str, ...]
    travel_days: int  # on the way, not of the loan, where loans begin in the reader's hands
    a_year_fen: int | None = None  # for one reader (B5 常州)


@dataclass(frozen=True, slots=True)
class Reminders:
    """Days before and after the due date on which a reader hears from us, the earliest to ask for, and when not."""

    before_days: tuple[int, ...]
    earliest_days: int
    overdue_days: tuple[int, ...]
    hour: int
    quiet_from: time
    quiet_until: time


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """How many a reader may have, how often they hear of new books and of how many at once (A2-20).

    More titles than `stock_from` on one day are a stock that moves in, and nobody's news.
    """

    most: int
    every_days: int
    titles: int
    stock_from: int


@dataclass(frozen=True, slots=True)
class Desk:
    """When people answer, and within how many hours."""

    opens: time
    closes: time
    weekdays: tuple[int, ...]
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """What public holidays do to opening hours and dates (B2-9); each point's own hours stand with the point."""

    holidays: str
    closed_on: tuple[str, ...]
    lockers_count: bool
    grace_days: int
    give_back_days: int


@dataclass(frozen=True, slots=True)
class Cases:
    """Lost and damaged books (A2-12): the clock of who looks, what a book costs, what comes back if found."""

    answer_hours: int
    arrival_days: int
    price_percent: int
    refund_days: int
    refund_percent: int
    photos: int
    photo_days: int


@dataclass(frozen=True, slots=True)
class Lockers:
    """The ladder for books nobody fetches, and how long a machine may be silent or its reports wait (B4, D-13)."""

    remind_hours: tuple[int, ...]
    call_hours: int
    counter_days: int
    silent_minutes: int
    wait_hours: int
    keep_report_days: int


@dataclass(frozen=True, slots=True)
class Round:
    """The library's own delivery at a fixed place and time (A10-2); an empty place is the reader's door."""

    name: str
    districts: tuple[str, ...]
    weekdays: tuple[int, ...]
    starts: time
    ends: time
    place: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Parcels:
    """When a parcel is asked after, and the library's own rounds."""

    pickup_point_days: int
    silent_hours: int
    ask_courier_days: int
    ask_again_minutes: tuple[int, ...]
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """Loans counted together and apart from others (A2-3): how they were made, of which materials, how many at once.

    `ways`: "order" (through this service) and "desk" (by the reader's own hand in the library). Empty `materials`
    means any. What is not said stands in [lending].
    """

    name: str
    ways: tuple[str, ...]
    materials: tuple[str, ...]
    limit: int
    source: str
    loan_days: int | None = None
    renewals: int | None = None
    renewal_days: int | None = None


@dataclass(frozen=True, slots=True)
class Returns:
    """Recalls for those who wait, claims that a book is back, and how far a branch may be from its share."""

    recalls: bool
    recall_after_days: int
    recall_notice_days: int
    claim_days: int
    tolerance_percent: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """How many days a reader's name stands beside a title after the book came back, and the rest of that month."""

    borrowed_days: int
    fee_days: int  # instead, where the book was paid for or replaced
    words_days: int  # what was said, on either side
    copy_minutes: int  # a copy of all one's data can be fetched


@dataclass(frozen=True, slots=True)
class Codes:
    """One-time codes said in one chat and typed in another: how long they live, and how many wrong ones a day."""

    minutes: int
    tries_a_day: int


@dataclass(frozen=True, slots=True)
class Family:
    """Readers who act for others without any shared password (D-12): for how long, and how many at once."""

    mandate_days: int
    most: int
    confirm_hours: int
    acting_minutes: int


@dataclass(frozen=True, slots=True)
class Minors:
    """Until which age a guardian's consent is needed, how many books at once until then, and what is not for them.

    `grown_notice_days`: so long before a child is grown up its guardian hears that their power ends.
    `adult_classes` are the class marks, or how they begin, of titles for adults only (公共图书馆法 art. 50, B8).
    """

    of_age: int
    limit: int
    children: int
    grown_notice_days: int
    adult_classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Cards a reader brings along (A3-32): the one-time form they are typed into, and how long a proof may wait."""

    form_minutes: int
    form_tries: int
    forms_a_day: int
    face_minutes: int
    request_days: int


@dataclass(frozen=True, slots=True)
class Nearby:
    """How a distance is told (A10-14): metres of a straight line walked in a minute; beyond so many minutes none."""

    walk_metres_a_minute: int
    walk_minutes: int


@dataclass(frozen=True, slots=True)
class Cities:
    """Several cities' libraries in one service (A2-16).

    `return_anywhere`: whether a book stays where it is given back also in another city; it is taken in either way.
    `near_km`: so near a point of ours somebody is in its city.
    """

    return_anywhere: bool
    near_km: int


@dataclass(frozen=True, slots=True)
class Upkeep:
    """When staff are reminded of what has gone stale (A10-16), in days."""

    picks_days: int
    holidays_days: int


@dataclass(frozen=True, slots=True)
class Stock:
    """The copies themselves (E3): what nobody has found for `missing_days` counts as lost.

    The single scans of a stock-taking go `scans_days` after its end.
    """

    missing_days: int
    scans_days: int


@dataclass(frozen=True, slots=True)
class Events:
    """Activities (F-8): how many come on one sign-up, when one checks in, and until when seats are given back freely.

    `late_earns`: whether coming late still earns the points for coming; `settle_hours` after its end it is reckoned up.
    """

    most_people: int
    check_in_minutes: int
    late_minutes: int
    late_earns: bool
    free_hours: int
    remind_hours: int
    settle_hours: int


@dataclass(frozen=True, slots=True)
class Slots:
    """Times to come for books at a counter (D 30): how long one is and for how many orders, unless a counter has
    numbers of its own; how far ahead they are booked, and how long before a reader is reminded."""

    length_minutes: int
    orders: int
    days_ahead: int
    remind_before_hours: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One library's rules."""

    name: str
    version: str
    gate: Gate
    lending: Lending
    special: Special
    ladder: Ladder
    ledger: Ledger
    freeze: Freeze
    fees: Fees
    free_shipping: FreeShipping
    review: Review
    promise: Promise
    holds: Holds
    cases: Cases
    transfers: Transfers
    purchases: Purchases
    reminders: Reminders
    subscriptions: Subscriptions
    desk: Desk
    calendar: Calendar
    pools: tuple[Pool, ...]
    returns: Returns
    lockers: Lockers
    parcels: Parcels
    privacy: Privacy
    codes: Codes
    family: Family
    minors: Minors
    credentials: Credentials
    nearby: Nearby
    cities: Cities
    upkeep: Upkeep
    stock: Stock
    events: Events
    slots: Slots
    known_as: tuple[str, ...] = ()  # what people call the library: 晋城
    level: str = "city"  # where in the library tree: alliance, city, branch, point (A12-6)
    tiers: tuple[Tier, ...] = ()
    late_fee: LateFee | None = None
    amnesties: tuple[Amnesty, ...] = ()
    services: tuple[str, ...] = ()  # what the library's own page offered first, by what a reader wants (A3, A2-9)

    def threshold(self, now: datetime, point: str = "") -> int:
        """The score asked for on that day (A1-3, A1-4), at that point if it asks for one of its own (A9-2)."""
        day = library_day(now)
        own = [t for t in self.gate.points if t.point == point and t.since <= day]
        past: list[Threshold | PointThreshold] = [*(own or (t for t in self.gate.thresholds if t.since <= day))]
        return max(past, key=lambda t: t.since).score if past else self.gate.thresholds[0].score

    def asked(self, now: datetime) -> Threshold:
        """The library's question of that day, with its condition of residence (A12-4)."""
        past = [t for t in self.gate.thresholds if t.since <= library_day(now)]
        return max(past, key=lambda t: t.since) if past else self.gate.thresholds[0]

    def amnesty(self, day: date) -> Amnesty | None:
        """The amnesty that covers a day (B5 湖北) with the first and last day of that time, if any."""
        for one in self.amnesties:
            for span in (one.falls_in(day.year), one.falls_in(day.year - 1)):
                if span and span[0] <= day <= span[1]:
                    return replace(one, since=span[0], until=span[1])
        return None

    def amnesties_around(self, day: date) -> list[Amnesty]:
        """Those that run on that day or come within a year, each with its days, the earliest first."""
        found = set()
        for one in self.amnesties:
            for span in (one.falls_in(year) for year in (day.year - 1, day.year, day.year + 1)):
                if span and span[1] >= day and span[0] <= day + timedelta(days=YEAR):
                    found.add(replace(one, since=span[0], until=span[1]))
        return sorted(found, key=lambda one: (one.since or day, one.name))

    def tier(self, balance: int) -> tuple[Tier | None, Tier | None]:
        """The tier a balance reaches and the next one, if any (A7-14)."""
        reached = [tier for tier in self.tiers if tier.from_balance <= balance]
        above = [tier for tier in self.tiers if tier.from_balance > balance]
        return reached[-1] if reached else None, above[0] if above else None

    def fee_percent(self, balance: int) -> int:
        """The part of a delivery's price that a reader with this balance pays (A8-14)."""
        reached = self.tier(balance)[0]
        return reached.fee_percent if reached else 100

    def holds_limit(self, balance: int) -> int | None:
        """How many places in queues a reader with this balance may have at once; None where nothing is said (A8-14)."""
        named = [tier for tier in self.tiers if tier.holds is not None]
        reached = [tier.holds for tier in named if tier.from_balance <= balance]
        return reached[-1] if reached else named[0].holds if named else None

    def tier_limit(self, balance: int) -> int | None:
        """How many books the points allow; below the lowest tier that one still holds, for nobody is without a way."""
        limits = [(tier.from_balance, tier.limit) for tier in self.tiers if tier.limit is not None]
        reached = [most for start, most in limits if start <= balance]
        return reached[-1] if reached else limits[0][1] if limits else None

    def ladder_step(self, returned_on_time: int) -> tuple[LadderStep, LadderStep | None]:
        """The step a reader stands on and the next one, if any (D-2)."""
        reached = [step for step in self.ladder.steps if step.returned_on_time <= returned_on_time]
        above = [step for step in self.ladder.steps if step.returned_on_time > returned_on_time]
        return (reached or list(self.ladder.steps))[-1 if reached else 0], above[0] if above else None
