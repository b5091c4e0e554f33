"""Words in the reader's language: catalogues, numbers, dates, money, and the sentence for every refusal."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import opencc
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.events import Button
from lending import (
    additions,
    appeals,
    appointments,
    attendance,
    cards,
    cart,
    case_effects,
    checkouts,
    closings,
    copy_states,
    credit,
    door_codes,
    drifting,
    events,
    evidence,
    extensions,
    freezes,
    holds,
    home_returns,
    mandates,
    merging,
    minors,
    misscans,
    privacy,
    purchases,
    reviews,
    scopes,
    secret_forms,
    shelf,
    sign_ups,
    stock_takes,
    subscriptions,
    transfers,
    wishes,
)
from lending import errors as e
from lending.decisions import Decision, Reason
from lending.model import LIBRARY_ZONE, library_day

OWN_NAMES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}  # also understood when said in the talk
LANGUAGES = tuple(OWN_NAMES)
CATALOGUES = Path(__file__).parent.parent / "locale"
DOMAIN = "shuxin"
EVERY_YEAR = -1  # as `this_year`: of what is read years later no year goes without saying
TRADITIONAL = ("hant", "tw", "hk", "mo")


def N_(msgid: str) -> str:
    """Mark a sentence for translation where it is written; it is translated where it is said."""
    return msgid


def language_of(tag: str) -> str:
    """The catalogue for any form of language tag: zh-TW, zh_Hant_HK, en-GB, '' …; others read English."""
    parts = tag.replace("-", "_").lower().split("_")
    if parts[0] in ("zh", "yue", "cmn", ""):
        return "zh_Hant" if any(part in TRADITIONAL for part in parts[1:]) else "zh_Hans"
    return "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The language's .po file, compiled in memory so that words on disk and words said never differ."""
    path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _traditional() -> opencc.OpenCC:
    """Of what a library writes itself; our own sentences have their catalogue."""
    return opencc.OpenCC("s2tw")


_A_LANE = re.compile(r"裡(?= ?\d|小區|社區|[街巷弄])")  # 荷風里 12 號 is a neighbourhood, and not inside anything


@lru_cache(1000)
def _in_traditional(text: str) -> str:
    said = _traditional().convert(text).replace("智能借書", "智慧借書")  # as our own sentences call a locker
    return _A_LANE.sub("里", said)


def warm() -> None:
    """Read what turns a library's own words into 繁體 now, not while somebody waits."""
    _traditional()


class Words:
    """One language: `_("…{n}…", n=3)` says a sentence, `_.n(one, many, n)` a counted one.

    Where it knows which year it is, days of other years are said with theirs.
    """

    def __init__(self, language: str, this_year: int = 0) -> None:
        self.language = language if language in LANGUAGES else language_of(language)
        self._this_year = this_year
        self._catalogue = _catalogue(self.language)

    def __call__(self, msgid: str, **values: Any) -> str:
        text = self._catalogue.gettext(msgid)
        return text.format(**values) if values else text

    def n(self, one: str, many: str, n: int, **values: Any) -> str:
        """A sentence about n things."""
        return self._catalogue.ngettext(one, many, n).format(n=n, **values)

    def together(self, *sentences: str) -> str:
        """Whole sentences one behind the other, with a blank between them where the language has one."""
        return (" " if self.language == "en" else "").join(sentence for sentence in sentences if sentence)

    def called(self, chinese: str, english: str) -> str:
        """What a library calls a place and where it says that is, in the reader's language and script."""
        if self.language == "en":
            return english or chinese
        return _in_traditional(chinese) if self.language == "zh_Hant" else chinese

    def day(self, moment: datetime) -> str:
        """12月30日 · 30 Dec, in the library's zone."""
        return self.date(library_day(moment))

    def date(self, day: date) -> str:
        """12月30日（周三） · Wed 30 Dec."""
        return _day(self.language, day, self._this_year not in (0, day.year))

    def time(self, moment: datetime) -> str:
        """21:00, in the library's zone."""
        local = moment.astimezone(LIBRARY_ZONE)
        return f"{local.hour:02}:{local.minute:02}"

    def moment(self, moment: datetime) -> str:
        """Day and time."""
        return f"{self.day(moment)} {self.time(moment)}"

    def money(self, fen: int) -> str:
        """¥3, ¥3.50."""
        parted = "," if self.language == "en" else ""  # ¥10,000
        return f"¥{fen // 100:{parted}}" if fen % 100 == 0 else f"¥{fen / 100:{parted}.2f}"

    def books(self, titles: list[str]) -> str:
        """《甲》《乙》 · 《A》, 《B》."""
        return (", " if self.language == "en" else "").join(f"《{title}》" for title in titles)

    def listed(self, items: Iterable[str]) -> str:
        """甲、乙 · A, B."""
        return (", " if self.language == "en" else "、").join(items)


@lru_cache(1024)
def _day(language: str, day: date, with_year: bool) -> str:
    if language == "en":
        return format_date(day, "EEE d MMM y" if with_year else "EEE d MMM", locale=language)
    return format_date(day, "y年M月d日（EEE）" if with_year else "M月d日（EEE）", locale=language)


Sentence = Callable[[Words, Any], tuple[str, tuple[Button, ...]]]


