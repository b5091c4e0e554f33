"""方便些: whoever finds it hard to come asks for longer loans, a librarian says yes; and letters grow by a word (A10-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import escalations, rulebook
from bot.escalations import SPECIAL, Escalation
from bot.handlers import lists
from bot.service import Service
from bot.texts import Words
from lending import checkouts, readers, special_terms
from tests.bot.test_family import authorise
from tests.talking import Person, pass_time


def asked(service: Service, person: Person) -> Escalation:
    found = escalations.open_of(service.store.db, person.reader_id)
    assert found is not None
    return found


def written(service: Service, person: Person) -> list[str]:
    lines = escalations.lines(service.store.db, asked(service, person).id)
    return [line["text"] for line in lines if line["who"] == "reader"]


def register(service: Service, person: Person) -> bool:
    return special_terms.register(service.store.db, person.reader_id, service.policy, service.clock.now())


def end(service: Service, person: Person) -> bool:
    return special_terms.end(service.store.db, person.reader_id, service.policy, service.clock.now())


def borrow(service: Service, person: Person, title_id: int = 10) -> None:
    """A copy taken at a desk."""
    db, now = service.store.db, service.clock.now()
    copy = db.value("SELECT barcode FROM copies WHERE title_id = :t AND state = 'available'", t=title_id)
    checkouts.check_out(db, copy, person.reader_id, service.policy, now)
    pass_time(service, minutes=1)
    person.listen()


def labels(person: Person) -> list[str]:
    return [button.label for row in person.heard[-1].buttons for button in row]


# ---- asking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "我是残疾人", "我腿脚不方便", "我七十多岁了，能借久一点吗", "我看不见", "给我妈妈申请延长借期，她行动不便",
        "老人有什么优惠", "残疾人能借久一点吗", "能不能借久一点", "申请延长借期", "I use a wheelchair",
    ],
)  # fmt: skip
def test_what_there_is_is_said_with_the_rules_numbers(service: Service, said: str) -> None:
    rules = replace(service.policy.special, loan_days_more=33, renewals_more=2, keep_days_more=5)
    me = Person(replace(service, policy=replace(service.policy, special=rules)))
    told = me.say(said)
    assert all(part in told for part in ("多借 33 天", "多续 2 次", "多留 5 天", "多 4 支签")), told
    assert "家门口" in told and "不记原因" in told and "家人" in told
    assert {"请馆员登记", "大字", "我的家人", "转人工"} <= set(labels(me))


def test_a_librarian_is_asked_once_and_the_note_gives_no_reason(me: Person, service: Service) -> None:
    me.trusted().say("我腿脚不方便")
    told = me.tap("请馆员登记")
    assert "我请馆员来登记" in told and asked(service, me).number in told
    assert (asked(service, me).asks, asked(service, me).about) == (SPECIAL, "想请馆员登记为来馆不方便的读者。")
    assert "还在处理中" in me.press("ease!")
    assert written(service, me).count("想请馆员登记为来馆不方便的读者。") == 0  # it is what the request is about
    assert "我腿脚不方便" in written(service, me)  # what they typed themselves is all that is said of it


def test_an_open_request_gets_the_wish_too(me: Person, service: Service) -> None:
    me.trusted().say("人工")
    assert asked(service, me).asks == ""
    me.say("我腿脚不方便")
    me.tap("请馆员登记")
    me.press("ease!")
    assert asked(service, me).asks == SPECIAL
    assert written(service, me).count("想请馆员登记为来馆不方便的读者。") == 1


@pytest.mark.parametrize("said", [["给我妈妈申请延长借期，她行动不便"], ["我腿脚不方便", "给我妈妈申请"], ["替我奶奶登记一下"]])
def test_it_may_be_for_somebody_of_the_family(me: Person, service: Service, said: list[str]) -> None:
    """The request says so, and asks who; whoever acts for them is not asked."""
    me.trusted()
    for line in said:
        me.say(line)
    assert "写一句是哪位家人" in me.tap("请馆员登记")
    assert "一位家人" in asked(service, me).about


def test_whoever_acts_for_another_asks_for_them(me: Person, service: Service) -> None:
    """D-12: the mother's number stands in the note, and the request is the daughter's own."""
    me.trusted()
    mother = Person(service, "mother").trusted()
    authorise(service, mother, me, "borrow")
    me.press(f"act:{mother.reader_id}")
    me.say("老人能借久一点吗")
    me.tap("请馆员登记")
    number = readers.reader(service.store.db, mother.reader_id).number
    assert number in asked(service, me).about
    assert escalations.open_of(service.store.db, mother.reader_id) is None


def test_a_library_that_gives_nothing_says_what_there_is_without_it(service: Service) -> None:
    none = replace(service.policy.special, loan_days_more=0, renewals_more=0, keep_days_more=0)
    lots = replace(service.policy.free_shipping, special_lots=0)
    rounds = replace(service.policy.parcels, rounds=())
    me = Person(replace(service, policy=replace(service.policy, special=none, free_shipping=lots, parcels=rounds)))
    told = me.say("我是残疾人")
    assert "登记一下" not in told and "家门口" not in told and "家人" in told
    assert "请馆员登记" not in labels(me)


@pytest.mark.parametrize("forged", ["ease!:", "ease!:nobody", "ease:1:2:3", "size:", "size:huge", "size", "ease!:a:b"])
def test_forged_presses_break_nothing(me: Person, forged: str) -> None:
    me.trusted()
    assert me.press(forged)
    assert not readers.reader(me.service.store.db, me.reader_id).plain


def test_the_busy_hear_what_saves_time_and_nothing_is_renewed_unasked(me: Person, service: Service) -> None:
    me.trusted()
    assert "半夜也能取书" in me.say("上班太忙，来不及还") and "全部续借" not in labels(me)
    borrow(service, me)
    told = me.say("上班太忙，来不及还")
    assert "《围城》" in told and "还可续 1 次" in told and "快递上门" in told
    assert "续借好了" in me.tap("全部续借")
    assert "请馆员登记" not in labels(me)


# ---- being told ----------------------------------------------------------------------------------------------------


def test_one_message_tells_what_it_brings_and_the_new_dates(me: Person, service: Service) -> None:
    me.trusted()
    borrow(service, me)
    assert register(service, me)
    pass_time(service, minutes=2)
    assert me.listen() == ""  # B2-20: a slip of the hand can still be undone
    pass_time(service, minutes=10)
    told = me.listen()
    assert told.count("登记好了") == 1 and len([r for r in me.heard if "登记好了" in r.text]) == 1
    assert "多借 20 天" in told and "· 《围城》2027年1月19日（周二） 到期" in told
    assert "还可续 2 次" in me.say("我的借阅")
    assert "每本书多借 20 天、可以多续 1 次" in me.say("我的信用")
    assert "您已经登记过" in me.say("我腿脚不方便") and "请馆员登记" not in labels(me)
    assert "您已经登记过" in me.press("ease!")
    assert escalations.open_of(service.store.db, me.reader_id) is None


def test_its_end_is_told_and_a_slip_is_not(me: Person, service: Service) -> None:
    me.trusted()
    register(service, me)
    end(service, me)
    pass_time(service, hours=1)
    assert me.listen() == ""
    register(service, me)
    pass_time(service, hours=1)
    assert "登记好了" in me.listen()
    end(service, me)
    pass_time(service, hours=1)
    assert "日期不变" in me.listen()


def test_before_ordering_and_holding_the_readers_own_days_are_told(me: Person, service: Service) -> None:
    """B2-12: a number told is the one that comes true."""
    me.trusted()
    register(service, me)
    me.say("围城")
    me.tap("借这本")
    me.tap("到馆自取")
    assert "可借 60 天，可续借 2 次" in me.say("1")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan' WHERE title_id = 11 AND state = 'available'")
    assert "为您留 5 天" in me.press("hold:11")


def test_the_rules_say_so(service: Service) -> None:
    """D-11, B2-12."""
    def told(policy: object) -> str:
        parts = rulebook.sections(Words("zh_Hans"), service.store.db, policy, service.clock.now())  # type: ignore[arg-type]
        return "\n".join(line for part in parts for line in part.lines)

    assert "老人、行动不便的读者，请馆员登记以后，每本书多借 20 天、可以多续 1 次" in told(service.policy)
    other = replace(service.policy, special=replace(service.policy.special, loan_days_more=7, renewals_more=0))
    assert "每本书多借 7 天、等您来取" in told(other)


# ---- large letters and few words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["大字", "简单一点", "字能大一点吗", "换成大字", "large print"])
def test_letters_grow_by_a_word_and_shrink_by_another(me: Person, service: Service, said: str) -> None:
    me.trusted().say(said)
    assert readers.reader(service.store.db, me.reader_id).plain
    me.say("恢复正常大小")
    assert not readers.reader(service.store.db, me.reader_id).plain


@pytest.mark.parametrize("standing", [["三体"], ["三体", "1"], ["推理小说"], ["借阅规则"]])
@pytest.mark.parametrize("said", ["大字", "简单一点"])
def test_the_words_we_name_do_it_whatever_stands_there(me: Person, service: Service, standing: list[str], said: str) -> None:
    for line in (*standing, said):
        me.say(line)
    assert readers.reader(service.store.db, me.reader_id).plain


def test_who_cannot_read_it_is_offered_both(me: Person) -> None:
    assert "点「大字」" in me.say("字太小了，看不清")
    me.tap("大字")
    assert "请馆员登记" in me.press("ease") and "恢复正常大小" in labels(me)


def test_books_come_three_at_a_time_one_on_a_line(me: Person) -> None:
    me.say("大字")
    me.say("小说")
    shown = me.heard[-1]
    lines = [line for line in shown.text.split("\n") if line[:2] in ("1.", "2.", "3.", "4.")]
    assert len(lines) == lists.FEW and not shown.cards
    assert all("》 " in line for line in lines)
    third = lines[2].split("《")[1].split("》")[0]
    assert third in me.say("3")
    me.say("下一页")
    assert me.heard[-1].text != shown.text and me.heard[-1].text.count("\n1. ") == 1
    me.say("恢复正常大小")
    me.say("小说")
    assert len(me.heard[-1].cards) == lists.PAGE


def test_a_single_book_can_be_borrowed_at_once(me: Person) -> None:
    me.trusted().say("大字")
    me.say("围城")
    assert "借这本" in labels(me)
    me.tap("借这本")
    assert [label for label in labels(me) if label.startswith("到馆自取")]


def test_the_choice_is_ones_own_whoever_one_acts_for(me: Person, service: Service) -> None:
    me.trusted()
    mother = Person(service, "mother").trusted()
    authorise(service, mother, me, "borrow")
    me.press(f"act:{mother.reader_id}")
    me.say("大字")
    assert readers.reader(service.store.db, me.reader_id).plain
    assert not readers.reader(service.store.db, mother.reader_id).plain
    me.say("小说")
    assert not me.heard[-1].cards
