"""漂流书 that its present reader has lost: a case, its owner told at each step, and made good (A1-23, A2-12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import forgetting, notify
from bot.service import Service
from lending import case_records, cases, credit, drifting, privacy, retention, transfers
from lending.case_effects import Given, NoPrice
from lending.errors import CannotChange
from lending.transfers import CannotTransfer
from tests.talking import Person, pass_time

Two = tuple[Service, Person, Person]


@pytest.fixture
def two(service: Service) -> Two:
    """The owner, and who has the owner's 活着 now."""
    owner, holder = (Person(service, name).trusted() for name in ("owner", "holder"))
    db, now = service.store.db, service.clock.now()
    title = db.value("SELECT id FROM titles WHERE title = '活着'")
    own = drifting.register(db, owner.reader_id, title, "drift", now)
    code, _ = transfers.offer_own(db, owner.reader_id, own.id, service.policy, now)
    asked = transfers.accept(db, holder.reader_id, code, service.policy, now)
    transfers.finish(db, owner.reader_id, asked.id, service.policy, now)
    heard(service, owner, holder)
    return service, owner, holder


def heard(service: Service, *people: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return "\n".join(one.listen() for one in people)


def case_of(service: Service) -> case_records.Case:
    (case,) = case_records.open_ones(service.store.db)
    return case


def step(service: Service, name: str, given: Given | None = None, number: str = "") -> None:
    number = number or case_of(service).number
    cases.advance(
        service.store.db, number, name, "staff:小信", service.policy, service.clock.now(), given or Given("", 3900, "")
    )


def lose(two: Two) -> str:
    """The reader says so in words; what the owner hears."""
    service, owner, holder = two
    holder.say("活着弄丢了")
    holder.tap("《活着》")
    said = holder.tap("找不到了，登记")
    assert case_of(service).number in said and "不扣信用分" in said
    return heard(service, owner)


def test_the_owner_hears_of_it_at_once_and_never_with_whom_it_was(two: Two) -> None:
    service, owner, holder = two
    said = lose(two)
    assert "《活着》在现在的读者那里找不到了" in said and "holder" not in said
    assert "会赔给您" in owner.say("我的漂流书")
    assert "登记了丢失" in holder.say("我的漂流书")
    with pytest.raises(CannotTransfer):
        (own,) = drifting.of_reader(service.store.db, holder.reader_id)
        transfers.offer_own(service.store.db, holder.reader_id, own.id, service.policy, service.clock.now())
    assert drifting.adrift(service.store.db, Person(service, "third").trusted().reader_id, service.clock.now()) == []
    with pytest.raises(privacy.StillBorrowing):
        forgetting.forget(service.store.db, holder.reader_id, service.policy, service.clock.now())


def test_a_new_book_is_brought_handed_out_and_drifts_again(two: Two) -> None:
    service, owner, holder = two
    before = credit.balance(service.store.db, holder.reader_id)
    lose(two)
    number = case_of(service).number
    step(service, "charge")
    assert "不扣信用分" in heard(service, holder) and credit.balance(service.store.db, holder.reader_id) == before
    assert "一本同样的书，或书价 ¥39" in owner.listen()
    holder.press(f"pfc:{number}:replace")
    step(service, "take_book")
    said = heard(service, owner)
    assert "同样的新书" in said and number in said
    assert number in owner.say("我的漂流书"), "it waits until it is fetched"
    assert [case.number for case in case_records.to_hand_out(service.store.db, owner.reader_id)] == [number]
    step(service, "hand_owner", number=number)
    assert "交到您手上" in heard(service, owner) and "交到您手上" not in holder.listen()
    (own,) = drifting.of_reader(service.store.db, owner.reader_id)
    assert (own.state, own.holder_id) == ("home", owner.reader_id)
    assert drifting.of_reader(service.store.db, holder.reader_id) == []
    with pytest.raises(CannotChange):
        step(service, "hand_owner", number=number)
    forgetting.forget(service.store.db, holder.reader_id, service.policy, service.clock.now())


@pytest.mark.parametrize("waived", [False, True])
def test_the_price_goes_to_the_owner_also_where_its_reader_owes_nothing(two: Two, waived: bool) -> None:
    service, owner, holder = two
    lose(two)
    number = case_of(service).number
    if waived:
        with service.store.writing() as db:
            db.run("UPDATE titles SET price_fen = NULL")
        with pytest.raises(NoPrice):
            step(service, "waive", Given())
        step(service, "waive")
    else:
        step(service, "charge")
        step(service, "take_money")
    said = heard(service, owner)
    assert "书价 ¥39" in said and number in said and ("由图书馆出" in said) == waived
    holder.listen()
    forgetting.forget(service.store.db, holder.reader_id, service.policy, service.clock.now())
    step(service, "hand_owner", number=number)
    assert "书价 ¥39 交到您手上了" in heard(service, owner)
    assert drifting.of_reader(service.store.db, owner.reader_id) == []


@pytest.mark.parametrize("charged", [False, True])
def test_found_again_it_goes_on(two: Two, charged: bool) -> None:
    service, owner, holder = two
    lose(two)
    number = case_of(service).number
    if charged:
        step(service, "charge")
        heard(service, owner, holder)
    holder.press(f"pf:{number}")
    assert "找到了" in holder.tap("书找到了")
    assert "好消息：您的《活着》找到了" in heard(service, owner)
    owner.say("我的漂流书")
    assert "已经告诉现在的读者" in owner.tap("请回《活着》")


def test_an_owner_who_leaves_is_owed_nothing(two: Two) -> None:
    service, owner, holder = two
    lose(two)
    forgetting.forget(service.store.db, owner.reader_id, service.policy, service.clock.now())
    assert "不用赔了" in heard(service, holder) and case_records.open_ones(service.store.db) == []
    forgetting.forget(service.store.db, owner.reader_id, service.policy, service.clock.now())


def test_who_had_said_yes_to_it_hears_that_it_is_lost(two: Two) -> None:
    service, _owner, holder = two
    third, now = Person(service, "third").trusted(), service.clock.now()
    (own,) = drifting.of_reader(service.store.db, holder.reader_id)
    code, _ = transfers.offer_own(service.store.db, holder.reader_id, own.id, service.policy, now)
    transfers.accept(service.store.db, third.reader_id, code, service.policy, now)
    holder.say("我的漂流书")
    holder.tap("找不到了")
    holder.tap("找不到了，登记")
    pass_time(service, minutes=1)
    assert "在对方那里找不到了" in third.listen()


def test_what_was_settled_and_handed_out_is_forgotten_in_its_time_and_not_before(two: Two) -> None:
    service, owner, _holder = two
    lose(two)
    number = case_of(service).number
    step(service, "waive")
    late = service.clock.now() + timedelta(days=800)
    with service.store.writing() as db:
        retention.clear_daily(db, service.policy, late)
    assert case_records.by_number(service.store.db, number).owner_id == owner.reader_id, "she has not fetched it yet"
    step(service, "hand_owner", number=number)
    with service.store.writing() as db:
        retention.clear_daily(db, service.policy, late + timedelta(days=1))
        retention.clear_daily(db, service.policy, late + timedelta(days=2))
    assert case_records.by_number(service.store.db, number).owner_id is None
    assert service.store.db.value("SELECT COUNT(*) FROM drifting") == 0
