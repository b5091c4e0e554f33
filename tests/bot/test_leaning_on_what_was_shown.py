"""Follow-ups that lean on what has just been shown: a list, a book, a cart, an activity, a loan, a rule (C2)."""

from __future__ import annotations

import re

import pytest

from bot import rule_answers, rulebook
from bot.service import Service
from bot.texts import Words
from lending import cart, events, loans, transfers
from lending.policy import load_policy, packs
from tests import cities
from tests.bot.test_linking import lend
from tests.lending.happenings import plan
from tests.talking import Person, advance


def follow(me: Person, *lines: str) -> str:
    """The answer to the last of them."""
    return [me.say(line) for line in lines][-1]


# ---- a list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("村上春树", "只要小说"), "其中的小说：\n\n1. 《挪威的森林》"), (("村上春树", "有没有他的散文"), "其中的散文："),
        (("刘慈欣", "有没有他的短篇"), "哪本最短"), (("老舍", "就要散文"), "这些书里没有散文"),
        (("村上春树", "只要小说", "哪本最短"), "页数少的在前：\n\n1. 《且听风吟》"), (("村上春树", "最厚那本"), "页数多的在前"),
        (("村上春树", "薄的先来"), "页数少的在前"), (("鲁迅", "which one is shortest"), "页数少的在前"),
        (("村上春树", "估计得等多久"), "写着可借的都不用等"), (("三体在哪个馆", "大概要等多久"), "《三体》架上有，不用等"),
        (("村上春树", "毛姆还有别的吗"), "「毛姆」找到"), (("东野圭吾", "阿加莎的呢"), "「阿加莎」找到"), (("金庸", "古龙的有不"), "「古龙」找到"),
        (("村上春树", "字大不大"), "书目里没有写"), (("村上春树", "厚不厚"), "是哪一本呢"), (("加西亚·马尔克斯", "第二本有货吗"), "《霍乱时期的爱情》"),
        (("金庸", "第三本仲有冇"), "《神雕侠侣》"), (("鲁迅", "what about the second one"), "《狂人日记》"), (("余华", "兄弟那本", "下册呢"), "《兄弟 下》"),
        (("东野圭吾", "最新出的"), "新出版的在前"), (("张爱玲有啥",), "「张爱玲」找到"), (("半生缘", "这本有几本在架"), "《半生缘》\n张爱玲"),
        (("百年孤独", "不是这本"), "再给我一点线索"), (("三体", "再来点别的"), "已经是最后一页"),
        (("推荐一本书", "作者是哪国人"), "没有写这一点"), (("历史书",), "「历史」里的书"), (("莫言", "蛙", "嗯这本"), "放进借书车了"),
    ],
)  # fmt: skip
def test_of_a_list_or_a_book(me: Person, lines: tuple[str, ...], answered: str) -> None:
    assert answered in follow(me.trusted(), *lines)


def test_a_title_is_still_found_by_its_name(me: Person) -> None:
    for title in ("人生", "小说", "诗经", "他的国", "兄弟"):
        me.say("村上春树")
        assert f"《{title}" in me.say(title)


def test_of_books_that_are_all_lent_out_the_queue_is_told(service: Service, me: Person) -> None:
    db = service.store.db
    title_id = db.value("SELECT id FROM titles WHERE title = '百年孤独'")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'damaged' WHERE title_id = :t", t=title_id)
    me.trusted().say("百年孤独")
    assert "《百年孤独》都借出去了，前面有 0 位在等。" in me.say("估计得等多久") and me.action("预约《百年孤独》")


