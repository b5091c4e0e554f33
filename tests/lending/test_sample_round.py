"""The sample library drives a round of its own (A10-2); packs over the default do not inherit it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from lending import orders, parcels, rounds
from lending.importing import sample
from lending.model import library_day
from lending.policy import load_policy, packs
from lending.readers import set_delivery
from tests.lending.world import World


def test_the_default_round_goes_to_a_district_of_the_sample_library(world: World) -> None:
    """Every day, so that `make run` shows it today."""
    sample.load_sample_points(world.store)
    districts = {row["district"] for row in world.db.all("SELECT district FROM points")}
    [one] = load_policy().parcels.rounds
    assert set(one.districts) <= districts and (one.starts, one.place) == (time(18), "")
    assert [run.name for run in rounds.runs_on(world.db, world.policy, library_day(world.now))] == [one.name]


def test_a_parcel_for_that_district_travels_with_it_and_another_by_courier(world: World) -> None:
    reader = world.reader()
    for address, expected in (("晴岚区柳堤路 3 号", "晴岚区傍晚送书"), ("听泉区柳堤路 3 号", "")):
        set_delivery(world.db, reader, "林书", "13800000000", address, "city")
        order = world.step(world.order(reader, *world.books(1), way="delivery"), "pick", "pack")
        [parcel] = parcels.of_order(world.db, order.id)
        assert parcel.round == expected
    assert orders.by_number(world.db, order.number).state == "packed"


@pytest.mark.parametrize("name", [pack for pack in packs() if pack != "default"])
def test_no_other_library_has_a_round_its_sources_do_not_name(name: str) -> None:
    assert load_policy(name).parcels.rounds == ()


def test_a_pack_names_rounds_of_its_own(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    own = 'name = "六"\ndistricts = ["江"]\nweekdays = [6]\nstarts = "09:00"\nends = "11:00"\nplace = ""\ncapacity = 3'
    pack.write_text(f'inherits = "default"\nname = "江东"\nversion = "1"\n[[parcels.rounds]]\n{own}\n', "utf-8")
    assert [one.name for one in load_policy(pack).parcels.rounds] == ["六"]
