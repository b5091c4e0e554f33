"""The link between reader and title is cut some time after the return, in every table (A11-5, B2-21, D-51)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending import appeals, credit, decisions, holds, loans, purchases, replay, retention
from lending.model import stamp
from tests import stores
from tests.lending.test_privacy import links
from tests.lending.world import World

LONG = 90 + 31  # days: the policy's, and the rest of the month


@dataclass
class Life:
    """One reader, one title, everything one can do with it, and all of it over."""

    world: World
    reader: int
    title: int


@pytest.fixture
def life(world: World) -> Life:
    reader, title = world.reader(), world.book("秘密花园")
    for way in ("locker", "delivery", "counter"):
        world.give_back(world.lend(reader, title)[0])
        world.step(world.order(reader, title, way=way), "cancel", actor="staff")
    hold = _waits(world, reader, title)
    holds.cancel(world.db, reader, hold, world.policy, world.now)
    return Life(world, reader, title)


def _waits(world: World, reader: int, title: int) -> int:
    (loan,) = world.lend(world.reader(), title)
    hold = holds.place(world.db, reader, title, world.now).id
    world.give_back(loan)
    return hold


def clear(world: World) -> dict[str, int]:
    _settle_notices(world)
    return {table: n for table, n in retention.clear(world.db, world.policy, world.now).items() if n}


def _settle_notices(world: World) -> None:
    with world.store.writing() as db:
        db.run("UPDATE notices SET state = 'told'")


def test_before_its_time_everything_stays(life: Life) -> None:
    life.world.later(days=80)
    before = life.world.everything()
    _settle_notices(life.world)
    retention.nobody(life.world.db)
    changed = retention.clear(life.world.db, life.world.policy, life.world.now)
    assert set(changed.values()) == {0}
    assert life.world.everything()["loans"] == before["loans"]
    assert links(life.world, life.reader, life.title) != []


def test_after_its_time_no_trail_leads_from_the_reader_to_the_title(life: Life) -> None:
    before = {link.partition(":")[0] for link in links(life.world, life.reader, life.title)}
    assert before >= {"loans", "orders", "holds", "notices", "credit_lines"}
    life.world.later(days=LONG)
    done = clear(life.world)
    assert done["loans"] == 4 and done["order_items"] >= 6 and done["holds"] == 1
    assert links(life.world, life.reader, life.title) == []
    assert set(retention.over(life.world.db, life.world.policy, life.world.now).values()) == {0}
    assert clear(life.world) == {}


def test_what_the_library_counts_stays(life: Life) -> None:
    """How often a title was lent in a month, and how often a reader was on time (D-2)."""
    world = life.world
    count = "SELECT COUNT(*) FROM loans WHERE title_id = :t AND SUBSTR(started_at, 1, 7) = '2026-11'"
    before = world.db.value(count, t=life.title), decisions.facts(world.db, life.reader, world.now).returned_on_time
    lines = world.db.all("SELECT * FROM credit_lines WHERE reader_id = :r", r=life.reader)
    world.later(days=LONG)
    clear(world)
    after = world.db.value(count, t=life.title), decisions.facts(world.db, life.reader, world.now).returned_on_time
    assert after == before and before[1] == 3
    assert world.db.all("SELECT * FROM credit_lines WHERE reader_id = :r", r=life.reader) == lines


def test_a_book_still_at_home_keeps_its_reader(world: World) -> None:
    reader, (title,) = world.reader(), world.books(1)
    world.lend(reader, title)
    world.later(days=400)
    clear(world)
    assert [loan.title_id for loan in loans.of_reader(world.db, reader)] == [title]
    assert world.db.value("SELECT COUNT(*) FROM order_items") == 1


def test_an_open_objection_keeps_its_loan_until_it_is_settled(world: World) -> None:
    """B2-21: open cases excepted."""
    reader, title = world.reader(), world.book("秘密花园")
    world.give_back(world.lend(reader, title)[0])
    line = credit.lines(world.db, reader)[0]
    assert line.object.startswith("loan:")
    made, _ = appeals.open_appeal(world.db, reader, line.id, "我按时还了", world.policy, world.now)
    world.later(days=LONG)
    clear(world)
    assert "loans: title_id" in links(world, reader, title)
    with world.store.writing() as db:
        db.run("UPDATE appeals SET state = 'withdrawn' WHERE id = :id", id=made.id)
    assert clear(world)["loans"] == 1
    assert links(world, reader, title) == []


def test_a_book_paid_for_keeps_its_loan_for_longer(world: World) -> None:
    """B2-21: fees excepted; the book may turn up and be made good."""
    reader, title = world.reader(), world.book("秘密花园")
    (loan,) = world.lend(reader, title)
    world.give_back(loan)
    with world.store.writing() as db:
        db.run(
            "INSERT INTO compensations (number, reader_id, loan_id, kind, state, promised_at, opened_at, changed_at) "
            "VALUES ('PF1', :r, :l, 'damaged', 'settled', :now, :now, :now)",
            r=reader, l=loan.id, now=stamp(world.now),
        )  # fmt: skip
    world.later(days=LONG)
    clear(world)
    assert world.db.value("SELECT COUNT(*) FROM loans WHERE reader_id = :r", r=reader) == 1
    world.later(days=365)
    assert clear(world)["loans"] == 1
    assert world.db.value("SELECT loan_id FROM compensations") is None


def test_a_bought_book_is_nobodys_purchase_later(world: World) -> None:
    """A2-4: neither the row nor its number leads from the reader to the book."""
    with world.store.writing() as db:
        db.run(
            "INSERT INTO shop_books (id, shop, isbn, title, authors, publisher, price_fen) "
            "VALUES (1, 'xinhua', '9787544291170', '秘密花园', '', '', 3000)"
        )
    reader = world.reader()
    made = purchases.ask(world.db, reader, 1, "key", world.policy, world.now)
    purchases.cancel(world.db, reader, made.id, world.now)
    world.later(days=LONG)
    assert clear(world)["purchases"] == 1
    kept = world.db.one("SELECT id, number, reader_id, unseal(address) AS address FROM purchases")
    assert kept is not None and kept["id"] != made.id and kept["number"] != made.number
    assert (kept["reader_id"], kept["address"]) == (retention.nobody(world.db), "")


def test_where_money_is_counted_by_the_year_purchases_stay_until_it_is_over(world: World) -> None:
    """B5 常州: or the year's sum would be forgotten with them."""
    world.rule("purchases", a_year_fen=50000)
    world.now = datetime(2027, 11, 20, tzinfo=UTC)
    assert retention.moments(world.policy, world.now)["bought"] == "2026-12-31T16:00:00Z"
    world.now = datetime(2027, 1, 20, tzinfo=UTC)
    kept = retention.moments(world.policy, world.now)
    assert kept["bought"] == kept["end"]


