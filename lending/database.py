"""The one door to the store: a reading connection per thread, and `writing()`, behind which callers share a commit."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils

from lending.errors import StoreUnwritable

BATCH = 64
CHECKPOINT_PAGES = 10_000  # the default of 1,000 quintuples p99 (measured)
BUSY_MS = 15_000

Row = dict[str, Any]


class Database(sqlite_utils.Database):
    """A connection with short ways to ask. Rows are dicts; parameters are named."""

    def __init__(self, connection: sqlite3.Connection, store: Store, writes: bool) -> None:
        super().__init__(connection)
        self.store = store
        self.writes = writes

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a statement; for `… RETURNING` the change is done when this returns."""
        cursor = self.conn.execute(sql, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = self.all(sql, **values)
        return rows[0] if rows else None

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.conn.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def run(self, sql: str, **values: Any) -> int:
        """Do a change; returns how many rows it touched."""
        return self.conn.execute(sql, values).rowcount


class Store:
    """A library's database file. Threads read side by side; writers take turns and share commits."""

    def __init__(self, path: Path, synchronous: str = "FULL") -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._synchronous = synchronous
        self._local = threading.local()
        self._writer = self._open(writes=True)
        self._door = _Door(self._writer)

    def _open(self, writes: bool) -> Database:
        try:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            if writes:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA foreign_keys = ON")
            if not writes:
                connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            raise StoreUnwritable(str(error)) from error
        return Database(connection, self, writes)

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._open(writes=False)
        return found

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """This caller's turn to write. What is done inside commits together, or not at all."""
        with self._door.turn() as db:
            yield db

    def close(self) -> None:
        """Fold the log back into the file and let go of the writing connection."""
        self._writer.conn.close()


@contextmanager
def writing(db: Database) -> Iterator[Database]:
    """The only way to write: a turn when outermost, a savepoint when already inside one.

    Raises StoreUnwritable when the disk refuses; nothing of the turn is kept then.
    """
    if not db.writes:
        with db.store.writing() as writer:
            yield writer
        return
    db.conn.execute("SAVEPOINT inner_step")
    try:
        yield db
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK TO inner_step")
            db.conn.execute("RELEASE inner_step")
        raise
    db.conn.execute("RELEASE inner_step")


class _Batch:
    """Callers whose changes will be made durable by one commit."""

    def __init__(self) -> None:
        self.members = 0
        self.done = threading.Event()
        self.error: BaseException | None = None


class _Door:
    """First come, first served; whoever finds nobody waiting commits for all since the last commit.

    Each caller is answered only after the commit that holds its change, so a crash loses nothing acknowledged.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._busy = False
        self._batch: _Batch | None = None

    @contextmanager
    def turn(self) -> Iterator[Database]:
        self._enter()
        try:
            batch = self._begin()
            try:
                yield self._db
                self._keep(batch)
            except BaseException as error:
                self._undo(batch)
                if isinstance(error, sqlite3.Error) and _refused_by_disk(error):
                    raise StoreUnwritable(str(error)) from error
                raise
        finally:
            self._leave()
        batch.done.wait()
        if batch.error is not None:
            raise _as_store_error(batch.error)

    def _enter(self) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        ticket.acquire()

    def _begin(self) -> _Batch:
        if self._batch is None:
            try:
                self._db.conn.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise _as_store_error(error) from error
            self._batch = _Batch()
        else:
            self._db.conn.execute("SAVEPOINT turn")
        return self._batch

    def _undo(self, batch: _Batch) -> None:
        conn = self._db.conn
        if not conn.in_transaction:  # the error itself ended the transaction: nothing of the batch is left
            batch.error = StoreUnwritable("the transaction was rolled back")
            self._finish(batch)
        elif batch.members:
            conn.execute("ROLLBACK TO turn")
            conn.execute("RELEASE turn")
        else:
            conn.execute("ROLLBACK")
            self._finish(batch)

    def _keep(self, batch: _Batch) -> None:
        if batch.members:
            self._db.conn.execute("RELEASE turn")
        batch.members += 1

    def _leave(self) -> None:
        """Commit unless someone is waiting to join, then hand the turn on."""
        batch = self._batch
        with self._guard:
            more = bool(self._waiting)
        if batch is not None and (not more or batch.members >= BATCH):
            self._commit(batch)
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._busy = False

    def _commit(self, batch: _Batch) -> None:
        try:
            self._db.conn.execute("COMMIT")
        except BaseException as error:
            batch.error = error
            if self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")
        self._finish(batch)

    def _finish(self, batch: _Batch) -> None:
        self._batch = None
        batch.done.set()


DISK_ERRORS = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
}  # fmt: skip


def _refused_by_disk(error: sqlite3.Error) -> bool:
    """Is it the file that refuses (full, read-only, locked), rather than a wrong statement?"""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DISK_ERRORS


def _as_store_error(error: BaseException) -> StoreUnwritable:
    return error if isinstance(error, StoreUnwritable) else StoreUnwritable(str(error))
