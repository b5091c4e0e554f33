"""The simulated bureau asks the visitor and answers once; "cannot tell" is not "no" (B3.1)."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import credit, readers
from lending.credit import Bureau, Check
from lending.database import Store
from lending.model import Verdict
from partners.bureau_simulator import SimulatedBureau
from tests import small_desk
from tests.admin.conftest import Hand


@pytest.fixture
def check(store: Store, visitor: Hand, now: datetime) -> Check:
    with store.writing() as db:
        who = readers.join(db, "zh_Hans", now)
        return credit.consent(db, who.id, small_desk.POLICY, now)


def test_its_link_leads_to_its_page(visitor: Hand, check: Check) -> None:
    bureau: Bureau = SimulatedBureau()
    assert bureau.simulated and visitor.get(bureau.link(check.token)).status_code == 200
    assert SimulatedBureau("https://example.org/").link("x") == "https://example.org/simulator/bureau/x"


def test_the_page_says_who_asks_what_and_that_it_is_a_play(visitor: Hand, check: Check) -> None:
    page = visitor.read(f"/simulator/bureau/{check.token}")
    for shown in ("模拟", "城西图书馆", "≥ 550", "达到", "未达到", "无法评估", "不会告诉图书馆分数"):
        assert shown in page
    assert check.token in visitor.read("/simulator"), "the console leads there too"


@pytest.mark.parametrize("verdict, standing", [("yes", "trusted"), ("no", "ladder"), ("cannot_tell", "ladder")])
def test_an_answer_is_kept_once(visitor: Hand, store: Store, check: Check, verdict: str, standing: str) -> None:
    visitor.get(f"/simulator/bureau/{check.token}")
    assert "已回答" in visitor.post("/simulator/bureau", token=check.token, verdict=verdict).get_data(as_text=True)
    visitor.get("/simulator")
    visitor.post("/simulator/bureau", token=check.token, verdict="no" if verdict == "yes" else "yes")
    assert credit.check_by_token(store.db, check.token).verdict is Verdict(verdict)
    assert readers.reader(store.db, check.reader_id).standing == standing
    assert check.token not in visitor.read("/simulator")


def test_an_unknown_link_and_a_strange_answer_are_told_plainly(visitor: Hand, store: Store, check: Check) -> None:
    answer = visitor.get("/simulator/bureau/made-up")
    assert answer.status_code == 404 and "没有这个授权链接" in answer.get_data(as_text=True)
    assert visitor.post("/simulator/bureau", token="made-up", verdict="yes").status_code == 404
    assert visitor.post("/simulator/bureau", token=check.token, verdict="perhaps").status_code == 400
    assert visitor.post("/simulator/bureau", token=check.token).status_code == 400
    assert credit.check_by_token(store.db, check.token).verdict is None
