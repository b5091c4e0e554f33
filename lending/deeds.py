"""What one reader did in another's name: read off what has changed, so that nothing done can go unsaid (D-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lending import notices, order_records
from lending.database import Database, Row
from lending.mandates import Mandate
from lending.model import parse_stamp, stamp

Change = tuple[str, str, dict[str, Any]]  # what, to which object, and what its sentence needs
AGAIN = timedelta(minutes=10)  # looking at the same thing again is the same look
DONE = (
    "renewed", "claimed", "lost", "found", "fetching", "unfetched", "received", "ordered", "cancelled", "held",
    "changed_hold", "let_go", "kept_longer", "moved", "appealed", "reported", "settling", "erased", "signed_up",
    "left_event", "comes", "comes_not", "arrived", "elsewhere", "taken_out", "not_here",
)  # fmt: skip
LOOKS = ("see_ready", "see_loans", "see_orders", "see_holds", "see_record")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done. `what` is one of DONE, or of LOOKS."""

    id: int
    actor_id: int
    relation: str
    what: str
    object: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of a reader's that others may change, at one moment, by id."""

    loans: dict[int, Row]
    orders: dict[int, Row]
    taken_out: dict[int, Row]
    holds: dict[int, Row]
    appeals: dict[int, Row]
    cases: dict[int, Row]
    sign_ups: dict[int, Row]
    home: str  # name, phone and address together
    last_event: int


def snapshot(db: Database, reader_id: int) -> Snapshot:
    """How things stand for the reader."""
    queries = (
        "SELECT l.id, l.title_id, l.renewals, l.stopped_at, l.stopped_as, EXISTS (SELECT 1 FROM home_return_items i "
        "JOIN home_returns h ON h.id = i.home_return_id AND h.state = 'asked' WHERE i.loan_id = l.id) AS fetching "
        "FROM loans l WHERE l.reader_id = :r AND l.returned_at IS NULL",
        "SELECT o.id, o.number, o.state, o.point_id, o.extended_at, o.arrived_at, a.starts_at AS comes_at, "
        "(SELECT GROUP_CONCAT(p.id || p.round || COALESCE(p.round_at, '')) FROM parcels p WHERE p.order_id = o.id) "
        "AS rounds FROM orders o LEFT JOIN appointments a ON a.order_id = o.id AND a.state = 'booked' "
        "WHERE o.reader_id = :r",
        "SELECT i.rowid AS id, i.title_id, o.number FROM order_items i JOIN orders o ON o.id = i.order_id "
        "WHERE o.reader_id = :r AND i.ended_as = 'taken_out'",
        "SELECT id, title_id, rests_until, point_id, extended_at FROM holds "
        "WHERE reader_id = :r AND state IN ('waiting', 'ready')",
        "SELECT id FROM appeals WHERE reader_id = :r",
        "SELECT id, number, kind, state FROM compensations WHERE reader_id = :r",
        "SELECT id, event_id FROM sign_ups WHERE reader_id = :r AND state IN ('signed_up', 'waiting')",
    )
    loans, orders, out, holds, appeals, cases, coming = (_by_id(db, query, reader_id) for query in queries)
    home = "SELECT unseal(name) || ' ' || unseal(phone) || ' ' || unseal(address) FROM readers WHERE id = :r"
    home, last = db.value(home, r=reader_id), order_records.last_event(db)
    return Snapshot(loans, orders, out, holds, appeals, cases, coming, home, last)


def _by_id(db: Database, query: str, reader_id: int) -> dict[int, Row]:
    return {row["id"]: row for row in db.all(query, r=reader_id)}


def record(db: Database, mandate: Mandate, before: Snapshot, number: str, acts: tuple[str, ...], now: datetime) -> int:
    """Write down and tell the grantor what has changed since; a mere look is written down. Returns how many changes.

    `number` is the proxy's own, for the history of orders. Call in `writing`, in the transaction that acted.
    """
    done = _changes(before, snapshot(db, mandate.grantor_id))
    order_records.sign(db, mandate.grantor_id, before.last_event, f"proxy:{number}")
    _tell(db, mandate, done, now)
    for act in acts if not done else ():
        _look(db, mandate, act, now)
    return len(done)


def erased(db: Database, mandate: Mandate, now: datetime) -> None:
    """The reader's data were deleted in their name, and with them all else that would tell of it. Call in `writing`."""
    _tell(db, mandate, [("erased", "", {})], now)


def _tell(db: Database, mandate: Mandate, done: list[Change], now: datetime) -> None:
    """What one turn did is one message."""
    first = 0
    for what, obj, facts in done:
        deed_id = _write(db, mandate, what, obj, now)
        first = first or deed_id
        notices.record(
            db, mandate.grantor_id, "deed", f"deed:{first}", str(deed_id), now,
            what=what, actor=mandate.proxy_id, relation=mandate.relation, guardian=mandate.kind == "guardian", **facts,
        )  # fmt: skip


