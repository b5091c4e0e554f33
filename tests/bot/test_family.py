"""授权家人: by chat, both sides consenting; whoever acts is always told for whom; every act is told (D-12, A10-3, B2-11)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import acting, dialogue, notify
from bot.folding import fold
from bot.handlers import authorising, family, guardians
from bot.service import Service
from lending import deeds, loans, mandates, orders, readers
from tests.bot.test_linking import lend
from tests.talking import Person, pass_time


@pytest.fixture
def mother(service: Service) -> Person:
    return Person(service, "mother").trusted()


@pytest.fixture
def me(service: Service) -> Person:
    return Person(service, "me").trusted()


def code(said: str) -> str:
    found = re.search(r"SQ \d{4} \d{4}", said)
    assert found, said
    return found[0]


def told(service: Service, person: Person) -> str:
    """What the library has said by itself since."""
    notify.tell(service.store, service.policy, service.clock.now())
    return person.listen()


def authorise(service: Service, giver: Person, taker: Person, *scopes: str) -> None:
    """The talk of both, from the wish to the last word."""
    giver.say("授权家人")
    giver.tap("妈妈")
    for scope in {"collect"} ^ set(scopes):
        giver.press(f"fams:{scope}")
    taker.say(code(giver.tap("选好了")))
    taker.tap("愿意")
    assert "是您要找的人吗" in told(service, giver)
    giver.tap("是，同意")
    assert "同意了" in told(service, taker)


# ---- giving and taking ---------------------------------------------------------------------------------------------


def test_my_mother_fetches_my_books(service: Service, me: Person, mother: Person) -> None:
    """ "让我妈帮我取书": relation and scope are understood from the one sentence."""
    said = me.say("让我妈帮我取书")
    assert "妈妈可以替您做什么" in said and "✓ 代取" in said and "○ 代借" in said
    said = me.tap("选好了")
    assert "授权码" in said and "再同意一次" in said
    assert "代办：代取" in mother.say(code(said))
    assert "最后确认" in mother.say("确认")
    assert "是您要找的人吗" in told(service, me)
    assert "妈妈可以替您办：代取" in me.tap("是，同意")
    assert "您可以替 TA 办：代取" in told(service, mother)
    assert "妈妈" in me.say("我的家人")


def test_without_the_last_word_nothing_stands(service: Service, me: Person, mother: Person) -> None:
    me.say("授权家人")
    me.tap("妈妈")
    mother.say(code(me.tap("选好了")))
    mother.tap("愿意")
    assert "等" in mother.say("我的家人")
    told(service, me)
    assert "什么也没有变" in me.tap("不是")
    assert "收回" in told(service, mother)
    assert mandates.of_reader(service.store.db, mother.reader_id, service.clock.now()) == []


@pytest.mark.parametrize("scope", ["return", "see", "borrow"])
def test_scopes_are_switched_on_and_off(me: Person, scope: str) -> None:
    me.say("授权家人")
    me.tap("爱人")
    me.press(f"fams:{scope}")
    assert "○" in me.press("fams:collect")
    assert "选好了" in str(me.heard[-1].buttons)
    assert "选好了" not in str(me.press(f"fams:{scope}") and me.heard[-1].buttons)


@pytest.mark.parametrize("said", ["取消授权", "撤销授权", "收回家人的授权", "revoke my mandates"])
def test_a_mandate_is_taken_back_by_a_word(service: Service, me: Person, mother: Person, said: str) -> None:
    authorise(service, me, mother, "see")
    assert "不能再替您办任何事" in me.say(said)
    assert "授权取消了" in told(service, mother)
    assert mandates.between(service.store.db, mother.reader_id, me.reader_id, service.clock.now()) is None


@pytest.mark.parametrize(
    "said",
    [
        "授权家人",
        "我的家人",
        "取消授权",
        "让我妈帮我取书",
        "让老公帮我续借",
        "谁能替我",
        "不替了",
        "换回自己",
        "現在替誰借",
        "我妈妈想借书她不会用手机",
    ],
)
def test_it_is_heard(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "没有找到" not in answer and ("家人" in str(me.heard[-1]) or "替" in answer)


@pytest.mark.parametrize(
    "said",
    [
        "家",
        "我的家",
        "帮我续借",
        "帮忙借书",
        "帮助",
        "让子弹飞",
        "妈妈",
        "替身",
        "给孩子读诗",
        "我的借阅",
        "平凡的世界",
        "取消",
    ],
)
def test_other_words_mean_what_they_did(me: Person, said: str) -> None:
    """A book's name or a plain command is not taken for a matter of the family."""
    answer = me.say(said)
    assert not any(word in answer for word in ("授权码", "替谁办", "可以替您做什么", "想让谁替您办"))


