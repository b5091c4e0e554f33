"""A number or password that should not stand in a chat: it is not kept, and the reader is told what to do (A3-31)."""

from __future__ import annotations

from bot import inbox
from bot.talk import Talk
from bot.texts import menu, rows


def refuse(talk: Talk) -> None:
    """Nothing of it is kept, nobody is told, and no step takes it for an answer."""
    _ = talk._
    inbox.forget_event(talk.db, talk.event)
    text = _(
        "为了您的安全，身份证号、银行卡号和密码请不要发在聊天里。刚才那句我没有留下，馆员也看不到；您也可以在自己的聊天里删掉它。借书用不着这些。"
    )
    talk.say(text, rows(menu(_, "help"), menu(_, "find_branches"), menu(_, "escalate")))
