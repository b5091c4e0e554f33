"""未成年读者: a child says so or a parent adds one, the guardian is asked and may take back what they agreed to (D-12)."""

from __future__ import annotations

import re
from datetime import date

from bot import acting
from bot.events import Button
from bot.folding import fold
from bot.handlers import authorising
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import without_courtesies
from lending import credit, mandates, minors, notices, orders, readers
from lending.errors import UnknownThing
from lending.mandates import CannotMandate
from lending.model import library_day

CHILD = re.compile(
    r"(我)?(想|要)?(给|帮|为|替)(我)?(的)?(孩子|小孩|儿子|女儿|娃|宝宝)(也|先)?(办|开|注册|登记)((一张|一个|个|张)?(卡|证|读者证|借书证|账户|账号)|一?[张个])|(添加|登记)(一个)?孩子|(少儿|儿童|孩子的?)(卡|证|读者证|账户)|((add|register)( a| my| another| the)?|(get|make|open)( a| an)? (library )?(card|account) for( a| my)?) (child|kid|son|daughter|boy|girl|baby|little one)( to my (family|account)| as a reader)?"
    r"|my (child|kid|son|daughter) (needs|wants)( a| an)? (library )?(card|account)"
)
YOUNG = re.compile(
    r"我(还)?(未|没|没有|不)(满|成年)(年|十八岁|18 ?岁)?(的)?|我(还)?是(个)?(未成年人?|小学生|初中生|高中生|中学生|小朋友|孩子)|i am (a child|a minor|under 18|under age)"
)
AGE = re.compile(r"我(今年)?(才)?(?P<age>\d{1,2}) ?岁")
BIRTHDAY = "(?:生日|出生年月|出生日期|出生年份|出生月份|年龄|岁数)"
WRITTEN = "(?:填|写|输|打|报|说|弄|记)"
MISTAKEN = re.compile(
    rf"(?:我|刚才|刚刚|不小心|把|的|孩子)*(?:{BIRTHDAY}{WRITTEN}?(?:错|不对|得不对)了?"
    rf"|{WRITTEN}错了?(?:我|孩子|自己|的)*{BIRTHDAY})(?:[,，。 ]?(?:怎么办|怎么改|能改吗?|可以改吗?|我要改))?"
    r"|我(?:已经|早就)?(?:不是|不算)未成年(?:人|读者)?|我(?:是|已经是)成年人|我(?:已经|早就|早)成年"
    r"|i(?:'m| am) not (?:a minor|a child|under 18|under age)"
    r"|i (?:entered|typed|gave|wrote) the wrong (?:birthday|birth date|date of birth|birth month)"
)
ASKS = re.compile(r"(请|找|让)?(我)?(家长|爸爸妈妈|爸妈|监护人)(来)?同意|ask my (parents?|guardian)")
BORN = re.compile(
    r"(?P<year>(19|20)\d{2}) ?(年|-|/|\.) ?(?P<month>\d{1,2}) ?(月|-|/|\.)? ?((?P<day>\d{1,2}) ?[日号]?)?"
)
AGED = re.compile(  # how old, or in which school year: no month of birth
    r"[岁歲]|年级|年級|[初高][一二三]|小学|小學|幼儿园|幼兒園|月大|\byears? old\b|\bgrade\b|^\D{0,6}(?:19|20)?\d\d ?年(?!\d)|[零〇一二三四五六七八九]{2,4}年"
)
CALLED = re.compile(r"叫做?(?P<name>[㐀-鿿·]{2,4}?)(?=今年|[,，。 ]|\d|[一二两三四五六七八九十]+岁|$)")
A_NAME = re.compile(r"^(?!.*(?:[吗么你我不什怎取算岁歲]|年级|小学|幼儿园|没|中班|大班|[零〇一二三四五六七八九]年|年的))[㐀-鿿·]{2,4}$|^[A-Z][a-z]+$")
KID = "孩子|小孩|儿子|女儿|娃|宝宝|闺女|孙子|孙女"
BEFORE_NAME = re.compile(  # a kinship alone may be what they call the child, but "孩子" is no name
    rf"^(我的?|我家)?(孩子|小孩|娃)$|^(我的?|我家)?({KID}|[他她])?[,，、 ]*的?(小名|大名|名字)?(叫做?|是|[,，、 ]+)|^(我的?|我家)(?=({KID})$)"
)
BEHIND_NAME = re.compile(r"(今年|是)?(出生[于在]?|生[于在]|生日是?)?$")
BEHIND_DATE = re.compile(r"^ ?(出生|生)?[的了]?(?=[,，、。 ]|$)")
MATTERS = {
    "borrow": N_("借书：用自己的名义借，按时还；不查任何外面的信用"),
    "more": N_("借书以外：按手头的书猜书、发书评"),
}
MONTH = N_("光有岁数、年级或年份，还算不出哪天成年。请写哪年哪月出生，比如「2014年5月」。")
SHORT = {"borrow": N_("孩子借书"), "more": N_("借书以外")}  # not "借书", which is also what has been done


