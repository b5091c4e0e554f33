"""A lost or damaged book in the talk: reported, photographed, assessed, made good, found; told at each step (A2-12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import notify
from bot.events import Photo
from bot.service import Service
from bot.understanding import Intent, understand
from lending import case_records, cases, evidence, loans
from lending.case_effects import Given
from lending.errors import CannotChange
from lending.loans import Loan
from lending.model import Fulfilment
from lending.orders import place
from lending.policy import load_policy
from tests.bot.test_linking import lend
from tests.talking import Person, advance, pass_time

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 60


@pytest.fixture
def reader(service: Service) -> Person:
    """Someone with one book at home."""
    person = Person(service).trusted()
    db, now = service.store.db, service.clock.now()
    title = db.value("SELECT MIN(title_id) FROM copies WHERE state = 'available'")
    with service.store.writing() as door:
        door.run("INSERT INTO cart_items VALUES (:r, :t, '2026-11-20T02:00:00Z')", r=person.reader_id, t=title)
    branch = db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    order = place(db, person.reader_id, Fulfilment.COUNTER, branch, "one", service.policy, now)
    advance(service, order, "pick", "pack", "shelve", "collect")
    person.listen()
    return person


def lent(service: Service, reader: Person) -> Loan:
    return loans.of_reader(service.store.db, reader.reader_id)[0]


def only_case(service: Service, reader: Person) -> case_records.Case:
    (case,) = case_records.open_ones(service.store.db, reader.reader_id)
    return case


def decide(service: Service, reader: Person, step: str, given: Given | None = None) -> str:
    """A librarian takes a step; what the reader hears."""
    case = only_case(service, reader)
    given = given or Given("看过了", 3900, "B-NEW")
    cases.advance(service.store.db, case.number, step, "staff:小信", service.policy, service.clock.now(), given)
    notify.tell(service.store, service.policy, service.clock.now())
    return reader.listen()


def test_lost_charged_replaced_settled_and_told_at_each_step(service: Service, reader: Person) -> None:
    """A6-8, A2-12."""
    said = reader.say("书丢了")
    case = only_case(service, reader)
    assert (
        f"编号 {case.number}" in said
        and "不算超期" in said
        and "-50" in said
        and "11月20日（周五） 18:00 前看完" in said
    )
    assert case.number in reader.say("我的借阅") and "登记了丢失" in reader.heard[-1].text
    said = decide(service, reader, "charge")
    assert "核定了" in said and "付书价 ¥39" in said and "信用分 -50" in said and "馆员说：看过了" in said
    assert reader.action("申诉") == "i:appeal"
    assert "等您带同样的书来" in reader.tap("买同样的书来还")
    assert "书价 ¥39" in reader.tap("按书价赔") and "等您付书价" in reader.heard[-1].text
    said = decide(service, reader, "take_money")
    assert "¥39 收到了" in said and "办结" in said
    assert case.number not in reader.say("我的借阅")


@pytest.mark.parametrize("said", ["书丢了", "书破了"])
@pytest.mark.parametrize("pack", ["guangzhou", "huizhou", "zouping"])
def test_where_no_points_are_taken_for_it_a_loss_is_reported_all_the_same(
    service: Service, reader: Person, pack: str, said: str
) -> None:
    """Three libraries keep no rule for one of the two, or for neither."""
    policy = load_policy(pack)
    reader.service = replace(service, policy=policy)
    reader.say(said)
    if said == "书破了":
        reader.tap("借的时候弄的")
    case = only_case(service, reader)
    rule = policy.ledger.find(case.kind)
    answer = reader.heard[-1].text
    assert case.number in answer and ("不扣信用分" in answer) == (rule is None)
    assert rule is None or f"信用分 {rule.delta}" in answer
    cases.advance(service.store.db, case.number, "charge", "staff:小信", policy, service.clock.now(), Given("", 3900))
    notify.tell(service.store, policy, service.clock.now())
    assert ("不扣信用分" in reader.listen()) == (rule is None)


@pytest.mark.parametrize("end", ["take_money", "take_book"])
def test_a_damaged_book_that_is_made_good_is_still_to_be_brought_back(
    service: Service, reader: Person, end: str
) -> None:
    """Its loan goes on, with days that may be late: "办结" alone would say that nothing is left to do."""
    cases.report(service.store.db, reader.reader_id, lent(service, reader).id, "damaged", "湿了", service.policy,
                 service.clock.now())  # fmt: skip
    decide(service, reader, "charge")
    assert "原来那本还记在您名下，请别忘了还回来" in decide(service, reader, end)
    assert lent(service, reader), "still a loan"


def test_a_choice_pressed_twice_or_too_late_says_where_the_case_stands(service: Service, reader: Person) -> None:
    """B2-2, C2."""
    reader.say("书丢了")
    decide(service, reader, "charge")
    action = reader.action("按书价赔")
    assert "等您付书价" in reader.press(action) and "等您付书价" in reader.press(action)
    decide(service, reader, "take_money")
    assert "已办结" in reader.press(action)
    assert "没有找到这个个案" in Person(service, "other").trusted().press(action)


def test_reported_twice_it_is_one_case(service: Service, reader: Person) -> None:
    """B2-2."""
    reader.say("书丢了")
    number = only_case(service, reader).number
    assert f"{number} " in reader.say("书丢了") and only_case(service, reader).number == number


def test_found_at_home_the_loan_goes_on(service: Service, reader: Person) -> None:
    reader.say("书丢了")
    assert "接着看" in reader.tap("书找到了")
    assert not lent(service, reader).lost and "还可续" in reader.say("我的借阅")


def test_said_to_be_lost_and_then_to_be_back_it_is_looked_for(service: Service, reader: Person) -> None:
    loan = lent(service, reader)
    cases.report(service.store.db, reader.reader_id, loan.id, "lost", "", service.policy, service.clock.now())
    assert "点它，我们去书架上找" in reader.say("我已经还了")
    assert "从现在起不算超期，也不再催" in reader.press(f"back:{loan.id}")
    assert "您说已经还了，我们正在找" in reader.say("我的借阅")


def test_brought_back_later_points_and_money_come_back(service: Service, reader: Person) -> None:
    """A6-8."""
    barcode = lent(service, reader).barcode
    reader.say("书丢了")
    decide(service, reader, "charge")
    decide(service, reader, "take_money")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    loans.check_in(service.store.db, barcode, branch, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    said = reader.listen()
    assert "好消息" in said and "退您 ¥39" in said and "退还 25 分" in said
    assert "+25" in reader.say("我的信用")
    number = service.store.db.value("SELECT number FROM compensations")
    assert "书价退您 ¥39，到任何一个馆的服务台领" in reader.press(f"pf:{number}"), "asked later, it stands there still"


def test_what_a_librarian_said_belongs_to_that_step_alone(service: Service, reader: Person) -> None:
    """B2-7: the good news does not ask once more for a book that has come back."""
    barcode = lent(service, reader).barcode
    reader.say("书丢了")
    number = only_case(service, reader).number
    assert "馆员说：请照原版买一本" in decide(service, reader, "charge", Given("请照原版买一本", 3900))
    assert "馆员说：请照原版买一本" in reader.tap("买同样的书来还"), "the reader's own choice leaves it standing"
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    loans.check_in(service.store.db, barcode, branch, service.policy, service.clock.now())
    pass_time(service, minutes=1)
    said = reader.listen()
    assert "好消息" in said and "馆员说" not in said
    assert "馆员说" not in reader.press(f"pf:{number}")


def test_a_book_that_came_damaged_is_not_the_readers(service: Service, reader: Person) -> None:
    assert "收到时就这样吗" in reader.say("书破了")
    assert "这不算您的" in reader.tap("收到时就这样")
    assert only_case(service, reader).kind == "arrived"
    said = decide(service, reader, "ours")
    assert "我们没检查好" in said and "不扣分" in said


def test_some_days_later_nobody_is_asked_how_it_came(service: Service, reader: Person) -> None:
    pass_time(service, days=3)
    reader.listen()
    said = reader.say("书破了")
    assert "破损已登记" in said and "-30" in said and "拍张照片" in said
    assert camera(reader) == ["拍照片"], "by the name of what is asked for, not of the barcode"


def camera(person: Person) -> list[str]:
    """The buttons of the last message that open a camera."""
    return [button.label for row in person.heard[-1].buttons for button in row if button.ask == "photo"]


def test_a_lost_book_cannot_be_photographed(reader: Person) -> None:
    assert "丢失已登记" in reader.say("书丢了") and camera(reader) == []


@pytest.mark.parametrize(
    ("step", "heard"),
    [("worn", "不用赔，也不扣分"), ("mend", "信用分 -30"), ("charge", "付书价 ¥39"), ("waive", "不用赔了")],
)
def test_what_a_librarian_finds_is_told(service: Service, reader: Person, step: str, heard: str) -> None:
    """A6-7."""
    reader.say("书破了")
    reader.tap("借的时候弄的")
    assert heard in decide(service, reader, step)


@pytest.mark.parametrize(("step", "circulates"), [("worn", True), ("mend", False), ("", False)])
def test_a_broken_book_brought_back_is_not_said_to_be_lent_on(
    service: Service, reader: Person, step: str, circulates: bool
) -> None:
    """It lies aside until somebody has mended it, or looked at it."""
    reader.say("书破了")
    reader.tap("借的时候弄的")
    if step:
        decide(service, reader, step)
    other = service.store.db.value("SELECT MAX(id) FROM points WHERE kind = 'branch'")
    loans.check_in(service.store.db, lent(service, reader).barcode, other, service.policy, service.clock.now())
    pass_time(service, minutes=10)
    said = reader.listen()
    assert "归还" in said and ("继续流通" in said) is circulates


def test_a_picture_sent_after_reporting_is_evidence(service: Service, reader: Person) -> None:
    """A2-12: photo evidence where the channel gives a photo."""
    reader.say("书破了")
    reader.tap("借的时候弄的")
    reader.send(reader.event(photo=Photo(JPEG)))
    said = reader.listen()
    case = only_case(service, reader)
    assert "照片收到了" in said and f"{service.policy.cases.photo_days} 天后删掉" in said
    (kept,) = evidence.of(service.store.db, "case", case.id)
    assert evidence.content(service.store.db, "case", case.id, kept["id"]) == ("jpeg", JPEG)
    reader.send(reader.event(photo=Photo(b"not a picture")))
    assert "没能收下" in reader.listen()


def test_a_picture_much_later_is_looked_at_for_its_barcode_again(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("借的时候弄的")
    pass_time(service, hours=2)
    reader.listen()
    reader.send(reader.event(photo=Photo(JPEG)))
    assert "照片收到了" not in reader.listen()
    reader.press(f"pfp:{only_case(service, reader).number}")
    reader.send(reader.event(photo=Photo(JPEG)))
    assert "照片收到了" in reader.listen()


def test_a_picture_with_the_words_belongs_to_the_case(service: Service, reader: Person) -> None:
    """Decision 17: a clear command goes before the barcode."""
    pass_time(service, days=3)
    reader.send(reader.event(text="这本书破了", photo=Photo(JPEG)))
    assert "照片收到了" in reader.listen()
    assert len(evidence.of(service.store.db, "case", only_case(service, reader).id)) == 1


def test_who_asks_to_be_forgotten_while_a_book_is_owed_is_told_why_not_yet(service: Service, reader: Person) -> None:
    """B2-21: what is owed stays until it is settled; then words and pictures go."""
    reader.say("书丢了")
    decide(service, reader, "charge")
    assert "您还有 1 本书没办完" in reader.say("删除我的数据")
    decide(service, reader, "waive")
    reader.say("删除我的数据")
    reader.say("确认")
    row = service.store.db.one("SELECT note, answer, loan_id FROM compensations")
    assert row == {"note": "", "answer": "", "loan_id": None}


def test_a_lost_book_is_understood_by_its_title_when_the_reader_holds_it(service: Service, reader: Person) -> None:
    title = lent(service, reader).title
    assert only_lost(reader.say(f"{title[:4]}丢了"), title)
    assert case_records.open_of_loan(service.store.db, lent(service, reader).id)


def only_lost(said: str, title: str) -> bool:
    return title in said and "没有完全对上" not in said


def test_a_title_that_ends_so_is_still_searched_by_who_holds_no_such_book(service: Service, reader: Person) -> None:
    reader.say("钥匙丢了")
    assert case_records.open_ones(service.store.db, reader.reader_id) == []


@pytest.mark.parametrize("asked", ["丢书要赔吗", "怎么赔", "丢书怎么办"])
def test_whoever_only_asks_what_a_lost_book_costs_has_lost_none(service: Service, reader: Person, asked: str) -> None:
    assert "按书价" in reader.say(asked)
    assert case_records.open_ones(service.store.db, reader.reader_id) == []


@pytest.mark.parametrize("asked", ["要是书丢了要赔多少钱", "万一书丢了怎么赔", "如果书弄坏了要赔吗", "书丢了的话怎么办"])
def test_what_a_loss_would_cost_is_told_and_no_loss_is_written_down(service: Service, reader: Person, asked: str) -> None:
    """The one book at home is not lost by asking."""
    assert "按书价" in reader.say(asked)
    assert not lent(service, reader).lost and case_records.open_ones(service.store.db, reader.reader_id) == []


@pytest.mark.parametrize("said", ["之前丢的书找到了", "书找到了", "我的书没丢"])
def test_a_book_found_again_is_not_registered_as_lost(service: Service, reader: Person, said: str) -> None:
    reader.say(said)
    assert not lent(service, reader).lost
    reader.say("书丢了")
    reader.say("你好")
    assert only_case(service, reader).number in reader.say("书找到了")
    assert reader.action("书找到了").endswith(":at_home")


@pytest.mark.parametrize("said", ["我找不到那个书架了", "搬家把东西都搞没了"])
def test_what_only_sounds_like_a_loss_is_asked_about_before_it_is_written_down(
    service: Service, reader: Person, said: str
) -> None:
    assert understand(said) == Intent("report_lost") and understand(said).likened
    assert "丢的是哪一本" in reader.say(said)
    assert not lent(service, reader).lost
    assert "已登记" in reader.tap("《")


@pytest.mark.parametrize("said", ["书好像丢了", "我可能把书弄丢了", "maybe i lost the book"])
def test_who_is_not_sure_is_asked_before_it_is_written_down(service: Service, reader: Person, said: str) -> None:
    assert "丢的是哪一本" in reader.say(said)
    assert not lent(service, reader).lost


DAMAGE = ["my dog ate it", "I spilled coffee on the book", "I spilled coffee on my library book", "my dog ate one of the books"]


@pytest.mark.parametrize("said", DAMAGE)
def test_damage_told_in_english_is_asked_about_where_several_books_or_none_may_be_meant(
    service: Service, me: Person, said: str
) -> None:
    assert "没有这样一本" in me.trusted().say(said)
    lend(service, me, 2)
    assert "哪一本" in me.say(said)
    assert sum(button.action.startswith("case:damaged:") for row in me.heard[-1].buttons for button in row) == 2
    assert case_records.open_ones(service.store.db, me.reader_id) == []


def test_a_book_that_was_damaged_and_then_lost_is_heard_as_lost(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("收到时就这样")
    number = only_case(service, reader).number
    said = reader.say("书丢了")
    assert f"编号 {number}" in said and "不算超期" in said
    assert "登记了丢失" in reader.say("我的借阅")


@pytest.mark.parametrize("charged", [False, True])
def test_from_the_scan_to_the_next_tick_a_case_offers_nothing_that_would_be_refused(
    service: Service, reader: Person, charged: bool
) -> None:
    reader.say("书丢了")
    loan, case = lent(service, reader), only_case(service, reader)
    if charged:
        decide(service, reader, "charge")
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    case = case_records.by_number(service.store.db, case.number)
    assert cases.may_take(case) == cases.may_take(case, "reader") == []
    for step in ("charge", "waive", "take_money", "at_home", "replace"):
        with pytest.raises(CannotChange) as refused:
            cases.advance(service.store.db, case.number, step, "staff:小信", service.policy, service.clock.now())
        assert refused.value.state == "found"
    assert "回来了，不用再办什么" in reader.press(f"pf:{case.number}")
    pass_time(service, minutes=1)
    assert "好消息" in reader.listen() and case_records.open_ones(service.store.db) == []


def test_what_was_told_first_stands_in_the_case_also_where_it_was_asked_since(service: Service, reader: Person) -> None:
    """A2-12: how it came, and which book, is asked after the reader has told what happened."""
    reader.say("书破了，第30页被茶水弄湿了")
    reader.tap("借的时候弄的")
    assert "第30页被茶水弄湿了" in only_case(service, reader).note


def test_of_several_books_the_one_named_since_has_what_was_told(service: Service, reader: Person) -> None:
    lend(service, reader, 2)
    reader.say("书丢了，落在地铁上了")
    reader.say("1")
    assert "落在地铁上" in only_case(service, reader).note


@pytest.mark.parametrize("later", ["算了", "过一会儿"])
def test_what_was_told_of_a_book_and_let_be_stands_in_no_later_case(service: Service, reader: Person, later: str) -> None:
    """The library asks days later for another book that was not found, and there is a button for 书丢了."""
    lend(service, reader, 2)
    reader.say("书丢了，落在地铁上了")
    if later == "算了":
        reader.say(later)
    else:
        pass_time(service, hours=2)
    reader.press(f"case:lost:{lent(service, reader).id}")
    assert "地铁" not in only_case(service, reader).note


@pytest.mark.parametrize("said", ["第一本", "第1本", "第二本"])
def test_a_book_that_is_counted_answers_no_question_how_it_came(service: Service, reader: Person, said: str) -> None:
    assert "收到时就这样吗" in reader.say("书破了")
    assert "已登记" not in reader.say(said)
    assert case_records.open_ones(service.store.db, reader.reader_id) == []


def test_what_is_told_soon_after_goes_into_the_case(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("借的时候弄的")
    number = only_case(service, reader).number
    assert f"记进个案 {number} 了" in reader.say("第30页撕了一个角")
    assert f"记进个案 {number} 了" in reader.say("还有封面也脏了")
    assert only_case(service, reader).note == "书破了\n第30页撕了一个角\n还有封面也脏了"
    with service.store.writing() as db:
        cases.add_words(db, number, reader.reader_id, "x" * 2_000)
    assert len(only_case(service, reader).note) == cases.LONGEST_NOTE


def test_a_picture_with_words_beside_it_goes_into_the_case_with_them(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("借的时候弄的")
    case = only_case(service, reader)
    reader.send(reader.event(text="第30页撕了一个角", photo=Photo(JPEG)))
    assert f"放进个案 {case.number}" in reader.listen()
    assert only_case(service, reader).note == "书破了\n第30页撕了一个角"
    assert len(evidence.of(service.store.db, "case", case.id)) == 1


def test_another_book_and_another_hour_are_not_of_that_case(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("借的时候弄的")
    assert "记进" not in reader.say("还有一本书也破了")
    pass_time(service, hours=2)
    assert "记进" not in reader.say("第30页撕了一个角")
    assert only_case(service, reader).note == "书破了"


def test_who_owns_up_after_all_puts_the_case_right_while_nobody_has_looked(service: Service, reader: Person) -> None:
    """「借的时候弄破的」 after 收到时就这样 did nothing."""
    reader.say("书破了")
    reader.tap("收到时就这样")
    for said in ("借的时候弄破的", "其实是我弄的"):
        assert "我就改过来" in reader.say(said)
        assert only_case(service, reader).kind == "arrived", "told, and done by a press"
    assert "破损已登记" in reader.tap("借的时候弄的")
    assert only_case(service, reader).kind == "damaged"
    assert "馆员在看" in reader.say("其实是我弄的")


def test_who_owns_up_when_somebody_has_looked_is_told_who_can(service: Service, reader: Person) -> None:
    reader.say("书破了")
    reader.tap("收到时就这样")
    reader.say("看这个个案")
    case, pressed = only_case(service, reader), reader.action("借的时候弄的")
    reader.press(f"pf:{case.number}")
    cases.advance(service.store.db, case.number, "ours", "staff:小信", service.policy, service.clock.now(), Given("看过了"))
    assert "馆员看过的我改不了" in reader.say("其实是我弄的")
    reader.press(pressed)
    assert case_records.by_number(service.store.db, case.number).kind == "arrived"


def test_what_is_lost_beside_a_book_is_no_lost_book(service: Service, reader: Person) -> None:
    """The bag the book came in was registered as the book."""
    assert "点一下就登记" in reader.say("我女儿弄丢了借书的袋子")
    assert not case_records.open_ones(service.store.db, reader.reader_id)
