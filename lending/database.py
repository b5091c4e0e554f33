"""The store: a reading connection per thread, and `writing()`, a turn at the one door (door.py)."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from threading import get_ident
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlite_utils

from lending.door import Door
from lending.errors import StoreOutgrown, StoreUnwritable
from lending.vault import Vault

CHECKPOINT_PAGES = 10_000  # the default of 1,000 quintuples p99 (measured)
LOG_PAGES = CHECKPOINT_PAGES + 1_000  # 500 of them stay in the cache; the last turn before a checkpoint may be long
ROOM_LEFT = 3  # times its length: the library and its index must grow too, or nobody can write at all
FOLD_COMMITS, FOLD_SECONDS = 300, 60.0  # so many of an order's size nearly fill the log; a quiet library folds by time
BUSY_MS = 15_000

P = ParamSpec("P")
T = TypeVar("T")
Row = dict[str, Any]


class Database(sqlite_utils.Database):
    """A connection with short ways to ask. Rows are dicts; parameters are named."""

    door: Door[Database] | None = None  # of the one that writes

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        super().__init__(connection)
        self.store = store

    def begin(self) -> None:
        """Begin a transaction that writes, with the keys as they are now. Raises sqlite3.Error, StoreUnwritable."""
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            self.store.look()
            if self.store.outgrown(self):
                raise StoreOutgrown
            self.store.vault.keys()
        except BaseException:
            self.conn.execute("ROLLBACK")
            raise

    def _ask(self, sql: str, values: dict[str, Any]) -> sqlite3.Cursor:
        """Kept past its turn, a writing connection only reads: what others are writing is not to be seen."""
        if self.door is not None and self.door.owner != get_ident():
            return self.store.db.conn.execute(sql, values)
        return self.conn.execute(sql, values)

    def all(self, sql: str, **values: Any) -> list[Row]:
        """Every row of a statement; for `… RETURNING` the change is done when this returns."""
        cursor = self._ask(sql, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, sql: str, **values: Any) -> Row | None:
        """The first row, or None; the statement is done when this returns."""
        cursor = self._ask(sql, values)
        rows = cursor.fetchall()
        return dict(zip([column[0] for column in cursor.description], rows[0], strict=True)) if rows else None

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._ask(sql, values).fetchone()
        return None if row is None else row[0]

    def run(self, sql: str, **values: Any) -> int:
        """Do a change; returns how many rows it touched."""
        return self._ask(sql, values).rowcount


class Store:
    """A library's database file. Threads read side by side; writers take turns and share commits."""

    def __init__(self, path: Path, synchronous: str = "FULL", keys: Path | None = None) -> None:
        self.path = Path(path)
        self.vault = Vault(keys or self.path.with_name("keys"))
        self._synchronous = synchronous
        self._local = threading.local()
        self._file: tuple[int, int] | None = None
        self._writer = self._open(writes=True)
        self._file = self._found()
        self._writer.door = self._door = Door(self._writer)
        self._last_step: int | None = None  # that was done to the tables when they were as we know them
        self._roomy = False  # the log had its whole length once
        self._folded, self._folded_at = 0, time.monotonic()  # how many commits are in the file, and since when

    def _found(self) -> tuple[int, int] | None:
        """Which file lies under our name now."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def look(self) -> None:
        """Raises StoreUnwritable where the file was taken away or replaced: we would write into what nobody finds."""
        if self._found() != self._file:
            raise StoreUnwritable(f"{self.path} was taken away or replaced while in use: put it back, or start again")

    def settle(self) -> None:
        """The tables are as this programme knows them; a step that is done from now on is a newer one's."""
        self._last_step = self._newest_step(self.db)

    def outgrown(self, db: Database | None = None) -> bool:
        """Whether a newer version has changed the tables since."""
        return self._last_step is not None and self._newest_step(db or self.db) > self._last_step

    def _newest_step(self, db: Database) -> int:
        return int(db.conn.execute("SELECT MAX(rowid) FROM _sqlite_migrations").fetchone()[0])

    def _open(self, writes: bool) -> Database:
        if not writes:
            self.look()  # or an empty file would be made under its name
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if writes and not self.path.exists():
                self.path.touch(mode=0o600)  # its log, and what else SQLite lays beside it, has the same
            connection = sqlite3.connect(
                self.path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            if writes:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA temp_store = MEMORY")  # a savepoint's undo log went to a file
                connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = FAST")  # what is forgotten is not left in the page
            self.vault.attach(connection, in_turns=writes)
            if not writes:
                connection.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, OSError) as error:
            no_room = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE  # "I/O error", it says
            raise StoreUnwritable("database or disk is full" if no_room else str(error)) from error
        return Database(connection, self)

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._open(writes=False)
        return found

    def has_turn(self) -> bool:
        """Whether this thread is inside a turn to write."""
        return self._door.owner == get_ident()

    def writing(self) -> AbstractContextManager[Database]:
        """This caller's turn to write, or a step within it. What is done inside commits together, or not at all."""
        return _inner_step(self._writer) if self.has_turn() else self._door.turn()

    def do(self, work: Callable[[Database], T]) -> T:
        """What the function does and returns, as a turn to write, or as a step within one."""
        if not self.has_turn():
            return self._door.do(work)
        with _inner_step(self._writer) as db:
            return work(db)

    def do_all(self, works: Sequence[Callable[[Database], T]]) -> list[T | BaseException]:
        """Several of them in one turn that shares a commit: what each returned, or raised and so left undone."""
        if len(works) > 1:
            return self._door.do_all(works)
        done: list[T | BaseException] = []
        for work in works:
            try:
                done.append(self.do(work))
            except Exception as error:
                done.append(error)
        return done

    def refusal(self) -> str:
        """Why somebody's change was refused in this minute; '' where none was."""
        return self._door.refusal()

    def make_room(self) -> None:
        """Give the log its whole length now: a commit that lengthens it waits for the disk twice (measured).

        45 MB, for those who write all day. A disk that has no room for them is no reason not to go on without.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        with self._door.pause(), suppress(sqlite3.Error):
            conn = self._writer.conn
            page = conn.execute("PRAGMA page_size").fetchone()[0]
            if log.exists() and log.stat().st_size > CHECKPOINT_PAGES * page:
                self._roomy = True
                return
            self._roomy = False
            if shutil.disk_usage(self.path.parent).free < ROOM_LEFT * LOG_PAGES * page:
                return
            try:
                self._lengthen(conn, LOG_PAGES * page)
                self._roomy = True
            except sqlite3.Error:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was taken in vain is others' to use

    def _lengthen(self, conn: sqlite3.Connection, length: int) -> None:
        conn.execute("BEGIN IMMEDIATE")
        try:  # what no cache holds goes to the log before it is taken back
            conn.execute("CREATE TABLE room AS SELECT zeroblob(?) AS pages", (length,))
        finally:
            if conn.in_transaction:  # a full disk has ended it already
                conn.execute("ROLLBACK")
        conn.execute(f"PRAGMA user_version = {conn.execute('PRAGMA user_version').fetchone()[0]}")  # flushes it

    def fold(self) -> bool:
        """Fold a long log back into the file while nobody writes; else a commit does, and its reader waits (measured).

        To be called often. False where there is nothing to do yet, or somebody writes.
        """
        new, since = self._door.commits - self._folded, time.monotonic() - self._folded_at
        if not new or (new < FOLD_COMMITS and since < FOLD_SECONDS) or not self._door.idle():
            return False
        with self._door.pause():
            self._folded, self._folded_at = self._door.commits, time.monotonic()
            self._writer.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if self._roomy:  # another process that used the store may have cut the log off at its end
            self.make_room()
        return True

    def close(self) -> None:
        """When nobody writes any more, fold the log back into the file and let go of it."""
        with self._door.pause():
            with suppress(sqlite3.Error):  # a full disk keeps its log; the next opening reads it
                self._writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.conn.close()


def writing(db: Database) -> AbstractContextManager[Database]:
    """The only way to write: a turn when outermost, a savepoint when already inside one.

    Raises StoreUnwritable when the disk refuses; nothing of the turn is kept then.
    """
    return db.store.writing()


def in_turn(function: Callable[Concatenate[Database, P], T]) -> Callable[Concatenate[Database, P], T]:
    """For a function that writes from its first line to its last: as `with writing(db)`, and faster in a crowd.

    Whoever has the turn runs it for those who wait, in their thread instead of the caller's; again after it has been
    undone, when another's that shared a savepoint failed. So it touches nothing but the store.
    """

    @wraps(function)
    def turn(db: Database, *args: P.args, **kwargs: P.kwargs) -> T:
        return db.store.do(lambda writer: function(writer, *args, **kwargs))

    return turn


def once(db: Database) -> AbstractContextManager[Database]:
    """As `writing`, for one statement alone: undone whole or not at all, inside a turn it needs no savepoint."""
    return nullcontext(db) if db.store.has_turn() else db.store.writing()


@contextmanager
def _inner_step(db: Database) -> Iterator[Database]:
    """Part of a turn that may fail alone, when the caller catches what it raises."""
    db.conn.execute("SAVEPOINT inner_step")
    try:
        yield db
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK TO inner_step")
            db.conn.execute("RELEASE inner_step")
        raise
    db.conn.execute("RELEASE inner_step")