def refusal(_: Words, error: Exception) -> tuple[str, tuple[Button, ...]]:
    """The words for a refusal and the ways out of it, a person always among them (A11-5: no rule has the last word).

    Every LendingError has a sentence here; a test sees to it.
    """
    text, ways = REFUSALS[type(error)](_, error)
    person = menu(_, "escalate")
    return text, ways if person in ways else (*ways, person)


def reason(_: Words, why: Reason) -> str:
    """One reason of a decision as a sentence with the reader's own numbers."""
    return REASONS[why.code](_, why)


def material(_: Words, code: str) -> str:
    """The form of a copy in words; one we have no word for as the catalogue writes it."""
    return _(MATERIALS[code]) if code in MATERIALS else code


def _unknown(_: Words, error: e.UnknownThing) -> tuple[str, tuple[Button, ...]]:
    kinds = {
        "title": _("没有找到这本书，可能已经下架了。换个书名试试？"),
        "order": _("没有找到这个订单。看看您的全部订单？"),
        "loan": _("这本书已经不在您的借阅里了，可能刚刚归还。"),
        "hold": _("这个预约已经不在了。"),
        "pickup_code": _("取书码不对，或者书已经取走了。"),
        "card": _("这张卡还没有连上账户。在聊天里说「自助机」，马上能领一张。"),
        "case": _("没有找到这个个案，可能已经办结了。"),
        "appeal": _("没有找到这条申诉。在「我的信用」里，每一条记录都可以申诉。"),
        "barcode": _("没有这个条码，请核对书后的号码。"),
        "point": _("没有这个网点。"),
        "city": _("我们在「{name}」还没有网点。说「有哪些城市」，看看都有哪里。", name=error.name),
        "transfer_code": _("这个转借码不对、已经用过，或者过了时间。请对方重新给一个。"),
        "transfer": _("这次转借已经结束了。需要的话重新来一次。"),
        "shop_book": _("这本新书已经不在书店的书单上了。"),
        "purchase": _("没有找到这笔新书采购。"),
        "wish": _("没有找到这条荐购。"),
        "mandate": _("这个授权已经结束了，什么也没有做。现在办您自己的事。"),
        "acting": _("离上次代办有一会儿了，刚才这句没有替别人做。要接着代办，说「替谁借」；办自己的事，再说一次就行。"),
        "door_claim": _("柜门的事已经处理好了。看看这个订单现在怎么样？"),
        "shelf_check": _("这本书已经有结果了。看看您的借阅？"),
        "event": _("没有找到这个活动。"),
        "sign_up": _("您没有报这个活动，不用取消。"),
        "event_door": _("这个签到码没有对上，请照着门口的海报再抄一遍，或者请现场的馆员帮您签。"),
        "appointment": _("没有约好的取书时间，不用退。开门的时候随时来，报号码就能取。"),
        "own_book": _("这本漂流书现在不在您这里，或者已经收回了。"),
    }
    return kinds.get(error.kind, _("没有找到。")), (menu(_, "show_orders"), menu(_, "show_loans"), menu(_, "escalate"))


def _no_copy(_: Words, error: e.NoCopyAvailable) -> tuple[str, tuple[Button, ...]]:
    if not error.owned:
        told = _("《{title}》馆里现在一册也没有，暂时借不了。可以荐购，买到了就告诉您。", title=error.title)
        return told, (menu(_, "suggest_purchase"), menu(_, "browse"), menu(_, "escalate"))
    buttons = (
        Button(_("预约这本"), f"hold:{error.title_id}"),
        Button(_("先借其他的"), f"drop:{error.title_id}"),
    )
    if error.shut:
        return _("《{title}》在关了的馆里，等馆员搬出来才能借。要排队等它吗？", title=error.title), buttons
    return _("《{title}》刚刚被别的读者借走了。要排队等它吗？", title=error.title), buttons


def _not_allowed(_: Words, error: e.NotAllowed) -> tuple[str, tuple[Button, ...]]:
    decision: Decision = error.decision
    sentences = [reason(_, why) for why in decision.reasons]
    if len(sentences) > 1:
        sentences = [f"{number}. {sentence}" for number, sentence in enumerate(sentences, 1)]
    ways = list(dict.fromkeys(way for why in decision.reasons for way in why.ways))
    return "\n".join(sentences), tuple(menu(_, way) for way in ways)


def _locker_full(_: Words, error: e.LockerFull) -> tuple[str, tuple[Button, ...]]:
    text = _("「{locker}」现在没有放得下这些书的空格口。", locker=error.locker)
    if error.others:
        text += _("这些书柜还有空位：{others}。", others=_.listed(error.others[:3]))
    else:
        text += _("其他书柜也满了，可以送到家或到馆自取。")
    return text, (menu(_, "checkout"), menu(_, "escalate"))


