"""A book named within a sentence: by its author among those shown, taken out of the cart, or no longer waited for (C2)."""

from __future__ import annotations

import pytest

from bot import by_name
from bot.acting import WORDS
from bot.service import Service
from bot.understanding import Intent, understand
from lending import cart, catalogue
from tests.talking import Person


@pytest.mark.parametrize("said", ["余华的那本", "余华写的那本", "那本余华的", "要余华的那个", "就余华那本", "the one by 余华"])
def test_one_of_those_shown_by_its_author(me: Person, said: str) -> None:
    assert "2 种" in me.say("活着")
    answer = me.say(said)
    assert answer.startswith("《活着》") and "余华" in answer and "找到" not in answer, answer


@pytest.mark.parametrize("said", ["外国的那本", "张三的那本"])
def test_none_of_those_shown_is_searched(me: Person, said: str) -> None:
    me.say("活着")
    assert not me.say(said).startswith("《活着》")


def test_of_several_by_that_author_none_is_meant(me: Person) -> None:
    assert "3 种" in me.say("三体")
    assert "《三体》" in me.say("刘慈欣的那本") and "译者" not in me.listen()


@pytest.mark.parametrize(
    "said", ["把三体也删了", "三体不要了", "三体也不要了", "不要三体了", "不借三体了", "从借书车里删掉三体", "把三体拿出来", "我不想要三体了", "三體不要了"]
)
def test_a_named_book_leaves_the_cart(service: Service, me: Person, said: str) -> None:
    for title in ("三体", "围城"):
        me.say(title)
        me.say("借第1本")
    assert "移出了《三体》" in me.say(said)
    assert len(cart.items(service.store.db, me.reader_id)) == 1


def test_one_that_is_not_there_is_looked_for_where_it_is(service: Service, me: Person) -> None:
    """Waited for, ordered, or nothing of the reader's at all."""
    me.trusted()
    with service.store.writing() as db:
        db.run("UPDATE copies SET state = 'on_loan'")
    me.say("围城")
    me.tap("预约")
    assert "不再等《围城》" in me.say("围城不要了")
    assert "《三体》" in me.say("三体不要了") and "移出" not in me.listen()


@pytest.mark.parametrize("title", ["不要的孩子", "谁都不要了", "我不要"])
def test_such_words_may_be_a_title(title: str) -> None:
    meant = understand(title)
    assert meant.name != "remove_from_cart" or meant.likened


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("妈妈让我来借语文课本", "语文课本"), ("老师让我们看昆虫记", "昆虫记"), ("老师要求读《朝花夕拾》", "《朝花夕拾》"),
        ("我爸叫我帮他借三国演义", "三国演义"), ("我女儿老师推荐的夏洛的网", "夏洛的网"),
    ],
)  # fmt: skip
def test_who_asked_for_it_is_no_part_of_the_name(said: str, query: str) -> None:
    meant = understand(said)
    assert meant.name == "search" and str(meant.slots["query"]).strip("《》") == query.strip("《》")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("太贵了 有没有便宜点的", "fees"), ("怎么最省钱", "fees"), ("能便宜点吗", "fees"), ("借这本 送到 文三路100号", "borrow"),
        ("借这本，送到我单位", "borrow"), ("一共几本", "show_title"), ("有几本", "show_title"), ("这本有几本", "show_title"),
        ("有没有座位", "faq"), ("可以带饮料进去吗", "faq"), ("有充电的地方吗", "faq"), ("书在几楼", "show_title"),
        ("停车要钱吗", "faq"),
    ],
)  # fmt: skip
def test_what_people_ask_beside_it(said: str, name: str) -> None:
    assert understand(said) == Intent(name, understand(said).slots)


def test_what_words_let_go_of_is_a_press_like_any_other() -> None:
    """D-12: done in another's name it needs that mandate, as the buttons do."""
    assert {WORDS[word] for word in (":out", ":sev")} == {("order",)} and WORDS[":hx"] == ("hold",)


