"""A number or password that should not stand in a chat: it is not kept, and the reader is given the right place (A3-31)."""

from __future__ import annotations

from bot import inbox
from bot.confiding import card_in, of_a_person
from bot.events import Button
from bot.handlers import credentials
from bot.talk import Talk
from bot.texts import menu, rows
from lending.secret_forms import NoMoreForms


def refuse(talk: Talk) -> None:
    """Nothing of it is kept, nobody is told, and no step takes it for an answer; a card's number has a form of its own."""
    _, kind = talk._, _kind(talk.event.text)
    inbox.forget_event(talk.db, talk.event)
    text = _(
        "为了您的安全，身份证号、银行卡号、读者证号和密码请不要发在聊天里。刚才那句我没有留下，馆员也看不到；您也可以在自己的聊天里删掉它。借书用不着这些。"
    )
    form = _form(talk, kind) if kind else ()
    if form:
        text += "\n" + _("想连一张卡，请在这一页上填，只给您，只用一次：")
    talk.say(text, rows(*form, menu(_, "help"), menu(_, "find_branches"), menu(_, "escalate")))


def _kind(text: str) -> str:
    """Which card's form is of use; '' for an identity number or a bank card, which nobody here needs."""
    card = card_in(text)
    return "" if card is None and of_a_person(text) else card or "library"


def _form(talk: Talk, kind: str) -> tuple[Button, ...]:
    try:
        address, _minutes = credentials.form_address(talk, kind)
    except NoMoreForms:
        return ()
    return (Button(talk._("打开填卡号的网页"), url=address),) if credentials.opens(talk, address) else ()
