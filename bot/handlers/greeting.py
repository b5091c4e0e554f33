"""The first words, the guide, the rules made from the policy, and small courtesies."""

from __future__ import annotations

import re

from bot import acting, escalations, family_words, late_words
from bot.events import Button
from bot.folding import fold
from bot.handlers import (
    announcing,
    bookcase,
    checking_in,
    copies,
    easing,
    finding,
    following,
    free_delivery,
    lists,
    ordering,
    places,
    transferring,
)
from bot.handlers.loans import due
from bot.rulebook import delivery
from bot.talk import Talk
from bot.texts import N_, Words, menu, rows
from bot.understanding import DESPAIR
from lending import calendar, cart, credit, loans, orders, printed_codes, readers
from lending.model import Fulfilment, library_day

LINK = re.compile(
    r"(?P<kind>[tpm])(?P<number>[0-9]{1,14})|x(?P<code>[0-9A-Za-z]{8})|e(?P<door>[0-9A-Za-z]{6})"
)  # what a deep link of ours carries
WHO = "是不是真人"
LIFELINE, AMBULANCE = "12356", "120"  # in all of China
ASIDE = {  # what phrases.toml makes of small talk
    "看病": N_("看病用药我不懂，请问医生；情况急，马上打 {ambulance}。健康方面的书，馆里可以找。"),
    "笑话": N_("讲笑话我不在行，书里的比我讲得好。翻翻看？"),
    "道歉": N_("没关系，别放在心上。想看什么书，接着说就好。"),
    "看不清": N_(
        "字小看着费劲，真不好意思。点「大字」，网页上的字就大了，话也说得短；聊天软件里的字在它的设置里调大，"
        "手机的读屏功能还能念给您听。不用点按钮，回复数字就行。还是不方便，点「转人工」，馆员帮您办。"
    ),
    "失恋": N_("心里一定不好受，慢慢来，会过去的。愿意的话，让一本书陪陪您。"),
    "天气": N_("天气我这里看不到。不过晴天雨天，都适合看书。"),
    "夸奖": N_("谢谢夸奖，能帮上您就好。想看什么书，接着说。"),
    "笑": N_("您高兴就好。想看什么书，接着说。"),
    "几点": N_("现在是 {moment}。想看什么书，随时发书名给我。"),
}
FINED = re.compile("罚|逾期费|滞纳")  # what a late book costs is told first
OWED = re.compile("多少|几块|几毛|几元|欠|要?交|罚|扣|逾期|超期|owe|how much|fine|pay|overdue|late")
BROUGHT = re.compile("送|寄|快递|运费|邮|上门|取件|deliver|courier|shipping|postage|bring|brought|押金|deposit|办卡|card|借[一几两二三书]|borrow")
BY_COURIER = re.compile("送|寄|快递|邮|上门|deliver|courier|shipping|post")
WHETHER = re.compile(  # it costs anything at all: 借活着要钱吗, 换成英文收不收费
    r"(?:[要收花付交得][不没]?)+[钱费].{0,2}(?:[吗么嘛不]|$)|收费.{0,2}[吗么嘛不]|免费.{0,2}[吗么嘛不]|(?:要不要|收不收|用不用|需不需要).{0,2}[钱费]"
    r"|\b(?:is|are|does|do)\b.{1,24}\b(?:free|cost (?:anything|money))\b"
)
APART_FROM = re.compile("续|还|逾期|超期|晚|迟|押金|办|丢|坏|罚|赔|会员|年费|转|取消|多少|几|overdue|late|fine|deposit|renew|return|lost|damage")
USUAL = ("browse", "new_books", "recommend", "find_branches")


def start(talk: Talk) -> None:
    """A deep link: t12 a book, p3 a branch or locker, m3 the machine there, c-B003 a copy, x7K3M9Q2P a hand-over.

    e7K3M9Q is an event's door; anything else greets (A5-1).
    """
    if barcode := printed_codes.barcode_in(talk.event.start):
        return copies.show_copy(talk, barcode)
    link = LINK.fullmatch(talk.event.start)
    if link is None:
        return greet(talk)
    if link["code"]:
        return transferring.take(talk, link["code"])
    if link["door"]:
        return checking_in.take(talk, link["door"])
    open_it = {"t": finding.show_book, "p": places.at_point, "m": places.at_machine}[link["kind"]]
    open_it(talk, link["number"])


