"""Words choose a button as a tap does: a kind librarian does not ask for the exact label."""

from __future__ import annotations

import pytest

from bot import conversations
from bot.offered import chosen
from bot.service import Service
from bot.understanding import Intent, understand
from lending.stock import TitleEntry, store_titles
from tests.bot.test_linking import lend
from tests.talking import Person

WAYS = [("w:locker:1", "云栖站智能借书柜（空 26 格）¥0"), ("w:locker:2", "竹影科技园智能借书柜（空 24 格）¥0"),
        ("w:delivery:0", "送到家 ¥3（还书取件 ¥3）"), ("w:branches", "到馆自取 ¥0"), ("i:show_cart", "借书车")]  # fmt: skip
CONSENT = [("credit:yes", "同意，查一下信用"), ("credit:ladder", "不查信用，先借 2 本"), ("i:cancel", "算了")]
CART = [("i:checkout", "去下单"), ("out:1", "移出《三体》"), ("l:1", "放到暂存架")]


@pytest.mark.parametrize(
    ("choices", "said", "action"),
    [
        (WAYS, "送到家", "w:delivery:0"), (WAYS, "自取", "w:branches"), (WAYS, "科技园", "w:locker:2"),
        (WAYS, "雲棲站", "w:locker:1"), (WAYS, "科技园那个柜子", "w:locker:2"), (WAYS, "云栖的", "w:locker:1"), (WAYS, "智能借书柜", "i:checkout"), (WAYS, "书柜", "i:checkout"), (WAYS, "三体", ""), (WAYS, "续借", ""),
        (CONSENT, "同意", "credit:yes"), (CONSENT, "不查信用 先借２本", "credit:ladder"), (CONSENT, "好", ""), (CONSENT, "不查信用", "credit:ladder"),
        (CONSENT, "不想查，可以吗", "credit:ladder"), (CONSENT, "我没有支付宝", "credit:ladder"), (CONSENT, "我沒有支付寶", "credit:ladder"),
        (CONSENT, "I don't have Alipay", "credit:ladder"), (WAYS, "我没有支付宝", ""), (CONSENT, "不收费吗", ""),
        (CONSENT, "没有查到我要的书", ""), (CONSENT, "别的支付宝账号可以吗", ""), (CONSENT, "不查", "credit:ladder"),
        (CONSENT, "同意查一下信用。", "credit:yes"), (CART, "三体", ""), (CART, "😀", ""), ([], "同意", ""),
    ],
)  # fmt: skip
def test_words_choose_the_one_button_they_mean(choices: list[tuple[str, str]], said: str, action: str) -> None:
    assert chosen(choices, said, understand(said)) == action


@pytest.mark.parametrize(
    "label",
    ["Save for later", "It did not come", "No longer needed", "No, not them", "The door stayed shut", "End all", "Link the two chats"],
)
def test_a_label_written_out_is_pressed_whatever_its_words_say(me: Person, label: str) -> None:
    """"Not", "no" and "later" speak of a button that is left alone, but not where they are its own words."""
    me.say("三体")
    with me.service.store.writing() as db:
        conversations.save(db, me.reader_id, "", {"choices": [["i:show_cart", "Cart"], ["hold:7", label]]})
    assert "《三体》" in me.say(label.lower()), "the press of 「预约」 of title 7"


def test_a_label_that_is_asked_about_is_not_pressed(me: Person) -> None:
    me.trusted().say("三体")
    me.say("借第1本")
    me.say("自取")
    me.say("中心馆")
    assert "还没有点" in me.say("确认下单？") and me.service.store.db.value("SELECT COUNT(*) FROM orders") == 0


def test_a_label_that_stands_there_twice_is_asked_about(me: Person) -> None:
    me.trusted().say("三体")
    me.say("第1本加进借书车")
    me.say("围城")
    me.say("第1本加进借书车")
    me.say("借书车")
    assert "是哪一个呢" in me.say("放到暂存架")


@pytest.mark.parametrize("said", ["总馆", "總館"])
def test_a_house_of_that_name_goes_before_the_central_one(said: str) -> None:
    """A library may have a 总馆 beside its 中心馆; where it has none, the central one is meant."""
    both = [("w:counter:1", "云栖总馆 ¥0"), ("w:counter:2", "中心馆 ¥0")]
    assert chosen(both, said, understand(said)) == "w:counter:1"
    assert chosen(both[1:], said, understand(said)) == "w:counter:2"


