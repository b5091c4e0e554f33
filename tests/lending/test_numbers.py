"""After a copy from before is put back, no number that others may know of means something else (README, 恢复)."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from lending import numbers
from lending.database import Store
from tests.lending.world import World


def given(world: World) -> tuple[set[int], set[str]]:
    """What exports know of loans, and what readers have of orders, once another reader has had both."""
    reader, other = world.reader(), world.reader()
    world.lend(reader, world.book("活着"))
    world.order(other, world.book("围城"))
    loans = {row["id"] for row in world.db.all("SELECT id FROM loans")}
    return loans, {row["number"] for row in world.db.all("SELECT number FROM orders")}


def test_numbers_given_since_the_copy_are_not_given_again(world: World, tmp_path: Path) -> None:
    """The same day's next order took the lost one's number, and the next loan overwrote another in the other system."""
    before = given(world)
    folder = tmp_path / "put back"
    folder.mkdir()
    shutil.copy(world.store.path.with_name("keys"), folder)
    with closing(sqlite3.connect(world.store.path)) as live, closing(sqlite3.connect(folder / "shuxin.db")) as copy:
        live.backup(copy)
    lost = [now - then for now, then in zip(given(world), before, strict=True)]
    back = World(Store(folder / "shuxin.db", synchronous="OFF"), world.now)
    first = numbers.pass_over(back.db)
    assert numbers.pass_over(back.db) == first, "once more does no harm"
    back._made = world._made  # or it would press the same orders again
    anew = [now - then for now, then in zip(given(back), before, strict=True)]
    assert all(lost) and all(anew)
    assert [mine & theirs for mine, theirs in zip(lost, anew, strict=True)] == [set(), set()]
    assert first["loans"] in anew[0] and first["loans"] + 1 in given(back)[0], "and they go on one by one"
    back.store.close()
