"""A queue lives through anything: places 1 to n, no copy promised twice, nobody served out of turn (B2-16, B2-17).

Model-based: what happened to each hold is kept beside the store by the plainest list there is, and compared.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lending import holds, loans, transfers
from lending.database import Database, Store
from lending.errors import LendingError
from tests import stores
from tests.lending.world import World

WHO, WHAT = st.integers(0, 4), st.integers(0, 1)


def opened(folder: str, copies: tuple[int, ...] = (1, 2)) -> World:
    store = stores.fresh(Path(folder))
    world = World(store, datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    world.branch("main")
    for n, each in enumerate(copies):
        world.book(f"title{n}", copies=each)
    return world


def sound(db: Database) -> None:
    """What no sequence may break."""
    for title in db.all("SELECT DISTINCT title_id AS t FROM holds WHERE state IN ('waiting', 'ready')"):
        readers = db.all("SELECT DISTINCT reader_id AS r FROM holds WHERE title_id = :t", t=title["t"])
        queue = [one.position for row in readers for one in holds.of_reader(db, row["r"]) if one.title_id == title["t"]]
        assert sorted(queue) == list(range(1, len(queue) + 1))
    promised = db.all("SELECT h.id, COUNT(c.id) AS copies FROM holds h LEFT JOIN copies c ON c.hold_id = h.id "
                      "AND c.state = 'reserved' WHERE h.state = 'ready' GROUP BY h.id")  # fmt: skip
    assert all(row["copies"] == 1 for row in promised), promised
    kept = "SELECT COUNT(*) FROM copies c WHERE c.hold_id IS NOT NULL AND "
    assert db.value(kept + "c.hold_id NOT IN (SELECT id FROM holds WHERE state = 'ready')") == 0
    assert db.value(kept + "EXISTS (SELECT 1 FROM loans l WHERE l.copy_id = c.id AND l.returned_at IS NULL)") == 0
    assert db.value("SELECT COUNT(*) FROM holds WHERE state = 'ready' AND rests_until IS NOT NULL") == 0


class QueueLife(RuleBasedStateMachine):
    """Five readers, one title with one copy and one with two; `queue` is the model: hold ids in order."""

    @initialize()
    def open_the_library(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = opened(self.folder.name)
        self.titles = [1, 2]
        self.people = [self.world.reader() for _ in range(5)]
        self.queue: dict[int, list[int]] = {1: [], 2: []}
        for who, title in ((0, 1), (0, 2), (1, 2)):  # all copies are out, so that there is something to wait for
            self.world.lend(self.people[who], title)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.store.close()
            self.folder.cleanup()

    def mine(self, who: int, what: int) -> holds.Hold | None:
        found = holds.of_reader(self.world.db, self.people[who])
        return next((one for one in found if one.title_id == self.titles[what]), None)

    def first_awake(self, title: int, but: int | None = None) -> int | None:
        """Whose turn it is by the model's own list, one reader passed over."""
        for hold_id in self.queue[title]:
            row = self.world.db.one("SELECT reader_id, state, rests_until FROM holds WHERE id = :id", id=hold_id)
            if row and row["state"] == "waiting" and row["rests_until"] is None and row["reader_id"] != but:
                return int(row["reader_id"])
        return None

    @rule(several=st.lists(WHO, min_size=1, max_size=5), what=WHAT)
    def join(self, several: list[int], what: int) -> None:
        for who in several:
            with suppress(LendingError):
                placed = holds.place(self.world.db, self.people[who], self.titles[what], self.world.now)
                self.queue[placed.title_id].append(placed.id)

    @rule(who=WHO, what=WHAT)
    def leave(self, who: int, what: int) -> None:
        if one := self.mine(who, what):
            holds.cancel(self.world.db, self.people[who], one.id, self.world.policy, self.world.now)
            self.queue[one.title_id].remove(one.id)

    @rule(who=WHO, what=WHAT, days=st.sampled_from((1, 7, 400)))
    def rest(self, who: int, what: int, days: int) -> None:
        if one := self.mine(who, what):
            place = one.position
            rested = holds.rest(self.world.db, self.people[who], one.id, days, self.world.policy, self.world.now)
            assert rested.position == place and rested.state == "waiting"

    @rule(who=WHO, what=WHAT)
    def wake(self, who: int, what: int) -> None:
        if (one := self.mine(who, what)) and one.state == "waiting":
            holds.wake(self.world.db, self.people[who], one.id, self.world.policy, self.world.now)

    @rule(who=WHO, what=WHAT)
    def borrow(self, who: int, what: int) -> None:
        with suppress(LendingError):
            self.world.lend(self.people[who], self.titles[what])
        with self.world.store.writing() as db:
            db.run("DELETE FROM cart_items")

    @rule(what=WHAT)
    def give_back(self, what: int) -> None:
        for reader in self.people:
            for loan in loans.of_reader(self.world.db, reader):
                if loan.title_id == self.titles[what]:
                    first = self.first_awake(loan.title_id)
                    self.world.give_back(loan)
                    if first is not None:
                        mine = self.mine(self.people.index(first), what)
                        assert mine is not None and mine.state == "ready", "the first awake was not served"
                    return

    @rule(giver=WHO, taker=WHO, what=WHAT)
    def hand_over(self, giver: int, taker: int, what: int) -> None:
        world = self.world
        for loan in loans.of_reader(world.db, self.people[giver]):
            with suppress(LendingError):
                if loan.title_id == self.titles[what]:
                    first = self.first_awake(loan.title_id, but=self.people[giver])
                    code, _ = transfers.offer(world.db, self.people[giver], loan.id, world.policy, world.now)
                    asked = transfers.accept(world.db, self.people[taker], code, world.policy, world.now)
                    transfers.finish(world.db, self.people[giver], asked.id, world.policy, world.now)
                    assert first in (None, self.people[taker]), "handed past the queue"

    @rule(days=st.sampled_from((1, 3, 4, 8)))
    def let_time_pass(self, days: int) -> None:
        self.world.later(days=days)
        self.world.tick()
        before = self.world.everything()
        self.world.tick()
        assert self.world.everything() == before, "a second tick found something to do"

    @invariant()
    def the_store_agrees_with_the_list(self) -> None:
        """Holds that were filled or have expired leave the model where the store says so; the order never changes."""
        if not hasattr(self, "world"):
            return
        for title, kept in self.queue.items():
            rows = self.world.db.all(
                "SELECT id FROM holds WHERE title_id = :t AND state IN ('waiting', 'ready') ORDER BY id", t=title
            )
            now = [row["id"] for row in rows]
            assert now == [one for one in kept if one in now]
            over = self.world.db.all("SELECT id FROM holds WHERE state IN ('filled', 'expired')")
            assert set(kept) - set(now) <= {row["id"] for row in over}
            self.queue[title] = now

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        if hasattr(self, "world"):
            sound(self.world.db)

    @invariant()
    def nobody_awake_waits_while_a_copy_stands_free(self) -> None:
        """After a tick; before it a copy may have come to the shelf another way."""
        if hasattr(self, "world"):
            holds.serve_waiting(self.world.db, self.world.policy, self.world.now)
            for title in self.titles:
                free = "available" in self.world.copies(title)
                assert not (free and self.first_awake(title) is not None)


