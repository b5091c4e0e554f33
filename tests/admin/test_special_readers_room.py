"""来馆不方便的读者: one tap on the reader's page and on the request that asks for it, and its undo (A10-3)."""

from __future__ import annotations

from datetime import datetime

from admin import special_readers as special_page
from admin import staff
from bot import escalations
from bot.texts import Words
from lending import loans, mandates, readers, special_readers
from lending.database import Store
from lending.model import library_day
from tests.admin.conftest import Hand
from tests.small_desk import POLICY

LATE, FRESH = "RG261119-1", "RG261120-2"
TAP, UNDO = "登记为来馆不方便的读者", "不再登记"


def number(store: Store, request: str) -> str:
    return readers.reader(store.db, escalations.get(store.db, request).reader_id).number


def asks(store: Store, request: str) -> None:
    with store.writing() as db:
        db.run("UPDATE escalations SET asks = 'special' WHERE number = :n", n=request)


def test_the_readers_page_says_what_it_brings_and_has_a_tap_and_its_undo(chief: Hand, store: Store) -> None:
    who = number(store, FRESH)
    page = chief.read(f"/admin/readers/{who}")
    assert TAP in page and "每本书多借 20 天" in page and "能续借的书多续 1 次" in page and "不记原因" in page
    page = chief.post(f"/admin/readers/{who}/special", on="1").get_data(as_text=True)
    assert f"{who} 登记好了" in page and UNDO in page and TAP not in page
    page = chief.post(f"/admin/readers/{who}/special", on="").get_data(as_text=True)
    assert "手上的书日期不变" in page and TAP in page
    deeds = [(row["action"], row["object"]) for row in staff.logged(store.db, limit=2)]
    assert deeds == [("special_reader", f"reader:{who}")] * 2
    assert "登记来馆不方便的读者" in chief.read("/admin/colleagues")


def test_tapped_twice_is_tapped_once(chief: Hand, store: Store) -> None:
    who = number(store, FRESH)
    chief.read(f"/admin/readers/{who}")
    for _ in range(2):
        assert chief.post(f"/admin/readers/{who}/special", on="1").status_code == 200
    assert len(special_readers.ids(store.db)) == 1
    assert len([row for row in staff.logged(store.db, limit=9) if row["action"] == "special_reader"]) == 1
    assert store.db.value("SELECT COUNT(*) FROM notices WHERE event = 'special'") == 1


def test_what_nobody_waits_for_is_due_later_on_the_same_page(chief: Hand, store: Store) -> None:
    who = readers.by_number(store.db, number(store, FRESH))
    with store.writing() as db:
        db.run("DELETE FROM holds WHERE state = 'waiting'")
    (before,) = loans.of_reader(store.db, who.id)
    chief.read(f"/admin/readers/{who.number}")
    chief.post(f"/admin/readers/{who.number}/special", on="1")
    (after,) = loans.of_reader(store.db, who.id)
    assert (library_day(after.due_at) - library_day(before.due_at)).days == POLICY.special.loan_days_more


def test_a_request_that_asks_for_it_has_the_tap_and_leads_back(chief: Hand, store: Store) -> None:
    who = number(store, FRESH)
    assert TAP not in chief.read(f"/admin/escalations/{FRESH}")
    asks(store, FRESH)
    page = chief.read(f"/admin/escalations/{FRESH}")
    assert TAP in page and page.count("《三体》第二册什么时候有？") == 2  # in the talk, and beside the tap
    page = chief.post(f"/admin/readers/{who}/special", on="1", request=FRESH).get_data(as_text=True)
    assert FRESH in page and "已登记" in page and UNDO in page
    assert special_readers.ids(store.db) == [readers.by_number(store.db, who).id]


def test_it_may_be_meant_for_somebody_they_act_for(chief: Hand, store: Store, now: datetime) -> None:
    """D-12: the daughter writes, the mother is put down."""
    daughter, mother = number(store, FRESH), number(store, LATE)
    giver, taker = (readers.by_number(store.db, who).id for who in (mother, daughter))
    code, made = mandates.offer(store.db, giver, "child", ("borrow",), b"k", POLICY, now)
    digits = "".join(filter(str.isdigit, code))
    mandates.accept(store.db, taker, digits, b"k", POLICY, now)
    mandates.confirm(store.db, giver, made.id, POLICY, now)
    asks(store, FRESH)
    page = chief.read(f"/admin/escalations/{FRESH}")
    assert page.count(TAP) == 2 and f"/admin/readers/{mother}/special" in page
    chief.post(f"/admin/readers/{mother}/special", on="1", request=FRESH)
    assert special_readers.ids(store.db) == [readers.by_number(store.db, mother).id]
    asks(store, LATE)
    assert chief.read(f"/admin/escalations/{LATE}").count(UNDO) == 1  # the mother acts for nobody


def test_what_is_not_there_is_said_and_changes_nothing(chief: Hand, stranger: Hand, store: Store) -> None:
    who = number(store, FRESH)
    chief.read(f"/admin/readers/{who}")
    assert chief.post("/admin/readers/R999999/special", on="1").status_code == 404
    assert chief.post(f"/admin/readers/{who}/special", on="1", request="RG000000-9").status_code == 404  # shown after
    assert stranger.client.post(f"/admin/readers/{who}/special", data={"on": "1"}).status_code in (302, 400)
    chief.post(f"/admin/readers/{who}/special", on="yes", request="https://elsewhere.example")
    assert special_readers.ids(store.db) == []


def test_in_english_several_lots_are_lots() -> None:
    assert "4 lots more in the draw for free delivery" in special_page.brings(Words("en"), POLICY)
