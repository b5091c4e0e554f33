"""A librarian writes down what only people see, and reads why a reader may not borrow as readers do (A6-3, D-4)."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest

from bot import why
from bot.texts import Words
from lending import credit, minors, readers
from lending.database import Store
from lending.policy import load_policy
from tests import small_desk
from tests.admin.conftest import Hand

CONDUCT = "/admin/readers/R000001/conduct"


def newest(store: Store) -> dict[str, Any]:
    asked = "SELECT *, unseal(evidence) AS evidence FROM credit_lines WHERE reader_id = 1 ORDER BY id DESC LIMIT 1"
    row = store.db.one(asked)
    assert row
    return row


def test_a_round_of_volunteering_is_a_line_with_its_evidence(chief: Hand, store: Store) -> None:
    """A6-4."""
    page = chief.post(CONDUCT, event="volunteer", what="周六整架", amount="3").get_data(as_text=True)
    assert "记下了：+10 分" in page
    line = newest(store)
    assert (line["event"], line["delta"], line["amount"]) == ("volunteer", 10, 3)
    assert (line["evidence"], line["actor"]) == ("周六整架", "staff:admin")
    again = chief.post(CONDUCT, event="volunteer", what="周六整架", amount="3").get_data(as_text=True)
    assert "已经记过了" in again
    assert newest(store)["id"] == line["id"]


@pytest.mark.parametrize(
    "form",
    [
        {"event": "volunteer", "what": ""}, {"event": "lost", "what": "x"}, {"event": "borrow", "what": "x"},
        {"event": "", "what": "x"}, {"event": "activity", "what": "x", "day": "2000-01-01"},
        {"event": "activity", "what": "x", "day": "2099-01-01"}, {"event": "activity", "what": "x", "day": "昨天"},
    ],
)  # fmt: skip
def test_nothing_is_written_without_an_event_of_the_pack_evidence_and_a_recent_day(
    chief: Hand, store: Store, form: dict[str, str]
) -> None:
    before = newest(store)
    assert "请选事由" in chief.post(CONDUCT, **form).get_data(as_text=True)
    assert newest(store) == before


@pytest.mark.parametrize("amount", ["0", "-3", "100", "x", "", "９", "00991000", "0001" + "9" * 5_000])
def test_a_number_that_is_none_counts_once(chief: Hand, store: Store, amount: str) -> None:
    chief.post(CONDUCT, event="activity", what=f"故事会{amount}"[:30], amount=amount)
    assert newest(store)["amount"] == 1


def test_the_readers_page_says_why_as_the_chat_does(chief: Hand, store: Store, now: datetime) -> None:
    """D-4: every reason at once, with the reader's own numbers."""
    for n in range(3):
        credit.post(store.db, 1, "lost", f"loan:9{n}", load_policy(), now)
    page = chief.read("/admin/readers/R000001")
    assert "现在能借吗" in page
    said = why.explain_to_staff(Words("zh_Hans"), store.db, 1, load_policy(), now)
    assert len(said) >= 4
    assert all(line in page for line in said)


@pytest.mark.parametrize(("pack", "state", "said"), [
    ("default", "child", "请家长在自己的聊天里同意一次"), ("default", "new", "请读者在聊天里选一种方式开通"),
    ("default", "frozen", "借阅暂停到"), ("default", "full", "一次可以借"), ("default", "trusted", "能借"),
    ("邹平", "frozen", "志愿服务"), ("珠海", "frozen", "借阅暂停到"), ("guangzhou", "trusted", "最高一级"),
])  # fmt: skip
def test_a_librarian_is_not_spoken_to_as_the_reader(
    chief: Hand, store: Store, now: datetime, pack: str, state: str, said: str
) -> None:
    """Whoever reads it has no button of the reader's to press, and is not the one who is thanked."""
    policy = load_policy(pack)
    if state == "child":
        minors.note(store.db, 2, date(2036, 5, 31), "staff:admin", now)
    elif state in ("new", "full"):
        readers.set_standing(store.db, 2, "new" if state == "new" else "ladder")
    for n in range(12 if state == "frozen" else 0):
        credit.post(store.db, 2, "lost", f"loan:9{n}", policy, now)
    told = why.explain_to_staff(Words("zh_Hans"), store.db, 2, policy, now)
    assert said in "".join(told)
    assert [line for line in told if re.search("您|我|点「|告诉馆员", line)] == []
    if pack == "default":
        assert told[0] in chief.read("/admin/readers/R000002")


def test_volunteering_at_the_desk_opens_borrowing_and_says_so(store: Store, now: datetime) -> None:
    """B3.2 邹平: two hours; the librarian sees that it is done, the reader hears it."""
    policy = load_policy("邹平")
    small_desk.settle(store, now)
    hand = Hand(small_desk.application(store, small_desk.StoodStill(store, now), policy))
    hand.sign_in()
    for n in range(7):
        credit.post(store.db, 1, "lost", f"loan:9{n}", policy, now)
    assert "志愿服务 2 小时，已经做了 0 小时" in hand.read("/admin/readers/R000001")
    assert "借书恢复了" not in hand.post(CONDUCT, event="volunteer", what="周六", amount="1").get_data(as_text=True)
    page = hand.post(CONDUCT, event="volunteer", what="周日", amount="1").get_data(as_text=True)
    assert "借书恢复了，读者会收到消息" in page and "借阅暂停到" not in page
    told = "SELECT COUNT(*) FROM notices WHERE reader_id = 1 AND event = 'thawed'"
    assert store.db.value(told) == 1
