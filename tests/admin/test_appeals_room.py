"""The room of appeals: two librarians for a reversal, words for the reader, pictures looked at on the record."""

from __future__ import annotations

from datetime import datetime

import pytest

from admin import appeals as room
from admin import staff
from lending import appeal_records, appeals, credit
from lending.database import Store
from tests import small_desk
from tests.admin.conftest import Hand

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


@pytest.fixture
def number(store: Store, chief: Hand, now: datetime) -> str:
    """Li objects to what a damaged book took."""
    credit.post(store.db, 1, "damaged", "loan:1", small_desk.POLICY, now)
    line = credit.lines(store.db, 1)[0].id
    return appeals.open_appeal(store.db, 1, line, "手机 13800000000，借来就这样", small_desk.POLICY, now)[0].number


def take(hand: Hand, number: str, step: str, state: str, note: str = "核对过了") -> str:
    hand.read(f"/admin/appeals/{number}")
    return hand.post(f"/admin/appeals/{number}/step", step=step, state=state, note=note).get_data(as_text=True)


def test_one_proposes_another_confirms(chief: Hand, colleague: Hand, store: Store, number: str) -> None:
    before = credit.balance(store.db, 1)
    assert number in chief.read("/admin/cases") and number in chief.read("/admin/readers/R000001")
    assert "等另一位馆员复核" in take(chief, number, "propose", "open")
    page = take(chief, number, "confirm", "proposed")
    assert "一个人不能定两次" in page and "要请另一位同事来定" in page and 'value="confirm"' not in page
    assert credit.balance(store.db, 1) == before
    assert "已改正" in take(colleague, number, "confirm", "proposed", "")
    assert credit.balance(store.db, 1) == before + 30
    assert [line["staff"] for line in staff.logged(store.db, action="step_appeal")] == ["wang", "admin"]
    assert number in colleague.read("/admin/cases")


def test_what_a_line_rests_on_is_said_in_words(chief: Hand, number: str) -> None:
    """「A6-7」 tells a librarian nothing; it stays as the title of the words."""
    for path in (f"/admin/appeals/{number}", "/admin/readers/R000001"):
        page = chief.read(path)
        assert "污损书籍，每次每册减 30 分" in page and ">A6-7<" not in page and 'title="A6-7"' in page


def test_a_new_name_to_be_seen_by_is_no_second_pair_of_eyes(chief: Hand, store: Store, number: str) -> None:
    take(chief, number, "propose", "open")
    assert staff.rename(store.db, "admin", "别人")
    assert "一个人不能定两次" in take(chief, number, "confirm", "proposed")


def test_nothing_is_decided_without_a_word_for_the_reader(chief: Hand, store: Store, number: str) -> None:
    for step in ("propose", "decline"):
        assert "请写一句给读者的话" in take(chief, number, step, "open", " ")
    assert appeal_records.by_number(store.db, number).state == "open"


def test_a_page_left_open_changes_nothing(chief: Hand, colleague: Hand, store: Store, number: str) -> None:
    take(chief, number, "decline", "open")
    assert "没有再动它" in take(colleague, number, "propose", "open")
    assert "没有再动它" in take(colleague, number, "again", "declined")
    assert "没有再动它" in take(colleague, number, "forgive", "declined")
    assert appeal_records.by_number(store.db, number).state == "declined"


def test_what_the_reader_wrote_is_masked_and_pictures_are_looked_at_on_the_record(
    chief: Hand, store: Store, number: str, now: datetime
) -> None:
    """B2-22."""
    appeal_records.add_photo(store.db, appeal_records.by_number(store.db, number), JPEG, small_desk.POLICY, now)
    page = chief.read(f"/admin/appeals/{number}")
    assert "13800000000" not in page and "借来就这样" in page and "看第 1 张" in page
    answer = chief.client.get(f"/admin/appeals/{number}/photos/1")
    assert (answer.mimetype, answer.data) == ("image/jpeg", JPEG)
    assert staff.logged(store.db, action="see_photo")[0]["object"] == f"appeal:{number}"
    assert chief.get("/admin/appeals/GA000101-9").status_code == 404


def test_every_state_and_step_has_its_words() -> None:
    assert set(room.STATES) == set(appeal_records.AppealState)
    assert set(room.DONE) == {"open", *appeals.STEPS}
    assert set(room.STEPS) == {name for name, step in appeals.STEPS.items() if step.who == "staff"}


def test_words_written_on_a_page_left_open_are_not_lost(
    chief: Hand, colleague: Hand, store: Store, number: str
) -> None:
    take(chief, number, "propose", "open")
    page = take(colleague, number, "propose", "open", "我看了照片，该改")
    assert "没有再动它" in page and 'value="我看了照片，该改"' in page
    assert "小信" in page and ">admin<" not in page, "colleagues are called as everywhere else"
