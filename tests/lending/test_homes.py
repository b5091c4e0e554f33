"""Where a courier brings books: an address whole enough to be found, and the zone it lies in (A4-11, A2-16)."""

from __future__ import annotations

import pytest

from lending import homes, readers
from lending.errors import BadAddress
from lending.points import PointEntry, store_points
from tests.lending.world import World

HUZHOU = PointEntry("south", "branch", "南浔馆", district="南浔区", city="湖州")
JIAXING = PointEntry("lake", "branch", "南湖馆", district="南湖区", city="嘉兴")


def kept(world: World, *points: PointEntry, place: str, district: str = "南浔区") -> str:
    who = world.reader()
    with world.store.writing() as db:
        store_points(db, points)
    homes.keep(world.db, who, "林书", "13800000000", district, place, world.policy)
    return readers.reader(world.db, who).address


@pytest.mark.parametrize(
    ("points", "place", "address"),
    [
        ((HUZHOU,), "人瑞路 1 号", "南浔区 人瑞路 1 号"),
        ((HUZHOU,), "南浔区人瑞路 1 号", "南浔区人瑞路 1 号"),
        ((HUZHOU,), "湖州南浔区人瑞路 1 号", "湖州南浔区人瑞路 1 号"),
        ((HUZHOU, JIAXING), "人瑞路 1 号", "湖州 南浔区 人瑞路 1 号"),
        ((HUZHOU, JIAXING), "湖州市南浔区人瑞路 1 号", "湖州市南浔区人瑞路 1 号"),
    ],
)
def test_an_address_names_its_district_and_where_there_are_several_its_city(
    world: World, points: tuple[PointEntry, ...], place: str, address: str
) -> None:
    assert kept(world, *points, place=place) == address


@pytest.mark.parametrize(
    ("name", "phone", "place", "missing"),
    [
        (" ", "13800000000", "人瑞路", ("name",)), ("林书", "", " ", ("phone", "address")),
        ("林书", "876543", "人瑞路", ("phone",)), ("林书", "没有", "人瑞路", ("phone",)),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_kept(
    world: World, name: str, phone: str, place: str, missing: tuple[str, ...]
) -> None:
    who = world.reader()
    before = readers.reader(world.db, who)
    with pytest.raises(BadAddress) as refused:
        homes.keep(world.db, who, name, phone, "南浔区", place, world.policy)
    assert refused.value.missing == missing and readers.reader(world.db, who) == before


def test_a_district_that_two_cities_have_belongs_to_neither(world: World) -> None:
    same = PointEntry("other", "branch", "城东馆", district="南浔区", city="嘉兴")
    assert kept(world, HUZHOU, same, place="人瑞路 1 号") == "南浔区 人瑞路 1 号"
