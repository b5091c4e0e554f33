"""A library's rules as data: one TOML pack, checked when loaded. Every number a reader is told comes from here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from lending.model import library_day

PACKS = Path(__file__).parent / "policies"


class PolicyError(ValueError):
    """A pack that cannot be used; the text names the field and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bureau score asked for from a day on."""

    since: date
    score: int


@dataclass(frozen=True, slots=True)
class Gate:
    """The optional outside question "is it at least T?" (A1-3, A1-4, B3.1)."""

    partner: str
    remember_hours: int
    thresholds: tuple[Threshold, ...]


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
class LedgerRule:
    """What an event adds to or takes from the balance, with its caps in points."""

    event: str
    delta: int
    source: str
    cap_a_day: int | None = None
    cap_a_year: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The library's own conduct ledger (A6)."""

    start: int
    rules: tuple[LedgerRule, ...]

    def find(self, event: str) -> LedgerRule | None:
        """The rule for an event, or None where the library keeps none."""
        return next((rule for rule in self.rules if rule.event == event), None)

    def rule(self, event: str) -> LedgerRule:
        """The rule for an event. Raises PolicyError when the pack has none."""
        rule = self.find(event)
        if rule is None:
            raise PolicyError(f"ledger.rules: no rule for {event!r}")
        return rule


@dataclass(frozen=True, slots=True)
class Freeze:
    """When borrowing pauses and for how many days (A6-10)."""

    below: int
    days: int
    balance_on_thaw: int


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
    """Days on which the library pays for this direction, the first and the last included (A4-10)."""

    name: str
    direction: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Fees:
    """Courier prices, how many books a parcel holds, and when the reader's part is paid."""

    parcel_cap: int
    book_grams: int
    pay: str
    zones: tuple[Zone, ...]
    rates: tuple[Rate, ...]
    campaigns: tuple[Campaign, ...]


@dataclass(frozen=True, slots=True)
class Lots:
    """So many lots for a reader not served for so many days (D-3)."""

    days: int
    lots: int


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """The day's money for free delivery, in fen, and how it is given: none, first_come, windows (A2-27, D-3)."""

    mode: str
    daily_fen: int
    most_fen: int
    windows: tuple[time, ...]
    use_hours: int
    lots: tuple[Lots, ...]
    special_lots: int


@dataclass(frozen=True, slots=True)
class Review:
    """Which orders a rule approves, and the clock of the person who sees the others (E1-10)."""

    auto_up_to_books: int
    auto_from_balance: int
    answer_hours: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What the library promises: ready within hours, kept for days."""

    ready_hours: int
    pickup_days: int
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
    """转借: how often in a year, and how long its code and its question stand (F-7)."""

    same_title_a_year: int
    a_year: int
    code_minutes: int
    confirm_minutes: int


@dataclass(frozen=True, slots=True)
class Purchases:
    """Books the library buys because a reader wants to be the first to read them (A2-4)."""

    a_month: int
    most_fen: int
    month_budget_fen: int
    auto_up_to_fen: int
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reminders:
    """Days before and after the due date on which a reader hears from us, and when not."""

    before_days: tuple[int, ...]
    overdue_days: tuple[int, ...]
    hour: int
    quiet_from: time
    quiet_until: time


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
class Policy:
    """One library's rules."""

    name: str
    version: str
    gate: Gate
    lending: Lending
    ladder: Ladder
    ledger: Ledger
    freeze: Freeze
    fees: Fees
    free_shipping: FreeShipping
    review: Review
    promise: Promise
    holds: Holds
    transfers: Transfers
    purchases: Purchases
    reminders: Reminders
    desk: Desk
    calendar: Calendar

    def threshold(self, now: datetime) -> int:
        """The score asked for on that day (A1-3, A1-4)."""
        day = library_day(now)
        past = [t for t in self.gate.thresholds if t.since <= day]
        return max(past, key=lambda t: t.since).score if past else self.gate.thresholds[0].score

    def ladder_step(self, returned_on_time: int) -> tuple[LadderStep, LadderStep | None]:
        """The step a reader stands on and the next one, if any (D-2)."""
        reached = [step for step in self.ladder.steps if step.returned_on_time <= returned_on_time]
        above = [step for step in self.ladder.steps if step.returned_on_time > returned_on_time]
        return (reached or list(self.ladder.steps))[-1 if reached else 0], above[0] if above else None


