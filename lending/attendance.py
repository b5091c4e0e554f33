"""签到: who came to an event and when, and what that is worth on the conduct ledger (A6-3, A7-7, B3.2).

Coming is written at once. What costs something is written once the event is over: one that is called off costs nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import credit, events, notices, sign_ups
from lending.credit import LIBRARY
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.events import Event
from lending.model import half_width, stamp
from lending.policy import Policy
from lending.sign_ups import SignUp

DOOR = re.compile(rf"QD[- ]?(?P<code>[{events.ALPHABET}]{{{events.DOOR_LETTERS}}})", re.ASCII | re.IGNORECASE)
BEFORE = re.compile(r"\s*(?:我?来?[签簽]到[码碼]?|check[ -]?in(?: code)?)?[\s:：]*", re.IGNORECASE)


@fact
class CannotCheckIn(LendingError):
    """`reason`: early (from `at` on), over, cancelled, waiting (there is no seat), unknown (not signed up)."""

    event_id: int
    name: str
    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """Somebody who came: `points` given now, `new` unless it was known already."""

    sign_up: SignUp
    points: int
    new: bool


def code_in(text: str) -> str:
    """The code from the door that a reader typed, alone or after 签到; '' when none."""
    text = half_width(text)
    found = DOOR.fullmatch(text[BEFORE.match(text).end() :].strip(" .。!！"))  # type: ignore[union-attr]
    return found["code"].upper() if found else ""


def opens_at(found: Event, policy: Policy) -> datetime:
    """From when one may check in."""
    return found.starts_at - timedelta(minutes=policy.events.check_in_minutes)


def settles_at(found: Event, policy: Policy) -> datetime:
    """Until when a librarian may still say who came; then it is reckoned up."""
    return found.ends_at + timedelta(hours=policy.events.settle_hours)


def at_the_door(db: Database, reader_id: int, event_id: int, policy: Policy, now: datetime) -> CheckedIn:
    """The reader is there, by the code that hangs there. Raises UnknownThing, CannotCheckIn."""
    found = events.event(db, event_id)
    late = now > found.starts_at + timedelta(minutes=policy.events.late_minutes)
    return _check_in(db, reader_id, found, late, found.ends_at, LIBRARY, policy, now)


def by_hand(
    db: Database, reader_id: int, event_id: int, late: bool, actor: str, policy: Policy, now: datetime
) -> CheckedIn:  # fmt: skip
    """A librarian has seen the reader there; until the event is reckoned up. The reader is told.

    Whoever waits is let in where a seat is free. Raises UnknownThing, CannotCheckIn.
    """
    with writing(db) as db:
        found, mine = events.event(db, event_id), sign_ups.of_event(db, reader_id, event_id)
        if mine and mine.state == "waiting" and found.left >= mine.people and opens_at(found, policy) <= now:
            sign_ups.step(db, "move_up", mine.id, now)
        done = _check_in(db, reader_id, found, late, settles_at(found, policy), actor, policy, now)
        if done.new:
            tell(db, done.sign_up, done.points, policy, now)
        return done


def missed(db: Database, reader_id: int, event_id: int, now: datetime) -> SignUp:
    """A librarian sees that the reader is not there: the seats are free for who waits at the door. Nothing else yet.

    Raises UnknownThing, CannotCheckIn before it has begun.
    """
    with writing(db) as db:
        found, mine = events.event(db, event_id), sign_ups.of_event(db, reader_id, event_id)
        if mine is None:
            raise UnknownThing("sign_up", str(event_id))
        if now < found.starts_at or found.state != "planned":
            raise CannotCheckIn(event_id, found.name, "early" if found.state == "planned" else "over", found.starts_at)
        sign_ups.step(db, "miss", mine.id, now)
        return sign_ups.by_id(db, mine.id)


def _check_in(
    db: Database, reader_id: int, found: Event, late: bool, until: datetime, actor: str, policy: Policy, now: datetime
) -> CheckedIn:  # fmt: skip
    with writing(db) as db:
        mine = sign_ups.of_event(db, reader_id, found.id)
        if mine and mine.state in ("came", "late"):
            return CheckedIn(mine, 0, False)
        _may(found, mine, until, policy, now)
        assert mine is not None, "who has not signed up may not"
        sign_ups.step(db, "come_late" if late else "come", mine.id, now)
        earned = ("activity_signup", "activity") if policy.events.late_earns or not late else ("activity_signup",)
        came = sign_ups.by_id(db, mine.id)
        return CheckedIn(came, sum(_post(db, came, event, found, actor, policy, now) for event in earned), True)


def _may(found: Event, mine: SignUp | None, until: datetime, policy: Policy, now: datetime) -> None:
    reasons = {
        "cancelled": found.state == "cancelled", "over": found.state == "over" or now > until,
        "unknown": mine is None,
        "waiting": mine is not None and (
            mine.state == "waiting" or (mine.state == "absent" and found.left < mine.people)
        ),
        "early": now < opens_at(found, policy),
    }  # fmt: skip
    for reason, is_so in reasons.items():
        if is_so:
            raise CannotCheckIn(found.id, found.name, reason, opens_at(found, policy))


def _post(db: Database, mine: SignUp, event: str, found: Event, actor: str, policy: Policy, now: datetime) -> int:
    """One line for this reader and event, on the day it began; nothing where the library keeps no such rule."""
    known = "SELECT 1 FROM credit_lines WHERE reader_id = :r AND event = :event AND object = :o"
    obj = f"event:{found.id}"
    if db.value(known, r=mine.reader_id, event=event, o=obj):
        return 0
    evidence = f"{mine.state} {stamp(mine.changed_at)}"
    return credit.post(db, mine.reader_id, event, obj, policy, now, actor, evidence, found.starts_at)


def tell(db: Database, one: SignUp, points: int, policy: Policy, now: datetime) -> None:
    """What was written down about the reader without their doing. Call in `writing`."""
    notices.record(
        db, one.reader_id, "event_kept", f"sign_up:{one.id}", one.state, now, notices.outside_quiet_hours(now, policy),
        sign_up=one.id, points=points,
    )  # fmt: skip


# ---- when it is over -------------------------------------------------------------------------------------------------


def settle(db: Database, event_id: int, policy: Policy, now: datetime) -> Event:
    """Who has not come did not come; what that costs, and coming late, is written and told. Raises EventMoved."""
    with writing(db) as db:
        found = events.event(db, event_id)
        for row in db.all("SELECT id FROM sign_ups WHERE event_id = :e AND state = 'signed_up'", e=event_id):
            sign_ups.step(db, "miss", row["id"], now)
        for one in _to_reckon(db, event_id):
            _reckon(db, one, found, policy, now)
        came = db.value(
            "SELECT COALESCE(SUM(people), 0) FROM sign_ups WHERE event_id = :e AND state IN ('came', 'late')",
            e=event_id,
        )
        return events.step(db, "settle", event_id, came=came)


def _to_reckon(db: Database, event_id: int) -> list[SignUp]:
    """Whoever did not come, came late, or gave the seats back late and did not come after all; once each."""
    rows = db.all(
        "SELECT MAX(id) AS id FROM sign_ups WHERE event_id = :e AND state IN ('absent', 'late', 'late_back') AND NOT "
        "(state = 'late_back' AND reader_id IN (SELECT reader_id FROM sign_ups WHERE event_id = :e AND state <> "
        "'late_back' AND state <> 'given_back')) GROUP BY reader_id ORDER BY 1",
        e=event_id,
    )
    return [sign_ups.by_id(db, row["id"]) for row in rows]


def _reckon(db: Database, one: SignUp, found: Event, policy: Policy, now: datetime) -> None:
    """Seats that came to somebody too late to be given back cost nothing."""
    points = 0
    if one.state == "absent":
        _post(db, one, "activity_signup", found, LIBRARY, policy, now)
    if one.state == "late":
        points = _post(db, one, "activity_late", found, LIBRARY, policy, now)
    elif one.moved_up_at is None or one.moved_up_at <= sign_ups.free_until(found, policy):
        points = _post(db, one, "activity_no_show", found, LIBRARY, policy, now)
    if points:
        tell(db, one, points, policy, now)


def cost(db: Database, reader_id: int, event_id: int, policy: Policy, now: datetime) -> int:
    """What giving the seats back now will cost in points; 0 while it is free, or somebody waits who would take them."""
    found, mine = events.event(db, event_id), sign_ups.of_event(db, reader_id, event_id)
    if mine is None:
        raise UnknownThing("sign_up", str(event_id))
    rule = policy.ledger.find("activity_no_show")
    if rule is None or mine.state != "signed_up" or now >= found.starts_at:
        return 0
    taken = sign_ups.first_who_fits(db, event_id, found.left + mine.people) is not None
    return 0 if taken or sign_ups.free_to_leave(found, mine, policy, now) else -rule.delta
