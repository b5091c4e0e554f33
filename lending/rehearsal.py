"""A policy rehearsed before it is published: the last weeks under both, who would gain and who would lose (D-14)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from lending import replay
from lending.database import Database
from lending.model import Verdict, stamp
from lending.policy import Policy
from lending.replay import Standing


@dataclass(frozen=True, slots=True)
class Change:
    """One reader under the rules in force and under the planned ones."""

    reader_id: int
    number: str
    before: Standing
    after: Standing

    @property
    def outcome(self) -> str:
        """'gains', 'loses', 'both' or 'same', looking at everything that differs."""
        a, b = self.before, self.after
        better = (a.balance < b.balance, a.limit < b.limit, a.frozen_days > b.frozen_days, a.refused > b.refused,
                  a.fee_fen > b.fee_fen)  # fmt: skip
        worse = (a.balance > b.balance, a.limit > b.limit, a.frozen_days < b.frozen_days, a.refused < b.refused,
                 a.fee_fen < b.fee_fen)  # fmt: skip
        if any(better) and any(worse):
            return "both"
        return "gains" if any(better) else "loses" if any(worse) else "same"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it; only readers for whom something differs are in `changes`, those who lose most first."""

    since: datetime
    until: datetime
    readers: int
    loans: int
    changes: tuple[Change, ...]
    ask_again: int  # readers whose kept answer says nothing about the planned threshold
    starts: tuple[int, int]  # where a newcomer's points begin, before and after: who is here already keeps theirs

    def counts(self) -> Counter[str]:
        """How many readers gain, lose, do both."""
        return Counter(change.outcome for change in self.changes)

    def total(self, field: str) -> tuple[int, int]:
        """A number summed over these readers, before and after."""
        return (
            sum(getattr(change.before, field) for change in self.changes),
            sum(getattr(change.after, field) for change in self.changes),
        )


def rehearse(db: Database, current: Policy, planned: Policy, since: datetime, until: datetime) -> Rehearsal:
    """What happened from `since` to `until`, under both. Only reads the live store; the same past, the same answer."""
    found = replay.past(db, current, since, until)
    before, after = replay.replay(found, current), replay.replay(found, planned)
    changes = [Change(row["id"], row["number"], before[row["id"]], after[row["id"]]) for row in found.readers]
    differ = [change for change in changes if change.before != change.after]
    lent = sum(row["started_at"] >= stamp(since) for row in found.loans)
    ordered = tuple(sorted(differ, key=_worst_first))
    starts = current.ledger.start, planned.ledger.start
    return Rehearsal(since, until, len(changes), lent, ordered, _ask_again(db, current, planned, until), starts)


def _worst_first(change: Change) -> tuple[int, int, int]:
    return (
        ("loses", "both", "gains", "same").index(change.outcome),
        change.after.balance - change.before.balance,
        change.reader_id,
    )


def _ask_again(db: Database, current: Policy, planned: Policy, until: datetime) -> int:
    """A yes to more answers less, a no to less answers more; everything else would have to be asked anew (B3.1)."""
    score = planned.threshold(until)
    if score == current.threshold(until):
        return 0
    rows = db.all(
        "SELECT reader_id, verdict, threshold FROM credit_checks "
        "WHERE verdict IN (:yes, :no) AND answered_at <= :until",
        yes=Verdict.YES, no=Verdict.NO, until=stamp(until),
    )  # fmt: skip
    answered = {row["reader_id"] for row in rows if _answers(row["verdict"], row["threshold"], score)}
    return len({row["reader_id"] for row in rows} - answered)


def _answers(verdict: str, asked: int, score: int) -> bool:
    return asked >= score if verdict == Verdict.YES else asked <= score
