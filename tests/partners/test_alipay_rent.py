"""信用借还: told by the reader's wish only, once, without a title, put right when the sides differ (A2-10, B3.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from lending import consents, credit, loans, privacy, rents
from partners import alipay_gate, alipay_rent
from partners.alipay import NoAnswer
from partners.alipay_gate import AlipayGate
from tests.fakes.alipay_gateway import FakeAlipay
from tests.lending.world import World
from tests.partners.test_alipay_gate import USER, come_back, gate, theirs, world

__all__ = ["gate", "theirs", "world"]  # fixtures


@pytest.fixture
def reader(world: World, gate: AlipayGate, theirs: FakeAlipay) -> int:
    """Somebody who wants it, and whom Alipay knows."""
    theirs.meet("code-1", USER, 600)
    made = world.reader()
    rents.agree(world.db, made, world.now)
    check = credit.consent(world.db, made, world.policy, world.now)
    come_back(gate, check.token + alipay_gate.RENT)
    with httpx.Client() as web:
        assert alipay_gate.work(gate, web) == 1
    return made


def sync(gate: AlipayGate) -> int:
    with httpx.Client() as web:
        return alipay_rent.sync(gate, web)


def kinds(theirs: FakeAlipay) -> list[str]:
    return [method.rpartition(".")[2] for method, _ in theirs.asked]


def test_borrowed_renewed_returned(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    [loan] = world.lend(reader, world.book("围城"))
    assert [sync(gate), sync(gate)] == [1, 0]
    loans.renew(world.db, reader, [loan.id], world.policy, world.now)
    assert [sync(gate), sync(gate)] == [1, 0]
    world.give_back(loan)
    assert [sync(gate), sync(gate)] == [1, 0]
    assert kinds(theirs) == ["create", "modify", "complete"]
    [order] = theirs.orders.values()
    assert order["state"] == "complete" and order["goods_name"] == "图书×1"
    for hidden in ("围城", "林书", "R00000", USER):
        assert hidden not in str(theirs.log)
    assert "围城" not in str(theirs.asked) and USER not in str(world.everything()["rent_consents"])


def test_who_did_not_ask_for_it_is_not_told_of(world: World, gate: AlipayGate, theirs: FakeAlipay) -> None:
    other = world.reader()
    world.lend(other, world.book("围城"))
    credit.consent(world.db, other, world.policy, world.now)
    assert sync(gate) == 0
    rents.agree(world.db, other, world.now + timedelta(hours=1))
    assert sync(gate) == 0 and theirs.asked == [], "neither loans from before, nor anyone Alipay does not know yet"


def test_told_twice_is_one_record(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    """A crash after their answer and before our mark."""
    world.lend(reader, world.book("围城"))
    [step] = rents.steps(world.db)
    sync(gate)
    with world.store.writing() as db:
        db.run("DELETE FROM rent_records")
    assert rents.steps(world.db) == [step]
    sync(gate)
    assert len(theirs.orders) == 1 and kinds(theirs) == ["create", "create"]


def test_an_outage_leaves_everything_to_be_told(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    world.lend(reader, world.book("围城"))
    for fault in ("down", "forged", "busy"):
        theirs.fault = lambda method, fault=fault: fault  # type: ignore[misc]
        with pytest.raises(NoAnswer):
            sync(gate)
    theirs.fault = lambda method: ""
    assert sync(gate) == 1


def test_a_change_of_mind_takes_back_what_is_open(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int
) -> None:
    world.lend(reader, world.book("围城"))
    sync(gate)
    assert consents.withdraw(world.db, reader, world.now), "taking back the consent ends this too"
    assert not rents.agreed(world.db, reader)
    assert [sync(gate), sync(gate)] == [1, 0]
    assert [order["state"] for order in theirs.orders.values()] == ["cancel"]
    world.lend(reader, world.book("边城"))
    assert sync(gate) == 0


def test_a_lost_book_is_not_reported(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    """A8-9: what a loss costs is between the reader and the library."""
    [loan] = world.lend(reader, world.book("围城"))
    sync(gate)
    with world.store.writing() as db:
        db.run("UPDATE loans SET returned_at = due_at, ended_as = 'lost' WHERE id = :l", l=loan.id)
    sync(gate)
    assert kinds(theirs) == ["create", "cancel"]


def test_once_a_day_both_sides_are_compared(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int, now: datetime
) -> None:
    titles = [world.book(name) for name in ("围城", "边城", "家")]
    world.lend(reader, *titles)
    sync(gate)
    numbers = list(theirs.orders)
    right = theirs.orders[numbers[0]]["expiry_time"]
    theirs.orders[numbers[0]]["expiry_time"] = "2026-12-01 23:59:59"
    del theirs.orders[numbers[1]]
    theirs.orders[numbers[2]]["state"] = "cancel"
    with httpx.Client() as web:
        assert alipay_rent.reconcile(gate, web) == 0, "not yet"
        world.later(hours=25)
        assert alipay_rent.reconcile(gate, web) == 3
    sync(gate)
    assert theirs.orders[numbers[0]]["expiry_time"] == right
    assert theirs.orders[numbers[1]]["state"] == "open"
    states = [row["state"] for row in world.db.all("SELECT state FROM rent_records ORDER BY loan_id")]
    assert sorted(states) == ["cancelled", "open", "open"]


@pytest.mark.parametrize(
    "odd", [{"expiry_time": "soon"}, {"expiry_time": None}, {"expiry_time": 7}, {"state": "frozen"}]
)
def test_an_answer_that_says_nothing_we_know_keeps_no_other_record_waiting(
    world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int, odd: dict[str, object]
) -> None:
    world.lend(reader, *(world.book(name) for name in ("围城", "边城")))
    sync(gate)
    first, second = list(theirs.orders)
    right = theirs.orders[second]["expiry_time"]
    theirs.orders[first] |= odd
    theirs.orders[second]["expiry_time"] = "2026-12-01 23:59:59"
    world.later(hours=25)
    with httpx.Client() as web:
        assert [alipay_rent.reconcile(gate, web), alipay_rent.reconcile(gate, web)] == [2, 0]
    sync(gate)
    assert theirs.orders[second]["expiry_time"] == right
    assert [row["state"] for row in world.db.all("SELECT state FROM rent_records")] == ["open", "open"]


def test_what_they_refuse_is_not_told_for_ever(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    [loan] = world.lend(reader, world.book("围城"))
    theirs.app_id = "another"
    assert [sync(gate), sync(gate)] == [0, 0]
    assert len([line for line in theirs.log if "rent" in line["method"]]) == 1
    assert world.db.value("SELECT state FROM rent_records WHERE loan_id = :l", l=loan.id) == "refused"


def test_the_forgotten_are_nobody_there_too(world: World, gate: AlipayGate, theirs: FakeAlipay, reader: int) -> None:
    [loan] = world.lend(reader, world.book("围城"))
    sync(gate)
    world.give_back(loan)
    sync(gate)
    privacy.forget(world.db, reader)
    assert not rents.agreed(world.db, reader) and sync(gate) == 0
