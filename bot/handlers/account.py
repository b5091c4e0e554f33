"""语言、提醒、我的数据: how the reader wants to be spoken to, and what we hold about them."""

from __future__ import annotations

import re

from bot import acting, contacts, export_tickets, forgetting, wants
from bot.events import Button
from bot.export_words import HELD
from bot.folding import fold
from bot.handlers import credentials, family, getting, greeting
from bot.talk import Talk
from bot.texts import LANGUAGES, N_, OWN_NAMES, Words, menu, rows
from lending import looks, minors, readers, subscriptions
from lending.case_records import Case
from lending.fee_refunds import FeeRefund
from lending.looks import Look
from lending.model import library_day

OF_THE_HOUR = re.compile("[0-9一二两三四五六七八九十几]点|中午|午睡|早上|上午|下午|晚上|夜|钟头|时间")


def set_language(talk: Talk) -> None:
    """ "English" · "繁體" · "语言"."""
    language = talk.slot("language")
    if language in LANGUAGES:
        return choose_language(talk, language)
    talk.say(talk._("用哪种语言？"), rows(*(Button(OWN_NAMES[code], f"lang:{code}") for code in LANGUAGES)))


def choose_language(talk: Talk, language: str) -> None:
    """From now on everything is said so (B2-13)."""
    if language in LANGUAGES:
        readers.set_language(talk.db, talk.reader.id, language)
        talk.reader = readers.reader(talk.db, talk.reader.id)
        talk.say(talk._("好，以后说{language}。", language=OWN_NAMES[language]))
        if talk.acting is None and getting.underway(talk):
            return getting.ask_again(talk)
        if talk.step:
            return None  # what was asked still stands there, and waits for its answer
    greeting.greet(talk)


def reminder_settings(talk: Talk) -> None:
    """ "提前5天提醒我" · "别提醒我"."""
    _, days = talk._, talk.number("days")
    if days is not None:
        return remind(talk, str(days) if days else "off")
    current = talk.reader.remind_days or max(talk.policy.reminders.before_days)
    state = _("到期前不提醒您")
    if talk.reader.reminders_on:
        state = _.n("到期前 {n} 天提醒您", "到期前 {n} 天提醒您", current)
    choices = [Button(_.n("提前 {n} 天", "提前 {n} 天", n), f"remind:{n}") for n in (1, 3, 5, 7)]
    text = _(
        "现在是{state}，每次把所有的书放在一条消息里，{opens}–{closes} 之外不打扰。",
        state=state,
        opens=f"{talk.policy.reminders.quiet_until:%H:%M}",
        closes=f"{talk.policy.reminders.quiet_from:%H:%M}",
    )
    if OF_THE_HOUR.search(fold(talk.event.text)):
        hour = f"{talk.policy.reminders.hour:02}:00"
        text = _.together(text, _("提醒每天 {time} 发，钟点现在改不了；不想收，点「不要到期提醒」。", time=hour))
    mine = subscriptions.of_reader(talk.db, talk.reader.id)
    if mine:
        text += "\n" + _("有新书也告诉您：{names}。", names=_.listed(wants.called(_, one) for one in mine))
    told = Button(_("我的订阅") if mine else _("订阅新书"), "subs")
    talk.say(text, rows(*choices, Button(_("不要到期提醒"), "remind:off"), told, across=2))


def remind(talk: Talk, days: str) -> None:
    """Set it; overdue books are still told about."""
    _ = talk._
    if days == "off":
        readers.set_reminders(talk.db, talk.reader.id, on=False)
        return talk.say(_("好，到期前不再提醒；要是真的超期了，还是会告诉您。"), rows(menu(_, "reminder_settings")))
    if not (days.isascii() and days.isdigit()):
        return reminder_settings(talk)
    earliest = talk.policy.reminders.earliest_days
    n = min(max(int(days), 1), earliest)
    readers.set_reminders(talk.db, talk.reader.id, on=True, days=n)
    text = _.n("好，到期前 {n} 天提醒您。", "好，到期前 {n} 天提醒您。", n)
    if int(days) > earliest:
        text = _.n("最早只能提前 {n} 天提醒，就按 {n} 天记下了。", "最早只能提前 {n} 天提醒，就按 {n} 天记下了。", n)
    talk.say(text, rows(menu(_, "show_loans")))


