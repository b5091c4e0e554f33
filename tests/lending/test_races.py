"""Many at once, in threads and in processes: the last copy, one press, one box, the limit (B2-1, B2-2, B2-3, A9).

Each race is run a second time against a door that lets everybody in at once, to show that the test would notice.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lending import decisions, orders, placing
from lending.errors import LendingError
from tests.lending.world import World

HOME = Path(__file__).parents[2]
AT_ONCE = 12


def race(world: World, presses: list[Callable[[], object]]) -> Counter[str]:
    """All press together; how often each outcome came: 'ordered', or the refusal's name."""
    gate = threading.Barrier(len(presses))

    def press(work: Callable[[], object]) -> str:
        gate.wait()
        try:
            work()
            return "ordered"
        except LendingError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(presses)) as pool:
        return Counter(pool.map(press, presses))


def press(world: World, reader: int, key: str, way: str = "counter", at: int = 1) -> Callable[[], object]:
    way_there = orders.Fulfilment(way)
    return lambda: orders.place(world.store.db, reader, way_there, at, key, world.policy, world.now)


# ---- in threads -----------------------------------------------------------------------------------------


def test_the_last_copy_goes_to_one(world: World) -> None:
    """B2-1."""
    title = world.book("孤本")
    people = [world.reader() for _ in range(AT_ONCE)]
    for reader in people:
        world.fill_cart(reader, title)
    outcome = race(world, [press(world, reader, f"k{reader}") for reader in people])
    assert outcome == {"ordered": 1, "NoCopyAvailable": AT_ONCE - 1}
    assert world.db.value("SELECT COUNT(*) FROM order_items WHERE open = 1") == 1


def test_one_button_pressed_many_times_is_one_order(world: World) -> None:
    """B2-2."""
    reader = world.reader()
    world.fill_cart(reader, *world.books(2, copies=AT_ONCE))
    assert race(world, [press(world, reader, "same")] * AT_ONCE) == {"ordered": AT_ONCE}
    assert len(orders.of_reader(world.db, reader)) == 1
    assert world.db.value("SELECT COUNT(*) FROM order_items") == 2


def test_one_box_goes_to_one_order(world: World) -> None:
    """A9: two boxes, many orders."""
    locker = world.locker("small", S=2)
    people = [world.reader() for _ in range(AT_ONCE)]
    for reader in people:
        world.fill_cart(reader, *world.books(1))
    outcome = race(world, [press(world, reader, f"k{reader}", "locker", locker) for reader in people])
    assert outcome == {"ordered": 2, "LockerFull": AT_ONCE - 2}
    boxes = world.db.all("SELECT order_id FROM boxes WHERE point_id = :p AND order_id IS NOT NULL", p=locker)
    assert len({row["order_id"] for row in boxes}) == 2


@pytest.mark.parametrize(("taken", "fits"), [(0, 2), (1, 1), (2, 0)])
def test_parallel_orders_of_one_reader_stay_within_the_limit(world: World, taken: int, fits: int) -> None:
    """B2-3: a ladder of two books; the cart is filled again between the presses of several devices."""
    reader = world.reader("ladder")
    for title in world.books(taken):
        world.order(reader, title)
    titles = world.books(AT_ONCE)

    def one_device(n: int) -> Callable[[], object]:
        def work() -> None:
            with world.store.writing() as db:
                db.run("DELETE FROM cart_items WHERE reader_id = :r", r=reader)
                db.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=reader, t=titles[n])
                orders.place(db, reader, orders.Fulfilment.COUNTER, 1, f"device-{n}", world.policy, world.now)

        return work

    outcome = race(world, [one_device(n) for n in range(AT_ONCE)])
    assert outcome == Counter({"ordered": fits, "NotAllowed": AT_ONCE - fits})
    assert decisions.facts(world.db, reader, world.now).in_hand == 2


def test_an_order_collected_and_expired_at_once_ends_one_way(world: World) -> None:
    waiting = world.step(world.order(world.reader(), *world.books(1), way="locker"), "pick", "pack", "load")
    steps = ["collect", "expire"] * (AT_ONCE // 2)
    outcome = race(world, [lambda name=name: world_step(world, waiting.id, name) for name in steps])  # type: ignore[misc]
    assert outcome == {"ordered": 1, "CannotChange": AT_ONCE - 1}
    lent = world.db.value("SELECT COUNT(*) FROM loans")
    assert lent == (1 if orders.by_number(world.db, waiting.number).state == "done" else 0)


def world_step(world: World, order_id: int, name: str) -> None:
    orders.advance(world.store.db, order_id, name, "staff", world.policy, world.now)


# ---- and the same without what protects them -----------------------------------------------------------------------


def test_a_rule_decided_before_the_turn_would_break_the_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit test's twin: facts read on the reading connection, outside the transaction, let too many through."""
    reader = world.reader("ladder")
    titles = world.books(AT_ONCE)
    everybody_has_looked = threading.Barrier(AT_ONCE)
    early = threading.local()
    honest = decisions.facts
    monkeypatch.setattr(decisions, "facts", lambda *_: early.facts)

    def one_device(n: int) -> Callable[[], object]:
        def work() -> None:
            early.facts = honest(world.store.db, reader, world.now)
            everybody_has_looked.wait()
            with world.store.writing() as db:
                early.facts = replace(early.facts, next_order=honest(db, reader, world.now).next_order)
                db.run("DELETE FROM cart_items WHERE reader_id = :r", r=reader)
                db.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=reader, t=titles[n])
                orders.place(db, reader, orders.Fulfilment.COUNTER, 1, f"device-{n}", world.policy, world.now)

        return work

    assert race(world, [one_device(n) for n in range(AT_ONCE)])["ordered"] > 2