# ---- acting --------------------------------------------------------------------------------------------------------


def test_renewing_for_another_is_told_to_them_by_name(service: Service, me: Person, mother: Person) -> None:
    """ "妈妈替您续借了…" (D-12): shown to the one who acts at every turn, told to the one it is done for."""
    lend(service, me)
    title = loans.of_reader(service.store.db, me.reader_id)[0].title
    authorise(service, me, mother, "return")
    said = mother.tap("替")
    assert said.startswith("【替") and "代还代续" in said
    said = mother.say("续借")
    assert said.startswith("【替") and f"《{title}》续到" in said
    assert told(service, me) == f"妈妈替您续借了《{title}》。"
    assert f"妈妈替您续借了《{title}》" in me.say("谁看过我的资料")
    assert "办您自己的事" in mother.say("换回自己")
    assert not mother.say("我的借阅").startswith("【替")


def test_what_is_not_in_the_scope_is_refused_with_a_way_out(service: Service, me: Person, mother: Person) -> None:
    lend(service, me)
    authorise(service, me, mother, "see")
    mother.tap("替")
    before = loans.of_reader(service.store.db, me.reader_id)
    said = mother.say("续借")
    assert "没有授权您代续" in said and "再给一次授权码" in said
    assert loans.of_reader(service.store.db, me.reader_id) == before
    assert "到期" in mother.say("我的借阅")
    for word in ("我的信用", "导出我的数据", "删除我的数据", "转借"):
        assert "本人来办" in mother.say(word), word


def test_whoever_only_fetches_sees_what_waits_and_its_code_alone(service: Service, me: Person, mother: Person) -> None:
    """The privacy rule: no more than the scope allows."""
    lend(service, me)
    authorise(service, me, mother, "collect")
    mother.tap("替")
    assert "没有授权您看借阅" in mother.say("我的借阅")
    mine = me.last_order()
    assert "还没有订单" in mother.say("我的订单")
    assert mine.number not in mother.press(f"as:{me.reader_id}:order:{mine.number}")


def test_whoever_borrows_sees_no_address_without_being_let(service: Service, me: Person, mother: Person) -> None:
    with service.store.writing() as db:
        db.run("UPDATE readers SET address = seal('春风路8号'), name = seal('林书'), phone = seal('13800000000')")
    authorise(service, me, mother, "borrow")
    mother.tap("替")
    mother.say("围城")
    mother.say("借第1本")
    assert "没有让您看送书地址" in mother.say("送到家")
    assert "春风路" not in str(mother.heard)


def test_an_order_placed_for_another_is_theirs_and_says_who_placed_it(
    service: Service, me: Person, mother: Person
) -> None:
    authorise(service, me, mother, "borrow")
    mother.tap("替")
    mother.say("围城")
    mother.say("借第1本")
    mother.press(mother.action("到馆自取"))
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    assert "请确认" in mother.press(f"as:{me.reader_id}:w:counter:{branch}")
    assert "收到了" in mother.say("确认")
    placed = me.last_order()
    assert orders.of_reader(service.store.db, mother.reader_id) == []
    actor = orders.history(service.store.db, placed.id)[0]["actor"]
    assert actor.startswith("proxy:R")
    assert f"妈妈替您下了订单 {placed.number}" in told(service, me)


