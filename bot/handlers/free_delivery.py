"""免费配送: whether today's is still there, into the next draw, and how anybody can check the last one (A2-27, D-3)."""

from __future__ import annotations

from bot import draw_news
from bot.events import Button
from bot.folding import fold
from bot.talk import Talk
from bot.texts import menu, rows
from lending import draws, free_shipping, shipping
from lending.draws import Entry
from lending.model import library_day
from lending.shipping import Quote

ASKED = ("免费配送", "免费送", "免运费", "免快递费", "抽签", "抽中", "中签", "抽到", "开奖", "free delivery", "free shipping", " draw", "did i win")
RESULTS = ("结果", "开奖", "result", "winners")
WHEN = ("什么时候", "几点", "多久", "何时", "啥时候", "几时")  # of the draw to come


def asked(text: str) -> bool:
    """Whether a question about fees is about free delivery."""
    return any(word in fold(text) for word in ASKED)


def _holds(said: str, words: tuple[str, ...]) -> bool:
    return any(word in said for word in words)


def show(talk: Talk) -> None:
    """Today's money, how it is given, and what the reader can do about it."""
    mode, said = talk.policy.free_shipping.mode, fold(talk.event.text)
    if mode == "windows" and _holds(said, RESULTS) and not _holds(said, WHEN):
        return last_draw(talk)
    if mode == "none":
        _ = talk._
        if mine := draws.live_entry(talk.db, talk.reader.id, talk.now):  # from before the rules were changed
            return talk.say(_entered(talk, mine), rows(menu(_, "checkout")))
        return talk.say(
            _("现在没有免费配送活动。书柜取还、到馆自取，一直都是 ¥0。"),
            rows(menu(_, "checkout"), menu(_, "find_branches")),
        )
    return _show_draw(talk) if mode == "windows" else _show_first_come(talk)


def _show_first_come(talk: Talk) -> None:
    _, free = talk._, talk.policy.free_shipping
    today = free_shipping.budget(talk.db, talk.policy, library_day(talk.now))
    zone = shipping.zone_or_first(talk.policy, talk.reader.zone, talk.reader.city)
    full = shipping.quote(talk.policy, "borrow", zone, 1).fee_fen
    if today.left_fen < min(full, free.most_fen):
        text = _("今天的免费配送送完了，明天又有。书柜取还、到馆自取，一直都是 ¥0。")
    else:
        text = _(
            "今天的免费配送还在：{all} 里还剩 {left}。下单送到家时自动减，每单最多减 {most}。",
            all=_.money(today.budget_fen),
            left=_.money(today.left_fen),
            most=_.money(free.most_fen),
        )
    talk.say(text, rows(menu(_, "checkout"), menu(_, "fees")))


def _show_draw(talk: Talk) -> None:
    _, free = talk._, talk.policy.free_shipping
    today = free_shipping.budget(talk.db, talk.policy, library_day(talk.now))
    lines = [_("今天的免费配送款 {all}，还有 {left}。", all=_.money(today.budget_fen), left=_.money(today.left_fen))]
    mine = draws.live_entry(talk.db, talk.reader.id, talk.now)
    check = Button(_("上次抽签结果"), "draw")
    if mine:
        lines.append(_entered(talk, mine))
        if shut := draw_news.unusable(_, talk.db, talk.reader.id, talk.policy, talk.now):
            return talk.say("\n".join([*lines, *shut]), rows(menu(_, "show_credit"), check))
        lines.append(_("不想要了也不用退：没用的到时自动让给别的读者。"))
        return talk.say("\n".join(lines), rows(menu(_, "checkout"), check))
    window = draws.open_window(talk.db, talk.policy, talk.now)
    lines.append(
        _(
            "下一场 {moment} 抽签，不分先后，不用抢；很久没免费送过的读者机会更大。抽中后送一单，最多减 {most}。",
            moment=_.moment(window.closes_at),
            most=_.money(free.most_fen),
        )
    )
    if window.entries:
        lines.append(_.n("已有 {n} 人报名。", "已有 {n} 人报名。", window.entries))
    talk.say("\n".join(lines), rows(Button(_("报名抽签"), "draw!"), check, menu(_, "checkout")))


def enter(talk: Talk) -> None:
    """Into the next draw; pressed again, it is the same entry (B2-2)."""
    if talk.policy.free_shipping.mode != "windows":
        return show(talk)
    mine = draws.enter(talk.db, talk.reader.id, talk.policy, talk.now)
    _ = talk._
    text = _entered(talk, mine)
    if mine.state == "entered":
        text += "\n" + _(
            "这一场的种子已经定好，指纹是 {print}；开奖时公布种子，谁都能验。", print=mine.fingerprint[:16]
        )
    talk.say(text, rows(menu(_, "checkout"), menu(_, "new_books")))


def _entered(talk: Talk, mine: Entry) -> str:
    _ = talk._
    if mine.state == "won" and mine.valid_until:
        return _(
            "您抽中了！{until} 前下单送到家，最多减 {most}，下单时自动减。",
            until=_.moment(mine.valid_until),
            most=_.money(mine.granted_fen),
        )
    return _.n(
        "您已报名，{moment} 抽签，结果我告诉您。您的签号 {ticket}，有 {n} 支签。",
        "您已报名，{moment} 抽签，结果我告诉您。您的签号 {ticket}，有 {n} 支签。",
        mine.lots,
        moment=_.moment(mine.closes_at),
        ticket=mine.ticket,
    )


def last_draw(talk: Talk) -> None:
    """The last window drawn: how many, the seed and its fingerprint, and where everything can be checked."""
    _ = talk._
    drawn = next((one for one in draws.windows(talk.db) if one.state == "drawn"), None)
    back = rows(Button(_("今日免费配送"), "free"), menu(_, "checkout"))
    if drawn is None:
        return talk.say(_("还没有抽过签。"), back)
    lines = [
        _(
            "{moment} 那场：{entries} 人报名，{winners} 人抽中。",
            moment=_.moment(drawn.closes_at),
            entries=drawn.entries,
            winners=drawn.winners,
        ),
        _("种子 {seed}", seed=drawn.seed),
        _("报名时公布的指纹 {print}", print=drawn.fingerprint[:16]),
    ]
    if talk.service.public_url:
        address = f"{talk.service.public_url.rstrip('/')}/draws/{drawn.day}/{drawn.n}"
        lines.append(_("全部签号和验算办法：{address}", address=address))
    talk.say("\n".join(lines), back)


# ---- for the other handlers ------------------------------------------------------------------------------------------


def delivery_price(talk: Talk, books: int) -> tuple[Quote, int]:
    """What bringing so many books costs the reader now, and how much of it free delivery would take off, in fen."""
    zone = shipping.zone_or_first(talk.policy, talk.reader.zone, talk.reader.city)
    cost = shipping.quote(talk.policy, "borrow", zone, books, library_day(talk.now))
    return cost, free_shipping.offered(talk.db, talk.reader.id, cost.fee_fen, talk.policy, talk.now)


def button(talk: Talk) -> Button | None:
    """To today's free delivery, where the library gives any."""
    return Button(talk._("今日免费配送"), "free") if talk.policy.free_shipping.mode != "none" else None
