"""Lines nobody had written before, by their kinds: who wrote it, what brings points back, how else to fetch, what to pay (C2)."""

from __future__ import annotations

import pytest

from bot.service import Service
from bot.several_authors import named
from lending import cart, loans
from tests.bot.test_linking import lend
from tests.talking import Person

# ---- writers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["余华和莫言的书", "余华、莫言的书有哪些", "余华跟莫言的都想看看", "余华 莫言", "books by Yu Hua and Mo Yan", "我想看余华和莫言的小说"]
)
def test_two_writers_are_both_shown(me: Person, said: str) -> None:
    answer = me.say(said)
    first, second = answer.split("1. ")[1].split("2. ")[:2]
    assert "轮流排" in answer and "余华 ·" in first and "莫言 ·" in second and "没有完全对上" not in answer


@pytest.mark.parametrize("said", ["红与黑", "战争与和平", "余华和活着", "余华", "傲慢与偏见", "《余华和莫言》"])
def test_what_is_a_title_or_one_writer_names_no_two(service: Service, said: str) -> None:
    assert named(service, said) == ()


@pytest.mark.parametrize(
    ("said", "heading"),
    [
        ("换一本余华的", "「余华」找到"), ("钱钟书那本围城在吗", "《围城》\n钱锺书"), ("东野圭吾写的除了白夜行还有啥", "东野圭吾的其他书："),
        ("看完围城了，还有这种的没", "和《围城》相近的书"),
    ],
)  # fmt: skip
def test_a_writer_or_a_book_with_words_around_it(me: Person, said: str, heading: str) -> None:
    assert me.say(said).startswith(heading)


# ---- a book that is wished for by its very name ---------------------------------------------------------------------


@pytest.mark.parametrize("said", ["哪个馆有活着", "活着在哪个馆"])
def test_the_one_book_called_just_so_is_shown(me: Person, said: str) -> None:
    assert me.trusted().say(said).startswith("《活着》\n余华")


@pytest.mark.parametrize("said", ["借三毛的书", "借平凡的世界"])
def test_of_several_called_so_the_list_is_shown(me: Person, said: str) -> None:
    assert "找到" in me.say(said)


# ---- points --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["怎么补回来", "那怎么涨回来", "扣掉的分能补回来吗", "怎么把分补回来"])
def test_what_brings_points_back(me: Person, said: str) -> None:
    me.trusted().say("我的信用分多少")
    assert "每借一册书加 1 分" in me.say(said)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("什么情况会掉分", "分数为负时暂停借书"), ("会扣我分吗", "分数为负时暂停借书"), ("低于多少就不让借了", "分数为负时暂停借书"),
        ("分能换东西不", "可兑换多借一册"),
    ],
)  # fmt: skip
def test_questions_about_points_are_answered_by_the_rule(me: Person, said: str, rule: str) -> None:
    answer = me.trusted().say(said)
    assert rule in answer and "转人工，编号" not in answer


def test_being_late_is_told_with_what_it_costs(me: Person) -> None:
    assert "超期每本每天 -1 分" in me.say("要是晚了三四天会咋样")
    assert "不收逾期费" in me.say("晚几天要罚多少钱")


# ---- another way to fetch -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["换成快递送", "换快递", "还是换快递吧", "不自取了给我寄过来", "我改主意了，不自取了给我寄过来"])
def test_the_courier_instead_while_an_order_is_made(me: Person, said: str) -> None:
    me.trusted().say("借《活着》")
    me.say("到馆自取")
    assert "送到哪个区" in me.say(said)


def test_the_courier_instead_when_it_is_ordered_already(me: Person) -> None:
    me.trusted().say("借《活着》")
    me.tap("云栖站智能借书柜")
    me.tap("确认下单")
    assert "下单以后换不了取书的方式" in me.say("改主意了，换快递")
    assert "确定取消" in me.say("要不还是退了吧不要了")


@pytest.mark.parametrize("said", ["云栖站那个书柜", "那个云栖站的书柜怎么走", "云栖站的柜子", "那就中心馆南门那个"])
def test_a_place_pointed_at_is_that_place_and_nothing_is_returned(me: Person, said: str) -> None:
    answer = me.say(said)
    assert "智能借书柜" in answer and answer.count("\n· ") == 1 and "不用回到借出的馆" not in answer


@pytest.mark.parametrize("said", ["哪种最快拿到", "大概礼拜几能到我手上", "怎么拿最快"])
def test_how_soon_it_comes(me: Person, said: str) -> None:
    assert "备好" in me.trusted().say(said)


