"""赔付: the life of a lost or damaged book's case (A2-12), one table; `report` begins it, `advance` moves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lending import case_effects as effects
from lending import case_records, copy_states, drifting, loans, moved_promises, notices, numbers, transfer_records
from lending.case_effects import NOTHING, Given
from lending.case_records import Case, CaseState
from lending.database import Database, Row, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import LIBRARY_ZONE, library_day, stamp
from lending.policy import Policy

S = CaseState
LOST, DAMAGED, ARRIVED = "lost", "damaged", "arrived"
KINDS = (LOST, DAMAGED, ARRIVED)
HARMED = (DAMAGED, ARRIVED)
LONGEST_NOTE = 1_000  # characters of the reader's words
OWED = (S.ASSESSED, S.REPLACING, S.PAYING)
Effect = Callable[[Database, Case, Given, Policy, datetime], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: who takes it, from which states to which, what it brings with it, for which kinds."""

    name: str
    who: str  # reader | owner (of a reader's own book) | staff | rule
    before: tuple[CaseState, ...]
    after: CaseState
    does: Effect
    kinds: tuple[str, ...] = KINDS
    own: bool | None = None  # of readers' own books alone, or of none of those

    def fits(self, case: Case) -> bool:
        """Whether it may be taken as the case stands."""
        if (case.back and self.name != "find") or (self.who == "reader" and case.owner_chooses):
            return False
        mine = self.own in (None, case.drifting_id is not None)
        return mine and case.kind in self.kinds and case.state in self.before


STEPS = {
    step.name: step
    for step in (
        Step("worn", "staff", (S.REPORTED,), S.SETTLED, effects.keep_book, (DAMAGED, ARRIVED)),  # 不影响阅读，不用赔
        Step("mend", "staff", (S.REPORTED,), S.SETTLED, effects.take_points, (DAMAGED,), own=False),  # 能修补：扣分
        Step("ours", "staff", (S.REPORTED,), S.SETTLED, effects.nothing, (ARRIVED,), own=False),  # 收到时就这样
        Step("charge", "staff", (S.REPORTED,), S.ASSESSED, effects.charge, (LOST, DAMAGED)),  # 要赔：同样的书，或书价
        Step("replace", "reader", (S.ASSESSED, S.PAYING), S.REPLACING, effects.nothing),  # 读者选：买同样的书
        Step("pay", "reader", (S.ASSESSED, S.REPLACING), S.PAYING, effects.nothing),  # 读者选：按书价赔
        Step("as_it_is", "owner", (S.REPORTED, *OWED), S.SETTLED, effects.nothing, HARMED, own=True),  # 主人照样收下
        Step("want_book", "owner", (S.ASSESSED, S.PAYING), S.REPLACING, effects.nothing, HARMED, own=True),
        Step("want_money", "owner", (S.ASSESSED, S.REPLACING), S.PAYING, effects.nothing, HARMED, own=True),
        Step("take_book", "staff", OWED, S.SETTLED, effects.take_book),  # 收到同样的书
        Step("take_money", "staff", OWED, S.SETTLED, effects.take_money),  # 收到赔款
        Step("waive", "staff", (S.REPORTED, *OWED), S.SETTLED, effects.waive),  # 免赔
        Step("at_home", "reader", (S.REPORTED,), S.FOUND, effects.go_on_reading, (LOST,)),  # 读者自己找到了
        Step("owner_left", "rule", (S.REPORTED, *OWED), S.SETTLED, effects.nothing, own=True),  # 主人走了
        Step("turned_up", "reader", OWED, S.FOUND, effects.nothing, (LOST,), own=True),  # 漂流书，核定以后才找到
        Step("find", "rule", (S.REPORTED, *OWED, S.SETTLED), S.FOUND, effects.give_back, (LOST,)),  # 书回来了
        Step("never_came", "rule", (*OWED, S.SETTLED), S.SETTLED, effects.take_back, (LOST,), own=False),  # 寄丢了
        Step("hand_back", "staff", (S.SETTLED,), S.SETTLED, effects.hand_out, (LOST,), own=False),  # 那书价退给读者了
        Step("refund", "staff", (S.FOUND,), S.FOUND, effects.hand_out, (LOST,)),  # 退的书价交给读者了
        Step("hand_owner", "staff", (S.SETTLED,), S.SETTLED, effects.hand_owner, own=True),  # 主人领走了
    )
}


