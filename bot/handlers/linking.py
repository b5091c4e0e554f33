"""连聊天: the same reader in a second chat, by a code said here and typed there (A1-20)."""

from __future__ import annotations

import re

from bot import linking
from bot.events import Button
from bot.linking import LinkRefused
from bot.talk import Talk
from bot.texts import menu, rows
from lending import readers

ASKED = re.compile(
    r"(连接?|連接?|(?<!解)绑定?|(?<!解)綁定?|关联|關聯|合并|合併)(到|上)?(我的|另一个|另一個|别的|別的|两个|兩個|其他|其它)*(聊天|账户|帳戶|账号|帳號|微信|telegram|电报|電報|网页|網頁)"
    r"|\b(link|connect|merge|join) (my |the |another |this |other |a |two |both )*(chats?|accounts?|telegram|wechat)",
    re.IGNORECASE,
)


def asked(text: str) -> bool:
    """Whether somebody wants one record in two chats."""
    return bool(ASKED.search(text)) and len(text) <= 60


def explain(talk: Talk) -> None:
    """A code for the other chat, and what will happen there."""
    _ = talk._
    code, until = linking.make(talk.db, talk.reader.id, talk.service.card_key, talk.policy, talk.now)
    text = _(
        "在另一个聊天里（网页或 Telegram）发这个连接码：\n{code}\n{time} 前有效，只能用一次，别给别人。那边的借阅、预约和信用会并到您这里，两边都能用。",
        code=code, time=_.time(until),
    )  # fmt: skip
    talk.say(text, rows(menu(_, "show_loans"), menu(_, "help")))


def take(talk: Talk, code: str) -> None:
    """The code typed in the second chat: said first what becomes of this one, then joined with a yes."""
    _, kept = talk._, _owner(talk, code)
    if kept is None:
        return
    if kept == talk.reader.id:
        return talk.say(_("这个聊天已经是您的了。连接码要在另一个聊天里发。"), rows(menu(_, "show_loans")))
    text = _(
        "要把这个聊天连到读者 {number} 吗？这里的借阅、预约和信用会并过去，以后两边看到的一样，合起来就拆不开了。哪天不想在哪一边用，说「取消绑定」就行。",
        number=readers.reader(talk.db, kept).number,
    )
    talk.memory["confirm"] = f"link:{code}"
    talk.say(text, rows(Button(_("连上"), f"link:{code}"), menu(_, "cancel")))


def _owner(talk: Talk, code: str) -> int | None:
    event, key = talk.event, talk.service.card_key
    try:
        return linking.owner(talk.db, code, event.channel, event.address, key, talk.policy, talk.now)
    except LinkRefused as error:
        _refuse(talk, error)
        return None


def _refuse(talk: Talk, error: LinkRefused) -> None:
    _ = talk._
    texts = {
        "code": _("这个连接码不对、已经用过，或者过了时间。请在那个聊天里重新要一个：说「连接另一个聊天」。"),
        "tries": _("今天试了太多次，请明天再试；也可以找馆员帮您连。"),
        "person": _("您在这里有一个人工请求还没结束，馆员答复以后再连。"),
    }
    talk.say(texts[error.reason], rows(menu(_, "escalate"), menu(_, "help")))


def join(talk: Talk, code: str) -> None:
    """Both chats speak for one reader from now on."""
    key, kept = talk.service.card_key, _owner(talk, code)
    if kept is None:
        return
    if kept == talk.reader.id:
        return take(talk, code)
    try:
        linking.join(talk.db, kept, talk.reader.id, code, key, talk.policy, talk.now)
    except LinkRefused as error:
        return _refuse(talk, error)
    talk.reader = readers.reader(talk.db, kept)
    _ = talk._
    text = _("连上了。您在这里也是读者 {number}，借阅、预约和信用都在。", number=talk.reader.number)
    talk.say(text, rows(menu(_, "show_loans"), menu(_, "show_credit")))
