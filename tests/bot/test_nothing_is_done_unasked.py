"""A question, a doubt, a refusal, a story or a quotation that sounds like a command does nothing (bot/unasked.py): sentences
that stand for a deed, with words around them that make them none, said by somebody who has something of everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import pytest

from bot import conversations, dialogue, offered
from bot.service import Service
from bot.unasked import speaks_of
from bot.understanding import Intent, understand
from tests.bot import deeds, not_asked
from tests.talking import Person, open_sample


@pytest.fixture(scope="module")
def rich(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Everything a line does is undone, so one reader is enough for all."""
    service = open_sample(prepared, tmp_path_factory.mktemp("rich") / "library")
    me = deeds.rich(service)
    deeds.watch(service)
    yield me
    service.store.close()


def sample(each: int) -> list[not_asked.Line]:
    """So many of every deed and kind, picked each by itself: a new wording does not bring others in with it."""
    found = dict[tuple[str, str], list[not_asked.Line]]()
    for line in not_asked.lines():
        found.setdefault((line.deed, line.kind), []).append(line)
    return [line for of_kind in found.values() for line in sorted(of_kind, key=lambda one: crc32(one.text.encode()))[:each]]


def done(me: Person, lines: list[not_asked.Line]) -> list[tuple[str, tuple[str, ...]]]:
    """What some of them did."""
    did = ((line.text, deeds.did(me, line.text).changed) for line in lines)
    return [(text, changed) for text, changed in did if changed and not not_asked.calls_for_help(text)]


@pytest.mark.parametrize("each", [1, pytest.param(3, marks=pytest.mark.long)])
def test_a_fair_sample_does_nothing(rich: Person, each: int) -> None:
    """So many lines of every deed and kind."""
    assert done(rich, sample(each)) == []


@pytest.mark.long
def test_of_all_of_them_hardly_one_does_anything(rich: Person) -> None:
    """Some of what is built is no sentence, and some names a book or a trouble of its own."""
    lines = list(not_asked.lines())
    assert len(done(rich, lines)) <= len(lines) // 300


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我不想续借", "什么都没动"), ("别续借", "有人预约的书不能续借"), ("是谁续借的", "什么都没动"), ("我妈说要续借", "续借不收费"), ("等我看完再续借", "什么都没动"),
        ("取消订单要扣分吗", "分"), ("不用取消预约", "《狼图腾》"), ("怎么把第一本移出借书车", "《百年孤独》"), ("先别转人工", "点「转人工」"), ("轉人工要錢嗎", "不收费"),
        ("唔好續借", "什么都没动"), ("should i renew", "续借"), ("don't renew my books", "什么都没动"), ("what if i cancel my hold", "《狼图腾》"), ("注销账号会怎样", "再确认一次才删"),
        ("谁看过我的资料是什么意思", "整份下载"), ("导出我的数据是什么意思", "整份下载"), ("早知道就续借了", "什么都没动"), ("差点续借", "什么都没动"), ("人家续借了", "什么都没动"),
        ("你怎么给我续借了", "续借"), ("「续借活着」是什么意思", "什么都没动"), ("我不想退出故事会", "什么都没动"), ("能别取消报名吗", "什么都没动"), ("不要连接另一个聊天", "什么都没动"),
        ("不想绑定读者证", "什么都没动"), ("订阅余华要钱吗", "什么都没动"), ("荐购三体要钱吗", "荐购不收费"), ("推迟预约吗", "《狼图腾》"), ("我不看这个订单", "您的订单"),
        ("转人工是什么意思", "点「转人工」"), ("who renewed it?", "续借"), ("my mother says i should cancel my hold", "《狼图腾》"), ("i almost renewed", "续借"), ("instead of renewing my books", "续借"),
        ("i can't renew my books", "续借"), ("next week i'll hand over the book", "什么都没动"), ("i haven't confirmed", "什么都没动"), ("can my friend renew my books", "续借"), ("no deleting my data", "什么都没动"),
        ("这本能续到啥时候", "现在续一次，到"), ("能再续一次吗 还是只能一次", "什么都没动"), ("续借一次到几号", "什么都没动"), ("续过了还能再续吗", "什么都没动"), ("到期了忘还会自动续吗", "什么都没动"), ("能不能自动续借", "什么都没动"), ("can it renew itself", "什么都没动"), ("书还掉以后能不能再借一次啊", "什么都没动"), ("有人预约了还能续吗", "什么都没动"),
        ("不要预约三体", "什么都没动"), ("i don't want to change language", "什么都没动"), ("转借要扣分吗", "转借"),
    ],
)  # fmt: skip
def test_it_is_told_and_not_done(rich: Person, said: str, answered: str) -> None:
    did = deeds.did(rich, said)
    assert not did.changed and answered in did.answer