def _cannot_renew(_: Words, error: e.CannotRenew) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "limit": _("《{title}》已经续借过 {n} 次，到上限了。", title=error.title, n=error.number)
        if error.number else _("按馆里的规则，《{title}》不能续借。看完还回来，还想看可以再借。", title=error.title),
        "waiting": _.n(
            "《{title}》有 {n} 位读者在等，这次不能续借。按时还回来，就是帮了他们。",
            "《{title}》有 {n} 位读者在等，这次不能续借。按时还回来，就是帮了他们。",
            error.number,
            title=error.title,
        ),
        "overdue": _.n(
            "《{title}》已经超期 {n} 天，先还回来，之后可以再借。",
            "《{title}》已经超期 {n} 天，先还回来，之后可以再借。",
            error.number,
            title=error.title,
        ),
        "frozen": _.n(
            "借阅暂停中，还有 {n} 天恢复，这之前《{title}》不能续借；按时归还不受影响。",
            "借阅暂停中，还有 {n} 天恢复，这之前《{title}》不能续借；按时归还不受影响。",
            error.number,
            title=error.title,
        ),
        "recalled": _.n(
            "《{title}》有 {n} 位读者在等，已请您提前还，这次不能续借。读完还想看，可以再排队。",
            "《{title}》有 {n} 位读者在等，已请您提前还，这次不能续借。读完还想看，可以再排队。",
            error.number,
            title=error.title,
        ),
        "claimed": _("您说《{title}》已经还了，我们正在找，不用续借，也不会算超期。", title=error.title),
        "collected": _("《{title}》快递已经取走，正在回馆的路上，不用续借。", title=error.title),
        "lost": _("《{title}》登记了丢失，先等馆员和您商量；要是找到了，说一声「书找到了」就好。", title=error.title),
    }
    ways = {
        "frozen": ("show_credit", "return_books"),
        "claimed": ("show_loans", "escalate"),
        "collected": ("show_loans",),
        "lost": ("escalate", "show_loans"),
    }
    return texts[error.reason], tuple(menu(_, way) for way in ways.get(error.reason, ("return_books", "escalate")))


def _cannot_change(_: Words, error: e.CannotChange) -> tuple[str, tuple[Button, ...]]:
    if error.kind == "case":
        state = _(CASE_STATES[error.state])
        text = _("个案 {number} 现在是「{state}」，这一步做不了了。", number=error.number, state=state)
        return text, (Button(_("看这个个案"), f"pf:{error.number}"), menu(_, "escalate"))
    if error.kind == "appeal":
        state = _(APPEAL_STATES[error.state])
        text = _("申诉 {number} 现在是「{state}」，这一步做不了了。", number=error.number, state=state)
        return text, (Button(_("看这条申诉"), f"ga:{error.number}"), menu(_, "escalate"))
    if error.kind == "loan":
        text = _("这本书的情况刚刚变了，这一步做不了了。现在怎样看「我的借阅」，需要帮忙就找馆员。")
        return text, (menu(_, "show_loans"), menu(_, "escalate"))
    state = _(ORDER_STATES.get(error.state, error.state))
    return (
        _("订单 {number} 现在是「{state}」，这一步做不了了。需要帮忙就找馆员。", number=error.number, state=state),
        (menu(_, "show_orders"), menu(_, "escalate")),
    )


def _not_for_loan(_: Words, error: checkouts.NotForLoan) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "on_loan": _("《{title}》还在别的读者名下，请交给馆员。", title=error.title),
        "reserved": _("《{title}》是为另一位读者留的，请放到预约架。想看可以排队等它。", title=error.title),
    }
    other = _("《{title}》现在不能外借，请交给馆员看一看。", title=error.title)
    return texts.get(error.state, other), (menu(_, "escalate"),)


def _cannot_transfer(_: Words, error: transfers.CannotTransfer) -> tuple[str, tuple[Button, ...]]:
    title, n = error.title, error.number
    texts = {
        "waiting": _.n(
            "《{title}》有 {n} 位读者在排队，先还回来给下一位；朋友也可以预约排上。",
            "《{title}》有 {n} 位读者在排队，先还回来给下一位；朋友也可以预约排上。",
            n,
            title=title,
        ),
        "queue": _.n(
            "《{title}》有 {n} 位读者在排队，现在不能转给您；想看可以预约，排在他们后面。",
            "《{title}》有 {n} 位读者在排队，现在不能转给您；想看可以预约，排在他们后面。",
            n,
            title=title,
        ),
        "overdue": _("《{title}》已经超期，先还到任何馆或书柜，朋友就能马上借。", title=title),
        "stopped": _("《{title}》正在办别的手续，暂时不能转。", title=title),
        "withdrawn": _("《{title}》下架了，不再借给别的读者；您手上的照常看，到期还回来就好。", title=title),
        "same_title": _("同一本书一年最多转 {n} 次。还到任何馆或书柜，朋友就能借。", n=n),
        "year": _("一年最多转借 {n} 次。还到任何馆或书柜，朋友就能借。", n=n),
        "own": _("这是您自己给出的码，要由对方来扫。"),
        "home": _("《{title}》现在要先回主人那里。", title=title),
        "receiver": _("对方现在还不能接《{title}》，没有换人。请对方看看自己的借阅。", title=title),
    }
    if error.title_id:
        return texts[error.reason], (Button(_("预约这本"), f"hold:{error.title_id}"), menu(_, "escalate"))
    return texts[error.reason], (menu(_, "return_books"), menu(_, "show_loans"), menu(_, "escalate"))


