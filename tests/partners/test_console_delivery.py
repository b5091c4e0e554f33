"""演示台: single parcels through every word of a courier; lockers with and without a network, as webhooks hear them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from lending import door_codes, locker_reports, lockers, orders, parcels, points
from lending.database import Store
from lending.model import OrderState
from partners.console_lockers import GROUPS, NEEDS, RESULTS
from partners.console_parcels import SAYS
from tests.admin.conftest import Hand
from tests.small_stage import DOOR_KEY

PICKING, PACKED, IN_LOCKER = "SX261119-0003", "SX261120-0004", "SX261120-0006"


def parcel(store: Store, number: str = PACKED) -> parcels.Parcel:
    return parcels.of_order(store.db, orders.by_number(store.db, number).id)[0]


def say(visitor: Hand, store: Store, state: str, ago: str = "0") -> str:
    answer = visitor.post("/simulator/parcel", tracking=parcel(store).tracking, state=state, ago=ago)
    return answer.get_data(as_text=True)


def play(visitor: Hand, what: str, locker: str = "xixi") -> str:
    return visitor.post("/simulator/door", locker=locker, what=what).get_data(as_text=True)


def network(visitor: Hand, deed: str) -> str:
    return visitor.post("/simulator/network", locker="xixi", network=deed).get_data(as_text=True)


def box(store: Store, label: str) -> str:
    return str(store.db.value("SELECT state FROM boxes WHERE point_id = 3 AND label = :l", l=label))


# ---- parcels ---------------------------------------------------------------------------------------------------------


def test_the_courier_has_a_word_for_every_state_of_a_parcel() -> None:
    assert set(SAYS) == set(parcels.LIFE)
    assert set(NEEDS) == set(GROUPS) == set(locker_reports.EVENTS)
    assert set(RESULTS) == {"done", "waiting", "disputed", "already", "kept"}


@pytest.mark.parametrize("state", [name for name in SAYS if name != "created"])
def test_a_parcel_is_moved_and_its_order_with_it(visitor: Hand, store: Store, state: str) -> None:
    """E3: only 签收 is delivered."""
    assert f"现在是「{SAYS[state]}」" in say(visitor, store, state)
    assert parcel(store).state == state
    ends = {"signed": OrderState.DONE, "returned": OrderState.CANCELLED, "lost": OrderState.CANCELLED}
    assert orders.by_number(store.db, PACKED).state is ends.get(state, OrderState.SHIPPED)


def test_a_late_word_and_a_repeated_end_change_nothing(visitor: Hand, store: Store) -> None:
    say(visitor, store, "out_for_delivery")
    assert "没有改变什么" in say(visitor, store, "in_transit", ago="2")
    assert parcel(store).state == "out_for_delivery"
    assert "路走完了" in say(visitor, store, "signed")
    page = visitor.post("/simulator/parcel", tracking=parcel(store).tracking, state="lost", ago="0")
    assert "没有改变什么" in page.get_data(as_text=True) and parcel(store).state == "signed"


@pytest.mark.parametrize("form", [{"state": "created"}, {"state": "flown"}, {"state": "signed", "ago": "9"}])
def test_words_no_courier_says_are_refused(visitor: Hand, store: Store, form: dict[str, str]) -> None:
    page = visitor.post("/simulator/parcel", tracking=parcel(store).tracking, **form).get_data(as_text=True)
    assert "没有这样说过" in page and parcel(store).state == "created"
    assert "没有这个包裹" in visitor.post("/simulator/parcel", tracking="X", state="signed").get_data(as_text=True)


# ---- lockers ---------------------------------------------------------------------------------------------------------


def test_a_door_closes_on_an_order_and_opens_to_its_code(visitor: Hand, store: Store) -> None:
    visitor.post("/simulator/order", order=PICKING, state="picking", far="0")
    assert f"loaded|{PICKING}" in visitor.read("/simulator")
    assert "第 1 条报告办好了" in play(visitor, f"loaded|{PICKING}")
    code = orders.by_number(store.db, PICKING).pickup_code
    assert "第 2 条报告办好了" in play(visitor, f"opened|{PICKING}|{code}")
    assert orders.by_number(store.db, PICKING).state is OrderState.DONE
    assert "第 2 条报告早就有了" in network(visitor, "again")


def test_offline_it_goes_on_and_told_backwards_it_comes_to_the_same(visitor: Hand, store: Store) -> None:
    """D-13."""
    visitor.post("/simulator/order", order=PICKING, state="picking", far="0")
    play(visitor, f"loaded|{PICKING}")
    code = orders.by_number(store.db, PICKING).pickup_code
    assert "断网了" in network(visitor, "off")
    assert "先记在机器里" in play(visitor, f"opened|{PICKING}|{code}")
    assert "先记在机器里" in play(visitor, "returned|B001|S04")
    assert "没有可以再送" in network(visitor, "again")
    assert orders.by_number(store.db, PICKING).state is OrderState.IN_LOCKER, "nobody has heard of it"
    assert "攒着 2 条" in visitor.read("/simulator")
    page = network(visitor, "on")
    assert "攒着的 2 条倒着送来" in page and page.index("第 3 条") < page.index("第 2 条")
    assert orders.by_number(store.db, PICKING).state is OrderState.DONE and box(store, "S04") == "to_empty"
    assert locker_reports.missing(store.db, 3) == ()


def test_a_box_breaks_is_mended_and_emptied(visitor: Hand, store: Store) -> None:
    play(visitor, "broken|S04")
    assert box(store, "S04") == "out_of_order" and "mended|S04" in visitor.read("/simulator")
    play(visitor, "mended|S04")
    play(visitor, "returned|B001|S04")
    assert box(store, "S04") == "to_empty"
    play(visitor, "emptied|S04")
    assert box(store, "S04") == "free"


def test_what_cannot_be_is_disputed_and_not_done(visitor: Hand, store: Store) -> None:
    assert "和记录对不上" in play(visitor, "broken|Z99")
    assert [row["note"] for row in locker_reports.disputed(store.db)] == ["box"]
    assert "先放着" in play(visitor, f"opened|{PACKED}|000000"), "an order not yet in any locker"


def test_the_screens_code_is_one_a_reader_can_show(visitor: Hand, store: Store, now: datetime) -> None:
    code = re.search(r"XIXI-\d+-\w+-\w+", play(visitor, "alive"))
    assert (
        code and door_codes.read(store.db, code[0], DOOR_KEY, now).point_id == points.point_by_code(store.db, "xixi").id
    )


@pytest.mark.parametrize("what", ["", "loaded", "flown|x", "opened|x", "alive|x"])
def test_nothing_else_happens_at_a_door(visitor: Hand, store: Store, what: str) -> None:
    assert "请选一件" in play(visitor, what)
    assert "没有这个书柜" in play(visitor, "alive", locker="nowhere")
    assert store.db.value("SELECT COUNT(*) FROM locker_reports") == 0


def test_a_machine_remembers_only_so_much(visitor: Hand, store: Store) -> None:
    network(visitor, "off")
    for _ in range(50):
        visitor.post("/simulator/door", locker="xixi", what="alive")
    assert "记满了" in play(visitor, "alive")
    network(visitor, "on")
    assert store.db.value("SELECT COUNT(*) FROM locker_reports") == 50


def test_only_what_can_happen_is_offered(visitor: Hand, store: Store) -> None:
    page = visitor.read("/simulator")
    assert f"loaded|{PICKING}" not in page, "not packed yet"
    (one,) = [row for row in lockers.opens_for(store.db, 3) if row["number"] == IN_LOCKER]
    assert f"opened|{IN_LOCKER}|{one['code']}" in page