# ---- a book of ours by its bare name ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "借围城", "围城 借", "围城借一本", "围城来一本", "圍城我要借", "围城，我想借", "我要围城", "再来一本围城", "想借本围城看看", "围城借我看看", "围城帮我借一下",
        "围城给我来一本", "那就围城吧", "就借围城吧", "围城也要", "围城加到借书车", "围城这本我要借", "我想要围城这本", "围城可以借一本给我吗", "借围城一本",
        "围城有的话借一本", "有围城的话帮我借一本", "求一本围城", "围城寄给我", "能不能把围城送到我家", "我想借一本书叫围城", "围城来一本送到家",
    ],
)  # fmt: skip
def test_wanted_by_its_name_it_is_in_the_cart(service: Service, me: Person, said: str) -> None:
    assert me.trusted().say(said).startswith("《围城》放进借书车了")
    assert [title.title for title in catalogue.titles(service.store.db, cart.items(service.store.db, me.reader_id)).values()] == ["围城"]


@pytest.mark.parametrize(
    "said",
    [
        "围城还有货吗", "围城可借吗", "哪个馆有围城", "哪里能借到围城", "围城在哪里借", "围城还剩几本", "围城什么时候有", "围城什么时候能借到", "帮我查下围城有没有",
        "有围城没", "围城作者是谁",
    ],
)  # fmt: skip
def test_asked_about_by_its_name_it_is_shown(service: Service, me: Person, said: str) -> None:
    assert me.trusted().say(said).startswith("《围城》\n钱")
    assert not cart.items(service.store.db, me.reader_id)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("围城预约", "现在就能借，不用预约"), ("围城，给我留一本", "现在就能借，不用预约"), ("围城这本书我要还", "不用回到借出的馆"), ("围城丢了", "没有这样一本借着的书"),
        ("借数学", "「数学」找到"), ("借鲁迅", "「鲁迅」找到"), ("借平凡的世界", "找到 2 种"), ("活着的意义", "没有完全对上"), ("我们要借", "是哪一本呢"),
        ("借围城的作者", "找到"), ("借我一本", "想找什么书"), ("有书没", "想找什么书"),
    ],
)  # fmt: skip
def test_what_is_no_wish_to_take_it_takes_nothing(service: Service, me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)
    assert not cart.items(service.store.db, me.reader_id)


def test_one_whose_name_has_a_word_of_a_wish_is_looked_for_whole(service: Service, me: Person) -> None:
    for title in ("借山而居", "预约死亡", "我想看到的世界"):
        me.trusted().say(title)
    assert not cart.items(service.store.db, me.reader_id)


@pytest.mark.parametrize("said", ["你好，第一次用，怎么弄", "第一次用", "刚注册怎么借"])
def test_who_comes_for_the_first_time_is_told_how_and_no_book_is_looked_for(me: Person, said: str) -> None:
    assert me.say(said).startswith("怎么用")


@pytest.mark.parametrize("said", ["i'd like to borrow the godfather", "one copy of the godfather please", "Give me The Godfather", "i want the godfather"])
def test_in_english_likewise(service: Service, said: str) -> None:
    me = Person(service, language="en").trusted()
    assert me.say(said).startswith("《The Godfather》 is in your cart")


@pytest.mark.parametrize("said", ["who wrote the godfather", "how many copies of the godfather do you have", "is the godfather in"])
def test_in_english_it_is_shown(service: Service, said: str) -> None:
    assert Person(service, language="en").say(said).startswith("《The Godfather》\nMario Puzo")


@pytest.mark.parametrize("said", ["帮我看看三体还有没有，没有就预约", "三体有吗，没有就帮我排队", "看看三体在不在，借出去了就留一本"])
def test_what_is_to_be_waited_for_where_it_is_out(service: Service, me: Person, said: str) -> None:
    assert "《三体》现在就能借，不用预约" in me.trusted().say(said)


def test_shorter_books_are_meant_also_beside_one(service: Service, me: Person) -> None:
    me.say("我想找一本讲二战的小说")
    assert "页" in me.say("再短一点的")
    assert not service.store.db.value("SELECT plain FROM readers WHERE id = :r", r=me.reader_id)


@pytest.mark.parametrize(("said", "answered"), [("三体在哪还", "不用回到借出的馆"), ("三体什么时候还", "没有借着的书"), ("三体续借一下", "没有借着的书")])
def test_what_is_done_with_books_at_home_is_known_by_their_name(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_two_of_which_each_is_wanted_too(me: Person) -> None:
    assert "您要的 2 种" in me.say("活着也要，围城也要")


def test_a_loss_is_not_heard_in_a_longer_title() -> None:
    lost = by_name.wish("围城丢了", False, ["围城"])
    assert lost and lost.name == "report_lost"
    assert by_name.wish("手绘天朝:遗失在日本的围城", False, ["围城"]) is None
