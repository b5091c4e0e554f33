"""A question is answered by the part of the rules it is about (F-13), shortly and without a dead end."""

from __future__ import annotations

import pytest

from bot import rulebook, topics
from tests.talking import Person


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("不还会上征信吗", "points"), ("超期了会不会影响我贷款", "points"), ("小孩能办证吗", "family"),
        ("没有支付宝怎么办", "opening"), ("外地人能借吗", "opening"), ("要不要辦借書卡", "opening"), ("什么叫信用", "opening"), ("信用分是什么", "points"),
        ("能送到余杭吗", "delivery"), ("一次最多借几本", "borrowing"), ("能续几次", "borrowing"), ("能续几回", "borrowing"), ("小孩子的书能借多久", "borrowing"), ("可以替家里老人借吗", "family"), ("超了会怎样", "borrowing"), ("书要是破了找谁", "mishaps"),
        ("取书放几天不取会怎么样", "service"), ("how long can i keep a book", "borrowing"),
        ("你们看得到我的芝麻分吗", "privacy"), ("要刷脸吗", "privacy"), ("你们会把我看什么书告诉别人吗", "privacy"), ("捐书有积分吗", "points"), ("读者证丢了怎么办", ""), ("补办借书卡要多少钱", ""), ("我借了什么书别人知道吗", "privacy"), ("已经过期了怎么办", "borrowing"), ("志愿者怎么报名", ""), ("你们会把我的信息给别人吗", "privacy"),
        ("会影响信用吗", "points"), ("丢书要赔吗", "mishaps"), ("do i need a card", "opening"), ("书消毒吗", ""), ("借阅规则", ""), ("借书几本的规定", ""), ("", ""),
        ("what if I lose it", "mishaps"), ("my son is 9 can he borrow", "family"), ("how often can i renew", "borrowing"),
        ("what are the rules about lost books", "mishaps"), ("i only have a passport can i borrow", "opening"),
        ("who can see what i borrow", "privacy"), ("关于押金的规定", "opening"), ("what are the rules", ""),
    ],
)  # fmt: skip
def test_a_question_has_its_part(asked: str, part: str) -> None:
    assert topics.part_of(asked) == part


def test_every_part_can_be_asked_for() -> None:
    assert {code for code, _words in topics.PARTS} == set(rulebook.PARTS)


def test_the_answer_is_the_part_and_not_the_whole_book(me: Person) -> None:
    said = me.say("不还会上征信吗")
    assert said.startswith("信用分：") and "不对外提供" in said and "一个包裹" not in said
    assert "没有支付宝" in me.say("没有支付宝怎么办")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("一本书一年能转几次", "转借与新书"), ("书店新书一个月能选几本", "转借与新书"), ("书找到了退多少", "丢失与破损"),
        ("谁能看我的地址", "隐私"), ("聊天记录留多久", "隐私"), ("借书记录留多久", "隐私"), ("how long are chats kept", "隐私"), ("how long are our conversations stored", "隐私"),
        ("打包要多久", "图书馆的承诺"), ("没去取书会扣分吗", "图书馆的承诺"), ("你们送晚了有补偿吗", "图书馆的承诺"),
        ("紧急闭馆到期怎么办", "借阅"), ("闭馆了到期日怎么算", "借阅"), ("暂停多久", "信用分"), ("一次最多减多少", "送书与费用"),
        ("what if I lose it", "丢失与破损"), ("what are the rules about lost books", "丢失与破损"), ("关于押金的规定", "开通"),
        ("有关逾期的规定是什么", "借阅"), ("my son is 9 can he borrow", "家人和孩子"),
    ],
)  # fmt: skip
def test_a_rule_asked_about_by_its_matter(me: Person, said: str, title: str) -> None:
    assert me.say(said).startswith(f"{title}：")


def test_what_the_rules_do_not_say_is_asked_of_a_person(me: Person) -> None:
    assert "我答不上来" in me.say("书消毒吗")
    assert "转人工" in str(me.heard[-1].buttons)


def test_how_to_borrow_is_told_step_by_step_and_the_rules_stay_whole(me: Person) -> None:
    assert "1. 找书" in me.say("怎么借书")
    assert me.say("借阅规则").startswith("借阅规则（")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("会影响信用吗", "信用分："), ("会扣多少", "信用分："), ("会扣分吗", "信用分："), ("要赔吗", "丢失与破损："),
        ("要赔钱吗", "丢失与破损："), ("赔多少钱", "丢失与破损："), ("丢书要赔吗", "丢失与破损："), ("怎么赔", "丢失与破损："),
        ("丢了书要赔钱吗赔多少", "丢失与破损："), ("超期了会怎样", "借阅："), ("运费", "书柜取书"),
    ],
)  # fmt: skip
def test_what_a_mishap_costs_is_answered_by_its_part(me: Person, asked: str, part: str) -> None:
    assert me.say(asked).startswith(part)


def test_what_lateness_takes_stands_where_it_is_asked(me: Person) -> None:
    assert "超期每本每天 -1 分。不收逾期费。" in me.say("超期了会怎样")


@pytest.mark.parametrize(
    "said",
    ["隐私政策", "你们会收集我的人脸吗", "要刷脸吗", "你们能看到我的芝麻分吗", "我的身份证号会保存吗", "照片你们存多久",
     "我发的照片谁能看到", "你们会把我的信息给别人吗", "孩子的资料谁能看到", "privacy policy"],
)  # fmt: skip
def test_a_question_about_ones_data_is_answered_and_takes_no_copy(me: Person, said: str) -> None:
    """A11-5: a copy of everything is for who asks for one, and stands in the list of looks."""
    heard = me.say(said)
    assert heard.startswith("隐私：") and "不收人脸照片" in heard and "看不到芝麻分" in heard
    assert "下载" not in str(me.heard[-1].buttons)