def _cannot_buy(_: Words, error: purchases.CannotBuy) -> tuple[str, tuple[Button, ...]]:
    title, shop = error.title, Button(_("书店新书"), "shop")
    texts = {
        "price": _(
            "《{title}》超过了每本 {money} 的上限。可以荐购，由采购来定。", title=title, money=_.money(error.number)
        ),
        "month": _("这个月您已经选满 {n} 本新书了，下个月再来。", n=error.number),
        "year": _("今年给您买新书的钱，这本加上就超过 {money} 了，明年再来；也可以荐购。", money=_.money(error.number)),
        "budget": _("这个月的新书经费用完了，下个月再来；也可以荐购。"),
        "bought": _("《{title}》刚刚有读者选走了，到馆后可以预约。", title=title),
        "withdrawn": _("《{title}》馆里下架了，不再采购。", title=title),
        "ours": _("好消息：《{title}》馆里已经有了。", title=title),
    }
    here = (Button(_("看这本书"), f"t:{error.title_id}"),) if error.title_id else ()
    return texts[error.reason], (*here, shop, menu(_, "suggest_purchase"))


def _not_kept_longer(_: Words, error: extensions.NotKeptLonger) -> tuple[str, tuple[Button, ...]]:
    """Why not, and until when the books are kept as it is."""
    texts = {
        "never": _("这里的书不能多留。"),
        "over": _("这些书已经不在等您取了。"),
        "door": _("柜门没开，取书的时间已经停住了，不用多留；门修好了从头算。"),
        "once": _("已经多留过一次了。来不了也没关系，想看随时再借。"),
        "waited_for": _("有读者在等这本书，这次不能多留了。来不了也没关系，可以让给他，再排一次队。"),
    }
    text = texts[error.why]
    if error.until:
        text = _("{why}\n现在保留到 {moment}。", why=text, moment=_.moment(error.until))
    return text, (menu(_, "show_orders"), menu(_, "show_holds"), menu(_, "escalate"))


def _nothing_to_redeem(_: Words, error: credit.NothingToRedeem) -> tuple[str, tuple[Button, ...]]:
    if error.most and error.taken >= error.most:
        text = _("已经换满 {n} 本了，这是上限。", n=error.most)
    elif error.points:
        text = _("每满 {points} 分可换多借一本；您现在 {balance} 分。", points=error.points, balance=error.balance)
    else:
        text = _("本馆的规则里没有积分兑换。")
    return text, (menu(_, "show_credit"), menu(_, "faq"))


def _cannot_add(_: Words, error: additions.CannotAdd) -> tuple[str, tuple[Button, ...]]:
    number, state = error.number, _(ORDER_STATES[error.state])
    texts = {
        "packed": _("订单 {number} 现在是「{state}」，加不进去了。书还在借书车里，可以另下一单。", number=number, state=state),
        "late": _("订单 {number} 已经晚了，对不起；为了不更晚，不再往里加书。书还在借书车里，可以另下一单。", number=number),
        "box": _("订单 {number} 的书柜放不下更多的书了，原来的照旧。书还在借书车里，可以另下一单。", number=number),
        "many": _(
            "一张订单最多 {n} 本，加进订单 {number} 就多了。书还在借书车里，可以另下一单。", n=error.most, number=number
        ),
    }
    return texts[error.reason], (Button(_("另下一单"), "i:checkout"), menu(_, "show_cart"), menu(_, "escalate"))


def _cannot_merge(_: Words, error: merging.CannotMerge) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "limit": _("两边手上和订单里一共 {n} 本，超过了 {limit} 本；先还几本。", n=error.in_hand, limit=error.limit),
        "frozen": _("有一边的借阅暂停着；恢复以后再连。"),
        "overdue": _("这边有超期的书；先还回来。"),
        "case": _("有没办结的个案或申诉；等办结。"),
        "hold": _("两边都在等同一本书；先取消一边的预约。"),
        "transfer": _("这边有正在进行的转借；先完成或取消。"),
        "child": _("有一边是孩子的账户，大人的和孩子的不能并成一个；请馆员来办。"),
        "draw": _("这边还有免运费的抽签或中签；用掉或等结果。"),
    }
    lines = [_("现在还连不上，两边都没有动："), *(_("· {rule}", rule=texts[code]) for code in error.reasons)]
    return "\n".join(lines), (menu(_, "show_loans"), menu(_, "escalate"))


def _cannot_mandate(_: Words, error: mandates.CannotMandate) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "code": _("这个授权码不对、已经用过，或者过了时间。请对方重新给一个。"),
        "tries": _("今天试了太多次，请明天再试；也可以请馆员当面登记。"),
        "own": _("这是您自己的授权码。请家人在 TA 自己的聊天里发。"),
        "most": _("最多 {n} 位，已经满了。先取消一位，或请馆员当面登记。", n=error.number),
        "minor": _("还没成年，授权的事由家长来定；家长也可以请馆员改。"),
        "guardian": _("已经有监护人了。要换，请监护人和馆员当面登记。"),
        "child": _("这一步要成年人来做。请家长试试，或者找馆员。"),
    }
    return texts[error.reason], (Button(_("我的家人"), "fam"), menu(_, "escalate"))


