"""A reader sees everything about themselves, and can be forgotten: no trail from them to a title is left (A11-5)."""

from __future__ import annotations

from typing import Any

import pytest

from lending import appeals, clearing, credit, holds, orders, privacy, retention
from lending.errors import UnknownThing
from lending.privacy import StillBorrowing
from tests.lending.world import World


@pytest.fixture
def life(world: World) -> tuple[World, int, int]:
    """A reader who did everything one can do with the title 秘密花园, and gave it all back."""
    reader, title = world.reader(), world.book("秘密花园")
    for way in ("locker", "delivery", "counter"):
        world.give_back(world.lend(reader, title)[0])
        order = world.order(reader, title, way=way)
        world.step(order, "cancel", actor="staff")
    other = world.reader()
    world.later(hours=1)
    (loan,) = world.lend(other, title)
    hold = holds.place(world.db, reader, title, world.now)
    holds.cancel(world.db, reader, hold.id, world.policy, world.now)
    holds.place(world.db, reader, title, world.now)
    world.later(hours=1)
    world.give_back(loan)
    world.later(hours=1)
    line = credit.lines(world.db, reader)[0].id
    appeals.open_appeal(world.db, reader, line, "《秘密花园》我按时还了", world.policy, world.now)
    world.fill_cart(reader, *world.books(1))
    with world.store.writing() as db:
        db.run("INSERT INTO suggestions (reader_id, title, made_at) VALUES (:r, '秘密花园', '2026-11-20')", r=reader)
        db.run(
            "INSERT INTO reviews (reader_id, title_id, text, at) VALUES (:r, :t, '好看', '2026-11-20T00:00:00Z')",
            r=reader, t=title,
        )  # fmt: skip
    return world, reader, title


def links(world: World, reader: int, title: int, name: str = "秘密花园") -> list[str]:
    """Every place that leads from the reader to the title: in one row, or over any id, text or moment they share."""
    tables = world.everything()
    loans = {f"loan:{row['id']}" for row in tables["loans"] if row["title_id"] == title}
    orders = {row["order_id"] for row in tables["order_items"] if row["title_id"] == title}
    numbers = {row["number"] for row in tables["orders"] if row["id"] in orders}
    lent = {row[name] for row in tables["loans"] if row["title_id"] == title for name in ("started_at", "returned_at")}
    found = []
    for table, rows in tables.items():
        for row in rows:
            if row.get("reader_id") != reader:
                continue
            text = " ".join(str(value) for value in row.values())
            found += [f"{table}: title_id" for _ in range(row.get("title_id") == title)]
            found += [f"{table}: the title's words" for _ in range(name in text)]
            found += [f"{table}: {loan}" for loan in loans if loan in words(row)]
            found += [f"{table}: {number}" for number in numbers if number in text]
            found += [f"{table}: a moment of the loan" for moment in lent if moment and moment in text]
    return found


def words(row: dict[str, Any]) -> set[str]:
    return {str(value).partition("@")[0] for value in row.values()}


def test_the_trail_is_there_before_and_gone_after(life: tuple[World, int, int]) -> None:
    world, reader, title = life
    before = {link.partition(":")[0] for link in links(world, reader, title)}
    assert before >= {"loans", "orders", "holds", "notices", "credit_lines", "appeals", "suggestions", "reviews"}
    privacy.forget(world.db, reader)
    assert links(world, reader, title) == []


def test_name_phone_and_address_are_nowhere_any_more(life: tuple[World, int, int]) -> None:
    world, reader, _ = life
    with world.store.writing() as db:
        db.run("UPDATE readers SET name = '', phone = '', address = '' WHERE id <> :r", r=reader)
    privacy.forget(world.db, reader)
    text = str(world.everything())
    assert [word for word in ("林书", "13800000000", "文三路") if word in text] == []


def test_the_statistics_and_the_points_stay(life: tuple[World, int, int]) -> None:
    world, reader, title = life
    count = "SELECT COUNT(*) FROM loans WHERE title_id = :t AND SUBSTR(started_at, 1, 7) = '2026-11'"
    before = world.db.value(count, t=title)
    lines = world.db.all("SELECT * FROM credit_lines WHERE reader_id = :r", r=reader)
    privacy.forget(world.db, reader)
    assert world.db.value(count, t=title) == before
    assert world.db.all("SELECT * FROM credit_lines WHERE reader_id = :r", r=reader) == lines