def came_lately(loan: loans.Loan, policy: Policy, now: datetime) -> bool:
    """Whether a reader may still say that the book came damaged."""
    return (library_day(now) - library_day(loan.started_at)).days <= policy.cases.arrival_days


def report(
    db: Database, reader_id: int, loan_id: int, kind: str, note: str, policy: Policy, now: datetime
) -> tuple[Case, bool]:
    """The reader says it; a case with a number and a promised answer, and whether it is new.

    A lost book counts no late days from now on. What is said to have come damaged too long ago is 'damaged'.
    Raises UnknownThing for a loan that is not the reader's, or not open.
    """
    with writing(db) as db:
        loan = loans.loan(db, loan_id, reader_id)
        if known := case_records.open_of_loan(db, loan_id):
            if lost_since(known, kind):
                return _lost_since(db, known, loan, note, now), True
            return (_now_of_kind(db, known, DAMAGED, note, now), True) if owned_up(known, kind) else (known, False)
        kind = DAMAGED if kind == ARRIVED and not came_lately(loan, policy, now) else kind
        number = _open(db, reader_id, kind, note, policy, now, loan_id=loan.id)
        if kind == LOST:
            _gone(db, loan, now)
        transfer_records.book_left(db, loan_id, LOST if kind == LOST else DAMAGED, now)
        return case_records.by_number(db, number), True


def report_own(db: Database, reader_id: int, own_id: int, policy: Policy, now: datetime) -> Case:
    """Who has a book of another reader's own cannot find it: its case, told to the owner at once (A1-23).

    Said twice it is one case. Raises UnknownThing unless it is in this reader's hands, and somebody else's.
    """
    with writing(db) as db:
        own = drifting.held(db, own_id, reader_id)
        if own.owner_id == reader_id:
            raise UnknownThing("own_book", str(own_id))
        if known := case_records.open_of_own(db, own_id):
            if not lost_since(known, LOST):
                return known
            number = _now_of_kind(db, known, LOST, "", now).number
        else:
            number = _open(db, reader_id, LOST, "", policy, now, drifting_id=own.id)
        transfer_records.own_book_left(db, own.id, now)
        tell_owner(db, case_records.by_number(db, number), "report", now)
        return case_records.by_number(db, number)


def report_own_damaged(
    db: Database, reader_id: int, own_id: int, kind: str, note: str, policy: Policy, now: datetime
) -> Case:
    """A book of a reader's own is torn: whoever has it says so, or its owner, to whom it has just come home (A1-23).

    The other hears of it. It can be read meanwhile, but goes to its owner alone; said twice it is one case.
    Raises UnknownThing where it is in neither's hands, or did not come home lately.
    """
    with writing(db) as db:
        own = drifting.held(db, own_id, reader_id)
        if known := case_records.open_of_own(db, own_id):
            return known
        if own.owner_id != reader_id:
            kind = kind if kind == ARRIVED and own.days(now) <= policy.cases.arrival_days else DAMAGED
            number = _open(db, reader_id, kind, note, policy, now, drifting_id=own.id)
            tell_owner(db, case_records.by_number(db, number), "report", now)
            return case_records.by_number(db, number)
        had = drifting.came_back_from(db, own, policy.cases.arrival_days, now)
        if had is None:
            raise UnknownThing("own_book", str(own_id))
        number = _open(db, had, DAMAGED, "", policy, now, drifting_id=own.id, who="owner")
        due = notices.outside_quiet_hours(now, policy)
        said = {"case": number, "points": 0, "paid": 0, "kept": False}
        notices.record(db, had, "case_moved", f"case:{number}", "report", now, due, **said)
        return case_records.by_number(db, number)


def tell_owner(db: Database, case: Case, step: str, now: datetime) -> None:
    """What the owner of a lost or damaged book hears: all but what the owner chose, or how its reader means to make it
    good. Call in `writing`."""
    chosen = step in ("replace", "pay") or (step in STEPS and STEPS[step].who == "owner")
    if not chosen and case.owner_id is not None:
        facts = {"case": case.number, "own": case.drifting_id}
        event = "own_book_damaged" if case.owner_chooses else "own_book_lost"
        notices.record(db, case.owner_id, event, f"case:{case.number}", step, now, **facts)