def _not_in_scope(_: Words, error: scopes.NotInScope) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "fetch_code": _("对方没有授权您代取。"),
        "use_address": _("对方没有让您看送书地址，可以放到书柜或到馆自取。"),
        "order": _("对方没有授权您代借。"),
        "renew": _("对方没有授权您代续。"),
        "see_loans": _("对方没有授权您看借阅。"),
    }
    text = texts.get(error.act, _("这件事没有授权给您，要本人来办。"))
    return text + _("需要的话，请对方再给一次授权码。"), (Button(_("换回自己"), "actx"), Button(_("我的家人"), "fam"))


def _guardian_needed(_: Words, error: minors.GuardianNeeded) -> tuple[str, tuple[Button, ...]]:
    bureau = error.what == "bureau"
    text = _("没成年的读者不查任何信用分，家长同意就能借。") if bureau else _("这一步要家长先同意。")
    return text, (menu(_, "ask_guardian"), menu(_, "browse"), menu(_, "escalate"))


def _cannot_sign_up(_: Words, error: sign_ups.CannotSignUp) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "over": _("「{name}」已经开始了，报名和取消都来不及了；现场有馆员，可以问问他们。", name=error.name),
        "until": _("「{name}」的报名截止了。还有别的活动，也可以问问馆员。", name=error.name),
        "cancelled": _("「{name}」取消了，什么也不用做。看看别的？", name=error.name),
        "people": _.n("一次最多报 {n} 位，人多的话请馆员安排。", "一次最多报 {n} 位，人多的话请馆员安排。", error.number),
    }
    return texts[error.reason], (Button(_("看这个活动"), f"ev:{error.event_id}"), Button(_("别的活动"), "evs:0"))


def _cannot_check_in(_: Words, error: attendance.CannotCheckIn) -> tuple[str, tuple[Button, ...]]:
    opens = _.moment(error.at) if error.at else ""
    texts = {
        "early": _("「{name}」还没到签到的时候，{moment} 起可以签。", name=error.name, moment=opens),
        "over": _("「{name}」的签到结束了。您来过的话，请馆员补记一下。", name=error.name),
        "cancelled": _("「{name}」取消了，什么也不用做。看看别的？", name=error.name),
        "waiting": _("「{name}」您还在排队。有空位的话，请现场的馆员帮您签。", name=error.name),
        "unknown": _("「{name}」里没有您的报名。还能报的话，先点进去报名，再签到；也可以请现场的馆员帮忙。", name=error.name),
    }
    return texts[error.reason], (Button(_("看这个活动"), f"ev:{error.event_id}"), Button(_("别的活动"), "evs:0"))


def _no_appointment(_: Words, error: appointments.NoAppointment) -> tuple[str, tuple[Button, ...]]:
    """Coming without one is always possible; the next free times stand as buttons."""
    texts = {
        "here": _("这里取书不用约，开门的时候随时来，报号码就能取。"),
        "order": _("这个订单现在没有要约的：书不在服务台等您，也不会放到那里。"),
        "late": _("这一单比答应您的晚了，对不起。书放好了马上告诉您，那时再约。"),
        "taken": _("那个时间刚刚约满了。"),
        "outside": _("那个时间约不了：还没备好、不开门，或者过了保留的日子。"),
    }
    text = texts[error.why]
    if error.why in ("taken", "outside"):
        text = _.together(text, _("最近的几个：") if error.near else _("不约也行，开门的时候随时来。"))
    near = [Button(_.moment(at), f"ap+:{error.number}:{slot_code(at)}") for at in error.near]
    more = (Button(_("看别的时间"), f"ap:{error.number}"),) if error.near else ()
    return text, (*near, *more, Button(_("看这个订单"), f"order:{error.number}"))


def _not_waiting(_: Words, error: appointments.NotWaiting) -> tuple[str, tuple[Button, ...]]:
    text = _(
        "订单 {number} 现在是「{state}」，书不在服务台等您。看看它现在到哪儿了？",
        number=error.number, state=_(ORDER_STATES[error.state]),
    )  # fmt: skip
    return text, (Button(_("看这个订单"), f"order:{error.number}"), menu(_, "escalate"))


def slot_code(at: datetime) -> str:
    """A moment as a button carries it: 202611211000, in the library's zone."""
    return f"{at.astimezone(LIBRARY_ZONE):%Y%m%d%H%M}"


def _bad_event(_: Words, error: events.BadEvent) -> tuple[str, tuple[Button, ...]]:
    texts = {
        "name": _("给活动起个名字。"),
        "place": _("请选一个馆，或者写上在哪里。"),
        "order": _("结束的时间要在开始之后。"),
        "past": _("开始的时间已经过去了。"),
        "until": _("报名最晚到开始的时候。"),
        "far": _("年份像是写错了：活动和报名都要在 {n} 年之内。", n=error.number),
        "seats": _("位子不能少于 {n} 个：已经报了名的都要有。", n=error.number),
        "closed": _(
            "{day}那里闭馆，活动放不进去。最近开门的是{other}；或者改到别的馆，或者不选馆、写上在哪里。",
            day=_.date(error.day) if error.day else "", other=_.date(error.other) if error.other else "",
        ),
    }  # fmt: skip
    return texts[error.reason], (Button(_("别的活动"), "evs:0"),)


