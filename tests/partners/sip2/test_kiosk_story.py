"""A day at the kiosks, told through a client library that none of us wrote (issue: SIP2 for kiosks, B4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from lending import catalogue, copy_states, credit, holds, loans, readers, withdrawals
from lending.rules import PointThreshold
from tests.lending.world import World
from tests.partners.sip2.conftest import Machine, card_of

Switch = Callable[..., Machine]


@pytest.mark.parametrize("name, encoding", [("k1", "utf-8"), ("old", "gbk")])
def test_a_reader_borrows_renews_and_returns_elsewhere(world: World, machine: Switch, name: str, encoding: str) -> None:
    """A2-6: the copy stays where it came back."""
    reader, title = world.reader(), world.book("围城")
    here, west = machine(name, encoding=encoding), machine("k2")
    assert here.sip.last_response_parsed["fixed"]["OnlineStatus"] == "Y"

    assert here.patron(card_of(world, reader))
    assert here.answer.personal_name == "林书" and here.answer.charged_items_count == "0000"

    here.wrapper.sip_item_checkout("围城-1")
    assert here.answer.ok == "1" and here.answer.title_identifier == "围城"
    assert "《围城》借好了" in here.screen
    [loan] = loans.of_reader(world.db, reader)
    assert here.answer.due_date == loan.due_at.astimezone(world.now.astimezone().tzinfo).strftime("%Y%m%d") + (
        "    235959"
    )

    here.wrapper.sip_item_renew("围城-1")
    assert here.answer.ok == "1" and here.answer.renewal_ok == "Y"
    [renewed] = loans.of_reader(world.db, reader)
    assert renewed.due_at > loan.due_at and renewed.renewals == 1

    here.wrapper.sip_item_renew("围城-1")
    assert here.answer.ok == "0" and "已经续借过 1 次" in here.screen

    west.wrapper.sip_item_checkin("围城-1")
    assert west.answer.ok == "1" and west.answer.alert == "N" and west.answer.permanent_location == "main馆"
    assert loans.of_reader(world.db, reader) == []
    assert world.db.value("SELECT point_id FROM copies WHERE title_id = :t", t=title) == 2
    here.wrapper.sip_patron_session_end()
    assert here.answer.end_session == "Y"


def test_a_book_somebody_waits_for_rings(world: World, machine: Switch) -> None:
    """B2-19: at the slot, not at the shelf."""
    title, waiting = world.book("围城"), world.reader()
    world.lend(world.reader(), title)
    kiosk = machine()
    kiosk.patron(card_of(world, waiting))
    kiosk.wrapper.sip_item_hold("+", itemIdentifier="围城-1", pickupLocation="west")
    assert (kiosk.answer.ok, kiosk.answer.queue_position, kiosk.answer.pickup_location) == ("1", "1", "west")
    kiosk.wrapper.sip_item_information("围城-1")
    assert (kiosk.answer.circulation_status, kiosk.answer.hold_queue_length) == ("04", "1")

    kiosk.wrapper.sip_item_checkin("围城-1")
    assert (kiosk.answer.ok, kiosk.answer.alert, kiosk.answer.sort_bin) == ("1", "Y", "hold")
    assert "有读者在等" in kiosk.screen and "林书" not in kiosk.screen
    kiosk.wrapper.sip_item_information("围城-1")
    assert kiosk.answer.circulation_status == "08"
    assert kiosk.wrapper.sip_patron_information("hold")["variable"]["AS"] == ["围城-1"]
    kiosk.wrapper.sip_item_hold("*", itemIdentifier="围城-1", pickupLocation="main")
    assert kiosk.answer.ok == "1" and "《围城》到了，为您留到 11月23日" in kiosk.screen

    kiosk.wrapper.sip_item_checkout("围城-1")
    assert kiosk.answer.ok == "1"
    assert holds.of_reader(world.db, waiting) == []


def test_a_missing_copy_is_said_to_be_missing_and_found_by_a_return(world: World, machine: Switch) -> None:
    """E3: on the slot of another branch it is found, and stands there."""
    title = world.book("围城")
    copy_states.step(world.store.db, "围城-1", "miss", "王", world.policy, world.now)
    kiosk, west = machine(), machine("k2")
    kiosk.wrapper.sip_item_information("围城-1")
    assert kiosk.answer.circulation_status == "13"
    west.wrapper.sip_item_checkin("围城-1")
    assert west.answer.ok == "1"
    copy = catalogue.copies(world.db, title)[0]
    assert (copy.standing, copy.point_id) == ("available", 2)
    kiosk.wrapper.sip_item_information("围城-1")
    assert kiosk.answer.circulation_status == "03"


@pytest.mark.parametrize(
    ("state", "number"),
    [("available", "03"), ("on_loan", "04"), ("reserved", "06"), ("awaiting", "08"), ("in_transit", "10"),
     ("lost", "12"), ("damaged", "01"), ("withdrawn", "01")],
)  # fmt: skip
def test_what_a_copy_is_doing_has_its_number(world: World, machine: Switch, state: str, number: str) -> None:
    """As the table in docs/circulation.md says: a kiosk tells a reader by it where the book is."""
    world.book("围城")
    with world.store.writing() as db:
        db.run("UPDATE copies SET state = :s", s=state)
    kiosk = machine()
    kiosk.wrapper.sip_item_information("围城-1")
    assert kiosk.answer.circulation_status == number


def test_a_title_taken_out_of_lending_is_not_said_to_be_available(world: World, machine: Switch) -> None:
    title = world.book("围城")
    withdrawals.withdraw(world.db, title, "版本有误", world.policy, world.now)
    kiosk = machine()
    kiosk.wrapper.sip_item_information("围城-1")
    assert kiosk.answer.circulation_status == "01"


def test_a_place_in_the_queue_is_kept_and_given_up(world: World, machine: Switch) -> None:
    title, reader = world.book("围城"), world.reader()
    world.lend(world.reader(), title)
    kiosk = machine()
    kiosk.patron(card_of(world, reader))
    for _ in range(2):
        kiosk.wrapper.sip_item_hold("+", titleIdentifier=str(title))
        assert (kiosk.answer.ok, kiosk.answer.queue_position) == ("1", "1")
    assert len(holds.of_reader(world.db, reader)) == 1
    kiosk.wrapper.sip_item_hold("-", itemIdentifier="围城-1")
    assert kiosk.answer.ok == "1" and holds.of_reader(world.db, reader) == []
    kiosk.wrapper.sip_item_hold("-", itemIdentifier="围城-1")
    assert kiosk.answer.ok == "0" and "已经不在了" in kiosk.screen
    world.book("边城")
    kiosk.wrapper.sip_item_hold("+", itemIdentifier="边城-1")
    assert (kiosk.answer.ok, kiosk.answer.available) == ("0", "Y")


def test_every_reason_is_on_the_screen_in_the_readers_language(world: World, machine: Switch) -> None:
    """D-4, B4: rero-ils #3707, the answers carry the patron's language."""
    reader, title = world.reader(), world.book("围城")
    world.lend(reader, title)
    world.book("边城")
    world.later(days=60)
    with world.store.writing() as db:
        readers.set_language(db, reader, "en")
        credit.accrue_overdue(db, world.policy, world.now)
        for n in range(4):
            credit.post(db, reader, "damaged", f"test:{n}", world.policy, world.now)
    kiosk = machine()
    kiosk.patron(card_of(world, reader))
    assert kiosk.answer.language == "001"
    assert kiosk.answer.patron_status[0] == "Y" and kiosk.answer.patron_status[6] == "Y"
    kiosk.wrapper.sip_item_checkout("边城-1")
    assert kiosk.answer.ok == "0"
    assert len(kiosk.answer.screen_message) == 2 and kiosk.screen.isascii(), kiosk.screen
    assert kiosk.wrapper.sip_patron_information("overdue")["variable"]["AT"] == ["围城-1"]