def test_a_queue_stays_sound_through_any_sequence() -> None:
    """B2-16, B2-17."""
    run_state_machine_as_test(
        QueueLife,
        settings=settings(
            max_examples=60, stateful_step_count=30, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_queue_stays_sound_with_everybody_at_once() -> None:
    """B2-16: ten threads do what they like with one title; looked at in the end, and again as time passes."""
    with tempfile.TemporaryDirectory() as folder:
        world = opened(folder, copies=(3,))
        people = [world.reader() for _ in range(10)]
        world.lend(people[0], 1)
        failed: list[BaseException] = []
        threads = [threading.Thread(target=_whims, args=(world, reader, failed)) for reader in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        sound(world.db)
        for _ in range(3):
            world.later(days=8)
            world.tick()
            sound(world.db)
        world.store.close()


def test_a_queue_stays_sound_with_processes_and_threads_at_once() -> None:
    """B2-16, B2-17: three processes of three threads each, on one store."""
    with tempfile.TemporaryDirectory() as folder:
        world = opened(folder, copies=(3,))
        people = [world.reader() for _ in range(9)]
        world.lend(people[0], 1)
        start = multiprocessing.get_context("spawn")
        crowd = [start.Process(target=_process, args=(world.store.path, world.now, people[n::3])) for n in range(3)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join(120)
        assert [one.exitcode for one in crowd] == [0, 0, 0]
        sound(world.db)
        assert world.db.value("SELECT COUNT(*) FROM holds") > 3, "they did something"
        world.store.close()


def _process(path: Path, now: datetime, people: list[int]) -> None:
    store = Store(path, synchronous="OFF")
    failed: list[BaseException] = []
    worlds = World(store, now)
    threads = [threading.Thread(target=_whims, args=(worlds, reader, failed)) for reader in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    sys.exit(len(failed))


def _whims(world: World, reader: int, failed: list[BaseException]) -> None:
    dice, db = random.Random(reader), world.store.db
    for _ in range(25):
        try:
            with suppress(LendingError):
                _whim(world, reader, dice, db)
        except BaseException as error:
            failed.append(error)
            raise


def _whim(world: World, reader: int, dice: random.Random, db: Database) -> None:
    mine, lent = holds.of_reader(db, reader), loans.of_reader(db, reader)
    what = dice.randrange(6)
    if what == 0:
        holds.place(db, reader, 1, world.now)
    elif what == 1 and mine:
        holds.cancel(db, reader, mine[0].id, world.policy, world.now)
    elif what == 2 and mine:
        holds.rest(db, reader, mine[0].id, 3, world.policy, world.now)
    elif what == 3 and mine:
        holds.wake(db, reader, mine[0].id, world.policy, world.now)
    elif what == 4 and lent:
        loans.check_in(db, lent[0].barcode, 1, world.policy, world.now)
    elif what == 5:
        with world.store.writing() as door:
            if copy := door.one("SELECT id FROM copies WHERE state = 'available' LIMIT 1"):
                loans.lend(door, copy["id"], 1, reader, world.policy, world.now)
