"""报名: who comes to an event, with how many, and who waits for a seat; the table is a sign-up's life (F-8).

A place in the queue is reckoned from the rows when it is asked for. Whoever gives seats back makes room for the first
who waits and fits. What coming or not is worth stands in attendance.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lending import events, notices
from lending.database import Database, Row, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.events import Event
from lending.model import parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # name: from which states, to which; a new one begins signed_up, or waiting where there is no room
    "move_up": (("waiting",), "signed_up"),  # 有人让出位子
    "give_back": (("signed_up", "waiting"), "given_back"),  # 取消报名
    "too_late": (("given_back",), "late_back"),  # 取消得晚，位子空着了
    "in_time": (("late_back",), "given_back"),  # 活动改期了，不算晚
    "come": (("signed_up", "absent"), "came"),  # 来了
    "come_late": (("signed_up", "absent"), "late"),  # 来了，迟到
    "miss": (("signed_up",), "absent"),  # 没有来
}
LIVE = "state NOT IN ('given_back', 'late_back')"
COMES = ("signed_up", "waiting")  # who is to hear of a change


@fact
class CannotSignUp(LendingError):
    """`reason`: over (it has begun), until (signing up has ended), cancelled, people (more than `number` at once)."""

    event_id: int
    name: str
    reason: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class SignUp:
    """One reader's part in an event, for so many people; `position` among those who wait, from 1, 0 for the others."""

    id: int
    event_id: int
    reader_id: int
    people: int
    state: str
    placed_at: datetime
    changed_at: datetime
    moved_up_at: datetime | None
    position: int


SELECT = (
    "SELECT s.id, s.event_id, s.reader_id, s.people, s.state, s.placed_at, s.changed_at, s.moved_up_at, "
    "CASE s.state WHEN 'waiting' THEN (SELECT COUNT(*) FROM sign_ups w WHERE w.event_id = s.event_id "
    "AND w.state = 'waiting' AND w.id <= s.id) ELSE 0 END AS position FROM sign_ups s "
)


def _sign_up(row: Row) -> SignUp:
    moments = {name: parse_stamp(row[name]) for name in ("placed_at", "changed_at")}
    return SignUp(**{**row, **moments, "moved_up_at": parse_stamp(row["moved_up_at"]) if row["moved_up_at"] else None})


def by_id(db: Database, sign_up_id: int) -> SignUp:
    """Raises UnknownThing."""
    row = db.one(SELECT + "WHERE s.id = :id", id=sign_up_id)
    if row is None:
        raise UnknownThing("sign_up", str(sign_up_id))
    return _sign_up(row)


def of_event(db: Database, reader_id: int, event_id: int) -> SignUp | None:
    """The reader's part in an event, unless it was given back."""
    row = db.one(SELECT + f"WHERE s.event_id = :e AND s.reader_id = :r AND s.{LIVE}", e=event_id, r=reader_id)
    return _sign_up(row) if row else None


def of_reader(db: Database, reader_id: int, now: datetime) -> list[tuple[SignUp, Event]]:
    """What the reader has signed up or waits for and is still to come, the next first."""
    rows = db.all(
        SELECT + "JOIN events e ON e.id = s.event_id AND e.state = 'planned' AND e.ends_at > :now "
        f"WHERE s.reader_id = :r AND s.{LIVE} ORDER BY e.starts_at, s.id",
        r=reader_id, now=stamp(now),
    )  # fmt: skip
    return [(_sign_up(row), events.event(db, row["event_id"])) for row in rows]


def listed(db: Database, event_id: int) -> list[SignUp]:
    """Everybody who comes or came, then those who wait in their order."""
    rows = db.all(SELECT + f"WHERE s.event_id = :e AND s.{LIVE} ORDER BY s.state = 'waiting', s.id", e=event_id)
    return [_sign_up(row) for row in rows]


# ---- the reader ------------------------------------------------------------------------------------------------------


def sign_up(
    db: Database, reader_id: int, event_id: int, people: int, policy: Policy, now: datetime
) -> tuple[bool, SignUp]:  # fmt: skip
    """Seats for so many, or a place in the queue where there are not so many left; False with what stood already.

    Raises UnknownThing, CannotSignUp.
    """
    with writing(db) as db:
        found = events.event(db, event_id)
        if standing := of_event(db, reader_id, event_id):
            return False, standing
        _may(found, people, policy, now)
        made = db.value(
            "INSERT INTO sign_ups (event_id, reader_id, people, state, placed_at, changed_at) "
            "VALUES (:e, :r, :people, :state, :now, :now) RETURNING id",
            e=event_id, r=reader_id, people=people, state="signed_up" if people <= found.left else "waiting",
            now=stamp(now),
        )  # fmt: skip
        return True, by_id(db, made)