def asked(talk: Talk) -> bool:
    """Whether it is about children, and so about who answers for them."""
    said = _said(talk)
    age = AGE.fullmatch(said)
    young = age is not None and int(age["age"]) < talk.policy.minors.of_age
    return young or any(pattern.fullmatch(said) for pattern in (CHILD, YOUNG, ASKS, MISTAKEN))


def hear(talk: Talk) -> None:
    """A card for a child; a child's own word; the parents asked."""
    said = _said(talk)
    if CHILD.fullmatch(said):
        return add(talk)
    if MISTAKEN.fullmatch(said):
        return put_right(talk)
    return ask(talk) if ASKS.fullmatch(said) else say_young(talk)


def _said(talk: Talk) -> str:
    return without_courtesies(fold(talk.event.text).strip(" .,!?。，！？吧了啊呢")) if talk.event.text else ""


# ---- the child -----------------------------------------------------------------------------------------------------


def say_young(talk: Talk) -> None:
    """ "我未满18岁": the month of birth is asked, and only the day of coming of age is kept."""
    if minors.is_minor(talk.db, talk.reader.id, talk.now):
        return ask(talk)
    _, talk.step = talk._, "birth"
    text = _("哪年哪月出生？比如「2014年5月」。我只算出哪天满 {age} 岁，不留生日。", age=talk.policy.minors.of_age)
    talk.say(text, rows(menu(_, "cancel"), menu(_, "escalate")))


def put_right(talk: Talk) -> None:
    """ "生日填错了": what makes an adult a child here is undone at the desk alone, so what to bring is said."""
    _, reader_id = talk._, talk.reader.id
    ways = rows(menu(_, "find_branches"), menu(_, "escalate"))
    if minors.is_minor(talk.db, reader_id, talk.now) or mandates.children_of(talk.db, reader_id, talk.now):
        text = _("填错了不要紧，服务台能改。请带身份证（孩子带户口本）到任何一个馆，馆员核对后就改好；想先问问，点「转人工」。")
        return talk.say(text, ways)
    talk.say(_("放心，您在这里没有记成未成年，借书照常；生日我们不留。别的资料要改，点「转人工」。"), ways)


def hear_birth(talk: Talk) -> None:
    """The answer; whoever is grown up goes on as before."""
    _, until = talk._, _grown_on(talk, talk.event.text)
    if until is None:
        return talk.say(_(MONTH) if AGED.search(talk.event.text) else _("没看明白。写年和月就行，比如「2014年5月」。"), rows(menu(_, "cancel"), menu(_, "escalate")))
    talk.step = ""
    if not mandates.note_minor(talk.db, talk.reader.id, until, "reader", talk.now):
        return talk.say(_("您已经成年了，不用家长同意。"), rows(menu(_, "authorize_credit"), menu(_, "start_ladder")))
    talk.reader = readers.reader(talk.db, talk.reader.id)
    ask(talk)


def _grown_on(talk: Talk, text: str) -> date | None:
    found = BORN.search(text)
    if found is None:
        return None
    day = int(found["day"]) if found["day"] else None
    try:
        until = minors.comes_of_age(int(found["year"]), int(found["month"]), day, talk.policy)
    except ValueError:
        return None
    born = until.year - talk.policy.minors.of_age
    return until if born <= library_day(talk.now).year else None


def ask(talk: Talk) -> None:
    """ "请家长同意": a code for the guardian, or word to the one there is; who is the guardian agrees right here."""
    if talk.acting and talk.acting.mandate.kind == "guardian":
        return show(talk, str(talk.acting.reader.id))
    _, child = talk._, talk.reader.id
    if not minors.is_minor(talk.db, child, talk.now):
        return say_young(talk)
    if "borrow" in minors.given(talk.db, child):
        return talk.say(_("家长已经同意您借书了。"), rows(menu(_, "browse"), menu(_, "show_loans")))
    guardian = mandates.guardian_of(talk.db, child, talk.now)
    if guardian is not None:
        day = str(library_day(talk.now))
        notices.record(talk.db, guardian, "minor", f"asks:{child}@{day}", "asks", talk.now, child=child)
        return talk.say(_("已经请家长在自己的聊天里同意，同意了就告诉您。"), rows(menu(_, "browse"), menu(_, "help")))
    code, made = mandates.offer_guardian(talk.db, child, talk.service.card_key, talk.policy, talk.now)
    talk.say(_("未满 {age} 岁借书，先请爸爸妈妈同意一次。", age=talk.policy.minors.of_age))
    authorising.say_code(talk, code, made)


