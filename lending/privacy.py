"""What we hold about a reader, shown whole; and what goes when they ask to be forgotten (A11-5)."""

from __future__ import annotations

from typing import Any

from lending import (
    appeal_records,
    appointments,
    claims,
    clearing,
    closings,
    deeds,
    door_claims,
    door_codes,
    draws,
    drives,
    evidence,
    home_returns,
    mandates,
    retention,
    sealed,
    sign_ups,
    special_readers,
)
from lending.database import Database, writing
from lending.errors import LendingError, UnknownThing, fact
from lending.retention import MONTH

OWN = {  # table → the columns a reader is shown; titles appear because they are the reader's own
    "readers": "number, name, called, phone, address, zone, language, point_id, city, standing, remind_days, "
    "reminders_on, guess_for, news_on, plain, on_time_before, joined_at",
    "credit_checks": "partner, threshold, consented_at, verdict, answered_at, withdrawn_at",
    "outside_calls": "partner, kind, state, tries, made_at",
    "rent_consents": "given_at",
    "rent_records": "state, told_due, checked_at",
    "credit_lines": "event, object, day, delta, rule, version, evidence, at",
    "cards": "kind, tail, made_at, blocked_at",
    "proofs": "kind, tail, way, state, reference, decided_by, made_at, changed_at",
    "secret_forms": "kind, tries, made_at, expires_at, ended_at, ended_as",
    "freezes": "starts_at, ends_at, balance, lifted_at",
    "cart_items": "title_id, added_at",
    "shelf_items": "title_id, added_at",
    "orders": "number, state, fulfilment, point_id, address, fee_fen, lost_fen, return_fee_fen, covered_fen, funder, "
    "free_fen, free_day, free_funder, reason, placed_at, changed_at, extended_at, arrived_at",
    "order_items": "order_id, title_id, copy_id, open",
    "order_events": "order_id, state, actor, note, at",
    "appointments": "order_id, point_id, starts_at, ends_at, state, booked_at, changed_at",
    "order_additions": "order_id, books, fee_fen, free_fen, free_day, added_at",
    "parcels": "order_id, courier, tracking, state, changed_at",
    "parcel_events": "parcel_id, state, place, at",
    "broken_promises": "order_id, promise, promised_at, noticed_at, points, waived_fen",
    "loans": "title_id, started_at, due_at, special_days, renewals, returned_at, ended_as",
    "loan_exports": "loan_id, at",
    "shelf_checks": "loan_id, said, state, opened_at, settled_at",
    "home_returns": "state, address, fee_fen, lost_fen, asked_at, changed_at",
    "home_return_items": "home_return_id, loan_id, open",
    "fee_refunds": "object, fen, state, made_at, settled_at",
    "moved_dates": "kind, before_at, after_at, moved_back",
    "moved_promises": "order_id, promise, before_at, after_at, moved_back",
    "unfound_askers": "title_id, point_id, at",
    "holds": "title_id, state, placed_at, ready_at, ready_until, point_id, rests_until, extended_at",
    "transfers": "title_id, state, made_at, ended_at",
    "drifting": "title_id, terms, state, hops, since, made_at",
    "purchases": "number, state, price_fen, address, reason, title_id, placed_at, changed_at, lost_at",
    "notices": "event, object, step, facts, due_at, state",
    "appeals": "number, line_id, state, note, answer, opened_at, changed_at",
    "compensations": "number, loan_id, kind, state, note, answer, points, amount_fen, paid_fen, opened_at, changed_at",
    "appeal_events": "appeal_id, step, state, actor, note, at",
    "compensation_events": "compensation_id, step, state, actor, note, at",
    "door_claims": "order_id, said, state, opened_at",
    "door_codes": "about, point_id, at",
    "evidence_photos": "about, kind, at",
    "drives": "round, round_at, state, delivered, taken_at, changed_at",
    "draw_entries": "day, ticket, lots, state, granted_fen, valid_until",
    "special_readers": "since",
    "looks": "who, what, why, at",
    "calendar_links": "made_at",
    "mandate_tries": "day, tries",
    "mandates": "kind, relation, scopes, state, made_at, expires_at, ended_at",
    "deeds": "relation, what, object, at",
    "minors": "until",
    "minor_consents": "what, given_at, withdrawn_at",
    "sign_ups": "event_id, people, state, placed_at, changed_at, moved_up_at",
    "suggestions": "title, made_at",
    "subscriptions": "kind, name, told_on, made_at",
    "reviews": "title_id, text, state, reason, edits, at",
}
THROUGH_ORDERS = (
    "order_items", "order_events", "order_additions", "moved_promises", "broken_promises", "parcels", "door_claims",
    "appointments",
)  # fmt: skip
THROUGH = {  # whose they are is said by what they belong to
    **dict.fromkeys(THROUGH_ORDERS, ("order_id", "orders")),
    "parcel_events": ("parcel_id", "parcels"), "shelf_checks": ("loan_id", "loans"),
    "loan_exports": ("loan_id", "loans"),
    "home_return_items": ("home_return_id", "home_returns"),
    "appeal_events": ("appeal_id", "appeals"), "compensation_events": ("compensation_id", "compensations"),
}  # fmt: skip
OF_TWO = {  # whoever of the two it is
    "transfers": ("giver_id", "receiver_id"), "drifting": ("owner_id", "holder_id"),
    "mandates": ("grantor_id", "proxy_id"), "deeds": ("reader_id", "actor_id"),
    "minor_consents": ("reader_id", "guardian_id"),
}  # fmt: skip
# What opens an account, here or with a partner.
KEYS = ("cards", "proofs", "secret_forms", "outside_calls", "rent_consents", "calendar_links")


