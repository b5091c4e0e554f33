"""多久有效: how long a code, a kept book or a mandate stands: what is asked by name, else what was last talked about."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot import outbox
from bot.folding import fold, trimmed
from bot.handlers import family, keeping
from bot.talk import Talk
from bot.texts import menu, rows
from lending import holds, special_readers

LONG = (
    "多久|多长时间|多长|几天|周几|礼拜几|星期几|多少天|几个?小时|多少小时|几分钟|多少分钟|几个月|什么时候|啥时候|何时|到几[号点]|到哪天|到哪一天|有效期"
)
KEPT = "保留|预留|留着|留|存放|放"
STANDS = f"有效期|有效|失效|作废|过期|到期|{KEPT}"
ABOUT = {  # by the words that name it, in a question and in what was said last
    "fetch": "取书码|取件码|开柜码|柜子里?|书柜里?|取书架上?|服务台|里面|取书",
    "transfer": "转借码|转借",
    "given": "授权码",
    "link": "连接码",
    "mandate": "代办|代取|代借|代还|授权|家人授权|家人代办",
    "hold": "预约|预定|排到的书|排队|等到的书|等的书|到馆的书",
}
NAMED = "|".join(ABOUT.values())
BARE = "这个码|那个码|这码|那码|刚才的码|码"
FILL = (
    "请问|那|我|您|你们?|馆里|这|那|个|本|的|书|能|可以|会|是|还|在|里|给|为|帮|替|一般|最多|最长|都|有|到|了|以后|之后|内|时间|一共|总共|一次|刚才|发|收到|办|好|"
    "货|吗|呢|啊|呀|么|才|就|要|家人|[ ,.?!~]"
)
ASKED = re.compile(rf"(?>{NAMED}|{BARE}|{LONG}|{STANDS}|{FILL})+")
LONGEST = 24
CODES = ("fetch", "transfer", "given", "link")
KEPT_BOOKS = ("fetch", "hold")


def asked(talk: Talk) -> tuple[str, ...]:
    """What a question after a length of time is about; () where it is about something else."""
    said = trimmed(talk.event.text)
    known = talk.intent.name == "show_loans" or talk.slot("query") == keeping.UNTIL
    if known or not 4 <= len(said) <= LONGEST or not ASKED.fullmatch(said):
        return ()
    rest = re.sub(NAMED, "", said)
    if not re.search(LONG, rest) or not re.search(STANDS, rest):
        return ()
    if named := _named(said):
        return named
    if "码" in said:
        return _said_last(talk, CODES) or CODES
    if re.search("到期|过期", said):
        return ()  # 书什么时候到期 is about what is borrowed
    if re.search(KEPT, said):
        return KEPT_BOOKS
    return _said_last(talk, tuple(ABOUT)) or (("mandate",) if family.stands(talk) else tuple(ABOUT))


def _named(said: str) -> tuple[str, ...]:
    return tuple(about for about, words in ABOUT.items() if re.search(words, said))[:1]


def _said_last(talk: Talk, any_of: tuple[str, ...]) -> tuple[str, ...]:
    """Of which of these the last message speaks."""
    channel, address = talk.event.channel, talk.event.address
    last = outbox.newest(talk.db, channel, address)
    said = " ".join(fold(one.reply.text) for one in outbox.after(talk.db, channel, address, last - 1)) if last else ""
    return tuple(about for about in any_of if re.search(ABOUT[about], said))[:1]


def tell(talk: Talk, about: tuple[str, ...]) -> None:
    """What waits for the reader with its day, where that is asked; else what the rules say."""
    _, mine = talk._, talk.acting is None
    if mine and {*KEPT_BOOKS} & {*about} and keeping.waits(talk, ordered="fetch" in about):
        return keeping.show_waiting(talk)
    if mine and about == ("mandate",) and family.stands(talk):
        return family.show(talk)
    lines = [line for one in about for line in RULES[one](talk)]
    marked = [_("· {rule}", rule=line) for line in lines] if len(lines) > 1 else lines
    ways = [menu(_, "show_orders"), menu(_, "show_holds")] if {*KEPT_BOOKS} & {*about} else []
    talk.say("\n".join(marked), rows(*ways, menu(_, "faq"), menu(_, "escalate")))


def _fetch(talk: Talk) -> list[str]:
    _, promise = talk._, talk.policy.promise
    days = promise.pickup_days + special_readers.keep_days(talk.db, talk.reader.id, talk.policy)
    lines = [
        _.n(
            "取书码一直有效到书的保留期满：书放好以后，在书柜或馆里为您保留 {n} 天。",
            "取书码一直有效到书的保留期满：书放好以后，在书柜或馆里为您保留 {n} 天。", days,
        )
    ]  # fmt: skip
    longer = _.n(
        "来不及取，可以多留一次，{n} 天；有别人在等的书除外。",
        "来不及取，可以多留一次，{n} 天；有别人在等的书除外。",
        promise.extend_days,
    )
    return [*lines, longer] if promise.extend_days else lines


def _hold(talk: Talk) -> list[str]:
    _, more = talk._, special_readers.keep_days(talk.db, talk.reader.id, talk.policy)
    usual, boxed = (holds.keep_days(talk.policy, "", kind) + more for kind in ("branch", "locker"))
    text = _("预约一直有效，书到了就告诉您，为您留 {days} 天。", days=usual)
    return [text + (_("选书柜取的留 {days} 天。", days=boxed) if boxed != usual else "")]


def _transfer(talk: Talk) -> list[str]:
    hand = talk.policy.transfers
    return [
        talk._(
            "转借码 {minutes} 分钟内有效，只能用一次；对方接了以后，{confirm} 分钟内请您确认。",
            minutes=hand.code_minutes, confirm=hand.confirm_minutes,
        )
    ]  # fmt: skip


def _given(talk: Talk) -> list[str]:
    codes = talk.policy.codes
    return [
        talk._(
            "授权码 {minutes} 分钟内有效，一天最多输错 {tries} 次；双方都同意才生效。",
            minutes=codes.minutes, tries=codes.tries_a_day,
        )
    ]  # fmt: skip


def _link(talk: Talk) -> list[str]:
    return [talk._("连接码 {minutes} 分钟内有效，只能用一次。", minutes=talk.policy.codes.minutes)]


def _mandate(talk: Talk) -> list[str]:
    family_rules = talk.policy.family
    text = talk._(
        "一次授权最长 {days} 天，最多给 {n} 位。家人替您做的每一件事，您都会知道。",
        days=family_rules.mandate_days, n=family_rules.most,
    )  # fmt: skip
    return [text]


RULES: dict[str, Callable[[Talk], list[str]]] = {
    "fetch": _fetch, "transfer": _transfer, "given": _given, "link": _link, "mandate": _mandate, "hold": _hold,
}  # fmt: skip
