"""柜门没开: a reader stands before a locker whose door stays shut. The pick-up time stops until someone has seen to it.

What was put in and not written down is another claim: 声明已还, in claims.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import door_codes, evidence, notices, order_effects, orders
from lending.database import Database, Row, writing
from lending.door_codes import Visit
from lending.errors import CannotChange, UnknownThing
from lending.model import OrderState, parse_stamp, stamp
from lending.policy import Policy

STEPS = {  # of a claim, by a librarian; when the reader has got the books meanwhile, nothing is left to be done
    "mended": ("open", "mended"),  # 能开了：从现在起重新算取书的日子
    "moved": ("open", "moved"),  # 书拿到服务台：订单走 move_on
}


@dataclass(frozen=True, slots=True)
class DoorClaim:
    """An order behind a door that does not open. `said` is the reader's words."""

    id: int
    order_id: int
    number: str
    reader_id: int
    said: str
    point: str
    point_en: str
    opened_at: datetime


OPEN = (
    "SELECT d.id, d.order_id, o.number, o.reader_id, unseal(d.said) AS said, p.name AS point, "
    "p.name_en AS point_en, d.opened_at "
    "FROM door_claims d JOIN orders o ON o.id = d.order_id JOIN points p ON p.id = o.point_id "
    "WHERE d.state = 'open' AND o.state = 'in_locker' "
)


def _claim(row: Row) -> DoorClaim:
    return DoorClaim(**{**row, "opened_at": parse_stamp(row["opened_at"])})


def claim(db: Database, reader_id: int, number: str, said: str, now: datetime) -> DoorClaim:
    """The door of this order stays shut: nothing runs out until a librarian has looked. Said twice it is once.

    Raises UnknownThing for another's order, CannotChange unless it lies in a locker.
    """
    with writing(db) as db:
        order = orders.by_number(db, number, reader_id)
        if order.state is not OrderState.IN_LOCKER:
            raise CannotChange("order", order.number, order.state)
        db.run(
            "INSERT INTO door_claims (order_id, said, opened_at) VALUES (:o, seal(:said), :now) ON CONFLICT DO NOTHING",
            o=order.id, said=said.strip()[:200], now=stamp(now),
        )  # fmt: skip
        return _claim(db.all(OPEN + "AND d.order_id = :o", o=order.id)[0])


def open_ones(db: Database, limit: int = 100) -> list[DoorClaim]:
    """Doors somebody must see to, the oldest first."""
    return [_claim(row) for row in db.all(OPEN + "ORDER BY d.id LIMIT :n", n=limit)]


def stopped(db: Database, order_id: int) -> bool:
    """Whether the pick-up time of this order stands still, so that no date may be named."""
    return bool(db.all(OPEN + "AND d.order_id = :o", o=order_id))


def mine(db: Database, claim_id: int, reader_id: int) -> DoorClaim:
    """Raises UnknownThing for another's claim, or one that is over."""
    row = db.one(OPEN + "AND d.id = :id AND o.reader_id = :r", id=claim_id, r=reader_id)
    if row is None:
        raise UnknownThing("door_claim", str(claim_id))
    return _claim(row)


def prove(db: Database, reader_id: int, claim_id: int, visit: Visit) -> None:
    """The screen's code goes with the claim. Raises UnknownThing, CodeTaken."""
    with writing(db) as db:
        door_codes.keep(db, "door", mine(db, claim_id, reader_id).id, reader_id, visit)


def settle(db: Database, claim_id: int, step: str, actor: str, policy: Policy, now: datetime) -> None:
    """The door opens again, or the books go to the counter; the reader is told. Raises UnknownThing once it is over."""
    with writing(db) as db:
        row = db.one(OPEN + "AND d.id = :id", id=claim_id)
        if row is None:
            raise UnknownThing("door_claim", str(claim_id))
        before, after = STEPS[step]
        changed = db.run(
            "UPDATE door_claims SET state = :after, settled_at = :now, settled_by = :actor "
            "WHERE id = :id AND state = :before",
            after=after, now=stamp(now), actor=actor, id=claim_id, before=before,
        )  # fmt: skip
        assert changed == 1, "the claim was read inside this transaction"
        if step == "moved":
            orders.advance(db, row["order_id"], "move_on", actor, policy, now)
        else:
            _begin_anew(db, _claim(row), policy, now)


def _begin_anew(db: Database, found: DoorClaim, policy: Policy, now: datetime) -> None:
    """The days to fetch it count from today, as if the books had just been put in."""
    order = orders.by_number(db, found.number)
    until = order_effects.begin_days(db, order, policy, now)
    notices.record(
        db, found.reader_id, "door_mended", f"door:{found.id}", "", now, notices.outside_quiet_hours(now, policy),
        order=found.number, until=stamp(until),
    )  # fmt: skip


def forget_old_photos(db: Database, policy: Policy, now: datetime) -> int:
    """Pictures go some days after the claim was settled, or the order was fetched; returns how many went."""
    ended = (
        "SELECT d.id FROM door_claims d JOIN orders o ON o.id = d.order_id WHERE (d.state <> 'open' "
        "AND d.settled_at < :before) OR (o.state <> 'in_locker' AND o.changed_at < :before)"
    )
    return evidence.forget_ended(db, "door", ended, policy, now)


def forget(db: Database, reader_id: int) -> None:
    """What the reader said about doors goes with them. Call in `writing`."""
    db.run(
        "UPDATE door_claims SET said = '' WHERE order_id IN (SELECT id FROM orders WHERE reader_id = :r)", r=reader_id
    )