def _changes(before: Snapshot, after: Snapshot) -> list[Change]:
    found = [*_of_loans(before, after), *_of_orders(before, after)]
    if not any(what == "ordered" for what, _obj, _facts in found):  # an order fills the holds it brings
        gone = before.holds.keys() - after.holds.keys()
        found += [("let_go", f"hold:{id}", {"title": before.holds[id]["title_id"]}) for id in sorted(gone)]
    for id, hold in after.holds.items():
        if hold != before.holds.get(id):
            what = "changed_hold" if id in before.holds else "held"
            found.append((what, f"hold:{id}", {"title": hold["title_id"]}))
    found += [("appealed", f"appeal:{id}", {}) for id in after.appeals.keys() - before.appeals.keys()]
    for what, new, old in (("signed_up", after, before), ("left_event", before, after)):
        gone = new.sign_ups.keys() - old.sign_ups.keys()
        found += [(what, f"event:{new.sign_ups[id]['event_id']}", {}) for id in sorted(gone)]
    for id, case in after.cases.items():
        was = before.cases.get(id)
        if was is None or was["kind"] != case["kind"]:
            found.append(("reported", f"case:{id}", {}))
        elif was["state"] != case["state"] and case["state"] in ("replacing", "paying"):
            found.append(("settling", f"case:{id}", {}))
    if after.home != before.home:
        found.append(("moved", "", {}))
    return found


def _of_loans(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for id, loan in after.loans.items():
        was, facts = before.loans.get(id), {"title": loan["title_id"]}
        if was is None:
            yield "received", f"loan:{id}", facts
            continue
        if loan["renewals"] > was["renewals"]:
            yield "renewed", f"loan:{id}", facts
        if loan["stopped_at"] != was["stopped_at"]:
            what = "claimed" if loan["stopped_as"] else "lost" if loan["stopped_at"] else "found"
            yield what, f"loan:{id}", facts
        if loan["fetching"] != was["fetching"]:
            yield "fetching" if loan["fetching"] else "unfetched", f"loan:{id}", facts


def _of_orders(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for id, order in after.orders.items():
        facts = {"order": order["number"]}
        if id not in before.orders:
            yield "ordered", f"order:{order['number']}", facts
        elif order["state"] == "cancelled" != before.orders[id]["state"]:
            yield "cancelled", f"order:{order['number']}", facts
        elif order["extended_at"] != before.orders[id]["extended_at"]:
            yield "kept_longer", f"order:{order['number']}", facts
        elif order["comes_at"] != before.orders[id]["comes_at"] and order["state"] == before.orders[id]["state"]:
            yield "comes" if order["comes_at"] else "comes_not", f"order:{order['number']}", facts
        elif order["arrived_at"] != before.orders[id]["arrived_at"]:
            yield "arrived", f"order:{order['number']}", facts
        elif order["point_id"] != before.orders[id]["point_id"]:
            yield "elsewhere", f"order:{order['number']}", facts | {"point": order["point_id"]}
        elif order["rounds"] != before.orders[id]["rounds"] and order["state"] == before.orders[id]["state"]:
            yield "not_here", f"order:{order['number']}", facts
    for id in sorted(after.taken_out.keys() - before.taken_out.keys()):
        item = after.taken_out[id]
        yield "taken_out", f"order:{item['number']}", {"order": item["number"], "title": item["title_id"]}


def _write(db: Database, mandate: Mandate, what: str, obj: str, now: datetime) -> int:
    return int(
        db.value(
            "INSERT INTO deeds (reader_id, actor_id, relation, what, object, at) "
            "VALUES (:r, :a, :relation, :what, :object, :now) RETURNING id",
            r=mandate.grantor_id, a=mandate.proxy_id, relation=mandate.relation, what=what, object=obj, now=stamp(now),
        )
    )  # fmt: skip


def _look(db: Database, mandate: Mandate, act: str, now: datetime) -> None:
    seen = "SELECT 1 FROM deeds WHERE reader_id = :r AND actor_id = :a AND what = :what AND at > :since"
    known = db.value(seen, r=mandate.grantor_id, a=mandate.proxy_id, what=act, since=stamp(now - AGAIN))
    if act in LOOKS and not known:
        _write(db, mandate, act, "", now)


def change_hands(db: Database, kept: int, gone: int) -> None:
    """Two records are one person: orders they placed for others name the one that stays. Call in `writing`."""
    order_records.sign_anew(db, _actor(db, gone), _actor(db, kept))


def _actor(db: Database, reader_id: int) -> str:
    return f"proxy:{db.value('SELECT number FROM readers WHERE id = :r', r=reader_id)}"


def forget(db: Database, reader_id: int) -> None:
    """What was done for the reader, and what they did for others. Call in `writing`."""
    order_records.sign_anew(db, _actor(db, reader_id), "proxy")
    db.run("DELETE FROM deeds WHERE reader_id = :r OR actor_id = :r", r=reader_id)


def of_reader(db: Database, reader_id: int, limit: int = 20) -> list[Deed]:
    """What others did in the reader's name, the newest first; a title is named while the book is still with them."""
    rows = db.all(
        "SELECT d.id, d.actor_id, d.relation, d.what, d.object, COALESCE((SELECT t.title FROM loans l "
        "JOIN titles t ON t.id = l.title_id WHERE d.object = 'loan:' || l.id AND l.reader_id = d.reader_id), '') "
        "AS title, d.at FROM deeds d WHERE d.reader_id = :r ORDER BY d.id DESC LIMIT :n",
        r=reader_id, n=limit,
    )  # fmt: skip
    return [Deed(**{**row, "at": parse_stamp(row["at"])}) for row in rows]