def greet(talk: Talk) -> None:
    """The four promises, and what to do now (A1-1)."""
    _ = talk._
    text = _(
        "您好，这里是{library}的「书信」：免押金、免办卡、线上借、送上门。\n"
        "想看什么书，直接发书名、作者、拼音或书号给我，比如「围城」。",
        library=_(talk.service.library),
    )
    news, see_all = announcing.newest(talk)
    told = f"{text}\n{news}" if news else text
    mine = () if talk.first else (bookcase.button(talk),)
    talk.say(told, rows(*mine, *_doors(talk), menu(_, "help"), menu(_, "escalate"), *see_all))


def _doors(talk: Talk) -> list[Button]:
    """What this library's own page puts first (A2-9, A3), and the usual after it."""
    _ = talk._
    chosen = list(dict.fromkeys((*talk.policy.services, *USUAL)))[: max(len(USUAL), len(talk.policy.services))]
    return [service(_, name) for name in chosen]


def service(_: Words, name: str) -> Button:
    """A service a pack may name, as the button that opens it."""
    return Button(_("书店新书"), "shop") if name == "shop" else menu(_, name)


def help(talk: Talk) -> None:
    """The way of a book in four lines (F-14); or who answers here; or, to whoever does not want to live, who helps now."""
    _ = talk._
    if talk.slot("query") == DESPAIR:
        told = _(
            "听您这么说，我很牵挂您。请不要一个人扛着：现在就可以打心理援助热线 {lifeline}，有危险请马上打 {ambulance}。"
            "想和馆员说说话，点「转人工」。",
            lifeline=LIFELINE, ambulance=AMBULANCE,
        )  # fmt: skip
        return talk.say(told, rows(menu(_, "escalate")))
    if talk.slot("query") == WHO:
        told = _("我是图书馆的程序，不是真人。想和馆员说话，说一声「人工」就行。")
        return talk.say(told, rows(menu(_, "escalate"), menu(_, "help")))
    if talk.slot("query") in (announcing.ASKED, announcing.MUTED, announcing.HEARD):
        return announcing.asked(talk)
    if talk.slot("query") in easing.ASKED:
        return easing.asked(talk)
    if talk.slot("query") in ASIDE:
        return aside(talk, talk.slot("query"))
    text = _(
        "怎么用：\n"
        "1. 找书：发书名或作者。回复「借第1本」或点「借这本」。\n"
        "2. 取书：放到书柜、到馆自取都不收费；也可以送到家。\n"
        "3. 还书：任何馆、任何书柜都能还。\n"
        "4. 随时可说：「我的借阅」「续借」「借书车」「我的订单」「我的信用」「繁體」「English」「人工」；说「算了」就从头来。"
    )
    ways = (menu(_, intent) for intent in ("browse", "events", "faq", "fees"))
    talk.say(text, rows(bookcase.button(talk), *ways, family_words.button(_), menu(_, "escalate")))


def aside(talk: Talk, about: str) -> None:
    """Small talk: a kind line, and back to the books; or what helps whoever sees badly (A10-3)."""
    _ = talk._
    books = [*lists.picks_door(talk), menu(_, "browse")]
    if about == "看病":
        books = [Button(_("健康方面的书"), "q:健康"), menu(_, "escalate")]
    if about == "看不清":
        books = [easing.large_button(_, talk), Button(_("来馆不方便"), "ease"), menu(_, "escalate")]
    talk.say(_(ASIDE[about], ambulance=AMBULANCE, moment=_.moment(talk.now)), rows(*books))


def thanks(talk: Talk) -> None:
    """You're welcome; and a question that was answered is closed by its librarian, not by us."""
    _ = talk._
    waiting = escalations.open_of(talk.db, talk.reader.id)
    text = _("不客气，祝您读书愉快。")
    if waiting and waiting.state == "answered":
        escalations.close(talk.db, waiting.number, waiting.claimed_by, talk.now)
        text += _("人工请求 {number} 就结束了，随时再找我们。", number=waiting.number)
    if action := talk.memory.get("confirm"):
        text = _("不客气。刚才那一步还等您确认：")
        return talk.say(text, rows(Button(talk.memory.get("confirm_label") or _("确认"), action), menu(_, "cancel")))
    talk.say(text)


