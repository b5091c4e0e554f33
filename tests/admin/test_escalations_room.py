"""A reader asks for a person: librarians see it, one takes it, the reader is answered (C5-9, D 44)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from flask import Flask

from admin import staff
from bot import contacts, escalations, outbox
from lending.database import Store
from tests.admin.conftest import Hand

LATE, FRESH = "RG261119-1", "RG261120-2"


def test_the_earliest_promise_comes_first_and_the_late_one_is_marked(chief: Hand) -> None:
    """A1-16: a promise kept or broken is seen."""
    page = chief.read("/admin/escalations")
    assert page.index(LATE) < page.index(FRESH)
    assert page.count("已逾承诺") == 1


def test_the_talk_is_shown_without_the_readers_phone(chief: Hand) -> None:
    """B2-22."""
    page = chief.read(f"/admin/escalations/{LATE}")
    assert "能不能晚两天还" in page and "没有找到，要不要换个说法" in page
    assert "138****0000" in page and "13800000000" not in page + chief.read("/admin/escalations")


def test_claim_answer_close_reach_the_reader_and_the_log(chief: Hand, store: Store) -> None:
    chief.post(f"/admin/escalations/{LATE}/claim")
    assert escalations.get(store.db, LATE).claimed_by == "小信"
    chief.post(f"/admin/escalations/{LATE}/answer", text="可以，续到后天。", held_by="小信")
    where = contacts.of_reader(store.db, escalations.get(store.db, LATE).reader_id)
    assert where is not None
    told = outbox.after(store.db, *where, 0)[-1].reply.text
    assert "可以，续到后天。" in told and "小信" in told
    chief.post(f"/admin/escalations/{LATE}/close", held_by="小信")
    assert escalations.get(store.db, LATE).state == "closed"
    assert LATE in chief.read("/admin/escalations?closed=1")
    deeds = [(row["action"], row["object"], row["staff"]) for row in staff.logged(store.db, limit=3)]
    assert deeds == [(deed, f"escalation:{LATE}", "admin") for deed in ("close", "answer", "claim")]


def test_who_was_never_answered_hears_that_nobody_goes_on(chief: Hand, store: Store) -> None:
    """A reader told "by 16:00" would wait for ever; who was answered is not told twice."""
    for number, answers in ((LATE, 0), (FRESH, 1)):
        where = contacts.of_reader(store.db, escalations.get(store.db, number).reader_id)
        assert where is not None
        before = len(outbox.after(store.db, *where, 0))
        chief.post(f"/admin/escalations/{number}/claim")
        for _ in range(answers):
            chief.post(f"/admin/escalations/{number}/answer", text="下周就有。", held_by="小信")
        chief.post(f"/admin/escalations/{number}/close", held_by="小信")
        told = outbox.after(store.db, *where, 0)
        assert len(told) == before + 1
        assert ("没有另外回复" in told[-1].reply.text) is not bool(answers)


def test_whoever_changes_their_name_keeps_the_requests_in_their_hands(chief: Hand, store: Store) -> None:
    chief.post(f"/admin/escalations/{LATE}/claim")
    chief.post(f"/admin/escalations/{FRESH}/claim")
    chief.post(f"/admin/escalations/{FRESH}/close", held_by="小信")
    chief.post("/admin/account/name", shown_as="信信")
    page = chief.read(f"/admin/escalations/{LATE}")
    assert "由 信信 处理" in page and "您仍可以代为回复" not in page
    assert escalations.get(store.db, FRESH).claimed_by == "小信", "what is over keeps the name it was told with"


def test_of_two_librarians_claiming_at_once_the_second_is_told_who_has_it(app: Flask, store: Store) -> None:
    hands = [Hand(app), Hand(app)]
    for hand, name in zip(hands, ("admin", "wang"), strict=True):
        hand.sign_in(name)
    ready, pages = threading.Barrier(2), ["", ""]

    def claim(n: int) -> None:
        ready.wait()
        pages[n] = hands[n].post(f"/admin/escalations/{FRESH}/claim").get_data(as_text=True)

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = escalations.get(store.db, FRESH).claimed_by
    told = [f"已由 {winner} 接手" in page for page in pages]
    assert sorted(told) == [False, True] and told[("小信", "小王").index(winner)] is False
    assert len(staff.logged(store.db, action="claim")) == 1


def test_an_answer_written_while_a_colleague_took_over_is_kept_but_not_sent(
    chief: Hand, colleague: Hand, store: Store
) -> None:
    colleague.post(f"/admin/escalations/{FRESH}/claim")
    answer = chief.post(f"/admin/escalations/{FRESH}/answer", text="月底到馆。", held_by="")
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "已由 小王 接手" in page and "月底到馆。" in page
    assert all(line["who"] != "librarian" for line in escalations.lines(store.db, escalations.get(store.db, FRESH).id))
    chief.post(f"/admin/escalations/{FRESH}/answer", text="月底到馆。", held_by="小王")
    assert escalations.get(store.db, FRESH).claimed_by == "小信", "knowingly, a colleague may step in"


def test_an_empty_or_endless_answer_is_not_sent(chief: Hand, store: Store) -> None:
    chief.post(f"/admin/escalations/{FRESH}/claim")
    for text in ("", "   ", "长" * 2001):
        assert chief.post(f"/admin/escalations/{FRESH}/answer", text=text, held_by="小信").status_code == 400
    assert escalations.get(store.db, FRESH).state == "claimed"


def test_a_reader_who_writes_again_after_the_answer_is_seen(chief: Hand, store: Store, now: datetime) -> None:
    chief.post(f"/admin/escalations/{LATE}/claim")
    chief.post(f"/admin/escalations/{LATE}/answer", text="好的。", held_by="小信")
    assert "读者又说了话" not in chief.read("/admin/escalations")
    with store.writing() as db:
        escalations.hear(db, escalations.get(db, LATE).reader_id, "还有一件事", now + timedelta(minutes=1))
    assert "读者又说了话" in chief.read("/admin/escalations/live")
    assert "还有一件事" in chief.read(f"/admin/escalations/{LATE}/live")


def test_an_unknown_number_is_a_plain_page(chief: Hand) -> None:
    answer = chief.get("/admin/escalations/RG000000-9")
    assert answer.status_code == 404 and "没有找到" in answer.get_data(as_text=True)


def test_whom_no_message_reaches_is_telephoned_instead(chief: Hand, store: Store) -> None:
    """B2-28: an answer that nobody will read is not said to be read, and the number can be asked for."""
    item = escalations.get(store.db, LATE)
    chief.post(f"/admin/escalations/{LATE}/claim")
    assert "收不到消息" not in chief.read(f"/admin/escalations/{LATE}")
    with store.writing() as db:
        db.run("UPDATE contacts SET reachable = 0 WHERE reader_id = :r", r=item.reader_id)
    page = chief.read(f"/admin/escalations/{LATE}")
    assert "请打个电话" in page and "/admin/readers/R000001" in page
    said = chief.post(f"/admin/escalations/{LATE}/answer", text="可以。", held_by="小信").get_data(as_text=True)
    assert "回复记下了" in said and "读者会在聊天里看到" not in said
    assert "13800000000" not in chief.read("/admin/readers/R000001")
    assert "13800000000" in chief.post("/admin/readers/R000001/phone").get_data(as_text=True)
    assert staff.logged(store.db, limit=1)[0]["object"] == "reader:R000001"
    assert store.db.value("SELECT 1 FROM looks WHERE reader_id = :r AND what = 'phone'", r=item.reader_id)


def test_two_who_answer_at_once_do_not_both_write_to_the_reader(chief: Hand, colleague: Hand, store: Store) -> None:
    """Who was slower sees the colleague's answer first, keeps their own words, and may still send them."""
    chief.read(f"/admin/escalations/{LATE}")
    chief.post(f"/admin/escalations/{LATE}/claim")
    for hand in (chief, colleague):
        assert 'name="seen" value="0"' in hand.read(f"/admin/escalations/{LATE}")
    form = {"held_by": "小信", "seen": "0"}
    chief.post(f"/admin/escalations/{LATE}/answer", text="可以，续到后天。", **form)
    twice = chief.post(f"/admin/escalations/{LATE}/answer", text="可以，续到后天。", **form)
    slower = colleague.post(f"/admin/escalations/{LATE}/answer", text="不能续了。", **form)
    page = slower.get_data(as_text=True)
    assert (twice.status_code, slower.status_code) == (409, 409) and "刚刚已经有人回复了" in page
    assert "可以，续到后天。" in page and ">不能续了。</textarea>" in page
    found = escalations.get(store.db, LATE)
    said = [line["text"] for line in escalations.lines(store.db, found.id) if line["who"] == "librarian"]
    assert said == ["可以，续到后天。"] and found.claimed_by == "小信"
    colleague.post(f"/admin/escalations/{LATE}/answer", text="补一句。", held_by="小信", seen="1")
    assert escalations.get(store.db, LATE).claimed_by == "小王"
