"""Some time after a book came back, nobody can tell any more who had it (A11-5, B2-21): the clearing of each day.

A month is cleared at once, the rows written anew under nobody in the order of titles: neither their numbers nor their
moments lead back to the ledger, which keeps points and no titles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from lending import clearing, door_codes, evidence
from lending.database import Database, writing
from lending.model import library_day, stamp, start_of_day
from lending.policy import Policy

NOBODY = "NOBODY"
MONTH = "SUBSTR({0}, 1, 7) || '-01T00:00:00Z'"  # a day and hour would lead back to the ledger's lines
CHUNK = 500
ENDED_CASE = "k.state IN ('settled', 'found')"

# What must stay although the time is over: an open case, an open objection, a record the bureau still waits for.
LOAN_STAYS = f"""
    EXISTS (SELECT 1 FROM compensations k WHERE k.loan_id = l.id AND (NOT {ENDED_CASE} OR k.changed_at >= :fees))
    OR EXISTS (SELECT 1 FROM appeals a JOIN credit_lines c ON c.id = a.line_id WHERE a.reader_id = l.reader_id
        AND a.state IN ('open', 'proposed') AND (c.object = 'loan:' || l.id OR c.object LIKE 'loan:' || l.id || '@%'))
    OR EXISTS (SELECT 1 FROM rent_records o WHERE o.loan_id = l.id AND o.state = 'open')
"""
ORDER_STAYS = """
    EXISTS (SELECT 1 FROM loans l WHERE l.order_id = o.id AND l.reader_id = o.reader_id)
