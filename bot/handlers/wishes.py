"""荐购: what a reader wishes for; written down, and a person follows up."""

from __future__ import annotations

import re

from bot import lookups
from bot.events import Button
from bot.folding import letters, trimmed
from bot.handlers import purchasing
from bot.handlers.finding import MARKED, SPOKEN
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from lending import catalogue, wishes
from lending.wishes import Wish

STATES = {
    "new": N_("收到了"), "considered": N_("采购在考虑"), "ordered": N_("已经订购"), "arrived": N_("到馆了"),
    "declined": N_("这次不买"),
}  # fmt: skip
SHOWN = 5
HOW_LONG = re.compile("(?:要|得|大概)(?:等多久|多久|等几天|几天|多长时间)(?:能?到|才?有结果|到馆)?[吗呢啊?？]*$")  # no end of a title
DESCRIBED = re.compile(  # what it is like, or that it is left to us, and no book's name
    ".{0,8}(?:那|这|有)一?[本种些个].*的(?:书|小说)?$|.{0,4}(?:忘|不记得|记不).*|随便|(?:你们?|馆里|馆员)(?:来|看着|自己)?(?:决定|定|选|挑|买)|(?:买|进|来|要)(?:点|些|几本|一些).*|.{0,8}(?:类|方面|题材)的(?:书|小说)?$|.{0,6}的书$"
    r"|(?:some|any)thing\b|(?:a|the|some|that) (?:book|novel)s? (?:about|on|by|with)\b|(?:whatever|nothing|none|no idea|not sure(?: yet)?|you (?:choose|decide|pick))$"
)
ABOUT = re.compile(  # said after 荐购 and not in 《》: how it goes, and no book's name
    r"(?:我|的|书|还|都|要|需要|得|能|可以|会|有没有|有|进度|最多|一次|一个?人|每人|每?个?月|一个?月|每年|一年|一般|大概|是|以后|之后|了|怎么|到底)*"
    r"(?:几[次本个]人?|多少[次本]|多久(?:有?结果|能?到|买|能?买到)?|什么时候(?:能?到|有?结果|能?买到?)|怎[么样]?(?:弄|用|办|操作|荐购|样)?"
    r"|要钱|要不要钱|使唔使[钱錢]|扣分|次数限制|条件|反悔|后悔|(?:什么)?影响|来得及|成功|过|等多久|进度|花钱|收钱|收费|免费|(?:名额|次数|数量|本数)?(?:的)?限制|名额|上限|(?:告诉|通知)我(?:结果)?|知道结果|(?:什么|啥)(?:用|意思|条件|要求|规则))"
    r"[吗嗎呢啊呀的?？]*"
)


def suggest_purchase(talk: Talk) -> None:
    """A title to buy: the one named, or the one just searched for in vain (A10-11)."""
    if purchasing.asked(talk):
        return purchasing.show(talk)
    title, missed = talk.slot("title") or talk.slot("query"), str(talk.memory.pop("missed", ""))
    if (ABOUT.fullmatch(title) or HOW_LONG.search(title)) and not MARKED.search(talk.event.text):
        talk.say(_how_it_goes(talk))
        return ask_title(talk)
    if not title and SPOKEN.search(missed):
        return _ask_first(talk, missed)
    _suggest(talk, title or missed)


def _how_it_goes(talk: Talk) -> str:
    """What was asked about wishing is answered, and not wished for."""
    return talk._("荐购不收钱，也不限本数。馆员看过以后，考虑买、订了、到馆了，或者这次不买和原因，每一步都告诉您；什么时候到要看采购。您是第一位荐购的，到馆了先替您排上。")


def suggest_missed(talk: Talk) -> None:
    """Yes, that is the title."""
    _suggest(talk, str(talk.memory.pop("missed", "")))


def again(talk: Talk, title_id: str) -> None:
    """Another copy: the last one is gone (E3), or all the same."""
    _suggest(talk, catalogue.title(talk.db, int(title_id)).title, another=True)