def test_b2_11_a_button_carries_for_whom_it_is(service: Service, me: Person, mother: Person) -> None:
    """B2-11: own buttons lead back to oneself, the other's keep being theirs."""
    lend(service, me)
    authorise(service, me, mother, "return")
    own = mother.say("我的借阅") and mother.action("新书")
    mother.press(f"act:{me.reader_id}")
    mother.say("我的借阅")
    theirs = mother.action("续借第1本")
    assert not mother.press(own).startswith("【替")
    assert not mother.say("我的借阅").startswith("【替")
    assert mother.press(theirs).startswith("【替")


def test_words_after_a_revocation_do_nothing_for_anybody(service: Service, me: Person, mother: Person) -> None:
    lend(service, me)
    lend(service, mother)
    authorise(service, me, mother, "return")
    mother.tap("替")
    me.say("取消授权")
    before = [loans.of_reader(service.store.db, one.reader_id) for one in (me, mother)]
    assert "授权已经结束了" in mother.say("续借")
    assert [loans.of_reader(service.store.db, one.reader_id) for one in (me, mother)] == before
    assert "授权已经结束了" in mother.press(f"as:{me.reader_id}:i:renew")


def test_acting_ends_by_itself_and_the_late_word_does_nothing(service: Service, me: Person, mother: Person) -> None:
    """As long as the rule says after the last word, whatever the rule says."""
    family = replace(service.policy.family, acting_minutes=100)
    mother.service = replace(service, policy=replace(service.policy, family=family))
    lend(service, mother)
    authorise(service, me, mother, "return")
    mother.tap("替")
    pass_time(service, minutes=99)
    assert "没有替别人做" not in mother.say("帮助")
    pass_time(service, minutes=101)
    mother.listen()
    before = loans.of_reader(service.store.db, mother.reader_id)
    assert "没有替别人做" in mother.say("续借")
    assert loans.of_reader(service.store.db, mother.reader_id) == before
    assert "续到" in mother.say("续借")


def test_what_was_begun_for_one_is_not_finished_for_another(service: Service, me: Person, mother: Person) -> None:
    authorise(service, me, mother, "borrow")
    mother.tap("替")
    mother.say("围城")
    mother.say("借第1本")
    branch = service.store.db.value("SELECT MIN(id) FROM points WHERE kind = 'branch'")
    mother.press(f"as:{me.reader_id}:w:counter:{branch}")
    mother.say("换回自己")
    assert "收到了" not in mother.say("确认")
    assert orders.of_reader(service.store.db, me.reader_id) == []


@pytest.mark.parametrize(
    "forged", ["as:", "as:1", "as:x:i:renew", "as:9999999:i:renew", "as:1:as:1:i:renew", "act:x", "mc:1"]
)
def test_a_forged_button_acts_for_nobody(me: Person, forged: str) -> None:
    me.press(forged)
    assert me.heard[-1].text and not me.heard[-1].text.startswith("【替")


def test_looking_is_written_down_once_and_not_told(service: Service, me: Person, mother: Person) -> None:
    """B2-22: the access log of the reader holds what family looked at, too."""
    lend(service, me)
    authorise(service, me, mother, "see")
    mother.tap("替")
    mother.say("我的借阅")
    mother.say("我的借阅")
    assert [one.what for one in deeds.of_reader(service.store.db, me.reader_id)] == ["see_loans"]
    assert told(service, me) == ""
    assert "妈妈看了您借着的书" in me.say("谁看过我的资料")


def test_every_word_that_reaches_anothers_books_is_a_word_of_the_talk() -> None:
    known = {*dialogue.INTENTS, *(f":{press}" for press in dialogue.PRESSES), *(f"?{step}" for step in dialogue.STEPS)}
    assert {*acting.WORDS, *acting.ANYBODY, *(f":{press}" for press in acting.MINE), *acting.MY_ANSWERS} <= known
    assert not {*acting.WORDS} & {*acting.ANYBODY}


