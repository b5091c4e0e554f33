"""Which columns stand sealed in the store, whether any is not, and how all are sealed anew after the key was turned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lending.database import Database, Store, writing
from lending.vault import KeyLost

Columns = Mapping[str, tuple[str, ...]]

COLUMNS: Columns = {
    "readers": ("name", "phone", "address", "called"),
    "orders": ("address", "reason"),
    "order_events": ("note",),
    "purchases": ("address", "reason"),
    "home_returns": ("address",),
    "appeals": ("note", "answer"),
    "appeal_events": ("note",),
    "compensations": ("note", "answer"),
    "compensation_events": ("note",),
    "door_claims": ("said",),
    "credit_lines": ("evidence",),
}
HASHED: Columns = {"readers": ("phone_tail = keyed(SUBSTR(unseal(phone), -4))",)}  # made anew with each new key
CHUNK = 500  # rows in one turn, so that nobody waits for them


@dataclass(frozen=True, slots=True)
class State:
    """How many values are sealed with the newest key, with older ones, and not at all."""

    newest: int
    older: int
    clear: int


def opened(table: str, columns: Iterable[str]) -> str:
    """These columns for a SELECT, what is sealed among them opened."""
    sealed = COLUMNS.get(table, ())
    return ", ".join(f"unseal({name}) AS {name}" if name in sealed else name for name in columns)


def state(db: Database, columns: Columns) -> State:
    """Counts over these columns of all rows."""
    newest, *older = db.store.vault.marks()
    total = [0, 0, 0]
    for table, name in _each(columns):
        old = " OR ".join(f"SUBSTR({name}, 1, 10) = '{mark}'" for mark in older) or "0"
        row = db.one(
            f"SELECT COUNT(*) AS total, COALESCE(SUM(SUBSTR({name}, 1, 10) = :newest), 0) AS newest, "
            f"COALESCE(SUM({old}), 0) AS older FROM {table} WHERE {name} <> ''",
            newest=newest,
        )  # fmt: skip
        assert row is not None
        for at, n in enumerate((row["newest"], row["older"], row["total"] - row["newest"] - row["older"])):
            total[at] += n
    return State(*total)


def seal_anew(store: Store, columns: Columns, hashed: Columns = HASHED) -> int:
    """Seal with the newest key whatever is not, and make its hashes anew; returns how many rows.

    Stopped half-way, the next call goes on.
    """
    done = 0
    for table, names in columns.items():
        stale = " OR ".join(f"({name} <> '' AND SUBSTR({name}, 1, 10) <> :newest)" for name in names)
        anew = ", ".join([*(f"{name} = seal(unseal({name}))" for name in names), *hashed.get(table, ())])
        newest = store.vault.marks()[0]
        while True:
            with writing(store.db) as db:
                rows = f"SELECT rowid FROM {table} WHERE {stale} LIMIT {CHUNK}"
                changed = db.run(f"UPDATE {table} SET {anew} WHERE rowid IN ({rows})", newest=newest)
            done += changed
            if changed < CHUNK:
                break
    return done


def check(store: Store, columns: Columns) -> None:
    """Can what is kept be opened? Raises KeyLost: to be asked before anything is written, which may make a first key.

    Looks no further than the first of these columns that holds anything sealed.
    """
    sample = next((found for table, name in _each(columns) if (found := _newest(store.db, table, name))), None)
    try:
        if sample and not store.vault.path.exists():
            raise KeyLost(f"{store.vault.path}: missing; put back the key file that belongs to this data")
        store.vault.unseal(sample)
    except KeyLost as error:
        raise KeyLost(f"{error}; without it nobody's address can be read") from error


def _newest(db: Database, table: str, name: str) -> str | None:
    """What was sealed last there; the tables may be those of an earlier version."""
    if name not in db[table].columns_dict:
        return None
    is_sealed = f"{name} LIKE '~________.%'"
    found: str | None = db.value(f"SELECT {name} FROM {table} WHERE {is_sealed} ORDER BY rowid DESC LIMIT 1")
    return found


def _each(columns: Columns) -> list[tuple[str, str]]:
    return [(table, name) for table, names in columns.items() for name in names]
