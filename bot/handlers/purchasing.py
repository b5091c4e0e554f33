"""书店新书: new books the library buys because a reader wants to be the first to read them (A2-4)."""

from __future__ import annotations

import secrets

from bot.events import Button
from bot.handlers import addressing
from bot.purchase_words import line
from bot.talk import Talk
from bot.texts import Words, menu, rows
from lending import loans, minors, purchases

WORDS = ("书店", "書店", "买单", "買單", "bookshop")
SHOWN = 6


def asked(talk: Talk) -> bool:
    """Whether the bookshop's new books were meant."""
    said = talk.event.text.casefold()
    return any(word in said for word in WORDS)


def show(talk: Talk) -> None:
    """What can be chosen now with the caps of the rules, and what this reader has chosen before (B2-12)."""
    _, caps, talk.step = talk._, talk.policy.purchases, ""
    child = minors.is_minor(talk.db, talk.reader.id, talk.now)
    offers = purchases.on_offer(talk.db, talk.policy, SHOWN, to_child=child)
    mine = [one for one in purchases.of_reader(talk.db, talk.reader.id) if one.state in ("asked", "approved")]
    lines = [
        _(
            "书店新书：您选，馆里买，直接寄到家，您先看。每月 {n} 本，每本不超过 {price}，不收您的钱。",
            n=caps.a_month, price=_.money(caps.most_fen),
        )
    ]  # fmt: skip
    if caps.a_year_fen is not None:
        lines.append(_("一年合计不超过 {money}。", money=_.money(caps.a_year_fen)))
    lines += [_("书店的书单现在是空的，过几天再看看；也可以荐购。")] if not offers else []
    lines += [f"· {_offer(_, one)}" for one in offers] + [f"· {line(_, one)}" for one in mine]
    choose = [Button(_("选《{title}》", title=one.title[:14]), f"buy:{one.id}") for one in offers]
    undo = [Button(_("不要《{title}》了", title=one.title[:12]), f"buyx:{one.id}") for one in mine]
    talk.say("\n".join(lines), (*rows(*choose, across=1), *rows(*undo, across=1), (menu(_, "new_books"),)))


def _offer(_: Words, one: purchases.ShopBook) -> str:
    return " · ".join(part for part in (f"《{one.title}》", one.authors, one.publisher, _.money(one.price_fen)) if part)


def choose(talk: Talk, shop_book_id: str) -> None:
    """What it means, before it is said yes to."""
    _, book = talk._, purchases.shop_book(talk.db, int(shop_book_id))
    if not talk.reader.address:
        talk.say(_("先告诉我寄到哪里，写好以后再点一次这本书。"))
        addressing.ask_district(talk)
        talk.memory["buying"] = [book.id, book.title[:14]]
        return None
    days = loans.terms_of_order(talk.db, talk.reader.id, ["book"], talk.policy)["book"].loan_days
    text = _(
        "请馆里买《{title}》（{price}，馆里付），寄到：{address}",
        title=book.title, price=_.money(book.price_fen), address=talk.reader.address,
    )  # fmt: skip
    text += "\n" + _lent(_, days, purchases.on_the_way(talk.policy))
    talk.say(text, rows(Button(_("就要这本"), f"buy!:{book.id}:{secrets.token_hex(6)}"), menu(_, "cancel")))


def _lent(_: Words, days: int, travels: int) -> str:
    if not travels:
        return _("寄出那天起算您借的 {days} 天，看完照常还，书归图书馆。", days=days)
    return _("寄出以后路上的 {travels} 天不算，再借您 {days} 天，看完照常还，书归图书馆。", travels=travels, days=days)


def buy(talk: Talk, shop_book_id: str, key: str) -> None:
    """Asked for; the button pressed twice is one purchase (B2-2)."""
    made = purchases.ask(talk.db, talk.reader.id, int(shop_book_id), f"{talk.reader.id}:{key}", talk.policy, talk.now)
    _ = talk._
    text = _("收到了。{line}。有进展就告诉您。", line=line(_, made))
    talk.say(text, rows(Button(_("不要了"), f"buyx:{made.id}"), menu(_, "show_loans")))


def cancel(talk: Talk, purchase_id: str) -> None:
    """Until it is sent."""
    _, over = talk._, purchases.cancel(talk.db, talk.reader.id, int(purchase_id), talk.now)
    talk.say(_("好，《{title}》不买了。", title=over.title), rows(Button(_("书店新书"), "shop")))