ALIASES = {"since": "from"}
CHOICES = {
    "renewal_anchor": ("due_date", "today"),
    "loan_starts": ("order", "shipped", "pickup"),
    "direction": ("borrow", "return"),
    "holidays": ("open", "weekly", "closed"),
    "pay": ("order", "return"),
    "mode": ("none", "first_come", "windows"),
}
AT_LEAST = {  # counts that make no sense below this; every other whole number is at least 0 unless named in ANY
    "limit": 1, "loan_days": 1, "renewal_days": 1, "cart_size": 1, "parcel_cap": 1, "base_books": 1, "weekdays": 1,
    "answer_hours": 1, "ready_hours": 1, "pickup_days": 1, "hold_days": 1, "remember_hours": 0,
    "suspend_days": 1, "keep_days": 1, "code_minutes": 1, "confirm_minutes": 1,
    "base_grams": 1, "each_grams": 1, "book_grams": 1, "use_hours": 1, "lots": 1,
}  # fmt: skip
AT_MOST = {"hour": 23, "weekdays": 7, "reader_percent": 100}
ANY = ("delta", "start", "below", "balance_on_thaw", "auto_from_balance")


def load_policy(pack: str | Path = "default") -> Policy:
    """Read and check a pack by name or path, laid over what it `inherits`. Raises PolicyError naming the field."""
    path = _path(pack)
    raw = _read(path)
    policy: Policy = _build(Policy, raw, path.name)
    for problem in _contradictions(policy):
        raise PolicyError(f"{path.name}: {problem}")
    return policy


def _path(pack: str | Path) -> Path:
    return Path(pack) if str(pack).endswith(".toml") else PACKS / f"{pack}.toml"


def _read(path: Path, below: tuple[Path, ...] = ()) -> dict[str, Any]:
    """What the file says, on top of what it inherits: tables are merged, everything else is replaced."""
    if path in below:
        raise PolicyError(f"{path.name}: inherits from itself")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}") from error
    parent = raw.pop("inherits", None)
    if parent is None:
        return raw
    if not isinstance(parent, str):
        raise PolicyError(f"{path.name}: inherits: expected the name of a pack, found {parent!r}")
    return _merged(_read(_path(parent), (*below, path)), raw)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    made = dict(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(name), dict)
        made[name] = _merged(base[name], value) if both else value
    return made


def _contradictions(policy: Policy) -> Iterator[str]:
    """Fields that are right one by one and wrong together."""
    if not policy.gate.thresholds:
        yield "gate.thresholds needs at least one entry"
    steps = policy.ladder.steps
    if not steps or steps[0].returned_on_time != 0:
        yield "ladder.steps must begin with returned_on_time = 0"
    for below, above in pairwise(steps):
        if above.returned_on_time <= below.returned_on_time or above.limit < below.limit:
            yield "ladder.steps must climb"
    for name, keys in (
        ("gate.thresholds", [str(threshold.since) for threshold in policy.gate.thresholds]),
        ("ledger.rules", [rule.event for rule in policy.ledger.rules]),
        ("fees.rates", [f"{rate.direction}, {rate.zone}" for rate in policy.fees.rates]),
    ):
        if twice := [key for key in keys if keys.count(key) > 1]:
            yield f"{name}: {twice[0]} stands there twice"
    yield from _wrong_fees(policy.fees)
    yield from _wrong_free_shipping(policy.free_shipping)
    if policy.freeze.balance_on_thaw < policy.freeze.below:
        yield "freeze.balance_on_thaw must not be less than freeze.below"
    if policy.desk.opens >= policy.desk.closes:
        yield "desk.closes must come after desk.opens"


