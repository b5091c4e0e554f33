"""Turns to write: first come, first served, with commits shared by those who wait. One door to one connection."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import get_ident
from typing import Any, Generic, Protocol, TypeVar

from lending.errors import StoreUnwritable

BATCH = 64  # turns to a commit, at most
REMEMBERED = 60.0  # seconds after which the last refusal is over


class Connected(Protocol):
    """What lies behind the door: whoever has the turn is handed it."""

    conn: Any

    def begin(self) -> None:
        """Begin a transaction that writes. Raises sqlite3.Error."""


D = TypeVar("D", bound=Connected)
T = TypeVar("T")


class Batch:
    """Callers whose changes will be made durable by one commit."""

    def __init__(self) -> None:
        self.members = 0
        self.turns = 0  # begun, kept or not: those that fail without end must not hold the others back
        self.gates: list[threading.Lock] = []  # of those who wait for the commit
        self.error = ""  # why nothing of it was kept


class Ticket:
    """A place in the queue. Work that anybody may do is done by whoever has the turn, and is back with the commit."""

    __slots__ = ("batch", "error", "gate", "taken", "value", "work")

    def __init__(self, work: Callable[[Any], Any] | None = None) -> None:
        self.work = work
        self.taken = False  # somebody else does it
        self.gate: threading.Lock  # opened when it is one's turn, or the work is done
        self.value: Any = None
        self.error: BaseException | None = None
        self.batch: Batch | None = None


class Door(Generic[D]):
    """First come, first served; whoever finds nobody waiting commits for all since the last commit.

    Each caller is answered only after the commit that holds its change, so a crash loses nothing acknowledged.
    """

    def __init__(self, db: D) -> None:
        self._db = db
        self._guard = threading.Lock()
        self._waiting: deque[Ticket] = deque()
        self._called: Ticket | None = None  # that was given the turn last
        self._busy = False
        self._batch: Batch | None = None
        self.owner: int | None = None  # the thread whose turn it is
        self.commits = 0  # so far
        self._refusal, self._refused_at = "", 0.0

    @contextmanager
    def turn(self) -> Iterator[D]:
        """A savepoint in the shared transaction; returns when that is durable."""
        self._enter(Ticket())
        batch: Batch | None = None
        gate = None
        try:
            batch = self._begin()
            yield self._db
            self._keep(batch)
        except BaseException as error:
            if (told := self._failed(batch, error)) is not error:
                raise told from error
            raise
        finally:
            gate = self._leave()
        assert batch is not None, "begun, or it would have raised"
        _durable(batch, gate)

    def do(self, work: Callable[[D], T]) -> T:
        """The same for a function, which another caller's thread may run: a crowd is spared waking one by one."""
        ticket = Ticket(work)
        self._enter(ticket)
        gate = None
        if not ticket.taken:
            try:
                self._work(ticket)
            finally:
                gate = self._leave()
        if ticket.error:
            raise ticket.error
        assert ticket.batch is not None, "done, or failed"
        _durable(ticket.batch, gate)
        return ticket.value

    def do_all(self, works: Sequence[Callable[[D], T]]) -> list[T | BaseException]:
        """Several functions in one turn, each undone alone when it fails: what they returned, or raised."""
        self._enter(Ticket())
        tickets, gate = [Ticket(work) for work in works], None
        try:
            self._work_all(tickets)
        finally:
            gate = self._leave()
        if gate:
            gate.acquire()
        return [ticket.error or _outcome(ticket) for ticket in tickets]

    def refusal(self) -> str:
        """Why a turn was last refused, where that was in this minute; else ''."""
        return self._refusal if time.monotonic() - self._refused_at < REMEMBERED else ""

    def _note(self, error: Exception) -> str:
        self._refusal, self._refused_at = str(error), time.monotonic()
        return self._refusal

    def idle(self) -> bool:
        """Whether nobody has a turn or waits for one, at this moment."""
        return not self._busy

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Nobody writes meanwhile, and nothing is left uncommitted."""
        self._enter(Ticket())
        try:
            if self._batch:
                self._commit(self._batch)
            yield
        finally:
            self._leave()

    def _enter(self, ticket: Ticket) -> None:
        """Wait for one's turn, or until the work has been done by another."""
        with self._guard:
            if waits := self._busy:
                ticket.gate = _closed_gate()
                self._waiting.append(ticket)
            self._busy = True
        if waits:
            try:
                ticket.gate.acquire()
            except BaseException:
                self._give_up(ticket)
                raise
        if not ticket.taken:
            self.owner = get_ident()

    def _give_up(self, ticket: Ticket) -> None:
        """Interrupted while waiting: leave the queue, or hand on a turn that has just been given."""
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                return
        if ticket.taken:
            return  # it is done all the same
        while self._called is not ticket:
            time.sleep(0.001)
        self._leave()

    def _work(self, ticket: Ticket) -> None:
        """Do it, one's own or another's; what it raises is its owner's to hear."""
        assert ticket.work is not None, "asked for"
        batch = None
        try:
            batch = self._begin()
            ticket.value = ticket.work(self._db)
            self._keep(batch)
            ticket.batch = batch
        except Exception as error:
            ticket.error = self._failed(batch, error)
        except BaseException as error:  # this thread is to end, not the owner's
            self._failed(batch, error)
            ticket.error = StoreUnwritable("interrupted")
            raise

    def _work_all(self, tickets: Sequence[Ticket]) -> None:
        """Do them in their order, each undone alone when it fails."""
        if len(tickets) < 2 or not self._work_together(tickets):
            for ticket in tickets:
                self._work(ticket)

    def _work_together(self, tickets: Sequence[Ticket]) -> bool:
        """All without a savepoint each, for hardly any fails. False, and nothing is done, where each needs its own."""
        batch, ticket = None, tickets[0]
        try:
            batch = self._begin()
            for ticket in tickets:
                assert ticket.work is not None, "asked for"
                ticket.value = ticket.work(self._db)
            self._keep(batch)
        except BaseException as error:
            self._failed(batch, error)
            if batch is None and isinstance(error, StoreUnwritable):  # after a long wait: not each is to wait so long
                for ticket in tickets:
                    ticket.error = error
                return True
            if isinstance(error, Exception):
                return False
            ticket.error = StoreUnwritable("interrupted")  # this thread is to end, not its owner's
            raise
        for ticket in tickets:
            ticket.batch = batch
        batch.members += len(tickets) - 1
        batch.turns += len(tickets) - 1
        return True

    def _begin(self) -> Batch:
        try:
            if self._batch:
                self._db.conn.execute("SAVEPOINT turn")
            else:
                self._db.begin()
        except StoreUnwritable as error:
            self._note(error)
            raise
        except sqlite3.Error as error:
            raise StoreUnwritable(self._note(error)) from error
        self._batch = self._batch or Batch()
        self._batch.turns += 1
        return self._batch

    def _keep(self, batch: Batch) -> None:
        if not self._db.conn.in_transaction:
            raise StoreUnwritable("the transaction ended before its turn did")
        if batch.members:
            self._db.conn.execute("RELEASE turn")
        batch.members += 1

    def _failed(self, batch: Batch | None, error: BaseException) -> BaseException:
        """The turn that had been begun is taken back; what its caller is to hear."""
        if batch:
            self._undo(batch)
        if isinstance(error, sqlite3.Error) and refused_by_disk(error):
            return StoreUnwritable(self._note(error))
        return error

    def _undo(self, batch: Batch) -> None:
        """Take back this turn alone; when SQLite has taken back the whole transaction, the others hear of it."""
        conn = self._db.conn
        if batch.members and conn.in_transaction:
            with suppress(sqlite3.Error):
                conn.execute("ROLLBACK TO turn")
                conn.execute("RELEASE turn")
                return
        self._roll_back()
        batch.error = "the transaction was rolled back"
        self._finish(batch)

    def _leave(self) -> threading.Lock | None:
        """Do what others wait for, commit unless someone is waiting to join, then hand the turn on.

        Returns a gate to wait at when the change is not on disk yet.
        """
        after: Sequence[Ticket] = ()
        try:
            while (after := self._next()) and after[0].taken:
                self._work_for(after)
        finally:
            called = None if not after or after[0].taken else after[0]
            self.owner = None
            try:
                gate = self._commit_before(called)
            finally:
                self._hand_to(called)
        return gate

    def _commit_before(self, after: Ticket | None) -> threading.Lock | None:
        if self._batch is None:
            return None
        if after is None or self._batch.turns >= BATCH:
            self._commit(self._batch)
            return None
        gate = _closed_gate()
        self._batch.gates.append(gate)
        return gate

    def _next(self) -> Sequence[Ticket]:
        """Whose turn it is now: one, or several `taken` whose work this thread does in the same batch."""
        with self._guard:
            room = BATCH - self._batch.turns if self._batch else 0
            taken: list[Ticket] = []
            while self._waiting and self._waiting[0].work and len(taken) < room:
                taken.append(ticket := self._waiting.popleft())
                ticket.taken = True
            return taken or ([self._waiting.popleft()] if self._waiting else ())

    def _work_for(self, others: Sequence[Ticket]) -> None:
        try:
            self._work_all(others)
        finally:
            for other in reversed(others):
                if other.batch and other.batch is self._batch:
                    other.batch.gates.append(other.gate)
                elif other.batch or other.error:
                    other.gate.release()
                else:
                    self._put_back(other)

    def _put_back(self, ticket: Ticket) -> None:
        """Whoever had begun with it was interrupted: the next does it."""
        with self._guard:
            ticket.taken = False
            self._waiting.appendleft(ticket)

    def _hand_to(self, after: Ticket | None) -> None:
        with self._guard:
            if after is None and self._waiting:  # came while we committed
                after = self._waiting.popleft()
            self._called = after
            self._busy = after is not None
        if after is not None:
            after.gate.release()

    def _commit(self, batch: Batch) -> None:
        try:
            self._db.conn.execute("COMMIT")
            self.commits += 1
        except sqlite3.Error as error:
            batch.error = self._note(error)
        finally:  # an interruption may come before or after the commit: the connection knows
            if self._db.conn.in_transaction:
                batch.error = batch.error or "interrupted before the commit"
                self._roll_back()
            self._finish(batch)

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            if self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")

    def _finish(self, batch: Batch) -> None:
        self._batch = None
        for gate in batch.gates:
            gate.release()


def _outcome(ticket: Ticket) -> Any:
    """What became of work that was done, now that its commit is over."""
    assert ticket.batch is not None, "done, or failed"
    return StoreUnwritable(ticket.batch.error) if ticket.batch.error else ticket.value


def _closed_gate() -> threading.Lock:
    gate = threading.Lock()
    gate.acquire()
    return gate


def _durable(batch: Batch, gate: threading.Lock | None) -> None:
    """Wait at the gate for the commit. Raises StoreUnwritable when nothing was kept."""
    if gate:
        gate.acquire()
    if batch.error:
        raise StoreUnwritable(batch.error)


DISK_ERRORS = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
}  # fmt: skip


def refused_by_disk(error: sqlite3.Error) -> bool:
    """Is it the file that refuses (full, read-only, locked, damaged), rather than a wrong statement?"""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DISK_ERRORS
