"""A librarian of one of several cities: the board, the pick list, who stands where, and what goes home (A2-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from lending import orders
from lending.database import Store
from lending.model import Fulfilment
from tests import small_desk
from tests.admin.conftest import Hand


@pytest.fixture
def cities(store: Store, app: Flask) -> None:
    """城西 with its locker in 湖州, 城东 in 嘉兴."""
    with store.writing() as db:
        db.run("UPDATE points SET city = '湖州', city_en = 'Huzhou' WHERE code <> 'east'")
        db.run("UPDATE points SET city = '嘉兴', city_en = 'Jiaxing' WHERE code = 'east'")


@pytest.fixture
def far(store: Store, cities: None, now: datetime) -> str:
    """An order to be fetched in 嘉兴, of a book that stands in 嘉兴."""
    with store.writing() as db:
        east = db.value("SELECT id FROM points WHERE code = 'east'")
        title = db.value("SELECT title_id FROM copies WHERE state = 'available' LIMIT 1")
        db.run("UPDATE copies SET point_id = :p WHERE title_id = :t AND state = 'available'", p=east, t=title)
        who = small_desk.reader(db, "周七", "13500000000", now)
        made = small_desk.order(db, who, (title,), Fulfilment.COUNTER, now)
        db.run("UPDATE orders SET point_id = :p WHERE id = :o", p=east, o=made.id)
    return made.number


def test_without_cities_there_is_no_choice_of_one(chief: Hand) -> None:
    assert "按城市看" not in chief.read("/admin/orders") + chief.read("/admin/parcels/pick")
    assert "SX261120-0004" in chief.read("/admin/orders?city=湖州")


def test_the_board_of_one_city_is_kept_in_the_address(chief: Hand, far: str, store: Store) -> None:
    every, here, there = (chief.read(f"/admin/orders{ask}") for ask in ("", "?city=湖州", "?city=嘉兴"))
    assert "SX261120-0004" in every and far in every and "嘉兴 · 城东馆" in every
    assert "SX261120-0004" in here and far not in here
    assert far in there and "SX261120-0004" not in there
    assert 'data-live="/admin/orders/live?state=&amp;city=' in there and "city=%E5%98%89%E5%85%B4" in there
    assert far not in chief.read("/admin/orders/live?state=&city=湖州")
    assert far in chief.read("/admin/orders?city=绍兴")  # no city of ours: everything


def test_after_a_step_the_librarian_is_back_in_the_city(chief: Hand, far: str) -> None:
    chief.read("/admin/orders?city=嘉兴")
    back = "/admin/orders?city=%E5%98%89%E5%85%B4"
    assert f'name="back" value="{back}"' in chief.read("/admin/orders?city=嘉兴")
    sent = chief.send(f"/admin/orders/{far}/step", step="pick", state="approved", back=back)
    assert sent.status_code == 302 and sent.headers["Location"].endswith(back)


def test_the_pick_list_of_a_city_holds_its_own_books(chief: Hand, far: str, store: Store) -> None:
    assert far in chief.read("/admin/parcels/pick") and far in chief.read("/admin/parcels/pick?city=嘉兴")
    assert far not in chief.read("/admin/parcels/pick?city=湖州")


def test_places_are_told_with_their_city_in_the_librarians_language(chief: Hand, cities: None) -> None:
    assert "嘉兴 · 城东馆" in chief.read("/admin/calendar") and "嘉兴 · 城东馆" in chief.read("/admin/ways-back")
    chief.post("/admin/language", language="en")
    assert "Jiaxing · East branch" in chief.read("/admin/calendar")


def test_a_book_of_another_city_goes_home_where_the_rule_says_so(
    store: Store, now: datetime, quick_hashes: None
) -> None:
    policy = replace(small_desk.POLICY, cities=replace(small_desk.POLICY.cities, return_anywhere=False))
    small_desk.settle(store, now)
    with store.writing() as db:
        db.run("UPDATE points SET city = CASE code WHEN 'east' THEN '嘉兴' ELSE '湖州' END")
    chief = Hand(small_desk.application(store, small_desk.StoodStill(store, now), policy))
    chief.sign_in()
    barcode = store.db.value("SELECT barcode FROM copies WHERE state = 'available' AND point_id = 1 LIMIT 1")
    chief.read("/admin/returns")
    chief.post("/admin/returns/point", point="2")
    page = chief.post("/admin/returns", barcode=barcode).get_data(as_text=True)
    assert "送回湖州：城西馆" in page
    listed = chief.read("/admin/ways-back")
    assert barcode in listed and "先送回自己的城市" in listed
    chief.post("/admin/returns/point", point="1")
    assert "送回湖州" not in chief.post("/admin/returns", barcode=barcode).get_data(as_text=True).split("</li>")[0]
    assert orders.by_number(store.db, "SX261120-0004")
