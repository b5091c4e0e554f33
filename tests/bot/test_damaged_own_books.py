"""漂流书 that came to harm: its owner hears of it and chooses, and is made good; it can be read meanwhile (A1-23)."""

from __future__ import annotations

import pytest

from bot import forgetting, notify
from bot.events import Photo
from bot.service import Service
from lending import case_records, cases, drifting, evidence, privacy, transfers
from lending.case_effects import Given
from lending.transfers import CannotTransfer
from tests.talking import Person, pass_time

Two = tuple[Service, Person, Person]


def hand(service: Service, giver: Person, taker: Person) -> None:
    db, now = service.store.db, service.clock.now()
    (own,) = drifting.of_reader(db, giver.reader_id)
    code, _ = transfers.offer_own(db, giver.reader_id, own.id, service.policy, now)
    asked = transfers.accept(db, taker.reader_id, code, service.policy, now)
    transfers.finish(db, giver.reader_id, asked.id, service.policy, now)
    heard(service, giver, taker)


@pytest.fixture
def two(service: Service) -> Two:
    """The owner, and who has the owner's 活着 now, for some days."""
    owner, holder = (Person(service, name).trusted() for name in ("owner", "holder"))
    title = service.store.db.value("SELECT id FROM titles WHERE title = '活着'")
    drifting.register(service.store.db, owner.reader_id, title, "drift", service.clock.now())
    hand(service, owner, holder)
    pass_time(service, days=5)
    heard(service, owner, holder)
    return service, owner, holder


def heard(service: Service, *people: Person) -> str:
    notify.tell(service.store, service.policy, service.clock.now())
    return "\n".join(one.listen() for one in people)


def case_of(service: Service) -> case_records.Case:
    (case,) = case_records.open_ones(service.store.db)
    return case


def step(service: Service, name: str, number: str = "") -> None:
    number = number or case_of(service).number
    given = Given("", 3900, "")
    cases.advance(service.store.db, number, name, "staff:小信", service.policy, service.clock.now(), given)


def tear(two: Two) -> str:
    """The reader says so in words; what the owner hears."""
    service, owner, holder = two
    holder.say("书破了")
    assert "主人会听到" in holder.tap("《活着》")
    said = holder.tap("登记破损")
    assert case_of(service).number in said and "不扣信用分" in said and "书可以接着看" in said
    return heard(service, owner)


def test_the_owner_hears_of_it_and_may_take_it_as_it_is(two: Two) -> None:
    service, owner, holder = two
    said = tear(two)
    assert "在现在的读者那里破了" in said and "holder" not in said
    assert "登记了破损" in owner.say("我的漂流书")
    assert "馆员在看" in owner.tap("《活着》的个案")
    assert "照样收下" in owner.tap("没关系，照样收下")
    assert "您不用赔" in heard(service, holder) and case_records.open_ones(service.store.db) == []
    (own,) = drifting.of_reader(service.store.db, holder.reader_id)
    assert (own.state, own.damaged, own.holder_id) == ("away", False, holder.reader_id), "it drifts on"


def test_the_owner_shows_in_a_picture_how_it_came_home(two: Two) -> None:
    """Only the other side could; a librarian decides between the two."""
    service, owner, _ = two
    tear(two)
    owner.say("我的漂流书")
    owner.tap("《活着》的个案")
    assert "请把《活着》的照片发给我" in owner.tap("加照片")
    owner.send(owner.event(photo=Photo(b"\xff\xd8\xff a photo of the book")))
    assert "照片收到了" in owner.listen()
    (kept,) = evidence.of(service.store.db, "case", case_of(service).id)
    assert kept["reader_id"] == owner.reader_id
    stranger = Person(service, "stranger").trusted()
    stranger.press(f"pfp:{case_of(service).number}")
    assert "请把" not in stranger.listen()
    step(service, "charge")
    owner.say("我的漂流书")
    assert "加照片" not in owner.tap("《活着》的个案")


def test_the_owner_chooses_a_new_book_and_the_torn_one_stays_where_it_is(two: Two) -> None:
    service, owner, holder = two
    tear(two)
    number = case_of(service).number
    step(service, "charge")
    told = heard(service, holder)
    assert "主人会选一样" in told
    assert cases.may_take(case_of(service), "reader") == [], "it is not the reader's choice"
    assert "您选一样" in owner.listen()
    assert "到了就告诉您" in owner.tap("要一本同样的书")
    assert "主人选了一本同样的书" in heard(service, holder)
    step(service, "take_book")
    assert "破的那本您留着" in heard(service, holder)
    assert "赔您的《活着》到了" in owner.listen()
    assert "《活着》破了，赔您的新书到了" in owner.say("我的漂流书")
    step(service, "hand_owner", number)
    assert "交到您手上" in heard(service, owner)
    (own,) = drifting.of_reader(service.store.db, owner.reader_id)
    assert (own.state, own.holder_id) == ("home", owner.reader_id)
    assert drifting.of_reader(service.store.db, holder.reader_id) == []


