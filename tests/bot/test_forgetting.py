"""/mydata and /forgetme over every table: the library's and the talk's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import escalations, forgetting
from bot.service import Service
from lending import case_records, cases, loans, readers
from lending.case_effects import Given
from tests.bot.test_linking import lend
from tests.talking import Person, StillClock, advance

CATALOGUE = {"titles", "copies", "points", "boxes", "counters", "_sqlite_migrations", "sqlite_sequence"}


def traces(service: Service, word: str) -> list[str]:
    """Tables outside the catalogue in which the word still stands."""
    db = service.store.db
    found = []
    for table in set(db.table_names()) - CATALOGUE:
        for row in db.all(f"SELECT * FROM {table}"):
            if any(word in str(service.store.vault.unseal(str(value))) for value in row.values()):
                found.append(table)
    return sorted(set(found))


def test_after_forgetting_neither_names_nor_books_nor_words_are_left(service: Service) -> None:
    """A11-5: what a reader said, borrowed, and where they live, in no table at all."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("送到家")
    me.tap("听泉区")
    me.say("李小明 13812345678 春风路8号3单元201")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "ship", "sign")
    me.say("转人工")
    me.say("我的书《围城》缺一页")
    held = loans.of_reader(service.store.db, me.reader_id)[0]
    loans.check_in(service.store.db, held.barcode, 1, service.policy, service.clock.now())
    me.listen()
    assert "13812345678" in me.say("/mydata")
    me.say("删除我的数据")
    assert "删好了" in me.tap("确定删除")
    for word in ("13812345678", "李小明", "春风路", "缺一页"):
        assert traces(service, word) == [], word
    assert traces(service, "围城") == ["usage_counts"], "how often all readers together searched it that day"
    assert set(service.store.db.all("SELECT * FROM usage_counts")[0]) == {"kind", "key", "day", "n"}
    assert service.store.db.value("SELECT COUNT(*) FROM loans WHERE reader_id = :r", r=me.reader_id) == 0
    assert "《围城》" in me.say("围城"), "and the talk goes on"


def test_open_books_are_named_before_anything_is_forgotten(service: Service) -> None:
    """What stands in the way and how it ends, at once; what must stay, once nothing does."""
    me = Person(service).trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    said = me.say("/forgetme")
    assert "还有 1 个订单没结束" in said and "可以取消" in said and "本书没办完" not in said
    assert "再说一声" in said, "nobody deletes by themselves later"
    labels = [button.label for row in me.heard[-1].buttons for button in row]
    assert "我的订单" in labels and "确定删除" not in labels
    me.say("取消订单")
    me.say("确认")
    kept = me.say("/forgetme")
    assert "信用机构的回答" in kept and "订单的编号、日期和费用" in kept, "what stays is told whole"


def test_a_clearing_that_was_killed_half_way_is_done_at_the_next_tick(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day counts as cleared when all of it is."""
    Person(service).trusted()
    assert isinstance(service.clock, StillClock)
    service.clock.moment += timedelta(days=service.policy.privacy.words_days + 1)
    db, policy, now = service.store.db, service.policy, service.clock.now()
    with monkeypatch.context() as killed:
        killed.setattr("bot.inbox.forget_old", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            forgetting.clear_daily(db, policy, now)
    assert forgetting.words_over(db, policy, now)["inbox"]
    forgetting.clear_daily(db, policy, now)
    assert set(forgetting.words_over(db, policy, now).values()) == {0}


def refund_waiting(service: Service, me: Person) -> str:
    """A lost book was paid for and has been found: the number of its case."""
    db, now = service.store.db, service.clock.now()
    lend(service, me)
    loan = loans.of_reader(db, me.reader_id)[0]
    case, _new = cases.report(db, me.reader_id, loan.id, "lost", "", service.policy, now)
    for step in ("charge", "take_money"):
        cases.advance(db, case.number, step, "staff:小信", service.policy, now, Given("", 3900, ""))
    loans.check_in(db, loan.barcode, 1, service.policy, now)
    cases.notice_found(db, service.policy, now)
    return case.number


def test_money_that_waits_at_a_desk_is_told_before_and_given_up_only_by_its_own_button(service: Service) -> None:
    me = Person(service).trusted()
    old = me.say("忘记我") and me.action("确定删除")
    number = refund_waiting(service, me)
    assert "还有东西等您领" in me.press(old), "a button from before it came asks again"
    said = me.say("忘记我")
    assert "书价 ¥39" in said and number in said
    assert "删好了" not in me.say("确认")
    assert "删好了" not in me.tap("先去领")
    me.say("忘记我")
    assert "删好了" in me.tap("不领了，照样删除")
    assert case_records.to_hand_out(service.store.db) == [], "nobody looks for its owner for ever"


def test_money_fetched_is_not_asked_about(service: Service) -> None:
    me = Person(service).trusted()
    number = refund_waiting(service, me)
    cases.advance(service.store.db, number, "refund", "staff:小信", service.policy, service.clock.now())
    assert "等您领" not in me.say("忘记我")
    assert "删好了" in me.tap("确定删除")
    assert case_records.by_number(service.store.db, number).refund_fen == 3900


def test_whoever_comes_back_is_reminded_like_anybody(service: Service) -> None:
    me = Person(service).trusted()
    me.press("remind:off")
    assert not readers.reader(service.store.db, me.reader_id).reminders_on
    me.say("忘记我")
    me.tap("确定删除")
    assert readers.reader(service.store.db, me.reader_id).reminders_on


def test_after_forgetting_there_is_no_request_for_a_person_and_asking_opens_none(service: Service) -> None:
    me = Person(service).trusted()
    me.say("转人工")
    assert "RG261120-1 还在处理中" in me.say("我的人工请求")
    me.say("忘记我")
    me.tap("确定删除")
    for said in ("我的人工请求", "my support requests", "RG261120-1"):
        assert "没有在办的人工请求" in me.say(said), said
    assert escalations.open_of(service.store.db, me.reader_id) is None