def test_one_clearing_a_day_and_its_report(life: Life) -> None:
    world = life.world
    world.later(days=LONG)
    assert retention.clear_daily(world.db, world.policy, world.now)
    assert not retention.clear_daily(world.db, world.policy, world.now)
    found = retention.last_clearing(world.db)
    assert found is not None and found[1]["loans"] == 4


def test_a_month_goes_at_once_in_the_order_of_titles(world: World) -> None:
    """Numbers given day by day would tell the day of return."""
    reader, titles = world.reader(), world.books(6)
    lent = {loan.title_id: loan for loan in world.lend(reader, *titles)}
    for title in reversed(titles):
        world.give_back(lent[title])
        world.later(days=1)
    world.later(days=LONG)
    assert clear(world)["loans"] == 6
    kept = [row["title_id"] for row in world.db.all("SELECT title_id FROM loans ORDER BY id")]
    assert kept == sorted(titles)


def test_chunk_by_chunk_comes_to_the_same(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first chunk makes nobody; the next must not take what stands there for a reader's."""
    monkeypatch.setattr(retention, "CHUNK", 1)
    life.world.later(days=LONG)
    assert clear(life.world)["loans"] == 4
    assert links(life.world, life.reader, life.title) == []


def test_a_clearing_with_nothing_to_clear_leaves_no_row(world: World) -> None:
    """The first reader of a new library is R000001, whether or not a day's clearing came before."""
    retention.clear_daily(world.db, world.policy, world.now)
    assert world.db.value("SELECT COUNT(*) FROM readers") == 0


def test_nobody_has_no_part_in_a_rehearsal(life: Life) -> None:
    from_then = life.world.now
    life.world.later(days=LONG)
    clear(life.world)
    past = replay.past(life.world.db, life.world.policy, from_then, life.world.now)
    assert retention.NOBODY not in [row["number"] for row in past.readers]
    assert [row for row in past.loans if row["title_id"] == life.title] == []


# ---- any history -----------------------------------------------------------------------------------------------------

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["lend", "back", "cancel", "hold", "unhold", "wait"]), st.integers(0, 2), st.integers(0, 2)
    ),
    max_size=14,
)


