"""A shelf is one of the copy's home: where a copy stays elsewhere (A2-6), nobody is sent to that shelf."""

from __future__ import annotations

from datetime import date, datetime

from lending import catalogue, floating, orders, readers, stock_takes, unfound
from lending.database import Store
from lending.model import Fulfilment
from tests import small_desk
from tests.admin.conftest import Hand


def _brought_to_the_east(colleague: Hand) -> None:
    """B002 of the first branch, on its shelf 2 排 A 面, is given back at the second."""
    colleague.post("/admin/returns/point", point="2")
    colleague.post("/admin/returns", barcode="B002")


def test_the_pick_list_and_the_card_name_no_shelf_of_another_branch(
    colleague: Hand, store: Store, now: datetime
) -> None:
    assert "城西馆 · 2 排 A 面" in colleague.read("/admin/copies?q=B002")
    _brought_to_the_east(colleague)
    page = colleague.read("/admin/copies?q=B002")
    assert "<dd>城东馆</dd>" in page and 'name="shelf" value="2 排 A 面"' in page, "at home it is still the shelf"
    assert "2 排" not in colleague.read("/admin/copies?q=活着")
    with store.writing() as db:
        made = small_desk.order(db, readers.by_number(db, "R000003"), (2,), Fulfilment.COUNTER, now)
    (book,) = orders.books(store.db, made.id)
    assert (book["point"], book["shelf"], book["call_number"]) == ("城东馆", "", "I246.5/2")
    assert "2 排" not in colleague.read("/admin/parcels/pick") + colleague.read(f"/admin/orders/{made.number}")


def test_readers_are_not_sent_to_it_and_back_home_it_counts_again(colleague: Hand, store: Store) -> None:
    _brought_to_the_east(colleague)
    (place,) = catalogue.availability(store.db, [2])[2].places
    assert (place.point_id, place.shelf, place.call_number) == (2, "", "I246.5/2")
    colleague.post("/admin/returns/point", point="1")
    colleague.post("/admin/returns", barcode="B002")
    (place,) = catalogue.availability(store.db, [2])[2].places
    assert (place.point_id, place.shelf) == (1, "2 排 A 面")


def test_going_through_some_shelves_does_not_miss_what_never_stood_on_them(
    colleague: Hand, store: Store, now: datetime
) -> None:
    _brought_to_the_east(colleague)
    some = stock_takes.begin(store.db, 2, "2 排", "", "", "小王", now)
    assert some.expected == 0, "else it would be marked missing for not standing where it cannot"
    every = stock_takes.begin(store.db, 2, "", "", "", "小王", now)
    assert every.expected == 1
    ((_code, said),) = stock_takes.scan(store.db, some.id, ["B002"], "小王", small_desk.POLICY, now)
    assert said == stock_takes.HERE


def test_the_lists_of_work_name_it_no_more_than_that(colleague: Hand, store: Store, now: datetime) -> None:
    _brought_to_the_east(colleague)
    moves = floating.moves(store.db, small_desk.POLICY, date(2026, 11, 20), 9)
    assert {move.shelf for move in moves if move.barcode == "B002"} <= {""}
    with store.writing() as db:
        unfound.report(db, 2, 2, 1, now)
    (search,) = unfound.open_ones(store.db)
    assert [row["shelf"] for row in unfound.copies(store.db, search)] == [""]
