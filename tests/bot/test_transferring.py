"""转借 and 漂流书 in the talk: two people, one code, both say yes (F-7, A1-23)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import forgetting
from bot.events import Photo
from bot.handlers.transferring import code_in
from bot.service import Service
from lending import drifting, evidence, holds, loans, special_terms, transfer_photos, transfers
from lending.policy import load_policy
from tests.talking import Person, advance, pass_time


@pytest.fixture
def two(service: Service) -> tuple[Service, Person, Person]:
    """One has 围城 at home, the other would like it."""
    giver, taker = Person(service, "giver").trusted(), Person(service, "taker").trusted()
    giver.say("围城")
    giver.tap("借这本")
    giver.tap("云栖站智能借书柜")
    giver.tap("确认下单")
    advance(service, giver.last_order(), "pick", "pack", "load", "collect")
    giver.listen()
    return service, giver, taker


Two = tuple[Service, Person, Person]


def code_of(said: str) -> str:
    found = re.search(r"转借码：(\S{4}-\S{4})", said)
    assert found, said
    return found[1]


def news(service: Service, who: Person) -> str:
    pass_time(service, seconds=1)
    return who.listen()


def test_the_list_of_loans_offers_to_hand_one_on_while_it_may_be(two: Two) -> None:
    service, giver, taker = two
    giver.say("我的借阅")
    assert "转借码" in giver.tap("转借")
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    taker.say("围城")
    taker.tap("预约这本")
    giver.say("我的借阅")
    assert "转借" not in [button.label for row in giver.heard[-1].buttons for button in row], "somebody waits for it"


def test_from_hand_to_hand_in_five_turns(two: Two) -> None:
    service, giver, taker = two
    code = code_of(giver.say("转借"))
    assert giver.heard[-1].qr == "/?start=x" + code.replace("-", "")
    said = taker.say(f"接受转借 {code.lower()}")
    assert "《围城" in said and "到期，可续借 1 次" in said and "由您负责归还" in said
    assert "已经请对方确认" in taker.tap("我要接过来")
    assert "书交到手上以后再点确认" in news(service, giver)
    assert "交出去了" in giver.tap("书已交到对方手上")
    assert "转到您名下了" in news(service, taker)
    assert "没有借着的书" in giver.say("我的借阅")
    assert "《围城》" in taker.say("我的借阅")


def test_who_looks_for_the_question_again_does_not_end_what_was_agreed(two: Two) -> None:
    """"转借" once more, after the other side has said yes, asks to confirm; it made a new code, and the yes was lost."""
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    giver.say("我的借阅")
    assert "书交到手上以后再点确认" in giver.say("转借")
    assert "交出去了" in giver.tap("书已交到对方手上")
    assert "转到您名下了" in news(service, taker)


def test_a_deep_link_carries_the_code(two: Two) -> None:
    """A5-1: t.me/…?start=x7K3M9Q2P, or the page's own ?start=."""
    _, giver, taker = two
    code = code_of(giver.say("转借第1本")).replace("-", "")
    taker.send(taker.event(start=f"x{code}"))
    assert "有人想把这本书转给您" in taker.listen()


def test_a_wrong_used_or_old_code_is_said_so_with_a_way_on(two: Two) -> None:
    service, giver, taker = two
    assert "转借码不对" in taker.say("ABCD-2345")
    code = code_of(giver.say("转借《围城》"))
    taker.say(code)
    taker.tap("我要接过来")
    assert "转借码不对" in Person(service, "third").trusted().say(code)
    giver.say("转借")
    again = code_of(giver.tap("换一个转借码"))
    pass_time(service, minutes=11)
    assert "转借码不对" in taker.say(again)


def test_whoever_waits_is_named_as_the_reason_without_a_name(two: Two) -> None:
    service, giver, taker = two
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    title = loans.of_reader(service.store.db, giver.reader_id)[0].title_id
    holds.place(service.store.db, taker.reader_id, title, service.clock.now())
    assert "有 1 位读者在排队" in giver.say("转借")


def test_who_would_take_a_book_others_wait_for_hears_how_to_join_them(two: Two) -> None:
    """It is not theirs to bring back."""
    service, giver, taker = two
    code = code_of(giver.say("转借"))
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    title = loans.of_reader(service.store.db, giver.reader_id)[0].title_id
    holds.place(service.store.db, Person(service, "third").trusted().reader_id, title, service.clock.now())
    said = taker.say(code)
    assert "有 1 位读者在排队，现在不能转给您" in said and "先还回来" not in said
    assert "您排第 2 位" in taker.tap("预约这本")


def test_both_can_say_no(two: Two) -> None:
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    assert "不接了，已经告诉对方" in taker.tap("不接了")
    assert "对方不接《围城》了" in news(service, giver)
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    assert "还在您这里" in giver.tap("不转了")
    assert "这次不转了" in news(service, taker)