"""
# Rows whose time is over, as a query for their ids. `:end` is the start of the month that is kept.
OVER = {
    "loans": f"SELECT l.id FROM loans l WHERE l.returned_at < :end AND l.reader_id <> :nobody AND NOT ({LOAN_STAYS})",
    "order_items": "SELECT i.rowid FROM order_items i JOIN orders o ON o.id = i.order_id "
    f"WHERE o.state IN ('done', 'cancelled', 'refused') AND o.changed_at < :end AND NOT ({ORDER_STAYS})",
    "orders": "SELECT o.id FROM orders o WHERE o.state IN ('done', 'cancelled', 'refused') AND o.changed_at < :end "
    f"AND (o.address <> '' OR o.reason <> '') AND NOT ({ORDER_STAYS})",
    "order_events": "SELECT e.id FROM order_events e JOIN orders o ON o.id = e.order_id "
    "WHERE (e.note <> '' OR e.actor LIKE 'proxy:%') "
    f"AND o.state IN ('done', 'cancelled', 'refused') AND o.changed_at < :end AND NOT ({ORDER_STAYS})",
    "door_claims": "SELECT d.id FROM door_claims d JOIN orders o ON o.id = d.order_id "
    f"WHERE o.state IN ('done', 'cancelled', 'refused') AND o.changed_at < :end AND NOT ({ORDER_STAYS})",
    "appointments": "SELECT id FROM appointments WHERE state <> 'booked' AND changed_at < :end",
    "holds": "SELECT id FROM holds WHERE state IN ('filled', 'cancelled', 'expired') AND reader_id <> :nobody "
    "AND COALESCE(ready_until, placed_at) < :end",
    "unfound_askers": "SELECT id FROM unfound_askers WHERE at < :end",
    "home_returns": "SELECT id FROM home_returns WHERE state IN ('done', 'cancelled') AND changed_at < :end",
    "fee_refunds": "SELECT id FROM fee_refunds WHERE state <> 'open' AND settled_at < :fees",
    "transfers": "SELECT id FROM transfers WHERE state NOT IN ('offered', 'accepted') "
    "AND COALESCE(ended_at, expires_at) < :end",
    "drifting": "SELECT d.id FROM drifting d WHERE d.state = 'ended' AND d.since < :end "
    "AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.drifting_id = d.id) "
    "AND NOT EXISTS (SELECT 1 FROM compensations k WHERE k.drifting_id = d.id)",
    "purchases": "SELECT id FROM purchases WHERE state IN ('sent', 'refused', 'cancelled') AND changed_at < :bought "
    "AND reader_id <> :nobody",
    "secret_forms": "SELECT rowid FROM secret_forms WHERE expires_at < :end",
    "proofs": "SELECT id FROM proofs WHERE state NOT IN ('face', 'desk', 'linked') AND changed_at < :end",
    "notices": "SELECT id FROM notices WHERE state <> 'waiting' AND made_at < :end AND facts <> '{}'",
    "mandates": "SELECT id FROM mandates WHERE state NOT IN ('offered', 'accepted', 'active') AND ended_at < :end",
    "deeds": "SELECT id FROM deeds WHERE at < :end",
    "sign_ups": "SELECT s.id FROM sign_ups s JOIN events e ON e.id = s.event_id WHERE e.ends_at < :end",
    "mandate_tries": "SELECT rowid FROM mandate_tries WHERE day < :end",
    "compensations": "SELECT k.id FROM compensations k WHERE "
    f"{ENDED_CASE} AND k.changed_at < :fees AND (k.loan_id IS NOT NULL OR k.drifting_id IS NOT NULL "
    f"OR k.note <> '' OR k.answer <> '') AND (k.owner_due = '' OR EXISTS (SELECT 1 FROM compensation_events e "
    "WHERE e.compensation_id = k.id AND e.step = 'hand_owner'))",
}


def moments(policy: Policy, now: datetime) -> dict[str, str]:
    """Before which moments things must have ended: the start of the months that are still kept.

    Where money is counted by the year (B5 常州), this year's purchases stay until it is over.
    """
    days = {"end": policy.privacy.borrowed_days, "fees": policy.privacy.fee_days}
    first = {name: library_day(now - timedelta(days=n)).replace(day=1) for name, n in days.items()}
    by_year = policy.purchases.a_year_fen is not None
    first["bought"] = min(first["end"], library_day(now).replace(month=1, day=1)) if by_year else first["end"]
    return {name: stamp(start_of_day(day)) for name, day in first.items()}


def over(db: Database, policy: Policy, now: datetime) -> dict[str, int]:
    """How many rows of each table name a reader beside a title longer than they may: all 0 after a clearing."""
    values = moments(policy, now) | {"nobody": _nobody_yet(db)}
    return {table: db.value(f"SELECT COUNT(*) FROM ({query})", **_used(query, values)) for table, query in OVER.items()}


def clear(db: Database, policy: Policy, now: datetime) -> dict[str, int]:
    """Cut what is over, chunk by chunk; returns how many rows of each table. A second time it does nothing."""
    return {table: _clear_table(db, table, moments(policy, now)) for table in CUT}


def clear_daily(db: Database, policy: Policy, now: datetime) -> bool:
    """The first tick of a day clears; what it did is kept for the report. False on all the others."""
    if cleared(db, now):
        return False
    day = library_day(now).isoformat()
    done = {table: n for table, n in clear(db, policy, now).items() if n}
    with writing(db) as db:
        db.run(
            "INSERT INTO clearings (day, facts) VALUES (:day, :facts) ON CONFLICT (day) DO NOTHING",
            day=day, facts=json.dumps(done),
        )  # fmt: skip
    return True


def cleared(db: Database, now: datetime) -> bool:
    """Whether today's clearing is done."""
    return bool(db.value("SELECT 1 FROM clearings WHERE day = :day", day=library_day(now).isoformat()))


def last_clearing(db: Database) -> tuple[str, dict[str, int]] | None:
    """The day of the last clearing, and how many rows of each table it cut."""
    row = db.one("SELECT day, facts FROM clearings ORDER BY day DESC LIMIT 1")
    return (row["day"], json.loads(row["facts"])) if row else None


def nobody(db: Database) -> int:
    """Under whom stands what nobody's name belongs to any more."""
    with writing(db) as db:
        return int(
            _nobody_yet(db)
            or db.value(
                "INSERT INTO readers (number, joined_at) VALUES (:n, '1970-01-01T00:00:00Z') RETURNING id", n=NOBODY
            )
        )


