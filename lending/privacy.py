"""What we hold about a reader, shown whole; and what goes when they ask to be forgotten (A11-5)."""

from __future__ import annotations

from typing import Any

from lending.database import Database, writing
from lending.errors import LendingError, fact

OWN = {  # table → the columns a reader is shown; titles appear because they are the reader's own
    "readers": "number, name, phone, address, language, standing, joined_at",
    "credit_checks": "partner, threshold, consented_at, verdict, answered_at",
    "credit_lines": "event, object, day, delta, rule, version, at",
    "freezes": "starts_at, ends_at, lifted_at",
    "cart_items": "title_id, added_at",
    "orders": "number, state, fulfilment, address, fee_fen, return_fee_fen, placed_at",
    "loans": "title_id, started_at, due_at, renewals, returned_at",
    "holds": "title_id, state, placed_at",
    "cases": "number, kind, object, note, state, opened_at",
    "suggestions": "title, made_at",
    "reviews": "title_id, text, state, at",
}


@fact
class StillBorrowing(LendingError):
    """Books or orders are still open; the record stays until they are settled."""

    loans: int
    orders: int


def everything(db: Database, reader_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about the reader, table by table."""
    return {
        table: db.all(f"SELECT {columns} FROM {table} WHERE {'id' if table == 'readers' else 'reader_id'} = :r", r=reader_id)
        for table, columns in OWN.items()
    }


def forget(db: Database, reader_id: int) -> None:
    """Remove name, phone, address, cart, holds, suggestions and reviews, and cut past loans from the reader.

    The ledger stays as points without titles. Raises StillBorrowing while books or orders are open.
    """
    with writing(db) as db:
        open_loans = db.value("SELECT COUNT(*) FROM loans WHERE reader_id = :r AND returned_at IS NULL", r=reader_id)
        open_orders = db.value(
            "SELECT COUNT(*) FROM orders WHERE reader_id = :r AND state NOT IN ('done', 'cancelled', 'refused')", r=reader_id
        )
        if open_loans or open_orders:
            raise StillBorrowing(open_loans, open_orders)
        nobody = db.value("SELECT id FROM readers WHERE number = 'NOBODY'") or db.value(
            "INSERT INTO readers (number, joined_at) VALUES ('NOBODY', '1970-01-01T00:00:00Z') RETURNING id"
        )
        db.run("UPDATE readers SET name = '', phone = '', address = '', zone = '' WHERE id = :r", r=reader_id)
        db.run("UPDATE holds SET state = 'cancelled' WHERE reader_id = :r AND state IN ('waiting', 'ready')", r=reader_id)
        for table in ("loans", "orders", "holds"):
            db.run(f"UPDATE {table} SET reader_id = :nobody WHERE reader_id = :r", nobody=nobody, r=reader_id)
        db.run("UPDATE orders SET address = '' WHERE reader_id = :nobody", nobody=nobody)
        for table in ("cart_items", "suggestions", "reviews", "notices"):
            db.run(f"DELETE FROM {table} WHERE reader_id = :r", r=reader_id)