REFUSALS: dict[type[Exception], Sentence] = {
    sign_ups.CannotSignUp: _cannot_sign_up,
    attendance.CannotCheckIn: _cannot_check_in,
    events.BadEvent: _bad_event,
    appointments.NoAppointment: _no_appointment,
    appointments.NotWaiting: _not_waiting,
    events.EventMoved: lambda _, x: (
        _("「{name}」已经取消或结束了，没有再改。", name=x.name),
        (Button(_("别的活动"), "evs:0"),),
    ),
    mandates.CannotMandate: _cannot_mandate,
    scopes.NotInScope: _not_in_scope,
    minors.GuardianNeeded: _guardian_needed,
    e.UnknownThing: _unknown,
    e.NoCopyAvailable: _no_copy,
    e.NotAllowed: _not_allowed,
    e.LockerFull: _locker_full,
    e.CannotRenew: _cannot_renew,
    e.CannotChange: _cannot_change,
    merging.CannotMerge: _cannot_merge,
    additions.CannotAdd: _cannot_add,
    appeals.SameEyes: lambda _, x: (
        _("申诉 {number} 要由另一位馆员来看，一个人不能定两次。", number=x.number),
        (menu(_, "escalate"),),
    ),
    evidence.PhotosFull: lambda _, x: (
        _("这个个案已经有 {n} 张照片了，够看清楚了，谢谢您。", n=x.most),
        (menu(_, "show_loans"), menu(_, "escalate")),
    ),
    evidence.NoPhoto: lambda _, x: (
        _("这张图片没能收下，请发 JPEG、PNG 或 WebP 照片，或者用文字告诉馆员。"),
        (menu(_, "show_loans"), menu(_, "escalate")),
    ),
    misscans.ScanStands: lambda _, x: (
        _("《{title}》撤不回来了：等它的读者已经知道，或者后来又有了变化。", title=x.title),
        (menu(_, "escalate"),),
    ),
    copy_states.CannotStep: lambda _, x: (
        _("《{title}》现在不在可以这样办的状态，什么都没改。", title=x.title), (menu(_, "escalate"),)
    ),
    stock_takes.TakeMoved: lambda _, x: (_("这次清点已经结束了，什么都没改。"), (menu(_, "escalate"),)),
    stock_takes.NothingScanned: lambda _, x: (
        _("还一本都没有扫，这样结束的话全部的书都会记成缺失。先扫几本，或者点「不清点了」。"), (menu(_, "escalate"),)
    ),
    door_codes.CodeTaken: lambda _, x: (
        _("凭证码 {code} 已经有别的读者用过了。请照着书柜的屏幕再抄一遍，或者拍张照片。", code=x.code),
        (menu(_, "show_loans"), menu(_, "escalate")),
    ),
    case_effects.NoPrice: lambda _, x: (_("《{title}》没有书价，请写上价钱。", title=x.title), (menu(_, "escalate"),)),
    case_effects.BarcodeTaken: lambda _, x: (
        _("新书要贴一个没用过的条码，「{barcode}」不行。", barcode=x.barcode),
        (menu(_, "escalate"),),
    ),
    e.CartEmpty: lambda _, x: (
        _("借书车里还没有书。想看什么？直接发书名或作者给我。"),
        (menu(_, "new_books"), menu(_, "browse")),
    ),
    e.OutsideServiceArea: lambda _, x: (
        _("快递目前只送本市。可以选智能书柜或到馆自取，都不收费。"),
        (menu(_, "checkout"), menu(_, "find_branches")),
    ),
    e.PriceChanged: lambda _, x: (
        _(
            "今天的免费配送刚刚送完了，这一单要 {fee}，还没有下单。书柜和自取一直是 ¥0。",
            fee=_.money(x.fee_fen),
        ),
        (menu(_, "checkout"), menu(_, "show_cart")),
    ),
    e.OtherMaterial: lambda _, x: (
        _(
            "《{title}》刚才那一册被别人借走了，换上来的一册是{material}，还没有下单。",
            title=x.title,
            material=material(_, x.material),
        ),
        (menu(_, "checkout"), menu(_, "show_cart")),
    ),
    e.BadAddress: lambda _, x: (
        _("地址还差一点：请写上收件人、手机号和详细地址，例如「李明 13800000000 春风路8号3单元201」，分几条发也行。"),
        (menu(_, "cancel"),),
    ),
    cart.CartFull: lambda _, x: (
        _("借书车最多放 {n} 本，先借走一些再放吧。", n=x.limit),
        (menu(_, "show_cart"), menu(_, "checkout")),
    ),
    home_returns.NothingToFetch: lambda _, x: (
        _("现在没有要还的书。"),
        (menu(_, "show_loans"), menu(_, "new_books")),
    ),
    closings.BadDays: lambda _, x: (_("这几天登记不了，请核对日期和时间。"), (menu(_, "escalate"),)),
    cart.AlreadyHere: lambda _, x: (
        _("《{title}》已经在您手上或订单里了。", title=x.title),
        (menu(_, "show_loans"), menu(_, "show_orders")),
    ),
    holds.AlreadyHeld: lambda _, x: (
        _("您已经在排《{title}》了，现在是第 {n} 位。", title=x.title, n=x.position),
        (menu(_, "show_holds"),),
    ),
    holds.HoldsFull: lambda _, x: (
        _("您的等级可以同时预约 {n} 本，已经排满了。取消一个再约，或攒分升一级。", n=x.limit),
        (menu(_, "show_holds"), menu(_, "show_credit")),
    ),
    credit.NothingToRedeem: _nothing_to_redeem,
    freezes.NotFrozen: lambda _, x: (
        _("借阅现在没有暂停，或者这个办法在本馆不适用。"),
        (menu(_, "show_credit"), menu(_, "escalate")),
    ),
    holds.NoNeedToHold: lambda _, x: (
        _("好消息：《{title}》现在就能借，不用预约。", title=x.title),
        (Button(_("借这本"), f"b:{x.title_id}"),),
    ),
    cards.CardBlocked: lambda _, x: (
        _("这张卡已停用，账户不受影响。在聊天里说「自助机」，马上能领一张新的。"),
        (menu(_, "escalate"),),
    ),
    cards.CardTaken: lambda _, x: (
        _("尾号 {tail} 的卡已经连着另一个账户了，请找馆员看一看。", tail=x.tail),
        (menu(_, "escalate"),),
    ),
    secret_forms.NoMoreForms: lambda _, x: (
        _("今天已经开过 {n} 次填卡号的网页了，请明天再来；也可以带着卡到服务台，馆员帮您连上。", n=x.most),
        (menu(_, "find_branches"), menu(_, "escalate")),
    ),
    checkouts.NotForLoan: _not_for_loan,
    transfers.CannotTransfer: _cannot_transfer,
    subscriptions.TooManySubscriptions: lambda _, x: (
        _.n("一共能订阅 {n} 个，已经满了。取消一个，就能再订。", "一共能订阅 {n} 个，已经满了。取消一个，就能再订。", x.most),
        (Button(_("我的订阅"), "subs"), menu(_, "new_books")),
    ),
    drifting.TooManyOwnBooks: lambda _, x: (
        _("每位读者最多登记 {n} 本漂流书，先收回几本再登记。", n=x.limit),
        (Button(_("我的漂流书"), "own"), menu(_, "escalate")),
    ),
    purchases.CannotBuy: _cannot_buy,
    purchases.PurchaseMoved: lambda _, x: (
        _("新书采购 {number} 刚刚有了变化，请再看一眼。", number=x.number),
        (Button(_("书店新书"), "shop"), menu(_, "escalate")),
    ),
    wishes.WishMoved: lambda _, x: (
        _("《{title}》的荐购刚刚有了变化，请再看一眼。", title=x.title),
        (menu(_, "suggest_purchase"),),
    ),
    reviews.ReviewMoved: lambda _, x: (
        _("《{title}》的书评刚刚有了变化，请再看一眼。", title=x.title),
        (Button(_("我的书评"), "rvs"),),
    ),
    reviews.ReviewTooLong: lambda _, x: (
        _("写得真多，谢谢您。一条书评最多 {limit} 个字，这条有 {length} 个，请短一点再发一次。", limit=x.limit, length=x.length),
        (menu(_, "cancel"),),
    ),
    extensions.NotKeptLonger: _not_kept_longer,
    shelf.ShelfFull: lambda _, x: (
        _("暂存架最多放 {n} 本，先拿走几本再放吧。", n=x.limit),
        (Button(_("暂存架"), "later"), menu(_, "show_cart")),
    ),
    privacy.StillBorrowing: lambda _, x: _still_borrowing(_, x),
}


