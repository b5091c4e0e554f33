"""Numbers that have left the house: once a copy of the data from before is put back, they are not given out again.

Exports, Alipay and couriers know a loan or an order by its number, readers and bookshops what they were answered under;
those from after the copy would be taken for ours. A day in a number does not tell two of the same day apart.
"""

from __future__ import annotations

from lending.database import Database, writing

AHEAD = {  # more than anybody gives out between a copy and the day it is put back
    "loans": 100_000, "orders": 10_000, "compensations": 1_000, "appeals": 1_000, "escalations": 1_000,
    "purchases": 1_000,
}  # fmt: skip


def following(table: str) -> str:
    """SQL: the number after the last, or the first after those that were passed over."""
    return (
        f"MAX(COALESCE((SELECT MAX(id) FROM {table}), 0) + 1, "
        f"COALESCE((SELECT value FROM counters WHERE name = 'first_of_{table}'), 1))"
    )


def pass_over(db: Database) -> dict[str, int]:
    """Leave out those that may have been given since the copy was made. Returns which are next; again, the same."""
    with writing(db) as db:
        for table, ahead in AHEAD.items():
            db.run(
                f"INSERT INTO counters (name, value) SELECT :name, COALESCE(MAX(id), 0) + 1 + :ahead FROM {table} "
                "WHERE true ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value)",
                name=f"first_of_{table}", ahead=ahead,
            )  # fmt: skip
        return {table: db.value(f"SELECT {following(table)}") for table in AHEAD}