@pytest.fixture
def asks_600(world: World) -> None:
    """The west terminal stands at a locker with a score of its own, as in 杨浦."""
    world.rule("gate", points=(PointThreshold("west", date(2017, 9, 2), 600),))


def test_a_terminal_asks_for_the_score_of_its_own_point(world: World, asks_600: None, machine: Switch) -> None:
    """A9-2: 600 at that locker and 550 elsewhere, also for whoever takes a book there with a card."""
    reader, _ = world.reader(), world.book("围城")
    card, here, west = card_of(world, reader), machine("k1"), machine("k2")
    west.patron(card)
    assert west.answer.patron_status[0] == "Y"
    west.wrapper.sip_item_checkout("围城-1")
    assert west.answer.ok == "0" and "600" in west.screen
    here.patron(card)
    here.wrapper.sip_item_checkout("围城-1")
    assert here.answer.ok == "1"


def test_all_are_renewed_but_those_that_cannot_be(world: World, machine: Switch) -> None:
    """F-5: each with its own outcome."""
    reader = world.reader()
    loans_ = world.lend(reader, world.book("围城"), world.book("边城"))
    loans.renew(world.db, reader, [loans_[0].id], world.policy, world.now)
    kiosk = machine()
    kiosk.patron(card_of(world, reader))
    kiosk.wrapper.sip_item_renew_all()
    assert (kiosk.answer.renewed_count, kiosk.answer.unrenewed_count) == ("0001", "0001")
    assert kiosk.answer.unrenewed_items == (loans_[0].barcode,)
    assert "续借过" in kiosk.screen