def test_taken_back_in_words(two: Two) -> None:
    _, giver, taker = two
    code = code_of(giver.say("转借"))
    assert "《围城》不转了" in giver.say("取消转借")
    taker.say(code)
    assert not any(button.action.startswith("ta:") for row in taker.heard[-1].buttons for button in row)
    assert "没有在等" in giver.say("取消转借")
    assert "转借码" in giver.say("这本能不能转给我朋友"), "a question, and no taking back"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("我已经还了", "对方说《围城》已经还给图书馆了"), ("书丢了", "《围城》在对方那里找不到了"),
        ("", "《围城》刚刚还给图书馆了"),
    ],
)  # fmt: skip
def test_a_book_that_goes_elsewhere_meanwhile_is_not_waited_for(two: Two, said: str, heard: str) -> None:
    """Nor asked for once more: whoever was to confirm it is told that this hand-over is over."""
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    assert "再点确认" in news(service, giver)
    confirm = giver.heard[-1].buttons[0][0].action
    if said:
        giver.say(said)
        giver.press(giver.heard[-1].buttons[0][0].action)
    else:
        (loan,) = loans.of_reader(service.store.db, giver.reader_id)
        loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    told = news(service, taker)
    assert heard in told and "没有换人" not in told
    assert "看这本书" in [button.label for row in taker.heard[-1].buttons for button in row]
    assert "这次转借已经结束了" in giver.press(confirm)


def test_who_said_yes_hears_at_once_that_others_have_come_to_wait_with_the_way_into_the_queue(two: Two) -> None:
    """Not half an hour later, and not that they should try it again."""
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    confirm = giver.heard[-1].buttons[0][0].action
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE state = 'available'")
    title = loans.of_reader(service.store.db, giver.reader_id)[0].title_id
    holds.place(service.store.db, Person(service, "third").trusted().reader_id, title, service.clock.now())
    pass_time(service, minutes=2)
    assert "有别的读者排上了" in (told := taker.listen()) and "重新来一次" not in told
    assert "您排第 2 位" in taker.tap("预约这本")
    assert "书还在您这里" in giver.listen()
    assert "这次转借已经结束了" in giver.press(confirm)
    pass_time(service, minutes=31)
    assert "没有换人" not in taker.listen() + giver.listen()


def test_a_question_left_alone_ends_with_a_word_to_both(two: Two) -> None:
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    pass_time(service, minutes=31)
    assert "没有换人" in giver.listen() and "没有换人" in taker.listen()
    assert "已经结束" in giver.tap("书已交到对方手上")


def test_a_newcomer_hears_how_to_begin_instead(two: Two) -> None:
    service, giver, _ = two
    assert "先选一种方式开通" in Person(service, "new").say(code_of(giver.say("转借")))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("7K3M-9Q2P", "7K3M-9Q2P"), ("转借码：7k3m-9q2p", "7k3m-9q2p"), ("接受转借 7K3M-9Q2P", "7K3M-9Q2P"),
        ("2345-2346", ""), ("978-7-02", ""), ("围城", ""), ("X-Men-2020", ""), ("", ""), ("1984-ABCD", ""),
    ],
)  # fmt: skip
def test_what_is_read_as_a_code(said: str, code: str) -> None:
    assert code_in(said) == code


# ---- 漂流书 ----------------------------------------------------------------------------------------------------------


def test_an_own_book_drifts_and_its_owner_sees_where_without_names(service: Service) -> None:
    """A1-23."""
    owner, first, second = (Person(service, name).trusted() for name in ("owner", "first", "second"))
    owner.say("活着")
    owner.tap("详情") if "分类" not in owner.heard[-1].text else None
    assert "怎么漂流" in owner.say("把这本拿去漂流")
    assert "登记好了" in owner.tap("漂流，看完传给下一位")
    first.say(code_of(owner.tap("转交《活着》")))
    assert "已经请对方确认" in first.tap("我要接过来")
    news(service, owner)
    owner.tap("书已交到对方手上")
    assert "慢慢看" in news(service, first)
    with service.store.writing() as db:
        db.run("UPDATE readers SET name = '王小明' WHERE id = :r", r=first.reader_id)
    pass_time(service, days=2)
    said = owner.say("我的漂流书")
    assert "在第 1 位读者手里，2 天了" in said and "王小明" not in said
    owner.tap("请回《活着》")
    assert "主人想请它回家" in news(service, first)
    code = code_of(first.tap("给主人转借码"))
    assert "要先回主人那里" in second.say(code)
    assert "回家了" in owner.say(code)
    owner.tap("我要接过来")
    news(service, first)
    first.tap("书已交到对方手上")
    assert "在您这里" in owner.say("我的漂流书")
    (own,) = drifting.of_reader(service.store.db, owner.reader_id)
    assert (own.state, own.hops) == ("home", 2)
    assert "收回了" in owner.tap("收回")
    assert drifting.of_reader(service.store.db, owner.reader_id) == []


