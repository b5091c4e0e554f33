"""和书柜说不清的时候: a door that stayed shut, a book put in and not written down; the reader is believed, and may show
the code of the locker's screen and pictures (D-13)."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import awaiting
from bot.events import Button
from bot.folding import fold
from bot.handlers.returning import ask_back
from bot.talk import Talk
from bot.texts import menu, rows
from lending import claims, door_claims, door_codes, evidence, loans, orders
from lending.errors import UnknownThing
from lending.evidence import NoPhoto
from lending.model import OrderState, parse_stamp, stamp

CODE_MINUTES = 60  # so long a code that came first waits for what it is about
LOCKER = "书柜|柜子|柜门|格口|格子|借书柜"
SHUT = re.compile(
    rf"({LOCKER}|柜)的?门?.{{0,4}}(没有?打?开|打不开|开不了|不开|没反应)|(柜|格)门.{{0,2}}(没有?打?开|打不开|开不了)|"
    rf"({LOCKER}|柜|门开|开了门?).{{0,8}}(没有?(我的|我借的|我订的)?书(?![名店])|是空的|不是我(的|借的|订的)|是别人的)|"
    r"(取书码|取件码|二维码|扫码|输了?码|密码|输入.{0,4}码).{0,6}(没有?(反应|动静)|不行|不对|唔work|唔啱)|"
    rf"({LOCKER}|柜机?|屏幕|取书机|借书机).{{0,6}}(故障|黑屏|是?黑的|黑了|没电|断电|断网|没网|死机|离线|不亮|坏掉?了)|"
    r"(locker|box|door)('s)? (door )?(did ?n[o']t|would ?n[o']t|does ?n[o']t|won't|will not|can ?not|can't) (be )?open|"
    r"(locker|box|door) (stays|stayed|remains|remained) (shut|closed)|"
    r"(locker|box)('s| is| was| stands) (\w+ )?empty|"
    r"(nothing|no books?|not my books?|somebody else's books?|someone else's books?) (is |was |are |were )?in (the|my) (locker|box)\b"
)
PUT_IN = re.compile(
    rf"(放|还|塞|投|扔|丢)(进|到|在|入)?了?({LOCKER}|柜|进去|里).{{0,12}}(没有?(吐|出|打|给|记|登记|显示|反应|到账|还上|记录)|还(显示|在我|是|挂))|"
    r"(put|dropped|returned|placed).{0,24}locker.{0,24}(not|n't|still)"
)
HINT = re.compile("柜|櫃|屏幕|螢幕|书机|書機|格口|格子|进去|進去|里|裡|码|碼|locker|box|door", re.IGNORECASE)  # spares other lines the rest
LONGEST = 60


def asked(text: str) -> bool:
    """Whether somebody says that a locker's door stayed shut, or that it did not write down what was put in."""
    if len(text) > LONGEST or not HINT.search(text):
        return False
    said = fold(text)
    return bool(SHUT.search(said) or PUT_IN.search(said))


def asked_back(text: str) -> bool:
    """Which of the two: a book that was put in is a book said to be back."""
    return asked(text) and bool(PUT_IN.search(fold(text)))


def hear(talk: Talk) -> None:
    """Answer it."""
    return ask_back(talk) if asked_back(talk.event.text) else ask_door(talk)


# ---- the door stayed shut -------------------------------------------------------------------------------------------


def ask_door(talk: Talk) -> None:
    """Which order lies behind it; without one, which book the reader has not got although the list shows it."""
    _, mine = talk._, orders.of_reader(talk.db, talk.reader.id)
    waiting = [order for order in mine if order.state is OrderState.IN_LOCKER]
    if len(waiting) == 1:
        return door(talk, waiting[0].number)
    if waiting:
        buttons = [Button(order.number, f"door:{order.number}") for order in waiting]
        return talk.say(_("是哪个订单的柜门没开？"), rows(*buttons, menu(_, "escalate"), across=1))
    held = [loan for loan in loans.of_reader(talk.db, talk.reader.id) if not loan.stopped_as][:5]
    text = _("您没有在书柜里等着取的书。书没拿到却显示在借，或者放进去没记上，点那一本；别的情况找馆员。")
    talk.say(text, rows(*(Button(f"《{loan.title}》"[:24], f"back:{loan.id}") for loan in held), menu(_, "escalate")))


def door(talk: Talk, number: str) -> None:
    """The days to fetch it stop; a librarian looks."""
    _ = talk._
    claim = door_claims.claim(talk.db, talk.reader.id, number, talk.event.text, talk.now)
    if talk.event.photo:
        evidence.add(talk.db, "door", claim.id, talk.reader.id, talk.event.photo.content, talk.policy, talk.now)
    text = _(
        "抱歉，让您白跑了。{place}的门已经请馆员去看，订单 {number} 的取书时间先停住，不会过期；处理好了马上告诉您。",
        place=_.called(claim.point, claim.point_en), number=claim.number,
    )  # fmt: skip
    ways = rows(_see(talk, number), menu(_, "escalate"))
    talk.say(f"{text}\n{_wanted(talk, 'door', claim.id)}", (*awaiting.button(talk), *ways))


