"""清点: what was not seen is missing, what was lent meanwhile is not; twice is once, no scan is lost (E3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from lending import copy_states, holds, loans, privacy, retention, stock_takes, unfound
from lending.catalogue import copy_by_barcode
from lending.errors import CannotChange, UnknownThing
from lending.stock_takes import NothingScanned, StockTake, TakeMoved
from tests.lending.test_races import race
from tests.lending.world import World


def begin(world: World, shelf: str = "", call: str = "", material: str = "", at: int = 1) -> StockTake:
    return stock_takes.begin(world.store.db, at, shelf, call, material, "王", world.now)


def scan(world: World, take: StockTake, *barcodes: str) -> list[str]:
    found = stock_takes.scan(world.store.db, take.id, barcodes, "王", world.policy, world.now)
    return [outcome for _, outcome in found]


def end(world: World, take: StockTake) -> int:
    return stock_takes.end(world.store.db, take.id, "王", world.policy, world.now)


def standing(world: World, barcode: str) -> str:
    return copy_by_barcode(world.db, barcode).standing


def unseen(world: World, take: StockTake) -> list[str]:
    return [row["barcode"] for row in stock_takes.not_seen(world.db, take.id, 99)]


def test_what_was_not_scanned_is_missing_and_the_rest_is_as_before(world: World) -> None:
    world.book("围城", 3)
    take = begin(world)
    assert (take.expected, take.unseen) == (3, 3)
    assert scan(world, take, "围城-1", " 围城-2 ", "围城-1") == ["here", "here", "here"]
    assert unseen(world, take) == ["围城-3"]
    assert end(world, take) == 1
    over = stock_takes.take(world.db, take.id)
    assert (over.state, over.missing, over.expected, over.seen) == ("ended", 1, 3, 2)
    assert [standing(world, f"围城-{n}") for n in (1, 2, 3)] == ["available", "available", "missing"]


def test_what_was_lent_sent_away_or_moved_meanwhile_is_not_missing(world: World) -> None:
    titles = world.books(5)
    east, reader = world.branch("east"), world.reader()
    codes = [row["barcode"] for row in world.db.all("SELECT barcode FROM copies ORDER BY title_id")]
    take = begin(world)
    world.order(reader, titles[0])
    world.give_back(world.lend(reader, titles[1])[0])  # lent and back: a librarian has seen it
    loans.check_in(world.store.db, codes[2], east, world.policy, world.now)
    copy_states.step(world.store.db, codes[3], "damage", "王", world.policy, world.now)
    scan(world, take, codes[4])
    assert unseen(world, take) == [] and end(world, take) == 0
    assert [standing(world, code) for code in codes] == ["reserved", "available", "available", "damaged", "available"]


def test_scans_say_what_to_do_with_what_should_not_stand_there(world: World) -> None:
    world.book("围城", 6)
    east, reader = world.branch("east"), world.reader()
    take = begin(world)
    loans.check_in(world.store.db, "围城-1", east, world.policy, world.now)
    copy_states.step(world.store.db, "围城-2", "miss", "王", world.policy, world.now)
    copy_states.step(world.store.db, "围城-3", "withdraw", "王", world.policy, world.now)
    (loan,) = world.lend(reader, 1)
    outcome = dict(
        zip(
            ("a", "b", "c", "d", "e"),
            scan(world, take, "围城-1", "围城-2", "围城-3", loan.barcode, "  9787000000000"),
            strict=True,
        )
    )
    assert outcome == {"a": "elsewhere", "b": "found", "c": "withdrawn", "d": "on_loan", "e": "unknown"}
    assert standing(world, "围城-2") == "available"
    assert scan(world, take, "围城-2") == ["here"]
    listed = {row["barcode"]: row["outcome"] for row in stock_takes.to_look_at(world.db, take.id, 99)}
    assert listed == {
        "围城-1": "elsewhere",
        "围城-2": "found",
        "围城-3": "withdrawn",
        loan.barcode: "on_loan",
        "9787000000000": "unknown",
    }


def test_a_lost_copy_found_by_a_scan_goes_to_whoever_waits(world: World) -> None:
    title, reader = world.book("围城", 2), world.reader()
    take = begin(world)
    copy_states.step(world.store.db, "围城-2", "miss", "王", world.policy, world.now)
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE barcode = '围城-1'")
    holds.place(world.store.db, reader, title, world.now)
    assert scan(world, take, "围城-2") == ["found"]
    assert standing(world, "围城-2") == "kept"


def test_only_the_shelf_the_class_and_the_form_are_gone_through(world: World) -> None:
    world.book("围城", 4)
    marks = (("1 排", "I246/1", "book"), ("1 排", "K2/1", "book"), ("2 排", "I246/2", "book"), ("", "", "ebook"))
    with world.store.writing() as db:
        for n, (shelf, call, material) in enumerate(marks, 1):
            db.run("UPDATE copies SET shelf = :s, call_number = :c, material = :m WHERE barcode = :b",
                   s=shelf, c=call, m=material, b=f"围城-{n}")  # fmt: skip
    assert begin(world).expected == 3, "nobody can scan an e-book"
    assert unseen(world, begin(world, shelf="1 排")) == ["围城-1", "围城-2"]
    assert unseen(world, begin(world, call="I246")) == ["围城-1", "围城-3"]
    assert unseen(world, begin(world, material="ebook")) == ["围城-4"]
    assert begin(world, shelf="%").expected == 0
    assert scan(world, begin(world, shelf="1 排"), "围城-3") == ["stray"]


def test_what_is_still_to_be_found_is_listed_along_the_shelves(world: World) -> None:
    """Row 2 before row 10, the second book of a class before the tenth: as the pick list goes (A9-4)."""
    world.book("围城", 4)
    places = (("10 排", "I25/1"), ("2 排", "I247.5/10"), ("2 排", "I25/1"), ("2 排", "I247.5/9"))
    with world.store.writing() as db:
        for n, (shelf, call) in enumerate(places, 1):
            db.run("UPDATE copies SET shelf = :s, call_number = :c WHERE barcode = :b", s=shelf, c=call, b=f"围城-{n}")
    take = begin(world)
    assert unseen(world, take) == ["围城-4", "围城-2", "围城-3", "围城-1"]
    assert [row["barcode"] for row in stock_takes.not_seen(world.db, take.id, 2)] == ["围城-4", "围城-2"]


def test_it_goes_on_where_it_was_left_and_two_scan_in_one(world: World) -> None:
    world.book("围城", 20)
    take = begin(world)
    again = begin(world)
    assert again.id == take.id
    halves = [[f"围城-{n}" for n in range(1, 15)], [f"围城-{n}" for n in range(8, 20)]]
    world.later(days=2)
    outcome = race(world, [partial(scan, world, take, *half) for half in halves])
    assert outcome == {"ordered": 2} and unseen(world, take) == ["围城-20"]
    assert stock_takes.take(world.db, take.id).seen == 19
    assert race(world, [lambda: end(world, take)] * 6) == {"ordered": 1, "TakeMoved": 5}
    assert world.steps_of(copy_by_barcode(world.db, "围城-20").id) == ["miss"]


def test_a_copy_seen_in_one_stock_taking_is_seen_in_the_other(world: World) -> None:
    world.book("围城", 2)
    whole, part = begin(world), begin(world, call="I")
    scan(world, part, "围城-1")
    assert unseen(world, whole) == ["围城-2"]


def test_without_a_scan_nothing_can_be_ended_and_called_off_marks_nothing(world: World) -> None:
    world.book("围城", 2)
    take = begin(world)
    with pytest.raises(NothingScanned):
        end(world, take)
    scan(world, take, "围城-1")
    stock_takes.call_off(world.store.db, take.id, "王", world.now)
    assert standing(world, "围城-2") == "available"
    for late in (lambda: end(world, take), lambda: scan(world, take, "围城-2"),
                 lambda: stock_takes.call_off(world.store.db, take.id, "王", world.now)):  # fmt: skip
        with pytest.raises(TakeMoved):
            late()
    assert begin(world).id != take.id


def test_unknown_places_and_takes_are_refused(world: World) -> None:
    world.book("围城")
    with pytest.raises(UnknownThing):
        begin(world, at=99)
    with pytest.raises(UnknownThing):
        stock_takes.scan(world.store.db, 99, ["围城-1"], "王", world.policy, world.now)


def test_pasted_lists_are_read_however_they_are_parted() -> None:
    assert stock_takes.codes(" B1\r\nB2,B3，B1;  \n\nB4\t") == ["B1", "B2", "B3", "B4"]
    assert stock_takes.codes("x" * 500) == ["x" * 60] and stock_takes.codes(" \n") == []


# ---- what stays of it ------------------------------------------------------------------------------------------------


def scans(world: World) -> int:
    return int(world.db.value("SELECT COUNT(*) FROM stock_take_scans"))


def test_single_scans_go_some_days_after_the_end_and_their_counts_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_takes, "CHUNK", 2)
    world.book("围城", 4)
    take, going_on = begin(world), begin(world, call="I")
    scan(world, take, "围城-1", "围城-2", "围城-3", "X", "Y")
    scan(world, going_on, "X")
    end(world, take)
    before = stock_takes.take(world.db, take.id)
    world.later(days=world.policy.stock.scans_days - 1)
    assert stock_takes.clear_scans(world.store.db, world.policy, world.now) == 0
    world.later(days=2)
    assert stock_takes.clear_scans(world.store.db, world.policy, world.now) == 5
    after = stock_takes.take(world.db, take.id)
    assert (after.seen, after.missing, after.expected) == (before.seen, before.missing, before.expected) == (5, 1, 4)
    assert after.totals == {"here": 3, "unknown": 2} and after.cleared_at is not None
    assert scans(world) == 1, "one that goes on keeps all"
    assert stock_takes.clear_scans(world.store.db, world.policy, world.now) == 0


def test_one_called_off_is_cleared_too(world: World) -> None:
    world.book("围城")
    take = begin(world)
    scan(world, take, "围城-1")
    stock_takes.call_off(world.store.db, take.id, "王", world.now)
    world.later(days=world.policy.stock.scans_days + 1)
    assert stock_takes.clear_scans(world.store.db, world.policy, world.now) == 1 and scans(world) == 0


# ---- not found on the shelf ------------------------------------------------------------------------------------------


def test_two_readers_who_do_not_find_it_make_one_search(world: World) -> None:
    title, first, second = world.book("围城", 2), world.reader(), world.reader()
    with world.store.writing() as db:
        said = [unfound.report(db, title, 1, reader, world.now) for reader in (first, second, second)]
    assert said == [True, False, False], "and who says it twice is one reader"
    (search,) = unfound.open_ones(world.db)
    assert (search.title, search.said) == ("围城", 2)
    marked = unfound.settle(
        world.store.db, search.id, "missing", "王", world.policy, world.now, ("围城-2", "nonsense")
    )  # fmt: skip
    assert marked == 1 and standing(world, "围城-2") == "missing" and standing(world, "围城-1") == "available"
    with pytest.raises(CannotChange):
        unfound.settle(world.store.db, search.id, "found", "王", world.policy, world.now)
    assert unfound.open_ones(world.db) == []


def test_what_was_lent_meanwhile_is_not_marked_missing(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    with world.store.writing() as db:
        unfound.report(db, title, 1, reader, world.now)
    world.order(reader, title)
    (search,) = unfound.open_ones(world.db)
    assert unfound.copies(world.db, search) == []
    assert unfound.settle(world.store.db, search.id, "missing", "王", world.policy, world.now, ("围城-1",)) == 0
    assert standing(world, "围城-1") == "reserved"
    with pytest.raises(UnknownThing):
        unfound.settle(world.store.db, 99, "found", "王", world.policy, world.now)


def test_nobody_is_sent_to_a_shelf_where_no_copy_should_stand(world: World) -> None:
    title, east, reader = world.book("围城"), world.branch("east"), world.reader()
    with world.store.writing() as db, pytest.raises(UnknownThing):
        unfound.report(db, title, east, reader, world.now)


def askers(world: World) -> int:
    return int(world.db.value("SELECT COUNT(*) FROM unfound_askers"))


@pytest.mark.parametrize("name", ["found", "missing"])
def test_who_asked_is_known_until_it_is_settled_and_told_once(world: World, name: str) -> None:
    title, reader = world.book("围城"), world.reader()
    with world.store.writing() as db:
        unfound.report(db, title, 1, reader, world.now)
    assert askers(world) == 1
    unfound.settle(world.store.db, unfound.open_ones(world.db)[0].id, name, "王", world.policy, world.now, ("围城-1",))
    assert askers(world) == 0
    rows = world.db.all("SELECT event, step FROM notices WHERE reader_id = :r AND event = 'shelf_searched'", r=reader)
    assert [row["step"] for row in rows] == [name]


def test_asking_again_later_is_told_again(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    for _ in range(2):
        with world.store.writing() as db:
            unfound.report(db, title, 1, reader, world.now)
        unfound.settle(world.store.db, unfound.open_ones(world.db)[0].id, "found", "王", world.policy, world.now)
    assert world.db.value("SELECT COUNT(*) FROM notices WHERE event = 'shelf_searched'") == 2


def test_the_schema_itself_forgets_who_asked(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    with world.store.writing() as db:
        unfound.report(db, title, 1, reader, world.now)
        db.run("UPDATE unfound SET state = 'found'")
    assert askers(world) == 0


def test_a_search_nobody_looks_after_does_not_keep_who_asked_for_ever(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    with world.store.writing() as db:
        unfound.report(db, title, 1, reader, world.now)
    retention.clear(world.store.db, world.policy, world.now + timedelta(days=85))
    assert askers(world) == 1
    retention.clear(world.store.db, world.policy, world.now + timedelta(days=125))
    assert askers(world) == 0 and len(unfound.open_ones(world.db)) == 1


def test_who_is_forgotten_is_not_known_to_have_asked(world: World) -> None:
    title, reader = world.book("围城"), world.reader()
    with world.store.writing() as db:
        unfound.report(db, title, 1, reader, world.now)
    assert privacy.everything(world.db, reader)["unfound_askers"][0]["title_id"] == title
    privacy.forget(world.store.db, reader)
    assert askers(world) == 0