def _still_borrowing(_: Words, still: privacy.StillBorrowing) -> tuple[str, tuple[Button, ...]]:
    """What stands in the way of forgetting, and how each of it ends."""
    parts, ends, ways = [], [], []
    if still.loans:
        parts.append(_.n("{n} 本书没办完（在借或赔付）", "{n} 本书没办完（在借或赔付）", still.loans))
        ends.append(_("书还到任何一个馆、任何一个书柜都行；要赔的，在「我的借阅」里选怎么赔。"))
        ways += [menu(_, "return_books"), menu(_, "show_loans")]
    if still.orders:
        parts.append(_.n("{n} 个订单没结束", "{n} 个订单没结束", still.orders))
        ends.append(_("订单不想要了，寄出或放好以前可以取消。"))
        ways.append(menu(_, "show_orders"))
    told = _("现在还不能删：{who}还有 {what}。", who=still.child or _("您"), what=_.listed(parts))
    ends.append(_("办完以后再说一声「忘记我」，马上就删。"))
    return "\n".join([told, *ends]), (*ways, menu(_, "export_data"))


def _limit_reason(_: Words, why: Reason) -> str:
    numbers = why.numbers
    text = _(
        "您一次可以借 {limit} 本，手上和订单里已有 {in_hand} 本，再加 {books} 本就超出了。",
        **_only(numbers, "limit", "in_hand", "books"),
    )
    if "next_limit" in numbers:
        text += "\n" + _.n(
            "再按时还 {n} 次，就能一次借 {limit} 本。",
            "再按时还 {n} 次，就能一次借 {limit} 本。",
            numbers["to_go"],
            limit=numbers["next_limit"],
        )
    return text