def test_whoever_acts_for_another_is_never_refused_a_word_for_want_of_a_name() -> None:
    """What words are heard as (dialogue.HEARD) is done under a name that acting.py knows or the talk has."""
    named = {*dialogue.INTENTS, *(f":{press}" for press in dialogue.PRESSES), *dialogue.PRESSES}
    asked = {f"?{step}" for step in dialogue.STEPS}
    assert {whose for _heard, whose, _handler in dialogue.HEARD if whose} <= named | asked


def test_no_title_of_the_catalogue_is_taken_for_a_matter_of_the_family(service: Service) -> None:
    """A title stays a search, however much it is about families."""
    patterns = [family.LETS, family.GIVES, family.SHOWS, family.REVOKES, family.ENDS, family.ACTS]
    patterns += [guardians.CHILD, guardians.YOUNG, guardians.AGE, guardians.ASKS]
    titles = [fold(row["title"]) for row in service.store.db.all("SELECT title FROM titles")]
    assert len(titles) > 100
    assert [title for title in titles if any(pattern.fullmatch(title) for pattern in patterns)] == []


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ("让我妈帮我取书", "collect"),
        ("请老公去还书", "return"),
        ("麻烦我女儿帮我续借", "return"),
        ("叫爸爸替我借书", "borrow"),
    ],
)
def test_what_is_asked_for_is_the_scope_that_is_offered(me: Person, said: str, scope: str) -> None:
    me.say(said)
    (marked,) = [b for row in me.heard[-1].buttons for b in row if b.label.startswith("✓")]
    assert marked.action == f"fams:{scope}"


def test_a_sentence_of_a_family_is_no_code() -> None:
    assert authorising.code_in("SQ 1234 5678") == authorising.code_in("sq-1234-5678") == "12345678"
    assert authorising.code_in("12345678") == authorising.code_in("SQ 123") == ""


@pytest.mark.parametrize("said", ["帮我妈借", "我能帮我妈借书吗", "替孩子借", "怎么帮她借", "给孩子借书", "我家里人借的书我能看到吗"])
def test_whoever_would_act_for_their_family_hears_how_it_is_begun(service: Service, said: str) -> None:
    assert "请 TA 在自己的聊天里说「授权家人」" in Person(service).say(said)


@pytest.mark.parametrize(("said", "who"), [("给我老婆授权", "爱人"), ("授权给我妈", "妈妈")])
def test_whom_to_authorise_may_be_said_at_once(service: Service, said: str, who: str) -> None:
    assert f"{who}可以替您做什么" in Person(service).trusted().say(said)


@pytest.mark.parametrize("said", ["给我妈借本养生的书", "父亲的病", "给孩子的诗", "给孩子借几本书"])
def test_books_for_the_family_are_still_looked_for(service: Service, said: str) -> None:
    assert "授权家人" not in Person(service).say(said)


@pytest.mark.parametrize("said", ["免费配送", "今天有免费配送吗", "抽签结果"])
def test_free_delivery_asked_for_in_words_is_the_other_ones_too(
    service: Service, me: Person, mother: Person, said: str
) -> None:
    """As its button: one's own place in the draw is not told under another's name, nor theirs without being let."""
    mother.press("draw!")
    assert "您已报名" in mother.say("免费配送")
    authorise(service, me, mother, "borrow")
    mother.tap("替")
    assert "您已报名" not in mother.say(said) and "没有" in mother.heard[-1].text
    authorise(service, me, mother, "borrow", "address")
    mother.tap("替")
    assert mother.say(said) == mother.press(f"as:{me.reader_id}:" + ("draw" if "结果" in said else "free"))


def renewals(service: Service, *people: Person) -> list[list[int]]:
    return [[one.renewals for one in loans.of_reader(service.store.db, person.reader_id)] for person in people]


