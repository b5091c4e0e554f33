"""A deed that is only spoken of (bot/unasked.py) is not done: it is said so, what is true of it is told, and how it stands
is shown; who does want it has it one press away."""

from __future__ import annotations

from collections.abc import Callable

from bot import acting, offered, unasked
from bot.events import Button
from bot.handlers import (
    account,
    attending,
    borrowing,
    choosing,
    credentials,
    following,
    holding,
    hows,
    linking,
    subscribing,
)
from bot.talk import Talk
from bot.texts import N_, menu, rows
from bot.understanding import Intent
from lending import cart, holds, orders

KNOWN = ("deny", "cancel", "faq", "fees", "escalate")  # what has its answer, whatever button it names
CONSEQUENCES = {  # what whoever asks about it should know
    "renew": N_("续借不收费，也不扣分。"),
    "cancel_order": N_("寄出或放好以前都能取消，不收费，也不扣分；取消以前我会再问您一次。"),
    "cancel_hold": N_("不想等了随时可以取消，不扣分；位置让给下一位，以后要等得重新排。"),
    "borrow": N_("借书先放进借书车；怎么取、多少钱、什么时候到，下单以前都说清楚，您点了「确认下单」才算。"),
    "escalate": N_("要找馆员，点「转人工」，不收费。我能办的，直接说就行。"),
    "erase_data": N_("删了找不回来，所以点了下面的按钮我也会先说清楚删什么、留什么，您再确认一次才删。"),
    "export_data": N_("您的资料可以整份下载，随时能要。"),
    "suggest_purchase": N_("荐购不收费，也不扣分；采购的馆员会看到，有进展就告诉您。"),
}


OF_BUTTONS = {  # the same of a button, by its kind
    "hx": CONSEQUENCES["cancel_hold"], "hr": N_("暂停的时候位置给您留着，先让后面的人，到日子自己接着排。"),
    "cancel": CONSEQUENCES["cancel_order"], "r": CONSEQUENCES["renew"],
}  # fmt: skip
NOTHING_DONE = {"no": N_("好，那就不办，什么都没动。"), "told": N_("先说给您听，什么都没动；要办再告诉我。")}
FORMS: dict[str, tuple[Callable[[Talk], object], str, str]] = {  # given at a word: what asks for it, and its button
    "link": (lambda talk: linking.asked(talk.event.text), N_("连接另一个聊天"), "links"),
    "card": (lambda talk: credentials.asked(talk.event.text), N_("我的证件"), "cards"),
    "subscribe": (subscribing.wished, N_("我的订阅"), "subs"),
}


def asked(talk: Talk) -> str:
    """How the words speak of a deed that they do not ask for; '' where they do, or speak of none."""
    answers = talk.step and talk.intent.likened  # what was asked for in the reader's own words
    return "" if answers else unasked.speaks_of(talk.event.text, talk.intent)


def tell(talk: Talk, how: str) -> None:
    """Within what a mandate lets be done."""
    acting.run(talk, talk.intent.name, _tell, how)


def form(talk: Talk) -> tuple[str, str] | None:
    """Which of these is only spoken of, and how: 不要绑定读者证, 订阅余华要钱吗."""
    for name, (wanted, _label, _action) in FORMS.items():
        if wanted(talk) and (how := unasked.of_deed(talk.event.text, "link" if name == "card" else name)):
            return name, how
    return None


def tell_of_form(talk: Talk, spoken: tuple[str, str]) -> None:
    """None is given; it is one press away."""
    name, how = spoken
    _, (_wanted, label, action) = talk._, FORMS[name]
    talk.say(_(NOTHING_DONE[how]), rows(Button(_(label), action), menu(_, "help"), menu(_, "escalate")))


def _tell(talk: Talk, how: str) -> None:
    """Nothing is done; what was waiting for a yes waits no more, or the next 好 would be one."""
    talk.memory.pop("confirm", None)
    _, deed = talk._, talk.intent.name
    lines = [_(NOTHING_DONE[how])]
    if deed in CONSEQUENCES:
        lines.append(_(CONSEQUENCES[deed]))
    talk.say("\n".join(lines), rows(*_ways(talk, deed)) if deed not in SHOWN or not _stands(talk, deed) else ())
    if deed in SHOWN and _stands(talk, deed):
        talk.intent = Intent(deed, {})
        SHOWN[deed](talk)


def button(talk: Talk) -> str:
    """The label of a button on show that the words only speak of: 按书价赔吗, 我没点确认下单."""
    choices, said = choosing.standing(talk), talk.event.text
    known = talk.intent.name in KNOWN and not talk.intent.likened and not offered.chosen(choices, said, talk.intent)
    return "" if known else offered.spoken_of(choices, said)


def tell_of_button(talk: Talk, label: str) -> None:
    """Nothing is pressed by asking; the buttons stand there once more."""
    _ = talk._
    talk.memory.pop("confirm", None)
    text = _("「{what}」还没有点，什么都没动。要的话点一下，或发「{what}」；拿不准的，可以问馆员。", what=label)
    deed = next((offered.kind(action) for action, shown in choosing.standing(talk) if shown == label), "")
    if deed in OF_BUTTONS:
        text = _.together(_(OF_BUTTONS[deed]), text)
    talk.say(text, rows(*choosing.again(choosing.standing(talk))))


def _ways(talk: Talk, deed: str) -> list[Button]:
    _ = talk._
    own = {"erase_data": Button(_("删除我的数据"), "i:erase_data"), "export_data": menu(_, "export_data")}
    ways = [own[deed]] if deed in own else []
    return [*ways, menu(_, "help"), menu(_, "escalate")]


def _stands(talk: Talk, deed: str) -> bool:
    """Whether there is anything of it to show."""
    reader = (talk.acting.reader if talk.acting else talk.reader).id
    if deed == "cancel_order":
        return bool(orders.of_reader(talk.db, reader, 1))
    if deed == "cancel_hold":
        return bool(holds.of_reader(talk.db, reader))
    return deed not in CARTS or bool(cart.items(talk.db, reader))


CARTS = ("borrow", "add_to_cart", "remove_from_cart")
SHOWN: dict[str, Callable[[Talk], object]] = {  # where it stands, or how it is done, with the buttons that do it
    **hows.TOLD,
    **dict.fromkeys(CARTS, borrowing.show_cart), "cancel_order": following.show_orders, "cancel_hold": holding.show_holds,
    "set_language": account.set_language, "reminder_settings": account.reminder_settings, "sign_up_event": attending.events_to_come,
}  # fmt: skip
