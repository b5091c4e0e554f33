"""荐购: the staff's list by voices, its steps, and the file for the main library (A10-11)."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import holds, wishes
from lending.database import Store
from tests.admin.conftest import Hand


@pytest.fixture
def asked(store: Store, app: object, now: datetime) -> None:
    """Two voices for one book, one for another."""
    for reader, title in ((1, "量子花园"), (2, "月亮手册"), (3, "量子花园")):
        wishes.suggest(store.db, reader, title, now)


def the(store: Store, title: str) -> wishes.Wish:
    every = wishes.listed(store.db, ("new", "considered", "ordered", "arrived", "declined"))
    return next(one for one in every if one.title == title)


def test_the_most_wanted_stand_first_without_names(chief: Hand, asked: None) -> None:
    shown = chief.read("/admin/wishes")
    assert shown.index("量子花园") < shown.index("月亮手册") and "2 票" in shown
    assert "李明" not in shown and "王芳" not in shown


def test_a_step_is_taken_and_told(chief: Hand, asked: None, store: Store) -> None:
    wish = the(store, "量子花园")
    said = chief.post(f"/admin/wishes/{wish.id}", step="consider").get_data(as_text=True)
    assert "2 位读者会收到消息" in said and the(store, "量子花园").state == "considered"
    again = chief.post(f"/admin/wishes/{wish.id}", step="consider").get_data(as_text=True)
    assert "没有再动它" in again


def test_in_english_a_button_says_what_it_does_and_a_state_what_is(chief: Hand, asked: None) -> None:
    chief.post("/admin/language", language="en")
    shown = chief.read("/admin/wishes")
    for button in ("Consider", "Mark as ordered", "Mark as arrived", "Decline"):
        assert f">{button}</button>" in shown
    for state in ("Ordered", "Arrived", "Declined"):
        assert f">{state}</a>" in shown


def test_a_refusal_needs_its_reason(chief: Hand, asked: None, store: Store) -> None:
    wish = the(store, "月亮手册")
    assert "请写一句原因" in chief.post(f"/admin/wishes/{wish.id}", step="decline").get_data(as_text=True)
    chief.post(f"/admin/wishes/{wish.id}", step="decline", reason="已经绝版")
    assert (the(store, "月亮手册").state, the(store, "月亮手册").reason) == ("declined", "已经绝版")
    assert "已经绝版" in chief.read("/admin/wishes?state=declined")


def test_what_has_arrived_is_named_by_its_record(chief: Hand, asked: None, store: Store) -> None:
    wish = the(store, "量子花园")
    page = chief.post(f"/admin/wishes/{wish.id}", step="arrive", title="没有这本").get_data(as_text=True)
    assert "哪一条书目" in page and 'value="没有这本"' in page
    chief.post(f"/admin/wishes/{wish.id}", step="arrive", title="活着")
    assert the(store, "量子花园").state == "arrived"
    title = store.db.value("SELECT id FROM titles WHERE title = '活着'")
    assert [hold.title_id for hold in holds.of_reader(store.db, 1) if hold.title_id == title] == [title]


@pytest.mark.parametrize("form", [{}, {"step": "burn"}, {"step": "decline", "reason": " "}])
def test_an_odd_form_changes_nothing(chief: Hand, asked: None, store: Store, form: dict[str, str]) -> None:
    chief.post(f"/admin/wishes/{the(store, '量子花园').id}", **form)
    chief.post("/admin/wishes/999999", step="consider")
    assert the(store, "量子花园").state == "new"


def test_the_file_for_the_main_library_holds_no_formula(chief: Hand, asked: None, store: Store, now: datetime) -> None:
    wishes.suggest(store.db, 1, "=HYPERLINK(1)", now)
    table = chief.read("/admin/wishes.csv")
    assert "量子花园,2" in table and "'=HYPERLINK(1)" in table and "\n=HYPER" not in table


def test_what_was_typed_cannot_write_into_the_page(chief: Hand, asked: None, store: Store, now: datetime) -> None:
    wishes.suggest(store.db, 1, "<script>x</script>", now)
    assert "<script>x" not in chief.read("/admin/wishes")


def test_it_is_behind_the_door(stranger: Hand) -> None:
    assert stranger.client.get("/admin/wishes").status_code == 302
    assert stranger.client.get("/admin/wishes.csv").status_code == 302


def test_nothing_asked_for_is_said(chief: Hand) -> None:
    assert "现在没有荐购" in chief.read("/admin/wishes")
