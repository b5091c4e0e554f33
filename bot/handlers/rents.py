"""信用借还: whether a reader's borrowing is told to Zhima, by their own wish and never by itself (A2-10)."""

from __future__ import annotations

from bot.events import Button
from bot.talk import Talk
from bot.texts import menu, rows
from lending import credit, minors, rents
from lending.errors import UnknownThing


def explain(talk: Talk) -> None:
    """What is told, what is not, what follows from it, and that it can stay off. Raises UnknownThing where it is off."""
    _ = talk._
    if talk.service.rent_link is None:
        raise UnknownThing("page")
    if rents.agreed(talk.db, talk.reader.id):
        text = _("借还记录正在同步到芝麻信用：只有借、续、还的时间和本数，没有书名。随时可以停。")
        return talk.say(text, rows(Button(_("停止同步"), "rent:stop"), menu(_, "show_credit")))
    text = _(
        "可以把借还记录同步到芝麻信用（默认不同步，不影响借书）：\n"
        "· 只说借、续、还的时间和本数，没有书名；\n"
        "· 按时归还会记在您的履约记录里，严重逾期也会；\n"
        "· 芝麻自己也会发到期提醒；\n"
        "· 随时可以停，没结束的记录会撤回。"
    )
    talk.say(text, rows(Button(_("同意同步"), "rent:yes"), menu(_, "show_credit")))


def choose(talk: Talk, answer: str) -> None:
    """Yes leads to Alipay's own page, once; stop ends it at once."""
    _, link = talk._, talk.service.rent_link
    if link is None or answer not in ("yes", "stop"):
        raise UnknownThing("page")
    if answer == "stop":
        rents.stop(talk.db, talk.reader.id)
        return talk.say(_("停了。没结束的记录会撤回，以后的借还不再同步。"), rows(menu(_, "show_credit")))
    minors.require(talk.db, talk.reader.id, "bureau", talk.now)
    rents.agree(talk.db, talk.reader.id, talk.now)
    check = credit.consent(talk.db, talk.reader.id, talk.policy, talk.now)
    text = _("请到支付宝的页面点一下，从下一本书开始同步。")
    talk.say(text, rows(Button(_("打开授权页"), url=link(check.token)), Button(_("停止同步"), "rent:stop")))
