"""Trust in small steps against "550 for all": who can borrow, what is lost, what one reader can take (D-2, A7-15).

`python -m bench.openness`. A year of a made-up town, week by week, decided by the product's own rules; no clock and no
store, so the numbers are the same on every machine. The shares of the town are below: only the first is a source's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median

from bench.table import Figure, show
from lending import decisions
from lending.decisions import Facts
from lending.policy import Policy, load_policy

READERS, WEEKS, TOWNS = 2000, 52, 3
WITHOUT_ALIPAY = 0.38  # A7-8: 14 亿 people, 8.7 亿 with Alipay
KINDS = {"reliable": 0.96, "careless": 0.03, "taking": 0.01}  # ours
LATE = {"reliable": 0.05, "careless": 0.4, "taking": 1.0}  # ours: chance that a book comes late, for each book
LOST = {"reliable": 0.002, "careless": 0.04, "taking": 1.0}  # ours: chance that it never comes
VISITS = 0.35  # ours: chance of a visit in a week; of one to five books
MONDAY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@dataclass(slots=True)
class Person:
    """Somebody of the town and what the library knows of them."""

    kind: str
    alipay: bool
    facts: Facts
    held: list[int] = field(default_factory=list)  # weeks until each book comes back
    lost: int = 0


@dataclass(slots=True)
class Year:
    """What came of it: reliable people's wishes in books, those met, books lent and lost, the worst of one reader."""

    wished: int = 0
    met: int = 0
    lent: int = 0
    lost: int = 0
    above_tier: int = 0
    most_by_one: int = 0


def town(dice: Random, policy: Policy) -> list[Person]:
    """The same people for every scheme."""
    start = Facts(0, "new", 0, 0, 0, 0, policy.ledger.start, None, 1, "")
    kinds = dice.choices(list(KINDS), list(KINDS.values()), k=READERS)
    return [Person(kind, dice.random() >= WITHOUT_ALIPAY, start) for kind in kinds]


def five_fifty(person: Person) -> str:
    """Whoever has Alipay has 550 and with it everything; nobody else may."""
    return "trusted" if person.alipay else "new"


def ladder_for_all(person: Person) -> str:
    """Nobody is asked; everybody begins small and climbs."""
    return "ladder"


def both(person: Person) -> str:
    """The product's default: the bureau for those who want it, the ladder for everybody else."""
    return "trusted" if person.alipay else "ladder"


def live(seed: int, scheme: Callable[[Person], str], policy: Policy) -> Year:
    """One year under one scheme."""
    dice, year = Random(seed), Year()
    people = town(dice, policy)
    for person in people:
        person.facts = replace(person.facts, standing=scheme(person))
    for week in range(WEEKS):
        now = MONDAY + timedelta(weeks=week)
        for n, person in enumerate(people):
            luck = Random(f"{seed}:{week}:{n}")  # the same wishes and mishaps whatever the scheme
            _bring_back(person, luck, year, policy, now)
            if luck.random() < VISITS:
                _visit(person, luck, year, policy)
    return year


def _visit(person: Person, luck: Random, year: Year, policy: Policy) -> None:
    """As many of the wished books as the rules allow; whoever takes wishes all there is."""
    wished = policy.lending.limit if person.kind == "taking" else luck.randint(1, 5)
    books = next((n for n in range(wished, 0, -1) if decisions.may_borrow(person.facts, n, policy).allowed), 0)
    person.held += [luck.randint(2, 5) for _n in range(books)]
    year.lent += books
    if person.kind == "reliable":
        year.wished, year.met = year.wished + wished, year.met + books
    earned = policy.ledger.rule("borrow")
    points = min(books * earned.delta, earned.cap_a_day or books)
    facts = replace(person.facts, on_loan=len(person.held), balance=person.facts.balance + points)
    person.facts = facts
    year.above_tier = max(year.above_tier, facts.on_loan - decisions.limit(facts, policy)[0])


def _bring_back(person: Person, luck: Random, year: Year, policy: Policy, now: datetime) -> None:
    """Books whose weeks are over come back, late or on time, or never; points follow, and a freeze may."""
    ended = [weeks for weeks in person.held if weeks <= 1]
    person.held = [weeks - 1 for weeks in person.held if weeks > 1]
    facts, gone = person.facts, 0
    for _book in ended:
        lost, late = luck.random() < LOST[person.kind], luck.random() < LATE[person.kind]
        gone += lost
        points = policy.ledger.rule("lost").delta if lost else 7 * policy.ledger.rule("overdue").delta if late else 0
        on_time = facts.returned_on_time + (not lost and not late)
        facts = replace(facts, balance=facts.balance + points, returned_on_time=on_time)
    year.lost, person.lost = year.lost + gone, person.lost + gone
    year.most_by_one = max(year.most_by_one, person.lost)
    until = facts.frozen_until
    if until and until <= now:
        until, facts = None, replace(facts, balance=max(facts.balance, policy.freeze.balance_on_thaw or 0))
    elif until is None and facts.balance < policy.freeze.below:
        until = now + timedelta(days=policy.freeze.days)
    person.facts = replace(facts, on_loan=len(person.held), frozen_until=until)


def measure() -> list[Figure]:
    """Every scheme in the same towns, as ratios to "550 for all"."""
    policy = load_policy()
    years = {
        scheme: [live(seed, scheme, policy) for seed in range(TOWNS)] for scheme in (five_fifty, ladder_for_all, both)
    }
    found: list[Figure] = []
    peers = years[five_fifty]
    for scheme, name in ((ladder_for_all, "ladder for all"), (both, "bureau or ladder")):
        mine = years[scheme]
        open_to, loss = _ratio(mine, peers, _met), _ratio(mine, peers, _loss)
        found += [
            Figure(f"{name}: wishes met, of 550 for all", open_to, 1, note=_said(mine, peers, _met)),
            Figure(f"{name}: lost of lent, of 550 for all", loss, 1, at_most=True, note=_said(mine, peers, _loss)),
        ]
    worst = _ratio(years[ladder_for_all], peers, _most)
    books = f"{median(map(_most, years[ladder_for_all])):.0f} books against {median(map(_most, peers)):.0f}"
    above = max(year.above_tier for some in years.values() for year in some)
    return [
        *found,
        Figure("ladder for all: most lost by one reader, of 550", worst, 0.5, at_most=True, note=books),
        Figure("books in hand above the tier, all schemes", above, 0, at_most=True),
    ]


def _ratio(mine: list[Year], peers: list[Year], what: Callable[[Year], float]) -> float:
    return median(what(a) / what(b) for a, b in zip(mine, peers, strict=True))


def _met(year: Year) -> float:
    return year.met / year.wished


def _loss(year: Year) -> float:
    return year.lost / year.lent


def _most(year: Year) -> float:
    return year.most_by_one


def _said(mine: list[Year], peers: list[Year], what: Callable[[Year], float]) -> str:
    return f"{100 * median(map(what, mine)):.2f} % against {100 * median(map(what, peers)):.2f} %"


if __name__ == "__main__":
    raise SystemExit(not show(measure()))