def test_money_is_paid_or_borne_by_the_library(two: Two) -> None:
    service, owner, holder = two
    tear(two)
    step(service, "charge")
    heard(service, owner, holder)
    number = case_of(service).number
    owner.press(f"pfc:{number}:want_money")
    assert "书价 ¥39" in heard(service, holder)
    step(service, "waive")
    assert "不用赔了" in heard(service, holder)
    assert "书价 ¥39 由图书馆出" in owner.listen()


def test_each_change_of_the_owners_mind_is_told(two: Two) -> None:
    """Who must make it good hears what it is now, also what they had heard before; of several at once the last."""
    service, owner, holder = two
    tear(two)
    step(service, "charge")
    heard(service, owner, holder)
    number = case_of(service).number
    for chosen, told in (("want_book", "同样的"), ("want_money", "书价 ¥39"), ("want_book", "同样的")):
        owner.press(f"pfc:{number}:{chosen}")
        assert told in heard(service, holder), chosen
    for chosen in ("want_money", "want_book", "want_money"):
        owner.press(f"pfc:{number}:{chosen}")
    said = heard(service, holder)
    assert "书价 ¥39" in said and "同样的" not in said


def test_meanwhile_it_goes_to_its_owner_alone(two: Two) -> None:
    service, owner, holder = two
    tear(two)
    db, now, third = service.store.db, service.clock.now(), Person(service, "third").trusted()
    (own,) = drifting.of_reader(db, holder.reader_id)
    assert drifting.adrift(db, third.reader_id, now) == []
    code, _ = transfers.offer_own(db, holder.reader_id, own.id, service.policy, now)
    with pytest.raises(CannotTransfer):
        transfers.accept(db, third.reader_id, code, service.policy, now)
    hand(service, holder, owner)
    with pytest.raises(CannotTransfer):
        transfers.offer_own(db, owner.reader_id, own.id, service.policy, now)
    with pytest.raises(privacy.StillBorrowing):
        forgetting.forget(db, holder.reader_id, service.policy, now)
    step(service, "worn")
    assert "不影响阅读" in heard(service, owner)
    assert "您不用赔" in holder.listen()
    transfers.offer_own(db, owner.reader_id, own.id, service.policy, now)


def test_the_owner_says_so_when_it_comes_back_torn(two: Two) -> None:
    service, owner, holder = two
    hand(service, holder, owner)
    assert "回来时破了" in owner.say("活着破了") or "回来时破了" in owner.tap("《活着》")
    assert "由您选" in owner.tap("登记破损")
    said = heard(service, holder)
    assert "主人说，书从您那里回来时破了" in said and "owner" not in said
    case = case_of(service)
    assert (case.reader_id, case.kind, case.lent) == (holder.reader_id, "damaged", False)
    step(service, "charge")
    heard(service, owner, holder)
    owner.press(f"pfc:{case.number}:want_book")
    step(service, "take_book")
    assert "破的那本" not in heard(service, holder), "the owner has it"
    step(service, "hand_owner", case.number)
    owner.say("书破了")
    assert case_records.open_ones(service.store.db) == [], "asked once for each reader"


def test_long_after_it_came_home_nobody_is_asked(two: Two) -> None:
    service, owner, holder = two
    hand(service, holder, owner)
    pass_time(service, days=service.policy.cases.arrival_days + 1)
    owner.say("书破了")
    assert "回来时破了" not in owner.listen() and case_records.open_ones(service.store.db) == []


def test_just_handed_over_it_may_have_come_so(service: Service) -> None:
    owner, holder = (Person(service, name).trusted() for name in ("owner", "holder"))
    title = service.store.db.value("SELECT id FROM titles WHERE title = '活着'")
    drifting.register(service.store.db, owner.reader_id, title, "drift", service.clock.now())
    hand(service, owner, holder)
    holder.say("活着破了")
    holder.tap("《活着》")
    holder.tap("收到时就这样")
    assert "到手时就是破的" in heard(service, owner) and case_of(service).kind == "arrived"
    assert {one.name for one in cases.may_take(case_of(service))} == {"worn", "waive"}


def test_torn_and_then_lost_it_is_one_case(two: Two) -> None:
    service, owner, holder = two
    tear(two)
    number = case_of(service).number
    holder.say("活着弄丢了")
    holder.tap("《活着》")
    holder.tap("找不到了，登记")
    assert (case_of(service).number, case_of(service).kind) == (number, "lost")
    assert "找不到了" in heard(service, owner)


def test_an_owner_who_leaves_is_owed_nothing(two: Two) -> None:
    service, owner, holder = two
    tear(two)
    forgetting.forget(service.store.db, owner.reader_id, service.policy, service.clock.now())
    assert "不用赔了" in heard(service, holder) and case_records.open_ones(service.store.db) == []
