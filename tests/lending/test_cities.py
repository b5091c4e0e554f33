"""One service over several cities (A2-16): which copy is taken, whose place comes first, what goes home."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lending import cities, floating, merging, missing_copies, order_records, orders, points, privacy, readers, shipping
from lending.catalogue import availability
from lending.cities import City
from lending.database import Database
from lending.errors import UnknownThing
from lending.model import Fulfilment, library_day
from lending.points import PointEntry, store_points
from lending.policy import PolicyError, load_policy, load_text
from lending.rules import Zone
from tests.lending.world import World


@pytest.fixture
def main(world: World) -> int:
    """Two cities and a branch in neither: main and near in 湖州, far in 嘉兴; the id of main."""
    with world.store.writing() as db:
        store_points(
            db,
            [
                PointEntry("main", "branch", "湖州市图书馆", city="湖州", city_en="Huzhou", lat=30.87, lon=120.09),
                PointEntry("near", "branch", "南浔馆", city="湖州", city_en="Huzhou", lat=30.87, lon=120.43),
                PointEntry("far", "branch", "南湖馆", city="嘉兴", city_en="Jiaxing", lat=30.75, lon=120.78),
                PointEntry("none", "branch", "流动点"),
            ],
        )
    return at(world, "main")


def at(world: World, code: str) -> int:
    return points.point_by_code(world.db, code).id


def stands(world: World, order: orders.Order) -> str:
    """The code of the point where the order's only copy is picked."""
    (book,) = order_records.books(world.db, order.id)
    return points.point(world.db, book["point_id"]).code


def one_each(world: World, *codes: str) -> int:
    """A title with a copy at each of these points, in that order."""
    for code in codes:
        title = world.book("孤本", at=at(world, code))
    return title


# ---- which copy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "taken"),
    [(("far", "near", "main"), "main"), (("far", "none", "near"), "near"), (("far", "none"), "far")],
)
def test_an_order_takes_a_copy_there_then_in_that_city_then_elsewhere(
    world: World, main: int, held: tuple[str, ...], taken: str
) -> None:
    title = one_each(world, *held)
    assert stands(world, world.order(world.reader(), title, at=main)) == taken


def test_sent_home_it_is_taken_in_the_readers_city(world: World, main: int) -> None:
    title, reader = one_each(world, "main", "far"), world.reader()
    cities.choose(world.db, reader, "嘉兴")
    assert stands(world, world.order(reader, title, way="delivery")) == "far"
    other = one_each(world, "near", "main")
    assert stands(world, world.order(world.reader(), other, way="delivery")) == "main"


def test_a_pick_up_point_in_another_city_decides_and_not_the_reader(world: World, main: int) -> None:
    title, reader = one_each(world, "main", "far"), world.reader()
    cities.choose(world.db, reader, "湖州")
    assert stands(world, world.order(reader, title, at=at(world, "far"))) == "far"


def test_another_copy_for_a_missing_one_is_the_nearest_too(world: World, main: int) -> None:
    title = one_each(world, "main", "far", "near")
    order = world.order(world.reader(), title, at=main)
    (book,) = order_records.books(world.db, order.id)
    missing_copies.report(world.db, order.number, book["copy_id"], "lost", "staff", world.policy, world.now)
    assert stands(world, order) == "near"


def test_two_at_once_share_the_two_copies_of_two_cities(world: World, main: int) -> None:
    title = one_each(world, "main", "far")
    people = [world.reader(), world.reader()]
    for reader in people:
        world.fill_cart(reader, title)
    gate = threading.Barrier(2)

    def press(reader: int) -> str:
        gate.wait()
        way = Fulfilment.COUNTER
        return stands(world, orders.place(world.store.db, reader, way, main, f"k{reader}", world.policy, world.now))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, people)) == ["far", "main"]