# ---- lockers, pictures, what turns up again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("柜子能放下几本", "一个取书码全打开"), ("开柜子要身份证还是验证码", "不用带证件"), ("放柜子里几天不拿会怎样", "为您保留"),
        ("能留到周几", "为您保留"), ("要拍照给你们看吗", "最多 3 张"), ("粘好了还能照常还吗", "丢失与破损"),
        ("周日晚上七点还开着吗", "11月22日（周日）的开放时间"), ("离地铁近的取书点有吗", "云栖站智能借书柜"), ("你们送到余杭吗", "快递到得了的地址都送"),
        ("馆里能连网写作业不", "我这里没有记"), ("真的不收押金？不会乱扣钱吧", "没有押金"), ("娃没身份证能单独借书吗", "未满 18 岁借书"),
        ("跟机器聊不明白，换人来", "已为您转人工"), ("我妈眼睛花，有大字版没有", "书目里没有写"), ("收一次多少钱", "送到家"),
    ],
)  # fmt: skip
def test_questions_in_other_words(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_what_was_lost_turns_up(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "没有登记过丢失的书" in me.say("等等，刚才在包里翻出来了")


@pytest.mark.parametrize("said", ["延完是哪天", "续到哪天了"])
def test_until_when_after_renewing(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    me.say("续借")
    assert "《三体》 2027年1月14日（周四） 到期" in me.say(said).replace(in_hand(service, me), "三体")


def in_hand(service: Service, me: Person) -> str:
    return loans.of_reader(service.store.db, me.reader_id)[0].title


# ---- what stands there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("这些现在都能借吗", "只看：可借的"), ("这几本里哪本借的人最多", "最知名的在前"), ("第二个讲讲", "《三体Ⅱ：黑暗森林》\n"),
        ("最上面那本我要了", "《三体》放进借书车了"), ("第二本作者谁呀", "《三体Ⅱ：黑暗森林》\n"),
    ],
)  # fmt: skip
def test_said_of_the_list(me: Person, said: str, answered: str) -> None:
    me.trusted().say("刘慈欣")
    assert answered in me.say(said)


def test_said_of_the_book(me: Person) -> None:
    me.trusted().say("围城")
    assert "《围城》放进借书车了" in me.say("行 先来这本")


def test_asked_back_what_a_wish_becomes(me: Person) -> None:
    me.trusted().say("有没有《二次元经济学漫谈》")
    assert "荐购收到" in me.say("那你们能进一本不") and "我都告诉您" in me.say("买了会告诉我吧")


# ---- what to read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("给上幼儿园大班的娃挑几本", "「少儿读物」"), ("最好图多字少的", "「绘本」"), ("有讲宋朝人怎么过日子的书吗", "「历史」"),
        ("想找本讲怎么养猫的", "「养猫」"), ("薄一点的，地铁上看", "页"),
    ],
)  # fmt: skip
def test_subjects_in_other_words(me: Person, said: str, answered: str) -> None:
    answer = me.say(said)
    assert answered in answer and "像是一句问话" not in answer


# ---- titles that read so are books still -----------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["今天是哪一天", "自由在哪里", "借山而居", "何以为家", "何时是归期", "你在等谁"])
def test_a_title_that_is_a_question_is_looked_for(me: Person, title: str) -> None:
    assert "荐购" in me.say(title) or "荐购这本" in [button.label for row in me.heard[-1].buttons for button in row]


@pytest.mark.parametrize("said", ["不想活了，给我续借", "不想活了，有什么书可以看"])
def test_despair_is_heard_before_whatever_else_is_asked(me: Person, said: str) -> None:
    assert "不要一个人" in me.say(said)


# ---- what is only supposed is not done ------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["别人在等的话还能续吗", "如果有人预约了我还能续借吗", "万一看不完能续吗"])
def test_a_question_with_if_renews_nothing(service: Service, me: Person, said: str) -> None:
    lend(service, me.trusted())
    answer = me.say(said)
    assert "有人预约的书不能续借" in answer and "续借好了" not in answer
    assert loans.of_reader(service.store.db, me.reader_id)[0].renewals == 0


def test_a_question_with_if_puts_nothing_in_the_cart(service: Service, me: Person) -> None:
    me.trusted().say("刘慈欣")
    assert "为您留 3 天" in me.say("第一本要是被借走了能给我留一本吗")
    assert not cart.items(service.store.db, me.reader_id)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("我出差，同事顺路替我还行吧", "谁来还都行"), ("取书码发给我妈她能拿不", "取书码给谁，谁就能取"), ("借了什么书我老婆能看到吗", "隐私："),
        ("到货以后留几天给我", "为您留 3 天"), ("多久要赔完", "丢失与破损"), ("想学着自己在家烤面包", "「烹饪/美食」"),
    ],
)  # fmt: skip
def test_of_others_and_of_time(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("信用分掉到负数会怎样", "分数为负时暂停借书"), ("做志愿者能加几分", "志愿者服务"),
        ("我信用咋样", "您的信用分"), ("一个人能排几本", "说「预约《围城》」"), ("要是都借出去了怎么办", "说「预约《围城》」"),
        ("还书要带证吗", "不用带证件"), ("还书最方便的办法是啥", "不用回到借出的馆"), ("柜子夜里锁门吗", "24 小时都能取"),
        ("不想用了怎么退", "什么都不必做"), ("最晚哪天得去拿", "订单"),
    ],
)  # fmt: skip
def test_more_questions_in_other_words(me: Person, said: str, answered: str) -> None:
    assert answered in me.trusted().say(said)


def test_whether_the_second_stands_at_a_place(me: Person) -> None:
    me.say("刘慈欣")
    answer = me.say("第二本中心馆有吗")
    assert answer.startswith("《三体Ⅱ：黑暗森林》：\n· 云栖市图书馆中心馆")


def test_the_third_is_shown_before_it_is_taken(service: Service, me: Person) -> None:
    me.trusted().say("刘慈欣")
    assert me.say("第三本给我看看").startswith("《三体Ⅲ：死神永生》")
    assert not cart.items(service.store.db, me.reader_id)
    assert "放进借书车了" in me.say("那就拿这个")


def test_what_is_nowhere_to_be_found_is_lost(service: Service, me: Person) -> None:
    lend(service, me.trusted())
    assert "丢的是哪一本" in me.say("找遍了都没有，估计是丢了")
    assert "续借好了" in me.say("给我往后延一延")
