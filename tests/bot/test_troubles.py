"""Troubles other libraries' programs have had and that show in the talk (docs/troubles.md): one test each."""

from __future__ import annotations

import pytest

from bot import notify, outbox
from bot.service import Service
from lending import cases, claims, loans, misscans, notices, orders, readers
from lending.errors import CannotChange
from lending.loans import Loan
from tests.talking import Person, advance, pass_time


@pytest.fixture
def borrower(service: Service) -> tuple[Person, Loan]:
    """The one copy of 围城 has just come to this reader's hands."""
    with service.store.writing() as db:
        db.run(
            "UPDATE copies SET state = 'withdrawn' WHERE title_id = (SELECT id FROM titles WHERE title = '围城') "
            "AND id <> (SELECT MIN(id) FROM copies WHERE title_id = (SELECT id FROM titles WHERE title = '围城'))"
        )
    me = Person(service, "borrower").trusted()
    me.say("围城")
    me.tap("借这本")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    advance(service, me.last_order(), "pick", "pack", "load", "collect")
    me.listen()
    return me, loans.of_reader(service.store.db, me.reader_id)[0]


def test_b2_11_a_reminder_goes_to_the_borrower_and_to_nobody_else(
    service: Service, borrower: tuple[Person, Loan]
) -> None:
    me, loan = borrower
    neighbour = Person(service, "neighbour").trusted()
    neighbour.say("围城")
    neighbour.tap("预约这本")
    pass_time(service, days=loan.days_left(service.clock.now()), hours=1)
    assert "《围城》" in me.listen() and neighbour.listen() == ""


def test_b2_11_the_newest_contact_of_a_reader_is_told_once(service: Service, borrower: tuple[Person, Loan]) -> None:
    me, loan = borrower
    phone = Person(service, "borrowers phone")
    phone.say("你好")
    with service.store.writing() as db:
        db.run(
            "UPDATE contacts SET reader_id = :r WHERE channel = 'terminal' AND address = keyed('borrowers phone')",
            r=me.reader_id,
        )
    pass_time(service, days=loan.days_left(service.clock.now()), hours=1)
    assert [bool(who.listen()) for who in (me, phone)].count(True) == 1


def test_b2_14_a_reminder_says_which_book_which_copy_and_which_day(
    service: Service, borrower: tuple[Person, Loan]
) -> None:
    me, loan = borrower
    pass_time(service, days=loan.days_left(service.clock.now()) - 3, hours=1)
    said = me.listen()
    assert all(part in said for part in ("《围城》", loan.barcode, loan.call_number, "12月30日", "还有 3 天"))
    pass_time(service, days=4)
    assert "已超期 1 天" in me.listen()


def test_b2_24_the_card_says_what_the_shelf_says_before_any_index_does(
    service: Service, borrower: tuple[Person, Loan]
) -> None:
    loan = borrower[1]
    found = service.finder.find("围城")
    late = Person(service, "late").trusted()
    late.say("围城")
    assert late.action("预约这本")
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    assert service.finder.find("围城") == found, "the index was not touched"
    later = Person(service, "later").trusted()
    later.say("围城")
    assert later.action("借这本")


def test_b2_26_what_was_refused_stands_in_no_history(service: Service, borrower: tuple[Person, Loan]) -> None:
    me, _ = borrower
    order = me.last_order()
    before = orders.history(service.store.db, order.id)
    for step in ("pack", "cancel", "load"):
        with pytest.raises(CannotChange):
            advance(service, order, step)
    assert orders.history(service.store.db, order.id) == before and me.listen() == ""


def test_b2_27_the_list_has_due_dates_and_who_waits_is_told_when_it_is_back(
    service: Service, borrower: tuple[Person, Loan]
) -> None:
    me, loan = borrower
    assert "12月30日（周三） 到期" in me.say("我的借阅")
    waits = Person(service, "waits").trusted()
    waits.say("围城")
    waits.tap("预约这本")
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "《围城》回来了" in waits.listen()
    assert readers.reader(service.store.db, waits.reader_id).reminders_on


def sent_at_last(service: Service) -> list[str]:
    """What a sender that was held up says of the notices lying in the outbox, looked at again."""
    db = service.store.db
    keys = [row["key"] for row in db.all("SELECT key FROM outbox WHERE key LIKE 'notices:%' ORDER BY id")]
    groups = [notices.by_ids(db, map(int, key.removeprefix(outbox.NOTICES).split(","))) for key in keys]
    said = [notify.words_for(db, group, service.policy, service.clock.now()) for group in groups]
    return [reply.text for reply in said if reply]


@pytest.mark.parametrize("matter", ["claimed", "lost"])
def test_b2_7_a_reminder_held_up_is_not_sent_once_the_book_has_left_the_readers_hands(
    service: Service, borrower: tuple[Person, Loan], matter: str
) -> None:
    me, loan = borrower
    pass_time(service, days=loan.days_left(service.clock.now()), hours=1)
    assert any("《围城》" in text for text in sent_at_last(service))
    db, now = service.store.db, service.clock.now()
    if matter == "claimed":
        claims.claim(db, me.reader_id, loan.id, "", service.policy, now)
    else:
        cases.report(db, me.reader_id, loan.id, "lost", "", service.policy, now)
    assert not any("到期" in text or "该还" in text for text in sent_at_last(service))


def test_b2_8_a_notice_that_cannot_be_said_silences_nobody_else(
    service: Service, borrower: tuple[Person, Loan], caplog: pytest.LogCaptureFixture
) -> None:
    me, loan = borrower
    now = service.clock.now()
    with service.store.writing() as db:
        notices.record(db, me.reader_id, "claim_not_found", f"loan:{loan.id}", "", now, now, loan=loan.id)  # without its dates
    pass_time(service, days=loan.days_left(now), hours=1)
    assert "《围城》" in me.listen() and "抱歉" not in me.say("你好")
    assert [record.name for record in caplog.records] == ["bot.notify"]
    assert "KeyError" in caplog.text and "围城" not in caplog.text
    caplog.clear()


def test_b2_8_a_duty_that_fails_holds_up_no_other(
    service: Service, borrower: tuple[Person, Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise ValueError("of this duty alone")

    me, loan = borrower
    monkeypatch.setattr("lending.closings.settle", fails)
    with pytest.raises(ValueError, match="of this duty alone"):
        pass_time(service, days=loan.days_left(service.clock.now()), hours=1)
    assert "《围城》" in me.listen()


def test_b2_11_a_number_given_to_one_notice_is_never_anothers(
    service: Service, borrower: tuple[Person, Loan]
) -> None:
    """A return scanned by mistake: its notice is taken back, and the apology must not be taken for it."""
    me, loan = borrower
    db, now = service.store.db, service.clock.now()
    back = loans.check_in(db, loan.barcode, 1, service.policy, now)
    notify.tell(service.store, service.policy, now)
    assert "收到" in me.listen()
    scan = misscans.Scan(back.barcode, now, back.loan_id, back.state_before, back.point_before)
    misscans.take_back(db, scan, service.policy, now)
    notify.tell(service.store, service.policy, now)
    assert "是我们扫错了" in me.listen()