# ---- what is only asked is not done ----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["看不完咋整", "晚两天还行不行", "看不完怎么办"])
def test_nothing_is_renewed_by_asking(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    answer = me.say(said)
    assert "可续借 1 次，每次 15 天" in answer and not loans.of_reader(service.store.db, me.reader_id)[0].renewals
    assert "续借好了" in me.tap("全部续借")


def test_nothing_is_handed_on_and_nobody_called_by_asking(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "您算还了，对方算借了" in me.say("直接给他行不行")
    assert not service.store.db.value("SELECT COUNT(*) FROM transfers")
    assert transfers.may_offer(service.store.db, me.reader_id, service.policy, service.clock.now())


def test_nothing_is_taken_by_asking(service: Service, me: Person) -> None:
    follow(me.trusted(), "东野圭吾", "第一本拿得到吗")
    assert "《解忧杂货店》" in me.heard[-1].text and not cart.items(service.store.db, me.reader_id)


# ---- one sentence of the rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered", "not_told"),
    [
        ("能借几本", "一次最多 20 本", "逾期"), ("续借可以续几次", "可续借 1 次", "一次最多"), ("超期一天扣几分", "每天每册减 1 分", "志愿者"),
        ("借一本加几分", "每借一册书加 1 分", "丢失书籍"), ("信用分规则", "每借一册书加 1 分", "您的信用分"),
        ("分是怎么涨的", "每借一册书加 1 分", "您的信用分"), ("那扣分呢", "减 50 分", "您的信用分"), ("会扣到多少就不让借", "暂停借书 30 天", "每借一册"),
        ("信用分有啥用", "可兑换多借一册", "您的信用分"), ("不用支付宝行不行", "也能马上借 2 本", "身份证"), ("借阅规责", "借阅规则（", "没有完全对上"),
        ("可以借多旧", "每本借 40 天", "规则里没有写"), ("要唔要按金", "没有押金", "没有找到"), ("借幾耐", "每本借 40 天", "没有找到"),
        ("几天不取会咋样", "为您保留 3 天", "春节"), ("孩子撕坏了要赔吗", "或者按书价", "没有这样一本"), ("换多借一本", "满 100 分", "没有完全对上"),
    ],
)  # fmt: skip
def test_a_short_question_is_answered_by_the_sentence(me: Person, said: str, answered: str, not_told: str) -> None:
    answer = me.trusted().say(said)
    assert answered in answer and not_told not in answer


def test_the_whole_part_is_one_press_behind_it(me: Person) -> None:
    me.say("能借几本")
    assert "书可以还到任何一个馆" in me.tap("借阅：全部")


def test_each_sentence_looked_for_stands_in_some_librarys_rules(service: Service) -> None:
    """A sentence said in other words tomorrow is not lost from the answers without a word."""
    cities.spread(service)
    every = [load_policy(pack) for pack in packs()]
    for part, pairs in rule_answers.ANSWERS.items():
        made = [rulebook.PARTS[part](Words("zh_Hans"), service.store.db, pack, service.clock.now()) for pack in every]
        told = [line for section in made for line in (*section.lines, *section.examples)]
        for _, sentence in pairs:
            for alternative in sentence.pattern.split("|"):
                assert any(re.search(alternative, line) for line in told), (part, alternative)


def test_whoever_asks_for_the_rules_or_writes_at_length_is_told_the_part() -> None:
    assert rule_answers.sentences("借阅规则里能借几本", "borrowing") is None
    assert rule_answers.sentences("我想知道" * 8 + "能借几本", "borrowing") is None


# ---- a cart, an order, a loan, an answer -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("有没有便宜点的办法",), "书柜取、到馆取 ¥0"), (("送到家", "几天能到"), "现在下单"), (("最快的是哪种",), "现在下单"),
        (("换个柜子 竹影那个",), "取书：竹影科技园智能借书柜"),
    ],
)  # fmt: skip
def test_of_a_cart(me: Person, lines: tuple[str, ...], answered: str) -> None:
    me.trusted().say("三体")
    me.tap("借这本")
    assert answered in follow(me, *lines)
    assert len(cart.items(me.service.store.db, me.reader_id)) == 1


@pytest.mark.parametrize(
    ("said", "answered"),
    [("柜子在哪个位置", "云栖站智能借书柜"), ("要带身份证不", "不用带证件"), ("明天才有空 会不会没了", "保留到")],
)  # fmt: skip
def test_of_what_waits(service: Service, me: Person, said: str, answered: str) -> None:
    me.trusted().say("三体")
    for label in ("借这本", "云栖站", "确认下单"):
        me.tap(label)
    advance(service, me.last_order(), "pick", "pack", "load")
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("到几号", "12月30日（周三） 到期"), ("那要还几号", "12月30日（周三） 到期"), ("那最晚哪天", "12月30日（周三） 到期"),
        ("我能早点还不", "不用等到期"), ("可以分开还不", "各算各的日子"), ("走不动 能来家里拿不", "先知道地址"),
        ("怎么拍照", "不拍也可以"), ("晚一天呢", "超期每本每天 -1 分"),
    ],
)  # fmt: skip
def test_of_a_loan(service: Service, me: Person, said: str, answered: str) -> None:
    lend(service, me.trusted())
    assert answered in follow(me, "我的借阅", said)


@pytest.mark.parametrize(
    ("lines", "answered"),
    [
        (("图书关几点开门", "那星期一呢"), "11月23日（周一）的开放时间"), (("几点关门", "礼拜一也开?"), "11月23日（周一）的开放时间"),
        (("海里的天书", "周末呢"), "11月22日（周日）的开放时间"), (("節假日開嗎",), "2027年1月1日"), (("国定假日开吗", "端午呢"), "2027年6月9日"), (("中午休息不",), "09:00-12:00,14:00-20:00"), (("她没手机",), "您用自己的账号替 TA 借"), (("能干啥",), "怎么用："),
        (("你们有没有量子烹饪学", "那能买吗"), "由馆员定"), (("你们有没有量子烹饪学", "买了会告诉我不"), "我都告诉您"), (("推荐本书",), "借"),
        (("今日免费配送", "抽不中呢"), "下一场"),
    ],
)  # fmt: skip
def test_of_what_was_answered(me: Person, lines: tuple[str, ...], answered: str) -> None:
    assert answered in follow(me, *lines)


def test_a_renewal_written_by_ear(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    title = loans.of_reader(service.store.db, me.reader_id)[0].title
    assert "续借好了" in me.say(f"{title}在借一次")


# ---- an activity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("到时候去不了咋办", "没能来也不扣分"), ("可以带我娃一起去不", "一次最多 4 位"), ("那我带两个", "一次最多 4 位"), ("几点结束", "15:00–17:00"),
        ("孩子也想去 能加一个人吗", "一次最多 4 位"),
    ],
)  # fmt: skip
def test_of_an_activity(service: Service, me: Person, said: str, answered: str) -> None:
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    events.make(service.store.db, plan(name="月亮故事会", point_id=branch), service.policy, service.clock.now())
    me.say("报名故事会")
    assert answered in me.say(said) and "您报好了，1 位" in me.heard[-1].text