def test_an_order_asks_the_store_no_more_often(world: World, main: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight with a full cart, and its turn begun and committed, as without any city (docs/decisions.md 62)."""
    title, reader = one_each(world, "far", "near"), world.reader()
    cities.choose(world.db, reader, "湖州")
    world.fill_cart(reader, title)
    asked, ask = [], Database._ask

    def noting(self: Database, sql: str, values: dict[str, object]) -> object:
        asked.append(sql)
        return ask(self, sql, values)

    monkeypatch.setattr(Database, "_ask", noting)
    world.press_order(reader, at=main)
    assert len([sql for sql in asked if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]) == 8


# ---- which cities, and whose -----------------------------------------------------------------------------------------


def test_the_cities_are_those_of_the_points_and_one_alone_is_none(world: World, main: int) -> None:
    every = points.points(world.db)
    assert cities.among(every) == cities.named(world.db) == (City("湖州", "Huzhou", 2), City("嘉兴", "Jiaxing", 1))
    assert cities.among(point for point in every if point.city != "嘉兴") == ()
    with world.store.writing() as db:
        db.run("UPDATE points SET city = '' WHERE city = '嘉兴'")
    assert cities.named(world.db) == ()


def test_books_nobody_fetched_from_a_locker_wait_in_its_own_city(world: World, main: int) -> None:
    """Also where nobody has said which branch looks after the locker."""
    with world.store.writing() as db:
        store_points(db, [PointEntry("box", "locker", "南湖书柜", city="嘉兴", city_en="Jiaxing", boxes={"M": 2})])
    at = world.db.value("SELECT id FROM points WHERE code = 'box'")
    order = world.order(world.reader(), world.book("甲", at=main), way="locker", at=at)
    world.step(order, "pick", "pack", "load", "move_on")
    waits = world.db.value("SELECT code FROM points WHERE id = (SELECT point_id FROM orders WHERE id = :o)", o=order.id)
    assert waits == "far"


@pytest.mark.parametrize("name", ["绍兴", "湖", "'; DROP TABLE readers", "湖州" * 500])
def test_a_city_we_are_not_in_is_refused(world: World, main: int, name: str) -> None:
    reader = world.reader()
    with pytest.raises(UnknownThing):
        cities.choose(world.db, reader, name)
    assert readers.reader(world.db, reader).city is None


def test_a_city_that_is_gone_is_nobodys(world: World, main: int) -> None:
    reader = world.reader()
    cities.choose(world.db, reader, "嘉兴")
    with world.store.writing() as db:
        db.run("UPDATE points SET city = '湖州' WHERE city = '嘉兴'")
        db.run("UPDATE points SET city = '宁波' WHERE code = 'none'")
    assert cities.own(cities.named(world.db), readers.reader(world.db, reader).city) == ""


@pytest.mark.parametrize(
    ("spot", "city"), [((30.88, 120.1), "湖州"), ((30.75, 120.8), "嘉兴"), ((39.9, 116.4), ""), ((-33.9, 151.2), "")]
)
def test_somebody_is_in_the_city_of_the_nearest_point_if_it_is_near(
    world: World, main: int, spot: tuple[float, float], city: str
) -> None:
    assert cities.at(points.points(world.db), *spot, world.policy) == city
    assert world.policy.cities.near_km == 50


def test_copies_are_counted_here_and_elsewhere(world: World, main: int) -> None:
    title = one_each(world, "main", "near", "far", "none")
    stock = availability(world.db, [title])[title]
    every = points.points(world.db)
    assert [cities.split(stock, every, city) for city in ("湖州", "嘉兴", "绍兴")] == [(2, 2), (1, 3), (0, 4)]


def test_one_is_asked_for_a_city_once(world: World, main: int) -> None:
    reader = world.reader()
    with world.store.writing() as db:
        assert [readers.offer_city(db, reader) for _ in range(3)] == [True, False, False]


def test_whoever_has_chosen_is_never_asked(world: World, main: int) -> None:
    reader = world.reader()
    cities.choose(world.db, reader, "湖州")
    with world.store.writing() as db:
        assert not readers.offer_city(db, reader)
    assert readers.reader(world.db, reader).city == "湖州"


# ---- one's data ------------------------------------------------------------------------------------------------------


def test_the_city_is_among_ones_data_and_is_forgotten(world: World, main: int) -> None:
    reader = world.reader()
    cities.choose(world.db, reader, "湖州")
    assert privacy.everything(world.db, reader)["readers"][0]["city"] == "湖州"
    privacy.forget(world.db, reader)
    assert world.db.value("SELECT city FROM readers WHERE id = :r", r=reader) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "left"),
    [("湖州", "嘉兴", "湖州"), (None, "嘉兴", "嘉兴"), ("", "嘉兴", "嘉兴"), ("湖州", None, "湖州")],
)
def test_merged_readers_keep_one_city(
    world: World, main: int, ours: str | None, theirs: str | None, left: str
) -> None:
    kept, gone = world.reader(), world.reader()
    for reader, city in ((kept, ours), (gone, theirs)):
        if city is not None:
            cities.choose(world.db, reader, city)
    merging.merge(world.db, kept, gone, world.policy, world.now)
    assert (readers.reader(world.db, kept).city, readers.reader(world.db, gone).city) == (left, None)


# ---- given back in another city --------------------------------------------------------------------------------------


def returned_far(world: World, main: int) -> str:
    """A book of 湖州 is borrowed there and given back in 嘉兴; its barcode."""
    title = one_each(world, "main")
    (loan,) = world.lend(world.reader(), title)
    world.give_back(loan, at=at(world, "far"))
    return loan.barcode


def test_by_default_a_book_stays_in_another_city(world: World, main: int) -> None:
    barcode = returned_far(world, main)
    assert world.policy.cities.return_anywhere
    assert cities.stray(world.db, barcode, world.policy) is None


def test_where_it_does_not_it_is_taken_in_all_the_same_and_goes_home(world: World, main: int) -> None:
    world.rule("cities", return_anywhere=False)
    barcode = returned_far(world, main)
    assert world.db.value("SELECT point_id FROM copies WHERE barcode = :b", b=barcode) == at(world, "far")
    away = cities.stray(world.db, barcode, world.policy)
    assert away and (away.city, away.point_id) == ("湖州", main)
    (move,) = floating.moves(world.db, world.policy, library_day(world.now))
    assert (move.barcode, move.from_point, move.to_point) == (barcode, at(world, "far"), main)
    world.rule("cities", return_anywhere=True)
    assert cities.stray(world.db, barcode, world.policy) is None


def test_books_float_within_their_city_only(world: World, main: int) -> None:
    """Too many in 嘉兴, too few in 湖州: nothing of 嘉兴 is moved there; within 湖州 it is."""
    for n in range(6):
        world.book(f"湖{n}", at=main)
        world.book(f"嘉{n}", at=at(world, "far"))
    near, far, none = (at(world, code) for code in ("near", "far", "none"))
    with world.store.writing() as db:
        db.run("UPDATE copies SET home_point_id = :near WHERE point_id = :main", near=near, main=main)
        db.run("UPDATE copies SET home_point_id = :none WHERE point_id = :far", none=none, far=far)
    today = library_day(world.now)
    anywhere = {(move.from_point, move.to_point) for move in floating.moves(world.db, world.policy, today)}
    assert anywhere == {(main, near), (far, none)}
    world.rule("cities", return_anywhere=False)
    apart = {(move.from_point, move.to_point) for move in floating.moves(world.db, world.policy, today)}
    assert apart == {(main, near)}


def test_in_one_city_the_rule_changes_nothing(world: World) -> None:
    with world.store.writing() as db:
        db.run("UPDATE points SET city = '湖州' WHERE code = 'main'")
        store_points(db, [PointEntry("other", "branch", "分馆")])
    for n in range(4):
        world.book(f"书{n}")
    with world.store.writing() as db:
        db.run("UPDATE copies SET point_id = :p", p=at(world, "other"))
    before = floating.moves(world.db, world.policy, library_day(world.now))
    world.rule("cities", return_anywhere=False)
    assert before and floating.moves(world.db, world.policy, library_day(world.now)) == before


# ---- the librarian's board, the courier's zone -----------------------------------------------------------------------


def test_a_librarian_sees_what_is_fetched_in_the_city_and_what_stands_there(world: World, main: int) -> None:
    far, mixed = at(world, "far"), one_each(world, "main")
    here = world.order(world.reader(), world.book("甲", at=main), at=main)
    there = world.order(world.reader(), world.book("乙", at=far), at=far)
    both = world.order(world.reader(), mixed, at=far)
    asked = ("", "湖州", "嘉兴", "绍兴")
    seen = [{order.id for order in order_records.board(world.db, city=city)} for city in asked]
    assert seen == [{here.id, there.id, both.id}, {here.id, both.id}, {there.id, both.id}, set()]
    assert sum(order_records.how_many(world.db, "湖州").values()) == 2


def test_the_city_is_the_couriers_zone_where_a_pack_names_it_and_changes_no_price_else() -> None:
    policy = load_policy("default")
    named = (Zone("a", "湖州", ("湖州",)), Zone("b", "其他", ()))
    two = replace(policy, fees=replace(policy.fees, zones=named))
    assert [shipping.zone_or_first(two, "", city) for city in ("嘉兴", "湖州", None)] == ["a", "a", "a"]
    swapped = replace(policy, fees=replace(policy.fees, zones=named[::-1]))
    assert [shipping.zone_or_first(swapped, "", city) for city in ("嘉兴", "湖州", None)] == ["b", "a", "b"]
    assert shipping.zone_or_first(swapped, "b", "湖州") == "b"  # the address says more than the city
    assert (shipping.zone_of(two, "吴兴区", "湖州"), shipping.zone_of(two, "南湖区", "嘉兴")) == ("a", "b")
    assert shipping.zone_of(policy, "吴兴区", "湖州") == shipping.zone_of(policy, "吴兴区")


def test_a_pack_says_whether_books_stay_and_nonsense_is_refused() -> None:
    assert not load_text('inherits = "default"\n[cities]\nreturn_anywhere = false\n').cities.return_anywhere
    for wrong in ("return_anywhere = 1", "near_km = 0", "near_km = -5", 'near_km = "x"', "far = 1"):
        with pytest.raises(PolicyError):
            load_text(f'inherits = "default"\n[cities]\n{wrong}\n')
