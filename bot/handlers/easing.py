"""方便些: what there is for the old, the disabled and the busy, asking to be put down, and large letters (A10-3)."""

from __future__ import annotations

import re

from bot import escalations, family_words, special_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import lists, person
from bot.handlers import loans as loan_lines
from bot.talk import Talk
from bot.texts import Words, menu, rows
from lending import home_returns, loans, points, readers, special_readers

HARD, BLIND, BUSY, LARGE, USUAL = "行动不便", "看不见", "太忙", "大字", "正常大小"  # what phrases.toml makes of the words
ASKED = (HARD, BLIND, BUSY, LARGE, USUAL)
ANOTHER = re.compile(r"妈|爸|爷|奶|外公|外婆|姥|父|母|老伴|家里|老人|[她他]|\bmy (mum|mom|mother|dad|father|grand)")


def asked(talk: Talk) -> None:
    """Whichever was asked."""
    about = talk.slot("query")
    if about in (LARGE, USUAL):
        return size(talk, "large" if about == LARGE else "usual")
    if about == BUSY:
        return busy(talk)
    show(talk)


# ---- for whom coming is hard ---------------------------------------------------------------------------------------


def show(talk: Talk) -> None:
    """What a librarian's word brings, and what anybody has without it; nothing is asked about health."""
    _, said = talk._, fold(talk.event.text)
    brings = [f"· {line}" for line in special_words.brings(_, talk.policy)]
    another = bool(ANOTHER.search(said)) or talk.acting is not None
    mine = not another and special_readers.is_special(talk.db, talk.reader.id)
    lines, ways = [], []
    if talk.slot("query") == BLIND:
        lines.append(_("手机的读屏功能可以把这里念给您听；不用点按钮，回复数字就行。"))
    if brings and mine:
        lines += [_("您已经登记过，这些都有："), *brings]
    elif brings:
        lines += [_("老人、行动不便的读者，书可以借得久一些。请馆员登记一下，就有："), *brings]
        ways.append(Button(_("请馆员登记"), "ease!:other" if another else "ease!"))
    if ways:
        lines.append(_("不问是什么原因，也不记原因。"))
    lines += [_("不用登记也有："), *(f"· {line}" for line in _for_anybody(talk))]
    talk.say("\n".join(lines), rows(*ways, large_button(_, talk), family_words.button(_), menu(_, "escalate")))


def _for_anybody(talk: Talk) -> list[str]:
    """Ways that spare the way here, as far as this library has them."""
    _, policy, lines = talk._, talk.policy, []
    if rounds := [_(one.name) for one in policy.parcels.rounds if not one.place]:
        lines.append(_("图书馆自己送书到家门口（{names}）", names=_.listed(rounds)))
    if policy.fees.rates:
        lines.append(_("快递送到家、上门取回，价钱下单前说清楚"))
    lines.append(_("家人用自己的聊天替您借、取、还"))
    lines.append(_("字可以放大，话可以说短：说「大字」"))
    return lines


def ask(talk: Talk, whose: str = "") -> None:
    """A librarian is asked; what the note says is the wish alone. Asked again it stays one request."""
    _, waiting = talk._, escalations.open_of(talk.db, talk.reader.id)
    another = whose == "other"
    if not another and special_readers.is_special(talk.db, talk.reader.id):
        return show(talk)
    note, before = _("想请馆员登记为来馆不方便的读者。"), _("好，我请馆员来登记。登记好了告诉您。")
    if talk.acting is not None:
        note = _("想请馆员把家人（{number}）登记为来馆不方便的读者。", number=talk.acting.reader.number)
    elif another:
        note = _("想请馆员把一位家人登记为来馆不方便的读者。")
        before = _("好，我请馆员来登记。请在这里写一句是哪位家人，有读者号更好。")
    again = waiting is not None and waiting.asks == escalations.SPECIAL
    person.call(talk, "" if again else note, before, asks=escalations.SPECIAL)


# ---- for the busy --------------------------------------------------------------------------------------------------


def busy(talk: Talk) -> None:
    """What needs no opening hours; and what is at home, with a button to renew it."""
    _, mine = talk._, loans.of_reader(talk.db, talk.reader.id)
    lines = [_("上班忙，这样省时间：")]
    if any(point.kind == "locker" for point in points.points(talk.db)):
        lines.append("· " + _("智能书柜半夜也能取书、还书"))
    lines.append("· " + _("家人用自己的聊天替您借、取、还"))
    ways = []
    if any(loan_lines.renewable(talk, one) for one in mine):
        lines.append("· " + _("看不完先续借，说一声就行"))
        ways.append(menu(_, "renew"))
    if home_returns.fetchable(talk.db, talk.reader.id):
        lines.append("· " + _("快递上门取书，取走就不算超期"))
        ways.append(Button(_("快递上门取"), "fetch"))
    if mine:
        lines += [_("您手上的书："), *(f"{n}. {loan_lines.loan_line(talk, one)}" for n, one in enumerate(mine, 1))]
        talk.memory["loans"] = [one.id for one in mine]
    talk.say("\n".join(lines), rows(*ways, menu(_, "find_branches"), family_words.button(_), menu(_, "escalate")))


# ---- large letters and few words -----------------------------------------------------------------------------------


def large_button(_: Words, talk: Talk) -> Button:
    """To the other size than now."""
    return Button(_("恢复正常大小"), "size:usual") if talk.reader.plain else Button(_("大字"), "size:large")


def size(talk: Talk, which: str) -> None:
    """The reader's own choice, kept until they change it; nobody is asked."""
    readers.set_plain(talk.db, talk.reader.id, which == "large")
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.memory["page"] = 0  # pages are of another length now
    _ = talk._
    if not talk.reader.plain:
        return talk.say(_("好，恢复正常大小。"), rows(menu(_, "browse"), menu(_, "show_loans")))
    text = _(
        "好，以后话说短些，书一次 {n} 本，一行一本。\n网页上的字放大了；别的聊天软件，请在它的设置里调大。\n"
        "要变回来，说「恢复正常大小」。",
        n=lists.FEW,
    )
    talk.say(text, rows(menu(_, "show_loans"), large_button(_, talk)))
