"""What is asked of books in a reader's own words: of the one on show, of a list, of a place, of a subject or a mood."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.meaning import meant
from bot.service import Service
from lending import cart
from tests.talking import Person, open_sample


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Service:
    return open_sample(prepared, tmp_path / "library")


@pytest.fixture
def me(service: Service) -> Person:
    return Person(service)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("这个厚不厚啊，我拿不动太厚的", "191 页"), ("多少页", "191 页"), ("这是哪年出的", "2012 年出版"), ("定价多少", "¥20"),
        ("谁翻译的", "没有写这一点"), ("这本字大不大", "书目里没有写"), ("适合孩子看吗", "书目里没有写"), ("拍过电影没", "书目里没有写"), ("能不能看个目录", "书目里没有写"), ("好看不好看啊", "书评"), ("有几个人在看", "可借"), ("字大不大啊 老花眼", "书目里没有写"), ("续集叫啥", "其他册或续集"), ("有下册吗", "其他册或续集"),
        ("其他馆有没有", "望川区分馆：2 本"), ("有没有人写过书评", "还没有人写过《活着》的书评"), ("请问此书有几册", "可借 6 本"),
        ("望川馆有吗", "望川区分馆：2 本"), ("有新版吗", "的版本有"), ("呢本仲有冇", "可借 6 本"), ("有没有音频版的", "没有有声书"),
        ("好像不太对", "再给我一点线索"), ("回去刚才的列表", "「活着」找到"),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_book_on_show(me: Person, said: str, answered: str) -> None:
    me.say("活着")
    me.say("1")
    assert answered in me.say(said)


@pytest.mark.parametrize("said", ["不要这本，换一本", "太难看了，看不下去", "好無聊喔這本，換一本", "我看过了，还有别的吗", "这版本太老了", "再看一本"])
def test_another_one_is_shown_and_nothing_is_taken(me: Person, said: str) -> None:
    me.say("活着")
    me.say("1")
    assert "换一本" in me.say(said) and "《活着为了讲述》" in me.heard[-1].text
    assert not cart.items(me.service.store.db, me.reader_id)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("哪本最新", "新出版的在前：\n\n1. 《三体Ⅲ"), ("按出版时间排一下", "新出版的在前"), ("按时间排一下", "新出版的在前"), ("哪个是最新出的", "新出版的在前"),
        ("新的排前面", "新出版的在前"), ("旧的在前", "出版早的在前"), ("sort by date", "新出版的在前"), ("以上几本，哪本篇幅最短", "页数少的在前：\n\n1. 《三体》"),
        ("哪本最多人看", "最知名的在前"), ("哪本现在就有", "只看：可借的"), ("听泉馆有的是哪些", "听泉区分馆"),
        ("请问第一种放在几楼", "《三体》\n"), ("第二个啥时候出版的", "《三体Ⅱ：黑暗森林》这个版本是 2008 年"), ("最后一本看看", "《三体Ⅲ：死神永生》\n"),
        ("头一本是讲啥的", "《三体》\n"), ("都是大部头啊，有薄点的没", "页数少的在前"), ("which one is easiest to read", "书目里没有写"), ("第二本有没有有声的", "《三体Ⅱ：黑暗森林》\n"), ("都不是我要的", "再给我一点线索"), ("哪本适合五岁", "书目里没有写"), ("第二本借出去了吗", "《三体Ⅱ：黑暗森林》\n"),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_list(me: Person, said: str, answered: str) -> None:
    me.say("三体")
    assert answered in me.say(said)
    assert not cart.items(me.service.store.db, me.reader_id)


def test_the_one_just_looked_at_is_shown_again(me: Person) -> None:
    assert "是哪一本呢" in me.say("刚才那本叫啥来着")
    me.say("活着")
    me.say("1")
    me.say("开放时间")
    assert "《活着》" in me.say("刚才那本叫啥来着") and "191 页" in me.say("刚才那本多少页")


def test_whether_it_stands_at_the_places_named_and_at_another(me: Person) -> None:
    told = me.say("听泉馆和望川馆有三体吗")
    assert "听泉区分馆：现在架上没有" in told and "望川区分馆：1 本" in told
    assert "竹影区分馆：2 本" in me.say("望川馆有三体吗") + me.say("那竹影馆呢")


def test_the_last_question_is_asked_of_another_place(me: Person) -> None:
    assert "· 望川区分馆" in me.say("那望川馆呢"), "nothing was asked before: the place itself"
    me.say("开放时间")
    assert "望川区分馆 09:00-20:30" in me.say("那望川馆呢") and "听泉" not in me.heard[-1].text
    assert "听泉区分馆 09:00-20:30" in me.say("听泉馆呢？")


def test_only_a_question_is_asked_again(me: Person) -> None:
    me.trusted().say("我要在望川馆取书")
    assert me.service.store.db.value("SELECT COUNT(*) FROM orders") == 0
    me.say("那听泉馆呢")
    assert me.service.store.db.value("SELECT COUNT(*) FROM orders") == 0


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("东野圭吾最新的是哪本", "新出版的在前：\n\n1. 《梦幻花》"), ("汪曾祺的哪本最好", "最知名的在前"), ("薄一点的", "200 页以内"),
        ("费孝通的书有哪些", "「费孝通」找到"), ("写悉达多的那个人还写过什么", "赫尔曼·黑塞的其他书"), ("局外人有几个译本", "《局外人》馆里只有"),
        ("史记哪个版本好", "《史记》馆里只有"), ("看完三体了看啥", "和《三体》相近"), ("有没有类似《房思琪的初恋乐园》的", "和《房思琪的初恋乐园》相近"),
        ("比三体好看的有吗", "和《三体》相近"), ("杨绛先生写她们一家三口的那本", "《我们仨》"), ("讲孙少平的那本书叫什么", "书目里没有写"),
        ("求推荐入门级的哲学书，不要太难", "难易"), ("不要教材，要通俗点讲数学的", "「数学」找到"), ("科幻短篇集，特德姜那种", "《你一生的故事》"),
        ("我想学画画", "「艺术」里的书"), ("有没有讲劳动法的，工资被拖欠了", "「法律」里的书"), ("孩子老发脾气，我该看什么书", "「育儿"),
        ("想找几本哄娃睡觉的绘本", "「绘本」里的书"), ("孩子一年级识字不多，推荐点桥梁书", "「少儿读物」"), ("适合睡前看的书", "这样的要求，书目里没有写"),
        ("失恋了看什么", "这样的要求"), ("给女朋友选书", "这样的要求"), ("第十一届茅奖的书", "得奖"), ("帮我找一下去年茅盾文学奖的书", "得奖"), ("诺贝尔文学奖的有哪些", "得奖"),
        ("四年级下册快乐读书吧", "必读书目"),
        ("豆瓣高分的小说有哪些", "评分"), ("小学生看的三国演义，不要原著", "《三国演义"), ("我年轻时候看过一本林海雪原，还有没有", "「林海雪原」"),
        ("老师说要看小英雄雨来", "「小英雄雨来」"), ("贵馆订有哪些杂志", "没有期刊"), ("有没有电子书，能下pdf吗", "没有电子书"),
        ("有没有老报纸可以查，五十年代的", "没有报纸"), ("上个月新到的书", "最近出版的书"), ("最近很火的那本书", "最知名的书"),
        ("有英文绘本吗", "英文"), ("想学电工，有啥书", "没有书名正好这样写"), ("有没有查理九世", "查理九世"),
    ],
)  # fmt: skip
def test_books_are_asked_for_in_ones_own_words(me: Person, said: str, answered: str) -> None:
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("没有啊，那算了", "先不找了"), ("那你们什么时候会进", "馆员定"), ("哪里能买到", "我查不到"), ("别的图书馆有吗", "我查不到"),
        ("我觉得应该有的，您再查查", "再给我一点线索"),
    ],
)  # fmt: skip
def test_after_a_search_in_vain(me: Person, said: str, answered: str) -> None:
    me.say("量子阅读法大全三百讲")
    assert answered in me.say(said)


@pytest.mark.parametrize("title", ["推荐系统实践", "找死的兔子", "我要快乐，不必正常", "下一站，天堂", "我有故事，你有酒吗？"])
def test_a_title_that_we_do_not_have_stays_whole(service: Service, title: str) -> None:
    assert meant(service, title).slots["query"] == title


def test_a_hopelessly_long_line_is_read_at_once(service: Service) -> None:
    assert meant(service, "的书有没有" * 11 + "的的的的的的的的x").name