LOOKED_AT = {
    looks.PAGE: N_("您的读者页"), looks.ADDRESS: N_("您的送书地址"), looks.TALK: N_("您和人工的对话"),
    looks.ORDER: N_("您的订单"), looks.CASE: N_("您的赔付"), looks.APPEAL: N_("您的申诉"), looks.PHOTO: N_("您发来的照片"),
    looks.MESSAGE: N_("没能送到您的消息"), looks.PHONE: N_("您的电话"),
}  # fmt: skip


def show_looks(talk: Talk) -> None:
    """ "谁看过我的资料": who looked at what or took a copy of all, when and why (A11-5)."""
    _ = talk._
    found = looks.of_reader(talk.db, talk.reader.id)
    lines = [_look(_, look) for look in found]
    heading = (
        _("馆员每次看您的资料都会记下来，最近的在前：")
        if found
        else _("还没有馆员看过您的资料。有人看，这里就会记下来。")
    )
    if cards := credentials.log_lines(talk):
        lines += [_("您的证件："), *cards]
    lines += ["", *family.deed_lines(talk)]
    own = (Button(_("我的家人"), "fam"), menu(_, "export_data"), menu(_, "escalate"))
    talk.say("\n".join([heading, *lines]), rows(*own))


def _look(_: Words, look: Look) -> str:
    if look.what == looks.COPY:
        who = _("家长") if look.who == looks.GUARDIAN else _("您自己")
        if look.why.startswith(export_tickets.FETCHED):
            return _("{when} {who}取走了一份您的全部资料（{why}）", when=_.moment(look.at), who=who, why=look.why)
        return _("{when} {who}要过一份您的全部资料（{why}）", when=_.moment(look.at), who=who, why=look.why)
    line = _("{when} 馆员{who}看了{what}", when=_.moment(look.at), who=look.who, what=_(LOOKED_AT[look.what]))
    return line + (_("（因为 {why}）", why=look.why) if look.why else "")


def export_data(talk: Talk) -> None:
    """All we hold about the reader (A11-5): how much of what, and two files with every row; or who looked at it."""
    if talk.slot("query") == "谁看过":
        return show_looks(talk)
    _, policy = talk._, talk.policy.privacy
    held = forgetting.everything(talk.db, talk.reader.id)
    lines = [_("我们保存的您的资料（您说过的话保留 {days} 天）：", days=policy.words_days)]
    who = talk.reader
    lines.append(" · ".join(part for part in (who.number, who.name, who.phone, who.address) if part))
    lines += [_("【{what}】{n} 条", what=_(HELD[table]), n=len(found)) for table, found in held.items() if found]
    lines.append(
        _(
            "完整的一份在两个文件里：一个给您看，一个给机器读（JSON）。网页上的链接 {minutes} 分钟内有效，各能取一次。",
            minutes=policy.copy_minutes,
        )
    )
    ticket = export_tickets.offer(talk.db, talk.reader.id, _asking(talk), talk.event.channel, talk.policy, talk.now)
    files = (
        Button(_("下载给人看的"), url=export_tickets.link(ticket, "html")),
        Button(_("下载 JSON"), url=export_tickets.link(ticket, "json")),
    )
    own = (Button(_("谁看过我的资料"), "looks"), Button(_("删除我的数据"), "i:erase_data"), menu(_, "escalate"))
    talk.say("\n".join(lines), (*rows(*files), *rows(*own)), export=ticket)


