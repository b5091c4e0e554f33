"""怎么续借、怎么预约、怎么转借: the way and the rule with its numbers. Whoever asks how has asked for nothing to be done."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot import late_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import holding
from bot.handlers import loans as renewing
from bot.rulebook import borrowing, sharing
from bot.talk import Talk
from bot.texts import N_, menu, rows
from lending import calendar, loans
from lending.loans import Loan

HOW = re.compile(r"怎么|怎样|如何|咋|\bhow (?:do|does|can|could|to|would|should)\b")
ABOUT = re.compile(  # what stands in such a question, and no book's name
    r"续借?|延期|预约|预定|排队|转借|转给|借给|通知|告诉|办理|操作|才能|可以|朋友|别人|同学|请问|一下|[我书那你们要想能啊呀呢了的吗到就再去给它本这个弄办借]|图书"
    r"|\b(?:i|we|you|one|a|an|the|my|it|book|books|loan|loans|renew|extend|reserve|hold|holds|place|put|on|transfer|pass|hand|give|lend|over|to|for"
    r"|friend|someone|somebody|else|please|go about|renewing|reserving)\b|[ ,.?!~]"
)
LONGEST = 40
MOST_NAMED = 3  # loans of which it is said until when they could be renewed
SAID_BY = {  # without one of these words it is only like it, and told rather than done
    "renew": re.compile("续|延|再[借看宽]|多[借看给宽]|宽限|推迟|缓|久|renew|extend|longer|more"),
    "transfer": re.compile("转|过户|transfer|pass|hand"),
}
IF = re.compile(r"要是|如果|假如|万一|倘若|的话|\bif\b")
ASKS = re.compile(r"(?:[吗嘛么不没呢?？]|怎么办|咋办|咋整|怎样|怎么样|咋样)$|能不能|可不可以|行不行|\b(?:can|may|could|what happens)\b")
WHY = re.compile("(?:为什么|为啥|为何|凭什么|凭啥|怎么|咋)(?:只|才)")
WHOSE = re.compile("算谁的|(?:扣|怪|找|问|罚)谁|谁(?:来|去)?(?:赔|还|负责|管)|who(?:'s| is) (?:responsible|liable)|who (?:pays|has to pay)")
HARMED = re.compile("破|坏|丢|湿|脏|lost|damage|torn")  # in whose hands it was is another question
HOW_MANY_HOLDS = re.compile("(?:能|可以|最多|同时)(?:预约|排队?|约)(?:上)?(?:几|多少)本|(?:能|可以)(?:同时|再)(?:预约|排|约)(?:别的|其[他它]的?|一本|几本)")
TOLD_INSTEAD = ("escalate", "search", "faq", "return_books", "unknown", "transfer")  # what such a question is like
WAITS = re.compile("等|排队|几天|多久")
LATE = re.compile("晚|迟|拖|超期|逾期|过期|late|overdue")
OUT = re.compile("借走|借光|借完|借出|没了|没有了|不在")


def asked(talk: Talk) -> str:
    """What it is asked how to do; '' where a book is named, or the reader asks why something went wrong."""
    said = fold(talk.event.text)
    if supposed := _supposed(talk, said):
        return supposed
    if HOW_MANY_HOLDS.search(said) and not talk.step and (talk.intent.likened or talk.intent.heard or talk.intent.name in ("search", "faq")):
        return "hold"
    named = talk.slot("title") or talk.slot("query") or talk.number() is not None or "《" in said
    if talk.step or talk.wishes or named or talk.intent.name not in TOLD or len(said) > LONGEST:
        return ""
    return talk.intent.name if HOW.search(said) and not ABOUT.sub("", HOW.sub("", said)) else ""


def _supposed(talk: Talk, said: str) -> str:
    """What a question is about that only supposes something: 别人在等的话还能续吗 renews nothing."""
    if IF.search(said) and WHOSE.search(said) and not HARMED.search(said) and not talk.step and not talk.wishes and len(said) <= LONGEST and talk.intent.name in TOLD_INSTEAD:
        return "transfer"  # 他要是没还算谁的: the rule says so, and nobody need be called
    renewing = talk.intent.name == "renew" or (talk.intent.name in TOLD_INSTEAD and SAID_BY["renew"].search(said))
    if renewing and WHY.search(said) and not talk.step and not talk.wishes and talk.number() is None:
        return "renew"  # 为啥只能续一次 renews nothing, 凭什么只让续一次 calls nobody
    if talk.step or talk.wishes or len(said) > LONGEST or not ASKS.search(said.rstrip(" .,!~")):
        return ""
    if talk.intent.likened and talk.intent.name in SAID_BY and not SAID_BY[talk.intent.name].search(said):
        return talk.intent.name  # 看不完咋整: likely a renewal, but none was asked for
    if not IF.search(said):
        return ""
    if talk.intent.name == "renew":
        return "renew"
    if talk.intent.name == "suggest_purchase" and WAITS.search(said):
        return "hold"
    nothing_shown = talk.intent.name == "hold" and talk.memory.get("title") is None and talk.number() is None
    return "hold" if nothing_shown or (talk.intent.name in ("borrow", "add_to_cart") and OUT.search(said)) else ""


def tell(talk: Talk, what: str) -> None:
    """How it is done."""
    TOLD[what](talk)


def _renew(talk: Talk) -> None:
    _, held = talk._, loans.of_reader(talk.db, talk.reader.id)
    lines, kept = borrowing.renewals(_, talk.policy), _kept(talk, held)
    if kept:
        lines = [*kept, _("新借的书照现在的规则：{rule}", rule=lines[0]), *lines[1:]]
    if talk.policy.lending.renewals or kept:
        lines = [_("说「续借」，借着的书一起续；「续借第二本」只续那一本。到期前的提醒里也能点。"), *lines, _("有人预约的书不能续借。")]
    else:
        lines.append(_("要多看几天，点「转人工」，和馆员商量。"))
    days = calendar.load(talk.db, talk.policy)
    could = [one for one in held if renewing.renewable(talk, one)][:MOST_NAMED]
    until = [_("《{title}》现在续一次，到 {day}。", title=one.title, day=_.day(loans.renewed_due(one, talk.policy, talk.now, days))) for one in could]
    lines = [*until, *lines]
    if LATE.search(fold(talk.event.text)):
        lines = [late_words.beforehand(_, talk.policy), *lines]
    ways = [menu(_, "renew")] if any(loans.renewals_allowed(one, talk.policy) for one in held) else []
    talk.say("\n".join(lines), rows(*ways, menu(_, "show_loans"), menu(_, "faq"), menu(_, "escalate")))


def _kept(talk: Talk, held: Sequence[Loan]) -> list[str]:
    """What was told with the books at home, where the rule of today gives less (B2-12)."""
    _, rules, told = talk._, talk.policy.lending, dict[tuple[int, int], list[str]]()
    for one in held:
        times, days = loans.renewals_allowed(one, talk.policy), loans.terms_of(one, talk.policy).renewal_days
        if times and (one.told_renewals > rules.renewals or one.told_days > rules.renewal_days):
            told.setdefault((times, days), []).append(one.title)
    line = N_("您手上的{books}，照借的时候说好的：可续借 {times} 次，每次 {days} 天。")
    return [_(line, books=_.books(titles), times=times, days=days) for (times, days), titles in told.items()]


def _hold(talk: Talk) -> None:
    _, days, most = talk._, talk.policy.promise.hold_days, holding.most(talk)
    lines = [
        _("发书名，都借出去了的书点「预约这本」，或者说「预约《围城》」。"),
        _("书一到就告诉您，为您留 {days} 天；不想等了，随时可以取消或暂停。", days=days),
    ]
    if most is not None:
        lines.append(_.n("一次最多预约 {n} 本。", "一次最多预约 {n} 本。", most))
    shown = talk.memory.get("title")
    ways = [Button(_("看这本书"), f"t:{shown}")] if shown is not None else []
    talk.say("\n".join(lines), rows(*ways, menu(_, "show_holds"), menu(_, "browse"), menu(_, "escalate")))


def _transfer(talk: Talk) -> None:
    _ = talk._
    lines = [
        _("说「转借」，您选一本，我给一个码；朋友把码发给我，您再确认，就换到朋友名下。"),
        *sharing.handing_on(_, talk.policy),
    ]
    talk.say("\n".join(lines), rows(menu(_, "transfer"), menu(_, "show_loans"), menu(_, "escalate")))


TOLD: dict[str, Callable[[Talk], None]] = {"renew": _renew, "hold": _hold, "transfer": _transfer}
