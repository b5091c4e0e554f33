"""A citizen's card is linked at the desk; its number is kept nowhere (A1-20, A11-5)."""

from __future__ import annotations

from admin import staff
from lending import cards
from lending.database import Store
from tests.admin.conftest import Hand
from tests.small_desk import CARD_KEY

NUMBER = "杭A 0012345678"


def test_a_card_opens_the_account_from_then_on(chief: Hand, store: Store) -> None:
    page = chief.post("/admin/readers/R000001/card", card=NUMBER).get_data(as_text=True)
    assert "连上了 R000001" in page and "0012345678" not in page
    assert cards.reader_of(store.db, "杭A0012345678", CARD_KEY)[0].number == "R000001"
    kept = str(store.db.all("SELECT * FROM cards")) + str(staff.logged(store.db))
    assert "0012345678" not in kept and "link_card" in kept


def test_a_card_of_somebody_elses_and_no_card_are_told(chief: Hand, store: Store) -> None:
    chief.post("/admin/readers/R000001/card", card=NUMBER)
    assert "另一位读者" in chief.post("/admin/readers/R000002/card", card=NUMBER).get_data(as_text=True)
    assert "请刷卡" in chief.post("/admin/readers/R000002/card", card=" ").get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM cards") == 1
