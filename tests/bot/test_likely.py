"""What nothing is certain of is most likely said of what stands there (bot/handlers/likely.py): it is told, and nothing is done (C2, C3)."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from bot import half_asked
from bot.folding import letters
from bot.handlers import halves, likely, proving
from bot.handlers.halves import Shown
from bot.likeness import here, here_in_english
from bot.service import Service
from bot.templates import wordings
from bot.understanding import plainly, understand
from lending.model import Fulfilment
from tests.bot import deeds
from tests.bot.test_family import authorise
from tests.bot.test_linking import lend
from tests.talking import Person, open_sample, pass_time

HERE = Path(__file__).parent
TITLES = (HERE / "titles.txt").read_text("utf8").splitlines()
BORROW = ("霍乱时期的爱情", "借这本")
COUNTER = (*BORROW, "到馆自取", "云栖市图书馆中心馆")
SAID: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {  # what was said and pressed: what is said next, what is answered
    ("刘慈欣",): (
        ("你给我拿个主意呗", "最知名的在前"), ("麻烦您帮我把能马上拿到的挑出来", "只看：可借的"), ("唉没有一个是我想要的呀", "再给我一点线索"),
        ("这几本哪个小学生能看懂呀", "书目里没有写"), ("全给我整上", "是哪一本呢"),
    ),
    ("霍乱时期的爱情",): (
        ("整一本尝尝", "《霍乱时期的爱情》\n"), ("拿下", "《霍乱时期的爱情》\n"), ("手机里能不能读", "没有电子书"), ("我家俩娃一人要一本", "借一册"), ("我回头再决定", "您慢慢想"),
    ),
    BORROW: (("我不想出门", "送到哪个区"), ("楼下那个丰巢行不行", "三种拿法"), ("这几个地儿我一个都不认识 太偏了", "嫌远"), ("半夜去开柜子可以不", "24 小时")),
    COUNTER: (
        ("冲冲冲", "请确认，共 1 本"), ("看着没毛病走起", "请确认，共 1 本"), ("下单之后还能反悔不", "都能取消"), ("等等地方不对我要换一个", "点「换个方式」"), ("再加一本书行吗", "可以再加"),
    ),
    (*COUNTER, "确认下单"): (
        ("那我几点去啊", "承诺"), ("快点儿行不我急着要", "写的是最晚的时间"), ("取书的号码会发到手机上吗", "都在这里告诉您"), ("我想再添一本一块儿拿", "能加"), ("改到周末拿成不", "保留 3 天"), ("订错书了 应该是上册", "确定取消"), ("书没齐的话可以先拿吗", "一起送、一起取"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "said", "answered"), [(before, *one) for before, several in SAID.items() for one in several])
def test_while_a_book_is_chosen_and_ordered(me: Person, before: tuple[str, ...], said: str, answered: str) -> None:
    me.trusted().say(before[0])
    for label in before[1:]:
        me.tap(label)
    assert answered in me.say(said)


def test_of_what_the_courier_takes(me: Person) -> None:
    me.trusted().say("快递费多少")
    assert "一个包裹最多" in me.say("六本为啥要分两个包裹呀")
    assert "抽签，不分先后" in me.say("抽签怎么抽")


def test_rules_that_are_too_long_are_said_in_a_few_sentences(me: Person) -> None:
    me.trusted().say("借阅规则")
    assert "一次最多 20 本" in (said := me.say("这么多啊简单点说")) and "承诺" not in said


def borrowed(service: Service, me: Person, days: float) -> None:
    lend(service, me.trusted(), 1)
    pass_time(service, days=days)
    me.listen()


@pytest.mark.parametrize(
    ("days", "said", "answered"),
    [
        (37.1, "这么快就到期啦我还没翻几页", "点下面的「续借」"), (37.1, "哎呀我忘了还没看完", "点下面的「续借」"), (37.1, "啊才读了个开头呢", "点下面的「续借」"), (37.1, "能不能你们来拿", "上门"),
        (37.1, "看完了可以塞柜子里吗", "24 小时智能书柜"), (37.1, "明儿就给你们送过去", "都行，不收费"), (42.1, "啊完了完了忘了这事", "别放在心上"), (42.1, "会不会拉黑我", "没有要交的钱"),
        (42.1, "现在续还来得及吗", "续不了"), (42.1, "别催了烦死了", "打扰您了"), (42.1, "你们怎么不早说啊", "到期前 3 天提醒您"), (42.1, "前天我就丢柜子里啦", "是哪一本还了"),
    ],
)  # fmt: skip
def test_of_what_is_due(service: Service, me: Person, days: float, said: str, answered: str) -> None:
    """哎呀我忘了还没看完 renewed by itself."""
    borrowed(service, me, days)
    due = service.store.db.value("SELECT due_at FROM loans")
    assert answered in me.say(said)
    assert service.store.db.value("SELECT due_at FROM loans") == due


@pytest.mark.parametrize(
    ("said", "answered"),
    [("还一半剩下的续", "看完的还到"), ("哪本最急", "您借着 3 本书"), ("能一次还完吗", "放到任何一个都行"), ("全部延一下", "点下面的「续借」"), ("我已经续过了啊", "您借着 3 本书"), ("书被我孩子带走了 明天才拿得回来", "您借着 3 本书"), ("能晚两天还吗", "超期每本每天"), ("还剩几个名额可以借", "一次最多 20 本"), ("我还剩几本能借", "现在占用 3 本")],
)
def test_of_the_loans(service: Service, me: Person, said: str, answered: str) -> None:
    lend(service, me.trusted(), 3)
    me.say("我的借阅")
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [("都要了赶紧的", "本怎么取"), ("算了都清了吧", "点它下面的「移出」"), ("放这儿会不会过期", "不会过期"), ("我还想再挑挑", "想看哪一类"), ("一趟能全送来吗", "一起送、一起取")],
)
def test_of_the_cart(me: Person, said: str, answered: str) -> None:
    for line in ("围城", "借第1本", "借书车"):
        me.trusted().say(line)
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("comes", "said", "answered"),
    [
        (False, "有没有差不多的先看着", "相近的书"), (False, "能不能插个队我考试要用", "预约按先后轮"), (False, "算了去别的馆借", "预约还在，什么都没动"), (False, "要一直盯着手机吗", "不用一直看着"), (False, "叫前面的人快点还嘛", "预约按先后轮"), (False, "到了要是不去拿会怎样", "为您留 3 天"), (False, "能不能先看电子版", "没有电子书"),
        (True, "等了仨月终于到了哈哈哈", "为您留到"), (True, "我现在不想要了让给别人吧", "预约还在，什么都没动"), (True, "给我留着我后天来", "为您留到"), (True, "太好啦在哪儿领", "再选在哪里取"),
    ],
)  # fmt: skip
def test_of_a_hold(service: Service, me: Person, comes: bool, said: str, answered: str) -> None:
    """算了去别的馆借 left it standing without a word."""
    deeds.wait(me.trusted(), "红楼梦", comes)
    pass_time(service, hours=1)
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [("柜子不认我的码怎么办", "柜门没开"), ("门开了可是啥也没有", "柜门没开"), ("我这会儿在上班能给我留到几号", "保留到"), ("我让闺女去拿行吗她有手机", "不用本人来"), ("到底是哪个口我找了老半天", "云栖站智能借书柜"), ("柜子在哪儿来着", "云栖站智能借书柜"), ("where is the locker", "云栖站智能借书柜"), ("大门锁了我进不去啊", "柜门没开"), ("必须要我本人去拿吗", "不用本人来")],
)
def test_of_what_waits_in_a_locker(me: Person, said: str, answered: str) -> None:
    deeds.order(me.trusted(), "霍乱时期的爱情", way=Fulfilment.LOCKER, at=10, steps=("pick", "pack", "load"))
    me.listen()
    assert answered in me.say(said) + str(me.heard[-1].buttons)


@pytest.mark.parametrize(
    ("said", "answered"), [("为啥要查我信用", "看不到您的分数"), ("我没有那个分咋办", "点「不查信用」"), ("多少分才够", "550 分"), ("查呗无所谓", "选一种方式开通")]
)
def test_of_the_question_about_credit(service: Service, me: Person, said: str, answered: str) -> None:
    me.say("你好")
    me.say(COUNTER[0])
    for label in COUNTER[1:]:
        me.tap(label)
    assert answered in me.say(said) and me.action("不查信用") == "credit:ladder"
    assert service.store.db.value("SELECT standing FROM readers") == "new"


def test_of_a_case_and_a_librarian(service: Service, me: Person) -> None:
    lend(service, me.trusted(), 1)
    me.say("书丢了")
    for said, answered in (("钱往哪交", "按书价"), ("能少赔点吗", "按书价"), ("嘿 书原来掉沙发缝里了", "找到了就好"), ("能不能分几个月给", "别着急")):
        assert answered in me.say(said), said
    me.say("转人工")
    for said, answered in (("在线等挺急的", "还在处理中"), ("都等一上午了没个人搭理", "还在处理中"), ("我补充一句是昨天下午的事", "还在处理中"), ("不用了我自己搞明白了", "不用答复的话")):
        assert answered in me.say(said), said


def test_a_guess_is_said_to_be_one_and_its_yes_orders_nothing(service: Service, me: Person) -> None:
    me.trusted().say(COUNTER[0])
    for label in COUNTER[1:]:
        me.tap(label)
    assert "我猜您说的是" in me.say("我娘要是晓得了会不会骂我")
    me.say("好的")
    assert service.store.db.value("SELECT COUNT(*) FROM orders") == 0


def test_whoever_asks_for_a_book_is_given_it(me: Person) -> None:
    """They are like what is said of loans, and name a book of ours."""
    me.trusted().say("我的借阅")
    for title in ("最好的我们", "为什么", "好的经济学"):
        assert "我猜" not in (answer := me.say(title)) and "您借着" not in answer, title


@pytest.mark.parametrize("kind", ["title", "order", "loan"])
def test_what_is_a_book_elsewhere_is_hardly_ever_taken_for_an_answer(kind: str) -> None:
    """Of 2,568 titles 10 at most are, whatever stands there (measured); one of ours is found by its name all the same."""
    known = {what: Shown(kind, "") for what in likely.answers(kind)}
    said = [letters(plainly(title)) for title in TITLES if understand(title).name == "search"]
    assert sum(len(one) >= likely.SHORT and likely.likeliest(one, known)[1] >= likely.LEAST for one in said) <= len(said) // 40


def test_each_word_has_examples_and_an_answer() -> None:
    known = {what for kind in halves.RIGHTS for what in likely.answers(kind)}
    assert {*here().intents} <= known
    assert {what for answers in likely.HERE.values() for what in answers} - {*half_asked.IN_CHINESE} <= {*here().intents}


@pytest.mark.parametrize("every", [28, pytest.param(7, marks=pytest.mark.long)])
@pytest.mark.parametrize("what", sorted({*deeds.SHOWN} - {"nothing", "a wish asked for"}))
def test_nothing_is_done_whatever_stands_there(prepared: Path, tmp_path: Path, what: str, every: int) -> None:
    """Lines that are no command of their own, nor tell of a door that stays shut: at most a question is put once more."""
    service = open_sample(prepared, tmp_path / "library")
    me = deeds.rich(service)
    deeds.watch(service)
    with suppress(deeds.Undone), service.store.writing():
        deeds.show(me, what)
        changed = {one for text in _unsure()[::every] for one in deeds.did(me, text).changed}
        assert {one for one in changed if not one.startswith(("a yes for ok", "a yes for cancel!"))} == set()
        raise deeds.Undone
    service.store.close()


@cache
def _unsure() -> list[str]:
    lines = [text for line in _examples() for text in (wordings(line) or ())[:1] if understand(text).name in likely.UNSURE and not proving.asked(text)]
    assert len(lines) > 300
    return lines


def _examples() -> list[str]:
    files = (Path(likely.__file__).parents[1] / name for name in ("examples_here.toml", "examples_here_en.toml"))
    data = [tomllib.loads(file.read_text("utf8")) for file in files]
    return [line for one in data for word, lines in one.items() if word not in ("alike", "unsaid") for line in lines]


@pytest.mark.parametrize("said", ["我不是故意的", "不好意思啊", "对不起来晚了", "對不起來晚了", "真不是故意的"])
def test_who_is_sorry_for_nothing_that_stands_there_is_given_a_kind_word(me: Person, said: str) -> None:
    """It found 《我不是潘金莲》."""
    assert "别放在心上" in me.say(said) or "別放在心上" in str(me.heard[-1].text)


def test_who_acts_for_another_is_told_as_otherwise(service: Service, me: Person) -> None:
    grandma = Person(service, "grandma").trusted()
    borrowed(service, grandma, 37.1)
    authorise(service, grandma, me.trusted(), "see", "return")
    me.press(f"act:{grandma.reader_id}")
    me.say("借阅")
    assert "点下面的「续借」" in me.say("这么快就到期啦我还没翻几页")


@pytest.mark.parametrize(
    ("comes", "said", "answered"),
    [(False, "how many people are ahead of me", "in the queue"), (False, "can i pick another edition", "Books like"), (False, "i'm tired of waiting", "still stands"), (True, "great, on my way", "kept until")],
)
def test_of_a_hold_in_english(service: Service, comes: bool, said: str, answered: str) -> None:
    """English had no sentences of its own here: each was looked for as a book."""
    me = Person(service, language="en")
    deeds.wait(me.trusted(), "红楼梦", comes)
    pass_time(service, hours=1)
    me.listen()
    assert answered in me.say(said)


@pytest.mark.parametrize(
    ("said", "answered"),
    [("i dropped it off last week", "still on your list"), ("sorry, it slipped my mind", "don't worry"), ("i'm still reading it", "due"), ("stop nagging me with reminders", "A reminder 3 days before")],
)
def test_of_the_loans_in_english(service: Service, said: str, answered: str) -> None:
    """"I'm still reading it" renewed by itself."""
    me = Person(service, language="en")
    borrowed(service, me, 37.1)
    due = service.store.db.value("SELECT due_at FROM loans")
    assert answered in me.say(said)
    assert service.store.db.value("SELECT due_at FROM loans") == due


@pytest.mark.parametrize(
    ("said", "answered"),
    [("the screen is black", "The door stayed shut"), ("can my daughter pick it up for me", "code"), ("i can't make it today, is saturday fine", "until"), ("what was the code again", "code")],
)
def test_of_what_waits_in_a_locker_in_english(service: Service, said: str, answered: str) -> None:
    me = Person(service, language="en")
    deeds.order(me.trusted(), "霍乱时期的爱情", way=Fulfilment.LOCKER, at=10, steps=("pick", "pack", "load"))
    me.listen()
    assert answered in me.say(said) + str(me.heard[-1].buttons)


def test_english_has_sentences_for_whatever_chinese_has() -> None:
    assert {*here_in_english().intents} == {*here().intents}


@pytest.mark.parametrize("kind", ["title", "order", "loan", "way", "cart"])
def test_an_english_title_is_hardly_ever_taken_for_an_answer(kind: str) -> None:
    """Of 1,900 titles known abroad 1 in 100 at most is, whatever stands there (measured); one of ours is found by its name."""
    known = {what: Shown(kind, "") for what in likely.answers(kind)}
    lines = (HERE.parents[1] / "search" / "titles_latin.tsv").read_text("utf8").splitlines()
    said = [likely.bare(title) for line in lines if "\t" in line for title in line.split("\t")[1].split("|")]
    said = [one for one in said if one and one.isascii()]
    assert sum(likely.likeliest(one, known)[1] >= likely.least(one) for one in said) <= len(said) // 100