# ---- the guardian --------------------------------------------------------------------------------------------------


def add(talk: Talk) -> None:
    """A card for a child who has no chat: what to call them, and the month of birth."""
    _ = talk._
    if minors.is_minor(talk.db, talk.reader.id, talk.now):
        raise CannotMandate("child")
    if len(mandates.children_of(talk.db, talk.reader.id, talk.now)) >= talk.policy.minors.children:
        raise CannotMandate("most", talk.policy.minors.children)
    talk.memory.pop("child", None)
    talk.step = "child"
    text = _("怎么称呼孩子，哪年哪月出生？比如「小明 2014年5月」。称呼只给您自己看，生日不留。")
    talk.say(text, rows(menu(_, "cancel"), menu(_, "escalate")))


def hear_child(talk: Talk) -> None:
    """A record of the child's own, the guardian's at once, and what is to be agreed to."""
    _, text, until = talk._, talk.event.text, _grown_on(talk, talk.event.text)
    found = BORN.search(text)
    name = _name_in(text[: found.start()], text[found.end() :]) if found else "".join(A_NAME.findall(text.strip()))
    if not found and (called := CALLED.search(text)):
        name = called["name"]
    ways = rows(menu(_, "cancel"), menu(_, "escalate"))
    half = talk.memory.pop("child", {})  # what was told before: one of the two is enough at a time
    name = name or half.get("name", "")
    until = until or (date.fromisoformat(half["until"]) if half.get("until") else None)
    if until is None and not name:
        return talk.say(_(MONTH) if AGED.search(text) else _("没看明白。请写称呼和出生年月，比如「小明 2014年5月」。"), ways)
    if until is None or not name:
        talk.memory["child"] = {"name": name, "until": str(until or "")}
        return talk.say(_("还差一个称呼，写来就好。") if until else _(MONTH) if AGED.search(text) else _("还差出生年月，比如「2014年5月」。"), ways)
    talk.step = ""
    if until <= library_day(talk.now):
        return talk.say(_("{name} 已经成年了，请 TA 自己来聊天。", name=name[:20]), rows(menu(_, "help")))
    child = readers.join(talk.db, talk.reader.language, talk.now, name[:20], called=name[:20])
    credit.open_ledger(talk.db, child.id, talk.policy, talk.now)
    mandates.note_minor(talk.db, child.id, until, "guardian", talk.now)
    mandates.appoint(talk.db, child.id, talk.reader.id, talk.now, tell=False)
    show(talk, str(child.id))


def _name_in(before: str, after: str) -> str:
    """小明 of "我孩子叫小明，" and "生的": what stands around the date, without what only leads to the name."""
    words = BEHIND_NAME.sub("", before.rstrip(",，、 ")).rstrip(",，、 ") + BEHIND_DATE.sub("", after)
    return BEFORE_NAME.sub("", words.strip(" ,，、。")).strip(" ,，、。")


def show(talk: Talk, grantor_id: str, what: str = "", answer: str = "") -> None:
    """What the guardian has agreed to, each matter with its switch. Raises UnknownThing for anybody else's child."""
    child = int(grantor_id)
    if mandates.guardian_of(talk.db, child, talk.now) != talk.reader.id:
        raise UnknownThing("mandate", grantor_id)
    if what in minors.CONSENTS and answer == "yes":
        minors.agree(talk.db, child, talk.reader.id, what, talk.now)
    elif what in minors.CONSENTS and answer == "no":
        minors.withdraw(talk.db, child, what, talk.now)
    _, name, given = talk._, acting.called(readers.reader(talk.db, child)), minors.given(talk.db, child)
    lines = [_("{name} 的同意书（随时可以改）：", name=name)]
    lines += [("✓ " if matter in given else "○ ") + _(text) for matter, text in MATTERS.items()]
    lines.append(_("一次最多 {n} 本。收回同意以后不借新书，借着的照常。", n=talk.policy.minors.limit))
    switches = [
        Button(_("收回：{matter}", matter=_(SHORT[one])), f"mc:{child}:{one}:no")
        if one in given
        else Button(_("同意：{matter}", matter=_(SHORT[one])), f"mc:{child}:{one}:yes")
        for one in MATTERS
    ]
    act = [Button(_("替{name}办", name=name), f"act:{child}"), Button(_("我的家人"), "fam")]
    coming = [one for one in orders.of_reader(talk.db, child) if one.state in orders.OPEN]
    if coming and "borrow" not in given:
        lines.append(_.n("下好的 {n} 个订单照常送；不想要了可以取消。", "下好的 {n} 个订单照常送；不想要了可以取消。", len(coming)))
        act.insert(0, Button(_("{name}的订单", name=name), f"as:{child}:i:show_orders"))
    talk.say("\n".join(lines), (tuple(switches), tuple(act)), edits=bool(what))