def test_a_copy_kept_for_the_forgotten_goes_to_whoever_waits(life: tuple[World, int, int]) -> None:
    world, reader, title = life
    waiting = world.reader()
    assert world.copies(title) == ["reserved"]
    holds.place(world.db, waiting, title, world.now)
    privacy.forget(world.db, reader)
    world.tick()
    assert [hold.state for hold in holds.of_reader(world.db, waiting)] == ["ready"]


@pytest.mark.parametrize("cleared", [False, True])
@pytest.mark.parametrize("lies", ["picked", "pickup_shelf"])
def test_books_of_the_forgotten_that_are_still_to_be_put_back_are_listed_by_themselves(
    world: World, cleared: bool, lies: str
) -> None:
    """The order says no more which they were; somebody still has to take them from the table, or the pick-up shelf."""
    reader, titles = world.reader(), world.books(2)
    order = world.step(world.order(reader, *titles), "pick", "pack")
    if lies == "pickup_shelf":
        world.step(order, "shelve")
        world.later(days=30)
        world.tick()
    else:
        world.step(order, "cancel")
    if cleared:
        world.later(days=200)
        retention.clear(world.db, world.policy, world.now)
    else:
        privacy.forget(world.db, reader)
    assert orders.books(world.db, order.id) == [] and clearing.waiting(world.db) == []
    listed = {one.title for one in clearing.out_of_place(world.db)}
    assert len(listed) == 2 and {one.lies for one in clearing.out_of_place(world.db)} == {lies}


def test_new_loans_after_forgetting_do_not_take_the_old_ids(life: tuple[World, int, int]) -> None:
    """The ledger still says "loan:1"; that must never mean another loan."""
    world, reader, _ = life
    privacy.forget(world.db, reader)
    old = {row["object"] for row in world.db.all("SELECT object FROM credit_lines WHERE reader_id = :r", r=reader)}
    (loan,) = world.lend(world.reader(), *world.books(1))
    assert f"loan:{loan.id}" not in old


def test_two_are_forgotten_one_after_the_other(life: tuple[World, int, int]) -> None:
    world, reader, title = life
    second = world.reader()
    privacy.forget(world.db, reader)
    privacy.forget(world.db, reader)
    world.later(hours=1)
    world.give_back(world.lend(second, title)[0])
    privacy.forget(world.db, second)
    assert links(world, second, title) == []


def test_whoever_still_borrows_is_told_what_is_open(world: World) -> None:
    reader = world.reader()
    world.lend(reader, *world.books(2))
    world.order(reader, *world.books(1))
    before = world.everything()
    with pytest.raises(StillBorrowing) as caught:
        privacy.forget(world.db, reader)
    assert caught.value.facts() == {"loans": 2, "orders": 1, "child": ""}
    assert world.everything() == before


def test_nobody_is_unknown(world: World) -> None:
    with pytest.raises(UnknownThing):
        privacy.forget(world.db, 999)


def test_everything_shows_each_table_that_knows_the_reader(life: tuple[World, int, int]) -> None:
    """A new table with a reader in it must be shown, or this fails."""
    world, reader, _ = life
    tables = {table for table, rows in world.everything().items() if rows and "reader_id" in rows[0]}
    shown = privacy.everything(world.db, reader)
    assert tables <= set(shown)
    for table in tables:
        rows = world.db.value(f"SELECT COUNT(*) FROM {table} WHERE reader_id = :r", r=reader)
        assert len(shown[table]) == rows
    assert len(shown["order_items"]) == 6
    assert shown["readers"][0]["phone"] == "13800000000"


TALK = {"contacts", "conversations", "escalations", "exports"}  # shown by bot.forgetting, which owns them
ACCOUNT = {"link_codes", "merged_readers"}  # the hash of a code of some minutes; a number that is used no more


def test_every_table_that_points_at_readers_is_among_everything(world: World) -> None:
    """A walk over the schema: a new table with a reader in it cannot be forgotten, filled or not (A11-5)."""
    tables = [table for table in world.db.tables if any(key.other_table == "readers" for key in table.foreign_keys)]
    assert len(tables) > 20
    assert sorted({table.name for table in tables} - set(privacy.OWN) - TALK - ACCOUNT) == []