@fact
class StillBorrowing(LendingError):
    """Books or orders are still open; the record stays until they are settled.

    A case to be paid counts as its book. `child` names whose they are where it is a child who goes with the guardian.
    """

    loans: int
    orders: int
    child: str = ""


def everything(db: Database, reader_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about the reader, table by table."""
    return {table: _held(db, table, reader_id) for table in OWN}


def _held(db: Database, table: str, reader_id: int) -> list[dict[str, Any]]:
    columns = sealed.opened(table, OWN[table].split(", "))
    return db.all(f"SELECT {columns} FROM {table} WHERE {_mine(table)}", r=reader_id)


def _mine(table: str) -> str:
    if table in THROUGH:
        column, owner = THROUGH[table]
        return f"{column} IN (SELECT id FROM {owner} WHERE {_mine(owner)})"
    if table in OF_TWO:
        return " OR ".join(f"{column} = :r" for column in OF_TWO[table])
    return "id = :r" if table == "readers" else "reader_id = :r"


def forget(db: Database, reader_id: int) -> None:
    """Remove name, phone, address, cart, holds, suggestions, reviews and notices; cut past loans from the reader.

    Loans stay for the statistics, under nobody, by the month and with new ids; orders stay without titles or address;
    the ledger stays as points without titles. Raises StillBorrowing while books or orders are open, UnknownThing.
    """
    with writing(db) as db:
        refuse_while_borrowing(db, reader_id)
        for part in (evidence, door_codes, home_returns, claims, door_claims, closings):
            part.forget(db, reader_id)
        _cut_loans(db, reader_id)
        _strip_orders(db, reader_id)
        _leave_queues(db, reader_id)
        draws.forget(db, reader_id)
        special_readers.forget(db, reader_id)
        drives.forget(db, reader_id)
        mandates.forget(db, reader_id)
        deeds.forget(db, reader_id)
        sign_ups.forget(db, reader_id)
        appointments.forget(db, reader_id)
        _leave_other_readers(db, reader_id)
        for table in (*KEYS, "cart_items", "shelf_items", "suggestions", "reviews", "notices", "holds", "looks",
                      "subscriptions", "unfound_askers", "fee_refunds"):
            db.run(f"DELETE FROM {table} WHERE reader_id = :r", r=reader_id)
        appeal_records.forget(db, reader_id)
        _close_cases(db, reader_id)
        db.run("UPDATE credit_checks SET reference = '' WHERE reader_id = :r", r=reader_id)
        db.run(
            "UPDATE readers SET name = '', called = '', phone = '', phone_tail = '', address = '', zone = '', "
            "point_id = NULL, city = NULL, remind_days = NULL, "
            "reminders_on = 1, guess_for = 0, news_on = 1, plain = 0 WHERE id = :r",
            r=reader_id,
        )


def refuse_while_borrowing(db: Database, reader_id: int) -> None:
    """Raises StillBorrowing while books or orders are open."""
    if not db.value("SELECT 1 FROM readers WHERE id = :r", r=reader_id):
        raise UnknownThing("reader", str(reader_id))
    loans = db.value(
        "SELECT (SELECT COUNT(*) FROM loans WHERE reader_id = :r AND returned_at IS NULL) + "
        "(SELECT COUNT(*) FROM drifting WHERE holder_id = :r AND owner_id <> :r AND state <> 'ended') + "
        "(SELECT COUNT(*) FROM compensations WHERE reader_id = :r AND (state IN ('assessed', 'replacing', 'paying') "
        "OR (state = 'reported' AND drifting_id IS NOT NULL)))",
        r=reader_id,
    )
    orders = db.value(
        "SELECT (SELECT COUNT(*) FROM orders WHERE reader_id = :r AND state NOT IN ('done', 'cancelled', 'refused')) "
        "+ (SELECT COUNT(*) FROM purchases WHERE reader_id = :r AND state IN ('asked', 'approved'))",
        r=reader_id,
    )
    if loans or orders:
        raise StillBorrowing(loans, orders)


def _close_cases(db: Database, reader_id: int) -> None:
    """That there was a case stays, without words or the way to the book."""
    mine = "compensation_id IN (SELECT id FROM compensations WHERE reader_id = :r)"
    db.run(f"UPDATE compensation_events SET note = '' WHERE {mine}", r=reader_id)
    db.run(  # what another reader still gets for a lost book stays, under nobody
        "UPDATE compensations SET note = '', answer = '', reader_id = :nobody WHERE reader_id = :r AND owner_due <> '' "
        "AND NOT EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = compensations.id "
        "AND e.step = 'hand_owner')",
        r=reader_id, nobody=retention.nobody(db),
    )  # fmt: skip
    db.run(
        "UPDATE compensations SET note = '', answer = '', loan_id = NULL, drifting_id = NULL, paid_fen = "
        # a price that was never fetched is given up
        "CASE WHEN state = 'found' AND NOT EXISTS (SELECT 1 FROM compensation_events e WHERE e.compensation_id = "
        "compensations.id AND e.step = 'refund') AND EXISTS (SELECT 1 FROM compensation_events e WHERE "
        "e.compensation_id = compensations.id AND e.step = 'take_money') THEN amount_fen ELSE paid_fen END, "
        "state = CASE state WHEN 'found' THEN state ELSE 'settled' END WHERE reader_id = :r",
        r=reader_id,
    )


def _cut_loans(db: Database, reader_id: int) -> None:
    ids = [str(row["id"]) for row in db.all("SELECT id FROM loans WHERE reader_id = :r", r=reader_id)]
    if ids:
        retention.cut_loans(db, ", ".join(ids), retention.nobody(db))


def _strip_orders(db: Database, reader_id: int) -> None:
    mine = _mine("order_items")
    clearing.list_singly(db, f"i.{mine}", r=reader_id)
    db.run(f"DELETE FROM order_items WHERE {mine}", r=reader_id)
    db.run(f"UPDATE order_events SET note = '' WHERE {mine}", r=reader_id)
    db.run(f"UPDATE order_additions SET request_key = 'forgotten:' || id WHERE {mine}", r=reader_id)
    db.run(
        "UPDATE orders SET address = '', zone = '', reason = '', request_key = 'forgotten:' || id WHERE reader_id = :r",
        r=reader_id,
    )


def _leave_queues(db: Database, reader_id: int) -> None:
    """A copy kept for the reader is free again; the next tick keeps it for whoever waits."""
    db.run(
        "UPDATE copies SET state = 'available', hold_id = NULL, "
        "aside = CASE WHEN to_fetch = 1 THEN aside ELSE 'hold_shelf' END "
        "WHERE state = 'reserved' AND hold_id IN (SELECT id FROM holds WHERE reader_id = :r AND state = 'ready')",
        r=reader_id,
    )


def _leave_other_readers(db: Database, reader_id: int) -> None:
    """Who handed what to whom goes; a book of the reader's own stays with whoever reads it now, as theirs."""
    db.run("DELETE FROM transfers WHERE giver_id = :r OR receiver_id = :r", r=reader_id)
    db.run("DELETE FROM transfers WHERE drifting_id IN (SELECT id FROM drifting WHERE holder_id = :r)", r=reader_id)
    db.run(
        "UPDATE drifting SET owner_id = holder_id, state = 'home' WHERE owner_id = :r AND holder_id <> :r "
        "AND state <> 'ended'",
        r=reader_id,
    )
    db.run("UPDATE drifting SET holder_id = owner_id WHERE holder_id = :r AND state = 'ended'", r=reader_id)
    db.run(
        "UPDATE compensations SET drifting_id = NULL, owner_due = '' WHERE drifting_id IN "
        "(SELECT id FROM drifting WHERE owner_id = :r OR holder_id = :r)",
        r=reader_id,
    )
    db.run("DELETE FROM transfers WHERE drifting_id IN (SELECT id FROM drifting WHERE owner_id = :r)", r=reader_id)
    db.run("DELETE FROM drifting WHERE owner_id = :r OR holder_id = :r", r=reader_id)
    months = ", ".join(f"{column} = {MONTH.format(column)}" for column in ("placed_at", "changed_at"))
    lost = f"lost_at = CASE lost_at WHEN '' THEN '' ELSE {MONTH.format('lost_at')} END"
    db.run(
        f"UPDATE purchases SET reader_id = :nobody, address = '', reason = '', request_key = 'forgotten:' || id, "
        f"{months}, {lost} WHERE reader_id = :r",
        nobody=retention.nobody(db), r=reader_id,
    )  # fmt: skip