@pytest.mark.parametrize(
    ("said", "does"),
    [
        ("续借", "update loans"), ("把活着续上", "update loans"), ("能不能帮我续借", "update loans"), ("可以续借吗", "update loans"), ("如果可以的话帮我续借", "update loans"),
        ("快到期了，麻烦全部续借", "update loans"), ("快到期了麻烦续一下", "update loans"), ("别忘了帮我续借", "update loans"), ("could you renew my books please", "update loans"), ("i'd like to renew", "update loans"),
        ("第一本不要了", "delete cart_items"), ("把第一本移出借书车", "delete cart_items"), ("can you take the first one out of my cart", "delete cart_items"), ("转人工", "insert escalations"),
        ("怎么转人工", "insert escalations"), ("how can i talk to a librarian", "insert escalations"), ("我不想跟机器人说话，给我转人工", "insert escalations"), ("别提醒我了", "update readers"),
        ("麻烦你帮我把第1个预约取消了", "update holds"), ("忘了，帮我续借", "update loans"), ("别忘了续借", "update loans"), ("可以退出故事会吗", "update sign_ups"), ("客服呢", "insert escalations"),
        ("next week i'm away, please renew my books", "update loans"), ("i can't come, so please cancel my sign-up", "update sign_ups"), ("i think i'll renew my books", "update loans"),
        ("订阅余华", "insert subscriptions"), ("荐购三体有声书", "insert wishes"), ("连接另一个聊天", "insert link_codes"), ("怎么绑定读者证", "insert secret_forms"), ("导出我的数据", "insert exports"),
        ("取消《狼图腾》的预约", "update holds"), ("换成英文", "update readers"), ("转借第1本", "insert transfers"), ("荐购《为什么星星不说话》", "insert wishes"),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_done(rich: Person, said: str, does: str) -> None:
    assert does in deeds.did(rich, said).changed


def test_only_a_yes_is_one(prepared: Path, tmp_path: Path) -> None:
    """不确认 ordered two books, and so did 确认吗 and 知道了."""
    service = open_sample(prepared, tmp_path / "library")
    me = deeds.rich(service)
    deeds.show(me, "a yes awaited")
    deeds.watch(service)
    for said in ("不确认", "先不确认", "确认吗", "是吗", "对吗？", "ok?", "知道了", "收到", "got it", "我没说要下单", "要不要确认下单", "should i confirm", "don't confirm", "确认？", "确认呢", "确认了没", "嗯，不"):
        assert "insert orders" not in deeds.did(me, said).changed, said
    for said in ("确认", "好的", "没问题", "行吧", "好嘛", "yes please", "确认下单", "我确定", "那好吧", "please confirm", "yes i'm sure"):
        assert "insert orders" in deeds.did(me, said).changed, said
    service.store.close()


def test_ok_is_a_yes_in_english_too(rich: Person) -> None:
    """It stands in "book locker", and the ways to get the books were shown instead."""
    with suppress(deeds.Undone), rich.service.store.writing():
        deeds.show(rich, "a yes awaited")
        for said in ("switch to english", *deeds.SHOWN["a yes awaited"]):
            rich.press(said[1:]) if said.startswith("=") else rich.say(said)
        assert "insert orders" in deeds.did(rich, "ok").changed
        assert "insert orders" not in deeds.did(rich, "ok?").changed
        raise deeds.Undone


def test_what_is_counted_is_what_stands_there(rich: Person) -> None:
    """第一个 beside the cart was the first of the list before it, and 不要第1条 of the credit lines took a book out."""
    with suppress(deeds.Undone), rich.service.store.writing():
        deeds.show(rich, "a list")
        deeds.show(rich, "the cart")
        assert f"《{deeds.CARRIED[1]}》" in deeds.did(rich, "第一个").answer
        deeds.show(rich, "credit")
        assert not deeds.did(rich, "不要第1条").changed
        raise deeds.Undone


def test_a_real_wish_to_disconnect_gives_no_code(rich: Person) -> None:
    """解绑Telegram and 帮我解绑读者证 were heard as the wish to connect one."""
    for said in ("我想解绑Telegram", "帮我解绑读者证", "i'd like to unlink telegram", "i need to unlink my account"):
        assert not deeds.did(rich, said).changed, said


def test_with_a_question_in_between_the_next_yes_is_not_for_what_was_asked_before(prepared: Path, tmp_path: Path) -> None:
    service = open_sample(prepared, tmp_path / "library")
    me = deeds.rich(service)
    me.say("取消订单")
    me.press(f"cancel:{me.last_order().number}")
    me.say("取消订单有什么影响")
    me.say("好的")
    assert me.last_order().state == "in_review"
    service.store.close()


@pytest.mark.parametrize(
    ("said", "deed", "how"),
    [
        ("要不续借吧", "renew", ""), ("能续就续吧", "renew", ""), ("不想再等了取消预约", "cancel_hold", ""), ("第三天了怎么还没发货，帮我取消订单", "cancel_order", ""),
        ("不用续借了", "renew", "no"), ("要不要续借", "renew", "told"), ("我昨天续借了", "renew", "told"), ("「续借」是什么意思", "renew", "told"), ("you never renew", "renew", "no"),
    ],
)  # fmt: skip
def test_how_a_deed_is_spoken_of(said: str, deed: str, how: str) -> None:
    assert speaks_of(said, Intent(deed)) == how


def test_nobody_who_asks_for_something_in_the_list_of_utterances_is_only_told() -> None:
    said = (line.split("\t")[0] for line in (not_asked.HERE / "utterances.tsv").read_text("utf8").splitlines())
    told = [line for line in said if speaks_of(line, understand(line))]
    assert set(told) == {"怎么报名", "怎么报名讲座", "我要借书去哪里借", "为什么不让我续", "不想要了怎么退"}


def test_no_consent_is_none(service: Service) -> None:
    """不同意 was taken for the button 「同意，查一下信用」."""
    for said in ("不同意", "我不同意", "不想同意", "先不开通", "i don't agree", "不同意吧"):
        me = Person(service, said)
        me.say("三体")
        me.tap("借这本")
        assert "免押金" in me.tap("到馆自取") + me.tap("云栖市图书馆中心馆")
        answer = me.say(said)
        assert "授权页" not in answer and "先放下" in answer, said
        assert not service.store.db.value("SELECT 1 FROM readers WHERE standing <> 'new'"), said


SPOKEN_OF = ("我没点{x}", "不想{x}", "{x}吗", "要{x}吗", "{x}?", "{x}是什么意思", "如果{x}会怎样", "我妈让我{x}", "刚才{x}了吗", "还是不{x}了", "等一下再{x}")


@pytest.mark.parametrize("what", sorted({*deeds.SHOWN} - {"nothing"}))
def test_a_button_is_not_pressed_by_speaking_of_it(rich: Person, what: str) -> None:
    """确认下单? ordered, 放到暂存架? moved a book, and 借这本是什么意思 called a librarian."""
    store, wrong = rich.service.store, list[tuple[str, tuple[str, ...]]]()
    with suppress(deeds.Undone), store.writing() as db:
        deeds.show(rich, what)
        choices = conversations.load(db, rich.reader_id)[1].get("choices", [])
        labels = {offered.kind(action): label for action, label in choices if offered.kind(action) in offered.DOES}
        for text in (around.format(x=label) for label in labels.values() for around in SPOKEN_OF):
            if changed := deeds.did(rich, text).changed:
                wrong.append((text, changed))
        raise deeds.Undone
    assert wrong == []


def test_a_button_that_is_asked_about_stands_on_and_one_that_is_said_is_pressed(rich: Person) -> None:
    with suppress(deeds.Undone), rich.service.store.writing():
        deeds.show(rich, "a yes awaited")
        assert "「确认下单」还没有" in deeds.did(rich, "确认下单是什么意思").answer
        assert "insert orders" in deeds.did(rich, "确认下单").changed
        raise deeds.Undone


def test_buttons_that_do_something_are_there() -> None:
    assert {*dialogue.PRESSES, "credit"} >= offered.DOES


def test_what_is_like_a_complaint_by_the_letter_calls_nobody(rich: Person) -> None:
    """They sound like 不是这个意思 and 还是不行."""
    for said in ("分享是什么意思", "刚才是不是借2了", "还是不借这本了", "刚才送到家了吗"):
        assert "insert escalations" not in deeds.did(rich, said).changed, said
    for said in ("还是不行", "刚才说的事怎么样了", "不是这个意思你没明白"):
        assert "insert escalations" in deeds.did(rich, said).changed, said


def test_how_long_a_wish_takes_is_told_and_nothing_wished_for(rich: Person) -> None:
    did = deeds.did(rich, "建议采购三体要等多久")
    assert not did.changed and "考虑买" in did.answer


def test_later_is_no_title_and_no_yes(rich: Person) -> None:
    with suppress(deeds.Undone), rich.service.store.writing():
        deeds.show(rich, "a yes awaited")
        did = deeds.did(rich, "等一下再下单")
        assert not did.changed and "慢慢想" in did.answer
        raise deeds.Undone