def _suggest(talk: Talk, title: str, another: bool = False) -> None:
    if not title:
        return ask_title(talk)
    talk.step = ""
    if not another and (ours := _ours(talk, title)):
        return _have_it(talk, ours)
    new, asked = wishes.suggest(talk.db, talk.reader.id, title, talk.now)
    _answer(talk, new, asked)


def _ours(talk: Talk, name: str) -> catalogue.Title | None:
    """The title of ours that is called just so and has copies."""
    found = talk.look_up(lookups.words, name)
    if not found.ids or found.near:
        return None
    title = catalogue.title(talk.db, found.ids[0])
    called_so = letters(title.title) == letters(name)
    return title if called_so and catalogue.availability(talk.db, [title.id])[title.id].total else None


def _have_it(talk: Talk, title: catalogue.Title) -> None:
    """Nothing to buy: it can be borrowed, or waited for; who wants one more says so."""
    _ = talk._
    text = _("馆里就有《{title}》，不用等采购。", title=title.title)
    more = Button(_("还是想荐购"), f"rebuy:{title.id}")
    talk.say(text, rows(Button(_("看这本书"), f"t:{title.id}"), more))


def _ask_first(talk: Talk, said: str) -> None:
    _ = talk._
    talk.memory.update(missed=said, confirm="wish")
    text = _("要荐购的书名是「{said}」吗？不是的话，直接把书名发给我找一找。", said=said[:40])
    talk.say(text, rows(Button(_("就是它"), "wish"), menu(_, "cancel")))


def ask_title(talk: Talk) -> None:
    """Which book; with what this reader asked for before, and what others wish for."""
    _, talk.step = talk._, "suggest"
    lines = [_("想荐购哪本书？发书名给我，有作者更好。")]
    mine = wishes.of_reader(talk.db, talk.reader.id, SHOWN)
    if mine:
        lines += [_("您荐购过的："), *(f"· {state_line(_, one)}" for one in mine)]
    known = {one.id for one in mine}
    others = [one for one in wishes.listed(talk.db, limit=SHOWN * 2) if one.id not in known][:SHOWN]
    if others:
        lines.append(_("大家想看的，点一下就加上您的一票："))
    votes = [Button(_("《{title}》 {n} 票", title=one.title[:14], n=one.votes), f"vote:{one.id}") for one in others]
    talk.say("\n".join(lines), (*rows(*votes, across=1), (Button(_("书店新书"), "shop"), menu(_, "cancel"))))


def state_line(_: Words, one: Wish) -> str:
    """A wish and what became of it."""
    text = _("《{title}》：{state}", title=one.title[:60], state=_(STATES[one.state]))
    return _("{line}（{reason}）", line=text, reason=one.reason) if one.reason else text


def vote(talk: Talk, wish_id: str) -> None:
    """One voice for what another reader asked for."""
    talk.step = ""
    _answer(talk, *wishes.vote(talk.db, talk.reader.id, int(wish_id), talk.now))


def _answer(talk: Talk, new: bool, asked: Wish) -> None:
    """Heard; how many wish for it; and its fate where that is known already."""
    _, title = talk._, asked.title[:80]
    text = _("荐购收到：《{title}》。", title=title) if new else _("您已经荐购过《{title}》。", title=title)
    text += _.n("一共有 {n} 位读者想看它，采购时会看到。", "一共有 {n} 位读者想看它，采购时会看到。", asked.votes)
    if asked.state == "new":
        text += _("有进展就告诉您。")
    else:
        text += "\n" + state_line(_, asked)
    there = (Button(_("看这本书"), f"t:{asked.title_id}"),) if asked.title_id else ()
    talk.say(text, rows(*there, menu(_, "recommend"), menu(_, "escalate")))


def hear_suggestion(talk: Talk) -> None:
    """The words after "which book?"; what was rather said than named is asked about first."""
    talk.step = ""
    said = trimmed(talk.event.text)
    if (SPOKEN.search(talk.event.text) or DESCRIBED.match(said)) and "《" not in talk.event.text:
        return _ask_first(talk, talk.event.text[:80])
    _suggest(talk, talk.event.text.strip(" 《》")[:80])