def _may(found: Event, people: int, policy: Policy, now: datetime) -> None:
    most = min(policy.events.most_people, found.seats)
    reasons = {
        "cancelled": found.state == "cancelled", "over": found.state == "over" or now >= found.starts_at,
        "until": now >= found.sign_up_until, "people": not 1 <= people <= most,
    }  # fmt: skip
    for reason, is_so in reasons.items():
        if is_so:
            raise CannotSignUp(found.id, found.name, reason, most if reason == "people" else 0)


def give_back(db: Database, reader_id: int, event_id: int, policy: Policy, now: datetime) -> SignUp:
    """The reader does not come after all; whoever waits moves up. Raises UnknownThing, CannotSignUp once it has begun.

    Where it is late and nobody takes the seats, it counts as not coming when the event is over.
    """
    with writing(db) as db:
        found, mine = events.event(db, event_id), of_event(db, reader_id, event_id)
        if mine is None:
            raise UnknownThing("sign_up", str(event_id))
        if found.state != "planned" or now >= found.starts_at or mine.state not in COMES:
            raise CannotSignUp(event_id, found.name, "cancelled" if found.state == "cancelled" else "over")
        step(db, "give_back", mine.id, now)
        taken = serve(db, event_id, policy, now)
        if mine.state == "signed_up" and not taken and not free_to_leave(found, mine, policy, now):
            step(db, "too_late", mine.id, now)
        return by_id(db, mine.id)


def free_to_leave(found: Event, mine: SignUp, policy: Policy, now: datetime) -> bool:
    """Whether the seats may still be given back without more ado; one that came late may be, until the start."""
    until = free_until(found, policy)
    return now <= until or (mine.moved_up_at is not None and mine.moved_up_at > until)


def free_until(found: Event, policy: Policy) -> datetime:
    """Until when seats may be given back without more ado."""
    return found.starts_at - timedelta(hours=policy.events.free_hours)


# ---- what follows ----------------------------------------------------------------------------------------------------


def step(db: Database, name: str, sign_up_id: int, now: datetime) -> None:
    """One row of the table, guarded. Call in `writing`. Raises UnknownThing where it does not stand there."""
    before, after = STEPS[name]
    states = ", ".join(f"'{state}'" for state in before)
    moved_up = ", moved_up_at = :now" if name == "move_up" else ""
    changed = db.run(
        f"UPDATE sign_ups SET state = '{after}', changed_at = :now{moved_up} WHERE id = :id AND state IN ({states})",
        id=sign_up_id, now=stamp(now),
    )  # fmt: skip
    if changed != 1:
        raise UnknownThing("sign_up", str(sign_up_id))


def serve(db: Database, event_id: int, policy: Policy, now: datetime) -> list[int]:
    """Free seats go to the first who waits and fits, and so on; each is told. Whose sign-ups moved up. In `writing`."""
    moved: list[int] = []
    while True:
        found = events.event(db, event_id)
        first = first_who_fits(db, event_id, found.left)
        if first is None or found.state != "planned" or now >= found.starts_at:
            return moved
        step(db, "move_up", first, now)
        due = notices.outside_quiet_hours(now, policy)
        notices.record(
            db, by_id(db, first).reader_id, "event_place", f"sign_up:{first}", "moved_up", now,
            due if due < found.starts_at else now, sign_up=first,
        )  # fmt: skip
        moved.append(first)


def first_who_fits(db: Database, event_id: int, left: int) -> int | None:
    """The first sign-up in the queue for which so many seats are enough."""
    asked = "SELECT id FROM sign_ups WHERE event_id = :e AND state = 'waiting' AND people <= :left ORDER BY id LIMIT 1"
    found: int | None = db.value(asked, e=event_id, left=left)
    return found


def room_for(db: Database, now: datetime) -> list[int]:
    """Events to come where somebody waits for seats that are free."""
    rows = db.all(
        "SELECT DISTINCT w.event_id FROM sign_ups w JOIN events e ON e.id = w.event_id AND e.state = 'planned' "
        "AND e.starts_at > :now WHERE w.state = 'waiting' AND w.people <= e.seats - (SELECT COALESCE(SUM(people), 0) "
        f"FROM sign_ups s WHERE s.event_id = e.id AND s.{events.TAKEN})",
        now=stamp(now),
    )
    return [row["event_id"] for row in rows]


def forget(db: Database, reader_id: int) -> None:
    """That the reader came, or wanted to; who waits for the seats gets them with the next tick. Call in `writing`."""
    db.run("DELETE FROM sign_ups WHERE reader_id = :r", r=reader_id)
