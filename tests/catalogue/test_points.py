"""Service points: near, open, with their boxes."""

from __future__ import annotations

import pytest

from lending import catalogue
from lending.catalogue import Point
from lending.database import Store
from lending.errors import UnknownThing
from lending.points import Hours, PointEntry, store_points, within

DAY = PointEntry(
    "zx", "branch", "中心馆", lat=30.0, lon=120.0, opens={"tue": "09:00-12:00,14:00-21:00", "wed": "09:00-21:00"}
)
LOCKER = PointEntry("g1", "locker", "一号柜", parent="zx", lat=30.01, lon=120.0, boxes={"S": 2, "M": 1})


def stored(store: Store) -> None:
    with store.writing() as db:
        store_points(db, [LOCKER, DAY])


def test_points_come_back_by_kind_code_and_id(store: Store) -> None:
    stored(store)
    (locker,) = catalogue.points(store.db, "locker")
    branch = catalogue.point_by_code(store.db, "zx")
    assert locker.parent_id == branch.id
    assert catalogue.point(store.db, branch.id).opens == dict(DAY.opens)
    assert len(catalogue.points(store.db)) == 2
    with pytest.raises(UnknownThing):
        catalogue.point_by_code(store.db, "nowhere")


def test_storing_again_renews_names_and_adds_no_boxes_twice(store: Store) -> None:
    stored(store)
    with store.writing() as db:
        store_points(db, [DAY, PointEntry("g1", "locker", "甲柜", parent="zx", boxes={"S": 2, "M": 1})])
    assert catalogue.point_by_code(store.db, "g1").name == "甲柜"
    boxes = store.db.all("SELECT label, size, holds_books FROM boxes ORDER BY label")
    assert [(box["label"], box["holds_books"]) for box in boxes] == [("M01", 5), ("S01", 2), ("S02", 2)]


def test_the_nearest_come_first_with_metres() -> None:
    here = Point(1, "a", "branch", "甲", lat=30.0, lon=120.0)
    there = Point(2, "b", "branch", "乙", lat=30.01, lon=120.0)
    nowhere = Point(3, "c", "branch", "丙")
    assert catalogue.nearest([there, nowhere, here], 30.0, 120.0, 5) == [(here, 0), (there, 1112)]
    assert len(catalogue.nearest([there, here], 30.0, 120.0, 1)) == 1


def test_lockers_never_close() -> None:
    assert within("00:00-24:00", 23 * 60 + 59)


def test_equal_days_are_put_together() -> None:
    point = Point(1, "zx", "branch", "中心馆", opens=dict(DAY.opens))
    assert catalogue.hours(point) == [
        Hours("mon", "mon", ()),
        Hours("tue", "tue", ("09:00-12:00", "14:00-21:00")),
        Hours("wed", "wed", ("09:00-21:00",)),
        Hours("thu", "sun", ()),
    ]
