"""A card nothing outside could prove: four data for a librarian, one press, and both readers seen (A3-32, A1-20)."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from lending import cards, proofs, readers
from lending.database import Store
from tests import small_desk
from tests.admin.conftest import Hand

NUMBER = "HZ20260001 7342"


def ask(store: Store, number: str, now: datetime) -> int:
    card = proofs.claim("library", NUMBER, small_desk.CARD_KEY)
    assert card is not None
    return proofs.ask(store.db, readers.by_number(store.db, number).id, card, "desk", now)


def test_b2_22_the_room_shows_four_data_and_no_more(chief: Hand, store: Store, now: datetime) -> None:
    assert "没有等着核对的卡" in chief.read("/admin/cards")
    ask(store, "R000001", now)
    page = chief.read("/admin/cards")
    who = readers.by_number(store.db, "R000001")
    assert "R000001" in page and "读者证" in page and ">42<" in page
    assert "7342" not in page and who.name not in page and who.phone not in page


@pytest.mark.parametrize(("answer", "state", "opens"), [("yes", "linked", True), ("no", "declined", False)])
def test_one_press_settles_it(chief: Hand, store: Store, now: datetime, answer: str, state: str, opens: bool) -> None:
    asked = ask(store, "R000001", now)
    chief.read("/admin/cards")
    chief.post(f"/admin/cards/{asked}", answer=answer)
    found = proofs.proof(store.db, asked)
    assert (found.state, found.decided_by) == (state, "admin")
    assert bool(cards.of_reader(store.db, found.reader_id)) == opens
    assert "刚刚有了结果" in chief.post(f"/admin/cards/{asked}", answer="yes").get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM staff_log WHERE action = 'settle_card'") == 1


def test_a_card_of_another_account_is_not_linked_and_both_are_shown(chief: Hand, store: Store, now: datetime) -> None:
    chief.read("/admin/cards")
    chief.post("/admin/readers/R000002/card", card=NUMBER)
    asked = ask(store, "R000001", now)
    assert "另一个账户" in chief.post(f"/admin/cards/{asked}", answer="yes").get_data(as_text=True)
    page = chief.read("/admin/duplicates")
    assert "R000001" in page and "R000002" in page and "42" in page


def test_only_from_our_own_form(chief: Hand, store: Store, now: datetime) -> None:
    asked = ask(store, "R000001", now)
    assert chief.client.post(f"/admin/cards/{asked}", data={"answer": "yes"}).status_code == 400
    assert proofs.proof(store.db, asked).state == "desk"


def test_a_card_that_is_scanned_must_be_the_very_one(chief: Hand, store: Store, now: datetime) -> None:
    """Two digits fit one card in a hundred: a scanner compares the whole number, which is shown to nobody."""
    asked = ask(store, "R000001", now)
    chief.read("/admin/cards")
    answer = chief.post(f"/admin/cards/{asked}", answer="yes", card="HZ2026000999942").get_data(as_text=True)
    assert "不是读者填的那张卡" in answer and "9999" not in answer
    assert proofs.proof(store.db, asked).state == "desk"
    chief.post(f"/admin/cards/{asked}", answer="yes", card=NUMBER)
    assert proofs.proof(store.db, asked).state == "linked"


def test_a_code_for_the_telephone_is_shown_once(chief: Hand, store: Store, now: datetime) -> None:
    asked = ask(store, "R000001", now)
    chief.read("/admin/cards")
    page = chief.post(f"/admin/cards/{asked}/code").get_data(as_text=True)
    found = re.search(r"HM \d{4} \d{4}", page)
    assert found and found[0] not in chief.read("/admin/cards")
    assert found[0][3:].replace(" ", "") not in str(store.db.all("SELECT * FROM proofs, staff_log"))
    proofs.settle(store.db, asked, "no", now)
    assert "刚刚有了结果" in chief.post(f"/admin/cards/{asked}/code").get_data(as_text=True)
