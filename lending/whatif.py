"""What bringing the books back on some day would come to: "今天还 → 87 分" (D-6). Pure but for what is read at first.

It counts as the ledger counts: late days the library was open (B2-9), caps and floor (A6), freezes and their end
(A6-10), amnesty days. A test lets it happen and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from lending import calendar, entries, freezes
from lending.calendar import Calendar
from lending.database import Database
from lending.entries import STANDS
from lending.ledger_rules import Cap
from lending.model import library_day, parse_stamp, start_of_day
from lending.policy import Policy


@dataclass(frozen=True, slots=True)
class Late:
    """An open loan: when it is due, and the last day that has been counted."""

    object: str
    due_at: datetime
    counted: date


@dataclass(frozen=True, slots=True)
class Counted:
    """A line that counts against the caps on lateness, or for an amnesty."""

    event: str
    object: str
    day: str
    delta: int


@dataclass(frozen=True, slots=True)
class Account:
    """Where a reader stands: all that the future of the points hangs on."""

    balance: int
    frozen_until: datetime | None
    loans: tuple[Late, ...]
    lines: tuple[Counted, ...]
    days: Calendar


@dataclass(frozen=True, slots=True)
class Outcome:
    """What bringing everything back at that moment would come to; None where borrowing is open at once."""

    when: datetime
    balance: int
    frozen_until: datetime | None


def read(db: Database, reader_id: int, policy: Policy) -> Account:
    """The reader's account as it stands."""
    events = {event for cap in policy.ledger.caps_on("overdue") for event in cap.events} | {"overdue"}
    marks = {f"e{n}": event for n, event in enumerate(sorted(events))}
    rows = db.all(
        "SELECT event, object, day, delta FROM credit_lines c "
        f"WHERE reader_id = :r AND event IN ({', '.join(f':{name}' for name in marks)}) AND {STANDS}",
        r=reader_id, **marks,
    )  # fmt: skip
    loans = db.all(
        "SELECT 'loan:' || id AS object, due_at, (SELECT MAX(day) FROM credit_lines WHERE reader_id = l.reader_id "
        "AND event = 'overdue' AND object = 'loan:' || l.id) AS last FROM loans l "
        "WHERE reader_id = :r AND returned_at IS NULL AND stopped_at IS NULL ORDER BY id",
        r=reader_id,
    )
    return Account(
        entries.balance(db, reader_id), freezes.frozen_until(db, reader_id),
        tuple(_late(row["object"], parse_stamp(row["due_at"]), row["last"]) for row in loans),
        tuple(Counted(**row) for row in rows), calendar.load(db, policy),
    )  # fmt: skip


def _late(obj: str, due: datetime, last: str | None) -> Late:
    return Late(obj, due, max(library_day(due), date.fromisoformat(last) if last else date.min))


def if_returned(account: Account, now: datetime, when: datetime, policy: Policy) -> Outcome:
    """Everything brought back at `when`, nothing else happening from `now` until then."""
    moments = [now]
    while (following := start_of_day(library_day(moments[-1]) + timedelta(days=1))) <= when:
        moments.append(following)
    for moment, end in zip(moments, [*moments[1:], when + timedelta(seconds=1)], strict=True):
        account = _thawed(_counted_on(account, moment, policy), end - timedelta(seconds=1), policy)
    account = _forgiven(account, when, policy)
    return Outcome(when, account.balance, account.frozen_until)


def _counted_on(account: Account, moment: datetime, policy: Policy) -> Account:
    """The late days begun by this moment, loan after loan; nothing on a day the library could not take books."""
    rule, today = policy.ledger.find("overdue"), library_day(moment)
    for late in account.loans if rule and account.days.open_on(None, today) else ():
        if late.due_at >= moment or late.counted >= today:
            continue
        for day in account.days.open_days(late.counted, today):
            if policy.amnesty(day) is None:
                account = _a_day(account, late, day, moment, policy)
        account = replace(
            account, loans=tuple(replace(one, counted=today) if one == late else one for one in account.loans)
        )
    return account


def _a_day(account: Account, late: Late, day: date, moment: datetime, policy: Policy) -> Account:
    """One line of lateness, and the freeze it may bring."""
    ledger, line = policy.ledger, Counted("overdue", late.object, str(day), 0)
    counted = [(cap, _used(account, cap, line)) for cap in ledger.caps_on("overdue")]
    delta = entries.left(entries.worth(ledger.rule("overdue"), 1, None), counted, account.balance, ledger)
    after, frozen = account.balance + delta, account.frozen_until
    if policy.freeze.days and frozen is None and after < policy.freeze.below <= account.balance:
        frozen = moment + timedelta(days=policy.freeze.days)
    return replace(account, balance=after, frozen_until=frozen, lines=(*account.lines, replace(line, delta=delta)))


def _used(account: Account, cap: Cap, line: Counted) -> int:
    first, last = entries.period(cap, date.fromisoformat(line.day))
    return abs(
        sum(
            one.delta
            for one in account.lines
            if one.event in cap.events
            and (one.object == line.object if cap.period == "item" else first <= one.day <= last)
        )
    )


def _thawed(account: Account, moment: datetime, policy: Policy) -> Account:
    """A freeze whose time is up by then is over, and a lower balance lifted (A6-10)."""
    if account.frozen_until is None or account.frozen_until > moment:
        return account
    lifted = policy.freeze.balance_on_thaw
    return replace(
        account, frozen_until=None, balance=account.balance if lifted is None else max(lifted, account.balance)
    )


def _forgiven(account: Account, when: datetime, policy: Policy) -> Account:
    """On an amnesty day the points of lateness come back, and with them a freeze that rested on them ends."""
    if policy.amnesty(library_day(when)) is None:
        return account
    mine = {late.object for late in account.loans}
    back = -sum(line.delta for line in account.lines if line.event == "overdue" and line.object in mine)
    if not back:
        return account
    after = account.balance + back
    return replace(account, balance=after, frozen_until=account.frozen_until if after < policy.freeze.below else None)