def _wrong_fees(fees: Fees) -> Iterator[str]:
    for rate in fees.rates:
        where = f"fees.rates: {rate.direction}, {rate.zone}"
        if (rate.base_books is None) == (rate.base_grams is None):
            yield f"{where} needs either base_books or base_grams"
        if (rate.base_grams is None) != (rate.each_grams is None):
            yield f"{where} needs base_grams and each_grams together"
    zones = {zone.zone for zone in fees.zones}
    if unknown := [rate.zone for rate in fees.rates if rate.zone not in zones]:
        yield f"fees.rates: no zone {unknown[0]!r} in fees.zones"
    for campaign in fees.campaigns:
        if campaign.until < campaign.since:
            yield f"fees.campaigns: {campaign.name} ends before it begins"


def _wrong_free_shipping(free: FreeShipping) -> Iterator[str]:
    if free.mode == "windows" and not free.windows:
        yield "free_shipping.windows needs at least one closing time"
    if list(free.windows) != sorted(set(free.windows)):
        yield "free_shipping.windows must climb"
    days = [step.days for step in free.lots]
    if not days or days[0] != 0 or days != sorted(set(days)):
        yield "free_shipping.lots must begin with days = 0 and climb"


def _build(kind: Any, raw: Any, where: str) -> Any:
    """The value of this kind; dataclasses field by field, so that an error names its place."""
    if is_dataclass(kind):
        return _build_dataclass(kind, raw, where)
    if get_origin(kind) is tuple:
        if not isinstance(raw, list):
            raise PolicyError(f"{where}: expected a list")
        return tuple(_build(get_args(kind)[0], item, f"{where}[{n}]") for n, item in enumerate(raw, 1))
    if get_origin(kind) is UnionType:
        return None if raw is None else _build(next(k for k in get_args(kind) if k is not NoneType), raw, where)
    if kind is time:
        return _clock_time(raw, where)
    if type(raw) is not kind:
        raise PolicyError(f"{where}: expected {kind.__name__}, found {raw!r}")
    if kind is int:
        _check_range(raw, where)
    return raw


def _check_range(number: int, where: str) -> None:
    """Refuse a count that the rules could not work with; the field's name is the last word of its place."""
    name = where.rpartition(": ")[2].partition("[")[0]
    least = AT_LEAST.get(name, 0)
    if name not in ANY and number < least:
        raise PolicyError(f"{where}: must be at least {least}, found {number}")
    if number > AT_MOST.get(name, number):
        raise PolicyError(f"{where}: must be at most {AT_MOST[name]}, found {number}")


def _build_dataclass(kind: Any, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        raise PolicyError(f"{where}: expected a table")
    hints = get_type_hints(kind)
    names = {ALIASES.get(field.name, field.name): field.name for field in fields(kind)}
    unknown = sorted(set(raw) - set(names))
    if unknown:
        raise PolicyError(f"{where}: unknown field {unknown[0]!r}")
    values = {}
    for written, name in names.items():
        if written in raw:
            values[name] = _build(hints[name], raw[written], f"{where}: {written}")
            if written in CHOICES and values[name] not in CHOICES[written]:
                raise PolicyError(f"{where}: {written} must be one of {', '.join(CHOICES[written])}")
        elif get_origin(hints[name]) is not UnionType:
            raise PolicyError(f"{where}: {written} is missing")
    return kind(**values)


def _clock_time(raw: Any, where: str) -> time:
    try:
        return datetime.strptime(raw, "%H:%M").time()
    except (TypeError, ValueError) as error:
        raise PolicyError(f"{where}: expected a time like 21:30, found {raw!r}") from error