def test_agreeing_in_words_opens_credit_and_saying_yes_goes_on(me: Person) -> None:
    me.say("围城")
    me.say("借第1本")
    me.say("自取")
    me.say("中心馆")
    assert "授权页" in me.say("同意")
    assert "开通了" in me.tap("模拟：达到")
    assert "请确认" in me.say("好的")
    assert "收到了" in me.say("确认")


def test_thanks_before_a_yes_does_not_lose_the_question(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.tap("到馆自取")
    assert "请确认" in me.say("1")
    assert "还等您确认" in me.say("好的谢谢")
    assert "收到了" in me.say("确认")


def test_a_book_is_taken_out_of_the_cart_by_its_name(me: Person) -> None:
    me.say("把《围城》放进借书车")
    me.say("把《活着》放进借书车")
    assert "围城" not in me.say("移出围城").split("，车里")[1]
    assert "《活着》" in me.say("移出围城"), "it is no longer in: the cart as it is"


def test_the_name_of_a_place_shows_the_place(me: Person) -> None:
    """A locker or a district is no book, and no dead end."""
    assert "云栖站智能借书柜" in me.say("云栖站")
    assert "听泉区分馆" in me.say("听泉区")


def test_a_question_is_asked_again_where_yes_is_no_answer(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("送到家")
    assert "听泉区" in str(me.heard[-1].buttons)
    me.say("好的")
    assert "听泉区" in str(me.heard[-1].buttons)
    assert "详细地址" in me.say("听泉区")


def test_the_whole_address_answers_which_district(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("送到家")
    assert "哪个区" in me.say("张三 13800138000 文澜大道8号3幢201")
    said = me.say("张三 13800138000 听泉区文澜大道8号3幢201")
    assert "记下了：张三 13800138000 听泉区文澜大道8号3幢201" in said
    assert "请确认" in said and "详细地址。" not in said


def test_a_book_named_while_the_district_is_asked_for_is_searched(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("送到家")
    assert "《活着》" in me.say("活着")


def test_a_way_said_by_name_needs_no_list(me: Person) -> None:
    me.trusted().say("把《围城》放进借书车")
    assert "哪个区" in me.say("送到家")
    me.say("算了")
    assert "到哪个馆取" in me.say("自取")


def test_a_book_past_the_list_is_not_the_button_after_it(me: Person) -> None:
    me.say("推荐本轻松的")
    buttons = [button for row in me.heard[-1].buttons for button in row]
    books = [button for button in buttons if button.action.startswith("t:")]
    assert 0 < len(books) < len(buttons)
    assert f"没有第 {len(books) + 1} 个" in me.say(f"第{len(books) + 1}本")


@pytest.mark.parametrize("since", ["我不删了", "先别删", "等等", "围城", "那会删掉什么"])
def test_a_yes_answers_the_question_just_asked_and_no_older_one(me: Person, since: str) -> None:
    me.trusted().say("删除我的数据")
    me.say(since)
    assert "删好了" not in me.say("好的")
    assert "删好了" not in me.say("好的"), "nor the second time"


def test_an_older_question_is_put_again_by_its_name(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("自取")
    me.say("中心馆")
    me.say("三体")
    assert "「确认下单」还没有定" in me.say("好的")
    assert "收到了" in me.say("确认下单")


def test_the_book_just_found_is_this_book(me: Person) -> None:
    """Not the one whose card was looked at before."""
    me.trusted().say("三体")
    me.say("1")
    me.say("围城")
    assert "《围城》" in me.say("借这本")


def test_the_only_book_of_a_list_is_this_book(me: Person) -> None:
    me.trusted().say("围城")
    assert "《围城》" in me.say("借这本")


def test_not_this_one_goes_back_to_the_list(me: Person) -> None:
    first = me.trusted().say("三体")
    me.say("1")
    assert me.say("不是这本") == first
    me.say("第二个")
    assert me.heard[-1].text.startswith("《") and "借阅" not in me.heard[-1].text


@pytest.mark.parametrize("said", ["等等", "等等，让我想想", "等我一下", "我再想想", "等等 讓我想想", "wait a moment", "Hold on"])
def test_a_moment_to_think_throws_nothing_away(me: Person, said: str) -> None:
    me.trusted().say("借《围城》")
    me.say("自取")
    me.say("中心馆")
    assert "不急" in me.say(said)
    assert "请选一个" in me.say("好的"), "what was not answered is asked once more"
    assert "收到了" in me.say("确认下单")


def test_a_moment_to_think_is_no_answer_to_an_open_question(me: Person) -> None:
    me.trusted().say("借《围城》")
    me.say("送到家")
    assert "不急" in me.say("等一下")
    assert "详细地址" in me.say("听泉区")


def test_which_book_is_asked_with_the_books_that_stand_there(me: Person) -> None:
    me.trusted().say("三体")
    assert "哪一本" in me.say("借")
    assert "怎么取" in me.say("借第2本") and "《三体Ⅱ" in me.heard[-1].text
    me.say("三体")
    me.say("借这本")
    assert "《三体》" in me.tap("《三体》")


def test_a_way_chosen_too_early_offers_the_book_that_was_looked_at(me: Person) -> None:
    me.trusted().say("红楼梦")
    me.say("1")
    assert "要借《红楼梦》吗" in me.say("能不能送到家里来")
    assert "这 1 本怎么取" in me.tap("借这本")


def test_a_way_chosen_before_a_book_asks_which_of_those_that_stand_there(me: Person) -> None:
    me.trusted().say("三体")
    assert "哪一本" in me.say("送到家")


def test_a_book_that_only_shares_most_of_its_name_is_asked_about_and_not_taken(me: Person) -> None:
    me.trusted()
    assert "哪一本" in me.say("借《不存在的书》") and "《不存在的骑士》" in me.heard[-1].text
    for named in ("借《围城》", "借《圍城》", "借《哈利波特与魔法石》", "借《Great Gatsby》", "借《weicheng》"):
        assert "怎么取" in me.say(named), named


def test_of_a_whole_letter_the_answer_repeats_the_titles(me: Person) -> None:
    letter = "同志你好，我是退休教师，今年八十二岁了，我想借《论语》和《道德经》，字大一点的，不知有无？另外我腿脚不便，能否送书上门？"
    assert "「论语、道德经」" in me.say(letter)


def test_a_book_the_library_has_no_copy_of_is_not_said_to_be_lent(me: Person) -> None:
    me.trusted()
    with me.service.store.writing() as db:
        db.run("UPDATE copies SET state = 'withdrawn' WHERE title_id IN (SELECT id FROM titles WHERE title = '围城')")
    me.say("围城")
    said = me.say("借第1本")
    assert "现在一册也没有" in said and "借走" not in said
    assert "荐购收到：《围城》" in me.tap("荐购这本")


@pytest.mark.parametrize("n", ["0", "9", "100", "999"])
def test_a_number_the_list_does_not_have_is_said_and_the_list_shown_again(me: Person, n: str) -> None:
    first = me.trusted().say("三体")
    for said in (f"借第{n}本", f"第{n}本"):
        answered = me.say(said)
        assert f"没有第 {n} 个" in answered and answered.endswith(first), said
    assert "《三体Ⅱ" in me.say("借第2本"), "and its numbers still count"


def test_a_number_past_some_buttons_shows_them_again(me: Person) -> None:
    me.trusted().say("借《围城》")
    ways = [button for row in me.heard[-1].buttons for button in row]
    assert "没有第 99 个" in me.say("99")
    assert [button for row in me.heard[-1].buttons for button in row] == ways


def test_no_book_is_taken_out_by_a_number_the_cart_does_not_have(me: Person) -> None:
    me.trusted().say("借《围城》")
    assert "《围城》" in me.say("移出第0本") and "移出了" not in me.heard[-1].text


@pytest.mark.parametrize("sign", ["👍", "👌🏻", "✅", "🙆‍♀️"])
def test_a_sign_is_a_yes_where_a_question_waits(me: Person, sign: str) -> None:
    me.trusted().say("借《围城》")
    me.say("自取")
    me.say("中心馆")
    assert "收到了" in me.say(sign)
    assert "谢谢您" in me.say(sign) and me.service.store.db.value("SELECT COUNT(*) FROM orders") == 1


@pytest.mark.parametrize("sign", ["👎", "❌", "🙅🏽"])
def test_a_sign_is_a_no_where_a_question_waits(me: Person, sign: str) -> None:
    me.trusted().say("删除我的数据")
    assert "先放下" in me.say(sign)
    assert "删好了" not in me.say("好的")


def test_a_sign_at_no_question_is_answered_kindly_and_leaves_the_list_standing(me: Person) -> None:
    me.trusted().say("三体")
    assert "谢谢您" in me.say("👍") and "抱歉" in me.say("👎")
    assert "《三体Ⅱ" in me.say("2")


@pytest.mark.parametrize("said", ["两本都要", "都要", "这两本都借", "把这两本都借了", "I'll take both"])
def test_both_are_the_last_two_books_looked_at_whatever_the_list_on_show(me: Person, said: str) -> None:
    me.trusted().say("活着")
    me.say("围城")
    answered = me.say(said)
    assert "《活着》" in answered and "《围城》放进借书车了。\n这 2 本怎么取" in answered
    assert me.service.store.db.value("SELECT COUNT(*) FROM orders") == 0


def test_both_are_named_and_asked_about_where_a_list_of_several_stands(me: Person) -> None:
    me.trusted().say("围城")
    me.say("活着")
    assert "您说的是《围城》《活着》吗" in me.say("两本都要")
    assert "活着为了讲述" in str(me.heard[-1].buttons) and not me.service.store.db.all("SELECT 1 FROM cart_items")
    assert "《围城》《活着》放进借书车了" in me.say("是的")


def test_both_means_nothing_where_only_one_was_looked_at(me: Person) -> None:
    assert "哪一本" in me.trusted().say("两本都要")
    me.say("围城")
    assert "哪一本" in me.say("两本都要")
    me.say("三体")
    me.say("我的信用")
    assert "哪一本" in me.say("都要"), "what stands there now is no book"
    assert not me.service.store.db.all("SELECT 1 FROM cart_items")


@pytest.mark.parametrize(
    ("said", "answered"),
    [("续戒", "没有借着的书"), ("我要续街", "没有借着的书"), ("我的订但", "还没有订单"), ("转人共", "已为您转人工"), ("借书撤", "借书车里还没有书"),
     ("还束", "不收费"), ("我的接阅", "没有借着的书"), ("請幫我續戒一下", "没有借着的书")],
)  # fmt: skip
def test_a_slip_in_a_short_command_is_heard(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


@pytest.mark.parametrize("said", ["围成", "续杯", "我的阿勒泰", "还珠", "人生"])
def test_what_only_looks_like_a_slip_is_searched(me: Person, said: str) -> None:
    assert f"「{said}」" in me.trusted().say(said)


def test_a_title_of_ours_comes_before_the_command_it_sounds_like(me: Person) -> None:
    with me.service.store.writing() as db:
        store_titles(db, [TitleEntry("续戒", source_id="test:续戒")])
    me.service.finder.catch_up()
    assert "《续戒》" in me.trusted().say("续戒")


@pytest.mark.parametrize(
    ("said", "answered"),
    [("我头疼吃什么药", "请问医生"), ("讲个笑话", "书里"), ("tell me a joke", "书里"), ("对不起", "没关系"), ("抱歉", "没关系"),
     ("sorry!", "没关系"), ("我失恋了", "陪陪您"), ("今天天气怎么样", "天气我这里看不到"), ("几点了", "11月20日（周五） 10:00")],
)  # fmt: skip
def test_small_talk_is_answered_kindly_and_led_back_to_books(me: Person, said: str, answered: str) -> None:
    answer = me.trusted().say(said)
    assert answered in answer and "\n" not in answer and me.heard[-1].buttons


@pytest.mark.parametrize("said", ["对不起，我爱你", "《对不起》", "《几点了》", "笑话", "感冒", "失恋", "天气"])
def test_a_title_that_begins_or_reads_like_small_talk_is_searched(me: Person, said: str) -> None:
    me.trusted().say(said)
    assert f"「{said.strip('《》')}」" in me.heard[-1].text


def test_a_title_of_ours_comes_before_the_small_talk_it_reads_like(me: Person) -> None:
    with me.service.store.writing() as db:
        store_titles(db, [TitleEntry("对不起", source_id="test:sorry"), TitleEntry("对不起，我爱你", source_id="test:love")])
    me.service.finder.catch_up()
    assert "《对不起》" in me.trusted().say("对不起")
    assert "《对不起，我爱你》" in me.say("对不起，我爱你")


def test_any_will_do_is_the_first_book_and_then_the_first_place(me: Person) -> None:
    me.trusted().say("三体")
    assert me.say("随便").startswith("《三体》\n")
    me.say("借这本")
    assert "请确认，共 1 本：《三体》" in me.say("哪里都行")


def test_what_binds_is_never_chosen_for_a_reader(me: Person) -> None:
    """Neither an order nor a question to a bureau (A8-2)."""
    me.say("三体")
    me.say("借第1本")
    me.say("自取")
    assert "芝麻信用" in me.say("随便"), "the first branch, and so the question how to open"
    assert "这个要您来定" in me.say("随便") and me.service.store.db.value("SELECT COUNT(*) FROM credit_checks") == 0
    me.say("不查信用")
    assert "请确认" in me.heard[-1].text
    assert "这个要您来定" in me.say("你定吧") and me.service.store.db.value("SELECT COUNT(*) FROM orders") == 0


def test_any_will_do_with_nothing_on_show_introduces_a_book(me: Person) -> None:
    assert "还没有遇到它的读者" in me.say("随便")


def test_in_which_district_one_lives_is_never_chosen_for_a_reader(me: Person) -> None:
    me.trusted().say("三体")
    me.say("借第1本")
    assert "送到哪个区" in me.say("送到家")
    assert "这个要您来定" in me.say("随便")


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("最后一个", 5), ("最后那本", 5), ("最後一本", 5), ("最下面那个", 5), ("倒数第二个", 4), ("倒数第3本", 3), ("中间那本", 3), ("the last one", 5), ("The last one, please", 5),
        ("second to last", 4), ("the middle one", 3),
    ],
)  # fmt: skip
def test_what_is_counted_from_the_end_of_a_list(me: Person, said: str, same: int) -> None:
    """None of them had a number: a title like it was looked for, or the first book was taken."""
    me.trusted().say("刘慈欣")
    shown = me.say(f"第{same}个")
    me.say("刘慈欣")
    assert me.say(said) == shown


def test_what_is_counted_from_the_end_of_buttons_loans_and_the_cart(service: Service, me: Person) -> None:
    lend(service, me.trusted(), 3)
    held = [row["title"] for row in service.store.db.all("SELECT t.title FROM loans l JOIN copies c ON c.id = l.copy_id JOIN titles t ON t.id = c.title_id ORDER BY l.id")]
    me.say("我的借阅")
    renewed = me.say("续借最后一本")
    assert f"《{held[-1]}》" in renewed and f"《{held[0]}》" not in renewed
    for line in ("围城", "第1本加进借书车", "白夜行", "第1本加进借书车", "借书车"):
        me.say(line)
    assert "移出了《围城》" in me.say("最后一本不要了"), "the newest stands first"
    me.tap("去下单")
    me.tap("到馆自取")
    place = me.heard[-1].buttons
    places = [one.label for row in place for one in row if one.action.startswith("w:counter")]
    assert places[-1].split("（")[0] in me.say("最后那个")


def test_what_has_no_middle_or_nothing_before_it_is_asked_about(service: Service, me: Person) -> None:
    assert "是哪一个呢" in me.trusted().say("最后一个")
    for line in ("围城", "第1本加进借书车", "白夜行", "第1本加进借书车", "借书车"):
        me.say(line)
    me.say("中间那本不要了")
    assert service.store.db.value("SELECT COUNT(*) FROM cart_items") == 2


CALLED_LIKE_COMMANDS = ("预约人生", "购物车里的女人", "还书记", "续借人生", "我的订单我做主", "取消预约的夏天", "我的借阅时光", "我要找客服")


def test_a_title_of_ours_is_found_whatever_command_it_begins_with(me: Person) -> None:
    """预约人生 waited for 《人生》, 我的订单我做主 showed the orders; a person is called all the same."""
    with me.service.store.writing() as db:
        store_titles(db, [TitleEntry(title, source_id=f"test:{title}") for title in CALLED_LIKE_COMMANDS])
    me.service.finder.catch_up()
    for title in CALLED_LIKE_COMMANDS[:-1]:
        assert f"《{title}》" in me.trusted().say(title), title
    assert "已为您转人工" in me.say(CALLED_LIKE_COMMANDS[-1])


@pytest.mark.parametrize("said", ["购物车里的女人", "取消预约的夏天", "转借的爱", "报名参加的人生", "续借的春天", "注销账号的人", "上门取书的人", "取书码之谜"])
def test_what_goes_on_as_no_command_does_is_looked_for(said: str) -> None:
    assert understand(said) == Intent("search", {"query": said})


@pytest.mark.parametrize(("said", "name"), [("取消那本的预约", "cancel_hold"), ("取消等了很久的预约", "cancel_hold"), ("找管事的人", "escalate"), ("续借快到期的那本", "renew")])
def test_and_what_names_a_thing_of_the_library_is_a_command(said: str, name: str) -> None:
    assert understand(said).name == name