def owner_leaves(db: Database, owner_id: int, policy: Policy, now: datetime) -> None:
    """Forgotten: nobody is owed the book any more, so its reader owes nothing. Call in `writing`."""
    for case in case_records.open_ones(db):
        if case.owner_id == owner_id:
            advance(db, case.number, "owner_left", "rule", policy, now)


def _gone(db: Database, loan: loans.Loan, now: datetime) -> None:
    """No day counts as late any more, and no courier comes for it in vain."""
    loans.call_off_fetching(db, loan.id, now)
    if loan.stopped_at is None:
        loans.stop(db, loan, "", now)


def lost_since(known: Case, kind: str) -> bool:
    """Whether a book said to be damaged is said to be lost before anybody has looked: its case is another one then."""
    return kind == LOST and known.kind != LOST and known.state is S.REPORTED


def owned_up(known: Case, kind: str) -> bool:
    """Whether a book said to have come damaged is said to be the reader's doing, before anybody has looked."""
    return kind == DAMAGED and known.kind == ARRIVED and known.state is S.REPORTED


def _lost_since(db: Database, known: Case, loan: loans.Loan, note: str, now: datetime) -> Case:
    """The same, and nobody comes for it any more."""
    _gone(db, loan, now)
    return _now_of_kind(db, known, LOST, note, now)


def _now_of_kind(db: Database, known: Case, kind: str, note: str, now: datetime) -> Case:
    """The same number and the same promise, what was said before stays with it."""
    said = "；".join(words for words in (known.note, note) if words)
    db.run(
        "UPDATE compensations SET kind = :kind, note = seal(:note), changed_at = :now WHERE id = :c",
        kind=kind, note=said[:500], now=stamp(now), c=known.id,
    )  # fmt: skip
    _note(db, known.id, "report", S.REPORTED, "reader", "", now)
    return case_records.by_number(db, known.number)


def _open(
    db: Database, reader_id: int, kind: str, note: str, policy: Policy, now: datetime, loan_id: int | None = None,
    drifting_id: int | None = None, who: str = "reader",
) -> str:  # fmt: skip
    row = db.one(
        "INSERT INTO compensations (id, number, reader_id, loan_id, drifting_id, kind, state, note, promised_at, "
        "opened_at, changed_at) SELECT n, :day || '-' || n, :r, :l, :d, :kind, 'reported', seal(:note), :promised, "
        f":now, :now FROM (SELECT {numbers.following('compensations')} AS n) RETURNING id, number",
        day=f"PF{now.astimezone(LIBRARY_ZONE):%y%m%d}", r=reader_id, l=loan_id, d=drifting_id, kind=kind,
        note=note[:LONGEST_NOTE],
        promised=stamp(moved_promises.answer_by(db, policy, policy.cases.answer_hours, now)), now=stamp(now),
    )  # fmt: skip
    assert row is not None
    _note(db, row["id"], "report", S.REPORTED, who, "", now)
    return str(row["number"])


def add_words(db: Database, number: str, reader_id: int, words: str) -> None:
    """What the reader tells of it later, below what was told first; at most LONGEST_NOTE characters are kept.

    Raises UnknownThing for a case that is not the reader's.
    """
    with writing(db) as db:
        case = case_records.by_number(db, number, reader_id)
        note = "\n".join(filter(None, (case.note, words)))[:LONGEST_NOTE]
        db.run("UPDATE compensations SET note = seal(:n) WHERE id = :id", n=note, id=case.id)


def bear(db: Database, loan: Row, actor: str, policy: Policy, now: datetime) -> None:
    """A book lost on the way is the library's loss: the loan ends, and what its reader has reported of it is waived.

    `loan` has id, copy_id and title_id. Call in `writing`.
    """
    loans.end(db, loan["id"], "lost", now)
    copy_states.lost_in_post(db, loan["copy_id"], now)
    if case := case_records.open_of_loan(db, loan["id"]):
        advance(db, case.number, "waive", actor, policy, now)
    copy_states.tell_last_gone(db, loan["title_id"], policy, now)


