"""On a reader's page: who may act for whom, a child and its guardian registered in person, anything ended (D-12)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from admin.family import DEEDS
from bot import family_words
from lending import deeds, mandates, minors, readers
from lending.database import Store
from lending.model import stamp
from tests import small_desk
from tests.admin.conftest import Hand

LI, WANG = 1, 2  # readers of the small desk
BORN = "2018-05"
PAGE = "/admin/readers/R000001"


def digits(code: str) -> str:
    return code.removeprefix("SQ").replace(" ", "")


def give(store: Store, now: datetime) -> mandates.Mandate:
    """李明 lets 王芳 fetch his books."""
    key, policy = small_desk.CARD_KEY, small_desk.POLICY
    code, _ = mandates.offer(store.db, LI, "partner", ["collect", "return"], key, policy, now)
    accepted = mandates.accept(store.db, WANG, digits(code), key, policy, now)
    return mandates.confirm(store.db, LI, accepted.id, policy, now)


def test_a_mandate_stands_on_both_pages_and_is_ended_there(chief: Hand, store: Store, now: datetime) -> None:
    given = give(store, now)
    for number in ("R000001", "R000002"):
        page = chief.read(f"/admin/readers/{number}")
        assert "代取、代还代续" in page and "R000002" in page
        assert "2027年11月20日" in page and ">2027-11-20<" not in page, "a day as people say it"
    assert "两边都会收到通知" in chief.post(f"{PAGE}/mandates/{given.id}/end").get_data(as_text=True)
    assert mandates.between(store.db, WANG, LI, now) is None
    told = store.db.all("SELECT reader_id FROM notices WHERE event = 'mandate' AND step = 'ended' ORDER BY reader_id")
    assert [row["reader_id"] for row in told] == [LI, WANG]
    assert "已经结束了" in chief.post(f"{PAGE}/mandates/{given.id}/end").get_data(as_text=True)


def test_anothers_mandate_is_not_ended_from_here(chief: Hand, store: Store, now: datetime) -> None:
    given = give(store, now)
    chief.post(f"/admin/readers/R000003/mandates/{given.id}/end")
    assert mandates.between(store.db, WANG, LI, now)


def test_a_child_and_its_guardian_are_registered_and_the_guardian_is_asked(
    chief: Hand, store: Store, now: datetime
) -> None:
    form = {"born": BORN, "guardian": "R000001", "seen": "户口本"}
    page = chief.post("/admin/readers/R000003/guardian", **form).get_data(as_text=True)
    assert "登记好了" in page and "未成年读者" in page and "监护人" in page
    assert mandates.guardian_of(store.db, 3, now) == LI
    assert minors.given(store.db, 3) == {}  # consent is the guardian's own, in their own chat
    assert store.db.value("SELECT COUNT(*) FROM notices WHERE reader_id = 1 AND event = 'mandate'") == 1
    assert "户口本" in str(store.db.all("SELECT unseal(facts) FROM staff_log WHERE action = 'set_guardian'"))
    assert store.db.value("SELECT until FROM minors") == "2036-05-31"  # the birthday itself is nowhere


def test_a_card_for_a_child_without_one(chief: Hand, store: Store) -> None:
    form = {"name": "小明", "born": "2018-05-12", "seen": "出生证"}
    page = chief.post(f"{PAGE}/child", **form).get_data(as_text=True)
    assert "登记好了" in page and "小*" in page and "小明" not in page
    child = store.db.value("SELECT reader_id FROM minors")
    assert readers.reader(store.db, child).name == "小明"
    assert store.db.value("SELECT COUNT(*) FROM credit_lines WHERE reader_id = :r AND event = 'start'", r=child) == 1


@pytest.mark.parametrize(
    ("to", "form", "said"),
    [
        ("guardian", {"born": "2020-13", "guardian": "R000001", "seen": "x"}, "请填"),
        ("guardian", {"born": "1980-01", "guardian": "R000001", "seen": "x"}, "请填"),
        ("guardian", {"born": "2020-01", "guardian": "R999999", "seen": "x"}, "请填"),
        ("guardian", {"born": "2020-01", "guardian": "R000001", "seen": ""}, "请填"),
        ("guardian", {"born": "2020-01", "guardian": "R000003", "seen": "x"}, "不能做自己的"),
        ("child", {"born": "2020-01", "name": "", "seen": "x"}, "请填"),
        ("grown", {"reason": ""}, "请写一句理由"),
    ],
)
def test_a_wrong_form_changes_nothing(chief: Hand, store: Store, to: str, form: dict[str, str], said: str) -> None:
    assert said in chief.post(f"/admin/readers/R000003/{to}", **form).get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM minors") == store.db.value("SELECT COUNT(*) FROM mandates") == 0


def test_a_second_guardian_is_refused(chief: Hand, store: Store) -> None:
    form = {"born": BORN, "guardian": "R000001", "seen": "户口本"}
    chief.post("/admin/readers/R000003/guardian", **form)
    page = chief.post("/admin/readers/R000003/guardian", **form | {"guardian": "R000002"}).get_data(as_text=True)
    assert "已经有监护人了" in page
    assert store.db.value("SELECT COUNT(*) FROM mandates WHERE state = 'active'") == 1


def test_a_wrong_birthday_is_put_right_with_the_same_guardian(chief: Hand, store: Store) -> None:
    form = {"born": BORN, "guardian": "R000001", "seen": "户口本"}
    chief.post("/admin/readers/R000003/guardian", **form)
    chief.post("/admin/readers/R000003/guardian", **form | {"born": "2019-01"})
    assert store.db.value("SELECT until FROM minors") == "2037-01-31"
    assert store.db.value("SELECT expires_at FROM mandates WHERE state = 'active'") == "2037-01-30T16:00:00Z"


def test_noted_by_mistake_is_put_right(chief: Hand, store: Store) -> None:
    form = {"born": BORN, "guardian": "R000001", "seen": "户口本"}
    chief.post("/admin/readers/R000003/guardian", **form)
    page = chief.post("/admin/readers/R000003/grown", reason="登记错人").get_data(as_text=True)
    assert "是成年读者" in page
    assert store.db.value("SELECT COUNT(*) FROM minors") == 0
    assert store.db.value("SELECT COUNT(*) FROM mandates WHERE state = 'active'") == 0


def test_the_order_says_who_placed_it_and_the_page_what_was_done(chief: Hand, store: Store, now: datetime) -> None:
    given = give(store, now)
    order = store.db.one("SELECT o.id, o.number FROM orders o WHERE reader_id = 1")
    assert order
    with store.writing() as db:
        before = deeds.snapshot(db, LI)
        db.run("UPDATE loans SET renewals = renewals + 1 WHERE reader_id = 1")
        db.run(
            "INSERT INTO order_events (order_id, state, actor, note, at) VALUES (:o, 'approved', 'reader', '', :now)",
            now=stamp(now), o=order["id"],
        )
        deeds.record(db, given, before, "R000002", ("renew",), now + timedelta(minutes=1))
    assert "代办人 R000002" in chief.read(f"/admin/orders/{order['number']}")
    assert "续借" in chief.read(PAGE) and "别人替 TA 办过的事" in chief.read(PAGE)


def test_the_page_has_a_word_for_whatever_was_done(chief: Hand, store: Store, now: datetime) -> None:
    assert DEEDS.keys() == family_words.DEEDS.keys() == {*deeds.DONE, *deeds.LOOKS}
    with store.writing() as db:
        db.run("INSERT INTO deeds (reader_id, actor_id, relation, what, object, at) "
               "VALUES (1, 2, 'partner', 'elsewhere', 'order:SX1', :now)", now=stamp(now))  # fmt: skip
    assert "换取书的地方" in chief.read(PAGE)


def test_who_has_no_chat_is_given_a_code_at_the_desk(chief: Hand, store: Store) -> None:
    """A child that has grown up without one, whose parent reaches nothing any more (D-12)."""
    assert "做一个连接码" in chief.read("/admin/readers/R000003")
    page = chief.post("/admin/readers/R000003/link").get_data(as_text=True)
    assert re.search(r"LJ \d{4} \d{4}", page)
    assert store.db.value("SELECT COUNT(*) FROM staff_log WHERE action = 'link_code'") == 1


def test_no_code_is_made_for_anothers_chat(chief: Hand, store: Store) -> None:
    assert "做一个连接码" not in chief.read(PAGE)
    assert "已经有自己的聊天" in chief.post(f"{PAGE}/link").get_data(as_text=True)
    assert store.db.value("SELECT COUNT(*) FROM link_codes") == 0