@pytest.mark.parametrize(
    ("said", "mine", "hers"),
    [
        ("帮我妈续借，再看看围城", 0, 1),
        ("帮我妈续借，再看看我的订单", 0, 1),
        ("替妈妈看看借了什么，然后续借", 0, 1),
        ("替她把书都续借了", 0, 1),
        ("幫我媽續借，順便借圍城", 0, 1),
        ("续借，再帮我妈续借", 1, 1),
        ("我自己的书续借，再给妈妈借三体", 1, 0),
        ("帮我妈续借，再续借我自己的", 1, 1),
    ],
)
def test_each_wish_of_a_line_is_done_for_the_one_it_names(
    service: Service, me: Person, mother: Person, said: str, mine: int, hers: int
) -> None:
    authorise(service, mother, me, "collect", "return", "borrow", "see")
    lend(service, me)
    lend(service, mother)
    answer = me.say(said)
    assert renewals(service, me, mother) == [[mine], [hers]]
    assert "现在替" not in answer
    for title in ("围城", "三体"):
        assert title not in said or f"《{title}》" in answer


def test_what_is_mine_is_told_beside_without_the_others_name(service: Service, me: Person, mother: Person) -> None:
    authorise(service, mother, me, "collect", "return", "borrow")
    lend(service, me)
    lend(service, mother)
    me.say("帮我妈续借，再看看我的订单")
    theirs, own = (reply.text for reply in me.heard[-2:])
    assert theirs.startswith("【替") and not own.startswith("【替") and me.last_order().number in own


def test_what_was_said_of_mine_keeps_no_name_once_another_is_acted_for(
    service: Service, me: Person, mother: Person
) -> None:
    authorise(service, mother, me, "return")
    lend(service, me)
    lend(service, mother)
    me.say("我自己的书续借，再帮我妈续借")
    own, theirs = (reply.text for reply in me.heard[-2:])
    assert "【替" not in own and theirs.count("【替") == 1


@pytest.mark.parametrize("said", ["帮妈妈借书", "帮我妈续借，再说点别的什么吧你看行不"])
def test_what_is_not_clear_changes_only_for_whom(service: Service, me: Person, mother: Person, said: str) -> None:
    authorise(service, mother, me, "return", "borrow")
    lend(service, mother)
    assert "现在替" in me.say(said)
    assert renewals(service, mother) == [[0]]


def test_what_was_asked_for_is_done_once_it_is_known_for_whom(service: Service, me: Person, mother: Person) -> None:
    father = Person(service, "father").trusted()
    for one in (mother, father):
        authorise(service, one, me, "return")
        lend(service, one)
    lend(service, me)
    assert "替谁办" in me.say("帮我妈续借，再看看围城")
    assert "《围城》" in me.press(f"act:{mother.reader_id}")
    assert renewals(service, me, mother, father) == [[0], [1], [0]]
    assert "现在替" in me.press(f"act:{father.reader_id}")
    assert renewals(service, me, mother, father) == [[0], [1], [0]]


def test_who_acts_for_one_may_name_another(service: Service, me: Person, mother: Person) -> None:
    father = Person(service, "father").trusted()
    for one in (mother, father):
        authorise(service, one, me, "return")
        lend(service, one)
    me.press(f"act:{father.reader_id}")
    name = acting.called(readers.reader(service.store.db, mother.reader_id))
    assert me.say(f"替{name}续借").startswith(f"【替{name}")
    assert renewals(service, mother, father) == [[1], [0]]


def test_of_two_with_one_name_neither_is_taken_unasked(service: Service, me: Person, mother: Person) -> None:
    other = Person(service, "other").trusted()
    for one in (mother, other):
        authorise(service, one, me, "return")
        lend(service, one)
        readers.set_delivery(service.store.db, one.reader_id, "李明", "13800000000", "听泉区 春风路8号", "")
    assert "替谁办" in me.say("替李明续借，再看看围城")
    assert renewals(service, mother, other) == [[0], [0]]
    numbers = [readers.reader(service.store.db, one.reader_id).number for one in (mother, other)]
    assert [me.action(f"李明 {number}") for number in numbers] == [f"act:{one.reader_id}" for one in (mother, other)]
    assert "《围城》" in me.press(f"act:{other.reader_id}")
    assert renewals(service, mother, other) == [[0], [1]]