def advance(
    db: Database, number: str, name: str, actor: str, policy: Policy, now: datetime, given: Given = NOTHING
) -> Case:
    """Move a case one step, with what belongs to it, and note the fact for the reader.

    Raises CannotChange, UnknownThing for a case or a step there is not, NoPrice, BarcodeTaken.
    """
    step = STEPS.get(name)
    if step is None:
        raise UnknownThing("step", name[:40])
    with writing(db) as db:
        case = case_records.by_number(db, number)
        if case.back and name != "find":  # the next tick says so
            raise CannotChange("case", case.number, S.FOUND)
        states = ", ".join(f"'{state}'" for state in step.before)
        changed = db.run(
            "UPDATE compensations SET state = :after, changed_at = :now, "
            "answer = CASE WHEN :who IN ('reader', 'owner') THEN answer ELSE seal(:note) END "
            f"WHERE id = :id AND state IN ({states})",
            after=step.after, now=stamp(now), who=step.who, note=given.note[:300], id=case.id,
        )  # fmt: skip
        if changed != 1 or not step.fits(case):
            raise CannotChange("case", case.number, case.state)
        _note(db, case.id, name, step.after, actor, given.note, now)
        step.does(db, case, given, policy, now)
        after = case_records.by_number(db, number)
        if step.who != "reader" and name not in ("hand_owner", "never_came"):  # told with the purchase
            _tell(db, case, after, step, policy, now)
        if case.drifting_id is not None:
            tell_owner(db, after, name, now)
        return after


def _note(db: Database, case_id: int, step: str, state: str, actor: str, note: str, now: datetime) -> None:
    db.run(
        "INSERT INTO compensation_events (compensation_id, step, state, actor, note, at) "
        "VALUES (:c, :step, :state, :actor, seal(:note), :now)",
        c=case_id, step=step, state=state, actor=actor, note=note[:300], now=stamp(now),
    )  # fmt: skip


def _tell(db: Database, case: Case, after: Case, step: Step, policy: Policy, now: datetime) -> None:
    """What this step has changed: points and money, each with its sign; each time an owner chooses anew."""
    due = notices.outside_quiet_hours(now, policy) if step.who in ("rule", "owner") else now
    facts = {"case": case.number, "points": after.points - case.points, "paid": after.paid_fen - case.paid_fen}
    facts["kept"] = case.owner_chooses and case.lent and not after.lent  # the torn one stays with its reader
    taken = "SELECT COUNT(*) FROM compensation_events WHERE compensation_id = :c AND step = :s"
    times = db.value(taken, c=case.id, s=step.name)
    said = step.name if times == 1 else f"{step.name}@{times}"
    notices.record(db, case.reader_id, "case_moved", f"case:{case.number}", said, now, due, **facts)


def choose(db: Database, number: str, reader_id: int, name: str, policy: Policy, now: datetime) -> Case:
    """A step that is the reader's own: replace, pay, at_home. Raises UnknownThing, CannotChange."""
    if name not in STEPS or STEPS[name].who != "reader":
        raise UnknownThing("step", name[:40])
    case_records.by_number(db, number, reader_id)
    return advance(db, number, name, "reader", policy, now)


def choose_for_owner(db: Database, number: str, owner_id: int, name: str, policy: Policy, now: datetime) -> Case:
    """A step of the owner's: as_it_is, want_book, want_money. Raises UnknownThing, CannotChange."""
    if name not in STEPS or STEPS[name].who != "owner":
        raise UnknownThing("step", name[:40])
    case_records.of_owner(db, number, owner_id)
    return advance(db, number, name, "owner", policy, now)


def notice_found(db: Database, policy: Policy, now: datetime) -> int:
    """Lost books that have come back since, wherever they were scanned; returns how many."""
    rows = db.all(
        "SELECT k.number FROM compensations k JOIN loans l ON l.id = k.loan_id JOIN copies c ON c.id = l.copy_id "
        f"WHERE {case_records.BACK}"
    )
    for row in rows:
        advance(db, row["number"], "find", "rule", policy, now)
    return len(rows)


def may_take(case: Case, who: str = "staff") -> list[Step]:
    """The steps that are open to somebody now, in the order of the table."""
    mine = (step for step in STEPS.values() if step.who == who)
    due = {"refund": case.owes_refund, "hand_back": case.owes_refund, "hand_owner": case.owes_owner}
    return [step for step in mine if step.fits(case) and due.get(step.name, True)]