@settings(max_examples=12)
@given(DEEDS)
def test_whatever_happened_nothing_over_is_left_and_nothing_open_is_lost(deeds: list[tuple[str, int, int]]) -> None:
    """B2-21, D-51: a walk over every row of every table, whatever readers did before."""
    with tempfile.TemporaryDirectory() as folder:
        store = stores.fresh(Path(folder))
        world = World(store, datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
        world.branch()
        _live(world, deeds)
        world.later(days=LONG)
        held = _open(world)
        clear(world)
        assert _open(world) == held
        assert set(retention.over(world.db, world.policy, world.now).values()) == {0}
        _no_trail(world)
        store.close()


def _live(world: World, deeds: list[tuple[str, int, int]]) -> None:
    readers, titles = [world.reader() for _ in range(3)], [world.book(name, 1) for name in ("甲", "乙", "丙")]
    for deed, r, t in deeds:
        world.later(minutes=7)  # so that a shared moment means a shared deed
        who, title = readers[r], titles[t]
        held = [loan for loan in loans.of_reader(world.db, who) if loan.title_id == title]
        if deed == "lend" and world.copies(title) == ["available"] and not _late(world, who):
            world.lend(who, title)
        elif deed == "back" and held:
            world.give_back(held[0])
        elif deed == "cancel" and world.copies(title) == ["available"] and not _late(world, who):
            world.step(world.order(who, title), "cancel", actor="staff")
        elif deed == "hold" and world.copies(title) == ["on_loan"] and not held and not _hold(world, who, title):
            holds.place(world.db, who, title, world.now)
        elif deed == "unhold" and (hold := _hold(world, who, title)):
            holds.cancel(world.db, who, hold, world.policy, world.now)
        elif deed == "wait":
            world.later(days=1 + 10 * r)


def _late(world: World, reader: int) -> bool:
    return not decisions.may_borrow(decisions.facts(world.db, reader, world.now), 1, world.policy).allowed


def _hold(world: World, reader: int, title: int) -> int:
    return next((hold.id for hold in holds.of_reader(world.db, reader) if hold.title_id == title), 0)


def _open(world: World) -> list[dict[str, Any]]:
    return world.db.all(
        "SELECT id, reader_id, title_id FROM loans WHERE returned_at IS NULL ORDER BY id"
    ) + world.db.all("SELECT id, reader_id, title_id FROM holds WHERE state IN ('waiting', 'ready') ORDER BY id")


def _no_trail(world: World) -> None:
    """Any reader, any title: a trail only where a book or a hold is still open."""
    still = {(row["reader_id"], row["title_id"]) for row in _open(world)}
    for reader in world.db.all("SELECT id FROM readers WHERE number <> 'NOBODY'"):
        for title in world.db.all("SELECT id, title FROM titles"):
            if (reader["id"], title["id"]) not in still:
                assert links(world, reader["id"], title["id"], title["title"]) == []