def _asking(talk: Talk) -> int:
    """Whose chat this is: it may be somebody who acts for the reader."""
    who = contacts.reader_of(talk.db, talk.event.channel, talk.event.address)
    return who.id if who else talk.reader.id


def erase_data(talk: Talk) -> None:
    """Told first what goes and what must stay. Raises StillBorrowing at once while books are open.

    What waits to be fetched comes first, and then no 「确认」 is enough: only the button that says what is given up.
    """
    _ = talk._
    forgetting.refuse_while_borrowing(talk.db, talk.reader.id, talk.now)
    yes, waits = f"erase!:{library_day(talk.now)}", forgetting.given_up(talk.db, talk.reader.id, talk.now)
    talk.memory.pop("confirm", None)
    choice = rows(menu(_, "cancel"), Button(_("确定删除"), yes))
    if waits:
        choice = rows(Button(_("先去领，以后再删"), "i:cancel"), Button(_("不领了，照样删除"), f"{yes}:{len(waits)}"), across=1)
    else:
        talk.memory["confirm"] = yes
    talk.say(
        _to_fetch(_, waits)
        + _(
            "会删除：您的姓名、电话、地址、证件、借书车、预约、荐购和书评，过去的借阅不再和您有关；没办完的申诉和人工请求到此为止。会保留：信用分的加减、信用机构的回答（是或否）、订单的编号、日期和费用，都不带书名和地址，这是规则和记账要求的。确定删除吗？"
        )
        + "\n"
        + _(
            "就算不删，书还回来 {days} 天后的那个月底，也没人查得到是谁借的。",
            days=talk.policy.privacy.borrowed_days,
        )
        + _family_goes(talk),
        choice,
    )


def _to_fetch(_: Words, waits: list[Case | FeeRefund]) -> str:
    """What still lies at a desk, and that it cannot be had afterwards."""
    if not waits:
        return ""
    lines = [_("先别急着删：还有东西等您领，到任何一个馆的服务台，报编号就行。删除以后认不出是您，就领不了了。")]
    for case in waits:
        if isinstance(case, FeeRefund):
            lines.append(_("· 快递弄丢了的，运费 {money}（要是付过），{number}", money=_.money(case.fen), number=case.number or _("上门取书")))
            continue
        said = {"title": case.title, "number": case.number}
        fen = case.refund_fen if case.owes_refund else case.amount_fen
        lines.append(
            _("· 《{title}》的书价 {money}，编号 {number}", money=_.money(fen), **said)
            if case.owner_due != "book"
            else _("· 赔您的《{title}》，一本新书，编号 {number}", **said)
        )
    return "\n".join([*lines, "\n"])


def _family_goes(talk: Talk) -> str:
    """Acting for others ends on both sides; that a child is one protects it, and stays."""
    _ = talk._
    gone = "\n" + _("家人之间的授权和替人办过的事也一起删掉。")
    if along := forgetting.going_along(talk.db, talk.reader.id, talk.now):
        names = _.listed(acting.called(child) for child in along)
        gone += _("{names}没有自己的聊天，资料一起删掉；想留着，请先找馆员换一位监护人。", names=names)
    if not minors.is_minor(talk.db, talk.reader.id, talk.now):
        return gone
    return gone + _("哪天成年会留着：成年以前借书要家长同意，这是为了保护孩子。")


def erase(talk: Talk, day: str = "", gives_up: str = "0") -> str | None:
    """Done, and said so; a yes of another day, or before something came to be fetched, leads to the question again.

    Raises StillBorrowing while books are open.
    """
    _, waits = talk._, forgetting.given_up(talk.db, talk.reader.id, talk.now)
    if day != str(library_day(talk.now)) or gives_up != str(len(waits)):
        return "i:erase_data"
    forgetting.forget(talk.db, talk.reader.id, talk.policy, talk.now)
    talk.memory.clear()
    talk.say(_("删好了。以后再来，直接说书名就行。"))
    return None