def _overdue_reason(_: Words, why: Reason) -> str:
    """While a freeze runs, bringing the book back alone does not open borrowing; nothing else is promised."""
    if why.numbers["frozen"]:
        return _.n(
            "有 {n} 本书超期了，还回来就不再扣分。", "有 {n} 本书超期了，还回来就不再扣分。", why.numbers["overdue"]
        )
    return _.n(
        "有 {n} 本书超期了，还回来马上就能再借。", "有 {n} 本书超期了，还回来马上就能再借。", why.numbers["overdue"]
    )


def _adults_only(_: Words, why: Reason) -> str:
    """Said to the child, or to whoever acts for it: the book is there for the grown reader, and a mark can be wrong."""
    text = _(
        "{books}只借给成年读者。家长想看，可以用自己的账户借；觉得标错了，找馆员看一看。",
        books=_.books(list(why.numbers["titles"])),
    )
    return text + (_("到 {day} 成年，就能自己借了。", day=library_day(why.until).isoformat()) if why.until else "")


def _only(numbers: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: numbers[name] for name in names}


REASONS: dict[str, Callable[[Words, Reason], str]] = {
    "not_opened": lambda _, why: _("第一次借书，先选一种方式开通：免押金，也不用办卡。"),
    "guardian": lambda _, why: _("还没成年，借书要家长先同意一次：点「请家长同意」，我给一个码，家长发给我就行。"),
    "frozen": lambda _, why: _(
        "您的信用分是 {balance}，借阅暂停到 {day}，那天自动恢复；还书和咨询不受影响。",
        balance=why.numbers["balance"],
        day=_.day(why.until) if why.until else "",
    ),
    "overdue": _overdue_reason,
    "limit": _limit_reason,
    "point_score": lambda _, why: _(
        "这个取书点请芝麻信用多问一句：是否达到 {score} 分。可以去授权，也可以换别的取书点或送到家。",
        score=why.numbers["score"],
    ),
    "point_gone": lambda _, why: _("这个取书点不开了：请换一个取书点，或者送到家。"),
    "adults_only": _adults_only,
    "order_size": lambda _, why: _(
        "一张订单最多 {most} 本，借书车里有 {books} 本：先拿出 {over} 本，别的照样能借。", **why.numbers
    ),
    "pool": lambda _, why: _(
        "「{pool}」一次最多 {limit} 本，手上已有 {in_hand} 本，再加 {books} 本就超出了。", **why.numbers
    ),
}

MENU = {  # every intent a button may stand for, with its label
    "authorize_credit": N_("开通信用借阅"),
    "start_ladder": N_("不查信用，先从少量借起"),
    "ask_guardian": N_("请家长同意"),
    "show_credit": N_("我的信用"),
    "escalate": N_("转人工"),
    "return_books": N_("怎么还书"),
    "show_loans": N_("我的借阅"),
    "show_cart": N_("借书车"),
    "checkout": N_("去下单"),
    "transfer": N_("转借"),
    "show_orders": N_("我的订单"),
    "show_holds": N_("我的预约"),
    "find_branches": N_("附近网点"),
    "browse": N_("分类浏览"),
    "new_books": N_("新书"),
    "ranking": N_("热门"),
    "recommend": N_("随便推荐一本"),
    "fees": N_("费用"),
    "faq": N_("借阅规则"),
    "help": N_("帮助"),
    "cancel": N_("算了"),
    "renew": N_("全部续借"),
    "suggest_purchase": N_("荐购这本"),
    "events": N_("活动"),
    "export_data": N_("导出我的数据"),
    "reminder_settings": N_("提醒设置"),
    "appeal": N_("申诉"),
    "set_language": N_("语言"),
}

ORDER_STATES = {
    "in_review": N_("待审核"),
    "approved": N_("审核通过"),
    "refused": N_("审核不通过"),
    "picking": N_("备书中"),
    "packed": N_("已打包"),
    "shipped": N_("运输中"),
    "in_locker": N_("已入柜"),
    "at_counter": N_("待自取"),
    "done": N_("完成"),
    "cancelled": N_("已取消"),
}
MATERIALS = {
    "book": N_("纸书"),
    "ebook": N_("电子书"),
    "audiobook": N_("有声书"),
    "journal": N_("期刊"),
    "newspaper": N_("报纸"),
    "disc": N_("光盘"),
}
CASE_KINDS = {"lost": N_("丢失"), "damaged": N_("破损"), "arrived": N_("收到时就破损")}
CASE_STATES = {
    "reported": N_("馆员在看"),
    "assessed": N_("等您选怎么赔"),
    "replacing": N_("等您带同样的书来"),
    "paying": N_("等您付书价"),
    "settled": N_("已办结"),
    "found": N_("书找到了"),
}
APPEAL_STATES = {
    "open": N_("馆员在看"),
    "proposed": N_("等第二位馆员复核"),
    "reversed": N_("已改正"),
    "declined": N_("维持原来的记录"),
    "withdrawn": N_("您已撤回"),
}
FULFILMENTS = {"locker": N_("智能书柜"), "delivery": N_("送到家"), "counter": N_("到馆自取")}


def menu(_: Words, intent: str) -> Button:
    """A button that says an intent."""
    return Button(_(MENU[intent]), f"i:{intent}")


def rows(*buttons: Button, across: int = 3) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of at most three (C2)."""
    return tuple(buttons[start : start + across] for start in range(0, len(buttons), across))