@contextmanager
def without(world: World, index: str) -> Iterator[None]:
    with world.store.writing() as db:
        db.run(f"DROP INDEX {index}")
    yield


def test_a_copy_chosen_before_the_turn_would_go_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last copy's twin: chosen by a look beforehand and without the schema's guard, it goes to everybody."""
    title = world.book("孤本")
    people = [world.reader() for _ in range(AT_ONCE)]
    for reader in people:
        world.fill_cart(reader, title)
    copy = world.db.value("SELECT id FROM copies WHERE title_id = :t", t=title)

    def looked_before(*_: object) -> list[dict[str, object]]:
        return [{"id": copy, "title_id": title, "hold_id": None, "material": ""}]

    monkeypatch.setattr(placing, "set_aside", looked_before)
    with without(world, "one_open_order_per_copy"):
        outcome = race(world, [press(world, reader, f"k{reader}") for reader in people])
    assert outcome["ordered"] == AT_ONCE


def test_the_schema_alone_still_stops_a_copy_from_going_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """B2-1: even a wrong rule cannot lend one copy twice."""
    title, first, second = world.book("孤本"), world.reader(), world.reader()
    world.fill_cart(second, title)
    order = world.order(first, title)
    copy = orders.books(world.db, order.id)[0]["copy_id"]
    same = [{"id": copy, "title_id": title, "hold_id": None, "material": ""}]
    monkeypatch.setattr(placing, "set_aside", lambda *_: same)
    with pytest.raises(sqlite3.IntegrityError, match="copy_id"):
        world.press_order(second)
    assert len(orders.of_reader(world.db, second)) == 0


# ---- in processes -----------------------------------------------------------------------------------------

RACE = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from lending import orders
from lending.database import Store
from lending.errors import LendingError
from lending.policy import load_policy

path, way, point, presses = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
store, policy, now = Store(Path(path)), load_policy(), datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
outcomes = []
for reader, key in presses:
    try:
        orders.place(store.db, reader, orders.Fulfilment(way), point, key, policy, now)
        outcomes.append("ordered")
    except LendingError as error:
        outcomes.append(type(error).__name__)
print(json.dumps(outcomes))
"""


def race_of_processes(world: World, way: str, point: int, presses: list[list[tuple[int, str]]]) -> Counter[str]:
    """A process for each list of (reader, request key); all are let go together."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(world.store.path), way, str(point), json.dumps(mine)],
            cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for mine in presses
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outcomes: Counter[str] = Counter()
    for process in started:
        outcomes.update(json.loads(process.communicate(timeout=60)[0]))
    return outcomes


def test_processes_racing_for_three_copies_get_three(world: World) -> None:
    """B2-1."""
    title = world.book("抢手书", copies=3)
    people = [world.reader() for _ in range(24)]
    for reader in people:
        world.fill_cart(reader, title)
    shares = [[(reader, f"k{reader}") for reader in people[n::3]] for n in range(3)]
    assert race_of_processes(world, "counter", 1, shares) == {"ordered": 3, "NoCopyAvailable": 21}
    copies = world.db.all("SELECT copy_id FROM order_items WHERE open = 1")
    assert len({row["copy_id"] for row in copies}) == 3


def test_one_press_delivered_to_three_processes_is_one_order(world: World) -> None:
    """B2-2."""
    people = [world.reader() for _ in range(8)]
    for reader in people:
        world.fill_cart(reader, *world.books(1, copies=3))
    same = [(reader, f"k{reader}") for reader in people]
    assert race_of_processes(world, "counter", 1, [same] * 3) == {"ordered": 24}
    assert world.db.value("SELECT COUNT(*) FROM orders") == 8


def test_processes_racing_for_four_boxes_fill_four(world: World) -> None:
    """A9."""
    locker = world.locker("small", S=4)
    people = [world.reader() for _ in range(18)]
    for reader in people:
        world.fill_cart(reader, *world.books(1))
    shares = [[(reader, f"k{reader}") for reader in people[n::3]] for n in range(3)]
    assert race_of_processes(world, "locker", locker, shares) == {"ordered": 4, "LockerFull": 14}
    assert world.db.value("SELECT COUNT(DISTINCT order_id) FROM boxes WHERE order_id IS NOT NULL") == 4
