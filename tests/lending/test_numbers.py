"""After a copy from before is put back, no number that others may know of means something else (README, 恢复)."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from lending import numbers
from lending.database import Store
from tests.lending.world import World

Given = tuple[set[int], set[str]]  # numbers of loans and of orders


def given(world: World) -> Given:
    """What exports know of loans, and what readers have of orders, once two more readers have had both."""
    reader, other = world.reader(), world.reader()
    world.lend(reader, world.book("活着"))
    world.order(other, world.book("围城"))
    loans = {row["id"] for row in world.db.all("SELECT id FROM loans")}
    return loans, {row["number"] for row in world.db.all("SELECT number FROM orders")}


def since(before: Given, now: Given) -> Given:
    """Those that are new."""
    return now[0] - before[0], now[1] - before[1]


def test_numbers_given_since_the_copy_are_not_given_again(world: World, tmp_path: Path) -> None:
    """The same day's next order took the lost one's number, and the next loan overwrote another in the other system."""
    before = given(world)
    folder = tmp_path / "put back"
    folder.mkdir()
    shutil.copy(world.store.path.with_name("keys"), folder)
    with closing(sqlite3.connect(world.store.path)) as live, closing(sqlite3.connect(folder / "shuxin.db")) as copy:
        live.backup(copy)
    lost_loans, lost_orders = since(before, given(world))
    back = World(Store(folder / "shuxin.db", synchronous="OFF"), world.now)
    first = numbers.pass_over(back.db)
    assert numbers.pass_over(back.db) == first, "once more does no harm"
    back._made = world._made  # or it would press the same orders again
    loans, orders = since(before, given(back))
    assert loans and orders and not loans & lost_loans and not orders & lost_orders
    assert first["loans"] in loans and first["loans"] + 1 in given(back)[0], "and they go on one by one"
    back.store.close()