def _nobody_yet(db: Database) -> int:
    return int(db.value("SELECT id FROM readers WHERE number = :n", n=NOBODY) or 0)


def _used(query: str, values: Mapping[str, str | int]) -> dict[str, str | int]:
    return {name: value for name, value in values.items() if f":{name}" in query}


def _clear_table(db: Database, table: str, values: dict[str, str]) -> int:
    query, done = OVER[table], 0
    if table in ("loans", "holds", "purchases"):
        query += " ORDER BY title_id, 1"
    while True:
        with writing(db) as writer:
            known = _used(query, values | {"nobody": _nobody_yet(writer)})
            ids = [next(iter(row.values())) for row in writer.all(f"{query} LIMIT {CHUNK}", **known)]
            if ids:
                CUT[table](writer, ", ".join(map(str, ids)), nobody(writer))  # made when first needed
        done += len(ids)
        if len(ids) < CHUNK:
            return done


# ---- how each is cut -------------------------------------------------------------------------------------------------


def cut_loans(db: Database, ids: str, nobody: int) -> None:
    """Written anew rather than changed: the ledger's "loan:7" must lead nowhere. What the trust ladder counts stays."""
    months = ", ".join(MONTH.format(column) for column in ("started_at", "due_at", "returned_at"))
    on_time = f"FROM loans WHERE id IN ({ids}) AND ended_as IN ('returned', 'transferred') AND returned_at <= due_at"
    db.run(
        f"UPDATE readers SET on_time_before = on_time_before + (SELECT COUNT(*) {on_time} AND reader_id = readers.id) "
        f"WHERE id IN (SELECT reader_id {on_time})"
    )
    db.run(
        "INSERT INTO loans (copy_id, title_id, reader_id, renewals, returned_point_id, ended_as, at_desk, started_at, "
        "due_at, returned_at) SELECT copy_id, title_id, :nobody, renewals, returned_point_id, ended_as, at_desk, "
        f"{months} FROM loans WHERE id IN ({ids}) ORDER BY title_id, copy_id",
        nobody=nobody,
    )
    for proofs in (evidence, door_codes):
        proofs.drop(db, "check", f"SELECT id FROM shelf_checks WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM shelf_checks WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM home_return_items WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM rent_records WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM loan_exports WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM moved_dates WHERE kind = 'loan' AND object_id IN ({ids})")
    db.run(f"UPDATE compensations SET loan_id = NULL WHERE loan_id IN ({ids})")
    db.run(f"DELETE FROM loans WHERE id IN ({ids})")


def _cut_order_items(db: Database, ids: str, nobody: int) -> None:
    clearing.list_singly(db, f"i.rowid IN ({ids})")
    db.run(f"DELETE FROM order_items WHERE rowid IN ({ids})")


def _cut_orders(db: Database, ids: str, nobody: int) -> None:
    db.run(f"UPDATE orders SET address = '', reason = '' WHERE id IN ({ids})")


def _cut_order_events(db: Database, ids: str, nobody: int) -> None:
    acted = "CASE WHEN actor LIKE 'proxy:%' THEN 'proxy' ELSE actor END"
    db.run(f"UPDATE order_events SET note = '', actor = {acted} WHERE id IN ({ids})")


def _cut_door_claims(db: Database, ids: str, nobody: int) -> None:
    for proofs in (evidence, door_codes):
        proofs.drop(db, "door", ids)
    db.run(f"DELETE FROM door_claims WHERE id IN ({ids})")


