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
    "evidence_photos": ("lock",),  # the key of each picture (envelopes.py)
    "subscriptions": ("key", "name"),
    "calendar_links": ("token",),
}
HASHED: Columns = {  # made anew with each new key
    "readers": ("phone_tail = keyed(SUBSTR(unseal(phone), -4))",),
    "subscriptions": ("mark = keyed(unseal(key))",),
}
CHUNK = 500  # rows in one turn, so that nobody waits for them
LAST_ROWS = 50  # of each table, that a start looks at


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

    A row that cannot be opened stays as it is. Stopped half-way, the next call goes on.
    """
    done = 0
    for table, names in columns.items():
        stale = " OR ".join(f"({name} <> '' AND SUBSTR({name}, 1, 10) <> :newest)" for name in names)
        anew = ", ".join([*(f"{name} = seal(unseal({name}))" for name in names), *hashed.get(table, ())])
        newest = store.vault.marks()[0]
        while True:
            with writing(store.db) as db:
                rows = f"SELECT rowid FROM {table} WHERE ({stale}) AND NOT ({_damaged(names)}) LIMIT {CHUNK}"
                changed = db.run(f"UPDATE {table} SET {anew} WHERE rowid IN ({rows})", newest=newest)
            done += changed
            if changed < CHUNK:
                break
    return done


def half_turned(db: Database, columns: Columns) -> bool:
    """Whether the key was turned and not all that can be opened is sealed with it yet."""
    old = [f"SUBSTR({{name}}, 1, 10) = '{mark}'" for mark in db.store.vault.marks()[1:]]
    return bool(old) and any(
        db.value(
            f"SELECT 1 FROM {table} WHERE ({' OR '.join(part.format(name=name) for name in names for part in old)}) "
            f"AND NOT ({_damaged(names)}) LIMIT 1"
        )
        for table, names in columns.items()
    )  # fmt: skip


def damaged(db: Database, columns: Columns) -> list[tuple[str, int]]:
    """Table and row number of each row in which something can be opened by no key."""
    return [
        (table, row["id"])
        for table, names in columns.items()
        for row in db.all(f"SELECT rowid AS id FROM {table} WHERE {_damaged(names)} ORDER BY rowid")
    ]


def marks_used(db: Database, columns: Columns) -> set[str]:
    """What the texts in these columns begin with: the marks of the keys that are still needed."""
    return {
        row["mark"]
        for table, name in _each(columns)
        for row in db.all(f"SELECT DISTINCT SUBSTR({name}, 1, 10) AS mark FROM {table} WHERE {name} <> ''")
    }


def check(store: Store, columns: Columns) -> None:
    """Can what was written last be opened? Raises KeyLost.

    To be asked before anything is written, which may make a first key. One damaged text stops nobody: a key is missed
    where several need it, or nothing can be opened.
    """
    samples = [text for table, name in _each(columns) for text in _newest(store.db, table, name)]
    try:
        if samples and not store.vault.path.exists():
            raise KeyLost(f"{store.vault.path}: missing; put back the key file that belongs to this data")
        marks = store.vault.marks() if samples else ()
        lost = [text for text in samples if not text.startswith(marks)]
        if len(lost) > 1 or len(lost) == len(samples):
            for text in lost:
                store.vault.unseal(text)
    except KeyLost as error:
        raise KeyLost(f"{error}; without it nobody's address can be read") from error


def _newest(db: Database, table: str, name: str) -> list[str]:
    """What was sealed there in the last rows; the tables may be those of an earlier version."""
    if name not in db[table].columns_dict:
        return []
    last = f"SELECT {name} AS text FROM {table} ORDER BY rowid DESC LIMIT {LAST_ROWS}"
    return [row["text"] for row in db.all(f"SELECT text FROM ({last}) AS m WHERE text LIKE '~________.%'")]


def _damaged(names: Iterable[str]) -> str:
    """Of a row: a text that is there and cannot be opened."""
    return " OR ".join(f"(COALESCE({name}, '') <> '' AND legible({name}) = '')" for name in names)


def _each(columns: Columns) -> list[tuple[str, str]]:
    return [(table, name) for table, names in columns.items() for name in names]
