"""Smart lockers that do not exist: filled with books, opened by a code, and any of them takes a book back (A9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lending import catalogue, loans, locker_reports, lockers, orders
from lending.database import Database, Row, writing
from lending.errors import UnknownThing
from lending.model import OrderState
from lending.policy import Policy
from partners.courier_simulator import moment
from partners.moving import move

ACTOR = "simulator"
Answer = dict[str, Any]


def log(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> Answer:
    """One numbered line of a locker's own log, perhaps old, perhaps sent before (D-13).

    {"locker": code, "run": 0 …, higher for each machine that counts anew, "seq": 1 …, "event": one of
    lending.locker_reports.EVENTS, "at": ISO time, "order", "code", "barcode", "box" as the event needs}. The answer
    names the lines still missing, and what the locker must know to open without us.
    Raises KeyError, ValueError for another form, UnknownThing for a locker.
    """
    facts: Answer = {name: str(event[name]) for name in ("order", "code", "barcode", "box") if name in event}
    seq = event["seq"]
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 < seq < 2**53:
        raise ValueError("seq is a whole number from 1")
    run = event.get("run", 0)
    if not isinstance(run, int) or isinstance(run, bool) or not 0 <= run < 2**53:
        raise ValueError("run is a whole number from 0")
    at, locker = moment(event["at"]) if "at" in event else now, str(event["locker"])
    heard = locker_reports.hear(db, locker, seq, str(event["event"]), facts, at, policy, now, run)
    opens = lockers.opens_for(db, catalogue.point_by_code(db, locker).id)
    return {"result": "already" if heard.again else heard.state, "missing": heard.missing, "opens": opens}


def report(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    """What a locker asks while it is connected; False when told before. Raises KeyError for an event of another form.

    {"event": "loaded", "order": number} · {"event": "opened", "code": pickup code, "order": number} ·
    {"event": "returned", "barcode": …, "locker": code of the locker}. Raises UnknownThing, CannotChange.
    """
    return EVENTS[event["event"]](db, event, policy, now)


def _loaded(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    return move(db, str(event["order"]), "load", ACTOR, policy, now)


def _opened(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    code, number = str(event["code"]).strip(), str(event.get("order", ""))
    with writing(db) as db:
        try:
            orders.collect_with_code(db, code, policy, now)
        except UnknownThing:
            if not number or orders.by_number(db, number).state is not OrderState.DONE:
                raise
            return False  # a code is forgotten once used, so a repeat is known by its order
    return True


def _returned(db: Database, event: dict[str, Any], policy: Policy, now: datetime) -> bool:
    locker = catalogue.point_by_code(db, str(event["locker"]))
    return loans.check_in(db, str(event["barcode"]), locker.id, policy, now).loan_id is not None


EVENTS = {"loaded": _loaded, "opened": _opened, "returned": _returned}


def boxes(db: Database) -> list[Row]:
    """Every box: point_id, label, state, the order in it and its code; `use` is 1 unless it is free."""
    return db.all(
        "SELECT b.point_id, b.label, b.state, b.state <> 'free' AS use, o.number, o.pickup_code AS code FROM boxes b "
        "LEFT JOIN orders o ON o.id = b.order_id ORDER BY b.point_id, b.label"
    )