def test_a_card_left_behind_is_blocked_and_says_how_to_go_on(world: World, machine: Switch) -> None:
    reader = world.reader()
    card = card_of(world, reader)
    world.book("围城")
    kiosk = machine()
    kiosk.patron(card)
    kiosk.wrapper.sip_patron_block("left in the slot", "Y")
    assert kiosk.answer.valid_patron == "N" and kiosk.answer.patron_status[4] == "Y"
    assert not kiosk.patron(card)
    assert "领一张新的" in kiosk.screen
    assert kiosk.patron(card_of(world, reader)), "the account itself is as it was"


def test_what_is_not_known_is_told_plainly(world: World, machine: Switch) -> None:
    kiosk = machine()
    assert not kiosk.patron("1234567890123")
    assert "还没有连上账户" in kiosk.screen
    kiosk.wrapper.sip_item_checkin("NOWHERE")
    assert kiosk.answer.ok == "0" and "没有这个条码" in kiosk.screen
    kiosk.wrapper.sip_item_information("NOWHERE")
    assert kiosk.answer.circulation_status == "01"


def test_nothing_is_owed_at_a_kiosk(world: World, machine: Switch) -> None:
    """Where a library does take late money, its desk takes it (B5)."""
    kiosk = machine()
    kiosk.patron(card_of(world, world.reader()))
    kiosk.wrapper.sip_fee_paid(4, 0, "5.00", currencyType="CNY")
    assert kiosk.answer.payment_accepted == "N" and "没有要付的费用" in kiosk.screen


def test_rare_characters_reach_an_old_terminal_as_a_stand_in(world: World, machine: Switch) -> None:
    """億's second byte in GBK is the delimiter; a terminal that splits bytes would fall apart."""
    world.lend(world.reader(), world.book("億萬人生"))
    kiosk = machine("old", encoding="gbk")
    kiosk.wrapper.sip_item_information("億萬人生-1")
    assert kiosk.answer.circulation_status == "04" and kiosk.answer.title_identifier == "〓萬人生"


def test_a_book_of_an_order_still_open_is_not_said_to_be_returned(world: World, machine: Switch) -> None:
    """The courier's word may come later, and would begin a loan of a book that lies here."""
    title, reader = world.book("围城"), world.reader()
    order = world.step(world.order(reader, title, way="delivery"), "pick", "pack", "ship")
    kiosk = machine()
    kiosk.wrapper.sip_item_checkin("围城-1")
    assert (kiosk.answer.ok, kiosk.answer.alert) == ("0", "Y")
    assert "请交给馆员" in kiosk.screen and "还好了" not in kiosk.screen
    world.step(order, "sign")
    kiosk.wrapper.sip_item_checkin("围城-1")
    assert kiosk.answer.ok == "1" and "还好了" in kiosk.screen
