"""What is meant stands beside what it sounds like: a book named where another could be touched, words lost beside a
number, a question that sounds like a farewell (C2)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import holds, loans, points, reviews
from tests.bot.test_appointing import booked as time_booked
from tests.bot.test_appointing import ordered
from tests.bot.test_changing_ones_mind import borrowed
from tests.talking import Person


def renewed(service: Service, me: Person) -> list[str]:
    return [one.title for one in loans.of_reader(service.store.db, me.reader_id) if one.renewals]


# ---- books at home ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["围城续借", "續借《圍城》", "续借围城", "我想把围城这本书续借一下", "renew 围城"])
@pytest.mark.parametrize("home", [("活着",), ("活着", "天龙八部")])
def test_a_book_that_is_not_at_home_renews_no_other(service: Service, me: Person, home: tuple[str, ...], said: str) -> None:
    borrowed(service, me, *home)
    answer = me.say(said)
    assert "《围城》不在您借着的书里" in answer and "续借哪一本" in answer
    assert renewed(service, me) == []


@pytest.mark.parametrize("said", ["活着还了，天龙八部续借", "天龙八部续借一下，活着我明天还", "活着丢了，还有天龙八部续借"])
def test_only_what_the_clause_names_is_renewed(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "活着", "天龙八部")
    me.say(said)
    assert renewed(service, me) == ["天龙八部"]


@pytest.mark.parametrize("said", ["续借", "全部续借", "我借的书都续借一下", "这些书能再续吗", "帮我续一个月吧", "活着和天龙八部，都续借"])
def test_all_are_renewed_where_none_is_named(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "活着", "天龙八部")
    me.say(said)
    assert sorted(renewed(service, me)) == ["天龙八部", "活着"]


# ---- an opinion with the name of its book ----------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["评《围城》：写得真好，想聊的打我电话13712345678", "评《围城》 写得真好", "写书评《围城》，写得真好"])
def test_a_review_in_one_line_is_kept(service: Service, me: Person, said: str) -> None:
    me.trusted()
    assert "书评收到了" in me.say(said)
    [kept] = reviews.of_reader(service.store.db, me.reader_id, 5)
    assert kept.title == "围城" and kept.text.startswith("写得真好")


def test_a_question_about_a_book_is_no_review(service: Service, me: Person) -> None:
    me.trusted().say("评《围城》：写得怎么样？")
    assert reviews.of_reader(service.store.db, me.reader_id, 5) == []


# ---- what happened to a book at home ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我的围城破了一页", "坏的是哪一本"), ("圍城被水泡了", "《围城》是收到时就这样吗"), ("收到的围城缺页", "坏的是哪一本"),
        ("围城看不完了", "续借好了 1 本"), ("围城我已经还了呀", "是哪一本还了"), ("围城多久到期", "您借着 2 本书"),
        ("围城找着了", "没有登记过丢失的书"), ("围城", "找到 1 种"), ("围城真好看", "《围城》"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_book_at_home_is_no_search(service: Service, me: Person, said: str, answered: str) -> None:
    borrowed(service, me, "围城", "活着")
    assert answered in me.say(said)
    assert "活着" not in renewed(service, me)


def test_a_lost_book_is_found_by_its_name(service: Service, me: Person) -> None:
    borrowed(service, me, "围城", "活着").say("围城丢了")
    assert "PF261120-1" in me.say("围城找到了") and "书找到了" in [b.label for r in me.heard[-1].buttons for b in r]


def test_what_is_not_at_home_is_still_looked_for(me: Person) -> None:
    me.trusted()
    assert "找到" in me.say("围城破了一页") or "您要找的是不是" in me.heard[-1].text


# ---- a time that is booked -------------------------------------------------------------------------------------------


@pytest.fixture
def booked_one(service: Service, me: Person) -> Person:
    """Who fetches 围城 on Saturday at ten."""
    with service.store.writing() as db:
        points.set_slots(db, db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'"), 30, 2)
    ordered(me)
    assert "约好了" in me.say("约明天上午十点来取")
    return me


@pytest.mark.parametrize("said", ["我几点来取", "我会晚到半小时", "堵车了，可能会迟到", "提前来取可以吗", "我来不了了", "I'll be a bit late"])
def test_about_the_time_that_is_booked(booked_one: Person, said: str) -> None:
    answer = booked_one.say(said)
    assert "约了 11月21日（周六） 10:00" in answer and "早来晚来都能取" in answer
    assert {"改个时间", "不约了"} <= {button.label for row in booked_one.heard[-1].buttons for button in row}


def test_another_time_is_named_in_any_words(booked_one: Person) -> None:
    booked_one.say("约好的时间改到明天下午三点")
    assert "15:00" in time_booked(booked_one)
    booked_one.tap("改个时间")
    booked_one.say("明天上午十一点半行吗")
    assert "11:30" in time_booked(booked_one)
    booked_one.tap("改个时间")
    assert "几点来" in booked_one.say("明天下午呢")


def test_who_booked_nothing_hears_how_the_order_stands(me: Person) -> None:
    ordered(me)
    assert "SX261120-0001" in me.say("我会晚到半小时")


# ---- a book on show, and where it is ---------------------------------------------------------------------------------


def test_whether_a_place_has_it_is_asked_of_the_book_on_show(me: Person) -> None:
    me.say("三体")
    me.say("1")
    assert "竹影区分馆：2 本" in me.say("竹影区分馆有吗") and "望川区分馆：1 本" in me.say("望川有没有")
    assert "篁里路" in me.say("竹影区分馆")


@pytest.mark.parametrize("said", ["有英文版吗", "这本有没有英文版", "英文版有吗", "do you have it in English"])
def test_a_language_is_asked_of_the_book_on_show(me: Person, said: str) -> None:
    me.say("三体")
    me.say("1")
    assert "《三体》没有英文版" in me.say(said) or "《三体》" in me.heard[-1].text


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("什么时候开奖", "抽签"), ("下一场几点抽签", "抽签"), ("大篷车明天去哪", "接下来这样走"), ("活动几点签到", "QD 开头的签到码"),
        ("怎么登记漂流书", "说「把这本拿去漂流」"), ("漂流书在哪", "漂流书"), ("竹影能取吗", "竹影区分馆"),
        ("登记漂流书《小王子》", "看完还我"), ("我有一本《小王子》想拿去漂流", "看完还我"), ("把《小王子》拿去漂流", "看完还我"),
    ],
)  # fmt: skip
def test_is_known_in_these_words_too(me: Person, said: str, answered: str) -> None:
    me.trusted()
    me.say(said)
    shown = me.heard[-1].text + "".join(button.label for row in me.heard[-1].buttons for button in row)
    assert answered in shown


# ---- questions that sounded like something else ----------------------------------------------------------------------


@pytest.mark.parametrize("said", ["怎么扣分了", "凭什么扣我分", "why did I lose points"])
def test_gains_are_no_answer_to_why_points_were_taken(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "围城")
    assert "没有扣分" in me.say(said)


def test_a_stain_that_was_there_is_reported_not_appealed(service: Service, me: Person) -> None:
    borrowed(service, me, "围城")
    assert "围城" in me.say("书里有水渍，不是我弄的") and "哪一条" not in me.heard[-1].text


def test_no_more_is_asked_of_what_is_on_show(me: Person) -> None:
    assert "再见" in me.say("没有了")
    me.say("三体")
    assert "最后一页" in me.say("没有了？")
    me.say("三体")
    me.say("1")
    assert "可借 6 本" in me.say("没有了？") and "可借 6 本" in me.say("没了吗")
    assert "可借 6 本" in me.say("为什么只有一本")


@pytest.mark.parametrize("said", ["could you come and get it", "can you come and pick it up", "could someone come to collect my books"])
def test_to_come_and_get_it_is_the_courier(service: Service, me: Person, said: str) -> None:
    borrowed(service, me, "围城")
    assert "快递上门" in me.say(said) or "地址" in me.heard[-1].text


@pytest.fixture
def waits(service: Service, me: Person) -> Person:
    """Who has just been put into the queue for a book of which all are out."""
    db = service.store.db
    with service.store.writing() as writing:
        writing.run("UPDATE copies SET state = 'lost' WHERE title_id = (SELECT id FROM titles WHERE title = '围城') "
                    "AND id > (SELECT MIN(id) FROM copies WHERE title_id = (SELECT id FROM titles WHERE title = '围城'))")
    borrowed(service, Person(service, "first"), "围城")
    me.trusted().say("预约《围城》")
    assert holds.of_reader(db, me.reader_id)
    return me


@pytest.mark.parametrize("said", ["先停一个月", "预约暂停一个月吧", "那先暂停30天可以吗"])
def test_a_hold_rests_for_as_long_as_is_said(waits: Person, said: str) -> None:
    assert "暂停到 12月20日" in waits.say(said)


def test_a_hold_rests_until_a_day_that_is_asked(waits: Person) -> None:
    assert "暂停多久" in waits.say("先停一下")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我的个案", "PF261120-1"), ("我的赔付怎么样了", "PF261120-1"), ("有没有扣分", "信用"), ("我不在家，放门口行吗", "我答不上来"),
        ("快递能放驿站吗", "我答不上来"), ("要多久", "馆员在看"), ("我要还书，帮我妈妈借活着", "《活着》"), ("帮我妈妈借活着", "《活着》"),
    ],
)  # fmt: skip
def test_is_no_unknown_sentence(service: Service, me: Person, said: str, answered: str) -> None:
    borrowed(service, me, "围城").say("围城丢了")
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("哎呀忘记还了，对不起", "放到任何一个都行"),
        ("我昨天就还了怎么还在名下", "是哪一本还了"),
        ("扔柜子里了，没吐小票", "是哪一本还了"),
        ("书里有人乱画，不是我画的", "坏的是哪一本"),
        ("为什么不让我续", "有人预约的书不能续借"),
        ("里面夹了我的照片，还书的时候忘拿了", "已为您转人工"),
        ("给我家二年级的小朋友挑几本", "少儿读物"),
        ("我要那本什么山海的，讲地理的", "山海经"),
        ("论文要用的，给我找找人工智能伦理方面的书", "人工智能伦理"),
        ("爷爷想听书，有没有", "没有有声书"),
    ],
)
def test_what_is_said_in_the_course_of_things(service: Service, me: Person, said: str, answered: str) -> None:
    borrowed(service, me, "围城", "活着")
    assert answered in me.say(said)