def wave_back(talk: Talk) -> None:
    """👍 at nothing in particular; what stands there keeps standing."""
    talk.say(talk._("谢谢您！想看什么书，随时发书名给我。"))


def make_good(talk: Talk) -> None:
    """👎 at nothing in particular: what was wrong can be said, also to a person."""
    talk.say(talk._("没帮好您，抱歉。哪里不对，换个说法告诉我就行；想和馆员说，发「人工」。"))


def goodbye(talk: Talk) -> None:
    """Until next time; books that were chosen and not ordered are said so first."""
    _ = talk._
    if talk.acting is None and cart.items(talk.db, talk.reader.id):
        told = _("再见。借书车里的书还没有下单，想借了点「去下单」就行。")
        return talk.say(told, rows(menu(_, "checkout"), menu(_, "show_cart")))
    talk.say(_("再见，书到期前我会提醒您。"))


def fees(talk: Talk) -> None:
    """What things cost, with examples computed now (A4-8, B2-12); or what is free today, or owed, if that was asked."""
    if free_delivery.asked(talk.event.text):
        return acting.run(talk, ":free", free_delivery.show)
    said = fold(talk.event.text)
    if talk.acting is None and OWED.search(said) and not BROUGHT.search(said) and owed(talk):
        return
    if WHETHER.search(said) and not APART_FROM.search(said) and talk.acting is None:
        return whether(talk, bool(BY_COURIER.search(said)))
    _, policy = talk._, talk.policy
    lines = [*_own_price(talk), _("书柜取书、到馆自取、到任何馆或书柜还书：都不收费。没有押金和年费。")]
    lines.insert(0 if FINED.search(fold(talk.event.text)) else len(lines), delivery.late(_, policy))
    for zone in policy.fees.zones:
        where = f" {_(zone.name)}" if len(policy.fees.zones) > 1 else ""
        lines.append(_("送到家{where}（送书／还书上门取件）：", where=where))
        lines += [_fee_line(talk, zone.zone, books) for books in delivery.counts(policy)]
    free_today = (Button(_("今日免费配送"), "free"),) if policy.free_shipping.mode != "none" else ()
    talk.say("\n".join(lines), rows(*free_today, menu(_, "faq"), menu(_, "checkout"), menu(_, "escalate")))


def whether(talk: Talk, by_courier: bool, *ways: Button) -> None:
    """Yes or no first, then the one price that applies: of the cart, of the book on show, or of one book."""
    _, shown = talk._, talk.memory.get("title")
    held = cart.items(talk.db, talk.reader.id) or ([int(shown)] if shown is not None else [])
    n = max(len(held), 1)
    cost = orders.quote(talk.policy, Fulfilment.DELIVERY, talk.policy.fees.zones[0].zone, 1, library_day(talk.now))
    there, back = ordering.delivery_price(talk, held) if held else (cost.fee_fen, cost.return_fee_fen)
    free = _("借书不要钱，也没有押金和年费：书柜取、到馆取、还到任何馆或书柜，都是 ¥0。")
    brought = _.n(
        "送到家才有快递费：{n} 本 {there}，还书上门取件 {back}。", "送到家才有快递费：{n} 本 {there}，还书上门取件 {back}。",
        n, there=_.money(there), back=_.money(back),
    )  # fmt: skip
    if not there and not back:
        brought = _("送到家、上门取书现在也不要钱。")
    talk.say("\n".join([brought, free] if by_courier else [free, brought]), rows(*ways, menu(_, "fees"), menu(_, "escalate")))