@pytest.mark.parametrize("does", ["请回", "收回"])
def test_who_said_yes_to_a_drifting_book_hears_that_its_owner_wants_it_home(service: Service, does: str) -> None:
    """Not half an hour later that nobody has confirmed it."""
    owner, first, second = (Person(service, name).trusted() for name in ("owner", "first", "second"))
    db, now = service.store.db, service.clock.now()
    own = drifting.register(db, owner.reader_id, 1, "drift", now)
    giver = owner
    if does == "请回":
        code, _ = transfers.offer_own(db, owner.reader_id, own.id, service.policy, now)
        asked = transfers.accept(db, first.reader_id, code, service.policy, now)
        transfers.finish(db, owner.reader_id, asked.id, service.policy, now)
        giver = first
    code, _ = transfers.offer_own(db, giver.reader_id, own.id, service.policy, now)
    transfers.accept(db, second.reader_id, code, service.policy, now)
    news(service, second)
    owner.say("我的漂流书")
    owner.tap(does)
    pass_time(service, minutes=1)
    assert "要请它回家，这次转不成了" in second.listen()
    giver.listen()
    pass_time(service, minutes=31)
    assert "没有换人" not in second.listen() + giver.listen()


# ---- what the book looks like (D-9) ----------------------------------------------------------------------------------

JPEG = b"\xff\xd8\xff" + b"0" * 30


def show(who: Person) -> str:
    who.send(who.event(photo=Photo(JPEG)))
    return who.listen()


def test_the_givers_picture_is_seen_before_the_yes(two: Two) -> None:
    service, giver, taker = two
    code = code_of(giver.say("转借"))
    assert "书角" in giver.tap("拍下书的样子")
    assert "照片收到了" in show(giver)
    assert "现在的样子" in taker.say(code)
    shown = [reply.picture for reply in taker.heard if reply.picture]
    assert len(shown) == 1 and evidence.by_id(service.store.db, shown[0]) == ("jpeg", JPEG)


def test_each_side_is_shown_the_others_picture_and_nobody_else(two: Two) -> None:
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    taker.tap("拍下书的样子")
    show(taker)
    assert "对方拍了《围城" in news(service, giver) and giver.heard[-1].picture
    giver.tap("书已交到对方手上")
    news(service, taker)
    giver.press(giver.action("拍下书的样子"))
    assert "照片收到了" in show(giver), "the book has just changed hands"
    assert "对方拍了" in news(service, taker)
    stranger = Person(service, "stranger").trusted()
    assert "已经结束" in stranger.press(taker.action("拍下书的样子"))
    (loan,) = loans.of_reader(service.store.db, taker.reader_id)
    assert [row["reader_id"] for row in transfer_photos.around_loan(service.store.db, loan.id)] == [
        taker.reader_id, giver.reader_id,
    ]  # fmt: skip


def test_the_fee_that_was_saved_is_told_to_both(two: Two) -> None:
    """D-9: by the tariff of the policy, one book there and back."""
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    saved = transfers.fee_saved(service.store.db, taker.reader_id, service.policy)
    assert saved == 600, "杭州: ¥3 for up to three books, each way (A4-1)"
    assert "省下了一来一回的运费 ¥6" in giver.tap("书已交到对方手上")
    assert "省下了一来一回的运费 ¥6" in news(service, taker)


def test_pictures_stay_while_the_receiver_has_the_book_and_go_after(two: Two) -> None:
    service, giver, taker = two
    giver.say("转借")
    giver.tap("拍下书的样子")
    show(giver)
    taker.say(code_of("\n".join(reply.text for reply in giver.heard)))
    taker.tap("我要接过来")
    news(service, giver)
    giver.tap("书已交到对方手上")
    (loan,) = loans.of_reader(service.store.db, taker.reader_id)
    kept = "SELECT COUNT(*) FROM evidence_photos"
    pass_time(service, days=service.policy.cases.photo_days + 5)
    assert service.store.db.value(kept) == 1
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    pass_time(service, days=service.policy.cases.photo_days + 1)
    assert service.store.db.value(kept) == 0


def test_long_after_it_is_over_no_picture_is_added(two: Two) -> None:
    service, giver, _ = two
    giver.say("转借")
    giver.tap("拍下书的样子")
    pass_time(service, minutes=service.policy.transfers.code_minutes + 1)
    assert "没能收下" in show(giver)