def _see(talk: Talk, number: str) -> Button:
    return Button(talk._("看这个订单"), f"order:{number}")


# ---- put in and not written down ------------------------------------------------------------------------------------


def back(talk: Talk, loan_id: str = "") -> None:
    """The clock stops, and staff look for it; without a book, which one is asked."""
    if not loan_id:
        return ask_back(talk)
    _, loan = talk._, loans.loan(talk.db, int(loan_id), talk.reader.id)
    claims.claim(talk.db, talk.reader.id, loan.id, talk.event.text, talk.policy, talk.now)
    text = _("好，相信您。《{title}》从现在起不算超期，也不再催。我们去书架上找，有结果就告诉您。", title=loan.title)
    ways = rows(menu(_, "show_loans"), menu(_, "escalate"))
    talk.say(f"{text}\n{_wanted(talk, 'check', loan.id)}", (*awaiting.button(talk), *ways))


# ---- what the reader can show ---------------------------------------------------------------------------------------


def _wanted(talk: Talk, about: str, key: int) -> str:
    """What would help; a code that came first is taken at once."""
    awaiting.picture(talk, about, str(key))
    code, until = talk.memory.pop("door_code", ["", ""])
    if code and talk.now <= parse_stamp(until):
        return _prove(talk, about, key, code)
    if about == "door":
        return talk._("方便的话，把书柜屏幕上的凭证码发给我，或者拍张照片；没有也没关系。")
    return talk._("是书柜的话，屏幕上的凭证码发给我，或者拍张照片，馆员看得更清楚；没有也没关系。")


def take_code(talk: Talk, code: str) -> None:
    """The screen's code: it belongs to what was just said, or waits until that is."""
    _, (about, key) = talk._, awaiting.pictured(talk) or ("", "")
    if about in ("door", "check"):
        return talk.say(_prove(talk, about, int(key), code), rows(menu(_, "show_loans"), menu(_, "escalate")))
    if _visit(talk, code) is None:
        return talk.say(_unknown(talk), rows(menu(_, "return_books"), menu(_, "escalate")))
    talk.memory["door_code"] = [code, stamp(talk.now + timedelta(minutes=CODE_MINUTES))]
    buttons = (Button(_("柜门没开"), "door?"), Button(_("放进去了没记上"), "back"), menu(_, "escalate"))
    talk.say(_("这是书柜的凭证码，我记住了。出了什么事？"), rows(*buttons))


def _visit(talk: Talk, code: str) -> door_codes.Visit | None:
    try:
        return door_codes.read(talk.db, code, talk.service.door_key, talk.now)
    except UnknownThing:
        return None


def _unknown(talk: Talk) -> str:
    return talk._("这个凭证码没有对上，请照着书柜的屏幕再抄一遍；对不上也不要紧，拍张照片就行。")


def _prove(talk: Talk, about: str, key: int, code: str) -> str:
    _, visit = talk._, _visit(talk, code)
    if visit is None:
        return _unknown(talk)
    if about == "door":
        door_claims.prove(talk.db, talk.reader.id, key, visit)
        return _("凭证码对上了：{moment} 您在书柜前。馆员也看得到。", moment=_.moment(visit.at))
    claims.prove(talk.db, talk.reader.id, key, visit)
    return _("凭证码对上了：{moment} 您在书柜前，从那时起就不算超期。馆员也看得到。", moment=_.moment(visit.at))


def hear_door_photo(talk: Talk, key: str) -> None:
    """A picture of the door, or of its screen."""
    _keep_photo(talk, "door", door_claims.mine(talk.db, int(key), talk.reader.id).id)


def hear_check_photo(talk: Talk, key: str) -> None:
    """A picture of the book in the box, or of the screen."""
    _keep_photo(talk, "check", claims.of_loan(talk.db, talk.reader.id, int(key)).id)


def _keep_photo(talk: Talk, about: str, object_id: int) -> None:
    if talk.event.photo is None:
        raise NoPhoto()
    _ = talk._
    held = evidence.add(talk.db, about, object_id, talk.reader.id, talk.event.photo.content, talk.policy, talk.now)
    text = _.n(
        "照片收到了，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        "照片收到了，现在有 {n} 张。只有馆员看得到，办结 {days} 天后删掉。",
        held, days=talk.policy.cases.photo_days,
    )  # fmt: skip
    talk.say(text, rows(menu(_, "show_loans"), menu(_, "show_orders"), menu(_, "escalate")))
