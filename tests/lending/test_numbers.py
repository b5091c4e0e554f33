"""After a copy from before is put back, no number that others may know of means something else (README, 恢复)."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot import escalations
from lending import appeals, cases, credit, numbers, purchases
from lending.database import Store
from lending.purchases import ShopBook
from tests.lending.world import World

Given = tuple[set[int], set[str]]  # numbers of loans, and of what else has one
NUMBERED = ("orders", "compensations", "appeals", "escalations", "purchases")


def given(world: World) -> Given:
    """What exports know of loans, and readers of all else, once two more readers have had one of each."""
    reader, other = world.reader(), world.reader()
    (loan,) = world.lend(reader, world.book("活着"))
    world.order(other, world.book("围城"))
    cases.report(world.db, reader, loan.id, "damaged", "", world.policy, world.now)
    credit.post(world.db, reader, "damaged", f"loan:{loan.id}", world.policy, world.now)
    line = credit.lines(world.db, reader, 1)[0]
    appeals.open_appeal(world.db, reader, line.id, "", world.policy, world.now)
    escalations.open_or_add(world.db, reader, "web", f"chat-{reader}", "在吗", world.policy, world.now)
    new = purchases.on_offer(world.db, world.policy)[0]
    purchases.ask(world.db, other, new.id, f"key-{other}", world.policy, world.now)
    loans = {row["id"] for row in world.db.all("SELECT id FROM loans")}
    return loans, {row["number"] for table in NUMBERED for row in world.db.all(f"SELECT number FROM {table}")}


def since(before: Given, now: Given) -> Given:
    """Those that are new."""
    return now[0] - before[0], now[1] - before[1]


def test_numbers_given_since_the_copy_are_not_given_again(world: World, tmp_path: Path) -> None:
    """The same day's next order took the lost one's number, and the next loan overwrote another in the other system.

    So did a case, an appeal, a request and a purchase: their numbers carry the day or the month, and it was the same.
    """
    shelf = [ShopBook(0, "晓风", f"978000000000{n}", f"新书{n}", "某人", "新社", 2026, 4500) for n in range(9)]
    purchases.store_list(world.db, "晓风", shelf)
    before = given(world)
    folder = tmp_path / "put back"
    folder.mkdir()
    shutil.copy(world.store.path.with_name("keys"), folder)
    with closing(sqlite3.connect(world.store.path)) as live, closing(sqlite3.connect(folder / "shuxin.db")) as copy:
        live.backup(copy)
    lost_loans, lost_others = since(before, given(world))
    back = World(Store(folder / "shuxin.db", synchronous="OFF"), world.now)
    first = numbers.pass_over(back.db)
    assert numbers.pass_over(back.db) == first, "once more does no harm"
    back._made = world._made  # or it would press the same orders again
    loans, others = since(before, given(back))
    assert loans and {number[:2] for number in others} == {"SX", "PF", "GA", "RG", "XS"}
    assert not loans & lost_loans and not others & lost_others
    again = given(back)[0]
    assert first["loans"] in loans and first["loans"] + 1 in again, "and they go on one by one"
    back.store.close()