def test_whoever_wanted_the_book_and_is_forgotten_leaves_no_giver_waiting(two: Two) -> None:
    """The hand-over is forgotten with them; that the book stays is said at once."""
    service, giver, taker = two
    taker.say(f"接受转借 {code_of(giver.say('转借'))}")
    taker.tap("我要接过来")
    assert "愿意接" in news(service, giver)
    forgetting.forget(service.store.db, taker.reader_id, service.policy, service.clock.now())
    assert "对方不接《围城" in news(service, giver)
    assert service.store.db.value("SELECT COUNT(*) FROM transfers") == 0


def test_an_owner_who_is_forgotten_leaves_nobody_waiting_for_the_book(service: Service) -> None:
    giver, taker = Person(service, "giver").trusted(), Person(service, "taker").trusted()
    db, now, policy = service.store.db, service.clock.now(), service.policy
    own = drifting.register(db, giver.reader_id, 1, next(iter(drifting.TERMS)), now)
    code, _offered = transfers.offer_own(db, giver.reader_id, own.id, policy, now)
    transfers.accept(db, taker.reader_id, code, policy, now)
    taker.listen()
    forgetting.forget(db, giver.reader_id, service.policy, now)
    assert "这次不转了" in news(service, taker)


@pytest.mark.parametrize(
    "said", ["我有本旧书想捐", "怎么捐书", "收旧书吗", "你們收舊書嗎", "把三体捐了", "旧书不要了可以给你们吗", "how can i donate books"]
)
def test_whoever_would_give_a_book_hears_of_drifting_and_of_a_person(service: Service, said: str) -> None:
    """No rule says what the library takes; a book of one's own may drift (A1-23)."""
    giver = Person(service, "giver")
    answer = giver.say(said)
    labels = [button.label for row in giver.heard[-1].buttons for button in row]
    assert "拿去漂流" in answer and "规则里没有写" in answer and labels == ["我的漂流书", "转人工"]


def test_points_for_a_gift_are_those_of_the_pack(service: Service) -> None:
    assert "捐书不加信用分" in Person(service, "giver").say("捐书有积分吗")
    there = replace(service, policy=load_policy("quanzhou"))
    assert "每捐赠一册书加 5 分" in Person(there, "giver").say("怎么捐书")


def test_who_has_said_yes_hears_that_a_new_code_is_needed(two: Two) -> None:
    """Else they would wait for a confirmation that cannot come any more."""
    service, giver, taker = two
    taker.say(code_of(giver.say("转借")))
    taker.tap("我要接过来")
    news(service, giver)
    giver.say("转借")
    again = code_of(giver.tap("换一个转借码"))
    assert "刚才那次不算了" in news(service, taker)
    assert "有人想把这本书转给您" in taker.say(again)


def test_the_receiver_is_told_the_days_that_come_true_for_them(two: Two) -> None:
    """B2-12: where coming is hard a book is lent for longer and renewed oftener, also from hand to hand."""
    service, giver, taker = two
    special_terms.register(service.store.db, taker.reader_id, service.policy, service.clock.now())
    told = re.search(r"接过来就算您借的，(.+?) 到期，可续借 (\d+) 次", taker.say(code_of(giver.say("转借"))))
    assert told
    taker.tap("我要接过来")
    news(service, giver)
    giver.tap("书已交到对方手上")
    assert f"，{told[1]} 到期" in news(service, taker)
    (mine,) = loans.of_reader(service.store.db, taker.reader_id)
    assert told[2] == str(loans.renewals_allowed(mine, service.policy))


def test_a_code_for_a_book_that_was_brought_back_is_said_to_be_over(two: Two) -> None:
    service, giver, taker = two
    code = code_of(giver.say("转借"))
    (loan,) = loans.of_reader(service.store.db, giver.reader_id)
    loans.check_in(service.store.db, loan.barcode, 1, service.policy, service.clock.now())
    assert "这次转借已经结束了" in taker.say(code)


@pytest.mark.parametrize("said", ["我妹妹想接着看第一本", "第一本我室友想看", "我同事也想看这本", "我朋友也想借", "我妹妹想接著看第一本"])
def test_somebody_who_would_like_to_read_it_too_is_no_hand_over_yet(two: Two, said: str) -> None:
    """It made a code at once, where it may only mean lending it to her as well."""
    service, giver, _taker = two
    giver.say("我的借阅")
    assert "有两个办法" in giver.say(said)
    assert not service.store.db.value("SELECT COUNT(*) FROM transfers")
    assert "转借码" in giver.tap("转借《围城》")


def test_somebody_who_would_like_a_book_on_show_has_a_copy_of_their_own(service: Service) -> None:
    me = Person(service).trusted()
    me.say("霍乱时期的爱情")
    assert "TA 用自己的账号也能借一册" in me.say("我妈也要看这本")
    assert me.action("借这本").startswith("b:") and not service.store.db.value("SELECT COUNT(*) FROM cart_items")
