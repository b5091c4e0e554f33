"""替读者报名: by number or telephone, once; a queue where it is full; given back, and the next one moves up (F-8)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lending import events, readers, sign_ups
from lending.database import Store
from lending.events import Plan
from tests.admin.conftest import Hand
from tests.small_desk import POLICY


@pytest.fixture
def event(store: Store, now: datetime) -> int:
    """A story hour with two seats, in ten days."""
    starts = now + timedelta(days=10)
    plan = Plan(
        name="故事会", about="", point_id=1, place="", starts_at=starts, ends_at=starts + timedelta(hours=1),
        sign_up_until=starts, seats=2,
    )  # fmt: skip
    return events.make(store.db, plan, POLICY, now).id


def send(hand: Hand, event: int, what: str, **form: str) -> str:
    hand.read(f"/admin/events/{event}")
    return hand.post(f"/admin/events/{event}/{what}", **form).get_data(as_text=True).partition("<h1>")[0]


def stands(store: Store, event: int) -> dict[int, str]:
    return {one.reader_id: one.state for one in sign_ups.listed(store.db, event)}


def test_signed_up_by_telephone_once_then_the_queue_then_given_back(chief: Hand, store: Store, event: int) -> None:
    assert "R000002 报了 2 位" in send(chief, event, "sign-up", reader="13912345678", people="2")
    assert "没有再报一次" in send(chief, event, "sign-up", reader="R000002", people="1")
    assert "R000003 排在第 1" in send(chief, event, "sign-up", reader="r000003", people="1")
    assert stands(store, event) == {2: "signed_up", 3: "waiting"}
    assert "R000002 的报名退掉了" in send(chief, event, "sign-off", reader="R000002")
    assert stands(store, event) == {3: "signed_up"}, "whoever waits moves up"
    assert "刚刚变了" in send(chief, event, "sign-off", reader="R000002")
    told = store.db.all("SELECT reader_id, facts ->> 'what' AS what FROM notices WHERE event = 'on_behalf' ORDER BY id")
    assert [(one["reader_id"], one["what"]) for one in told] == [(2, "sign_up"), (3, "sign_up"), (2, "sign_off")]


@pytest.mark.parametrize(("form", "why"), [
    ({"reader": "R999999", "people": "1"}, "没有报名"), ({"reader": "", "people": "1"}, "没有报名"),
    ({"reader": "R000002", "people": "9"}, "一次最多报"), ({"reader": "R000002", "people": "x"}, "一次最多报"),
    ({"reader": "R000002", "people": "0"}, "一次最多报"),
])  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_done(
    chief: Hand, store: Store, event: int, form: dict[str, str], why: str
) -> None:
    assert why in send(chief, event, "sign-up", **form)
    assert stands(store, event) == {}


def test_a_couple_with_one_telephone_is_asked_for_by_number(chief: Hand, store: Store, event: int) -> None:
    readers.set_phone(store.db, 3, "13912345678")
    assert "请写读者号，在「找读者」里看得到" in send(chief, event, "sign-up", reader="13912345678", people="1")
    assert stands(store, event) == {}


def test_after_it_has_begun_or_the_last_moment_nobody_is_signed_up(
    chief: Hand, store: Store, event: int, now: datetime
) -> None:
    with store.writing() as db:
        db.run("UPDATE events SET sign_up_until = '2026-11-01T00:00:00Z'")
    assert "报名截止了" in send(chief, event, "sign-up", reader="R000002", people="1")
    with store.writing() as db:
        db.run("UPDATE events SET starts_at = '2026-11-02T00:00:00Z', sign_up_until = '2026-11-02T00:00:00Z'")
    assert "已经开始了" in send(chief, event, "sign-up", reader="R000002", people="1")
    assert "替读者报名" not in chief.read(f"/admin/events/{event}")