def _cut_appointments(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM appointments WHERE id IN ({ids})")


def _cut_holds(db: Database, ids: str, nobody: int) -> None:
    db.run(
        f"INSERT INTO holds (reader_id, title_id, state, placed_at) SELECT :nobody, title_id, state, "
        f"{MONTH.format('placed_at')} FROM holds WHERE id IN ({ids}) ORDER BY title_id",
        nobody=nobody,
    )
    db.run(f"DELETE FROM holds WHERE id IN ({ids})")


def _cut_unfound_askers(db: Database, ids: str, nobody: int) -> None:
    """Nobody went to look for so long: the task stays, who asked does not."""
    db.run(f"DELETE FROM unfound_askers WHERE id IN ({ids})")


def _cut_home_returns(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM home_return_items WHERE home_return_id IN ({ids})")
    db.run(f"DELETE FROM home_returns WHERE id IN ({ids})")


def _cut_fee_refunds(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM fee_refunds WHERE id IN ({ids})")


def _cut_transfers(db: Database, ids: str, nobody: int) -> None:
    evidence.drop(db, "transfer", ids)
    db.run(f"DELETE FROM transfers WHERE id IN ({ids})")


def _cut_drifting(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM drifting WHERE id IN ({ids})")


def _cut_purchases(db: Database, ids: str, nobody: int) -> None:
    """Under other ids and numbers: neither leads from the reader's notices to the book."""
    months = ", ".join(f"{MONTH.format(name)} AS {name}" for name in ("placed_at", "changed_at"))
    kept = db.all(
        f"SELECT shop_book_id, state, price_fen, month, title_id, {months} FROM purchases WHERE id IN ({ids}) "
        "ORDER BY shop_book_id"
    )
    last = db.value("SELECT MAX(id) FROM purchases")
    db.run(f"DELETE FROM purchases WHERE id IN ({ids})")
    for number, row in enumerate(kept, last + 1):
        db.run(
            "INSERT INTO purchases (id, number, reader_id, shop_book_id, request_key, state, price_fen, month, "
            "address, title_id, placed_at, changed_at) VALUES (:id, :n, :r, :shop_book_id, :n, :state, :price_fen, "
            ":month, '', :title_id, :placed_at, :changed_at)",
            id=number, n=f"cleared:{number}", r=nobody, **row,
        )  # fmt: skip


def _cut_secret_forms(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM secret_forms WHERE rowid IN ({ids})")


def _cut_proofs(db: Database, ids: str, nobody: int) -> None:
    """What stands for a card that still opens the account stays with it."""
    db.run(f"DELETE FROM proofs WHERE id IN ({ids})")


def _cut_notices(db: Database, ids: str, nobody: int) -> None:
    """That it was told stays, so that it is not told again; what was told goes."""
    db.run(f"UPDATE notices SET facts = '{{}}' WHERE id IN ({ids})")


def _cut_mandates(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM mandates WHERE id IN ({ids})")


def _cut_deeds(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM deeds WHERE id IN ({ids})")


def _cut_sign_ups(db: Database, ids: str, nobody: int) -> None:
    """How many came stays with the event."""
    db.run(f"DELETE FROM sign_ups WHERE id IN ({ids})")


def _cut_mandate_tries(db: Database, ids: str, nobody: int) -> None:
    db.run(f"DELETE FROM mandate_tries WHERE rowid IN ({ids})")


def _cut_compensations(db: Database, ids: str, nobody: int) -> None:
    evidence.drop(db, "case", ids)
    db.run(f"UPDATE compensation_events SET note = '' WHERE compensation_id IN ({ids})")
    db.run(f"UPDATE compensations SET loan_id = NULL, drifting_id = NULL, note = '', answer = '' WHERE id IN ({ids})")


CUT: dict[str, Callable[[Database, str, int], None]] = {  # in this order: what stands behind comes first
    "compensations": _cut_compensations,
    "home_returns": _cut_home_returns,
    "loans": cut_loans,
    "order_items": _cut_order_items,
    "orders": _cut_orders,
    "order_events": _cut_order_events,
    "door_claims": _cut_door_claims,
    "appointments": _cut_appointments,
    "holds": _cut_holds,
    "unfound_askers": _cut_unfound_askers,
    "fee_refunds": _cut_fee_refunds,
    "transfers": _cut_transfers,
    "drifting": _cut_drifting,
    "purchases": _cut_purchases,
    "secret_forms": _cut_secret_forms,
    "proofs": _cut_proofs,
    "notices": _cut_notices,
    "mandates": _cut_mandates,
    "deeds": _cut_deeds,
    "sign_ups": _cut_sign_ups,
    "mandate_tries": _cut_mandate_tries,
}