def owed(talk: Talk) -> bool:
    """What the reader's overdue books come to by now, and how it grows; False where none is overdue."""
    _, policy, today = talk._, talk.policy, library_day(talk.now)
    late = [one for one in loans.of_reader(talk.db, talk.reader.id) if one.days_left(talk.now) < 0 and not one.stopped_at]
    if not late:
        return False
    lines = [_.n("您有 {n} 本书超期了：", "您有 {n} 本书超期了：", len(late))]
    for one in late:
        taken = credit.taken(talk.db, talk.reader.id, "overdue", f"loan:{one.id}")
        points = _("，扣了 {points} 分", points=taken) if taken else ""
        lines.append(f"· 《{one.title}》 {due(_, one, one.days_left(talk.now))}{points}")
    if fee := policy.late_fee:
        days = [len(calendar.late_days(talk.db, policy, one.due_at, talk.now)) for one in late]
        owed = sum(min(n * fee.fen_a_day, n * fee.fen_a_day if fee.cap_fen is None else fee.cap_fen) for n in days)
        lines.append(_("到今天，逾期费约 {money}，以柜台算的为准。", money=_.money(owed)))
    else:
        lines.append(_("没有要交的钱。"))
    lines.append(_.together(late_words.today(_, policy, today), delivery.late(_, policy) if policy.late_fee else ""))
    lines.append(_("还回来就不再增加；有困难，告诉馆员就好。"))
    talk.say("\n".join(line for line in lines if line), rows(menu(_, "return_books"), menu(_, "show_loans"), menu(_, "fees"), menu(_, "escalate")))
    return True


def _own_price(talk: Talk) -> list[str]:
    """What the books in the cart cost by courier, else what was agreed to for those on their way."""
    _ = talk._
    if talk.acting is not None:
        return []
    if held := cart.items(talk.db, talk.reader.id):
        there, back = ordering.delivery_price(talk, held)
        text = _.n(
            "借书车里这 {n} 本：送到家 {there}，还书上门取件 {back}；书柜取、到馆取 ¥0。",
            "借书车里这 {n} 本：送到家 {there}，还书上门取件 {back}；书柜取、到馆取 ¥0。",
            len(held), there=_.money(there), back=_.money(back),
        )  # fmt: skip
        return [text]
    return [
        _("订单 {number}：¥0。", number=one.number)
        if one.fulfilment is not Fulfilment.DELIVERY
        else _("订单 {number}：送书 {fee}。", number=one.number, fee=_.money(one.fee_fen))
        for one in following.still_open(talk)[: following.MOST_OPEN]
    ]


def _fee_line(talk: Talk, zone: str, books: int) -> str:
    _, cost = talk._, orders.quote(talk.policy, Fulfilment.DELIVERY, zone, books, library_day(talk.now))
    parcels = _("，分 {n} 个包裹", n=len(cost.parcels)) if len(cost.parcels) > 1 else ""
    return _.n(
        "· {n} 本 {fee}／{back}{parcels}",
        "· {n} 本 {fee}／{back}{parcels}",
        books,
        fee=_.money(cost.fee_fen),
        back=_.money(cost.return_fee_fen),
        parcels=parcels,
    )


def cancel(talk: Talk) -> None:
    """ "算了": a clean start; the cart stays."""
    _ = talk._
    talk.step = ""
    for word in ("way", "ways_shown", "draft", "confirm", "district", "told", "missed", "guide", "choices", "stood", "case_told"):
        talk.memory.pop(word, None)
    mine = following.still_open(talk) if talk.acting is None else []
    if placed := [one for one in mine if one.state in orders.STEPS["cancel"].before]:
        told = _("好的，先放下。订单还在，不要了就点「取消订单」；想看什么随时说。")
        button = Button(_("取消订单"), f"cancel:{placed[0].number}" if len(placed) == 1 else "i:cancel_order")
        return talk.say(told, rows(button, menu(_, "show_orders"), menu(_, "help")))
    talk.say(
        _("好的，先放下。借书车和借阅都还在，想看什么随时说。"),
        rows(menu(_, "show_cart"), menu(_, "show_loans"), menu(_, "help")),
    )


def unknown(talk: Talk) -> None:
    """Nothing readable: say what can be said (C3)."""
    _ = talk._
    talk.say(
        _("没有看到文字。发书名、作者或书号给我就能找书；要人帮忙就说「人工」。"),
        rows(menu(_, "help"), menu(_, "browse"), menu(_, "escalate")),
    )


def phone(talk: Talk) -> None:
    """The contact button: for the courier only."""
    _ = talk._
    readers.set_phone(talk.db, talk.reader.id, talk.event.phone)
    talk.reader = readers.reader(talk.db, talk.reader.id)
    talk.say(_("手机号记下了，只在送书时用。"))
