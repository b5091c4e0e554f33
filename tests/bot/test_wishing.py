"""荐购 in the talk: a voice, other people's wishes, and what became of it (A10-11)."""

from __future__ import annotations

import pytest

from bot.service import Service
from lending import wishes
from tests.talking import Person, pass_time


def move(service: Service, name: str, **more: object) -> None:
    wish = wishes.listed(service.store.db)[0]
    wishes.advance(service.store.db, wish.id, name, service.policy, service.clock.now(), **more)  # type: ignore[arg-type]
    pass_time(service, seconds=1)


def test_a_wish_is_heard_counted_and_followed(service: Service) -> None:
    proposer, voter = Person(service, "a").trusted(), Person(service, "b").trusted()
    assert "一共有 1 位读者想看它" in proposer.say("荐购《量子花园》")
    assert "大家想看的" in voter.say("荐购")
    assert "一共有 2 位读者想看它" in voter.tap("《量子花园》 1 票")
    assert "已经荐购过" in proposer.say("荐购《量子花园》")
    move(service, "order")
    for who in (proposer, voter):
        assert "已经订购，到馆就告诉您" in who.listen()
    assert "《量子花园》：已经订购" in voter.say("荐购")
    title = service.store.db.value("SELECT id FROM titles WHERE title = '围城'")
    move(service, "arrive", title_id=title)
    said = proposer.listen()
    assert "到馆了。您最先提的，已经替您排上了。" in said
    pass_time(service, minutes=service.policy.promise.tell_ready_minutes)
    assert "您等的《围城》回来了" in proposer.listen()
    assert "替您排上" not in voter.listen()


def test_a_refusal_comes_with_its_reason_and_stays_known(service: Service) -> None:
    me = Person(service).trusted()
    me.say("荐购《月亮手册》")
    move(service, "decline", reason="已经绝版")
    assert "这次没有买：已经绝版" in me.listen()
    assert "这次不买（已经绝版）" in Person(service, "other").trusted().say("荐购《月亮手册》")


def test_an_older_step_falls_away_when_the_fate_has_moved_on(service: Service) -> None:
    """B2-7."""
    me = Person(service).trusted()
    me.say("荐购《月亮手册》")
    wish = wishes.listed(service.store.db)[0]
    for name in ("consider", "order"):
        wishes.advance(service.store.db, wish.id, name, service.policy, service.clock.now())
    pass_time(service, seconds=1)
    said = me.listen()
    assert said.count("月亮手册") == 1 and "已经订购" in said


def test_a_wish_there_is_not_is_said_so(service: Service) -> None:
    assert "没有找到这条荐购" in Person(service).trusted().press("vote:999")


def test_below_titles_that_are_merely_near_stand_a_wish_and_a_person(service: Service) -> None:
    """C3: none of the near ones may be meant, and the words searched for are wished for with one press."""
    me = Person(service).trusted()
    assert "没有完全对上「量子花园波动手册」" in me.say("量子花园波动手册")
    assert "荐购收到" in me.tap("荐购")
    assert wishes.listed(service.store.db)[0].title == "量子花园波动手册"
    me.say("量子花园波动手册")
    assert "馆员" in me.tap("转人工")


def test_a_search_in_vain_is_forgotten_once_something_is_found(service: Service) -> None:
    me = Person(service).trusted()
    me.say("量子花园波动手册")
    me.say("围城")
    assert "想荐购哪本书" in me.say("荐购")


def test_what_was_said_rather_than_named_is_no_title_before_it_is_asked(me: Person) -> None:
    """Others read the wishes: "我家的猫又不吃饭了怎么办呀" is no book."""
    me.trusted().say("我家的猫又不吃饭了怎么办呀")
    said = me.press("i:suggest_purchase")
    assert "是「我家的猫又不吃饭了怎么办呀」吗" in said and "荐购收到" not in said
    assert "荐购收到：《我家的猫又不吃饭了怎么办呀》" in me.say("就是它")


def test_a_question_about_a_book_is_no_review(me: Person) -> None:
    me.trusted().say("围城")
    assert "围城" in me.say("围城好看吗") and "说说您" not in me.heard[-1].text
    me.say("写书评")
    me.say("三体好看吗")
    assert "书评收到了" not in me.heard[-1].text


@pytest.mark.parametrize(
    "opinion",
    ["写得真好呢", "也不怎么样", "A good book, I liked it", "好书，值得推荐", "大家都爱看，最受欢迎的书", "Worth reading twice, and good fun", "城里的人想出来，城外的人想进去，这样写的还有第二个人吗？"],
)
def test_an_opinion_is_kept_however_it_ends(me: Person, opinion: str) -> None:
    me.trusted().say("围城")
    me.say("写书评")
    assert "书评收到了" in me.say(opinion)


@pytest.mark.parametrize("said", ["算了，不写了", "推荐一本", "我的书什么时候到期", "帮我找个真人"])
def test_what_is_clearly_asked_goes_before_a_review(me: Person, said: str) -> None:
    me.trusted().say("围城")
    me.say("写书评")
    assert "书评收到了" not in me.say(said)


def test_what_is_on_the_shelf_need_not_be_bought(service: Service) -> None:
    me = Person(service).trusted()
    for words in ("荐购《围城》", "荐购圍城"):
        assert "馆里就有《围城》" in me.say(words)
    assert wishes.listed(service.store.db) == []
    assert "可借" in me.tap("看这本书")
    me.say("荐购《围城》")
    assert "荐购收到：《围城》" in me.tap("还是想荐购")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'lost' WHERE title_id = (SELECT id FROM titles WHERE title = '活着')")
    assert "荐购收到：《活着》" in me.say("荐购《活着》"), "the last copy is gone"


@pytest.mark.parametrize("said", ["荐购一个月能几次", "荐购什么时候到", "荐购有名额限制吗", "荐购会告诉我结果吗", "荐购怎么弄"])
def test_a_question_about_wishing_is_answered_and_not_wished_for(service: Service, said: str) -> None:
    """What was asked would stand before every reader as a book to vote for."""
    me = Person(service).trusted()
    answer = me.say(said)
    assert "不收钱，也不限本数" in answer and "荐购收到" not in answer
    assert wishes.listed(service.store.db) == []
    assert "荐购收到：《量子花园》" in me.say("量子花园")


@pytest.mark.parametrize("title", ["为什么星星不说话", "你当像鸟飞往你的山的秘密", "怎么办"])
def test_a_title_that_asks_is_still_a_title(service: Service, title: str) -> None:
    me = Person(service).trusted()
    me.say(f"荐购《{title}》")
    assert [wish.title for wish in wishes.listed(service.store.db)] == [title]


@pytest.mark.parametrize("between", ["我的订单", "三体", "你好"])
def test_a_bare_wish_means_what_was_just_missed_and_nothing_older(me: Person, between: str) -> None:
    """It voted for what was searched turns ago."""
    for since, answered in (((), "荐购收到：《量子月亮手册》"), ((between,), "想荐购哪本书")):
        for line in ("量子月亮手册", *since):
            me.trusted().say(line)
        assert answered in me.say("荐购")


def test_a_look_at_what_was_found_instead_leaves_the_wish_open(me: Person) -> None:
    me.trusted().say("不存在的书甲")
    me.say("第1个")
    assert "不存在的书甲" in me.say("荐购")


def test_this_one_is_no_title_in_any_writing(service: Service, me: Person) -> None:
    """薦購這本 wished for a book called 這本."""
    assert "哪本書" in Person(service, "other", language="zh-TW").say("薦購這本")
    assert not service.store.db.value("SELECT COUNT(*) FROM wishes")
